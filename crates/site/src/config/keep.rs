//! How long the journal of a run is kept after its end.

use std::time::Duration;

use wording::duration::parse_within;

use super::error::ConfigError;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What was changed yesterday may have to be undone today.
const SHORTEST: u16 = 2;

/// The days in the text of `key`, such as `90d`; part of a day is none.
///
/// # Errors
/// [`ConfigError::InvalidValue`]: it is no length of time, or less than two days.
pub(super) fn days(text: &str, key: &str) -> Result<u16, ConfigError> {
    let read = parse_within(text, DAY * SHORTEST.into()..=DAY * u16::MAX.into());
    let length = read.map_err(|error| ConfigError::InvalidValue {
        name: key.to_owned(),
        reason: error.to_string(),
    })?;
    Ok((length.as_secs() / DAY.as_secs()) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journals_are_kept_for_whole_days_and_two_at_least() {
        for (text, expected) in [
            ("90d", Some(90)),
            ("48h", Some(2)),
            ("71h", Some(2)),
            ("65535d", Some(65535)),
            ("65536d", None),
            ("1d", None),
            ("0", None),
            ("90", None),
            ("always", None),
        ] {
            let read = days(text, "sites.x.keep");
            assert_eq!(read.as_ref().ok(), expected.as_ref(), "{text}");
            if let Err(error) = read {
                assert!(error.to_string().contains("sites.x.keep"), "{error}");
            }
        }
    }
}
