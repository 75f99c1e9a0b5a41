//! The portal's Redis and Celery's broker.

use std::sync::Arc;

use session::clock::of_redis;
use session::redis::{Redis, RedisError, RedisValue};
use session::{Session, SessionError};
use site::config::Site;

use super::check::Check;
use super::clock;

/// Keys that the portal leaves in its own database; each may be away for a while.
const PORTAL_KEYS: [&str; 4] = [
    "quota_sync:last_run_ts",
    "cb:mikrotik:state",
    "policy_parity:last_report",
    "cache:public_settings",
];

/// A key that only Celery's broker has.
const BROKER_KEY: &str = "_kombu.binding.celery";

const BROKER_ADVICE: &str =
    "see that Celery's broker runs, and that CELERY_BROKER_URL has its host, port and password";

const CLOCK: &str = "clock-redis";

/// Connects, looks whether it is the portal's own database, and compares the clock.
pub async fn checks(session: &Session) -> Vec<Check> {
    match session.redis().await {
        Err(error) => vec![Check::of_error("redis", &error)],
        Ok(redis) => vec![
            Check::pass("redis", format!("connected to {}", redis.address())),
            keys(&redis).await,
            its_clock(&redis).await,
        ],
    }
}

/// Connects to Celery's broker, where the site names one.
pub async fn broker(site: &Site) -> Vec<Check> {
    let Some(target) = &site.broker else {
        return Vec::new();
    };
    vec![match Redis::connect(target, &site.limits).await {
        Ok(redis) => Check::pass("broker", format!("connected to {}", redis.address())),
        Err(error) => Check {
            advice: BROKER_ADVICE.to_owned(),
            ..Check::of_error("broker", &SessionError::from(error))
        },
    }]
}

async fn keys(redis: &Arc<Redis>) -> Check {
    const ID: &str = "redis-database";
    let found = (
        exists(redis, &PORTAL_KEYS).await,
        exists(redis, &[BROKER_KEY]).await,
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

async fn exists(redis: &Arc<Redis>, keys: &[&str]) -> Result<i64, RedisError> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.as_bytes().to_vec()).collect();
    match redis.call("EXISTS", &keys).await? {
        RedisValue::Int(count) => Ok(count),
        _ => Ok(0),
    }
}

async fn its_clock(redis: &Redis) -> Check {
    match of_redis(redis).await {
        Err(error) => Check::unknown(CLOCK, error.to_string(), "compare it with `date` by hand"),
        Ok(told) => clock::check_told(CLOCK, &told),
    }
}
