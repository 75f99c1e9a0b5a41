//! What a statement changed in PostgreSQL.
//!
//! The server counts the rows of every table that a transaction adds, changes and removes, whatever
//! made it do so (`pg_stat_xact_all_tables`, manual "The Cumulative Statistics System").

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;

use super::Touched;
use super::reach::{self, Beside};
use session::database::Fault;
use session::database::statement::{Case, TableName, Verb, Write};
use site::grant::{Permit, Target};

const CASE: Case = Case::LowerUnlessQuoted;

/// Names and operators mean the server's own: a trigger may have put others into the way. Without
/// its name here the schema of temporary tables would come first.
const OWN_NAMES: &str = "SET LOCAL search_path TO pg_catalog, pg_temp";

/// The tables of the names $1 that may be counted to the last row.
const DECLARED: &str = "\
    SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind = 'p', \
           has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
           AND NOT row_security_active(c.oid) \
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND c.relname::text = ANY ($1)";

/// Those of the tables $1 that a name without a schema means, where names are looked for in the
/// schemas $2.
const BARE: &str = "\
    SELECT c.oid::bigint FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.oid::bigint = ANY ($1) AND n.nspname::text = ANY ($2) AND NOT EXISTS ( \
        SELECT FROM pg_class AS first JOIN pg_namespace AS m ON m.oid = first.relnamespace \
        WHERE first.relname = c.relname \
          AND array_position($2, m.nspname::text) < array_position($2, n.nspname::text))";

/// How often rows were added, changed and removed so far.
const ALL: &str = "\
    SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_all_tables";

/// Every table with rows that the transaction changed; a partition counts as its table.
const CHANGED: &str = "\
    SELECT root::oid::bigint, n.nspname::text, c.relname::text, c.relkind = 'p', \
           sum(added)::bigint, sum(updated)::bigint, sum(deleted)::bigint \
    FROM (SELECT coalesce(pg_partition_root(relid), relid) AS root, \
                 n_tup_ins AS added, n_tup_upd AS updated, n_tup_del AS deleted \
          FROM pg_stat_xact_all_tables WHERE schemaname NOT LIKE 'pg\\_toast%') AS counted \
    JOIN pg_class AS c ON c.oid = root JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE added + updated + deleted > 0 \
    GROUP BY root, n.nspname, c.relname, c.relkind ORDER BY n.nspname, c.relname";

