//! The options of a database's URL: those that are read, those that tune a driver which is not used
//! here, and those that ask for something that is not given. Who names an option that is none of
//! these, or misspells one, is told: an option that was asked for in vain could be the one that makes
//! the connection safe.

use wording::near::nearest;

/// Whose URL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    /// PostgreSQL: the words of libpq, and of the drivers that SQLAlchemy has for it.
    Postgres,
    /// MySQL and MariaDB: the words of their own clients, and of SQLAlchemy's drivers.
    Mysql,
}

/// An option that asks for something that is not given.
struct NotGiven {
    name: &'static str,
    /// The values that ask for nothing, or for what is so anyway.
    harmless: &'static [&'static str],
    why: &'static str,
}

const fn not_given(
    name: &'static str,
    harmless: &'static [&'static str],
    why: &'static str,
) -> NotGiven {
    NotGiven {
        name,
        harmless,
        why,
    }
}

impl NotGiven {
    fn is_harmless(&self, value: &str) -> bool {
        let mut harmless = self.harmless.iter();
        value.is_empty() || harmless.any(|each| each.eq_ignore_ascii_case(value))
    }
}

const REVOKED: &str = "lists of revoked certificates are not supported";
const CLIENTS: &str = "certificates of clients are not supported";
const ELSEWHERE: &str = "files that say where the database is are not read; write it into the URL";
const OFF: &[&str] = &["false", "0", "no", "off"];

