//! Where a database is and how to log in to it, read from the URLs that SQLAlchemy knows.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use super::super::place::Place;
use super::super::secret::{MASK, Secret};
use super::super::secrets::Secrets;
use super::super::url::{UrlParts, host_and_port, percent_decoded, split_url};
use super::super::variables::Variables;
use super::database_option::Server;

/// The database of a site. `Display` is its address without the password's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseTarget {
    /// A PostgreSQL server.
    Postgres(ServerTarget),
    /// A MySQL or MariaDB server.
    Mysql(ServerTarget),
    /// An SQLite file, or a database in memory.
    Sqlite(SqliteTarget),
}

/// A database behind a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTarget {
    /// Host name or address; of no meaning with a socket. Empty leaves it to the driver, which on
    /// PostgreSQL looks for a socket in the usual folders first.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The unix socket (MySQL) or the folder that holds it (PostgreSQL).
    pub socket: Option<PathBuf>,
    /// Who logs in; `None` leaves it to the driver, which takes the operating system's user.
    pub user: Option<String>,
    /// The password, where one is needed.
    pub password: Option<Secret>,
    /// The database; `None` leaves it to the server.
    pub database: Option<String>,
    /// How much the connection must be encrypted.
    pub tls: DatabaseTls,
    /// PEM file of certificates to trust. It makes [`DatabaseTls::Require`] check the server's
    /// certificate, as libpq does; below that nothing is checked by it. The driver trusts the public authorities of its bundled list
    /// beside the file's, and cannot be told not to: a certificate that one of these issued is
    /// accepted too, for the right host name only under [`DatabaseTls::VerifyFull`].
    pub ca_file: Option<PathBuf>,
    /// Trust what the operating system trusts (`sslrootcert=system`).
    pub system_roots: bool,
    /// Settings of the session asked for by `options=-c name=value` (PostgreSQL).
    pub session_settings: Vec<(String, String)>,
    asked: AskedTls,
}

/// How much a database connection must be encrypted; PostgreSQL's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseTls {
    /// Never.
    Disable,
    /// Only if the server insists.
    Allow,
    /// If the server can; the default of both kinds of server.
    Prefer,
    /// Always, whoever the server is; as [`Self::VerifyCa`] where there is a file of trusted
    /// certificates.
    Require,
    /// Always, and its certificate must be signed by a trusted one.
    VerifyCa,
    /// Always, and its certificate must also name the host.
    VerifyFull,
}

/// An SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteTarget {
    /// A file; relative to the folder that the program was started in.
    File(PathBuf),
    /// In memory. With a name, shared by all connections of this process that use the same name.
    Memory {
        /// The name, where it is shared.
        name: Option<String>,
    },
}

impl DatabaseTarget {
    /// Reads a database URL in the form of SQLAlchemy or of the server's own tools; `secrets` know its
    /// password from then on.
    ///
    /// `postgresql`, `postgres`, `mysql`, `mariadb` and `sqlite`, each with any `+driver`; of
    /// their options those that decide where, as whom and how safely; for SQLite `sqlite:///relative`, `sqlite:////absolute`,
    /// `sqlite:///:memory:` and `sqlite://`.
    ///
    /// A file of certificates without a mode means that the server is checked by it: of MySQL its
    /// host too, as SQLAlchemy with PyMySQL does. `sslrootcert=system` means what libpq means by it.
    ///
    /// # Errors
    /// A reason that never holds the password.
    pub fn parse(url: &str, secrets: &Secrets) -> Result<Self, String> {
        let parts = split_url(url, secrets)?;
        match parts.scheme.as_str() {
            "postgresql" | "postgres" => {
                ServerTarget::read(parts, (Server::Postgres, 5432), secrets).map(Self::Postgres)
            }
            "mysql" | "mariadb" => {
                ServerTarget::read(parts, (Server::Mysql, 3306), secrets).map(Self::Mysql)
            }
            "sqlite" => SqliteTarget::read(&parts).map(Self::Sqlite),
            other => Err(format!(
                "`{other}` is not a database that tikbook knows; write postgresql, mysql, mariadb or sqlite"
            )),
        }
    }

