//! What keeps a run of the usage sync from beginning.

use bigdecimal::num_bigint::BigInt;
use jiff::Timestamp;

use crate::access::SyncHealth;
use crate::number::whole_number;
use crate::schedule;
use crate::setting::Settings;

/// The shortest time between two runs, whatever the setting says.
const LEAST_SECONDS: i64 = 30;

/// What Redis holds about the runs of the sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunKeys {
    /// `quota_sync:last_run_ts`.
    pub last_run: Option<String>,
    /// `quota_sync:run_lock` or `quota:sync_lock:global` is there.
    pub is_locked: bool,
    /// `cb:mikrotik:state`, the circuit breaker of the router in JSON.
    pub breaker: Option<String>,
    /// When another task that only beat starts was last seen at work, in seconds after 1970.
    pub other_task: Option<i64>,
}

/// What is known of the surroundings of the next run.
#[derive(Clone, Copy)]
pub struct Surroundings<'site> {
    /// What Redis holds; `None` where it cannot be reached.
    pub keys: Option<&'site RunKeys>,
    /// Can the router be reached, and logged in to?
    pub reaches_router: bool,
    /// The settings.
    pub settings: &'site Settings,
    /// The present.
    pub now: Timestamp,
}

/// A reason why a run that is asked for now does nothing, or why none is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The last run ended less than an interval ago.
    Throttled,
    /// A run holds a lock.
    Locked,
    /// The portal does not ask the router for a while, because it failed too often.
    BreakerOpen,
    /// The router cannot be reached.
    RouterUnreachable,
    /// Redis, which brings the task from beat to the worker, cannot be reached.
    RedisUnreachable,
    /// A setting lets each process of the portal end as it starts.
    ScheduleInvalid,
    /// Nothing that beat starts has run for long.
    BeatDead,
    /// Other tasks run that beat starts, and no run of the sync has ended for long.
    SyncDead,
}

impl Hindrance {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Hindrance::Throttled => "throttled",
            Hindrance::Locked => "locked",
            Hindrance::BreakerOpen => "breaker_open",
            Hindrance::RouterUnreachable => "router_unreachable",
            Hindrance::RedisUnreachable => "redis_unreachable",
            Hindrance::ScheduleInvalid => "schedule_invalid",
            Hindrance::BeatDead => "beat_dead",
            Hindrance::SyncDead => "sync_dead",
        }
    }
}

/// How long after their last sign the other tasks of beat are taken to run: the rarest comes each ten
/// minutes, and takes up to five.
const OTHER_TASK_SECONDS: i64 = 900;

/// Everything that keeps the sync from running.
#[must_use]
pub fn hindrances(around: &Surroundings<'_>) -> Vec<Hindrance> {
    let of_keys = match around.keys {
        Some(keys) => of_keys(keys, around.settings, around.now),
        None => vec![Hindrance::RedisUnreachable],
    };
    let router = (!around.reaches_router).then_some(Hindrance::RouterUnreachable);
    let has_bad_schedule = !schedule::problems(|name| around.settings.environment(name)).is_empty();
    let schedule = has_bad_schedule.then_some(Hindrance::ScheduleInvalid);
    let dead = around
        .keys
        .and_then(|keys| dead(keys, around.settings, around.now));
    let all = of_keys.into_iter().chain(router).chain(schedule);
    all.chain(dead).collect()
}

/// What Redis tells of locks, throttle and breaker.
fn of_keys(keys: &RunKeys, settings: &Settings, now: Timestamp) -> Vec<Hindrance> {
    let now = now.as_second();
    let interval = settings.int("QUOTA_SYNC_INTERVAL_SECONDS", &BigInt::from(300));
    let least = interval.max(BigInt::from(LEAST_SECONDS));
    let last = keys.last_run.as_deref().and_then(whole_number);
    let is_throttled = last.is_some_and(|last| BigInt::from(now) - last < least);
    let is_open = keys.breaker.as_deref().and_then(open_until);
    let is_open = is_open.is_some_and(|until| until > now as f64);
    [
        (is_throttled, Hindrance::Throttled),
        (keys.is_locked, Hindrance::Locked),
        (is_open, Hindrance::BreakerOpen),
    ]
    .into_iter()
    .filter_map(|(is_so, hindrance)| is_so.then_some(hindrance))
    .collect()
}

/// No run has ended for long: does beat send anything at all?
fn dead(keys: &RunKeys, settings: &Settings, now: Timestamp) -> Option<Hindrance> {
    let is_dead = matches!(SyncHealth::of(keys, settings, now), SyncHealth::Dead { .. });
    let age = keys.other_task.map(|at| now.as_second().saturating_sub(at));
    let runs_others = age.is_some_and(|age| age <= OTHER_TASK_SECONDS);
    is_dead.then_some(match runs_others {
        true => Hindrance::SyncDead,
        false => Hindrance::BeatDead,
    })
}

