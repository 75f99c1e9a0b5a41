//! Does Celery's broker answer?

use crate::Session;
use crate::error::SessionError;
use crate::probe::{Check, Probe, of_error};
use crate::redis::Redis;
use sentences::{DoctorBroker, DoctorBrokerAdvice};
use site::config::{Limits, RedisTarget};

const ID: &str = "broker";

/// Connects to the broker, where the site names one.
pub(super) fn probes(session: &Session) -> Vec<Probe<'_>> {
    let site = session.site();
    let broker = site.endpoints.broker.iter();
    broker
        .map(|target| Probe::new(ID, checks(target, &site.limits)))
        .collect()
}

async fn checks(target: &RedisTarget, limits: &Limits) -> Vec<Check> {
    vec![match Redis::connect(target, limits).await {
        Ok(redis) => Check::pass(
            ID,
            DoctorBroker {
                address: redis.address(),
            },
        ),
        Err(error) => Check {
            advice: DoctorBrokerAdvice.into(),
            ..of_error(ID, &SessionError::from(error))
        },
    }]
}
