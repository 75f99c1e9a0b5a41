//! What a statement changes in an SQLite file.
//!
//! SQLite compiles cascades and triggers into the program of the statement, so EXPLAIN names every
//! table that it can write; `total_changes()` counts the rows of all of them, and a hook tells of
//! each row its table, but for some (SQLite's "The EXPLAIN listing", "total_changes()", "Data Change
//! Notification Callbacks").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::{SqliteConnection, SqliteOperation, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

use super::Touched;
use super::reach::{self, Beside};
use session::database::Fault;
use session::database::statement::{Case, Verb, Write, replaces_rows};
use site::grant::Permit;

const CASE: Case = Case::IgnoredInAscii;

/// Where SQLite keeps the highest number of each table with AUTOINCREMENT.
const SEQUENCES: &str = "sqlite_sequence";

/// What a statement can change, looked at before it is executed.
pub(super) struct Reach {
    /// Every table, its own among them.
    tables: Vec<Reached>,
    /// How often a row of each was added, changed and removed since.
    seen: Arc<Mutex<BTreeMap<String, Seen>>>,
    changed_before: u64,
}

/// A table that a statement can change.
struct Reached {
    name: String,
    beside: Beside,
    /// Can rows of it change without a word of SQLite's (`sqlite3_update_hook`)?
    is_silent: bool,
    size: Option<u64>,
}

#[derive(Default)]
struct Seen {
    all: u64,
    /// Those that were there before.
    replaced: u64,
}

impl Reach {
    /// Looks at the tables that `write` can change, and counts their rows.
    ///
    /// # Errors
    /// [`Fault::Undeclared`] if no permit names one of them, or [`Fault::Denied`] for what nobody
    /// can count.
    pub async fn of(
        connection: &mut SqliteConnection,
        write: &Write,
        permits: &[Permit],
    ) -> Result<Self, Fault> {
        let mut tables = reached(connection, write).await?;
        let beside = tables.iter().map(|table| &table.beside);
        reach::check(beside, &write.table, permits)?;
        for table in &mut tables {
            let from = format!("main.\"{}\"", table.name.replace('"', "\"\""));
            table.size = Some(reach::size(&mut *connection, from).await?);
        }
        let seen: Arc<Mutex<BTreeMap<String, Seen>>> = Arc::default();
        let told = Arc::clone(&seen);
        let mut handle = connection.lock_handle().await?;
        handle.set_update_hook(move |row| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = told.entry(row.table.to_owned()).or_default();
            seen.all += 1;
            seen.replaced += u64::from(row.operation != SqliteOperation::Insert);
        });
        drop(handle);
        Ok(Self {
            tables,
            seen,
            changed_before: changed_rows(connection).await?,
        })
    }

    /// What the statement did since then, which changed `affected` rows by itself.
    pub async fn touched(
        &self,
        connection: &mut SqliteConnection,
        (write, affected): (&Write, u64),
    ) -> Result<Touched, Fault> {
        let changed = changed_rows(connection).await?;
        let changed = changed.saturating_sub(self.changed_before);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let told: u64 = seen.values().map(|seen| seen.all).sum();
        let untold = changed.saturating_sub(told);
        let mut tables = Vec::new();
        for table in &self.tables {
            let replaced = seen.get(&table.name).map_or(0, |seen| seen.replaced);
            // They may all have been of this table.
            let silent = if table.is_silent { untold } else { 0 };
            let replaced = replaced.saturating_add(silent);
            if replaced > 0 || seen.contains_key(&table.name) {
                let touched = table.beside.touched(replaced, silent > 0, table.size);
                tables.push(touched);
            }
        }
        let rows = affected.max(changed);
        let mut beside = self.tables.iter().map(|table| &table.beside);
        let is_alone = beside.all(|beside| beside.is(&write.table));
        Ok(Touched {
            rows,
            is_most: false,
            own_rows: if is_alone { rows } else { affected },
            tables,
        })
    }
}

