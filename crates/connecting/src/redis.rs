//! Connections to Redis: to one server, a Sentinel group, or a cluster.

use std::path::Path;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    Pipeline, RedisConnectionInfo, RedisFuture, RedisResult, TlsCertificates, TlsMode, Value,
};

use site::config::{Limits, RedisAddress, RedisTarget, RedisTls, RedisTopology};

/// Time for the driver's own limits to lose against ours, which know the address.
const DRIVER_GRACE: Duration = Duration::from_millis(200);

/// A connection that several commands may use at once.
#[derive(Clone)]
pub enum RedisConnection {
    /// To one server, which may be the master of a group.
    Single(MultiplexedConnection),
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
                let client = standalone(target)?;
                let connection = client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?;
                Ok(Self::Single(connection))
            }
            RedisTopology::Sentinel { master } => {
                let mut client = sentinel(target, master)?.build()?;
                let connection = client.get_async_connection_with_config(&config).await?;
                Ok(Self::Single(connection))
            }
            RedisTopology::Cluster => {
                let client = cluster(target, limits)?;
                Ok(Self::Cluster(client.get_async_connection().await?))
            }
        }
    }
}

impl ConnectionLike for RedisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
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
            Self::Single(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

fn standalone(target: &RedisTarget) -> RedisResult<Client> {
    let Some(info) = infos(target)?.into_iter().next() else {
        return Err(no_address());
    };
    match certificates(target.tls.as_ref())? {
        Some(certificates) => Client::build_with_tls(info, certificates),
        None => Client::open(info),
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
