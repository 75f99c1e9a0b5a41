//! Containers and their logs as a session reads them from a real Docker Engine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tikbook::config::{self, DockerHost, Limits, Sources, Variables};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::docker::{Container, Docker, DockerError, LogLine, LogRange};

use crate::support::docker::{self, Engine};
use crate::support::program;
use crate::support::tikbook::Tikbook;

/// The address that a site has whose environment says `DOCKER_HOST`.
pub fn host(address: &str) -> DockerHost {
    let variables = [("DOCKER_HOST".to_owned(), address.to_owned())];
    let sources = Sources {
        environment: Variables::new(variables.into()),
        ..Sources::default()
    };
    config::load(sources).unwrap().docker
}

async fn open(engine: &Engine, project: Option<&str>) -> Docker {
    let host = host(&engine.host());
    Docker::connect(&host, project, &Limits::default())
        .await
        .unwrap()
}

async fn container(docker: &Docker, service: &str) -> Container {
    let containers = docker.containers().await.unwrap();
    let found = containers.into_iter().find(|one| one.service == service);
    found.unwrap_or_else(|| panic!("no container of {service}"))
}

fn last(tail: u32) -> LogRange {
    LogRange { tail, since: None }
}

fn texts(lines: &[LogLine]) -> Vec<String> {
    let text = |line: &LogLine| String::from_utf8(line.text.clone()).unwrap();
    lines.iter().map(text).collect()
}

#[tokio::test]
async fn containers_are_told_with_what_became_of_them() {
    let (engine, project) = (docker::shared(), "states");
    let check = |test: &str| json!({ "Healthcheck": { "Test": ["CMD-SHELL", test], "Interval": 100_000_000, "Retries": 1 } });
    let healthy = engine.run_with(project, "backend", "sleep 600", check("true"));
    let unhealthy = engine.run_with(
        project,
        "redis",
        "sleep 600",
        check("echo no answer; false"),
    );
    let failed = engine.run(project, "migrate", "exit 3");
    let always = json!({ "HostConfig": { "RestartPolicy": { "Name": "always" } } });
    let restarting = engine.run_with(project, "celery_beat", "exit 1", always);
    let _made = engine.create(project, "backups", "true", json!({}));
    let one_off = json!({ "Labels": { "com.docker.compose.oneoff": "True" } });
    let _once = engine.run_with(project, "shell", "sleep 600", one_off);
    healthy.wait_for_health("healthy");
    unhealthy.wait_for_health("unhealthy");
    failed.wait_for("Status", "exited");
    restarting.wait_for("Restarting", true);

    let docker = open(engine, Some(project)).await;
    let containers = docker.containers().await.unwrap();
    let services: Vec<&str> = containers.iter().map(|one| one.service.as_str()).collect();
    let expected = ["backend", "backups", "celery_beat", "migrate", "redis"];
    assert_eq!(services, expected);

    let one = container(&docker, "redis").await;
    assert_eq!(one.health_said.as_deref(), Some("no answer"));
    let one = container(&docker, "backend").await;
    assert_eq!(
        (one.state.as_str(), one.health.as_deref()),
        ("running", Some("healthy"))
    );
    assert_eq!(
        (one.id.as_str(), one.project.as_str()),
        (healthy.id(), project)
    );
    assert_eq!(one.exit_code, None);
    let age = Timestamp::now().duration_since(one.started_at.unwrap());
    assert!(age < SignedDuration::from_mins(5), "{age:?}");

    assert_eq!(
        container(&docker, "redis").await.health.as_deref(),
        Some("unhealthy")
    );
    let one = container(&docker, "migrate").await;
    assert_eq!((one.state.as_str(), one.exit_code), ("exited", Some(3)));
    assert_eq!(one.health, None);
    let one = container(&docker, "celery_beat").await;
    assert!(one.restarts >= 1, "{one:?}");
    let one = container(&docker, "backups").await;
    assert_eq!((one.state.as_str(), one.started_at), ("created", None));
    healthy.pause();
    healthy.wait_for("Status", "paused");
    assert_eq!(container(&docker, "backend").await.state, "paused");
}

