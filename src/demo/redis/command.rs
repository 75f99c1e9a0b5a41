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

const READ: &[&str] = &["readonly", "fast"];
const GREET: &[&str] = &["loading", "stale", "fast"];
const WRITE: &[&str] = &["write", "denyoom"];
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

#[cfg(test)]
mod tests {
    use super::super::data::databases;
    use super::super::wire::wrong_type;
    use super::super::workers::Worker;
    use super::*;

    fn ask(line: &str) -> Reply {
        talk(&[line]).remove(0)
    }

    /// The answers to several requests on one connection.
    fn talk(lines: &[&str]) -> Vec<Reply> {
        let mut store = Store::new(databases(), vec![Worker::idle("celery@w")], None);
        let mut connection = Connection::default();
        let words = |line: &str| {
            line.split(' ')
                .map(|word| word.as_bytes().to_vec())
                .collect()
        };
        lines
            .iter()
            .map(|line| {
                let request: Vec<Vec<u8>> = words(line);
                store.answer(&mut connection, &request)
            })
            .collect()
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
    fn the_table_tells_reads_from_writes() {
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
    }

    #[test]
    fn what_is_written_is_read_again() {
        let said = talk(&[
            "SET a 1 EX 60",
            "TTL a",
            "INCR a",
            "DUMP a",
            "RESTORE b 60000 {\"Text\":\"2\"}",
            "GET b",
            "PTTL b",
            "EXPIRE b 0",
            "EXISTS b",
            "SET a 3 NX",
            "DEL a a b",
        ]);
        assert_eq!(said[1], Reply::Integer(60));
        assert_eq!(said[2], Reply::Integer(2));
        assert_eq!(said[3], Reply::text("{\"Text\":\"2\"}"));
        assert_eq!(said[5], Reply::text("2"));
        assert!(matches!(said[6], Reply::Integer(59_000..=60_000)));
        assert_eq!(said[8], Reply::Integer(0));
        assert_eq!(said[9], Reply::Nil);
        assert_eq!(said[10], Reply::Integer(1));
    }

    #[test]
    fn lists_and_sets_go_with_their_last_element() {
        let said = talk(&[
            "SADD s x y x",
            "SREM s x y",
            "EXISTS s",
            "LPUSH l a b",
            "LRANGE l 0 -1",
        ]);
        assert_eq!(said[0], Reply::Integer(2));
        assert_eq!(said[2], Reply::Integer(0));
        assert_eq!(
            said[4],
            Reply::Array(vec![Reply::text("b"), Reply::text("a")])
        );
    }

    #[test]
    fn a_key_of_another_type_stays_as_it_is() {
        for write in [
            "LPUSH celery:dlq:no x",
            "SADD celery:dlq x",
            "INCR celery:dlq",
        ] {
            let said = talk(&[write, "LLEN celery:dlq"]);
            assert_eq!(said[1], Reply::Integer(2), "{write}");
        }
        assert_eq!(ask("SADD celery:dlq x"), wrong_type());
    }

    #[test]
    fn writes_name_their_keys() {
        assert_eq!(
            ask("COMMAND GETKEYS DEL a b"),
            Reply::Array(vec![Reply::text("a"), Reply::text("b")])
        );
        assert_eq!(
            ask("COMMAND GETKEYS SET a b"),
            Reply::Array(vec![Reply::text("a")])
        );
        for line in [
            "COMMAND GETKEYS",
            "COMMAND GETKEYS SET",
            "COMMAND GETKEYS FLUSHALL",
        ] {
            assert!(matches!(ask(line), Reply::Error(_)), "{line}");
        }
        assert!(matches!(ask("FLUSHALL"), Reply::Error(_)));
    }

    #[test]
    fn nobody_listens_on_other_channels() {
        assert_eq!(ask("PUBLISH /1.celery.pidbox x"), Reply::Integer(1));
        assert_eq!(ask("PUBLISH /0.celery.pidbox x"), Reply::Integer(0));
    }

    #[test]
    fn no_number_panics() {
        for line in [
            "SELECT 99",
            "SELECT -1",
            "LINDEX celery:dlq x",
            "SCAN 0 MATCH",
            "COMMAND INFO",
            "SET a b EX",
            "SET a b PX 99999999999999999999",
            "EXPIRE celery:dlq 9223372036854775807",
            "RESTORE a -1 x",
            "EVAL x 1",
            "ZRANGE a 0 x WITHSCORES",
            "HSET a b",
            "SSCAN celery:dlq 0 MATCH",
            "ECHO",
            "SCAN",
        ] {
            ask(line);
        }
    }
}
