//! Commands that write keys of Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::Cmd;
use redis::aio::ConnectionLike;

use connecting::redis::RedisConnection;
use session::redis::{Redis, RedisError, RedisValue, answered, connected, taken};
use session::{Session, SessionError};
use site::config::Limits;
use site::grant::{Permit, Target};

/// A connection to Redis that writes what permits name.
pub struct RedisWriter {
    /// Says what a command writes.
    redis: Arc<Redis>,
    limits: Limits,
    connection: RedisConnection,
    is_lost: AtomicBool,
}

impl RedisWriter {
    /// Connects to the Redis of `session`.
    pub(super) async fn open(session: &Session) -> Result<Self, SessionError> {
        let redis = session.redis().await?;
        let (place, limits) = (session.redis_place().await?, &session.site().limits);
        let opening = RedisConnection::open(&place, limits);
        let connection = connected(opening, (redis.address(), limits.connect)).await?;
        Ok(Self {
            redis,
            limits: limits.clone(),
            connection,
            is_lost: AtomicBool::new(false),
        })
    }

    /// Sends `command` with `arguments`, which may write the keys that `permits` name and no others.
    ///
    /// # Errors
    /// [`RedisError::Denied`] before it is sent, if there is a key without a permit; else as
    /// [`Redis::call`].
    pub async fn write(
        &self,
        permits: &[Permit],
        command: &str,
        arguments: &[Vec<u8>],
    ) -> Result<RedisValue, RedisError> {
        let keys = self.redis.written_keys(command, arguments).await?;
        let permitted = |key: &Vec<u8>| {
            permits.iter().any(|permit| {
                let target = permit.target();
                matches!(target, Target::Key(name) if name.as_bytes() == key.as_slice())
            })
        };
        match keys.iter().find(|key| !permitted(key)) {
            None => self.send(command, arguments).await,
            Some(key) => Err(RedisError::Denied {
                command: command.to_uppercase(),
                reason: format!("no permit names its key `{}`", String::from_utf8_lossy(key))
                    .into(),
                advice: None,
            }),
        }
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    async fn send(&self, command: &str, arguments: &[Vec<u8>]) -> Result<RedisValue, RedisError> {
        let mut packed = Cmd::new();
        packed.arg(command);
        for argument in arguments {
            packed.arg(argument);
        }
        let mut connection = self.connection.clone();
        let sending = connection.req_packed_command(&packed);
        let within = (self.redis.address(), self.limits.redis);
        let answer = answered(sending, command, within).await;
        let answer = taken(answer, &self.connection, command);
        if answer.as_ref().is_err_and(RedisError::ends_the_connection) {
            self.is_lost.store(true, Ordering::Relaxed);
        }
        answer.map(RedisValue::from)
    }
}
