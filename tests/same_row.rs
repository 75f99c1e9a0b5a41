//! Several changes of one row in one run: the dry run, the plan file and the apply agree.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::change::{Site, body};

const LIST: &str = "/ip/firewall/address-list";

/// Every writable field of every row; ids aside, as a row that comes back has another one.
fn rows(site: &Site) -> BTreeSet<Vec<String>> {
    let fields = ["list", "address", "comment", "disabled"];
    let rows = site.router.simulator.rows(LIST);
    rows.iter()
        .map(|row| {
            let text = |name: &&str| {
                String::from_utf8_lossy(row.get(name).unwrap_or_default()).into_owned()
            };
            fields.iter().map(text).collect()
        })
        .collect()
}

fn statuses(report: &Value) -> Vec<String> {
    let rows = report["changes"]["rows"].as_array().unwrap().iter();
    rows.map(|row| row["status"].as_str().unwrap().to_owned())
        .collect()
}

const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];

/// Scripts that write one row, or one natural key, more than once.
fn scripts() -> Vec<String> {
    [
        // Remove and add.
        r#"mikrotik::remove(menu, "*1");
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" })"#,
        // The same, and a second change of it that is one already.
        r#"mikrotik::remove(menu, "*1");
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" });
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" });
           mikrotik::remove(menu, "*1")"#,
        // Two fields of a row, one after the other.
        r#"mikrotik::set(menu, "*1", #{ comment: "new|user=0812345678" });
           mikrotik::set(menu, "*1", #{ disabled: true })"#,
        // One field of a row, and back again.
        r#"mikrotik::set(menu, "*1", #{ comment: "new|user=0812345678" });
           mikrotik::set(menu, "*1", #{ comment: "x|user=08123456701", disabled: true });
           mikrotik::set(menu, "*1", #{ comment: "newest|user=0812345678" })"#,
        // A key that one row gives up and another one gets.
        r#"mikrotik::set(menu, "*1", #{ address: "10.0.0.77" });
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" })"#,
        // Set, and then away.
        r#"mikrotik::set(menu, "*1", #{ disabled: true });
           mikrotik::remove(menu, "*1")"#,
        // Many rows at once, one of them twice.
        r#"mikrotik::remove_all(menu, ["*1", "*2", "*1"], "why")"#,
    ]
    .map(body)
    .to_vec()
}

#[test]
fn the_dry_run_the_plan_file_and_the_apply_agree_on_several_changes_of_one_row() {
    for script in scripts() {
        let at_once = Site::with_rows(4);
        let before = rows(&at_once);
        let dry = at_once.run(&script, &[]).code(0).stdout_json();
        assert_eq!(rows(&at_once), before);
        let applied = at_once.run(&script, &APPLY).code(0).stdout_json();
        let expected: Vec<String> = statuses(&applied)
            .into_iter()
            .map(|status| status.replace("applied", "planned"))
            .collect();
        assert_eq!(statuses(&dry), expected, "{script}");

        let later = Site::with_rows(4);
        let plan = later.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        later.run(&script, &["--plan", plan]).code(0);
        let output = later
            .tikbook(&[
                "--json",
                "apply",
                plan,
                "--apply",
                "--yes",
                "--max-changes",
                "9",
            ])
            .code(0);
        let made = statuses(&output.stdout_json());
        assert!(made.iter().all(|status| status == "applied"), "{output}");
        assert_eq!(rows(&later), rows(&at_once), "{script}");

        for site in [at_once, later] {
            let output = site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
            assert_eq!(rows(&site), before, "{script}\n{output}");
        }
    }
}

#[test]
fn what_cannot_be_made_at_once_is_no_plan_either() {
    // The second change was written for the row as it was before the first one.
    let script = body(
        r#"let row = mikrotik::row(menu, #{ address: "10.0.0.1" });
           mikrotik::set(menu, row, #{ comment: "new|user=0812345678" });
           mikrotik::set(menu, row, #{ comment: "newer|user=0812345678" })"#,
    );
    let other = body(
        r#"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.9", comment: "a|user=0812345678" });
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.9", comment: "b|user=0812345678" })"#,
    );
    for script in [script, other] {
        let site = Site::with_rows(4);
        let plan = site.state.path().join("plan.json");
        let dry = site.run(&script, &[]).code(5).stdout_json();
        assert_eq!(statuses(&dry), ["planned", "conflict"]);
        let output = site
            .run(&script, &["--plan", plan.to_str().unwrap()])
            .code(6);
        let error = output.stdout_json()["error"]["message"].to_string();
        assert!(error.contains("only half"), "{output}");
        assert_eq!(error.matches(LIST).count(), 2, "{output}");
        assert!(!plan.exists());
        let applied = site.run(&script, &APPLY).code(5).stdout_json();
        assert_eq!(statuses(&applied), ["applied", "conflict"]);
    }
}

#[test]
fn a_plan_makes_all_changes_of_a_row_or_none() {
    let script = body(
        r#"mikrotik::remove(menu, "*1");
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" });
           mikrotik::set(menu, "*2", #{ disabled: true })"#,
    );
    let site = Site::with_rows(4);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(&script, &["--plan", plan]).code(0);
    site.router.simulator.edit(|state| {
        let comment = Some(&b"theirs|user=0812345678"[..]);
        state.set(LIST, "*1".parse().unwrap(), "comment", comment);
    });
    let output = site
        .tikbook(&[
            "--json",
            "apply",
            plan,
            "--apply",
            "--yes",
            "--max-changes",
            "9",
        ])
        .code(5);
    assert_eq!(
        statuses(&output.stdout_json()),
        ["conflict", "conflict", "applied"]
    );
    assert_eq!(site.router.ids(LIST), ["*1", "*2", "*3", "*4"]);
}

#[test]
fn after_a_change_of_a_row_that_the_router_refused_its_later_ones_are_not_sent() {
    let script = body(
        r#"mikrotik::remove(menu, "*1");
           mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" })"#,
    );
    let site = Site::with_rows(4);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(&script, &["--plan", plan]).code(0);
    site.router.simulator.set_faults(routeros_sim::Faults {
        refuse_remove: vec!["*1".parse().unwrap()],
        ..routeros_sim::Faults::default()
    });
    let output = site
        .tikbook(&[
            "--json",
            "apply",
            plan,
            "--apply",
            "--yes",
            "--max-changes",
            "9",
        ])
        .code(5);
    assert_eq!(statuses(&output.stdout_json()), ["failed", "skipped"]);
    assert_eq!(site.router.simulator.received().of(LIST, "add"), 0);
}

#[test]
fn lines_of_a_session_are_held_against_what_its_earlier_ones_planned() {
    let site = Site::with_rows(4);
    let plan = site.state.path().join("plan.json");
    let lines = format!(
        "mikrotik::remove(\"{LIST}\", \"*1\").status\n\
         mikrotik::add(\"{LIST}\", #{{ list: \"blocked\", address: \"10.0.0.1\", comment: \"new|user=0812345678\" }}).status\n\
         :plan {}\n",
        plan.display()
    );
    site.command().arg("repl").stdin(lines).run().code(0);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&plan).unwrap()).unwrap();
    let actions = written["changes"].as_array().unwrap().iter();
    let actions: Vec<&Value> = actions.map(|change| &change["action"]).collect();
    assert_eq!(actions, [&json!("remove"), &json!("add")]);
    let plan = plan.to_str().unwrap();
    site.tikbook(&["apply", plan, "--apply", "--yes", "--max-changes", "9"])
        .code(0);
    assert_eq!(site.router.ids(LIST), ["*2", "*3", "*4", "*5"]);
}
