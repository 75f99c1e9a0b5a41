//! Is it the portal's Redis, and the portal's own database of it?

use std::sync::Arc;

use portal::redis_key;
use redis_wire::celery::QUEUE_BINDINGS;

use super::{Redis, RedisError, RedisValue};
use crate::error::said_whole;
use crate::probe::{Check, clock};
use sentences::{
    DoctorClockByHand, DoctorRedis, DoctorRedisBroker, DoctorRedisBrokerAdvice, DoctorRedisKeys,
    DoctorRedisNoKeys, DoctorRedisNoKeysAdvice, DoctorRedisUnreadAdvice,
};

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
        Check::pass(
            "redis",
            DoctorRedis {
                address: redis.address(),
            },
        ),
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
        (Ok(1..), _) => Check::pass(ID, DoctorRedisKeys),
        (Ok(_), Ok(1..)) => Check::fail(ID, DoctorRedisBroker, DoctorRedisBrokerAdvice),
        (Ok(_), Ok(_)) => Check::warn(ID, DoctorRedisNoKeys, DoctorRedisNoKeysAdvice),
        (Err(error), _) | (_, Err(error)) => {
            Check::fail(ID, said_whole(&error), DoctorRedisUnreadAdvice)
        }
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
        Err(error) => Check::unknown(CLOCK, said_whole(&error), DoctorClockByHand),
        Ok(told) => clock::check_told(CLOCK, &told),
    }
}
