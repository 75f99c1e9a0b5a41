//! `tikbook history`: which runs are listed, how, and which are removed.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{PASSWORD, Router, USER, blocked_rows};
use crate::support::sqlite;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";
/// The journal of a run that ended, and of one that was cut off.
const ENDED: &str = include_str!("journals/20261127-220023-d1b143.jsonl");
const CUT_OFF: &str = include_str!("journals/20261127-220041-de6f6a.jsonl");

struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn new() -> Site {
        let rows = blocked_rows(6);
        Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn command(&self, args: &[&str]) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook.args(args)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).run()
    }

    fn journals(&self) -> PathBuf {
        self.state.path().join("tikbook/journal/default")
    }

    /// Puts a journal there as if its run had begun on this day; gives the run's id.
    fn journal(&self, journal: &str, day: &str) -> String {
        let id = format!("{}-220023-d1b143", day.replace('-', ""));
        let first = journal.split_once("\"id\":\"").unwrap().1;
        let own = first.split_once('"').unwrap().0;
        let journal = journal.replace(own, &id).replace("2026-11-27", day);
        fs::create_dir_all(self.journals()).unwrap();
        fs::write(self.journals().join(format!("{id}.jsonl")), journal).unwrap();
        id
    }

    fn ids(&self) -> Vec<String> {
        let files = fs::read_dir(self.journals()).unwrap();
        let id = |file: std::io::Result<fs::DirEntry>| {
            let name = file.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".jsonl")?.to_owned())
        };
        let mut ids: Vec<String> = files.filter_map(id).collect();
        ids.sort();
        ids
    }
}

const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) { mikrotik::remove("/ip/firewall/address-list", "*1", "a try"); report::create("A try") }
"#;

#[test]
fn twenty_runs_are_listed_and_it_is_said_that_there_are_more() {
    let site = Site::new();
    let ids: Vec<String> = (1..=25)
        .map(|day| site.journal(ENDED, &format!("2020-03-{day:02}")))
        .collect();
    let cut_off = site.journal(CUT_OFF, "2020-02-01");
    let listed = site.run(&["history"]).code(0).stdout;
    let shown = |id: &String| listed.contains(id.as_str());
    assert!(shown(&cut_off), "{listed}");
    assert_eq!(ids.iter().filter(|id| shown(id)).count(), 19, "{listed}");
    assert!(shown(&ids[24]) && !shown(&ids[5]), "{listed}");
    let said = "20 of 26 runs are listed; --limit 26 lists all of them";
    assert!(listed.contains(said), "{listed}");
    let all = site.run(&["history", "--limit", "26"]).code(0).stdout;
    assert!(ids.iter().all(|id| all.contains(id.as_str())), "{all}");
    assert!(!all.contains("--limit"), "{all}");
    let all = site.run(&["history", "--json"]).code(0).stdout_json();
    assert_eq!(all.as_array().unwrap().len(), 26);
}

#[test]
fn the_id_of_a_run_is_never_broken() {
    let site = Site::new();
    let operator = |args: &[&str]| {
        let name = "somebody-with-quite-a-long-name-on-this-machine";
        let command = site.command(args).env("USER", name);
        command
            .file("a-runbook-with-a-long-name.rhai", SCRIPT)
            .run()
    };
    operator(&[
        "run",
        "./a-runbook-with-a-long-name.rhai",
        "--apply",
        "--yes",
    ])
    .code(0);
    operator(&["undo", "last", "--apply", "--yes"]).code(0);
    let listed = site.run(&["history"]).code(0).stdout;
    let ids = site.ids();
    assert_eq!(ids.len(), 2);
    // The run stands there once more as what the undo undid; ids of one second are in no order.
    let last = site.run(&["--json", "history"]).code(0).stdout_json();
    let times = |run: &Value| listed.matches(run["run"].as_str().unwrap()).count();
    assert_eq!(times(&last[0]), 1, "{listed}");
    assert_eq!(times(&last[1]), 2, "{listed}");
}

