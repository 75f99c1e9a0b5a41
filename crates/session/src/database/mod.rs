//! The portal's database: one connection and one read-only snapshot for a run.
//!
//! Each server holds the session read-only itself (`BEGIN READ ONLY`, `START TRANSACTION READ ONLY`,
//! SQLite's `query_only` on a file opened for reading), each statement is looked through before it
//! is sent, and each has a deadline here as well as on the server.

pub mod arguments;
mod calendar;
mod caught;
mod error;
mod fault;
mod lock;
mod mysql;
mod mysql_value;
mod postgres;
mod postgres_argument;
mod postgres_value;
mod probe;
mod rows;
mod sqlite;
pub mod statement;
mod value;

use std::time::{Duration, Instant};

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Mutex;
use tokio::time::timeout;

pub use error::{DatabaseError, QueryPlace, Unit};
pub use fault::Fault;
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
pub(super) use lock::AdvisoryLock;
use mysql::MysqlConnection;
use postgres::PostgresConnection;
use sentences::DatabaseLostEarlier;
use site::config::{DatabaseTarget, Endpoint, Limits, Site};
use sqlite::SqliteSession;
use statement::{Case, Dialect, Statement, Write};

/// How much longer the client waits than the server may work, so that the server's own refusal,
/// after which the connection is still good, comes first.
pub const GRACE: Duration = Duration::from_secs(2);

/// An open database.
///
/// Queries wait for each other: they share a connection, for only one connection sees one snapshot.
pub struct Database {
    address: String,
    dialect: Dialect,
    /// What the server makes of the names of tables.
    case: Case,
    limits: Limits,
    /// Taken out while a query runs, so that a query that is dropped half-way takes it along.
    connection: Mutex<Option<Connection>>,
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
        Self::opened(target.to_string(), limits, connecting).await
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

    /// The names of the columns of a table; none where there is no such table.
    ///
    /// # Errors
    /// As [`Database::rows`].
    pub async fn columns_of(&self, table: &str) -> Result<Vec<String>, DatabaseError> {
        let rows = self.rows(self.dialect.names(), Vec::new()).await?;
        let mut columns = Vec::new();
        for row in 0..rows.len() {
            if rows.value(row, 0)?.text().as_deref() == Some(table) {
                columns.extend(rows.value(row, 1)?.text());
            }
        }
        Ok(columns)
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
        self.write_of(sql).map(|write| write.table)
    }

    /// What one statement writes.
    ///
    /// # Errors
    /// As [`Database::written_table`].
    pub fn write_of(&self, sql: &str) -> Result<Write, DatabaseError> {
        statement::read_write(sql, self.dialect, self.case)
    }

    /// Waits for `work`, which writes by another connection. Of a server that lets nobody write while
    /// somebody reads, the snapshot is given up before it and another one taken after it, and nothing is
    /// read meanwhile.
    ///
    /// # Errors
    /// Those of `work`, or of the snapshot.
    pub async fn aside<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        if !matches!(self.dialect, Dialect::Sqlite) {
            return work.await;
        }
        let mut slot = self.connection.lock().await;
        if let Some(Connection::Sqlite(session)) = &mut *slot {
            session.end().await?;
        }
        let done = work.await;
        if let Some(Connection::Sqlite(session)) = &mut *slot {
            session.begin().await?;
        }
        done
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

    /// Ends the connection, for whose snapshot nobody asks any more.
    pub(crate) async fn close(&self) {
        let connection = self.connection.lock().await.take();
        if let Some(Connection::Sqlite(session)) = connection {
            session.close().await;
        }
    }

    fn lost_before(&self) -> DatabaseError {
        DatabaseError::Disconnected {
            address: self.address.clone(),
            reason: DatabaseLostEarlier.into(),
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
            () if rows.len() >= limits.rows => Some((limits.rows, Unit::Rows)),
            () if bytes > limits.bytes => Some((limits.bytes, Unit::Bytes)),
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
