//! What real Celery processes write, as `portal::log_lines` reads it from their files.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::tikbook::Tikbook;
use crate::support::{celery, redis};

const READS: &str = "//! Read logs.\n\
    const RUNBOOK = #{ params: #{ log: #{ type: \"file\", help: \"a log\" } } };\n\
    fn run(args) { #{ lines: portal::log_lines(args.log) } }\n";

/// The lines of the logs of `programs`.
fn lines(programs: &[&celery::Program]) -> Vec<Value> {
    let mut tikbook =
        Tikbook::new()
            .file("reads.rhai", READS)
            .args(["--json", "run", "./reads.rhai"]);
    for program in programs {
        tikbook = tikbook.args(["--log".into(), program.log_file()]);
    }
    let report = tikbook.run().code(0).stdout_json();
    report["lines"].as_array().unwrap().clone()
}

fn signs_of_task<'a>(lines: &'a [Value], id: &str) -> Vec<&'a str> {
    let of_task = lines.iter().filter(|line| line["id"] == id);
    of_task.map(|line| line["sign"].as_str().unwrap()).collect()
}

#[test]
fn a_workers_log_tells_what_became_of_each_task() {
    let redis = redis::Server::start();
    let worker = celery::worker(&redis, "w1", 1);
    let synced = celery::send(&redis, "sync_hotspot_usage_task", json!([]));
    worker.wait_for_log(&format!("[{synced}] succeeded in"));
    let failed = celery::send(&redis, "send_whatsapp_invoice_task", json!(["0811"]));
    worker.wait_for_log(&format!("[{failed}] raised unexpected:"));
    worker.wait_for_log("ValueError: the message was refused");

    let lines = lines(&[&worker]);
    assert_eq!(
        signs_of_task(&lines, &synced),
        ["task-received", "task-succeeded"]
    );
    assert_eq!(
        signs_of_task(&lines, &failed),
        ["task-received", "task-failed"]
    );
    let one = |sign: &str| {
        let found: Vec<&Value> = lines.iter().filter(|line| line["sign"] == sign).collect();
        assert_eq!(found.len(), 1, "{sign}: {found:?}");
        found[0].clone()
    };
    assert_eq!(one("worker-ready")["detail"], "w1@tikbook");
    assert_eq!(one("sync-started")["task"], "sync_hotspot_usage_task");
    assert!(
        one("sync-result")["detail"]
            .as_str()
            .unwrap()
            .starts_with("{'processed': 3")
    );
    assert_eq!(one("task-failed")["level"], "ERROR");
    assert_eq!(
        one("task-failed")["detail"],
        "ValueError('the message was refused')"
    );
    // Of a traceback only the line before it is a sign.
    let trace = lines
        .iter()
        .filter(|line| line["message"] == "Traceback (most recent call last):");
    assert!(trace.clone().count() >= 1);
    assert!(
        trace
            .clone()
            .all(|line| line["sign"].is_null() && line["at"].is_null())
    );
    // The portal writes local time and Celery UTC, and yet they agree.
    for sign in ["worker-ready", "sync-result"] {
        let at: Timestamp = one(sign)["at"].as_str().unwrap().parse().unwrap();
        let age = Timestamp::now().duration_since(at).abs();
        assert!(age < SignedDuration::from_mins(5), "{sign}: {age:?}");
    }
}

#[test]
fn beats_log_tells_what_it_sent() {
    let redis = redis::Server::start();
    let entry = ("sync-hotspot-usage", "sync_hotspot_usage_task", 0.2);
    let beat = celery::beat(&redis, &[entry]);
    beat.wait_for_log("Sending due task");
    let lines = lines(&[&beat]);
    let sign = |word: &str| lines.iter().find(|line| line["sign"] == word);
    assert!(sign("beat-started").is_some());
    let sent = sign("beat-sent").unwrap();
    assert_eq!(sent["task"], "sync_hotspot_usage_task");
    assert_eq!(sent["detail"], "sync-hotspot-usage");
}

#[test]
fn a_redis_that_went_away_is_told_by_the_worker() {
    let mut redis = redis::Server::start();
    let worker = celery::worker(&redis, "w1", 1);
    redis.kill();
    worker.wait_for_log("Error 111 connecting to");
    let lines = lines(&[&worker]);
    let told = lines.iter().filter(|line| line["sign"] == "redis-error");
    assert!(told.count() >= 1, "{}", worker.log());
}
