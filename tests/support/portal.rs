//! The portal's tables in three dialects, and the rows of the oracle cases.

use std::fmt::Write;

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

/// The tables that an oracle case fills.
pub const TABLES: [&str; 3] = [USERS, DEVICES, SETTINGS];

const USERS: &str = "users";
const DEVICES: &str = "user_devices";
const SETTINGS: &str = "application_settings";

/// The statements that make the portal's tables.
pub fn schema(dialect: Dialect) -> String {
    const SCHEMA: &str = include_str!("../../crates/demo/src/tables.sql");
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
        Dialect::Sqlite => return demo::tables(),
    };
    replacements
        .iter()
        .fold(SCHEMA.to_owned(), |sql, (from, to)| sql.replace(from, to))
}

/// The rows of an oracle case as `INSERT` statements in the order of the case.
pub fn inserts(case: &Value, dialect: Dialect) -> String {
    let mut sql = String::new();
    for user in rows(case, "users") {
        write_insert(&mut sql, USERS, user, dialect);
    }
    for device in rows(case, "devices") {
        write_insert(&mut sql, DEVICES, device, dialect);
    }
    for (key, setting) in case["settings"].as_object().into_iter().flatten() {
        write_insert(&mut sql, SETTINGS, &setting_row(key, setting), dialect);
    }
    sql
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
