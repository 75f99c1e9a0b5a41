//! The one integration crate: `README.md` in this folder says which test goes where.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod demo;
mod docs;
mod layers;
mod run;
mod scripts;
mod servers;
mod simulator;
mod support;
