//! Moments for people: on the site's clock, to the second, without a zone, which the page has named.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment in `zone`: `2026-11-28 14:00:00`.
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    let time = time.to_zoned_datetime(zone.clone());
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The name of a zone, as a page says it.
pub fn name_of(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// A text in which each moment of RFC 3339 is in `zone`. What stands between backticks is to be copied, and stays
/// as it is.
pub fn on_clock<'a>(text: &'a str, zone: &TimeZone) -> Cow<'a, str> {
    let mut shown = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut is_quoted = false;
    for (place, letter) in text.char_indices() {
        if letter == '`' {
            is_quoted = !is_quoted;
        }
        if is_quoted || place < at || !begins_word(text, place) {
            continue;
        }
        if let Some((length, time)) = leading(&text[place..]) {
            shown.push_str(&text[copied..place]);
            shown.push_str(&moment(time, zone));
            at = place + length;
            copied = at;
        }
    }
    match copied {
        0 => text.into(),
        _ => {
            shown.push_str(&text[copied..]);
            shown.into()
        }
    }
}

fn begins_word(text: &str, place: usize) -> bool {
    let before = text[..place].chars().next_back();
    before.is_none_or(|before| !before.is_alphanumeric() && !"-.:+_/".contains(before))
}

/// The moment with which a text begins, and how many bytes it takes.
fn leading(text: &str) -> Option<(usize, Timestamp)> {
    // The shortest is `2026-11-28T06:00:00Z`.
    let is_one = text.as_bytes().get(10) == Some(&b'T') && text.as_bytes()[0].is_ascii_digit();
    let end = text.find(|c: char| !c.is_ascii_digit() && !"-:.+TZ".contains(c));
    let word = text[..end.unwrap_or(text.len())].trim_end_matches(['-', ':', '.', '+']);
    let time = is_one.then(|| word.parse().ok()).flatten()?;
    Some((word.len(), time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_of_a_text_is_on_the_clock_and_nothing_else_is_changed() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        for (text, expected) in [
            ("2026-11-28T06:00:00Z", "2026-11-28 14:00:00"),
            (
                "begun 2026-11-28T06:00:00.123456789Z by joko, over 2026-11-28T23:30:00+00:00.",
                "begun 2026-11-28 14:00:00 by joko, over 2026-11-29 07:30:00.",
            ),
            (
                "(2026-11-28T06:00:00+02:00; 2026-11-28T06:00:00Z)",
                "(2026-11-28 12:00:00; 2026-11-28 14:00:00)",
            ),
            (
                "`docker logs --since 2026-11-28T06:00:00Z` of 2026-11-28T06:00:00Z",
                "`docker logs --since 2026-11-28T06:00:00Z` of 2026-11-28 14:00:00",
            ),
            ("2026-11-28 06:00:00", "2026-11-28 06:00:00"),
            ("2026-11-28T06:00:00", "2026-11-28T06:00:00"),
            ("x2026-11-28T06:00:00Z", "x2026-11-28T06:00:00Z"),
            ("2026-13-28T06:00:00Z", "2026-13-28T06:00:00Z"),
            ("20261128-150831-d3771a", "20261128-150831-d3771a"),
            ("\u{7528}T\u{6237} \u{e9}2", "\u{7528}T\u{6237} \u{e9}2"),
            ("", ""),
        ] {
            assert_eq!(on_clock(text, &zone), expected, "{text}");
        }
    }
}
