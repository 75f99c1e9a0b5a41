//! The bundled scripts: they pass the check, and what users see of them needs no connection.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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

/// A library does something by being imported. One that nobody imports lies where a bundled one was, or has a
/// wrong name, and its site would believe that it decides.
#[test]
fn a_library_of_ones_own_that_no_script_imports_is_said() {
    const RULES: &str = "fn debt_limit() { 7 }\n";
    let imports = |path: &str| {
        format!(
            "//! Mine.\nimport {path} as mine;\nconst RUNBOOK = #{{}};\nfn run(args) {{ mine::debt_limit() }}\n"
        )
    };
    let moved = "runbooks import `lib/policy/blocking`";
    let none = ("scripts/other.txt", String::new());
    for (library, text, (script, script_text), said) in [
        ("lib/blocking", RULES, &none, Some(moved)),
        ("lib/common/blocking", RULES, &none, Some(moved)),
        (
            "lib/blockings",
            RULES,
            &none,
            Some("remove it, or import it"),
        ),
        // A runbook, a test and an example may import it.
        (
            "lib/blocking",
            RULES,
            &("scripts/mine.rhai", imports("\"lib/blocking\"")),
            None,
        ),
        (
            "lib/blocking",
            RULES,
            &("scripts/mine_test.rhai", imports("\"lib/blocking.rhai\"")),
            None,
        ),
        (
            "lib/blocking",
            RULES,
            &("scripts/examples/mine.rhai", imports("\"lib/blocking\"")),
            None,
        ),
        // Which file a path is that is made at run time is known only then.
        (
            "lib/blocking",
            RULES,
            &("scripts/mine.rhai", imports("`lib/${time::now()}`")),
            None,
        ),
        // A library of one's own that only another unused one imports does nothing either.
        (
            "lib/blocking",
            RULES,
            &("scripts/lib/more.rhai", imports("\"lib/blocking\"")),
            Some(moved),
        ),
    ] {
        let source = format!("scripts/{library}.rhai");
        let site = |tikbook: Tikbook| tikbook.file(&source, text).file(script, script_text);
        let run = site(Tikbook::new())
            .args(["--site", "demo", "run", "audit"])
            .run();
        let check = site(Tikbook::new()).args(["check"]).run();
        let Some(said) = said else {
            for output in [run.code(0), check] {
                let all = format!("{}{}", output.stdout, output.stderr);
                assert!(
                    !all.contains("no script imports"),
                    "{library} {script}: {output}"
                );
            }
            continue;
        };
        let sentence = format!("no script imports ./{source}");
        let run = run.code(0);
        assert!(
            run.stderr.contains(&sentence) && run.stderr.contains(said),
            "{library}: {run}"
        );
        let check = check.code(1);
        assert!(
            check.stdout.contains(&sentence) && check.stdout.contains(said),
            "{library}: {check}"
        );
    }
}

#[test]
fn a_run_says_which_of_ones_own_files_it_uses_in_the_place_of_bundled_ones() {
    let bundled = |path: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
        std::fs::read_to_string(format!("{folder}/{path}.rhai")).expect("a bundled script")
    };
    for (path, is_used) in [
        ("audit", true),
        ("lib/policy/blocking", true),
        ("lib/common/lists", true),
        ("lib/explain/rules", false),
        ("cleanup", false),
    ] {
        let run = |text: String| {
            let tikbook = Tikbook::new().file(&format!("scripts/{path}.rhai"), text);
            tikbook
                .args(["--site", "demo", "run", "audit"])
                .run()
                .code(0)
        };
        let sentence = format!("./scripts/{path}.rhai is used in the place of bundled/{path}.rhai");
        let changed = run(format!("{}\n// Mine.\n", bundled(path)));
        assert_eq!(
            changed.stderr.contains(&sentence),
            is_used,
            "{path}: {changed}"
        );
        let same = run(bundled(path));
        assert!(!same.stderr.contains("in the place of"), "{path}: {same}");
    }
}

#[test]
fn show_prints_the_text_that_would_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
    for name in [
        "audit",
        "audit.rhai",
        "examples/vip",
        "lib/policy/blocking",
        "lib/policy/blocking.rhai",
    ] {
        let output = Tikbook::new().args(["show", name]).run().code(0);
        let file = format!("{folder}/{}.rhai", name.trim_end_matches(".rhai"));
        assert_eq!(
            output.stdout,
            std::fs::read_to_string(file).unwrap(),
            "{name}"
        );
        let own = Tikbook::new()
            .file(
                &format!("scripts/{}.rhai", name.trim_end_matches(".rhai")),
                "// Mine.\n",
            )
            .args(["show", name])
            .run();
        assert_eq!(own.code(0).stdout, "// Mine.\n", "{name}");
    }
    for (name, hint) in [
        ("lib/blocking", "`lib/policy/blocking`"),
        ("examples/vips", "`examples/vip`"),
    ] {
        let output = Tikbook::new().args(["show", name]).run().code(2);
        assert!(
            output
                .stderr
                .contains(&format!("there is no script `{name}`")),
            "{output}"
        );
        assert!(output.stderr.contains(hint), "{output}");
    }
}

