//! Celery, over its broker: what its workers answer, what waits in its queues, what its tasks gave.
//!
//! A question to workers writes to the broker; see `conversation` for what, and that it is
//! removed again. A broker whose transport options set `global_keyprefix` or `fanout_prefix` has
//! other names for everything, and looks as if it had no workers and empty queues.

pub mod answer;
mod conversation;
mod error;
mod heard;
mod probe;
mod queue;
mod results;

use std::sync::Arc;
use std::time::Duration;

use crate::Session;
use crate::error::SessionError;
use crate::open::Open;
use crate::probe::Probe;
use crate::redis::{self, Redis};
use site::config::{Endpoint, Limits, RedisTarget, RedisTopology, Site};

pub use answer::Answers;
pub use conversation::Conversations;
pub use error::CeleryError;
pub use queue::{Prefetched, Queue};
pub use redis_wire::celery::{Message, Method};
pub use results::{DeadLetter, Results, TaskResult, dead_letters};

/// The demo's workers have answered when the question is sent, or never will.
const DEMO_WAIT: Duration = Duration::from_millis(20);

/// The broker of a site's Celery.
pub struct Celery {
    broker: Arc<Redis>,
    target: RedisTarget,
    /// For the answers to one try.
    wait: Duration,
    conversations: Conversations,
}

impl Open for Celery {
    const ENDPOINT: Endpoint = Endpoint::BROKER;

    type Place = RedisTarget;

    fn places(site: &Site) -> &[RedisTarget] {
        site.endpoints.broker.as_slice()
    }

    async fn open(place: &RedisTarget, session: &Session) -> Result<Self, SessionError> {
        let conversations = session.conversations().clone();
        Ok(Self::connect(place, &session.site().limits, conversations).await?)
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let place = redis::of_demo(session, demo::BROKER).await?;
        let celery = Self::open(&place, session).await?;
        Ok(Some(Self {
            wait: DEMO_WAIT,
            ..celery
        }))
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        probe::probes(session)
    }
}

impl Open for Results {
    const ENDPOINT: Endpoint = Endpoint::RESULTS;

    type Place = RedisTarget;

    fn places(site: &Site) -> &[RedisTarget] {
        site.endpoints.results.as_slice()
    }

    async fn open(place: &RedisTarget, session: &Session) -> Result<Self, SessionError> {
        Ok(Self::connect(place, &session.site().limits).await?)
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let place = redis::of_demo(session, demo::RESULTS).await?;
        Self::open(&place, session).await.map(Some)
    }

    /// The broker's is the one of Celery.
    fn probes(_: &Session) -> Vec<Probe<'_>> {
        Vec::new()
    }
}

impl Celery {
    /// Connects to the broker.
    ///
    /// # Errors
    /// [`CeleryError::Broker`] within `limits.connect`.
    pub async fn connect(
        target: &RedisTarget,
        limits: &Limits,
        conversations: Conversations,
    ) -> Result<Self, CeleryError> {
        let broker = Redis::connect(target, limits).await;
        Ok(Self {
            broker: Arc::new(broker.map_err(CeleryError::Broker)?),
            target: target.clone(),
            wait: limits.celery,
            conversations,
        })
    }

    /// Asks all workers, those that stay silent once more; a try waits for the site's limit
    /// for Celery. Without a worker there is no wait.
    ///
    /// # Errors
    /// [`CeleryError`].
    pub async fn ask(&self, method: Method) -> Result<Answers, CeleryError> {
        if self.target.topology == RedisTopology::Cluster {
            let address = self.target.to_string();
            return Err(CeleryError::Cluster { address });
        }
        let asked = self
            .conversations
            .ask(&self.broker, &self.target, self.wait, method);
        asked.await
    }
}
