//! What is applied is what somebody said yes to: a run is planned, asked for, planned again under the
//! site's locks, and what both plans hold is sent.

use rexpect::session::PtySession;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{PASSWORD, Router, USER};
use crate::support::terminal::{Screen, enter, ready, typed};
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";

/// A site whose router has rows of a list, and a home with the journals.
struct Site {
    router: Router,
    home: TempDir,
}

impl Site {
    fn with_rows(count: usize) -> Site {
        let rows: Vec<Value> = (1..=count)
            .map(|n| {
                json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                        "comment": format!("x|user=081234567{n:02}") })
            })
            .collect();
        Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            home: TempDir::with_prefix("tikbook-home-").unwrap(),
        }
    }

    fn tikbook(&self) -> Tikbook {
        let state = self.home.path().join(".local/state");
        let tikbook = self.router.tikbook(Tikbook::new());
        tikbook.env("XDG_STATE_HOME", state)
    }

    fn repl(&self) -> PtySession {
        let port = self.router.simulator.address().port().to_string();
        let variables = [
            ("MIKROTIK_HOST", "127.0.0.1".to_owned()),
            ("MIKROTIK_PORT", port),
            ("MIKROTIK_USERNAME", USER.to_owned()),
            ("MIKROTIK_PASSWORD", PASSWORD.to_owned()),
        ];
        let mut repl = typed(self.home.path(), "default", &variables);
        ready(&mut repl);
        enter(&mut repl, &format!("let menu = \"{LIST}\""), "\r\n");
        repl
    }

    fn ids(&self) -> Vec<String> {
        self.router.ids(LIST)
    }

    fn writes(&self) -> u64 {
        self.router.simulator.received().writes()
    }

    fn set(&self, id: &str, field: &str, value: &str) {
        let id = id.parse().unwrap();
        self.router.simulator.edit(|state| {
            assert!(state.set(LIST, id, field, Some(value.as_bytes())));
        });
    }

    fn remove(&self, id: &str) {
        let id = id.parse().unwrap();
        self.router.simulator.edit(|state| {
            state.remove(LIST, id);
        });
    }
}

/// A runbook that plans `plan`, with `menu` and its `rows`.
fn script(plan: &str) -> String {
    format!(
        r#"//! Plans.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] }};
fn run(args) {{
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{{ list: "blocked" }});
    {plan};
    report::create("Planned")
}}
fn after(args, done, report) {{
    report.set("after", done.map(|change| change.status));
    report.set("left", mikrotik::count("/ip/firewall/address-list"));
}}"#
    )
}

fn run(tikbook: Tikbook, plan: &str, flags: &[&str]) -> Output {
    let args = ["--json", "run", "./script.rhai"].iter().chain(flags);
    tikbook.file("script.rhai", script(plan)).args(args).run()
}

const REMOVE_ALL: &str = "mikrotik::remove_all(menu, rows, \"a try\")";

#[test]
fn an_error_of_a_script_leaves_nothing_half_done() {
    for (plan, code) in [
        (
            "mikrotik::remove(menu, rows[0]); throw \"something else\"",
            1,
        ),
        (
            "mikrotik::remove(menu, rows[0]); mikrotik::remove_all(menu, rows)",
            1,
        ),
        (
            "mikrotik::remove(menu, rows[0]); mikrotik::add(\"/ip/arp\", #{ address: \"10.0.0.1\" })",
            6,
        ),
    ] {
        let site = Site::with_rows(6);
        let output = run(
            site.tikbook(),
            plan,
            &["--apply", "--yes", "--max-changes", "9"],
        );
        let output = output.code(code);
        assert_eq!(site.writes(), 0, "{plan}: {output}");
        let runs = site.tikbook().args(["--json", "history"]).run().code(0);
        assert_eq!(runs.stdout_json(), json!([]), "{plan}");
    }
}

