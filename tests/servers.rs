//! The servers the other tests stand on: fresh for each test, and gone afterwards.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;

use crate::support::{block_on, mariadb, portal, postgres, redis, server, sqlite};

const COUNT: &str = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_devices), \
                     (SELECT count(*) FROM application_settings)";

#[test]
fn every_oracle_case_fits_into_the_portals_tables_of_postgresql() {
    for case in portal::oracle_cases() {
        let database = postgres::database_with_schema();
        database.insert(&case);
        let counts: (i64, i64, i64) = block_on(async {
            let mut connection = PgConnection::connect(&database.url()).await.unwrap();
            sqlx::query_as(COUNT)
                .fetch_one(&mut connection)
                .await
                .unwrap()
        });
        assert_eq!(counts, expected_counts(&case), "case {}", case["case"]);
    }
}

#[test]
fn an_oracle_case_fits_into_the_portals_tables_of_mariadb() {
    let database = mariadb::database_with_schema();
    let case = portal::oracle_cases().remove(0);
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
    let case = portal::oracle_cases().remove(0);
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
#[should_panic(expected = "it said this")]
fn a_failed_start_shows_the_servers_log() {
    server::on_a_free_port(|_| {
        let mut command = Command::new("sh");
        command.args(["-c", "echo it said this; exit 3"]);
        server::Server::start(command, server::folder("broken"), "KILL", || false)
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
        let server = server::Server::start(sleep, folder, "KILL", || true).unwrap();
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
