//! What a run changed is taken back, by the journal that it left.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use routeros_sim::{Faults, Row};
use serde_json::{Value, json};

use super::halfway::kill;
use super::{BINDINGS, LIST, Site, WIPE, body, edit};
use crate::support::tikbook::Tikbook;
use crate::support::wait_until;

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

    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let undo = runs[0]["run"].as_str().unwrap().to_owned();
    site.tikbook(&["undo", &undo, "--apply", "--yes", "--max-changes", "9"])
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
fn a_row_that_is_back_with_a_little_more_of_its_time_is_in_its_place() {
    let site = Site::of(&json!({
        LIST: [
            { ".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "user=08123456789", "timeout": "1h", "dynamic": "true", "disabled": "false" },
            { ".id": "*2", "list": "other", "address": "10.0.0.9", "dynamic": "false", "disabled": "false" },
        ],
    }));
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "2"])
        .code(0);
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let run = runs[0]["run"].as_str().unwrap();
    let undo = ["--json", "undo", run, "--apply", "--yes"];
    site.tikbook(&undo).code(0);
    // An undo that was slow on its way: the row's time began to run later than was reckoned.
    for (left, status, code) in [("1h20s", "skipped", 0), ("1h10m", "conflict", 5)] {
        site.router.simulator.edit(|state| {
            let row = state
                .rows(LIST)
                .iter()
                .find(|row| row.get("timeout").is_some());
            let id = row.and_then(Row::id).unwrap();
            state.set(LIST, id, "timeout", Some(left.as_bytes()));
        });
        let output = site.tikbook(&undo).code(code);
        assert_eq!(
            output.stdout_json()["changes"][status],
            1,
            "{left}: {output}"
        );
    }
}

