//! What the demo's Redis holds: the keys that the portal and its Celery workers leave there.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::broker::{broker, results};
use crate::containers::{LAST_RUN, LOST_TASK, STOPPED};

/// A value of one of the types that the portal uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A string.
    Text(String),
    /// A list, its head first.
    List(Vec<String>),
    /// A hash, its fields in order.
    Hash(Vec<(String, String)>),
    /// A set.
    Set(Vec<String>),
    /// A sorted set, the lowest score first.
    Sorted(Vec<(String, f64)>),
}

impl Value {
    /// Holds it nothing? Texts may be empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::List(elements) | Self::Set(elements) => elements.is_empty(),
            Self::Hash(fields) => fields.is_empty(),
            Self::Sorted(members) => members.is_empty(),
        }
    }
}

/// A value and the seconds it had left at the start, `None` for one that stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// How long it lives, counted from the start of the demo.
    pub lifetime: Option<Duration>,
}

/// A key of Redis, and what it holds.
pub type Database = BTreeMap<String, Entry>;

/// How long the portal's run lock lives, in seconds.
const RUN_LOCK: u64 = 3_600;

/// The databases by number, as the portal divides them: 0 its own keys, 1 the broker of Celery,
/// 2 the results.
pub fn databases() -> Vec<Database> {
    let now = now();
    vec![own_keys(now), broker(), results(now), Database::new()]
}

fn own_keys(now: u64) -> Database {
    Database::from([
        forever(
            "quota_sync:last_run_ts",
            Value::Text((now - LAST_RUN.unsigned_abs()).to_string()),
        ),
        // Of a run whose worker was killed.
        lasting(
            "quota_sync:run_lock",
            RUN_LOCK - STOPPED.unsigned_abs(),
            Value::Text(LOST_TASK.into()),
        ),
        lasting("cb:mikrotik:state", 3100, Value::Text(closed_breaker())),
        lasting("cb:whatsapp:state", 2200, Value::Text(open_breaker(now))),
        forever(
            "celery:dlq",
            Value::List(vec![
                dead_letter("628125550107", now - 86_400),
                dead_letter("628125550112", now - 3_400),
            ]),
        ),
        lasting(
            "metrics:hotspot.sync.lock.degraded",
            60_000,
            Value::Text("2".into()),
        ),
        lasting(
            "metrics:policy.parity.guard.mismatches",
            61_000,
            Value::Text("3".into()),
        ),
        forever(
            "quota:last_bytes:mac:0A:5E:1C:3F:00:02",
            Value::Text("167772162".into()),
        ),
        forever(
            "quota:last_bytes:mac:0A:5E:1C:D0:00:07",
            Value::Text("587202567".into()),
        ),
        lasting(
            "policy_parity:last_report",
            80_000,
            Value::Text(parity_report()),
        ),
        lasting("cache:public_settings", 120, Value::Text("{}".into())),
    ])
}

fn closed_breaker() -> String {
    r#"{"fail": 0, "open_until": 0, "half_open": 0, "half_open_success": 0}"#.into()
}

fn open_breaker(now: u64) -> String {
    format!(
        r#"{{"fail": 0, "open_until": {}, "half_open": 0, "half_open_success": 0}}"#,
        now + 45
    )
}

fn dead_letter(phone: &str, at: u64) -> String {
    format!(
        r#"{{"task": "send_whatsapp_invoice_task", "payload": {{"phone": "{phone}"}}, "error": "timed out", "created_at": {at}}}"#
    )
}

fn parity_report() -> String {
    r#"{"summary": {"users": 18, "mismatches": 3}, "items": [], "auto_remediation": {}}"#.into()
}

/// A key that stays.
pub fn forever(key: &str, value: Value) -> (String, Entry) {
    (
        key.to_owned(),
        Entry {
            value,
            lifetime: None,
        },
    )
}

/// A key that goes after so many seconds.
pub fn lasting(key: &str, seconds: u64, value: Value) -> (String, Entry) {
    (
        key.to_owned(),
        Entry {
            value,
            lifetime: Some(Duration::from_secs(seconds)),
        },
    )
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Seconds of Unix time as Celery writes them.
pub fn moment(seconds: u64) -> String {
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M:%S+00:00")
        .to_string()
}
