//! What a statement changes in MySQL and MariaDB.
//!
//! InnoDB carries cascades out by itself and counts them nowhere, and nothing tells which tables a
//! transaction has written. So the foreign keys and triggers are followed before the statement is
//! sent. The rows of cascades are those by which the tables differ after it, under locks; the rows of
//! triggers are counted by the server (MariaDB's "Server Status Variables", `Handler_…`).

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;

use super::Fault;
use super::reach::Beside;
use super::statement::{Body, Case, TableName, Verb, Write, body};

/// A table by its schema and its name, as the server lists them.
type Table = (String, String);

/// What a statement can change, followed before it is sent.
pub(super) struct Reach {
    /// Every table, the statement's own among them.
    pub beside: Vec<Beside>,
    tables: BTreeSet<Table>,
    own: Table,
    /// The tables that cascades change, each with the columns of the keys by which they do.
    cascades: BTreeMap<Table, Cascade>,
    has_triggers: bool,
    is_mariadb: bool,
}

#[derive(Default)]
struct Cascade {
    /// Can rows go?
    removes: bool,
    /// The columns that another value can be put into, of each key.
    sets: BTreeSet<Vec<String>>,
    /// Can that be a value other than NULL?
    rewrites: bool,
}

/// What is counted before the statement, to be held against the same after it.
pub(super) struct Counts {
    handled: Handled,
    rows: BTreeMap<Table, RowCounts>,
}

/// How many rows a table has, and in how many of them each key has a value.
struct RowCounts {
    all: u64,
    filled: Vec<u64>,
}

/// How many rows the session has had written by statements and triggers.
struct Handled {
    written: u64,
    changed: u64,
}

impl Reach {
    /// Follows the foreign keys and triggers from the table of `write`.
    ///
    /// # Errors
    /// [`Fault::Denied`] for what cannot be followed.
    pub async fn of(
        connection: &mut MySqlConnection,
        write: &Write,
        case: Case,
    ) -> Result<Self, Fault> {
        let own = listed(connection, write, case).await?;
        let database: String = text(connection, "SELECT CAST(database() AS CHAR)").await?;
        let version = text(connection, "SELECT CAST(VERSION() AS CHAR)").await?;
        let functions = functions(connection).await?;
        if let Some(name) = write.calls.intersection(&functions).next() {
            let why = format!("the function `{name}` is the site's own and could write more");
            return Err(Fault::Denied(why));
        }
        let mut reach = Self {
            beside: Vec::new(),
            tables: BTreeSet::new(),
            own: own.clone(),
            cascades: BTreeMap::new(),
            has_triggers: false,
            is_mariadb: version.to_ascii_lowercase().contains("mariadb"),
        };
        // Each with the columns that can change: those that the statement can assign, or all.
        let mut open = vec![(
            own,
            write.verb,
            Some(write.assigned.clone()),
            Cause::Statement,
        )];
        let mut seen = BTreeSet::new();
        while let Some((table, verb, columns, cause)) = open.pop() {
            let fires_triggers = !matches!(cause, Cause::Key(_));
            if !seen.insert((table.clone(), verb, columns.clone(), fires_triggers)) {
                continue;
            }
            if reach.tables.insert(table.clone()) {
                reach.beside.push(Beside {
                    names: named(&table, &database, case),
                    how: cause.to_string(),
                });
            }
            let mut has_trigger = false;
            if fires_triggers {
                for (name, mode, text) in triggers(connection, &table, verb).await? {
                    has_trigger = true;
                    let cause = Cause::Trigger(name.clone());
                    let body = read_body(&mode, &text, &functions).map_err(|why| {
                        Fault::Denied(format!(
                            "the trigger `{name}` could change any table: {why}"
                        ))
                    })?;
                    for (schema, written, verb) in body.writes {
                        let schema = schema.unwrap_or_else(|| table.0.clone());
                        open.push(((schema, written), verb, None, cause.clone()));
                    }
                }
            }
            reach.has_triggers |= has_trigger;
            if verb == Verb::Insert {
                continue;
            }
            // A trigger may give any column of the row another value.
            let columns = columns.filter(|_| !has_trigger);
            for key in keys(connection, &table).await? {
                let changes = |columns: &BTreeSet<String>| {
                    key.is_computed
                        || key
                            .referenced
                            .iter()
                            .any(|name| columns.contains(&name.to_lowercase()))
                };
                if verb == Verb::Update && !columns.as_ref().is_none_or(changes) {
                    continue;
                }
                if let Some(change) = key.change(verb) {
                    let cascade = reach.cascades.entry(key.table.clone()).or_default();
                    match change {
                        Verb::Delete => cascade.removes = true,
                        _ => {
                            cascade.sets.insert(key.columns.clone());
                            cascade.rewrites |= key.rule(verb) == "CASCADE";
                        }
                    }
                    let cause = Cause::Key(format!("{}` (ON {}", key.name, key.said(verb)));
                    let columns = key.columns.iter().map(|name| name.to_lowercase());
                    let columns = Some(columns.collect());
                    open.push((key.table, change, columns, cause));
                }
            }
        }
        Ok(reach)
    }

