//! A plan file vouches for its changes: where the runbook that made it is here as it was it plans again,
//! else the rows alone are checked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::change::edit;
use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";
const SCRIPT: &str = r#"
//! Removes what is marked, and is not named in a file.
import "lib/marks" as marks;
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"], stages: 2, params: #{
    most: #{ type: "int", "default": 50, help: "most rows" },
    keep: #{ type: "file", help: "addresses to keep" },
} };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    for row in mikrotik::rows(menu) {
        if marks::is_marked(row) && !(row.address in args.keep) { mikrotik::remove(menu, row, "a try") }
    }
    let report = report::create("A try");
    report.set("most", args.most);
    report
}
fn after(args, done, report) { report.set("after", done.len()) }
"#;
const MARKS: &str = "fn is_marked(row) { row.comment.contains(\"go|\") }\n";

/// A site whose first two rows are to be removed, and a folder with the runbook.
struct Site {
    router: Router,
    folder: TempDir,
}

impl Site {
    fn new() -> Site {
        let rows: Vec<Value> = (1..=8)
            .map(|n| {
                let word = if n <= 2 { "go" } else { "stay" };
                json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                        "comment": format!("{word}|user=081234567{n:02}") })
            })
            .collect();
        let site = Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            folder: TempDir::with_prefix("tikbook-plan-").unwrap(),
        };
        fs::create_dir(site.path("lib")).unwrap();
        fs::write(site.path("try.rhai"), SCRIPT).unwrap();
        fs::write(site.path("lib/marks.rhai"), MARKS).unwrap();
        fs::write(site.path("keep"), "10.0.0.7\n").unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.path("state").display().to_string());
        tikbook.args(args)
    }

    fn tikbook(&self, args: &[&str]) -> Output {
        self.command(&[&["--json"], args].concat()).run()
    }

    /// A plan of the runbook, found by what is `named`.
    fn plan(&self, named: &[&str]) -> String {
        let plan = self.path("plan.json").display().to_string();
        let keep = self.path("keep").display().to_string();
        let given = ["--most", "9", "--keep", &keep, "--plan", &plan];
        self.tikbook(&[named, &given].concat()).code(0);
        plan
    }

    fn set(&self, id: &str, comment: &str) {
        let id = id.parse().unwrap();
        self.router.simulator.edit(|state| {
            assert!(state.set(LIST, id, "comment", Some(comment.as_bytes())));
        });
    }
}

