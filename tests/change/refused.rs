//! Changes that are not made: not declared, too many, protected, not agreed to, while the sync runs.

use serde_json::json;

use super::{BINDINGS, LIST, Site, WIPE, body};
use crate::support::redis;

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
    let site = Site::with_rows(3);
    let output = site.run(WIPE, &["--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("more than half"), "{output}");
    assert!(output.stderr.contains("--max-changes 3"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
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
            .file(
                "tikbook.toml",
                "[sites.here.limits]\nlock_timeout = \"500ms\"\n",
            )
            .args([
                "run",
                "./script.rhai",
                "--apply",
                "--yes",
                "--max-changes",
                "3",
            ])
            .run()
            .code(6);
        assert!(output.stderr.contains(key), "{output}");
        assert_eq!(site.router.simulator.received().writes(), 0);
        redis.command(&["DEL", key]);
    }
}
