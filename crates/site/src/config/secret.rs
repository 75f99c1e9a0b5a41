//! Text that must never be seen: passwords, keys, tokens.

use std::fmt;

use serde::{Serialize, Serializer};

/// What stands in the place of a secret wherever it would be shown.
pub const MASK: &str = "***";

/// A password or a key. It prints and serializes as `***`; only [`Secret::expose`] gives the text.
/// Those of a site are made by [`Secrets::keep`](super::Secrets::keep), which knows them from then on.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret that is hidden by its type alone, and that no text is searched for. So are those of the
    /// rows of a router: a guest's password is often his name or his phone number.
    pub fn unlisted(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it to its server.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::super::secrets::Secrets;

    #[test]
    fn a_secret_is_stars_in_every_sink() {
        let secret = Secrets::default().keep("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"***\"");
        assert_eq!(secret.expose(), "hunter2");
    }
}
