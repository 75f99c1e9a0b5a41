//! What the demo's Redis holds: the keys that the portal and its Celery leave there, and one worker
//! with nothing to do. Nothing was sent since its beat stopped.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use portal::redis_key;
use redis_wire::celery;

use super::value::{Database, Entry, Value, forever, lasting};
use super::worker::Worker;
use crate::containers::{DONE_TASK, LAST_RUN, LOST_TASK, STOPPED};

/// Results live for a day.
const RESULT_LIFETIME: u64 = 86_400;
/// How long the portal's run lock lives, in seconds.
const RUN_LOCK: u64 = 3_600;

/// The databases by number, as the portal divides them.
pub fn databases() -> Vec<Database> {
    let now = now();
    vec![own_keys(now), broker(), results(now), Database::new()]
}

fn own_keys(now: u64) -> Database {
    Database::from([
        forever(
            redis_key::LAST_RUN,
            Value::Text((now - LAST_RUN.unsigned_abs()).to_string()),
        ),
        // Of a run whose worker was killed.
        lasting(
            redis_key::RUN_LOCK,
            RUN_LOCK - STOPPED.unsigned_abs(),
            Value::Text(LOST_TASK.into()),
        ),
        lasting(
            redis_key::ROUTER_BREAKER,
            3100,
            Value::Text(closed_breaker()),
        ),
        lasting(
            redis_key::WHATSAPP_BREAKER,
            2200,
            Value::Text(open_breaker(now)),
        ),
        forever(
            redis_key::DEAD_LETTERS,
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
            redis_key::PARITY_REPORT,
            80_000,
            Value::Text(parity_report()),
        ),
        lasting(redis_key::PUBLIC_SETTINGS, 120, Value::Text("{}".into())),
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

/// The workers of the demo.
pub fn workers() -> Vec<Worker> {
    vec![Worker::idle("celery@demo")]
}

/// The database of the broker: nothing waits, as nothing is sent.
fn broker() -> Database {
    let queues = ["celery".to_owned(), celery::list_of("celery", 3)];
    let bindings = queues.map(|queue| celery::binding("celery", &queue));
    Database::from([forever(celery::QUEUE_BINDINGS, Value::Set(bindings.into()))])
}

/// The database of the results: the last tasks that ended.
fn results(now: u64) -> Database {
    let last_run = LAST_RUN.unsigned_abs();
    let success = |ago: u64, result: &str| {
        let at = moment(now - ago);
        format!(r#"{{"status": "SUCCESS", "result": {result}, "date_done": "{at}"}}"#)
    };
    let failure = format!(
        r#"{{"status": "FAILURE", "result": {{"exc_type": "ConnectTimeout", "exc_message": ["timed out"], "exc_module": "requests.exceptions"}}, "date_done": "{}"}}"#,
        moment(now - 3_400)
    );
    let skipped = "b9e55c1e-55a9-43f4-bb7a-6f1a7e2d4c02";
    let letter = "e7d0b6f8-2a94-4b3d-9d5e-7c1a90b2f6d5";
    Database::from([
        result(DONE_TASK, last_run, success(last_run, "null")),
        result(letter, 3_400, failure),
        result(skipped, 3_330, success(3_330, "null")),
    ])
}

fn result(id: &str, ago: u64, json: String) -> (String, Entry) {
    let key = format!("{}{id}", celery::RESULT);
    lasting(&key, RESULT_LIFETIME - ago, Value::Text(json))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Seconds of Unix time as Celery writes them.
fn moment(seconds: u64) -> String {
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M:%S+00:00")
        .to_string()
}
