//! What sends changes, each with the leave to write its target. These are functions and no methods: who
//! holds a connection and does not depend on this crate has no way to them.

use site::grant::Permit;

use super::database::{Database, DatabaseError, SqlValue, Touched};
use super::redis::{Redis, RedisError, RedisValue};
use super::router::RouterReader;

pub use super::router::RouterWriter;

/// What `permit` lets write: one menu of this router. `None` for a permit of another service.
pub fn router(router: &RouterReader, permit: Permit) -> Option<RouterWriter> {
    router.writer(permit)
}

/// Sends `command` with `arguments` to Redis, which may write the keys that `permits` name and no
/// others.
///
/// # Errors
/// [`RedisError::Denied`] before it is sent, if there is a key without a permit; else as
/// [`Redis::call`].
pub async fn redis(
    redis: &Redis,
    permits: &[Permit],
    command: &str,
    arguments: &[Vec<u8>],
) -> Result<RedisValue, RedisError> {
    redis.write(permits, command, arguments).await
}

/// Executes one statement that writes the tables of `permits`, in a transaction of its own, outside of
/// the snapshot. `stays` is told what it did before that lasts, and if it says no, nothing of it does.
///
/// # Errors
/// [`DatabaseError::Undeclared`] if a cascade or a trigger changes a table that no permit names, and
/// then nothing of it lasts; [`DatabaseError::Denied`] for a statement that could write anything else,
/// or that the server could not take back or count; else as [`Database::rows`]. After
/// [`DatabaseError::Disconnected`] and [`DatabaseError::Timeout`] it was executed or not.
pub async fn statement(
    database: &Database,
    permits: &[Permit],
    sql: &str,
    parameters: &[SqlValue],
    stays: impl FnOnce(&Touched) -> bool + Send,
) -> Result<Touched, DatabaseError> {
    database.execute(permits, sql, parameters, stays).await
}
