//! What a statement changes beside its own table: by foreign keys that cascade, by triggers.
//!
//! Each server tells it in its own way. PostgreSQL and SQLite count what really changed; of MariaDB
//! and MySQL the foreign keys and triggers are followed, as nothing there counts a cascade. The rule
//! is the same: each table must be one that a permit names, and the rows of all of them count.

use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Executor, IntoArguments, Type};

use super::TouchedTable;
use session::database::statement::Case;
use session::database::{Fault, TableName};
use site::grant::{Permit, Target};

/// A table that a statement changes, or can change, its own or another.
#[derive(Debug)]
pub(super) struct Beside {
    /// The table in full.
    table: TableName,
    /// The same without its schema, where the server would find it so.
    bare: Option<TableName>,
    /// What makes the statement change it: `by the trigger `log``.
    how: String,
}

impl Beside {
    /// The table that a server of this `case` lists as `table` of `schema`.
    pub fn listed((schema, table): (&str, &str), is_bare: bool, case: Case, how: String) -> Self {
        let listed = |parts: &[&str]| {
            let parts = parts.iter().map(|part| (*part).to_owned());
            TableName::listed(parts, case)
        };
        Self {
            table: listed(&[schema, table]),
            bare: is_bare.then(|| listed(&[table])),
            how,
        }
    }

    /// Is it this table itself?
    pub fn is(&self, own: &TableName) -> bool {
        self.names().any(|name| name == own)
    }

    /// What it did to this table, which had `size` rows.
    pub fn touched(&self, replaced: u64, is_most: bool, size: Option<u64>) -> TouchedTable {
        TouchedTable {
            full_name: self.table.to_string(),
            name: self.name(),
            replaced,
            is_most,
            size,
        }
    }

    /// The shortest name by which the server finds it.
    fn name(&self) -> String {
        self.bare.as_ref().unwrap_or(&self.table).to_string()
    }

    fn names(&self) -> impl Iterator<Item = &TableName> {
        self.bare.iter().chain([&self.table])
    }

    fn is_permitted(&self, permits: &[Permit]) -> bool {
        permits.iter().any(|permit| match permit.target() {
            Target::Table(declared) => self.names().any(|name| name.is_named(declared)),
            _ => false,
        })
    }
}

/// Are all tables beside `own` ones that a permit names?
pub(super) fn check<'a>(
    beside: impl IntoIterator<Item = &'a Beside>,
    own: &TableName,
    permits: &[Permit],
) -> Result<(), Fault> {
    let mut others = beside.into_iter().filter(|beside| !beside.is(own));
    match others.find(|beside| !beside.is_permitted(permits)) {
        None => Ok(()),
        Some(beside) => Err(Fault::Undeclared {
            table: beside.name(),
            how: beside.how.clone(),
        }),
    }
}

/// Tables are counted no further: half of so many rows is more than any run changes unasked.
const COUNTED: u64 = 1000;

/// How many rows `from`, as a statement names a table, has.
pub(super) async fn size<'c, Server>(
    connection: impl Executor<'c, Database = Server>,
    from: String,
) -> Result<u64, sqlx::Error>
where
    Server: Database<Arguments: IntoArguments<Server>>,
    for<'row> i64: Decode<'row, Server> + Type<Server>,
    usize: ColumnIndex<Server::Row>,
{
    let sql =
        format!("SELECT count(*) FROM (SELECT 1 AS one FROM {from} LIMIT {COUNTED}) AS counted");
    let counted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql));
    Ok(counted.fetch_one(connection).await?.unsigned_abs())
}
