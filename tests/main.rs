//! The one integration crate: `README.md` in this folder says which test goes where.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod demo;
mod layers;
mod servers;
mod simulator;
mod support;
