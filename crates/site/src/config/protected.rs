//! What no run may change on a site: the key `protected`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use routeros_schema::{Menu, MenuError, schema};
use thiserror::Error;

use super::service::Service;
use wording::near::nearest;

/// What no run may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protected {
    /// All rows of a menu.
    Menu(Menu),
    /// Rows and keys that look like this.
    Pattern(Pattern),
}

/// How protected rows and keys look; each `*` of it stands for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written: how any value of a row looks.
    text: String,
    /// How the value of one field looks.
    field: Option<FieldPattern>,
}

/// How the value of one field of protected rows looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPattern {
    /// Its name, as the router writes it.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A text that would protect nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProtectedError {
    /// There is nothing in it.
    #[error("an empty text protects nothing")]
    Empty,
    /// There is no name before its `=`.
    #[error("`{0}` has no field before `=`")]
    NoField(String),
    /// It is no menu, and meant to be one.
    #[error(transparent)]
    Menu(#[from] MenuError),
    /// Nothing of this service is protected here.
    #[error("`{0}` is nothing that can be protected")]
    Service(String),
}

impl ProtectedError {
    /// What to write instead.
    pub fn hint(&self) -> String {
        let menu = match self {
            Self::Menu(
                MenuError::Relative { text }
                | MenuError::Part { text, .. }
                | MenuError::Command { text, .. },
            ) => meant(text),
            Self::Service(_) => {
                return "only rows of the router and keys of Redis can be protected".to_owned();
            }
            _ => None,
        };
        match menu {
            Some(menu) => format!("write `{menu}` for all rows of that menu"),
            None => "write a menu (`/ip/arp`), a field (`address=10.0.0.*`) or a value \
                     (`*printer*`); `*` stands for any text"
                .to_owned(),
        }
    }
}

impl FromStr for Protected {
    type Err = ProtectedError;

    /// A text that begins as a path does, or with `mikrotik:`, names a menu; so does one that is a
    /// menu's path but for its first `/`, which is refused as it is everywhere.
    fn from_str(text: &str) -> Result<Self, ProtectedError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(ProtectedError::Empty);
        }
        let (service, name) = match trimmed.split_once(':') {
            Some((word, name)) => (Service::from_word(word), name),
            None => (None, trimmed),
        };
        match service {
            Some(Service::Mikrotik) => Ok(Self::Menu(name.parse()?)),
            Some(Service::Redis) => Ok(Self::Pattern(Pattern::read(text)?)),
            Some(_) => Err(ProtectedError::Service(text.to_owned())),
            None if trimmed.starts_with('/') || is_menu_without_its_slash(trimmed) => {
                Ok(Self::Menu(trimmed.parse()?))
            }
            None => Ok(Self::Pattern(Pattern::read(text)?)),
        }
    }
}

impl Protected {
    /// Why it may protect nothing, if that is to be feared: routers have menus and fields that no
    /// table has.
    pub fn doubt(&self) -> Option<String> {
        match self {
            Self::Menu(menu) => doubt_of_menu(menu),
            Self::Pattern(pattern) => pattern.doubt(),
        }
    }
}

impl fmt::Display for Protected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Menu(menu) => menu.fmt(formatter),
            Self::Pattern(pattern) => formatter.write_str(&pattern.text),
        }
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, ProtectedError> {
        let field = match text.split_once('=') {
            Some((name, _)) if name.trim().is_empty() => {
                return Err(ProtectedError::NoField(text.to_owned()));
            }
            Some((name, value)) if is_name(name.trim()) => Some(FieldPattern {
                name: name.trim().to_ascii_lowercase(),
                value: value.to_owned(),
            }),
            _ => None,
        };
        Ok(Self {
            text: text.to_owned(),
            field,
        })
    }

    /// How any value of a row looks.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the value of one field looks, where the pattern names one.
    pub fn field(&self) -> Option<&FieldPattern> {
        self.field.as_ref()
    }

    /// How a key of Redis looks.
    pub fn key(&self) -> &str {
        let text = self.text.trim();
        text.strip_prefix("redis:").unwrap_or(text)
    }

    fn doubt(&self) -> Option<String> {
        let text = self.text.trim();
        let Some(FieldPattern { name, .. }) = &self.field else {
            return doubt_of_value(text);
        };
        if name == ID || FIELDS.contains(name.as_str()) {
            return None;
        }
        let near = nearest(name, FIELDS.iter().copied());
        let near = near.map(|field| format!("did you mean `{field}`? "));
        let near = near.unwrap_or_default();
        Some(format!(
            "no menu that tikbook knows has a field `{name}`; {near}for any text that holds it, \
             write `*{text}*`"
        ))
    }
}