/// Until when a circuit breaker is open, in Unix time.
fn open_until(state: &str) -> Option<f64> {
    let state: serde_json::Value = serde_json::from_str(state).ok()?;
    state.get("open_until")?.as_f64()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    const NOW: i64 = 1_780_228_800;

    #[test]
    fn a_run_waits_for_its_interval_but_never_less_than_half_a_minute() {
        // The interval, the age of the last run, and whether the next one is passed over.
        let table = [
            ("", 299, true),
            ("", 300, false),
            ("60", 59, true),
            ("60", 60, false),
            ("5", 29, true),
            ("5", 30, false),
            // A stamp of the future holds the sync up as well.
            ("", -1000, true),
        ];
        for (interval, age, is_throttled) in table {
            let environment =
                BTreeMap::from([("QUOTA_SYNC_INTERVAL_SECONDS".into(), interval.into())]);
            let keys = RunKeys {
                last_run: Some((NOW - age).to_string()),
                ..RunKeys::default()
            };
            let settings = Settings::new(HashMap::new(), environment, None);
            let found = hindrances(&around(Some(&keys), &settings));
            let expected = is_throttled.then_some(Hindrance::Throttled);
            assert_eq!(found, Vec::from_iter(expected), "{interval} {age}");
        }
    }

    #[test]
    fn a_lock_and_an_open_breaker_hold_a_run_up() {
        let settings = Settings::new(HashMap::new(), BTreeMap::new(), None);
        let keys = |is_locked, until: i64| RunKeys {
            last_run: None,
            is_locked,
            breaker: Some(format!(r#"{{"fail": 5, "open_until": {until}}}"#)),
            other_task: None,
        };
        let words = |keys: &RunKeys| {
            let found = hindrances(&around(Some(keys), &settings)).into_iter();
            found.map(Hindrance::word).collect::<Vec<_>>()
        };
        assert_eq!(words(&keys(true, NOW + 1)), ["locked", "breaker_open"]);
        assert_eq!(words(&keys(false, NOW)), [""; 0]);
    }

    #[test]
    fn a_sync_that_has_not_run_for_long_lacks_beat_unless_others_of_its_tasks_run() {
        let settings = Settings::new(HashMap::new(), BTreeMap::new(), None);
        // The age of the last run, that of the last sign of another task, and the reason.
        for (age, other, expected) in [
            (1560, None, None),
            (1561, None, Some("beat_dead")),
            (1561, Some(901), Some("beat_dead")),
            (1561, Some(900), Some("sync_dead")),
            (1561, Some(-5), Some("sync_dead")),
            (1560, Some(5000), None),
        ] {
            let keys = RunKeys {
                last_run: Some((NOW - age).to_string()),
                other_task: other.map(|age| NOW - age),
                ..RunKeys::default()
            };
            let found = hindrances(&around(Some(&keys), &settings));
            let words: Vec<&str> = found.into_iter().map(Hindrance::word).collect();
            assert_eq!(words, Vec::from_iter(expected), "{age} {other:?}");
        }
    }

    #[test]
    fn what_cannot_be_reached_and_what_ends_all_processes_is_named_beside_the_rest() {
        let environment = |hour: &str| {
            let hour = ("OVERDUE_DEBT_BLOCK_CRON_HOUR".into(), hour.into());
            Settings::new(HashMap::new(), BTreeMap::from([hour]), None)
        };
        let locked = RunKeys {
            is_locked: true,
            ..RunKeys::default()
        };
        for (keys, reaches_router, hour, expected) in [
            (Some(&locked), true, "8", vec!["locked"]),
            (
                Some(&locked),
                false,
                "8",
                vec!["locked", "router_unreachable"],
            ),
            (None, true, "8", vec!["redis_unreachable"]),
            (
                None,
                false,
                "24",
                vec![
                    "redis_unreachable",
                    "router_unreachable",
                    "schedule_invalid",
                ],
            ),
        ] {
            let settings = environment(hour);
            let around = Surroundings {
                reaches_router,
                ..around(keys, &settings)
            };
            let found = hindrances(&around).into_iter();
            assert_eq!(found.map(Hindrance::word).collect::<Vec<_>>(), expected);
        }
    }

    fn around<'site>(
        keys: Option<&'site RunKeys>,
        settings: &'site Settings,
    ) -> Surroundings<'site> {
        Surroundings {
            keys,
            reaches_router: true,
            settings,
            now: Timestamp::from_second(NOW).unwrap_or_default(),
        }
    }
}
