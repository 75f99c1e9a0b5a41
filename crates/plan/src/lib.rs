//! What is to be changed, as data. Nothing here asks anybody or waits for anything: what was read of a
//! router comes in as [`found::Found`], and what becomes of changes goes out as [`outcome::Outcome`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approved;
pub mod bytes;
pub mod change;
pub mod command;
pub mod comments;
pub mod ensure;
pub mod fields;
mod form;
pub mod found;
pub mod identity;
mod judge_row;
pub mod judged;
pub mod key;
pub mod lasting;
pub mod menu;
pub mod order;
pub mod outcome;
pub mod own;
pub mod protection;
pub mod radius;
pub mod request;
pub mod row;
pub mod row_name;
pub mod sameness;
pub mod selection;
mod spoken;
pub mod statement;
pub mod together;
pub mod whose;

pub use approved::{Approved, approved, unlike};
pub use judge_row::judge_row;
