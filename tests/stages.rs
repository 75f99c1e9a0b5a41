//! Stages: what `after(args, done, report)` plans is shown, asked for and applied as the run itself is.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{Router, blocked_rows};
use crate::support::sqlite;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";

/// A runbook that removes the rows of a list one after another, a stage each, up to `last`.
fn script(header: &str, last: usize) -> String {
    format!(
        r#"//! A try.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"]{header} }};
fn remove_first() {{
    let menu = "/ip/firewall/address-list";
    let row = mikrotik::rows(menu)[0];
    if row[".id"] in ["*1", "*2", "*3", "*4", "*5"] && {last} >= number(row[".id"]) {{
        mikrotik::remove(menu, row, "a stage");
    }}
}}
fn number(id) {{ id.sub_string(1).parse_int() }}
fn run(args) {{
    remove_first();
    report::create("A try")
}}
fn after(args, done, report) {{
    report.set("done", done.len());
    if done.len() > 0 {{ remove_first(); }}
}}"#
    )
}

struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let rows = blocked_rows(8);
        Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn command(&self, script: &str, flags: &[&str]) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        let tikbook = tikbook.file("script.rhai", script);
        tikbook.args(["run", "./script.rhai"]).args(flags)
    }

    fn history(&self) -> Value {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook
            .args(["--json", "history"])
            .run()
            .code(0)
            .stdout_json()
    }

    fn undo(&self) -> Output {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook.args(["undo", "last", "--apply", "--yes"]).run()
    }

    fn gone(&self) -> usize {
        8 - self.router.ids(LIST).len()
    }
}

#[test]
fn as_many_stages_are_made_without_a_question_as_the_header_says() {
    for (header, last, gone, code) in [
        ("", 1, 1, 0),
        ("", 2, 1, 5),
        (", stages: 2", 2, 2, 0),
        (", stages: 2", 3, 2, 5),
        (", stages: 3", 3, 3, 0),
        (", stages: 3", 5, 3, 5),
    ] {
        let site = Site::new();
        let flags = ["--json", "--apply", "--yes"];
        let output = site.command(&script(header, last), &flags).run().code(code);
        assert_eq!(site.gone(), gone, "{header} {last}: {output}");
        let report = output.stdout_json();
        let changes = &report["changes"];
        assert_eq!(changes["applied"], gone, "{output}");
        let rows = changes["rows"].as_array().unwrap().len();
        let refused = usize::from(code != 0);
        assert_eq!(rows, gone + refused, "{output}");
        if refused > 0 {
            let said = format!("planned a stage {}", gone + 1);
            assert!(output.stderr.contains(&said), "{output}");
        }
        // It is one run, which is undone as one.
        let runs = site.history();
        assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");
        assert_eq!(runs[0]["changes"]["applied"], gone, "{runs}");
        assert_eq!(runs[0]["state"], "finished", "{runs}");
        site.undo().code(0);
        assert_eq!(site.gone(), 0, "{header} {last}");
    }
}

#[test]
fn each_stage_is_asked_for_and_a_no_leaves_what_was_made() {
    let site = Site::new();
    let mut screen = Screen::start(site.command(&script("", 3), &["--apply"]));
    for n in 1..=2 {
        let shown = screen.until("Make 1 change? [y/N] ");
        assert!(shown.contains(&format!("10.0.0.{n}")), "{shown}");
        assert_eq!(site.gone(), n - 1);
        screen.enter("y\n");
    }
    let shown = screen.until("Make 1 change? [y/N] ");
    assert!(shown.contains("10.0.0.3"), "{shown}");
    screen.enter("n\n");
    let (code, said) = screen.end();
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("the answer was no"), "{said}");
    assert_eq!(site.gone(), 2);
    site.undo().code(0);
    assert_eq!(site.gone(), 0);
}

#[test]
fn what_changes_while_a_later_stage_is_asked_for_is_not_sent() {
    let site = Site::new();
    let mut screen = Screen::start(site.command(&script("", 2), &["--apply"]));
    screen.until("Make 1 change? [y/N] ");
    screen.enter("y\n");
    screen.until("Make 1 change? [y/N] ");
    site.router.simulator.edit(|state| {
        let mine: &[u8] = b"mine|user=0899999999";
        assert!(state.set(LIST, "*2".parse().unwrap(), "comment", Some(mine)));
    });
    screen.enter("y\n");
    // The row is planned anew, as it is now.
    let shown = screen.until("Make 1 change? [y/N] ");
    assert!(shown.contains("mine, user 0899999999"), "{shown}");
    screen.enter("n\n");
    let (code, said) = screen.end();
    assert_eq!(code, 5, "{said}");
    assert_eq!(site.gone(), 1);
    assert_eq!(site.history()[0]["changes"]["conflict"], 1, "{said}");
}

#[test]
fn the_stages_of_a_run_count_together() {
    let site = Site::new();
    let script = script(", stages: 3", 3);
    let flags = ["--apply", "--yes", "--max-changes", "2"];
    let output = site.command(&script, &flags).run().code(5);
    assert!(output.stderr.contains("--max-changes 3"), "{output}");
    assert_eq!(site.gone(), 2);
}

