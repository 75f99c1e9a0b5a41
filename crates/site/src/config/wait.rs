//! How long to wait for a service, as it is written in flags, variables and files.

use std::time::Duration;

use catalogue::Said;
use sentences::{LengthNoUnit, LengthNotUnderstood, LengthOutOfBounds};
use wording::duration::{self, DurationError, parse_within};

const SHORTEST: Duration = Duration::from_millis(1);

/// A longer wait is a slip of the pen.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a wait.
///
/// # Errors
/// What may be written; less than a millisecond, or more than a day.
pub fn parse_wait(text: &str) -> Result<Duration, DurationError> {
    parse_within(text, SHORTEST..=LONGEST)
}

/// Why a text is no length of time, for people.
pub fn said_of_length(error: &DurationError) -> Said {
    match error {
        DurationError::NoUnit { number } => LengthNoUnit { number }.into(),
        DurationError::NotUnderstood { text } => LengthNotUnderstood { text }.into(),
        DurationError::OutOfBounds { text, least, most } => LengthOutOfBounds {
            text,
            least: duration::text(*least),
            most: duration::text(*most),
        }
        .into(),
    }
}

/// Reads a wait that was once written as a number of seconds, with what is to be said to those who
/// still do.
///
/// # Errors
/// As of [`parse_wait`].
pub(super) fn parse_wait_or_seconds(
    text: &str,
) -> Result<(Duration, Option<String>), DurationError> {
    match parse_wait(text) {
        Err(error @ DurationError::NoUnit { .. }) => {
            let with_unit = format!("{}s", text.trim());
            let wait = parse_wait(&with_unit)?;
            let warning =
                format!("{error}; it counts as {with_unit} until 0.3, and is refused then");
            Ok((wait, Some(warning)))
        }
        read => Ok((read?, None)),
    }
}
