//! The RouterOS release a simulator imitates.

use std::str::FromStr;

/// A RouterOS release, for example `7.22.3`.
///
/// It decides what changed between releases and can be seen on the wire: `!empty` (7.18), the
/// field's name in `unknown parameter` (7), the form of dates (7.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number, 0 where the release has none.
    pub patch: u16,
}

impl Version {
    /// The release the menu table was taken from.
    const LATEST_KNOWN: Version = Version::new(7, 22, 3);

    /// A release from its three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version {
            major,
            minor,
            patch,
        }
    }

    /// The release without its patches, which is what menus differ by.
    pub(crate) fn release(self) -> routeros_schema::schema::Version {
        let Version { major, minor, .. } = self;
        routeros_schema::schema::Version { major, minor }
    }

    /// Whether a print without rows answers `!empty` before `!done`.
    ///
    /// Documented in the changelog of 7.18, and seen in the field.
    pub(crate) fn says_empty(self) -> bool {
        self >= Version::new(7, 18, 0)
    }

    /// Whether `export` leaves secrets out by itself (documented, "Configuration Management").
    pub(crate) fn hides_secrets(self) -> bool {
        self.major >= 7
    }

    /// Whether there is a `/console/inspect` (7, documented).
    pub(crate) fn has_inspect(self) -> bool {
        self.major >= 7
    }

    /// Whether `/console/inspect` has an argument `proplist` (7.15, seen).
    pub(crate) fn inspect_has_proplist(self) -> bool {
        self >= Version::new(7, 15, 0)
    }

    /// Whether dates are written `2026-05-31 12:00:00` and not `may/31/2026 12:00:00` (7.10, seen in the field).
    pub(crate) fn writes_iso_dates(self) -> bool {
        self >= Version::new(7, 10, 0)
    }

    /// Whether `unknown parameter` names the parameter (seen in the field: 6 does not, 7 does).
    pub(crate) fn names_unknown_parameter(self) -> bool {
        self.major >= 7
    }

    /// Whether `set =!field=` is accepted and changes nothing (seen in the field on 7.23.3).
    pub(crate) fn ignores_negated_field(self) -> bool {
        self >= Version::new(7, 23, 0)
    }
}

impl Default for Version {
    fn default() -> Version {
        Version::LATEST_KNOWN
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.patch {
            0 => write!(out, "{}.{}", self.major, self.minor),
            patch => write!(out, "{}.{}.{patch}", self.major, self.minor),
        }
    }
}

/// A text that names no RouterOS release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a RouterOS version, which looks like 7.22.3")]
pub struct VersionError {
    /// What was given.
    pub text: String,
}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `7.22.3`, `7.18` or, as the router itself writes it, `7.22.3 (stable)`.
    ///
    /// # Errors
    /// When there are not two or three numbers.
    fn from_str(text: &str) -> Result<Version, VersionError> {
        parse(text).ok_or_else(|| VersionError {
            text: text.to_owned(),
        })
    }
}

fn parse(text: &str) -> Option<Version> {
    let numbers = text.split_once(' ').map_or(text, |(numbers, _)| numbers);
    let mut parts = numbers.split('.').map(|part| part.parse::<u16>().ok());
    let version = Version::new(
        parts.next()??,
        parts.next()??,
        parts.next().unwrap_or(Some(0))?,
    );
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_the_router_writes_it() {
        assert_eq!("7.22.3 (stable)".parse(), Ok(Version::new(7, 22, 3)));
        assert_eq!("6.49".parse(), Ok(Version::new(6, 49, 0)));
    }

    #[test]
    fn texts_that_are_no_version_are_refused() {
        for text in ["", "7", "7.x", "7.1.2.3", "v7.1", "7..1", "99999.1"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn empty_is_said_since_7_18() {
        assert!(!Version::new(7, 17, 2).says_empty());
        assert!(Version::new(7, 18, 0).says_empty());
        assert!(!Version::new(6, 49, 10).says_empty());
    }
}
