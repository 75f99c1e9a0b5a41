//! The bundled scripts: they pass the check, and what users see of them needs no connection.

use crate::support::tikbook::Tikbook;

#[test]
fn every_bundled_script_passes_the_check() {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
    let output = Tikbook::new().args(["check", scripts]).run().code(0);
    assert!(output.stdout.contains("0 problems"), "{}", output.stdout);
}

#[test]
fn the_tests_of_the_bundled_scripts_pass() {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
    let output = Tikbook::new().args(["test", scripts]).run().code(0);
    assert!(output.stdout.contains(", 0 failed,"), "{}", output.stdout);
}

#[test]
fn check_finds_parameters_that_nothing_reads() {
    let script = |body: &str| {
        format!(
            "//! X.\nconst RUNBOOK = #{{ params: #{{ used: #{{ type: \"int\", \"default\": 1 }},\n\
             idle: #{{ type: \"int\", \"default\": 1 }} }} }};\nfn run(args) {{ {body} }}\n"
        )
    };
    let check = |body: &str| {
        Tikbook::new()
            .file("x.rhai", script(body))
            .args(["check", "x.rhai"])
            .run()
    };
    let output = check("args.used").code(1);
    assert!(
        output.stdout.contains("the parameter `idle` is declared"),
        "{output}"
    );
    assert!(output.stdout.contains("1 problem"), "{output}");
    check("args.used + args.idle").code(0);
    // Whoever gets them all may read them all.
    check("let all = args; all.used").code(0);
}

#[test]
fn list_names_the_runbooks_and_not_their_libraries() {
    let output = Tikbook::new().args(["list", "--json"]).run().code(0);
    let list = output.stdout_json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"audit"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("lib")), "{names:?}");
}

#[test]
fn a_runbook_of_ones_own_hides_the_bundled_one_and_list_says_so() {
    let own = "//! My own audit.\nconst RUNBOOK = #{};\nfn run(args) { #{ mine: true } }\n";
    let output = Tikbook::new()
        .file("scripts/audit.rhai", own)
        .args(["list"])
        .run()
        .code(0);
    assert!(output.stdout.contains("My own audit."), "{}", output.stdout);
    assert!(
        output.stdout.contains("in place of bundled/audit.rhai"),
        "{}",
        output.stdout
    );
    let output = Tikbook::new()
        .file("scripts/audit.rhai", own)
        .args(["run", "audit", "--json"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["mine"], true);
}

#[test]
fn a_library_of_ones_own_changes_a_bundled_runbook() {
    let everybody_is_free = "fn blocked_list() { throw \"my own rules\" }\n";
    let output = Tikbook::new()
        .file("scripts/lib/common/lists.rhai", everybody_is_free)
        .args(["--site", "demo", "run", "audit"])
        .run()
        .code(1);
    assert!(!output.stderr.is_empty());
}

#[test]
fn show_prints_the_text_that_would_run() {
    let output = Tikbook::new().args(["show", "audit"]).run().code(0);
    assert!(output.stdout.contains("fn run(args)"), "{}", output.stdout);
}

#[test]
fn list_shows_only_files_of_the_folder_and_no_control_characters() {
    let runbook = "//! A\u{1b}[31m title.\nconst RUNBOOK = #{};\nfn run(args) {}\n";
    let output = Tikbook::new()
        .file("scripts/mine.rhai", runbook)
        .link("scripts/outside.rhai", "/etc/hostname")
        .args(["list"])
        .run()
        .code(0);
    assert!(output.stdout.contains("A·[31m title."), "{}", output.stdout);
    assert!(!output.stdout.contains("outside"), "{}", output.stdout);
}

#[test]
fn check_finds_where_run_asks_what_becomes_of_changes_only_after_it() {
    let check = |asks: &str, place: &str| {
        let body = |name: &str| if name == place { asks } else { "" };
        let (run, after) = (body("run"), body("after"));
        let script = format!(
            "//! Removes.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:/ip/arp\"] }};\n\
             fn run(args) {{ let done = [mikrotik::remove(\"/ip/arp\", \"*1\")];\n{run}\n#{{}} }}\n\
             fn after(args, done, report) {{\n{after}\n}}\n"
        );
        let tikbook = Tikbook::new().file("removes.rhai", script);
        tikbook.args(["check", "removes.rhai"]).run()
    };
    for (asks, status) in [
        ("if done[0].status == \"applied\" { print(1) }", "applied"),
        ("if \"applied\" != done[0].status { print(1) }", "applied"),
        (
            "print(done.filter(|change| change.status == \"applied\").len());",
            "applied",
        ),
        ("print(change::count(done, \"unknown\"));", "unknown"),
        ("print(change::of(done, \"applied\").len());", "applied"),
    ] {
        let output = check(asks, "run").code(1);
        let said = format!("no change is `{status}` while `run` plans");
        assert!(output.stdout.contains(&said), "{asks}: {output}");
        assert!(output.stdout.contains("fn after"), "{asks}: {output}");
        check(asks, "after").code(0);
    }
    for asks in [
        "if done[0].status == \"planned\" { print(1) }",
        "if done[0].why == \"applied\" { print(1) }",
        "if done.all(|check| check.status == \"unknown\") { print(1) }",
        "print(change::count(done, \"conflict\"));",
    ] {
        check(asks, "run").code(0);
    }
}

#[test]
fn what_takes_the_place_of_a_primitive_that_is_gone_is_said() {
    let script =
        "//! Old.\nconst RUNBOOK = #{};\nfn run(args) { if change::applies() { print(1) } }\n";
    for args in [
        &["check", "old.rhai"][..],
        &["--site", "demo", "run", "./old.rhai"],
    ] {
        let output = Tikbook::new()
            .file("old.rhai", script)
            .args(args)
            .run()
            .code(1);
        let said = format!("{output}")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            said.contains("there is no function `change::applies"),
            "{output}"
        );
        assert!(said.contains("fn after(args, done, report)"), "{output}");
    }
}

#[test]
fn check_lets_a_function_in_a_field_be_called() {
    let script = "//! Try.\nconst RUNBOOK = #{};\nfn run(args) {\n    \
                  let m = #{ twice: |x| x * 2 };\n    m.half = |x| x / 2;\n    m.twice(1) + m.half(2) + m.thrice(3)\n}\n";
    let output = Tikbook::new()
        .file("try.rhai", script)
        .args(["check", "try.rhai"])
        .run()
        .code(1);
    assert!(
        output.stdout.contains("1 problem") || output.stderr.contains("1 problem"),
        "{output}"
    );
    assert!(format!("{output}").contains("`thrice`"), "{output}");
}

#[test]
fn only_tests_may_use_simulated_sites() {
    let check = |text: &str| {
        Tikbook::new()
            .file("x.rhai", text)
            .args(["check", "x.rhai"])
            .run()
    };
    let runbook = "//! X.\nconst RUNBOOK = #{};\nfn run(args) { site::demo() }\n";
    let output = check(runbook).code(1);
    assert!(output.stdout.contains("namespace `site`"), "{output}");
    assert!(output.stdout.contains("x.rhai:3"), "{output}");
    check("fn test_x() { site::demo(); }\n").code(0);
}
