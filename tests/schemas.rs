//! What is printed for programs is as its JSON Schema says.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::change::{Site, WIPE};
use crate::support::program;
use crate::support::router;
use crate::support::tikbook::{Output, Tikbook};

/// Pairs of a schema and a file that is to be as it says.
struct Pairs {
    folder: TempDir,
    paths: Vec<PathBuf>,
}

impl Pairs {
    fn new() -> Pairs {
        Pairs {
            folder: TempDir::with_prefix("tikbook-schemas-").unwrap(),
            paths: Vec::new(),
        }
    }

    fn add(&mut self, schema: &str, text: &str) {
        let number = self.paths.len();
        let printed = Tikbook::new()
            .args(["doc", "--schema", schema])
            .run()
            .code(0);
        for (what, text) in [("schema", printed.stdout.as_str()), ("value", text)] {
            let path = self
                .folder
                .path()
                .join(format!("{number}-{schema}-{what}.json"));
            fs::write(&path, text).unwrap();
            self.paths.push(path);
        }
    }

    fn printed(&mut self, schema: &str, output: &Output) {
        self.add(schema, &output.stdout);
    }

    /// What the validator says: nothing where all is as it should be.
    fn wrong(&self) -> String {
        let mut command = Command::new(program::python());
        command.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/python/valid.py"
        ));
        let output = command.args(&self.paths).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || !said.is_empty(), "{errors}");
        said
    }
}

#[test]
fn what_is_printed_for_programs_is_as_its_schema_says() {
    let mut pairs = Pairs::new();
    let demo = |args: &[&str]| {
        Tikbook::new()
            .args(["--site", "demo", "--json"])
            .args(args)
            .run()
    };
    for runbook in [
        "audit",
        "cleanup",
        "parity",
        "verify-debt",
        "services",
        "diagnose-sync",
    ] {
        pairs.printed("report", &demo(&["run", runbook]));
    }
    pairs.printed("report", &demo(&["explain", "081255501008"]));
    pairs.printed("doctor", &demo(&["doctor"]));
    pairs.printed("list", &demo(&["list"]));
    pairs.printed("sites", &demo(&["sites"]));
    let sites =
        "[sites.good.routers.gw]\nhost = \"192.0.2.1\"\n[sites.bad]\ntime_zone = \"No/Where\"\n";
    let sites = Tikbook::new()
        .file("tikbook.toml", sites)
        .args(["sites", "--json"]);
    pairs.printed("sites", &sites.run().code(0));
    let dead = router::nowhere(Tikbook::new()).args(["--json", "run", "audit"]);
    let dead = dead.env("DATABASE_URL", "postgresql://portal@127.0.0.1:1/portal");
    pairs.printed("report", &dead.run().code(4));
    for failing in [
        &["--json", "run", "nope"][..],
        &["--json", "run", "-e", "throw \"no\""],
        &["--json", "--no-such-flag"],
        &["--json", "doc", "nope"],
    ] {
        pairs.printed("error", &Tikbook::new().args(failing).run());
    }
    // Changes of every kind of end, in reports, plans and history.
    let site = Site::with_rows(4);
    let plan = site.state.path().join("wipe.plan");
    let plan = plan.to_str().unwrap();
    pairs.printed("report", &site.run(WIPE, &["--plan", plan]).code(0));
    pairs.add("plan", &fs::read_to_string(plan).unwrap());
    pairs.printed(
        "report",
        &site
            .run(WIPE, &["--apply", "--yes", "--max-changes", "4"])
            .code(0),
    );
    pairs.printed(
        "report",
        &site
            .tikbook(&["--json", "undo", "last", "--apply", "--yes"])
            .code(0),
    );
    pairs.printed("history", &site.tikbook(&["--json", "history"]).code(0));
    pairs.printed(
        "history",
        &site.tikbook(&["--json", "history", "last"]).code(0),
    );
    let wrong = Tikbook::new().file("wrong.rhai", "//! Wrong.\nfn run(args) { nothing( }\n");
    pairs.printed(
        "check",
        &wrong.args(["--json", "check", "wrong.rhai"]).run().code(1),
    );
    let tests = "//! Tests.\nfn test_one() { }\nfn test_two() { throw \"no\" }\n";
    let tests = Tikbook::new().file("some_test.rhai", tests);
    pairs.printed("test", &tests.args(["--json", "test", "."]).run().code(1));
    assert_eq!(pairs.wrong(), "");
}

#[test]
fn every_schema_refuses_what_is_not_so() {
    for (schema, value) in [
        ("report", r#"{"schema": "tikbook.report/1"}"#),
        ("history", r#"[{"run": 1}]"#),
        ("plan", r#"{"format": "tikbook.plan/9"}"#),
        ("test", r#"[{"source": "x"}]"#),
        ("check", r#"[{"kind": 1}]"#),
        ("list", r#"{}"#),
        ("sites", r#"[{"name": "a"}]"#),
        ("error", r#"{"schema": "tikbook.error/1"}"#),
    ] {
        let mut pairs = Pairs::new();
        pairs.add(schema, value);
        assert_ne!(pairs.wrong(), "", "{schema}");
    }
    let named = Tikbook::new().args(["doc", "--schema"]).run().code(0);
    assert_eq!(
        named.stdout,
        "check\ndoctor\nerror\nhistory\nlist\nplan\nreport\nsites\ntest\n"
    );
    let unknown = Tikbook::new().args(["doc", "--schema", "x"]).run().code(2);
    unknown.says("there are check, doctor, error, history");
    for name in named.stdout.lines() {
        let schema = Tikbook::new().args(["doc", "--schema", name]).run().code(0);
        assert!(schema.stdout_json()["title"].is_string(), "{schema}");
    }
}
