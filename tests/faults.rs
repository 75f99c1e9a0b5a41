//! Everything a site can do wrong: each fault has its exit code and an error that names the service,
//! its address, the cause and the next step, and nothing half-read is ever called clean.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use routeros_sim::{Faults, Options, Policy, Simulator, State};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::pages::fits_at_every_width;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{closed_port, postgres, redis};

const USER: &str = "audit";
const PASSWORD: &str = "s3cret-word";
/// What `--timeout` is set to; no test waits for it to be exact.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A router with ten thousand rows on the blocked list.
struct Router {
    simulator: Simulator,
    _runtime: Runtime,
}

impl Router {
    fn with(faults: Faults) -> Self {
        let rows: Vec<_> = (1..=10_000)
            .map(|number| {
                json!({
                    ".id": format!("*{number:X}"),
                    "list": "blocked",
                    "address": format!("10.0.{}.{}", number / 250, number % 250),
                    "comment": format!("lpsaring|status=blocked|user=0812{number:07}"),
                })
            })
            .collect();
        let state = json!({
            "/ip/firewall/address-list": rows,
            "/ip/hotspot/ip-binding": [],
            "/system/identity": [{ "name": "gw" }],
        });
        let runtime = Runtime::new().unwrap();
        let simulator = runtime
            .block_on(Simulator::start(Options {
                user: USER.to_owned(),
                password: PASSWORD.to_owned(),
                state: State::from_json(&state.to_string()).unwrap(),
                faults,
                ..Options::default()
            }))
            .unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    fn port(&self) -> u16 {
        self.simulator.address().port()
    }
}

fn site(port: u16, database: &str) -> Tikbook {
    patient_site(port, database).env("TIKBOOK_TIMEOUT", "5s")
}

/// With the limits that there are without `--timeout`.
fn patient_site(port: u16, database: &str) -> Tikbook {
    Tikbook::new()
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD)
        .env("DATABASE_URL", database)
}

/// The audit as JSON; it must end within a few timeouts, whatever happens.
fn audit(tikbook: Tikbook) -> Output {
    let began = Instant::now();
    let output = tikbook.args(["run", "audit", "--json"]).run();
    assert!(
        began.elapsed() < TIMEOUT * 10,
        "took {:?}\n{}",
        began.elapsed(),
        output.stderr
    );
    output
}

/// The run failed because of its router: code 4, the words on stderr, and a JSON that says so too.
fn check_router_failed(output: &Output, port: u16, words: &[&str]) {
    assert_eq!(output.status.code(), Some(4), "{}", output.stderr);
    let address = format!("127.0.0.1:{port}");
    // Lines of an error are wrapped; words are looked for across line ends.
    let text = unwrapped(&output.stderr);
    for word in words.iter().chain(&["router", address.as_str(), "help:"]) {
        assert!(text.contains(word), "no `{word}` in\n{}", output.stderr);
    }
    let report = output.stdout_json();
    assert_eq!(report["mikrotik"]["available"], false, "{report}");
    assert_eq!(report["counts"], json!({}), "{report}");
    assert_eq!(report["error"]["exit_code"], 4, "{report}");
    check_no_secret(output);
}

fn unwrapped(text: &str) -> String {
    text.replace('│', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn check_no_secret(output: &Output) {
    assert!(!output.stderr.contains(PASSWORD), "{}", output.stderr);
    assert!(!output.stdout.contains(PASSWORD), "{}", output.stdout);
}

#[test]
fn a_router_that_is_not_there() {
    let database = postgres::database_with_schema();
    let port = closed_port();
    let output = audit(site(port, &database.url()));
    check_router_failed(
        &output,
        port,
        &["cannot connect", "Connection refused", "api-ssl"],
    );
}

#[test]
fn a_wrong_password() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        refuse_login: true,
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()).args(["-vv"]));
    check_router_failed(
        &output,
        router.port(),
        &[
            "cannot log in as `audit`",
            "password is wrong",
            "policy `api`",
        ],
    );
}

/// The router is there and says no, so this is no outage: the run failed (1), and says what to change.
#[test]
fn a_login_that_may_not_read() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        lacks: vec![Policy::Read],
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url())).code(1);
    for words in ["not enough permissions", "needs the policy read"] {
        assert!(output.stdout.contains(words), "{output}");
    }
}

