//! Values that people spelled by hand, in files of 0.1.0 and in what a site protects: they mean what
//! the router makes of them.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::change::{Site, edit};
use crate::kinds::{WRITTEN, rows, script};
use crate::menus::as_of_0_1_0;
use crate::support::tikbook::Output;

const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];

/// The fields of a map of a script in which all values are texts.
fn fields(map: &str) -> Value {
    let field = |field: &str| {
        let (name, value) = field.split_once(": ").unwrap();
        let bare = |text: &str| text.trim_matches('"').to_owned();
        (bare(name), Value::from(bare(value)))
    };
    Value::Object(map.split(", ").map(field).collect::<Map<_, _>>())
}

fn apply(site: &Site, plan: &str) -> Output {
    site.tikbook(&[&["--json", "apply", plan, "--foreign"], &APPLY[..]].concat())
}

fn status(output: &Output) -> String {
    let rows = &output.stdout_json()["changes"]["rows"];
    rows[0]["status"].as_str().unwrap().to_owned()
}

/// The journal that was written last.
fn journal(site: &Site) -> PathBuf {
    let folder = site.state.path().join("tikbook/journal/default");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let journals = files.filter(|file| file.extension().is_some_and(|end| end == "jsonl"));
    journals.max().unwrap()
}

/// The only journal as 0.1.0 would have written it: what was sent, word for word, and nothing of what
/// the router made of it.
fn rewrite_journal(site: &Site, sent: &Value) {
    let path = journal(site);
    let old = as_of_0_1_0(&std::fs::read_to_string(&path).unwrap());
    let lines = old.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if let Some(intention) = event.get_mut("intention") {
            let change = &mut intention["change"];
            let after = change["after"].as_object_mut().unwrap();
            after.extend(sent.as_object().unwrap().clone());
        }
        if let Some(outcome) = event.get_mut("outcome") {
            let known = outcome["outcome"].as_object_mut().unwrap();
            known.retain(|name, _| ["status", "id", "why"].contains(&name.as_str()));
        }
        format!("{event}\n")
    });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
}

#[test]
fn a_plan_of_0_1_0_makes_its_row_once() {
    for (menu, added, _) in WRITTEN {
        let site = Site::of(&json!({ *menu: [] }));
        let path = site.state.path().join("plan.json");
        let plan = path.to_str().unwrap();
        let add = script(menu, &format!("mikrotik::add(menu, #{{ {added} }})"));
        site.run(&add, &["--plan", plan]).code(0);
        edit(plan, |plan| plan["changes"][0]["after"] = fields(added));
        let output = apply(&site, plan).code(0);
        assert_eq!(status(&output), "applied", "{menu} {added}\n{output}");
        let made = rows(&site, menu);
        apply(&site, plan).code(6);
        // Another plan of the same row, made by another run before this one was applied.
        edit(plan, |plan| plan["run"] = "20261127-220023-d1b143".into());
        let output = apply(&site, plan).code(0);
        assert_eq!(status(&output), "skipped", "{menu} {added}\n{output}");
        assert_eq!(rows(&site, menu), made, "{menu}");
    }
}

#[test]
fn a_journal_of_0_1_0_is_undone_though_the_router_wrote_its_values_otherwise() {
    for (menu, added, set) in WRITTEN {
        let site = Site::of(&json!({ *menu: [] }));
        let add = script(menu, &format!("mikrotik::add(menu, #{{ {added} }})"));
        site.run(&add, &APPLY).code(0);
        rewrite_journal(&site, &fields(added));
        let undo = ["undo", "last", "--apply", "--yes"];
        let output = site.tikbook(&undo).code(0);
        assert!(rows(&site, menu).is_empty(), "{menu} {added}\n{output}");

        let site = Site::of(&json!({ *menu: [] }));
        site.run(&add, &APPLY).code(0);
        let before = rows(&site, menu);
        let change = format!(r#"mikrotik::set(menu, "*1", #{{ {set} }})"#);
        site.run(&script(menu, &change), &APPLY).code(0);
        assert_ne!(rows(&site, menu), before, "{menu}");
        rewrite_journal(&site, &fields(set));
        let output = site.tikbook(&undo).code(0);
        assert_eq!(rows(&site, menu), before, "{menu} {set}\n{output}");
    }
}

#[test]
fn a_row_is_protected_by_a_value_however_that_is_spelled() {
    const BINDINGS: &str = "/ip/hotspot/ip-binding";
    let removed = |protected: &str| {
        let site = Site::of(&json!({ BINDINGS: [
            { ".id": "*1", "mac-address": "AA:BB:CC:DD:EE:0F", "address": "10.9.8.0/24",
              "comment": "Printer", "type": "bypassed" },
        ] }));
        let remove = script(BINDINGS, r#"mikrotik::remove(menu, "*1")"#);
        site.protecting(protected)
            .file("script.rhai", remove)
            .args(["run", "./script.rhai"])
            .args(APPLY)
            .run();
        site.router.ids(BINDINGS).is_empty()
    };
    for protected in [
        "mac-address=AA:BB:CC:DD:EE:0F",
        "mac-address=aa:bb:cc:dd:ee:0f",
        "mac-address=aa-bb-cc-dd-ee-0f",
        "mac-address=AA:BB:*",
        "address=10.9.8.0/24",
        "address=10.9.8.0-10.9.8.255",
        "aa-bb-cc-dd-ee-0f",
        "10.9.8.0-10.9.8.255",
        "comment=Printer",
    ] {
        assert!(!removed(protected), "{protected}");
    }
    for other in [
        "mac-address=AA:BB:CC:DD:EE:0E",
        "address=10.9.8.0/25",
        "address=10.9.8.7",
        "comment=printer",
    ] {
        assert!(removed(other), "{other}");
    }
}
