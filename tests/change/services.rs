//! Changes beside the router: keys of Redis, statements of the database.

use std::collections::BTreeSet;

use serde_json::json;
use tempfile::TempDir;

use crate::support::tikbook::Tikbook;
use crate::support::{mariadb, postgres, redis, sqlite};

#[test]
fn keys_of_redis_come_back_with_the_time_they_had_left() {
    let redis = redis::Server::start();
    redis.command(&["SET", "quota_sync:a", "one", "EX", "100"]);
    redis.command(&["RPUSH", "quota_sync:b", "x", "y"]);
    redis.command(&["SET", "quota_sync:c", "three"]);
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let tikbook = |args: &[&str]| {
        let script = r#"//! Keys.
const RUNBOOK = #{ reads: ["redis"], writes: ["redis:quota_sync:*"] };
fn run(args) {
    let done = [
        redis::delete("quota_sync:a"),
        redis::command("LPOP", ["quota_sync:b"]),
        redis::delete_if_equals("quota_sync:c", "three"),
        redis::set("quota_sync:d", "new", 50),
    ];
    for command in ["FLUSHALL", "EVAL", "SHUTDOWN", "CONFIG"] {
        try { redis::command(command, ["return 1", "0"]); throw command; }
        catch (err) { assert_eq(err.kind, "denied"); }
    }
    try { redis::set("elsewhere", "x"); throw "declared"; }
    catch (err) { assert_eq(err.kind, "denied"); }
    #{ statuses: done.map(|change| change.status) }
}"#;
        let tikbook = redis.tikbook(state.path());
        tikbook.file("keys.rhai", script).args(args).run()
    };
    let dry = tikbook(&["--json", "run", "./keys.rhai"])
        .code(0)
        .stdout_json();
    assert_eq!(
        dry["statuses"],
        json!(["planned", "planned", "planned", "planned"])
    );
    assert_eq!(redis.command(&["DBSIZE"]), ":3\r\n");
    let made = tikbook(&["--json", "run", "./keys.rhai", "--apply", "--yes"])
        .code(0)
        .stdout_json();
    assert_eq!(made["changes"]["applied"], 4);
    assert_eq!(
        redis.command(&["EXISTS", "quota_sync:a", "quota_sync:c"]),
        ":0\r\n"
    );
    tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(redis.command(&["GET", "quota_sync:a"]), "$3\r\none\r\n");
    let left = redis.command(&["TTL", "quota_sync:a"]);
    let left: i64 = left.trim_start_matches(':').trim().parse().unwrap();
    assert!((80..=100).contains(&left), "{left}");
    assert_eq!(redis.command(&["LLEN", "quota_sync:b"]), ":2\r\n");
    assert_eq!(redis.command(&["GET", "quota_sync:c"]), "$5\r\nthree\r\n");
    assert_eq!(redis.command(&["EXISTS", "quota_sync:d"]), ":0\r\n");
}

#[test]
fn what_changes_a_key_comes_by_another_connection_than_what_reads_it() {
    let redis = redis::Server::start();
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let script = r#"//! A key.
const RUNBOOK = #{ reads: ["redis"], writes: ["redis:quota_sync:a"] };
fn run(args) { redis::set("quota_sync:a", redis::get("quota_sync:from")); #{} }"#;
    redis.command_in(3, &["SET", "quota_sync:from", "value"]);
    let commands = |options: &[&str]| {
        redis.commands_during(|| {
            let tikbook = redis.tikbook(state.path()).env("REDIS_URL", redis.url(3));
            let tikbook = tikbook.file("key.rhai", script);
            tikbook
                .args(["run", "./key.rhai"])
                .args(options)
                .run()
                .code(0);
        })
    };
    let clients = |commands: &[String], named: &str| -> BTreeSet<String> {
        // As `+1700000000.123456 [3 127.0.0.1:40000] "SET" "quota_sync:a" "value"`.
        let commands = commands.iter().filter(|line| line.contains(named));
        let client = |line: &String| line.split(['[', ']']).nth(1).unwrap().to_owned();
        commands.map(client).collect()
    };
    assert_eq!(clients(&commands(&[]), "\"quota_sync:").len(), 1);
    let apply = commands(&["--apply", "--yes"]);
    let all = clients(&apply, "\"quota_sync:");
    let writing = clients(&apply, r#""SET" "quota_sync:a""#);
    assert_eq!((all.len(), writing.len()), (2, 1), "{all:?}");
    assert!(all.iter().all(|client| client.starts_with("3 ")), "{all:?}");
    assert_eq!(
        redis.command_in(3, &["GET", "quota_sync:a"]),
        "$5\r\nvalue\r\n"
    );
}

#[test]
fn a_statement_writes_the_table_that_the_header_names_and_is_not_undone() {
    let sqlite = sqlite::database_with_schema();
    let postgres = postgres::database_with_schema();
    let mariadb = mariadb::database_with_schema();
    for url in [sqlite.url(), postgres.url(), mariadb.url()] {
        check_statements(&url);
    }
}

fn check_statements(database: &str) {
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let tikbook = |sql: &str, args: &[&str]| {
        let script = format!(
            r#"//! A statement.
const RUNBOOK = #{{ reads: ["db"], writes: ["db:application_settings"] }};
fn run(args) {{
    let done = db::execute({sql:?}, ["KEY", "value"]);
    #{{ status: done.status, rows: db::value("SELECT count(*) FROM application_settings") }}
}}
fn after(args, done, report) {{
    report.set("status", done[0].status);
    report.set("rows", db::value("SELECT count(*) FROM application_settings"));
}}"#
        );
        Tikbook::new()
            .env("DATABASE_URL", database)
            .env("XDG_STATE_HOME", state.path())
            .file("sql.rhai", script)
            .args(["--json"])
            .args(args)
            .run()
    };
    let insert = "INSERT INTO application_settings (setting_key, setting_value) VALUES ($1, $2)";
    let run = ["run", "./sql.rhai"];
    let dry = tikbook(insert, &run).code(0).stdout_json();
    assert_eq!(
        (&dry["status"], &dry["rows"]),
        (&json!("planned"), &json!(0))
    );
    let apply = [&run[..], &["--apply", "--yes"]].concat();
    let made = tikbook(insert, &apply).code(0).stdout_json();
    assert_eq!(
        (&made["status"], &made["rows"]),
        (&json!("applied"), &json!(1))
    );
    let undo = tikbook("", &["undo", "last", "--apply", "--yes"]).code(0);
    assert!(
        undo.stdout_json()["changes"]["rows"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for other in [
        "DELETE FROM users WHERE phone_number IN ($1, $2)",
        "INSERT INTO application_settings SELECT $1, $2; DELETE FROM users",
        "WITH gone AS (DELETE FROM users RETURNING id) SELECT $1, $2",
        "DROP TABLE users",
    ] {
        tikbook(other, &apply).code(6);
    }
}
