//! The portal's facts: what it writes on a router, what it keeps in its tables, how it reads both,
//! and what its tasks do next. Pure functions: no connection, no clock, no script.
//!
//! The portal is written in Python, and several of its rules are Python's own (which characters
//! are white space, what `int("5_00")` is, which texts `uuid.UUID` takes). They are kept exactly,
//! because a row on a router was written, and will be read again, by those rules.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod access;
pub mod address_range;
pub mod block;
pub mod comment;
pub mod debt;
pub mod list_name;
mod log_form;
pub mod log_line;
mod log_prefix;
pub mod log_sign;
mod mac;
pub mod meaning;
pub mod network;
pub mod number;
pub mod owner;
pub mod package;
pub mod phone;
pub mod python_list;
pub mod redis_key;
pub mod schedule;
pub mod setting;
pub mod status;
pub mod sync;
pub mod target;
pub mod user_id;
pub mod variable;
pub mod who;
