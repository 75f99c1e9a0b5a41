//! The portal's run lock holds a change up as long as its sync runs, and no longer: real workers say
//! whether it does.

use serde_json::json;
use tempfile::TempDir;

use crate::support::celery::{self, BROKER, Program};
use crate::support::redis::Server;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::wait_until;

const LOCK: &str = "quota_sync:run_lock";
const SYNC: &str = "sync_hotspot_usage_task";

/// Takes away the lock of the task that is named by `--task`, and a key of its own.
const SCRIPT: &str = r#"//! Takes keys away.
const RUNBOOK = #{ reads: ["redis"], writes: ["redis:*"],
                   params: #{ task: #{ type: "string", "default": "" } } };
fn run(args) {
    let done = [redis::delete("note")];
    if args.task != "" { done.push(redis::delete_if_equals("quota_sync:run_lock", args.task)); }
    report::create("Keys")
}
fn after(args, done, report) { report.set("statuses", done.map(|change| change.status)); }"#;

#[test]
fn the_lock_of_a_task_that_no_worker_runs_holds_nothing_up_and_can_be_taken_away() {
    let site = Site::new();
    let _first = celery::worker(&site.redis, "first", 1);
    let _second = celery::worker(&site.redis, "second", 1);
    site.redis
        .command(&["SET", LOCK, "a-lost-task", "EX", "600"]);
    let done = site.apply(&[]).code(0).stdout_json();
    assert_eq!(done["statuses"], json!(["applied"]));
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":1\r\n");
    let other = site
        .apply(&["--task", "another-task"])
        .code(5)
        .stdout_json();
    assert_eq!(other["statuses"][1], "conflict");
    let taken = site.apply(&["--task", "a-lost-task"]).code(0).stdout_json();
    assert_eq!(taken["statuses"][1], "applied");
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":0\r\n");
    site.command(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.redis.command(&["GET", LOCK]), "$11\r\na-lost-task\r\n");
    let left = site.redis.command(&["TTL", LOCK]);
    let left: i64 = left.trim_start_matches(':').trim().parse().unwrap();
    assert!((500..=600).contains(&left), "{left}");
}

#[test]
fn a_sync_that_runs_is_waited_for() {
    let site = Site::new();
    let _worker = celery::worker_with(&site.redis, "busy", 1, &[("SYNC_SECONDS", "5")]);
    site.wait_for_sync();
    let commands = site.redis.commands_during(|| {
        site.apply(&[]).code(0);
    });
    let taken = |key: &str| {
        let key = format!("\"{key}\"");
        let takes = |line: &String| line.contains("\"DEL\"") || line.contains("\"UNLINK\"");
        let found = commands
            .iter()
            .position(|line| takes(line) && line.contains(&key));
        found.unwrap_or_else(|| panic!("no {key} in {commands:#?}"))
    };
    assert!(taken(LOCK) < taken("note"), "{commands:#?}");
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":0\r\n");
}

#[test]
fn a_sync_that_does_not_end_refuses_the_change() {
    let site = Site::new();
    let _worker = celery::worker_with(&site.redis, "busy", 1, &[("SYNC_SECONDS", "600")]);
    let task = site.wait_for_sync();
    let output = site
        .apply_in_haste(&["--timeout", "8s", "--task", &task])
        .code(6);
    assert!(
        output.stderr.contains("the portal's sync is running"),
        "{output}"
    );
    assert_eq!(site.redis.command(&["EXISTS", LOCK, "note"]), ":2\r\n");
}

#[test]
fn without_an_answer_of_every_worker_the_lock_counts() {
    let site = Site::new();
    let mut worker = celery::worker(&site.redis, "silent", 1);
    site.redis
        .command(&["SET", LOCK, "a-lost-task", "EX", "600"]);
    worker.pause();
    site.refused(&worker, "1 of 1 Celery workers did not say what they run");
    worker.kill();
    site.refused(&worker, "no Celery worker is there to ask");
}

#[test]
fn the_demo_has_a_lock_that_can_be_taken_away() {
    let script = SCRIPT.replace(
        "if args.task != \"\"",
        "let task = redis::get(\"quota_sync:run_lock\"); args.task = task; if true",
    );
    let output = Tikbook::new()
        .file("keys.rhai", script)
        .args([
            "--site",
            "demo",
            "--json",
            "run",
            "./keys.rhai",
            "--apply",
            "--yes",
        ])
        .run()
        .code(0);
    assert_eq!(
        output.stdout_json()["statuses"],
        json!(["skipped", "applied"])
    );
}

struct Site {
    redis: Server,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let redis = Server::start();
        redis.command(&["SET", "note", "x"]);
        Site {
            redis,
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn apply(&self, args: &[&str]) -> Output {
        let run = ["--json", "run", "./keys.rhai", "--apply", "--yes"];
        self.command(&[&run, args].concat())
    }

    /// The same, but that it waits three seconds for the portal's sync: for changes that are refused once
    /// that is over.
    fn apply_in_haste(&self, args: &[&str]) -> Output {
        self.tikbook()
            .args(["--json", "run", "./keys.rhai", "--apply", "--yes"])
            .args(["--lock-wait", "3s"])
            .args(args)
            .run()
    }

    fn command(&self, args: &[&str]) -> Output {
        self.tikbook().args(args).run()
    }

    fn tikbook(&self) -> Tikbook {
        Tikbook::new()
            .patient()
            .env("REDIS_URL", self.redis.url(0))
            .env("CELERY_BROKER_URL", self.redis.url(BROKER))
            .env("XDG_STATE_HOME", self.state.path())
            .file("keys.rhai", SCRIPT)
    }

    fn refused(&self, worker: &Program, why: &str) {
        let output = self.apply_in_haste(&["--timeout", "3s"]).code(6);
        let error = output.stdout_json()["error"].to_string();
        for expected in [LOCK, why, "tikbook run diagnose-sync"] {
            assert!(error.contains(expected), "{error}\n{}", worker.log());
        }
        assert_eq!(self.redis.command(&["EXISTS", "note"]), ":1\r\n");
    }

    /// Sends a sync and waits until it has the lock; gives the id of its task.
    fn wait_for_sync(&self) -> String {
        let task = celery::send(&self.redis, SYNC, json!([]));
        wait_until("the sync begins", || {
            self.redis.command(&["GET", LOCK]).contains(&task)
        });
        task
    }
}
