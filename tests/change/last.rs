//! Which run `undo last` means, and what it does with one that is half undone.

use routeros_sim::Faults;

use super::*;

/// Gives four rows another comment and adds four.
fn changes(list: &str) -> String {
    body(&format!(
        r##"for n in 1..=4 {{ mikrotik::set(menu, "*" + n, #{{ comment: "{list}|user=0812345678" }}) }};
            for n in 1..=4 {{ mikrotik::add(menu, #{{ list: "{list}", address: "10.9.0." + n, comment: "new" }}) }}"##
    ))
}

const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];
const UNDO: [&str; 4] = ["undo", "last", "--apply", "--yes"];

/// The newest run that the history knows.
fn newest(site: &Site) -> Value {
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let started = |run: &&Value| run["started"].as_str().unwrap().to_owned();
    let runs = runs.as_array().unwrap();
    runs.iter().max_by_key(started).unwrap().clone()
}

#[test]
fn an_undo_that_could_not_bring_all_back_is_gone_on_with() {
    let faults: [fn() -> Faults; 3] = [
        || Faults {
            refuse_remove: ["*5", "*7"].map(|id| id.parse().unwrap()).to_vec(),
            ..Faults::default()
        },
        || Faults {
            die_after_removes: Some(1),
            ..Faults::default()
        },
        || Faults {
            die_after_removes: Some(3),
            ..Faults::default()
        },
    ];
    for faults in faults {
        let site = Site::with_rows(4);
        let before = site.writable();
        site.run(&changes("vip"), &APPLY).code(0);
        let run = newest(&site)["run"].clone();
        site.router.simulator.set_faults(faults());
        site.tikbook(&UNDO).code(5);
        assert_ne!(site.writable(), before);
        assert_eq!(newest(&site)["state"], "partial");

        site.router.simulator.set_faults(Faults::default());
        let output = site.tikbook(&[&["--json"], &UNDO[..]].concat()).code(0);
        let undone = output.stdout_json()["runbook"].clone();
        assert_eq!(undone, format!("undo {}", run.as_str().unwrap()));
        assert_eq!(site.writable(), before, "{output}");
    }
}

#[test]
fn undo_last_goes_back_run_by_run_and_an_undo_is_undone_by_its_name() {
    let site = Site::with_rows(4);
    let mut states = vec![site.writable()];
    let mut runs = Vec::new();
    for list in ["one", "two", "three"] {
        site.run(&changes(list), &APPLY).code(0);
        states.push(site.writable());
        runs.push(newest(&site)["run"].as_str().unwrap().to_owned());
    }
    for back in [2, 1] {
        site.tikbook(&UNDO).code(0);
        assert_eq!(site.writable(), states[back], "{back}");
    }
    // The undo of the second run is undone, and so the second run is the last one that is not.
    let undo = newest(&site)["run"].as_str().unwrap().to_owned();
    site.tikbook(&["undo", &undo, "--apply", "--yes"]).code(0);
    assert_eq!(site.writable(), states[2]);
    for back in [1, 0] {
        site.tikbook(&UNDO).code(0);
        assert_eq!(site.writable(), states[back], "{back}");
    }
    let output = site.tikbook(&UNDO).code(2);
    assert!(output.stderr.contains("was undone"), "{output}");

    let history = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let listed = site.tikbook(&["history"]).code(0).stdout;
    for run in &runs {
        let known = history.as_array().unwrap().iter();
        let known = known.clone().find(|known| known["run"] == **run).unwrap();
        assert_eq!(known["state"], "finished");
        let undo = known["undone_by"].as_str().unwrap();
        let shown = site.tikbook(&["history", run]).code(0).stdout;
        assert!(shown.contains(undo), "{shown}");
    }
    assert_eq!(listed.matches(" undone ").count(), 3 + 1, "{listed}");
    assert_eq!(newest(&site)["undone_by"], Value::Null);
}

#[test]
fn history_lists_as_many_as_are_asked_for_and_begins_with_what_is_unfinished() {
    let site = Site::with_rows(4);
    for list in ["one", "two", "three"] {
        site.run(&changes(list), &APPLY).code(0);
    }
    let runs = |args: &[&str]| {
        let output = site.tikbook(&[&["--json", "history"], args].concat());
        let runs = output.code(0).stdout_json();
        let runs = runs.as_array().unwrap().iter();
        runs.map(|run| run["run"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = runs(&[]);
    assert_eq!(runs(&["--limit", "2"]), all[..2]);
    assert_eq!(runs(&["--limit", "9"]), all);
    // The oldest one lost its end.
    let path = site.state.path().join("tikbook/journal/default");
    let path = path.join(format!("{}.jsonl", all[2]));
    let journal = std::fs::read_to_string(&path).unwrap();
    let end = journal.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&path, &journal[..end]).unwrap();
    assert_eq!(runs(&["--limit", "1"]), all[2..]);
    site.tikbook(&["history", "last", "--limit", "1"]).code(2);
}

#[test]
fn a_run_without_the_name_of_a_user_in_its_environment_says_whose_process_it_was() {
    let site = Site::with_rows(4);
    site.run(&changes("one"), &APPLY).code(0);
    let said = std::process::Command::new("id").arg("-un").output();
    let name = String::from_utf8(said.unwrap().stdout).unwrap();
    assert_eq!(newest(&site)["operator"], name.trim());
}

const WALLED: &str = "/ip/hotspot/walled-garden";

/// Adds a row to a menu in which nothing tells rows apart.
fn add_walled() -> String {
    body(r#"mikrotik::add(menu, #{ action: "allow", "dst-host": "b.example" })"#)
        .replace(LIST, WALLED)
}

fn slow(site: &Site, millis: u64) {
    site.router.simulator.set_faults(Faults {
        latency: std::time::Duration::from_millis(millis),
        ..Faults::default()
    });
}

#[test]
fn a_row_that_was_perhaps_added_and_that_nothing_tells_apart_is_a_conflict() {
    let site = Site::of(&json!({ WALLED: [] }));
    site.run(&add_walled(), &["--apply", "--yes"]).code(0);
    // The journal of a run that was killed between the row and its answer.
    let run = newest(&site)["run"].as_str().unwrap().to_owned();
    let path = site.state.path().join("tikbook/journal/default");
    let path = path.join(format!("{run}.jsonl"));
    let journal = std::fs::read_to_string(&path).unwrap();
    let intended: String = journal.split_inclusive('\n').take(2).collect();
    assert!(intended.contains("intention"), "{intended}");
    std::fs::write(&path, intended).unwrap();
    for _ in 0..2 {
        let output = site.tikbook(&UNDO).code(5);
        assert!(output.stdout.contains("a row is like it"), "{output}");
        assert_eq!(site.router.ids(WALLED).len(), 1);
    }
    // Where the row is not there, there is nothing to undo.
    site.router.simulator.edit(|state| {
        let id = state.rows(WALLED)[0].id().unwrap();
        state.remove(WALLED, id);
    });
    site.tikbook(&UNDO).code(0);
}

#[test]
fn of_several_that_apply_one_plan_at_once_one_does() {
    let site = Site::of(&json!({ WALLED: [] }));
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(&add_walled(), &["--plan", plan]).code(0);
    slow(&site, 30);
    let apply = || {
        let args = ["apply", plan, "--apply", "--yes", "--timeout", "60s"];
        site.command().args(args).start()
    };
    let runs: Vec<Running> = (0..3).map(|_| apply()).collect();
    let ended = runs.into_iter().map(Running::finish);
    let mut codes: Vec<_> = ended.map(|output| output.status.code().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 6, 6]);
    assert_eq!(site.router.ids(WALLED).len(), 1);
}

#[test]
fn the_plan_of_an_undo_is_not_applied_after_that_undo() {
    let site = Site::of(&json!({ WALLED: [
        { ".id": "*1", "action": "allow", "dst-host": "a.example" },
        { ".id": "*2", "action": "deny", "dst-host": "b.example" },
    ] }));
    let script = body(r#"for n in 1..=2 { mikrotik::remove(menu, "*" + n) }"#);
    site.run(&script.replace(LIST, WALLED), &APPLY).code(0);
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.tikbook(&["undo", "last", "--plan", plan]).code(0);
    site.tikbook(&UNDO).code(0);
    assert_eq!(site.router.ids(WALLED).len(), 2);
    site.apply(plan).code(6);
    assert_eq!(site.router.ids(WALLED).len(), 2);
}

#[test]
fn a_run_whose_report_cannot_be_written_says_that_it_changed_something() {
    for format in [&["--json"][..], &[]] {
        let site = Site::with_rows(4);
        let tikbook = site.command().file("script.rhai", changes("vip"));
        let args = [format, &["run", "./script.rhai"], &APPLY[..]].concat();
        let (mut command, _folder) = tikbook.args(args).into_command();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let output = command.stdout(full.unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(5), "{said}");
        let run = newest(&site)["run"].as_str().unwrap().to_owned();
        assert!(said.contains(&format!("tikbook undo {run}")), "{said}");
    }
}
