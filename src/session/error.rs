//! What can go wrong between a run and its site.

use routeros_api::{Class, ClientError, Fault};
use thiserror::Error;

use super::celery::CeleryError;
use super::database::DatabaseError;
use super::docker::DockerError;
use super::redis::RedisError;
use crate::demo::DemoError;

/// A service of the site that cannot be used.
#[derive(Debug, Clone, Error)]
pub enum SessionError {
    /// Nothing says where the service is.
    #[error("no {service} is configured for the site `{site}`")]
    NotConfigured {
        /// `database`, `docker`, `redis`, `router`, `celery`, or `celery result backend`.
        service: &'static str,
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
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(below) = cause {
            reason = format!("{reason}: {below}");
            cause = below.source();
        }
        Self::Demo { reason }
    }
}

impl SessionError {
    /// A stable word for what happened, for scripts to compare.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured { .. } | Self::UnknownRouter { .. } | Self::UncheckedTls { .. } => {
                "not_configured"
            }
            Self::Router(error) => router_kind(error),
            Self::Demo { .. } => "unreachable",
            Self::Database(error) => error.kind(),
            Self::Redis(error) => error.kind(),
            Self::Docker(error) => error.kind(),
            Self::Celery(error) => error.kind(),
        }
    }

    /// Whether nothing can be said about the site because a service of it did not answer.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NotConfigured { .. } | Self::UnknownRouter { .. } | Self::UncheckedTls { .. } => {
                false
            }
            Self::Router(error) => !matches!(router_kind(error), "refused" | "invalid"),
            Self::Demo { .. } => true,
            Self::Database(error) => error.is_unreachable(),
            Self::Redis(error) => error.is_unreachable(),
            Self::Docker(error) => error.is_unreachable(),
            Self::Celery(error) => error.is_unreachable(),
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

/// The stable word for what happened between a run and a router.
pub fn router_kind(error: &ClientError) -> &'static str {
    match (error.class(), error.fault()) {
        (
            _,
            Fault::LoginRefused { .. } | Fault::LoginEnded { .. } | Fault::ChallengeRefused { .. },
        ) => "login_refused",
        (_, Fault::Timeout { .. } | Fault::LoginTimeout { .. } | Fault::ConnectTimeout { .. }) => {
            "timeout"
        }
        (Class::Protocol, _) => "protocol",
        (_, Fault::Lost { .. } | Fault::LoginCut { .. }) => "disconnected",
        (Class::Refused, _) => "refused",
        (Class::Connection, _) => "unreachable",
        (Class::Caller, _) => "invalid",
    }
}
