//! Every page that people read, kept as it was looked at: on terminals of 80 and of 120 columns, in a pipe, and plain.

use serde_json::json;

use tempfile::TempDir;

use crate::change::Site;
use crate::pages::{PAGES, at, demo};
use crate::support::router;
use crate::support::snapshot;
use crate::support::terminal::Screen;
use crate::support::tikbook::Tikbook;

const LIST: &str = "/ip/firewall/address-list";

/// Removes the rows of the list `blocked`, and adds one to another.
const WIPE: &str = r#"//! Empties a list.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{ list: "blocked" });
    mikrotik::remove_all(menu, rows, "its user is not blocked");
    mikrotik::add(menu, #{ list: "vip", address: "10.0.0.9", comment: "lpsaring|status=active|user=081255501009" });
    report::create(`Emptying a list of ${rows.len()} rows`)
}
"#;

/// On what a page is captured.
#[derive(Clone, Copy)]
enum Medium {
    Terminal(usize),
    Pipe,
    Plain,
}

const MEDIA: [Medium; 4] = [
    Medium::Terminal(80),
    Medium::Terminal(120),
    Medium::Pipe,
    Medium::Plain,
];

impl Medium {
    fn name(self) -> String {
        match self {
            Self::Terminal(width) => width.to_string(),
            Self::Pipe => "piped".to_owned(),
            Self::Plain => "plain".to_owned(),
        }
    }

    /// All that is shown of what `tikbook` says, on stdout and then on stderr where it is no terminal.
    fn shown(self, tikbook: Tikbook) -> String {
        let output = match self {
            Self::Terminal(width) => return at(width, tikbook),
            Self::Pipe => tikbook.run(),
            Self::Plain => tikbook.arg("--plain").run(),
        };
        format!("{}{}", output.stdout, output.stderr)
    }

    /// Captures a page.
    fn check(self, name: &str, tikbook: Tikbook) {
        let shown = self.shown(tikbook);
        snapshot::check(&format!("pages/{name}-{}", self.name()), &shown);
    }
}

#[test]
fn every_page_of_the_built_in_site_is_as_it_was_looked_at() {
    for (name, args) in PAGES {
        for medium in MEDIA {
            medium.check(name, demo(args));
        }
    }
}

/// Three rows of the portal, of which the list is emptied.
fn site() -> Site {
    let row = |number: usize| {
        json!({
            ".id": format!("*{number}"), "list": "blocked", "address": format!("10.0.0.{number}"),
            "comment": format!("lpsaring|status=blocked|user=08125550100{number}|uid=5e840e7{number}|date=28-11-2026|time=06:00:00"),
        })
    };
    Site::of(&json!({ LIST: [row(1), row(2), row(3)] }))
}

/// A plan, what is made of it, what the journal says of that, and the way back.
#[test]
fn every_page_about_changes_is_as_it_was_looked_at() {
    for medium in MEDIA {
        let site = site();
        let tikbook = |args: &[&str]| site.command().file("scripts/empty.rhai", WIPE).args(args);
        // Its length is the same wherever tests have their folders: it stands in lines that break.
        let folder = TempDir::with_prefix_in("tikbook-kept-", "/tmp").unwrap();
        let file = folder.path().join("kept.plan");
        let file = file.to_str().unwrap();
        for (name, args) in [
            ("changes-planned", &["run", "empty"][..]),
            ("changes-kept", &["run", "empty", "--plan", file]),
            ("changes-of-plan", &["apply", file]),
            (
                "changes-without-a-yes",
                &["run", "empty", "--apply", "--only", "10.0.0.7"],
            ),
            ("changes-applied", &["apply", file, "--apply", "--yes"]),
            (
                "changes-applied-twice",
                &["apply", file, "--apply", "--yes"],
            ),
            ("history-of-runs", &["history"]),
            ("history-of-one", &["history", "last"]),
            ("undo-planned", &["undo", "last"]),
            ("undo-applied", &["undo", "last", "--apply", "--yes"]),
            ("history-undone", &["history"]),
        ] {
            medium.check(name, tikbook(args));
        }
    }
}

#[test]
fn every_question_is_as_it_was_looked_at() {
    for width in [80, 120] {
        let site = site();
        for (name, answers) in [
            ("no", &["n\n"][..]),
            ("some", &["s\n", "2 3\n", "n\n"]),
            ("all", &["v\n", "n\n"]),
        ] {
            let tikbook = site.command().file("scripts/empty.rhai", WIPE);
            let tikbook = tikbook.args(["run", "empty", "--apply"]);
            let tikbook = tikbook
                .env("COLUMNS", width.to_string())
                .env("PAGER", "cat");
            let mut screen = Screen::start(tikbook);
            let mut shown = String::new();
            for answer in answers {
                let prompt = match answer.contains(' ') {
                    true => "none out: ",
                    false => "[y/N] ",
                };
                shown += &screen.until(prompt);
                shown += prompt;
                screen.enter(answer);
            }
            let (code, rest) = screen.end();
            shown += &rest;
            assert_eq!(code, 6, "{shown}");
            snapshot::check(
                &format!("pages/question-{name}-{width}"),
                &shown.replace('\r', ""),
            );
        }
    }
}

#[test]
fn every_error_is_as_it_was_looked_at() {
    let dead = || router::nowhere(Tikbook::new());
    let database = "postgresql://portal:x@127.0.0.1:1/portal";
    let own = "//! Own.\nconst RUNBOOK = #{ reads: [] };\nfn run(args) {\n    let rows = mikrotik::rows(\"/ip/arp\");\n    rows\n}\n";
    for medium in MEDIA {
        medium.check(
            "error-dead",
            dead().env("DATABASE_URL", database).args(["run", "audit"]),
        );
        medium.check(
            "error-doctor",
            dead().env("DATABASE_URL", database).arg("doctor"),
        );
        for (name, args) in [
            ("error-runbook", &["run", "audut"][..]),
            ("error-flag", &["run", "audit", "--orphan"]),
            ("error-value", &["run", "audit", "--limit", "many"]),
            ("error-command", &["histry"]),
            ("error-thrown", &["run", "-e", "throw \"nobody is known\""]),
            ("error-expression", &["run", "-e", "let a = ;"]),
            ("error-undeclared", &["run", "./own.rhai"]),
            (
                "error-table",
                &["run", "audit", "--format", "csv", "--table", "checks"],
            ),
            ("error-undo", &["undo", "last"]),
            ("error-plan", &["apply", "./own.rhai"]),
        ] {
            medium.check(name, demo(args).file("own.rhai", own));
        }
    }
}

#[test]
fn values_and_help_are_as_they_were_looked_at() {
    let list = r#"mikrotik::rows("/ip/firewall/address-list").take(3)"#;
    let write = r#"mikrotik::remove_all("/ip/firewall/address-list", mikrotik::rows("/ip/firewall/address-list").take(2), "why")"#;
    for medium in MEDIA {
        for (name, args) in [
            ("value-rows", &["run", "-e", list][..]),
            ("value-writes", &["run", "-e", write]),
            ("value-time", &["run", "-e", "time::from_unix(1790000000)"]),
            ("help", &["--help"]),
            ("help-audit", &["run", "audit", "--help"]),
            ("doc-mac", &["doc", "mac"]),
        ] {
            medium.check(name, demo(args));
        }
    }
}
