//! Whether a service's clock agrees with this machine's.

use jiff::Timestamp;

use super::Check;
use crate::clock::ToldTime;

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

/// Compares the time a service told with this machine's.
pub fn check_told(id: &str, told: &ToldTime) -> Check {
    match told.time {
        Some(theirs) => check(id, theirs, Timestamp::now()),
        None => Check::unknown(
            id,
            format!("the service tells its time as `{}`", told.text),
            "compare it with `date` by hand",
        ),
    }
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
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_two_hours_off_fails_and_a_minute_warns() {
        let ours: Timestamp = "2026-05-31T12:00:00Z".parse().unwrap();
        let off = |seconds: i64| {
            let theirs = Timestamp::from_second(ours.as_second() + seconds).unwrap();
            check("clock", theirs, ours).status
        };
        assert_eq!(off(7200), Status::Fail);
        assert_eq!(off(-7200), Status::Fail);
        assert_eq!(off(60), Status::Warn);
        assert_eq!(off(-30), Status::Pass);
    }
}
