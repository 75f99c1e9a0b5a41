//! Lengths of time in the router's words.

use std::time::Duration;

use thiserror::Error;

/// A text that is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// It has another form.
    #[error("no length of time has this form; one is written like `1w2d3h4m5s` or `00:05:00`")]
    Malformed,
    /// There is no room for it.
    #[error("the length of time is too great")]
    Overflow,
}

/// Reads `1w2d3h4m5s`, `14ms612us`, `5.5s`, `00:04:59`, `1d02:03:04`, `1d 02:03:04`, or a bare number
/// of seconds.
///
/// # Errors
/// [`DurationError`]: the text has another form, or is too great.
pub fn parse(bytes: &[u8]) -> Result<Duration, DurationError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DurationError::Malformed)?;
    let mut rest = text;
    let mut total = Duration::ZERO;
    loop {
        let (digits, after) = leading(rest, |letter| letter.is_ascii_digit());
        if after.starts_with(':') {
            return add(total, clock(rest)?);
        }
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => leading(after, |letter| letter.is_ascii_digit()),
            None => ("", after),
        };
        let has_point = digits.len() + fraction.len() < rest.len() - after.len();
        let (unit, after) = leading(after, |letter| letter.is_ascii_alphabetic());
        if has_point && fraction.is_empty() {
            return Err(DurationError::Malformed);
        }
        total = add(total, part(digits, fraction, unit)?)?;
        if after.is_empty() {
            return Ok(total);
        }
        // A bare number of seconds is only the last part.
        if unit.is_empty() {
            return Err(DurationError::Malformed);
        }
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
}

/// Writes a length of time as `1w2d3h4m5s`, leaving out what is zero; nothing at all is `0s`.
pub fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let nanoseconds = u64::from(duration.subsec_nanos());
    let parts = [
        (seconds / WEEK, "w"),
        (seconds / DAY % 7, "d"),
        (seconds / HOUR % 24, "h"),
        (seconds / MINUTE % 60, "m"),
        (seconds % 60, "s"),
        (nanoseconds / 1_000_000, "ms"),
        (nanoseconds / 1_000 % 1_000, "us"),
        (nanoseconds % 1_000, "ns"),
    ];
    let mut text = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&count.to_string());
        text.push_str(unit);
    }
    match text.is_empty() {
        true => "0s".to_owned(),
        false => text,
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    text.split_at(end)
}

fn add(total: Duration, part: Duration) -> Result<Duration, DurationError> {
    total.checked_add(part).ok_or(DurationError::Overflow)
}

/// One number with its unit. Only seconds and what is shorter have a fraction.
fn part(digits: &str, fraction: &str, unit: &str) -> Result<Duration, DurationError> {
    let unit = match unit {
        "w" => Duration::from_secs(WEEK),
        "d" => Duration::from_secs(DAY),
        "h" => Duration::from_secs(HOUR),
        "m" => Duration::from_secs(MINUTE),
        "s" | "" => Duration::from_secs(1),
        "ms" => Duration::from_millis(1),
        "us" => Duration::from_micros(1),
        "ns" => Duration::from_nanos(1),
        _ => return Err(DurationError::Malformed),
    };
    let count = number(digits)?;
    let seconds = unit
        .as_secs()
        .checked_mul(count)
        .ok_or(DurationError::Overflow)?;
    let nanoseconds = u64::from(unit.subsec_nanos());
    let short = u128::from(nanoseconds) * u128::from(count);
    let short = Duration::new(
        u64::try_from(short / 1_000_000_000).map_err(|_| DurationError::Overflow)?,
        (short % 1_000_000_000) as u32,
    );
    let whole = add(Duration::from_secs(seconds), short)?;
    match fraction {
        "" => Ok(whole),
        _ if unit > Duration::from_secs(1) => Err(DurationError::Malformed),
        fraction => add(whole, fraction_of(unit, fraction)?),
    }
}

