//! Several changes of one row in one run: the dry run, the plan file and the apply agree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::change::{Site, body};
use crate::support::tikbook::Tikbook;
use crate::support::{Harness, harness};

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
        let output = later.apply(plan).code(0);
        let made = statuses(&output.stdout_json());
        assert!(made.iter().all(|status| status == "applied"), "{output}");
        assert_eq!(rows(&later), rows(&at_once), "{script}");

        for site in [at_once, later] {
            let output = site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
            assert_eq!(rows(&site), before, "{script}\n{output}");
        }
    }
}

/// What can be written of two rows and three keys: the first two keys are the rows', the third is
/// nobody's yet.
fn writes(n: usize) -> [String; 8] {
    let [one, other] = ids(n);
    let [first, second, third] = addresses(n);
    let comment = "new|user=0812345678";
    [
        format!(r#"mikrotik::set(menu, "{one}", #{{ address: "{second}" }})"#),
        format!(r#"mikrotik::set(menu, "{other}", #{{ address: "{first}" }})"#),
        format!(r#"mikrotik::set(menu, "{one}", #{{ address: "{third}" }})"#),
        format!(r#"mikrotik::set(menu, "{other}", #{{ comment: "{comment}" }})"#),
        format!(r#"mikrotik::remove(menu, "{one}")"#),
        format!(r#"mikrotik::remove(menu, "{other}")"#),
        format!(
            r#"mikrotik::add(menu, #{{ list: "blocked", address: "{first}", comment: "{comment}" }})"#
        ),
        format!(
            r#"mikrotik::add(menu, #{{ list: "blocked", address: "{third}", comment: "{comment}" }})"#
        ),
    ]
}

const OLD: &str = "x|user=0812345678";

/// The ids of the `n`th two rows.
fn ids(n: usize) -> [String; 2] {
    [format!("*{:X}", 2 * n + 1), format!("*{:X}", 2 * n + 2)]
}

fn addresses(n: usize) -> [String; 3] {
    [1, 2, 3].map(|last| format!("10.{}.{}.{last}", n / 200, n % 200))
}

/// Every sequence of one or two writes, and of three different ones, each to be made of two rows of
/// its own: as many places of [`writes`]. A short harness has every fifth of the longest.
fn sequences() -> Vec<Vec<usize>> {
    let longer = |shorter: &[Vec<usize>]| -> Vec<Vec<usize>> {
        let with = |n: usize| shorter.iter().map(move |one| [&one[..], &[n]].concat());
        (0..8).flat_map(with).collect()
    };
    let one = longer(&[vec![]]);
    let two = longer(&one);
    let mut three = longer(&two);
    three.retain(|one| BTreeSet::from_iter(one).len() == 3);
    let three = match harness() {
        Harness::Short => three.into_iter().step_by(5).collect(),
        Harness::Full => three,
    };
    [one, two, three].concat()
}

/// A site with two rows for each sequence.
fn pairs(sequences: &[Vec<usize>]) -> Site {
    let of_pair = |n: usize| {
        let rows = ids(n).into_iter().zip(addresses(n));
        rows.map(|(id, address)| {
            json!({ ".id": id, "list": "blocked", "address": address, "comment": OLD,
                    "dynamic": "false", "disabled": "false" })
        })
    };
    let rows: Vec<Value> = (0..sequences.len()).flat_map(of_pair).collect();
    Site::of(&json!({ LIST: rows }))
}

/// A script that makes the sequences `of`, by their numbers.
fn script_of(sequences: &[Vec<usize>], of: impl Iterator<Item = usize>) -> String {
    let lines = of.flat_map(|n| {
        let writes = writes(n);
        let of_sequence = sequences[n].iter();
        of_sequence.map(move |&place| writes[place].clone())
    });
    body(&lines.collect::<Vec<_>>().join(";\n    "))
}

/// The statuses of each sequence's changes.
fn by_sequence(report: &Value, sequences: &[Vec<usize>]) -> Vec<Vec<String>> {
    let mut statuses = statuses(report).into_iter();
    let of_sequence = |one: &Vec<usize>| statuses.by_ref().take(one.len()).collect();
    sequences.iter().map(of_sequence).collect()
}

/// Comments by address.
fn comments(site: &Site) -> BTreeMap<String, String> {
    let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap()).into_owned();
    let rows = site.router.simulator.rows(LIST);
    let comments = rows
        .iter()
        .map(|row| (text(row.get("address")), text(row.get("comment"))));
    comments.collect()
}

/// What a plan says that it makes of `comments`: each row is known by its address.
fn as_planned(plan: &str, mut comments: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let written: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    for change in written["changes"].as_array().unwrap() {
        let text = |row: &str, name: &str| change[row][name].as_str().unwrap().to_owned();
        if change["action"] != "add" {
            let gone = comments.remove(&text("before", "address"));
            assert_eq!(gone, Some(text("before", "comment")), "{change}");
        }
        if change["action"] != "remove" {
            let taken = comments.insert(text("after", "address"), text("after", "comment"));
            assert_eq!(taken, None, "{change}");
        }
    }
    comments
}

#[test]
fn dry_run_plan_file_and_apply_agree_on_every_sequence_of_writes_of_rows_whose_keys_meet() {
    let sequences = sequences();
    // The more rows a router has, the longer it looks for one.
    sequences.chunks(51).for_each(agree);
}

#[test]
fn what_becomes_of_a_change_is_the_same_whether_it_is_looked_at_at_once_or_at_the_end() {
    let sequences = sequences();
    for sequences in sequences.chunks(51) {
        let looked_at = |look: &str| {
            let script = script_of(sequences, 0..sequences.len());
            let script = script.replace("    mikrotik::", &format!("    {look}mikrotik::"));
            let mut report = pairs(sequences).run(&script, &[]).stdout_json();
            // Of several reasons for a conflict the one or the other may be named.
            for row in report["changes"]["rows"].as_array_mut().unwrap() {
                row["reason"].take();
            }
            (script, report["changes"].take())
        };
        let (one_by_one, each) = looked_at("let status = \"\" + ");
        let (at_once, all) = looked_at("");
        assert_ne!(one_by_one, at_once);
        assert!(each["conflict"].as_u64() > Some(0), "{each}");
        assert_eq!(each, all);
    }
}

/// Dry run, plan file and apply agree on these sequences, and what becomes of one row is made or not.
fn agree(sequences: &[Vec<usize>]) {
    let at_once = pairs(sequences);
    let all = script_of(sequences, 0..sequences.len());
    let dry = at_once.run(&all, &[]).stdout_json();
    let dry = by_sequence(&dry, sequences);
    let made = at_once.run(&all, &APPLY_ALL).stdout_json();
    for (n, made) in by_sequence(&made, sequences).into_iter().enumerate() {
        let made: Vec<String> = made
            .into_iter()
            .map(|status| status.replace("applied", "planned"))
            .collect();
        let script = script_of(sequences, [n].into_iter());
        assert_eq!(made, dry[n], "{script}");
    }

    let later = pairs(sequences);
    let before = comments(&later);
    let plan = later.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    later.run(&all, &["--plan", plan]);
    let expected = as_planned(plan, before.clone());
    let shown = later.tikbook(&["--json", "apply", plan]).code(0);
    let shown = statuses(&shown.stdout_json());
    assert!(shown.iter().all(|status| status == "planned"));
    assert_eq!(comments(&later), before);
    let made = later.apply(plan).code(0);
    let made = statuses(&made.stdout_json());
    assert!(made.iter().all(|status| status == "applied"));
    assert_eq!(comments(&later), expected);
    let at_once = comments(&at_once);
    for address in (0..sequences.len()).flat_map(addresses) {
        assert_eq!(at_once.get(&address), expected.get(&address), "{address}");
    }
}

const APPLY_ALL: [&str; 4] = ["--apply", "--yes", "--max-changes", "9999"];

#[test]
fn a_set_that_gives_a_row_the_key_of_another_is_refused_in_the_plan_and_names_the_other() {
    let taken = r#"mikrotik::set(menu, "*1", #{ address: "10.0.0.2" });
                   mikrotik::remove(menu, "*2")"#;
    let added = r#"mikrotik::remove(menu, "*1");
                   mikrotik::add(menu, #{ list: "blocked", address: "10.0.0.1", comment: "new|user=0812345678" });
                   mikrotik::set(menu, "*2", #{ address: "10.0.0.1" })"#;
    for (script, expected, other) in [
        (
            taken,
            &["conflict", "conflict"][..],
            "*2 list=blocked address=10.0.0.2",
        ),
        (
            added,
            &["conflict", "conflict", "conflict"],
            "list=blocked address=10.0.0.1 comment=\"new",
        ),
    ] {
        let site = Site::with_rows(4);
        let before = rows(&site);
        let dry = site.run(&body(script), &[]).code(5).stdout_json();
        assert_eq!(statuses(&dry), expected);
        let why = dry["changes"]["rows"].as_array().unwrap().iter();
        let why: Vec<&str> = why
            .map(|row| row["reason"].as_str().unwrap_or_default())
            .collect();
        let named = why
            .iter()
            .any(|why| why.contains("new key") && why.contains(other));
        assert!(named, "{why:?}");
        assert_eq!(rows(&site), before);
        assert_eq!(site.router.simulator.received().writes(), 0);
    }
    // The other way round both can be made.
    let site = Site::with_rows(4);
    let script =
        r#"mikrotik::remove(menu, "*2"); mikrotik::set(menu, "*1", #{ address: "10.0.0.2" })"#;
    site.run(&body(script), &APPLY).code(0);
    assert_eq!(site.router.ids(LIST), ["*1", "*3", "*4"]);
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
        assert_eq!(statuses(&dry), ["conflict", "conflict"]);
        let planned = site.run(&script, &["--plan", plan.to_str().unwrap()]);
        planned.code(5);
        let applied = site.run(&script, &APPLY).code(5).stdout_json();
        assert_eq!(statuses(&applied), ["conflict", "conflict"]);
        assert_eq!(site.router.simulator.received().writes(), 0);
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
    let output = site.apply(plan).code(5);
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
    let output = site.apply(plan).code(5);
    assert_eq!(statuses(&output.stdout_json()), ["failed", "skipped"]);
    assert_eq!(site.router.simulator.received().of(LIST, "add"), 0);
}

#[test]
fn a_session_names_the_command_that_carries_its_plan_out_on_its_site() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("a plan.json");
    let add = |last: u8| {
        format!(
            "mikrotik::add(\"{LIST}\", #{{ list: \"vip\", address: \"10.0.0.{last}\" }}).status\n"
        )
    };
    for (lines, expected) in [
        (add(1), "saved 1 planned change; make it with"),
        (
            [add(1), add(2)].concat(),
            "saved 2 planned changes; make them with",
        ),
    ] {
        let _ = std::fs::remove_file(&plan);
        let lines = format!("{lines}:plan {}\n", plan.display());
        let repl = Tikbook::new().args(["--site", "demo", "repl"]).stdin(lines);
        let output = repl.run().code(0);
        let command = format!("`tikbook apply '{}' --apply --site demo`", plan.display());
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(said.contains(&format!("{expected} {command}")), "{output}");
    }
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
    site.apply(plan).code(0);
    assert_eq!(site.router.ids(LIST), ["*2", "*3", "*4", "*5"]);
}
