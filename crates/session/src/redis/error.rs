//! What can go wrong with Redis, in the operator's words.

use std::time::Duration;

use redis::{ErrorKind, ServerErrorKind};
use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use connecting::redis::Refused;
use redis_wire::answer::TooLarge;
use sentences::{
    ErrorRedisConnectTimeout, ErrorRedisDenied, ErrorRedisDisconnected, ErrorRedisLogin,
    ErrorRedisNoRoom, ErrorRedisNotBytes, ErrorRedisNotKeys, ErrorRedisNotNumber,
    ErrorRedisNotPairs, ErrorRedisRefused, ErrorRedisTimeout, ErrorRedisTooManyBytes,
    ErrorRedisTooManyKeys, ErrorRedisTooManyMessages, ErrorRedisUnreachable, HintNoRoom,
    HintRedisDisconnected, HintRedisLogin, HintRedisTimeout, HintRedisTooLarge, HintRedisTooMuch,
    HintRedisUnreachable,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;
use wording::system::without_number;

/// What an answer should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Pairs of text.
    Pairs,
    /// A cursor, and keys.
    Keys,
    /// A number.
    Number,
    /// Bytes.
    Bytes,
}

/// What is counted of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Keys.
    Keys,
    /// Messages of a queue.
    Messages,
    /// Bytes.
    Bytes,
}

/// A Redis that cannot be reached, or a command that it does not answer. No message holds a
/// password, and `address` is shown without one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.said())]
pub enum RedisError {
    /// Nobody answers there, or not as Redis should.
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: Said,
    },
    /// It does not know the user or the password.
    LoginRefused {
        /// Where.
        address: String,
        /// The server's words.
        message: String,
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
        /// The command.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection ended before the answer came.
    Disconnected {
        /// Where.
        address: String,
        /// Why.
        reason: Said,
    },
    /// The command could change something, and reading is all there is.
    Denied {
        /// The command.
        command: String,
        /// Why.
        reason: Said,
        /// What to call instead, where there is something.
        advice: Option<Said>,
    },
    /// The server refused the command.
    Refused {
        /// The command.
        command: String,
        /// The server's words.
        message: String,
    },
    /// The answer has not the form that the command's answers have.
    Unexpected {
        /// The command.
        command: String,
        /// What was expected.
        expected: Expected,
    },
    /// An answer larger than an answer may be.
    TooMuch {
        /// The command.
        command: String,
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: Unit,
    },
    /// There is no room for the answer in what the run may hold.
    NoRoom {
        /// The command.
        command: String,
    },
}

impl RedisError {
    /// Is the connection of no use any more? The answer to a command that took too long could come as the
    /// answer to the next one, and so could what is left of one that was not taken.
    pub fn ends_the_connection(&self) -> bool {
        let is_cut = matches!(
            self,
            Self::NoRoom { .. }
                | Self::TooMuch {
                    unit: Unit::Bytes,
                    ..
                }
        );
        is_cut || self.kind().is_unreachable()
    }
}

impl ServiceError for RedisError {
    fn said(&self) -> Said {
        match self {
            Self::Unreachable { address, reason } => {
                ErrorRedisUnreachable { address, reason }.into()
            }
            Self::LoginRefused { address, message } => ErrorRedisLogin { address, message }.into(),
            Self::ConnectTimeout { address, limit } => {
                let limit = duration::text(*limit);
                ErrorRedisConnectTimeout { address, limit }.into()
            }
            Self::Timeout {
                address,
                command,
                limit,
            } => {
                let limit = duration::text(*limit);
                ErrorRedisTimeout {
                    address,
                    command,
                    limit,
                }
                .into()
            }
            Self::Disconnected { address, reason } => {
                ErrorRedisDisconnected { address, reason }.into()
            }
            Self::Denied {
                command, reason, ..
            } => ErrorRedisDenied { command, reason }.into(),
            Self::Refused { command, message } => ErrorRedisRefused { command, message }.into(),
            Self::Unexpected { command, expected } => match expected {
                Expected::Pairs => ErrorRedisNotPairs { command }.into(),
                Expected::Keys => ErrorRedisNotKeys { command }.into(),
                Expected::Number => ErrorRedisNotNumber { command }.into(),
                Expected::Bytes => ErrorRedisNotBytes { command }.into(),
            },
            Self::TooMuch {
                command,
                limit,
                unit,
            } => {
                let limit = *limit;
                match unit {
                    Unit::Keys => ErrorRedisTooManyKeys { command, limit }.into(),
                    Unit::Messages => ErrorRedisTooManyMessages { command, limit }.into(),
                    Unit::Bytes => ErrorRedisTooManyBytes { command, limit }.into(),
                }
            }
            Self::NoRoom { command } => ErrorRedisNoRoom {
                command,
                limit: memory::LIMIT >> 20,
            }
            .into(),
        }
    }

    fn service(&self) -> Service {
        Service::Redis
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. } => Kind::Unreachable,
            Self::LoginRefused { .. } => Kind::LoginRefused,
            Self::ConnectTimeout { .. } | Self::Timeout { .. } => Kind::Timeout,
            Self::Disconnected { .. } => Kind::Disconnected,
            Self::Denied { .. } => Kind::Denied,
            Self::Refused { .. } => Kind::Refused,
            Self::Unexpected { .. } => Kind::Protocol,
            Self::TooMuch { .. } | Self::NoRoom { .. } => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Unreachable { .. } => HintRedisUnreachable.into(),
            Self::LoginRefused { .. } => HintRedisLogin.into(),
            Self::ConnectTimeout { .. } | Self::Timeout { .. } => HintRedisTimeout.into(),
            Self::Disconnected { .. } => HintRedisDisconnected.into(),
            Self::Denied { advice, .. } => return advice.clone(),
            Self::TooMuch {
                unit: Unit::Bytes, ..
            } => HintRedisTooLarge.into(),
            Self::TooMuch { .. } => HintRedisTooMuch.into(),
            Self::NoRoom { .. } => HintNoRoom.into(),
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
        return RedisError::ConnectTimeout { address, limit };
    }
    let reason = words(error).into();
    RedisError::Unreachable { address, reason }
}

/// What it means for `command` that its answer was not taken.
pub fn of_refused(refused: Refused, command: &str) -> RedisError {
    let command = command.to_owned();
    match refused {
        Refused::TooLarge(TooLarge { most }) => RedisError::TooMuch {
            command,
            limit: most,
            unit: Unit::Bytes,
        },
        Refused::NoRoom(_) => RedisError::NoRoom { command },
    }
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
        return RedisError::Timeout {
            address,
            command,
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
            reason: words(error).into(),
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
