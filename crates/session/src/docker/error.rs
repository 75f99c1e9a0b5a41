//! What can go wrong with the Docker Engine, in the operator's words.

use std::collections::BTreeSet;
use std::time::Duration;

use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use sentences::{
    ErrorDockerAddress, ErrorDockerConnectTimeout, ErrorDockerDisconnected, ErrorDockerNoService,
    ErrorDockerNoServiceOfProject, ErrorDockerNoSocket, ErrorDockerNotAllowed, ErrorDockerProtocol,
    ErrorDockerRefused, ErrorDockerTimeout, ErrorDockerTooManyBytes, ErrorDockerTooManyContainers,
    ErrorDockerUnreachable, HintDockerAddress, HintDockerDisconnected, HintDockerLogDriver,
    HintDockerNoProject, HintDockerNoSocket, HintDockerNotAllowed, HintDockerProtocol,
    HintDockerServices, HintDockerTimeout, HintDockerTls, HintDockerTooMuch, HintDockerUnreachable,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;

/// What is counted of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Containers.
    Containers,
}

/// An Engine that cannot be asked, or a question that it does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.said())]
pub enum DockerError {
    /// There is no Engine where one would be.
    NoSocket {
        /// The path.
        path: String,
    },
    /// The address is not one that can be connected to.
    Address {
        /// The address.
        host: String,
        /// Why.
        reason: Said,
    },
    /// The socket belongs to others.
    NotAllowed {
        /// Where.
        address: String,
    },
    /// Nobody answers there.
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: Said,
    },
    /// It did not let us in within the time there is for that.
    ConnectTimeout {
        /// Where.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// It did not answer in time.
    Timeout {
        /// Where.
        address: String,
        /// The question.
        what: Said,
        /// The limit.
        limit: Duration,
    },
    /// The connection ended before the answer came.
    Disconnected {
        /// Where.
        address: String,
        /// The question.
        what: Said,
        /// Why.
        reason: Said,
    },
    /// The answer is not one of an Engine.
    Protocol {
        /// Where.
        address: String,
        /// The question.
        what: Said,
        /// What is wrong with it.
        reason: Said,
    },
    /// The Engine refused.
    Refused {
        /// The question.
        what: Said,
        /// The status of its answer.
        status: u16,
        /// The Engine's words.
        message: String,
    },
    /// No container runs this service, or ever ran it.
    NoService {
        /// The service.
        service: String,
        /// The project; this machine has none.
        project: Option<String>,
        /// The services that have containers there.
        known: Vec<String>,
    },
    /// An answer larger than an answer may be.
    TooMuch {
        /// The question.
        what: Said,
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: Unit,
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
            project: project.map(str::to_owned),
            known: known.into_iter().collect(),
        }
    }
}

impl ServiceError for DockerError {
    fn said(&self) -> Said {
        match self {
            Self::NoSocket { path } => ErrorDockerNoSocket { path }.into(),
            Self::Address { host, reason } => ErrorDockerAddress { host, reason }.into(),
            Self::NotAllowed { address } => ErrorDockerNotAllowed { address }.into(),
            Self::Unreachable { address, reason } => {
                ErrorDockerUnreachable { address, reason }.into()
            }
            Self::ConnectTimeout { address, limit } => {
                let limit = duration::text(*limit);
                ErrorDockerConnectTimeout { address, limit }.into()
            }
            Self::Timeout {
                address,
                what,
                limit,
            } => {
                let (what, limit) = (what.clone(), duration::text(*limit));
                ErrorDockerTimeout {
                    address,
                    what,
                    limit,
                }
                .into()
            }
            Self::Disconnected {
                address,
                what,
                reason,
            } => ErrorDockerDisconnected {
                address,
                what: what.clone(),
                reason: reason.clone(),
            }
            .into(),
            Self::Protocol {
                address,
                what,
                reason,
            } => ErrorDockerProtocol {
                address,
                what: what.clone(),
                reason: reason.clone(),
            }
            .into(),
            Self::Refused {
                what,
                status,
                message,
            } => ErrorDockerRefused {
                what: what.clone(),
                status: u64::from(*status),
                message,
            }
            .into(),
            Self::NoService {
                service,
                project: Some(project),
                ..
            } => ErrorDockerNoServiceOfProject { service, project }.into(),
            Self::NoService { service, .. } => ErrorDockerNoService { service }.into(),
            Self::TooMuch { what, limit, unit } => {
                let (what, limit) = (what.clone(), *limit);
                match unit {
                    Unit::Bytes => ErrorDockerTooManyBytes { what, limit }.into(),
                    Unit::Containers => ErrorDockerTooManyContainers { what, limit }.into(),
                }
            }
        }
    }

    fn service(&self) -> Service {
        Service::Docker
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSocket { .. } | Self::Address { .. } => Kind::NotConfigured,
            Self::NotAllowed { .. } => Kind::LoginRefused,
            Self::Unreachable { .. } => Kind::Unreachable,
            Self::ConnectTimeout { .. } | Self::Timeout { .. } => Kind::Timeout,
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
            Self::ConnectTimeout { .. } | Self::Timeout { .. } => HintDockerTimeout.into(),
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
