//! `--only-if-same-as PLAN`: what was approved before is applied if it is still what would be planned.

use std::time::Duration;

use routeros_sim::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";
const SCRIPT: &str = r#"
//! Removes what is marked, and writes when it did.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    for row in mikrotik::rows(menu) {
        if row.comment.contains("go|") { mikrotik::remove(menu, row, "a try") }
    }
    mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9", comment: "at " + time::now() }, "a try");
    report::create("A try")
}
"#;

struct Site {
    router: Router,
    clock: Clock,
    state: TempDir,
}

impl Site {
    /// A site whose rows 1 and 2 are to be removed; the second one for two hours yet.
    fn new() -> Site {
        let rows: Vec<Value> = (1..=8)
            .map(|n| {
                let word = if n <= 2 { "go" } else { "stay" };
                let mut row = json!({ ".id": format!("*{n}"), "list": "blocked",
                    "address": format!("10.0.0.{n}"), "comment": format!("{word}|user=081234567{n:02}") });
                if n == 2 {
                    row["timeout"] = "2h".into();
                }
                row
            })
            .collect();
        let clock = Clock::standing(jiff::civil::date(2026, 5, 31).at(12, 0, 0, 0));
        Site {
            router: Router::with_clock(&json!({ LIST: rows }).to_string(), clock.clone()),
            clock,
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn command(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook.file("script.rhai", SCRIPT)
    }

    fn plan(&self) -> String {
        let plan = self.state.path().join("plan.json").display().to_string();
        let args = ["run", "./script.rhai", "--plan", &plan];
        self.command().args(args).run().code(0);
        plan
    }

    fn apply(&self, plan: &str, flags: &[&str]) -> Output {
        let args = ["run", "./script.rhai", "--apply", "--only-if-same-as", plan];
        self.command().args(args).args(flags).run()
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
}

#[test]
fn what_was_approved_is_applied_once_as_it_was_approved() {
    let site = Site::new();
    let plan = site.plan();
    // Less time is left of a row, and the script would write another time.
    site.clock.advance(Duration::from_secs(3600));
    let applied = site.apply(&plan, &["--yes"]).code(0);
    assert_eq!(site.writes(), 3, "{applied}");
    let rows = site.router.simulator.rows(LIST);
    let added = rows.last().unwrap();
    let text = std::fs::read_to_string(&plan).unwrap();
    let approved: Value = serde_json::from_str(&text).unwrap();
    let comment = approved["changes"][2]["after"]["comment"].as_str().unwrap();
    assert_eq!(added.get("comment"), Some(comment.as_bytes()));
    let refused = site.apply(&plan, &["--yes"]).code(6);
    assert!(refused.stderr.contains("was applied before"), "{refused}");
    assert_eq!(site.writes(), 3);
}

/// How the plan of now differs, and what happened before it.
type Case = (&'static str, fn(&Site));

#[test]
fn another_plan_than_the_approved_one_is_not_applied() {
    let cases: [Case; 4] = [
        (
            "new: remove mikrotik:/ip/firewall/address-list *5",
            |site| {
                site.set("*5", "comment", "go|user=0812345605");
            },
        ),
        (
            "changed: remove mikrotik:/ip/firewall/address-list *1",
            |site| {
                site.set("*1", "comment", "go|user=0899999999");
            },
        ),
        (
            "no longer planned: remove mikrotik:/ip/firewall/address-list *1",
            |site| {
                site.set("*1", "comment", "stay|user=0812345601");
            },
        ),
        ("timeout: 2h is now 3h", |site| {
            site.set("*2", "timeout", "3h")
        }),
    ];
    for (said, happens) in cases {
        let site = Site::new();
        let plan = site.plan();
        happens(&site);
        let refused = site.apply(&plan, &["--yes"]).code(6);
        // Lines are broken at hyphens, too.
        let plain = |text: &str| text.replace(['\u{2502}', ' ', '\n'], "");
        let told = plain(&refused.stderr);
        assert!(told.contains(&plain(said)), "{said}: {refused}");
        assert_eq!(site.writes(), 0, "{said}");
    }
}

#[test]
fn what_is_chosen_is_held_against_what_was_approved() {
    let site = Site::new();
    let plan = site.state.path().join("plan.json").display().to_string();
    let chosen = [
        "run",
        "./script.rhai",
        "--plan",
        &plan,
        "--except",
        "10.0.0.2",
    ];
    site.command().args(chosen).run().code(0);
    site.apply(&plan, &["--yes"]).code(6);
    assert_eq!(site.writes(), 0);
    site.apply(&plan, &["--yes", "--except", "10.0.0.2"])
        .code(0);
    assert_eq!(site.writes(), 2);
}

#[test]
fn the_question_is_asked_as_ever() {
    let site = Site::new();
    let plan = site.plan();
    let unasked = site.apply(&plan, &[]).code(6);
    assert!(
        unasked.stderr.contains("no terminal to ask on"),
        "{unasked}"
    );
    let args = [
        "run",
        "./script.rhai",
        "--apply",
        "--only-if-same-as",
        &plan,
    ];
    let mut screen = Screen::start(site.command().args(args));
    screen.until("Make 3 changes? [y/N] ");
    screen.enter("y\n");
    let (code, said) = screen.end();
    assert_eq!(code, 0, "{said}");
    let without = ["run", "./script.rhai", "--only-if-same-as", &plan];
    site.command().args(without).run().code(2);
}
