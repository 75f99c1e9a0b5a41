#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod kind;
mod lookup;
mod menu;
mod secret;
mod menus;
pub mod schema;
mod table;
pub mod value;

pub use kind::{Kind, canonical, compare, equal};
pub use menu::{Menu, MenuError};
pub use secret::is_secret;
pub use schema::{Field, MenuSchema};
pub use value::Value;
pub use value::address::{Network, contains};
