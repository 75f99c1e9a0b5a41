//! The portal's tables in three dialects, and the rows of the oracle cases.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// Which database's SQL is meant.
#[derive(Clone, Copy, PartialEq)]
pub enum Dialect {
    /// PostgreSQL, in which the schema file is written.
    Postgres,
    /// MariaDB and MySQL.
    MariaDb,
    /// SQLite.
    Sqlite,
}

/// The statements that make the portal's tables.
pub fn schema(dialect: Dialect) -> String {
    const SCHEMA: &str = include_str!("../portal-schema.sql");
    let replacements: &[(&str, &str)] = match dialect {
        Dialect::Postgres => &[],
        Dialect::MariaDb => &[
            (" uuid", " char(36)"),
            (
                " timestamptz NOT NULL DEFAULT now()",
                " datetime(6) NOT NULL DEFAULT now(6)",
            ),
            (" timestamptz", " datetime(6)"),
        ],
        // A column declared `uuid` would have numeric affinity there.
        Dialect::Sqlite => &[
            (" uuid", " text"),
            (" json", " text"),
            (" timestamptz", " text"),
            ("DEFAULT now()", "DEFAULT CURRENT_TIMESTAMP"),
        ],
    };
    replacements
        .iter()
        .fold(SCHEMA.to_owned(), |sql, (from, to)| sql.replace(from, to))
}

/// The oracle cases that lie in `tests/oracle/cases`, in the order of their numbers.
pub fn oracle_cases() -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases");
    let entries = fs::read_dir(folder).expect("the oracle cases are in the repository");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| read_case(path)).collect()
}

/// The rows of an oracle case as `INSERT` statements in the order of the case.
pub fn inserts(case: &Value, dialect: Dialect) -> String {
    let mut sql = String::new();
    for user in rows(case, "users") {
        write_insert(&mut sql, "users", user, dialect);
    }
    for device in rows(case, "devices") {
        write_insert(&mut sql, "user_devices", device, dialect);
    }
    for (key, setting) in case["settings"].as_object().into_iter().flatten() {
        write_insert(
            &mut sql,
            "application_settings",
            &setting_row(key, setting),
            dialect,
        );
    }
    sql
}

fn read_case(path: &std::path::Path) -> Value {
    let text = fs::read_to_string(path).expect("an oracle case can be read");
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is not JSON: {error}", path.display()))
}

fn rows<'a>(case: &'a Value, table: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    case[table]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn setting_row(key: &str, setting: &Value) -> Map<String, Value> {
    Map::from_iter([
        ("setting_key".to_owned(), key.into()),
        ("setting_value".to_owned(), setting["value"].clone()),
        ("is_encrypted".to_owned(), setting["encrypted"].clone()),
    ])
}

fn write_insert(sql: &mut String, table: &str, row: &Map<String, Value>, dialect: Dialect) {
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let values: Vec<String> = row.values().map(|value| literal(value, dialect)).collect();
    let written = writeln!(
        sql,
        "INSERT INTO {table} ({}) VALUES ({});",
        columns.join(", "),
        values.join(", ")
    );
    written.expect("a string takes everything");
}

fn literal(value: &Value, dialect: Dialect) -> String {
    match value {
        Value::String(text) if dialect == Dialect::MariaDb => quoted(&text.replace('\\', "\\\\")),
        Value::String(text) => quoted(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
