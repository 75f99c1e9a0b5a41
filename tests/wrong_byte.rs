//! One wrong byte at any place of a journal: either all of the run is undone, or the damage is said by
//! its line and everything else is listed and undone; nothing is lost in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use routeros_sim::{Row, State};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{Harness, chance, harness, redis, sqlite};

const LIST: &str = "/ip/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

/// Rows removed, set and added in a menu without an order and in one with it, keys and a statement.
const CHANGES: &str = r#"//! Changes of every kind.
const RUNBOOK = #{ reads: ["mikrotik", "redis", "db"],
    writes: ["mikrotik:/ip/firewall/address-list", "mikrotik:/ip/hotspot/ip-binding",
             "redis:quota_sync:*", "db:application_settings"] };
fn run(args) {
    let list = "/ip/firewall/address-list";
    let rows = mikrotik::rows(list);
    for n in 0..rows.len() {
        switch n % 3 {
            0 => mikrotik::remove(list, rows[n], "wrong"),
            1 => mikrotik::set(list, rows[n], #{ comment: "new|user=0812345678", disabled: true }, "wrong"),
            _ => mikrotik::add(list, #{ list: "vip", address: `10.9.9.${n + 10}`, comment: "added|user=0812345678" }, "wrong"),
        }
    }
    redis::set("quota_sync:a", "new");
    redis::delete("quota_sync:b");
    let bindings = "/ip/hotspot/ip-binding";
    mikrotik::remove(bindings, "*2", "wrong");
    mikrotik::remove(bindings, "*3", "wrong");
    mikrotik::add(bindings, #{ address: "10.8.8.18", type: "bypassed" }, "wrong");
    db::execute("INSERT INTO application_settings (setting_key, setting_value) VALUES ($1, $2)", ["KEY", "value"]);
    #{ }
}"#;

/// Why a key stays as a command left it.
const NOT_SAID: &str = "the journal does not say how the command left it";
const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "99"];

/// In what way a byte is wrong.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Changed,
    Missing,
    Added,
}

#[test]
fn a_changed_byte_of_a_journal_loses_nothing_in_silence() {
    check(Wrong::Changed);
}

#[test]
fn a_missing_byte_of_a_journal_loses_nothing_in_silence() {
    check(Wrong::Missing);
}

#[test]
fn an_added_byte_of_a_journal_loses_nothing_in_silence() {
    check(Wrong::Added);
}

/// How many places are taken by chance, and how many ends of lines.
fn size() -> (u64, usize) {
    match harness() {
        Harness::Short => (4, 1),
        Harness::Full => (250, 25),
    }
}

fn check(wrong: Wrong) {
    let made = Made::new();
    let whole = std::fs::read(&made.journal).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|&byte| byte == b'\n');
    // A run that was killed before its end is read in another way.
    let unfinished = &whole[..=last.unwrap()];
    let (by_chance, ends) = size();
    for (journal, seed) in [(&whole[..], 0), (unfinished, 1_000)] {
        let length = u64::try_from(journal.len()).unwrap();
        let places = (0..by_chance).map(|n| chance(seed + n, length));
        let places = places.map(|place| usize::try_from(place).unwrap());
        let ends_of_lines = (0..journal.len()).filter(|&place| journal[place] == b'\n');
        let lines = ends_of_lines.clone().count();
        let ends = ends_of_lines
            .step_by(lines.div_ceil(ends))
            .chain([journal.len() - 1]);
        for place in places.chain(ends) {
            made.meets(journal, wrong, place);
        }
    }
}

/// A site as [`CHANGES`] left it, with the journal of it.
struct Made {
    router: Router,
    redis: redis::Server,
    database: sqlite::Database,
    state: TempDir,
    before: Things,
    after: Things,
    changed: State,
    journal: PathBuf,
}

/// Rows by their addresses and keys of Redis by their names, each with what it is.
type Things = BTreeMap<String, String>;

impl Made {
    fn new() -> Made {
        let row = |n: usize| {
            json!({ ".id": format!("*{n:X}"), "list": "blocked", "address": format!("10.0.0.{}", n + 10),
                    "comment": format!("x|user=081234567{n:02}"), "disabled": "false" })
        };
        let binding = |n: usize| {
            json!({ ".id": format!("*{n}"), "address": format!("10.8.8.{}", n + 10),
                    "type": "bypassed", "comment": format!("device {n}"), "disabled": "false" })
        };
        let rows: Vec<Value> = (1..=12).map(row).collect();
        let bindings: Vec<Value> = (1..=5).map(binding).collect();
        let mut made = Made {
            router: Router::with(&json!({ LIST: rows, BINDINGS: bindings }).to_string()),
            redis: redis::Server::start(),
            database: sqlite::database_with_schema(),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
            before: Things::new(),
            after: Things::new(),
            changed: State::new(),
            journal: PathBuf::new(),
        };
        made.redis.command(&["SET", "quota_sync:a", "one"]);
        made.redis.command(&["SET", "quota_sync:b", "two"]);
        made.before = made.things();
        let run = made.tikbook().file("changes.rhai", CHANGES);
        let run = run.args(["run", "./changes.rhai"]).args(APPLY);
        run.run().code(0);
        made.after = made.things();
        assert_eq!(difference(&made.before, &made.after).len(), 17);
        made.changed = made.router.simulator.state();
        made.journal = made.journals().swap_remove(0);
        made
    }

    fn tikbook(&self) -> Tikbook {
        let tikbook = self.router.tikbook(self.redis.tikbook(self.state.path()));
        tikbook.env("DATABASE_URL", self.database.url())
    }

    fn output(&self, args: &[&str]) -> Output {
        self.tikbook().args(args).run()
    }

