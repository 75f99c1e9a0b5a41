//! Commands of the router (`mikrotik::command`): what is known to read is sent at once, everything else is
//! planned, sent by itself, and not undone.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{PASSWORD, Router, USER};
use crate::support::terminal::{Screen, enter, ready, typed};
use crate::support::tikbook::{Output, Tikbook};

const LEASES: &str = "/ip/dhcp-server/lease";
const SCRIPTS: &str = "/system/script";
const IDENTITY: &str = "/system/identity";

/// A site whose router has leases, a queue and a script, and a state folder that commands share.
struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let lease = |n: usize| {
            json!({ ".id": format!("*{n}"), "address": format!("10.0.0.{n}"), "dynamic": "true",
                    "mac-address": format!("0A:00:00:00:00:0{n}"), "server": "dhcp1",
                    "status": "bound", "disabled": "false" })
        };
        let state = json!({
            LEASES: [lease(1), lease(2), lease(3)],
            SCRIPTS: [{ ".id": "*1", "name": "nightly", "source": ":log info a\n:log info b" }],
            "/queue/simple": [{ ".id": "*1", "name": "q", "target": "10.0.0.1/32", "bytes": "5/6" }],
            "/interface": [{ ".id": "*1", "name": "ether1", "disabled": "false" }],
            "/interface/ethernet": [{ ".id": "*1", "name": "ether1", "disabled": "false" }],
            IDENTITY: { "name": "gw" },
        });
        Site::of(&state)
    }

    fn of(state: &Value) -> Site {
        Site {
            router: Router::with(&state.to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn command(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        tikbook.env("XDG_STATE_HOME", self.state.path())
    }

    /// Runs a script whose header names these targets.
    fn run(&self, body: &str, writes: &[&str], flags: &[&str]) -> Output {
        let tikbook = self.command().file("script.rhai", script(body, writes));
        let args = ["run", "./script.rhai"].iter().chain(flags);
        tikbook.args(args).run()
    }

    fn json(&self, body: &str, writes: &[&str], flags: &[&str]) -> Output {
        self.run(body, writes, &[flags, &["--json"]].concat())
    }

    fn tikbook(&self, args: &[&str]) -> Output {
        self.command().args(args).run()
    }

    fn writes(&self) -> u64 {
        self.router.simulator.received().writes()
    }

    fn journals(&self) -> usize {
        let folder = self.state.path().join("tikbook");
        count_journals(&folder)
    }

    /// The field of a menu's row at this place.
    fn field(&self, menu: &str, at: usize, field: &str) -> String {
        let rows = self.router.simulator.rows(menu);
        let value = rows[at].get(field).unwrap_or_default();
        String::from_utf8(value.to_vec()).unwrap()
    }

    /// The address of the lease that is not dynamic.
    fn static_lease(&self) -> Option<String> {
        let rows = self.router.simulator.rows(LEASES);
        let kept = rows.iter().find(|row| row.get("dynamic") != Some(b"true"));
        kept.map(|row| String::from_utf8(row.get("address").unwrap().to_vec()).unwrap())
    }
}

fn count_journals(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => count_journals(&path),
        path => usize::from(path.extension().is_some_and(|end| end == "jsonl")),
    };
    entries.map(|entry| count(entry.unwrap())).sum()
}

fn script(body: &str, writes: &[&str]) -> String {
    format!(
        "//! Commands.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: {writes:?} }};\n\
         fn run(args) {{ let result = ({{ {body} }}); #{{ result: result }} }}\n"
    )
}

/// A text without the ends of its lines, which are where the screen's are.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first change of a report.
fn change(report: &Value) -> &Value {
    &report["changes"]["rows"][0]
}

/// A command that changes something.
struct Changing {
    call: &'static str,
    /// As what it is declared.
    target: &'static str,
    /// Where it is seen on the router: a menu, the place of a row, a field.
    seen: (&'static str, usize, &'static str),
    /// What stands there afterwards.
    after: &'static str,
}

const CHANGES: &[Changing] = &[
    Changing {
        call: r#"mikrotik::command("/ip/dhcp-server/lease", "make-static",
            #{ ".id": mikrotik::rows("/ip/dhcp-server/lease")[1] }, "a printer")"#,
        target: "mikrotik:/ip/dhcp-server/lease/make-static",
        seen: (LEASES, 1, "dynamic"),
        after: "false",
    },
    Changing {
        call: r#"mikrotik::command("/queue/simple", "reset-counters", #{ ".id": "*1" })"#,
        target: "mikrotik:/queue/simple/reset-counters",
        seen: ("/queue/simple", 0, "bytes"),
        after: "0/0",
    },
    Changing {
        call: r#"mikrotik::command("/system/script", "run", #{ ".id": "*1" })"#,
        target: "mikrotik:/system/script/run",
        seen: (SCRIPTS, 0, "run-count"),
        after: "1",
    },
];

#[test]
fn what_is_known_to_read_is_sent_at_once_and_is_in_no_plan() {
    for (call, expected) in [
        (
            r#"mikrotik::command("/", "ping", #{ address: "10.0.0.1", count: 3 }).len()"#,
            json!(3),
        ),
        (
            r#"mikrotik::command("/tool", "ping", #{ address: "10.0.0.1", count: 1 })[0].host"#,
            json!("10.0.0.1"),
        ),
        (
            r#"mikrotik::command("/interface/ethernet", "monitor", #{ numbers: "ether1", once: true })[0].status"#,
            json!("link-ok"),
        ),
        (
            r#"mikrotik::command("/interface/ethernet", "monitor",
                #{ ".id": mikrotik::rows("/interface/ethernet")[0], once: () })[0].name"#,
            json!("ether1"),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "print", #{ ".proplist": ["address"] })[2].address"#,
            json!("10.0.0.3"),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "getall").len()"#,
            json!(3),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "print", #{ "count-only": () })[0].ret"#,
            json!("3"),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "get", #{ ".id": "*2", "value-name": "address" })[0].ret"#,
            json!("10.0.0.2"),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "listen", #{ duration: "300ms" }).len()"#,
            json!(0),
        ),
        (
            r#"mikrotik::command("/tool", "traceroute", #{ address: "10.9.9.9", count: 1 })[2].address"#,
            json!("10.9.9.9"),
        ),
        (
            r#"mikrotik::command("/tool", "torch", #{ interface: "ether1", duration: "1s" }).len()"#,
            json!(1),
        ),
        (
            r#"mikrotik::command("/interface", "monitor-traffic", #{ interface: "ether1", once: () })[0].name"#,
            json!("ether1"),
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "print", #{ interval: "1h", duration: "300ms" }).len()"#,
            json!(3),
        ),
        (
            r#"mikrotik::command("/system/identity", "export")[0].ret.contains("set name=gw")"#,
            json!(true),
        ),
        (
            r#"mikrotik::command("/console", "inspect", #{ request: "child", path: "ip,arp" }).len() > 3"#,
            json!(true),
        ),
    ] {
        let site = Site::new();
        let report = site.json(call, &[], &[]).code(0).stdout_json();
        assert_eq!(report["result"], expected, "{call}");
        assert_eq!(report["changes"]["rows"], json!([]), "{call}");
        assert_eq!((site.writes(), site.journals()), (0, 0), "{call}");
    }
}

