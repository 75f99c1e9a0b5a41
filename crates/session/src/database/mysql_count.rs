//! How many rows a statement changed in MySQL and MariaDB, which count no cascade.
//!
//! The rows of cascades are those by which the tables differ after it, under locks; the rows of
//! triggers are counted by the server (MariaDB's "Server Status Variables", `Handler_…`).

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;

use super::Fault;
use super::mysql_declared::Table;
use super::mysql_reach::Reach;
use super::statement::{Verb, Write};

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

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
