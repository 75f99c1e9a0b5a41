#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod command_path;
mod export;
mod kind;
mod lookup;
mod menu;
mod menus;
mod nearest;
pub mod schema;
mod secret;
mod table;
mod text;
pub mod value;

pub use command_path::{CommandPath, NotReading, Reading};
pub use export::hidden_in_export;
pub use kind::{Kind, canonical, compare, equal};
pub use menu::{Menu, MenuError};
pub use schema::{Field, MenuSchema};
pub use secret::{is_secret, is_secret_of};
pub use text::{RouterText, UnknownEncoding, Unwritable};
pub use value::Value;
pub use value::address::{Network, contains};