#[test]
fn a_router_that_dies_in_the_middle_of_ten_thousand_rows() {
    let database = postgres::database_with_schema();
    for inside in [false, true] {
        let router = Router::with(Faults {
            drop_after_rows: Some(5_000),
            drop_inside_row: inside,
            ..Faults::default()
        });
        let output = audit(site(router.port(), &database.url()));
        check_router_failed(
            &output,
            router.port(),
            &["connection was lost", "5000 rows that are not all"],
        );
    }
}

#[test]
fn a_router_that_stalls_in_the_middle() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        stall_after_rows: Some(5_000),
        ..Faults::default()
    });
    let limits = |limits: &str| {
        let file = format!("[sites.n.limits]\n{limits}\n");
        patient_site(router.port(), &database.url()).file("tikbook.toml", file)
    };
    // The key that is named is that of the limit which was reached.
    for (tikbook, said, key) in [
        (
            site(router.port(), &database.url()),
            "did not end within 5s, and",
            "router_timeout",
        ),
        (
            limits("router_silence = \"2s\""),
            "the router was silent for 2s",
            "router_silence",
        ),
        (
            limits("router_timeout = \"3s\""),
            "did not end within 3s, and",
            "router_timeout",
        ),
    ] {
        let output = audit(tikbook);
        let words = [
            "the router was silent for",
            said,
            "5000 rows",
            "--timeout 2m",
            key,
        ];
        check_router_failed(&output, router.port(), &words);
    }
}

#[test]
fn a_router_that_is_too_slow_is_not_called_silent() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        row_latency: Duration::from_millis(2),
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()));
    let words = [
        "did not end within 5s, although",
        "--timeout 30m",
        "router_timeout",
    ];
    check_router_failed(&output, router.port(), &words);
    assert!(!output.stderr.contains("silent"), "{}", output.stderr);
}

#[test]
fn a_list_that_comes_for_longer_than_a_router_may_be_silent_is_read_whole() {
    let router = Router::with(Faults {
        row_latency: Duration::from_micros(500),
        ..Faults::default()
    });
    let limits = "[sites.n.limits]\nrouter_silence = \"3s\"\n";
    let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                  fn run(args) { #{ rows: mikrotik::rows(\"/ip/firewall/address-list\").len() } }\n";
    let began = Instant::now();
    let output = Tikbook::new()
        .env("MIKROTIK_HOST", format!("127.0.0.1:{}", router.port()))
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD)
        .file("tikbook.toml", limits)
        .file("reads.rhai", script)
        .args(["run", "./reads.rhai", "--json"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["rows"], 10_000);
    assert!(
        began.elapsed() > Duration::from_secs(3),
        "too fast to say anything"
    );
}

#[test]
fn thirty_large_answers_have_one_memory_and_the_error_names_the_read() {
    let router = Router::with(Faults::default());
    // One of them takes more than a mebibyte.
    let limits = "[sites.n.limits]\nmax_memory = 8000000\n";
    let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                  fn run(args) {\n    let kept = [];\n    \
                  for n in 0..30 { kept.push(mikrotik::rows(\"/ip/firewall/address-list\")); }\n    \
                  let rows = 0;\n    for read in kept { rows += read.len(); }\n    #{ rows: rows }\n}\n";
    let run = |script: &str| {
        Tikbook::new()
            .env("MIKROTIK_HOST", format!("127.0.0.1:{}", router.port()))
            .env("MIKROTIK_USERNAME", USER)
            .env("MIKROTIK_PASSWORD", PASSWORD)
            .file("tikbook.toml", limits)
            .file("reads.rhai", script)
            .args(["run", "./reads.rhai", "--json"])
            .run()
    };
    let output = run(script).code(1);
    let error = &output.stdout_json()["error"];
    for (words, part) in [
        ("no memory is left", "message"),
        ("`/ip/firewall/address-list/print`", "message"),
        ("8000000 bytes", "message"),
        ("max_memory", "hint"),
    ] {
        assert!(error[part].as_str().unwrap().contains(words), "{error}");
    }
    // What is not kept counts no more.
    let one_by_one = script.replace(
        "kept.push(mikrotik::rows(\"/ip/firewall/address-list\"))",
        "kept.push(mikrotik::rows(\"/ip/firewall/address-list\").len())",
    );
    let one_by_one = one_by_one.replace("read.len()", "read");
    let output = run(&one_by_one).code(0);
    assert_eq!(output.stdout_json()["rows"], 300_000);
}

#[test]
fn an_address_of_version_six_is_no_name_to_look_up() {
    let port = closed_port();
    for (host, beside) in [
        (format!("[::1]:{port}"), None),
        ("[::1]".to_owned(), Some(port)),
        ("::1".to_owned(), Some(port)),
    ] {
        let tikbook = Tikbook::new().env("MIKROTIK_HOST", &host);
        let tikbook = match beside {
            Some(port) => tikbook.env("MIKROTIK_PORT", port.to_string()),
            None => tikbook,
        };
        let output = tikbook
            .args(["run", "-e", "mikrotik::count(\"/ip/arp\")"])
            .run()
            .code(4);
        let text = unwrapped(&output.stderr);
        assert!(text.contains(&format!("`[::1]:{port}`")), "{host}: {text}");
        assert!(!text.contains("lookup"), "{host}: {text}");
    }
}

#[test]
fn a_router_that_takes_connections_and_says_nothing() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        silent: true,
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()));
    check_router_failed(
        &output,
        router.port(),
        &["no answer to the login", "/ip/service"],
    );
}

#[test]
fn a_word_that_announces_a_gibibyte() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        announce_word: Some(1 << 30),
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()));
    check_router_failed(&output, router.port(), &["1073741824"]);
}

