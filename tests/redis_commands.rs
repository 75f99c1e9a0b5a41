//! Every command that a real Redis knows of: what passes for reading changes nothing, and what
//! writes changes no key but those that it names.

use std::collections::BTreeMap;
use std::time::Duration;

use tikbook::config::{Limits, RedisTarget, Secrets};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::redis::{
    Redis, RedisError, RedisValue, WRITES_FIRST_KEY, is_known_to_write, known_to_be_written,
};

use crate::support::redis::Server;

/// As many as a server has unless it is told otherwise.
const DATABASES: u8 = 16;

/// A key of each type.
const KEYS: &[&str] = &[
    "SET text value",
    "SET number 7",
    "SETEX brief 10000 x",
    "RPUSH list a b c",
    "HSET hash f 1 n 2",
    "SADD set a b c",
    "ZADD zset 1.5 m 2 n",
    "GEOADD geo 13.361389 38.115556 a 15.087269 37.502669 b",
    "PFADD hll a b c",
    "XADD stream 1-1 f v",
    "XADD stream 2-1 f v",
    "XGROUP CREATE stream group 0",
    "XREADGROUP GROUP group one COUNT 1 STREAMS stream >",
];

/// A call of each command that the server marks as reading only.
const READS: &[&str] = &[
    "BITCOUNT text",
    "BITFIELD_RO text GET u8 0",
    "BITPOS text 1",
    "DBSIZE",
    "DUMP text",
    "EXISTS text list",
    "EXPIRETIME brief",
    "GEODIST geo a b",
    "GEOHASH geo a",
    "GEOPOS geo a",
    "GEORADIUS_RO geo 15 37 200 km",
    "GEORADIUSBYMEMBER_RO geo a 200 km",
    "GEOSEARCH geo FROMMEMBER a BYRADIUS 200 km",
    "GET text",
    "GETBIT text 1",
    "GETRANGE text 0 1",
    "HEXISTS hash f",
    "HGET hash f",
    "HGETALL hash",
    "HKEYS hash",
    "HLEN hash",
    "HMGET hash f n",
    "HRANDFIELD hash",
    "HSCAN hash 0",
    "HSTRLEN hash f",
    "HVALS hash",
    "LCS text number",
    "LINDEX list 0",
    "LLEN list",
    "LOLWUT",
    "LPOS list b",
    "LRANGE list 0 -1",
    "MEMORY USAGE list",
    "MGET text number",
    "OBJECT ENCODING list",
    "OBJECT FREQ text",
    "OBJECT IDLETIME text",
    "OBJECT REFCOUNT text",
    "PEXPIRETIME brief",
    "PTTL brief",
    "RANDOMKEY",
    "SCAN 0",
    "SCARD set",
    "SDIFF set",
    "SINTER set",
    "SINTERCARD 1 set",
    "SISMEMBER set a",
    "SMEMBERS set",
    "SMISMEMBER set a z",
    "SORT_RO list ALPHA",
    "SRANDMEMBER set",
    "SSCAN set 0",
    "STRLEN text",
    "SUBSTR text 0 1",
    "SUNION set",
    "TTL brief",
    "TYPE text",
    "XINFO CONSUMERS stream group",
    "XINFO GROUPS stream",
    "XINFO STREAM stream",
    "XLEN stream",
    "XPENDING stream group",
    "XRANGE stream - +",
    "XREAD STREAMS stream 0",
    "XREVRANGE stream + -",
    "ZCARD zset",
    "ZCOUNT zset 0 9",
    "ZDIFF 1 zset",
    "ZINTER 1 zset",
    "ZINTERCARD 1 zset",
    "ZLEXCOUNT zset - +",
    "ZMSCORE zset m",
    "ZRANDMEMBER zset",
    "ZRANGE zset 0 -1",
    "ZRANGEBYLEX zset - +",
    "ZRANGEBYSCORE zset 0 9",
    "ZRANK zset m",
    "ZREVRANGE zset 0 -1",
    "ZREVRANGEBYLEX zset + -",
    "ZREVRANGEBYSCORE zset 9 0",
    "ZREVRANK zset m",
    "ZSCAN zset 0",
    "ZSCORE zset m",
    "ZUNION 1 zset",
];

/// What the server marks as reading only, and still writes or holds it up.
const REFUSED_READS: &[&str] = &[
    "EVAL_RO return(1) 0",
    "EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
    "FCALL_RO f 0",
    "KEYS *",
    "PFCOUNT hll",
    "TOUCH text",
];

