//! The session's Redis on a real server: what is read, what is refused, what happens when the
//! server does not play along.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use tikbook::config::{Limits, RedisTarget, Secrets};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::redis::{Redis, RedisError, RedisValue};

use crate::support::redis::{Server, sentinel_of};
use crate::support::{closed_port, peer, server};

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(20),
        redis: Duration::from_secs(20),
        ..Limits::default()
    }
}

async fn open(url: &str, limits: Limits) -> Result<Redis, RedisError> {
    Redis::connect(
        &RedisTarget::parse(url, &Secrets::default()).unwrap(),
        &limits,
    )
    .await
}

async fn call(redis: &Redis, line: &str) -> Result<RedisValue, RedisError> {
    let mut words = line.split(' ');
    let command = words.next().unwrap();
    let arguments: Vec<Vec<u8>> = words.map(|word| word.as_bytes().to_owned()).collect();
    redis.call(command, &arguments).await
}

fn bytes(text: &str) -> RedisValue {
    RedisValue::Bytes(text.as_bytes().to_owned())
}

#[tokio::test]
async fn values_of_every_kind_are_read() {
    let server = Server::start();
    server.command(&["SET", "text", "value"]);
    server.command(&["SETEX", "brief", "1000", "x"]);
    server.command(&["RPUSH", "list", "a", "b", "c"]);
    server.command(&["HSET", "hash", "f", "1", "g", "2"]);
    server.command(&["ZADD", "zset", "1.5", "m"]);
    let redis = open(&server.url(0), limits()).await.unwrap();
    for (line, expected) in [
        ("GET text", bytes("value")),
        ("get absent", RedisValue::Nil),
        ("TTL absent", RedisValue::Int(-2)),
        ("TTL text", RedisValue::Int(-1)),
        ("TYPE list", RedisValue::Status("list".to_owned())),
        ("EXISTS text", RedisValue::Int(1)),
        ("LLEN list", RedisValue::Int(3)),
        (
            "LRANGE list 1 -1",
            RedisValue::Array(vec![bytes("b"), bytes("c")]),
        ),
        // Known to read by the server only.
        ("GETRANGE text 0 1", bytes("va")),
        ("ZSCORE zset m", bytes("1.5")),
        ("OBJECT ENCODING text", bytes("embstr")),
    ] {
        assert_eq!(call(&redis, line).await, Ok(expected), "{line}");
    }
    let hash = redis.hash(b"hash").await.unwrap();
    let pair = |a: &str, b: &str| (a.as_bytes().to_owned(), b.as_bytes().to_owned());
    assert_eq!(hash, [pair("f", "1"), pair("g", "2")]);
    let wrong_type = redis.hash(b"list").await.unwrap_err();
    assert_eq!(wrong_type.kind(), Kind::Refused);
    assert!(wrong_type.to_string().contains("WRONGTYPE"), "{wrong_type}");
}

#[tokio::test]
async fn no_command_that_does_more_than_read_reaches_the_server() {
    let server = Server::start();
    server.command(&["SET", "text", "value"]);
    server.command(&["SET", "only in 3", "x"]);
    let redis = open(&server.url(0), limits()).await.unwrap();
    for line in [
        "SET text other",
        "DEL text",
        "GETDEL text",
        "GETEX text PERSIST",
        "EXPIRE text 1",
        "FLUSHALL",
        "EVAL return(1) 0",
        "EVALSHA abc 0",
        "FCALL f 0",
        "EVAL_RO return(1) 0",
        "EVALSHA_RO abc 0",
        "FCALL_RO f 0",
        "PFCOUNT text",
        "TOUCH text",
        "COPY text other",
        "COPY text other DB 1",
        "MOVE text 1",
        "MIGRATE 127.0.0.1 1 text 0 1",
        "SWAPDB 0 3",
        "RESTORE other 0 x",
        "GEORADIUS text 0 0 1 m STORE other",
        "BITFIELD text SET u8 0 1",
        "MEMORY PURGE",
        "OBJECT HELP",
        "SCRIPT LOAD return(1)",
        "CONFIG GET requirepass",
        "CONFIG SET maxmemory 1",
        "PUBLISH a b",
        "SUBSCRIBE a",
        "MONITOR",
        "SELECT 3",
        "MULTI",
        "WATCH text",
        "AUTH x",
        "HELLO 3",
        "CLIENT KILL x",
        "CLIENT REPLY OFF",
        "RESET",
        "QUIT",
        "BLPOP nothing 3",
        "BRPOP nothing 3",
        "XREAD BLOCK 0 STREAMS s $",
        "WAIT 1 1000",
        "SORT list STORE other",
        "KEYS *",
        "SHUTDOWN NOSAVE",
        "DEBUG SLEEP 1",
        "NOSUCHCOMMAND",
        "OBJECT",
    ] {
        let refused = call(&redis, line).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Denied, "{line}: {refused}");
    }
    assert_eq!(call(&redis, "GET text").await, Ok(bytes("value")));
    assert_eq!(call(&redis, "DBSIZE").await, Ok(RedisValue::Int(2)));
}

