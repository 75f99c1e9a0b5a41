//! Where a Redis is and how to log in to it, read from the URLs that redis-py and Celery know.

use std::fmt;
use std::path::PathBuf;

use super::super::error::ConfigError;
use super::super::place::Place;
use super::super::secret::{MASK, Secret};
use super::super::secret_source::fetched_variable;
use super::super::secrets::Secrets;
use super::super::url::{UrlParts, host_and_port, percent_decoded, split_url};
use super::super::variables::Variables;

/// A Redis, or a Valkey, of a site. `Display` is its address without the password's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisTarget {
    /// The servers: one, or the first ones to ask of a Sentinel group or a cluster.
    pub addresses: Vec<RedisAddress>,
    /// How the servers belong together.
    pub topology: RedisTopology,
    /// The logical database; clusters have only 0.
    pub database: i64,
    /// The user of the access list, where one is named.
    pub user: Option<String>,
    /// The password, where one is needed.
    pub password: Option<Secret>,
    /// The password of the Sentinels themselves (`?sentinel_password=`).
    pub sentinel_password: Option<Secret>,
    /// TLS, where the URL asks for it.
    pub tls: Option<RedisTls>,
}

/// Where one Redis server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisAddress {
    /// Host and TCP port.
    Tcp(String, u16),
    /// A unix socket.
    Unix(PathBuf),
}

/// How several Redis servers belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisTopology {
    /// One server.
    Standalone,
    /// Sentinels that know which server is the master.
    Sentinel {
        /// The name of the group.
        master: String,
    },
    /// A cluster.
    Cluster,
}

/// How a TLS connection to Redis is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisTls {
    /// PEM file of the certificates to trust, instead of the system's (`?ssl_ca_certs=`).
    pub ca_file: Option<PathBuf>,
    /// Accept any certificate (`?ssl_cert_reqs=none`).
    pub accept_any_certificate: bool,
}

impl RedisTarget {
    /// Reads a Redis URL; `secrets` know its passwords from then on.
    ///
    /// `redis`, `rediss`, `valkey`, `valkeys`; `unix`, `redis+unix` and Celery's `redis+socket`;
    /// `redis+sentinel://h1:26379,h2/master/0` and `redis+cluster://h1,h2` (`rediss+…` with TLS).
    /// The database is the path, or `?db=`, which wins as in redis-py.
    ///
    /// # Errors
    /// A reason that never holds the password.
    pub fn parse(url: &str, secrets: &Secrets) -> Result<Self, String> {
        let parts = split_url(url, secrets)?;
        let secure = matches!(parts.scheme.as_str(), "rediss" | "valkeys");
        match (parts.scheme.as_str(), parts.variant.as_str()) {
            ("unix", "") | ("redis" | "valkey", "unix" | "socket") => on_socket(parts, secrets),
            ("redis" | "rediss" | "valkey" | "valkeys", "") => standalone(parts, secure, secrets),
            ("redis" | "rediss", "sentinel") => sentinel(parts, secure, secrets),
            ("sentinel", "") => sentinel(parts, false, secrets),
            ("redis" | "rediss", "cluster") => cluster(parts, secure, secrets),
            (scheme, variant) => Err(unknown_scheme(scheme, variant)),
        }
    }

    /// The Redis of the portal: it is reached by `REDIS_*_OTP` only; `REDIS_URL` serves where they are
    /// not set.
    pub(in crate::config) fn of_portal(
        variables: &Variables,
        _: &str,
        secrets: &Secrets,
    ) -> Result<Option<Self>, ConfigError> {
        match variables.filled("REDIS_HOST_OTP") {
            Some(host) => Self::in_parts(variables, secrets, (host, "OTP", 0)).map(Some),
            None => Self::in_variable(variables, "REDIS_URL", secrets),
        }
    }

    /// Celery's broker: `CELERY_BROKER_URL`, else what `REDIS_*_CELERY_BROKER` say.
    pub(in crate::config) fn of_broker(
        variables: &Variables,
        _: &str,
        secrets: &Secrets,
    ) -> Result<Option<Self>, ConfigError> {
        let url = Self::in_variable(variables, "CELERY_BROKER_URL", secrets)?;
        url.map_or_else(
            || Self::of_celery(variables, secrets, ("CELERY_BROKER", 1)),
            |url| Ok(Some(url)),
        )
    }

    /// Celery's results: `CELERY_RESULT_BACKEND`, else what `REDIS_*_CELERY_BACKEND` say.
    pub(in crate::config) fn of_results(
        variables: &Variables,
        _: &str,
        secrets: &Secrets,
    ) -> Result<Option<Self>, ConfigError> {
        let url = Self::in_variable(variables, "CELERY_RESULT_BACKEND", secrets)?;
        url.map_or_else(
            || Self::of_celery(variables, secrets, ("CELERY_BACKEND", 2)),
            |url| Ok(Some(url)),
        )
    }

