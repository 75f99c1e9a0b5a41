//! What the portal's tasks do, by the rules and by what the portal's own did; and who gets which access.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "recall and precision are for reading")]

mod access;
mod after;
mod fixture;
mod oracle;
mod place;
mod rules;
mod settles;
#[path = "../../../../tests/sync-oracle/cases.rs"]
mod sync_oracle;
mod tasks;