#[tokio::test]
async fn a_scan_gives_each_key_once_and_knows_its_bound() {
    let server = Server::start();
    for number in 0..2500 {
        server.command(&["SET", &format!("key:{number}"), "x"]);
    }
    server.command(&["SET", "other", "x"]);
    let redis = open(&server.url(0), limits()).await.unwrap();
    let mut keys = redis.scan(b"key:*", 10_000).await.unwrap();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 2500);
    let too_many = redis.scan(b"*", 100).await.unwrap_err();
    assert!(matches!(too_many, RedisError::TooMuch { .. }), "{too_many}");
}

#[tokio::test]
async fn each_url_reaches_its_own_database() {
    let server = Server::start();
    let by_path = open(&server.url(0).replace("/0", "/3"), limits())
        .await
        .unwrap();
    let by_option = open(&format!("{}?db=3", server.url(1)), limits())
        .await
        .unwrap();
    let in_zero = open(&server.url(0), limits()).await.unwrap();
    server.command(&["SET", "moved", "x"]);
    server.command(&["MOVE", "moved", "3"]);
    assert_eq!(call(&by_path, "EXISTS moved").await, Ok(RedisValue::Int(1)));
    assert_eq!(
        call(&by_option, "EXISTS moved").await,
        Ok(RedisValue::Int(1))
    );
    assert_eq!(call(&in_zero, "EXISTS moved").await, Ok(RedisValue::Int(0)));
}

#[tokio::test]
async fn a_redis_that_cannot_be_used_says_why_without_the_password() {
    let server = Server::start_with(&["--requirepass", "right"]);
    let closed = closed_port();
    let with_password = server.url(0).replace("redis://", "redis://:s3cret@");
    let absent = format!("redis://:s3cret@127.0.0.1:{closed}/0");
    for (url, kind) in [
        (with_password, Kind::LoginRefused),
        (absent, Kind::Unreachable),
        ("unix:///nowhere/at/all.sock".to_owned(), Kind::Unreachable),
    ] {
        let error = open(&url, limits()).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{url}: {error}");
        assert!(error.kind().is_unreachable() && error.hint().is_some());
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    // Without any password Redis lets one in and answers nothing.
    let nobody = open(&server.url(0), limits()).await;
    let error = match nobody {
        Ok(redis) => call(&redis, "GET x").await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), Kind::LoginRefused, "{error}");
    let right = server.url(0).replace("redis://", "redis://:right@");
    let redis = open(&right, limits()).await.unwrap();
    assert_eq!(call(&redis, "GET x").await, Ok(RedisValue::Nil));
}