/// A table that was emptied as a whole has no rows that were counted, and those of a foreign one are
/// counted elsewhere.
const LOCKED: &str = "\
    SELECT c.relname::text, coalesce(c.relkind = 'f', false) \
    FROM pg_locks AS l LEFT JOIN pg_class AS c ON c.oid = l.relation \
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' \
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
      AND (l.mode = 'AccessExclusiveLock' \
           OR c.relkind = 'f' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')) \
    ORDER BY 1 LIMIT 1";

/// The foreign key of the table $1 by which changes of the tables $2 change it, or their triggers.
const HOW: &str = "\
    SELECT coalesce( \
        (SELECT 'by its foreign key `' || conname || '` (' || pg_get_constraintdef(oid) || ')' \
         FROM pg_constraint \
         WHERE contype = 'f' AND conrelid = $1::oid AND confrelid = ANY ($2::oid[]) \
           AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd')) \
         ORDER BY conname LIMIT 1), \
        (SELECT 'by the trigger `' || string_agg(tgname, '` or `' ORDER BY tgname) || '`' \
         FROM pg_trigger WHERE tgrelid = ANY ($2::oid[]) AND NOT tgisinternal), \
        'by a view, a rule or a function')";

/// How often triggers that waited for the end of the transaction may make others wait.
const ROUNDS: usize = 100;

/// What is known before a statement is executed.
pub(super) struct Watch {
    /// The setting by which the statement's names are found.
    search_path: String,
    /// The schemas that it means.
    schemas: Vec<String>,
    /// How many rows each declared table has.
    sizes: BTreeMap<i64, u64>,
}

/// What a transaction did to a table.
struct Changed {
    beside: Beside,
    is_partitioned: bool,
    added: u64,
    updated: u64,
    deleted: u64,
    size: Option<u64>,
}

impl Watch {
    /// Looks at the tables of `permits` in the transaction that was begun.
    ///
    /// # Errors
    /// [`Fault::Denied`] if the server does not count what is changed.
    pub async fn begin(connection: &mut PgConnection, permits: &[Permit]) -> Result<Self, Fault> {
        let search = "SELECT pg_catalog.current_setting('search_path'), \
                             pg_catalog.current_schemas(true)::pg_catalog.text[]";
        let (search_path, schemas) = sqlx::query_as(search).fetch_one(&mut *connection).await?;
        let mut watch = Self {
            search_path,
            schemas,
            sizes: BTreeMap::new(),
        };
        own_names(connection).await?;
        can_count(connection).await?;
        watch.measure(connection, permits).await?;
        watch.statements_names(connection).await?;
        Ok(watch)
    }

    /// What `write` did since then, which changed `affected` rows by itself.
    ///
    /// # Errors
    /// [`Fault::Undeclared`], or [`Fault::Denied`] for what nobody can count.
    pub async fn end(
        &self,
        connection: &mut PgConnection,
        (write, affected): (&Write, u64),
        permits: &[Permit],
    ) -> Result<Touched, Fault> {
        self.settle(connection).await?;
        can_count(connection).await?;
        let locked: Option<(Option<String>, bool)> = sqlx::query_as(LOCKED)
            .fetch_optional(&mut *connection)
            .await?;
        let denied = |what: String| {
            Err(Fault::Denied(
                format!("it {what}, whose rows nobody counts").into(),
            ))
        };
        match locked {
            None => {}
            Some((None, _)) => return denied("removes a table".to_owned()),
            Some((Some(table), true)) => {
                return denied(format!("writes the foreign table `{table}`"));
            }
            Some((Some(table), false)) => {
                return denied(format!("empties or alters the table `{table}`"));
            }
        }
        let changed = self.changed(connection).await?;
        let beside = changed.iter().map(|changed| &changed.beside);
        reach::check(beside, &write.table, permits)?;
        Ok(touched(&changed, write, affected))
    }

    /// Counts the rows of the tables that `permits` name, where it may.
    async fn measure(
        &mut self,
        connection: &mut PgConnection,
        permits: &[Permit],
    ) -> Result<(), Fault> {
        let declared: Vec<TableName> = permits
            .iter()
            .filter_map(|permit| match permit.target() {
                Target::Table(name) => Some(TableName::declared(name, CASE)),
                _ => None,
            })
            .collect();
        let names: Vec<&str> = declared
            .iter()
            .map(|name| name.schema_and_table().1)
            .collect();
        let found: Vec<(i64, String, String, bool, bool)> = sqlx::query_as(DECLARED)
            .bind(&names)
            .fetch_all(&mut *connection)
            .await?;
        let found = found.into_iter().filter(|(.., is_countable)| *is_countable);
        for (id, schema, table, is_partitioned, _) in found {
            let is_it = |name: &TableName| {
                let (of, name) = name.schema_and_table();
                name == table && of.is_none_or(|of| of == schema)
            };
            if !declared.iter().any(is_it) {
                continue;
            }
            // The tables that inherit from one count as others, its partitions do not.
            let only = if is_partitioned { "" } else { "ONLY " };
            let from = format!("{only}{}.{}", quoted(&schema), quoted(&table));
            let size = reach::size(&mut *connection, from).await?;
            self.sizes.insert(id, size);
        }
        Ok(())
    }

    /// Lets everything happen that waits for the end of the transaction. A trigger that waited may
    /// make others wait, by changing what they watch.
    async fn settle(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        own_names(connection).await?;
        let mut before: i64 = sqlx::query_scalar(ALL).fetch_one(&mut *connection).await?;
        for _ in 0..ROUNDS {
            self.statements_names(connection).await?;
            sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE")
                .execute(&mut *connection)
                .await?;
            own_names(connection).await?;
            let now = sqlx::query_scalar(ALL).fetch_one(&mut *connection).await?;
            if now == before {
                return Ok(());
            }
            before = now;
        }
        Err(Fault::Denied(
            "its deferred triggers go on and on changing rows".into(),
        ))
    }

    /// The tables that the transaction has changed.
    async fn changed(&self, connection: &mut PgConnection) -> Result<Vec<Changed>, Fault> {
        type Row = (i64, String, String, bool, i64, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(CHANGED).fetch_all(&mut *connection).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let bare: Vec<i64> = sqlx::query_scalar(BARE)
            .bind(&ids)
            .bind(&self.schemas)
            .fetch_all(&mut *connection)
            .await?;
        let bare: BTreeSet<i64> = bare.into_iter().collect();
        let mut changed = Vec::new();
        for (id, schema, table, is_partitioned, added, updated, deleted) in rows {
            let how = sqlx::query_scalar(HOW).bind(id).bind(&ids);
            let how = how.fetch_one(&mut *connection).await?;
            let is_bare = bare.contains(&id);
            changed.push(Changed {
                beside: Beside::listed((&schema, &table), is_bare, CASE, how),
                is_partitioned,
                added: added.unsigned_abs(),
                updated: updated.unsigned_abs(),
                deleted: deleted.unsigned_abs(),
                size: self.sizes.get(&id).copied(),
            });
        }
        Ok(changed)
    }

    /// Names mean again what they mean to the statement.
    async fn statements_names(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query("SELECT pg_catalog.set_config('search_path', $1, true)")
            .bind(&self.search_path)
            .execute(connection)
            .await?;
        Ok(())
    }
}

impl Changed {
    /// How many rows it was, when the statement changed `affected` of its own table; and whether
    /// there may have been fewer. A row that moves to another partition is removed and added.
    fn rows(&self, own: Option<(Verb, u64)>) -> (u64, bool) {
        let replaced = self.updated.saturating_add(self.deleted);
        let all = replaced.saturating_add(self.added);
        let may_move = self.is_partitioned && self.added > 0 && self.deleted > 0;
        match own {
            // No row but its own ones was changed, and none is there that was not.
            Some((Verb::Update, affected))
                if may_move && self.added == self.deleted && replaced == affected =>
            {
                (affected, false)
            }
            _ => (all, may_move),
        }
    }
}

fn touched(changed: &[Changed], write: &Write, affected: u64) -> Touched {
    let mut rows = 0_u64;
    let mut is_most = false;
    for changed in changed {
        let is_own = changed.beside.is(&write.table);
        let (its_rows, may_be_fewer) = changed.rows(is_own.then_some((write.verb, affected)));
        rows = rows.saturating_add(its_rows);
        is_most |= may_be_fewer;
    }
    let rows = rows.max(affected);
    let is_alone = changed
        .iter()
        .all(|changed| changed.beside.is(&write.table));
    let tables = changed.iter().map(|changed| {
        let replaced = changed.updated.saturating_add(changed.deleted);
        changed.beside.touched(replaced, false, changed.size)
    });
    Touched {
        rows,
        is_most,
        own_rows: if is_alone { rows } else { affected },
        tables: tables.collect(),
    }
}

/// Does the server count the rows that a transaction changes? A trigger may have told it not to.
async fn can_count(connection: &mut PgConnection) -> Result<(), Fault> {
    let counts = "SELECT current_setting('track_counts') = 'on'";
    match sqlx::query_scalar(counts).fetch_one(connection).await? {
        true => Ok(()),
        false => Err(Fault::Denied(
            "the server does not count what is changed (its setting track_counts is off)".into(),
        )),
    }
}

async fn own_names(connection: &mut PgConnection) -> Result<(), Fault> {
    sqlx::raw_sql(OWN_NAMES).execute(connection).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
