//! What a statement changes in an SQLite file.
//!
//! SQLite compiles cascades and triggers into the program of the statement, so EXPLAIN names every
//! table that it can write; and `total_changes()` counts the rows of all of them (SQLite's "The
//! EXPLAIN listing", "total_changes()").

use std::collections::BTreeSet;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

use super::Fault;
use super::reach::Beside;
use super::statement::{Case, TableName, Verb, Write, replaces_rows};

const CASE: Case = Case::IgnoredInAscii;

/// The tables that `write` can change, its own among them.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    write: &Write,
) -> Result<Vec<Beside>, Fault> {
    let pages = written_pages(connection, &write.statement.sql).await?;
    let schema = schema(connection).await?;
    let tables: BTreeSet<&str> = schema
        .iter()
        .filter(|entry| pages.contains(&entry.page) && !entry.table.starts_with("sqlite_"))
        .map(|entry| entry.table.as_str())
        .collect();
    let is_reached = |name: &str| {
        let is_own = || named(name).contains(&write.table);
        tables.iter().any(|table| table.eq_ignore_ascii_case(name)) || is_own()
    };
    let reached = schema.iter().filter(|entry| is_reached(&entry.table));
    let triggers: Vec<&str> = reached
        .clone()
        .filter(|entry| entry.kind == "trigger")
        .map(|entry| entry.name.as_str())
        .collect();
    if let Some(entry) = reached.clone().find(|entry| replaces_rows(&entry.sql)) {
        return Err(Fault::Denied(format!(
            "{} `{}` replaces rows by others, and nobody counts those that go",
            entry.kind, entry.name
        )));
    }
    let mut beside = Vec::new();
    for table in &tables {
        let by_key = acting_key(connection, table, write.verb, is_reached).await?;
        beside.push(Beside {
            names: named(table),
            how: by_key.unwrap_or_else(|| format!("by the trigger `{}`", triggers.join("` or `"))),
        });
    }
    Ok(beside)
}

/// How many rows the connection has added, changed and removed since it was opened.
pub(super) async fn changed_rows(connection: &mut SqliteConnection) -> Result<u64, Fault> {
    let changed = sqlx::query_scalar::<_, i64>("SELECT total_changes()");
    Ok(changed.fetch_one(connection).await?.unsigned_abs())
}

/// An entry of the schema.
struct Entry {
    kind: String,
    name: String,
    /// The table that it is, or belongs to.
    table: String,
    /// Where its rows begin.
    page: i64,
    sql: String,
}

async fn schema(connection: &mut SqliteConnection) -> Result<Vec<Entry>, Fault> {
    let entries = "SELECT type, name, tbl_name, coalesce(rootpage, 0), coalesce(sql, '') \
                   FROM sqlite_master";
    let rows: Vec<(String, String, String, i64, String)> =
        sqlx::query_as(entries).fetch_all(connection).await?;
    let entry = |(kind, name, table, page, sql)| Entry {
        kind,
        name,
        table,
        page,
        sql,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// The pages at which the tables and indexes begin that the program of `sql` opens for writing.
async fn written_pages(
    connection: &mut SqliteConnection,
    sql: &str,
) -> Result<BTreeSet<i64>, Fault> {
    let explained = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}")));
    let program = explained.fetch_all(connection).await?;
    let mut pages = BTreeSet::new();
    for row in &program {
        let operand = |name: &str| row.try_get::<i64, _>(name);
        match opcode(row)?.as_str() {
            "OpenWrite" => pages.insert(operand("p2")?),
            "Clear" => pages.insert(operand("p1")?),
            "VUpdate" => {
                let why = "it writes a virtual table, whose rows nobody counts";
                return Err(Fault::Denied(why.to_owned()));
            }
            _ => continue,
        };
    }
    Ok(pages)
}

fn opcode(row: &SqliteRow) -> Result<String, sqlx::Error> {
    row.try_get("opcode")
}

/// The foreign key by which a change of a reached table changes `table`.
async fn acting_key(
    connection: &mut SqliteConnection,
    table: &str,
    verb: Verb,
    is_reached: impl Fn(&str) -> bool,
) -> Result<Option<String>, Fault> {
    let keys = "SELECT \"table\", on_delete, on_update FROM pragma_foreign_key_list($1)";
    let keys: Vec<(String, String, String)> = sqlx::query_as(keys)
        .bind(table)
        .fetch_all(connection)
        .await?;
    let acts = |rule: &str| matches!(rule, "CASCADE" | "SET NULL" | "SET DEFAULT");
    for (parent, on_delete, on_update) in keys.iter().filter(|key| is_reached(&key.0)) {
        let by = |event, rule| format!("by its foreign key to `{parent}` (ON {event} {rule})");
        let (deletes, updates) = (acts(on_delete), acts(on_update));
        match verb {
            Verb::Delete if deletes => return Ok(Some(by("DELETE", on_delete))),
            Verb::Update if updates => return Ok(Some(by("UPDATE", on_update))),
            _ => {}
        }
    }
    Ok(None)
}

fn named(table: &str) -> Vec<TableName> {
    let schema = Some("main".to_owned());
    [None, schema]
        .map(|schema| TableName::listed(schema.into_iter().chain([table.to_owned()]), CASE))
        .into()
}
