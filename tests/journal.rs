//! Journals that are damaged, cut off, or of another version: what is readable is listed and undone,
//! and loss is never silent.

use std::path::PathBuf;

use routeros_sim::Row;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::redis;
use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";

/// Journals that 0.1.0 wrote of [`CHANGES`] on the rows of [`Site::fresh`]: one of a run that ended,
/// and one of a run that was killed before the last three outcomes.
const FINISHED: &str = include_str!("journals/20261127-220023-d1b143.jsonl");
const KILLED: &str = include_str!("journals/20261127-220041-de6f6a.jsonl");

const CHANGES: &str = r#"//! Sets one row, adds one, removes three.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{ list: "blocked" }, [".id", "list", "address", "comment"]);
    mikrotik::set(menu, "*2", #{ comment: "y|user=08123456702" }, "renamed");
    mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9" }, "a guest");
    mikrotik::remove_all(menu, [rows[0], rows[2], rows[3]], "stale");
    #{ title: "Changed." }
}"#;

struct Site {
    router: Router,
    state: TempDir,
}

impl Site {
    fn fresh() -> Site {
        let row = |n: usize| match n {
            1 => json!({ ".id": "*1", "list": "blocked", "address": "10.0.0.1",
                         "comment$hex": "757365723d3038313233343536373839e7",
                         "dynamic": "false", "disabled": "true" }),
            n => {
                json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                         "comment": format!("x|user=0812345670{n}"),
                         "dynamic": "false", "disabled": "false" })
            }
        };
        let rows: Vec<Value> = (1..=6).map(row).collect();
        Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    /// The rows as [`CHANGES`] leaves them.
    fn changed() -> Site {
        let site = Site::fresh();
        site.run();
        site
    }

    fn run(&self) {
        let tikbook = self.tikbook().file("changes.rhai", CHANGES);
        let tikbook = tikbook.args(["run", "./changes.rhai", "--apply", "--yes"]);
        tikbook.args(["--max-changes", "9"]).run().code(0);
    }

    fn tikbook(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        tikbook.env("XDG_STATE_HOME", self.state.path())
    }

    fn output(&self, args: &[&str]) -> Output {
        self.tikbook().args(args).run()
    }

    /// The only journal.
    fn journal(&self) -> PathBuf {
        journal_in(&self.state)
    }

    /// Puts a journal of 0.1.0 into the place of the only one, as one of this site's router.
    fn journal_of_0_1_0(&self, id: &str, text: &str) {
        std::fs::remove_file(self.journal()).unwrap();
        let start = text.find("127.0.0.1:").unwrap();
        let length = text[start..].find(')').unwrap();
        let address = self.router.simulator.address().to_string();
        let text = text.replace(&text[start..start + length], &address);
        let path = self.state.path().join("tikbook/journal/default");
        std::fs::write(path.join(format!("{id}.jsonl")), text).unwrap();
    }

    /// Address, comment and list of every row, in no order.
    fn rows(&self) -> Vec<Vec<Option<Vec<u8>>>> {
        let fields = |row: &Row| {
            let names = ["address", "comment", "list", "disabled"];
            names.map(|name| row.get(name).map(<[u8]>::to_vec)).to_vec()
        };
        let rows = self.router.simulator.rows(LIST);
        let mut rows: Vec<_> = rows.iter().map(fields).collect();
        rows.sort();
        rows
    }
}

