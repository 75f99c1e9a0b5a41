//! What can go wrong with Celery, in the operator's words.

use thiserror::Error;

use crate::error::ServiceError;
use crate::redis::RedisError;
use site::config::Service;
use site::kind::Kind;

/// Errors of a server that reads and does not write, by the word they begin with.
const NO_WRITES: [(&str, &str); 4] = [
    (
        "READONLY",
        "CELERY_BROKER_URL leads to a replica, which no worker can use either: name the master",
    ),
    (
        "MISCONF",
        "this Redis cannot save to its disk and takes no writes until it can: make room there, see \
         its log; tasks cannot be sent either",
    ),
    (
        "OOM",
        "this Redis has used up its maxmemory: give it more, or see what fills it; tasks cannot be \
         sent either",
    ),
    (
        "NOPERM",
        "the user in CELERY_BROKER_URL may not ask workers: allow it PUBLISH, and SADD, SREM and \
         DEL of the keys `_kombu.binding.reply.celery.pidbox` and `*.reply.celery.pidbox`",
    ),
];

/// Workers that cannot be asked, or a store of Celery that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CeleryError {
    /// The broker, through which everything goes, does not answer.
    #[error("cannot ask celery's broker")]
    Broker(#[source] RedisError),
    /// The store of results does not answer.
    #[error("cannot read celery's results")]
    Results(#[source] RedisError),
    /// The broker takes no writes, and a question to workers is one.
    #[error("celery's broker takes no writes, so workers cannot be asked: `{message}`")]
    ReadOnly {
        /// The server's words.
        message: String,
    },
    /// Workers have no common channel there.
    #[error("celery's workers cannot be asked through a Redis cluster, at {address}")]
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

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Broker(error) if error.kind().is_unreachable() => {
                "see that this Redis runs, and that CELERY_BROKER_URL has its host, port, database \
                 and password"
            }
            Self::Results(error) if error.kind().is_unreachable() => {
                "see that this Redis runs, and that CELERY_RESULT_BACKEND has its host, port, \
                 database and password"
            }
            Self::Broker(error) | Self::Results(error) => return error.hint(),
            Self::ReadOnly { message } => advice(message)?,
            Self::Cluster { .. } => "name one server in CELERY_BROKER_URL, as its workers do",
        };
        Some(hint.to_owned())
    }
}

fn advice(message: &str) -> Option<&'static str> {
    let code = message.split(' ').next().unwrap_or_default();
    let known = NO_WRITES.iter().find(|(word, _)| *word == code);
    known.map(|(_, advice)| *advice)
}
