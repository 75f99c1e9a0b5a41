//! Bytes in the JSON of plans and journals.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Bytes that are most often text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bytes {
    /// UTF-8.
    Text(String),
    /// Hexadecimal digits of anything else.
    Hex {
        /// The bytes.
        #[serde(rename = "$hex")]
        bytes: HexBytes,
    },
}

/// Bytes that are written as hexadecimal digits. Other characters are damage, not no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(other) => Self::Hex {
                bytes: HexBytes(other.into_bytes()),
            },
        }
    }
}

impl Bytes {
    /// The bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Hex { bytes } => bytes.0.clone(),
        }
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        hex::decode(&digits)
            .map(Self)
            .map_err(|_| de::Error::custom("hexadecimal digits expected"))
    }
}
