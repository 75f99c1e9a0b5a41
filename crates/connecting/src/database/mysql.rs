//! A login to MySQL or MariaDB, with the settings of every connection of a run.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::check_root_file;
use super::reaching::reaching;
use site::config::{DatabaseTls, Limits, ServerTarget};

/// A connection to MySQL or MariaDB.
pub struct Mysql {
    /// The driver's.
    pub connection: MySqlConnection,
    /// Does the server take names of tables without case (`lower_case_table_names`)?
    pub ignores_case: bool,
}

/// Logs in to `server`, without a transaction. What begins one may only read unless it says otherwise.
///
/// # Errors
/// What the driver says.
pub async fn mysql(server: &ServerTarget, limits: &Limits) -> Result<Mysql, sqlx::Error> {
    check_root_file(server)?;
    let mut connection = options(server).connect().await?;
    let version: String = sqlx::query_scalar("SELECT CAST(VERSION() AS CHAR)")
        .fetch_one(&mut connection)
        .await?;
    let ignores_case: bool = sqlx::query_scalar("SELECT @@lower_case_table_names <> 0")
        .fetch_one(&mut connection)
        .await?;
    for setting in settings(&version, limits) {
        sqlx::raw_sql(AssertSqlSafe(setting))
            .execute(&mut connection)
            .await?;
    }
    Ok(Mysql {
        connection,
        ignores_case,
    })
}

fn options(server: &ServerTarget) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .port(server.port)
        .ssl_mode(tls_mode(server))
        .charset("utf8mb4");
    options = reaching!(options, server);
    if let Some(file) = &server.ca_file {
        options = options.ssl_ca(file);
    }
    // The driver would log the statements of scripts, and warn on its own of slow ones.
    options.disable_statement_logging()
}

fn tls_mode(server: &ServerTarget) -> MySqlSslMode {
    match server.tls_in_force() {
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
    ]
}
