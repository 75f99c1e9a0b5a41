//! `redis::` the portal's Redis, read and changed.

use indexmap::IndexMap;
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString};

use super::call;
use super::dynamic::type_of;
use super::error::{CallResult, HostError, Kind};
use super::primitive::{Declared, primitives};
use super::readers::Redis;
use super::value::Value;
use super::written::Written;
use plan::change::Change;
use plan::key::SavedKey;
use session::redis::{self, DELETE_IF_EQUALS, RedisValue};
use site::config::Service;
use wording::bytes::shown;

/// Keys that one scan may find; more would be a pattern that was not meant.
const MOST_KEYS: usize = 1_000_000;

primitives! {
    GET: Redis = reads get(Key);
    TTL: Redis = reads ttl(Key);
    TYPE: Redis = reads type(Key);
    EXISTS: Redis = reads exists(Key);
    LLEN: Redis = reads llen(Key);
    LRANGE: Redis = reads lrange(Key, Value, Value);
    HGETALL: Redis = reads hgetall(Key);
    SCAN: Redis = reads scan(KeyPattern);
    CLOCK: Redis = measures clock();
    DELETE: Redis = writes delete(Key);
    DELETE_IF: Redis = writes delete_if_equals(Key, Text);
    _: Redis = writes delete_if_equals(Key, Text, Reason);
    SET: Redis = writes set(Key, Text);
    _: Redis = writes set(Key, Text, Seconds);
    EXPIRE: Redis = writes expire(Key, Seconds);
    COMMAND: Redis = writes command(Command, Words);
}

/// The portal's Redis, standalone, behind Sentinels or a cluster. Commands that could change
/// something, wait, or bend the connection are refused before they are sent (kind `denied`). What
/// is not UTF-8 is a blob. Commands start when they are called; one whose value goes straight into a
/// variable is waited for when the variable is first used.
#[export_module]
pub mod redis_module {
    use super::*;

