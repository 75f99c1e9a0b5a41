//! An SQLite file, opened for reading.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Decode, Executor, Row, SqlSafeStr,
    Sqlite, Statement as _, TypeInfo, ValueRef,
};

use super::fault::{Fault, Meaning};
use super::rows::{Kept, SqlRows};
use super::value::SqlValue;
use super::{Query, arguments, collect};
use site::config::{Limits, SqliteTarget};

/// After how many of its instructions SQLite looks at the deadline.
const INSTRUCTIONS: i32 = 10_000;

/// Reading the schema is what starts the snapshot.
const BEGIN: &str = "BEGIN; SELECT count(*) FROM sqlite_master";

pub(super) struct SqliteSession {
    connection: SqliteConnection,
    deadline: Watch,
    /// The file, where it is one.
    file: Option<PathBuf>,
}

/// When the running statement must end. SQLite runs on a thread of its own, which ends only by this.
struct Deadline {
    since: Instant,
    milliseconds: AtomicU64,
}

impl SqliteSession {
    pub async fn open(target: &SqliteTarget, limits: &Limits) -> Result<Self, Fault> {
        let options = connecting::database::sqlite(target);
        let file = match target {
            SqliteTarget::File(_) => Some(options.get_filename().to_owned()),
            SqliteTarget::Memory { .. } => None,
        };
        let session = Self::open_with(options, limits).await?;
        Ok(Self { file, ..session })
    }

    /// Ends the connection. SQLite keeps the write-ahead log of a file, and what is known of it, in files beside it;
    /// the last who leaves takes them away, but for a connection that may only read, which makes them and leaves
    /// them. So one that may write looks in once more where nothing is in the log: only it can tell whether it is
    /// the last.
    pub async fn close(self) {
        let Self {
            connection,
            deadline,
            file,
        } = self;
        drop(deadline);
        if connection.close().await.is_err() {
            return;
        }
        let Some(file) = file else { return };
        let left = |end| beside(&file, end).metadata().map_or(0, |known| known.len());
        let [log, known] = BESIDE.map(left);
        if log == 0 && known > 0 {
            // What cannot be taken away stays: it holds nothing, and everything was read.
            tidy(&file).await.ok();
        }
    }

    /// Opens what `options` name, for reading whatever they say.
    pub async fn open_with(options: SqliteConnectOptions, limits: &Limits) -> Result<Self, Fault> {
        let mut connection = for_reading(options, limits).connect().await?;
        let deadline = Arc::new(Deadline {
            since: Instant::now(),
            milliseconds: AtomicU64::new(u64::MAX),
        });
        let watched = Arc::clone(&deadline);
        connection
            .lock_handle()
            .await?
            .set_progress_handler(INSTRUCTIONS, move || !watched.has_passed());
        sqlx::raw_sql(BEGIN).execute(&mut connection).await?;
        Ok(Self {
            connection,
            deadline: Watch(deadline),
            file: None,
        })
    }

    pub async fn rows(&mut self, query: Query<'_>) -> Result<SqlRows, Fault> {
        let arguments = arguments::sqlite(query.parameters)?;
        self.deadline.set(query.limits.statement);
        let sql = AssertSqlSafe(query.statement.sql).into_sql_str();
        let prepared = (&mut self.connection).prepare(sql).await?;
        let names: Vec<String> = prepared
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let fetching = prepared.query_with(arguments).fetch(&mut self.connection);
        let rows = collect(fetching, query.limits, size).await;
        self.deadline.clear();
        let rows = rows?.iter().map(values).collect();
        Ok(SqlRows::new(names, Kept::Sqlite(rows)))
    }

    /// Ends the transaction and begins another, with a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        self.end().await?;
        self.begin().await
    }

    /// Ends the transaction, which would keep others from writing the file.
    pub async fn end(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Begins a transaction with a snapshot of now.
    pub async fn begin(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql(BEGIN).execute(&mut self.connection).await?;
        Ok(())
    }
}

/// A statement that runs when its connection is left is stopped.
struct Watch(Arc<Deadline>);