    /// What the parts of a URL say that the portal makes of them, where one of them is set: its code has
    /// the host `redis` for one that is not, and a database of its own for each.
    fn of_celery(
        variables: &Variables,
        secrets: &Secrets,
        (ending, database): (&str, u16),
    ) -> Result<Option<Self>, ConfigError> {
        let parts = ["HOST", "PORT", "DB", "PASSWORD"];
        let is_set = |part: &&str| {
            variables
                .filled(&format!("REDIS_{part}_{ending}"))
                .is_some()
        };
        if !parts.iter().any(is_set) {
            return Ok(None);
        }
        let host = variables.filled(&format!("REDIS_HOST_{ending}"));
        let named = (host.unwrap_or("redis"), ending, database);
        Self::in_parts(variables, secrets, named).map(Some)
    }

    /// A server by the portal's variables of this ending; `database` where they name none.
    fn in_parts(
        variables: &Variables,
        secrets: &Secrets,
        (host, ending, database): (&str, &str, u16),
    ) -> Result<Self, ConfigError> {
        let port = variables.number(&format!("REDIS_PORT_{ending}"))?;
        let named = variables.number(&format!("REDIS_DB_{ending}"))?;
        let password = fetched_variable(variables, &format!("REDIS_PASSWORD_{ending}"))?
            .filter(|password| password.text(secrets) != "null")
            .map(|password| password.secret(secrets));
        let (port, database) = (port.unwrap_or(6379), named.unwrap_or(database));
        Ok(Self::at(host.to_owned(), port, database.into(), password))
    }

    /// A server named by its parts, as the portal's `REDIS_*_OTP` variables do.
    pub fn at(host: String, port: u16, database: i64, password: Option<Secret>) -> Self {
        Self {
            addresses: vec![RedisAddress::Tcp(host, port)],
            topology: RedisTopology::Standalone,
            database,
            user: None,
            password,
            sentinel_password: None,
            tls: None,
        }
    }
}

impl Place for RedisTarget {
    fn parse(url: &str, secrets: &Secrets) -> Result<Self, String> {
        Self::parse(url, secrets)
    }

    fn set_password(&mut self, password: Secret) {
        self.password = Some(password);
    }

    fn has_password(&self) -> bool {
        self.password.is_some() || self.sentinel_password.is_some()
    }
}

impl fmt::Display for RedisTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls.is_some() {
            "rediss"
        } else {
            "redis"
        })?;
        f.write_str(match self.topology {
            RedisTopology::Standalone => "://",
            RedisTopology::Sentinel { .. } => "+sentinel://",
            RedisTopology::Cluster => "+cluster://",
        })?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
        }
        if self.password.is_some() {
            write!(f, ":{MASK}")?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        f.write_str(&addresses.join(","))?;
        if let RedisTopology::Sentinel { master } = &self.topology {
            write!(f, "/{master}")?;
        }
        write!(f, "/{}", self.database)
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "[{}]", path.display()),
        }
    }
}

fn unknown_scheme(scheme: &str, variant: &str) -> String {
    let plus = if variant.is_empty() { "" } else { "+" };
    format!(
        "`{scheme}{plus}{variant}` is not a Redis that tikbook knows; write redis, rediss, valkey, unix, redis+sentinel or redis+cluster"
    )
}

fn standalone(parts: UrlParts, secure: bool, secrets: &Secrets) -> Result<RedisTarget, String> {
    if parts.hosts.contains(',') {
        return Err("several hosts need redis+sentinel:// or redis+cluster://".to_owned());
    }
    let addresses = tcp_addresses(&parts.hosts, 6379)?;
    let path = parts.path.clone();
    target(
        parts,
        addresses,
        RedisTopology::Standalone,
        (&path, secure),
        secrets,
    )
}

fn on_socket(parts: UrlParts, secrets: &Secrets) -> Result<RedisTarget, String> {
    let path = percent_decoded(&format!("{}{}", parts.hosts, parts.path));
    if path.is_empty() {
        return Err("it names no socket".to_owned());
    }
    let addresses = vec![RedisAddress::Unix(path.into())];
    target(
        parts,
        addresses,
        RedisTopology::Standalone,
        ("", false),
        secrets,
    )
}

fn sentinel(parts: UrlParts, secure: bool, secrets: &Secrets) -> Result<RedisTarget, String> {
    let addresses = tcp_addresses(&parts.hosts, 26379)?;
    let path = parts.path.trim_start_matches('/');
    let (master, database) = path.split_once('/').unwrap_or((path, ""));
    if master.is_empty() {
        return Err("it names no master; write redis+sentinel://host:26379/master/0".to_owned());
    }
    let topology = RedisTopology::Sentinel {
        master: percent_decoded(master),
    };
    let database = database.to_owned();
    target(parts, addresses, topology, (&database, secure), secrets)
}

fn cluster(parts: UrlParts, secure: bool, secrets: &Secrets) -> Result<RedisTarget, String> {
    let addresses = tcp_addresses(&parts.hosts, 6379)?;
    let path = parts.path.clone();
    let target = target(
        parts,
        addresses,
        RedisTopology::Cluster,
        (&path, secure),
        secrets,
    )?;
    if target.database == 0 {
        Ok(target)
    } else {
        Err("a cluster has only database 0".to_owned())
    }
}