fn statuses(output: &Output) -> Vec<(String, String)> {
    let json = output.stdout_json();
    let rows = json["changes"]["rows"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let of = |row: &Value| (text(row, "id"), text(row, "status"));
    let mut statuses: Vec<(String, String)> = rows.iter().map(of).collect();
    statuses.sort();
    statuses
}

fn expected(statuses: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(id, status): &(&str, &str)| ((*id).to_owned(), (*status).to_owned());
    statuses.iter().map(owned).collect()
}

/// What becomes of the script, its imports and its files, and whether it vouches then.
type Case = (&'static str, fn(&Site), bool);

const CASES: [Case; 5] = [
    ("nothing", |_| (), true),
    (
        "the script is another one",
        |site| fs::write(site.path("try.rhai"), format!("{SCRIPT}\n")).unwrap(),
        false,
    ),
    (
        "what it imports is another one",
        |site| fs::write(site.path("lib/marks.rhai"), format!("{MARKS}\n")).unwrap(),
        false,
    ),
    (
        "a file that it was given is another one",
        |site| fs::write(site.path("keep"), "").unwrap(),
        false,
    ),
    (
        "the script is gone",
        |site| fs::remove_file(site.path("try.rhai")).unwrap(),
        false,
    ),
];

#[test]
fn the_runbook_plans_again_where_it_is_as_it_was() {
    for by_name in [false, true] {
        for (what, happens, vouches) in CASES {
            let site = Site::new();
            let (path, folder) = (site.path("try.rhai"), site.folder.path());
            let (path, folder) = (path.to_str().unwrap(), folder.to_str().unwrap());
            let named: &[&str] = match by_name {
                true => &["--scripts", folder, "run", "try"],
                false => &["run", path],
            };
            let plan = site.plan(named);
            happens(&site);
            // One is no longer to be removed, and another one is.
            site.set("*2", "stay|user=0812345602");
            site.set("*3", "go|user=0812345603");
            let shown = site.command(&["apply", &plan]).run();
            let said = shown.stdout.contains("its rows alone are checked");
            assert_eq!(said, !vouches, "{what}: {shown}");
            let apply = ["apply", &plan, "--apply", "--yes"];
            let output = site.tikbook(&apply);
            let (code, becomes): (i32, &[(&str, &str)]) = match vouches {
                true => (
                    0,
                    &[("*1", "applied"), ("*2", "skipped"), ("*3", "skipped")],
                ),
                false => (5, &[("*1", "applied"), ("*2", "conflict")]),
            };
            let output = output.code(code);
            assert_eq!(statuses(&output), expected(becomes), "{what}: {output}");
            let json = output.stdout_json();
            // The report is the runbook's, with its arguments.
            let (most, after) = match vouches {
                true => (json!(9), json!(3)),
                false => (Value::Null, Value::Null),
            };
            assert_eq!((&json["most"], &json["after"]), (&most, &after), "{what}");
            assert_eq!(site.router.ids(LIST).len(), 7, "{what}");
        }
    }
}

#[test]
fn a_row_that_changed_behind_the_plan_is_a_conflict_though_the_runbook_would_still_remove_it() {
    let site = Site::new();
    let path = site.path("try.rhai");
    let plan = site.plan(&["run", path.to_str().unwrap()]);
    site.set("*2", "go|user=0812345699");
    let apply = ["apply", &plan, "--apply", "--yes"];
    let output = site.tikbook(&apply).code(5);
    let becomes = expected(&[("*1", "applied"), ("*2", "conflict")]);
    assert_eq!(statuses(&output), becomes, "{output}");
    assert!(output.stdout.contains("0812345699"), "{output}");
    assert_eq!(site.router.ids(LIST).len(), 7);
    let again = site.tikbook(&apply).code(6);
    assert!(again.stderr.contains("applied before"), "{again}");
    assert_eq!(site.router.ids(LIST).len(), 7);
}

#[test]
fn a_plan_says_with_what_it_was_made() {
    let site = Site::new();
    let path = site.path("try.rhai");
    let plan = site.plan(&["run", path.to_str().unwrap()]);
    let plan: Value = serde_json::from_slice(&fs::read(plan).unwrap()).unwrap();
    assert_eq!(plan["format"], "tikbook.plan/2");
    let made_by = &plan["made_by"];
    assert_eq!(made_by["script"], path.to_str().unwrap());
    let keep = site.path("keep").display().to_string();
    let given = json!([["most", ["9"]], ["keep", [keep]]]);
    let (mut arguments, mut given) = (made_by["arguments"].clone(), given);
    let sort = |list: &mut Value| {
        let list = list.as_array_mut().unwrap();
        list.sort_by_key(ToString::to_string);
    };
    sort(&mut arguments);
    sort(&mut given);
    assert_eq!(arguments, given);
    assert_eq!(made_by["files"].as_object().unwrap().len(), 1);
}

#[test]
fn an_undo_of_a_plan_file_is_no_runbooks_business() {
    let site = Site::new();
    let path = site.path("try.rhai");
    let plan = site.plan(&["run", path.to_str().unwrap()]);
    site.tikbook(&["apply", &plan, "--apply", "--yes"]).code(0);
    let back = site.path("back.json").display().to_string();
    site.tikbook(&["undo", "last", "--plan", &back]).code(0);
    let shown = site.command(&["apply", &back]).run().code(0);
    assert!(!shown.stdout.contains("rows alone"), "{shown}");
    site.tikbook(&["apply", &back, "--apply", "--yes"]).code(0);
    assert_eq!(site.router.ids(LIST).len(), 8);
}

/// Where nobody vouches for a plan, neither the runbook nor who may write to the state folder, somebody has to.
#[test]
fn a_plan_that_was_not_made_here_is_not_applied_unless_somebody_says_so() {
    type Elsewhere = fn(&Site, &str);
    let elsewhere: [(&str, Elsewhere); 4] = [
        ("another state folder", |site, _| {
            fs::remove_dir_all(site.path("state")).unwrap();
        }),
        ("another key", |site, _| {
            fs::write(site.path("state/tikbook/plan.key"), [7; 32]).unwrap();
        }),
        ("another seal", |_, plan| {
            edit(plan, |plan| plan["seal"] = "00".repeat(32).into());
        }),
        ("no seal", |_, plan| {
            edit(plan, |plan| plan["changes"][0]["reason"] = "mine".into());
        }),
    ];
    for (what, go) in elsewhere {
        let site = Site::new();
        let path = site.path("try.rhai");
        let plan = site.plan(&["run", path.to_str().unwrap()]);
        go(&site, &plan);
        // What vouches is the runbook, as long as it is as it was.
        let shown = site.command(&["apply", &plan]).run().code(0);
        assert!(!shown.stdout.contains("--foreign"), "{what}: {shown}");
        fs::write(&path, format!("{SCRIPT}\n// Another one.\n")).unwrap();
        let shown = site.command(&["apply", &plan]).run().code(0);
        assert!(
            shown.stdout.contains("to apply it --foreign is needed"),
            "{what}: {shown}"
        );
        let refused = site.tikbook(&["apply", &plan, "--apply", "--yes"]).code(6);
        assert!(
            refused.stderr.contains("the plan was not made here"),
            "{what}: {refused}"
        );
        assert!(refused.stderr.contains("--foreign"), "{what}: {refused}");
        assert_eq!(site.router.ids(LIST).len(), 8, "{what}");
        let apply = ["apply", &plan, "--apply", "--yes", "--foreign"];
        let applied = site.tikbook(&apply).code(0);
        assert_eq!(site.router.ids(LIST).len(), 6, "{what}: {applied}");
    }
}

#[test]
fn the_key_of_the_state_folder_is_for_its_owner_alone() {
    let site = Site::new();
    let path = site.path("try.rhai");
    site.plan(&["run", path.to_str().unwrap()]);
    let key = fs::metadata(site.path("state/tikbook/plan.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert_eq!(key.len(), 32);
}

#[test]
fn a_plan_says_that_a_second_stage_may_follow_where_its_runbook_is_here() {
    let site = Site::new();
    let named = site.path("try.rhai").display().to_string();
    let plan = site.plan(&["run", &named]);
    let says = || {
        let shown = site.command(&["apply", &plan]).run().code(0);
        shown.stdout.contains("a second stage may follow")
    };
    assert!(says());
    fs::write(site.path("lib/marks.rhai"), "// Another one.\n").unwrap();
    assert!(!says());
}

#[test]
fn a_plan_of_one_change_is_spoken_of_as_one_and_none_of_a_plan_that_was_not_written() {
    let site = Site::new();
    let named = site.path("try.rhai").display().to_string();
    let keep = site.path("keep").display().to_string();
    let shown = |flags: &[&str], code: i32| {
        let run = [&["run", &named, "--keep", &keep], flags].concat();
        site.command(&run).run().code(code).stdout
    };
    assert!(shown(&[], 0).contains("Make these changes with --apply."));
    site.set("*2", "stay|user=08123456702");
    assert!(shown(&[], 0).contains("Make this change with --apply."));
    let plan = site.path("plan.json").display().to_string();
    let said = shown(&["--plan", &plan], 0);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("1 change in the plan"), "{said}");
    assert!(said.contains("--apply` makes it, once."), "{said}");
    // The file is there already.
    let said = shown(&["--plan", &plan], 2);
    assert!(!said.contains("--apply"), "{said}");
}
