//! The commands of the stand-in, without its socket.

use super::command::{READ, WRITE};
use super::contents::databases;
use super::store::{Connection, Store};
use super::wire::{Reply, error, wrong_type};
use super::worker::Worker;

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
        "SET a 2 EX 60",
        "TTL a",
        "PEXPIRE a 60000",
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
    assert_eq!(said[2], Reply::Integer(1));
    assert_eq!(said[3], Reply::text("{\"Text\":\"2\"}"));
    assert_eq!(said[5], Reply::text("2"));
    assert!(matches!(said[6], Reply::Integer(59_000..=60_000)));
    assert_eq!(said[8], Reply::Integer(0));
    assert_eq!(said[9], Reply::Nil);
    assert_eq!(said[10], Reply::Integer(1));
}

#[test]
fn a_set_goes_with_its_last_member() {
    let said = talk(&["SADD s x y x", "SREM s x y", "EXISTS s"]);
    assert_eq!(said[0], Reply::Integer(2));
    assert_eq!(said[2], Reply::Integer(0));
}

#[test]
fn a_key_of_another_type_stays_as_it_is() {
    let said = talk(&["SADD celery:dlq x", "LLEN celery:dlq"]);
    assert_eq!(said, [wrong_type(), Reply::Integer(2)]);
}

#[test]
fn a_command_that_is_not_there_is_refused_in_the_words_of_redis() {
    let expected = "ERR unknown command 'FLUSHALL', with args beginning with: 'async' ";
    assert_eq!(ask("FLUSHALL async"), error(expected));
    assert_eq!(ask("COMMAND INFO flushall"), Reply::Array(vec![Reply::Nil]));
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
        "COMMAND GETKEYS SCAN 0",
    ] {
        assert!(matches!(ask(line), Reply::Error(_)), "{line}");
    }
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
        "SSCAN celery:dlq 0 MATCH",
        "GET",
        "SCAN",
    ] {
        ask(line);
    }
}
