//! `--only` and `--except`: what of a plan is made, chosen by what people see of the changes.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{Router, blocked_rows};
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";
/// Rows are removed, one of them after it was set; a device is bound.
const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"],
                   writes: ["mikrotik:/ip/firewall/address-list", "mikrotik:/ip/hotspot/ip-binding"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    mikrotik::set(menu, "*1", #{ disabled: true }, "first off");
    mikrotik::remove_all(menu, ["*1", "*2", "*3"], "a try");
    mikrotik::add("/ip/hotspot/ip-binding", #{ "mac-address": "AA:BB:CC:DD:EE:0F", type: "blocked" }, "a device");
    report::create("A try")
}
"#;

/// A site whose router has eight rows, and a state folder that commands share.
struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let rows = blocked_rows(8);
        Site {
            router: Router::with(&json!({ LIST: rows, BINDINGS: [] }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn tikbook(&self, args: &[&str]) -> Output {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        let tikbook = tikbook.file("script.rhai", SCRIPT).arg("--json");
        tikbook.args(args).run()
    }

    fn run(&self, flags: &[&str]) -> Output {
        let args = [&["run", "./script.rhai"], flags].concat();
        self.tikbook(&args)
    }

    /// The addresses that are left, and how many devices are bound.
    fn rows(&self) -> (Vec<String>, usize) {
        let rows = self.router.simulator.rows(LIST);
        let address = |row: &routeros_sim::Row| {
            let address = row.get("address").unwrap_or_default();
            String::from_utf8_lossy(address).into_owned()
        };
        let bound = self.router.ids(BINDINGS).len();
        (rows.iter().map(address).collect(), bound)
    }

    fn writes(&self) -> u64 {
        self.router.simulator.received().writes()
    }
}

/// The statuses of the changes in a report, each with its reason.
fn statuses(output: &Output) -> Vec<(String, Value)> {
    let json = output.stdout_json();
    let rows = json["changes"]["rows"].as_array().unwrap();
    let status = |row: &Value| {
        let status = row["status"].as_str().unwrap().to_owned();
        (status, row["reason"].clone())
    };
    rows.iter().map(status).collect()
}

/// What is chosen, and which of the five changes are made: the two of the row *1, the rows *2 and *3,
/// and the device.
const CHOICES: [(&[&str], [bool; 5]); 8] = [
    (&["--except", "10.0.0.2"], [true, true, false, true, true]),
    (
        &["--except", "10.0.0.1/32"],
        [false, false, true, true, true],
    ),
    (
        &["--only", "aa-bb-cc-dd-ee-0f"],
        [false, false, false, false, true],
    ),
    (
        &["--only", "10.0.0.2", "--only", "10.0.0.3"],
        [false, false, true, true, false],
    ),
    (
        &["--only", "blocked", "--except", "10.0.0.2"],
        [true, true, false, true, false],
    ),
    (
        &["--except", "list=blocked,address=10.0.0.3"],
        [true, true, true, false, true],
    ),
    (
        &["--only=mac-address=aabb.ccdd.ee0f"],
        [false, false, false, false, true],
    ),
    (
        &["--except", "blocked", "--except", "AA:BB:CC:DD:EE:0F"],
        [false; 5],
    ),
];

#[test]
fn what_is_left_out_is_listed_and_not_made() {
    for (flags, made) in CHOICES {
        let site = Site::new();
        let status = |status: &str| -> Vec<(String, Value)> {
            let of = |made: &bool| match made {
                true => (status.to_owned(), Value::Null),
                false => ("skipped".to_owned(), json!("left out")),
            };
            made.iter().map(of).collect()
        };
        let planned = site.run(flags).code(0);
        assert_eq!(statuses(&planned), status("planned"), "{flags:?}");
        assert_eq!(site.writes(), 0, "{flags:?}");
        let applied = site.run(&[flags, &["--apply", "--yes"]].concat()).code(0);
        assert_eq!(statuses(&applied), status("applied"), "{flags:?}");
        let is_left = |n: &usize| *n > 3 || !made[*n];
        let left = (1..=8).filter(is_left).map(|n| format!("10.0.0.{n}"));
        let expected = (left.collect(), usize::from(made[4]));
        assert_eq!(site.rows(), expected, "{flags:?}");
    }
}

#[test]
fn a_key_that_no_change_has_is_an_error_before_anything_is_done() {
    for (flag, key, said) in [
        ("--except", "10.0.0.22", "did you mean `10.0.0.2`"),
        (
            "--only",
            "AA:BB:CC:DD:EE:0E",
            "did you mean `AA:BB:CC:DD:EE:0F`?",
        ),
        (
            "--except",
            "somebody",
            "planned is, among others, `10.0.0.1`",
        ),
        ("--only", " ", "an empty text is no key"),
    ] {
        for way in [&["--apply", "--yes"][..], &[]] {
            let site = Site::new();
            let flags = [&["--except", "10.0.0.1", flag, key], way].concat();
            let refused = site.run(&flags).code(2);
            assert!(refused.stderr.contains(said), "{refused}");
            assert_eq!(site.writes(), 0, "{refused}");
        }
    }
    let site = Site::new();
    let refused = site.tikbook(&["run", "-e", "1", "--only", "x"]).code(2);
    assert!(
        refused.stderr.contains("--only is for runbooks"),
        "{refused}"
    );
}

#[test]
fn what_is_left_out_does_not_count_for_what_a_run_may_change() {
    let site = Site::new();
    let too_many = ["--apply", "--yes", "--max-changes", "3"];
    site.run(&too_many).code(6);
    assert_eq!(site.writes(), 0);
    let fewer = [&too_many[..], &["--except", "10.0.0.1"]].concat();
    site.run(&fewer).code(0);
    assert_eq!(site.rows().1, 1);
}

#[test]
fn a_plan_holds_what_is_not_left_out_and_is_made_in_part() {
    let site = Site::new();
    let file = site.state.path().join("plan.json");
    let file = file.to_str().unwrap();
    site.run(&["--plan", file, "--except", "10.0.0.1"]).code(0);
    let unknown = ["apply", file, "--except", "10.0.0.1"];
    site.tikbook(&unknown).code(2);
    let shown = site
        .tikbook(&["apply", file, "--except", "10.0.0.2"])
        .code(0);
    let left = ("skipped".to_owned(), json!("left out"));
    assert_eq!(statuses(&shown)[0], left, "{shown}");
    assert_eq!(site.writes(), 0);
    let args = ["apply", file, "--except", "10.0.0.2", "--apply", "--yes"];
    site.tikbook(&args).code(0);
    let left = [1, 2, 4, 5, 6, 7, 8].map(|n| format!("10.0.0.{n}"));
    assert_eq!(site.rows(), (left.to_vec(), 1));
}

#[test]
fn an_undo_of_a_part_leaves_the_rest_to_be_undone() {
    let site = Site::new();
    site.run(&["--apply", "--yes"]).code(0);
    let gone = |site: &Site| 8 - site.rows().0.len();
    assert_eq!(gone(&site), 3);
    let undo = |flags: &[&str]| {
        let args = [&["undo", "last", "--apply", "--yes"], flags].concat();
        site.tikbook(&args).code(0)
    };
    undo(&["--only", "10.0.0.2"]);
    assert_eq!(gone(&site), 2);
    // The run is not undone yet.
    let runs = site.tikbook(&["history"]).code(0).stdout_json();
    assert_eq!(runs[1]["undone_by"], Value::Null, "{runs}");
    undo(&[]);
    assert_eq!(site.rows().1, 0);
    let mut rows = site.rows().0;
    rows.sort();
    assert_eq!(
        rows,
        (1..=8).map(|n| format!("10.0.0.{n}")).collect::<Vec<_>>()
    );
    let nothing = site.tikbook(&["undo", "last"]).code(2);
    assert!(nothing.stderr.contains("was undone"), "{nothing}");
}

#[test]
fn keys_of_redis_and_tables_are_keys_of_their_changes() {
    const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["redis", "db"], writes: ["redis:*", "db:users"] };
fn run(args) {
    redis::set("first", "1", 60);
    redis::set("second", "2", 60);
    db::execute("UPDATE users SET full_name = $1 WHERE phone_number = $2", ["Budi", "nobody"]);
    report::create("A try")
}
"#;
    for (key, left) in [("first", 0), ("second", 1), ("users", 2)] {
        let output = Tikbook::new()
            .file("script.rhai", SCRIPT)
            .args(["--site", "demo", "--json", "run", "./script.rhai"])
            .args(["--except", key])
            .run()
            .code(0);
        let skipped: Vec<bool> = statuses(&output)
            .iter()
            .map(|(status, _)| status == "skipped")
            .collect();
        let expected: Vec<bool> = (0..3).map(|n| n == left).collect();
        assert_eq!(skipped, expected, "{key}: {output}");
    }
}
