//! Which Redis commands only read: asked of the server, which knows its own commands and modules.

use redis::Value;
use redis_wire::DELETE_IF_EQUALS;

use super::refusal::Refusal;

/// Commands that read, or only tell about the server; known without asking.
const READING: &[&str] = &[
    "client|getname",
    "client|id",
    "client|info",
    "client|list",
    "cluster|info",
    "cluster|keyslot",
    "cluster|nodes",
    "command",
    "command|count",
    "command|docs",
    "command|info",
    "command|list",
    "dbsize",
    "echo",
    "exists",
    "get",
    "hget",
    "hgetall",
    "info",
    "lastsave",
    "latency|latest",
    "lindex",
    "llen",
    "lrange",
    "memory|doctor",
    "memory|stats",
    "mget",
    "ping",
    "pttl",
    "role",
    "scan",
    "scard",
    "smembers",
    "sscan",
    "strlen",
    "time",
    "ttl",
    "type",
    "zcard",
    "zrange",
];

/// Commands refused whatever their flags say, and why. Some of them are marked as reading only, by
/// all servers or by those before 7.0, whose flags say less.
const REFUSED: &[(&str, Refusal)] = &[
    ("keys", Refusal::HoldsUpKeys),
    ("select", Refusal::ChangesConnection),
    ("multi", Refusal::ChangesConnection),
    ("exec", Refusal::ChangesConnection),
    ("discard", Refusal::ChangesConnection),
    ("watch", Refusal::ChangesConnection),
    ("unwatch", Refusal::ChangesConnection),
    ("auth", Refusal::ChangesConnection),
    ("hello", Refusal::ChangesConnection),
    ("reset", Refusal::ChangesConnection),
    ("quit", Refusal::ChangesConnection),
    ("asking", Refusal::ChangesConnection),
    ("readonly", Refusal::ChangesConnection),
    ("readwrite", Refusal::ChangesConnection),
    ("subscribe", Refusal::Endless),
    ("psubscribe", Refusal::Endless),
    ("ssubscribe", Refusal::Endless),
    ("monitor", Refusal::Endless),
    ("sync", Refusal::Endless),
    ("psync", Refusal::Endless),
    ("eval", Refusal::ScriptWrites),
    ("evalsha", Refusal::ScriptWrites),
    ("fcall", Refusal::FunctionWrites),
    ("eval_ro", Refusal::ScriptHoldsUp),
    ("evalsha_ro", Refusal::ScriptHoldsUp),
    ("fcall_ro", Refusal::FunctionHoldsUp),
    ("pfcount", Refusal::WritesCount),
    ("touch", Refusal::WritesUse),
    ("memory|purge", Refusal::HoldsUp),
    ("move", Refusal::WritesDatabase),
    ("swapdb", Refusal::WritesDatabases),
    ("migrate", Refusal::WritesServer),
    ("config", Refusal::TellsPasswords),
];

/// What is known of a command before asking the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Reads,
    Refused(Refusal),
    /// Ask with `COMMAND INFO`.
    Unknown,
}

/// What is known of `command` with `arguments`.
pub(super) fn known(command: &str, arguments: &[Vec<u8>]) -> Verdict {
    let name = command.to_ascii_lowercase();
    let with_subcommand = subcommand_name(&name, arguments);
    let is_refused = |refused: &str| refused == name || refused == with_subcommand;
    if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| is_refused(refused)) {
        return Verdict::Refused(*reason);
    }
    // Of the keys that it writes the server names the second, and not where that lies.
    if name == "copy"
        && arguments
            .iter()
            .skip(2)
            .any(|word| word.eq_ignore_ascii_case(b"DB"))
    {
        return Verdict::Refused(Refusal::WritesWithDb);
    }
    if waits(arguments) && matches!(name.as_str(), "xread" | "xreadgroup") {
        return Verdict::Refused(Refusal::WaitsWithBlock);
    }
    if READING.contains(&name.as_str()) && name != "command"
        || READING.contains(&with_subcommand.as_str())
        || (name == "command" && arguments.is_empty())
    {
        return Verdict::Reads;
    }
    Verdict::Unknown
}

/// `name|subcommand` in lower case, as the server names it.
fn subcommand_name(name: &str, arguments: &[Vec<u8>]) -> String {
    let first = arguments
        .first()
        .map(|first| String::from_utf8_lossy(first));
    format!("{name}|{}", first.unwrap_or_default().to_ascii_lowercase())
}

fn waits(arguments: &[Vec<u8>]) -> bool {
    arguments
        .iter()
        .take_while(|argument| !argument.eq_ignore_ascii_case(b"STREAMS"))
        .any(|argument| argument.eq_ignore_ascii_case(b"BLOCK"))
}