/// The tables that `write` can change, its own among them.
async fn reached(connection: &mut SqliteConnection, write: &Write) -> Result<Vec<Reached>, Fault> {
    let written = written_pages(connection, &write.statement.sql).await?;
    let schema = schema(connection).await?;
    let is_written = |entry: &&Entry| written.opened.contains(&entry.page);
    let tables: BTreeSet<&str> = schema
        .iter()
        .filter(is_written)
        .map(|entry| entry.table.as_str())
        .collect();
    let is_own = |name: &str| beside(name, String::new()).is(&write.table);
    let is_reached = |name: &str| {
        let mut tables = tables.iter();
        tables.any(|table| table.eq_ignore_ascii_case(name)) || is_own(name)
    };
    let reached = schema.iter().filter(|entry| is_reached(&entry.table));
    let triggers: Vec<&Entry> = reached
        .clone()
        .filter(|entry| entry.kind == "trigger")
        .collect();
    if let Some(entry) = reached.clone().find(|entry| replaces_rows(&entry.sql)) {
        return Err(Fault::Denied(
            format!(
                "{} `{}` replaces rows by others, and nobody counts those that go",
                entry.kind, entry.name
            )
            .into(),
        ));
    }
    let names: Vec<&str> = triggers.iter().map(|entry| entry.name.as_str()).collect();
    let by_triggers = format!("by the trigger `{}`", names.join("` or `"));
    let mut found = Vec::new();
    for &table in &tables {
        // The server itself keeps its book there of the numbers that it gave.
        let is_book = table == SEQUENCES;
        let is_named = |entry: &&Entry| entry.sql.to_ascii_lowercase().contains(SEQUENCES);
        if is_book && !is_own(table) && !triggers.iter().any(is_named) {
            continue;
        }
        let by_key = acting_key(connection, table, write.verb, is_reached).await?;
        let of_table = |entry: &&Entry| entry.table == table && entry.kind == "table";
        let cleared = schema.iter().filter(of_table);
        let is_cleared = cleared
            .clone()
            .any(|entry| written.cleared.contains(&entry.page));
        let has_rowid = has_rowid(connection, table).await?;
        found.push(Reached {
            name: table.to_owned(),
            beside: beside(table, by_key.unwrap_or_else(|| by_triggers.clone())),
            is_silent: is_book || is_cleared || !has_rowid,
            size: None,
        });
    }
    Ok(found)
}

/// Of a row in a table without rowid SQLite says nothing.
async fn has_rowid(connection: &mut SqliteConnection, table: &str) -> Result<bool, Fault> {
    let has =
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name = $1 AND wr = 0";
    let has: i64 = sqlx::query_scalar(has)
        .bind(table)
        .fetch_one(connection)
        .await?;
    Ok(has > 0)
}

/// How many rows the connection has added, changed and removed since it was opened.
async fn changed_rows(connection: &mut SqliteConnection) -> Result<u64, Fault> {
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

/// The pages at which the tables and indexes begin that a program writes.
#[derive(Default)]
struct Pages {
    opened: BTreeSet<i64>,
    /// Those that are emptied as a whole.
    cleared: BTreeSet<i64>,
}

/// The pages that the program of `sql` writes.
async fn written_pages(connection: &mut SqliteConnection, sql: &str) -> Result<Pages, Fault> {
    let explained = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}")));
    let program = explained.fetch_all(connection).await?;
    let mut pages = Pages::default();
    for row in &program {
        let operand = |name: &str| row.try_get::<i64, _>(name);
        match opcode(row)?.as_str() {
            "OpenWrite" => pages.opened.insert(operand("p2")?),
            "Clear" => {
                pages.opened.insert(operand("p1")?);
                pages.cleared.insert(operand("p1")?)
            }
            "VUpdate" => {
                let why = "it writes a virtual table, whose rows nobody counts";
                return Err(Fault::Denied(why.into()));
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

fn beside(table: &str, how: String) -> Beside {
    Beside::listed(("main", table), true, CASE, how)
}
