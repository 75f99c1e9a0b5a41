//! The simulator over TCP, in the words of the protocol.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod faults;
mod hostile;
mod living;
mod login;
mod reading;
mod running;
mod time;
#[cfg(feature = "tls")]
mod tls;
mod watching;
mod writing;
