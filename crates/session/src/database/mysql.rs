//! A MySQL or MariaDB connection inside its read-only transaction.

use sqlx::mysql::{MySqlConnection, MySqlDatabaseError, MySqlRow};
use sqlx::{
    AssertSqlSafe, Column, Decode, Executor, MySql, Row, SqlSafeStr, Statement as _, ValueRef,
};

use super::fault::{Fault, Meaning};
use super::mysql_value::MysqlDecoder;
use super::rows::{Kept, SqlRows};
use super::statement::Case;
use super::{Query, arguments, collect};
use connecting::database::Mysql;
use site::config::{Limits, ServerTarget};

const BEGIN: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

pub(super) struct MysqlConnection {
    connection: MySqlConnection,
    case: Case,
}

impl MysqlConnection {
    pub async fn open(server: &ServerTarget, limits: &Limits) -> Result<Self, Fault> {
        let Mysql {
            mut connection,
            ignores_case,
        } = connecting::database::mysql(server, limits).await?;
        sqlx::raw_sql(BEGIN).execute(&mut connection).await?;
        let case = Case::of_mysql(ignores_case);
        Ok(Self { connection, case })
    }

    /// What the server makes of the names of tables.
    pub fn case(&self) -> Case {
        self.case
    }

    /// Ends the transaction and begins another, with a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut self.connection)
            .await?;
        sqlx::raw_sql(BEGIN).execute(&mut self.connection).await?;
        Ok(())
    }

    pub async fn rows(&mut self, query: Query<'_>) -> Result<SqlRows, Fault> {
        let arguments = arguments::mysql(&query.statement.order, query.parameters)?;
        let sql = AssertSqlSafe(query.statement.sql).into_sql_str();
        let prepared = (&mut self.connection).prepare(sql).await?;
        let columns = prepared.columns();
        let names: Vec<String> = columns.iter().map(|c| c.name().to_owned()).collect();
        let prepared_types = columns
            .iter()
            .map(|c| MysqlDecoder::of(c.type_info()))
            .collect();
        let fetching = prepared.query_with(arguments).fetch(&mut self.connection);
        let rows = collect(fetching, query.limits, size).await?;
        // With the types of the parameters known, the server may answer with other types.
        let decoders = match rows.first() {
            Some(row) => row
                .columns()
                .iter()
                .map(|column| MysqlDecoder::of(column.type_info()))
                .collect(),
            None => prepared_types,
        };
        Ok(SqlRows::new(names, Kept::Mysql(rows, decoders)))
    }
}

fn size(row: &MySqlRow) -> usize {
    (0..row.len())
        .filter_map(|column| row.try_get_raw(column).ok())
        .filter(|value| !value.is_null())
        .filter_map(|value| <&[u8] as Decode<MySql>>::decode(value).ok())
        .map(<[u8]>::len)
        .sum()
}

/// By number, as in "Server Error Message Reference" of MySQL and "MariaDB Error Codes".
pub(super) fn meaning(error: &MySqlDatabaseError) -> Meaning {
    match error.number() {
        1045 | 1698 | 1251 | 1862 => Meaning::Login,
        1044 | 1049 => Meaning::Absent,
        1317 | 1969 | 3024 => Meaning::Slow,
        1792 | 1290 => Meaning::ReadOnly,
        1053 | 1077 | 1079 | 1184 | 1927 | 2006 | 2013 => Meaning::Gone,
        _ => Meaning::Other,
    }
}
