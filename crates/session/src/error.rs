//! What can go wrong between a run and its site.

use routeros_api::{Class, ClientError, Fault};
use thiserror::Error;

use super::celery::CeleryError;
use super::database::DatabaseError;
use super::docker::DockerError;
use super::redis::RedisError;
use demo::DemoError;
use site::grant::Service;
use site::kind::{Kind, with_causes};

/// A service of the site that cannot be used.
#[derive(Debug, Clone, Error)]
pub enum SessionError {
    /// Nothing says where the service is.
    #[error("no {what} is configured for the site `{site}`")]
    NotConfigured {
        /// The service.
        service: Service,
        /// What of it, for people: its noun, or a part of it such as `celery result backend`.
        what: &'static str,
        /// The site's name.
        site: String,
        /// The variables that would say it.
        variables: &'static str,
    },
    /// The built-in site did not start.
    #[error("cannot start the demo site: {reason}")]
    Demo {
        /// Why.
        reason: String,
    },
    /// No router of the site has this name.
    #[error("the site `{site}` has no router `{name}`")]
    UnknownRouter {
        /// The name.
        name: String,
        /// The site's name.
        site: String,
        /// The routers it has.
        known: Vec<String>,
    },
    /// TLS to a router whose certificate nobody would check.
    #[error("router `{address}`: TLS without a check of the certificate protects nothing")]
    UncheckedTls {
        /// The router.
        address: String,
    },
    /// A router.
    #[error(transparent)]
    Router(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// The Docker Engine.
    #[error(transparent)]
    Docker(#[from] DockerError),
    /// Celery.
    #[error(transparent)]
    Celery(#[from] CeleryError),
}

impl From<DemoError> for SessionError {
    fn from(error: DemoError) -> Self {
        let reason = with_causes(&error).collect::<Vec<_>>().join(": ");
        Self::Demo { reason }
    }
}

impl SessionError {
    /// What kind of error it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotConfigured { .. } | Self::UnknownRouter { .. } | Self::UncheckedTls { .. } => {
                Kind::NotConfigured
            }
            Self::Router(error) => router_kind(error),
            Self::Demo { .. } => Kind::Unreachable,
            Self::Database(error) => error.kind(),
            Self::Redis(error) => error.kind(),
            Self::Docker(error) => error.kind(),
            Self::Celery(error) => error.kind(),
        }
    }

    /// The service that it is about; of the built-in site all of them.
    pub fn service(&self) -> Option<Service> {
        match self {
            Self::NotConfigured { service, .. } => Some(*service),
            Self::UnknownRouter { .. } | Self::UncheckedTls { .. } | Self::Router(_) => {
                Some(Service::Mikrotik)
            }
            Self::Database(_) => Some(Service::Db),
            Self::Redis(_) => Some(Service::Redis),
            Self::Docker(_) => Some(Service::Docker),
            Self::Celery(_) => Some(Service::Celery),
            Self::Demo { .. } => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotConfigured { variables, .. } => Some(format!(
                "set {variables}, or describe the site in tikbook.toml, or look around with --site demo"
            )),
            Self::UnknownRouter { known, .. } => {
                Some(format!("its routers are {}", known.join(", ")))
            }
            Self::UncheckedTls { .. } => Some(
                "pin the router's certificate: put what `tikbook fingerprint HOST` shows into \
                 MIKROTIK_TLS_PIN_SHA256, or its authority's file into MIKROTIK_TLS_CA_FILE"
                    .to_owned(),
            ),
            Self::Demo { .. } => None,
            Self::Router(error) => error.hint().map(str::to_owned),
            Self::Database(error) => error.hint(),
            Self::Redis(error) => error.hint(),
            Self::Docker(error) => error.hint(),
            Self::Celery(error) => error.hint(),
        }
    }
}

/// The kind of an error between a run and a router.
pub fn router_kind(error: &ClientError) -> Kind {
    match (error.class(), error.fault()) {
        (
            _,
            Fault::LoginRefused { .. } | Fault::LoginEnded { .. } | Fault::ChallengeRefused { .. },
        ) => Kind::LoginRefused,
        (_, Fault::Timeout { .. } | Fault::LoginTimeout { .. } | Fault::ConnectTimeout { .. }) => {
            Kind::Timeout
        }
        (Class::Protocol, _) => Kind::Protocol,
        (_, Fault::Lost { .. } | Fault::LoginCut { .. }) => Kind::Disconnected,
        (Class::Refused, _) => Kind::Refused,
        (Class::Connection, _) => Kind::Unreachable,
        (Class::Caller, _) => Kind::Invalid,
    }
}
