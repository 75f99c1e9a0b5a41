//! Runs of many mixed changes that are killed in each of their phases, and undos of such runs: the
//! journal explains every row that is another one, and undoing brings all of it back.

use std::collections::BTreeSet;
use std::time::Duration;

use routeros_sim::Faults;
use serde_json::{Value, json};

use super::halfway::kill;
use super::{LIST, Site};
use crate::support::tikbook::Running;
use crate::support::{Harness, chance, harness, wait_until};

/// How many changes a run makes, and how often each phase is met.
fn size() -> (u64, u64) {
    match harness() {
        Harness::Short => (200, 1),
        Harness::Full => (1_000, 10),
    }
}

fn changes() -> u64 {
    size().0
}

/// Of ten changes three remove rows, three set them, and four add some, in turns.
fn mixed() -> String {
    MIXED.replace("ADDED", &(changes() * 4 / 10).to_string())
}

const MIXED: &str = r#"//! Mixed.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{ list: "blocked" });
    for n in 0..rows.len() {
        if n % 3 == 0 { mikrotik::remove(menu, rows[n], "killed"); }
        if n % 3 == 1 { mikrotik::set(menu, rows[n], #{ comment: "new|user=0812345678", disabled: true }, "killed"); }
        if n < ADDED {
            let row = #{ list: "blocked", address: `10.9.${n / 200}.${n % 200}`, comment: "added|user=0812345678" };
            if n % 2 == 0 { row.timeout = "2h"; }
            mikrotik::add(menu, row, "killed");
        }
    }
    #{ }
}"#;

const FLAGS: [&str; 4] = ["--apply", "--yes", "--max-changes", "1000"];

/// Where a run is when it is killed, by what can be seen of it from outside.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// It reads its second plan: there is no intention yet.
    BeforeTheIntention,
    /// So many of its changes are sent, and not all of these answered.
    Sent,
    /// All are sent, and the last are on their way.
    Answered,
    /// It reads again what it made.
    Verifying,
    /// It ends.
    End,
}

const PHASES: [Phase; 5] = [
    Phase::BeforeTheIntention,
    Phase::Sent,
    Phase::Answered,
    Phase::Verifying,
    Phase::End,
];

#[test]
fn a_run_that_is_killed_in_any_phase_is_explained_and_undone() {
    for (place, phase) in (0..).zip(PHASES) {
        for time in 0..size().1 {
            let seed = place * 1_000 + time;
            let site = site();
            let before = site.writable();
            let running = site.start(&mixed(), &FLAGS);
            meet(&site, phase, seed);
            kill(&running);
            drop(running);
            site.router.simulator.set_faults(Faults::default());
            explained(&site, &before, phase, seed);
            undone(&site, &before, &format!("{phase:?} {seed}"));
        }
    }
}

#[test]
fn an_undo_that_is_killed_is_gone_on_with() {
    for time in 0..2 * size().1 {
        let site = site();
        let before = site.writable();
        site.run(&mixed(), &FLAGS).code(0);
        let running = undoing(&site);
        let sent = changes() + chance(time, changes());
        wait_until("the undo has sent so much", || writes(&site) >= sent);
        kill(&running);
        drop(running);
        site.router.simulator.set_faults(Faults::default());
        undone(&site, &before, &format!("{sent}"));
    }
}

fn site() -> Site {
    let row = |n: usize| {
        let mut row = json!({ ".id": format!("*{n:X}"), "list": "blocked", "disabled": "false",
                "address": format!("10.0.{}.{}", n / 250, n % 250),
                "comment": format!("x|user=0812345{n:04}") });
        if n.is_multiple_of(5) {
            row["timeout"] = "2d".into();
        }
        row
    };
    let count = usize::try_from(changes() * 9 / 10).unwrap();
    let rows: Vec<Value> = (1..=count).map(row).collect();
    let site = Site::of(&json!({ LIST: rows }));
    slow(&site);
    site
}

/// There is time to meet a phase.
fn slow(site: &Site) {
    site.router.simulator.set_faults(Faults {
        latency: Duration::from_millis(3),
        ..Faults::default()
    });
}

fn undoing(site: &Site) -> Running {
    slow(site);
    let undo = ["undo", "last"].iter().chain(&FLAGS);
    site.command().args(undo).start()
}

fn meet(site: &Site, phase: Phase, seed: u64) {
    let prints = || site.router.simulator.received().of(LIST, "print");
    match phase {
        Phase::BeforeTheIntention => {
            let count = 3 + chance(seed, 4);
            wait_until("it plans a second time", || {
                prints() >= count || writes(site) > 0
            });
        }
        Phase::Sent => {
            let sent = 1 + chance(seed, changes() - 1);
            wait_until("it has sent so much", || writes(site) >= sent);
        }
        Phase::Answered => wait_until("it has sent all", || writes(site) >= changes()),
        Phase::Verifying | Phase::End => {
            wait_until("it has sent all", || writes(site) >= changes());
            let read = prints();
            wait_until("it reads again", || prints() > read || is_finished(site));
            if matches!(phase, Phase::End) {
                std::thread::sleep(Duration::from_millis(chance(seed, 40)));
            }
        }
    }
}

fn writes(site: &Site) -> u64 {
    site.router.simulator.received().writes()
}

fn is_finished(site: &Site) -> bool {
    let last = site.tikbook(&["--json", "history", "last"]);
    last.stdout.contains("\"state\": \"finished\"")
}

type Rows = Vec<Vec<(String, Vec<u8>)>>;