#[test]
fn journals_of_0_1_0_are_read_and_undone() {
    let site = Site::changed();
    site.journal_of_0_1_0("20261127-220023-d1b143", FINISHED);
    let runs = site.output(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(runs[0]["state"], "finished");
    assert_eq!(runs[0]["runbook"], "changes");
    assert_eq!(runs[0]["changes"]["applied"], 5);
    assert_eq!(runs[0]["damage"], json!([]));
    site.output(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.rows(), Site::fresh().rows());
}

#[test]
fn a_killed_run_is_no_damage_wherever_its_last_line_ends() {
    let last = KILLED.trim_end().rfind('\n').unwrap() + 1;
    let lengths = [KILLED.len(), KILLED.len() - 1, last + 1, last + 200, last];
    for (length, changes) in lengths.into_iter().zip([5, 5, 4, 4, 4]) {
        let site = Site::changed();
        site.journal_of_0_1_0("20261127-220041-de6f6a", &KILLED[..length]);
        let runs = site.output(&["--json", "history"]).code(0).stdout_json();
        assert_eq!(runs[0]["state"], "unfinished", "{length}");
        assert_eq!(runs[0]["changes"]["planned"], changes, "{length}");
        site.output(&["undo", "last", "--apply", "--yes"]).code(0);
        // What the cut line was about to say had not been sent.
        let back = site.rows() == Site::fresh().rows();
        assert_eq!(back, changes == 5, "{length}");
    }
}

/// The only journal of the site `default`.
fn journal_in(state: &TempDir) -> PathBuf {
    let folder = state.path().join("tikbook/journal/default");
    let paths = std::fs::read_dir(folder).unwrap();
    let mut paths = paths.map(|entry| entry.unwrap().path());
    paths
        .find(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .unwrap()
}

/// How a journal of [`CHANGES`] is damaged: its bytes, the line that is named, and how many of its
/// five changes can still be undone.
struct Damage {
    kind: &'static str,
    damaged: Vec<u8>,
    line: Option<usize>,
    undone: u64,
}

fn damages(whole: &[u8]) -> Vec<Damage> {
    let lines: Vec<&[u8]> = whole.split_inclusive(|&byte| byte == b'\n').collect();
    let find = |text: &str| {
        let has = |line: &&[u8]| line.windows(text.len()).any(|part| part == text.as_bytes());
        lines.iter().position(has).unwrap()
    };
    let replaced = |line: usize, old: &str, new: &[u8]| {
        let mut lines: Vec<Vec<u8>> = lines.iter().map(|line| line.to_vec()).collect();
        let at = &lines[line];
        let place = at
            .windows(old.len())
            .position(|part| part == old.as_bytes());
        let place = place.unwrap();
        lines[line].splice(place..place + old.len(), new.iter().copied());
        lines.concat()
    };
    let without = |line: usize| [lines[..line].concat(), lines[line + 1..].concat()].concat();
    let damage = |kind, damaged, line: Option<usize>, undone| Damage {
        kind,
        damaged,
        line: line.map(|line| line + 1),
        undone,
    };
    let third = find("10.0.0.3");
    let of_third = |kind, old, new| damage(kind, replaced(third, old, new), Some(third), 4);
    let joined = {
        let (before, line) = (lines[..third].concat(), lines[third]);
        [
            &before,
            &line[..line.len() - 1],
            &lines[third + 1..].concat(),
        ]
        .concat()
    };
    let doubled = [lines[..=third].concat(), lines[third..].concat()].concat();
    vec![
        of_third("a byte of a text", "10.0.0.3", b"10.0.0.8"),
        of_third("a byte of a key", "before", b"befour"),
        of_third("a byte of a number", "\"n\":3", b"\"n\":7"),
        of_third("no UTF-8", "x|user", b"x\xff|user"),
        damage("an intention is lost", without(third), None, 4),
        damage("an outcome is lost", without(lines.len() - 2), None, 5),
        damage("a line is doubled", doubled, Some(third + 1), 5),
        damage("two lines are one", joined, Some(third), 5),
        damage(
            "NUL at the end",
            [whole, &[0; 512]].concat(),
            Some(lines.len()),
            5,
        ),
        damage(
            "the run is damaged",
            replaced(0, "changes", b"chan\x00es"),
            Some(0),
            5,
        ),
        damage("the run is lost", without(0), None, 5),
        damage("nothing is left", Vec::new(), None, 0),
    ]
}

#[test]
fn what_is_readable_of_a_damaged_journal_is_listed_and_undone_and_the_damage_is_said() {
    let whole = std::fs::read(Site::changed().journal()).unwrap();
    for n in 0..damages(&whole).len() {
        let site = Site::changed();
        let path = site.journal();
        let Damage {
            kind,
            damaged,
            line,
            undone,
        } = damages(&std::fs::read(&path).unwrap()).swap_remove(n);
        std::fs::write(&path, damaged).unwrap();

        let name = path.file_name().unwrap().to_str().unwrap();
        let id = name.strip_suffix(".jsonl").unwrap();
        let says = |output: &Output| {
            let stderr = output.stderr.replace(['\n', ' ', '│'], "");
            let place = line.map(|line| format!(",line{line}:")).unwrap_or_default();
            assert!(
                stderr.contains(&format!("{name}{place}")),
                "{kind}: {output}"
            );
        };
        let output = site.output(&["--json", "history"]).code(1);
        says(&output);
        let runs = output.stdout_json();
        assert_eq!(runs[0]["run"], id, "{kind}");
        assert_eq!(runs[0]["state"], "damaged", "{kind}");
        let output = site.output(&["history", id]).code(1);
        says(&output);
        assert!(output.stdout.contains("damaged"), "{kind}: {output}");

        let output = site.output(&["--json", "undo", id]).code(1);
        says(&output);
        let report = output.stdout_json();
        assert_eq!(report["changes"]["planned"], undone, "{kind}: {output}");
        assert_eq!(report["error"]["kind"], "journal", "{kind}: {output}");
        let output = site.output(&["undo", id, "--apply", "--yes"]).code(1);
        says(&output);
        let back = site.rows() == Site::fresh().rows();
        assert_eq!(back, undone == 5, "{kind}: {output}");
    }
}

#[test]
fn a_change_of_0_1_0_whose_place_is_damaged_is_left_and_the_others_are_undone() {
    let third = |text: &str| {
        let mut lines = text.lines();
        let line = lines.position(|line| line.contains("10.0.0.3")).unwrap();
        (line + 1, text.lines().nth(line).unwrap().to_owned())
    };
    let target = "mikrotik:/ip/firewall/address-list";
    let removed = r#""action":"remove""#;
    // A line that cannot mean a change is damage; what a change means that cannot be made is its own
    // conflict, or what the router says of it.
    let (damaged, conflict, failed) = ((1, None), (5, Some("conflict")), (5, Some("failed")));
    for (what, old, new, (code, status)) in [
        ("no service", target, "ip/firewall//address-list", damaged),
        (
            "no path",
            target,
            "mikrotik:ip/firewall/address-list",
            damaged,
        ),
        ("no menu", target, "mikrotik:/", damaged),
        (
            "a command",
            target,
            "mikrotik:/ip/firewall/address-list/remove",
            damaged,
        ),
        ("garbage", target, "mikrotik:/ip/f\u{fffd}rewall", damaged),
        ("a key", target, "redis:/ip/firewall/address-list", damaged),
        ("a table", target, "db:/ip/firewall/address-list", damaged),
        ("an action", removed, r#""action":"add""#, damaged),
        (
            "a menu that is none",
            target,
            "mikrotik:/ip/firewall/address-liss",
            conflict,
        ),
        (
            "a router that is none",
            removed,
            r#""action":"remove","router":"gw9""#,
            conflict,
        ),
        ("another menu", target, "mikrotik:/ip/arp", failed),
    ] {
        let site = Site::changed();
        let (line, text) = third(FINISHED);
        let altered = FINISHED.replace(&text, &text.replace(old, new));
        assert_ne!(altered, FINISHED, "{what}");
        site.journal_of_0_1_0("20261127-220023-d1b143", &altered);
        let undo = ["--json", "undo", "last", "--apply", "--yes"];
        let output = site.output(&undo).code(code);
        let report = output.stdout_json();
        assert_eq!(report["changes"]["applied"], 4, "{what}: {output}");
        let named = output.stderr.contains(&format!("line {line}:"));
        assert_eq!(named, status.is_none(), "{what}: {output}");
        let rows = report["changes"]["rows"].as_array().unwrap();
        let others = rows.iter().map(|row| row["status"].as_str());
        let others: Vec<_> = others.filter(|status| *status != Some("applied")).collect();
        assert_eq!(others, Vec::from_iter(status.map(Some)), "{what}: {output}");
        // The row of that change alone is not as it was.
        let (rows, before) = (site.rows(), Site::fresh().rows());
        let back: Vec<_> = before.iter().filter(|row| !rows.contains(row)).collect();
        let of_third: Vec<_> = back.iter().map(|row| row[0].as_deref()).collect();
        assert_eq!(of_third, [Some(&b"10.0.0.3"[..])], "{what}: {output}");
    }
    // Neither is an id that is none, by which no row was known anyway.
    let site = Site::changed();
    let altered = FINISHED.replace(r#""id":"*2""#, r#""id":"x2""#);
    site.journal_of_0_1_0("20261127-220023-d1b143", &altered);
    site.output(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.rows(), Site::fresh().rows());
}

#[test]
fn a_damaged_journal_does_not_hide_the_runs_of_the_others() {
    let site = Site::changed();
    let path = site.journal();
    std::fs::write(&path, "\u{0}\n").unwrap();
    site.output(&["undo", "last"]).code(1);
    let earlier = path.with_file_name("20261127-220023-d1b143.jsonl");
    let address = site.router.simulator.address().to_string();
    std::fs::write(earlier, FINISHED.replace("127.0.0.1:37387", &address)).unwrap();
    let runs = site.output(&["--json", "history"]).code(1).stdout_json();
    let states: Vec<_> = runs.as_array().unwrap().iter().collect();
    let states: Vec<_> = states.iter().map(|run| run["state"].as_str()).collect();
    assert_eq!(states, [Some("damaged"), Some("finished")]);
    let one = ["--json", "history", "20261127-220023-d1b143"];
    site.output(&one).code(0);
}

#[test]
fn the_journal_of_a_newer_version_is_refused_by_name() {
    let site = Site::changed();
    let path = site.journal();
    let text = std::fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let first = first.replace("tikbook.journal/2", "tikbook.journal/3");
    let newer = format!("{}\n{rest}", sealed(&first));
    std::fs::write(&path, newer).unwrap();

    let output = site.output(&["--json", "history"]).code(1);
    assert_eq!(output.stdout_json()[0]["state"], "newer");
    assert!(output.stderr.contains("tikbook.journal/3"), "{output}");
    let writes = site.router.simulator.received().writes();
    let output = site.output(&["undo", "last", "--apply", "--yes"]).code(6);
    assert!(output.stderr.contains("tikbook.journal/3"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), writes);
}

/// A line of a journal with the checksum that it would have been written with.
fn sealed(line: &str) -> String {
    let (covered, _) = line.split_once(",\"checksum\":").unwrap();
    format!("{covered},\"checksum\":\"{}\"}}", &sha256(covered)[..16])
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn digits_of_a_saved_value_that_are_damaged_are_damage_and_no_empty_value() {
    let redis = redis::Server::start();
    redis.command(&["SET", "quota_sync:a", "one"]);
    redis.command(&["SET", "quota_sync:b", "two"]);
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let script = "//! Writes.\nconst RUNBOOK = #{ reads: [\"redis\"], writes: [\"redis:quota_sync:*\"] };\n\
                  fn run(args) { redis::set(\"quota_sync:a\", \"x\", 90); \
                  redis::command(\"SET\", [\"quota_sync:b\", blob(2, 255)]); #{} }\n";
    let output = |args: &[&str]| {
        let tikbook = redis.tikbook(state.path());
        tikbook.file("keys.rhai", script).args(args).run()
    };
    let plan = state.path().join("keys.plan");
    let plan = plan.to_str().unwrap();
    output(&["run", "./keys.rhai", "--plan", plan]).code(0);
    output(&["run", "./keys.rhai", "--apply", "--yes"]).code(0);

    let found = journal_in(&state);
    let journal = std::fs::read_to_string(&found).unwrap();
    let damage = |line: &str| match line.contains("\"n\":0,\"change\"") {
        true => sealed(&line.replacen("\"dump\":\"00", "\"dump\":\"0", 1)),
        false => line.to_owned(),
    };
    let damaged: Vec<String> = journal.lines().map(damage).collect();
    assert_ne!(damaged.join("\n"), journal.trim_end());
    std::fs::write(&found, damaged.join("\n") + "\n").unwrap();
    let listed = output(&["--json", "history"]).code(1);
    assert_eq!(listed.stdout_json()[0]["state"], "damaged", "{listed}");
    assert!(listed.stderr.contains("line 2"), "{listed}");
    output(&["undo", "last", "--apply", "--yes"]).code(1);
    assert_eq!(redis.command(&["GET", "quota_sync:a"]), "$1\r\nx\r\n");
    assert_eq!(redis.command(&["GET", "quota_sync:b"]), "$3\r\ntwo\r\n");

    let mut edited: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    let words = &mut edited["changes"][1]["words"];
    let word = words.as_array_mut().unwrap().iter_mut();
    let word = word.filter_map(|word| word.get_mut("$hex")).next().unwrap();
    assert_eq!(*word, "ffff");
    *word = "fffg".into();
    edited["checksum"] = "".into();
    edited["checksum"] = format!("sha256:{}", sha256(&edited.to_string())).into();
    std::fs::write(plan, edited.to_string()).unwrap();
    let refused = output(&["apply", plan]).code(2);
    assert!(refused.stderr.contains("is not a plan"), "{refused}");
}
