//! Statements that write, each on a connection and in a transaction of its own.

mod mysql;
mod mysql_count;
mod mysql_declared;
mod mysql_reach;
mod postgres;
mod postgres_reach;
mod reach;
mod sqlite;
mod sqlite_reach;

use tokio::time::timeout;

use session::database::statement::Write;
use session::database::{Database, DatabaseError, Fault, GRACE, SqlValue};
use site::config::{DatabaseTarget, Limits};
use site::grant::{Permit, Target};

/// What a statement did, told while its transaction is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// How many rows it added, changed or removed, in all tables: what cascades and triggers did
    /// counts too.
    pub rows: u64,
    /// Were there perhaps fewer? MariaDB and MySQL count no cascade, so rows may be counted twice.
    pub is_most: bool,
    /// How many of these were of its own table.
    pub own_rows: u64,
    /// The tables that it changed.
    pub tables: Vec<TouchedTable>,
}

/// What a statement did to the rows that one table had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedTable {
    /// Its name in full, one for all names that statements call it by.
    pub full_name: String,
    /// Its shortest name, for people.
    pub name: String,
    /// How many of its rows it changed or removed.
    pub replaced: u64,
    /// Were there perhaps fewer? Not every server says of which table rows were.
    pub is_most: bool,
    /// How many rows it had before; a large table is not counted to its end. None where they cannot
    /// be counted.
    pub size: Option<u64>,
}

/// Where statements go, and the limits of the site.
pub(super) struct Place<'a> {
    /// None for the demo, which has nowhere to keep changes.
    pub target: Option<&'a DatabaseTarget>,
    pub limits: &'a Limits,
}

/// Executes one statement of `database`, see [`crate::Writer::statement`].
pub(super) async fn execute(
    (database, place): (&Database, Place<'_>),
    permits: &[Permit],
    sql: &str,
    parameters: &[SqlValue],
    stays: impl FnOnce(&Touched) -> bool + Send,
) -> Result<Touched, DatabaseError> {
    let write = database.write_of(sql)?;
    let is_its_table = |permit: &Permit| matches!(permit.target(), Target::Table(name) if write.table.is_named(name));
    let denied = |reason: &str| DatabaseError::Denied {
        reason: reason.into(),
    };
    if !permits.iter().any(is_its_table) {
        return Err(denied("no permit names its table"));
    }
    if write.statement.parameters != parameters.len() {
        return Err(DatabaseError::ParameterCount {
            expected: write.statement.parameters,
            given: parameters.len(),
        });
    }
    let Place { target, limits } = place;
    let work = Work {
        write,
        parameters,
        permits,
        limits,
    };
    let executing = async {
        match target {
            Some(DatabaseTarget::Postgres(server)) => postgres::execute(server, work, stays).await,
            Some(DatabaseTarget::Mysql(server)) => mysql::execute(server, work, stays).await,
            Some(DatabaseTarget::Sqlite(file)) => sqlite::execute(file, work, stays).await,
            None => Err(Fault::Denied("the demo's database keeps no changes".into())),
        }
    };
    let executing = async {
        match target {
            Some(_) => database.aside(executing).await,
            None => executing.await,
        }
    };
    let limit = limits.statement;
    match timeout(limit + limits.connect + GRACE, executing).await {
        Ok(executed) => executed.map_err(|fault| fault.in_query(sql, database.address(), limit)),
        Err(_) => Err(Fault::Slow.in_query(sql, database.address(), limit)),
    }
}

/// A statement that is to be executed.
struct Work<'a> {
    write: Write,
    parameters: &'a [SqlValue],
    /// The tables that it may change.
    permits: &'a [Permit],
    limits: &'a Limits,
}

/// How a transaction ends.
fn end(stays: bool) -> &'static str {
    match stays {
        true => "COMMIT",
        false => "ROLLBACK",
    }
}
