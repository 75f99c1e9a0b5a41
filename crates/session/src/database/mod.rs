//! The portal's database: one connection and one read-only snapshot for a run.
//!
//! Each server holds the session read-only itself (`BEGIN READ ONLY`, `START TRANSACTION READ ONLY`,
//! SQLite's `query_only` on a file opened for reading), each statement is looked through before it
//! is sent, and each has a deadline here as well as on the server.

mod calendar;
mod caught;
mod error;
mod lock;
mod mysql;
mod mysql_count;
mod mysql_declared;
mod mysql_reach;
mod mysql_value;
mod postgres;
mod postgres_argument;
mod postgres_reach;
mod postgres_value;
mod probe;
mod reach;
mod rows;
mod sqlite;
mod sqlite_reach;
mod statement;
mod value;

use std::time::{Duration, Instant};

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Mutex;
use tokio::time::timeout;

pub use error::DatabaseError;
pub use lock::AdvisoryLock;
pub use rows::SqlRows;
pub use statement::TableName;
pub use value::SqlValue;

use super::Session;
use super::clock::ToldTime;
use super::error::SessionError;
use super::open::Open;
use super::probe::Probe;
use caught::caught;
use demo::DemoDatabase;
use mysql::MysqlConnection;
use postgres::PostgresConnection;
use site::config::{DatabaseTarget, Endpoint, Limits, Site};
use site::grant::{Permit, Target};
use sqlite::SqliteSession;
use statement::{Case, Dialect, Statement, Write};
use wording::system::without_number;

/// How much longer the client waits than the server may work, so that the server's own refusal,
/// after which the connection is still good, comes first.
const GRACE: Duration = Duration::from_secs(2);

/// An open database.
///
/// Queries wait for each other: they share a connection, for only one connection sees one snapshot.
pub struct Database {
    address: String,
    /// Where changes go; none for the demo, which has nowhere to keep them.
    target: Option<DatabaseTarget>,
    dialect: Dialect,
    /// What the server makes of the names of tables.
    case: Case,
    limits: Limits,
    /// Taken out while a query runs, so that a query that is dropped half-way takes it along.
    connection: Mutex<Option<Connection>>,
}

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

enum Connection {
    Postgres(PostgresConnection),
    Mysql(MysqlConnection),
    Sqlite(SqliteSession),
}

impl Open for Database {
    const ENDPOINT: Endpoint = Endpoint::DATABASE;

    // One that was lost stays: another connection would see another snapshot.
    const IS_SNAPSHOT: bool = true;

    type Place = DatabaseTarget;

    fn places(site: &Site) -> &[DatabaseTarget] {
        site.endpoints.database.as_slice()
    }

    async fn open(place: &DatabaseTarget, session: &Session) -> Result<Self, SessionError> {
        Ok(Self::connect(place, &session.site().limits).await?)
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let options = session.demo().service::<DemoDatabase>().await?.options();
        let limits = &session.site().limits;
        Ok(Some(
            Self::connect_sqlite("the demo", options, limits).await?,
        ))
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        vec![session.probe("database", probe::checks)]
    }
}

impl Database {
    /// Connects to `target` and starts the snapshot.
    ///
    /// # Errors
    /// [`DatabaseError::Unreachable`], [`DatabaseError::ConnectTimeout`] after `limits.connect`, or
    /// [`DatabaseError::LoginRefused`].
    pub async fn connect(target: &DatabaseTarget, limits: &Limits) -> Result<Self, DatabaseError> {
        let connecting = async {
            Ok(match target {
                DatabaseTarget::Postgres(server) => {
                    Connection::Postgres(PostgresConnection::open(server, limits).await?)
                }
                DatabaseTarget::Mysql(server) => {
                    Connection::Mysql(MysqlConnection::open(server, limits).await?)
                }
                DatabaseTarget::Sqlite(target) => {
                    Connection::Sqlite(SqliteSession::open(target, limits).await?)
                }
            })
        };
        let mut database = Self::opened(target.to_string(), limits, connecting).await?;
        database.target = Some(target.clone());
        Ok(database)
    }

    /// Opens the SQLite database that `options` name, for reading whatever they say.
    ///
    /// # Errors
    /// As [`Database::connect`].
    async fn connect_sqlite(
        address: &str,
        options: SqliteConnectOptions,
        limits: &Limits,
    ) -> Result<Self, DatabaseError> {
        let connecting = async {
            let session = SqliteSession::open_with(options, limits).await?;
            Ok(Connection::Sqlite(session))
        };
        Self::opened(address.to_owned(), limits, connecting).await
    }