/// What is no command of keys, and tells about the server only.
const TELLING: &[&str] = &[
    "CLIENT GETNAME",
    "CLIENT ID",
    "CLIENT INFO",
    "CLIENT LIST",
    "CLUSTER INFO",
    "CLUSTER KEYSLOT x",
    "CLUSTER NODES",
    "COMMAND COUNT",
    "COMMAND DOCS get",
    "COMMAND INFO get",
    "COMMAND LIST",
    "ECHO x",
    "INFO",
    "LASTSAVE",
    "LATENCY LATEST",
    "MEMORY DOCTOR",
    "MEMORY STATS",
    "PING",
    "ROLE",
    "TIME",
];

/// Writes, each with other keys than the keyspace has under `new`.
const WRITES: &[&str] = &[
    "APPEND text x",
    "BITFIELD text SET u8 0 65",
    "BITFIELD number GET u8 0 INCRBY u8 0 1",
    "BITOP NOT new text",
    "COPY text new",
    "COPY text number REPLACE",
    "DECR number",
    "DECRBY number 2",
    "DEL text list",
    "EXPIRE text 100",
    "EXPIREAT text 9999999999",
    "GEOADD geo 1 1 c",
    "GEORADIUS geo 15 37 200 km STORE new",
    "GEORADIUS geo 15 37 200 km STORE other STOREDIST new",
    "GEORADIUSBYMEMBER geo a 200 km STOREDIST new",
    "GEOSEARCHSTORE new geo FROMMEMBER a BYRADIUS 200 km",
    "GETDEL text",
    "GETEX text EX 100",
    "GETSET text x",
    "HDEL hash f",
    "HINCRBY hash n 1",
    "HINCRBYFLOAT hash n 1.5",
    "HMSET hash f 2",
    "HSET hash f 2",
    "HSETNX hash new 1",
    "INCR number",
    "INCRBY number 2",
    "INCRBYFLOAT number 1.5",
    "LINSERT list BEFORE a x",
    "LMOVE list new LEFT RIGHT",
    "LMPOP 1 list LEFT",
    "LPOP list",
    "LPUSH list x",
    "LPUSHX list x",
    "LREM list 1 a",
    "LSET list 0 x",
    "LTRIM list 0 0",
    "MSET text 1 new 2",
    "MSETNX new 1 newer 2",
    "PERSIST brief",
    "PEXPIRE text 100000",
    "PEXPIREAT text 9999999999999",
    "PFADD hll z",
    "PFMERGE new hll",
    "PSETEX new 100000 x",
    "RENAME text new",
    "RENAMENX text new",
    "RPOP list",
    "RPOPLPUSH list new",
    "RPUSH list x",
    "RPUSHX list x",
    "SADD set z",
    "SDIFFSTORE new set",
    "SET text x",
    "SETBIT text 1 0",
    "SETEX new 100 x",
    "SETNX new x",
    "SETRANGE text 1 x",
    "SINTERSTORE new set",
    "SMOVE set new a",
    "SPOP set",
    "SREM set a",
    "SUNIONSTORE new set",
    "UNLINK text",
    "XACK stream group 1-1",
    "XADD stream * f v",
    "XAUTOCLAIM stream group two 0 0",
    "XCLAIM stream group two 0 1-1",
    "XDEL stream 1-1",
    "XSETID stream 9-9",
    "XTRIM stream MAXLEN 0",
    "ZADD zset 9 z",
    "ZDIFFSTORE new 1 zset",
    "ZINCRBY zset 1 m",
    "ZINTERSTORE new 1 zset",
    "ZMPOP 1 zset MIN",
    "ZPOPMAX zset",
    "ZPOPMIN zset",
    "ZRANGESTORE new zset 0 -1",
    "ZREM zset m",
    "ZREMRANGEBYLEX zset - +",
    "ZREMRANGEBYRANK zset 0 -1",
    "ZREMRANGEBYSCORE zset 0 9",
    "ZUNIONSTORE new 1 zset",
];