    /// The tables, for a look at what can roll them back.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter()
    }

    /// Counts what is to be held against the same after the statement. Nobody else changes these
    /// tables until the transaction ends.
    pub async fn count(&self, connection: &mut MySqlConnection) -> Result<Counts, Fault> {
        let mut rows = BTreeMap::new();
        for (table, cascade) in &self.cascades {
            let filled: Vec<String> = cascade
                .sets
                .iter()
                .map(|columns| {
                    let empty = columns
                        .iter()
                        .map(|name| format!("{} IS NULL", quoted(name)));
                    let is_empty = empty.collect::<Vec<_>>().join(" OR ");
                    format!(", CAST(coalesce(sum(NOT ({is_empty})), 0) AS SIGNED)")
                })
                .collect();
            let (schema, name) = (quoted(&table.0), quoted(&table.1));
            let sql = format!(
                "SELECT count(*){} FROM {schema}.{name} LOCK IN SHARE MODE",
                filled.join("")
            );
            let counted = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection);
            let counted = counted.await?;
            let at = |at: usize| -> Result<u64, Fault> {
                Ok(sqlx::Row::try_get::<i64, _>(&counted, at)?.unsigned_abs())
            };
            let filled = (1..=filled.len()).map(at).collect::<Result<_, _>>()?;
            rows.insert(
                table.clone(),
                RowCounts {
                    all: at(0)?,
                    filled,
                },
            );
        }
        let handled = handled(connection).await?;
        Ok(Counts { handled, rows })
    }

    /// How many rows changed since `before` was counted, when the statement changed `affected` of its
    /// own table; and whether there may have been fewer.
    ///
    /// # Errors
    /// [`Fault::Denied`] if rows changed of which nobody knows why.
    pub async fn changed(
        &self,
        connection: &mut MySqlConnection,
        (write, affected): (&Write, u64),
        before: &Counts,
    ) -> Result<(u64, bool), Fault> {
        let now = self.count(connection).await?;
        let written = now.handled.written.saturating_sub(before.handled.written);
        let changed = now.handled.changed.saturating_sub(before.handled.changed);
        // MySQL counts rows of its own temporary tables too.
        let counts_written =
            self.is_mariadb || self.has_triggers || !write.words.contains("select");
        let handled = changed + if counts_written { written } else { 0 };
        if handled > affected && !self.has_triggers {
            return Err(Fault::Denied(format!(
                "{handled} rows changed where it names {affected}: there is a trigger that this \
                 account may not see (GRANT TRIGGER shows it)"
            )));
        }
        let mut rows = affected.max(handled);
        let mut is_most = false;
        for (table, cascade) in &self.cascades {
            let (Some(before), Some(now)) = (before.rows.get(table), now.rows.get(table)) else {
                continue;
            };
            let is_own = *table == self.own;
            // Of its own table the statement has counted some itself.
            let own = match is_own && write.verb == Verb::Delete {
                true => affected,
                false => 0,
            };
            let gone = before.all.saturating_sub(now.all).saturating_sub(own);
            if cascade.removes {
                rows = rows.saturating_add(gone);
            }
            let emptied = before.filled.iter().zip(&now.filled);
            let emptied = emptied.map(|(before, now)| match cascade.rewrites {
                true => *before,
                false => before.saturating_sub(*now),
            });
            let emptied: u64 = emptied.sum();
            rows = rows.saturating_add(emptied);
            is_most |= emptied > 0 && (gone > 0 || cascade.rewrites || before.filled.len() > 1);
            if self.has_triggers {
                // What a trigger added may hide as many that went.
                rows = rows.saturating_add(written);
                is_most |= written > 0;
            }
        }
        Ok((rows, is_most))
    }
}

