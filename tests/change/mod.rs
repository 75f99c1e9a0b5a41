//! Changes: planned, made, journalled, undone; and what happens when something goes wrong half-way.

mod halfway;
mod killed;
mod last;
mod plan;
mod refused;
mod services;
mod state;
mod undo;

use routeros_sim::Row;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::tikbook::{Output, Running, Tikbook};
use crate::support::wait_until;

const LIST: &str = "/ip/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

/// Removes every row of the list `blocked`.
pub const WIPE: &str = r#"//! Wipe.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{ list: "blocked" }, [".id", "list", "address", "comment"]);
    #{ statuses: mikrotik::remove_all(menu, rows, "wiping").map(|change| change.status) }
}"#;

/// A router and a state folder that several commands share.
pub struct Site {
    pub router: Router,
    pub state: TempDir,
}

impl Site {
    pub fn with_rows(count: usize) -> Site {
        let row = |n: usize| {
            json!({ ".id": format!("*{n:X}"), "list": "blocked",
                    "address": format!("10.0.{}.{}", n / 256, n % 256),
                    "comment": format!("x|user=081234567{n:02}"),
                    "dynamic": "false", "disabled": "false" })
        };
        let rows: Vec<Value> = (1..=count).map(row).collect();
        Site::of(&json!({ LIST: rows }))
    }

    pub fn of(state: &Value) -> Site {
        Site {
            router: Router::with(&state.to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    pub fn command(&self) -> Tikbook {
        self.router
            .tikbook(Tikbook::new())
            .env("XDG_STATE_HOME", self.state.path())
    }

    /// `tikbook` on the same site with a file that protects this.
    pub fn protecting(&self, protected: &str) -> Tikbook {
        let file = format!("[sites.here]\nprotected = [{protected:?}]\n");
        self.command().file("tikbook.toml", file)
    }

    pub fn tikbook(&self, args: &[&str]) -> Output {
        self.command().args(args).run()
    }

    /// Carries a plan out, however much it changes.
    pub fn apply(&self, plan: &str) -> Output {
        let flags = ["--apply", "--yes", "--max-changes", "9999"];
        self.tikbook(&[&["--json", "apply", plan], &flags[..]].concat())
    }

    /// Waits until ids say which row it is: since the router says that it was there before.
    pub fn wait_until_ids_count(&self) {
        wait_until("the router tells that it was there before the run", || {
            let uptime = r#"mikrotik::rows("/system/resource")[0]["uptime"]"#;
            let told = self.tikbook(&["--json", "run", "-e", uptime]).code(0);
            let uptime = told.stdout_json().as_str().unwrap().to_owned();
            let unit = uptime.trim_start_matches(|sign: char| sign.is_ascii_digit());
            unit.starts_with('s')
        });
    }

    /// Carries a plan out that was not made here.
    pub fn apply_foreign(&self, plan: &str) -> Output {
        let flags = ["--apply", "--yes", "--foreign", "--max-changes", "9999"];
        self.tikbook(&[&["--json", "apply", plan], &flags[..]].concat())
    }

    pub fn run(&self, script: &str, flags: &[&str]) -> Output {
        self.start(script, flags).finish()
    }

    fn start(&self, script: &str, flags: &[&str]) -> Running {
        self.command()
            .file("script.rhai", script)
            .args(["--json", "run", "./script.rhai"])
            .args(flags)
            .start()
    }

    fn wait_for_removes(&self, count: usize) {
        let began = std::time::Instant::now();
        while (self.router.simulator.received().of(LIST, "remove") as usize) < count {
            assert!(began.elapsed().as_secs() < 60, "the removals did not begin");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// The writable fields of every row of the address lists, in no order; a timeout in half minutes.
    fn writable(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let fields = |row: &Row| {
            let named = ["list", "address", "comment", "disabled"];
            let mut fields: Vec<(String, Vec<u8>)> = named
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), row.get(name)?.to_vec())))
                .collect();
            let timed = row.get("timeout").is_some();
            fields.push(("timed".to_owned(), vec![u8::from(timed)]));
            fields
        };
        let mut rows: Vec<_> = self
            .router
            .simulator
            .rows(LIST)
            .iter()
            .map(fields)
            .collect();
        rows.sort();
        rows
    }
}

pub fn body(expression: &str) -> String {
    format!(
        r#"//! One change.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] }};
fn run(args) {{
    let menu = "/ip/firewall/address-list";
    {expression};
    #{{ }}
}}"#
    )
}

/// A plan that somebody edited, with the checksum that it then should have. Its seal is none of this
/// state folder: it is to be applied with `--foreign`.
pub fn edit(plan: &str, edit: impl FnOnce(&mut Value)) {
    let mut written: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    edit(&mut written);
    written.as_object_mut().unwrap().remove("seal");
    written["checksum"] = "".into();
    let digest = Sha256::digest(written.to_string().as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    written["checksum"] = format!("sha256:{digits}").into();
    std::fs::write(plan, written.to_string()).unwrap();
}
