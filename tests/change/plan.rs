//! Plans: what a dry run says is what is done, and only while the rows are as they were.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use routeros_sim::Faults;
use serde_json::{Value, json};

use super::{LIST, Site, WIPE, body};

#[test]
fn without_apply_no_script_can_make_the_router_write() {
    let site = Site::with_rows(3);
    let hostile = [
        WIPE.to_owned(),
        WIPE.replace(
            "\"/ip/firewall/address-list\";",
            "\"/ip/firewall/address-list/remove\";",
        ),
        body(r#"mikrotik::add(menu, #{ list: "x", address: "10.9.9.9" })"#),
        body(r#"mikrotik::add(menu, #{ ".id": "*1", list: "x" })"#),
        body(r#"mikrotik::add(menu, #{ "list=y\n/quit": "x" })"#),
        body(r#"mikrotik::set(menu, "*1", #{ disabled: true })"#),
        body(r#"mikrotik::set(menu, "*1,*2", #{ disabled: true })"#),
        body(r#"mikrotik::remove(menu, "1")"#),
        body(r#"mikrotik::remove(menu, #{ ".id": "*1" })"#),
        body(r#"mikrotik::rows(menu + "/remove").len()"#),
        body(r#"mikrotik::rows("/system/reboot").len()"#),
        body(r#"mikrotik::count("/ip/firewall/address-list/set")"#),
        body(r#"mikrotik::rows(menu, ["=.id=*1"]).len()"#),
    ];
    for script in hostile {
        site.run(&script, &[]);
        let received = site.router.simulator.received();
        let verbs = ["add", "set", "remove", "reboot", "unset"];
        let written: Vec<_> = received
            .iter()
            .filter(|(_, verb, _)| verbs.contains(verb))
            .collect();
        assert!(written.is_empty(), "{written:?} by {script}");
    }
    assert_eq!(site.router.ids(LIST).len(), 3);
}

#[test]
fn dry_run_and_apply_read_the_same_and_the_plan_is_what_apply_does() {
    let writers = [
        WIPE.to_owned(),
        body(r#"mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9" })"#),
        body(r#"mikrotik::set(menu, "*1", #{ comment: "x|user=08123456789" })"#),
        body(r#"mikrotik::remove(menu, "*2")"#),
        body(r#"mikrotik::remove(menu, "*FFFF")"#),
    ];
    for script in writers {
        let rows = |flags: &[&str]| {
            let site = Site::with_rows(3);
            let report = site.run(&script, flags).code(0).stdout_json();
            let received = site.router.simulator.received();
            let reads: BTreeSet<_> = received
                .iter()
                .filter(|(_, verb, _)| *verb == "print")
                .map(|(menu, ..)| menu.to_owned())
                .collect();
            let text = report["changes"]["rows"].to_string();
            (text.replace("\"planned\"", "\"applied\""), reads)
        };
        let strip = |text: String| text.replace("\"id\":\"*4\"", "\"id\":null");
        let (planned, reads) = rows(&[]);
        let (applied, same_reads) = rows(&["--apply", "--yes", "--max-changes", "9"]);
        assert_eq!(strip(planned), strip(applied), "{script}");
        assert_eq!(reads, same_reads);
    }
}

#[test]
fn a_plan_is_carried_out_where_its_rows_are_as_they_were() {
    let site = Site::with_rows(6);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    assert_eq!(site.router.simulator.received().writes(), 0);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    assert_eq!(written["changes"][0]["id"], "*1");
    assert_eq!(written["changes"][0]["key"]["address"], "10.0.0.1");
    assert_eq!(
        written["changes"][0]["before"]["comment"],
        "x|user=08123456701"
    );
    assert_eq!(written["changes"][0]["reason"], "wiping");

    site.router.simulator.edit(|state| {
        state.set(
            LIST,
            "*2".parse().unwrap(),
            "comment",
            Some(b"mine|user=0899999999"),
        );
        // The id of the third row now belongs to another one.
        state.set(LIST, "*3".parse().unwrap(), "address", Some(b"192.168.7.7"));
        state.remove(LIST, "*4".parse().unwrap());
    });
    // Without --apply the plan is only held against the rows.
    let shown = site
        .tikbook(&["--json", "apply", plan])
        .code(5)
        .stdout_json();
    assert_eq!(shown["changes"]["apply"], false);
    assert_eq!(shown["changes"]["planned"], 3);
    assert_eq!(shown["changes"]["conflict"], 2);
    assert_eq!(site.router.simulator.received().writes(), 0);
    site.tikbook(&["apply", plan, "--apply"]).code(6);
    let refused = site.tikbook(&["apply", plan, "--apply", "--yes"]).code(6);
    assert!(refused.stderr.contains("--max-changes"), "{refused}");
    let output = site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST), ["*2", "*3"]);
    let rows = &output.stdout_json()["changes"]["rows"];
    let statuses: Vec<_> = (0..6)
        .map(|n| rows[n]["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "applied", "conflict", "conflict", "skipped", "applied", "applied"
        ]
    );
    assert_eq!(
        rows[1]["differences"],
        json!([{ "field": "comment", "expected": "x|user=08123456702", "found": "mine|user=0899999999" }])
    );

    let edited = std::fs::read_to_string(plan)
        .unwrap()
        .replace("10.0.0.1", "10.0.0.2");
    std::fs::write(plan, edited).unwrap();
    let output = site.tikbook(&["apply", plan]).code(6);
    assert!(output.stderr.contains("edited"), "{output}");
    let other = Site::with_rows(1);
    std::fs::remove_file(plan).unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    let output = other.tikbook(&["apply", plan]).code(6);
    assert!(output.stderr.contains("not for this site"), "{output}");
}

#[test]
fn apply_without_its_flag_shows_the_plan_and_changes_nothing() {
    let site = Site::with_rows(5);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    let output = site.tikbook(&["apply", plan]).code(0);
    for expected in [
        "Nothing was changed",
        "planned",
        "10.0.0.5",
        "--apply --max-changes 5",
    ] {
        assert!(output.stdout.contains(expected), "{expected}: {output}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
    assert!(!site.state.path().join("tikbook/journal").exists());
    let help = site.tikbook(&["apply", "--help"]).code(0);
    assert!(help.stdout.contains("--apply"), "{help}");
    assert!(
        help.stdout.contains("Without --apply nothing is changed"),
        "{help}"
    );
    site.apply(plan).code(0);
    assert_eq!(site.router.ids(LIST).len(), 0);
}

#[test]
fn flags_of_changes_that_cannot_be_honoured_are_usage_errors() {
    let site = Site::with_rows(1);
    let run = |args: &[&str], stdin: &str| {
        let tikbook = site.command().file("script.rhai", WIPE);
        tikbook.stdin(stdin).args(args).run().code(2)
    };
    let expression = "mikrotik::count(\"/ip/arp\")";
    for flags in [
        &["--apply"][..],
        &["--plan", "p.json"],
        &["--yes"],
        &["--max-changes", "3"],
    ] {
        for (args, stdin) in [
            (&["run", "-e", expression][..], ""),
            (&["run", "-"], expression),
        ] {
            let (name, rest) = args.split_at(1);
            let output = run(&[name, flags, rest].concat(), stdin);
            assert!(output.stderr.contains(flags[0]), "{output}");
            assert_eq!(output.stdout, "");
        }
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn every_combination_of_flags_of_changes_is_honoured_or_a_usage_error() {
    let site = Site::with_rows(1);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    site.run(WIPE, &["--apply", "--yes", "--max-changes", "1"])
        .code(0);
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let run = runs[0]["run"].as_str().unwrap();
    let flags: [&[&str]; 4] = [
        &["--apply"],
        &["--yes"],
        &["--plan", "new.json"],
        &["--max-changes", "3"],
    ];
    for chosen in 0..16 {
        let is_chosen = |n: usize| chosen & (1 << n) != 0;
        let given: Vec<&[&str]> = (0..4).filter(|n| is_chosen(*n)).map(|n| flags[n]).collect();
        let (apply, yes, file, most) = (is_chosen(0), is_chosen(1), is_chosen(2), is_chosen(3));
        let is_right = if apply { !file } else { !yes && !most };
        let written = site.router.simulator.received().writes();
        let (some, rest) = given.split_at(given.len() / 2);
        let (some, rest, all) = (some.concat(), rest.concat(), given.concat());
        let script: &[&str] = &["./script.rhai"];
        for (args, is_right) in [
            ([&["run"], &all[..], script].concat(), is_right),
            ([&["run"], script, &all].concat(), is_right),
            ([&["run"], &some[..], script, &rest].concat(), is_right),
            ([&["run"], &rest[..], script, &some].concat(), is_right),
            ([&["undo", run], &all[..]].concat(), is_right),
            ([&["apply", plan], &all[..]].concat(), is_right && !file),
            ([&["run", "-e", "1 + 1"], &all[..]].concat(), all.is_empty()),
            (
                [&["run"], &all[..], &["-e", "1 + 1"]].concat(),
                all.is_empty(),
            ),
        ] {
            let tikbook = site.command().file("script.rhai", WIPE);
            let output = tikbook.args(&args).run();
            let is_usage_error = output.status.code() == Some(2);
            assert_eq!(is_usage_error, !is_right, "{output}");
            if is_usage_error {
                assert_eq!(output.stdout, "", "{output}");
                let names = all.iter().filter(|flag| flag.starts_with("--"));
                assert!(
                    names.clone().any(|flag| output.stderr.contains(*flag)),
                    "{output}"
                );
            }
        }
        if !apply {
            let now = site.router.simulator.received().writes();
            assert_eq!(now, written, "{all:?}");
        }
    }
}

#[test]
fn a_field_that_a_row_got_after_the_plan_is_a_conflict() {
    let site = Site::of(&json!({
        LIST: [
            { ".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "user=08123456789" },
            { ".id": "*2", "list": "blocked", "address": "10.0.0.2", "comment": "user=08123456789" },
        ],
    }));
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    site.router.simulator.edit(|state| {
        state.set(LIST, "*1".parse().unwrap(), "timeout", Some(b"1h"));
    });
    site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST), ["*1"]);
}

#[test]
fn a_plan_that_is_to_stand_in_a_folder_that_is_not_there_says_so() {
    let site = Site::with_rows(3);
    let folder = site.state.path().join("missing");
    let plan = folder.join("plan.json");
    let script = body(r#"mikrotik::remove(menu, "*1")"#);
    let output = site
        .run(&script, &["--plan", plan.to_str().unwrap()])
        .code(2);
    let error = &output.stdout_json()["error"];
    assert_eq!(
        error["message"],
        format!("cannot write the plan `{}`", plan.display())
    );
    let cause = format!("there is no folder `{}`", folder.display());
    assert_eq!(error["causes"], json!([cause]));
}

#[test]
fn a_plan_is_applied_once() {
    let site = Site::with_rows(5);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(WIPE, &["--plan", plan]).code(0);
    // Nothing was changed by it yet, and so it waits.
    site.tikbook(&["apply", plan]).code(0);
    let refused = site.tikbook(&["apply", plan, "--apply", "--yes"]).code(6);
    assert!(refused.stderr.contains("--max-changes"), "{refused}");
    site.router.simulator.set_faults(Faults {
        refuse_remove: vec!["*3".parse().unwrap()],
        ..Faults::default()
    });
    site.apply(plan).code(5);
    assert_eq!(site.router.ids(LIST), ["*3"]);
    site.router.simulator.set_faults(Faults::default());
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let run = runs[0]["run"].as_str().unwrap();
    let again: [&[&str]; 2] = [&["apply", plan], &["apply", plan, "--apply", "--yes"]];
    for again in again {
        let output = site.tikbook(again).code(6);
        output.says(&format!("applied before, by the run {run}"));
    }
    assert_eq!(site.router.ids(LIST), ["*3"]);
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    site.apply(plan).code(6);
    assert_eq!(site.router.ids(LIST).len(), 5);
}

#[test]
fn a_run_that_writes_a_plan_says_where_it_is_and_the_command_that_makes_its_changes() {
    let site = Site::with_rows(5);
    let folder = site.state.path().join("my plans");
    std::fs::create_dir(&folder).unwrap();
    let plan = folder.join("plan.json");
    let command = site.command().file("script.rhai", WIPE);
    let output = command.args(["run", "./script.rhai", "--plan", plan.to_str().unwrap()]);
    let next = output.run().code(0).stdout;
    let next = next.split("5 changes in the plan").nth(1).unwrap();
    let next = next.split_whitespace().collect::<Vec<_>>().join(" ");
    let written: Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
    // In the time zone of the site, which the page names.
    let until: Timestamp = written["expires"].as_str().unwrap().parse().unwrap();
    let until = until.to_zoned_datetime(TimeZone::get("Asia/Makassar").unwrap());
    let until = until.strftime("good until %Y-%m-%d %H:%M:%S:");
    assert!(next.contains(&until.to_string()), "{next}");
    let start = next.find('`').unwrap() + "`tikbook ".len();
    let command = next[start..].split('`').next().unwrap();
    let mut words = shlex::split(command).unwrap();
    words.push("--yes".to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    site.tikbook(&words).code(0);
    assert_eq!(site.router.ids(LIST).len(), 0);

    // What is there already is left alone.
    let refused = site.run(WIPE, &["--plan", plan.to_str().unwrap()]).code(2);
    assert!(refused.stderr.contains("not there yet"), "{refused}");
    let now: Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
    assert_eq!(now, written);
}
