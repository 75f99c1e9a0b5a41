//! The runbook services on a site of real servers, and its log files in the place of Docker.

use serde_json::{Value, json};

use crate::support::docker;
use crate::support::hotspot::{Setup, Site, check};

fn checked(site: &Site) -> Value {
    let tikbook = site.tikbook().args(["run", "services"]);
    tikbook.run().code(0).stdout_json()
}

fn assert_status(report: &Value, id: &str, status: &str, words: &str) {
    let check = check(report, id);
    assert_eq!(check["status"], status, "{check}\n{report:#}");
    let evidence = check["evidence"].as_str().unwrap();
    assert!(evidence.contains(words), "{evidence}");
}

/// How often `sign` is in the logs of `service`.
fn count(report: &Value, service: &str, sign: &str) -> u64 {
    let signs = report["signs"].as_array().unwrap();
    let found = signs
        .iter()
        .find(|row| row["service"] == service && row["sign"] == sign);
    found.map_or(0, |row| row["count"].as_u64().unwrap())
}

#[test]
fn a_site_on_which_all_is_well_passes_every_check() {
    let site = Site::healthy().with_containers();
    let report = checked(&site);
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["status"], "pass", "{check}\n{report:#}");
    }
    assert_eq!(count(&report, "celery_worker", "sync-started"), 1);
    assert_eq!(count(&report, "celery_worker", "sync-result"), 1);
    assert_eq!(count(&report, "celery_worker", "worker-ready"), 1);
    assert!(count(&report, "celery_beat", "beat-sent") > 0, "{report:#}");
    assert_eq!(report["errors"], json!([]));
}

#[test]
fn a_stopped_beat_and_a_killed_worker_are_named() {
    let mut site = Site::healthy().with_containers();
    site.container("celery_beat").stop();
    let report = checked(&site);
    assert_status(&report, "container:celery_beat", "fail", "exited");
    assert_status(&report, "beat", "fail", "exited");
    assert_status(&report, "worker", "pass", "1 worker answered");

    site.container("celery_beat").start();
    site.worker.kill();
    let report = checked(&site);
    assert_status(&report, "container:celery_beat", "pass", "running");
    assert_status(&report, "worker", "fail", "no worker listens");
    assert_status(&report, "container:celery_worker", "pass", "running");
}

#[test]
fn containers_that_are_unwell_are_told_apart() {
    let site = Site::healthy().with_containers();
    let engine = docker::shared();
    let project = site.project();
    let sick = engine.run_with(
        project,
        "frontend",
        "sleep 600",
        json!({ "Healthcheck": { "Test": ["CMD-SHELL", "echo no page; false"], "Interval": 50_000_000, "Retries": 1 } }),
    );
    let again = engine.run_with(
        project,
        "nginx",
        "exit 1",
        json!({ "HostConfig": { "RestartPolicy": { "Name": "always" } } }),
    );
    let done = engine.run(project, "migrate", "exit 0");
    let failed = engine.run(project, "backups_init", "exit 2");
    sick.wait_for_health("unhealthy");
    done.wait_for("Status", "exited");
    failed.wait_for("Status", "exited");
    again.wait_for("Restarting", true);
    let report = checked(&site);
    assert_status(&report, "container:frontend", "fail", "unhealthy");
    assert_status(
        &report,
        "container:frontend",
        "fail",
        "its check said: no page",
    );
    assert_status(&report, "container:migrate", "pass", "after its work");
    assert_status(&report, "container:backups_init", "fail", "code 2");
    assert_ne!(check(&report, "container:nginx")["status"], "pass");
    // Not the backend: an Engine may hang that starts a health check in a container it pauses.
    site.container("celery_beat").pause();
    assert_status(&checked(&site), "container:celery_beat", "fail", "paused");
}

#[test]
fn errors_of_the_router_are_counted_by_kind() {
    let site = Site::start(Setup {
        environment: &[("ROUTER", "breaker-open")],
        ..Setup::default()
    });
    let report = checked(&site.with_containers());
    assert_status(&report, "log-errors", "warn", "2 about router");
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(errors[0]["kind"], "router");
    assert_eq!(errors[0]["count"], 2);
}

#[test]
fn log_files_take_the_place_of_docker_and_nothing_is_green_for_containers() {
    let site = Site::healthy();
    let report = site
        .tikbook()
        .args(["run", "services"])
        .arg("--log")
        .arg(site.worker.log_file())
        .arg("--log")
        .arg(site.beat.log_file())
        .run()
        .code(0)
        .stdout_json();
    assert_status(&report, "containers", "unknown", "log files");
    assert_status(&report, "log-sync", "pass", "1 run of");
    assert_status(&report, "beat", "pass", "sync_hotspot_usage_task");
}

#[test]
fn without_docker_and_files_the_logs_are_unknown() {
    let report = checked(&Site::healthy());
    for id in ["containers", "log-sync", "log-errors"] {
        assert_status(&report, id, "unknown", "");
    }
    assert_status(&report, "worker", "pass", "1 worker answered");
}

#[test]
fn with_everything_dead_each_cause_is_said_once() {
    for name in ["services", "diagnose-sync"] {
        let dead = crate::support::router::nowhere(crate::support::tikbook::Tikbook::new())
            .env("DATABASE_URL", "postgresql://portal:x@127.0.0.1:1/portal")
            .env("REDIS_URL", "redis://127.0.0.1:1/0")
            .env("CELERY_BROKER_URL", "redis://127.0.0.1:1/1")
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        let page = dead.args(["run", name]).run().stdout;
        let said = page.split("What to do next").next().unwrap();
        for cause in ["redis://127.0.0.1:1/", "/nowhere/docker.sock"] {
            let times = said.matches(cause).count();
            assert!(times <= 1, "{name} says {cause} {times} times:\n{page}");
        }
        assert!(page.contains("Not judged"), "{page}");
    }
}

#[test]
fn a_redis_that_is_down_makes_workers_unknown_and_not_dead() {
    let mut site = Site::healthy().with_containers();
    site.redis.kill();
    let report = checked(&site);
    assert_status(&report, "worker", "unknown", "");
    assert_status(&report, "container:celery_worker", "pass", "running");
}
