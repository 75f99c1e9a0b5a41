//! The portal's Redis, for reading.
//!
//! A command is let through if it is one of a few that are known to read, or if the server's own
//! `COMMAND INFO` marks it as reading only. The true guard is a user of the access list with no
//! more than `+@read`.

mod error;
mod gate;
mod probe;
mod refusal;
mod value;
mod waiting;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use redis::aio::ConnectionLike;
use redis::{Cmd, Value};
use tokio::sync::Mutex;

pub use error::{Expected, RedisError, Unit};
pub use value::RedisValue;
pub use waiting::{answered, connected, taken};

use super::Session;
use super::clock::ToldTime;
use super::error::SessionError;
use super::open::Open;
use super::probe::Probe;
use catalogue::Said;
use connecting::redis::RedisConnection;
use demo::DemoRedis;
use gate::Verdict;
pub use gate::{WRITES_FIRST_KEY, is_known_to_write, known_to_be_written};
pub use redis_wire::DELETE_IF_EQUALS;
use refusal::Refusal;
use sentences::{HintRedisCluster, HintRedisKeys, HintRedisSelect};
use site::config::{Endpoint, Limits, RedisTarget, RedisTopology, Site};

/// How many keys one step of a scan asks the server to look at.
const SCAN_STEP: usize = 1000;

/// How many commands are remembered with what the server told about them.
const MOST_TOLD: usize = 1000;

/// An open Redis.
pub struct Redis {
    address: String,
    target: RedisTarget,
    limits: Limits,
    /// Empty after a command that timed out: its answer could come as the answer to the next one.
    connection: Mutex<Option<RedisConnection>>,
    /// What the server told about its commands, in this session.
    told: Mutex<HashMap<String, Arc<Value>>>,
}

impl Open for Redis {
    const ENDPOINT: Endpoint = Endpoint::REDIS;

    type Place = RedisTarget;

    fn places(site: &Site) -> &[RedisTarget] {
        site.endpoints.redis.as_slice()
    }

    async fn open(place: &RedisTarget, session: &Session) -> Result<Self, SessionError> {
        Ok(Self::connect(place, &session.site().limits).await?)
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let place = of_demo(session, demo::OWN_KEYS).await?;
        Self::open(&place, session).await.map(Some)
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        vec![session.probe("redis", probe::checks)]
    }
}

impl Session {
    /// Where the portal's Redis is and who logs in to it; what stands in for it on the built-in site.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`] or [`SessionError::Demo`].
    pub async fn redis_place(&self) -> Result<RedisTarget, SessionError> {
        match &self.site().endpoints.redis {
            _ if self.site().demo => of_demo(self, demo::OWN_KEYS).await,
            Some(place) => Ok(place.clone()),
            None => Err(self.not_configured(Endpoint::REDIS)),
        }
    }
}

/// A database of the demo's Redis.
pub(super) async fn of_demo(session: &Session, database: u8) -> Result<RedisTarget, SessionError> {
    let address = session.demo().service::<DemoRedis>().await?.address();
    let host = address.ip().to_string();
    Ok(RedisTarget::at(host, address.port(), database.into(), None))
}

impl Redis {
    /// Connects to `target`.
    ///
    /// # Errors
    /// [`RedisError::Unreachable`], [`RedisError::LoginRefused`], or [`RedisError::Timeout`] after
    /// `limits.connect`.
    pub async fn connect(target: &RedisTarget, limits: &Limits) -> Result<Self, RedisError> {
        let redis = Self {
            address: target.to_string(),
            target: target.clone(),
            limits: limits.clone(),
            connection: Mutex::new(None),
            told: Mutex::new(HashMap::new()),
        };
        redis.connection().await?;
        Ok(redis)
    }

    /// Where Redis is, without its password.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends `command` with `arguments`, if it only reads.
    ///
    /// # Errors
    /// [`RedisError::Denied`] before it is sent; [`RedisError::Timeout`] after `limits.redis`;
    /// [`RedisError::Refused`] with the server's words.
    pub async fn call(
        &self,
        command: &str,
        arguments: &[Vec<u8>],
    ) -> Result<RedisValue, RedisError> {
        self.admit(command, arguments).await?;
        self.send(command, arguments).await.map(RedisValue::from)
    }

