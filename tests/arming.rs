//! The REPL changes a site only while it is armed: through the one gate, with guards, journal and a
//! way back.

use rexpect::session::PtySession;
use routeros_sim::Faults;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{PASSWORD, Router, USER};
use crate::support::terminal::{enter, ready, typed};
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
            home: TempDir::with_prefix("tikbook-repl-").unwrap(),
        }
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
        let menu = format!("let menu = \"{LIST}\"");
        enter(&mut repl, &menu, "\r\n");
        repl
    }

    fn tikbook(&self, args: &[&str]) -> Output {
        let state = self.home.path().join(".local/state");
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", state);
        tikbook.args(args).run()
    }

    fn ids(&self) -> Vec<String> {
        self.router.ids(LIST)
    }

    fn writes(&self) -> u64 {
        self.router.simulator.received().writes()
    }
}

/// Types a line that asks, and the answer.
fn answer(repl: &mut PtySession, line: &str, answer: &str, expected: &str) {
    repl.send_line(line).unwrap();
    repl.exp_string("[y/N]").unwrap();
    enter(repl, answer, expected);
}

/// Types a line after which the prompt is another one.
fn enter_mode(repl: &mut PtySession, line: &str, prompt: &str) {
    repl.send_line(line).unwrap();
    repl.exp_string(prompt)
        .unwrap_or_else(|error| panic!("{line}: {error}"));
}

fn arm(repl: &mut PtySession, words: &str, prompt: &str) {
    repl.send_line(&format!(":arm {words}")).unwrap();
    repl.exp_string("[y/N]").unwrap();
    enter_mode(repl, "y", prompt);
}

#[test]
fn lines_change_the_site_while_it_is_armed_and_only_then() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    let remove = |id: &str| format!("`<${{mikrotik::remove(menu, \"{id}\", \"a try\").status}}>`");
    enter(&mut repl, &remove("*1"), "<planned>");
    answer(&mut repl, ":arm 5m", "", "still read-only");
    enter(&mut repl, &remove("*2"), "<planned>");
    // It is planned already.
    enter(&mut repl, &remove("*1"), "<skipped>");
    assert_eq!(site.writes(), 0);

    arm(&mut repl, "5m", "default armed ");
    enter(&mut repl, &remove("*2"), "1 change made, run 2");
    assert_eq!(site.ids(), ["*1", "*3", "*4", "*5", "*6"]);
    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(runs[0]["runbook"], "repl");
    assert_eq!(runs[0]["state"], "finished");
    assert_eq!(runs[0]["changes"]["applied"], 1);

    answer(&mut repl, ":undo", "y", "changes applied");
    assert_eq!(site.ids().len(), 6, "{:?}", site.ids());
    enter_mode(&mut repl, ":disarm", "default read-only");
    let writes = site.writes();
    enter(&mut repl, &remove("*3"), "<planned>");
    assert_eq!(site.writes(), writes);
}

#[test]
fn what_lines_planned_is_applied_as_far_as_its_rows_are_as_they_were() {
    let site = Site::with_rows(8);
    let mut repl = site.repl();
    for id in 1..=3 {
        let line = format!(
            "mikrotik::remove(menu, mikrotik::rows(menu)[{}], \"gone\").id",
            id - 1
        );
        enter(&mut repl, &line, &format!("*{id}"));
    }
    let changed = "*2".parse().unwrap();
    site.router.simulator.edit(|state| {
        state.set(LIST, changed, "comment", Some(b"mine|user=0899999999"));
    });
    repl.send_line(":apply").unwrap();
    repl.exp_string("at once, for 5m? [y/N]").unwrap();
    repl.send_line("y").unwrap();
    repl.exp_string("Make 3 changes on the site `default`? [y/N]")
        .unwrap();
    enter(&mut repl, "y", "1 of 3 changes not made as planned");
    assert_eq!(site.ids(), ["*2", "*4", "*5", "*6", "*7", "*8"]);
    enter(&mut repl, ":apply", "no changes are planned");
    let run = site
        .tikbook(&["--json", "history", "last"])
        .code(0)
        .stdout_json();
    assert_eq!(run["changes"]["applied"], 2);
    assert_eq!(run["changes"]["conflict"], 1);
}

