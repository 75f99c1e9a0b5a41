//! What a statement changed in PostgreSQL.
//!
//! The server counts the rows of every table that a transaction adds, changes and removes, whatever
//! made it do so (`pg_stat_xact_all_tables`, manual "The Cumulative Statistics System").

use sqlx::postgres::PgConnection;

use super::Fault;
use super::reach::Beside;
use super::statement::{Case, TableName};

/// Every table with rows that the transaction changed; a partition counts as its table. Triggers and
/// keys that wait for the end of the transaction are not waited for.
const CHANGED: &str = "\
    SELECT root::oid::bigint, n.nspname::text, c.relname::text, pg_table_is_visible(root), \
           sum(changed)::bigint \
    FROM (SELECT coalesce(pg_partition_root(relid), relid) AS root, \
                 n_tup_ins + n_tup_upd + n_tup_del AS changed \
          FROM pg_stat_xact_all_tables WHERE schemaname NOT LIKE 'pg\\_toast%') AS counted \
    JOIN pg_class AS c ON c.oid = root JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE changed > 0 GROUP BY root, n.nspname, c.relname ORDER BY n.nspname, c.relname";

/// A table that was emptied as a whole has no rows that were counted.
const LOCKED: &str = "\
    SELECT relation::regclass::text FROM pg_locks \
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode = 'AccessExclusiveLock' \
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1";

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

/// Does the server count the rows that a transaction changes?
///
/// # Errors
/// [`Fault::Denied`] if it does not.
pub(super) async fn can_count(connection: &mut PgConnection) -> Result<(), Fault> {
    let counts = "SELECT current_setting('track_counts') = 'on'";
    match sqlx::query_scalar(counts).fetch_one(connection).await? {
        true => Ok(()),
        false => Err(Fault::Denied(
            "the server does not count what is changed (its setting track_counts is off)"
                .to_owned(),
        )),
    }
}

/// The tables that the transaction has changed, and how many of their rows.
///
/// # Errors
/// [`Fault::Denied`] if a table was changed as a whole.
pub(super) async fn of(connection: &mut PgConnection) -> Result<(Vec<Beside>, u64), Fault> {
    sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE")
        .execute(&mut *connection)
        .await?;
    let locked = sqlx::query_scalar::<_, String>(LOCKED).fetch_optional(&mut *connection);
    if let Some(table) = locked.await? {
        let why = format!("it empties or alters the table `{table}`, whose rows nobody counts");
        return Err(Fault::Denied(why));
    }
    let changed: Vec<(i64, String, String, bool, i64)> =
        sqlx::query_as(CHANGED).fetch_all(&mut *connection).await?;
    let ids: Vec<i64> = changed.iter().map(|table| table.0).collect();
    let mut beside = Vec::new();
    let mut rows = 0_u64;
    for (id, schema, table, is_visible, count) in changed {
        rows = rows.saturating_add(count.unsigned_abs());
        let how = sqlx::query_scalar(HOW).bind(id).bind(&ids);
        let bare = is_visible.then(|| vec![table.clone()]);
        let names = bare.into_iter().chain([vec![schema, table]]);
        beside.push(Beside {
            names: names
                .map(|parts| TableName::listed(parts, Case::LowerUnlessQuoted))
                .collect(),
            how: how.fetch_one(&mut *connection).await?,
        });
    }
    Ok((beside, rows))
}