    async fn opened(
        address: String,
        limits: &Limits,
        connecting: impl Future<Output = Result<Connection, Fault>>,
    ) -> Result<Self, DatabaseError> {
        let connection = match timeout(limits.connect, caught(connecting)).await {
            Ok(connected) => connected.map_err(|fault| fault.on_connecting(&address))?,
            Err(_) => {
                let limit = limits.connect;
                return Err(DatabaseError::ConnectTimeout { address, limit });
            }
        };
        Ok(Self {
            address,
            target: None,
            dialect: connection.dialect(),
            case: connection.case(),
            limits: limits.clone(),
            connection: Mutex::new(Some(connection)),
        })
    }

    /// The names of the tables and columns that queries can name, tables first, each as often as it
    /// is there.
    ///
    /// # Errors
    /// As [`Database::rows`].
    pub async fn names(&self) -> Result<Vec<String>, DatabaseError> {
        let rows = self.rows(self.dialect.names(), Vec::new()).await?;
        let mut names = Vec::new();
        for column in [0, 1] {
            for row in 0..rows.len() {
                names.extend(rows.value(row, column)?.text());
            }
        }
        Ok(names)
    }

    /// The time of the server at this moment, not at the begin of the snapshot. `None` for SQLite,
    /// which has no clock but this machine's.
    ///
    /// # Errors
    /// As [`Database::rows`].
    pub async fn clock(&self) -> Result<Option<ToldTime>, DatabaseError> {
        let Some(sql) = self.dialect.unix_seconds() else {
            return Ok(None);
        };
        let value = self.rows(sql, Vec::new()).await?.value(0, 0)?;
        let seconds = value.text().unwrap_or_default();
        Ok(Some(ToldTime::of_seconds(&seconds)))
    }

    /// Where the database is, without its password.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The rows of one statement that reads, with `parameters` for its `$1`, `$2`, ….
    ///
    /// # Errors
    /// [`DatabaseError::Denied`] before anything is sent, if the statement could do more than read;
    /// [`DatabaseError::Timeout`] after `limits.statement`; [`DatabaseError::TooMuch`] beyond
    /// `limits.rows` or `limits.bytes`; or what the server says. Once the connection is lost every
    /// further query is [`DatabaseError::Disconnected`], for its snapshot cannot be had again.
    pub async fn rows(
        &self,
        sql: &str,
        parameters: Vec<SqlValue>,
    ) -> Result<SqlRows, DatabaseError> {
        let statement = statement::read(sql, self.dialect)?;
        if statement.parameters != parameters.len() {
            return Err(DatabaseError::ParameterCount {
                expected: statement.parameters,
                given: parameters.len(),
            });
        }
        let mut slot = self.connection.lock().await;
        let mut connection = slot.take().ok_or_else(|| self.lost_before())?;
        let started = Instant::now();
        let query = Query {
            statement,
            parameters: &parameters,
            limits: &self.limits,
        };
        let working = caught(connection.rows(query));
        let answer = timeout(self.limits.statement + GRACE, working).await;
        let fault = match answer {
            Ok(Ok(_)) if started.elapsed() > self.limits.statement => {
                // MariaDB cuts some functions at its limit and calls the rest of them an answer.
                *slot = Some(connection);
                Fault::Slow
            }
            Ok(Ok(rows)) => {
                *slot = Some(connection);
                return Ok(rows);
            }
            Ok(Err(fault)) => {
                if fault.leaves_the_connection_good() && connection.recover().await {
                    *slot = Some(connection);
                }
                fault
            }
            Err(_) => Fault::Slow,
        };
        Err(fault.in_query(sql, &self.address, self.limits.statement))
    }

    /// The table that one statement writes.
    ///
    /// # Errors
    /// [`DatabaseError::Denied`] for anything but a plain INSERT, UPDATE or DELETE of one table.
    pub fn written_table(&self, sql: &str) -> Result<TableName, DatabaseError> {
        statement::read_write(sql, self.dialect, self.case).map(|write| write.table)
    }

