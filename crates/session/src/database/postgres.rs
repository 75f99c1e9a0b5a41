//! A PostgreSQL connection inside its read-only transaction.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement as _, ValueRef};

use super::error::QueryPlace;
use super::fault::{Fault, Meaning};
use super::postgres_value::PostgresDecoder;
use super::rows::{Kept, SqlRows};
use super::{Query, arguments, collect};
use site::config::{Limits, ServerTarget};

/// `SELECT 1` takes the snapshot, and it must come first: before it the server would still let
/// `SET TRANSACTION READ WRITE` pass. An error falls back to the savepoint, which keeps the snapshot.
const BEGIN: &str = "BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ; SELECT 1; SAVEPOINT tikbook";

/// Lets the server end a statement whose client is gone: a run that was stopped or killed leaves
/// nothing behind. Servers before 14, and some systems, do not know how.
const NOTICE_THE_END: &str = "SELECT set_config('client_connection_check_interval', '1s', false) \
     WHERE current_setting('client_connection_check_interval', true) IS NOT NULL";

pub(super) struct PostgresConnection(PgConnection);

impl PostgresConnection {
    pub async fn open(server: &ServerTarget, limits: &Limits) -> Result<Self, Fault> {
        let mut connection = connecting::database::postgres(server, limits).await?;
        let noticing = sqlx::raw_sql(NOTICE_THE_END).execute(&mut connection).await;
        if let Err(error) = noticing
            && error.as_database_error().is_none()
        {
            return Err(error.into());
        }
        sqlx::raw_sql(BEGIN).execute(&mut connection).await?;
        Ok(Self(connection))
    }

    pub async fn rows(&mut self, query: Query<'_>) -> Result<SqlRows, Fault> {
        let sql = AssertSqlSafe(query.statement.sql).into_sql_str();
        let prepared = (&mut self.0).prepare(sql).await?;
        let arguments = arguments::postgres(&prepared, query.parameters)?;
        let columns = prepared.columns();
        let decoders = columns
            .iter()
            .map(|column| PostgresDecoder::of(column.type_info()))
            .collect();
        let names: Vec<String> = columns.iter().map(|c| c.name().to_owned()).collect();
        let fetching = prepared.query_with(arguments).fetch(&mut self.0);
        let rows = collect(fetching, query.limits, size).await?;
        Ok(SqlRows::new(names, Kept::Postgres(rows, decoders)))
    }

    /// Ends the transaction and begins another, with a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        sqlx::raw_sql(BEGIN).execute(&mut self.0).await?;
        Ok(())
    }

    /// After an error the transaction answers nothing until it is rolled back.
    pub async fn recover(&mut self) -> bool {
        let back = sqlx::raw_sql("ROLLBACK TO SAVEPOINT tikbook").execute(&mut self.0);
        matches!(tokio::time::timeout(super::GRACE, back).await, Ok(Ok(_)))
    }
}

fn size(row: &PgRow) -> usize {
    (0..row.len())
        .filter_map(|column| row.try_get_raw(column).ok())
        .filter(|value| !value.is_null())
        .map(|value| value.as_bytes().map_or(0, <[u8]>::len))
        .sum()
}

/// By SQLSTATE, as in the appendix "PostgreSQL Error Codes" of its manual.
pub(super) fn meaning(code: &str) -> Meaning {
    match code {
        "28P01" | "28000" => Meaning::Login,
        "3D000" => Meaning::Absent,
        "57014" => Meaning::Slow,
        "25006" => Meaning::ReadOnly,
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Meaning::Gone,
        _ if code.starts_with("08") => Meaning::Gone,
        _ => Meaning::Other,
    }
}

/// Where in `sql` the server found the fault.
pub(super) fn error_place(
    error: &(dyn sqlx::error::DatabaseError + 'static),
    sql: &str,
) -> Option<QueryPlace> {
    let error = error.try_downcast_ref::<PgDatabaseError>()?;
    let PgErrorPosition::Original(position) = error.position()? else {
        return None;
    };
    let before: String = sql.chars().take(position.saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Some(QueryPlace { line, column })
}

/// The server's own detail and advice.
pub(super) fn error_advice(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Option<String> {
    let error = error.try_downcast_ref::<PgDatabaseError>()?;
    let parts: Vec<&str> = [error.detail(), error.hint()]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_by_what_the_operator_has_to_do() {
        assert_eq!(meaning("28P01"), Meaning::Login);
        assert_eq!(meaning("57P01"), Meaning::Gone);
        assert_eq!(meaning("08006"), Meaning::Gone);
        assert_eq!(meaning("42P01"), Meaning::Other);
    }
}
