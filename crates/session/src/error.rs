//! What can go wrong between a run and its site.

use std::error::Error;
use std::sync::Arc;

use thiserror::Error as ThisError;

use demo::DemoError;
use site::config::{Endpoint, Service};
use site::kind::{Kind, with_causes};

/// The error of one service.
pub trait ServiceError: Error + Send + Sync + 'static {
    /// The service.
    fn service(&self) -> Service;

    /// What kind of error it is.
    fn kind(&self) -> Kind;

    /// What to do about it.
    fn hint(&self) -> Option<String>;
}

/// An error of which is known what a person and a script are told beside its words.
pub trait Explained: Error {
    /// The service that it is about, if it is about one.
    fn service(&self) -> Option<Service>;

    /// What kind of error it is.
    fn kind(&self) -> Kind;

    /// What to do about it.
    fn hint(&self) -> Option<String>;

    /// Was it the operator, who did not say yes?
    fn is_declined(&self) -> bool {
        false
    }
}

impl<E: ServiceError> Explained for E {
    fn service(&self) -> Option<Service> {
        Some(ServiceError::service(self))
    }

    fn kind(&self) -> Kind {
        ServiceError::kind(self)
    }

    fn hint(&self) -> Option<String> {
        ServiceError::hint(self)
    }
}

/// A service of the site that cannot be used.
#[derive(Debug, Clone, ThisError)]
pub enum SessionError {
    /// Nothing says where the service is.
    #[error("no {} is configured for the site `{site}`", endpoint.what)]
    NotConfigured {
        /// What is not configured.
        endpoint: Endpoint,
        /// The site's name.
        site: String,
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
    /// A service's own error.
    #[error(transparent)]
    Service(Arc<dyn ServiceError>),
}

impl<E: ServiceError> From<E> for SessionError {
    fn from(error: E) -> Self {
        Self::Service(Arc::new(error))
    }
}

impl From<DemoError> for SessionError {
    fn from(error: DemoError) -> Self {
        let reason = with_causes(&error).collect::<Vec<_>>().join(": ");
        Self::Demo { reason }
    }
}

impl Explained for SessionError {
    /// The service that it is about; of the built-in site all of them.
    fn service(&self) -> Option<Service> {
        match self {
            Self::NotConfigured { endpoint, .. } => Some(endpoint.service),
            Self::UnknownRouter { .. } | Self::UncheckedTls { .. } => Some(Service::Mikrotik),
            Self::Service(error) => Some(error.service()),
            Self::Demo { .. } => None,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotConfigured { .. } | Self::UnknownRouter { .. } | Self::UncheckedTls { .. } => {
                Kind::NotConfigured
            }
            Self::Demo { .. } => Kind::Unreachable,
            Self::Service(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotConfigured { endpoint, .. } => Some(format!(
                "set {}, or describe the site in tikbook.toml, or look around with --site demo",
                endpoint.variables
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
            Self::Service(error) => error.hint(),
        }
    }
}