#[test]
fn bytes_that_are_no_protocol() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        garbage: true,
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()));
    check_router_failed(&output, router.port(), &[]);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let web_server = std::thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Who closes with bytes unread takes his own answer back.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let output = audit(site(port, &database.url()));
    web_server.join().unwrap();
    check_router_failed(&output, port, &["not the API of a RouterOS router", "8728"]);
}

#[test]
fn a_router_that_answers_in_small_pieces_is_read_whole() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        chunk: Some(777),
        ..Faults::default()
    });
    let patient = site(router.port(), &database.url()).env("TIKBOOK_TIMEOUT", "30s");
    let output = audit(patient).code(0);
    assert_eq!(
        output.stdout_json()["counts"]["address_list_blocked_total"],
        10_000
    );
}

#[test]
fn a_trap_in_the_middle_is_no_whole_answer() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        trap_after_rows: Some(5_000),
        ..Faults::default()
    });
    let output = audit(site(router.port(), &database.url()));
    assert_ne!(output.status.code(), Some(0), "{}", output.stdout);
    assert!(
        unwrapped(&output.stderr).contains("5000 rows that are not all"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_database_that_is_not_there() {
    let router = Router::with(Faults::default());
    let port = closed_port();
    let url = format!("postgresql://portal:{PASSWORD}@127.0.0.1:{port}/portal");
    let output = audit(site(router.port(), &url)).code(4);
    let text = unwrapped(&output.stderr);
    for word in ["database", &format!("127.0.0.1:{port}"), "refused", "help:"] {
        assert!(text.contains(word), "no `{word}` in\n{}", output.stderr);
    }
    check_no_secret(&output);
}

#[test]
fn a_database_that_dies_between_two_reads() {
    let mut server = postgres::Server::start();
    let database = server.database_with_schema();
    let router = Router::with(Faults {
        latency: Duration::from_millis(10),
        ..Faults::default()
    });
    let script = "//! Reads twice.\nconst RUNBOOK = #{ reads: [\"db\", \"mikrotik\"] };\n\
                  fn run(args) {\n    db::value(\"select count(*) from users\");\n    log::warn(\"read once\");\n    \
                  for n in 0..2000 { mikrotik::count(\"/ip/hotspot/ip-binding\"); db::value(\"select count(*) from users\"); }\n}\n";
    let mut running = site(router.port(), &database.url())
        .file("twice.rhai", script)
        .args(["run", "./twice.rhai"])
        .start();
    running.wait_for_stderr("read once");
    server.kill();
    let output = running.finish().code(4);
    assert!(output.stderr.contains("database"), "{}", output.stderr);
}

#[test]
fn a_statement_that_writes_is_refused_by_a_guard() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults::default());
    for statement in [
        "delete from users",
        "with gone as (delete from users returning id) select count(*) from gone",
        "select set_config('default_transaction_read_only', 'off', false)",
        "select 1; delete from users",
    ] {
        let script = format!(
            "//! Writes.\nconst RUNBOOK = #{{ reads: [\"db\"] }};\nfn run(args) {{ db::rows(`{statement}`).len() }}\n"
        );
        let output = site(router.port(), &database.url())
            .file("writes.rhai", script)
            .args(["run", "./writes.rhai"])
            .run()
            .code(6);
        assert!(output.stderr.contains("database"), "{}", output.stderr);
    }
}

