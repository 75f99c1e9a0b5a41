//! A login to PostgreSQL, with the settings of every connection of a run.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use super::check_root_file;
use super::reaching::reaching;
use site::config::{DatabaseTls, Limits, ServerTarget};

/// How long a run may be busy elsewhere before the server ends its transaction.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Logs in to `server`, without a transaction. What begins one may only read unless it says otherwise.
///
/// # Errors
/// What the driver says.
pub async fn postgres(server: &ServerTarget, limits: &Limits) -> Result<PgConnection, sqlx::Error> {
    let options = options(server, limits);
    if !matches!(options.get_ssl_mode(), PgSslMode::Disable) {
        check_root_file(server)?;
    }
    options.connect().await
}

fn options(server: &ServerTarget, limits: &Limits) -> PgConnectOptions {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(server.port)
        .ssl_mode(tls_mode(server))
        .application_name("tikbook");
    options = options.options(
        server
            .session_settings
            .iter()
            .map(|(name, value)| (name, value)),
    );
    options = options.options([
        ("default_transaction_read_only", "on".to_owned()),
        ("statement_timeout", milliseconds(limits.statement)),
        ("lock_timeout", milliseconds(limits.lock)),
        ("idle_in_transaction_session_timeout", milliseconds(IDLE)),
        // The statements are cut into tokens by the rules that this setting chooses.
        ("standard_conforming_strings", "on".to_owned()),
        ("TimeZone", "UTC".to_owned()),
    ]);
    options = reaching!(options, server);
    let system = || system_roots().filter(|_| server.system_roots);
    if let Some(file) = server.ca_file.clone().or_else(system) {
        options = options.ssl_root_cert(file);
    }
    // There is no TLS on a socket, whatever was asked for; without a host the driver looks for one.
    if server.is_local() || options.get_host().starts_with('/') {
        options = options.ssl_mode(PgSslMode::Disable);
    }
    // The driver would log the statements of scripts, and warn on its own of slow ones.
    options.disable_statement_logging()
}

/// Where operating systems keep the authorities that they trust, in one file. Without one of these
/// the driver's own list of public authorities is what there is.
fn system_roots() -> Option<PathBuf> {
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/usr/local/etc/ssl/cert.pem",
    ]
    .map(PathBuf::from)
    .into_iter()
    .find(|file| file.is_file())
}

fn tls_mode(server: &ServerTarget) -> PgSslMode {
    match server.tls_in_force() {
        DatabaseTls::Disable => PgSslMode::Disable,
        // The driver would not try TLS at all, and so fail where the server insists on it.
        DatabaseTls::Allow | DatabaseTls::Prefer => PgSslMode::Prefer,
        DatabaseTls::Require => PgSslMode::Require,
        DatabaseTls::VerifyCa => PgSslMode::VerifyCa,
        DatabaseTls::VerifyFull => PgSslMode::VerifyFull,
    }
}
