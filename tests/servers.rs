//! The servers the other tests stand on: fresh for each test, and gone afterwards.

use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::Connection;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;

use crate::support::{block_on, celery, docker, mariadb, oracle, postgres, redis, server, sqlite};

const COUNT: &str = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_devices), \
                     (SELECT count(*) FROM application_settings)";

#[test]
fn every_oracle_case_fits_into_the_portals_tables_of_postgresql() {
    let failures = oracle::on_all(|case, database| {
        let counts: (i64, i64, i64) = block_on(async {
            let mut connection = PgConnection::connect(&database.url()).await.unwrap();
            sqlx::query_as(COUNT)
                .fetch_one(&mut connection)
                .await
                .unwrap()
        });
        let expected = expected_counts(case);
        (counts != expected).then(|| format!("case {}: {counts:?}, not {expected:?}", case["case"]))
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn an_oracle_case_fits_into_the_portals_tables_of_mariadb() {
    let database = mariadb::database_with_schema();
    let case = oracle::cases().remove(0);
    database.insert(&case);
    let counts: (i64, i64, i64) = block_on(async {
        let mut connection = MySqlConnection::connect(&database.url()).await.unwrap();
        sqlx::query_as(COUNT)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    });
    assert_eq!(counts, expected_counts(&case));
}

#[test]
fn an_oracle_case_fits_into_the_portals_tables_of_sqlite() {
    let database = sqlite::database_with_schema();
    let case = oracle::cases().remove(0);
    database.insert(&case);
    let counts: (i64, i64, i64) = block_on(async {
        let url = format!("sqlite://{}", database.path().display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_as(COUNT)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    });
    assert_eq!(counts, expected_counts(&case));
    assert!(
        database.url().starts_with("sqlite:////"),
        "an absolute path has a fourth slash"
    );
}

#[test]
fn two_databases_of_one_server_do_not_see_each_other() {
    let (first, second) = (postgres::database(), postgres::database());
    first.execute("CREATE TABLE only_here (id int)");
    second.execute("CREATE TABLE only_here (id int)");
    assert_ne!(first.name(), second.name());
    assert_eq!(first.port(), second.port());
    let (first, second) = (mariadb::database(), mariadb::database());
    first.execute("CREATE TABLE only_here (id int)");
    second.execute("CREATE TABLE only_here (id int)");
}

#[test]
fn a_killed_postgresql_refuses_connections_and_its_folder_goes_with_the_value() {
    let mut server = postgres::Server::start();
    let port = server.database().port();
    let folder = server.socket_folder().to_owned();
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn a_killed_mariadb_refuses_connections() {
    let mut server = mariadb::Server::start();
    let url = server.database().url();
    server.kill();
    assert!(block_on(MySqlConnection::connect(&url)).is_err());
}

#[test]
fn no_two_mariadb_servers_share_a_folder_for_temporary_files() {
    let folder = |database: mariadb::Database| -> String {
        block_on(async {
            let mut connection = MySqlConnection::connect(&database.url()).await.unwrap();
            let folder = sqlx::query_scalar("SELECT CAST(@@tmpdir AS CHAR)");
            folder.fetch_one(&mut connection).await.unwrap()
        })
    };
    let other = mariadb::Server::start();
    assert_ne!(folder(mariadb::database()), folder(other.database()));
}

#[test]
fn a_redis_answers_until_it_is_paused_or_killed() {
    let mut server = redis::Server::start_with(&["--maxmemory", "16mb"]);
    assert_eq!(server.command(&["SET", "key", "value"]), "+OK\r\n");
    server.pause();
    server.resume();
    assert_eq!(server.command(&["GET", "key"]), "$5\r\nvalue\r\n");
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
    assert_eq!(
        server.url(2),
        format!("redis://127.0.0.1:{}/2", server.port())
    );
}

#[test]
fn a_redis_starts_empty() {
    assert_eq!(redis::Server::start().command(&["DBSIZE"]), ":0\r\n");
}

#[test]
fn two_workers_and_a_beat_run_the_portals_tasks() {
    let redis = redis::Server::start();
    let first = celery::worker(&redis, "first", 2);
    let mut second = celery::worker_with(&redis, "second", 1, &[("ROUTER", "down")]);
    let id = celery::send(&redis, "dlq_health_monitor_task", json!([]));
    eventually("one of them takes the task", || {
        let taken = format!("Task dlq_health_monitor_task[{id}] received");
        first.log().contains(&taken) || second.log().contains(&taken)
    });
    drop(first);
    let mut beat = celery::beat(
        &redis,
        &[("sync-hotspot-usage", "sync_hotspot_usage_task", 0.2)],
    );
    beat.wait_for_log("Sending due task sync-hotspot-usage (sync_hotspot_usage_task)");
    second.wait_for_log("Celery Task: Sinkronisasi selesai. Result: {'processed': 0");
    second.wait_for_log("Skip sinkronisasi (menunggu interval dinamis)");
    assert_eq!(
        redis.command(&["EXISTS", "quota_sync:last_run_ts"]),
        ":1\r\n"
    );
    beat.kill();
    second.kill();
    assert!(second.log_file().exists());
}

#[test]
fn a_task_that_fails_leaves_a_dead_letter() {
    let redis = redis::Server::start();
    let worker = celery::worker(&redis, "alone", 1);
    celery::send(
        &redis,
        "send_whatsapp_invoice_task",
        json!(["+628120000001"]),
    );
    worker.wait_for_log("raised unexpected: ValueError");
    let letter = redis.command(&["LRANGE", "celery:dlq", "-1", "-1"]);
    assert!(letter.contains("the message was refused"), "{letter}");
}

#[test]
fn a_paused_worker_takes_no_task_until_it_is_resumed() {
    let redis = redis::Server::start();
    let worker = celery::worker(&redis, "paused", 1);
    worker.pause();
    let later = json!({ "priority": 6 });
    let id = celery::send_with(&redis, "dlq_health_monitor_task", json!([]), later);
    assert!(!worker.log().contains(&id), "{}", worker.log());
    worker.resume();
    worker.wait_for_log(&format!("Task dlq_health_monitor_task[{id}] succeeded"));
}

#[test]
fn a_killed_worker_takes_its_pool_with_it() {
    let redis = redis::Server::start();
    let mut worker = celery::worker(&redis, "pool", 2);
    let folder = worker.log_file().parent().unwrap().to_owned();
    assert!(processes_in(&folder) >= 3, "a worker and two of its pool");
    worker.kill();
    eventually("all of them end", || processes_in(&folder) == 0);
}

#[test]
fn containers_run_fail_restart_and_are_gone_with_the_engine() {
    let mut engine = docker::Engine::start();
    let healthy = engine.run_with(
        "portal",
        "backend",
        "echo up; sleep 600",
        json!({ "Healthcheck": { "Test": ["CMD-SHELL", "true"], "Interval": 100_000_000 } }),
    );
    let failed = engine.run("portal", "migrate", "exit 3");
    let restarted = engine.run_with(
        "portal",
        "celery_beat",
        "exit 1",
        json!({ "HostConfig": { "RestartPolicy": { "Name": "always" } } }),
    );
    healthy.wait_for_health("healthy");
    failed.wait_for("Status", "exited");
    assert_eq!(failed.inspect()["State"]["ExitCode"], 3);
    eventually("the container is started again", || {
        restarted.inspect()["RestartCount"].as_u64() >= Some(2)
    });
    // Not the healthy one: an Engine may hang that starts a health check in a container it pauses.
    let paused = engine.run("portal", "frontend", "sleep 600");
    paused.pause();
    paused.wait_for("Status", "paused");
    let (socket, folder) = (
        engine.socket().to_owned(),
        engine.socket().parent().unwrap().to_owned(),
    );
    engine.kill();
    assert!(UnixStream::connect(&socket).is_err());
    eventually("its containers and its containerd end", || {
        processes_in(&folder) == 0
    });
    drop(engine);
    assert!(!folder.exists());
}

#[test]
fn the_shared_docker_engine_holds_containers_of_several_projects() {
    let engine = docker::shared();
    let first = engine.run("first", "backend", "sleep 600");
    let second = engine.run("second", "backend", "sleep 600");
    assert_ne!(first.id(), second.id());
    first.stop();
    first.wait_for("Running", false);
    assert_eq!(second.inspect()["State"]["Running"], true);
    let labels = &second.inspect()["Config"]["Labels"];
    assert_eq!(labels["com.docker.compose.project"], "second");
    assert!(engine.host().starts_with("unix:///"));
}

#[test]
#[should_panic(expected = "it said this")]
fn a_failed_start_shows_the_servers_log() {
    server::on_a_free_port(|_| {
        let mut command = Command::new("sh");
        command.args(["-c", "echo it said this; exit 3"]);
        server::Server::start(
            command,
            server::folder("broken"),
            server::Stop::Process("KILL"),
            || false,
        )
    });
}

/// The helper process is this test binary itself, told by a variable to start a Redis, print where
/// it is and wait to be killed.
#[test]
fn a_server_is_gone_when_the_test_process_is_killed() {
    const HELPER: &str = "TIKBOOK_TEST_HELPER";
    if std::env::var_os(HELPER).is_some() {
        return hold_a_server();
    }
    let folder = tempfile::TempDir::with_prefix("tikbook-helper-").unwrap();
    let note = folder.path().join("note");
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "servers::a_server_is_gone_when_the_test_process_is_killed",
        ])
        .env(HELPER, &note)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the helper starts its server", || note.exists());
    let server_folder = PathBuf::from(std::fs::read_to_string(&note).unwrap());
    assert!(server_folder.exists());
    helper.kill().unwrap();
    helper.wait().unwrap();
    eventually("the folder of the server is removed", || {
        !server_folder.exists()
    });

    fn hold_a_server() {
        let folder = server::folder("held");
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        let server =
            server::Server::start(sleep, folder, server::Stop::Process("KILL"), || true).unwrap();
        let note = PathBuf::from(std::env::var_os(HELPER).unwrap());
        let partial = note.with_extension("partial");
        std::fs::write(&partial, server.folder().to_str().unwrap()).unwrap();
        std::fs::rename(partial, note).unwrap();
        std::thread::sleep(Duration::from_secs(600));
    }
}

fn expected_counts(case: &serde_json::Value) -> (i64, i64, i64) {
    let length = |name: &str| case[name].as_array().map_or(0, |rows| rows.len() as i64);
    (
        length("users"),
        length("devices"),
        case["settings"].as_object().unwrap().len() as i64,
    )
}

/// How many processes work in `folder` or name it on their command line, not counting the guard
/// who removes it.
fn processes_in(folder: &Path) -> usize {
    let name = folder.to_str().unwrap();
    let is_there = |process: &Path| {
        let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command);
        let works_there = std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder);
        (works_there || command.contains(name)) && !command.contains("\0guard\0")
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| is_there(&process.path()))
        .count()
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it did not happen that {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