#[test]
fn a_redis_that_is_not_there_or_refuses_the_password() {
    let router = Router::with(Faults::default());
    let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"redis\"] };\n\
                  fn run(args) { redis::get(\"quota_sync:last_run_ts\") }\n";
    let with = |port: u16, password: &str| {
        site(router.port(), "sqlite:///none.db")
            .env("REDIS_HOST_OTP", "127.0.0.1")
            .env("REDIS_PORT_OTP", port.to_string())
            .env("REDIS_PASSWORD_OTP", password)
            .file("reads.rhai", script)
            .args(["run", "./reads.rhai"])
            .run()
    };
    let nobody = closed_port();
    let output = with(nobody, "null").code(4);
    assert!(
        output.stderr.contains(&format!("127.0.0.1:{nobody}")),
        "{}",
        output.stderr
    );

    let server = redis::Server::start_with(&["--requirepass", PASSWORD]);
    let output = with(server.port(), "wrong").code(4);
    assert!(output.stderr.contains("redis"), "{}", output.stderr);
    with(server.port(), PASSWORD).code(0);
}

/// What is said of each fault fits the terminal that it is read on.
#[test]
fn every_error_fits_the_terminal() {
    let router = Router::with(Faults::default());
    let nobody = closed_port();
    let audit = |port: u16, database: &str| site(port, database).args(["run", "audit"]);
    let faulty: [(&str, Faults); 6] = [
        (
            "login",
            Faults {
                refuse_login: true,
                ..Faults::default()
            },
        ),
        (
            "policy",
            Faults {
                lacks: vec![Policy::Read],
                ..Faults::default()
            },
        ),
        (
            "died",
            Faults {
                drop_after_rows: Some(5_000),
                ..Faults::default()
            },
        ),
        (
            "trap",
            Faults {
                trap_after_rows: Some(5_000),
                ..Faults::default()
            },
        ),
        (
            "garbage",
            Faults {
                garbage: true,
                ..Faults::default()
            },
        ),
        (
            "length",
            Faults {
                announce_word: Some(1 << 30),
                ..Faults::default()
            },
        ),
    ];
    let database = postgres::database_with_schema();
    let url = database.url();
    for (name, faults) in faulty {
        let router = Router::with(faults);
        fits_at_every_width(name, &|| audit(router.port(), &url));
    }
    let dead = format!("postgresql://portal:{PASSWORD}@127.0.0.1:{nobody}/portal");
    let healthy = || site(router.port(), &url);
    let evaluated = |expression: &str| healthy().args(["run", "-e", expression]);
    let cases: [(&str, &dyn Fn() -> Tikbook); 12] = [
        ("no router", &|| audit(nobody, &url)),
        ("no database", &|| audit(router.port(), &dead)),
        ("no file", &|| {
            audit(router.port(), "sqlite:////no/such/folder/portal.db")
        }),
        ("doctor", &|| site(nobody, &dead).arg("doctor")),
        ("refused", &|| evaluated("db::rows(\"delete from users\")")),
        ("statement", &|| {
            evaluated("db::rows(\"select nothing from nowhere\")")
        }),
        ("no redis", &|| {
            evaluated("redis::get(\"quota_sync:last_run_ts\")")
                .env("REDIS_HOST_OTP", "127.0.0.1")
                .env("REDIS_PORT_OTP", nobody.to_string())
        }),
        ("thrown", &|| {
            evaluated("throw `nobody expects ${1 + 1} of these`")
        }),
        ("no runbook", &|| healthy().args(["run", "audti"])),
        ("no parameter", &|| {
            healthy().args(["run", "audit", "--limt", "5"])
        }),
        ("no site", &|| {
            healthy().args(["--site", "kots", "run", "audit"])
        }),
        ("no tls", &|| {
            audit(router.port(), &url)
                .env("MIKROTIK_USE_SSL", "True")
                .env("MIKROTIK_SSL_VERIFY", "True")
        }),
    ];
    for (name, command) in cases {
        fits_at_every_width(name, command);
    }
}

#[test]
fn an_interrupt_in_the_middle_of_a_read_ends_the_run_with_130() {
    let database = postgres::database_with_schema();
    let router = Router::with(Faults {
        stall_after_rows: Some(5_000),
        ..Faults::default()
    });
    let running = site(router.port(), &database.url())
        .args(["--timeout", "50s", "run", "audit"])
        .start();
    let asked = || {
        router
            .simulator
            .received()
            .of("/ip/firewall/address-list", "print")
            > 0
    };
    let began = Instant::now();
    while !asked() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the router was never asked"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    running.interrupt();
    running.finish().code(130);
}
