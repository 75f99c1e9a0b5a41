//! The only way to write: a planner records and judges the changes of a run, an engine applies what of
//! them was approved; their plan, their journal, their way back.
//!
//! The functions that send want a [`site::grant::Permit`], and only the engine asks for one. It takes
//! nothing but what was [`Approved`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approved;
mod engine;
pub mod ensure;
mod error;
pub mod fields;
mod guard;
mod identity;
pub mod journal;
mod judge;
mod judge_row;
mod keys;
mod lock;
mod measure;
mod menu;
mod order;
mod own;
pub mod plan;
pub mod planned;
mod planner;
pub mod record;
mod reread;
pub mod run;
pub mod selection;
mod send;
mod settle;
pub mod spoken;
mod tables;
pub mod together;
pub mod undo;
mod window;

pub use approved::{Approved, approved, unlike};
pub use engine::{Engine, Settings};
pub use error::{ChangeError, STAGES};
pub use guard::Radius;
pub use menu::can_be_unset;
pub use own::OwnRows;
pub use planner::Planner;
