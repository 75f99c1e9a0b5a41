//! Waits for a driver of Redis, and tells what came of it.

use std::time::Duration;

use redis::{RedisResult, Value};
use tokio::time::timeout;

use super::error::{self, RedisError};
use connecting::redis::RedisConnection;

/// The connection to `address` that `opening` gives within `limit`.
///
/// # Errors
/// [`RedisError::Unreachable`], [`RedisError::LoginRefused`] or [`RedisError::ConnectTimeout`].
pub async fn connected<T>(
    opening: impl Future<Output = RedisResult<T>>,
    (address, limit): (&str, Duration),
) -> Result<T, RedisError> {
    match timeout(limit, opening).await {
        Ok(Ok(opened)) => Ok(opened),
        Ok(Err(error)) => Err(error::on_connecting(&error, address, limit)),
        Err(_) => Err(RedisError::ConnectTimeout {
            address: address.to_owned(),
            limit,
        }),
    }
}

/// The answer to `command` that `sending` gives within `limit`.
///
/// # Errors
/// [`RedisError::Refused`] with the server's words, [`RedisError::Timeout`] or
/// [`RedisError::Disconnected`].
pub async fn answered(
    sending: impl Future<Output = RedisResult<Value>>,
    command: &str,
    (address, limit): (&str, Duration),
) -> Result<Value, RedisError> {
    let error = match timeout(limit, sending).await {
        Ok(Ok(Value::ServerError(error))) => error.into(),
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error,
        Err(_) => {
            return Err(RedisError::Timeout {
                address: address.to_owned(),
                command: command.to_owned(),
                limit,
            });
        }
    };
    Err(error::in_command(&error, command, address, limit))
}

/// The answer to `command` that came over `connection`; where it was not taken, why.
///
/// # Errors
/// Those of `answer`; [`RedisError::TooMuch`] or [`RedisError::NoRoom`].
pub fn taken(
    answer: Result<Value, RedisError>,
    connection: &RedisConnection,
    command: &str,
) -> Result<Value, RedisError> {
    match (answer, connection.refused()) {
        (Err(_), Some(refused)) => Err(error::of_refused(refused, command)),
        (answer, _) => answer,
    }
}
