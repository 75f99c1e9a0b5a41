//! The variables of the portal's environment.

use std::collections::BTreeMap;
use std::fmt;

use super::error::ConfigError;

/// Environment variables. `Debug` shows their names only, for many of them are secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Wraps `variables`.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// The text of `name`, `""` included: the portal tells an empty variable from an absent one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text of `name` without blanks around it, if anything is left.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The number from 0 to 65535 that `name` holds, if it is set.
    pub(super) fn number(&self, name: &str) -> Result<Option<u16>, ConfigError> {
        let read = |text: &str| {
            text.parse().map_err(|_| ConfigError::InvalidValue {
                name: name.to_owned(),
                reason: format!("`{text}` is not a number from 0 to 65535"),
            })
        };
        self.filled(name).map(read).transpose()
    }

    /// Adds `over`, which wins over what is here.
    pub(super) fn overlay(&mut self, over: impl IntoIterator<Item = (String, String)>) {
        self.0.extend(over);
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
