//! By what a plan names a row of a menu: by its id, or, of one that it is yet to add, by a handle.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The name of a row in plans and journals.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowName {
    /// Of one that is there, or was: its id.
    Id(String),
    /// Of one that a change of the plan adds.
    Planned(Handle),
}

/// By what changes of a plan point at a row that another one of them adds: the number of that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(pub usize);

/// How a handle begins where it is written; no id does.
const MARK: char = '+';

impl RowName {
    /// The id, of a row that has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Planned(_) => None,
        }
    }
}

impl Handle {
    fn read(text: &str) -> Option<Self> {
        Some(Self(text.strip_prefix(MARK)?.parse().ok()?))
    }
}

impl From<&str> for RowName {
    fn from(id: &str) -> Self {
        Self::Id(id.to_owned())
    }
}

impl From<String> for RowName {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

impl From<Handle> for RowName {
    fn from(handle: Handle) -> Self {
        Self::Planned(handle)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}", self.0)
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let handle = Self::read(&text);
        handle.ok_or_else(|| de::Error::custom(format!("`{text}` is not the handle of a row")))
    }
}

impl Serialize for RowName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => serializer.serialize_str(id),
            Self::Planned(handle) => handle.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RowName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Handle::read(&text).map_or(Self::Id(text), Self::Planned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was_written() {
        let handle = RowName::from(Handle(12));
        for (name, text) in [
            (handle, "\"+12\""),
            (RowName::from("*1F"), "\"*1F\""),
            (RowName::from("+"), "\"+\""),
            (RowName::from(""), "\"\""),
        ] {
            assert_eq!(serde_json::to_string(&name).unwrap(), text);
            assert_eq!(serde_json::from_str::<RowName>(text).unwrap(), name);
        }
        assert!(serde_json::from_str::<Handle>("\"*1F\"").is_err());
    }
}
