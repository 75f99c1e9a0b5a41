//! A lock of the site that runs on other machines see.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::database::AdvisoryLock;
use super::redis::{DELETE_IF_EQUALS, Redis, RedisError, RedisValue};

/// The lock's key in Redis; it writes nothing else of its own.
const KEY: &str = "tikbook:site_lock";
/// How long the lock outlives a run that died.
const LIFETIME: Duration = Duration::from_secs(60);
const RENEWAL: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(200);

/// A lock that is held, or that somebody else holds.
pub struct ServiceLock(State);

enum State {
    Busy,
    /// Held as long as its connection.
    Database {
        _lock: AdvisoryLock,
    },
    Redis(RedisLock),
}

struct RedisLock {
    redis: Arc<Redis>,
    token: String,
    renewal: JoinHandle<()>,
}

impl ServiceLock {
    pub(super) fn of_database(lock: Option<AdvisoryLock>) -> Self {
        Self(lock.map_or(State::Busy, |lock| State::Database { _lock: lock }))
    }

    pub(super) async fn of_redis(redis: Arc<Redis>, limit: Duration) -> Result<Self, RedisError> {
        let token = format!(
            "{}-{}",
            std::process::id(),
            jiff::Timestamp::now().as_nanosecond()
        );
        let began = Instant::now();
        while !is_taken(&redis, &token).await? {
            if began.elapsed() > limit {
                return Ok(Self(State::Busy));
            }
            tokio::time::sleep(AGAIN).await;
        }
        let renewal = tokio::spawn(renew(Arc::clone(&redis)));
        Ok(Self(State::Redis(RedisLock {
            redis,
            token,
            renewal,
        })))
    }

    /// Does somebody else hold it?
    pub fn is_busy(&self) -> bool {
        matches!(self.0, State::Busy)
    }

    /// Gives the lock back. One that is only dropped in Redis goes by itself after a minute.
    pub async fn release(self) {
        if let State::Redis(lock) = &self.0 {
            let words = [DELETE_IF_EQUALS, "1", KEY, &lock.token];
            let arguments = words.map(|word| word.as_bytes().to_vec());
            // It goes by itself if this does not reach Redis.
            drop(lock.redis.send_without_permit("EVAL", &arguments).await);
        }
    }
}

impl Drop for RedisLock {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn is_taken(redis: &Redis, token: &str) -> Result<bool, RedisError> {
    let life = LIFETIME.as_millis().to_string();
    let words = [KEY, token, "NX", "PX", &life];
    let arguments = words.map(|word| word.as_bytes().to_vec());
    let answer = redis.send_without_permit("SET", &arguments).await?;
    Ok(answer != RedisValue::Nil)
}

async fn renew(redis: Arc<Redis>) {
    let life = LIFETIME.as_millis().to_string();
    loop {
        tokio::time::sleep(RENEWAL).await;
        let words = [KEY, life.as_str()];
        // The next try may get through; the lock lives for three of them.
        drop(
            redis
                .send_without_permit("PEXPIRE", &words.map(|word| word.as_bytes().to_vec()))
                .await,
        );
    }
}
