//! What keeps a run of the usage sync from beginning.

use bigdecimal::num_bigint::BigInt;
use jiff::Timestamp;

use crate::number::whole_number;
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
}

/// A reason why a run that is asked for now does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The last run ended less than an interval ago.
    Throttled,
    /// A run holds a lock.
    Locked,
    /// The portal does not ask the router for a while, because it failed too often.
    BreakerOpen,
}

impl Hindrance {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Hindrance::Throttled => "throttled",
            Hindrance::Locked => "locked",
            Hindrance::BreakerOpen => "breaker_open",
        }
    }
}

/// Everything that keeps a run from beginning at `now`.
#[must_use]
pub fn hindrances(keys: &RunKeys, settings: &Settings, now: Timestamp) -> Vec<Hindrance> {
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
            let found = hindrances(
                &keys,
                &Settings::new(HashMap::new(), environment, None),
                now(),
            );
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
        };
        let words = |keys: &RunKeys| {
            let found = hindrances(keys, &settings, now()).into_iter();
            found.map(Hindrance::word).collect::<Vec<_>>()
        };
        assert_eq!(words(&keys(true, NOW + 1)), ["locked", "breaker_open"]);
        assert_eq!(words(&keys(false, NOW)), [""; 0]);
    }

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap_or_default()
    }
}
