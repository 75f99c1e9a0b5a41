//! What can go wrong between a run and its site.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use catalogue::Said;
use demo::DemoError;
use sentences::{
    ErrorBecause, ErrorDemo, ErrorNotConfigured, ErrorUncheckedTls, ErrorUnknownRouter,
    HintNotConfigured, HintUncheckedTls, HintUnknownRouter,
};
use site::config::{Endpoint, Service};
use site::kind::{Kind, with_causes};

/// The error of one service.
pub trait ServiceError: Error + Send + Sync + 'static {
    /// What was tried, on what, and what became of it; its causes are told by themselves.
    fn said(&self) -> Said;

    /// Why, outermost cause first.
    fn because(&self) -> Vec<Said> {
        Vec::new()
    }

    /// The service.
    fn service(&self) -> Service;

    /// What kind of error it is.
    fn kind(&self) -> Kind;

    /// What to do about it.
    fn hint(&self) -> Option<Said>;
}

/// An error of which is known what a person and a script are told beside its words.
pub trait Explained: Error {
    /// What was tried, on what, and what became of it; its causes are told by themselves.
    fn said(&self) -> Said;

    /// Why, outermost cause first.
    fn because(&self) -> Vec<Said>;

    /// The service that it is about, if it is about one.
    fn service(&self) -> Option<Service>;

    /// What kind of error it is.
    fn kind(&self) -> Kind;

    /// What to do about it.
    fn hint(&self) -> Option<Said>;

    /// Was it the operator, who did not say yes?
    fn is_declined(&self) -> bool {
        false
    }
}

impl<E: ServiceError> Explained for E {
    fn said(&self) -> Said {
        ServiceError::said(self)
    }

    fn because(&self) -> Vec<Said> {
        ServiceError::because(self)
    }

    fn service(&self) -> Option<Service> {
        Some(ServiceError::service(self))
    }

    fn kind(&self) -> Kind {
        ServiceError::kind(self)
    }

    fn hint(&self) -> Option<Said> {
        ServiceError::hint(self)
    }
}

/// What an error says with its causes, as one thing; a cause whose words stand there already is left out.
pub fn said_whole(error: &dyn Explained) -> Said {
    whole(error.said(), error.because())
}

/// `error` with what it came of, outermost cause first, as one thing; a cause whose words stand there already is
/// left out.
pub fn whole(error: Said, causes: impl IntoIterator<Item = Said>) -> Said {
    causes.into_iter().fold(error, |error, cause| {
        match error.to_string().contains(&cause.to_string()) {
            true => error,
            false => ErrorBecause { error, cause }.into(),
        }
    })
}

/// A service of the site that cannot be used.
#[derive(Debug, Clone)]
pub enum SessionError {
    /// Nothing says where the service is.
    NotConfigured {
        /// What is not configured.
        endpoint: Endpoint,
        /// The site's name.
        site: String,
    },
    /// The built-in site did not start.
    Demo {
        /// Why.
        reason: String,
    },
    /// No router of the site has this name.
    UnknownRouter {
        /// The name.
        name: String,
        /// The site's name.
        site: String,
        /// The routers it has.
        known: Vec<String>,
    },
    /// TLS to a router whose certificate nobody would check.
    UncheckedTls {
        /// The router.
        address: String,
    },
    /// A service's own error.
    Service(Arc<dyn ServiceError>),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its causes are told by itself.
        Explained::said(self).fmt(f)
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Service(error) => error.source(),
            _ => None,
        }
    }
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
    fn said(&self) -> Said {
        match self {
            Self::NotConfigured { endpoint, site } => {
                let what = match *endpoint {
                    Endpoint::RESULTS => "results",
                    other => other.what,
                };
                ErrorNotConfigured { what, site }.into()
            }
            Self::Demo { reason } => ErrorDemo { reason }.into(),
            Self::UnknownRouter { name, site, .. } => ErrorUnknownRouter { name, site }.into(),
            Self::UncheckedTls { address } => ErrorUncheckedTls { address }.into(),
            Self::Service(error) => error.said(),
        }
    }

    fn because(&self) -> Vec<Said> {
        match self {
            Self::Service(error) => error.because(),
            _ => Vec::new(),
        }
    }

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

    fn hint(&self) -> Option<Said> {
        match self {
            Self::NotConfigured { endpoint, .. } => Some(
                HintNotConfigured {
                    variables: endpoint.variables,
                }
                .into(),
            ),
            Self::UnknownRouter { known, .. } => {
                let routers = known.join(", ");
                Some(HintUnknownRouter { routers }.into())
            }
            Self::UncheckedTls { .. } => Some(HintUncheckedTls.into()),
            Self::Demo { .. } => None,
            Self::Service(error) => error.hint(),
        }
    }
}
