//! What a run may hold: whatever a service answers, a script makes or a file has, it ends with an error
//! that says so, and holds no more than the limit on the way.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::support::peer;
use crate::support::postgres;
use crate::support::redis::Server;
use crate::support::tikbook::{Output, Tikbook};

/// What a process may hold by its own limit, and what it is beside its allocations: program and stacks.
const MOST: u64 = (1024 + 128) << 20;

/// What a run may hold that is told of something large before it comes.
const LITTLE: u64 = 160 << 20;

fn tikbook(expression: &str) -> Tikbook {
    Tikbook::new().args(["run", "-e", expression]).measured()
}

/// It failed as runs fail, with what it said.
fn failed(output: &Output, case: &str, words: &[&str]) {
    let code = output.status.code();
    assert!(matches!(code, Some(1 | 4)), "{case}: {output:.2000}");
    for words in words {
        assert!(
            output.stderr.contains(words),
            "{case}: {words}: {:.2000}",
            output.stderr
        );
    }
}

/// The port of a peer that sends `first` to whoever connects, and then `again` without end.
fn endless(first: &'static [u8], again: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                // Most wait for a question; who does not is heard all the same.
                let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
                let _ = stream.read(&mut [0; 1024]);
                let sent = stream.write_all(first);
                // Until the client is gone.
                while sent.is_ok() && stream.write_all(again).is_ok() {}
                let _ = stream.read(&mut [0; 16]);
            });
        }
    });
    port
}

const REST: &[u8] = &[b'x'; 1 << 16];

#[test]
fn what_a_redis_announces_is_not_believed() {
    let nested: &'static [u8] = b"*1000000\r\n".repeat(90).leak();
    for (case, port) in [
        ("a long text", peer(b"$4294967296\r\n")),
        ("many elements", peer(b"*2000000000\r\n")),
        ("a large map", peer(b"%2000000000\r\n")),
        ("lists in lists", peer(nested)),
        ("a line without an end", endless(b"+", REST)),
        ("a length without an end", endless(b"$", REST)),
        ("an error without an end", endless(b"-ERR ", REST)),
    ] {
        let url = format!("redis://127.0.0.1:{port}/0");
        let output = tikbook("redis::get(\"x\")").env("REDIS_URL", url).run();
        failed(&output, case, &["takes more than 67108864 bytes"]);
        assert!(output.peak() < LITTLE, "{case}: {}", output.peak());
    }
}

#[test]
fn one_answer_of_redis_is_as_large_as_the_site_allows() {
    let server = Server::start();
    server.command(&["SETRANGE", "large", "100000000", "x"]);
    let get = |limits: &str| {
        let config = format!(
            "[sites.n]\n[sites.n.redis]\nurl = \"{}\"\n[sites.n.limits]\n{limits}\n",
            server.url(0)
        );
        Tikbook::new()
            .file("tikbook.toml", config)
            .args(["run", "-e", "redis::get(\"large\").len()"])
            .measured()
            .run()
    };
    let output = get("redis_timeout = \"60s\"");
    failed(
        &output,
        "100 MB",
        &[
            "the answer of redis to `GET` takes more than 67108864 bytes",
            "max_answer",
            "expression:1:8",
        ],
    );
    assert!(output.peak() < LITTLE, "{}", output.peak());
    let output = get("redis_timeout = \"60s\"\nmax_answer = 200000000").code(0);
    assert_eq!(output.stdout, "100000001\n");
    let output = get("redis_timeout = \"60s\"\nmax_answer = 2000000000").code(0);
    assert_eq!(output.stdout, "100000001\n");
}