/// Writes that wait, that reach beyond the keys they name, or whose keys nobody can name.
const REFUSED_WRITES: &[&str] = &[
    "BLMOVE list new LEFT RIGHT 1",
    "BLMPOP 1 1 list LEFT",
    "BLPOP list 1",
    "BRPOP list 1",
    "BRPOPLPUSH list new 1",
    "BZMPOP 1 1 zset MIN",
    "BZPOPMAX zset 1",
    "BZPOPMIN zset 1",
    "COPY text new DB 1",
    "COPY text new REPLACE db 1",
    "FLUSHALL",
    "FLUSHDB",
    "FUNCTION DELETE f",
    "FUNCTION FLUSH",
    "FUNCTION LOAD x",
    "FUNCTION RESTORE x",
    "MIGRATE 127.0.0.1 1 text 1 100",
    "MOVE text 1",
    "PFDEBUG GETREG hll",
    "RESTORE-ASKING new 0 x",
    "SORT list ALPHA STORE new",
    "SWAPDB 0 1",
    "XGROUP CREATE stream new 0",
    "XGROUP CREATECONSUMER stream group two",
    "XGROUP DELCONSUMER stream group one",
    "XGROUP DESTROY stream group",
    "XGROUP SETID stream group 0",
    "XREADGROUP GROUP group one STREAMS stream >",
];

#[tokio::test]
async fn each_command_of_the_server_that_passes_for_reading_changes_nothing() {
    let server = Server::start();
    prepare(&server);
    let sessions = sessions(&server).await;
    let redis = &sessions[0];
    let before = contents(&sessions).await;
    let mut passed = 0;
    for Command { name, reads, .. } in commands(redis).await {
        let known_to_read = call_of(&name, READS).or_else(|| call_of(&name, TELLING));
        let is_known = known_to_read.is_some();
        let line = known_to_read
            .or_else(|| call_of(&name, REFUSED_READS))
            .unwrap_or_else(|| format!("{} text", name.replace('|', " ")));
        let answer = call(redis, &line).await;
        let is_denied = answer
            .as_ref()
            .is_err_and(|error| error.kind() == Kind::Denied);
        match (is_known, reads) {
            (true, _) => assert!(!is_denied, "{line}: {answer:?}"),
            (false, false) => assert!(is_denied, "{line}: {answer:?}"),
            // A server that is newer than this list knows more commands.
            (false, true) => assert!(
                is_denied || call_of(&name, REFUSED_READS).is_none(),
                "{line}: {answer:?}"
            ),
        }
        if answer.is_ok() {
            passed += 1;
        }
        assert_eq!(
            contents(&sessions).await,
            before,
            "{line} changed something"
        );
    }
    assert!(passed > 80, "{passed} commands were answered");
    // The proof sees what it is to see: so PFCOUNT writes.
    server.command(&["PFCOUNT", "hll"]);
    assert_ne!(contents(&sessions).await, before);
}

#[tokio::test]
async fn each_write_changes_no_key_that_it_does_not_name() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let redis = &sessions[0];
    for command in commands(redis).await.into_iter().filter(|c| c.writes) {
        // RESTORE takes bytes that no line holds; undo is tested with it.
        let is_known = [WRITES, REFUSED_WRITES, &["RESTORE new"]]
            .iter()
            .any(|lines| call_of(&command.name, lines).is_some());
        let name = command.name.replace('|', " ");
        if !is_known {
            check_write(&server, &sessions, &format!("{name} text x"), false).await;
        }
    }
    for line in WRITES {
        check_write(&server, &sessions, line, true).await;
    }
    for line in REFUSED_WRITES {
        let (name, arguments) = split(line);
        let refused = redis.written_keys(&name, &arguments).await;
        let refused = refused.expect_err(line);
        assert_eq!(refused.kind(), Kind::Denied, "{line}: {refused}");
    }
}

#[tokio::test]
async fn what_is_known_to_write_without_a_server_is_what_the_server_says() {
    let server = Server::start();
    prepare(&server);
    let sessions = sessions(&server).await;
    let redis = &sessions[0];
    let commands = commands(redis).await;
    for name in WRITES_FIRST_KEY {
        let mut told = commands.iter().filter(|command| command.name == *name);
        assert!(told.all(|command| command.writes), "{name}");
    }
    for command in commands.iter().filter(|command| command.reads) {
        assert!(!is_known_to_write(&command.name), "{}", command.name);
    }
    let mut known = 0;
    for line in WRITES {
        let (name, arguments) = split(line);
        if is_known_to_write(&name) {
            let told = redis.written_keys(&name, &arguments).await.unwrap();
            assert_eq!(known_to_be_written(&name, &arguments), Some(told), "{line}");
            known += 1;
        }
    }
    assert!(known > 30, "{known} writes are known");
}

