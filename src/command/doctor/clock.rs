//! Whether a service's clock agrees with this machine's.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::fmt::strtime;
use jiff::tz::Offset;

use super::check::Check;

/// How far clocks may differ, in seconds: answers take time, and routers show whole seconds.
const CLOSE: i64 = 30;
/// From here on a debt's due date, an expiry and the sync's throttle go wrong, in seconds.
const FAR: i64 = 300;

const ADVICE: &str =
    "set up NTP on both machines; expiry, due dates and the sync's throttle go by the clock";

/// Compares a service's clock with this machine's.
pub fn check(id: &str, theirs: Timestamp, ours: Timestamp) -> Check {
    let off = theirs.as_second() - ours.as_second();
    if off.abs() <= CLOSE {
        return Check::pass(id, "agrees with this machine's");
    }
    let side = if off > 0 { "ahead of" } else { "behind" };
    let evidence = format!("{} {side} this machine's", spoken(off.abs()));
    if off.abs() < FAR {
        return Check::warn(id, evidence, ADVICE);
    }
    Check::fail(id, evidence, ADVICE)
}

/// The time a router tells with `date` (`2026-05-31`, before RouterOS 7.10 `may/31/2026`), `time`
/// and `gmt-offset` (`+08:00`), the fields of `/system/clock` (MikroTik manual, "Clock").
pub fn of_router(date: &str, time: &str, offset: &str) -> Option<Timestamp> {
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

/// A number of seconds in its largest unit.
fn spoken(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
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
                of_router(date, time, offset),
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
                of_router(date, time, offset),
                None,
                "{date} {time} {offset}"
            );
        }
    }

    #[test]
    fn a_clock_two_hours_off_fails_and_a_minute_warns() {
        let ours: Timestamp = "2026-05-31T12:00:00Z".parse().unwrap();
        let off = |seconds: i64| {
            let theirs = Timestamp::from_second(ours.as_second() + seconds).unwrap();
            check("clock", theirs, ours).cells()[0].clone()
        };
        assert_eq!(off(7200), "fail");
        assert_eq!(off(-7200), "fail");
        assert_eq!(off(60), "warn");
        assert_eq!(off(-30), "pass");
    }
}