#[test]
fn a_guard_refuses_the_whole_plan_before_anybody_is_asked() {
    let site = Site::with_rows(6);
    let output = run(site.tikbook(), REMOVE_ALL, &["--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("--max-changes 6"), "{output}");
    assert_eq!(site.writes(), 0);
    // Also where they are planned one by one.
    let one_by_one = "for row in rows { mikrotik::remove(menu, row) }";
    run(site.tikbook(), one_by_one, &["--apply", "--yes"]).code(6);
    assert_eq!(site.writes(), 0);
}

#[test]
fn what_an_apply_did_is_said_by_the_runbooks_after() {
    let site = Site::with_rows(6);
    let plan = "mikrotik::remove(menu, rows[0]); mikrotik::remove(menu, rows[1])";
    let planned = run(site.tikbook(), plan, &[]).code(0).stdout_json();
    assert_eq!(planned["after"], Value::Null);
    let applied = run(site.tikbook(), plan, &["--apply", "--yes"])
        .code(0)
        .stdout_json();
    assert_eq!(applied["after"], json!(["applied", "applied"]));
    assert_eq!(applied["left"], 4);
    // Also with nothing done.
    let nothing = run(site.tikbook(), "()", &["--apply", "--yes"])
        .code(0)
        .stdout_json();
    assert_eq!(nothing["after"], json!([]));
    assert_eq!(nothing["left"], 4);
}

/// What happens while the question waits, and what becomes of the changes of the rows 1 to 3.
type Case = (&'static str, fn(&Site), [&'static str; 3], i32);

#[test]
fn what_changed_while_the_question_waited_is_not_sent() {
    let plan = "for row in rows { if row.address in [\"10.0.0.1\", \"10.0.0.2\", \"10.0.0.3\"] { mikrotik::remove(menu, row, \"a try\") } }";
    let cases: [Case; 4] = [
        ("nothing", |_| (), ["applied", "applied", "applied"], 0),
        (
            "a comment",
            |site| site.set("*2", "comment", "mine|user=0899999999"),
            ["applied", "conflict", "applied"],
            5,
        ),
        (
            "a row that is gone",
            |site| site.remove("*2"),
            ["applied", "skipped", "applied"],
            0,
        ),
        (
            "a row that is not to be removed any more",
            |site| site.set("*2", "address", "10.0.0.99"),
            ["applied", "skipped", "applied"],
            0,
        ),
    ];
    for (what, happens, statuses, code) in cases {
        let site = Site::with_rows(8);
        let tikbook = site.tikbook().file("script.rhai", script(plan));
        let mut screen = Screen::start(tikbook.args(["run", "./script.rhai", "--apply"]));
        screen.until("Make 3 changes? [y/N] ");
        happens(&site);
        screen.enter("y\n");
        let (ended, said) = screen.end();
        assert_eq!(ended, code, "{what}: {said}");
        let run = site.tikbook().args(["--json", "history", "last"]).run();
        let run = run.code(0).stdout_json();
        for status in ["applied", "conflict", "skipped"] {
            let expected = statuses.iter().filter(|its| **its == status).count();
            let rows = run["rows"].as_array().unwrap().iter();
            let count = rows.filter(|row| row["status"] == status).count();
            assert_eq!(count, expected, "{what}: {status}: {run}");
        }
    }
}

#[test]
fn a_comment_that_was_not_shown_is_not_written() {
    let row = r#"list: "blocked", address: "10.0.0.50""#;
    let told = format!(r#"{row}, comment: "x|user=0812345670""#);
    for (first, second) in [(row, told.as_str()), (told.as_str(), row)] {
        let plan = format!(
            r##"let moved = rows.filter(|row| row.address == "10.0.0.99");
            mikrotik::add(menu, if moved.len() == 0 {{ #{{ {first} }} }} else {{ #{{ {second} }} }})"##
        );
        let site = Site::with_rows(8);
        let tikbook = site.tikbook().file("script.rhai", script(&plan));
        let mut screen = Screen::start(tikbook.args(["run", "./script.rhai", "--apply"]));
        screen.until("Make 1 change? [y/N] ");
        site.set("*8", "address", "10.0.0.99");
        screen.enter("y\n");
        let (code, said) = screen.end();
        assert_eq!(code, 5, "{second}: {said}");
        assert!(said.contains("conflict"), "{second}: {said}");
        assert_eq!((site.ids().len(), site.writes()), (8, 0), "{second}");
    }
}

#[test]
fn a_group_is_the_one_that_was_shown_whatever_its_number_is_in_the_second_plan() {
    let plan = r#"for pair in [["10.0.0.1", "10.0.0.2"], ["10.0.0.3", "10.0.0.4"], ["10.0.0.5", "10.0.0.6"]] {
        let both = rows.filter(|row| pair.contains(row.address));
        if both.len() > 0 { change::together("a pair", || mikrotik::remove_all(menu, both, "a try")) }
    }"#;
    // The first pair is gone meanwhile, and half of another one.
    for (gone, left) in [
        (["*1", "*2", "*6"], ["*5", "*7", "*8"]),
        (["*1", "*2", "*4"], ["*3", "*7", "*8"]),
    ] {
        let site = Site::with_rows(8);
        let tikbook = site.tikbook().file("script.rhai", script(plan));
        let flags = ["run", "./script.rhai", "--apply", "--max-changes", "8"];
        let mut screen = Screen::start(tikbook.args(flags));
        let shown = screen.until("Make 6 changes? [y/N] ");
        let groups = shown.matches("together: a pair").count();
        assert_eq!(groups, 6, "{shown}");
        gone.iter().for_each(|id| site.remove(id));
        screen.enter("y\n");
        let (code, said) = screen.end();
        assert_eq!(code, 5, "{gone:?}: {said}");
        assert_eq!(site.ids(), left, "{gone:?}: {said}");
    }
}

#[test]
fn what_is_new_since_the_question_is_listed_and_not_sent() {
    let plan = "for row in rows { if row.comment.contains(\"go\") { mikrotik::remove(menu, row, \"a try\") } }";
    let site = Site::with_rows(8);
    site.set("*1", "comment", "go|user=081234567");
    let tikbook = site.tikbook().file("script.rhai", script(plan));
    let mut screen = Screen::start(tikbook.args(["run", "./script.rhai", "--apply"]));
    screen.until("Make 1 change? [y/N] ");
    site.set("*2", "comment", "go|user=081234567");
    screen.enter("y\n");
    let (code, said) = screen.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("new since the plan was"), "{said}");
    assert_eq!(site.ids().len(), 7);
    assert!(site.ids().contains(&"*2".to_owned()));
}

#[test]
fn lines_plan_and_apply_asks_once() {
    let site = Site::with_rows(8);
    let mut repl = site.repl();
    for id in 1..=4 {
        let line = format!("mikrotik::remove(menu, \"*{id}\", \"gone\").status");
        enter(&mut repl, &line, "planned");
    }
    // It is planned already.
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*1\", \"gone\").status",
        "skipped",
    );
    enter(&mut repl, ":plan", "nothing of this was done");
    enter(&mut repl, ":drop 9", "usage: :drop N");
    enter(&mut repl, ":drop 4", "forgot 1 planned change");
    site.set("*2", "comment", "mine|user=0899999999");
    assert_eq!(site.writes(), 0);
    repl.send_line(":apply").unwrap();
    repl.exp_string("Make 2 changes? [y/N]").unwrap();
    enter(&mut repl, "n", "nothing was changed: the answer was no");
    assert_eq!(site.writes(), 0);
    repl.send_line(":apply").unwrap();
    repl.exp_string("Make 2 changes? [y/N]").unwrap();
    enter(&mut repl, "y", "1 of 3 changes not made as planned");
    assert_eq!(site.ids(), ["*2", "*4", "*5", "*6", "*7", "*8"]);
    enter(&mut repl, ":apply", "no changes are planned");
    let run = site.tikbook().args(["--json", "history", "last"]).run();
    let run = run.code(0).stdout_json();
    assert_eq!(run["changes"]["applied"], 2);
    repl.send_line(":undo").unwrap();
    repl.exp_string("Make 2 changes? [y/N]").unwrap();
    enter(&mut repl, "y", "changes applied");
    assert_eq!(site.ids().len(), 8);
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*4\", \"gone\").status",
        "planned",
    );
    enter(&mut repl, ":clear", "forgot 1 planned change");
    enter(&mut repl, ":plan", "no changes are planned");
}

#[test]
fn without_a_terminal_a_session_changes_nothing() {
    let output = Tikbook::new()
        .args(["--site", "demo", "repl"])
        .stdin(
            "mikrotik::add(\"/ip/firewall/address-list\", #{ list: \"vip\", address: \"10.9.9.9\" }).status\n\
             :apply\nmikrotik::count(\"/ip/firewall/address-list\", #{ list: \"vip\" })\n",
        )
        .run()
        .code(0);
    assert!(
        output.stdout.contains("there is no terminal to ask on"),
        "{output}"
    );
    assert!(output.stdout.ends_with("\n0\n"), "{output}");
}

#[test]
fn a_saved_session_declares_what_it_writes() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*1\", \"a try\").status",
        "planned",
    );
    enter(&mut repl, ":save mine.rhai", "saved");
    let file = site.home.path().join("mine.rhai").display().to_string();
    let planned = site.tikbook().args(["--json", "run", &file]).run();
    assert_eq!(planned.code(0).stdout_json()["changes"]["planned"], 1);
    assert_eq!(site.writes(), 0);
    site.tikbook()
        .args(["run", &file, "--apply", "--yes"])
        .run()
        .code(0);
    assert_eq!(site.ids().len(), 5);
}

