//! Lengths of time as people write them: `500ms`, `5s`, `2m`, `1h`, or a number of seconds.

use std::time::Duration;

/// Longest time that may be configured: a day. Longer waits are slips of the pen.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a length of time.
///
/// A bare number counts seconds. Zero, negative lengths and more than a day are refused.
///
/// # Errors
/// A sentence that says what may be written.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(not_a_duration(text)),
    };
    let number: f64 = number.parse().map_err(|_| not_a_duration(text))?;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|length| !length.is_zero() && *length <= LONGEST)
        .ok_or_else(|| format!("`{text}` is not between 1ms and 24h"))
}

fn not_a_duration(text: &str) -> String {
    format!("`{text}` is not a length of time; write for instance 500ms, 5s, 2m or 1h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_and_without_a_unit() {
        for (text, milliseconds) in [
            ("5", 5000),
            ("5s", 5000),
            (" 1.5 s ", 1500),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn nonsense_zero_and_endless_durations_are_refused() {
        for text in [
            "",
            "s",
            "-1s",
            "0",
            "0ms",
            "5 parsecs",
            "1e9",
            "25h",
            "1.2.3s",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