fn tcp_addresses(hosts: &str, default_port: u16) -> Result<Vec<RedisAddress>, String> {
    hosts
        .split(',')
        .map(|host| {
            let (host, port) = host_and_port(host, default_port)?;
            let host = if host.is_empty() {
                "localhost".to_owned()
            } else {
                host
            };
            Ok(RedisAddress::Tcp(host, port))
        })
        .collect()
}

fn target(
    parts: UrlParts,
    addresses: Vec<RedisAddress>,
    topology: RedisTopology,
    (database, secure): (&str, bool),
    secrets: &Secrets,
) -> Result<RedisTarget, String> {
    let mut target = RedisTarget {
        addresses,
        topology,
        database: database_number(database)?,
        user: parts.user,
        password: parts.password.filter(|password| !password.is_empty()),
        sentinel_password: None,
        tls: secure.then(RedisTls::default),
    };
    for (name, value) in parts.options {
        set_option(&mut target, &name, value, secrets)?;
    }
    Ok(target)
}

fn set_option(
    target: &mut RedisTarget,
    name: &str,
    value: String,
    secrets: &Secrets,
) -> Result<(), String> {
    match name {
        "db" | "virtual_host" => target.database = database_number(&value)?,
        "user" | "username" => target.user = Some(value),
        "pass" | "password" => target.password = Some(secrets.keep(value)),
        "sentinel_password" => target.sentinel_password = Some(secrets.keep(value)),
        "ssl_ca_certs" => target.tls.get_or_insert_default().ca_file = Some(value.into()),
        "ssl_cert_reqs" => {
            let value = value.to_ascii_lowercase();
            if let Some(tls) = &mut target.tls {
                tls.accept_any_certificate = value == "none" || value == "cert_none";
            }
        }
        _ => {}
    }
    Ok(())
}

fn database_number(text: &str) -> Result<i64, String> {
    match text.trim_matches('/') {
        "" => Ok(0),
        number => number
            .parse()
            .ok()
            .filter(|number| *number >= 0)
            // Not shown: behind a forgotten `@` it would be the password.
            .ok_or_else(|| "its path is not the number of a Redis database".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<RedisTarget, String> {
        RedisTarget::parse(url, &Secrets::default())
    }

    #[test]
    fn each_form_of_url_is_understood() {
        for (url, shown) in [
            ("redis://", "redis://localhost:6379/0"),
            ("redis://h", "redis://h:6379/0"),
            ("redis://h:1/3", "redis://h:1/3"),
            ("redis://h/?db=3", "redis://h:6379/3"),
            ("redis://h/1?db=3", "redis://h:6379/3"),
            ("redis://:secret@h/1", "redis://:***@h:6379/1"),
            ("redis://u:secret@[::1]:7/1", "redis://u:***@[::1]:7/1"),
            ("valkey://h/2", "redis://h:6379/2"),
            ("rediss://h/2?ssl_cert_reqs=required", "rediss://h:6379/2"),
            ("unix:///run/r.sock?db=2", "redis://[/run/r.sock]/2"),
            (
                "redis+unix://:secret@/run/r.sock?db=2",
                "redis://:***@[/run/r.sock]/2",
            ),
            (
                "redis+socket:///run/r.sock?virtual_host=2",
                "redis://[/run/r.sock]/2",
            ),
            (
                "redis+sentinel://:secret@a:1,b/mymaster/4",
                "redis+sentinel://:***@a:1,b:26379/mymaster/4",
            ),
            ("redis+cluster://a:1,b", "redis+cluster://a:1,b:6379/0"),
            ("rediss+cluster://a", "rediss+cluster://a:6379/0"),
        ] {
            assert_eq!(parse(url).unwrap().to_string(), shown, "{url}");
        }
    }

    #[test]
    fn certificates_are_checked_unless_the_url_says_none() {
        let accepts_any = |url: &str| parse(url).unwrap().tls.unwrap().accept_any_certificate;
        assert!(!accepts_any("rediss://h"));
        assert!(accepts_any("rediss://h?ssl_cert_reqs=CERT_NONE"));
        assert!(!accepts_any("rediss://h?ssl_cert_reqs=CERT_REQUIRED"));
    }

    #[test]
    fn what_cannot_be_connected_to_is_refused() {
        for url in [
            "h:6379",
            "amqp://h",
            "redis://h/x",
            "redis://h/-1",
            "redis://a,b/0",
            "redis+sentinel://h/",
            "redis+cluster://h/3",
            "unix://",
            "redis://u:p@w@h",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let target = parse("redis://u:s3cret@h?sentinel_password=s3cret").unwrap();
        assert_eq!(target.password.as_ref().unwrap().expose(), "s3cret");
        assert!(!format!("{target} {target:?}").contains("s3cret"));
    }
}