#[tokio::test]
async fn a_peer_that_is_no_redis_is_an_error_whatever_it_sends() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"",
        b"$1073741824\r\nx",
        b"*2147483647\r\n",
        b"*-5\r\n",
        b"$-7\r\n",
        b"-ERR no\r\n-ERR no\r\n-ERR no\r\n-ERR no\r\n",
        b"\xff\xff\xff",
    ] {
        let limits = Limits {
            connect: Duration::from_secs(2),
            redis: Duration::from_secs(2),
            ..limits()
        };
        let url = format!("redis://127.0.0.1:{}/0", peer(bytes));
        let error = match open(&url, limits).await {
            Ok(redis) => call(&redis, "GET x").await.unwrap_err(),
            Err(error) => error,
        };
        assert!(
            error.kind().is_unreachable() || error.kind() == Kind::Refused,
            "{bytes:?}: {error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["redis", "rediss"] {
        let limits = Limits {
            connect: Duration::from_millis(300),
            ..limits()
        };
        let url = format!("{scheme}://127.0.0.1:{port}/0");
        let error = open(&url, limits).await.err().unwrap();
        assert_eq!(error.kind(), Kind::Timeout, "{scheme}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_next_one() {
    let server = Server::start();
    server.command(&["SET", "late", "late"]);
    server.command(&["SET", "next", "next"]);
    let limits = Limits {
        redis: Duration::from_secs(2),
        ..limits()
    };
    let redis = open(&server.url(0), limits).await.unwrap();
    server.pause();
    let error = call(&redis, "GET late").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    server.resume();
    assert_eq!(call(&redis, "GET next").await, Ok(bytes("next")));
}

#[tokio::test]
async fn a_server_that_goes_away_is_an_error_and_one_that_returns_is_used_again() {
    let mut server = Server::start();
    let redis = open(&server.url(0), limits()).await.unwrap();
    server.kill();
    for _ in 0..2 {
        let error = call(&redis, "GET x").await.unwrap_err();
        assert!(error.kind().is_unreachable(), "{error}");
    }
}

#[tokio::test]
async fn a_cluster_is_read_by_its_url() {
    let server = Server::cluster();
    server.command(&["SET", "text", "value"]);
    let url = format!("redis+cluster://127.0.0.1:{}", server.port());
    let redis = open(&url, limits()).await.unwrap();
    assert_eq!(call(&redis, "GET text").await, Ok(bytes("value")));
    assert_eq!(call(&redis, "GETRANGE text 0 0").await, Ok(bytes("v")));
    assert_eq!(
        call(&redis, "DEL text").await.unwrap_err().kind(),
        Kind::Denied
    );
    // One server's keys are not the cluster's.
    assert_eq!(redis.scan(b"*", 10).await.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn the_master_is_found_through_its_sentinel() {
    let master = Server::start_with(&["--requirepass", "right"]);
    let (_sentinel, port) = sentinel_of(&master);
    let url = format!("redis+sentinel://:right@127.0.0.1:{port}/portal/0");
    let redis = open(&url, limits()).await.unwrap();
    assert_eq!(call(&redis, "DBSIZE").await, Ok(RedisValue::Int(0)));
    let other = format!("redis+sentinel://:right@127.0.0.1:{port}/absent/0");
    assert_eq!(
        open(&other, limits()).await.err().unwrap().kind(),
        Kind::Unreachable
    );
}

#[tokio::test]
async fn tls_is_checked_by_the_authority_that_the_url_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(path("other.pem"), other.cert.pem()).unwrap();
    let port = server::free_port();
    let _server = Server::start_with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &path("cert.pem"),
        "--tls-key-file",
        &path("key.pem"),
        "--tls-ca-cert-file",
        &path("cert.pem"),
        "--tls-auth-clients",
        "no",
    ]);
    let trusting = |query: String| format!("rediss://localhost:{port}/0?{query}");
    for (query, trusted) in [
        (format!("ssl_ca_certs={}", path("cert.pem")), true),
        (format!("ssl_ca_certs={}", path("other.pem")), false),
        ("ssl_cert_reqs=required".to_owned(), false),
        ("ssl_cert_reqs=none".to_owned(), true),
    ] {
        match open(&trusting(query.clone()), limits()).await {
            Ok(redis) => {
                assert!(trusted, "{query}");
                assert_eq!(
                    call(&redis, "PING").await,
                    Ok(RedisValue::Status("PONG".to_owned()))
                );
            }
            Err(error) => {
                assert!(!trusted, "{query}: {error}");
                assert_eq!(error.kind(), Kind::Unreachable, "{query}: {error}");
            }
        }
    }
}
