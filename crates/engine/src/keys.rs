//! Commands of Redis, sent; and what became of their keys.

use plan::key::{KeyWrite, SavedKey};
use plan::outcome::{Outcome, Status};
use planning::keys::save;
use sending::Writer;
use sentences::{OutcomeKeyOtherValue, OutcomeKeysUnsure, OutcomeLanded};
use session::Session;
use session::redis::{RedisError, RedisValue};
use site::grant::Permit;

/// Sends the command of a change.
pub async fn send(
    (session, writer): (&Session, &Writer),
    change: &KeyWrite,
    permits: Vec<Permit>,
) -> Outcome {
    let Some((name, arguments)) = change.words.split_first() else {
        return Outcome::of(Status::Failed);
    };
    let (redis, writer) = match (session.redis().await, writer.redis().await) {
        (Ok(redis), Ok(writer)) => (redis, writer),
        (Err(error), _) | (_, Err(error)) => {
            return Outcome::because(Status::Failed, error.to_string());
        }
    };
    let name = String::from_utf8_lossy(name);
    let answer = writer.write(&permits, &name, arguments).await;
    let mut outcome = match answer {
        Ok(RedisValue::Error(message)) => Outcome::because(Status::Failed, message),
        Ok(RedisValue::Int(0)) if name.eq_ignore_ascii_case("EVAL") => {
            Outcome::because(Status::Conflict, OutcomeKeyOtherValue)
        }
        Ok(_) => Outcome::of(Status::Applied),
        Err(error @ (RedisError::Timeout { .. } | RedisError::Disconnected { .. })) => {
            Outcome::because(Status::Unknown, error.to_string())
        }
        Err(error) => Outcome::because(Status::Failed, error.to_string()),
    };
    for saved in change.keys() {
        if let Ok(now) = save(&redis, &saved.key.to_vec()).await {
            outcome.keys.push(now);
        }
    }
    settle(change, &mut outcome);
    outcome
}

/// A command without an answer that changed its keys has landed.
fn settle(change: &KeyWrite, outcome: &mut Outcome) {
    let read_again = outcome.keys.len() == change.keys().count();
    if outcome.status != Status::Unknown || !read_again {
        return;
    }
    let value = |saved: &SavedKey| saved.dump.clone();
    let same = change.keys().map(value).eq(outcome.keys.iter().map(value));
    *outcome = match same {
        // A command may leave its keys as they were.
        true => Outcome::because(Status::Unknown, OutcomeKeysUnsure),
        false => Outcome {
            keys: std::mem::take(&mut outcome.keys),
            ..Outcome::because(Status::Applied, OutcomeLanded)
        },
    };
}
