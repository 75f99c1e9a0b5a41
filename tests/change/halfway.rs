//! What goes wrong half-way: a refused row, a router that dies, signals, two runs at once.

use std::process::Command;
use std::time::Duration;

use routeros_sim::Faults;
use serde_json::json;

use super::{LIST, Site, WIPE, body};
use crate::support::tikbook::Running;
use crate::support::wait_until;

#[test]
fn the_journal_and_its_folders_are_private() {
    use std::os::unix::fs::MetadataExt;
    let site = Site::with_rows(1);
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "1"])
        .code(0);
    let folder = site.state.path().join("tikbook/journal/default");
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    for file in std::fs::read_dir(folder).unwrap() {
        let mode = file.unwrap().metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn where_the_journal_cannot_be_written_nothing_is_sent() {
    let site = Site::with_rows(3);
    std::fs::write(site.state.path().join("tikbook"), "a file").unwrap();
    let output = site
        .run(WIPE, &["--apply", "--yes", "--max-changes", "3"])
        .code(1);
    assert!(output.stderr.contains("journal"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn one_refused_row_does_not_stop_the_others() {
    let site = Site::with_rows(5);
    site.router.simulator.set_faults(Faults {
        refuse_remove: vec!["*3".parse().unwrap()],
        ..Faults::default()
    });
    let output = site
        .run(WIPE, &["--apply", "--yes", "--max-changes", "5"])
        .code(5);
    assert!(output.stderr.contains("1 of 5 changes was not"), "{output}");
    assert_eq!(site.router.ids(LIST), ["*3"]);
    let runs = site.tikbook(&["--json", "history"]).stdout_json();
    assert_eq!(runs[0]["state"], "partial");
    assert_eq!(runs[0]["changes"]["failed"], 1);
}

#[test]
fn a_row_that_comes_back_while_its_run_goes_on_is_named() {
    const USERS: &str = "/ip/hotspot/user";
    const RULES: &str = "/ip/firewall/filter";
    let site = Site::of(&json!({ USERS: [{ "name": "guest" }] }));
    // What it adds in order afterwards takes its time.
    site.router.simulator.set_faults(Faults {
        latency: Duration::from_millis(20),
        ..Faults::default()
    });
    let script = body(
        r#"mikrotik::remove("/ip/hotspot/user", "*1");
    for n in 0..50 { mikrotik::add("/ip/firewall/filter", #{ chain: "forward", action: "drop", comment: "rule " + n }); }"#,
    );
    let writes = r#""mikrotik:/ip/firewall/filter", "mikrotik:/ip/hotspot/user""#;
    let script = script.replace(r#""mikrotik:/ip/firewall/address-list""#, writes);
    let running = site.start(&script, &["--apply", "--yes", "--max-changes", "51"]);
    wait_until("the user is removed", || site.router.ids(USERS).is_empty());
    let back = site.router.simulator.edit(|state| {
        let name = "guest".as_bytes();
        state.add(USERS, [("name", name)])
    });
    let report = running.finish().code(0).stdout_json();
    let removed = &report["changes"]["rows"][0];
    assert_eq!(removed["status"], "applied");
    let reason = format!("it was removed, and is back as {back}");
    assert_eq!(removed["reason"], reason.as_str());
    assert_eq!(site.router.ids(RULES).len(), 50);
}

#[test]
fn what_a_router_that_died_had_done_is_settled_by_reading_again() {
    for last in [1, 3, 20] {
        let site = Site::with_rows(40);
        let before = site.writable();
        site.router.simulator.set_faults(Faults {
            die_after_removes: Some(last),
            ..Faults::default()
        });
        let output = site
            .run(WIPE, &["--apply", "--yes", "--max-changes", "40"])
            .code(5);
        assert!(output.stdout.contains("had landed"), "{output}");
        let left = site.router.ids(LIST).len();
        assert_eq!(left, 40 - last);
        let runs = site.tikbook(&["--json", "history"]).stdout_json();
        assert_eq!(runs[0]["changes"]["applied"], last);
        assert_eq!(runs[0]["changes"]["unknown"], 0);
        site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
        assert_eq!(site.writable(), before);
    }
}

#[test]
fn after_kill_9_at_any_point_journal_and_router_explain_every_row() {
    const ROWS: usize = 1_000;
    for sent in [0, 1, 7, 60, 250, 257, 400, 512, 700, 900, 999] {
        let site = Site::with_rows(ROWS);
        let before = site.writable();
        site.router.simulator.set_faults(Faults {
            latency: std::time::Duration::from_millis(2),
            ..Faults::default()
        });
        let running = site.start(WIPE, &["--apply", "--yes", "--max-changes", "1000"]);
        site.wait_for_removes(sent);
        kill(&running);
        drop(running);
        site.router.simulator.set_faults(Faults::default());

        let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
        let gone = ROWS - site.router.ids(LIST).len();
        if runs[0].is_null() {
            assert_eq!(gone, 0, "nothing is sent before there is a journal");
            continue;
        }
        assert_eq!(runs[0]["state"], "unfinished", "{sent}");
        let applied = runs[0]["changes"]["applied"].as_u64().unwrap() as usize;
        let open = runs[0]["changes"]["unknown"].as_u64().unwrap() as usize;
        assert!(
            applied <= gone && gone <= applied + open,
            "{sent}: {applied} {gone} {open}"
        );

        if sent % 2 == 0 {
            site.run(WIPE, &["--apply", "--yes", "--max-changes", "1000"])
                .code(0);
            assert_eq!(site.router.ids(LIST).len(), 0);
        } else {
            let output = site
                .tikbook(&["--json", "undo", "last", "--apply", "--yes"])
                .code(0);
            assert_eq!(output.stdout_json()["changes"]["applied"], gone);
            assert_eq!(site.writable(), before, "{sent}");
        }
    }
}

#[test]
fn of_two_runs_at_once_one_waits_or_is_refused() {
    let site = Site::with_rows(300);
    site.router.simulator.set_faults(Faults {
        latency: std::time::Duration::from_millis(20),
        ..Faults::default()
    });
    let first = site.start(WIPE, &["--apply", "--yes", "--max-changes", "300"]);
    site.wait_for_removes(1);
    let second = site.start(
        WIPE,
        &[
            "--apply",
            "--yes",
            "--max-changes",
            "300",
            "--timeout",
            "30s",
        ],
    );
    let (first, second) = (first.finish().code(0), second.finish());
    assert!(matches!(second.status.code(), Some(0 | 6)), "{second}");
    let removes = site.router.simulator.received().of(LIST, "remove");
    assert!(removes <= 600, "{first}");
    assert_eq!(site.router.ids(LIST).len(), 0);
}

#[test]
fn a_signal_stops_between_two_sends_and_the_journal_has_the_rest() {
    let site = Site::with_rows(1_000);
    site.router.simulator.set_faults(Faults {
        latency: std::time::Duration::from_millis(5),
        ..Faults::default()
    });
    let running = site.start(WIPE, &["--apply", "--yes", "--max-changes", "1000"]);
    site.wait_for_removes(20);
    running.interrupt();
    running.finish().code(5);
    let runs = site.tikbook(&["--json", "history"]).stdout_json();
    let gone = 1_000 - site.router.ids(LIST).len();
    assert!(gone < 1_000);
    assert_eq!(runs[0]["changes"]["applied"], gone);
    assert_eq!(runs[0]["changes"]["unknown"], 0);
    assert_eq!(runs[0]["state"], "partial");
}

pub fn kill(running: &Running) {
    let status = Command::new("kill")
        .args(["-s", "KILL", &running.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}