    /// Takes from the environment of a PostgreSQL what libpq would and the URL does not say: how much
    /// is encrypted, and by which file it is checked. What it demands in vain is refused.
    ///
    /// # Errors
    /// The variable or file, and why it cannot be taken.
    pub(in crate::config) fn complete(
        &mut self,
        variables: &Variables,
    ) -> Result<(), (String, String)> {
        match self {
            Self::Postgres(server) => server.complete(variables),
            Self::Mysql(_) | Self::Sqlite(_) => Ok(()),
        }
    }
}

impl Place for DatabaseTarget {
    fn parse(url: &str, secrets: &Secrets) -> Result<Self, String> {
        Self::parse(url, secrets)
    }

    fn set_password(&mut self, password: Secret) {
        match self {
            Self::Postgres(server) | Self::Mysql(server) => server.password = Some(password),
            Self::Sqlite(_) => {}
        }
    }

    fn has_password(&self) -> bool {
        match self {
            Self::Postgres(server) | Self::Mysql(server) => server.password.is_some(),
            Self::Sqlite(_) => false,
        }
    }
}

impl fmt::Display for DatabaseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(server) => write!(f, "postgresql://{server}"),
            Self::Mysql(server) => write!(f, "mysql://{server}"),
            Self::Sqlite(SqliteTarget::File(path)) => write!(f, "sqlite:///{}", path.display()),
            Self::Sqlite(SqliteTarget::Memory { .. }) => f.write_str("sqlite in memory"),
        }
    }
}

impl fmt::Display for ServerTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            f.write_str(user)?;
            if self.password.is_some() {
                write!(f, ":{MASK}")?;
            }
            f.write_str("@")?;
        }
        match &self.socket {
            Some(socket) => write!(f, "[{}]", socket.display())?,
            None if self.host.is_empty() => write!(f, "localhost:{}", self.port)?,
            None if self.host.contains(':') => write!(f, "[{}]:{}", self.host, self.port)?,
            None => write!(f, "{}:{}", self.host, self.port)?,
        }
        match &self.database {
            Some(database) => write!(f, "/{database}"),
            None => Ok(()),
        }
    }
}

impl ServerTarget {
    fn read(
        parts: UrlParts,
        (server, default_port): (Server, u16),
        secrets: &Secrets,
    ) -> Result<Self, String> {
        if parts.hosts.contains(',') {
            return Err("it names several hosts; name one".to_owned());
        }
        let (host, port) = host_and_port(&parts.hosts, default_port)?;
        let database = percent_decoded(parts.path.trim_start_matches('/'));
        let mut target = Self {
            host,
            port,
            socket: None,
            user: parts.user,
            password: parts.password,
            database: Some(database).filter(|name| !name.is_empty()),
            tls: DatabaseTls::Prefer,
            ca_file: None,
            system_roots: false,
            session_settings: Vec::new(),
            asked: AskedTls::default(),
        };
        let is_cut = target.user.is_none()
            && parts
                .options
                .iter()
                .any(|(name, value)| name.contains('@') || value.contains('@'));
        for (name, value) in parts.options {
            let meaning = server.meaning(&name, &value).map_err(|reason| match is_cut {
                // The name could be a piece of the password.
                true => "it holds a `?` before an `@`; write `%3F` for a `?` in a user name or password"
                    .to_owned(),
                false => reason,
            })?;
            match meaning {
                None => {
                    target.asked.said.insert(name);
                }
                Some(meaning) if target.asked.set_option(meaning, &name, &value)? => {}
                Some(meaning) => target.set_option(meaning, value, secrets)?,
            }
        }
        target.asked.checks_host_of_file = server == Server::Mysql;
        target.tls = target.asked.mode()?;
        target.system_roots = target.asked.system_roots;
        target.ca_file = target.asked.ca_file.clone();
        Ok(target)
    }

