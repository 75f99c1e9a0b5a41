//! One question to all workers, and their answers: what is written to the broker for it, and that
//! it is removed again however the conversation ends.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::answer::Answers;
use super::error::CeleryError;
use super::heard::Heard;
use crate::redis::{Redis, RedisError, RedisValue};
use redis_wire::celery::{self as wire, Method};
use sentences::RedisRunEnded;
use site::config::{RedisTarget, RedisTopology};

/// How often the workers that stayed silent are asked.
const TRIES: usize = 2;
/// Between two looks into the queue of answers: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// Answers that are fetched in one look, and in all.
const BATCH: usize = 64;
const MOST_ANSWERS: usize = 10_000;
/// A worker that has read where to answer does so within this time, after it was too late.
const STRAGGLER: Duration = Duration::from_millis(150);
/// What a killed program left behind is removed after this time, in seconds: no question takes as
/// long, and clocks may differ a little.
const LEFT_BEHIND: i64 = 3_600;
/// The names of all questions begin with it, and go on with the second in which they were asked.
const NAME: &str = "tikbook-";
/// What cleaning up may take.
const CLEANING: Duration = Duration::from_secs(2);
/// Conversations of one session at a time.
const MOST_AT_ONCE: u32 = 16;

/// The conversations of a session that are going on.
#[derive(Clone)]
pub struct Conversations {
    at_work: Arc<Semaphore>,
    ended: CancellationToken,
}

impl Default for Conversations {
    fn default() -> Self {
        Self {
            at_work: Arc::new(Semaphore::new(MOST_AT_ONCE as usize)),
            ended: CancellationToken::new(),
        }
    }
}

impl Conversations {
    /// Asks all workers. The conversation goes on in a task of its own, so that it cleans up when
    /// nobody waits for it any more.
    ///
    /// # Errors
    /// [`CeleryError`], also where [`Conversations::end`] cut it off.
    pub async fn ask(
        &self,
        broker: &Arc<Redis>,
        target: &RedisTarget,
        wait: Duration,
        method: Method,
    ) -> Result<Answers, CeleryError> {
        let cut_off = || {
            CeleryError::Broker(RedisError::Disconnected {
                address: target.to_string(),
                reason: RedisRunEnded.into(),
            })
        };
        let place = Arc::clone(&self.at_work).acquire_owned().await;
        let place = place.map_err(|_| cut_off())?;
        let conversation = Conversation {
            broker: Arc::clone(broker),
            channels: channels(target),
            address: unique(),
            wait,
            method,
        };
        let ended = self.ended.clone();
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = conversation.hold() => Some(outcome),
                () = ended.cancelled() => None,
            };
            let is_complete = matches!(&outcome, Some(Ok((_, true))));
            conversation.clean_up(is_complete).await;
            // Whoever asked may have stopped waiting.
            drop(outcome.map(|outcome| sender.send(outcome.map(|(answers, _)| answers))));
            drop(place);
        });
        let outcome = receiver.await.map_err(|_| cut_off())?;
        outcome.map_err(CeleryError::in_question)
    }

    /// Ends all conversations, and waits until each has removed what it wrote.
    pub async fn end(&self) {
        self.ended.cancel();
        let all = self.at_work.acquire_many(MOST_AT_ONCE);
        // Beyond it the broker does not answer, and nothing can be removed.
        drop(tokio::time::timeout(CLEANING + STRAGGLER, all).await);
    }
}

struct Conversation {
    broker: Arc<Redis>,
    channels: Vec<String>,
    /// The name under which answers arrive, which nobody else has.
    address: String,
    /// For the answers to one try.
    wait: Duration,
    method: Method,
}

impl Conversation {
    /// What the workers said, and whether every one of them has said all it will.
    async fn hold(&self) -> Result<(Answers, bool), RedisError> {
        let mut heard = Heard::default();
        for _ in 0..TRIES {
            let ticket = unique();
            self.bind().await?;
            let subscribed = self.publish(&ticket).await?;
            heard.asked(ticket, subscribed);
            self.listen(&mut heard).await?;
            if heard.is_settled() {
                break;
            }
        }
        Ok((heard.answers(), heard.is_complete()))
    }

    /// Tells where answers are to go; for each try, as Redis may have forgotten it.
    async fn bind(&self) -> Result<(), RedisError> {
        let binding = wire::reply_binding(&self.address);
        self.write("SADD", &[wire::REPLY_BINDINGS, &binding])
            .await
            .map(drop)
    }

    /// How many workers the question reached.
    async fn publish(&self, ticket: &str) -> Result<usize, RedisError> {
        let expires = Timestamp::now().as_millisecond() as f64 / 1000.0 + self.wait.as_secs_f64();
        let question = wire::request(self.method, &self.address, ticket, expires);
        let mut reached = 0;
        for channel in &self.channels {
            let words = [channel.as_bytes().to_vec(), question.clone()];
            let answer = self.broker.send_without_permit("PUBLISH", &words).await?;
            if let RedisValue::Int(subscribed) = answer {
                reached += usize::try_from(subscribed).unwrap_or(0);
            }
        }
        Ok(reached)
    }

