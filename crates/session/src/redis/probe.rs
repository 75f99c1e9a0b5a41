//! Is it the portal's Redis, and the portal's own database of it?

use std::sync::Arc;

use portal::redis_key;
use redis_wire::celery::QUEUE_BINDINGS;

use super::{Redis, RedisError, RedisValue};
use crate::probe::{Check, clock};

/// Keys that the portal leaves in its own database; each may be away for a while.
const PORTAL_KEYS: [&str; 4] = [
    redis_key::LAST_RUN,
    redis_key::ROUTER_BREAKER,
    redis_key::PARITY_REPORT,
    redis_key::PUBLIC_SETTINGS,
];

const CLOCK: &str = "clock-redis";

/// Looks whether it is the portal's own database, and compares the clock.
pub(super) async fn checks(redis: Arc<Redis>) -> Vec<Check> {
    vec![
        Check::pass("redis", format!("connected to {}", redis.address())),
        keys(&redis).await,
        its_clock(&redis).await,
    ]
}

async fn keys(redis: &Redis) -> Check {
    const ID: &str = "redis-database";
    let found = (
        exists(redis, &PORTAL_KEYS).await,
        exists(redis, &[QUEUE_BINDINGS]).await,
    );
    match found {
        (Ok(1..), _) => Check::pass(ID, "the portal's own keys are there"),
        (Ok(_), Ok(1..)) => Check::fail(
            ID,
            "this is the database of Celery's broker, not the portal's own",
            "set REDIS_DB_OTP, or the number at the end of REDIS_URL, to the portal's database (0)",
        ),
        (Ok(_), Ok(_)) => Check::warn(
            ID,
            "none of the portal's keys is there",
            "the sync has not run since Redis started, or REDIS_DB_OTP names another database",
        ),
        (Err(error), _) | (_, Err(error)) => Check::fail(
            ID,
            error.to_string(),
            "see that this user of Redis may read: +@read",
        ),
    }
}

async fn exists(redis: &Redis, keys: &[&str]) -> Result<i64, RedisError> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.as_bytes().to_vec()).collect();
    match redis.call("EXISTS", &keys).await? {
        RedisValue::Int(count) => Ok(count),
        _ => Ok(0),
    }
}

async fn its_clock(redis: &Redis) -> Check {
    match redis.clock().await {
        Err(error) => Check::unknown(CLOCK, error.to_string(), "compare it with `date` by hand"),
        Ok(told) => clock::check_told(CLOCK, &told),
    }
}
