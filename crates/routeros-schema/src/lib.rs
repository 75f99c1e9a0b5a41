//! What the menus of MikroTik's RouterOS are, and what their fields mean.
//!
//! Pure data and functions: no socket, no clock. A menu has one name here, however it is spelled:
//!
//! ```
//! use routeros_schema::Menu;
//!
//! let menu: Menu = "/ip hotspot ip-binding".parse()?;
//! assert_eq!(menu.path(), "/ip/hotspot/ip-binding");
//! # Ok::<(), routeros_schema::MenuError>(())
//! ```

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod menu;
mod secret;

pub use menu::{Menu, MenuError};
pub use secret::is_secret;
