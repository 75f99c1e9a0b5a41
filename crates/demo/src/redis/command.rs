//! The commands that the stand-in knows, and what it tells about them.

use std::time::Duration;

use super::store::{Connection, Store};
use super::wire::{Reply, count, error};

/// A command as `COMMAND INFO` tells it. The arity counts the name; negative means "at least".
struct Command {
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    run: fn(&mut Store, &mut Connection, &[&str]) -> Reply,
}

/// Flags of commands that only read.
pub(super) const READ: &[&str] = &["readonly", "fast"];
const GREET: &[&str] = &["loading", "stale", "fast"];
/// Flags of commands that write.
pub(super) const WRITE: &[&str] = &["write", "denyoom"];
const SCRIPT: &[&str] = &[
    "noscript",
    "stale",
    "skip_monitor",
    "no_mandatory_keys",
    "movablekeys",
];
const PUBLISH: &[&str] = &["pubsub", "loading", "stale", "fast"];

const fn command(
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    run: fn(&mut Store, &mut Connection, &[&str]) -> Reply,
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
    command("hlen", 2, READ, |store, connection, words| {
        store.number_of_fields(connection, words[1])
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
    command("mget", -2, READ, |store, connection, words| {
        store.get_several(connection, &words[1..])
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
    command("sscan", -3, READ, |store, connection, words| {
        store.scan_members(connection, words)
    }),
    command("strlen", 2, READ, |store, connection, words| {
        store.text_length(connection, words[1])
    }),
    command("time", 1, GREET, |store, _, _| time(store.now())),
    command("ttl", 2, READ, |store, connection, words| {
        store.left(connection, words[1], rounded_seconds)
    }),
    command("type", 2, READ, |store, connection, words| {
        store.kind(connection, words[1])
    }),
    command("zrange", -4, READ, |store, connection, words| {
        store.ranks(connection, words)
    }),
    command("zscore", 3, READ, |store, connection, words| {
        store.score(connection, words[1], words[2])
    }),
    command("decr", 2, WRITE, |store, connection, words| {
        store.add(connection, words[1], -1)
    }),
    command("del", -2, WRITE, |store, connection, words| {
        store.delete(connection, &words[1..])
    }),
    command("eval", -3, SCRIPT, |store, connection, words| {
        store.evaluate(connection, words)
    }),
    command("expire", -3, WRITE, |store, connection, words| {
        store.expire(connection, words, 1000)
    }),
    command("flushall", -1, WRITE, refuse),
    command("flushdb", -1, WRITE, refuse),
    command("hset", -4, WRITE, |store, connection, words| {
        store.set_fields(connection, words)
    }),
    command("incr", 2, WRITE, |store, connection, words| {
        store.add(connection, words[1], 1)
    }),
    command("lpush", -3, WRITE, |store, connection, words| {
        store.push(connection, words, true)
    }),
    command("pexpire", -3, WRITE, |store, connection, words| {
        store.expire(connection, words, 1)
    }),
    command("publish", 3, PUBLISH, |store, _, words| {
        store.publish(words)
    }),
    command("restore", -4, WRITE, |store, connection, words| {
        store.restore(connection, words)
    }),
    command("rpush", -3, WRITE, |store, connection, words| {
        store.push(connection, words, false)
    }),
    command("sadd", -3, WRITE, |store, connection, words| {
        store.add_members(connection, words)
    }),
    command("set", -3, WRITE, |store, connection, words| {
        store.set(connection, words)
    }),
    command("srem", -3, WRITE, |store, connection, words| {
        store.remove_members(connection, words)
    }),
    command("unlink", -2, WRITE, |store, connection, words| {
        store.delete(connection, &words[1..])
    }),
];

impl Store {
    /// The answer to one request.
    pub fn answer(&mut self, connection: &mut Connection, request: &[Vec<u8>]) -> Reply {
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
}

/// Seconds and microseconds of the clock.
fn time(since: Duration) -> Reply {
    Reply::Array(vec![
        Reply::text(since.as_secs().to_string()),
        Reply::text(since.subsec_micros().to_string()),
    ])
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
        Some("getkeys") => keys_of(&words[2..]),
        _ => Reply::Array(COMMANDS.iter().map(description).collect()),
    }
}

/// The keys that a command names.
fn keys_of(words: &[&str]) -> Reply {
    let Some((name, arguments)) = words.split_first() else {
        return error("ERR Unknown subcommand or wrong number of arguments for 'getkeys'");
    };
    match find(name).filter(|command| has_key(command)) {
        None => error("ERR The command has no key arguments"),
        Some(command) if !fits(command.arity, words.len()) => {
            error("ERR Invalid number of arguments specified for command")
        }
        Some(command) => {
            let keys = match command.name {
                "del" | "exists" | "mget" | "unlink" => arguments,
                _ => &arguments[..1],
            };
            Reply::Array(keys.iter().copied().map(Reply::text).collect())
        }
    }
}

/// Is its first argument a key?
fn has_key(command: &Command) -> bool {
    (command.flags == READ || command.flags == WRITE)
        && !matches!(command.name, "dbsize" | "scan" | "flushall" | "flushdb")
}

/// Ten elements as Redis 7 sends: name, arity, flags, first key, last key, step, categories, tips,
/// key specifications, subcommands.
fn description(command: &Command) -> Reply {
    let names =
        |names: &[&str]| Reply::Array(names.iter().map(|name| Reply::text(*name)).collect());
    let key = Reply::Integer(i64::from(has_key(command)));
    let category = match command.flags {
        WRITE => "@write",
        READ => "@read",
        SCRIPT => "@scripting",
        PUBLISH => "@pubsub",
        _ => "@connection",
    };
    let mut categories = vec![category];
    // What they do is not undone by anything.
    if matches!(command.name, "flushall" | "flushdb") {
        categories.push("@dangerous");
    }
    let none = Reply::Array(Vec::new());
    Reply::Array(vec![
        Reply::text(command.name),
        Reply::Integer(command.arity),
        names(command.flags),
        key.clone(),
        key.clone(),
        key,
        names(&categories),
        none.clone(),
        none.clone(),
        none,
    ])
}

fn refuse(_: &mut Store, _: &mut Connection, _: &[&str]) -> Reply {
    error("ERR the demo's stand-in does not do that")
}

/// `TTL` rounds to the nearest second.
fn rounded_seconds(left: &Duration) -> u128 {
    (left.as_millis() + 500) / 1000
}