/// Judges `command` by the server's answer to `COMMAND INFO command`.
///
/// Only the flag `readonly` means reading: scripts, `SELECT` and `PUBLISH` carry neither that nor
/// `write`. And not even that flag is enough: PFCOUNT has it, whose key the server itself calls one
/// that is read and written, and so have scripts. A command that is made of subcommands has no
/// flags of its own.
///
/// # Errors
/// Why the command is refused.
pub(super) fn by_flags(info: &Value, command: &str, arguments: &[Vec<u8>]) -> Result<(), Refusal> {
    let entry = items(info).first().map(items).unwrap_or_default();
    if entry.is_empty() {
        return Err(Refusal::Unknown);
    }
    let name = command.to_ascii_lowercase();
    let wanted = subcommand_name(&name, arguments);
    let subcommands = entry.get(9).map(items).unwrap_or_default();
    let judged = match subcommands {
        [] => entry,
        some => some
            .iter()
            .map(items)
            .find(|entry| entry.first().is_some_and(|name| word(name) == wanted))
            .ok_or(Refusal::UnknownSubcommand)?,
    };
    let flags = words(judged.get(2));
    let has = |flag: &str| flags.iter().any(|found| found == flag);
    if !has("readonly") {
        return Err(Refusal::NotReading);
    }
    if words(judged.get(6)).iter().any(|word| word == "@scripting") {
        return Err(Refusal::ScriptHoldsUp);
    }
    let keys = judged.get(8).map(items).unwrap_or_default();
    if keys
        .iter()
        .any(|key| !words(flags_of_key(key)).contains(&"ro".to_owned()))
    {
        return Err(Refusal::WritesKeys);
    }
    // The streams' readers wait only if they are told to, and `known` has looked for that.
    if has("blocking") && !matches!(name.as_str(), "xread" | "xreadgroup") {
        return Err(Refusal::Waits);
    }
    Ok(())
}

/// The keys of the writing commands that tikbook itself sends, known without asking the server.
pub(super) fn keys_of_known_write(command: &str, arguments: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let name = command.to_ascii_lowercase();
    match (name.as_str(), arguments) {
        ("set" | "expire" | "pexpire" | "restore", [key, ..]) => Some(vec![key.clone()]),
        ("del" | "unlink", [_, ..]) => Some(arguments.to_vec()),
        ("eval", [script, count, key, _]) => {
            let is_ours = script == DELETE_IF_EQUALS.as_bytes() && count == b"1";
            is_ours.then(|| vec![key.clone()])
        }
        _ => None,
    }
}

/// Commands of any server that write the key that comes first, for what is to be known of them without
/// a server. Whether a command is sent is never judged by this list.
pub const WRITES_FIRST_KEY: &[&str] = &[
    "append",
    "decr",
    "decrby",
    "expire",
    "expireat",
    "getdel",
    "getset",
    "hdel",
    "hincrby",
    "hincrbyfloat",
    "hmset",
    "hset",
    "hsetnx",
    "incr",
    "incrby",
    "incrbyfloat",
    "linsert",
    "lpop",
    "lpush",
    "lpushx",
    "lrem",
    "lset",
    "ltrim",
    "persist",
    "pexpire",
    "pexpireat",
    "psetex",
    "restore",
    "rpop",
    "rpush",
    "rpushx",
    "sadd",
    "set",
    "setbit",
    "setex",
    "setnx",
    "setrange",
    "spop",
    "srem",
    "xadd",
    "xdel",
    "xtrim",
    "zadd",
    "zincrby",
    "zpopmax",
    "zpopmin",
    "zrem",
    "zremrangebyrank",
    "zremrangebyscore",
];

/// Is it known without a server that `command` writes?
pub fn is_known_to_write(command: &str) -> bool {
    let name = command.to_ascii_lowercase();
    matches!(name.as_str(), "del" | "unlink") || WRITES_FIRST_KEY.contains(&name.as_str())
}

/// The keys that a command writes which is known to write; `None` if it names none.
pub fn known_to_be_written(command: &str, arguments: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let name = command.to_ascii_lowercase();
    keys_of_known_write(command, arguments).or_else(|| {
        let key = arguments.first()?;
        let is_first = WRITES_FIRST_KEY.contains(&name.as_str());
        is_first.then(|| vec![key.clone()])
    })
}

/// Judges a command that does not read by the server's answer to `COMMAND INFO`: it must be marked
/// as writing, and as nothing that reaches beyond its keys.
///
/// # Errors
/// Why the command is refused.
pub(super) fn writes_only_keys(info: &Value) -> Result<(), Refusal> {
    let entry = items(info).first().map(items).unwrap_or_default();
    if entry.is_empty() {
        return Err(Refusal::Unknown);
    }
    let (flags, categories) = (words(entry.get(2)), words(entry.get(6)));
    let has = |flag: &str| flags.iter().any(|found| found == flag);
    if !has("write") {
        return Err(Refusal::NotWriting);
    }
    if has("blocking") {
        return Err(Refusal::Waits);
    }
    if has("admin") || has("noscript") || has("pubsub") {
        return Err(Refusal::ReachesBeyond);
    }
    let is_dangerous = categories.iter().any(|category| category == "@dangerous");
    // RESTORE and SORT are called dangerous for what they cost, FLUSHALL for what it does.
    if is_dangerous {
        return Err(Refusal::Dangerous);
    }
    Ok(())
}

