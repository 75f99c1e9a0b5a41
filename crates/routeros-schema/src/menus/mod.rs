//! The table: a file for each part of the console's tree.
//!
//! Names and kinds are those of the source that a menu cites. Keys, defaults and what moves are
//! documented or seen where MikroTik or a router says so, and inferred elsewhere.

mod firewall;
mod hotspot;
mod interface;
mod ip;
mod kinds;
mod ppp;
mod queue;
pub(crate) mod rows;
mod system;
mod tool;
mod user;

use crate::schema::MenuSchema;

/// All menus, by file.
pub(crate) const GROUPS: &[&[MenuSchema]] = &[
    firewall::MENUS,
    hotspot::MENUS,
    interface::MENUS,
    ip::MENUS,
    ppp::MENUS,
    queue::MENUS,
    system::MENUS,
    tool::MENUS,
    user::MENUS,
];