#[test]
fn what_was_dropped_is_planned_by_no_saved_session() {
    let site = Site::with_rows(8);
    let mut repl = site.repl();
    let remove = |repl: &mut PtySession, id: &str| {
        let line = format!("let gone = mikrotik::remove(menu, \"{id}\", \"a try\")");
        enter(repl, &line, "\r\n");
        enter(repl, "gone.status", "planned");
    };
    remove(&mut repl, "*1");
    enter(
        &mut repl,
        "let count = mikrotik::remove_all(menu, [\"*2\", \"*3\"], \"a try\").len()",
        "\r\n",
    );
    enter(&mut repl, "mikrotik::count(menu)", "8");
    // What a saved session plans, by the ids of the rows, and how many of its lines are left out.
    let saved = |repl: &mut PtySession, name: &str, left: &str, ids: &[&str]| {
        enter(repl, &format!(":save {name}"), left);
        let file = site.home.path().join(name).display().to_string();
        let planned = site.tikbook().args(["--json", "run", &file]).run().code(0);
        let planned = planned.stdout_json();
        let rows = planned["changes"]["rows"].as_array().cloned();
        let rows = rows.unwrap_or_default().into_iter();
        let found: Vec<Value> = rows.map(|row| row["id"].clone()).collect();
        assert_eq!(found, ids, "{name}: {planned}");
        std::fs::read_to_string(&file).unwrap()
    };
    saved(
        &mut repl,
        "whole.rhai",
        "saved; run it",
        &["*1", "*2", "*3"],
    );
    // A line with one of its changes dropped would bring it back as well.
    enter(&mut repl, ":drop 3", "forgot 1 planned change");
    let text = saved(&mut repl, "less.rhai", "1 line is left out", &["*1"]);
    let line = "// let count = mikrotik::remove_all(menu, [\"*2\", \"*3\"], \"a try\").len()";
    assert!(text.contains(line), "{text}");
    // What needs the value of such a line is left out with it.
    enter(&mut repl, ":clear", "forgot 2 planned changes");
    let text = saved(&mut repl, "least.rhai", "3 lines are left out", &[]);
    assert!(text.contains("writes: []"), "{text}");
    // A line that is entered anew counts for itself.
    remove(&mut repl, "*4");
    saved(&mut repl, "more.rhai", "3 lines are left out", &["*4"]);
}

