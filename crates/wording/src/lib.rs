//! The small vocabulary of the whole program: what is read from people and said to them in more
//! than one place is read and said in one way. Pure functions that know nothing else of tikbook.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bytes;
pub mod count;
pub mod duration;
pub mod excerpt;
pub mod mac;
pub mod near;
pub mod system;