/// Every row that is another one now is in the journal, as applied or as one of which nobody knows yet.
fn explained(site: &Site, before: &Rows, phase: Phase, seed: u64) {
    let now = site.writable();
    let address = |row: &Vec<(String, Vec<u8>)>| {
        let (_, value) = row.iter().find(|(name, _)| name == "address").unwrap();
        String::from_utf8(value.clone()).unwrap()
    };
    let of = |rows: &Rows| rows.iter().cloned().collect::<BTreeSet<_>>();
    let (before, now) = (of(before), of(&now));
    let changed: BTreeSet<String> = before.symmetric_difference(&now).map(address).collect();
    if changed.is_empty() {
        return;
    }
    let run = site.tikbook(&["--json", "history", "last"]).stdout_json();
    let known: BTreeSet<String> = run["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| matches!(row["status"].as_str(), None | Some("applied" | "unknown")))
        .filter_map(|row| {
            let row = [&row["before"], &row["after"]];
            let row = row.into_iter().find(|row| !row.is_null())?;
            row["address"].as_str().map(str::to_owned)
        })
        .collect();
    let unexplained: Vec<&String> = changed.difference(&known).collect();
    assert!(unexplained.is_empty(), "{phase:?} {seed}: {unexplained:?}");
}

/// Undoing brings all of it back, and says so.
fn undone(site: &Site, before: &Rows, what: &str) {
    let undo = ["undo", "last"].iter().chain(&FLAGS);
    let undo: Vec<&str> = undo.copied().collect();
    let output = site.tikbook(&undo);
    // It was killed before it changed anything, or after it had come to its end.
    let nothing = [
        "no run has changed",
        "every run that changed this site was undone",
    ];
    let nothing = nothing.iter().any(|said| output.stderr.contains(said));
    assert!(output.status.success() || nothing, "{what}: {output}");
    assert!(site.writable() == *before, "{what}: {output}");
}

/// How many rows there are once nothing more of what was sent arrives.
fn settled(site: &Site) -> usize {
    let rows = || site.router.ids(LIST).len();
    let mut before = rows();
    wait_until("nothing more arrives", || {
        std::thread::sleep(Duration::from_millis(1_500));
        std::mem::replace(&mut before, rows()) == before
    });
    before
}

#[test]
fn what_was_undone_in_two_goes_is_said_as_it_was_and_needs_nobody() {
    let site = Site::with_rows(40);
    let before = site.writable();
    // Whatever is sent is on its way long enough to be cut off there.
    site.router.simulator.set_faults(Faults {
        latency: Duration::from_millis(700),
        ..Faults::default()
    });
    let running = site.start(super::WIPE, &["--apply", "--yes", "--max-changes", "40"]);
    site.wait_for_removes(10);
    kill(&running);
    drop(running);
    let made = 40 - settled(&site);
    let cut_off = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    assert_eq!(cut_off[0]["state"], "unfinished");
    // The first undo is cut off as well.
    let undo = ["undo", "last"].iter().chain(&FLAGS);
    let running = site.command().args(undo).start();
    let added = || site.router.simulator.received().of(LIST, "add");
    wait_until("the undo has sent so much", || added() >= 3);
    kill(&running);
    drop(running);
    let back = settled(&site) - (40 - made);
    let listed = site.tikbook(&["history"]).code(0).stdout;
    assert_eq!(states(&listed), ["unfinished", "unfinished"], "{listed}");
    site.router.simulator.set_faults(Faults::default());
    undone(&site, &before, "two goes");

    let runs = site.tikbook(&["--json", "history"]).code(0).stdout_json();
    let [last, first, run] = &runs.as_array().unwrap()[..] else {
        panic!("{runs}");
    };
    assert_eq!(run["undone_by"], last["run"], "{runs}");
    assert_eq!(first["continued_by"], last["run"], "{runs}");
    assert_eq!(run["continued_by"], Value::Null, "{runs}");
    for (run, count) in [(run, made), (first, back), (last, made - back)] {
        assert_eq!(run["changes"]["applied"], count, "{made} {back} {runs}");
        assert_eq!(run["changes"]["unknown"], 0, "{runs}");
    }
    let listed = site.tikbook(&["history"]).code(0).stdout;
    assert_eq!(
        states(&listed),
        ["finished", "continued", "undone"],
        "{listed}"
    );
    assert!(listed.contains(&format!(" {made} of 40")), "{listed}");
    assert!(!listed.contains("trouble"), "{listed}");
    let id = run["run"].as_str().unwrap();
    let shown = site.tikbook(&["history", id]).code(0).stdout;
    assert!(
        shown.contains(&format!("Run {id} of script: undone")),
        "{shown}"
    );
    // Other runs come before it again.
    site.run(super::WIPE, &["--apply", "--yes", "--max-changes", "40"])
        .code(0);
    let listed = site.tikbook(&["history"]).code(0).stdout;
    let expected = ["finished", "finished", "continued", "undone"];
    assert_eq!(states(&listed), expected, "{listed}");
}

/// The states of the runs, in the order of the list.
fn states(listed: &str) -> Vec<String> {
    let words = ["unfinished", "continued", "finished", "undone", "partial"];
    let is_run = |line: &&str| {
        // What an undo undoes stands below it where there is no room.
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        first.len() == "20261128-182301-512a09".len() && words.next().is_some()
    };
    let lines = listed.lines().filter(is_run);
    let state = |line: &str| {
        let word = line.split_whitespace().find(|word| words.contains(word));
        word.unwrap_or_default().to_owned()
    };
    lines.map(state).collect()
}
