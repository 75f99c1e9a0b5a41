//! A statement that writes to MySQL or MariaDB.

use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, Statement as _};

use super::mysql_reach::Reach;
use super::{Touched, Work, reach};
use connecting::database::Mysql;
use session::database::statement::Case;
use session::database::{Fault, arguments};
use site::config::ServerTarget;

/// Executes one statement that writes, on a connection and in a transaction of its own.
pub async fn execute(
    server: &ServerTarget,
    work: Work<'_>,
    stays: impl FnOnce(&Touched) -> bool,
) -> Result<Touched, Fault> {
    let Mysql {
        mut connection,
        ignores_case,
    } = connecting::database::mysql(server, work.limits).await?;
    let case = Case::of_mysql(ignores_case);
    let Work {
        write,
        parameters,
        permits,
        ..
    } = work;
    let mut reach = Reach::of(&mut connection, &write, case).await?;
    let beside = reach.tables.values().map(|reached| &reached.beside);
    reach::check(beside, &write.table, permits)?;
    for table in reach.tables.keys() {
        reach.writes_twice |= check_engine(&mut connection, table).await?;
    }
    let begin = "START TRANSACTION READ WRITE";
    sqlx::raw_sql(begin).execute(&mut connection).await?;
    let sizes = reach.sizes(&mut connection).await?;
    let before = reach.count(&mut connection).await?;
    let arguments = arguments::mysql(&write.statement.order, parameters)?;
    let sql = AssertSqlSafe(write.statement.sql.clone()).into_sql_str();
    let prepared = (&mut connection).prepare(sql).await?;
    let done = prepared.query_with(arguments).execute(&mut connection);
    let affected = done.await?.rows_affected();
    let its = (&write, affected);
    let touched = reach
        .touched(&mut connection, its, (&before, &sizes))
        .await?;
    let end = super::end(stays(&touched));
    sqlx::raw_sql(end).execute(&mut connection).await?;
    Ok(touched)
}

/// Not every engine keeps what a transaction would take back: MyISAM and Aria do not, and what is
/// behind a view is not known. A table that is not there is left to the statement to find. Tells
/// whether the engine may write twice for one row, that moves to another partition or has a history.
async fn check_engine(
    connection: &mut MySqlConnection,
    (schema, table): &(String, String),
) -> Result<bool, Fault> {
    let engines = "SELECT CAST(t.table_name AS CHAR), \
         CAST(coalesce(t.engine, t.table_type) AS CHAR), coalesce(e.transactions = 'YES', 0) <> 0, \
         t.table_type = 'SYSTEM VERSIONED' OR coalesce(t.create_options LIKE '%partitioned%', 0) \
         FROM information_schema.tables AS t \
         LEFT JOIN information_schema.engines AS e ON e.engine = t.engine \
         WHERE t.table_schema = ? AND t.table_name = ?";
    let found: Vec<(String, String, bool, bool)> = sqlx::query_as(engines)
        .bind(schema)
        .bind(table)
        .fetch_all(connection)
        .await?;
    // The server compares these names without case, whatever it does with tables.
    match found.into_iter().find(|(found, ..)| found == table) {
        None => Ok(false),
        Some((.., true, writes_twice)) => Ok(writes_twice),
        Some((_, engine, false, _)) => Err(Fault::Denied(format!(
            "the table `{table}` is of the engine {engine}, which cannot roll back a statement of too many rows"
        ).into())),
    }
}