impl Server {
    /// What an option is read as; `None` for one that says nothing to us.
    ///
    /// # Errors
    /// It asks for something that is not given, or nobody knows it. No reason holds a value.
    pub fn meaning(self, name: &str, value: &str) -> Result<Option<&'static str>, String> {
        let spelled = self.spelled(name);
        let read = self.read().iter();
        if let Some((_, meaning)) = read.clone().find(|(known, _)| *known == spelled) {
            return Ok(Some(meaning));
        }
        if let Some(option) = self.not_given().iter().find(|each| each.name == spelled) {
            return match option.is_harmless(value) {
                true => Ok(None),
                false => Err(format!("`{name}`: {}", option.why)),
            };
        }
        if self.tuning().contains(&spelled.as_str()) {
            return Ok(None);
        }
        let not_given = self.not_given().iter().map(|option| option.name);
        let known = read.map(|(known, _)| *known);
        let known = known.chain(not_given).chain(self.tuning().iter().copied());
        Err(match nearest(&spelled, known) {
            Some(meant) => format!(
                "`{name}` is no option of {}: did you mean `{meant}`?",
                self.label()
            ),
            None => format!("`{name}` is no option of {}", self.label()),
        })
    }

    fn label(self) -> &'static str {
        match self {
            Server::Postgres => "a PostgreSQL URL",
            Server::Mysql => "a MySQL URL",
        }
    }

    /// MySQL's own clients write the words of their options with either.
    fn spelled(self, name: &str) -> String {
        match self {
            Server::Postgres => name.to_owned(),
            Server::Mysql => name.replace('-', "_"),
        }
    }

    /// The options that are read, by what they are called, and the name under which they are.
    fn read(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Server::Postgres => &[
                ("host", "host"),
                ("port", "port"),
                ("user", "user"),
                ("username", "user"),
                ("password", "password"),
                ("dbname", "database"),
                ("database", "database"),
                ("options", "options"),
                ("unix_socket", "unix_socket"),
                ("sslmode", "sslmode"),
                ("ssl-mode", "sslmode"),
                ("ssl_mode", "sslmode"),
                ("ssl", "sslmode"),
                ("sslrootcert", "sslrootcert"),
                ("ssl-root-cert", "sslrootcert"),
                ("ssl_root_cert", "sslrootcert"),
                ("ssl-ca", "sslrootcert"),
                ("ssl_ca", "sslrootcert"),
            ],
            Server::Mysql => &[
                ("host", "host"),
                ("port", "port"),
                ("user", "user"),
                ("username", "user"),
                ("password", "password"),
                ("passwd", "password"),
                ("database", "database"),
                ("dbname", "database"),
                ("db", "database"),
                ("unix_socket", "unix_socket"),
                ("socket", "unix_socket"),
                ("ssl", "sslmode"),
                ("sslmode", "sslmode"),
                ("ssl_mode", "sslmode"),
                ("ssl_disabled", "ssl_disabled"),
                ("ssl_ca", "ssl_ca"),
                ("sslca", "ssl_ca"),
                ("sslrootcert", "sslrootcert"),
                ("ssl_check_hostname", "ssl_check_hostname"),
                ("ssl_verify_cert", "ssl_verify_cert"),
                ("ssl_verify_identity", "ssl_verify_identity"),
                ("ssl_verify_server_cert", "ssl_verify_identity"),
            ],
        }
    }

    fn not_given(self) -> &'static [NotGiven] {
        const NEGOTIATION: &str = "TLS from the first byte on is not supported";
        const OAUTH: &str = "logging in by OAuth is not supported";
        const KEYS: &str = "keys in place of a password are not supported";
        const VERSIONS: &str = "which versions and ciphers of TLS there may be cannot be said";
        const PINS: &str =
            "fingerprints and keys of the server are not supported; name a file with ssl_ca";
        match self {
            Server::Postgres => {
                const ALL: &[NotGiven] = &[
                    not_given("sslcrl", &[], REVOKED),
                    not_given("sslcrldir", &[], REVOKED),
                    not_given("sslcert", &[], CLIENTS),
                    not_given("sslkey", &[], CLIENTS),
                    not_given("ssl-cert", &[], CLIENTS),
                    not_given("ssl-key", &[], CLIENTS),
                    not_given("sslcertmode", &["disable", "allow"], CLIENTS),
                    not_given(
                        "channel_binding",
                        &["disable", "prefer"],
                        "binding the login to the TLS connection is not supported; sslmode=verify-full \
                         checks the server",
                    ),
                    not_given(
                        "require_auth",
                        &[],
                        "which kind of login the server may ask for cannot be said",
                    ),
                    not_given(
                        "requirepeer",
                        &[],
                        "whose process the server must be cannot be said",
                    ),
                    not_given("requiressl", &["0"], "write sslmode=require"),
                    not_given(
                        "gssencmode",
                        &["disable", "prefer"],
                        "encryption by GSSAPI is not supported; write sslmode=verify-full",
                    ),
                    not_given(
                        "ssl_min_protocol_version",
                        &["TLSv1", "TLSv1.1", "TLSv1.2"],
                        "TLSv1.2 is the least that can be asked for, and always is",
                    ),
                    not_given("sslnegotiation", &["postgres"], NEGOTIATION),
                    not_given("direct_tls", OFF, NEGOTIATION),
                    not_given("hostaddr", &[], "name the address as the host"),
                    not_given(
                        "unix_sock",
                        &[],
                        "write host= with the folder that the socket is in",
                    ),
                    not_given("service", &[], ELSEWHERE),
                    not_given("servicefile", &[], ELSEWHERE),
                    not_given("scram_client_key", &[], KEYS),
                    not_given("scram_server_key", &[], KEYS),
                    not_given("oauth_issuer", &[], OAUTH),
                    not_given("oauth_client_id", &[], OAUTH),
                    not_given("oauth_client_secret", &[], OAUTH),
                    not_given("oauth_scope", &[], OAUTH),
                ];
                ALL
            }
            Server::Mysql => {
                const ALL: &[NotGiven] = &[
                    not_given(
                        "ssl_capath",
                        &[],
                        "folders of certificates are not supported; name a file with ssl_ca",
                    ),
                    not_given("ssl_crl", &[], REVOKED),
                    not_given("ssl_crlpath", &[], REVOKED),
                    not_given("ssl_cert", &[], CLIENTS),
                    not_given("ssl_key", &[], CLIENTS),
                    not_given("ssl_key_password", &[], CLIENTS),
                    not_given("sslcert", &[], CLIENTS),
                    not_given("sslkey", &[], CLIENTS),
                    not_given("ssl_cipher", &[], VERSIONS),
                    not_given("tls_ciphersuites", &[], VERSIONS),
                    not_given("tls_version", &["TLSv1.2", "TLSv1.2,TLSv1.3"], VERSIONS),
                    not_given("tls_versions", &["TLSv1.2", "TLSv1.2,TLSv1.3"], VERSIONS),
                    not_given("ssl_fp", &[], PINS),
                    not_given("ssl_fplist", &[], PINS),
                    not_given("tls_fp", &[], PINS),
                    not_given("tls_fplist", &[], PINS),
                    not_given("server_public_key", &[], PINS),
                    not_given("server_public_key_path", &[], PINS),
                    not_given(
                        "tls",
                        OFF,
                        "write ssl_mode=REQUIRED, or VERIFY_IDENTITY, which checks the server",
                    ),
                    not_given("read_default_file", &[], ELSEWHERE),
                    not_given("read_default_group", &[], ELSEWHERE),
                    not_given("default_file", &[], ELSEWHERE),
                    not_given("default_group", &[], ELSEWHERE),
                    not_given("option_files", &[], ELSEWHERE),
                    not_given("option_groups", &[], ELSEWHERE),
                ];
                ALL
            }
        }
    }

    /// The options that say nothing to us: they tune the driver, name the program, or say how what is
    /// not there would be done.
    fn tuning(self) -> &'static [&'static str] {
        match self {
            Server::Postgres => &[
                // libpq
                "application_name",
                "authtype",
                "client_encoding",
                "connect_timeout",
                "fallback_application_name",
                "gssdelegation",
                "gsslib",
                "keepalives",
                "keepalives_count",
                "keepalives_idle",
                "keepalives_interval",
                "krbsrvname",
                "load_balance_hosts",
                "max_protocol_version",
                "min_protocol_version",
                "passfile",
                "replication",
                "ssl_max_protocol_version",
                "sslcompression",
                "sslkeylogfile",
                "sslpassword",
                "sslsni",
                "target_session_attrs",
                "tcp_user_timeout",
                "tty",
                // SQLAlchemy, asyncpg, psycopg, psycopg2, pg8000, aiopg, sqlx
                "async",
                "async_fallback",
                "autocommit",
                "command_timeout",
                "connection_factory",
                "cursor_factory",
                "enable_hstore",
                "enable_json",
                "enable_uuid",
                "max_cacheable_statement_size",
                "max_cached_statement_lifetime",
                "plugin",
                "prepare_threshold",
                "prepared_statement_cache_size",
                "prepared_statement_name_func",
                "statement-cache-capacity",
                "statement_cache_size",
                "tcp_keepalive",
                "timeout",
            ],
            Server::Mysql => &[
                "allow_local_infile",
                "allow_local_infile_in_path",
                "async_fallback",
                "auth_plugin",
                "auth_plugin_map",
                "autocommit",
                "autoping",
                "binary_prefix",
                "bind_address",
                "buffered",
                "charset",
                "client_flag",
                "client_flags",
                "collation",
                "compress",
                "connect_timeout",
                "connection_timeout",
                "consume_results",
                "conv",
                "conv_attrs",
                "converter_class",
                "cursorclass",
                "defer_connect",
                "echo",
                "force_ipv6",
                "get_warnings",
                "init_command",
                "local_infile",
                "max_allowed_packet",
                "named_pipe",
                "no_delay",
                "plugin",
                "plugin_dir",
                "pool_name",
                "pool_reset_connection",
                "pool_reset_session",
                "pool_size",
                "pool_validation_interval",
                "prepared",
                "program_name",
                "raise_on_warnings",
                "raw",
                "read_timeout",
                "reconnect",
                "sql_mode",
                "statement_cache_capacity",
                "status_callback",
                "time_zone",
                "timezone",
                "use_pure",
                "use_unicode",
                "write_timeout",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_has_two_meanings() {
        for server in [Server::Postgres, Server::Mysql] {
            let read = server.read().iter().map(|(name, _)| *name);
            let not_given = server.not_given().iter().map(|option| option.name);
            let mut names: Vec<&str> = read.chain(not_given).collect();
            names.extend(server.tuning());
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{server:?}");
        }
    }
}