    /// Gathers answers until there are as many as workers, or time is up.
    async fn listen(&self, heard: &mut Heard) -> Result<(), RedisError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        while !heard.is_settled() {
            let elements = self.next_elements(heard.elements).await?;
            let is_empty = elements.is_empty();
            heard.take(&elements);
            if began.elapsed() >= self.wait || heard.elements >= MOST_ANSWERS {
                break;
            }
            if is_empty {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        Ok(())
    }

    /// The elements of the queue of answers that came after the first `seen`, oldest first. They stay
    /// in it: what is removed at the end is the whole queue.
    async fn next_elements(&self, seen: usize) -> Result<Vec<Vec<u8>>, RedisError> {
        // Workers push to the head: the first one that came is -1.
        let words = [
            wire::reply_queue(&self.address),
            format!("-{}", seen + BATCH),
            format!("-{}", seen + 1),
        ];
        let words = words.map(String::into_bytes);
        let RedisValue::Array(elements) = self.broker.call("LRANGE", &words).await? else {
            return Ok(Vec::new());
        };
        let elements = elements.into_iter().rev();
        Ok(elements.filter_map(RedisValue::into_bytes).collect())
    }

    /// Removes what the conversation wrote, and what was written to answer it.
    async fn clean_up(&self, is_complete: bool) {
        let removing = async {
            self.remove(&self.address).await?;
            if !is_complete {
                tokio::time::sleep(STRAGGLER).await;
                self.remove_queue(&self.address).await?;
            }
            self.remove_what_was_left_behind().await
        };
        if let Ok(Err(error)) = tokio::time::timeout(CLEANING, removing).await {
            tracing::warn!(
                "a question to celery's workers may have left its queue behind: {error}"
            );
        }
    }

    /// Removes what earlier questions of programs that were killed have left.
    async fn remove_what_was_left_behind(&self) -> Result<(), RedisError> {
        let words = [
            wire::REPLY_BINDINGS,
            "0",
            "MATCH",
            &format!("{NAME}*"),
            "COUNT",
            "1000",
        ];
        let words = words.map(|word| word.as_bytes().to_vec());
        let RedisValue::Array(answer) = self.broker.call("SSCAN", &words).await? else {
            return Ok(());
        };
        let Some(RedisValue::Array(bindings)) = answer.into_iter().nth(1) else {
            return Ok(());
        };
        let now = Timestamp::now().as_second();
        for binding in bindings.into_iter().filter_map(RedisValue::into_bytes) {
            if let Some(address) = left_behind(&binding, now) {
                self.remove(address).await?;
            }
        }
        Ok(())
    }

    /// Removes the binding and the queue of `address`.
    async fn remove(&self, address: &str) -> Result<(), RedisError> {
        let binding = wire::reply_binding(address);
        self.write("SREM", &[wire::REPLY_BINDINGS, &binding])
            .await?;
        self.remove_queue(address).await
    }

    async fn remove_queue(&self, address: &str) -> Result<(), RedisError> {
        let queue = wire::reply_queue(address);
        let lists = wire::PRIORITIES.map(|priority| wire::list_of(&queue, priority));
        self.write("DEL", &lists.each_ref().map(String::as_str))
            .await
            .map(drop)
    }

    async fn write(&self, command: &str, words: &[&str]) -> Result<RedisValue, RedisError> {
        let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        self.broker.send_without_permit(command, &words).await
    }
}

/// The channels on which the workers of a broker listen. Behind Sentinels, kombu before 5.4 did not
/// fill in the number of the database.
fn channels(target: &RedisTarget) -> Vec<String> {
    let mut channels = vec![wire::channel(target.database)];
    if matches!(target.topology, RedisTopology::Sentinel { .. }) {
        channels.push(wire::channel("{db}"));
    }
    channels
}

/// A name that no other program, here or elsewhere, gives to a question of its own.
fn unique() -> String {
    let random = || RandomState::new().build_hasher().finish();
    let seconds = Timestamp::now().as_second();
    format!("{NAME}{seconds}-{:016x}{:016x}", random(), random())
}

/// The address in `binding`, if it is of a question of this program that was asked long before `now`.
fn left_behind(binding: &[u8], now: i64) -> Option<&str> {
    let (address, _) = std::str::from_utf8(binding)
        .ok()?
        .split_once(wire::SEPARATOR)?;
    let (asked, _) = address.strip_prefix(NAME)?.split_once('-')?;
    let age = now.checked_sub(asked.parse().ok()?)?;
    (age > LEFT_BEHIND).then_some(address)
}

#[cfg(test)]
mod tests {
    use site::config::Secrets;

    use super::*;

    #[test]
    fn the_channel_has_the_number_of_the_brokers_database() {
        let channels = |url: &str| channels(&RedisTarget::parse(url, &Secrets::default()).unwrap());
        assert_eq!(channels("redis://h/1"), ["/1.celery.pidbox"]);
        assert_eq!(channels("redis://h"), ["/0.celery.pidbox"]);
        let both = ["/3.celery.pidbox", "/{db}.celery.pidbox"];
        assert_eq!(channels("redis+sentinel://h:26379/master/3"), both);
    }

    #[test]
    fn only_old_bindings_of_this_program_are_left_behind() {
        let of = |address: &str| wire::reply_binding(address).into_bytes();
        for (binding, expected) in [
            (of("tikbook-1000-ab"), Some("tikbook-1000-ab")),
            (of("tikbook-9000-ab"), None),
            (of("tikbook-99000-ab"), None),
            (of("tikbook--9223372036854775808-ab"), None),
            (of("tikbook-x-ab"), None),
            (of("celery-1000-ab"), None),
            (b"tikbook-1000-ab".to_vec(), None),
            (b"\xff".to_vec(), None),
        ] {
            assert_eq!(left_behind(&binding, 10_000), expected, "{binding:?}");
        }
        assert_eq!(
            left_behind(&of(&unique()), Timestamp::now().as_second()),
            None
        );
    }
}
