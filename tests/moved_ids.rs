//! Ids are of a router's session: after a reboot they may be other rows'. What is known of a row by
//! its key or its content is never written onto another one.

use std::collections::BTreeMap;

use routeros_sim::State;
use serde_json::{Value, json};

use crate::change::{Site, body};

const LIST: &str = "/ip/firewall/address-list";
const RULES: &str = "/ip/firewall/filter";

/// Four rows of a list, each with a comment of its own.
fn list() -> Site {
    let row = |n: usize| {
        json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                "comment": format!("row {n}|user=081234567{n:02}"),
                "dynamic": "false", "disabled": "false" })
    };
    Site::of(&json!({ LIST: (1..=4).map(row).collect::<Vec<_>>() }))
}

/// Rules of a menu in which rows have no key.
fn rules(sources: &[&str]) -> Site {
    let row = |(n, source): (usize, &&str)| {
        json!({ ".id": format!("*{}", n + 1), "chain": "forward", "action": "drop",
                "src-address": source, "comment": format!("rule {}", n + 1), "disabled": "false",
                "bytes": format!("{n}00"), "packets": n.to_string() })
    };
    Site::of(&json!({ RULES: sources.iter().enumerate().map(row).collect::<Vec<_>>() }))
}

/// A script that changes rules.
fn on_rules(expression: &str) -> String {
    body(expression).replace(LIST, RULES)
}

/// The router starts anew: each row has the id that a row `by` places after it had.
fn reboot(site: &Site, menu: &str, by: usize) {
    site.router.simulator.edit(|state| {
        let mut written: Value = serde_json::from_str(&state.to_json()).unwrap();
        let rows = written[menu].as_array_mut().unwrap();
        let ids: Vec<Value> = rows.iter().map(|row| row[".id"].clone()).collect();
        for (n, row) in rows.iter_mut().enumerate() {
            row[".id"] = ids[(n + by) % ids.len()].clone();
        }
        *state = State::from_json(&written.to_string()).unwrap();
    });
}

/// What is to be told apart of each row, in no order.
fn rows(site: &Site, menu: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in site.router.simulator.rows(menu) {
        let text =
            |name: &str| String::from_utf8_lossy(row.get(name).unwrap_or_default()).into_owned();
        let address = format!("{}{}", text("address"), text("src-address"));
        let value = format!("{} {}", text("comment"), text("disabled"));
        found.entry(address).or_default().push(value);
    }
    found
}

const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];

#[test]
fn undo_finds_the_rows_that_a_run_changed_after_their_ids_have_moved() {
    let one_comment =
        r#"for n in 1..=3 { mikrotik::set(menu, "*" + n, #{ comment: "one|user=0812345678" }) }"#;
    let cases = [
        // Several rows got one comment.
        (LIST, list(), body(one_comment)),
        (
            LIST,
            list(),
            body(r#"for n in 1..=2 { mikrotik::set(menu, "*" + n, #{ disabled: true }) }"#),
        ),
        // A row got another key.
        (
            LIST,
            list(),
            body(r#"mikrotik::set(menu, "*2", #{ address: "10.0.0.99" })"#),
        ),
        (
            LIST,
            list(),
            body(
                r#"for n in 7..=8 { mikrotik::add(menu, #{ list: "vip", address: "10.0.0." + n, comment: "guest" }) }"#,
            ),
        ),
        (
            LIST,
            list(),
            body(r#"for n in 1..=2 { mikrotik::remove(menu, "*" + n) }"#),
        ),
        // One row twice, the last time away.
        (
            LIST,
            list(),
            body(
                r#"mikrotik::set(menu, "*1", #{ comment: "x|user=0812345678" }); mikrotik::remove(menu, "*1")"#,
            ),
        ),
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]),
            on_rules(one_comment),
        ),
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]),
            on_rules(r#"for n in 1..=2 { mikrotik::remove(menu, "*" + n) }"#),
        ),
    ];
    for (menu, site, script) in cases {
        for by in [0, 1, 2] {
            let before = rows(&site, menu);
            site.run(&script, &APPLY).code(0);
            assert_ne!(rows(&site, menu), before, "{script}");
            reboot(&site, menu, by);
            let output = site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
            assert_eq!(rows(&site, menu), before, "{by} {script}\n{output}");
            // For the next time around.
            renumber(&site, menu);
        }
    }
}

/// Gives the rows the ids *1, *2, … by what they are.
fn renumber(site: &Site, menu: &str) {
    site.router.simulator.edit(|state| {
        let mut written: Value = serde_json::from_str(&state.to_json()).unwrap();
        let rows = written[menu].as_array_mut().unwrap();
        let key = |row: &Value| format!("{}{}", row["address"], row["src-address"]);
        rows.sort_by_key(key);
        for (n, row) in rows.iter_mut().enumerate() {
            row[".id"] = format!("*{}", n + 1).into();
        }
        *state = State::from_json(&written.to_string()).unwrap();
    });
}

