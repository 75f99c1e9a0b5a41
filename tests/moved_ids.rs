//! Ids are of a router's session: after a reboot they may be other rows'. What is known of a row by
//! its key or its content is never written onto another one.

use std::collections::BTreeMap;
use std::time::Duration;

use routeros_sim::{Row, State};
use serde_json::{Value, json};

use crate::change::{Site, body};

const LIST: &str = "/ip/firewall/address-list";
const RULES: &str = "/ip/firewall/filter";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

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

/// The router starts anew, so many times: after each, every row has the id that the next one had.
fn reboot(site: &Site, times: usize) {
    (0..times).for_each(|_| site.router.simulator.reboot());
}

/// The router has been up for a minute: it tells whole seconds.
fn has_been_up(site: &Site) {
    let clock = site.router.simulator.clock();
    clock.advance(Duration::from_secs(60));
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
        // What the router made of an added row is known, and no other row has all of it.
        (
            RULES,
            rules(&["10.1.0.1", "10.1.0.2"]),
            on_rules(
                r#"for n in 1..=2 { mikrotik::add(menu, #{ chain: "forward", action: "drop", "src-address": "10.2.0." + n }) }"#,
            ),
        ),
    ];
    for (menu, site, script) in cases {
        for by in [0, 1, 2] {
            let before = rows(&site, menu);
            site.run(&script, &APPLY).code(0);
            assert_ne!(rows(&site, menu), before, "{script}");
            reboot(&site, by);
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
        reboot(&site, 2);
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

/// Rows that a run leaves alike, and one beside them that stays the only one of its kind.
fn alike_after_a_run() -> [(&'static str, Site, String); 4] {
    let rules = || {
        let row = |n: usize| {
            json!({ ".id": format!("*{n}"), "chain": "input", "action": "drop",
                    "comment": format!("rule {n}"), "disabled": if n == 2 { "true" } else { "false" } })
        };
        let only = json!({ ".id": "*4", "chain": "forward", "action": "drop",
                           "src-address": "10.1.0.1", "comment": "the only one",
                           "disabled": "false" });
        let rows: Vec<Value> = (1..=3).map(row).chain([only]).collect();
        Site::of(&json!({ RULES: rows }))
    };
    let bindings = || {
        let row = |n: usize| {
            json!({ ".id": format!("*{n}"), "mac-address": "02:00:00:00:00:01", "type": "bypassed",
                    "comment": format!("device {n}"), "disabled": "false",
                    "bypassed": "true", "blocked": "false" })
        };
        let only = json!({ ".id": "*4", "mac-address": "02:00:00:00:00:04", "type": "bypassed",
                           "comment": "the only one", "disabled": "false",
                           "bypassed": "true", "blocked": "false" });
        let rows: Vec<Value> = (1..=3).map(row).chain([only]).collect();
        Site::of(&json!({ BINDINGS: rows }))
    };
    let all = |fields: &str| {
        body(&format!(
            r##"for n in [1, 2, 3, 4] {{ mikrotik::set(menu, "*" + n, #{{ {fields} }}) }}"##
        ))
    };
    let rules_script = |fields: &str| all(fields).replace(LIST, RULES);
    let bindings_script = |fields: &str| all(fields).replace(LIST, BINDINGS);
    [
        (
            RULES,
            rules(),
            rules_script(r#"comment: "same", disabled: true"#),
        ),
        (
            RULES,
            rules(),
            rules_script(r#"comment: "same", disabled: false"#),
        ),
        (BINDINGS, bindings(), bindings_script(r#"comment: "same""#)),
        (
            BINDINGS,
            bindings(),
            bindings_script(r#"comment: "same", type: "blocked""#),
        ),
    ]
}

/// Gives a menu the rows that it had.
fn restore(site: &Site, menu: &str, rows: &[Row]) {
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    let fields = |row: &Row| -> serde_json::Map<String, Value> {
        let fields = row.fields();
        fields
            .map(|(name, value)| (text(name), text(value).into()))
            .collect()
    };
    let rows: Vec<_> = rows.iter().map(fields).collect();
    let state = State::from_json(&json!({ menu: rows }).to_string()).unwrap();
    site.router.simulator.edit(|now| *now = state);
}

/// The comments in the order of the rows.
fn comments(site: &Site, menu: &str) -> Vec<String> {
    let rows = site.router.simulator.rows(menu);
    let comment = |row: &Row| row.get("comment").unwrap_or_default().to_vec();
    let comments = rows
        .iter()
        .map(|row| String::from_utf8(comment(row)).unwrap());
    comments.collect()
}

#[test]
fn rows_that_a_run_left_alike_are_told_apart_by_their_ids_until_the_router_starts_anew() {
    for (menu, site, script) in alike_after_a_run() {
        has_been_up(&site);
        let before = site.router.simulator.rows(menu);
        site.run(&script, &APPLY).code(0);
        site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
        assert_eq!(site.router.simulator.rows(menu), before, "{script}");

        for times in [1, 2, 3] {
            site.run(&script, &APPLY).code(0);
            assert_eq!(comments(&site, menu), ["same"; 4]);
            reboot(&site, times);
            let output = site.tikbook(&["--json", "undo", "last", "--apply", "--yes"]);
            let output = output.code(5);
            let report = output.stdout_json();
            assert_eq!(
                comments(&site, menu),
                ["same", "same", "same", "the only one"],
                "{times} {script}\n{output}"
            );
            let undone = report["changes"]["rows"].as_array().unwrap();
            let why = |row: &Value| row["reason"].as_str().unwrap_or_default().to_owned();
            let mut reasons: Vec<String> = undone.iter().map(why).collect();
            reasons.sort();
            let several = "3 rows are like it, and nobody can say which one it is";
            assert_eq!(reasons, ["", several, several, several], "{output}");
            restore(&site, menu, &before);
        }
    }
}

#[test]
fn a_row_is_not_taken_for_one_that_is_gone_and_was_like_it() {
    for (menu, site, script) in alike_after_a_run() {
        for times in [0, 1] {
            has_been_up(&site);
            let before = site.router.simulator.rows(menu);
            site.run(&script, &APPLY).code(0);
            site.router.simulator.edit(|state| {
                for id in ["*2", "*3"] {
                    state.remove(menu, id.parse().unwrap());
                }
            });
            reboot(&site, times);
            site.tikbook(&["undo", "last", "--apply", "--yes"]).code(5);
            // Where it did not start anew, the id says that it is the first one.
            let left = comments(&site, menu);
            let expected: &[[&str; 2]] = match times {
                0 => &[["rule 1", "the only one"], ["device 1", "the only one"]],
                _ => &[["same", "the only one"]],
            };
            assert!(expected.iter().any(|rows| left == rows), "{times} {left:?}");
            restore(&site, menu, &before);
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
        reboot(&site, 1);
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
    reboot(&site, 1);
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
