//! A statement that writes to an SQLite file.

use sqlx::{AssertSqlSafe, ConnectOptions, Executor, SqlSafeStr, Statement as _};

use super::sqlite_reach::Reach;
use super::{Touched, Work};
use session::database::{Fault, arguments};
use site::config::SqliteTarget;

/// Executes one statement that writes, on a connection and in a transaction of its own.
pub async fn execute(
    target: &SqliteTarget,
    work: Work<'_>,
    stays: impl FnOnce(&Touched) -> bool,
) -> Result<Touched, Fault> {
    let Work {
        write,
        parameters,
        permits,
        limits,
    } = work;
    let options = connecting::database::sqlite(target)
        .create_if_missing(false)
        .busy_timeout(limits.lock)
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    // Nobody else may write between the counting and the statement.
    let begin = "BEGIN IMMEDIATE";
    sqlx::raw_sql(begin).execute(&mut connection).await?;
    let reach = Reach::of(&mut connection, &write, permits).await?;
    let arguments = arguments::sqlite(parameters)?;
    let sql = AssertSqlSafe(write.statement.sql.clone()).into_sql_str();
    let prepared = (&mut connection).prepare(sql).await?;
    let done = prepared.query_with(arguments).execute(&mut connection);
    let affected = done.await?.rows_affected();
    let its = (&write, affected);
    let touched = reach.touched(&mut connection, its).await?;
    let end = super::end(stays(&touched));
    sqlx::raw_sql(end).execute(&mut connection).await?;
    Ok(touched)
}
