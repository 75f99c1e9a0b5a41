//! What the demo's Celery has: one worker with nothing to do, and nothing sent since its beat
//! stopped.

use super::data::{Database, Entry, Value, forever, lasting, moment};
use super::workers::Worker;
use crate::containers::{DONE_TASK, LAST_RUN};

/// Results live for a day.
const RESULT_LIFETIME: u64 = 86_400;

/// The workers of the demo.
pub fn workers() -> Vec<Worker> {
    vec![Worker::idle("celery@demo")]
}

/// The database of the broker: nothing waits, as nothing is sent.
pub fn broker() -> Database {
    let bindings = ["celery", "celery\u{6}\u{16}3"]
        .map(|queue| format!("celery\u{6}\u{16}\u{6}\u{16}{queue}"));
    Database::from([forever(
        "_kombu.binding.celery",
        Value::Set(bindings.into()),
    )])
}

/// The database of the results: the last tasks that ended.
pub fn results(now: u64) -> Database {
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
    let key = format!("celery-task-meta-{id}");
    lasting(&key, RESULT_LIFETIME - ago, Value::Text(json))
}