#[test]
fn the_bundled_examples_are_listed_run_tested_checked_and_completed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/examples");
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let names = names.filter_map(|name| Some(name.strip_suffix(".rhai")?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("_test")).collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");

    let list = Tikbook::new().args(["list"]).run().code(0).stdout;
    let (runbooks, examples) = list.split_once("\n\n").expect("a section of its own");
    assert!(!runbooks.contains("examples/"), "{list}");
    let complete = Tikbook::new()
        .args(["complete", "--", "run", "examples/"])
        .run()
        .code(0);
    // Tests that apply changes take the lock of their site, which those of another process may have.
    let all = ["test", "examples", "--filter", "regular"];
    let all = Tikbook::new().args(all).run().code(0);
    for name in ["lost-comments", "unseen-devices"] {
        let source = format!("bundled/examples/{name}_test.rhai");
        assert!(all.stdout.contains(&source), "{all}");
    }
    let tests = [
        ("lost-comments", "without_a_uid"),
        ("random-macs", "three_random"),
        ("unseen-devices", "30_days"),
        ("vip", "what_is_missing"),
    ];
    for (name, filter) in tests {
        let name = format!("examples/{name}");
        let args = ["test", name.as_str(), "--filter", filter];
        let test = Tikbook::new().args(args).run().code(0);
        assert!(test.stdout.contains("1 test, 0 failed"), "{test}");
        assert!(
            test.stdout.contains(&format!("bundled/{name}_test.rhai")),
            "{test}"
        );
    }
    for name in &names {
        let name = format!("examples/{name}");
        assert!(examples.contains(&format!("\n{name} ")), "{name}: {list}");
        assert!(
            complete.stdout.lines().any(|line| line == name),
            "{name}: {complete}"
        );
        Tikbook::new()
            .args(["--site", "demo", "run", &name])
            .run()
            .code(0);
        Tikbook::new().args(["check", &name]).run().code(0);
    }
    // A site's own file wins here, too.
    let own = "//! Mine.\nconst RUNBOOK = #{};\nfn run(args) { #{ mine: true } }\n";
    let own = |args: &[&str]| {
        let tikbook = Tikbook::new().file("scripts/examples/vip.rhai", own);
        tikbook.args(args.iter().copied()).run().code(0)
    };
    assert_eq!(
        own(&["run", "examples/vip", "--json"]).stdout_json()["mine"],
        true
    );
    let listed = own(&["list"]);
    assert!(
        listed
            .stdout
            .contains("in place of bundled/examples/vip.rhai"),
        "{listed}"
    );
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

/// What one runbook alone uses stands in its own room, what several use in `common`, a site's judgement in
/// `policy`; and `scripts/README.md` has a row for each library.
#[test]
fn each_library_stands_in_the_room_of_those_who_use_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let names = |folder: &Path| -> Vec<String> {
        let files = std::fs::read_dir(folder).expect("a folder").flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        names.collect()
    };
    let imports = |path: &str| -> Vec<String> {
        let text = std::fs::read_to_string(folder.join(format!("{path}.rhai"))).expect("a script");
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("import \""));
        lines
            .filter_map(|line| Some(line.split('"').next()?.to_owned()))
            .collect()
    };
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let scripts = names(&folder).into_iter();
    let runbooks = scripts.filter_map(|name| Some(name.strip_suffix(".rhai")?.to_owned()));
    for runbook in runbooks.filter(|name| !name.ends_with("_test")) {
        let mut waiting = imports(&runbook);
        while let Some(library) = waiting.pop() {
            if users
                .entry(library.clone())
                .or_default()
                .insert(runbook.clone())
            {
                waiting.extend(imports(&library));
            }
        }
    }
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("the README");
    let mut seen = 0;
    for room in names(&folder.join("lib")) {
        for file in names(&folder.join("lib").join(&room)) {
            let library = format!("lib/{room}/{}", file.trim_end_matches(".rhai"));
            let row = format!("\n| `{library}.rhai` | ");
            assert_eq!(
                readme.matches(&row).count(),
                1,
                "the rows of {library} in scripts/README.md"
            );
            let users = users.get(&library).cloned().unwrap_or_default();
            let stands_well = match room.as_str() {
                "policy" => !users.is_empty(),
                "common" => users.len() > 1,
                room => users == BTreeSet::from([room.to_owned()]),
            };
            assert!(stands_well, "{library} is used by {users:?}");
            seen += 1;
        }
    }
    assert!(seen > 25, "only {seen} libraries");
}
