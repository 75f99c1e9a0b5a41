//! Whether a service's clock agrees with this machine's.

use jiff::Timestamp;

use super::Check;
use crate::clock::ToldTime;
use catalogue::{Argument, Said};
use sentences::{
    DoctorClockAdvice, DoctorClockAgrees, DoctorClockAhead, DoctorClockBehind, DoctorClockByHand,
    DoctorClockTold,
};

/// How far clocks may differ, in seconds: answers take time, and routers show whole seconds.
const CLOSE: i64 = 30;
/// From here on a debt's due date, an expiry and the sync's throttle go wrong, in seconds.
const FAR: i64 = 300;

/// Compares a service's clock with this machine's.
pub fn check(id: &str, theirs: Timestamp, ours: Timestamp) -> Check {
    let off = theirs.as_second() - ours.as_second();
    if off.abs() <= CLOSE {
        return Check::pass(id, DoctorClockAgrees);
    }
    let (count, unit) = in_units(off.unsigned_abs());
    let evidence: Said = match off > 0 {
        true => DoctorClockAhead { count, unit }.into(),
        false => DoctorClockBehind { count, unit }.into(),
    };
    match off.abs() < FAR {
        true => Check::warn(id, evidence, DoctorClockAdvice),
        false => Check::fail(id, evidence, DoctorClockAdvice),
    }
}

/// Compares the time a service told with this machine's.
pub fn check_told(id: &str, told: &ToldTime) -> Check {
    match told.time {
        Some(theirs) => check(id, theirs, Timestamp::now()),
        None => Check::unknown(id, DoctorClockTold { time: &told.text }, DoctorClockByHand),
    }
}

/// A number of seconds in its largest unit, by the name that the sentences have for it.
fn in_units(seconds: u64) -> (Argument, &'static str) {
    let (count, unit) = match seconds {
        ..=119 => (seconds, "seconds"),
        120..=7199 => (seconds / 60, "minutes"),
        _ => (seconds / 3600, "hours"),
    };
    (count.into(), unit)
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
