//! What waits in the queues of a broker, and what workers have taken and not acknowledged. A message
//! does not tell when it was sent (seen in the field).

use std::collections::HashMap;

use super::Celery;
use super::error::CeleryError;
use crate::redis::{Expected, Redis, RedisError, RedisValue, Unit};
use redis_wire::celery::{self as wire, Message, PRIORITIES, UNACKED, UNACKED_INDEX};

/// Workers take a few messages for each of their processes.
const MOST_PREFETCHED: i64 = 10_000;

/// A queue at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Messages that no worker has taken, of all priorities.
    pub waiting: i64,
    /// Messages that workers have taken and not acknowledged.
    pub prefetched: i64,
    /// The message that is taken next.
    pub oldest: Option<Message>,
    /// The message that was sent last, of the priority of the oldest.
    pub newest: Option<Message>,
}

/// A message that a worker has taken and not acknowledged: at work, or waiting for a process or
/// for its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Prefetched {
    /// The message.
    pub message: Message,
    /// The queue it came from.
    pub queue: Option<String>,
    /// When it was taken, in seconds of Unix time by the worker's clock.
    pub at: Option<f64>,
}

impl Celery {
    /// The queue `name` at this moment. A queue that is not there is empty.
    ///
    /// # Errors
    /// [`CeleryError::Broker`].
    pub async fn queue(&self, name: &str) -> Result<Queue, CeleryError> {
        let mut queue = self.waiting_of(name).await.map_err(CeleryError::Broker)?;
        let held = self.prefetched().await?;
        let of_queue = held
            .iter()
            .filter(|held| held.queue.as_deref() == Some(name));
        queue.prefetched = i64::try_from(of_queue.count()).unwrap_or(i64::MAX);
        Ok(queue)
    }

    /// Is `message` still the next one of its priority in the queue `name`?
    ///
    /// # Errors
    /// [`CeleryError::Broker`].
    pub async fn is_next(&self, name: &str, message: &Message) -> Result<bool, CeleryError> {
        for priority in PRIORITIES {
            let list = wire::list_of(name, priority);
            let next = element(&self.broker, &list, "-1").await;
            if next.map_err(CeleryError::Broker)?.as_ref() == Some(message) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Up to `most` messages of the queue `name`, in the order in which they are taken.
    ///
    /// # Errors
    /// [`CeleryError::Broker`].
    pub async fn waiting(&self, name: &str, most: usize) -> Result<Vec<Message>, CeleryError> {
        let mut messages: Vec<Message> = Vec::new();
        for priority in PRIORITIES {
            let list = wire::list_of(name, priority);
            let left = most - messages.len();
            if left == 0 {
                break;
            }
            let found = tail(&self.broker, &list, left)
                .await
                .map_err(CeleryError::Broker)?;
            messages.extend(found.iter().rev().map(|bytes| wire::message(bytes)));
        }
        Ok(messages)
    }

    /// The messages that workers have taken and not acknowledged, those taken first before the others.
    ///
    /// # Errors
    /// [`CeleryError::Broker`], also beyond ten thousand.
    pub async fn prefetched(&self) -> Result<Vec<Prefetched>, CeleryError> {
        read_prefetched(&self.broker)
            .await
            .map_err(CeleryError::Broker)
    }

    async fn waiting_of(&self, name: &str) -> Result<Queue, RedisError> {
        let mut queue = Queue::default();
        for priority in PRIORITIES {
            let list = wire::list_of(name, priority);
            let length = number(&self.broker, "LLEN", &list).await?;
            if length > 0 && queue.waiting == 0 {
                queue.oldest = element(&self.broker, &list, "-1").await?;
                queue.newest = element(&self.broker, &list, "0").await?;
            }
            queue.waiting += length;
        }
        Ok(queue)
    }
}

async fn read_prefetched(broker: &Redis) -> Result<Vec<Prefetched>, RedisError> {
    let count = number(broker, "HLEN", UNACKED).await?;
    if count > MOST_PREFETCHED {
        return Err(RedisError::TooMuch {
            command: format!("HGETALL {UNACKED}"),
            limit: MOST_PREFETCHED as usize,
            unit: Unit::Messages,
        });
    }
    let times = taken_at(broker).await?;
    let mut held: Vec<Prefetched> = broker
        .hash(UNACKED.as_bytes())
        .await?
        .iter()
        .map(|(tag, bytes)| {
            let (message, queue) = wire::unacknowledged(bytes);
            let at = times.get(tag).copied();
            Prefetched { message, queue, at }
        })
        .collect();
    held.sort_by(|one, other| {
        let at = |held: &Prefetched| held.at.unwrap_or(f64::MAX);
        at(one).total_cmp(&at(other))
    });
    Ok(held)
}

/// When each message was taken, by its delivery tag.
async fn taken_at(broker: &Redis) -> Result<HashMap<Vec<u8>, f64>, RedisError> {
    let words = [
        UNACKED_INDEX,
        "0",
        &MOST_PREFETCHED.to_string(),
        "WITHSCORES",
    ]
    .map(|word| word.as_bytes().to_vec());
    let answer = broker.call("ZRANGE", &words).await?;
    let pairs = answer.into_pairs().unwrap_or_default().into_iter();
    Ok(pairs
        .filter_map(|(tag, score)| Some((tag.into_bytes()?, seconds(score)?)))
        .collect())
}

fn seconds(score: RedisValue) -> Option<f64> {
    let seconds = match score {
        RedisValue::Double(seconds) => seconds,
        RedisValue::Int(seconds) => seconds as f64,
        other => std::str::from_utf8(&other.into_bytes()?)
            .ok()?
            .parse()
            .ok()?,
    };
    seconds.is_finite().then_some(seconds)
}

async fn number(broker: &Redis, command: &str, key: &str) -> Result<i64, RedisError> {
    match broker.call(command, &[key.as_bytes().to_vec()]).await? {
        RedisValue::Int(number) => Ok(number),
        _ => Err(RedisError::Unexpected {
            command: command.to_owned(),
            expected: Expected::Number,
        }),
    }
}

async fn element(broker: &Redis, list: &str, index: &str) -> Result<Option<Message>, RedisError> {
    let words = [list, index].map(|word| word.as_bytes().to_vec());
    let found = broker.call("LINDEX", &words).await?.into_bytes();
    Ok(found.map(|bytes| wire::message(&bytes)))
}

/// The last `most` elements of a list, in its order.
pub(super) async fn tail(
    redis: &Redis,
    list: &str,
    most: usize,
) -> Result<Vec<Vec<u8>>, RedisError> {
    let words = [list, &format!("-{most}"), "-1"].map(|word| word.as_bytes().to_vec());
    let RedisValue::Array(elements) = redis.call("LRANGE", &words).await? else {
        return Ok(Vec::new());
    };
    let elements = elements.into_iter();
    Ok(elements.filter_map(RedisValue::into_bytes).collect())
}
