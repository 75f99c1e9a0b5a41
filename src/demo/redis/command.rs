//! The commands that the stand-in answers: those that read, those that only greet, and a refusal
//! for those that write.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::data::{Database, Value};
use super::glob::glob;
use super::wire::Reply;

/// What all connections share.
pub struct Store {
    databases: Vec<Database>,
    start: Instant,
    /// Keys keep the time they have left.
    stands: bool,
}

/// What one connection has chosen.
#[derive(Default)]
pub struct Connection {
    database: usize,
}

/// A command as `COMMAND INFO` tells it. The arity counts the name; negative means "at least".
struct Command {
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    run: fn(&Store, &mut Connection, &[&str]) -> Reply,
}

const READ: &[&str] = &["readonly", "fast"];
const GREET: &[&str] = &["loading", "stale", "fast"];
const WRITE: &[&str] = &["write", "denyoom"];

const fn command(
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    run: fn(&Store, &mut Connection, &[&str]) -> Reply,
) -> Command {
    Command {
        name,
        arity,
        flags,
        run,
    }
}

const COMMANDS: &[Command] = &[
    command("auth", -2, GREET, |_, _, _| Reply::Simple("OK")),
    command("client", -2, GREET, |_, _, _| Reply::Simple("OK")),
    command("command", -1, GREET, |_, _, words| describe(words)),
    command("dbsize", 1, READ, |store, connection, _| {
        store.size(connection)
    }),
    command("dump", 2, READ, |store, connection, words| {
        store.dump(connection, words[1])
    }),
    command("echo", 2, GREET, |_, _, words| Reply::text(words[1])),
    command("exists", -2, READ, |store, connection, words| {
        store.exists(connection, &words[1..])
    }),
    command("get", 2, READ, |store, connection, words| {
        store.get(connection, words[1])
    }),
    command("hget", 3, READ, |store, connection, words| {
        store.field(connection, words[1], words[2])
    }),
    command("hgetall", 2, READ, |store, connection, words| {
        store.fields(connection, words[1])
    }),
    command("info", -1, GREET, |store, _, _| store.info()),
    command("lindex", 3, READ, |store, connection, words| {
        store.element(connection, words[1], words[2])
    }),
    command("llen", 2, READ, |store, connection, words| {
        store.length(connection, words[1])
    }),
    command("lrange", 4, READ, |store, connection, words| {
        store.range(connection, words[1], words[2], words[3])
    }),
    command("ping", -1, GREET, |_, _, _| Reply::Simple("PONG")),
    command("pttl", 2, READ, |store, connection, words| {
        store.left(connection, words[1], Duration::as_millis)
    }),
    command("scan", -2, READ, |store, connection, words| {
        store.scan(connection, words)
    }),
    command("select", 2, GREET, |store, connection, words| {
        store.select(connection, words[1])
    }),
    command("smembers", 2, READ, |store, connection, words| {
        store.members(connection, words[1])
    }),
    command("strlen", 2, READ, |store, connection, words| {
        store.text_length(connection, words[1])
    }),
    command("time", 1, GREET, |_, _, _| time()),
    command("ttl", 2, READ, |store, connection, words| {
        store.left(connection, words[1], rounded_seconds)
    }),
    command("type", 2, READ, |store, connection, words| {
        store.kind(connection, words[1])
    }),
    command("decr", 2, WRITE, refuse),
    command("del", -2, WRITE, refuse),
    command("expire", -3, WRITE, refuse),
    command("flushall", -1, WRITE, refuse),
    command("flushdb", -1, WRITE, refuse),
    command("hset", -4, WRITE, refuse),
    command("incr", 2, WRITE, refuse),
    command("lpush", -3, WRITE, refuse),
    command("rpush", -3, WRITE, refuse),
    command("set", -3, WRITE, refuse),
    command("unlink", -2, WRITE, refuse),
];

/// Seconds and microseconds of this machine's clock.
fn time() -> Reply {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Reply::Array(vec![
        Reply::text(since.as_secs().to_string()),
        Reply::text(since.subsec_micros().to_string()),
    ])
}

impl Store {
    /// Four databases, the lifetimes of their keys counted from now; where the clock stands, they
    /// do not get shorter.
    pub fn new(databases: Vec<Database>, stands: bool) -> Store {
        Store {
            databases,
            start: Instant::now(),
            stands,
        }
    }

    fn elapsed(&self) -> Duration {
        if self.stands {
            Duration::ZERO
        } else {
            self.start.elapsed()
        }
    }

