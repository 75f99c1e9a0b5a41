//! The only way to write: one gate for every change of a run, its plan, its journal, its way back.
//!
//! Without `--apply` the gate reads and records the same and sends nothing. The functions that send
//! want a [`site::grant::Permit`], and only the gate asks for one.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
pub mod fields;
mod gate;
mod guard;
mod identity;
pub mod journal;
mod keys;
mod lock;
mod menu;
pub mod plan;
pub mod planned;
pub mod record;
mod reread;
pub mod run;
pub mod spoken;
mod tables;
mod together;
pub mod undo;
mod window;

pub use error::ChangeError;
pub use gate::{Agreed, Confirm, Gate, Settings};
pub use guard::Radius;
