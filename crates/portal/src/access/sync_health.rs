//! Whether the usage sync runs at all.

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;
use jiff::Timestamp;

use crate::number::whole_number;
use crate::setting::Settings;
use crate::sync::RunKeys;

/// What is known of the runs of the usage sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncHealth {
    /// It ran a short time ago.
    Runs,
    /// It has not run for longer than a run can be late.
    Dead {
        /// When its last run ended.
        since: Timestamp,
    },
    /// No run is known: none was, or Redis has lost the stamp.
    #[default]
    Unknown,
}

impl SyncHealth {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            SyncHealth::Runs => "runs",
            SyncHealth::Dead { .. } => "dead",
            SyncHealth::Unknown => "unknown",
        }
    }

    /// Since when it has not run, where it is dead.
    #[must_use]
    pub fn since(self) -> Option<Timestamp> {
        match self {
            SyncHealth::Dead { since } => Some(since),
            SyncHealth::Runs | SyncHealth::Unknown => None,
        }
    }

    /// By the stamp that each run leaves at its end. A run comes every two intervals, because the tick
    /// one interval after the stamp is a little too early; two of them may fail to come, and one may
    /// take as long as it is allowed to.
    #[must_use]
    pub fn of(keys: &RunKeys, settings: &Settings, now: Timestamp) -> SyncHealth {
        const LEAST_SECONDS: i64 = 30;
        const LONGEST_RUN_SECONDS: i64 = 360;
        let stamp = keys.last_run.as_deref().and_then(whole_number);
        let stamp = stamp.and_then(|stamp| stamp.to_i64());
        let Some(since) = stamp.and_then(|stamp| Timestamp::from_second(stamp).ok()) else {
            return SyncHealth::Unknown;
        };
        let interval = settings.int("QUOTA_SYNC_INTERVAL_SECONDS", &BigInt::from(300));
        let interval = interval.to_i64().unwrap_or(i64::MAX).max(LEAST_SECONDS);
        let late = interval
            .saturating_mul(4)
            .saturating_add(LONGEST_RUN_SECONDS);
        if now.as_second().saturating_sub(since.as_second()) > late {
            SyncHealth::Dead { since }
        } else {
            SyncHealth::Runs
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    #[test]
    fn a_sync_is_dead_if_no_run_ended_for_four_intervals_and_a_run() {
        const NOW: i64 = 1_780_228_800;
        // The interval, the age of the last run, and whether it is dead.
        let table = [
            ("", 1560, false),
            ("", 1561, true),
            ("60", 600, false),
            ("60", 601, true),
            ("5", 480, false),
            ("5", 481, true),
            ("", -1000, false),
        ];
        for (interval, age, is_dead) in table {
            let environment =
                BTreeMap::from([("QUOTA_SYNC_INTERVAL_SECONDS".into(), interval.into())]);
            let settings = Settings::new(HashMap::new(), environment, None);
            let keys = RunKeys {
                last_run: Some((NOW - age).to_string()),
                ..RunKeys::default()
            };
            let health = SyncHealth::of(&keys, &settings, Timestamp::from_second(NOW).unwrap());
            assert_eq!(
                matches!(health, SyncHealth::Dead { .. }),
                is_dead,
                "{interval} {age}"
            );
        }
        for stamp in [None, Some("soon".to_owned()), Some("9".repeat(40))] {
            let keys = RunKeys {
                last_run: stamp,
                ..RunKeys::default()
            };
            let settings = Settings::new(HashMap::new(), BTreeMap::new(), None);
            let health = SyncHealth::of(&keys, &settings, Timestamp::UNIX_EPOCH);
            assert_eq!(health, SyncHealth::Unknown);
        }
    }
}
