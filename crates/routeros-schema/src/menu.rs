//! The name of a menu.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::lookup;
use crate::schema::MenuSchema;

/// The longest path that is taken for a menu, in bytes.
const LONGEST: usize = 200;

/// The commands that lists of rows have (manual, "Console", general commands; read of a router of
/// release 7.22.3). No menu has such a name, and a path with one says what to do, not where.
const COMMANDS: [&str; 14] = [
    "add", "comment", "disable", "edit", "enable", "export", "find", "get", "getall", "listen",
    "move", "print", "remove", "set",
];

/// A menu by its canonical path: `/ip/firewall/address-list`.
///
/// The router, its console and people spell one menu in several ways: with blanks instead of
/// slashes, with more slashes than needed, with one at the end, in capitals. Parsing makes one of
/// them all, so that two menus are the same exactly if their values are equal.
///
/// Console input that is not a path (a command, an argument, a relative `..`) is an error.
///
/// Clones cost nothing: one of the table is its entry there.
#[derive(Clone)]
pub struct Menu(Name);

#[derive(Clone)]
enum Name {
    /// A menu of the table.
    Known(&'static MenuSchema),
    /// Any other one, by its path.
    Other(Arc<str>),
}

/// A text that names no menu.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MenuError {
    /// There is no part in it.
    #[error("`{text}` names no menu")]
    Empty {
        /// The text.
        text: String,
    },
    /// A menu's path begins at the root.
    #[error("the menu `{text}` does not begin with `/`")]
    Relative {
        /// The text.
        text: String,
    },
    /// A part has a character that no part of a path has.
    #[error("`{text}` is no path of a menu: `{part}` is no part of one")]
    Part {
        /// The text.
        text: String,
        /// The part.
        part: String,
    },
    /// A part is the command of a menu.
    #[error("`{text}` is no path of a menu: `{command}` is a command")]
    Command {
        /// The text.
        text: String,
        /// The command.
        command: String,
    },
    /// It is longer than any path.
    #[error("a path of {length} bytes is no menu's")]
    Long {
        /// Its length.
        length: usize,
    },
}

impl Menu {
    /// The canonical path, from `/` on, without one at the end.
    pub fn path(&self) -> &str {
        match &self.0 {
            Name::Known(schema) => schema.path,
            Name::Other(path) => path,
        }
    }

    /// What is known of it.
    pub(crate) fn schema(&self) -> Option<&'static MenuSchema> {
        match self.0 {
            Name::Known(schema) => Some(schema),
            Name::Other(_) => None,
        }
    }

    /// The menu that this one is below, if it is not at the top.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.path().rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self::at(parent))
    }

    /// The menu with this canonical path.
    fn at(path: &str) -> Self {
        Self(match lookup::at(path) {
            Some(schema) => Name::Known(schema),
            None => Name::Other(path.into()),
        })
    }
}

impl FromStr for Menu {
    type Err = MenuError;

    fn from_str(text: &str) -> Result<Self, MenuError> {
        if text.len() > LONGEST {
            let length = text.len();
            return Err(MenuError::Long { length });
        }
        let trimmed = text.trim();
        if !trimmed.is_empty() && !trimmed.starts_with('/') {
            return Err(MenuError::Relative {
                text: text.to_owned(),
            });
        }
        let mut path = String::with_capacity(trimmed.len());
        for part in trimmed.split(is_separator).filter(|part| !part.is_empty()) {
            let part = part.to_ascii_lowercase();
            if !is_part(&part) {
                let text = text.to_owned();
                return Err(MenuError::Part { text, part });
            }
            if COMMANDS.contains(&part.as_str()) {
                return Err(MenuError::Command {
                    text: text.to_owned(),
                    command: part,
                });
            }
            path.push('/');
            path.push_str(&part);
        }
        match path.is_empty() {
            true => Err(MenuError::Empty {
                text: text.to_owned(),
            }),
            false => Ok(Self::at(&path)),
        }
    }
}

impl fmt::Display for Menu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path())
    }
}

impl fmt::Debug for Menu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Menu").field(&self.path()).finish()
    }
}

impl PartialEq for Menu {
    fn eq(&self, other: &Self) -> bool {
        match (self.schema(), other.schema()) {
            // A path stands in the table once.
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            (None, None) => self.path() == other.path(),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl Eq for Menu {}

impl PartialOrd for Menu {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Menu {
    fn cmp(&self, other: &Self) -> Ordering {
        self.path().cmp(other.path())
    }
}

impl Hash for Menu {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path().hash(state);
    }
}

/// What stands between two parts: the console takes blanks as well as slashes.
pub(crate) fn is_separator(character: char) -> bool {
    character == '/' || character.is_whitespace()
}

/// Parts are words such as `ip-binding`, `wireless`, `802`, `e-mail`, `graphing`, `dot1x`.
pub(crate) fn is_part(part: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    part.bytes().all(inside) && !part.starts_with('-') && !part.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_menu_is_one_menu() {
        for text in [
            "/ip/hotspot/ip-binding",
            "/ip/hotspot/ip-binding/",
            "/ip hotspot ip-binding",
            "//ip/hotspot/ip-binding",
            "/ip//hotspot/ip-binding",
            "  /ip/hotspot/ip-binding  ",
            "/ip\thotspot/ ip-binding//",
            "/IP/Hotspot/ip-Binding",
        ] {
            let menu: Menu = text.parse().unwrap();
            assert_eq!(menu.path(), "/ip/hotspot/ip-binding", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_path_is_an_error() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for text in [
            "",
            "/",
            " / ",
            "ip/arp",
            "arp",
            "/ip/../arp",
            "/ip/arp?x",
            "/ip/[find]",
            "/ip/arp=1",
            "/ip/-arp",
            "/ip/arp-",
            "/ip/ärp",
            "/ip\0arp",
            "/ip/arp;/x",
            "/ip/arp/remove",
            "/ip arp Print",
            "/ip/set/arp",
            &long,
        ] {
            assert!(text.parse::<Menu>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_menu_knows_what_it_is_below() {
        let menu: Menu = "/ip/arp".parse().unwrap();
        assert_eq!(menu.parent().unwrap().path(), "/ip");
        assert_eq!(menu.parent().unwrap().parent(), None);
    }
}