    /// The answer to one request.
    pub fn answer(&self, connection: &mut Connection, request: &[Vec<u8>]) -> Reply {
        let words: Vec<_> = request
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let Some(name) = words.first() else {
            return error("ERR empty command");
        };
        match find(name) {
            None => error(format!(
                "ERR unknown command '{name}', the demo's stand-in knows few"
            )),
            Some(command) if !fits(command.arity, words.len()) => error(format!(
                "ERR wrong number of arguments for '{}' command",
                command.name
            )),
            Some(command) => (command.run)(self, connection, &words),
        }
    }

    fn value(&self, connection: &Connection, key: &str) -> Option<&Value> {
        let entry = self.databases[connection.database].get(key)?;
        let alive = entry
            .lifetime
            .is_none_or(|lifetime| lifetime > self.elapsed());
        alive.then_some(&entry.value)
    }

    fn keys<'a>(&'a self, connection: &'a Connection) -> impl Iterator<Item = &'a str> {
        let keys = self.databases[connection.database]
            .keys()
            .map(String::as_str);
        keys.filter(|key| self.value(connection, key).is_some())
    }

    fn size(&self, connection: &Connection) -> Reply {
        count(self.keys(connection).count())
    }

    fn select(&self, connection: &mut Connection, number: &str) -> Reply {
        match number.parse::<usize>() {
            Ok(number) if number < self.databases.len() => {
                connection.database = number;
                Reply::Simple("OK")
            }
            Ok(_) => error("ERR DB index is out of range"),
            Err(_) => error("ERR value is not an integer or out of range"),
        }
    }

    fn exists(&self, connection: &Connection, keys: &[&str]) -> Reply {
        count(
            keys.iter()
                .filter(|key| self.value(connection, key).is_some())
                .count(),
        )
    }

    fn get(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Nil,
            Some(Value::Text(text)) => Reply::text(text),
            Some(_) => wrong_type(),
        }
    }

    fn text_length(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Integer(0),
            Some(Value::Text(text)) => count(text.len()),
            Some(_) => wrong_type(),
        }
    }

    fn list(&self, connection: &Connection, key: &str) -> Result<&[String], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(wrong_type()),
        }
    }

    fn length(&self, connection: &Connection, key: &str) -> Reply {
        self.list(connection, key)
            .map_or_else(|error| error, |list| count(list.len()))
    }

    /// The value in a form of the demo's own, which no server could restore; it says whether a key
    /// changed.
    fn dump(&self, connection: &Connection, key: &str) -> Reply {
        let value = self.value(connection, key);
        value.map_or(Reply::Nil, |value| {
            Reply::Bulk(format!("{value:?}").into_bytes())
        })
    }

    fn element(&self, connection: &Connection, key: &str, index: &str) -> Reply {
        let Ok(index) = index.parse() else {
            return not_a_number();
        };
        let element = |list: &[String]| {
            from_end(index, list.len()).and_then(|index| list.get(index).map(Reply::text))
        };
        self.list(connection, key)
            .map_or_else(|error| error, |list| element(list).unwrap_or(Reply::Nil))
    }

    fn range(&self, connection: &Connection, key: &str, first: &str, last: &str) -> Reply {
        let (Ok(first), Ok(last)) = (first.parse(), last.parse()) else {
            return not_a_number();
        };
        let list = match self.list(connection, key) {
            Ok(list) => list,
            Err(error) => return error,
        };
        let first = from_end(first, list.len()).unwrap_or(0);
        let end =
            from_end(last, list.len()).map_or(0, |last| last.saturating_add(1).min(list.len()));
        texts(list.get(first..end).unwrap_or_default())
    }

    fn hash(&self, connection: &Connection, key: &str) -> Result<&[(String, String)], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::Hash(fields)) => Ok(fields),
            Some(_) => Err(wrong_type()),
        }
    }

    fn fields(&self, connection: &Connection, key: &str) -> Reply {
        let flat = |fields: &[(String, String)]| {
            Reply::Array(
                fields
                    .iter()
                    .flat_map(|(name, value)| [Reply::text(name), Reply::text(value)])
                    .collect(),
            )
        };
        self.hash(connection, key).map_or_else(|error| error, flat)
    }

    fn field(&self, connection: &Connection, key: &str, name: &str) -> Reply {
        let value = |fields: &[(String, String)]| {
            fields
                .iter()
                .find(|(field, _)| field == name)
                .map_or(Reply::Nil, |(_, value)| Reply::text(value))
        };
        self.hash(connection, key).map_or_else(|error| error, value)
    }

    fn members(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Array(Vec::new()),
            Some(Value::Set(members)) => texts(members),
            Some(_) => wrong_type(),
        }
    }

    fn kind(&self, connection: &Connection, key: &str) -> Reply {
        Reply::Simple(match self.value(connection, key) {
            None => "none",
            Some(Value::Text(_)) => "string",
            Some(Value::List(_)) => "list",
            Some(Value::Hash(_)) => "hash",
            Some(Value::Set(_)) => "set",
        })
    }

    /// What `TTL` says: -2 for no such key, -1 for a key that stays.
    fn left(&self, connection: &Connection, key: &str, unit: fn(&Duration) -> u128) -> Reply {
        if self.value(connection, key).is_none() {
            return Reply::Integer(-2);
        }
        let lifetime = self.databases[connection.database]
            .get(key)
            .and_then(|entry| entry.lifetime);
        let left = lifetime.map(|lifetime| lifetime.saturating_sub(self.elapsed()));
        Reply::Integer(left.map_or(-1, |left| i64::try_from(unit(&left)).unwrap_or(i64::MAX)))
    }

    /// All keys in one trip, which `SCAN` may do for a small database.
    fn scan(&self, connection: &Connection, words: &[&str]) -> Reply {
        let option = |name: &str| {
            let options = words[2..].chunks_exact(2);
            options
                .filter(|pair| pair[0].eq_ignore_ascii_case(name))
                .map(|pair| pair[1])
                .next_back()
        };
        let pattern = option("match").unwrap_or("*");
        let kind = option("type");
        let wanted = |key: &&str| {
            glob(pattern.as_bytes(), key.as_bytes())
                && kind.is_none_or(|kind| {
                    self.kind(connection, key) == Reply::Simple(known_kind(kind))
                })
        };
        let keys = self
            .keys(connection)
            .filter(wanted)
            .map(Reply::text)
            .collect();
        Reply::Array(vec![Reply::text("0"), Reply::Array(keys)])
    }

    fn info(&self) -> Reply {
        Reply::text(format!(
            "# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n\
             server_name:tikbook demo data, not a Redis\r\nuptime_in_seconds:{}\r\n",
            self.start.elapsed().as_secs()
        ))
    }
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS
        .iter()
        .find(|command| command.name.eq_ignore_ascii_case(name))
}