#[test]
fn old_journals_are_removed_but_for_those_that_are_still_needed() {
    let site = Site::new();
    let old: Vec<String> = (1..=3)
        .map(|day| site.journal(ENDED, &format!("2020-03-0{day}")))
        .collect();
    let cut_off = site.journal(CUT_OFF, "2020-03-04");
    let damaged = ENDED.replacen("\"action\":\"set\"", "\"action\":\"sat\"", 1);
    let damaged = site.journal(&damaged, "2020-03-05");
    // What undid the one that was cut off.
    let undid = ENDED.replace(
        "\"reason\"",
        &format!("\"undoes\":\"{cut_off}\",\"reason\""),
    );
    let undid = site.journal(&undid, "2020-03-06");
    let young = site.journal(ENDED, "2999-01-01");
    let kept = [cut_off, damaged, undid, young];
    let all = [&old[..], &kept].concat();

    for wrong in [
        &["history", "--prune", "1"][..],
        &["history", "--prune", "9", "--limit", "2"],
        &["history", "--yes"],
    ] {
        site.run(wrong).code(2);
    }
    let refused = site.run(&["history", "--prune", "30"]).code(6);
    assert!(
        refused.stderr.contains("no terminal to ask on"),
        "{refused}"
    );
    let asked = || {
        let mut screen = Screen::start(site.command(&["history", "--prune", "30"]));
        let shown = screen.until("Remove 3 journals? [y/N] ");
        assert!(
            shown.contains(&old[0]) && !shown.contains(&kept[0]),
            "{shown}"
        );
        screen
    };
    let mut screen = asked();
    screen.enter("n\n");
    assert_eq!(screen.end().0, 6);
    assert_eq!(site.ids(), all);
    let mut screen = asked();
    screen.enter("s\n");
    screen.until("Enter leaves none out: ");
    screen.enter("1,3\n");
    screen.until("Remove 1 journal? [y/N] ");
    screen.enter("y\n");
    let (code, said) = screen.end();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("Removed the journals of 1 run; 6 runs left."),
        "{said}"
    );
    let yes = ["history", "--prune", "30", "--yes", "--json"];
    let removed = site.run(&yes).code(0).stdout_json();
    assert_eq!(removed["pruned"].as_array().unwrap().len(), 2);
    assert_eq!(site.ids(), kept);
    assert_eq!(site.run(&yes).code(0).stdout_json()["pruned"], json!([]));
}

#[test]
fn journals_are_kept_as_long_as_the_site_says() {
    let site = Site::new();
    let old = site.journal(ENDED, "2020-03-01");
    let young = site.journal(ENDED, "2999-01-01");
    let prune = ["history", "--prune", "--yes", "--json"];
    let unsaid = site.run(&prune).code(2);
    assert!(unsaid.stderr.contains("keep = "), "{unsaid}");
    let keeping = |args: &[&str]| {
        let file = "[sites.default]\nkeep = \"90d\"\n";
        site.command(args).file("tikbook.toml", file)
    };
    let removed = keeping(&prune).run().code(0).stdout_json();
    assert_eq!(removed["pruned"], json!([old]));
    assert_eq!(site.ids(), std::slice::from_ref(&young));

    // After a run that applies, by itself; a dry run removes nothing.
    site.journal(ENDED, "2020-03-01");
    for (flags, left) in [(&[][..], 2), (&["--apply", "--yes"], 2)] {
        let args = [&["run", "./script.rhai"], flags].concat();
        let run = keeping(&args).file("script.rhai", SCRIPT).run().code(0);
        assert_eq!(site.ids().len(), left, "{run}");
        assert!(site.ids().contains(&young), "{run}");
    }
    assert!(!site.ids().contains(&old));
}

#[test]
fn the_runs_of_a_site_are_listed_under_all_its_names() {
    const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) { mikrotik::remove("/ip/firewall/address-list", "*1", "a try"); report::create("A try") }