#[test]
fn an_undo_where_nothing_is_left_to_undo_says_why() {
    let site = Site::with_rows(8);
    let mut repl = site.repl();
    enter(&mut repl, ":undo", "no run has changed this site yet");
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*1\").status",
        "planned",
    );
    for directive in [":apply", ":undo"] {
        repl.send_line(directive).unwrap();
        repl.exp_string("Make 1 change? [y/N]").unwrap();
        enter(&mut repl, "y", "changes applied");
    }
    let said = "every run that changed this site was undone";
    enter(&mut repl, ":undo", said);
}

#[test]
fn the_command_for_a_saved_plan_allows_what_it_needs() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    for id in 1..=4 {
        let line = format!("mikrotik::remove(menu, \"*{id}\").status");
        enter(&mut repl, &line, "planned");
    }
    enter(&mut repl, ":plan four.json", "--apply --max-changes 4");
    enter(&mut repl, ":drop 4", "forgot 1 planned change");
    enter(
        &mut repl,
        ":plan three.json",
        "three.json --apply --site default`\r\n",
    );
    let plan = site.home.path().join("four.json").display().to_string();
    let apply = ["apply", &plan, "--apply", "--yes", "--max-changes", "4"];
    site.tikbook().args(apply).run().code(0);
    assert_eq!(site.ids(), ["*5", "*6"]);
}

