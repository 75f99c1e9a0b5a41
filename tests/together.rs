//! Changes of several keys that a script joins in a group: shown, left out and made whole or not at all.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::change::{Site, body};
use crate::kinds::{APPLY, statuses};
use crate::support::router::Router;
use crate::support::tikbook::Tikbook;

const LIST: &str = "/ip/firewall/address-list";

/// Rows of the list `blocked`, of which the third is nobody's.
fn rows() -> Value {
    let row = |n: usize| {
        let comment = if n == 3 {
            "by hand".to_owned()
        } else {
            format!("x|user=081234567{n:02}")
        };
        json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                "comment": comment, "dynamic": "false", "disabled": "false" })
    };
    json!({ LIST: (1..=4).map(row).collect::<Vec<_>>() })
}

fn together(members: &str) -> String {
    body(&format!(
        r#"mikrotik::set(menu, "*4", #{{ disabled: true }});
    change::together("one in the place of the other", || {{ {members} }})"#
    ))
}

const ADD: &str = r##"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.9" });"##;
const REMOVE: &str = r#"mikrotik::remove(menu, "*1");"#;
/// There is another row in its place.
const CONFLICT: &str =
    r##"mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.2", comment: "other" });"##;
const PROTECTED: &str = r#"mikrotik::remove(menu, "*3");"#;
const SKIPPED: &str = r#"mikrotik::remove(menu, "*99");"#;

#[test]
fn a_group_of_which_one_change_cannot_be_made_is_not_made_at_all() {
    for (members, expected) in [
        (vec![REMOVE, ADD], ["planned", "planned", "planned"]),
        (vec![REMOVE, CONFLICT], ["planned", "conflict", "conflict"]),
        (vec![CONFLICT, REMOVE], ["planned", "conflict", "conflict"]),
        (
            vec![REMOVE, PROTECTED],
            ["planned", "conflict", "protected"],
        ),
        (vec![PROTECTED, ADD], ["planned", "protected", "conflict"]),
        (vec![SKIPPED, ADD], ["planned", "skipped", "planned"]),
    ] {
        let site = Site::of(&rows());
        let script = together(&members.concat());
        let planned = site.run(&script, &[]).stdout_json();
        assert_eq!(statuses(&planned), expected, "{members:?}");
        let made = site.run(&script, &APPLY).stdout_json();
        let expected = expected.map(|status| status.replace("planned", "applied"));
        assert_eq!(statuses(&made), expected, "{members:?}");
        assert_eq!(made["changes"]["half_made"], Value::Null);
        if members.contains(&CONFLICT) {
            let rows = made["changes"]["rows"].as_array().unwrap().iter();
            let why: Vec<String> = rows.map(|row| row["reason"].to_string()).collect();
            let why = why.concat();
            assert!(
                why.contains("another change of its group cannot be made"),
                "{why}"
            );
        }
    }
}

#[test]
fn a_group_is_shown_with_its_why_and_planned_in_a_file_with_it() {
    let site = Site::of(&rows());
    let script = together(&[REMOVE, ADD].concat());
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let planned = site.run(&script, &["--plan", plan]).code(0).stdout_json();
    let group = |row: usize| planned["changes"]["rows"][row]["group"].clone();
    let why = "one in the place of the other";
    assert_eq!(
        [group(0), group(1), group(2)],
        [Value::Null, why.into(), why.into()]
    );
    let shown = site.tikbook(&["apply", plan]).code(0);
    assert_eq!(
        shown.stdout.matches("together: one in the").count(),
        2,
        "{shown}"
    );
    let made = site.apply(plan).code(0).stdout_json();
    assert_eq!(statuses(&made), ["applied"; 3]);
    assert_eq!(made["changes"]["rows"][1]["group"], why);
}

#[test]
fn once_one_of_a_group_has_failed_the_later_ones_are_not_sent_and_the_undo_of_the_half_is_named() {
    let case = json!({ "router": rows(), "router_options": ["--fail-remove", "*2"] });
    let site = Site {
        router: Router::of(&case),
        state: TempDir::with_prefix("tikbook-state-").unwrap(),
    };
    let before = site.router.ids(LIST);
    let fails = r#"mikrotik::remove(menu, "*2");"#;
    let script = together(&[ADD, fails, REMOVE].concat());
    let output = site.run(&script, &APPLY).code(5);
    let report = output.stdout_json();
    assert_eq!(
        statuses(&report),
        ["applied", "applied", "failed", "skipped"]
    );
    let why = &report["changes"]["rows"][3]["reason"];
    assert_eq!(why, "not sent: an earlier change of its group was not made");
    assert_eq!(
        report["changes"]["half_made"],
        json!(["one in the place of the other"])
    );
    let undo = report["changes"]["undo"].as_str().unwrap();
    assert!(undo.contains("undo"), "{report}");
    site.tikbook(&["undo", "last", "--apply", "--yes", "--max-changes", "9"])
        .code(0);
    assert_eq!(site.router.ids(LIST), before);

    let text = site
        .command()
        .file("script.rhai", script)
        .args(["run", "./script.rhai"])
        .args(APPLY)
        .run();
    let half =
        "The group \"one in the place of the other\" is half made, 1 of its 3: take it back with";
    let said = text.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(half), "{text}");
}

#[test]
fn a_group_that_is_not_planned_to_its_end_is_not_planned() {
    for (members, kind) in [
        (format!("{REMOVE} throw #{{ kind: \"mine\" }};"), "mine"),
        (format!("let added = {ADD} added.status"), "invalid"),
        (
            format!("{REMOVE} change::together(\"inner\", || {{ {ADD} }})"),
            "invalid",
        ),
    ] {
        let site = Site::of(&rows());
        let script = body(&format!(
            r#"let kind = "";
    try {{ change::together("broken", || {{ {members} }}); }} catch (err) {{ kind = err.kind; }}
    mikrotik::set(menu, "*4", #{{ disabled: true }});
    return #{{ kind: kind }}"#
        ));
        let report = site.run(&script, &[]).code(0).stdout_json();
        assert_eq!(report["kind"], kind, "{members}");
        let rows = report["changes"]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{report}");
        assert_eq!(rows[0]["id"], "*4");
    }
}

#[test]
fn a_group_of_which_one_change_is_another_one_after_the_yes_is_left_out_whole() {
    let script = together(&[REMOVE, ADD].concat());
    let test = r##"fn test_a_group() {
    let site = site::load("site.json");
    site.between(|site| site.change_row("/ip/firewall/address-list", "*1", #{ comment: "y|user=0812345678" }));
    let done = site.apply("script", #{}, 9);
    assert_eq!(done.changes.map(|change| change.status), ["applied", "conflict", "skipped"]);
    assert(done.changes[2].reason.contains("of its group"), done.changes[2].reason);
    assert_eq!(site.rows("/ip/firewall/address-list").len(), 4);
}"##;
    Tikbook::new()
        .file("scripts/script.rhai", script)
        .file("scripts/script_test.rhai", test)
        .file("scripts/site.json", json!({ "router": rows() }).to_string())
        .args(["test"])
        .run()
        .code(0);
}
