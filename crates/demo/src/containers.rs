//! The containers of the demo: a Compose project whose beat has stopped fifty minutes ago, while
//! the worker was in the middle of a usage sync.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// The Compose project of the demo.
const PROJECT: &str = "kost";
/// Where it lies on the demo's machine.
const FOLDER: &str = "/srv/kost";
/// Its Compose file, as the portal's production names it.
const CONFIG_FILE: &str = "docker-compose.prod.yml";
/// How far the demo's local time is ahead of UTC: Asia/Makassar.
const LOCAL: SignedDuration = SignedDuration::from_hours(8);
/// Seconds since beat sent its last task.
pub(super) const STOPPED: i64 = 3_030;
/// Seconds since the last usage sync ended.
pub(super) const LAST_RUN: i64 = STOPPED + 590;
/// The task that was under way when the worker was started again.
pub(super) const LOST_TASK: &str = "6f1d2c9e-8b1a-4a53-9f60-3f2f0c7d5e21";
/// The sync that ended well before it.
pub(super) const DONE_TASK: &str = "7c0a4f8e-19d3-4c77-8f3e-2b8de1f0a914";

/// A container of a built-in site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoContainer {
    /// The service it runs.
    pub service: String,
    /// Its name.
    pub name: String,
    /// The project it belongs to.
    pub project: String,
    /// Its image.
    pub image: String,
    /// The Engine's word for its state.
    pub state: String,
    /// `healthy`, `unhealthy` or `starting`, where it has a check.
    pub health: Option<String>,
    /// How it ended.
    pub exit_code: i64,
    /// Was it ended for want of memory?
    pub oom_killed: bool,
    /// How often it was started again.
    pub restarts: i64,
    /// When it was last started.
    pub started_at: Option<Timestamp>,
    /// What its check said the last time.
    pub health_said: Option<String>,
    /// The Compose files of its project.
    pub config_files: Vec<String>,
    /// The folder of its project.
    pub folder: String,
    /// `TZ` of its environment.
    pub time_zone: Option<String>,
    /// Its log.
    pub logs: Vec<DemoLine>,
}

impl DemoContainer {
    /// An id that this name always has.
    pub(super) fn id(&self) -> String {
        let hash = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        format!("{hash:016x}").repeat(4)
    }
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoLine {
    /// When the Engine received it.
    pub at: Option<Timestamp>,
    /// The line.
    pub text: String,
}

/// A container as a fixture writes it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    service: String,
    name: Option<String>,
    #[serde(default)]
    state: State,
    health: Option<Health>,
    #[serde(default)]
    exit_code: i64,
    #[serde(default)]
    oom_killed: bool,
    #[serde(default)]
    restarts: i64,
    started_at: Option<Timestamp>,
    health_said: Option<String>,
    /// The names of the project's Compose files.
    config_files: Option<Vec<String>>,
    time_zone: Option<String>,
    /// Lines; one may have a time of RFC 3339 and a blank in front.
    #[serde(default)]
    logs: Vec<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    Running,
    Exited,
    Restarting,
    Paused,
    Created,
    Dead,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Exited => "exited",
            Self::Restarting => "restarting",
            Self::Paused => "paused",
            Self::Created => "created",
            Self::Dead => "dead",
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Healthy,
    Unhealthy,
    Starting,
}

impl Health {
    fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Starting => "starting",
        }
    }
}

/// The containers of a fixture; those of one service are numbered as Compose numbers them.
pub(super) fn described(written: Vec<Written>) -> Vec<DemoContainer> {
    let mut containers: Vec<DemoContainer> = Vec::new();
    for one in written {
        let earlier = containers
            .iter()
            .filter(|known| known.service == one.service);
        let number = earlier.count() + 1;
        containers.push(one.container(number));
    }
    containers
}

impl Written {
    fn container(self, number: usize) -> DemoContainer {
        let name = || format!("{PROJECT}-{}-{number}", self.service);
        DemoContainer {
            name: self.name.clone().unwrap_or_else(name),
            project: PROJECT.to_owned(),
            image: self.service.clone(),
            service: self.service,
            state: self.state.as_str().to_owned(),
            health: self.health.map(|health| health.as_str().to_owned()),
            exit_code: self.exit_code,
            oom_killed: self.oom_killed,
            restarts: self.restarts,
            started_at: self.started_at,
            health_said: self.health_said,
            config_files: self
                .config_files
                .unwrap_or_else(|| vec!["docker-compose.yml".to_owned()]),
            folder: FOLDER.to_owned(),
            time_zone: self.time_zone,
            logs: self.logs.into_iter().map(line).collect(),
        }
    }
}

fn line(text: String) -> DemoLine {
    let timed = text.split_once(' ');
    match timed.and_then(|(time, rest)| Some((time.parse().ok()?, rest))) {
        Some((at, rest)) => DemoLine {
            at: Some(at),
            text: rest.to_owned(),
        },
        None => DemoLine { at: None, text },
    }
}