    /// Options that decide where and as whom to connect.
    fn set_option(
        &mut self,
        meaning: &str,
        value: String,
        secrets: &Secrets,
    ) -> Result<(), String> {
        match meaning {
            "host" if value.contains(',') => {
                return Err("it names several hosts; name one".to_owned());
            }
            "host" if value.starts_with('/') => self.socket = Some(value.into()),
            "host" => (self.host, self.port) = host_and_port(&value, self.port)?,
            "unix_socket" => self.socket = Some(value.into()),
            "port" => self.port = host_and_port(&format!(":{value}"), self.port)?.1,
            "user" => self.user = Some(value),
            "password" => self.password = Some(secrets.keep(value)),
            "database" => self.database = Some(value),
            "options" => self.session_settings = session_settings(&value)?,
            _ => {}
        }
        Ok(())
    }

    /// Is it reached by a socket of this machine? PostgreSQL has no TLS there.
    pub fn is_local(&self) -> bool {
        self.socket.is_some() || self.host.starts_with('/')
    }

    /// How much the connection must be encrypted when all is counted: a file of certificates is not
    /// named in vain, so from [`DatabaseTls::Require`] on the server is checked by it.
    pub fn tls_in_force(&self) -> DatabaseTls {
        match self.tls {
            DatabaseTls::Require if self.ca_file.is_some() => DatabaseTls::VerifyCa,
            tls => tls,
        }
    }