    fn journals(&self) -> Vec<PathBuf> {
        let folder = self.state.path().join("tikbook/journal/default");
        let entries = std::fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_journal = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "jsonl");
        paths.filter(is_journal).collect()
    }

    fn things(&self) -> Things {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let settable = ["list", "address", "type", "comment", "disabled"];
        let of_row = |row: &Row| {
            let fields = row.fields().map(|(name, value)| (text(name), text(value)));
            let fields = fields.filter(|(name, _)| settable.contains(&name.as_str()));
            let fields: BTreeMap<_, _> = fields.collect();
            (fields["address"].clone(), format!("{fields:?}"))
        };
        let rows = [LIST, BINDINGS].map(|menu| self.router.simulator.rows(menu));
        let rows = rows.iter().flatten().map(of_row);
        let keys = ["quota_sync:a", "quota_sync:b"].map(|key| {
            let value = self.redis.command(&["GET", key]);
            (key.to_owned(), value)
        });
        rows.chain(keys).collect()
    }

    /// The addresses of the menu whose order counts.
    fn order(state: &State) -> Vec<Vec<u8>> {
        let rows = state.rows(BINDINGS).iter();
        rows.map(|row| row.get("address").unwrap().to_vec())
            .collect()
    }

    /// The site as the run left it, with this journal alone.
    fn restore(&self, journal: &[u8]) {
        self.router
            .simulator
            .edit(|state| *state = self.changed.clone());
        self.redis.command(&["SET", "quota_sync:a", "new"]);
        self.redis.command(&["DEL", "quota_sync:b"]);
        for path in self.journals() {
            std::fs::remove_file(path).unwrap();
        }
        std::fs::write(&self.journal, journal).unwrap();
        assert_eq!(self.things(), self.after);
    }

    fn meets(&self, journal: &[u8], wrong: Wrong, place: usize) {
        let seed = u64::try_from(place).unwrap();
        let any = |limit| u8::try_from(chance(seed, limit)).unwrap();
        let mut damaged = journal.to_vec();
        match wrong {
            Wrong::Changed => damaged[place] ^= any(255) + 1,
            Wrong::Missing => drop(damaged.remove(place)),
            Wrong::Added => damaged.insert(place, any(256)),
        }
        self.restore(&damaged);
        let touched = touched(journal, place);
        let what = format!("{wrong:?} {place} in line {}", touched[0].0);
        let id = self.journal.file_stem().unwrap().to_str().unwrap();
        let listed = self.output(&["--json", "history", id]);
        let undone = self.output(&[&["undo", id], &APPLY[..]].concat());
        let outputs = format!("{what}\n{listed}\n{undone}");
        assert!(!outputs.contains("panicked"), "{outputs}");
        assert_eq!(listed.status, undone.status, "{outputs}");

        let things = self.things();
        let not_back = difference(&self.before, &things);
        match undone.status.code() {
            Some(0) => assert_eq!(not_back, BTreeSet::new(), "{outputs}"),
            Some(1) => {
                for output in [&listed, &undone] {
                    says_where(output, &self.journal, &touched, &outputs);
                }
            }
            _ => panic!("{outputs}"),
        }
        // Only what a damaged line alone knew may be as the run left it. How a command left a key stands
        // in its outcome alone, and that it cannot be undone then is said.
        let is_intention = |line: &&str| line.contains(r#""intention""#);
        let (lost, outcomes): (Vec<&str>, Vec<&str>) = touched
            .iter()
            .map(|(_, line)| *line)
            .partition(is_intention);
        for thing in not_back.iter().map(String::as_str) {
            let is_left = outcomes.iter().any(|line| line.contains(thing))
                && thing.starts_with("quota_sync:")
                && undone.stdout.replace('\n', " ").contains(NOT_SAID);
            assert!(
                is_left || lost.iter().any(|line| line.contains(thing)),
                "{thing}: {outputs}"
            );
            assert_eq!(things.get(thing), self.after.get(thing), "{outputs}");
        }
        if not_back.is_empty() {
            let before = Made::order_before();
            assert_eq!(
                Made::order(&self.router.simulator.state()),
                before,
                "{outputs}"
            );
        }
        let all = journal_lines(journal).filter(is_intention);
        let rows = listed.stdout_json()["rows"].as_array().unwrap().len();
        assert!(rows + lost.len() >= all.count(), "{outputs}");
    }

    fn order_before() -> Vec<Vec<u8>> {
        let address = |n: usize| format!("10.8.8.{}", n + 10).into_bytes();
        (1..=5).map(address).collect()
    }
}

fn journal_lines(journal: &[u8]) -> impl Iterator<Item = &str> {
    std::str::from_utf8(journal).unwrap().lines()
}

/// The lines of which the byte at `place` is a part, with their numbers: of the end of a line also the
/// next one.
fn touched(journal: &[u8], place: usize) -> Vec<(usize, &str)> {
    let ends = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
    let first = ends(&journal[..place]);
    let count = 1 + ends(&journal[place..=place]);
    let lines = (1..).zip(journal_lines(journal));
    lines.skip(first).take(count).collect()
}

/// The damage is said with a line that it touches, or that an end of a line more or less makes of it.
fn says_where(output: &Output, journal: &Path, touched: &[(usize, &str)], outputs: &str) {
    let name = journal.file_name().unwrap().to_str().unwrap();
    let stderr = output.stderr.replace(['\n', ' ', '│'], "");
    let first = touched[0].0;
    let is_said = |line: usize| stderr.contains(&format!("{name},line{line}:"));
    assert!((first..=first + 1).any(is_said), "{outputs}");
}

/// What is not the same in both.
fn difference(before: &Things, now: &Things) -> BTreeSet<String> {
    let names = before.keys().chain(now.keys());
    let changed = names.filter(|name| before.get(*name) != now.get(*name));
    changed.cloned().collect()
}
