//! What a statement changes beside its own table: by foreign keys that cascade, by triggers.
//!
//! Each server tells it in its own way. PostgreSQL and SQLite count what really changed; of MariaDB
//! and MySQL the foreign keys and triggers are followed, as nothing there counts a cascade. The rule
//! is the same: each table must be one that a permit names, and the rows of all of them count.

use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Executor, IntoArguments, Type};

use super::{Fault, TableName, Touched};
use site::grant::{Permit, Target};

/// A table that a statement changes, or can change, beside its own.
#[derive(Debug)]
pub(super) struct Beside {
    /// How statements may call it: without its schema only where the server would find it so.
    pub names: Vec<TableName>,
    /// What makes the statement change it: `by the trigger `log``.
    pub how: String,
}

impl Beside {
    /// Is it this table itself?
    pub fn is(&self, own: &TableName) -> bool {
        self.names.contains(own)
    }

    fn is_permitted(&self, permits: &[Permit]) -> bool {
        permits.iter().any(|permit| match permit.target() {
            Target::Table(declared) => self.names.iter().any(|name| name.is_named(declared)),
            _ => false,
        })
    }
}

/// Are all tables beside `own` ones that a permit names?
pub(super) fn check(beside: &[Beside], own: &TableName, permits: &[Permit]) -> Result<(), Fault> {
    let mut others = beside.iter().filter(|beside| !beside.is(own));
    match others.find(|beside| !beside.is_permitted(permits)) {
        None => Ok(()),
        Some(beside) => Err(Fault::Undeclared {
            table: beside
                .names
                .first()
                .map(TableName::to_string)
                .unwrap_or_default(),
            how: beside.how.clone(),
        }),
    }
}

/// What a statement on `own` did by servers that count what really changed: `affected` rows by
/// itself, `changed` with those of cascades and triggers.
pub(super) fn counted(
    beside: &[Beside],
    own: &TableName,
    (affected, changed): (u64, u64),
    table_rows: Option<u64>,
) -> Touched {
    let rows = affected.max(changed);
    Touched {
        rows,
        is_most: false,
        own_rows: match beside.iter().all(|beside| beside.is(own)) {
            true => rows,
            false => affected,
        },
        table_rows,
    }
}

/// How many rows the statement's table has before it, where `sql` asks.
pub(super) async fn rows_before<'c, Server>(
    connection: impl Executor<'c, Database = Server>,
    sql: Option<String>,
) -> Result<Option<u64>, Fault>
where
    Server: Database<Arguments: IntoArguments<Server>>,
    for<'row> i64: Decode<'row, Server> + Type<Server>,
    usize: ColumnIndex<Server::Row>,
{
    let Some(sql) = sql else { return Ok(None) };
    let counted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql));
    let counted = counted.fetch_one(connection).await?;
    Ok(Some(counted.unsigned_abs()))
}
