//! Scripts and what they can call: the host with its primitives, and the engine that runs them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod host;
pub mod script;
