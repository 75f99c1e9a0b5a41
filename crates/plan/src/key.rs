//! A change of keys of Redis, and their values before and after it.

use catalogue::Said;
use serde::{Deserialize, Serialize};

use super::bytes::{Bytes, HexBytes};
use super::change::Change;
use site::grant::Target;
use wording::bytes::shown;

/// A command that writes keys of Redis.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyWrite {
    /// The words of the command, its name first.
    pub words: Vec<Vec<u8>>,
    /// The key that it is named by.
    pub first: SavedKey,
    /// The other keys that it may write.
    pub others: Vec<SavedKey>,
}

/// A key of Redis with its value as DUMP gives it, for RESTORE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedKey {
    /// The key.
    pub key: Bytes,
    /// The answer to DUMP in hexadecimal; absent for a key that is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dump: Option<HexBytes>,
    /// Milliseconds until it goes; absent for a key that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

impl Change {
    /// A command of Redis that writes `first`, by which it is named, and `others`.
    pub fn command(
        words: Vec<Vec<u8>>,
        first: SavedKey,
        others: Vec<SavedKey>,
        reason: impl Into<Said>,
    ) -> Self {
        let write = KeyWrite {
            words,
            first,
            others,
        };
        Self::of(write, reason)
    }
}

impl KeyWrite {
    /// Every key, as it is before.
    pub fn keys(&self) -> impl Iterator<Item = &SavedKey> {
        [&self.first].into_iter().chain(&self.others)
    }

    /// The same, to be filled in.
    pub fn keys_mut(&mut self) -> impl Iterator<Item = &mut SavedKey> {
        [&mut self.first].into_iter().chain(&mut self.others)
    }

    /// The key that it is named by.
    pub fn target(&self) -> Target {
        self.first.target()
    }

    /// Every key.
    pub fn targets(&self) -> Vec<Target> {
        self.keys().map(SavedKey::target).collect()
    }
}

impl SavedKey {
    /// A key whose value is not known yet.
    pub fn named(key: Vec<u8>) -> Self {
        Self {
            key: Bytes::from(key),
            dump: None,
            ttl: None,
        }
    }

    /// What grants and guards call it.
    pub fn target(&self) -> Target {
        Target::Key(shown(&self.key.to_vec()).into_owned())
    }
}
