//! Who would change something, and when.

use bigdecimal::ToPrimitive;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::number::whole_number;
use crate::setting::Settings;

/// Who changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangedBy {
    /// The usage sync, in its next run.
    UsageSync,
    /// The block for debts past their due date.
    OverdueBlock,
    /// The block for manual debts at the end of a month.
    EndOfMonthBlock,
    /// The sync of unauthorised hosts, in its next run.
    UnauthorizedSync,
    /// The parity guard, in its next run.
    ParityGuard,
    /// A payment of the user; the usage sync then writes what follows.
    Payment,
    /// An administrator of the portal.
    Operator,
    /// No task of the portal: it stays until somebody changes it on the router.
    Nobody,
    /// It cannot be told.
    Unknown,
}

/// Something that a task will do to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// The task.
    pub by: ChangedBy,
    /// When, where its time is fixed; else at its next run.
    pub at: Option<Timestamp>,
}

impl ChangedBy {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ChangedBy::UsageSync => "usage_sync",
            ChangedBy::OverdueBlock => "overdue_block",
            ChangedBy::EndOfMonthBlock => "end_of_month_block",
            ChangedBy::UnauthorizedSync => "unauthorized_sync",
            ChangedBy::ParityGuard => "parity_guard",
            ChangedBy::Payment => "payment",
            ChangedBy::Operator => "operator",
            ChangedBy::Nobody => "nobody",
            ChangedBy::Unknown => "unknown",
        }
    }
}

/// When the overdue block runs next: each day at a time of UTC. `None` where the variables that set
/// the time are no time: then no process of the portal runs.
pub(super) fn next_overdue_block_at(now: Timestamp, settings: &Settings) -> Option<Timestamp> {
    let number = |name, default: i8, most: i8| {
        let Some(text) = settings.environment(name) else {
            return Some(default);
        };
        let number = whole_number(text)?.to_i8()?;
        (0..=most).contains(&number).then_some(number)
    };
    let hour = number("OVERDUE_DEBT_BLOCK_CRON_HOUR", 8, 23)?;
    let minute = number("OVERDUE_DEBT_BLOCK_CRON_MINUTE", 0, 59)?;
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let next = at(today, (hour, minute), &TimeZone::UTC)?;
    if next >= now {
        return Some(next);
    }
    let tomorrow = today.checked_add(1.day()).ok()?;
    at(tomorrow, (hour, minute), &TimeZone::UTC)
}

/// When the block at the end of a month comes next, by the site's clock: now, within its hour.
pub(super) fn next_end_of_month_at(now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    const HOUR: i8 = 23;
    let today = now.to_zoned_datetime(zone.clone()).date();
    let begins = at(today.last_of_month(), (HOUR, 0), zone)?;
    Some(begins.max(now))
}

/// A time by the clock on the wall, also where a day has 23 or 25 hours.
fn at(day: Date, (hour, minute): (i8, i8), zone: &TimeZone) -> Option<Timestamp> {
    let moment = day.at(hour, minute, 0, 0).to_zoned_datetime(zone.clone());
    moment.ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_overdue_block_comes_at_a_time_of_utc() {
        // The hour and the minute in the environment, now, and the next run.
        let table = [
            (None, "2026-11-27T07:59:59Z", Some("2026-11-27T08:00:00Z")),
            (None, "2026-11-27T08:00:00Z", Some("2026-11-27T08:00:00Z")),
            (None, "2026-11-30T08:00:01Z", Some("2026-12-01T08:00:00Z")),
            (
                Some(("16", "30")),
                "2026-11-27T08:00:01Z",
                Some("2026-11-27T16:30:00Z"),
            ),
            (Some(("24", "0")), "2026-11-27T08:00:01Z", None),
            (Some(("", "0")), "2026-11-27T08:00:01Z", None),
        ];
        for (set, now, expected) in table {
            let mut environment = BTreeMap::new();
            if let Some((hour, minute)) = set {
                environment.insert("OVERDUE_DEBT_BLOCK_CRON_HOUR".into(), hour.into());
                environment.insert("OVERDUE_DEBT_BLOCK_CRON_MINUTE".into(), minute.into());
            }
            let settings = Settings::new(HashMap::new(), environment, None);
            let next = next_overdue_block_at(time(now), &settings);
            assert_eq!(next, expected.map(time), "{set:?} {now}");
        }
    }

    #[test]
    fn a_month_ends_by_the_sites_clock() {
        let zone = TimeZone::get("Asia/Makassar").unwrap();
        for (now, expected) in [
            ("2026-11-27T12:00:00Z", "2026-11-30T15:00:00Z"),
            ("2026-11-30T15:20:00Z", "2026-11-30T15:20:00Z"),
            ("2026-11-30T16:00:00Z", "2026-12-31T15:00:00Z"),
            ("2027-02-01T00:00:00Z", "2027-02-28T15:00:00Z"),
        ] {
            assert_eq!(
                next_end_of_month_at(time(now), &zone),
                Some(time(expected)),
                "{now}"
            );
        }
    }
}
