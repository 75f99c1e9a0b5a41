#![cfg_attr(test, allow(clippy::unwrap_used))]
#![doc = include_str!("README.md")]

pub mod change;
pub mod cli;
pub mod command;
pub mod config;
pub mod demo;
pub mod failure;
pub mod grant;
pub mod host;
pub mod kind;
pub mod portal;
pub mod repl;
pub mod report;
pub mod script;
pub mod session;
pub mod signals;
pub mod terminal;
pub mod testing;
pub mod wording;
