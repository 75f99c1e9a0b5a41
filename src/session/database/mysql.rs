//! A MySQL or MariaDB connection inside its read-only transaction.

use std::time::Duration;

use sqlx::mysql::{
    MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow,
    MySqlSslMode,
};
use sqlx::{
    Arguments, AssertSqlSafe, Column, ConnectOptions, Decode, Executor, MySql, Row, SqlSafeStr,
    Statement as _, ValueRef,
};

use super::mysql_value::MysqlDecoder;
use super::rows::{Kept, SqlRows};
use super::statement::Statement;
use super::value::SqlValue;
use super::{Fault, Meaning, collect};
use crate::config::{DatabaseTls, Limits, ServerTarget};

const BEGIN: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

pub(super) struct MysqlConnection(MySqlConnection);

impl MysqlConnection {
    pub async fn open(server: &ServerTarget, limits: &Limits) -> Result<Self, Fault> {
        let mut connection = options(server).connect().await?;
        let version: String = sqlx::query_scalar("SELECT CAST(VERSION() AS CHAR)")
            .fetch_one(&mut connection)
            .await?;
        for setting in settings(&version, limits) {
            sqlx::raw_sql(AssertSqlSafe(setting))
                .execute(&mut connection)
                .await?;
        }
        Ok(Self(connection))
    }

    /// Executes one statement that writes, on a connection of its own; how many rows it touched.
    pub async fn execute(
        server: &ServerTarget,
        limits: &Limits,
        statement: Statement,
        parameters: &[SqlValue],
    ) -> Result<u64, Fault> {
        let Self(mut connection) = Self::open(server, limits).await?;
        let write = "ROLLBACK; SET SESSION TRANSACTION READ WRITE";
        sqlx::raw_sql(write).execute(&mut connection).await?;
        let arguments = arguments(&statement.order, parameters)?;
        let sql = AssertSqlSafe(statement.sql).into_sql_str();
        let prepared = (&mut connection).prepare(sql).await?;
        let done = prepared.query_with(arguments).execute(&mut connection);
        Ok(done.await?.rows_affected())
    }

    /// Ends the transaction and begins another, with a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        sqlx::raw_sql(BEGIN).execute(&mut self.0).await?;
        Ok(())
    }

    pub async fn rows(
        &mut self,
        statement: Statement,
        parameters: &[SqlValue],
        limits: &Limits,
    ) -> Result<SqlRows, Fault> {
        let arguments = arguments(&statement.order, parameters)?;
        let sql = AssertSqlSafe(statement.sql).into_sql_str();
        let prepared = (&mut self.0).prepare(sql).await?;
        let columns = prepared.columns();
        let names: Vec<String> = columns.iter().map(|c| c.name().to_owned()).collect();
        let prepared_types = columns
            .iter()
            .map(|c| MysqlDecoder::of(c.type_info()))
            .collect();
        let query = prepared.query_with(arguments);
        let rows = collect(query.fetch(&mut self.0), limits, size).await?;
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

fn options(server: &ServerTarget) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .port(server.port)
        .ssl_mode(tls_mode(server.tls))
        .charset("utf8mb4");
    match &server.socket {
        Some(socket) => options = options.socket(socket),
        None if server.host.is_empty() => {}
        None => options = options.host(&server.host),
    }
    if let Some(user) = &server.user {
        options = options.username(user);
    }
    if let Some(password) = &server.password {
        options = options.password(password.expose());
    }
    if let Some(database) = &server.database {
        options = options.database(database);
    }
    if let Some(file) = &server.ca_file {
        options = options.ssl_ca(file);
    }
    // The driver would log the statements of scripts, and warn on its own of slow ones.
    options.disable_statement_logging()
}

fn tls_mode(tls: DatabaseTls) -> MySqlSslMode {
    match tls {
        DatabaseTls::Disable => MySqlSslMode::Disabled,
        DatabaseTls::Allow | DatabaseTls::Prefer => MySqlSslMode::Preferred,
        DatabaseTls::Require => MySqlSslMode::Required,
        DatabaseTls::VerifyCa => MySqlSslMode::VerifyCa,
        DatabaseTls::VerifyFull => MySqlSslMode::VerifyIdentity,
    }
}

/// What makes the session read-only, bounded and equal on every server.
fn settings(version: &str, limits: &Limits) -> Vec<String> {
    let seconds = |limit: Duration| limit.as_secs_f64();
    let lock = limits.lock.as_secs().max(1);
    let deadline = if version.to_ascii_lowercase().contains("mariadb") {
        format!(
            "SET SESSION max_statement_time = {}",
            seconds(limits.statement)
        )
    } else {
        format!(
            "SET SESSION max_execution_time = {}",
            limits.statement.as_millis()
        )
    };
    vec![
        // Statements are cut into tokens by these rules: backslashes escape, "…" is a string.
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,PIPES_AS_CONCAT'".to_owned(),
        deadline,
        format!(
            "SET SESSION lock_wait_timeout = {lock}, SESSION innodb_lock_wait_timeout = {lock}"
        ),
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_owned(),
        "SET SESSION TRANSACTION READ ONLY".to_owned(),
        BEGIN.to_owned(),
    ]
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