/// Why a table is reached.
#[derive(Clone)]
enum Cause {
    Statement,
    Trigger(String),
    Key(String),
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Statement => f.write_str("by itself"),
            Self::Trigger(name) => write!(f, "by the trigger `{name}`"),
            Self::Key(name) => write!(f, "by its foreign key `{name})"),
        }
    }
}

/// A foreign key that points at a table.
struct Key {
    name: String,
    /// The table that has it.
    table: Table,
    on_delete: String,
    on_update: String,
    columns: Vec<String>,
    referenced: Vec<String>,
    /// Does the server itself give a column that is referenced its value?
    is_computed: bool,
}

impl Key {
    fn rule(&self, verb: Verb) -> &str {
        match verb {
            Verb::Delete => &self.on_delete,
            _ => &self.on_update,
        }
    }

    fn said(&self, verb: Verb) -> String {
        let event = match verb {
            Verb::Delete => "DELETE",
            _ => "UPDATE",
        };
        format!("{event} {}", self.rule(verb))
    }

    /// What becomes of the rows that point at a row that is so changed, if it is not refused.
    fn change(&self, verb: Verb) -> Option<Verb> {
        match (self.rule(verb), verb) {
            ("CASCADE", Verb::Delete) => Some(Verb::Delete),
            ("CASCADE" | "SET NULL" | "SET DEFAULT", _) => Some(Verb::Update),
            _ => None,
        }
    }
}

/// The table of `write` as the server lists it; as it is written if it is not there.
async fn listed(
    connection: &mut MySqlConnection,
    write: &Write,
    case: Case,
) -> Result<Table, Fault> {
    let (schema, name) = write.table.schema_and_table();
    let tables = "SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR) \
                  FROM information_schema.tables \
                  WHERE table_schema = coalesce(?, database()) AND table_name = ?";
    let found: Vec<Table> = sqlx::query_as(tables)
        .bind(schema)
        .bind(name)
        .fetch_all(&mut *connection)
        .await?;
    // The server compares these names without case, whatever it does with tables.
    let is_it = |found: &Table| case.folded(found.1.clone()) == name;
    match found.into_iter().find(is_it) {
        Some(table) => Ok(table),
        None => {
            let here = text(connection, "SELECT CAST(database() AS CHAR)").await?;
            Ok((schema.map_or(here, str::to_owned), name.to_owned()))
        }
    }
}

async fn text(connection: &mut MySqlConnection, sql: &'static str) -> Result<String, Fault> {
    let value: Option<String> = sqlx::query_scalar(sql).fetch_one(connection).await?;
    Ok(value.unwrap_or_default())
}

/// The functions that were made on this server, in lower case.
async fn functions(connection: &mut MySqlConnection) -> Result<BTreeSet<String>, Fault> {
    let functions = "SELECT CAST(lower(routine_name) AS CHAR) FROM information_schema.routines \
                     WHERE routine_type = 'FUNCTION' AND routine_schema NOT IN ('mysql', 'sys')";
    let names: Vec<String> = sqlx::query_scalar(functions).fetch_all(connection).await?;
    Ok(names.into_iter().collect())
}

/// Name, mode and body of the triggers of a table.
async fn triggers(
    connection: &mut MySqlConnection,
    table: &Table,
    verb: Verb,
) -> Result<Vec<(String, String, String)>, Fault> {
    let triggers = "SELECT CAST(trigger_name AS CHAR), CAST(sql_mode AS CHAR), \
                           CAST(action_statement AS CHAR) FROM information_schema.triggers \
                    WHERE event_object_schema = ? AND event_object_table = ? \
                      AND event_manipulation = ?";
    let event = match verb {
        Verb::Insert => "INSERT",
        Verb::Update => "UPDATE",
        Verb::Delete => "DELETE",
    };
    let found = sqlx::query_as(triggers).bind(&table.0).bind(&table.1);
    Ok(found.bind(event).fetch_all(connection).await?)
}

