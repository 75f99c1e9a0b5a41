//! Changes that are not made: not declared, too many, protected, not agreed to, while the sync runs.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{BINDINGS, LIST, Site, WIPE, body};
use crate::support::router::{Router, environment};
use crate::support::tikbook::Running;
use crate::support::wait_until;
use crate::support::{program, redis};

#[test]
fn what_the_header_does_not_declare_is_refused_whatever_the_flags() {
    let site = Site::with_rows(3);
    let script = WIPE.replace(r#""mikrotik:/ip/firewall/address-list""#, "");
    for flags in [&["--apply", "--yes"][..], &[]] {
        let output = site.run(&script, flags).code(6);
        let hint = output.stdout_json()["error"]["hint"].to_string();
        assert!(
            hint.contains("mikrotik:/ip/firewall/address-list"),
            "{output}"
        );
    }
    let script = script.replace(
        "writes: []",
        "writes: [\"mikrotik:/ip/hotspot/ip-binding\"]",
    );
    site.run(&script, &["--apply", "--yes"]).code(6);
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn too_many_changes_want_a_number_and_nothing_is_sent() {
    let site = Site::with_rows(120);
    let some = WIPE.replace("remove_all(menu, rows,", "remove_all(menu, rows.take(51),");
    let output = site.run(&some, &["--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("--max-changes 51"), "{output}");
    let site = Site::with_rows(5);
    let output = site.run(WIPE, &["--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("more than half"), "{output}");
    assert!(output.stderr.contains("--max-changes 5"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
    // Of a handful, half says nothing.
    let site = Site::with_rows(4);
    site.run(WIPE, &["--apply", "--yes"]).code(0);
    assert!(site.router.ids(LIST).is_empty());
}

#[test]
fn half_of_a_list_is_half_of_what_it_was_however_much_a_run_adds_to_it() {
    let site = Site::with_rows(8);
    let add = r#"for n in 1..40 { mikrotik::add(menu, #{ list: "blocked", address: "10.9.0." + n, comment: "x|user=0812345678" }); }"#;
    let script = WIPE.replace("#{ statuses:", &format!("{add} #{{ statuses:"));
    assert_ne!(script, WIPE);
    let output = site.run(&script, &["--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("8 of the 8 rows"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn rows_of_a_list_that_the_site_calls_its_own_are_changed_without_a_token() {
    let rows = ["vip", "staff"]
        .map(|list| json!({ "list": list, "address": "10.0.0.1", "comment": "hall" }));
    let removes = body(r#"mikrotik::remove_all(menu, mikrotik::rows(menu), "a try")"#);
    let run = |config: &str| {
        let site = Site::of(&json!({ LIST: rows }));
        let command = site.command().file("script.rhai", removes.as_str());
        let command = command.file("tikbook.toml", format!("[sites.here]\n{config}\n"));
        let output = command
            .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
            .run();
        (site, output)
    };
    let (site, output) = run("writable = [\"vip\"]");
    let output = output.code(6);
    assert!(
        output.stdout.contains(r#"writable = [\"staff\"]"#),
        "{output}"
    );
    assert_eq!(site.router.ids(LIST), ["*2"]);
    let (site, output) = run("writable = [\"vip\", \"staff\"]");
    output.code(0);
    assert!(site.router.ids(LIST).is_empty());
    // What the site protects is protected in its own lists as well.
    let (site, output) = run("writable = [\"vip\", \"staff\"]\nprotected = [\"list=staff\"]");
    output.code(6);
    assert_eq!(site.router.ids(LIST), ["*2"]);
    for wrong in ["\"\"", "\"/ip/arp\"", "\"v*\""] {
        let (_, output) = run(&format!("writable = [{wrong}]"));
        let output = output.code(2);
        assert!(output.stderr.contains("sites.here.writable"), "{output}");
    }
}

#[test]
fn without_a_terminal_yes_must_be_said() {
    let site = Site::with_rows(3);
    let output = site.run(WIPE, &["--apply"]).code(6);
    assert!(output.stderr.contains("--yes"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn protected_rows_are_refused_whatever_the_script_asks() {
    let site = Site::of(&json!({
        LIST: [{ ".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "printer" }],
        BINDINGS: [{ ".id": "*1", "mac-address": "02:00:00:00:00:01", "comment": "authorized|user=08123456789" }],
    }));
    let output = site
        .run(WIPE, &["--apply", "--yes", "--max-changes", "9"])
        .code(6);
    assert!(output.stdout.contains("protected"), "{output}");
    assert!(output.stdout.contains("rule token"), "{output}");
    let script = body(r#"mikrotik::remove("/ip/hotspot/ip-binding", "*1")"#).replace(
        "mikrotik:/ip/firewall/address-list",
        "mikrotik:/ip/hotspot/ip-binding",
    );
    let output = site
        .run(&script, &["--apply", "--yes", "--max-changes", "9"])
        .code(6);
    assert!(output.stdout.contains("rule ip-binding"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn while_the_portals_sync_runs_nothing_is_changed() {
    let redis = redis::Server::start();
    for key in ["quota_sync:run_lock", "quota:sync_lock:global"] {
        redis.command(&["SET", key, "a task"]);
        let site = Site::with_rows(3);
        let output = site
            .command()
            .env("REDIS_URL", redis.url(0))
            .file("script.rhai", WIPE)
            .args(["run", "./script.rhai", "--apply", "--yes"])
            .args(["--max-changes", "3", "--lock-wait", "500ms"])
            .run()
            .code(6);
        assert!(output.stderr.contains(key), "{output}");
        assert_eq!(site.router.simulator.received().writes(), 0);
        redis.command(&["DEL", key]);
    }
}

#[test]
fn a_row_that_tikbook_added_may_be_changed_though_it_has_no_token() {
    let site = Site::with_rows(1);
    let apply = ["--apply", "--yes"];
    let add =
        body(r#"mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9", comment: "hall" })"#);
    site.run(&add, &apply).code(0);
    site.router.simulator.edit(|state| {
        let theirs = [
            ("list", "vip"),
            ("address", "10.9.9.8"),
            ("comment", "hall"),
        ];
        state.add(LIST, theirs.map(|(name, value)| (name, value.as_bytes())));
    });
    let comments = |comment: &str, code: i32| {
        let set = format!(
            r##"for address in ["10.9.9.9", "10.9.9.8"] {{
                    let row = mikrotik::row(menu, #{{ address: address }});
                    mikrotik::set(menu, row, #{{ comment: "{comment}" }}, "a try");
                }}"##
        );
        let made = site.run(&body(&set), &apply).code(code).stdout_json();
        let rows = made["changes"]["rows"].as_array().unwrap().iter();
        let statuses: Vec<_> = rows.map(|row| row["status"].clone()).collect();
        json!(statuses)
    };
    assert_eq!(comments("the hall", 6), json!(["applied", "protected"]));
    // It is still tikbook's, with the comment that tikbook gave it.
    assert_eq!(comments("a hall", 6), json!(["applied", "protected"]));
    // What says beforehand which rows are protected says the same, with what the site lists.
    let guarded = |tikbook: crate::support::tikbook::Tikbook| {
        let addresses = body(
            r#"return #{ guarded: mikrotik::guarded(menu, mikrotik::rows(menu, #{ list: "vip" })).column("address") }"#,
        );
        let run = tikbook.file("script.rhai", addresses);
        let output = run.args(["--json", "run", "./script.rhai"]).run().code(0);
        output.stdout_json()["guarded"].clone()
    };
    assert_eq!(guarded(site.command()), json!(["10.9.9.8"]));
    let protecting = "[sites.default]\nprotected = [\"address=10.9.9.9\"]\n";
    let protecting = site.command().file("tikbook.toml", protecting);
    assert_eq!(guarded(protecting), json!(["10.9.9.9", "10.9.9.8"]));
    // Who wrote another comment took it over.
    site.router.simulator.edit(|state| {
        let rows = state.rows(LIST);
        let own = rows
            .iter()
            .find(|row| row.get("address") == Some(b"10.9.9.9"));
        let id = own.unwrap().id().unwrap();
        assert!(state.set(LIST, id, "comment", Some(b"mine")));
    });
    assert_eq!(comments("their hall", 6), json!(["protected", "protected"]));
}

/// A redis where the portal's sync is at work, and a run that waits for it.
fn waiting(site: &Site, redis: &redis::Server, flags: &[&str]) -> Running {
    redis.command(&["SET", SYNC, "a task"]);
    let command = site.command().env("REDIS_URL", redis.url(0));
    // What a statement waits for a lock has nothing to do with it.
    let short = "[sites.here.limits]\nlock_timeout = \"50ms\"\n";
    let command = command
        .file("script.rhai", WIPE)
        .file("tikbook.toml", short);
    let run = ["--json", "run", "./script.rhai", "--apply", "--yes"];
    let running = command
        .args(run)
        .args(["--max-changes", "3"])
        .args(flags)
        .start();
    wait_until("it has looked at the lock for a while", || {
        let asked = redis.command(&["INFO", "commandstats"]);
        let asked = asked.split("cmdstat_exists:calls=").nth(1);
        let asked = asked.and_then(|asked| asked.split(',').next()?.parse().ok());
        asked.is_some_and(|calls: usize| calls > 5)
    });
    running
}

const SYNC: &str = "quota:sync_lock:global";

#[test]
fn the_portals_sync_is_waited_for_as_long_as_it_was_said() {
    let redis = redis::Server::start();
    let site = Site::with_rows(3);
    let running = waiting(&site, &redis, &["--lock-wait", "5m"]);
    assert_eq!(site.router.simulator.received().writes(), 0);
    redis.command(&["DEL", SYNC]);
    running.finish().code(0);
    assert_eq!(site.router.simulator.received().writes(), 3);
}

#[test]
fn a_run_that_waits_for_the_portals_sync_can_be_stopped() {
    let redis = redis::Server::start();
    let site = Site::with_rows(3);
    let running = waiting(&site, &redis, &["--lock-wait", "5m"]);
    running.interrupt();
    let output = running.finish().code(130);
    output.says("stopped while it waited");
    assert_eq!(site.router.simulator.received().writes(), 0);
    // It left no lock behind.
    redis.command(&["DEL", SYNC]);
    assert_eq!(redis.command(&["EXISTS", "tikbook:site_lock"]), ":0\r\n");
}

/// The file whose lock a run takes that changes this router.
fn lock_file(router: &Router) -> File {
    let place = format!("router {}", router.simulator.address());
    let digest = hex::encode(Sha256::digest(place));
    let path = format!("/run/lock/tikbook-{}.lock", &digest[..16]);
    File::create(path).unwrap()
}

#[test]
fn a_router_is_changed_by_one_run_at_a_time_whatever_its_site_is_called_and_whoever_runs_it() {
    let redis = redis::Server::start();
    let site = Site::with_rows(3);
    let first = waiting(&site, &redis, &["--lock-wait", "5m"]);
    // Another name of the site, another folder of journals, another user.
    let folder = TempDir::with_prefix("tikbook-other-").unwrap();
    let home = folder.path();
    std::os::unix::fs::chown(home, Some(65534), Some(65534)).unwrap();
    fs::set_permissions(home, Permissions::from_mode(0o755)).unwrap();
    let binary = home.join("tikbook");
    fs::copy(env!("CARGO_BIN_EXE_tikbook"), &binary).unwrap();
    fs::write(home.join("script.rhai"), WIPE).unwrap();
    fs::write(home.join("tikbook.toml"), "[sites.theirs]\n").unwrap();
    let apply = || {
        let mut command = program::as_root(&program::find("setpriv", "util-linux"));
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&binary)
            .env_clear()
            .envs(environment(site.router.simulator.address().port()))
            .env("HOME", home)
            .current_dir(home)
            .args(["run", "./script.rhai", "--apply", "--yes"])
            .args(["--max-changes", "3", "--lock-wait", "300ms"]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    let (code, said) = apply();
    assert_eq!(code, Some(6), "{said}");
    let by = "another run is changing the site `theirs`: ";
    assert!(said.contains(by) && said.contains(" as run "), "{said}");
    assert_eq!(site.router.simulator.received().writes(), 0);
    // Of a run that was killed the lock is gone.
    first.signal_number(9);
    drop(first);
    let (code, said) = apply();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(site.router.simulator.received().writes(), 3);
}

#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let site = Site::with_rows(3);
    let file = site.state.path().join("precious");
    fs::write(&file, "precious").unwrap();
    let digest = hex::encode(Sha256::digest(format!(
        "router {}",
        site.router.simulator.address()
    )));
    let lock = format!("/run/lock/tikbook-{}.lock", &digest[..16]);
    std::os::unix::fs::symlink(&file, &lock).unwrap();
    let flags = ["--apply", "--yes", "--max-changes", "3"];
    let refused = site.run(WIPE, &flags);
    // Another router may have the port next.
    fs::remove_file(&lock).unwrap();
    let refused = refused.code(1);
    refused.says("cannot take the lock");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn another_run_is_waited_for_and_the_report_said_where_that_is_not_enough() {
    let site = Site::with_rows(3);
    let other = lock_file(&site.router);
    other.lock().unwrap();
    let flags = ["--apply", "--yes", "--max-changes", "3", "--lock-wait"];
    let refused = site.run(WIPE, &[&flags[..], &["300ms"]].concat()).code(6);
    refused.says("another run is changing the site `default`; 300ms was waited for it");
    let report = refused.stdout_json();
    assert_eq!(report["statuses"], json!(["planned", "planned", "planned"]));
    assert_eq!(report["error"]["nothing_sent"], true);
    assert_eq!(report["changes"]["planned"], 3);
    let prints = || site.router.simulator.received().of(LIST, "print");
    let before = prints();
    let running = site.start(WIPE, &[&flags[..], &["5m"]].concat());
    wait_until("it has planned", || prints() > before + 1);
    other.unlock().unwrap();
    running.finish().code(0);
    assert_eq!(site.router.ids(LIST).len(), 0);
}

#[test]
fn how_long_to_wait_is_said_to_what_applies() {
    for args in [
        &["run", "./script.rhai"][..],
        &["apply", "plan.json"],
        &["undo", "last"],
        &["run", "-e", "1"],
    ] {
        let site = Site::with_rows(3);
        let command = site.command().file("script.rhai", WIPE).args(args);
        let output = command.args(["--lock-wait", "5s"]).run().code(2);
        output.says("--lock-wait");
    }
}
