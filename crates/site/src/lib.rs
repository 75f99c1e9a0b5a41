//! What a site is: its services and limits, what a run may touch, and what can go wrong;
//! and whose files are taken at their word.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
pub mod grant;
pub mod kind;
pub mod text_file;
pub mod trust;