#[test]
fn a_time_to_watch_that_is_none_is_told() {
    let site = Site::new();
    for (call, given, why) in [
        (
            r#"mikrotik::command("/ip/arp", "listen", #{ duration: "1x" })"#,
            "`duration=1x`",
            "no length of time",
        ),
        (
            r#"mikrotik::command("/log", "print", #{ follow: (), duration: "99999999999999999999w" })"#,
            "`duration=99999999999999999999w`",
            "the length of time is too great",
        ),
    ] {
        let output = site.run(call, &[], &[]).code(1);
        let text = output.stderr.replace('\n', " ");
        assert!(
            text.contains(given) && text.contains(why) && !text.contains("would not end"),
            "{call}: {output}"
        );
    }
}

#[test]
fn a_reading_that_would_not_end_says_what_would_end_it() {
    let site = Site::new();
    for (call, hint) in [
        (
            r#"mikrotik::command("/", "ping", #{ address: "10.0.0.1" })"#,
            "`count`",
        ),
        (
            r#"mikrotik::command("/tool", "torch", #{ interface: "ether1" })"#,
            "`duration`",
        ),
        (
            r#"mikrotik::command("/interface/ethernet", "monitor", #{ numbers: "0" })"#,
            "`once`",
        ),
        (r#"mikrotik::command("/ip/arp", "listen")"#, "`duration`"),
        (
            r#"mikrotik::command("/log", "print", #{ follow: () })"#,
            "`duration`",
        ),
    ] {
        let output = site.run(call, &[], &[]).code(1);
        let text = output.stderr.replace('\n', " ");
        assert!(
            text.contains("would not end") && text.contains(hint),
            "{call}: {output}"
        );
    }
    let received = site.router.simulator.received();
    assert!(
        received
            .iter()
            .all(|(_, verb, _)| verb == "print" || verb.is_empty()),
        "{received:?}"
    );
}

#[test]
fn an_exported_text_has_no_secret_whatever_the_router_writes() {
    let state = json!({
        "/ppp/secret": [{ ".id": "*1", "name": "alice", "password": "hunter2", "service": "pppoe" }],
    });
    // The first leaves secrets out by itself, the second one writes them.
    for (version, shown) in [
        ("7.22.3", "add name=alice service=pppoe"),
        ("6.49.10", "password=***"),
    ] {
        let site = Site {
            router: Router::with_version(&state.to_string(), version),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        };
        let call = r#"mikrotik::command("/", "export")[0].ret"#;
        let output = site.json(call, &[], &[]).code(0);
        let text = output.stdout_json()["result"].as_str().unwrap().to_owned();
        assert!(
            text.contains(shown) && text.contains("/ppp secret"),
            "{version}: {text}"
        );
        assert!(!output.stdout.contains("hunter2"), "{version}: {output}");
        assert_eq!((site.writes(), site.journals()), (0, 0), "{version}");
    }
}

#[test]
fn what_pauses_because_it_was_asked_to_is_not_called_silent() {
    let site = Site::new();
    let call = r#"mikrotik::command("/", "ping", #{ address: "10.0.0.1", count: 2, interval: "3s" }).len()"#;
    let limits = "[sites.n.limits]\nrouter_silence = \"1s\"\n";
    let tikbook = site.command().file("tikbook.toml", limits);
    let tikbook = tikbook.file("script.rhai", script(call, &[]));
    let output = tikbook
        .args(["run", "./script.rhai", "--json"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["result"], 2);
}

#[test]
fn an_interrupt_cancels_on_the_router_what_is_watched() {
    for call in [
        r#"mikrotik::command("/tool", "torch", #{ interface: "ether1", duration: "1h" }).len()"#,
        r#"mikrotik::command("/ip/arp", "listen", #{ duration: "1h" }).len()"#,
        r#"mikrotik::command("/interface/ethernet", "monitor", #{ numbers: "ether1", duration: "1h" }).len()"#,
    ] {
        let site = Site::new();
        let received = || site.router.simulator.received();
        let tikbook = site.command().file("script.rhai", script(call, &[]));
        let running = tikbook.args(["run", "./script.rhai"]).start();
        let began = std::time::Instant::now();
        let is_asked = || {
            received()
                .iter()
                .any(|(_, verb, _)| ["torch", "listen", "monitor"].contains(&verb))
        };
        while !is_asked() {
            assert!(began.elapsed().as_secs() < 30, "{call}: never asked");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        running.interrupt();
        running.finish().code(130);
        assert_eq!(received().of("", "cancel"), 1, "{call}: {:?}", received());
    }
}

#[test]
fn an_answer_that_is_not_taken_whole_says_so() {
    let row = |n: usize| json!({ ".id": format!("*{n:X}"), "list": "l", "address": address(n) });
    let rows: Vec<Value> = (1..=10_005).map(row).collect();
    let site = Site::of(&json!({ "/ip/firewall/address-list": rows }));
    for (call, flags, len, said) in [
        (
            r#"mikrotik::command("/ip/firewall/address-list", "print", #{ ".proplist": "address" })"#,
            &[][..],
            10_000,
            "10000 rows were taken",
        ),
        (
            r#"mikrotik::command("/ip/arp", "listen", #{ duration: "1h" })"#,
            &["--timeout", "1s"],
            0,
            "0 rows were taken",
        ),
    ] {
        let output = site.json(&format!("{call}.len()"), &[], flags).code(0);
        assert_eq!(output.stdout_json()["result"], len, "{call}");
        let text = &output.stderr;
        assert!(
            text.contains("there was more") && text.contains(said),
            "{call}: {output}"
        );
    }
}

fn address(n: usize) -> String {
    format!("10.{}.{}.{}", n / 65536, n / 256 % 256, n % 256)
}

#[test]
fn what_changes_something_is_sent_only_when_it_is_applied_and_is_not_undone() {
    for Changing {
        call,
        target,
        seen,
        after,
    } in CHANGES
    {
        let (menu, at, field) = *seen;
        let site = Site::new();
        let before = site.field(menu, at, field);
        let dry = site.json(call, &[*target], &[]).code(0).stdout_json();
        assert_eq!(change(&dry)["status"], "planned", "{call}");
        assert_eq!(change(&dry)["action"], "run", "{call}");
        assert_eq!(change(&dry)["target"], *target, "{call}");
        assert_eq!(
            dry["changes"]["not_undone"],
            "1 command of the router cannot be undone"
        );
        assert_eq!((site.writes(), site.journals()), (0, 0), "{call}");
        let shown = site.run(call, &[*target], &[]).code(0).stdout;
        assert!(
            shown.contains("1 command of the router cannot be undone"),
            "{shown}"
        );

        let made = site
            .json(call, &[*target], &["--apply", "--yes"])
            .code(0)
            .stdout_json();
        assert_eq!(change(&made)["status"], "applied", "{call}");
        assert_eq!(
            made["changes"]["not_undone"],
            "commands of the router cannot be undone"
        );
        assert_eq!(made["changes"]["undo"], Value::Null, "{call}");
        let seen = match menu {
            LEASES => site.static_lease().is_some().then(|| (*after).to_owned()),
            _ => Some(site.field(menu, at, field)),
        };
        assert_eq!(seen.as_deref(), Some(*after), "{call}: it was {before}");
        let verb = target.rsplit_once('/').unwrap().1;
        assert_eq!(site.router.simulator.received().of(menu, verb), 1, "{call}");

        let id = made["changes"]["run"].as_str().unwrap();
        let history = site.tikbook(&["history", id]).code(0).stdout;
        assert!(in_one_line(&history).contains(*target), "{history}");
        let undo = site.tikbook(&["undo", id]).code(0).stdout;
        let undo = in_one_line(&undo);
        assert!(
            undo.contains("commands of the router are not undone"),
            "{undo}"
        );
        assert_eq!(site.router.simulator.received().of(menu, verb), 1, "{call}");
    }
}

#[test]
fn what_is_not_declared_is_refused_and_the_line_to_write_is_named() {
    for (call, target) in [
        (
            r#"mikrotik::command("/system", "reboot")"#,
            "mikrotik:/system/reboot",
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/lease", "make-static", #{ ".id": "*1" })"#,
            "mikrotik:/ip/dhcp-server/lease/make-static",
        ),
        (
            r#"mikrotik::command("/ip/arp", "make-coffee")"#,
            "mikrotik:/ip/arp/make-coffee",
        ),
        (
            r#"mikrotik::command("/interface/ethernet", "monitor", #{ ".id": "*1", once: (), "do": "x" })"#,
            "mikrotik:/interface/ethernet/monitor",
        ),
    ] {
        let site = Site::new();
        let output = site.run(
            call,
            &["mikrotik:/ip/dhcp-server/lease"],
            &["--apply", "--yes"],
        );
        let output = output.code(6);
        assert!(output.stderr.contains(target), "{call}: {output}");
        assert_eq!(site.writes(), 0, "{call}");
    }
}

#[test]
fn a_command_that_nobody_knows_is_a_change() {
    let site = Site::new();
    let call = r#"mikrotik::command("/ip/arp", "make-coffee", #{ sugar: 2 })"#;
    let writes = ["mikrotik:/ip/arp/make-coffee"];
    let dry = site.json(call, &writes, &[]).code(0).stdout_json();
    assert_eq!(change(&dry)["arguments"], json!({ "sugar": "2" }));
    assert_eq!(site.writes(), 0);
    let made = site
        .json(call, &writes, &["--apply", "--yes"])
        .code(5)
        .stdout_json();
    assert_eq!(change(&made)["status"], "failed");
    let reason = change(&made)["reason"].as_str().unwrap();
    assert!(reason.contains("no such command"), "{reason}");
}

#[test]
fn rows_are_changed_by_writers_alone() {
    let site = Site::new();
    for (call, hint) in [
        (
            r#"mikrotik::command("/ip/arp", "add", #{ address: "10.0.0.9" })"#,
            "mikrotik::add",
        ),
        (
            r#"mikrotik::command("/ip/arp", "set", #{ ".id": "*1" })"#,
            "mikrotik::set",
        ),
        (
            r#"mikrotik::command("/ip/arp", "remove", #{ ".id": "*1" })"#,
            "mikrotik::remove",
        ),
        (
            r#"mikrotik::command("/ip/arp", "unset", #{ ".id": "*1" })"#,
            "mikrotik::set",
        ),
        (
            r#"mikrotik::command("/ip/arp", "move", #{ ".id": "*1" })"#,
            "mikrotik::move",
        ),
        (
            r#"mikrotik::command("/ip/arp", "enable", #{ ".id": "*1" })"#,
            "mikrotik::set",
        ),
        (
            r#"mikrotik::command("/ip/arp", "disable", #{ ".id": "*1" })"#,
            "mikrotik::set",
        ),
        (
            r#"mikrotik::command("/ip/arp", "comment", #{ ".id": "*1" })"#,
            "mikrotik::set",
        ),
        (
            r#"mikrotik::command("/ip/arp", "rem", #{ ".id": "*1" })"#,
            "`remove`",
        ),
        (r#"mikrotik::command("/ip", "arp")"#, "\"print\""),
        (r#"mikrotik::command("/", "quit")"#, "by itself"),
        (r#"mikrotik::command("/", "cancel")"#, "by itself"),
        (
            r#"mikrotik::command("/", "export", #{ file: "x" })"#,
            "leave out",
        ),
        (
            r#"mikrotik::command("/system/script", "run", #{ numbers: "0" })"#,
            ".id",
        ),
    ] {
        let kind =
            format!("let kind = (); try {{ {call}; }} catch (err) {{ kind = err.kind; }} kind");
        let report = site.json(&kind, &[], &[]).code(0).stdout_json();
        assert_eq!(report["result"], "invalid", "{call}");
        let output = site.run(call, &[], &[]).code(1);
        assert!(output.stderr.contains(hint), "{call}: {output}");
    }
    assert_eq!(site.writes(), 0);
}

#[test]
fn what_ends_the_connection_is_sent_last_and_is_applied() {
    let site = Site::new();
    let body = r#"[
        mikrotik::command("/system", "reboot", #{}, "the update wants it"),
        mikrotik::set("/system/identity", #{ name: "gw-2" }),
        mikrotik::command("/ip/dhcp-server/lease", "make-static", #{ ".id": "*3" }),
    ].len()"#;
    let writes = [
        "mikrotik:/system/reboot",
        "mikrotik:/system/identity",
        "mikrotik:/ip/dhcp-server/lease/make-static",
    ];
    let made = site
        .json(body, &writes, &["--apply", "--yes"])
        .code(0)
        .stdout_json();
    let rows = made["changes"]["rows"].as_array().unwrap();
    let targets: Vec<&str> = rows
        .iter()
        .map(|row| row["target"].as_str().unwrap())
        .collect();
    assert_eq!(
        targets.last(),
        Some(&"mikrotik:/system/reboot"),
        "{targets:?}"
    );
    assert!(
        rows.iter().all(|row| row["status"] == "applied"),
        "{rows:?}"
    );
    let reason = rows[2]["reason"].as_str().unwrap();
    assert!(reason.contains("as was to be expected"), "{reason}");
    assert_eq!(site.field(IDENTITY, 0, "name"), "gw-2");
    assert_eq!(site.static_lease().as_deref(), Some("10.0.0.3"));
    assert_eq!(site.router.simulator.received().of("/system", "reboot"), 1);
    let left = made["changes"]["not_undone"].as_str().unwrap();
    assert_eq!(left, "2 commands of the router cannot be undone");
    // What can be undone is.
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.field(IDENTITY, 0, "name"), "gw");
}

#[test]
fn a_command_that_is_not_answered_may_have_been_done_and_nothing_is_sent_after_it() {
    let site = Site::new();
    let body = ["10.0.0.1", "10.0.0.2"].map(keep).join("; ");
    let writes = ["mikrotik:/ip/dhcp-server/lease/make-static"];
    let port = way_to(site.router.simulator.address(), b"make-static", Then::Cut);
    let tikbook = site.command().file("script.rhai", script(&body, &writes));
    let tikbook = tikbook.env("MIKROTIK_PORT", port.to_string());
    let made = tikbook
        .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
        .run();
    let made = made.code(5).stdout_json();
    let rows = made["changes"]["rows"].as_array().unwrap();
    let statuses: Vec<&str> = rows
        .iter()
        .map(|row| row["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["unknown", "skipped"], "{rows:?}");
    let reason = rows[1]["reason"].as_str().unwrap();
    assert!(reason.starts_with("not sent: no answer came"), "{reason}");
    assert_eq!(
        site.router.simulator.received().of(LEASES, "make-static"),
        1
    );
}

#[test]
fn a_script_that_runs_long_without_a_word_is_waited_for() {
    let site = Site::new();
    let call = r#"mikrotik::command("/system/script", "run", #{ ".id": "*1" })"#;
    let router = site.router.simulator.address();
    let port = way_to(
        router,
        b"/system/script/run",
        Then::Hold(Duration::from_secs(4)),
    );
    // The third part of the time is enough to call a router silent that is to answer a read.
    let limits = "[sites.n.limits]\nrouter_silence = \"1300ms\"\n";
    let tikbook = site.command().file("tikbook.toml", limits).file(
        "script.rhai",
        script(call, &["mikrotik:/system/script/run"]),
    );
    let made = tikbook
        .env("MIKROTIK_PORT", port.to_string())
        .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
        .run();
    let made = made.code(0).stdout_json();
    assert_eq!(change(&made)["status"], "applied", "{made}");
    assert_eq!(site.field(SCRIPTS, 0, "run-count"), "1");
}

/// What becomes of a way to the router where something is sent with a certain word in it. The router gets it.
#[derive(Clone, Copy)]
enum Then {
    /// It ends, and the answer comes to nobody.
    Cut,
    /// The answer comes after so long.
    Hold(Duration),
}

/// The port of a way to the router.
fn way_to(router: SocketAddr, word: &'static [u8], then: Then) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(router).unwrap();
            let answers = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let is_held = Arc::new(AtomicBool::new(false));
            let held = is_held.clone();
            std::thread::spawn(move || answer(answers, &held, then));
            std::thread::spawn(move || ask(client, server, word, &is_held, then));
        }
    });
    port
}

fn answer((mut from, mut to): (TcpStream, TcpStream), is_held: &AtomicBool, then: Then) {
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if let (Then::Hold(time), true) = (then, is_held.swap(false, Ordering::Relaxed)) {
            std::thread::sleep(time);
        }
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}

fn ask(
    mut client: TcpStream,
    mut server: TcpStream,
    word: &[u8],
    is_held: &AtomicBool,
    then: Then,
) {
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = client.read(&mut piece) {
        seen.extend_from_slice(&piece[..count]);
        if seen.windows(word.len()).any(|part| part == word) {
            match then {
                Then::Cut => drop(client.shutdown(Shutdown::Both)),
                Then::Hold(_) => is_held.store(true, Ordering::Relaxed),
            }
            seen.clear();
        }
        if server.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    drop(server.shutdown(Shutdown::Write));
}

#[test]
fn secrets_among_arguments_are_never_shown() {
    let site = Site::new();
    let call = r#"mikrotik::command("/ip/hotspot/active", "login",
        #{ user: "budi", password: "hunter2hunter2", ip: "10.0.0.7" })"#;
    let writes = ["mikrotik:/ip/hotspot/active/login"];
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let outputs = [
        site.run(call, &writes, &[]).code(0),
        site.json(call, &writes, &["--plan", plan]).code(0),
        site.tikbook(&["apply", plan]).code(0),
        site.run(call, &writes, &["--apply", "--yes"]).code(5),
        site.tikbook(&["history", "last"]),
    ];
    for output in &outputs {
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains("hunter2"), "{output}");
    }
    for output in &outputs[..3] {
        assert!(output.stdout.contains("budi"), "{output}");
        assert!(output.stdout.contains("***"), "{output}");
    }
    // The journal needs them for nothing: what a command did is not undone.
    let journals = site.state.path().join("tikbook/journal/default");
    let journals: Vec<String> = fs::read_dir(journals)
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok())
        .collect();
    let journals = journals.concat();
    assert!(
        journals.contains("budi") && journals.contains("***"),
        "{journals}"
    );
    assert!(!journals.contains("hunter2"), "{journals}");
}

/// The call that makes the lease of this address static.
fn keep(address: &str) -> String {
    format!(
        "mikrotik::command(\"{LEASES}\", \"make-static\", \
         #{{ \".id\": mikrotik::row(\"{LEASES}\", #{{ address: \"{address}\" }}) }})"
    )
}

#[test]
fn the_row_of_a_command_in_a_plan_file_is_found_again_by_what_it_is_known_by() {
    let writes = ["mikrotik:/ip/dhcp-server/lease/make-static"];
    for (what, code, kept) in [
        ("nothing", 0, Some("10.0.0.2")),
        ("reboot", 0, Some("10.0.0.2")),
        ("gone", 5, None),
        ("changed", 5, None),
    ] {
        let site = Site::new();
        let plan = site.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        site.run(&keep("10.0.0.2"), &writes, &["--plan", plan])
            .code(0);
        assert_eq!(site.writes(), 0);
        let id = "*2".parse().unwrap();
        match what {
            "reboot" => site.router.simulator.reboot(),
            "gone" => site
                .router
                .simulator
                .edit(|state| drop(state.remove(LEASES, id))),
            "changed" => site.router.simulator.edit(|state| {
                assert!(state.set(LEASES, id, "comment", Some(b"somebody's")));
            }),
            _ => {}
        }
        // Of a script that is not here the rows alone are checked.
        let applied = site
            .tikbook(&["apply", plan, "--apply", "--yes", "--json"])
            .code(code);
        assert_eq!(site.static_lease().as_deref(), kept, "{what}: {applied}");
        if code == 0 {
            site.tikbook(&["apply", plan, "--apply", "--yes"]).code(6);
        }
    }
}

#[test]
fn a_command_is_asked_for_with_its_row_and_its_arguments() {
    let site = Site::new();
    let body = format!(
        "{}; mikrotik::command(\"/system\", \"reboot\", #{{}}, \"it hangs\")",
        keep("10.0.0.2")
    );
    let writes = [
        "mikrotik:/system/reboot",
        "mikrotik:/ip/dhcp-server/lease/make-static",
    ];
    let tikbook = site.command().file("script.rhai", script(&body, &writes));
    let tikbook = tikbook.args(["run", "./script.rhai", "--apply"]);
    let mut screen = Screen::start(tikbook);
    let shown = screen.until("Make 2 changes? [y/N] ");
    for expected in [
        "run mikrotik:/ip/dhcp-server/lease/make-static *2",
        "address=10.0.0.2",
        "run mikrotik:/system/reboot",
        "it hangs",
        "2 commands of the router cannot be undone.",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_eq!(site.writes(), 0);
    screen.enter("n\n");
    assert_eq!(screen.end().0, 6);
    assert_eq!(site.writes(), 0);
}

#[test]
fn a_line_of_the_repl_plans_a_command_and_reads_at_once() {
    let site = Site::new();
    let port = site.router.simulator.address().port().to_string();
    let variables = [
        ("MIKROTIK_HOST", "127.0.0.1".to_owned()),
        ("MIKROTIK_PORT", port),
        ("MIKROTIK_USERNAME", USER.to_owned()),
        ("MIKROTIK_PASSWORD", PASSWORD.to_owned()),
    ];
    let mut repl = typed(site.state.path(), "default", &variables);
    ready(&mut repl);
    let ping = "mikrotik::command(\"/\", \"ping\", #{ address: \"10.0.0.1\", count: 2 }).len()";
    enter(&mut repl, ping, "\r\n2\r\n");
    let run = "mikrotik::command(\"/system/script\", \"run\", #{ \".id\": \"*1\" })";
    enter(&mut repl, run, "planned");
    assert_eq!(site.writes(), 0);
    enter(&mut repl, ":plan", "run mikrotik:/system/script/run");
    repl.send_line(":apply").unwrap();
    repl.exp_string("Make 1 change? [y/N] ").unwrap();
    repl.send_line("y").unwrap();
    repl.exp_string("applied").unwrap();
    assert_eq!(site.field(SCRIPTS, 0, "run-count"), "1");
}

#[test]
fn check_knows_what_a_command_needs_in_the_header() {
    for (call, reads, writes, expected) in [
        (
            r#"mikrotik::command("/", "ping", #{ address: "x", count: 1 })"#,
            "mikrotik",
            "",
            "",
        ),
        (
            r#"mikrotik::command("/", "ping", #{ address: "x", count: 1 })"#,
            "",
            "",
            "reads from `mikrotik`",
        ),
        (
            r#"mikrotik::command("/system", "reboot")"#,
            "",
            "mikrotik:/system/reboot",
            "",
        ),
        (
            r#"mikrotik::command("/system", "reboot")"#,
            "",
            "",
            "`mikrotik:/system/reboot`",
        ),
        (
            r#"mikrotik::named("gw2").command("/system", "reboot", #{})"#,
            "",
            "mikrotik:/system",
            "`mikrotik:/system/reboot`",
        ),
        (
            r#"let menu = "/ip/arp"; mikrotik::command(menu, "make-coffee")"#,
            "",
            "",
            "`mikrotik:/ip/arp/make-coffee`",
        ),
        (
            r#"mikrotik::command("/ip/arp", "remove")"#,
            "mikrotik",
            "",
            "mikrotik::remove",
        ),
        (
            r#"mikrotik::command("/ip/dhcp-server/leas", "make-static")"#,
            "",
            "mikrotik:/x",
            "/ip/dhcp-server/lease",
        ),
        (
            r#"mikrotik::command(args.menu, "print")"#,
            "mikrotik",
            "",
            "",
        ),
    ] {
        let list = |word: &str| match word {
            "" => String::new(),
            word => format!("{word:?}"),
        };
        let script = format!(
            "//! Tries.\nconst RUNBOOK = #{{ reads: [{}], writes: [{}], params: #{{ menu: #{{ type: \
             \"string\", \"default\": \"\" }} }} }};\nfn run(args) {{ let all = args; {call}; #{{}} }}\n",
            list(reads),
            list(writes)
        );
        let tikbook = Tikbook::new().file("tries.rhai", script);
        let output = tikbook.args(["check", "tries.rhai"]).run();
        let output = output.code(i32::from(!expected.is_empty()));
        assert!(output.stdout.contains(expected), "{call}: {output}");
    }
}