#[tokio::test]
async fn a_site_sees_its_own_project_and_one_without_a_project_all() {
    let engine = docker::shared();
    let _first = engine.run("ours", "backend", "sleep 600");
    let _second = engine.run("theirs", "backend", "sleep 600");
    let ours = open(engine, Some("ours")).await.containers().await.unwrap();
    assert_eq!(ours.len(), 1);
    let all = open(engine, None).await.containers().await.unwrap();
    for project in ["ours", "theirs"] {
        assert!(all.iter().any(|one| one.project == project), "{project}");
    }
    let none = open(engine, Some("nobodys")).await;
    assert_eq!(none.containers().await.unwrap(), []);
}

#[tokio::test]
async fn the_logs_of_a_services_containers_are_merged_by_time() {
    let (engine, project) = (docker::shared(), "merged");
    let script = |name: &str, rest: f32| {
        format!("for i in 1 2 3; do echo {name} $i; sleep {rest}; done; echo {name} ended >&2")
    };
    let first = engine.run(project, "worker", &script("a", 0.05));
    let second = engine.run(project, "worker", &script("b", 0.08));
    let _other = engine.run(project, "other", "echo c");
    first.wait_for("Status", "exited");
    second.wait_for("Status", "exited");
    let docker = open(engine, Some(project)).await;
    let lines = docker.logs("worker", last(200)).await.unwrap();
    assert_eq!(lines.len(), 8);
    assert!(lines.is_sorted_by_key(|line| line.at.unwrap()));
    let of = |name: &str| {
        let mut of = texts(&lines);
        of.retain(|text| text.starts_with(name));
        of
    };
    assert_eq!(of("a"), ["a 1", "a 2", "a 3", "a ended"]);
    assert_eq!(of("b"), ["b 1", "b 2", "b 3", "b ended"]);
    let errors: Vec<&LogLine> = lines
        .iter()
        .filter(|line| line.stream == "stderr")
        .collect();
    assert_eq!(errors.len(), 2);
    assert_ne!(errors[0].container, errors[1].container);
}

#[tokio::test]
async fn of_a_log_the_last_lines_or_those_since_a_time_are_read() {
    let (engine, project) = (docker::shared(), "ranges");
    let one = engine.run(project, "beat", "for i in 1 2 3 4 5; do echo $i; done");
    one.wait_for("Status", "exited");
    let docker = open(engine, Some(project)).await;
    let tail = docker.logs("beat", last(2)).await.unwrap();
    assert_eq!(texts(&tail), ["4", "5"]);
    let since = |seconds| LogRange {
        tail: 200,
        since: Some(Timestamp::now() + SignedDuration::from_secs(seconds)),
    };
    assert_eq!(docker.logs("beat", since(60)).await.unwrap(), []);
    assert_eq!(docker.logs("beat", since(-600)).await.unwrap().len(), 5);
    let all = LogRange {
        tail: 200,
        since: Some(Timestamp::MIN),
    };
    assert_eq!(docker.logs("beat", all).await.unwrap().len(), 5);
}

#[tokio::test]
async fn long_lines_terminals_and_bytes_that_are_no_text_come_through() {
    let (engine, project) = (docker::shared(), "lines");
    let script = "i=0; while test $i -lt 3000; do echo -n 0123456789abcdef; i=$((i+1)); done; \
                  echo; printf 'a\\377b\\n'; echo -n no end";
    let plain = engine.run(project, "plain", script);
    let tty = engine.run_with(
        project,
        "tty",
        "echo one; echo two >&2",
        json!({ "Tty": true }),
    );
    plain.wait_for("Status", "exited");
    tty.wait_for("Status", "exited");
    let docker = open(engine, Some(project)).await;
    let lines = docker.logs("plain", last(200)).await.unwrap();
    assert_eq!(
        lines.len(),
        3,
        "{:?}",
        lines.iter().map(|line| line.text.len()).collect::<Vec<_>>()
    );
    assert_eq!(lines[0].text, "0123456789abcdef".repeat(3000).as_bytes());
    // The Engine keeps lines as JSON, which has no place for other bytes.
    assert_eq!(lines[1].text, "a\u{fffd}b".as_bytes());
    assert_eq!(lines[2].text, b"no end");
    let lines = docker.logs("tty", last(200)).await.unwrap();
    assert_eq!(texts(&lines), ["one", "two"]);
    assert!(
        lines
            .iter()
            .all(|line| line.at.is_some() && line.stream == "stdout")
    );
}

