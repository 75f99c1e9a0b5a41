//! A whole hotspot site of real servers: database, Redis, a worker and a beat of Celery, containers
//! that show their logs, and a simulated router. The sync has run once when it is handed over.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use routeros_sim::Clock;
use serde_json::{Value, json};

use super::celery::{self, Program};
use super::docker::{self, Container};
use super::router::{self, Router};
use super::tikbook::Tikbook;
use super::{postgres, redis};

/// The task that beat sends and that this is all about.
pub const SYNC: &str = "sync_hotspot_usage_task";

/// What is unusual about a site.
pub struct Setup<'a> {
    /// How many processes the worker has.
    pub processes: u8,
    /// The worker's environment, as `celery_app.py` explains it.
    pub environment: &'a [(&'a str, &'a str)],
    /// A line of the worker's log to wait for.
    pub until: &'a str,
    /// The router's clock.
    pub clock: Clock,
}

/// A running site, gone with the value.
pub struct Site {
    // Dropped first: the containers read the logs of the programs.
    containers: BTreeMap<&'static str, Container>,
    /// The worker `celery@tikbook`.
    pub worker: Program,
    /// Beat, which sends the sync each second.
    pub beat: Program,
    /// The portal's database, without users.
    pub database: postgres::Database,
    /// The portal's Redis and Celery's broker.
    pub redis: redis::Server,
    /// The router, whose user may do all that the portal needs.
    pub router: Router,
    project: String,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Setup {
            processes: 2,
            environment: &[],
            until: "Sinkronisasi selesai. Result:",
            clock: Clock::running(),
        }
    }
}

impl Site {
    /// A site on which all is well.
    pub fn healthy() -> Site {
        Site::start(Setup::default())
    }

    /// A site with what `setup` says.
    pub fn start(setup: Setup) -> Site {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let redis = redis::Server::start();
        let worker = celery::worker_with(&redis, "celery", setup.processes, setup.environment);
        let beat = celery::beat(&redis, &[("sync-hotspot-usage", SYNC, 1.0)]);
        worker.wait_for_log(setup.until);
        Site {
            containers: BTreeMap::new(),
            worker,
            beat,
            database: postgres::database_with_schema(),
            redis,
            router: Router::with_clock(&router_rows().to_string(), setup.clock),
            project: format!("portal-{}-{number}", std::process::id()),
        }
    }

    /// Puts worker, beat and backend into containers, as far as Docker can see: each shows the log
    /// of its program.
    pub fn with_containers(mut self) -> Site {
        let logs = [
            ("celery_worker", &self.worker, "Sinkronisasi selesai"),
            ("celery_beat", &self.beat, "Sending due task"),
        ];
        for (service, program, sign) in logs {
            let container = self.showing(service, &program.log_file());
            container.wait_for_log(sign);
            self.containers.insert(service, container);
        }
        let healthy = json!({ "Test": ["CMD-SHELL", "true"], "Interval": 500_000_000 });
        let backend = docker::shared().run_with(
            &self.project,
            "backend",
            "echo '31-05-2026 19:00:00 INFO     [app] started'; sleep 600",
            json!({ "Healthcheck": healthy }),
        );
        backend.wait_for_health("healthy");
        self.containers.insert("backend", backend);
        self
    }

    /// One of the containers, by its service.
    pub fn container(&self, service: &str) -> &Container {
        &self.containers[service]
    }

    /// The compose project of the containers.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// `tikbook --json` that knows all services of the site.
    pub fn tikbook(&self) -> Tikbook {
        let host = if self.containers.is_empty() {
            "unix:///nowhere/docker.sock".to_owned()
        } else {
            docker::shared().host()
        };
        let tikbook = Tikbook::new()
            .arg("--json")
            .patient()
            .env("DATABASE_URL", self.database.url())
            .env("REDIS_URL", self.redis.url(0))
            .env("CELERY_BROKER_URL", self.redis.url(celery::BROKER))
            .env("CELERY_RESULT_BACKEND", self.redis.url(celery::RESULTS))
            .env("DOCKER_HOST", host)
            .env("COMPOSE_PROJECT_NAME", &self.project);
        self.router.tikbook(tikbook)
    }

    /// Stores a setting of the portal.
    pub fn set(&self, name: &str, value: &str) {
        self.database.insert(&json!({
            "settings": { name: { "value": value, "encrypted": false } },
        }));
    }

    fn showing(&self, service: &str, log: &Path) -> Container {
        docker::shared().run_with(
            &self.project,
            service,
            "tail -n +1 -f /log",
            json!({ "HostConfig": { "Binds": [format!("{}:/log:ro", log.display())] } }),
        )
    }
}

/// The check `id` of a report.
pub fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("the report has checks");
    let check = checks.iter().find(|check| check["id"] == id);
    check.unwrap_or_else(|| panic!("no check {id} in {report:#}"))
}

fn router_rows() -> Value {
    json!({
        "/user": [{ "name": router::USER, "group": "portal" }],
        "/user/group": [{ "name": "portal", "policy": "read,write,api,test" }],
    })
}