    /// The text of a key, or `()` if it is not there. Fails with kind `refused` for a key of another
    /// type.
    ///
    /// ```rhai
    /// assert(redis::get("quota_sync:last_run_ts") != (), "the demo's sync has run");
    /// assert_eq(redis::get("no such key"), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        simple(&context, &GET, "GET", vec![key.into()])
    }

    /// Seconds until a key goes: -1 for one that stays, -2 for one that is not there.
    ///
    /// ```rhai
    /// assert_eq(redis::ttl("quota_sync:last_run_ts"), -1);
    /// assert_eq(redis::ttl("no such key"), -2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ttl(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        simple(&context, &TTL, "TTL", vec![key.into()])
    }

    /// The type of a key: `string`, `list`, `hash`, `set`, `zset`, `stream`, or `none` if it is not
    /// there.
    ///
    /// ```rhai
    /// assert_eq(redis::type("celery:dlq"), "list");
    /// ```
    #[rhai_fn(name = "type", return_raw)]
    pub fn key_type(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        simple(&context, &TYPE, "TYPE", vec![key.into()])
    }

    /// True if the key is there.
    ///
    /// ```rhai
    /// assert(!redis::exists("no such key"), "it is not there");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn exists(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        let key = vec![key.into()];
        answer(&context, &EXISTS, "EXISTS", key, |value| {
            Value::Bool(value == RedisValue::Int(1))
        })
    }

    /// How many elements a list has; 0 if it is not there. Fails with kind `refused` for a key of
    /// another type.
    ///
    /// ```rhai
    /// assert(redis::llen("celery:dlq") > 0, "the demo has dead letters");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn llen(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        simple(&context, &LLEN, "LLEN", vec![key.into()])
    }

    /// The elements of a list from `start` to `stop`, both included and counted from 0; negative
    /// ones count from the end. Fails with kind `refused` for a key of another type.
    ///
    /// ```rhai
    /// assert_eq(redis::lrange("celery:dlq", -1, -1).len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn lrange(
        context: NativeCallContext,
        key: &str,
        start: INT,
        stop: INT,
    ) -> CallResult<Dynamic> {
        let arguments = vec![
            key.into(),
            start.to_string().into_bytes(),
            stop.to_string().into_bytes(),
        ];
        simple(&context, &LRANGE, "LRANGE", arguments)
    }

    /// The fields of a hash as a map, empty if it is not there. Fails with kind `refused` for a key
    /// of another type.
    ///
    /// ```rhai
    /// assert_eq(redis::hgetall("no such key"), #{});
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hgetall(context: NativeCallContext, key: &str) -> CallResult<Dynamic> {
        let key = key.to_owned();
        let what = format!("redis HGETALL {key}");
        call::value(&context, &HGETALL, what, move |redis| async move {
            let fields = redis.open().await?.hash(key.as_bytes()).await?;
            let fields: IndexMap<String, Value> = fields
                .into_iter()
                .map(|(field, value)| (shown(&field).into_owned(), bytes_value(value)))
                .collect();
            Ok(Value::Map(fields))
        })
    }

    /// The keys that match a pattern such as `cb:*:state`, in the order of their text. It takes
    /// small steps (SCAN), so keys that come or go meanwhile may be among them or not. Fails with
    /// kind `invalid` beyond a million keys, and with `denied` on a cluster.
    ///
    /// ```rhai
    /// let breakers = redis::scan("cb:*:state");
    /// assert(breakers.contains("cb:mikrotik:state"), "the demo has this breaker");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn scan(context: NativeCallContext, pattern: &str) -> CallResult<Dynamic> {
        let pattern = pattern.to_owned();
        let what = format!("redis SCAN {pattern}");
        call::value(&context, &SCAN, what, move |redis| async move {
            let redis = redis.open().await?;
            let mut keys = redis.scan(pattern.as_bytes(), MOST_KEYS).await?;
            keys.sort_unstable();
            Ok(Value::Array(keys.into_iter().map(bytes_value).collect()))
        })
    }

    /// What the Redis server takes for now.
    ///
    /// ```rhai
    /// assert(redis::clock() - time::now() < 60, "the demo's Redis is on time");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn clock(context: NativeCallContext) -> CallResult<Dynamic> {
        let what = "the clock of redis";
        call::value(&context, &CLOCK, what, |redis| async move {
            let redis = redis.open().await?;
            Ok(redis.clock().await?.time.into())
        })
    }

    /// Deletes a key. Without --apply it is only planned; what it held can be brought back by undo.
    /// Fails with kind `denied` if the header does not name the key in `writes`.
    ///
    /// ```rhai
    /// assert_eq(redis::delete("quota_sync:last_run_ts").status, "planned");
    /// assert_eq(redis::delete("no such key").status, "skipped");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn delete(context: NativeCallContext, key: &str) -> CallResult<Written> {
        write(&context, &DELETE, vec!["DEL".into(), key.into()], key, "")
    }

    /// Deletes a key if it holds this text, in one step: `conflict` if it holds another.
    ///
    /// ```rhai
    /// let held = redis::get("quota_sync:last_run_ts");
    /// assert_eq(redis::delete_if_equals("quota_sync:last_run_ts", held).status, "planned");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn delete_if_equals(
        context: NativeCallContext,
        key: &str,
        value: &str,
    ) -> CallResult<Written> {
        delete_if(&context, key, value, "")
    }

    /// Deletes a key if it holds this text, and says why, for the plan and the journal.
    ///
    /// ```rhai
    /// let held = redis::get("quota_sync:run_lock");
    /// let done = redis::delete_if_equals("quota_sync:run_lock", held, "nobody holds it");
    /// assert_eq(done.status, "planned");
    /// ```
    #[rhai_fn(name = "delete_if_equals", return_raw)]
    pub fn delete_if_equals_why(
        context: NativeCallContext,
        key: &str,
        value: &str,
        why: &str,
    ) -> CallResult<Written> {
        delete_if(&context, key, value, why)
    }

    /// Gives a key a text, and takes any lifetime from it.
    ///
    /// ```rhai
    /// assert_eq(redis::set("tried", "once").status, "planned");
    /// ```
    #[rhai_fn(name = "set", return_raw)]
    pub fn set(context: NativeCallContext, key: &str, value: &str) -> CallResult<Written> {
        write(
            &context,
            &SET,
            vec!["SET".into(), key.into(), value.into()],
            key,
            "",
        )
    }

    /// Gives a key a text for so many seconds.
    ///
    /// ```rhai
    /// assert_eq(redis::set("tried", "once", 60).status, "planned");
    /// ```
    #[rhai_fn(name = "set", return_raw)]
    pub fn set_for(
        context: NativeCallContext,
        key: &str,
        value: &str,
        seconds: INT,
    ) -> CallResult<Written> {
        let seconds = seconds.to_string().into_bytes();
        let words = vec!["SET".into(), key.into(), value.into(), "EX".into(), seconds];
        write(&context, &SET, words, key, "")
    }

    /// Lets a key go after so many seconds.
    ///
    /// ```rhai
    /// assert_eq(redis::expire("quota_sync:last_run_ts", 60).status, "planned");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn expire(context: NativeCallContext, key: &str, seconds: INT) -> CallResult<Written> {
        let seconds = seconds.to_string().into_bytes();
        write(
            &context,
            &EXPIRE,
            vec!["EXPIRE".into(), key.into(), seconds],
            key,
            "",
        )
    }

    /// The answer to any command that the server itself marks as reading only. Arguments may be
    /// text, numbers and blobs. Pairs (of HGETALL, CONFIG and the like) come as the protocol has
    /// them, as one array. A command that it marks as writing keys is a change: it is planned, or
    /// with --apply made, if the header names its keys in `writes`. Fails with kind `denied` for
    /// scripts, and for commands that reach beyond their keys.
    ///
    /// ```rhai
    /// assert_eq(redis::command("LINDEX", ["celery:dlq", 1000]), ());
    /// assert_eq(redis::command("DEL", ["celery:dlq"]).status, "planned");
    /// try { redis::command("FLUSHALL", []) } catch (err) { assert_eq(err.kind, "denied") }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn command(
        context: NativeCallContext,
        name: &str,
        arguments: Array,
    ) -> CallResult<Dynamic> {
        let arguments = words(&context, arguments)?;
        if is_reading(&context, name, &arguments)? {
            return simple(&context, &COMMAND, name, arguments);
        }
        let command = vec![name.as_bytes().to_vec()];
        let words = [command, arguments].concat();
        let planned = call::change(&context, &COMMAND, Service::Redis, |planner| async move {
            planner.command(words, "").await
        });
        planned.map(Dynamic::from)
    }
}