#[test]
fn where_the_row_of_the_journal_is_gone_or_may_be_several_undo_writes_nothing() {
    let comments =
        r#"for n in 1..=2 { mikrotik::set(menu, "*" + n, #{ comment: "one|user=0812345678" }) }"#;
    let remove_the_first = |menu: &'static str| {
        move |site: &Site| {
            site.router.simulator.edit(|state| {
                let first = state.rows(menu)[0].id().unwrap();
                state.remove(menu, first);
            });
        }
    };
    let nothing = |_: &Site| {};
    type Meanwhile = Box<dyn Fn(&Site)>;
    let cases: [(&str, Site, String, Meanwhile); 4] = [
        (
            LIST,
            list(),
            body(r#"mikrotik::set(menu, "*1", #{ comment: "x|user=0812345678" })"#),
            Box::new(remove_the_first(LIST)),
        ),
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]),
            on_rules(r#"mikrotik::set(menu, "*1", #{ comment: "x" })"#),
            Box::new(remove_the_first(RULES)),
        ),
        // Two rules that differed by their comments alone.
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.1", "10.1.0.3", "10.1.0.4"]),
            on_rules(comments),
            Box::new(nothing),
        ),
        // Somebody else's rule like the one that was added, which is gone.
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3"]),
            on_rules(r#"mikrotik::add(menu, #{ chain: "input", action: "drop" })"#),
            Box::new(|site: &Site| {
                site.router.simulator.edit(|state| {
                    let last = state.rows(RULES).last().unwrap().id().unwrap();
                    state.remove(RULES, last);
                    let fields = [
                        (".id", "*9"),
                        ("chain", "input"),
                        ("action", "drop"),
                        ("src-address", "10.1.0.9"),
                    ];
                    state.add(RULES, fields.map(|(name, value)| (name, value.as_bytes())));
                });
            }),
        ),
    ];
    for (menu, site, script, meanwhile) in cases {
        site.run(&script, &APPLY).code(0);
        meanwhile(&site);
        reboot(&site, menu, 2);
        let left = rows(&site, menu);
        let writes = site.router.simulator.received().writes();
        let output = site.tikbook(&["--json", "undo", "last", "--apply", "--yes"]);
        let report = output.stdout_json();
        let undone = report["changes"]["rows"].as_array().unwrap();
        assert!(
            undone.iter().all(|row| row["status"] != "applied"),
            "{script}\n{output}"
        );
        assert_eq!(rows(&site, menu), left, "{script}\n{output}");
        assert_eq!(site.router.simulator.received().writes(), writes);
        if !script.contains("mikrotik::add") {
            output.code(5);
        }
    }
}

#[test]
fn a_plan_is_carried_out_on_the_rows_that_it_was_made_with_after_their_ids_have_moved() {
    let cases = [
        (
            LIST,
            list(),
            body(
                r#"for n in 1..=2 { mikrotik::set(menu, "*" + n, #{ comment: "one|user=0812345678" }) }"#,
            ),
        ),
        (
            LIST,
            list(),
            body(r#"for n in 1..=2 { mikrotik::remove(menu, "*" + n) }"#),
        ),
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]),
            on_rules(r#"for n in 1..=2 { mikrotik::set(menu, "*" + n, #{ disabled: true }) }"#),
        ),
    ];
    for (menu, site, script) in cases {
        let plan = site.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        site.run(&script, &["--plan", plan]).code(0);
        let at_once = match menu {
            LIST => list(),
            _ => rules(&["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]),
        };
        at_once.run(&script, &APPLY).code(0);
        reboot(&site, menu, 1);
        site.apply(plan).code(0);
        assert_eq!(rows(&site, menu), rows(&at_once, menu), "{script}");
    }
}

#[test]
fn a_plan_whose_row_is_gone_and_whose_id_is_another_rows_is_a_conflict() {
    let site = list();
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let script = body(r#"mikrotik::remove(menu, "*1")"#);
    site.run(&script, &["--plan", plan]).code(0);
    site.router.simulator.edit(|state| {
        state.remove(LIST, "*1".parse().unwrap());
    });
    reboot(&site, LIST, 1);
    site.router.simulator.edit(|state| {
        let row = state.remove(LIST, "*2".parse().unwrap()).unwrap();
        let mut written: Value = serde_json::from_str(&state.to_json()).unwrap();
        let text = |name: &str| String::from_utf8(row.get(name).unwrap().to_vec()).unwrap();
        written[LIST].as_array_mut().unwrap().push(json!({
            ".id": "*1", "list": text("list"), "address": text("address"),
            "comment": text("comment"),
        }));
        *state = State::from_json(&written.to_string()).unwrap();
    });
    let left = site.router.ids(LIST).len();
    site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST).len(), left);
}