    /// The time of the server.
    ///
    /// # Errors
    /// As [`Redis::call`].
    pub async fn clock(&self) -> Result<ToldTime, RedisError> {
        let seconds = match self.call("TIME", &[]).await? {
            RedisValue::Array(parts) => match parts.into_iter().next() {
                Some(RedisValue::Bytes(seconds)) => String::from_utf8_lossy(&seconds).into_owned(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        Ok(ToldTime::of_seconds(&seconds))
    }

    /// Is the key `key` there?
    ///
    /// # Errors
    /// As [`Redis::call`].
    pub async fn exists(&self, key: &str) -> Result<bool, RedisError> {
        let answer = self.call("EXISTS", &[key.as_bytes().to_vec()]).await?;
        Ok(answer == RedisValue::Int(1))
    }

    /// Does `command` only read, as [`Redis::call`] would find?
    ///
    /// # Errors
    /// As [`Redis::call`].
    pub async fn reads(&self, command: &str, arguments: &[Vec<u8>]) -> Result<bool, RedisError> {
        match self.admit(command, arguments).await {
            Ok(()) => Ok(true),
            Err(RedisError::Denied { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The keys that `command` would write, as the server itself names them (`COMMAND GETKEYS`).
    ///
    /// # Errors
    /// [`RedisError::Denied`] for a command that the server does not mark as one that writes keys
    /// and does nothing else, for scripts, and for one without keys.
    pub async fn written_keys(
        &self,
        command: &str,
        arguments: &[Vec<u8>],
    ) -> Result<Vec<Vec<u8>>, RedisError> {
        let denied = |reason: Refusal| RedisError::Denied {
            command: command.to_uppercase(),
            reason: reason.into(),
            advice: None,
        };
        if let Some(keys) = gate::keys_of_known_write(command, arguments) {
            return Ok(keys);
        }
        if let Verdict::Refused(reason) = gate::known(command, arguments) {
            return Err(denied(reason));
        }
        let asked = [b"INFO".to_vec(), command.as_bytes().to_owned()];
        let info = self.send("COMMAND", &asked).await?;
        gate::writes_only_keys(&info).map_err(denied)?;
        let mut asked = vec![b"GETKEYS".to_vec(), command.as_bytes().to_owned()];
        asked.extend_from_slice(arguments);
        let answer = RedisValue::from(self.send("COMMAND", &asked).await?);
        let keys = match answer {
            RedisValue::Array(keys) => keys.into_iter().map(RedisValue::into_bytes).collect(),
            _ => None,
        };
        keys.filter(|keys: &Vec<_>| !keys.is_empty())
            .ok_or_else(|| denied(Refusal::NoKeys))
    }

    /// The fields of the hash `key`, in the server's order; none for a key that is not there.
    ///
    /// # Errors
    /// As [`Redis::call`].
    pub async fn hash(&self, key: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, RedisError> {
        let answer = self.call("HGETALL", &[key.to_owned()]).await?;
        let unexpected = || unexpected("HGETALL", Expected::Pairs);
        answer
            .into_pairs()
            .ok_or_else(unexpected)?
            .into_iter()
            .map(|(field, value)| Some((field.into_bytes()?, value.into_bytes()?)))
            .collect::<Option<_>>()
            .ok_or_else(unexpected)
    }

    /// The keys that match `pattern`, each once, in no order. Keys that come or go meanwhile may be
    /// among them or not.
    ///
    /// # Errors
    /// [`RedisError::TooMuch`] beyond `most` keys; [`RedisError::Denied`] on a cluster, where each
    /// server has keys of its own; or as [`Redis::call`].
    pub async fn scan(&self, pattern: &[u8], most: usize) -> Result<Vec<Vec<u8>>, RedisError> {
        if self.target.topology == RedisTopology::Cluster {
            return Err(RedisError::Denied {
                command: "SCAN".to_owned(),
                reason: Refusal::OneServer.into(),
                advice: Some(HintRedisCluster.into()),
            });
        }
        let mut seen = HashSet::new();
        let mut keys = Vec::new();
        let mut cursor = b"0".to_vec();
        loop {
            let (next, found) = self.scan_step(&cursor, pattern).await?;
            for key in found {
                if seen.insert(key.clone()) {
                    keys.push(key);
                }
            }
            if keys.len() > most {
                return Err(RedisError::TooMuch {
                    command: "SCAN".to_owned(),
                    limit: most,
                    unit: Unit::Keys,
                });
            }
            if next == b"0" {
                return Ok(keys);
            }
            cursor = next;
        }
    }

    async fn scan_step(
        &self,
        cursor: &[u8],
        pattern: &[u8],
    ) -> Result<(Vec<u8>, Vec<Vec<u8>>), RedisError> {
        let step = SCAN_STEP.to_string().into_bytes();
        let arguments = [
            cursor.to_owned(),
            b"MATCH".to_vec(),
            pattern.to_owned(),
            b"COUNT".to_vec(),
            step,
        ];
        let unexpected = || unexpected("SCAN", Expected::Keys);
        let RedisValue::Array(answer) = self.call("SCAN", &arguments).await? else {
            return Err(unexpected());
        };
        let [next, RedisValue::Array(keys)] =
            <[_; 2]>::try_from(answer).map_err(|_| unexpected())?
        else {
            return Err(unexpected());
        };
        let keys = keys
            .into_iter()
            .map(RedisValue::into_bytes)
            .collect::<Option<_>>();
        Ok((
            next.into_bytes().ok_or_else(unexpected)?,
            keys.ok_or_else(unexpected)?,
        ))
    }

    async fn admit(&self, command: &str, arguments: &[Vec<u8>]) -> Result<(), RedisError> {
        let admitted = match gate::known(command, arguments) {
            Verdict::Reads => Ok(()),
            Verdict::Refused(reason) => Err(reason),
            Verdict::Unknown => gate::by_flags(&*self.told(command).await?, command, arguments),
        };
        admitted.map_err(|reason| RedisError::Denied {
            command: command.to_uppercase(),
            reason: reason.into(),
            advice: advice(command),
        })
    }

    /// The server's answer to `COMMAND INFO command`, asked for once.
    async fn told(&self, command: &str) -> Result<Arc<Value>, RedisError> {
        let name = command.to_lowercase();
        if let Some(told) = self.told.lock().await.get(&name) {
            return Ok(Arc::clone(told));
        }
        let question = [b"INFO".to_vec(), name.clone().into_bytes()];
        let told = Arc::new(self.send("COMMAND", &question).await?);
        let mut known = self.told.lock().await;
        // A server has some hundred commands; more are made up by the script.
        if known.len() < MOST_TOLD {
            known.insert(name, Arc::clone(&told));
        }
        Ok(told)
    }

    /// Sends what the program itself writes beside changes: its own lock, and the questions to
    /// Celery's workers.
    pub(super) async fn send_without_permit(
        &self,
        command: &str,
        arguments: &[Vec<u8>],
    ) -> Result<RedisValue, RedisError> {
        self.send(command, arguments).await.map(RedisValue::from)
    }

    async fn send(&self, command: &str, arguments: &[Vec<u8>]) -> Result<Value, RedisError> {
        let mut connection = self.connection().await?;
        let mut packed = Cmd::new();
        packed.arg(command);
        for argument in arguments {
            packed.arg(argument);
        }
        let sending = connection.req_packed_command(&packed);
        let answer = answered(sending, command, (&self.address, self.limits.redis)).await;
        let answer = taken(answer, &connection, command);
        if answer.as_ref().is_err_and(RedisError::ends_the_connection) {
            *self.connection.lock().await = None;
        }
        answer
    }

    async fn connection(&self) -> Result<RedisConnection, RedisError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = &*slot {
            return Ok(connection.clone());
        }
        let opening = RedisConnection::open(&self.target, &self.limits);
        let opened = connected(opening, (&self.address, self.limits.connect)).await?;
        *slot = Some(opened.clone());
        Ok(opened)
    }
}

fn advice(command: &str) -> Option<Said> {
    match command.to_ascii_lowercase().as_str() {
        "keys" => Some(HintRedisKeys.into()),
        "select" => Some(HintRedisSelect.into()),
        _ => None,
    }
}

fn unexpected(command: &str, expected: Expected) -> RedisError {
    RedisError::Unexpected {
        command: command.to_owned(),
        expected,
    }
}