fn is_reading(context: &NativeCallContext, name: &str, arguments: &[Vec<u8>]) -> CallResult<bool> {
    let what = format!("what redis says of {name}");
    let (name, arguments) = (name.to_owned(), arguments.to_vec());
    let answer = call::value(context, &COMMAND, what, |redis| async move {
        let redis = redis.open().await?;
        Ok(Value::Bool(redis.reads(&name, &arguments).await?))
    })?;
    let answer = call::at_once(context, answer)?;
    Ok(answer.as_bool().unwrap_or(false))
}

fn delete_if(
    context: &NativeCallContext,
    key: &str,
    value: &str,
    why: &str,
) -> CallResult<Written> {
    let script = DELETE_IF_EQUALS.into();
    let words = vec!["EVAL".into(), script, "1".into(), key.into(), value.into()];
    write(context, &DELETE_IF, words, key, why)
}

fn write(
    context: &NativeCallContext,
    primitive: &Declared<Redis>,
    words: Vec<Vec<u8>>,
    key: &str,
    why: &str,
) -> CallResult<Written> {
    let first = SavedKey::named(key.as_bytes().to_vec());
    let change = Change::command(words, first, Vec::new(), why);
    call::change(context, primitive, Service::Redis, |_| async { Ok(change) })
}

fn simple(
    context: &NativeCallContext,
    primitive: &Declared<Redis>,
    command: &str,
    arguments: Vec<Vec<u8>>,
) -> CallResult<Dynamic> {
    answer(context, primitive, command, arguments, script_value)
}

fn answer(
    context: &NativeCallContext,
    primitive: &Declared<Redis>,
    command: &str,
    arguments: Vec<Vec<u8>>,
    convert: impl FnOnce(RedisValue) -> Value + Send + 'static,
) -> CallResult<Dynamic> {
    let first = arguments.first().map(|first| shown(first).into_owned());
    let what = format!("redis {command} {}", first.unwrap_or_default());
    let command = command.to_owned();
    call::value(context, primitive, what, move |redis| async move {
        let redis = redis.open().await?;
        ask(&redis, &command, &arguments).await.map(convert)
    })
}

async fn ask(
    redis: &redis::Redis,
    command: &str,
    arguments: &[Vec<u8>],
) -> Result<RedisValue, HostError> {
    match redis.call(command, arguments).await? {
        RedisValue::Error(message) => Err(HostError::new(
            Kind::Refused,
            format!("redis refused `{command}`: `{message}`"),
        )
        .on(Service::Redis)),
        value => Ok(value),
    }
}

fn script_value(value: RedisValue) -> Value {
    match value {
        RedisValue::Nil => Value::Unit,
        RedisValue::Int(number) => Value::Int(number),
        RedisValue::Double(number) => Value::Float(number),
        RedisValue::Bool(truth) => Value::Bool(truth),
        RedisValue::Bytes(bytes) => bytes_value(bytes),
        RedisValue::Status(text) | RedisValue::Error(text) => Value::Text(text),
        RedisValue::Array(values) => Value::Array(values.into_iter().map(script_value).collect()),
        RedisValue::Map(pairs) => Value::Array(
            pairs
                .into_iter()
                .flat_map(|(key, value)| [script_value(key), script_value(value)])
                .collect(),
        ),
    }
}

fn bytes_value(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(not_text) => Value::Bytes(not_text.into_bytes()),
    }
}

fn words(context: &NativeCallContext, arguments: Array) -> CallResult<Vec<Vec<u8>>> {
    arguments
        .into_iter()
        .map(|argument| {
            word(&argument).ok_or_else(|| {
                let message = format!("an argument of redis is a {}", type_of(&argument));
                HostError::invalid(message)
                    .on(Service::Redis)
                    .hint("arguments are text, numbers and blobs")
                    .at(context)
                    .raise()
            })
        })
        .collect()
}

fn word(argument: &Dynamic) -> Option<Vec<u8>> {
    if let Some(text) = argument.read_lock::<ImmutableString>() {
        return Some(text.as_bytes().to_owned());
    }
    if let Some(bytes) = argument.read_lock::<rhai::Blob>() {
        return Some(bytes.clone());
    }
    (argument.is_int() || argument.is_float() || argument.is_char())
        .then(|| argument.to_string().into_bytes())
}