/// The demo's own containers, as they are at `now`.
pub(super) fn containers(now: Timestamp) -> Vec<DemoContainer> {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let days = |days: i64| days * 86_400;
    vec![
        DemoContainer {
            health: Some("healthy".to_owned()),
            ..up("backend", "kost/backend:2.4", now, days(6), backend(now))
        },
        DemoContainer {
            state: "exited".to_owned(),
            exit_code: 137,
            oom_killed: true,
            ..up("celery_beat", "kost/backend:2.4", now, days(6), beat(now))
        },
        DemoContainer {
            restarts: 1,
            ..up(
                "celery_worker",
                "kost/backend:2.4",
                now,
                STOPPED - 120,
                worker(now),
            )
        },
        DemoContainer {
            health: Some("healthy".to_owned()),
            ..up("db", "postgres:15", now, days(41), Vec::new())
        },
        DemoContainer {
            health: Some("healthy".to_owned()),
            ..up("redis", "redis:7", now, days(41), Vec::new())
        },
    ]
}

fn up(
    service: &str,
    image: &str,
    now: Timestamp,
    seconds: i64,
    logs: Vec<DemoLine>,
) -> DemoContainer {
    DemoContainer {
        service: service.to_owned(),
        name: format!("{PROJECT}-{service}-1"),
        project: PROJECT.to_owned(),
        image: image.to_owned(),
        state: "running".to_owned(),
        health: None,
        exit_code: 0,
        oom_killed: false,
        restarts: 0,
        started_at: before(now, seconds),
        health_said: None,
        config_files: vec![format!("{FOLDER}/{CONFIG_FILE}")],
        folder: FOLDER.to_owned(),
        time_zone: None,
        logs,
    }
}

/// Beat: a task of the sync each five minutes, until it was killed.
fn beat(now: Timestamp) -> Vec<DemoLine> {
    let mut lines = vec![celery(now, STOPPED + 1_500, "INFO", "beat: Starting...")];
    let task = "Scheduler: Sending due task sync-hotspot-usage (sync_hotspot_usage_task)";
    let due = (0..5).rev().map(|run| STOPPED + run * 300);
    lines.extend(due.map(|ago| celery(now, ago, "INFO", task)));
    lines
}

/// The worker: runs that ended well, runs that were too early, and one that was cut off.
fn worker(now: Timestamp) -> Vec<DemoLine> {
    let process = |ago, level, text: &str| celery(now, ago, level, text);
    let task =
        |ago, text: &str| process(ago, "INFO", &format!("Task sync_hotspot_usage_task[{text}"));
    let skipped = "b9e55c1e-55a9-43f4-bb7a-6f1a7e2d4c02";
    vec![
        process(STOPPED + 1_480, "INFO", "celery@demo ready."),
        task(STOPPED + 600, &format!("{DONE_TASK}] received")),
        portal(now, STOPPED + 600, "INFO", SYNC_STARTED),
        portal(
            now,
            STOPPED + 596,
            "ERROR",
            "Error saat operasi MikroTik: no such item",
        ),
        portal(now, LAST_RUN, "INFO", SYNC_RESULT),
        task(LAST_RUN, &format!("{DONE_TASK}] succeeded in 10.2s: None")),
        task(STOPPED + 300, &format!("{skipped}] received")),
        portal(now, STOPPED + 300, "INFO", SYNC_THROTTLED),
        task(
            STOPPED + 300,
            &format!("{skipped}] succeeded in 0.02s: None"),
        ),
        task(STOPPED, &format!("{LOST_TASK}] received")),
        portal(now, STOPPED, "INFO", SYNC_STARTED),
        process(
            STOPPED - 40,
            "ERROR",
            "consumer: Cannot connect to redis://redis:6379/1: Error 111 connecting to redis:6379. \
             Connection refused..",
        ),
        process(STOPPED - 130, "INFO", "celery@demo ready."),
        portal(
            now,
            1_800,
            "WARNING",
            "Mikrotik circuit breaker open. Skipping connection.",
        ),
    ]
}

const SYNC_STARTED: &str = "Celery Task: Memulai sinkronisasi kuota dan profil hotspot.";
const SYNC_THROTTLED: &str = "Celery Task: Skip sinkronisasi (menunggu interval dinamis).";
const SYNC_RESULT: &str = "Celery Task: Sinkronisasi selesai. Result: {'processed': 18, \
                           'updated_usage': 11, 'profile_updates': 2, 'binding_self_healed': 0, \
                           'dhcp_self_healed': 0, 'failed': 1}";

fn backend(now: Timestamp) -> Vec<DemoLine> {
    vec![
        portal(now, 3_600, "ERROR", "Error mendapatkan koneksi: timed out"),
        portal(
            now,
            900,
            "ERROR",
            "Koneksi ke Redis GAGAL: Connection refused",
        ),
    ]
}

/// A line of the portal, in local time.
fn portal(now: Timestamp, ago: i64, level: &str, text: &str) -> DemoLine {
    let at = before(now, ago);
    let local = at.and_then(|at| at.checked_add(LOCAL).ok());
    let local = local.map_or(String::new(), |at| {
        at.strftime("%d-%m-%Y %H:%M:%S").to_string()
    });
    DemoLine {
        at,
        text: format!("{local} {level:<8} [app.tasks] [-] {text} [in /app/app/tasks.py:212]"),
    }
}

/// A line of Celery's own, in UTC.
fn celery(now: Timestamp, ago: i64, level: &str, text: &str) -> DemoLine {
    let at = before(now, ago);
    let utc = at.map_or(String::new(), |at| {
        at.strftime("%Y-%m-%d %H:%M:%S,000").to_string()
    });
    DemoLine {
        at,
        text: format!("[{utc}: {level}/MainProcess] {text}"),
    }
}

fn before(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    now.checked_sub(SignedDuration::from_secs(seconds)).ok()
}
