//! Real Celery: workers and a beat for each test, with tasks of the portal's names
//! (`tests/python/celery_app.py`). The portal's keys are in database 0 of their Redis, the broker
//! in 1, the results in 2.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::redis::Server as Redis;
use super::{program, server};

/// The database of the broker.
pub const BROKER: u8 = 1;
/// The database of the results.
pub const RESULTS: u8 = 2;
/// The names of all nodes end with it.
const HOST: &str = "tikbook";
/// How long a worker may take to subscribe.
const LIMIT: Duration = Duration::from_secs(30);

/// A worker or a beat, gone with the value, its pool of processes included.
pub type Program = server::Server;

/// Starts the worker `name` with a pool of `concurrency` processes and waits until it takes tasks
/// and questions. It is the node `name@tikbook`.
pub fn worker(redis: &Redis, name: &str, concurrency: u8) -> Program {
    worker_with(redis, name, concurrency, &[])
}

/// The same with more of its environment, which `celery_app.py` explains: `ROUTER`, `SYNC_SECONDS`.
pub fn worker_with(
    redis: &Redis,
    name: &str,
    concurrency: u8,
    environment: &[(&str, &str)],
) -> Program {
    let mut command = application(redis, environment, "worker");
    command.args([format!("{name}@{HOST}"), concurrency.to_string()]);
    let before = subscribers(redis);
    let worker = start(command, &format!("{name}@{HOST} ready."));
    // It subscribes to questions a moment after it calls itself ready.
    let start = Instant::now();
    while subscribers(redis) <= before {
        assert!(
            start.elapsed() < LIMIT,
            "it does not subscribe:\n{}",
            worker.log()
        );
        thread::sleep(Duration::from_millis(10));
    }
    worker
}

fn subscribers(redis: &Redis) -> usize {
    let clients = redis.command(&["CLIENT", "LIST", "TYPE", "pubsub"]);
    clients.matches("psub=1").count()
}

/// Starts a beat that sends each task every so many seconds: `(entry, task, seconds)`.
pub fn beat(redis: &Redis, schedule: &[(&str, &str, f64)]) -> Program {
    let entries: Map<String, Value> = schedule
        .iter()
        .map(|(entry, task, seconds)| ((*entry).to_owned(), json!([task, seconds])))
        .collect();
    let schedule = Value::Object(entries).to_string();
    let command = application(redis, &[("BEAT", &schedule)], "beat");
    start(command, "beat: Starting...")
}

/// Starts what listens as two workers do and answers with garbage (`tests/python/rude_worker.py`).
pub fn rude_worker(redis: &Redis) -> Program {
    let mut command = python(redis, &[]);
    command.arg(folder().join("rude_worker.py"));
    command.arg(redis.url(BROKER));
    start(command, "listening")
}

/// Sends a task as the portal does and returns its id.
pub fn send(redis: &Redis, task: &str, arguments: Value) -> String {
    send_with(redis, task, arguments, json!({}))
}

/// The same with options of Celery's `send_task`, such as `{"priority": 6}` or `{"countdown": 60}`.
pub fn send_with(redis: &Redis, task: &str, arguments: Value, options: Value) -> String {
    let mut command = application(redis, &[], "send");
    command.args([task, &arguments.to_string(), &options.to_string()]);
    let said = program::must_succeed(&mut command);
    said.trim().to_owned()
}

fn start(command: Command, sign: &str) -> Program {
    let folder = server::folder("celery");
    let log = folder.join("log");
    let ready = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains(sign));
    match Program::start(command, folder, server::Stop::Group("KILL"), ready) {
        Ok(program) => program,
        Err(failure) => panic!("Celery, a pip package that tests/run installs: {failure}"),
    }
}

/// What the application of the tests does when it is told `what`.
fn application(redis: &Redis, environment: &[(&str, &str)], what: &str) -> Command {
    let mut command = python(redis, environment);
    command.arg(folder().join("celery_app.py")).arg(what);
    command
}

fn python(redis: &Redis, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program::python());
    command
        .env("CELERY_BROKER_URL", redis.url(BROKER))
        .env("CELERY_RESULT_BACKEND", redis.url(RESULTS))
        .env("REDIS_URL", redis.url(0))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1")
        .envs(environment.iter().copied());
    command
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}
