//! Whose row a change is about, as far as the row itself says so.

use portal::comment::Tokens;
use wording::bytes::shown;

use super::change::Change;

/// The user of the portal whose row it is, as far as the row itself names one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// The user's phone, or what else is the name on the router.
    pub user: Option<String>,
    /// The user's id.
    pub uid: Option<String>,
}

impl Whose {
    /// In one word: the name before the id.
    pub fn spoken(&self) -> Option<&str> {
        self.user.as_deref().or(self.uid.as_deref())
    }
}

impl Change {
    /// Whose row it is, by the tokens of its comment, or by the field that names the hotspot's user.
    pub fn whose(&self) -> Whose {
        let write = self.about();
        let Some((write, row)) = write.and_then(|write| Some((write, write.subject()?))) else {
            return Whose::default();
        };
        let comment = shown(row.get("comment").unwrap_or_default());
        let tokens = Tokens::read(&comment);
        let owned = |text: &str| text.to_owned();
        let named = match write.menu.path() {
            "/ip/hotspot/user" => row.get("name"),
            path if path.starts_with("/ip/hotspot/") => row.get("user"),
            _ => None,
        };
        let named = named.filter(|name| !name.is_empty());
        let named = named.map(|name| shown(name).into_owned());
        Whose {
            user: tokens.user.map(owned).or(named),
            uid: tokens.uid.map(owned),
        }
    }
}