#[test]
fn a_dry_run_says_that_a_second_stage_may_follow_where_the_header_says_so() {
    for header in ["", ", stages: 1", ", stages: 2"] {
        for has_after in [true, false] {
            let script = script(header, 2);
            let script = match has_after {
                true => script,
                false => script.replace("fn after(", "fn then("),
            };
            let site = Site::new();
            let output = site.command(&script, &[]).run().code(0);
            let said = output.stdout.contains("a second stage may follow");
            let is_said = has_after && header == ", stages: 2";
            assert_eq!(said, is_said, "{header}: {output}");
            assert_eq!(site.gone(), 0);
        }
    }
    for wrong in [", stages: 0", ", stages: 4", ", stages: \"2\""] {
        let site = Site::new();
        let output = site.command(&script(wrong, 2), &[]).run().code(1);
        assert!(output.stderr.contains("number from 1 to 3"), "{output}");
    }
}

#[test]
fn what_a_later_stage_changed_is_marked_wherever_it_is_listed() {
    let site = Site::new();
    let script = script(", stages: 2", 2);
    let flags = ["--json", "--apply", "--yes"];
    let report = site.command(&script, &flags).run().code(0).stdout_json();
    let run = site.history()[0]["run"].as_str().unwrap().to_owned();
    let history = |args: &[&str]| {
        let tikbook = site.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", site.state.path());
        tikbook.args(args).run().code(0)
    };
    let known = history(&["--json", "history", &run]).stdout_json();
    for rows in [&report["changes"]["rows"], &known["rows"]] {
        let stages: Vec<&Value> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["stage"])
            .collect();
        assert_eq!(stages, [&json!(1), &json!(2)], "{rows}");
    }
    // A table says it where there is a second one.
    let listed = history(&["history", &run]).stdout;
    assert_eq!(marked(&listed), ["1", "2"], "{listed}");

    let site = Site::new();
    let shown = site.command(&script, &[]).run().code(0).stdout;
    assert!(!shown.contains("stage  "), "{shown}");
    let shown = site.command(&script, &flags[1..]).run().code(0).stdout;
    assert_eq!(marked(&shown), ["1", "2"], "{shown}");

    let site = Site::new();
    let mut screen = Screen::start(site.command(&script, &["--apply"]));
    let shown = screen.until("Make 1 change? [y/N] ");
    assert!(shown.contains("On the site `default`:"), "{shown}");
    screen.enter("y\n");
    let shown = screen.until("Make 1 change? [y/N] ");
    assert!(shown.contains("On the site `default`, stage 2:"), "{shown}");
    screen.enter("n\n");
    assert_eq!(screen.end().0, 5);
}

/// What the tables of changes have in the column `stage`.
fn marked(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let head = lines
        .iter()
        .position(|line| line.contains("stage "))
        .unwrap_or(0);
    let place = lines[head].find("stage ").unwrap_or(0);
    let rows = lines[head + 1..]
        .iter()
        .filter(|line| line.trim_start().starts_with("applied"));
    rows.map(|row| row[place..].split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// A site with a database of sixty guests beside the router.
fn with_guests(site: &Site, script: &str, flags: &[&str]) -> (sqlite::Database, Tikbook) {
    let database = sqlite::database();
    let rows: Vec<String> = (1..=60).map(|n| format!("({n}, 'a')")).collect();
    database.execute(&format!(
        "CREATE TABLE guests (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO guests VALUES {};",
        rows.join(", ")
    ));
    let tikbook = site
        .command(script, flags)
        .env("DATABASE_URL", database.url());
    (database, tikbook)
}

#[test]
fn the_rows_of_statements_count_in_the_radius_of_later_stages() {
    const SCRIPT: &str = r#"//! A try.
const RUNBOOK = #{ reads: ["mikrotik", "db"], writes: ["mikrotik:/ip/firewall/address-list", "db:guests"],
                   stages: 3 };
fn update(from, to) { db::execute("UPDATE guests SET name = 'b' WHERE id BETWEEN $1 AND $2", [from, to]) }
fn remove(ids) { mikrotik::remove_all("/ip/firewall/address-list", ids, "a stage") }
fn run(args) { FIRST; report::create("A try") }
fn after(args, done, report) {
    if db::value("SELECT COUNT(*) FROM guests WHERE name = 'b'") in [5, 30] { SECOND }
}"#;
    // What both stages do, what is allowed, what is refused, and how many rows are gone then.
    let two = "remove([\"*1\", \"*2\"])";
    let cases = [
        ("update(1, 5)", two, Some("7"), None, 2),
        ("update(1, 5)", two, Some("6"), Some(7), 0),
        ("update(1, 5)", "update(6, 7)", Some("7"), None, 0),
        ("update(1, 5)", "update(6, 7)", Some("6"), Some(7), 0),
        // Of all that a run may change unasked, and of half of a table.
        ("update(1, 30)", two, None, None, 2),
        ("update(1, 30)", "update(31, 45)", None, Some(45), 0),
        ("update(1, 30)", "update(1, 25)", None, Some(55), 0),
    ];
    for (first, second, most, refused, gone) in cases {
        let site = Site::new();
        let script = SCRIPT.replace("FIRST", first).replace("SECOND", second);
        let most = most.map(|most| ["--max-changes", most]);
        let flags = ["--json", "--apply", "--yes"].into_iter();
        let flags: Vec<&str> = flags.chain(most.into_iter().flatten()).collect();
        let (_database, command) = with_guests(&site, &script, &flags);
        let output = command.run();
        let what = format!("{first} {second} {flags:?}: {output}");
        match refused {
            None => assert_eq!(output.status.code(), Some(0), "{what}"),
            Some(wanted) => {
                assert_eq!(output.status.code(), Some(5), "{what}");
                let said = format!("--max-changes {wanted}");
                assert!(output.stderr.contains(&said), "{what}");
            }
        }
        assert_eq!(site.gone(), gone, "{what}");
    }
}