/// That fraction of a unit of at most a second; what is finer than a nanosecond is no form of the
/// router's.
fn fraction_of(unit: Duration, fraction: &str) -> Result<Duration, DurationError> {
    if fraction.len() > 9 {
        return Err(DurationError::Malformed);
    }
    let scale = 10_u128.pow(fraction.len() as u32);
    let nanoseconds = unit.as_nanos() * u128::from(number(fraction)?);
    match nanoseconds % scale {
        0 => u64::try_from(nanoseconds / scale)
            .map(Duration::from_nanos)
            .map_err(|_| DurationError::Overflow),
        _ => Err(DurationError::Malformed),
    }
}

/// `hours:minutes` or `hours:minutes:seconds`.
fn clock(text: &str) -> Result<Duration, DurationError> {
    let mut parts = text.splitn(3, ':');
    let hours = number(parts.next().unwrap_or_default())?;
    let minutes = number(parts.next().unwrap_or_default())?;
    let (seconds, fraction) = match parts.next() {
        None => ("0", None),
        Some(seconds) => match seconds.split_once('.') {
            Some((seconds, fraction)) => (seconds, Some(fraction)),
            None => (seconds, None),
        },
    };
    let seconds = number(seconds)?;
    if minutes >= 60 || seconds >= 60 {
        return Err(DurationError::Malformed);
    }
    let total = hours
        .checked_mul(HOUR)
        .and_then(|hours| hours.checked_add(minutes * MINUTE + seconds))
        .map(Duration::from_secs)
        .ok_or(DurationError::Overflow)?;
    match fraction {
        Some(fraction) => add(total, fraction_of(Duration::from_secs(1), fraction)?),
        None => Ok(total),
    }
}

fn number(digits: &str) -> Result<u64, DurationError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DurationError::Malformed);
    }
    digits.parse().map_err(|_| DurationError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_form_of_the_router() {
        for (text, seconds) in [
            ("1w2d3h4m5s", 788_645),
            ("3w", 1_814_400),
            ("24h", 86_400),
            ("00:04:59", 299),
            ("1:00:00", 3_600),
            ("1d 02:03:04", 93_784),
            ("1d02:03:04", 93_784),
            ("1d00:00:05", 86_405),
            ("02:03", 7_380),
            ("90", 90),
            ("0s", 0),
            ("35w3d13h13m56s", 21_474_836),
        ] {
            let read = parse(text.as_bytes());
            assert_eq!(read, Ok(Duration::from_secs(seconds)), "{text}");
        }
        for (text, microseconds) in [
            ("14ms612us", 14_612),
            ("5.5s", 5_500_000),
            ("0.25", 250_000),
            ("1.5ms", 1_500),
            ("00:00:05.5", 5_500_000),
        ] {
            let read = parse(text.as_bytes());
            assert_eq!(read, Ok(Duration::from_micros(microseconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "", " ", "none", "never", "1x", "-1s", "s", "1:2:3:4", "1:60", "0:0:60", "1.", "1.s",
            "1.5h", "1s ", "5 5s", "é", "1é", "1d:5",
        ] {
            let read = parse(text.as_bytes());
            assert_eq!(read, Err(DurationError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_duration_that_has_no_room_is_an_error() {
        for text in [
            "99999999999999999999s",
            "18446744073709551615w",
            "18446744073709551615s1s",
            "18446744073709551615:00:00",
        ] {
            assert_eq!(
                parse(text.as_bytes()),
                Err(DurationError::Overflow),
                "{text}"
            );
        }
    }

    #[test]
    fn durations_are_written_without_their_zero_parts() {
        for (duration, text) in [
            (Duration::ZERO, "0s"),
            (Duration::from_secs(86_352), "23h59m12s"),
            (Duration::from_secs(604_860), "1w1m"),
            (Duration::from_micros(14_612), "14ms612us"),
            (Duration::from_millis(1_500), "1s500ms"),
        ] {
            assert_eq!(format(duration), text);
        }
    }
}