/// `is_known`: the line must be let through, and change something.
async fn check_write(server: &Server, sessions: &[Redis], line: &str, is_known: bool) {
    prepare(server);
    let (name, arguments) = split(line);
    let named = match sessions[0].written_keys(&name, &arguments).await {
        Ok(named) => named,
        Err(error) if is_known => panic!("{line}: {error}"),
        Err(_) => return,
    };
    let before = contents(sessions).await;
    let words: Vec<&str> = line.split(' ').collect();
    let answer = server.command_in(0, &words);
    let after = contents(sessions).await;
    let keys = before.keys().chain(after.keys());
    let changed: Vec<_> = keys
        .filter(|key| before.get(*key) != after.get(*key))
        .collect();
    assert!(!is_known || !changed.is_empty(), "{line}: {answer}");
    for (database, key) in changed {
        let is_named = *database == 0 && named.contains(key);
        let key = String::from_utf8_lossy(key);
        assert!(is_named, "{line} changed `{key}` of database {database}");
    }
}

struct Command {
    /// In lower case; of a command of subcommands `name|subcommand`.
    name: String,
    reads: bool,
    writes: bool,
}

/// Every command that the server knows.
async fn commands(redis: &Redis) -> Vec<Command> {
    let mut found = Vec::new();
    let mut entries = list(call(redis, "COMMAND").await.unwrap());
    while let Some(entry) = entries.pop() {
        let fields = list(entry);
        let subcommands = fields.get(9).cloned().map(list).unwrap_or_default();
        if subcommands.is_empty() {
            let flags: Vec<String> = list(fields[2].clone()).into_iter().map(text).collect();
            found.push(Command {
                name: text(fields[0].clone()),
                reads: flags.contains(&"readonly".to_owned()),
                writes: flags.contains(&"write".to_owned()),
            });
        }
        entries.extend(subcommands);
    }
    assert!(found.len() > 200, "{} commands", found.len());
    found
}

fn list(value: RedisValue) -> Vec<RedisValue> {
    match value {
        RedisValue::Array(values) => values,
        other => panic!("{other:?} is no list"),
    }
}

fn text(value: RedisValue) -> String {
    let text = match value {
        RedisValue::Status(text) => text,
        other => String::from_utf8(other.into_bytes().unwrap()).unwrap(),
    };
    text.to_ascii_lowercase()
}

/// The line of `lines` that calls `name`.
fn call_of(name: &str, lines: &[&str]) -> Option<String> {
    let words = name.split('|').count();
    let called = |line: &&&str| {
        let name_of: Vec<&str> = line.split(' ').take(words).collect();
        name_of.join("|").eq_ignore_ascii_case(name)
    };
    lines.iter().find(called).map(|line| (*line).to_owned())
}

/// Empties the server and fills it with [`KEYS`].
fn prepare(server: &Server) {
    server.command(&["FLUSHALL"]);
    for line in KEYS {
        server.command(&line.split(' ').collect::<Vec<_>>());
    }
}

/// A session with each database.
async fn sessions(server: &Server) -> Vec<Redis> {
    let limits = Limits {
        connect: Duration::from_secs(30),
        redis: Duration::from_secs(30),
        ..Limits::default()
    };
    let mut sessions = Vec::new();
    for database in 0..DATABASES {
        let target = RedisTarget::parse(&server.url(database), &Secrets::default()).unwrap();
        sessions.push(Redis::connect(&target, &limits).await.unwrap());
    }
    sessions
}

/// Every key of every database, with its value and the moment when it goes.
type Contents = BTreeMap<(usize, Vec<u8>), (RedisValue, RedisValue)>;

async fn contents(sessions: &[Redis]) -> Contents {
    let mut contents = BTreeMap::new();
    for (database, redis) in sessions.iter().enumerate() {
        for key in redis.scan(b"*", 1000).await.unwrap() {
            let argument = [key.clone()];
            let value = redis.call("DUMP", &argument).await.unwrap();
            let end = redis.call("PEXPIRETIME", &argument).await.unwrap();
            contents.insert((database, key), (value, end));
        }
    }
    contents
}

fn split(line: &str) -> (String, Vec<Vec<u8>>) {
    let mut words = line.split(' ');
    let name = words.next().unwrap().to_owned();
    (name, words.map(|word| word.as_bytes().to_owned()).collect())
}

async fn call(redis: &Redis, line: &str) -> Result<RedisValue, RedisError> {
    let (name, arguments) = split(line);
    redis.call(&name, &arguments).await
}
