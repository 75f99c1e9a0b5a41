//! What tasks gave: the store of results, and the dead letters that the portal itself writes.

use redis_wire::celery::RESULT;
use serde_json::Value as Json;

use super::error::CeleryError;
use super::queue::tail;
use crate::redis::{Redis, RedisError, RedisValue};
use site::config::{Limits, RedisTarget};

/// A store with more results is not looked through.
const MOST_RESULTS: usize = 100_000;
/// Results that are fetched at a time.
const BATCH: usize = 500;

/// The store of results of a site's Celery.
pub struct Results(Redis);

/// What a task gave. The store does not know the task's name.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskResult {
    /// The id of the task.
    pub id: String,
    /// `SUCCESS`, `FAILURE`, `RETRY`, `STARTED`, `REVOKED`.
    pub status: Option<String>,
    /// When it ended (RFC 3339, or as Celery wrote it).
    pub done_at: Option<String>,
    /// What it returned; null for one that failed.
    pub result: Json,
    /// The kind and the words of the error of one that failed.
    pub error: Option<String>,
}

/// A task that failed for the last time, as the portal notes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeadLetter {
    /// The name of the task.
    pub task: Option<String>,
    /// Its error.
    pub error: Option<String>,
    /// When, as the portal wrote it.
    pub created_at: Json,
}

impl Results {
    /// Connects to the store.
    ///
    /// # Errors
    /// [`CeleryError::Results`] within `limits.connect`.
    pub async fn connect(target: &RedisTarget, limits: &Limits) -> Result<Self, CeleryError> {
        let redis = Redis::connect(target, limits).await;
        redis.map(Self).map_err(CeleryError::Results)
    }

    /// The result of the task `id`; `None` if there is none, or none any more.
    ///
    /// # Errors
    /// [`CeleryError::Results`].
    pub async fn result(&self, id: &str) -> Result<Option<TaskResult>, CeleryError> {
        let key = format!("{RESULT}{id}").into_bytes();
        let found = self.0.call("GET", &[key]).await;
        let found = found.map_err(CeleryError::Results)?.into_bytes();
        Ok(found.map(|bytes| result(id, &bytes)))
    }

    /// The `most` results that ended last, the last one at the end.
    ///
    /// # Errors
    /// [`CeleryError::Results`], also where there are more than a hundred thousand.
    pub async fn latest(&self, most: usize) -> Result<Vec<TaskResult>, CeleryError> {
        let mut results = self.all().await.map_err(CeleryError::Results)?;
        results.sort_by(|one, other| one.done_at.cmp(&other.done_at));
        let first = results.len().saturating_sub(most);
        Ok(results.split_off(first))
    }

    async fn all(&self) -> Result<Vec<TaskResult>, RedisError> {
        let pattern = format!("{RESULT}*");
        let keys = self.0.scan(pattern.as_bytes(), MOST_RESULTS).await?;
        let mut results = Vec::new();
        for keys in keys.chunks(BATCH) {
            let RedisValue::Array(values) = self.0.call("MGET", keys).await? else {
                continue;
            };
            for (key, value) in keys.iter().zip(values) {
                let key = String::from_utf8_lossy(key);
                let id = key.strip_prefix(RESULT).unwrap_or_default();
                // One that went meanwhile, or is of another type, is none.
                results.extend(value.into_bytes().map(|bytes| TaskResult {
                    result: Json::Null,
                    ..result(id, &bytes)
                }));
            }
        }
        Ok(results)
    }
}

fn result(id: &str, bytes: &[u8]) -> TaskResult {
    let json: Json = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let error = json["result"]["exc_type"].as_str().map(|kind| {
        let words = match &json["result"]["exc_message"] {
            Json::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join(", "),
            Json::Null => String::new(),
            other => plain(other),
        };
        format!("{kind}: {words}").trim_end_matches(": ").to_owned()
    });
    TaskResult {
        id: id.to_owned(),
        status: text("status"),
        done_at: text("date_done"),
        result: match &error {
            Some(_) => Json::Null,
            None => json["result"].clone(),
        },
        error,
    }
}

fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The last `most` dead letters of the portal's list `key`, the newest at the end.
///
/// # Errors
/// [`RedisError`].
pub async fn dead_letters(
    redis: &Redis,
    key: &str,
    most: usize,
) -> Result<Vec<DeadLetter>, RedisError> {
    let letters = tail(redis, key, most).await?;
    Ok(letters.iter().map(|bytes| dead_letter(bytes)).collect())
}

fn dead_letter(bytes: &[u8]) -> DeadLetter {
    let json: Json = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    DeadLetter {
        task: text("task"),
        error: text("error"),
        created_at: json["created_at"].clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_is_read_as_celery_writes_it() {
        let bytes = br#"{"status": "SUCCESS", "result": {"processed": 18}, "traceback": null,
            "children": [], "date_done": "2026-05-31T12:00:03.123456+00:00", "task_id": "7d4e"}"#;
        assert_eq!(
            result("7d4e", bytes),
            TaskResult {
                id: "7d4e".to_owned(),
                status: Some("SUCCESS".to_owned()),
                done_at: Some("2026-05-31T12:00:03.123456+00:00".to_owned()),
                result: json!({"processed": 18}),
                error: None,
            }
        );
    }

    #[test]
    fn a_failure_tells_the_kind_and_the_words_of_its_error() {
        let bytes = br#"{"status": "FAILURE", "result": {"exc_type": "TimeoutError",
            "exc_message": ["timed out", 5], "exc_module": "builtins"}, "traceback": "..."}"#;
        let failed = result("7d4e", bytes);
        assert_eq!(failed.error.as_deref(), Some("TimeoutError: timed out, 5"));
        assert_eq!(failed.result, Json::Null);
        let bare = br#"{"result": {"exc_type": "SoftTimeLimitExceeded", "exc_message": []}}"#;
        assert_eq!(
            result("7d4e", bare).error.as_deref(),
            Some("SoftTimeLimitExceeded")
        );
    }

    #[test]
    fn what_is_no_result_or_letter_tells_nothing() {
        for bytes in [b"".as_slice(), b"[]", b"3", b"{\"status\": 3}", b"\xff"] {
            assert_eq!(result("7d4e", bytes).status, None);
            assert_eq!(dead_letter(bytes), DeadLetter::default());
        }
    }
}