"#;
    let (site, other) = (Site::new(), Site::new());
    let port = |site: &Site| site.router.simulator.address().port();
    let config = format!(
        "[sites.north.routers.gw]\nhost = \"127.0.0.1\"\nport = {}\nuser = \"{USER}\"\npassword_env = \"P\"\n\
         [sites.south.routers.gw]\nhost = \"127.0.0.1\"\nport = {}\nuser = \"{USER}\"\npassword_env = \"P\"\n",
        port(&site),
        port(&other),
    );
    let named = |name: &str, args: &[&str]| {
        let tikbook = Tikbook::new()
            .env("P", PASSWORD)
            .file("tikbook.toml", &config);
        let tikbook = tikbook.env("XDG_STATE_HOME", site.state.path());
        let tikbook = tikbook.file("script.rhai", SCRIPT).args(["--site", name]);
        tikbook.args(args).run()
    };
    let apply = ["run", "./script.rhai", "--apply", "--yes"];
    site.command(&apply)
        .file("script.rhai", SCRIPT)
        .run()
        .code(0);
    named("south", &apply).code(0);
    let by_default = site.ids();
    let listed = named("north", &["history"]).code(0).stdout;
    assert!(listed.contains(&by_default[0]), "{listed}");
    assert!(listed.contains("script (site default)"), "{listed}");
    assert!(!listed.contains("south"), "{listed}");
    let shown = named("north", &["--json", "history", &by_default[0]]).code(0);
    assert_eq!(shown.stdout_json()["site"], "default");
    let listed = site.run(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    // It is undone under any of them, and of the other site nothing is.
    for (undo, said) in [
        (
            &["undo", "last", "--apply", "--yes"][..],
            &by_default[0][..],
        ),
        (
            &["undo", "last"],
            "every run that changed this site was undone",
        ),
    ] {
        let undone = named("north", undo);
        assert!(undone.to_string().contains(said), "{undone}");
    }
    assert_eq!(site.router.ids(LIST).len(), 6);
    assert_eq!(other.router.ids(LIST).len(), 5);
    let run = site.run(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(run[1]["undone_by"], run[0]["run"], "{run}");
}

/// A site of two routers, which two names have by other names and in another order.
#[test]
fn a_run_is_undone_on_the_routers_that_it_changed_whatever_they_are_called() {
    const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    mikrotik::remove("/ip/firewall/address-list", "*1", "a try");
    mikrotik::named("second").remove("/ip/firewall/address-list", "*2", "a try");
    report::create("A try")
}
"#;
    let (site, other) = (Site::new(), Site::new());
    let router = |site: &str, name: &str, of: &Site| {
        let port = of.router.simulator.address().port();
        format!(
            "[sites.{site}.routers.{name}]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{USER}\"\n\
             password_env = \"P\"\n"
        )
    };
    let config = [
        router("north", "first", &site),
        router("north", "second", &other),
        router("south", "a", &other),
        router("south", "b", &site),
    ];
    let named = |name: &str, args: &[&str]| {
        let tikbook = Tikbook::new().env("P", PASSWORD);
        let tikbook = tikbook.file("tikbook.toml", config.concat());
        let tikbook = tikbook.env("XDG_STATE_HOME", site.state.path());
        let tikbook = tikbook.file("script.rhai", SCRIPT).args(["--site", name]);
        tikbook.args(args).run()
    };
    named("north", &["run", "./script.rhai", "--apply", "--yes"]).code(0);
    let ids = |site: &Site| site.router.ids(LIST);
    assert!(!ids(&site).contains(&"*1".to_owned()));
    assert!(!ids(&other).contains(&"*2".to_owned()));
    named("south", &["undo", "last", "--apply", "--yes"]).code(0);
    let addresses = |site: &Site| -> Vec<String> {
        let rows = site.router.simulator.rows(LIST);
        let address = |row: &routeros_sim::Row| {
            String::from_utf8(row.get("address").unwrap().to_vec()).unwrap()
        };
        let mut addresses: Vec<String> = rows.iter().map(address).collect();
        addresses.sort();
        addresses
    };
    let all: Vec<String> = (1..=6).map(|n| format!("10.0.0.{n}")).collect();
    assert_eq!(addresses(&site), all);
    assert_eq!(addresses(&other), all);
}

#[test]
fn what_cannot_come_back_is_said_before_the_question() {
    const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik", "db"], writes: ["mikrotik:/ip/firewall/address-list", "db:guests"] };
fn run(args) {
    mikrotik::remove("/ip/firewall/address-list", "*1", "a try");
    db::execute("UPDATE guests SET name = $1 WHERE id = 1", ["Budi"]);
    report::create("A try")
}
"#;
    let site = Site::new();
    let database = sqlite::database();
    let rows = "(1, 'a'), (2, 'b'), (3, 'c')";
    database.execute(&format!(
        "CREATE TABLE guests (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO guests VALUES {rows};"
    ));
    let command = |args: &[&str]| {
        let command = site.command(args).env("DATABASE_URL", database.url());
        command.file("script.rhai", SCRIPT)
    };
    let mut screen = Screen::start(command(&["run", "./script.rhai", "--apply"]));
    let shown = screen.until("Make 2 changes? [y/N] ");
    assert!(
        shown.contains("1 statement of the database cannot be undone."),
        "{shown}"
    );
    screen.enter("y\n");
    let (code, said) = screen.end();
    assert_eq!(code, 0, "{said}");
    let mut screen = Screen::start(command(&["undo", "last", "--apply"]));
    let shown = screen.until("Make 1 change? [y/N] ");
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Not undone: UPDATE guests"), "{shown}");
    screen.enter("y\n");
    assert_eq!(screen.end().0, 0);
}
