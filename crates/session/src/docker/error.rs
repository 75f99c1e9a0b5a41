//! What can go wrong with the Docker Engine, in the operator's words.

use std::collections::BTreeSet;
use std::time::Duration;

use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use sentences::{
    HintDockerAddress, HintDockerDisconnected, HintDockerLogDriver, HintDockerNoProject,
    HintDockerNoSocket, HintDockerNotAllowed, HintDockerProtocol, HintDockerServices,
    HintDockerTimeout, HintDockerTls, HintDockerTooMuch, HintDockerUnreachable,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;

/// An Engine that cannot be asked, or a question that it does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DockerError {
    /// There is no Engine where one would be.
    #[error("there is no docker socket at {path}")]
    NoSocket {
        /// The path.
        path: String,
    },
    /// The address is not one that can be connected to.
    #[error("cannot reach docker at `{host}`: {reason}")]
    Address {
        /// The address.
        host: String,
        /// Why.
        reason: String,
    },
    /// The socket belongs to others.
    #[error("this user may not open {address}")]
    NotAllowed {
        /// Where.
        address: String,
    },
    /// Nobody answers there.
    #[error("cannot reach docker at {address}: {reason}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// It did not answer in time.
    #[error("docker at {address} did not answer {what} within {}", duration::text(*limit))]
    Timeout {
        /// Where.
        address: String,
        /// The question.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection ended before the answer came.
    #[error("lost the connection to docker at {address} on {what}: {reason}")]
    Disconnected {
        /// Where.
        address: String,
        /// The question.
        what: String,
        /// Why.
        reason: String,
    },
    /// The answer is not one of an Engine.
    #[error("{address} does not answer {what} as docker does: {reason}")]
    Protocol {
        /// Where.
        address: String,
        /// The question.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The Engine refused.
    #[error("docker refused {what} with status {status}: `{message}`")]
    Refused {
        /// The question.
        what: String,
        /// The status of its answer.
        status: u16,
        /// The Engine's words.
        message: String,
    },
    /// No container runs this service, or ever ran it.
    #[error("no container of {place} belongs to the service `{service}`")]
    NoService {
        /// The service.
        service: String,
        /// The project, or this machine.
        place: String,
        /// The services that have containers there.
        known: Vec<String>,
    },
    /// An answer larger than an answer may be.
    #[error("docker has more than {limit} {unit} to answer {what}")]
    TooMuch {
        /// The question.
        what: String,
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: &'static str,
    },
}

impl DockerError {
    /// There is no container of `service`; `known` are the services of those that there are.
    pub(super) fn no_service(
        service: &str,
        project: Option<&str>,
        known: impl IntoIterator<Item = String>,
    ) -> Self {
        let known: BTreeSet<String> = known.into_iter().collect();
        Self::NoService {
            service: service.to_owned(),
            place: project.map_or("this machine".to_owned(), |project| {
                format!("the project `{project}`")
            }),
            known: known.into_iter().collect(),
        }
    }
}

impl ServiceError for DockerError {
    fn service(&self) -> Service {
        Service::Docker
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSocket { .. } | Self::Address { .. } => Kind::NotConfigured,
            Self::NotAllowed { .. } => Kind::LoginRefused,
            Self::Unreachable { .. } => Kind::Unreachable,
            Self::Timeout { .. } => Kind::Timeout,
            Self::Disconnected { .. } => Kind::Disconnected,
            Self::Protocol { .. } => Kind::Protocol,
            Self::Refused { .. } => Kind::Refused,
            Self::NoService { .. } => Kind::NoSuchItem,
            Self::TooMuch { .. } => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::NoSocket { .. } => HintDockerNoSocket.into(),
            Self::Address { .. } => HintDockerAddress.into(),
            Self::NotAllowed { .. } => HintDockerNotAllowed.into(),
            Self::Unreachable { .. } => HintDockerUnreachable.into(),
            Self::Timeout { .. } => HintDockerTimeout.into(),
            Self::Disconnected { .. } => HintDockerDisconnected.into(),
            Self::Protocol { .. } => HintDockerProtocol.into(),
            Self::Refused { message, .. } if message.contains("HTTPS server") => {
                HintDockerTls.into()
            }
            Self::Refused { message, .. } if message.contains("not support reading") => {
                HintDockerLogDriver.into()
            }
            Self::NoService { known, .. } if known.is_empty() => HintDockerNoProject.into(),
            Self::NoService { known, .. } => {
                let services = known.join(", ");
                HintDockerServices { services }.into()
            }
            Self::TooMuch { .. } => HintDockerTooMuch.into(),
            Self::Refused { .. } => return None,
        })
    }
}
