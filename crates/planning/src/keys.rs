//! Keys of Redis that changes are about: named, and saved by DUMP as they are before.

use super::error::ChangeError;
use plan::bytes::HexBytes;
use plan::change::Change;
use plan::key::{KeyWrite, SavedKey};
use plan::outcome::{Difference, Outcome, Status};
use sentences::{
    DifferenceAnotherValue, DifferenceNoValue, DifferencePlansValue, OutcomeKeyAbsent,
    OutcomeKeyChanged, OutcomeKeyGone, OutcomeKeyOtherValue, RedisNoKeys,
};
use session::redis::{Expected, Redis, RedisError, RedisValue};
use session::{Session, SessionError};
use wording::bytes::shown;

/// The command of `words` as a change of the keys that it writes, as the server itself names them.
///
/// # Errors
/// [`ChangeError::Session`] for a command that does more than write keys, or if Redis cannot be asked.
pub async fn named(
    session: &Session,
    words: Vec<Vec<u8>>,
    reason: &str,
) -> Result<Change, ChangeError> {
    let redis = session.redis().await?;
    let command = words.first().cloned().unwrap_or_default();
    let command = String::from_utf8_lossy(&command);
    let keys = redis.written_keys(&command, &words[1..]).await?;
    let mut keys = keys.into_iter().map(SavedKey::named);
    let Some(first) = keys.next() else {
        return Err(RedisError::Denied {
            command: command.into_owned(),
            reason: RedisNoKeys.into(),
            advice: None,
        }
        .into());
    };
    Ok(Change::command(words, first, keys.collect(), reason))
}

/// Reads the keys of a change as they are now, and holds them against what was expected where that
/// is known. With an outcome the change is not to be made.
///
/// # Errors
/// [`ChangeError::Session`] if Redis cannot be asked.
pub async fn judge(
    session: &Session,
    change: &mut KeyWrite,
) -> Result<Option<Outcome>, ChangeError> {
    let redis = session.redis().await?;
    let mut differences = Vec::new();
    for saved in change.keys_mut() {
        let now = save(&redis, &saved.key.to_vec()).await?;
        if saved.dump.is_some() && saved.dump != now.dump {
            differences.push(Difference {
                field: shown(&saved.key.to_vec()).into_owned(),
                expected: Some(DifferencePlansValue.into()),
                found: Some(match now.dump {
                    None => DifferenceNoValue.into(),
                    Some(_) => DifferenceAnotherValue.into(),
                }),
            });
        }
        *saved = now;
    }
    if !differences.is_empty() {
        return Ok(Some(Outcome {
            differences,
            ..Outcome::because(Status::Conflict, OutcomeKeyChanged)
        }));
    }
    without_effect(&redis, change).await
}

/// What can be known of a command before it is sent: that it would find nothing to change.
async fn without_effect(redis: &Redis, change: &KeyWrite) -> Result<Option<Outcome>, ChangeError> {
    let name = change.words.first().cloned().unwrap_or_default();
    let is_absent = change.keys().all(|saved| saved.dump.is_none());
    match (name.to_ascii_uppercase().as_slice(), is_absent) {
        (b"DEL" | b"UNLINK" | b"EVAL", true) => {
            Ok(Some(Outcome::because(Status::Skipped, OutcomeKeyGone)))
        }
        (b"EXPIRE" | b"PEXPIRE", true) => {
            Ok(Some(Outcome::because(Status::Skipped, OutcomeKeyAbsent)))
        }
        (b"EVAL", false) => {
            let key = change.first.key.to_vec();
            let value = redis.call("GET", &[key]).await?.into_bytes();
            let is_same = value.as_ref() == change.words.last();
            Ok((!is_same).then(|| Outcome::because(Status::Conflict, OutcomeKeyOtherValue)))
        }
        _ => Ok(None),
    }
}

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
        _ => return Err(unexpected("DUMP", Expected::Bytes).into()),
    };
    let ttl = match redis.call("PTTL", &argument).await? {
        RedisValue::Int(left) => u64::try_from(left).ok(),
        _ => return Err(unexpected("PTTL", Expected::Number).into()),
    };
    Ok(SavedKey {
        key: key.to_vec().into(),
        dump,
        ttl,
    })
}
