//! Durations in the router's words.

use std::time::Duration;

/// Reads `1w2d3h4m5s`, `500ms`, `00:04:59`, `1d 02:03:04` or a bare number of seconds.
///
/// The forms are those of the manual ("Scripting", time values). `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        if after.starts_with(':') {
            return total.checked_add(clock_time(rest)?);
        }
        let (unit, after) = leading_unit(after);
        total = total.checked_add(unit_length(unit)?.checked_mul(number)?)?;
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    Some(total)
}

/// Writes whole seconds as `1w2d3h4m5s`, leaving out what is zero; nothing at all is `0s`.
pub(crate) fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 604_800, 'w'),
        (seconds / 86_400 % 7, 'd'),
        (seconds / 3_600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let mut text = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&count.to_string());
        text.push(unit);
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

fn leading_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn unit_length(unit: &str) -> Option<Duration> {
    Some(match unit {
        "w" => Duration::from_secs(604_800),
        "d" => Duration::from_secs(86_400),
        "h" => Duration::from_secs(3_600),
        "m" => Duration::from_secs(60),
        "s" | "" => Duration::from_secs(1),
        "ms" => Duration::from_millis(1),
        "us" => Duration::from_micros(1),
        _ => return None,
    })
}

fn clock_time(text: &str) -> Option<Duration> {
    let parts: Vec<u64> = text
        .splitn(4, ':')
        .map(|part| part.parse::<u32>().ok().map(u64::from))
        .collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes] => Some(Duration::from_secs(hours * 3_600 + minutes * 60)),
        [hours, minutes, seconds] => {
            Some(Duration::from_secs(hours * 3_600 + minutes * 60 + seconds))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_form_of_the_router() {
        for (text, seconds) in [
            ("1w2d3h4m5s", 788_645),
            ("3w", 1_814_400),
            ("00:04:59", 299),
            ("1d 02:03:04", 93_784),
            ("1d02:03:04", 93_784),
            ("02:03", 7_380),
            ("90", 90),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("14ms612us"), Some(Duration::from_micros(14_612)));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            "none",
            "1x",
            "-1s",
            "s",
            "1:2:3:4",
            "99999999999s",
            "é",
            "1é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_written_without_their_zero_parts() {
        for (seconds, text) in [(0, "0s"), (86_352, "23h59m12s"), (604_860, "1w1m")] {
            assert_eq!(format(Duration::from_secs(seconds)), text);
        }
    }
}
