//! What the services of a site take for the present time.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::fmt::strtime;
use jiff::tz::Offset;

/// The time as a service told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldTime {
    /// The service's own words.
    pub text: String,
    /// The time they mean; `None` for a form that is not known.
    pub time: Option<Timestamp>,
}

impl ToldTime {
    /// The time that a text of whole seconds after 1970 means.
    pub(super) fn of_seconds(seconds: &str) -> Self {
        Self {
            text: seconds.to_owned(),
            time: seconds
                .parse()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok()),
        }
    }

    /// The time that a router means by these fields of `/system/clock` (MikroTik manual, "Clock").
    pub(super) fn of_router(date: &str, time: &str, offset: &str) -> Self {
        Self {
            time: router_time(date, time, offset),
            text: format!("{date} {time} {offset}"),
        }
    }
}

/// The time of `date` (`2026-05-31`, before RouterOS 7.10 `may/31/2026`), `time` and `gmt-offset`
/// (`+08:00`).
fn router_time(date: &str, time: &str, offset: &str) -> Option<Timestamp> {
    let date: Date = date.parse().ok().or_else(|| {
        let parsed = strtime::parse("%b/%d/%Y", date).ok()?;
        parsed.to_date().ok()
    })?;
    let time: Time = time.parse().ok()?;
    let moment = date.to_datetime(time);
    offset_of(offset)?.to_timestamp(moment).ok()
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let seconds = hours.parse::<u8>().ok().map(i32::from)? * 3600
        + minutes.parse::<u8>().ok().map(i32::from)? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_tells_the_time_in_either_form() {
        let expected: Timestamp = "2026-05-31T12:00:00Z".parse().unwrap();
        for (date, time, offset) in [
            ("2026-05-31", "20:00:00", "+08:00"),
            ("may/31/2026", "20:00:00", "+08:00"),
            ("2026-05-31", "07:30:00", "-04:30"),
        ] {
            assert_eq!(
                router_time(date, time, offset),
                Some(expected),
                "{date} {offset}"
            );
        }
        for (date, time, offset) in [
            ("", "20:00:00", "+08:00"),
            ("2026-05-31", "25:00:00", "+08:00"),
            ("2026-05-31", "20:00:00", "é"),
            ("2026-05-31", "20:00:00", ""),
            ("2026-05-31", "20:00:00", "+99:99"),
        ] {
            assert_eq!(
                router_time(date, time, offset),
                None,
                "{date} {time} {offset}"
            );
        }
    }

    #[test]
    fn seconds_that_are_no_time_are_told_as_they_are() {
        assert_eq!(ToldTime::of_seconds("99999999999999").time, None);
        assert_eq!(ToldTime::of_seconds("soon").text, "soon");
        assert_eq!(
            ToldTime::of_seconds("60").time,
            Timestamp::from_second(60).ok()
        );
    }
}