    fn complete(&mut self, variables: &Variables) -> Result<(), (String, String)> {
        if let (None, Some(mode)) = (self.asked.mode, variables.filled(MODE)) {
            self.asked.mode = Some(tls_mode("sslmode", mode).map_err(because_of(MODE))?);
            self.tls = self.asked.mode().map_err(because_of(MODE))?;
        }
        self.find_root_file(variables)
            .map_err(because_of(ROOT_FILE))?;
        for (variable, name, concerns_tls) in DEMANDS {
            let is_moot = *concerns_tls && (self.is_local() || self.tls == DatabaseTls::Disable);
            if let Some(value) = variables.filled(variable)
                && !is_moot
                && !self.asked.said.contains(*name)
            {
                Server::Postgres
                    .meaning(name, value)
                    .map_err(because_of(variable))?;
            }
        }
        let checks = matches!(
            self.tls_in_force(),
            DatabaseTls::VerifyCa | DatabaseTls::VerifyFull
        );
        match usual_file(variables, "root.crl") {
            Some(file) if checks && !self.is_local() => Err((
                file.display().to_string(),
                "lists of revoked certificates are not supported, and this one would not be looked at"
                    .to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Trusts the root file that libpq would find, where the URL names none: `PGSSLROOTCERT`, else
    /// `~/.postgresql/root.crt` if it is there.
    fn find_root_file(&mut self, variables: &Variables) -> Result<(), String> {
        if self.ca_file.is_some() || self.system_roots {
            return Ok(());
        }
        match variables.filled(ROOT_FILE) {
            Some(SYSTEM) => {
                self.system_roots = true;
                // With the system's authorities libpq takes nothing less.
                if self.tls != DatabaseTls::Disable {
                    self.tls = DatabaseTls::VerifyFull;
                }
            }
            Some(file) => {
                self.asked.ca_file = Some(file.into());
                self.ca_file.clone_from(&self.asked.ca_file);
                self.tls = self.asked.mode()?;
            }
            None => self.ca_file = usual_file(variables, "root.crt"),
        }
        Ok(())
    }
}

/// A reason with the variable that it is about.
fn because_of(name: &'static str) -> impl Fn(String) -> (String, String) {
    move |reason| (name.to_owned(), reason)
}

/// The variables in which libpq finds what the URL does not say.
const MODE: &str = "PGSSLMODE";
const ROOT_FILE: &str = "PGSSLROOTCERT";

/// The variables by which libpq is asked for what is not given, their options, and whether they mean
/// nothing without TLS.
const DEMANDS: &[(&str, &str, bool)] = &[
    ("PGSSLCRL", "sslcrl", true),
    ("PGSSLCRLDIR", "sslcrldir", true),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version", true),
    ("PGSSLNEGOTIATION", "sslnegotiation", true),
    ("PGCHANNELBINDING", "channel_binding", false),
    ("PGREQUIREAUTH", "require_auth", false),
    ("PGREQUIREPEER", "requirepeer", false),
    ("PGGSSENCMODE", "gssencmode", false),
    ("PGREQUIRESSL", "requiressl", false),
    ("PGSERVICE", "service", false),
];

/// A file where libpq looks for it without being told.
fn usual_file(variables: &Variables, name: &str) -> Option<PathBuf> {
    let home = variables.filled("HOME")?;
    let file = Path::new(home).join(".postgresql").join(name);
    file.exists().then_some(file)
}

/// The value of `sslrootcert` that means the authorities of the operating system.
const SYSTEM: &str = "system";

/// What the options of a URL ask of TLS, in whatever order they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct AskedTls {
    mode: Option<DatabaseTls>,
    ca_file: Option<PathBuf>,
    /// Does a file without a mode mean that the host is checked too?
    checks_host_of_file: bool,
    system_roots: bool,
    verify_certificate: bool,
    verify_identity: bool,
    check_host: Option<bool>,
    /// Options that ask for nothing: no variable asks for it in their place.
    said: BTreeSet<String>,
}

impl AskedTls {
    /// Takes an option, called `name`; `false` for one that does not concern TLS.
    fn set_option(&mut self, meaning: &str, name: &str, value: &str) -> Result<bool, String> {
        match meaning {
            "sslmode" => self.mode = Some(tls_mode(name, value)?),
            "ssl_disabled" if switch(name, value)? => self.mode = Some(DatabaseTls::Disable),
            "ssl_disabled" => {}
            "ssl_verify_identity" => self.verify_identity = switch(name, value)?,
            "ssl_verify_cert" => self.verify_certificate = switch(name, value)?,
            "ssl_check_hostname" => self.check_host = Some(switch(name, value)?),
            "sslrootcert" if value == SYSTEM => self.system_roots = true,
            "sslrootcert" | "ssl_ca" => self.ca_file = Some(value.into()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What is asked for in all. Who names a file of certificates wants the server checked by it.
    fn mode(&self) -> Result<DatabaseTls, String> {
        let least = match () {
            () if self.verify_identity => Some(DatabaseTls::VerifyFull),
            () if self.verify_certificate => Some(DatabaseTls::VerifyCa),
            () => None,
        };
        match (self.mode, least) {
            (None | Some(DatabaseTls::VerifyFull), _) if self.system_roots => {
                Ok(DatabaseTls::VerifyFull)
            }
            (Some(_), _) if self.system_roots => Err(
                "`sslrootcert=system` checks the host too: write sslmode=verify-full, or name a file"
                    .to_owned(),
            ),
            (Some(DatabaseTls::Disable), Some(_)) => {
                Err("it turns TLS off, and asks for the certificate to be checked".to_owned())
            }
            (Some(DatabaseTls::VerifyFull), _) => Ok(DatabaseTls::VerifyFull),
            (_, Some(least)) => Ok(least),
            (Some(mode), None) => Ok(mode),
            (None, None) if self.ca_file.is_some() => {
                Ok(match self.checks_host_of_file && self.check_host != Some(false) {
                    true => DatabaseTls::VerifyFull,
                    false => DatabaseTls::VerifyCa,
                })
            }
            (None, None) if self.check_host.is_some() => Ok(DatabaseTls::Require),
            (None, None) => Ok(DatabaseTls::Prefer),
        }
    }
}

/// A word that turns something on or off.
fn switch(name: &str, value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" | "" => Ok(false),
        _ => Err(format!("`{name}={value}`: write true or false")),
    }
}

fn tls_mode(name: &str, value: &str) -> Result<DatabaseTls, String> {
    Ok(
        match value.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" | "false" | "0" | "no" | "off" => DatabaseTls::Disable,
            "allow" => DatabaseTls::Allow,
            "prefer" | "preferred" => DatabaseTls::Prefer,
            "require" | "required" | "true" | "1" | "yes" | "on" => DatabaseTls::Require,
            "verify-ca" => DatabaseTls::VerifyCa,
            "verify-full" | "verify-identity" => DatabaseTls::VerifyFull,
            _ => {
                return Err(format!(
                    "`{name}={value}`: write disable, prefer, require, verify-ca or verify-full"
                ));
            }
        },
    )
}

fn session_settings(options: &str) -> Result<Vec<(String, String)>, String> {
    let unclear = || "`options` is understood only as `-c name=value`".to_owned();
    options
        .replace("-c ", "-c")
        .split_whitespace()
        .map(|option| {
            let setting = option.strip_prefix("-c").ok_or_else(unclear)?;
            let (name, value) = setting.split_once('=').ok_or_else(unclear)?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

impl SqliteTarget {
    fn read(parts: &UrlParts) -> Result<Self, String> {
        if !parts.hosts.is_empty() || parts.user.is_some() {
            return Err(
                "an SQLite file stands behind three slashes (relative) or four (absolute)"
                    .to_owned(),
            );
        }
        let path = percent_decoded(parts.path.strip_prefix('/').unwrap_or(""));
        let in_memory = parts
            .options
            .iter()
            .any(|(name, value)| name == "mode" && value == "memory");
        let name = path.strip_prefix("file:").map(str::to_owned);
        Ok(match path.as_str() {
            "" | ":memory:" => Self::Memory { name: None },
            _ if in_memory => Self::Memory { name },
            _ => Self::File(name.unwrap_or(path).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<DatabaseTarget, String> {
        DatabaseTarget::parse(url, &Secrets::default())
    }

    fn server(url: &str) -> ServerTarget {
        match parse(url) {
            Ok(DatabaseTarget::Postgres(server) | DatabaseTarget::Mysql(server)) => server,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn the_scheme_and_not_the_driver_chooses_the_database() {
        for (url, shown) in [
            ("postgresql://u@h/d", "postgresql://u@h:5432/d"),
            ("postgresql:///d", "postgresql://localhost:5432/d"),
            ("postgres://u:p@h:1/d", "postgresql://u:***@h:1/d"),
            (
                "postgresql+psycopg2://u:p@h/d",
                "postgresql://u:***@h:5432/d",
            ),
            (
                "postgresql+asyncpg://u:p@[::1]/d",
                "postgresql://u:***@[::1]:5432/d",
            ),
            (
                "mysql+pymysql://u:p@h/d?charset=utf8mb4",
                "mysql://u:***@h:3306/d",
            ),
            (
                "mariadb+mariadbconnector://u:p@h/d",
                "mysql://u:***@h:3306/d",
            ),
            ("sqlite:///rel/x.db", "sqlite:///rel/x.db"),
            ("sqlite+aiosqlite:////abs/x.db", "sqlite:////abs/x.db"),
            ("sqlite://", "sqlite in memory"),
            ("sqlite:///:memory:", "sqlite in memory"),
        ] {
            assert_eq!(parse(url).unwrap().to_string(), shown, "{url}");
        }
    }

    #[test]
    fn a_socket_is_found_in_each_of_its_spellings() {
        let folder = Some(PathBuf::from("/run/pg"));
        assert_eq!(server("postgresql://u@/d?host=/run/pg").socket, folder);
        assert_eq!(
            server("postgresql:///d?host=%2Frun%2Fpg&user=u").socket,
            folder
        );
        assert_eq!(
            server("mysql://u@localhost/d?unix_socket=/run/pg").socket,
            folder
        );
        assert_eq!(server("postgresql:///d?host=db:99").port, 99);
    }

    #[test]
    fn the_ssl_of_asyncpg_is_never_lost() {
        for (url, tls) in [
            ("postgresql://h/d", DatabaseTls::Prefer),
            ("postgresql+asyncpg://h/d?ssl=require", DatabaseTls::Require),
            (
                "postgresql+asyncpg://h/d?ssl=verify-full",
                DatabaseTls::VerifyFull,
            ),
            ("postgresql://h/d?sslmode=disable", DatabaseTls::Disable),
            (
                "mysql://h/d?ssl_mode=VERIFY_IDENTITY",
                DatabaseTls::VerifyFull,
            ),
            (
                "mysql+pymysql://h/d?ssl_verify_cert=true",
                DatabaseTls::VerifyCa,
            ),
            (
                "mysql+pymysql://h/d?ssl_verify_cert=true&ssl_mode=REQUIRED",
                DatabaseTls::VerifyCa,
            ),
            ("mysql+pymysql://h/d?ssl_ca=/a", DatabaseTls::VerifyFull),
            (
                "mysql+pymysql://h/d?ssl_check_hostname=false&ssl_ca=/a",
                DatabaseTls::VerifyCa,
            ),
            (
                "mysql+pymysql://h/d?ssl_ca=/a&ssl_verify_cert=true&ssl_verify_identity=true",
                DatabaseTls::VerifyFull,
            ),
            (
                "mysql+pymysql://h/d?ssl_ca=/a&ssl_mode=PREFERRED",
                DatabaseTls::Prefer,
            ),
            (
                "mysql+pymysql://h/d?ssl_check_hostname=true",
                DatabaseTls::Require,
            ),
            (
                "mysql+pymysql://h/d?ssl_disabled=true",
                DatabaseTls::Disable,
            ),
            (
                "mysql+pymysql://h/d?ssl_disabled=false",
                DatabaseTls::Prefer,
            ),
            (
                "postgresql://h/d?sslrootcert=system",
                DatabaseTls::VerifyFull,
            ),
            ("postgresql://h/d?sslrootcert=/a", DatabaseTls::VerifyCa),
            ("postgresql://h/d?ssl-ca=/a", DatabaseTls::VerifyCa),
            (
                "postgresql://h/d?sslrootcert=/a&sslmode=prefer",
                DatabaseTls::Prefer,
            ),
            (
                "mysql+pymysql://h/d?ssl-verify-server-cert=true",
                DatabaseTls::VerifyFull,
            ),
        ] {
            assert_eq!(server(url).tls, tls, "{url}");
        }
        for url in [
            "postgresql://h/d?sslmode=maybe",
            "postgresql://h/d?sslmode=require&sslrootcert=system",
            "postgresql://h/d?sslrootcert=system&sslmode=disable",
            "mysql://h/d?ssl_capath=/etc/ssl/certs",
            "mysql://h/d?ssl_verify_cert=perhaps",
            "mysql://h/d?ssl_mode=DISABLED&ssl_verify_cert=true",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    /// What is said of a URL of this server with this option.
    fn refusal(scheme: &str, option: &str) -> Option<String> {
        parse(&format!("{scheme}://u:s3cret-word@h/d?{option}")).err()
    }

    #[test]
    fn an_option_that_nobody_knows_is_named_with_the_one_that_was_meant() {
        for (scheme, option, meant) in [
            ("postgresql", "sslmod=verify-full", Some("sslmode")),
            ("postgresql", "sslrootcrt=/a", Some("sslrootcert")),
            ("postgresql", "ssl_mod=require", Some("ssl_mode")),
            (
                "postgresql+psycopg2",
                "chanel_binding=require",
                Some("channel_binding"),
            ),
            ("postgresql", "completely=else", None),
            ("mysql", "ssl-moed=REQUIRED", Some("ssl_mode")),
            ("mysql+pymysql", "charest=utf8mb4", Some("charset")),
            ("mysql", "completely=else", None),
        ] {
            let reason = refusal(scheme, option).unwrap_or_default();
            let name = option.split_once('=').unwrap().0;
            assert!(
                reason.contains(&format!("`{name}` is no option of")),
                "{reason}"
            );
            match meant {
                Some(meant) => assert!(reason.ends_with(&format!("did you mean `{meant}`?"))),
                None => assert!(!reason.contains("mean"), "{reason}"),
            }
        }
    }

    #[test]
    fn an_option_that_asks_for_what_is_not_given_is_refused_and_its_harmless_values_are_not() {
        for (scheme, option) in [
            ("postgresql", "sslcrl=/a"),
            ("postgresql", "sslcrldir=/a"),
            ("postgresql", "channel_binding=require"),
            ("postgresql", "require_auth=scram-sha-256"),
            ("postgresql", "requirepeer=postgres"),
            ("postgresql", "requiressl=1"),
            ("postgresql", "gssencmode=require"),
            ("postgresql", "ssl_min_protocol_version=TLSv1.3"),
            ("postgresql", "sslcertmode=require"),
            ("postgresql", "sslnegotiation=direct"),
            ("postgresql+asyncpg", "direct_tls=true"),
            ("postgresql", "hostaddr=10.0.0.1"),
            ("postgresql", "service=hotspot"),
            ("mysql", "ssl_crl=/a"),
            ("mysql", "ssl-crlpath=/a"),
            ("mysql", "tls=true"),
            ("mysql", "tls_version=TLSv1.3"),
            ("mysql", "ssl_cipher=x"),
            ("mysql", "read_default_file=/a"),
        ] {
            let name = option.split_once('=').unwrap().0;
            let reason = refusal(scheme, option).unwrap_or_default();
            assert!(
                reason.starts_with(&format!("`{name}`: ")),
                "{option}: {reason}"
            );
        }
        for (scheme, option) in [
            ("postgresql", "channel_binding=prefer"),
            ("postgresql", "gssencmode=disable"),
            ("postgresql", "ssl_min_protocol_version=TLSv1.2"),
            ("postgresql", "sslcrl="),
            (
                "postgresql",
                "application_name=portal&connect_timeout=5&keepalives_idle=30",
            ),
            (
                "postgresql",
                "target_session_attrs=read-write&options=-c%20a=b",
            ),
            (
                "postgresql+asyncpg",
                "prepared_statement_cache_size=0&timeout=5",
            ),
            (
                "mysql+pymysql",
                "charset=utf8mb4&autocommit=true&read_timeout=5",
            ),
            ("mysql+mysqldb", "passwd=s3cret-word&db=d&use_unicode=1"),
        ] {
            assert_eq!(refusal(scheme, option), None, "{option}");
        }
    }

    #[test]
    fn a_password_that_a_question_mark_cuts_is_not_taken_for_an_option() {
        for url in [
            "postgresql://u:5432?word@h/d",
            "postgresql://u:5432?word&more=@h/d",
            "mysql://u:3306?word@h/d?charset=utf8",
        ] {
            let reason = parse(url).unwrap_err();
            assert!(reason.contains("%3F"), "{reason}");
            assert!(
                !reason.contains("word&") && !reason.contains("`word"),
                "{reason}"
            );
        }
    }

    fn completed(url: &str, variables: &[(&str, &str)]) -> Result<ServerTarget, (String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = Variables::new(variables.iter().map(owned).collect());
        let mut target = parse(url).unwrap();
        target.complete(&variables)?;
        match target {
            DatabaseTarget::Postgres(server) | DatabaseTarget::Mysql(server) => Ok(server),
            DatabaseTarget::Sqlite(_) => panic!("{url}"),
        }
    }

    #[test]
    fn what_the_url_does_not_say_comes_from_the_variables_of_libpq() {
        const PLAIN: &str = "postgresql://h/d";
        let root = ("PGSSLROOTCERT", "/a");
        for (url, variables, tls) in [
            (PLAIN, &[("PGSSLMODE", "require")][..], DatabaseTls::Require),
            (
                PLAIN,
                &[("PGSSLMODE", "verify-full")],
                DatabaseTls::VerifyFull,
            ),
            (
                PLAIN,
                &[("PGSSLMODE", "require"), root],
                DatabaseTls::VerifyCa,
            ),
            (PLAIN, &[("PGSSLMODE", "prefer"), root], DatabaseTls::Prefer),
            (PLAIN, &[root], DatabaseTls::VerifyCa),
            (PLAIN, &[("PGSSLMODE", "")], DatabaseTls::Prefer),
            (
                "postgresql://h/d?sslmode=disable",
                &[("PGSSLMODE", "require"), root],
                DatabaseTls::Disable,
            ),
            (
                "postgresql://h/d?sslrootcert=/b",
                &[("PGSSLMODE", "verify-full")],
                DatabaseTls::VerifyFull,
            ),
            (
                "postgresql+asyncpg://h/d?ssl=prefer",
                &[("PGSSLMODE", "verify-full")],
                DatabaseTls::Prefer,
            ),
            (
                "mysql://h/d",
                &[("PGSSLMODE", "require")],
                DatabaseTls::Prefer,
            ),
        ] {
            let server = completed(url, variables).unwrap();
            assert_eq!(server.tls_in_force(), tls, "{url} {variables:?}");
        }
    }

    #[test]
    fn a_variable_of_libpq_that_asks_for_what_is_not_given_is_refused() {
        const PLAIN: &str = "postgresql://h/d";
        for (variable, value) in [
            ("PGSSLMODE", "verify-everything"),
            ("PGSSLCRL", "/a"),
            ("PGSSLCRLDIR", "/a"),
            ("PGCHANNELBINDING", "require"),
            ("PGREQUIREAUTH", "scram-sha-256"),
            ("PGREQUIREPEER", "postgres"),
            ("PGREQUIRESSL", "1"),
            ("PGSERVICE", "x"),
            ("PGGSSENCMODE", "require"),
            ("PGSSLMINPROTOCOLVERSION", "TLSv1.3"),
        ] {
            let (named, _) = completed(PLAIN, &[(variable, value)]).unwrap_err();
            assert_eq!(named, variable);
            assert!(completed("mysql://h/d", &[(variable, value)]).is_ok());
        }
        for (url, variable, value) in [
            (PLAIN, "PGCHANNELBINDING", "prefer"),
            (
                "postgresql://h/d?channel_binding=disable",
                "PGCHANNELBINDING",
                "require",
            ),
            ("postgresql://h/d?sslmode=disable", "PGSSLCRL", "/a"),
            ("postgresql:///d?host=/run/pg", "PGSSLCRL", "/a"),
        ] {
            assert!(
                completed(url, &[(variable, value)]).is_ok(),
                "{url} {variable}"
            );
        }
    }

    #[test]
    fn passwords_come_whole_and_are_never_shown() {
        for (written, password) in [
            ("p%40ss%2Fw", "p@ss/w"),
            ("p/w:x", "p/w:x"),
            ("100%sure", "100%sure"),
            ("a+b", "a+b"),
            ("", ""),
        ] {
            let target = server(&format!("postgresql://u:{written}@h/d"));
            assert_eq!(target.password.as_ref().unwrap().expose(), password);
            assert_eq!(target.host, "h");
            assert!(!format!("{target:?}").contains("p/w"));
        }
    }

    #[test]
    fn what_cannot_be_connected_to_is_refused() {
        for url in [
            "oracle://h/d",
            "h/d",
            "postgresql://u:p@w@h/d",
            "postgresql://h1,h2/d",
            "postgresql://h:port/d",
            "sqlite://x.db",
            "postgresql://h/d?options=--fast",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_named_database_in_memory_keeps_its_name() {
        let url = "sqlite:///file:demo?mode=memory&cache=shared&uri=true";
        let name = Some("demo".to_owned());
        assert_eq!(
            parse(url),
            Ok(DatabaseTarget::Sqlite(SqliteTarget::Memory { name }))
        );
    }
}
