//! Applies what was approved: takes the site's locks, writes the journal, sends, and reads again.
//!
//! The functions that send want a [`site::grant::Permit`], and only the engine asks for one. It takes nothing
//! but what was [`plan::Approved`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod ceiling;
mod commands;
mod engine;
mod keys;
mod lock;
mod lock_file;
mod own_service;
mod send;
mod settle;
mod tables;
mod window;

pub use engine::{Engine, Settings};
pub use own_service::{OwnSenders, Sends};
