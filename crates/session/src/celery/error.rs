//! What can go wrong with Celery, in the operator's words.

use thiserror::Error;

use crate::error::ServiceError;
use crate::redis::RedisError;
use catalogue::Said;
use sentences::{
    ErrorCeleryBroker, ErrorCeleryCluster, ErrorCeleryReadOnly, ErrorCeleryResults,
    HintCeleryBroker, HintCeleryCluster, HintCeleryDisk, HintCeleryMemory, HintCeleryReplica,
    HintCeleryResults, HintCeleryRights,
};
use site::config::Service;
use site::kind::Kind;

/// Workers that cannot be asked, or a store of Celery that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.said())]
pub enum CeleryError {
    /// The broker, through which everything goes, does not answer.
    Broker(#[source] RedisError),
    /// The store of results does not answer.
    Results(#[source] RedisError),
    /// The broker takes no writes, and a question to workers is one.
    ReadOnly {
        /// The server's words.
        message: String,
    },
    /// Workers have no common channel there.
    Cluster {
        /// Where.
        address: String,
    },
}

impl CeleryError {
    /// What an error of the broker means for a question to workers.
    pub(super) fn in_question(error: RedisError) -> Self {
        match error {
            RedisError::Refused { message, .. } if advice(&message).is_some() => {
                Self::ReadOnly { message }
            }
            error => Self::Broker(error),
        }
    }
}

impl ServiceError for CeleryError {
    fn said(&self) -> Said {
        match self {
            Self::Broker(_) => ErrorCeleryBroker.into(),
            Self::Results(_) => ErrorCeleryResults.into(),
            Self::ReadOnly { message } => ErrorCeleryReadOnly { message }.into(),
            Self::Cluster { address } => ErrorCeleryCluster { address }.into(),
        }
    }

    fn because(&self) -> Vec<Said> {
        match self {
            Self::Broker(error) | Self::Results(error) => vec![ServiceError::said(error)],
            Self::ReadOnly { .. } | Self::Cluster { .. } => Vec::new(),
        }
    }

    fn service(&self) -> Service {
        Service::Celery
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Broker(error) | Self::Results(error) => error.kind(),
            Self::ReadOnly { .. } => Kind::ReadOnly,
            Self::Cluster { .. } => Kind::Denied,
        }
    }

    fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Broker(error) if error.kind().is_unreachable() => HintCeleryBroker.into(),
            Self::Results(error) if error.kind().is_unreachable() => HintCeleryResults.into(),
            Self::Broker(error) | Self::Results(error) => return error.hint(),
            Self::ReadOnly { message } => return advice(message),
            Self::Cluster { .. } => HintCeleryCluster.into(),
        })
    }
}

/// What to do about an error of a server that reads and does not write, by the word it begins with.
fn advice(message: &str) -> Option<Said> {
    Some(match message.split(' ').next().unwrap_or_default() {
        "READONLY" => HintCeleryReplica.into(),
        "MISCONF" => HintCeleryDisk.into(),
        "OOM" => HintCeleryMemory.into(),
        "NOPERM" => HintCeleryRights.into(),
        _ => return None,
    })
}