    /// Executes one statement that writes a table of `permits`, in a transaction of its own, outside
    /// of the snapshot. `stays` is told what it did before that lasts, and if it says no, nothing of
    /// it does.
    ///
    /// # Errors
    /// [`DatabaseError::Undeclared`] if a cascade or a trigger changes a table that no permit names,
    /// and then nothing of it lasts; [`DatabaseError::Denied`] for a statement that could write
    /// anything else, or that the server could not take back or count; else as [`Database::rows`]. After [`DatabaseError::Disconnected`] and
    /// [`DatabaseError::Timeout`] it was executed or not.
    pub(crate) async fn execute(
        &self,
        permits: &[Permit],
        sql: &str,
        parameters: &[SqlValue],
        stays: impl FnOnce(&Touched) -> bool + Send,
    ) -> Result<Touched, DatabaseError> {
        let write = statement::read_write(sql, self.dialect, self.case)?;
        let is_its_table = |permit: &Permit| matches!(permit.target(), Target::Table(name) if write.table.is_named(name));
        let denied = |reason: &str| DatabaseError::Denied {
            reason: reason.to_owned(),
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
        let limits = &self.limits;
        let work = Work {
            write,
            parameters,
            permits,
            limits,
        };
        let executing = async {
            match &self.target {
                Some(DatabaseTarget::Postgres(server)) => {
                    PostgresConnection::execute(server, work, stays).await
                }
                Some(DatabaseTarget::Mysql(server)) => {
                    MysqlConnection::execute(server, work, stays).await
                }
                Some(DatabaseTarget::Sqlite(target)) => {
                    let mut slot = self.connection.lock().await;
                    if let Some(Connection::Sqlite(session)) = &mut *slot {
                        session.end().await?;
                    }
                    let done = SqliteSession::execute(target, work, stays).await;
                    if let Some(Connection::Sqlite(session)) = &mut *slot {
                        session.begin().await?;
                    }
                    done
                }
                None => Err(Fault::Denied(
                    "the demo's database keeps no changes".to_owned(),
                )),
            }
        };
        let limit = limits.statement;
        match timeout(limit + limits.connect + GRACE, executing).await {
            Ok(executed) => executed.map_err(|fault| fault.in_query(sql, &self.address, limit)),
            Err(_) => Err(Fault::Slow.in_query(sql, &self.address, limit)),
        }
    }

    /// Gives up the snapshot for one of this moment: what is read from now on is as it is now.
    ///
    /// # Errors
    /// [`DatabaseError::Disconnected`], or [`DatabaseError::Timeout`] after `limits.statement`.
    pub async fn refresh(&self) -> Result<(), DatabaseError> {
        let mut slot = self.connection.lock().await;
        let mut connection = slot.take().ok_or_else(|| self.lost_before())?;
        let limit = self.limits.statement;
        let renewed = match timeout(limit + GRACE, connection.refresh()).await {
            Ok(renewed) => renewed,
            Err(_) => Err(Fault::Slow),
        };
        renewed.map_err(|fault| fault.in_query("BEGIN", &self.address, limit))?;
        *slot = Some(connection);
        Ok(())
    }

    fn lost_before(&self) -> DatabaseError {
        DatabaseError::Disconnected {
            address: self.address.clone(),
            reason: "it was lost earlier in this run, and its snapshot with it".to_owned(),
        }
    }
}

impl Connection {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    fn case(&self) -> Case {
        match self {
            Self::Postgres(_) => Case::LowerUnlessQuoted,
            Self::Mysql(connection) => connection.case(),
            Self::Sqlite(_) => Case::IgnoredInAscii,
        }
    }

    async fn rows(&mut self, query: Query<'_>) -> Result<SqlRows, Fault> {
        match self {
            Self::Postgres(connection) => connection.rows(query).await,
            Self::Mysql(connection) => connection.rows(query).await,
            Self::Sqlite(connection) => connection.rows(query).await,
        }
    }

    async fn refresh(&mut self) -> Result<(), Fault> {
        match self {
            Self::Postgres(connection) => connection.refresh().await,
            Self::Mysql(connection) => connection.refresh().await,
            Self::Sqlite(connection) => connection.refresh().await,
        }
    }

    /// Makes the connection good for the next query after one that failed; `false` if it is lost.
    async fn recover(&mut self) -> bool {
        match self {
            Self::Postgres(connection) => connection.recover().await,
            Self::Mysql(_) | Self::Sqlite(_) => true,
        }
    }
}

/// A statement that reads.
struct Query<'a> {
    statement: Statement,
    parameters: &'a [SqlValue],
    limits: &'a Limits,
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

const NONSENSE: &str = "what answers there does not answer as a database does";

/// What went wrong, before it is known on what address and in which query.
#[derive(Debug)]
enum Fault {
    Driver(sqlx::Error),
    Slow,
    /// What is not done, and why.
    Denied(String),
    /// A statement changes a table that no permit names.
    Undeclared {
        table: String,
        how: String,
    },
    /// Bytes that the driver could make nothing of.
    Nonsense,
    TooMuch {
        limit: usize,
        unit: &'static str,
    },
    Parameter {
        number: usize,
        reason: String,
    },
    Count {
        expected: usize,
        given: usize,
    },
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// What an error of a server means, whichever server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Login,
    Absent,
    Slow,
    ReadOnly,
    Gone,
    Other,
}

impl Fault {
    fn leaves_the_connection_good(&self) -> bool {
        match self {
            Self::Driver(error) => match error.as_database_error() {
                Some(error) => meaning(error) != Meaning::Gone,
                None => matches!(error, sqlx::Error::Encode(_) | sqlx::Error::Decode(_)),
            },
            Self::Nonsense => false,
            _ => true,
        }
    }

