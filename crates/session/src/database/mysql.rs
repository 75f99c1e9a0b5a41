//! A MySQL or MariaDB connection inside its read-only transaction.

use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlDatabaseError, MySqlRow};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Decode, Executor, MySql, Row, SqlSafeStr, Statement as _,
    ValueRef,
};

use super::mysql_reach::Reach;
use super::mysql_value::MysqlDecoder;
use super::rows::{Kept, SqlRows};
use super::statement::Case;
use super::value::SqlValue;
use super::{Fault, Meaning, Query, Touched, Work, collect, reach};
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
        let case = match ignores_case {
            true => Case::Ignored,
            false => Case::AsWritten,
        };
        Ok(Self { connection, case })
    }

    /// What the server makes of the names of tables.
    pub fn case(&self) -> Case {
        self.case
    }

    /// Executes one statement that writes, on a connection and in a transaction of its own.
    pub async fn execute(
        server: &ServerTarget,
        work: Work<'_>,
        stays: impl FnOnce(&Touched) -> bool,
    ) -> Result<Touched, Fault> {
        let Self {
            mut connection,
            case,
        } = Self::open(server, work.limits).await?;
        sqlx::raw_sql("ROLLBACK").execute(&mut connection).await?;
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
        let arguments = arguments(&write.statement.order, parameters)?;
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

    /// Ends the transaction and begins another, with a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut self.connection)
            .await?;
        sqlx::raw_sql(BEGIN).execute(&mut self.connection).await?;
        Ok(())
    }

    pub async fn rows(&mut self, query: Query<'_>) -> Result<SqlRows, Fault> {
        let arguments = arguments(&query.statement.order, query.parameters)?;
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
        ))),
    }
}

fn arguments(order: &[usize], parameters: &[SqlValue]) -> Result<MySqlArguments, Fault> {
    let mut arguments = MySqlArguments::default();
    for place in order {
        add(&mut arguments, &parameters[*place]).map_err(|reason| Fault::Parameter {
            number: place + 1,
            reason,
        })?;
    }
    Ok(arguments)
}

fn add(arguments: &mut MySqlArguments, value: &SqlValue) -> Result<(), String> {
    let added = match value {
        SqlValue::Null => arguments.add(None::<&str>),
        SqlValue::Bool(value) => arguments.add(i64::from(*value)),
        SqlValue::Int(value) => arguments.add(*value),
        SqlValue::Float(value) => arguments.add(*value),
        SqlValue::Bytes(bytes) => arguments.add(bytes.as_slice()),
        SqlValue::Time(instant) => {
            arguments.add(instant.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string())
        }
        other => match other.text() {
            Some(text) => arguments.add(text),
            None => return Err(format!("a parameter cannot be an {}", other.kind())),
        },
    };
    added.map_err(|error| error.to_string())
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
