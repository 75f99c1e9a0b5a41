//! The internal number of a row.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The `.id` of a row: `*` and a hexadecimal number, kept exactly as the router sent it.
///
/// Nothing else can be made into one. A number without the star would be taken by the router as the
/// position of a row, and change another row than the one meant (seen in the field).
///
/// ```
/// use routeros_proto::Id;
///
/// assert_eq!("*1F".parse::<Id>().unwrap().as_str(), "*1F");
/// assert!("4".parse::<Id>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not an id of a row, which is `*` and a hexadecimal number, like `*1F`")]
pub struct IdError {
    /// The text, lossy and cut.
    pub text: String,
}

impl Id {
    /// The id as the router wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number behind the star.
    #[must_use]
    pub fn number(&self) -> u64 {
        number(self.0.as_bytes()).unwrap_or_default()
    }
}

impl TryFrom<&[u8]> for Id {
    type Error = IdError;

    fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
        match (number(bytes), std::str::from_utf8(bytes)) {
            (Some(_), Ok(text)) => Ok(Self(text.to_owned())),
            _ => Err(IdError {
                text: crate::error::excerpt(bytes),
            }),
        }
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.as_bytes().try_into()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of `*HEX`, if that is what `bytes` are.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let digits = bytes.strip_prefix(b"*")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        // `from_str_radix` would take a sign.
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