fn read_body(mode: &str, text: &str, functions: &BTreeSet<String>) -> Result<Body, String> {
    if mode.contains("ANSI_QUOTES") || mode.contains("NO_BACKSLASH_ESCAPES") {
        return Err("it was made under another grammar (sql_mode)".to_owned());
    }
    let body = body(text)?;
    match body.calls.intersection(functions).next() {
        Some(name) => Err(format!("it calls the function `{name}`")),
        None => Ok(body),
    }
}

/// The foreign keys that point at a table.
async fn keys(connection: &mut MySqlConnection, table: &Table) -> Result<Vec<Key>, Fault> {
    let keys = "SELECT CAST(r.constraint_name AS CHAR), CAST(r.constraint_schema AS CHAR), \
                       CAST(r.table_name AS CHAR), CAST(r.delete_rule AS CHAR), \
                       CAST(r.update_rule AS CHAR), CAST(k.column_name AS CHAR), \
                       CAST(k.referenced_column_name AS CHAR), \
                       coalesce(c.extra NOT IN ('', 'auto_increment'), 0) <> 0 \
                FROM information_schema.referential_constraints AS r \
                JOIN information_schema.key_column_usage AS k \
                  ON k.constraint_schema = r.constraint_schema \
                 AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name \
                LEFT JOIN information_schema.columns AS c \
                  ON c.table_schema = k.referenced_table_schema \
                 AND c.table_name = k.referenced_table_name \
                 AND c.column_name = k.referenced_column_name \
                WHERE r.unique_constraint_schema = ? AND r.referenced_table_name = ? \
                ORDER BY r.constraint_schema, r.table_name, r.constraint_name, k.ordinal_position";
    type Row = (String, String, String, String, String, String, String, bool);
    let rows: Vec<Row> = sqlx::query_as(keys)
        .bind(&table.0)
        .bind(&table.1)
        .fetch_all(connection)
        .await?;
    let mut keys: Vec<Key> = Vec::new();
    for (name, schema, table, on_delete, on_update, column, referenced, is_computed) in rows {
        let table = (schema, table);
        match keys.last_mut() {
            Some(last) if last.name == name && last.table == table => {
                last.columns.push(column);
                last.referenced.push(referenced);
                last.is_computed |= is_computed;
            }
            _ => keys.push(Key {
                name,
                table,
                on_delete,
                on_update,
                columns: vec![column],
                referenced: vec![referenced],
                is_computed,
            }),
        }
    }
    Ok(keys)
}

async fn handled(connection: &mut MySqlConnection) -> Result<Handled, Fault> {
    let status = "SHOW SESSION STATUS WHERE Variable_name IN \
                  ('Handler_write', 'Handler_update', 'Handler_delete')";
    let counts: Vec<(String, String)> = sqlx::query_as(status).fetch_all(connection).await?;
    let count = |wanted: &str| {
        let count = counts.iter().find(|(name, _)| name == wanted);
        count.and_then(|(_, count)| count.parse::<u64>().ok())
    };
    let counted = (
        count("Handler_write"),
        count("Handler_update"),
        count("Handler_delete"),
    );
    match counted {
        (Some(written), Some(updated), Some(deleted)) => Ok(Handled {
            written,
            changed: updated.saturating_add(deleted),
        }),
        _ => Err(Fault::Denied(
            "the server does not say how many rows are changed (SHOW STATUS)".to_owned(),
        )),
    }
}

fn named(table: &Table, database: &str, case: Case) -> Vec<TableName> {
    let bare = (table.0 == database).then(|| vec![table.1.clone()]);
    let full = vec![table.0.clone(), table.1.clone()];
    bare.into_iter()
        .chain([full])
        .map(|parts| TableName::listed(parts, case))
        .collect()
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
