//! What a change writes is shown wherever the change is: nobody says yes to what he has not seen.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::terminal::Screen;
use crate::support::tikbook::Tikbook;

const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: [], writes: ["mikrotik:/ip/firewall/address-list", "mikrotik:/ip/hotspot/user"] };
fn run(args) {
    mikrotik::set("/ip/firewall/address-list", "*1", #{ address: "10.7.7.7", disabled: true });
    mikrotik::set("/ip/hotspot/user", "*1", #{ password: "Kuning-71" });
    mikrotik::add("/ip/firewall/address-list", #{ list: "vip", address: "10.8.8.8", timeout: "2d" });
    #{ title: "A try" }
}
"#;

/// A site whose router has a row to set in each menu, and a state folder that commands share.
struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let row = |n: u8| {
            json!({ ".id": format!("*{n}"), "list": "l", "address": format!("10.0.0.{n}"),
                    "disabled": "false", "comment": format!("x|user=0812345670{n}") })
        };
        let rows: Vec<Value> = (1..=5).map(row).collect();
        let users: Vec<Value> = (1..=5)
            .map(|n| json!({ ".id": format!("*{n}"), "name": format!("u{n}"), "password": "Merah-32" }))
            .collect();
        let menus = json!({ "/ip/firewall/address-list": rows, "/ip/hotspot/user": users });
        Site {
            router: Router::with(&menus.to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn tikbook(&self, args: &[&str]) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook.file("script.rhai", SCRIPT).args(args)
    }

    fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = ["--json"].iter().chain(args).copied().collect();
        let output = self.tikbook(&args).run().code(0);
        assert!(!output.stdout.contains("Kuning-71"), "{output}");
        output.stdout_json()
    }
}

/// What is written, field by field, in the order of the script: the secret's values are stars.
fn written() -> Vec<Value> {
    vec![
        json!({ "address": ["10.0.0.1", "10.7.7.7"], "disabled": ["false", "true"] }),
        json!({ "password": ["***", "***"] }),
        json!({ "list": [null, "vip"], "address": [null, "10.8.8.8"], "timeout": [null, "2d"] }),
    ]
}

fn changes(report: &Value) -> Vec<Value> {
    // A run in the history has them beside their counts.
    let rows = report["changes"]["rows"].as_array();
    let rows = rows.or_else(|| report["rows"].as_array()).unwrap();
    rows.iter().map(|row| row["changes"].clone()).collect()
}

#[test]
fn every_field_before_and_after_is_in_the_json_of_dry_run_plan_apply_history_and_undo() {
    let site = Site::new();
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let run = ["run", "./script.rhai"];
    assert_eq!(changes(&site.json(&run)), written());
    let planned = site.json(&[run[0], run[1], "--plan", plan]);
    let first = &planned["changes"]["rows"][0];
    assert_eq!(first["before"]["address"], "10.0.0.1");
    assert_eq!(first["after"]["address"], "10.7.7.7");
    assert_eq!(changes(&site.json(&["apply", plan])), written());
    let applied = site.json(&["apply", plan, "--apply", "--yes"]);
    assert_eq!(changes(&applied), written());
    assert_eq!(changes(&site.json(&["history", "last"])), written());
    let undone = changes(&site.json(&["undo", "last"]));
    let address = undone.iter().find(|fields| !fields["address"].is_null());
    assert_eq!(address.unwrap()["address"], json!(["10.7.7.7", "10.0.0.1"]));
}

#[test]
fn people_see_what_is_written_before_they_say_yes_and_afterwards() {
    let site = Site::new();
    let said = |text: &str| {
        for value in ["10.0.0.1 → 10.7.7.7", "false → true", "password: *** → ***"] {
            assert!(text.contains(value), "{value}: {text}");
        }
        assert!(
            text.contains("list=vip address=10.8.8.8 timeout=2d"),
            "{text}"
        );
        assert!(!text.contains("Kuning-71"), "{text}");
    };
    let run = site.tikbook(&["run", "./script.rhai", "--apply"]);
    let mut screen = Screen::start(run.env("COLUMNS", "200"));
    said(&screen.until("[y/N] "));
    screen.enter("y\n");
    let (code, _) = screen.end();
    assert_eq!(code, 0);
    let undo = site.tikbook(&["undo", "last", "--apply"]);
    let mut screen = Screen::start(undo.env("COLUMNS", "200"));
    let asked = screen.until("[y/N] ");
    assert!(asked.contains("10.7.7.7 → 10.0.0.1"), "{asked}");
    screen.enter("y\n");
    assert_eq!(screen.end().0, 0);
}
