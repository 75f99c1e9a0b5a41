//! What runs did, on disk: which run it was, its journal, what the journals of a site tell, and plan files.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod journal;
mod own;
pub mod plan_file;
pub mod record;
pub mod run;
mod seal;
pub mod undoing;

pub use error::JournalError;
pub use journal::{Journal, check, site_folder};
pub use own::JournalledRows;
