#![cfg_attr(test, allow(clippy::unwrap_used))]
//! tikbook runs runbooks against a MikroTik hotspot site.

pub mod config;
pub mod demo;
pub mod portal;