/// What the server says about one place of a command's keys: `RO` for keys that are only read.
fn flags_of_key(key: &Value) -> Option<&Value> {
    match key {
        Value::Map(pairs) => pairs
            .iter()
            .find_map(|(name, flags)| (word(name) == "flags").then_some(flags)),
        _ => items(key)
            .chunks_exact(2)
            .find_map(|pair| (word(&pair[0]) == "flags").then_some(&pair[1])),
    }
}

fn words(list: Option<&Value>) -> Vec<String> {
    list.map(items)
        .unwrap_or_default()
        .iter()
        .map(word)
        .collect()
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) | Value::Set(items) => items,
        _ => &[],
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).to_ascii_lowercase(),
        Value::SimpleString(text) => text.to_ascii_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<Vec<u8>> {
        words
            .iter()
            .map(|word| word.as_bytes().to_owned())
            .collect()
    }

    fn entry(name: &str, flags: &[&str], subcommands: Vec<Value>) -> Value {
        let flags = flags
            .iter()
            .map(|f| Value::SimpleString((*f).to_owned()))
            .collect();
        let mut fields = vec![
            Value::BulkString(name.into()),
            Value::Int(1),
            Value::Array(flags),
        ];
        fields.resize(9, Value::Nil);
        fields.push(Value::Array(subcommands));
        Value::Array(fields)
    }

    fn judged(command: &str, words: &[&str], entry: Value) -> bool {
        by_flags(&Value::Array(vec![entry]), command, &arguments(words)).is_ok()
    }

    #[test]
    fn only_the_flag_readonly_means_reading() {
        assert!(judged("LCS", &[], entry("lcs", &["readonly"], vec![])));
        assert!(!judged("SET", &[], entry("set", &["write"], vec![])));
        assert!(!judged(
            "PUBLISH",
            &[],
            entry("publish", &["pubsub", "fast"], vec![])
        ));
        assert!(!judged(
            "BZPOP",
            &[],
            entry("bzpop", &["readonly", "blocking"], vec![])
        ));
        assert!(!judged("NOSUCH", &[], Value::Nil));
    }

    #[test]
    fn a_command_that_reads_by_its_flag_and_writes_its_keys_is_refused() {
        let with_key = |flags: &[&str]| {
            let flags = flags.iter().map(|f| Value::SimpleString((*f).to_owned()));
            let key = vec![
                Value::BulkString("flags".into()),
                Value::Array(flags.collect()),
            ];
            let Value::Array(mut fields) = entry("module.read", &["readonly"], vec![]) else {
                unreachable!("an entry is an array")
            };
            fields[8] = Value::Array(vec![Value::Array(key)]);
            Value::Array(fields)
        };
        assert!(judged("MODULE.READ", &[], with_key(&["RO", "access"])));
        assert!(!judged("MODULE.READ", &[], with_key(&["RW", "access"])));
        assert!(!judged("MODULE.READ", &[], with_key(&["OW", "update"])));
    }

    #[test]
    fn what_older_servers_call_reading_is_refused_without_asking_them() {
        for line in [
            "PFCOUNT k",
            "eval_ro return(1) 0",
            "MEMORY PURGE",
            "COPY a b replace db 1",
        ] {
            let mut words = line.split(' ');
            let command = words.next().unwrap();
            let arguments = arguments(&words.collect::<Vec<_>>());
            let verdict = known(command, &arguments);
            assert!(matches!(verdict, Verdict::Refused(_)), "{line}");
        }
        let copy = arguments(&["db", "db", "REPLACE"]);
        assert_eq!(known("COPY", &copy), Verdict::Unknown);
    }

    #[test]
    fn a_command_of_subcommands_is_judged_by_the_one_that_is_called() {
        let object = || {
            let encoding = entry("object|encoding", &["readonly"], vec![]);
            let poke = entry("object|poke", &["write"], vec![]);
            entry("object", &[], vec![encoding, poke])
        };
        assert!(judged("OBJECT", &["ENCODING", "k"], object()));
        assert!(!judged("OBJECT", &["POKE", "k"], object()));
        assert!(!judged("OBJECT", &["ABSENT", "k"], object()));
        assert!(!judged("OBJECT", &[], object()));
    }

    #[test]
    fn commands_that_would_bend_the_connection_never_reach_the_server() {
        for command in [
            "SELECT",
            "multi",
            "Auth",
            "SUBSCRIBE",
            "EVAL",
            "KEYS",
            "CONFIG",
        ] {
            assert!(
                matches!(known(command, &[]), Verdict::Refused(_)),
                "{command}"
            );
        }
        let blocking = arguments(&["BLOCK", "0", "STREAMS", "s", "$"]);
        assert!(matches!(known("XREAD", &blocking), Verdict::Refused(_)));
        assert_eq!(
            known("XREAD", &arguments(&["STREAMS", "block", "0"])),
            Verdict::Unknown
        );
        assert_eq!(known("CLIENT", &arguments(&["LIST"])), Verdict::Reads);
        assert_eq!(
            known("CLIENT", &arguments(&["KILL", "x"])),
            Verdict::Unknown
        );
        assert_eq!(known("get", &arguments(&["k"])), Verdict::Reads);
        assert_eq!(known("GETDEL", &arguments(&["k"])), Verdict::Unknown);
    }
}
