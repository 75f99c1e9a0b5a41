//! The commands that the stand-in has: those that tikbook sends. For any other it answers as a Redis
//! does that has no such command.

use super::store::{Connection, Store};
use super::wire::{Answer, Reply, error};

/// A command as `COMMAND INFO` tells it. The arity counts the name; negative means "at least".
struct Command {
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    run: fn(&mut Store, &mut Connection, &[&str]) -> Answer,
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
    run: fn(&mut Store, &mut Connection, &[&str]) -> Answer,
) -> Command {
    Command {
        name,
        arity,
        flags,
        run,
    }
}

const COMMANDS: &[Command] = &[
    command("client", -2, GREET, |_, _, _| Ok(Reply::Simple("OK"))),
    command("command", -1, GREET, |_, _, words| describe(words)),
    command("del", -2, WRITE, Store::del),
    command("dump", 2, READ, Store::dump),
    command("eval", -3, SCRIPT, Store::eval),
    command("exists", -2, READ, Store::exists),
    command("expire", 3, WRITE, Store::expire),
    command("get", 2, READ, Store::get),
    command("hgetall", 2, READ, Store::hgetall),
    command("hlen", 2, READ, Store::hlen),
    command("info", -1, GREET, Store::info),
    command("lindex", 3, READ, Store::lindex),
    command("llen", 2, READ, Store::llen),
    command("lrange", 4, READ, Store::lrange),
    command("mget", -2, READ, Store::mget),
    command("pexpire", 3, WRITE, Store::pexpire),
    command("pttl", 2, READ, Store::pttl),
    command("publish", 3, PUBLISH, Store::publish),
    command("restore", -4, WRITE, Store::restore),
    command("sadd", -3, WRITE, Store::sadd),
    command("scan", -2, READ, Store::scan),
    command("select", 2, GREET, Store::select),
    command("set", -3, WRITE, Store::set),
    command("srem", -3, WRITE, Store::srem),
    command("sscan", -3, READ, Store::sscan),
    command("time", 1, GREET, Store::time),
    command("ttl", 2, READ, Store::ttl),
    command("type", 2, READ, Store::kind),
    command("zrange", -4, READ, Store::zrange),
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
            None => unknown(name, &words[1..]),
            Some(command) if !fits(command.arity, words.len()) => error(format!(
                "ERR wrong number of arguments for '{}' command",
                command.name
            )),
            Some(command) => (command.run)(self, connection, &words).unwrap_or_else(|error| error),
        }
    }
}

/// What Redis says of a command that it does not have.
fn unknown(name: &str, arguments: &[&str]) -> Reply {
    let arguments = arguments.iter().map(|word| format!("'{word}' "));
    let arguments: String = arguments.collect();
    error(format!(
        "ERR unknown command '{name}', with args beginning with: {arguments}"
    ))
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS
        .iter()
        .find(|command| command.name.eq_ignore_ascii_case(name))
}

fn fits(arity: i64, words: usize) -> bool {
    let words = i64::try_from(words).unwrap_or(i64::MAX);
    match arity {
        ..0 => words >= -arity,
        _ => words == arity,
    }
}

/// `COMMAND INFO name…` and `COMMAND GETKEYS command…`.
fn describe(words: &[&str]) -> Answer {
    let subcommand = words.get(1).map(|word| word.to_ascii_lowercase());
    match (subcommand.as_deref(), words.get(2..)) {
        (Some("info"), Some(names)) => {
            let told = |name: &&str| find(name).map_or(Reply::Nil, description);
            Ok(Reply::Array(names.iter().map(told).collect()))
        }
        (Some("getkeys"), Some(words)) => keys_of(words),
        _ => Err(error("ERR unknown subcommand. Try COMMAND HELP.")),
    }
}

/// The keys that a command names.
fn keys_of(words: &[&str]) -> Answer {
    let Some((name, arguments)) = words.split_first() else {
        let wrong = "ERR Unknown subcommand or wrong number of arguments for 'getkeys'";
        return Err(error(wrong));
    };
    match find(name).filter(|command| has_key(command)) {
        None => Err(error("ERR The command has no key arguments")),
        Some(command) if !fits(command.arity, words.len()) => Err(error(
            "ERR Invalid number of arguments specified for command",
        )),
        Some(command) => {
            let keys = match command.name {
                "del" | "exists" | "mget" => arguments,
                _ => &arguments[..1],
            };
            Ok(Reply::Array(
                keys.iter().copied().map(Reply::text).collect(),
            ))
        }
    }
}

/// Is its first argument a key?
fn has_key(command: &Command) -> bool {
    (command.flags == READ || command.flags == WRITE) && command.name != "scan"
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
