//! What a site is: its services and limits, what a run may touch, and what can go wrong.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
pub mod grant;
pub mod kind;
pub mod text_file;
