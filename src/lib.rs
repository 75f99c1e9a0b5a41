#![cfg_attr(test, allow(clippy::unwrap_used))]
#![doc = include_str!("README.md")]

pub mod cli;
pub mod command;
pub use demo;
pub use engine;
pub use site::config;
pub mod failure;
pub use journal;
pub use plan;
pub use planning;
pub use portal;
pub use scripting::host;
pub use site::grant;
pub use site::kind;
pub mod repl;
pub use report;
pub mod run;
pub mod schemas;
pub use scripting::script;
pub use session;
#[cfg(test)]
mod shouted;
pub mod signals;
pub mod terminal;
pub mod testing;
pub use wording;