#[test]
fn many_small_lines_may_change_no_more_than_one_large_one() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    arm(&mut repl, "5m", "armed ");
    let line = "mikrotik::remove(menu, mikrotik::rows(menu)[0], \"a try\").status";
    for _ in 0..3 {
        enter(&mut repl, line, "1 change made");
    }
    enter(
        &mut repl,
        line,
        "would change 4 of the 6 rows of the list `blocked`",
    );
    assert_eq!(site.ids().len(), 3);
    arm(&mut repl, "5m --max-changes 1", "armed ");
    enter(&mut repl, line, "1 change made");
    enter(&mut repl, line, "--max-changes 2");
    assert_eq!(site.ids().len(), 2);
}

#[test]
fn an_arming_ends_by_itself_even_while_a_line_runs() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    arm(&mut repl, "3s", "armed ");
    let line = "sleep(3.2); mikrotik::remove(menu, \"*1\", \"too late\").status";
    enter(&mut repl, line, "the time of :arm is over");
    assert_eq!(site.writes(), 0);
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*1\", \"a try\").status",
        "planned",
    );
    assert_eq!(site.writes(), 0);
}

#[test]
fn a_line_that_changed_something_is_not_evaluated_again_when_its_connection_is_lost() {
    let site = Site::with_rows(6);
    let mut repl = site.repl();
    arm(&mut repl, "5m", "armed ");
    site.router.simulator.set_faults(Faults {
        drop_after_rows: Some(4),
        ..Faults::default()
    });
    let line = "mikrotik::remove(menu, \"*1\", \"a try\"); mikrotik::rows(menu).len()";
    repl.send_line(line).unwrap();
    repl.exp_string("after 3 rows").unwrap();
    enter(&mut repl, "", "1 change made");
    assert_eq!(site.writes(), 1);
}

#[test]
fn protected_rows_stay_and_another_site_is_read_only() {
    let site = Site::with_rows(6);
    site.router.simulator.edit(|state| {
        state.set(LIST, "*1".parse().unwrap(), "comment", Some(b"printer"));
    });
    let mut repl = site.repl();
    arm(&mut repl, "5m", "armed ");
    enter(
        &mut repl,
        "mikrotik::remove(menu, \"*1\", \"a try\").status",
        "protected",
    );
    assert_eq!(site.writes(), 0);
    enter_mode(&mut repl, ":site demo", "demo read-only");
}

#[test]
fn a_runbook_that_is_run_while_it_is_armed_changes_what_its_header_declares() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    enter(&mut repl, ":run cleanup", "changes planned    ");
    arm(&mut repl, "5m", "armed ");
    enter(&mut repl, ":run cleanup", "changes applied");
    enter(&mut repl, ":run cleanup", "stale by the portal's audit  3");
    answer(&mut repl, ":undo", "y", "changes applied");
}

#[test]
fn without_a_terminal_nothing_can_be_armed() {
    let output = Tikbook::new()
        .args(["--site", "demo", "repl"])
        .stdin(
            ":arm 5m\nmikrotik::add(\"/ip/firewall/address-list\", #{ list: \"vip\", address: \"10.9.9.9\" }).status\n\
             :apply\nmikrotik::count(\"/ip/firewall/address-list\", #{ list: \"vip\" })\n",
        )
        .run()
        .code(0);
    assert_eq!(
        output
            .stdout
            .matches("there is no terminal to ask on")
            .count(),
        2,
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
    let planned = site
        .tikbook(&["--json", "run", &file])
        .code(0)
        .stdout_json();
    assert_eq!(planned["changes"]["planned"], 1);
    assert_eq!(site.writes(), 0);
    site.tikbook(&["run", &file, "--apply", "--yes"]).code(0);
    assert_eq!(site.ids().len(), 5);
}
