//! Changes of keys of Redis: saved by DUMP before, sent, saved again after.

use super::error::ChangeError;
use super::planned::{Bytes, Change, Difference, HexBytes, Outcome, SavedKey, Status};
use session::redis::{Redis, RedisError, RedisValue};
use session::{Session, SessionError, write};
use site::grant::Permit;
use wording::bytes::shown;

/// Names the keys that a change writes, where its maker did not: as the server itself does.
///
/// # Errors
/// [`ChangeError::Session`] for a command that does more than write keys, or if Redis cannot be asked.
pub async fn name(session: &Session, change: &mut Change) -> Result<(), ChangeError> {
    if !change.keys.is_empty() || change.words.is_empty() {
        return Ok(());
    }
    let words: Vec<Vec<u8>> = change.words.iter().map(|word| word.to_vec()).collect();
    let redis = session.redis().await?;
    let command = words.first().cloned().unwrap_or_default();
    let command = String::from_utf8_lossy(&command);
    let keys = redis.written_keys(&command, &words[1..]).await?;
    *change = Change::command(words, keys, &change.reason);
    Ok(())
}

/// Reads the keys of a change as they are now, and holds them against what was expected where that
/// is known. With an outcome the change is not to be made.
///
/// # Errors
/// [`ChangeError::Session`] if Redis cannot be asked.
pub async fn judge(session: &Session, change: &mut Change) -> Result<Option<Outcome>, ChangeError> {
    let redis = session.redis().await?;
    let mut differences = Vec::new();
    for saved in &mut change.keys {
        let now = save(&redis, &saved.key.to_vec()).await?;
        if saved.dump.is_some() && saved.dump != now.dump {
            differences.push(Difference {
                field: shown(&saved.key.to_vec()).into_owned(),
                expected: Some("the value that the plan was made with".to_owned()),
                found: Some(
                    now.dump
                        .as_ref()
                        .map_or("no value", |_| "another value")
                        .to_owned(),
                ),
            });
        }
        *saved = now;
    }
    if !differences.is_empty() {
        return Ok(Some(Outcome {
            differences,
            ..Outcome::because(Status::Conflict, "the key changed meanwhile")
        }));
    }
    without_effect(&redis, change).await
}

/// What can be known of a command before it is sent: that it would find nothing to change.
async fn without_effect(redis: &Redis, change: &Change) -> Result<Option<Outcome>, ChangeError> {
    let name = change.words.first().map(Bytes::to_vec).unwrap_or_default();
    let is_absent = change.keys.iter().all(|saved| saved.dump.is_none());
    match (name.to_ascii_uppercase().as_slice(), is_absent) {
        (b"DEL" | b"UNLINK" | b"EVAL", true) => Ok(Some(Outcome::because(
            Status::Skipped,
            "the key is gone already",
        ))),
        (b"EXPIRE" | b"PEXPIRE", true) => Ok(Some(Outcome::because(
            Status::Skipped,
            "the key is not there",
        ))),
        (b"EVAL", false) => {
            let key = change.keys.first().map(|saved| saved.key.to_vec());
            let value = redis
                .call("GET", &[key.unwrap_or_default()])
                .await?
                .into_bytes();
            let is_same = value == change.words.last().map(Bytes::to_vec);
            Ok((!is_same).then(|| Outcome::because(Status::Conflict, OTHER_VALUE)))
        }
        _ => Ok(None),
    }
}

const OTHER_VALUE: &str = "the key has another value now";

/// A key as it is now.
///
/// # Errors
/// [`RedisError`].
pub async fn save(redis: &Redis, key: &[u8]) -> Result<SavedKey, SessionError> {
    let argument = [key.to_vec()];
    // An answer of another kind says nothing: it is neither no key nor a key that stays.
    let unexpected = |command: &str, expected| RedisError::Unexpected {
        command: command.to_owned(),
        expected,
    };
    let dump = match redis.call("DUMP", &argument).await? {
        RedisValue::Nil => None,
        RedisValue::Bytes(dump) => Some(HexBytes(dump)),
        _ => return Err(unexpected("DUMP", "bytes").into()),
    };
    let ttl = match redis.call("PTTL", &argument).await? {
        RedisValue::Int(left) => u64::try_from(left).ok(),
        _ => return Err(unexpected("PTTL", "a number").into()),
    };
    Ok(SavedKey {
        key: key.to_vec().into(),
        dump,
        ttl,
    })
}

/// Sends the command of a change.
pub async fn send(session: &Session, change: &Change, permits: Vec<Permit>) -> Outcome {
    let words: Vec<Vec<u8>> = change.words.iter().map(|word| word.to_vec()).collect();
    let Some((name, arguments)) = words.split_first() else {
        return Outcome::of(Status::Failed);
    };
    let redis = match session.redis().await {
        Ok(redis) => redis,
        Err(error) => return Outcome::because(Status::Failed, error.to_string()),
    };
    let name = String::from_utf8_lossy(name);
    let answer = write::redis(&redis, &permits, &name, arguments).await;
    let mut outcome = match answer {
        Ok(RedisValue::Error(message)) => Outcome::because(Status::Failed, message),
        Ok(RedisValue::Int(0)) if name.eq_ignore_ascii_case("EVAL") => {
            Outcome::because(Status::Conflict, OTHER_VALUE)
        }
        Ok(_) => Outcome::of(Status::Applied),
        Err(error @ (RedisError::Timeout { .. } | RedisError::Disconnected { .. })) => {
            Outcome::because(Status::Unknown, error.to_string())
        }
        Err(error) => Outcome::because(Status::Failed, error.to_string()),
    };
    for saved in &change.keys {
        if let Ok(now) = save(&redis, &saved.key.to_vec()).await {
            outcome.keys.push(now);
        }
    }
    settle(change, &mut outcome);
    outcome
}

/// A command without an answer that changed its keys has landed.
fn settle(change: &Change, outcome: &mut Outcome) {
    let read_again = outcome.keys.len() == change.keys.len();
    if outcome.status != Status::Unknown || !read_again {
        return;
    }
    let value = |saved: &SavedKey| saved.dump.clone();
    let same = change
        .keys
        .iter()
        .map(value)
        .eq(outcome.keys.iter().map(value));
    *outcome = match same {
        // A command may leave its keys as they were.
        true => Outcome::because(
            Status::Unknown,
            "no answer came, and the keys are as they were",
        ),
        false => Outcome {
            keys: std::mem::take(&mut outcome.keys),
            ..Outcome::because(Status::Applied, "no answer came; read again, it had landed")
        },
    };
}