fn fits(arity: i64, words: usize) -> bool {
    let words = i64::try_from(words).unwrap_or(i64::MAX);
    if arity < 0 {
        words >= -arity
    } else {
        words == arity
    }
}

/// `COMMAND COUNT`, `COMMAND INFO name…` and `COMMAND`.
fn describe(words: &[&str]) -> Reply {
    match words
        .get(1)
        .map(|word| word.to_ascii_lowercase())
        .as_deref()
    {
        Some("count") => count(COMMANDS.len()),
        Some("info") if words.len() > 2 => Reply::Array(
            words[2..]
                .iter()
                .map(|name| find(name).map_or(Reply::Nil, description))
                .collect(),
        ),
        Some("docs") => Reply::Array(Vec::new()),
        _ => Reply::Array(COMMANDS.iter().map(description).collect()),
    }
}

/// Ten elements as Redis 7 sends: name, arity, flags, first key, last key, step, categories, tips,
/// key specifications, subcommands.
fn description(command: &Command) -> Reply {
    let names =
        |names: &[&str]| Reply::Array(names.iter().map(|name| Reply::text(*name)).collect());
    let has_key = command.flags != GREET
        && !matches!(command.name, "dbsize" | "scan" | "flushall" | "flushdb");
    let key = Reply::Integer(i64::from(has_key));
    let category = if command.flags == WRITE {
        "@write"
    } else if command.flags == READ {
        "@read"
    } else {
        "@connection"
    };
    let none = Reply::Array(Vec::new());
    Reply::Array(vec![
        Reply::text(command.name),
        Reply::Integer(command.arity),
        names(command.flags),
        key.clone(),
        key.clone(),
        key,
        names(&[category]),
        none.clone(),
        none.clone(),
        none,
    ])
}

fn refuse(_: &Store, _: &mut Connection, _: &[&str]) -> Reply {
    error("READONLY the demo data cannot be changed")
}

fn error(message: impl Into<String>) -> Reply {
    Reply::Error(message.into())
}

fn wrong_type() -> Reply {
    error("WRONGTYPE Operation against a key holding the wrong kind of value")
}

fn not_a_number() -> Reply {
    error("ERR value is not an integer or out of range")
}

