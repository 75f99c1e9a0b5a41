//! Every primitive has a text and an example, and every example runs on the demo site.

use serde_json::Value;
use tikbook::config::Service;

use crate::support::tikbook::Tikbook;

#[test]
fn every_primitive_says_what_it_does_and_shows_it() {
    let mut silent = Vec::new();
    let mut seen = 0;
    for page in pages() {
        assert!(!text(&page, "summary").is_empty());
        assert!(!text(&page, "text").is_empty(), "{page} has no text");
        for primitive in array(&page, "primitives") {
            seen += 1;
            let shown = !array(&primitive, "examples").is_empty();
            if text(&primitive, "text").is_empty() || !shown {
                silent.push(text(&primitive, "call"));
            }
        }
    }
    assert!(seen > 80, "only {seen} primitives were seen");
    assert_eq!(
        silent,
        Vec::<String>::new(),
        "primitives without text or example"
    );
}

#[test]
fn every_example_runs_on_the_demo_site() {
    let pages = pages();
    assert!(pages.len() > 8);
    for page in pages {
        let examples: Vec<String> = array(&page, "primitives")
            .iter()
            .flat_map(|primitive| array(primitive, "examples"))
            .map(|example| example.as_str().unwrap().to_owned())
            .collect();
        assert!(!examples.is_empty());
        if page["namespace"] == "site" {
            let tests = script_of(&examples).replace("fn example_", "fn test_example_");
            Tikbook::new()
                .file("examples_test.rhai", tests)
                .args(["test", "examples_test.rhai"])
                .run()
                .code(0);
            continue;
        }
        // Changes of one run are held against each other, so each of them has a run of its own.
        let plans = ["change", "mikrotik"].contains(&page["namespace"].as_str().unwrap());
        let at_once = if plans { 1 } else { examples.len() };
        for examples in examples.chunks(at_once) {
            Tikbook::new()
                .file("examples.rhai", script_of(examples))
                .args(["--site", "demo", "run", "./examples.rhai"])
                .run()
                .code(0);
        }
    }
}

#[test]
fn an_example_that_is_wrong_fails() {
    let examples = ["assert_eq(1, 2);".to_owned()];
    Tikbook::new()
        .file("examples.rhai", script_of(&examples))
        .args(["--site", "demo", "run", "./examples.rhai"])
        .run()
        .code(1);
}

#[test]
fn doc_finds_a_namespace_a_primitive_and_a_method() {
    for (name, expected) in [
        ("mikrotik", "mikrotik::rows(menu, query, fields)"),
        ("mikrotik::count", "mikrotik::count(menu)"),
        ("where", "rows.where(fields)"),
    ] {
        let output = Tikbook::new().args(["doc", name]).run().code(0);
        assert!(output.stdout.contains(expected), "{}", output.stdout);
    }
    let output = Tikbook::new()
        .args(["doc", "mikrotik::cuont"])
        .run()
        .code(2);
    assert!(
        output.stderr.contains("did you mean `count`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn definitions_for_editors_are_written_for_each_namespace() {
    let folder = tempfile::TempDir::with_prefix("tikbook-docs-").unwrap();
    let path = folder.path().join("definitions");
    Tikbook::new()
        .args(["doc", "--definitions"])
        .args([&path])
        .run()
        .code(0);
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    assert!(
        read("mikrotik.d.rhai").contains("fn rows(menu: "),
        "{}",
        read("mikrotik.d.rhai")
    );
    assert!(
        read("db.d.rhai").contains("fn value(sql: "),
        "{}",
        read("db.d.rhai")
    );
}

#[test]
fn the_whole_reference_is_printed_as_markdown() {
    let output = Tikbook::new().args(["doc", "--markdown"]).run().code(0);
    for expected in [
        "## mikrotik\n",
        "### `mikrotik::rows(menu, query)`",
        "```rhai\n",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

/// One function for each example, so that their variables do not meet, and a run that calls them.
fn script_of(examples: &[String]) -> String {
    let functions: String = examples
        .iter()
        .enumerate()
        .map(|(number, example)| format!("fn example_{number}() {{\n{example}\n}}\n"))
        .collect();
    let calls: String = (0..examples.len())
        .map(|number| format!("    example_{number}();\n"))
        .collect();
    let reads = Service::ALL.map(Service::as_str);
    format!(
        "//! Examples.\nconst RUNBOOK = #{{ reads: {reads:?}, \
         writes: [\"mikrotik:/ip/firewall/address-list\", \"mikrotik:/ip/hotspot/walled-garden\", \"mikrotik:/system/identity\", \
         \"mikrotik:/system/reboot\", \"mikrotik:/ip/dhcp-server/lease/make-static\", \"redis:*\", \"db:users\"] }};\n{functions}\
         fn run(args) {{\n{calls}}}\n"
    )
}

fn pages() -> Vec<Value> {
    let output = Tikbook::new().args(["doc", "--json"]).run().code(0);
    output.stdout_json().as_array().unwrap().clone()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

fn array(value: &Value, field: &str) -> Vec<Value> {
    value[field].as_array().unwrap().clone()
}
