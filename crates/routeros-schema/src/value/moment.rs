//! Dates and times of day.

use std::fmt;

/// A date, a time of day, or both.
///
/// RouterOS 6 writes `apr/03/2017 19:20:25`, RouterOS 7 `2017-04-03 19:20:25`, and menus such as
/// `/log` leave out the date of today. All are read; written is what RouterOS 7 writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Year, month and day.
    pub date: Option<(u16, u8, u8)>,
    /// Hour, minute and second.
    pub time: Option<(u8, u8, u8)>,
}

impl Moment {
    /// Reads a date, a time of day, or both with one blank between.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (date, time) = match text.split_once(' ') {
            Some((date, time)) => (Some(date_of(date)?), Some(time_of(time)?)),
            None if text.contains(':') => (None, Some(time_of(text)?)),
            None => (Some(date_of(text)?), None),
        };
        Some(Self { date, time })
    }

    /// The same as RouterOS before 7.10 writes it: `apr/03/2017 19:20:25`.
    pub fn to_month_first(&self) -> String {
        let date = self.date.map(|(year, month, day)| {
            let month = MONTHS[usize::from(month) - 1];
            format!("{month}/{day:02}/{year:04}")
        });
        let time = Self {
            date: None,
            ..*self
        };
        let time = self.time.map(|_| time.to_string());
        let parts: Vec<String> = date.into_iter().chain(time).collect();
        parts.join(" ")
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((year, month, day)) = self.date {
            write!(formatter, "{year:04}-{month:02}-{day:02}")?;
        }
        if self.date.is_some() && self.time.is_some() {
            formatter.write_str(" ")?;
        }
        match self.time {
            Some((hour, minute, second)) => {
                write!(formatter, "{hour:02}:{minute:02}:{second:02}")
            }
            None => Ok(()),
        }
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn date_of(text: &str) -> Option<(u16, u8, u8)> {
    let (year, month, day) = match text.contains('/') {
        true => {
            let [month, day, year] = three(text, '/')?;
            let month = MONTHS
                .iter()
                .position(|name| name.eq_ignore_ascii_case(month))?;
            (year, u8::try_from(month).ok()? + 1, day)
        }
        false => {
            let [year, month, day] = three(text, '-')?;
            (year, digits(month, 2)? as u8, day)
        }
    };
    let (year, day) = (digits(year, 4)?, digits(day, 2)? as u8);
    (1..=days_of(year, month)?)
        .contains(&day)
        .then_some((year, month, day))
}

fn time_of(text: &str) -> Option<(u8, u8, u8)> {
    let [hour, minute, second] = three(text, ':')?;
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    (hour < 24 && minute < 60 && second < 60).then_some((hour as u8, minute as u8, second as u8))
}

fn three(text: &str, between: char) -> Option<[&str; 3]> {
    let mut parts = text.split(between);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn digits(text: &str, count: usize) -> Option<u16> {
    let are_digits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

fn days_of(year: u16, month: u8) -> Option<u8> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_both_generations_are_written_as_the_younger_one_does() {
        for (text, written) in [
            ("apr/03/2017 19:20:25", "2017-04-03 19:20:25"),
            ("Dec/04/2020 14:19:51", "2020-12-04 14:19:51"),
            ("2026-05-31 00:00:00", "2026-05-31 00:00:00"),
            ("may/31/2026", "2026-05-31"),
            ("2024-02-29", "2024-02-29"),
            ("19:20:25", "19:20:25"),
        ] {
            let moment = Moment::parse(text.as_bytes()).unwrap();
            assert_eq!(moment.to_string(), written);
            let old = moment.to_month_first();
            assert_eq!(Moment::parse(old.as_bytes()), Some(moment), "{old}");
        }
    }

    #[test]
    fn a_date_is_written_with_its_month_first_for_the_older_one() {
        for (text, written) in [
            ("2017-04-03 19:20:25", "apr/03/2017 19:20:25"),
            ("2026-12-31", "dec/31/2026"),
            ("19:20:25", "19:20:25"),
        ] {
            let moment = Moment::parse(text.as_bytes()).unwrap();
            assert_eq!(moment.to_month_first(), written);
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            " ",
            "never",
            "2023-02-29",
            "2026-13-01",
            "2026-5-31",
            "31/may/2026",
            "24:00:00",
            "10:60:00",
            "10:00",
            "2026-05-31  10:00:00",
            "apr/03 19:20:25",
            "2026-05-31 ",
        ] {
            assert_eq!(Moment::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn dates_are_in_the_order_of_time() {
        let moment = |text: &str| Moment::parse(text.as_bytes()).unwrap();
        assert!(moment("dec/31/2016 23:59:59") < moment("2017-01-01 00:00:00"));
        assert!(moment("apr/03/2017 19:20:25") < moment("mar/01/2018 00:00:00"));
    }
}