/// What every row has, and nobody means who misspells a field.
const ID: &str = ".id";

/// The fields of all menus.
static FIELDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let fields = schema::menus().flat_map(|menu| menu.fields());
    fields.map(|field| field.name).collect()
});

fn doubt_of_menu(menu: &Menu) -> Option<String> {
    if schema::menu(menu).is_some() {
        return None;
    }
    let below = format!("{}/", menu.path());
    let below: Vec<_> = schema::menus()
        .map(|known| known.path)
        .filter(|path| path.starts_with(&below))
        .map(|path| format!("`{path}`"))
        .collect();
    if !below.is_empty() {
        let below = below.join(", ");
        return Some(format!(
            "`{menu}` alone is protected, and no menu below it: {below}"
        ));
    }
    let meant = match schema::closest_menu(menu) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see that the router has it".to_owned(),
    };
    Some(format!("tikbook does not know the menu `{menu}`; {meant}"))
}

/// `ip/anything` is a value that a row may have, and does not look like one.
fn doubt_of_value(text: &str) -> Option<String> {
    let rooted: Menu = format!("/{text}").parse().ok()?;
    let root = text.split_once('/')?.0.to_ascii_lowercase();
    let is_root = |path: &str| path.split('/').nth(1) == Some(&root);
    schema::menus().any(|menu| is_root(menu.path)).then(|| {
        format!(
            "`{text}` is looked for among the values of rows; a menu begins with `/`: `{rooted}`"
        )
    })
}

/// Whether it is the path of a menu, or one slip away from one, that lacks its first `/`. One word is
/// none: `queue` is more likely a value.
fn is_menu_without_its_slash(text: &str) -> bool {
    let rooted = format!("/{text}").parse::<Menu>();
    rooted.is_ok_and(|menu| {
        let is_known = || schema::menu(&menu).is_some() || schema::misspelt_menu(&menu).is_some();
        menu.parent().is_some() && is_known()
    })
}

/// The menu of the table that a text begins with, which is no path of one, or is near to.
fn meant(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_start_matches("mikrotik:");
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .rev()
        .find_map(|end| {
            let menu: Menu = format!("/{}", text.get(..end)?).parse().ok()?;
            let known = schema::menu(&menu).map(|known| known.path);
            known.or_else(|| schema::closest_menu(&menu))
        })
}

/// Whether it is a field's name, in letters of any size: `address`, `.id`, `mac-address`.
fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !text.is_empty() && text.bytes().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_a_path_is_a_menu_and_the_rest_a_pattern() {
        for (text, menu) in [
            ("/ip/arp", Some("/ip/arp")),
            ("mikrotik:/IP arp/", Some("/ip/arp")),
            ("/made/up", Some("/made/up")),
            ("10.0.0.0/24", None),
            ("512k/512k", None),
            ("2001:db8::/32", None),
            ("lan/guest", None),
            ("queue", None),
            ("ip", None),
            ("AA:BB:*", None),
            ("redis:quota:*", None),
        ] {
            let read: Protected = text.parse().unwrap();
            let is_menu = menu.map(|menu| Protected::Menu(menu.parse().unwrap()));
            match is_menu {
                Some(menu) => assert_eq!(read, menu, "{text}"),
                None => assert!(matches!(read, Protected::Pattern(_)), "{text}"),
            }
        }
    }

    #[test]
    fn a_field_is_what_stands_before_the_first_sign() {
        for (text, expected) in [
            ("address=10.*", Some(("address", "10.*"))),
            ("mac_address=02:*", Some(("mac_address", "02:*"))),
            ("MAC-Address = AA:*", Some(("mac-address", " AA:*"))),
            (".id=*1", Some((".id", "*1"))),
            ("comment=a=b", Some(("comment", "a=b"))),
            ("*user=0812*", None),
            ("x|user=0812", None),
            ("10.9.8.7", None),
        ] {
            let Protected::Pattern(pattern) = text.parse().unwrap() else {
                panic!("{text} is a pattern");
            };
            let field = pattern.field().map(|field| (&*field.name, &*field.value));
            assert_eq!(field, expected, "{text}");
        }
    }
}
