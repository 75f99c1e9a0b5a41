//! What can go wrong with Redis, in the operator's words.

use std::time::Duration;

use redis::{ErrorKind, ServerErrorKind};
use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use sentences::{
    HintRedisDisconnected, HintRedisLogin, HintRedisTimeout, HintRedisTooMuch, HintRedisUnreachable,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;
use wording::system::without_number;

/// A Redis that cannot be reached, or a command that it does not answer. No message holds a
/// password, and `address` is shown without one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RedisError {
    /// Nobody answers there, or not as Redis should.
    #[error("cannot reach redis at {address}: {reason}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// It does not know the user or the password.
    #[error("cannot log in to redis at {address}: `{message}`")]
    LoginRefused {
        /// Where.
        address: String,
        /// The server's words.
        message: String,
    },
    /// It did not answer in time.
    #[error("redis at {address} did not answer {what} within {}", duration::text(*limit))]
    Timeout {
        /// Where.
        address: String,
        /// The command, or `the connection`.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection ended before the answer came.
    #[error("lost the connection to redis at {address}: {reason}")]
    Disconnected {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// The command could change something, and reading is all there is.
    #[error("refused the redis command `{command}`: {reason}")]
    Denied {
        /// The command.
        command: String,
        /// Why.
        reason: String,
        /// What to call instead, where there is something.
        advice: Option<Said>,
    },
    /// The server refused the command.
    #[error("redis refused `{command}`: `{message}`")]
    Refused {
        /// The command.
        command: String,
        /// The server's words.
        message: String,
    },
    /// The answer has not the form that the command's answers have.
    #[error("redis answered `{command}` with something else than {expected}")]
    Unexpected {
        /// The command.
        command: String,
        /// What was expected.
        expected: &'static str,
    },
    /// An answer larger than an answer may be.
    #[error("redis has more than {limit} {unit} to answer `{command}`")]
    TooMuch {
        /// The command.
        command: String,
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: &'static str,
    },
}

impl RedisError {
    /// Is the connection of no use any more? The answer to a command that took too long could come as the
    /// answer to the next one.
    pub fn ends_the_connection(&self) -> bool {
        self.kind().is_unreachable()
    }
}

impl ServiceError for RedisError {
    fn service(&self) -> Service {
        Service::Redis
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. } => Kind::Unreachable,
            Self::LoginRefused { .. } => Kind::LoginRefused,
            Self::Timeout { .. } => Kind::Timeout,
            Self::Disconnected { .. } => Kind::Disconnected,
            Self::Denied { .. } => Kind::Denied,
            Self::Refused { .. } => Kind::Refused,
            Self::Unexpected { .. } => Kind::Protocol,
            Self::TooMuch { .. } => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Unreachable { .. } => HintRedisUnreachable.into(),
            Self::LoginRefused { .. } => HintRedisLogin.into(),
            Self::Timeout { .. } => HintRedisTimeout.into(),
            Self::Disconnected { .. } => HintRedisDisconnected.into(),
            Self::Denied { advice, .. } => return advice.clone(),
            Self::TooMuch { .. } => HintRedisTooMuch.into(),
            Self::Refused { .. } | Self::Unexpected { .. } => return None,
        })
    }
}

/// What an error of the driver means for a connection that is being opened.
pub(super) fn on_connecting(
    error: &redis::RedisError,
    address: &str,
    limit: Duration,
) -> RedisError {
    let address = address.to_owned();
    if refuses_login(error) {
        let message = words(error);
        return RedisError::LoginRefused { address, message };
    }
    if error.is_timeout() {
        let what = "the connection".to_owned();
        return RedisError::Timeout {
            address,
            what,
            limit,
        };
    }
    let reason = words(error);
    RedisError::Unreachable { address, reason }
}

/// What an error of the driver means for `command`.
pub(super) fn in_command(
    error: &redis::RedisError,
    command: &str,
    address: &str,
    limit: Duration,
) -> RedisError {
    let address = address.to_owned();
    let command = command.to_owned();
    if error.is_timeout() {
        let what = format!("`{command}`");
        return RedisError::Timeout {
            address,
            what,
            limit,
        };
    }
    // Redis lets anybody in, and says only now that it wanted a password.
    if error.code() == Some("NOAUTH") {
        let message = words(error);
        return RedisError::LoginRefused { address, message };
    }
    match error.kind() {
        ErrorKind::Server(_) | ErrorKind::Extension => RedisError::Refused {
            command,
            message: words(error),
        },
        _ => RedisError::Disconnected {
            address,
            reason: words(error),
        },
    }
}

fn refuses_login(error: &redis::RedisError) -> bool {
    matches!(error.kind(), ErrorKind::AuthenticationFailed)
        || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::NoPerm))
        || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"))
}

/// The server's words, or the driver's without its prefixes.
fn words(error: &redis::RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        (None, Some(detail)) => detail.to_owned(),
        _ => without_number(&error.to_string()),
    }
}