#[test]
fn a_row_that_was_set_gets_its_old_values_unless_somebody_changed_it_since() {
    let site = Site::with_rows(4);
    let script = body(
        r#"[mikrotik::set(menu, "*1", #{ comment: "a|user=08123456789", disabled: true }),
            mikrotik::set(menu, "*2", #{ comment: "b|user=08123456789" }),
            mikrotik::set(menu, "*3", #{ comment: "c|user=08123456789" })]"#,
    );
    site.run(&script, &["--apply", "--yes", "--max-changes", "3"])
        .code(0);
    site.router.simulator.edit(|state| {
        let comment = Some(&b"mine|user=08123456789"[..]);
        state.set(LIST, "*2".parse().unwrap(), "comment", comment);
        // Somebody undid this one by hand.
        let comment = Some(&b"x|user=08123456703"[..]);
        state.set(LIST, "*3".parse().unwrap(), "comment", comment);
    });
    let output = site
        .tikbook(&["--json", "undo", "last", "--apply", "--yes"])
        .code(5);
    assert_eq!(output.stdout_json()["changes"]["conflict"], 1);
    assert_eq!(output.stdout_json()["changes"]["skipped"], 1);
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
    let undone = site.tikbook(&undo).code(0).stdout_json();
    assert_eq!(undone["changes"]["skipped"], 1);
    assert_eq!(last(), second);
    // Runs in conflict only, protected only, and without changes.
    let conflict =
        body(r#"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "x" })"#);
    site.run(&conflict, &["--apply", "--yes"]).code(5);
    site.router.simulator.edit(|state| {
        let theirs = [("list", "staff"), ("address", "10.7.7.7")];
        state.add(LIST, theirs.map(|(name, value)| (name, value.as_bytes())));
    });
    let theirs = site.router.ids(LIST).last().unwrap().clone();
    let guarded = body(&format!(r#"mikrotik::remove(menu, "{theirs}")"#));
    site.run(&guarded, &["--apply", "--yes"]).code(6);
    assert_eq!(last(), second);
    // The second run is undone, whoever did it, and so it is the first one's turn.
    let undone = site.tikbook(&undo).code(0).stdout_json();
    assert_eq!(undone["runbook"], format!("undo {first}"));
    assert_eq!(site.router.ids(LIST), ["*1", "*2", "*3", &theirs]);
    site.tikbook(&undo).code(2);
    let help = site.tikbook(&["undo", "--help"]).code(0);
    assert!(
        help.stdout
            .contains("last run that changed something and was not undone"),
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
            site.apply_foreign(plan).code(6),
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
    let output = site.apply_foreign(plan).code(6);
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

/// Rows of menus in which nothing but their content tells rows apart.
const ALIKE: [(&str, &str); 4] = [
    (
        "/ip/hotspot/walled-garden",
        r#"{ "action": "allow", "dst-host": "h1", "comment": "c" }"#,
    ),
    (
        "/ip/hotspot/walled-garden/ip",
        r#"{ "action": "accept", "dst-address": "10.0.0.9", "comment": "c" }"#,
    ),
    (
        "/ip/firewall/filter",
        r#"{ "chain": "forward", "action": "drop", "comment": "c" }"#,
    ),
    (
        "/ip/firewall/nat",
        r#"{ "chain": "srcnat", "action": "masquerade", "comment": "c" }"#,
    ),
];

/// Removes every row of a menu.
fn remove_all(menu: &str) -> String {
    body("for row in mikrotik::rows(menu) { mikrotik::remove(menu, row) }").replace(LIST, menu)
}

#[test]
fn alike_rows_that_a_run_removed_all_come_back() {
    let counts = |count: usize| ALIKE.map(|(menu, row)| (menu, row, count));
    for (menu, row, count) in [2, 3].into_iter().flat_map(counts) {
        let alike: Value = serde_json::from_str(row).unwrap();
        let site = Site::of(&json!({ menu: vec![alike; count] }));
        site.wait_until_ids_count();
        let flags = ["--apply", "--yes", "--max-changes", "9"];
        site.run(&remove_all(menu), &flags).code(0);
        assert!(site.router.ids(menu).is_empty(), "{menu}");
        let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
        let run = runs[0]["run"].as_str().unwrap().to_owned();
        let planned = site.tikbook(&["--json", "undo", &run]).code(0);
        assert_eq!(planned.stdout_json()["changes"]["planned"], count);
        let undo = ["--json", "undo", &run, "--apply", "--yes"];
        let undone = site.tikbook(&undo).code(0);
        assert_eq!(site.router.ids(menu).len(), count, "{menu}: {undone}");
        // One of them goes again: it comes back, and the others are known to be there.
        let gone = site.router.ids(menu)[0].parse().unwrap();
        site.router.simulator.edit(|state| {
            state.remove(menu, gone);
        });
        let again = site.tikbook(&undo).code(0);
        assert_eq!(site.router.ids(menu).len(), count, "{menu}: {again}");
        let changes = &again.stdout_json()["changes"];
        assert_eq!(changes["applied"], 1, "{again}");
        assert_eq!(changes["skipped"], count - 1, "{again}");
    }
}

/// A row of a menu in which rows may share their key.
const SHARED: (&str, &str) = (
    BINDINGS,
    r#"{ "mac-address": "AA:BB:CC:00:00:01", "type": "bypassed", "comment": "printer" }"#,
);

/// Of rows without a key of their own, which are all the same, it counts how many there were.
#[test]
fn some_of_the_alike_rows_come_back_beside_those_that_stayed() {
    let menus = || ALIKE.into_iter().chain([SHARED]);
    let counts = |removed: usize| menus().map(move |(menu, row)| (menu, row, removed));
    for (menu, row, removed) in [1, 2].into_iter().flat_map(counts) {
        let alike: Value = serde_json::from_str(row).unwrap();
        let site = Site::of(&json!({ menu: vec![alike.clone(); 3] }));
        site.wait_until_ids_count();
        let some = format!(
            "let left = {removed}; for row in mikrotik::rows(menu) {{ if left > 0 {{ left -= 1; \
             mikrotik::remove(menu, row); }} }}"
        );
        let flags = ["--apply", "--yes", "--max-changes", "9"];
        site.run(&body(&some).replace(LIST, menu), &flags).code(0);
        assert_eq!(site.router.ids(menu).len(), 3 - removed, "{menu}");
        let undone = site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
        assert_eq!(site.router.ids(menu).len(), 3, "{menu}: {undone}");
        if menu == SHARED.0 {
            continue;
        }
        // One too many is somebody else's, and nobody knows which one.
        site.run(&body(&some).replace(LIST, menu), &flags).code(0);
        site.router.simulator.edit(|state| {
            let row = alike.as_object().unwrap().iter();
            state.add(
                menu,
                row.map(|(name, value)| (name.as_str(), value.as_str().unwrap().as_bytes())),
            );
        });
        site.tikbook(&["undo", "last", "--apply", "--yes"]).code(5);
    }
}

#[test]
fn a_row_like_a_removed_one_that_somebody_else_added_is_still_a_conflict() {
    for (menu, row) in ALIKE {
        let alike: Value = serde_json::from_str(row).unwrap();
        let site = Site::of(&json!({ menu: [alike.clone(), alike.clone()] }));
        let flags = ["--apply", "--yes", "--max-changes", "9"];
        site.run(&remove_all(menu), &flags).code(0);
        let fields = alike.as_object().unwrap().iter();
        let fields: Vec<(&str, &[u8])> = fields
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap().as_bytes()))
            .collect();
        site.router.simulator.edit(|state| {
            state.add(menu, fields);
        });
        let output = site.tikbook(&["undo", "last", "--apply", "--yes"]).code(5);
        assert!(output.stdout.contains("there is a row like it"), "{output}");
        assert_eq!(site.router.ids(menu).len(), 1, "{menu}: {output}");
    }
}

#[test]
fn a_change_without_a_reason_is_undone_without_an_empty_one() {
    let site = Site::with_rows(4);
    let script = body(
        r#"mikrotik::remove(menu, "*1");
           mikrotik::set(menu, "*2", #{ comment: "y|user=0812345678" });
           mikrotik::add(menu, #{ list: "blocked", address: "10.9.9.9", comment: "y|user=0812345678" })"#,
    );
    site.run(&script, &["--apply", "--yes", "--max-changes", "9"])
        .code(0);
    let undo = site.tikbook(&["--json", "undo", "last"]).code(0);
    let rows = undo.stdout_json()["changes"]["rows"].clone();
    let mut reasons: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["why"].as_str().unwrap().to_owned())
        .collect();
    reasons.sort();
    assert_eq!(reasons, ["it was added", "it was removed", "it was set"]);
}

#[test]
fn an_empty_text_names_no_run() {
    let site = Site::with_rows(4);
    for times in 0..3 {
        for args in [&["undo", ""][..], &["history", ""]] {
            let output = site.tikbook(args).code(2);
            let said = output
                .stderr
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            assert!(said.contains("an empty text names no run"), "{output}");
            assert!(said.contains("`last`"), "{output}");
        }
        let script = body(&format!(
            "mikrotik::set(menu, \"*1\", #{{ comment: \"{times}|user=0812345678\" }})"
        ));
        site.run(&script, &["--apply", "--yes"]).code(0);
    }
}

/// What somebody made of a row since is not taken away with it, also where the row had nothing in that field.
#[test]
fn an_added_row_that_somebody_changed_since_stays() {
    const USERS: &str = "/ip/hotspot/user";
    const RULES: &str = "/ip/firewall/filter";
    for (menu, fields, field, value) in [
        (
            LIST,
            r#"list: "vip", address: "10.9.0.1""#,
            "comment",
            "lpsaring|status=blocked|user=08123456789",
        ),
        (LIST, r#"list: "vip", address: "10.9.0.1""#, "timeout", "2d"),
        (
            LIST,
            r#"list: "vip", address: "10.9.0.1", comment: "a""#,
            "comment",
            "b",
        ),
        (
            LIST,
            r#"list: "vip", address: "10.9.0.1""#,
            "disabled",
            "true",
        ),
        (USERS, r#"name: "guest""#, "email", "guest@example.com"),
        (USERS, r#"name: "guest""#, "comment", "paid"),
        (
            RULES,
            r#"chain: "forward", action: "drop""#,
            "comment",
            "mine",
        ),
        (
            BINDINGS,
            r#""mac-address": "AA:BB:CC:00:00:01""#,
            "address",
            "10.0.0.7",
        ),
    ] {
        for is_changed in [true, false] {
            let site = Site::of(&json!({}));
            let add = body(&format!(r#"mikrotik::add("{menu}", #{{ {fields} }})"#));
            let add = add.replace(
                r#"["mikrotik:/ip/firewall/address-list"]"#,
                &format!(r#"["mikrotik:{menu}"]"#),
            );
            site.run(&add, &["--apply", "--yes"]).code(0);
            if is_changed {
                site.router.simulator.edit(|state| {
                    let id = state.rows(menu)[0].id().unwrap();
                    assert!(state.set(menu, id, field, Some(value.as_bytes())));
                });
            }
            let code = if is_changed { 5 } else { 0 };
            let undo = site.tikbook(&["undo", "last", "--apply", "--yes"]);
            let undo = undo.code(code);
            let count = site.router.ids(menu).len();
            assert_eq!(count, usize::from(is_changed), "{menu} {field}: {undo}");
        }
    }
}

#[test]
fn a_row_that_ends_by_itself_is_not_there_in_the_place_of_one_that_lasts() {
    let row = json!({ "list": "blocked", "address": "10.0.0.1", "comment": "x|user=08123456789" });
    let site = Site::of(&json!({ LIST: [row] }));
    site.run(WIPE, &["--apply", "--yes"]).code(0);
    site.router.simulator.edit(|state| {
        let row = [
            ("list", "blocked"),
            ("address", "10.0.0.1"),
            ("comment", "x|user=08123456789"),
            ("timeout", "5m"),
        ];
        state.add(LIST, row.map(|(name, value)| (name, value.as_bytes())));
    });
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(5);
    let add = body(
        r#"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "x|user=08123456789" })"#,
    );
    let add = site.run(&add, &[]).code(5);
    assert_eq!(
        add.stdout_json()["changes"]["rows"][0]["status"],
        "conflict"
    );
}

/// Rules of a menu in which rows have no key and an order.
fn rules(count: usize) -> Site {
    let rule =
        |n: usize| json!({ "chain": "forward", "action": "drop", "comment": format!("rule {n}") });
    let rules: Vec<Value> = (0..count).map(rule).collect();
    Site::of(&json!({ "/ip/firewall/filter": rules }))
}

#[test]
fn rows_that_were_added_in_order_before_a_kill_are_all_taken_away() {
    const RULES: &str = "/ip/firewall/filter";
    for sent in [1, 4, 9] {
        let site = rules(2);
        site.wait_until_ids_count();
        let before = site.router.simulator.rows(RULES);
        site.router.simulator.set_faults(Faults {
            latency: Duration::from_millis(30),
            ..Faults::default()
        });
        let add = body(
            r#"for n in 0..30 { mikrotik::add("/ip/firewall/filter", #{ chain: "forward", action: "accept", "src-address": "10.0.0." + n }); }"#,
        );
        let add = add.replace("address-list\"]", "filter\"]");
        let running = site.start(&add, &["--apply", "--yes"]);
        wait_until("some are there", || {
            site.router.ids(RULES).len() >= 2 + sent
        });
        kill(&running);
        drop(running);
        site.router.simulator.set_faults(Faults::default());
        let undo = site.tikbook(&["undo", "last", "--apply", "--yes", "--max-changes", "99"]);
        // Of the one that was under way nobody knows, where its answer did not come.
        let left = site.router.simulator.rows(RULES);
        assert!(left.len() <= before.len() + 1, "{sent}: {undo}");
    }
}

#[test]
fn a_set_that_was_never_made_is_so_already() {
    const RULES: &str = "/ip/firewall/filter";
    let site = rules(6);
    let before = site.router.simulator.rows(RULES);
    site.router.simulator.set_faults(Faults {
        latency: Duration::from_millis(700),
        ..Faults::default()
    });
    let set = body(
        r#"for row in mikrotik::rows("/ip/firewall/filter") { mikrotik::set("/ip/firewall/filter", row, #{ disabled: true }); }"#,
    );
    let set = set.replace("address-list\"]", "filter\"]");
    let running = site.start(&set, &["--apply", "--yes", "--max-changes", "9"]);
    let journals = site.state.path().join("tikbook/journal/default");
    wait_until("they are intended", || {
        let journals = std::fs::read_dir(&journals).into_iter().flatten().flatten();
        let texts = journals.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts.collect::<String>().contains("\"intention\"")
    });
    kill(&running);
    drop(running);
    site.router.simulator.set_faults(Faults::default());
    site.tikbook(&["undo", "last", "--apply", "--yes", "--max-changes", "9"])
        .code(0);
    let shown = |row: &Row| {
        let is_off = row.get("disabled") == Some(b"true");
        (row.get("comment").map(<[u8]>::to_vec), is_off)
    };
    let now = site.router.simulator.rows(RULES);
    assert!(now.iter().map(shown).eq(before.iter().map(shown)));
}