#[test]
fn what_a_database_announces_or_sends_without_end_is_not_kept() {
    for (case, url, port) in [
        ("a message of 2 GiB", "postgres", peer(b"R\x7f\xff\xff\xff")),
        ("a message of 4 GiB", "postgres", peer(b"R\xff\xff\xff\xff")),
        (
            "a message of 800 MB",
            "postgres",
            endless(b"R\x2f\xff\xff\xff", REST),
        ),
        (
            "packets without end",
            "mysql",
            endless(b"", {
                let mut packet = vec![b'x'; 0xff_ff_ff + 4];
                packet[..5].copy_from_slice(b"\xff\xff\xff\x00\x0a");
                packet.leak()
            }),
        ),
    ] {
        let url = format!("{url}://u:p@127.0.0.1:{port}/d?sslmode=disable&ssl-mode=DISABLED");
        let url = match url.starts_with("mysql") {
            true => url.replace("sslmode=disable&", ""),
            false => url.replace("&ssl-mode=DISABLED", ""),
        };
        let output = tikbook("db::rows(\"SELECT 1 AS x\")")
            .env("DATABASE_URL", url)
            .env("TIKBOOK_TIMEOUT", "60s")
            .run();
        failed(&output, case, &["memory", "expression:1:5"]);
        assert!(output.peak() < MOST, "{case}: {}", output.peak());
    }
}

#[test]
fn one_value_of_a_real_database_may_not_be_of_any_size() {
    let database = postgres::database();
    let output = tikbook("db::rows(\"SELECT repeat('x', 400000000) AS x\")")
        .env("DATABASE_URL", database.url())
        .env("TIKBOOK_TIMEOUT", "100s")
        .run();
    failed(&output, "a value of 400 MB", &["expression:1:5"]);
    assert!(output.peak() < MOST, "{}", output.peak());
}

#[test]
fn an_engine_that_answers_without_end_is_left() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[";
    let port = endless(answer, REST);
    let output = tikbook("docker::containers()")
        .env("DOCKER_HOST", format!("tcp://127.0.0.1:{port}"))
        .run();
    failed(&output, "docker", &["more than 67108864 bytes"]);
    assert!(output.peak() < 3 * LITTLE, "{}", output.peak());
}

/// A text of 128 MiB, and what scripts do with one.
#[test]
fn large_texts_end_a_script_and_never_the_process() {
    const TEXT: &str = "let t = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"; for i in 0..22 { t += t; } ";
    for (expression, code) in [
        ("t.sub_string(1).len()", 0),
        ("t.sub_string(-5)", 0),
        ("t.crop(1, 5); t", 0),
        ("t.to_chars().len()", 1),
        ("t.split_rev(\"x\").len()", 1),
        ("t.split(\"x\").len()", 1),
        ("let all = []; for c in t { all.push(c); } all.len()", 1),
        ("t += t; t += t; t += t; t.len()", 1),
        ("(t + t + t + t + t).len()", 1),
        ("let a = []; a.pad(20, t); a.to_string().len()", 1),
        ("debug([t, t, t, t])", 1),
        ("[t, t, t, t, t, t]", 1),
        ("throw t", 1),
        ("time::parse(t)", 1),
        ("t.parse_int()", 1),
        ("print(t); 1", 0),
    ] {
        let script = format!("{TEXT}{expression}");
        let output = Tikbook::new()
            .args(["--site", "demo", "run", "-e", &script])
            .measured()
            .run();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{expression}: {output:.2000}"
        );
        assert!(output.peak() < MOST, "{expression}: {}", output.peak());
        // Nobody reads a text of this size on a terminal.
        assert!(
            output.stderr.len() < 100_000,
            "{expression}: {}",
            output.stderr.len()
        );
    }
}

#[test]
fn files_without_an_end_are_read_in_part() {
    for arguments in [
        &["run", "/dev/zero"][..],
        &["check", "/dev/zero"],
        &["--config", "/dev/zero", "run", "audit"],
        &["--env-file", "/dev/zero", "run", "audit"],
        &["apply", "/dev/zero"],
        &["simulate", "--state", "/dev/zero"],
        &[
            "--site",
            "demo",
            "run",
            "diagnose-sync",
            "--log",
            "/dev/zero",
        ],
    ] {
        let output = Tikbook::new().args(arguments).measured().run();
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 2)), "{arguments:?}: {output:.2000}");
        assert!(
            output.stderr.contains("/dev/zero"),
            "{arguments:?}: {output:.2000}"
        );
        assert!(
            output.peak() < 2 * LITTLE,
            "{arguments:?}: {}",
            output.peak()
        );
    }
    let output = Tikbook::new()
        .args(["--site", "demo", "run", "-"])
        .stdin(vec![b' '; 64 << 20])
        .measured()
        .run();
    output.code(2).says("too long");
}
