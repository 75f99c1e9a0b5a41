//! A statement that writes to PostgreSQL.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, Statement as _};

use super::postgres_reach::Watch;
use super::{Touched, Work};
use session::database::{Fault, arguments};
use site::config::ServerTarget;

/// Executes one statement that writes, on a connection and in a transaction of its own.
pub async fn execute(
    server: &ServerTarget,
    work: Work<'_>,
    stays: impl FnOnce(&Touched) -> bool,
) -> Result<Touched, Fault> {
    let mut connection = connecting::database::postgres(server, work.limits).await?;
    sqlx::raw_sql("BEGIN READ WRITE")
        .execute(&mut connection)
        .await?;
    let touched = touched(&mut connection, work).await;
    let stays = touched.as_ref().is_ok_and(stays);
    // After an error nothing is there to be rolled back but what the error has not ended.
    let ended = sqlx::raw_sql(super::end(stays)).execute(&mut connection);
    let ended = ended.await;
    let touched = touched?;
    ended?;
    Ok(touched)
}

/// Executes the statement in the transaction that was begun, and counts what it did.
async fn touched(connection: &mut PgConnection, work: Work<'_>) -> Result<Touched, Fault> {
    let Work {
        write,
        parameters,
        permits,
        ..
    } = work;
    let watch = Watch::begin(connection, permits).await?;
    let sql = AssertSqlSafe(write.statement.sql.clone()).into_sql_str();
    let prepared = (&mut *connection).prepare(sql).await?;
    let arguments = arguments::postgres(&prepared, parameters)?;
    let done = prepared.query_with(arguments).execute(&mut *connection);
    let affected = done.await?.rows_affected();
    watch.end(connection, (&write, affected), permits).await
}