fn count(number: usize) -> Reply {
    Reply::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn texts(texts: &[String]) -> Reply {
    Reply::Array(texts.iter().map(Reply::text).collect())
}

fn known_kind(name: &str) -> &'static str {
    let kinds = ["string", "list", "hash", "set"];
    kinds
        .into_iter()
        .find(|kind| kind.eq_ignore_ascii_case(name))
        .unwrap_or("none")
}

/// `TTL` rounds to the nearest second.
fn rounded_seconds(left: &Duration) -> u128 {
    (left.as_millis() + 500) / 1000
}

/// The place that a Redis index means: negative ones count from the end. `None` is before the head.
fn from_end(index: i64, length: usize) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::data::databases;
    use super::*;

    fn ask(line: &str) -> Reply {
        let request: Vec<Vec<u8>> = line
            .split(' ')
            .map(|word| word.as_bytes().to_vec())
            .collect();
        Store::new(databases(), false).answer(&mut Connection::default(), &request)
    }

    #[test]
    fn values_are_read_by_their_own_commands_only() {
        assert_eq!(
            ask("get metrics:hotspot.sync.lock.degraded"),
            Reply::text("2")
        );
        assert_eq!(ask("GET absent"), Reply::Nil);
        assert_eq!(ask("GET celery:dlq"), wrong_type());
        assert_eq!(ask("LLEN celery:dlq"), Reply::Integer(2));
        assert_eq!(ask("LLEN absent"), Reply::Integer(0));
        assert_eq!(ask("TYPE celery:dlq"), Reply::Simple("list"));
        assert_eq!(
            ask("EXISTS celery:dlq celery:dlq absent"),
            Reply::Integer(2)
        );
    }

    #[test]
    fn lists_are_cut_by_indexes_from_both_ends() {
        let lengths = [
            ("0 -1", 2),
            ("-1 -1", 1),
            ("0 0", 1),
            ("1 0", 0),
            ("-9 -8", 0),
            ("-9 9", 2),
            ("5 9", 0),
        ];
        for (range, expected) in lengths {
            let Reply::Array(elements) = ask(&format!("LRANGE celery:dlq {range}")) else {
                panic!("no array")
            };
            assert_eq!(elements.len(), expected, "{range}");
        }
        assert_eq!(ask("LINDEX celery:dlq -3"), Reply::Nil);
        assert_eq!(ask("LINDEX celery:dlq 9223372036854775807"), Reply::Nil);
        assert_eq!(
            ask("LRANGE celery:dlq 0 -9223372036854775808"),
            Reply::Array(Vec::new())
        );
    }

    #[test]
    fn lifetimes_are_told_as_redis_tells_them() {
        assert_eq!(ask("TTL cb:mikrotik:state"), Reply::Integer(3100));
        assert_eq!(ask("TTL celery:dlq"), Reply::Integer(-1));
        assert_eq!(ask("TTL absent"), Reply::Integer(-2));
    }

    #[test]
    fn a_scan_filters_by_pattern_and_type() {
        let keys = |line: &str| match ask(line) {
            Reply::Array(parts) => match &parts[1] {
                Reply::Array(keys) => keys.len(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(keys("SCAN 0 MATCH cb:*:state COUNT 1000"), 2);
        assert_eq!(keys("SCAN 0 MATCH cb:mikrotik:stat?"), 1);
        assert_eq!(keys("SCAN 0 TYPE list"), 1);
        assert_eq!(keys("SCAN 0 MATCH nothing*"), 0);
    }

    #[test]
    fn the_table_tells_reads_from_writes_and_writes_are_refused() {
        let Reply::Array(told) = ask("COMMAND INFO get set nosuch") else {
            panic!("no array")
        };
        let flags = |reply: &Reply| match reply {
            Reply::Array(parts) => format!("{:?}", parts[2]),
            other => format!("{other:?}"),
        };
        assert_eq!(
            flags(&told[0]),
            format!(
                "{:?}",
                Reply::Array(READ.iter().map(|flag| Reply::text(*flag)).collect())
            )
        );
        assert_eq!(
            flags(&told[1]),
            format!(
                "{:?}",
                Reply::Array(WRITE.iter().map(|flag| Reply::text(*flag)).collect())
            )
        );
        assert_eq!(told[2], Reply::Nil);
        assert!(matches!(ask("SET a b"), Reply::Error(message) if message.starts_with("READONLY")));
    }

    #[test]
    fn no_number_panics() {
        for line in [
            "SELECT 99",
            "SELECT -1",
            "LINDEX celery:dlq x",
            "SCAN 0 MATCH",
            "COMMAND INFO",
            "ECHO",
            "SCAN",
        ] {
            ask(line);
        }
    }
}