#[test]
fn whose_row_it_is_is_said_wherever_a_change_is_shown() {
    let lists = |n: usize, comment: &str| json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"), "comment": comment });
    // The comment, and whom it names.
    let comments = [
        (
            "lpsaring|status=blocked|user=08123456701|uid=7",
            json!({ "user": "08123456701", "uid": "7" }),
        ),
        ("note|uid=8", json!({ "user": null, "uid": "8" })),
        ("superuser=1", Value::Null),
    ];
    let rows = (1..).zip(&comments);
    let rows: Vec<Value> = rows.map(|(n, (comment, _))| lists(n, comment)).collect();
    let users = json!([{ ".id": "*1", "name": "0812777" }]);
    let site = Site {
        router: Router::with(&json!({ LIST: rows, "/ip/hotspot/user": users }).to_string()),
        home: TempDir::with_prefix("tikbook-home-").unwrap(),
    };
    let plan = "for row in rows { mikrotik::set(menu, row, #{ disabled: true }, \"a try\") }
        mikrotik::set(\"/ip/hotspot/user\", \"*1\", #{ disabled: true }, \"a try\")";
    let script = script(plan).replace(
        "\"mikrotik:/ip/firewall/address-list\"",
        "\"mikrotik:/ip/firewall/address-list\", \"mikrotik:/ip/hotspot/user\"",
    );
    let file = site.home.path().join("script.rhai");
    std::fs::write(&file, script).unwrap();
    let file = file.display().to_string();
    let run = |flags: &[&str]| site.tikbook().args(flags).run();
    let named = |report: &Value| -> Vec<Value> {
        let rows = report.as_array().unwrap().iter();
        rows.map(|row| row["whose"].clone()).collect()
    };
    let plan = site.home.path().join("plan.json").display().to_string();
    let expected = comments.map(|(_, whose)| whose).into_iter();
    let expected: Vec<Value> = expected
        .chain([json!({ "user": "0812777", "uid": null })])
        .collect();
    let planned = run(&[
        "--json",
        "run",
        &file,
        "--max-changes",
        "9",
        "--apply",
        "--yes",
    ])
    .code(6);
    assert_eq!(named(&planned.stdout_json()["changes"]["rows"]), expected);
    let undone = run(&["--json", "undo", "last"]).code(0).stdout_json();
    assert_eq!(named(&undone["changes"]["rows"]).len(), 3);
    run(&["undo", "last", "--apply", "--yes"]).code(0);

    let shown = run(&["run", &file, "--plan", &plan]);
    let history = run(&["history", "last"]).code(0);
    for said in [
        &shown.stdout,
        &run(&["apply", &plan]).stdout,
        &history.stdout,
    ] {
        assert!(said.contains("whose"), "{said}");
        let cells = said
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let cells: Vec<Vec<&str>> = cells.collect();
        for user in ["08123456701", "8", "0812777"] {
            let is_named = cells.iter().any(|words| words.contains(&user));
            assert!(is_named, "{user}: {said}");
        }
    }
    let asked = ["run", &file, "--apply", "--max-changes", "9"];
    let wide = site.tikbook().env("COLUMNS", "200");
    let mut screen = Screen::start(wide.args(asked));
    let said = screen.until("Make 3 changes? [y/N] ");
    // Whom the row itself names is not named again.
    for whose in [
        "comment=\"blocked, user 08123456701\"",
        "user id 8",
        "name=0812777",
    ] {
        assert!(said.contains(whose), "{whose}: {said}");
    }
    screen.enter("n\n");
    assert_eq!(screen.end().0, 6);
}