#[tokio::test]
async fn a_service_without_a_container_is_told_with_those_that_have_one() {
    let engine = docker::shared();
    let _worker = engine.run("named", "celery_worker", "sleep 600");
    let docker = open(engine, Some("named")).await;
    let error = docker.logs("worker", last(9)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NoSuchItem);
    assert!(error.to_string().contains("`named`"), "{error}");
    assert_eq!(
        error.hint().unwrap().to_string(),
        "the services there are celery_worker"
    );
}

#[tokio::test]
async fn an_engine_that_went_away_is_told() {
    let mut engine = Engine::start();
    let docker = open(&engine, None).await;
    let path = engine.socket().display().to_string();
    engine.kill();
    let error = docker.containers().await.unwrap_err();
    assert!(
        error.kind().is_unreachable() || error.kind() == Kind::NotConfigured,
        "{error}"
    );
    let again = Docker::connect(&host(&engine.host()), None, &Limits::default()).await;
    let error = again.err().expect("nobody answers there");
    assert!(error.to_string().contains(&path), "{error}");
    drop(engine);
    let gone = Docker::connect(&host(&format!("unix://{path}")), None, &Limits::default()).await;
    assert_eq!(gone.err(), Some(DockerError::NoSocket { path }));
}

#[test]
fn scripts_read_containers_and_logs() {
    let engine = docker::shared();
    let beat = "echo '[2026-05-31 12:00:00,123: INFO/MainProcess] beat: Starting...'; sleep 600";
    let _beat = engine.run("scripts", "celery_beat", beat);
    let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"docker\"] };\n\
        fn run(args) {\n\
            let states = docker::containers().column(\"state\");\n\
            let sign = ();\n\
            while sign == () {\n\
                for line in portal::log_lines(docker::logs(\"celery_beat\", #{ since: 600 })) {\n\
                    sign = line.sign;\n\
                }\n\
            }\n\
            #{ states: states, sign: sign }\n\
        }\n";
    let report = Tikbook::new()
        .file("reads.rhai", script)
        .env("DOCKER_HOST", engine.host())
        .env("COMPOSE_PROJECT_NAME", "scripts")
        .args(["--json", "run", "./reads.rhai"])
        .run()
        .code(0)
        .stdout_json();
    assert_eq!(report["states"], json!(["running"]));
    assert_eq!(report["sign"], "beat-started");
}

/// The one who asks is nobody, as the Engine of a test belongs to whoever runs the tests.
#[test]
fn a_socket_of_others_is_told_with_what_to_do() {
    let engine = docker::shared();
    let folder = tempfile::TempDir::with_prefix("tikbook-docker-").unwrap();
    let open_to_all = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    open_to_all(folder.path());
    open_to_all(engine.socket().parent().unwrap());
    let binary = folder.path().join("tikbook");
    fs::copy(env!("CARGO_BIN_EXE_tikbook"), &binary).unwrap();
    let mut command = program::as_root(&program::find("setpriv", "util-linux"));
    let output = command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&binary)
        .env_clear()
        .env("DOCKER_HOST", engine.host())
        .args(["run", "-e", "docker::containers().len()"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("this user may not open"), "{said}");
    assert!(said.contains("group docker"), "{said}");
}

#[test]
fn the_doctor_asks_the_engine_itself() {
    let engine = docker::shared();
    let _backend = engine.run("doctors", "backend", "sleep 600");
    let doctor = |project: &str| {
        let output = Tikbook::new()
            .env("DOCKER_HOST", engine.host())
            .env("COMPOSE_PROJECT_NAME", project)
            .args(["--json", "doctor"])
            .run();
        let checks = output.stdout_json()["checks"].clone();
        let checks = checks.as_array().unwrap().clone();
        checks
            .into_iter()
            .find(|check| check["id"] == "docker")
            .unwrap()
    };
    let check = doctor("doctors");
    assert_eq!(check["status"], "pass", "{check}");
    assert!(
        check["evidence"]
            .as_str()
            .unwrap()
            .contains("1 of 1 containers run"),
        "{check}"
    );
    let check = doctor("nobodys");
    assert_eq!(check["status"], "warn", "{check}");
    assert!(
        check["advice"]
            .as_str()
            .unwrap()
            .contains("COMPOSE_PROJECT_NAME"),
        "{check}"
    );
}