impl Deref for Watch {
    type Target = Deadline;

    fn deref(&self) -> &Deadline {
        &self.0
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.set(Duration::ZERO);
    }
}

/// What SQLite keeps beside a file with a write-ahead log: the log, and who knows what of it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Reads and leaves as one who may write, and changes nothing.
async fn tidy(file: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .pragma("query_only", "ON")
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::raw_sql("SELECT count(*) FROM sqlite_master")
        .execute(&mut connection)
        .await?;
    connection.close().await
}

impl Deadline {
    fn set(&self, from_now: Duration) {
        let end = self.since.elapsed().saturating_add(from_now).as_millis();
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        self.milliseconds.store(end, Ordering::Relaxed);
    }

    fn clear(&self) {
        self.milliseconds.store(u64::MAX, Ordering::Relaxed);
    }

    fn has_passed(&self) -> bool {
        let end = self.milliseconds.load(Ordering::Relaxed);
        self.since.elapsed().as_millis() >= u128::from(end)
    }
}

fn for_reading(options: SqliteConnectOptions, limits: &Limits) -> SqliteConnectOptions {
    options
        .read_only(true)
        .create_if_missing(false)
        .busy_timeout(limits.lock)
        .pragma("query_only", "ON")
        // No function of the schema may do what a statement may not.
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging()
}

/// By the value's own type: a column's declared type binds nobody in SQLite.
fn values(row: &SqliteRow) -> Box<[SqlValue]> {
    (0..row.len()).map(|column| value(row, column)).collect()
}

fn value(row: &SqliteRow, column: usize) -> SqlValue {
    let Ok(raw) = row.try_get_raw(column) else {
        return SqlValue::Null;
    };
    if raw.is_null() {
        return SqlValue::Null;
    }
    let type_info = raw.type_info();
    let decoded = match type_info.name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(raw).map(SqlValue::Int),
        "REAL" => <f64 as Decode<Sqlite>>::decode(raw).map(SqlValue::Float),
        "TEXT" => <Vec<u8> as Decode<Sqlite>>::decode(raw).map(text),
        _ => <Vec<u8> as Decode<Sqlite>>::decode(raw).map(SqlValue::Bytes),
    };
    decoded.unwrap_or_else(|error| SqlValue::Unknown {
        type_name: error.to_string(),
    })
}

/// SQLite keeps any bytes as text, and has no type for an instant: one that says its offset, as
/// `2026-05-30 12:00:00+00:00` does, is one all the same.
fn text(bytes: Vec<u8>) -> SqlValue {
    match String::from_utf8(bytes) {
        Ok(text) => match instant(&text) {
            Some(time) => SqlValue::Time(time),
            None => SqlValue::Text(text),
        },
        Err(not_text) => SqlValue::Bytes(not_text.into_bytes()),
    }
}

/// A date, a time and an offset, with a blank or a `T` between the two.
fn instant(text: &str) -> Option<Timestamp> {
    let shape = text.bytes().take(17).map(|byte| match byte {
        b'0'..=b'9' => b'0',
        b'T' => b' ',
        other => other,
    });
    let is_one = shape.eq(*b"0000-00-00 00:00:");
    // Every offset has a sign or is `Z`, which a time without one has not.
    is_one.then(|| text.parse().ok()).flatten()
}

fn size(row: &SqliteRow) -> usize {
    (0..row.len())
        .filter_map(|column| row.try_get_raw(column).ok())
        .map(|raw| {
            let has_bytes = matches!(raw.type_info().name(), "TEXT" | "BLOB");
            let bytes = has_bytes.then(|| <&[u8] as Decode<Sqlite>>::decode(raw));
            bytes.and_then(Result::ok).map_or(8, <[u8]>::len)
        })
        .sum()
}

/// By result code, as in "Result and Error Codes" of SQLite; the low byte is the class.
pub(super) fn meaning(code: &str) -> Meaning {
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(8) => Meaning::ReadOnly,
        Ok(9) => Meaning::Slow,
        Ok(10 | 14 | 26) => Meaning::Gone,
        _ => Meaning::Other,
    }
}
