//! What can go wrong with the Docker Engine, in the operator's words.

use std::collections::BTreeSet;
use std::time::Duration;

use thiserror::Error;

use crate::error::ServiceError;
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

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoSocket { .. } => {
                "run tikbook on the machine of the containers, mount the socket into tikbook's own \
                 container, or set DOCKER_HOST"
            }
            Self::Address { .. } => {
                "DOCKER_HOST is unix:///path or tcp://host:port; the socket of another machine can \
                 be brought here by `ssh -N -L /tmp/docker.sock:/var/run/docker.sock HOST`"
            }
            Self::NotAllowed { .. } => {
                "add the user to the group docker, or run tikbook as one who may"
            }
            Self::Unreachable { .. } => {
                "see that the Docker Engine runs: systemctl status docker; and where it listens: \
                 DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH"
            }
            Self::Timeout { .. } => {
                "see whether `docker ps` answers; or allow more time with --timeout"
            }
            Self::Disconnected { .. } => "run it again; if it stays so, look into the Engine's log",
            Self::Protocol { .. } => "check DOCKER_HOST, and DOCKER_TLS_VERIFY for a port with TLS",
            Self::Refused { message, .. } if message.contains("HTTPS server") => {
                "the port speaks TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
            }
            Self::Refused { message, .. } if message.contains("not support reading") => {
                "this container logs to where the Engine cannot read; read the log there, or give \
                 the service the logging driver local or json-file"
            }
            Self::NoService { known, .. } if known.is_empty() => {
                "no container there belongs to a Compose project; check COMPOSE_PROJECT_NAME and \
                 DOCKER_HOST, and see `docker compose ls --all`"
            }
            Self::NoService { known, .. } => {
                return Some(format!("the services there are {}", known.join(", ")));
            }
            Self::TooMuch { .. } => {
                "ask for fewer lines with tail, or for a shorter time with since"
            }
            Self::Refused { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
