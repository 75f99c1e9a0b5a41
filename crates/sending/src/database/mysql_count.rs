//! How many rows a statement changed in MySQL and MariaDB, which count no cascade.
//!
//! The rows of cascades are those by which the tables differ after it, under locks; the rows of
//! triggers are counted by the server (MariaDB's "Server Status Variables", `Handler_…`).

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;

use super::mysql_declared::Table;
use super::mysql_reach::Reach;
use super::{Touched, reach};
use session::database::Fault;
use session::database::statement::{Verb, Write};

/// How many rows tables have.
pub(super) type Sizes = BTreeMap<Table, u64>;

/// What is counted before the statement, to be held against the same after it.
pub(super) struct Counts {
    handled: Handled,
    rows: BTreeMap<Table, RowCounts>,
}

/// What a cascade did to a table.
struct Cascaded {
    /// How many of its rows it changed or removed.
    replaced: u64,
    /// Were there perhaps fewer?
    is_most: bool,
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

    /// How many rows each table has, where the account may count them.
    pub async fn sizes(&self, connection: &mut MySqlConnection) -> Result<Sizes, Fault> {
        let mut sizes = BTreeMap::new();
        for table in self.tables.keys() {
            let from = format!("{}.{}", quoted(&table.0), quoted(&table.1));
            match reach::size(&mut *connection, from).await {
                Ok(size) => drop(sizes.insert(table.clone(), size)),
                Err(sqlx::Error::Database(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sizes)
    }

    /// What changed since `before` was counted, when the statement changed `affected` rows of its
    /// own table.
    ///
    /// # Errors
    /// [`Fault::Denied`] if rows changed of which nobody knows why.
    pub async fn touched(
        &self,
        connection: &mut MySqlConnection,
        (write, affected): (&Write, u64),
        (before, sizes): (&Counts, &Sizes),
    ) -> Result<Touched, Fault> {
        let now = self.count(connection).await?;
        let written = now.handled.written.saturating_sub(before.handled.written);
        let changed = now.handled.changed.saturating_sub(before.handled.changed);
        // MySQL counts rows of its own temporary tables too.
        let counts_written =
            self.is_mariadb || self.has_triggers || !write.words.contains("select");
        let handled = changed + if counts_written { written } else { 0 };
        if handled > affected && !self.has_triggers {
            return Err(Fault::Denied(format!(
                "{handled} rows were written where it names {affected}, and nobody knows of which \
                 tables: by a trigger that this account may not see (GRANT TRIGGER shows it), by a \
                 move to another partition, for the history of a versioned table, or for a sequence"
            ).into()));
        }
        let mut touched = Touched {
            rows: affected.max(handled),
            is_most: handled > affected && self.writes_twice,
            own_rows: affected,
            tables: Vec::new(),
        };
        let mut by_triggers = changed;
        if write.verb == Verb::Delete {
            // An UPDATE may count rows as its own that it left as they were.
            by_triggers = changed.saturating_sub(affected);
        }
        for (table, reached) in &self.tables {
            let is_own = *table == self.own;
            let mut replaced = match is_own && write.verb != Verb::Insert {
                true => affected,
                false => 0,
            };
            let mut is_most = false;
            let by_itself = match is_own && write.verb == Verb::Delete {
                true => affected,
                false => 0,
            };
            if let Some(cascaded) = self.cascaded(table, by_itself, (before, &now), written) {
                touched.rows = touched.rows.saturating_add(cascaded.replaced);
                touched.is_most |= cascaded.is_most;
                replaced = replaced.saturating_add(cascaded.replaced);
                is_most |= cascaded.is_most;
            }
            if reached.is_replaced_by_triggers() {
                // They may all have been of this table.
                replaced = replaced.saturating_add(by_triggers);
                is_most |= by_triggers > 0;
            }
            let size = sizes.get(table).copied();
            let its = reached.beside.touched(replaced, is_most, size);
            touched.tables.push(its);
        }
        Ok(touched)
    }

    /// What cascades did to `table`, of whose rows the statement removed `by_itself`, while triggers
    /// added `written` rows to tables.
    fn cascaded(
        &self,
        table: &Table,
        by_itself: u64,
        (before, now): (&Counts, &Counts),
        written: u64,
    ) -> Option<Cascaded> {
        let cascade = self.cascades.get(table)?;
        let (before, now) = (before.rows.get(table)?, now.rows.get(table)?);
        let gone = before.all.saturating_sub(now.all).saturating_sub(by_itself);
        let emptied = before.filled.iter().zip(&now.filled);
        let emptied = emptied.map(|(before, now)| match cascade.rewrites {
            true => *before,
            false => before.saturating_sub(*now),
        });
        let emptied: u64 = emptied.sum();
        let removed = if cascade.removes { gone } else { 0 };
        let mut cascaded = Cascaded {
            replaced: removed.saturating_add(emptied),
            is_most: emptied > 0 && (gone > 0 || cascade.rewrites || before.filled.len() > 1),
        };
        let reached = self.tables.get(table);
        if reached.is_some_and(|reached| reached.by_triggers.contains(&Verb::Insert)) {
            // What a trigger added may hide as many that went.
            cascaded.replaced = cascaded.replaced.saturating_add(written);
            cascaded.is_most |= written > 0;
        }
        Some(cascaded)
    }
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
            "the server does not say how many rows are changed (SHOW STATUS)".into(),
        )),
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
