//! Celery, over its broker: what its workers answer, what waits in its queues, what its tasks gave.
//!
//! A question to workers writes to the broker; see `conversation` for what, and that it is
//! removed again. A broker whose transport options set `global_keyprefix` or `fanout_prefix` has
//! other names for everything, and looks as if it had no workers and empty queues.

pub mod answer;
mod conversation;
mod error;
mod heard;
mod queue;
mod results;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use crate::redis::Redis;
use site::config::{Limits, RedisTarget, RedisTopology};

pub use answer::Answers;
pub use conversation::Conversations;
pub use error::CeleryError;
pub use queue::{Prefetched, Queue};
pub use results::{DeadLetter, Results, TaskResult, dead_letters};
pub use wire::{Message, Method};

/// The broker of a site's Celery.
pub struct Celery {
    broker: Arc<Redis>,
    target: RedisTarget,
    /// For the answers to one try.
    wait: Duration,
    conversations: Conversations,
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

    /// The same broker with another wait for answers.
    pub(super) fn waiting_for(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}
