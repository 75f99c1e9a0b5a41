//! What a key of the demo's Redis holds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A value of one of the types that the portal uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A string.
    Text(String),
    /// A list, its head first.
    List(Vec<String>),
    /// A hash, its fields in order.
    Hash(Vec<(String, String)>),
    /// A set.
    Set(Vec<String>),
    /// A sorted set, the lowest score first.
    Sorted(Vec<(String, f64)>),
}

impl Value {
    /// Holds it nothing? Texts may be empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::List(elements) | Self::Set(elements) => elements.is_empty(),
            Self::Hash(fields) => fields.is_empty(),
            Self::Sorted(members) => members.is_empty(),
        }
    }
}

/// A value and the seconds it had left at the start, `None` for one that stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// How long it lives, counted from the start of the demo.
    pub lifetime: Option<Duration>,
}

/// A key of Redis, and what it holds.
pub type Database = BTreeMap<String, Entry>;

/// A key that stays.
pub fn forever(key: &str, value: Value) -> (String, Entry) {
    (
        key.to_owned(),
        Entry {
            value,
            lifetime: None,
        },
    )
}

/// A key that goes after so many seconds.
pub fn lasting(key: &str, seconds: u64, value: Value) -> (String, Entry) {
    (
        key.to_owned(),
        Entry {
            value,
            lifetime: Some(Duration::from_secs(seconds)),
        },
    )
}