    fn on_connecting(self, address: &str) -> DatabaseError {
        let address = address.to_owned();
        let error = match self {
            Self::Driver(error) => error,
            _ => {
                let reason = NONSENSE.to_owned();
                return DatabaseError::Unreachable { address, reason };
            }
        };
        match error.as_database_error() {
            Some(refused) if matches!(meaning(refused), Meaning::Login | Meaning::Absent) => {
                DatabaseError::LoginRefused {
                    address,
                    message: refused.message().to_owned(),
                }
            }
            _ => DatabaseError::Unreachable {
                address,
                reason: driver_reason(&error),
            },
        }
    }

    fn in_query(self, sql: &str, address: &str, limit: Duration) -> DatabaseError {
        let address = address.to_owned();
        match self {
            Self::Slow => DatabaseError::Timeout { address, limit },
            Self::Denied(reason) => DatabaseError::Denied { reason },
            Self::Undeclared { table, how } => DatabaseError::Undeclared { table, how },
            Self::Nonsense => DatabaseError::Disconnected {
                address,
                reason: NONSENSE.to_owned(),
            },
            Self::TooMuch { limit, unit } => DatabaseError::TooMuch { limit, unit },
            Self::Parameter { number, reason } => DatabaseError::Parameter { number, reason },
            Self::Count { expected, given } => DatabaseError::ParameterCount { expected, given },
            Self::Driver(error) => match error.as_database_error() {
                Some(said) => server_said(said, sql, address, limit),
                None => DatabaseError::Disconnected {
                    reason: driver_reason(&error),
                    address,
                },
            },
        }
    }
}

fn server_said(
    error: &(dyn sqlx::error::DatabaseError + 'static),
    sql: &str,
    address: String,
    limit: Duration,
) -> DatabaseError {
    let message = error.message().to_owned();
    match meaning(error) {
        Meaning::Slow => DatabaseError::Timeout { address, limit },
        Meaning::ReadOnly => DatabaseError::Denied {
            reason: format!("the database says `{message}`"),
        },
        Meaning::Gone => DatabaseError::Disconnected {
            address,
            reason: format!("`{message}`"),
        },
        Meaning::Login | Meaning::Absent | Meaning::Other => DatabaseError::Query {
            message,
            place: postgres::error_place(error, sql),
            code: error.code().unwrap_or_default().into_owned(),
            advice: postgres::error_advice(error),
        },
    }
}

fn meaning(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Meaning {
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return mysql::meaning(error);
    }
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        return postgres::meaning(&error.code().unwrap_or_default());
    }
    sqlite::meaning(&error.code().unwrap_or_default())
}

/// What the driver says, without its own prefixes.
fn driver_reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(cause) => without_number(&cause.to_string()),
        sqlx::Error::Tls(cause) => format!("TLS: {cause}"),
        sqlx::Error::Configuration(cause) => cause.to_string(),
        sqlx::Error::Protocol(reason) => reason.clone(),
        sqlx::Error::Database(error) => format!("`{}`", error.message()),
        other => other.to_string(),
    }
}

/// Collects the rows of `stream` up to the limits. Beyond them the rest is read and thrown away, so
/// that the connection stays good for the next query.
async fn collect<Row>(
    mut stream: BoxStream<'_, Result<Row, sqlx::Error>>,
    limits: &Limits,
    size: impl Fn(&Row) -> usize,
) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    let mut bytes = 0_usize;
    while let Some(row) = stream.next().await {
        let row = row?;
        bytes = bytes.saturating_add(size(&row));
        let exceeded = match () {
            () if rows.len() >= limits.rows => Some((limits.rows, "rows")),
            () if bytes > limits.bytes => Some((limits.bytes, "bytes")),
            () => None,
        };
        if let Some((limit, unit)) = exceeded {
            drop(rows);
            drain(&mut stream).await?;
            return Err(Fault::TooMuch { limit, unit });
        }
        rows.push(row);
    }
    Ok(rows)
}

async fn drain<Row>(
    stream: &mut (impl Stream<Item = Result<Row, sqlx::Error>> + Unpin),
) -> Result<(), Fault> {
    while let Some(row) = stream.next().await {
        row?;
    }
    Ok(())
}
