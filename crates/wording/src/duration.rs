//! Lengths of time as people write and read them: `90s`, `1m30s`, `1.5h`, `2d`.
//!
//! What routers write is another grammar (`host::time`).

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;

static PARSER: SpanParser = SpanParser::new();

/// What was typed is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number alone: of seconds, minutes?
    #[error("`{number}` has no unit: write {number}s, {number}m, {number}h or {number}d")]
    NoUnit {
        /// The number.
        number: String,
    },
    /// Something else.
    #[error("`{text}` is not a length of time: write for instance 90s, 1m30s, 1.5h or 2d")]
    NotUnderstood {
        /// What was typed.
        text: String,
    },
    /// A length that is of no use here.
    #[error("`{text}` is not between {} and {}", self::text(*least), self::text(*most))]
    OutOfBounds {
        /// What was typed.
        text: String,
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
}

/// Reads a length of time: numbers with units from nanoseconds to weeks. A day has 24 hours;
/// months and years have no length.
///
/// # Errors
/// What may be written.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    let not_understood = || DurationError::NotUnderstood {
        text: text.to_owned(),
    };
    let digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits && text.parse::<f64>().is_ok() {
        return Err(DurationError::NoUnit {
            number: text.to_owned(),
        });
    }
    PARSER
        .parse_span(text)
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .ok()
        .and_then(|length| Duration::try_from(length).ok())
        .ok_or_else(not_understood)
}

/// Reads a length of time that is of use only within `bounds`.
///
/// # Errors
/// What may be written, or what the bounds are.
pub fn parse_within(
    text: &str,
    bounds: RangeInclusive<Duration>,
) -> Result<Duration, DurationError> {
    let length = parse(text)?;
    if bounds.contains(&length) {
        return Ok(length);
    }
    Err(DurationError::OutOfBounds {
        text: text.trim().to_owned(),
        least: *bounds.start(),
        most: *bounds.end(),
    })
}

/// A length of time for people: its two largest units, `2d 3h`, `1m 30s`; below a minute one
/// number, `59s`, `1.5s`, `300ms`.
#[must_use]
pub fn text(length: Duration) -> String {
    const UNITS: [(u64, &str); 5] = [
        (604_800, "w"),
        (86_400, "d"),
        (3_600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    if length < Duration::from_secs(60) {
        let milliseconds = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        return match milliseconds {
            0 => "0s".to_owned(),
            _ => format!("{:?}", Duration::from_millis(milliseconds)),
        };
    }
    let mut rest = length.as_secs();
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_with_their_units() {
        for (text, milliseconds) in [
            ("5s", 5_000),
            (" 1.5 s ", 1_500),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1.5h", 5_400_000),
            ("1m30s", 90_000),
            ("1h 2m", 3_720_000),
            ("2d", 172_800_000),
            ("1w2d", 777_600_000),
            ("00:10:00", 600_000),
            ("0s", 0),
        ] {
            let expected = Duration::from_millis(milliseconds);
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["5", "0", "1.5", " 300 "] {
            let error = parse(text).unwrap_err();
            assert!(matches!(error, DurationError::NoUnit { .. }), "{text}");
        }
        for text in [
            "",
            "s",
            "-1s",
            "-3",
            "1e9",
            ".",
            "5 parsecs",
            "1.2.3s",
            "1 month",
            "1y",
            "2h ago",
            "9999999999999999999w",
            "inf",
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                matches!(error, DurationError::NotUnderstood { .. }),
                "{text}"
            );
        }
    }

    #[test]
    fn bounds_are_said() {
        let bounds = Duration::from_secs(1)..=Duration::from_secs(3_600);
        assert_eq!(
            parse_within("1h", bounds.clone()),
            Ok(Duration::from_secs(3_600))
        );
        let error = parse_within("61m", bounds).unwrap_err();
        assert_eq!(error.to_string(), "`61m` is not between 1s and 1h");
    }

    #[test]
    fn lengths_of_time_are_said_in_two_units() {
        for (milliseconds, said) in [
            (0, "0s"),
            (300, "300ms"),
            (1_500, "1.5s"),
            (59_999, "59.999s"),
            (90_000, "1m 30s"),
            (3_723_000, "1h 2m"),
            (604_800_000, "1w"),
        ] {
            assert_eq!(text(Duration::from_millis(milliseconds)), said);
        }
        assert_eq!(text(Duration::MAX).split(' ').count(), 2);
    }

    #[test]
    fn what_is_said_can_be_typed() {
        for seconds in [1, 59, 90, 3_720, 93_600] {
            let length = Duration::from_secs(seconds);
            assert_eq!(parse(&text(length)), Ok(length));
        }
    }
}
