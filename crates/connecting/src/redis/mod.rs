//! Connections to Redis: to one server, a Sentinel group, or a cluster.
//!
//! What one server answers is counted before the driver makes room for it (`guarded`). The driver gives
//! no such place to the connections of a cluster, nor to those that ask a Sentinel for its master; there
//! the limits of the process hold alone.

mod guarded;
mod tls;

use std::path::Path;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, Pipeline,
    RedisConnectionInfo, RedisFuture, RedisResult, TlsCertificates, TlsMode, Value,
};

pub use guarded::{Refusal, Refused};
use site::config::{Limits, RedisAddress, RedisTarget, RedisTls, RedisTopology};

/// Time for the driver's own limits to lose against ours, which know the address.
const DRIVER_GRACE: Duration = Duration::from_millis(200);

/// A connection that several commands may use at once.
#[derive(Clone)]
pub enum RedisConnection {
    /// To one server, which may be the master of a group; with why it took an answer no further.
    Single(MultiplexedConnection, Refusal),
    /// To all servers of a cluster.
    Cluster(ClusterConnection),
}

impl RedisConnection {
    /// Connects to `target`; the caller limits the time.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn open(target: &RedisTarget, limits: &Limits) -> RedisResult<Self> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limits.connect + DRIVER_GRACE))
            .set_response_timeout(Some(limits.redis + DRIVER_GRACE));
        match &target.topology {
            RedisTopology::Standalone => {
                let info = infos(target)?.into_iter().next().ok_or_else(no_address)?;
                Self::guarded(&info, target, config, limits).await
            }
            RedisTopology::Sentinel { master } => {
                let mut client = sentinel(target, master)?.build()?;
                let found = Box::pin(client.async_get_client()).await?;
                Self::guarded(found.get_connection_info(), target, config, limits).await
            }
            RedisTopology::Cluster => {
                let client = cluster(target, limits)?;
                Ok(Self::Cluster(
                    Box::pin(client.get_async_connection()).await?,
                ))
            }
        }
    }

    async fn guarded(
        info: &ConnectionInfo,
        target: &RedisTarget,
        config: AsyncConnectionConfig,
        limits: &Limits,
    ) -> RedisResult<Self> {
        let connecting = guarded::connect(info, target.tls.as_ref(), config, limits.answer);
        let (connection, refusal) = Box::pin(connecting).await?;
        Ok(Self::Single(connection, refusal))
    }

    /// Why it took an answer no further, and with it nothing that comes after it.
    pub fn refused(&self) -> Option<Refused> {
        match self {
            Self::Single(_, refusal) => refusal.get().copied(),
            Self::Cluster(_) => None,
        }
    }
}

impl ConnectionLike for RedisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection, _) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection, _) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection, _) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

fn sentinel(target: &RedisTarget, master: &str) -> RedisResult<SentinelClientBuilder> {
    let addresses = target
        .addresses
        .iter()
        .map(|a| address(a, target.tls.as_ref()));
    let kind = SentinelServerType::Master;
    let mut builder = SentinelClientBuilder::new(addresses, master, kind)?
        .set_client_to_redis_db(target.database);
    if let Some(user) = &target.user {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = &target.password {
        builder = builder.set_client_to_redis_password(password.expose());
    }
    if let Some(password) = &target.sentinel_password {
        builder = builder.set_client_to_sentinel_password(password.expose());
    }
    if let Some(tls) = &target.tls {
        builder = builder.set_client_to_redis_tls_mode(tls_mode(tls));
    }
    if let Some(certificates) = certificates(target.tls.as_ref())? {
        builder = builder
            .set_client_to_redis_certificates(certificates.clone())
            .set_client_to_sentinel_certificates(certificates);
    }
    Ok(builder)
}

fn cluster(target: &RedisTarget, limits: &Limits) -> RedisResult<ClusterClient> {
    let mut builder = ClusterClient::builder(infos(target)?)
        .retries(1)
        .connection_timeout(limits.connect)
        .response_timeout(limits.redis + DRIVER_GRACE);
    if let Some(tls) = &target.tls {
        builder = builder.tls(tls_mode(tls));
    }
    if let Some(certificates) = certificates(target.tls.as_ref())? {
        builder = builder.certs(certificates);
    }
    builder.build()
}

fn infos(target: &RedisTarget) -> RedisResult<Vec<ConnectionInfo>> {
    let mut login = RedisConnectionInfo::default().set_db(target.database);
    if let Some(user) = &target.user {
        login = login.set_username(user);
    }
    if let Some(password) = &target.password {
        login = login.set_password(password.expose());
    }
    target
        .addresses
        .iter()
        .map(|each| {
            let info = address(each, target.tls.as_ref()).into_connection_info()?;
            Ok(info.set_redis_settings(login.clone()))
        })
        .collect()
}

fn address(address: &RedisAddress, tls: Option<&RedisTls>) -> ConnectionAddr {
    match (address, tls) {
        (RedisAddress::Unix(path), _) => ConnectionAddr::Unix(path.clone()),
        (RedisAddress::Tcp(host, port), None) => ConnectionAddr::Tcp(host.clone(), *port),
        (RedisAddress::Tcp(host, port), Some(tls)) => ConnectionAddr::TcpTls {
            host: host.clone(),
            port: *port,
            insecure: tls.accept_any_certificate,
            tls_params: None,
        },
    }
}

fn tls_mode(tls: &RedisTls) -> TlsMode {
    if tls.accept_any_certificate {
        TlsMode::Insecure
    } else {
        TlsMode::Secure
    }
}

fn certificates(tls: Option<&RedisTls>) -> RedisResult<Option<TlsCertificates>> {
    tls.and_then(|tls| tls.ca_file.as_deref())
        .map(|file| {
            Ok(TlsCertificates {
                client_tls: None,
                root_cert: Some(read(file)?),
            })
        })
        .transpose()
}

fn read(file: &Path) -> RedisResult<Vec<u8>> {
    std::fs::read(file).map_err(|error| {
        let named = format!("cannot read `{}`: {error}", file.display());
        std::io::Error::new(error.kind(), named).into()
    })
}

fn no_address() -> redis::RedisError {
    (redis::ErrorKind::InvalidClientConfig, "no address").into()
}
