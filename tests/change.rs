//! Changes: planned, made, journalled, undone; and what happens when something goes wrong half-way.

use std::path::Path;
use std::process::Command;

use routeros_sim::{Faults, Row};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::tikbook::{Output, Running, Tikbook};
use crate::support::{mariadb, postgres, redis, sqlite};

const LIST: &str = "/ip/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

/// Removes every row of the list `blocked`.
const WIPE: &str = r#"//! Wipe.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{ list: "blocked" }, [".id", "list", "address", "comment"]);
    #{ statuses: mikrotik::remove_all(menu, rows, "wiping").map(|change| change.status) }
}"#;

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
fn without_apply_no_script_can_make_the_router_write() {
    let site = Site::with_rows(3);
    let hostile = [
        WIPE.to_owned(),
        WIPE.replace(
            "\"/ip/firewall/address-list\";",
            "\"/ip/firewall/address-list/remove\";",
        ),
        body(r#"mikrotik::add(menu, #{ list: "x", address: "10.9.9.9" })"#),
        body(r#"mikrotik::add(menu, #{ ".id": "*1", list: "x" })"#),
        body(r#"mikrotik::add(menu, #{ "list=y\n/quit": "x" })"#),
        body(r#"mikrotik::set(menu, "*1", #{ disabled: true })"#),
        body(r#"mikrotik::set(menu, "*1,*2", #{ disabled: true })"#),
        body(r#"mikrotik::remove(menu, "1")"#),
        body(r#"mikrotik::remove(menu, #{ ".id": "*1" })"#),
        body(r#"mikrotik::rows(menu + "/remove").len()"#),
        body(r#"mikrotik::rows("/system/reboot").len()"#),
        body(r#"mikrotik::count("/ip/firewall/address-list/set")"#),
        body(r#"mikrotik::rows(menu, ["=.id=*1"]).len()"#),
    ];
    for script in hostile {
        site.run(&script, &[]);
        let received = site.router.simulator.received();
        let verbs = ["add", "set", "remove", "reboot", "unset"];
        let written: Vec<_> = received
            .iter()
            .filter(|(_, verb, _)| verbs.contains(verb))
            .collect();
        assert!(written.is_empty(), "{written:?} by {script}");
    }
    assert_eq!(site.router.ids(LIST).len(), 3);
}

#[test]
fn dry_run_and_apply_read_the_same_and_the_plan_is_what_apply_does() {
    let writers = [
        WIPE.to_owned(),
        body(r#"mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9" })"#),
        body(r#"mikrotik::set(menu, "*1", #{ comment: "x|user=08123456789" })"#),
        body(r#"mikrotik::remove(menu, "*2")"#),
        body(r#"mikrotik::remove(menu, "*FFFF")"#),
    ];
    for script in writers {
        let rows = |flags: &[&str]| {
            let site = Site::with_rows(3);
            let report = site.run(&script, flags).code(0).stdout_json();
            let received = site.router.simulator.received();
            let reads: Vec<_> = received
                .iter()
                .filter(|(_, verb, _)| *verb == "print")
                .map(|(menu, ..)| menu.to_owned())
                .collect();
            let text = report["changes"]["rows"].to_string();
            (text.replace("\"planned\"", "\"applied\""), reads)
        };
        let strip = |text: String| text.replace("\"id\":\"*4\"", "\"id\":null");
        let (planned, reads) = rows(&[]);
        let (applied, same_reads) = rows(&["--apply", "--yes", "--max-changes", "9"]);
        assert_eq!(strip(planned), strip(applied), "{script}");
        assert_eq!(reads, same_reads);
    }
}

#[test]
fn a_plan_is_carried_out_where_its_rows_are_as_they_were() {
    let site = Site::with_rows(6);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    assert_eq!(site.router.simulator.received().writes(), 0);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    assert_eq!(written["changes"][0]["id"], "*1");
    assert_eq!(written["changes"][0]["key"]["address"], "10.0.0.1");
    assert_eq!(
        written["changes"][0]["before"]["comment"],
        "x|user=08123456701"
    );
    assert_eq!(written["changes"][0]["reason"], "wiping");

    site.router.simulator.edit(|state| {
        state.set(
            LIST,
            "*2".parse().unwrap(),
            "comment",
            Some(b"mine|user=0899999999"),
        );
        // The id of the third row now belongs to another one.
        state.set(LIST, "*3".parse().unwrap(), "address", Some(b"192.168.7.7"));
        state.remove(LIST, "*4".parse().unwrap());
    });
    // Without --apply the plan is only held against the rows.
    let shown = site
        .tikbook(&["--json", "apply", plan])
        .code(5)
        .stdout_json();
    assert_eq!(shown["changes"]["apply"], false);
    assert_eq!(shown["changes"]["planned"], 3);
    assert_eq!(shown["changes"]["conflict"], 2);
    assert_eq!(site.router.simulator.received().writes(), 0);
    site.tikbook(&["apply", plan, "--apply"]).code(6);
    let refused = site.tikbook(&["apply", plan, "--apply", "--yes"]).code(6);
    assert!(refused.stderr.contains("--max-changes"), "{refused}");
    let output = site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST), ["*2", "*3"]);
    let rows = &output.stdout_json()["changes"]["rows"];
    let statuses: Vec<_> = (0..6)
        .map(|n| rows[n]["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "applied", "conflict", "conflict", "skipped", "applied", "applied"
        ]
    );
    assert_eq!(
        rows[1]["differences"],
        json!([{ "field": "comment", "expected": "x|user=08123456702", "found": "mine|user=0899999999" }])
    );

    let edited = std::fs::read_to_string(plan)
        .unwrap()
        .replace("10.0.0.1", "10.0.0.2");
    std::fs::write(plan, edited).unwrap();
    let output = site.tikbook(&["apply", plan]).code(6);
    assert!(output.stderr.contains("edited"), "{output}");
    let other = Site::with_rows(1);
    site.run(WIPE, &["--plan", plan]).code(0);
    let output = other.tikbook(&["apply", plan]).code(6);
    assert!(output.stderr.contains("not for this site"), "{output}");
}

#[test]
fn apply_without_its_flag_shows_the_plan_and_changes_nothing() {
    let site = Site::with_rows(3);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    let output = site.tikbook(&["apply", plan]).code(0);
    for expected in [
        "Nothing was changed",
        "planned",
        "10.0.0.3",
        "--apply --max-changes 3",
    ] {
        assert!(output.stdout.contains(expected), "{expected}: {output}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
    assert!(!site.state.path().join("tikbook").exists());
    let help = site.tikbook(&["apply", "--help"]).code(0);
    assert!(help.stdout.contains("--apply"), "{help}");
    assert!(
        help.stdout.contains("Without --apply nothing is changed"),
        "{help}"
    );
    site.apply(plan).code(0);
    assert_eq!(site.router.ids(LIST).len(), 0);
}

#[test]
fn flags_of_changes_that_cannot_be_honoured_are_usage_errors() {
    let site = Site::with_rows(1);
    let run = |args: &[&str], stdin: &str| {
        let tikbook = site.command().file("script.rhai", WIPE);
        tikbook.stdin(stdin).args(args).run().code(2)
    };
    let expression = "mikrotik::count(\"/ip/arp\")";
    for flags in [
        &["--apply"][..],
        &["--plan", "p.json"],
        &["--yes"],
        &["--max-changes", "3"],
    ] {
        for (args, stdin) in [
            (&["run", "-e", expression][..], ""),
            (&["run", "-"], expression),
        ] {
            let (name, rest) = args.split_at(1);
            let output = run(&[name, flags, rest].concat(), stdin);
            assert!(output.stderr.contains(flags[0]), "{output}");
            assert_eq!(output.stdout, "");
        }
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn every_combination_of_flags_of_changes_is_honoured_or_a_usage_error() {
    let site = Site::with_rows(1);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "1"])
        .code(0);
    let flags: [&[&str]; 4] = [
        &["--apply"],
        &["--yes"],
        &["--plan", "new.json"],
        &["--max-changes", "3"],
    ];
    for chosen in 0..16 {
        let is_chosen = |n: usize| chosen & (1 << n) != 0;
        let given: Vec<&[&str]> = (0..4).filter(|n| is_chosen(*n)).map(|n| flags[n]).collect();
        let (apply, yes, file, most) = (is_chosen(0), is_chosen(1), is_chosen(2), is_chosen(3));
        let is_right = if apply { !file } else { !yes && !most };
        let written = site.router.simulator.received().writes();
        let (some, rest) = given.split_at(given.len() / 2);
        let (some, rest, all) = (some.concat(), rest.concat(), given.concat());
        let script: &[&str] = &["./script.rhai"];
        for (args, is_right) in [
            ([&["run"], &all[..], script].concat(), is_right),
            ([&["run"], script, &all].concat(), is_right),
            ([&["run"], &some[..], script, &rest].concat(), is_right),
            ([&["run"], &rest[..], script, &some].concat(), is_right),
            ([&["undo", "last"], &all[..]].concat(), is_right),
            ([&["apply", plan], &all[..]].concat(), is_right && !file),
            ([&["run", "-e", "1 + 1"], &all[..]].concat(), all.is_empty()),
            (
                [&["run"], &all[..], &["-e", "1 + 1"]].concat(),
                all.is_empty(),
            ),
        ] {
            let tikbook = site.command().file("script.rhai", WIPE);
            let output = tikbook.args(&args).run();
            let is_usage_error = output.status.code() == Some(2);
            assert_eq!(is_usage_error, !is_right, "{output}");
            if is_usage_error {
                assert_eq!(output.stdout, "", "{output}");
                let names = all.iter().filter(|flag| flag.starts_with("--"));
                assert!(
                    names.clone().any(|flag| output.stderr.contains(*flag)),
                    "{output}"
                );
            }
        }
        if !apply {
            let now = site.router.simulator.received().writes();
            assert_eq!(now, written, "{all:?}");
        }
    }
}

#[test]
fn undo_brings_back_every_writable_field_and_undoing_that_removes_them_again() {
    let site = Site::of(&json!({
        LIST: [
            { ".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment$hex": "757365723d3038313233343536373839e7", "dynamic": "false", "disabled": "true" },
            { ".id": "*2", "list": "blocked", "address": "10.0.0.0/30", "comment": "user=08123456789", "timeout": "1h", "dynamic": "true", "disabled": "false" },
            { ".id": "*3", "list": "other", "address": "10.0.0.9", "dynamic": "false", "disabled": "false" },
        ],
    }));
    let before = site.writable();
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "2"])
        .code(0);
    assert_eq!(site.router.ids(LIST), ["*3"]);
    let dry = site
        .tikbook(&["--json", "undo", "last"])
        .code(0)
        .stdout_json();
    assert_eq!(dry["changes"]["planned"], 2);
    let journals = || std::fs::read_dir(site.state.path().join("tikbook/journal/default"));
    let count = journals().unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".jsonl")
    });
    assert_eq!(count.count(), 1, "a dry run has no journal");
    assert_eq!(site.router.ids(LIST), ["*3"]);
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.writable(), before);

    site.tikbook(&["undo", "last", "--apply", "--yes", "--max-changes", "9"])
        .code(0);
    assert_eq!(site.router.ids(LIST), ["*3"]);
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(runs.as_array().unwrap().len(), 3);
    let first = runs[2]["run"].as_str().unwrap().to_owned();
    site.tikbook(&["undo", &first, "--apply", "--yes"]).code(0);
    assert_eq!(site.writable(), before);
    // Once more finds every row in its place.
    let again = site
        .tikbook(&["--json", "undo", &first, "--apply", "--yes"])
        .code(0);
    assert_eq!(again.stdout_json()["changes"]["skipped"], 2);
}

#[test]
fn a_row_that_was_set_gets_its_old_values_unless_somebody_changed_it_since() {
    let site = Site::with_rows(4);
    let script = body(
        r#"[mikrotik::set(menu, "*1", #{ comment: "a|user=08123456789", disabled: true }), mikrotik::set(menu, "*2", #{ disabled: true })]"#,
    );
    site.run(&script, &["--apply", "--yes"]).code(0);
    site.router.simulator.edit(|state| {
        state.set(LIST, "*2".parse().unwrap(), "disabled", Some(b"false"));
    });
    let output = site
        .tikbook(&["--json", "undo", "last", "--apply", "--yes"])
        .code(5);
    assert_eq!(output.stdout_json()["changes"]["conflict"], 1);
    let rows = site.router.simulator.rows(LIST);
    assert_eq!(rows[0].get("comment"), Some(&b"x|user=08123456701"[..]));
    assert_eq!(rows[0].get("disabled"), Some(&b"false"[..]));
}

#[test]
fn a_row_that_was_added_goes_again_even_without_a_token() {
    let site = Site::with_rows(2);
    let script = body(r#"mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9" }, "a guest")"#);
    site.run(&script, &["--apply", "--yes"]).code(0);
    assert_eq!(site.router.ids(LIST).len(), 3);
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.router.ids(LIST), ["*1", "*2"]);
}

#[test]
fn a_field_that_a_row_got_after_the_plan_is_a_conflict() {
    let site = Site::of(&json!({
        LIST: [
            { ".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "user=08123456789" },
            { ".id": "*2", "list": "blocked", "address": "10.0.0.2", "comment": "user=08123456789" },
        ],
    }));
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    site.router.simulator.edit(|state| {
        state.set(LIST, "*1".parse().unwrap(), "timeout", Some(b"1h"));
    });
    site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST), ["*1"]);
}

#[test]
fn the_last_run_is_the_last_one_that_changed_something() {
    let site = Site::with_rows(3);
    let undo = ["--json", "undo", "last", "--apply", "--yes"];
    let last = || {
        let shown = site.tikbook(&["--json", "history", "last"]).code(0);
        shown.stdout_json()["run"].as_str().unwrap().to_owned()
    };
    let add = |address: &str| {
        body(&format!(
            r#"mikrotik::add(menu, #{{ list: "vip", address: "{address}" }})"#
        ))
    };
    // One that has nothing to do does not count, not even as the first one.
    let nothing = body(r#"mikrotik::remove(menu, "*99")"#);
    site.run(&nothing, &["--apply", "--yes"]).code(0);
    let output = site.tikbook(&undo).code(2);
    assert!(output.stderr.contains("no run has changed"), "{output}");

    let run = |script: &str| {
        let made = site.run(script, &["--apply", "--yes"]).code(0);
        made.stdout_json()["changes"]["run"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = run(&add("10.9.9.1"));
    let second = run(&add("10.9.9.2"));
    assert_eq!(last(), second);
    // Somebody else was faster: there is nothing left to undo of the second run.
    site.router.simulator.edit(|state| {
        let added = state.rows(LIST).last().unwrap().id().unwrap();
        state.remove(LIST, added);
    });
    for _ in 0..2 {
        let undone = site.tikbook(&undo).code(0).stdout_json();
        assert_eq!(undone["changes"]["skipped"], 1);
        assert_eq!(last(), second);
    }
    // Runs in conflict only, protected only, and without changes.
    let conflict =
        body(r#"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "x" })"#);
    site.run(&conflict, &["--apply", "--yes"]).code(5);
    let guarded = body(r#"mikrotik::remove(menu, "*4")"#);
    site.run(&guarded, &["--apply", "--yes"]).code(6);
    assert_eq!(last(), second);
    // An undo that changed something is a run like any other.
    site.tikbook(&["undo", &first, "--apply", "--yes"]).code(0);
    assert_eq!(site.router.ids(LIST), ["*1", "*2", "*3"]);
    site.tikbook(&undo).code(0);
    assert_eq!(site.router.ids(LIST).len(), 4);
    site.tikbook(&undo).code(0);
    assert_eq!(site.router.ids(LIST), ["*1", "*2", "*3"]);
    let help = site.tikbook(&["undo", "--help"]).code(0);
    assert!(
        help.stdout.contains("last run that changed something"),
        "{help}"
    );
}

#[test]
fn the_way_back_that_a_run_names_finds_its_site_when_it_is_pasted() {
    let site = Site::with_rows(4);
    let config = site.state.path().join("my sites.toml");
    let port = site.router.simulator.address().port();
    let text = format!(
        "[sites.north.routers.gw]\nhost = \"127.0.0.1\"\nport = {port}\n\
         user = \"audit\"\npassword_env = \"PASSWORD\"\n\
         [sites.south.routers.gw]\nhost = \"127.0.0.1\"\nport = 9\nuser = \"audit\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let flags = ["--site", "north", "--config", config.to_str().unwrap()];
    let tikbook = |args: &[&str]| {
        let tikbook = Tikbook::new()
            .env("XDG_STATE_HOME", site.state.path())
            .env("PASSWORD", "s3cret")
            .file("script.rhai", body(r#"mikrotik::remove(menu, "*1")"#));
        tikbook.args(flags).args(args).run()
    };
    let made = tikbook(&["--json", "run", "./script.rhai", "--apply", "--yes"]).code(0);
    let report = made.stdout_json();
    let run = report["changes"]["run"].as_str().unwrap();
    let undo = report["changes"]["undo"].as_str().unwrap();
    let named = format!("--site north --config '{}'", config.display());
    assert_eq!(undo, format!("tikbook undo {run} {named}"));
    let folder = Path::new(env!("CARGO_BIN_EXE_tikbook")).parent().unwrap();
    let pasted = Command::new("/bin/sh")
        .args(["-c", &format!("{undo} --apply --yes")])
        .env_clear()
        .env("PATH", folder)
        .env("XDG_STATE_HOME", site.state.path())
        .env("PASSWORD", "s3cret")
        .current_dir(site.state.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&pasted.stdout);
    assert!(pasted.status.success(), "{pasted:?}");
    assert_eq!(site.router.ids(LIST), ["*2", "*3", "*4", "*5"]);
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(in_one_line(&text).contains(&named), "{text}");

    // A run that made nothing has no way back, and none is named.
    let output = tikbook(&["run", "./script.rhai", "--apply", "--yes"]).code(0);
    let text = in_one_line(&output.stdout);
    assert!(text.contains("tikbook history 2"), "{output}");
    assert!(!text.contains("tikbook undo"), "{output}");
    let output = tikbook(&["history", "nonsense"]).code(2);
    let text = in_one_line(&output.stderr);
    assert!(text.contains("tikbook history --site north"), "{output}");
}

#[test]
fn a_plan_that_is_to_stand_in_a_folder_that_is_not_there_says_so() {
    let site = Site::with_rows(3);
    let folder = site.state.path().join("missing");
    let plan = folder.join("plan.json");
    let script = body(r#"mikrotik::remove(menu, "*1")"#);
    let output = site
        .run(&script, &["--plan", plan.to_str().unwrap()])
        .code(2);
    let error = &output.stdout_json()["error"];
    assert_eq!(
        error["message"],
        format!("cannot write the plan `{}`", plan.display())
    );
    let cause = format!("there is no folder `{}`", folder.display());
    assert_eq!(error["causes"], json!([cause]));
}

/// A plan that somebody edited, with the checksum that it then should have.
pub fn edit(plan: &str, edit: impl FnOnce(&mut Value)) {
    let mut written: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    edit(&mut written);
    written["checksum"] = "".into();
    let digest = Sha256::digest(written.to_string().as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    written["checksum"] = format!("sha256:{digits}").into();
    std::fs::write(plan, written.to_string()).unwrap();
}

fn binding(expression: &str) -> String {
    body(expression).replace(LIST, BINDINGS)
}

#[test]
fn a_plan_of_an_undo_is_carried_out_on_rows_that_are_protected_otherwise() {
    let site = Site::of(&json!({
        BINDINGS: [{ ".id": "*1", "mac-address": "02:00:00:00:00:01", "comment": "a printer" }],
    }));
    // What the run leaves behind names a user, so that only its undo may change it.
    let script = binding(
        r#"mikrotik::set(menu, "*1", #{ comment: "authorized|user=08123456789" });
           mikrotik::add(menu, #{ "mac-address": "02:00:00:00:00:02", comment: "authorized|user=08123456789" })"#,
    );
    let named = || {
        let rows = site.router.simulator.rows(BINDINGS);
        let fields = |row: &Row| {
            let text = |name| String::from_utf8_lossy(row.get(name).unwrap()).into_owned();
            (text("mac-address"), text("comment"))
        };
        rows.iter().map(fields).collect::<Vec<_>>()
    };
    let before = named();
    let flags = ["--apply", "--yes", "--max-changes", "9"];
    site.run(&script, &flags).code(0);
    assert_ne!(named(), before);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.tikbook(&["undo", "last", "--plan", plan]).code(0);
    site.tikbook(&["apply", plan]).code(0);
    site.apply(plan).code(0);
    assert_eq!(named(), before);
}

#[test]
fn what_a_plan_says_to_undo_lifts_no_protection_unless_a_run_made_it() {
    let user = "authorized|user=08123456789";
    let rows = json!({ BINDINGS: [
        { ".id": "*1", "mac-address": "02:00:00:00:00:01", "comment": "a printer" },
        { ".id": "*2", "mac-address": "02:00:00:00:00:02", "comment": user },
        { ".id": "*3", "mac-address": "02:00:00:00:00:03", "comment": "free" },
    ] });
    type Edit = fn(&mut Value, &str);
    // The plan of the undo of a run that gave the first row the comment of a user, edited.
    let edits: [(&str, Edit); 5] = [
        ("another row", |plan, _| {
            let change = &mut plan["changes"][0];
            for row in ["before", "after"] {
                change[row][".id"] = "*2".into();
                change[row]["mac-address"] = "02:00:00:00:00:02".into();
            }
            change["id"] = "*2".into();
        }),
        ("removed instead", |plan, _| {
            let change = plan["changes"][0].as_object_mut().unwrap();
            change.insert("action".to_owned(), "remove".into());
            change.remove("after");
        }),
        ("another value", |plan, _| {
            plan["changes"][0]["after"]["comment"] = "mine".into();
        }),
        ("another field", |plan, _| {
            plan["changes"][0]["after"]["type"] = "blocked".into();
        }),
        ("a run that there is not", |plan, run| {
            assert_eq!(plan["changes"][0]["undoes"], run);
            plan["changes"][0]["undoes"] = "20260101-000000-abcdef".into();
        }),
    ];
    for (what, change) in edits {
        let site = Site::of(&rows);
        let script = binding(&format!(
            r#"mikrotik::set(menu, "*1", #{{ comment: "{user}" }})"#
        ));
        let flags = ["--apply", "--yes", "--max-changes", "9"];
        let made = site.run(&script, &flags).code(0).stdout_json();
        let run = made["changes"]["run"].as_str().unwrap().to_owned();
        let plan = site.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        site.tikbook(&["undo", "last", "--plan", plan]).code(0);
        edit(plan, |plan| change(plan, &run));
        let left = site.router.simulator.rows(BINDINGS);
        let writes = site.router.simulator.received().writes();
        for output in [
            site.tikbook(&["--json", "apply", plan]).code(6),
            site.apply(plan).code(6),
        ] {
            let row = &output.stdout_json()["changes"]["rows"][0];
            assert_eq!(row["status"], "protected", "{what}: {output}");
        }
        assert_eq!(site.router.simulator.rows(BINDINGS), left, "{what}");
        assert_eq!(site.router.simulator.received().writes(), writes, "{what}");
    }

    // A plan of a script, with words of its own added.
    let site = Site::of(&rows);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let free = binding(r#"mikrotik::remove(menu, "*3")"#);
    site.run(&free, &["--plan", plan]).code(0);
    edit(plan, |plan| {
        let change = &mut plan["changes"][0];
        change["undoes"] = "20260101-000000-abcdef".into();
        change["id"] = "*2".into();
        change["before"][".id"] = "*2".into();
        change["before"]["mac-address"] = "02:00:00:00:00:02".into();
        change["before"]["comment"] = user.into();
    });
    let output = site.apply(plan).code(6);
    let row = &output.stdout_json()["changes"]["rows"][0];
    assert_eq!(row["status"], "protected", "{output}");
    assert_eq!(site.router.ids(BINDINGS).len(), 3);
}

#[test]
fn history_names_runs_with_the_keys_that_programs_read() {
    let site = Site::with_rows(2);
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "2"])
        .code(0);
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let run = &runs[0];
    assert_eq!(run["state"], "finished");
    assert_eq!(run["runbook"], "script");
    assert_eq!(
        run["changes"],
        json!({ "planned": 2, "applied": 2, "conflict": 0, "failed": 0, "unknown": 0 })
    );
    assert!(run["started"].is_string() && run["finished"].is_string() && run["site"].is_string());
    let one = site
        .tikbook(&["--json", "history", run["run"].as_str().unwrap()])
        .code(0);
    assert_eq!(one.stdout_json()["rows"].as_array().unwrap().len(), 2);
    site.tikbook(&["history", "nonsense"]).code(2);
}

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

#[test]
fn keys_of_redis_come_back_with_the_time_they_had_left() {
    let redis = redis::Server::start();
    redis.command(&["SET", "quota_sync:a", "one", "EX", "100"]);
    redis.command(&["RPUSH", "quota_sync:b", "x", "y"]);
    redis.command(&["SET", "quota_sync:c", "three"]);
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let tikbook = |args: &[&str]| {
        let script = r#"//! Keys.
const RUNBOOK = #{ reads: ["redis"], writes: ["redis:quota_sync:*"] };
fn run(args) {
    let done = [
        redis::delete("quota_sync:a"),
        redis::command("LPOP", ["quota_sync:b"]),
        redis::delete_if_equals("quota_sync:c", "three"),
        redis::set("quota_sync:d", "new", 50),
    ];
    for command in ["FLUSHALL", "EVAL", "SHUTDOWN", "CONFIG"] {
        try { redis::command(command, ["return 1", "0"]); throw command; }
        catch (err) { assert_eq(err.kind, "denied"); }
    }
    try { redis::set("elsewhere", "x"); throw "declared"; }
    catch (err) { assert_eq(err.kind, "denied"); }
    #{ statuses: done.map(|change| change.status) }
}"#;
        Tikbook::new()
            .env("REDIS_URL", redis.url(0))
            .env("XDG_STATE_HOME", state.path())
            .file("keys.rhai", script)
            .args(args)
            .run()
    };
    let dry = tikbook(&["--json", "run", "./keys.rhai"])
        .code(0)
        .stdout_json();
    assert_eq!(
        dry["statuses"],
        json!(["planned", "planned", "planned", "planned"])
    );
    assert_eq!(redis.command(&["DBSIZE"]), ":3\r\n");
    let made = tikbook(&["--json", "run", "./keys.rhai", "--apply", "--yes"])
        .code(0)
        .stdout_json();
    assert_eq!(
        made["statuses"],
        json!(["applied", "applied", "applied", "applied"])
    );
    assert_eq!(
        redis.command(&["EXISTS", "quota_sync:a", "quota_sync:c"]),
        ":0\r\n"
    );
    tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(redis.command(&["GET", "quota_sync:a"]), "$3\r\none\r\n");
    let left = redis.command(&["TTL", "quota_sync:a"]);
    let left: i64 = left.trim_start_matches(':').trim().parse().unwrap();
    assert!((80..=100).contains(&left), "{left}");
    assert_eq!(redis.command(&["LLEN", "quota_sync:b"]), ":2\r\n");
    assert_eq!(redis.command(&["GET", "quota_sync:c"]), "$5\r\nthree\r\n");
    assert_eq!(redis.command(&["EXISTS", "quota_sync:d"]), ":0\r\n");
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
            .args([
                "run",
                "./script.rhai",
                "--apply",
                "--yes",
                "--max-changes",
                "3",
            ])
            .args(["--timeout", "3s"])
            .run()
            .code(6);
        assert!(output.stderr.contains(key), "{output}");
        assert_eq!(site.router.simulator.received().writes(), 0);
        redis.command(&["DEL", key]);
    }
}

#[test]
fn a_statement_writes_the_table_that_the_header_names_and_is_not_undone() {
    let sqlite = sqlite::database_with_schema();
    let postgres = postgres::database_with_schema();
    let mariadb = mariadb::database_with_schema();
    for url in [sqlite.url(), postgres.url(), mariadb.url()] {
        check_statements(&url);
    }
}

fn check_statements(database: &str) {
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let tikbook = |sql: &str, args: &[&str]| {
        let script = format!(
            r#"//! A statement.
const RUNBOOK = #{{ reads: ["db"], writes: ["db:application_settings"] }};
fn run(args) {{
    let done = db::execute({sql:?}, ["KEY", "value"]);
    db::refresh();
    #{{ status: done.status, rows: db::value("SELECT count(*) FROM application_settings") }}
}}"#
        );
        Tikbook::new()
            .env("DATABASE_URL", database)
            .env("XDG_STATE_HOME", state.path())
            .file("sql.rhai", script)
            .args(["--json"])
            .args(args)
            .run()
    };
    let insert = "INSERT INTO application_settings (setting_key, setting_value) VALUES ($1, $2)";
    let run = ["run", "./sql.rhai"];
    let dry = tikbook(insert, &run).code(0).stdout_json();
    assert_eq!(
        (&dry["status"], &dry["rows"]),
        (&json!("planned"), &json!(0))
    );
    let apply = [&run[..], &["--apply", "--yes"]].concat();
    let made = tikbook(insert, &apply).code(0).stdout_json();
    assert_eq!(
        (&made["status"], &made["rows"]),
        (&json!("applied"), &json!(1))
    );
    let undo = tikbook("", &["undo", "last", "--apply", "--yes"]).code(0);
    assert!(
        undo.stdout_json()["changes"]["rows"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for other in [
        "DELETE FROM users WHERE phone_number IN ($1, $2)",
        "INSERT INTO application_settings SELECT $1, $2; DELETE FROM users",
        "WITH gone AS (DELETE FROM users RETURNING id) SELECT $1, $2",
        "DROP TABLE users",
    ] {
        tikbook(other, &apply).code(6);
    }
}

fn kill(running: &Running) {
    let status = Command::new("kill")
        .args(["-s", "KILL", &running.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

pub fn body(expression: &str) -> String {
    format!(
        r#"//! One change.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] }};
fn run(args) {{
    let menu = "/ip/firewall/address-list";
    {expression};
    #{{ }}
}}"#
    )
}

/// A router and a state folder that several commands share.
pub struct Site {
    pub router: Router,
    pub state: TempDir,
}

impl Site {
    pub fn with_rows(count: usize) -> Site {
        let row = |n: usize| {
            json!({ ".id": format!("*{n:X}"), "list": "blocked",
                    "address": format!("10.0.{}.{}", n / 256, n % 256),
                    "comment": format!("x|user=081234567{n:02}"),
                    "dynamic": "false", "disabled": "false" })
        };
        let rows: Vec<Value> = (1..=count).map(row).collect();
        Site::of(&json!({ LIST: rows }))
    }

    pub fn of(state: &Value) -> Site {
        Site {
            router: Router::with(&state.to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    pub fn command(&self) -> Tikbook {
        self.router
            .tikbook(Tikbook::new())
            .env("XDG_STATE_HOME", self.state.path())
    }

    pub fn tikbook(&self, args: &[&str]) -> Output {
        self.command().args(args).run()
    }

    /// Carries a plan out, however much it changes.
    pub fn apply(&self, plan: &str) -> Output {
        let flags = ["--apply", "--yes", "--max-changes", "9999"];
        self.tikbook(&[&["--json", "apply", plan], &flags[..]].concat())
    }

    pub fn run(&self, script: &str, flags: &[&str]) -> Output {
        self.start(script, flags).finish()
    }

    fn start(&self, script: &str, flags: &[&str]) -> Running {
        self.command()
            .file("script.rhai", script)
            .args(["--json", "run", "./script.rhai"])
            .args(flags)
            .start()
    }

    fn wait_for_removes(&self, count: usize) {
        let began = std::time::Instant::now();
        while (self.router.simulator.received().of(LIST, "remove") as usize) < count {
            assert!(began.elapsed().as_secs() < 60, "the removals did not begin");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// The writable fields of every row of the address lists, in no order; a timeout in half minutes.
    fn writable(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let fields = |row: &Row| {
            let named = ["list", "address", "comment", "disabled"];
            let mut fields: Vec<(String, Vec<u8>)> = named
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), row.get(name)?.to_vec())))
                .collect();
            let timed = row.get("timeout").is_some();
            fields.push(("timed".to_owned(), vec![u8::from(timed)]));
            fields
        };
        let mut rows: Vec<_> = self
            .router
            .simulator
            .rows(LIST)
            .iter()
            .map(fields)
            .collect();
        rows.sort();
        rows
    }
}
