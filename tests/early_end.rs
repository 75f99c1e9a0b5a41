//! Runs that end early after they changed something: whatever ends them, it is said what was made,
//! which run it was, and how to undo it.

use std::time::Duration;

use nix::sys::signal::Signal;
use routeros_sim::Faults;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Running, Tikbook};
use crate::support::wait_until;

const LIST: &str = "/ip/firewall/address-list";

/// Removes the first row, then does `next` when that is made.
fn script(next: &str) -> String {
    planning("mikrotik::remove(menu, rows[0], \"a try\")", next)
}

/// Plans `plan`, and does `next` when that is made.
fn planning(plan: &str, next: &str) -> String {
    format!(
        r#"//! Removes rows, and ends early.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] }};
fn run(args) {{
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu, #{{ list: "blocked" }}, [".id", "list", "address", "comment"]);
    {plan};
    #{{ title: "Rows were removed." }}
}}
fn after(args, done, report) {{
    let menu = "/ip/firewall/address-list";
    {next};
}}"#
    )
}

/// Words as they were before they were broken into lines.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Site {
    /// How many rows there were.
    count: usize,
    router: Router,
    state: TempDir,
}

impl Site {
    fn with_rows(count: usize) -> Site {
        let row = |n: usize| {
            json!({ ".id": format!("*{n:X}"), "list": "blocked",
                    "address": format!("10.0.{}.{}", n / 256, n % 256),
                    "comment": format!("x|user=081234567{n:02}") })
        };
        let rows: Vec<Value> = (1..=count).map(row).collect();
        Site {
            count,
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn tikbook(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        tikbook.env("XDG_STATE_HOME", self.state.path())
    }

    fn start(&self, next: &str, flags: &[&str]) -> Running {
        self.start_text(&script(next), flags)
    }

    fn start_text(&self, script: &str, flags: &[&str]) -> Running {
        let tikbook = self.tikbook().file("script.rhai", script);
        let tikbook = tikbook.args(flags).args(["run", "./script.rhai"]);
        tikbook.args(["--apply", "--yes"]).start()
    }

    /// The journal has the change once its row was read again.
    fn wait_for_a_change_in_the_journal(&self) {
        wait_until("the journal has the change", || {
            let last = self.tikbook().args(["--json", "history", "last"]).run();
            // Before the first change there may be no run yet.
            last.stdout.contains("\"applied\": 1")
        });
    }

    /// Adds the row that scripts wait for.
    fn go(&self) {
        let row = [("address", "10.9.9.9".as_bytes())];
        self.router
            .simulator
            .edit(|state| state.add("/ip/arp", row));
    }

    fn wait_for(&self, verb: &str, count: u64) {
        wait_until("the router is asked often enough", || {
            self.router.simulator.received().of(LIST, verb) >= count
        });
    }

    /// What was made is said, in the form that `flags` ask for, and is what happened.
    fn made(&self, output: &Output, expected: &str) -> Value {
        let history = self.tikbook().args(["--json", "history", "last"]).run();
        let run = history.stdout_json();
        let id = run["run"].as_str().unwrap();
        let gone = self.count - self.router.ids(LIST).len();
        assert!(gone > 0, "{output}");
        let undo = format!("tikbook undo {id}");
        let said = in_one_line(&output.stderr);
        assert!(said.contains(expected), "{expected}: {output}");
        assert!(said.contains(&undo), "{output}");
        if output.stdout.starts_with('{') {
            let report = output.stdout_json();
            assert_eq!(report["changes"]["run"], id, "{output}");
            assert_eq!(report["changes"]["undo"], undo);
            assert_eq!(report["changes"]["applied"], gone, "{output}");
            assert_eq!(report["error"]["exit_code"], 5, "{output}");
        } else {
            let applied = output
                .stdout
                .lines()
                .find(|line| line.contains("changes applied"));
            let applied = applied.unwrap_or_default();
            assert!(applied.ends_with(&format!(" {gone}")), "{output}");
            assert!(in_one_line(&output.stdout).contains(&undo), "{output}");
        }
        run
    }
}

const BOTH: [&[&str]; 2] = [&[], &["--json"]];

#[test]
fn a_script_that_fails_after_a_change_says_what_it_made() {
    for flags in BOTH {
        let site = Site::with_rows(6);
        let output = site
            .start("throw \"something else\"", flags)
            .finish()
            .code(5);
        site.made(&output, "something else");
        assert_eq!(site.router.ids(LIST).len(), 5);
        let undone = site.tikbook().args(["undo", "last", "--apply", "--yes"]);
        undone.run().code(0);
        assert_eq!(site.router.ids(LIST).len(), 6);
    }
}

/// What ends a run in order.
const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

#[test]
fn a_signal_after_a_change_is_an_end_in_part_and_one_before_is_an_interrupt() {
    let cases = SIGNALS.map(|signal| BOTH.map(|flags| (signal, flags)));
    for (signal, flags) in cases.into_iter().flatten() {
        let site = Site::with_rows(6);
        let running = site.start("while true { mikrotik::count(menu) }", flags);
        site.wait_for_a_change_in_the_journal();
        running.signal(signal);
        let output = running.finish().code(5);
        let run = site.made(&output, "stopped");
        assert_ne!(run["state"], "unfinished", "{signal:?}: {output}");

        let site = Site::with_rows(6);
        let before = planning("while true { mikrotik::count(menu) }", "()");
        let running = site.start_text(&before, flags);
        site.wait_for("print", 2);
        running.signal(signal);
        let output = running.finish().code(130);
        assert!(!output.stderr.contains("undo"), "{signal:?}: {output}");
    }
}

/// The signals by their numbers on Linux, real-time ones too, whose default ends a process, and that are
/// no report of a fault of the program itself.
fn ending() -> Vec<i32> {
    let others = |signal: &i32| {
        let named = Signal::try_from(*signal).ok();
        let is_other = |signal: Signal| {
            matches!(
                signal,
                // They cannot be caught.
                Signal::SIGKILL | Signal::SIGSTOP
                // Faults.
                | Signal::SIGILL | Signal::SIGTRAP | Signal::SIGABRT | Signal::SIGBUS
                | Signal::SIGFPE | Signal::SIGSEGV | Signal::SIGSYS
                // By default they end nothing.
                | Signal::SIGCHLD | Signal::SIGCONT | Signal::SIGTSTP | Signal::SIGTTIN
                | Signal::SIGTTOU | Signal::SIGURG | Signal::SIGWINCH
                // What is written says so.
                | Signal::SIGPIPE | Signal::SIGXFSZ
            )
        };
        !named.is_some_and(is_other)
    };
    // The library of C has 32 and 33 for itself.
    (1..=31).chain(34..=64).filter(others).collect()
}

#[test]
fn every_signal_that_would_end_the_process_ends_a_run_in_order() {
    let site = Site::with_rows(64);
    let signals = ending();
    assert!(signals.len() > 40, "{signals:?}");
    for signal in signals {
        let before = site.router.ids(LIST).len();
        let running = site.start("while true { mikrotik::count(menu) }", &[]);
        wait_until("the row is gone and the script goes on", || {
            let last = site.tikbook().args(["--json", "history", "last"]).run();
            site.router.ids(LIST).len() == before - 1 && last.stdout.contains("\"applied\": 1")
        });
        running.signal_number(signal);
        let output = running.finish().code(5);
        let said = in_one_line(&output.stderr);
        assert!(said.contains("tikbook undo 2"), "{signal}: {output}");
        assert!(
            output.stdout.contains("changes applied"),
            "{signal}: {output}"
        );
    }
}

#[test]
fn a_signal_while_the_last_change_is_on_its_way_tells_that_it_was_made() {
    for flags in BOTH {
        let site = Site::with_rows(6);
        let plan = "while mikrotik::count(\"/ip/arp\") == 0 { }\n\
                    mikrotik::remove_all(menu, rows.take(2), \"a try\")";
        let running = site.start_text(&planning(plan, "()"), flags);
        site.wait_for("print", 1);
        // The changes are on their way for so long, and the look at what they did as long again.
        let faults = Faults {
            latency: Duration::from_secs(2),
            ..Faults::default()
        };
        site.router.simulator.set_faults(faults);
        site.go();
        site.wait_for("remove", 2);
        running.signal(Signal::SIGINT);
        let output = running.finish().code(5);
        assert_eq!(site.router.ids(LIST).len(), 4, "{output}");
        site.made(&output, "the run was stopped: 2 of 2 changes were made");
        assert!(!output.stderr.contains("before its"), "{output}");
    }
}

#[test]
fn a_run_that_was_started_to_outlive_its_terminal_does() {
    let site = Site::with_rows(6);
    let go = "while mikrotik::count(\"/ip/arp\") == 0 { mikrotik::count(menu) }";
    let tikbook = site.tikbook().file("script.rhai", script(go));
    let running = tikbook
        .args(["run", "./script.rhai", "--apply", "--yes"])
        .without_hang_up()
        .start();
    site.wait_for_a_change_in_the_journal();
    running.signal(Signal::SIGHUP);
    // It goes on reading long after the signal.
    let received = || site.router.simulator.received().of(LIST, "print");
    site.wait_for("print", received() + 50);
    site.go();
    let output = running.finish().code(0);
    assert!(output.stdout.contains("Rows were removed."), "{output}");
}

#[test]
fn a_terminal_that_is_closed_ends_the_run_in_order() {
    let site = Site::with_rows(6);
    let work = script("while true { mikrotik::count(menu) }");
    let tikbook = site.tikbook().file("script.rhai", work);
    let tikbook = tikbook.args(["run", "./script.rhai", "--apply"]);
    let mut screen = Screen::start(tikbook);
    screen.until("[y/N] ");
    screen.enter("y\n");
    site.wait_for_a_change_in_the_journal();
    assert_eq!(screen.close(), 5);
    assert_eq!(site.router.ids(LIST).len(), 5);
    let run = site.tikbook().args(["--json", "history", "last"]).run();
    assert_ne!(run.stdout_json()["state"], "unfinished", "{run}");
    let undone = site.tikbook().args(["undo", "last", "--apply", "--yes"]);
    undone.run().code(0);
    assert_eq!(site.router.ids(LIST).len(), 6);
}

#[test]
fn a_terminal_that_is_closed_at_the_question_is_an_interrupt() {
    let site = Site::with_rows(6);
    let tikbook = site.tikbook().file("script.rhai", script("()"));
    let tikbook = tikbook.args(["run", "./script.rhai", "--apply"]);
    let mut screen = Screen::start(tikbook);
    screen.until("[y/N] ");
    assert_eq!(screen.close(), 130);
    assert_eq!(site.router.ids(LIST).len(), 6);
}

#[test]
fn a_disk_without_room_for_the_journal_is_told_before_anything_is_sent() {
    for (flags, limited) in [
        (
            BOTH[0],
            Tikbook::with_small_disk as fn(Tikbook, u32) -> Tikbook,
        ),
        (BOTH[1], Tikbook::with_small_disk),
        // Of files that may not grow the system says so by a signal that ends a process.
        (BOTH[0], Tikbook::with_limited_files),
        (BOTH[1], Tikbook::with_limited_files),
    ] {
        let site = Site::with_rows(1_500);
        let work = planning("mikrotik::remove_all(menu, rows, \"many\")", "()");
        let tikbook = site.tikbook().file("script.rhai", work);
        let tikbook = tikbook
            .args(flags)
            .args(["run", "./script.rhai", "--apply", "--yes"])
            .args(["--max-changes", "1500"]);
        let output = limited(tikbook, 400).run().code(1);
        output.says("cannot write the journal");
        output.says("nothing was sent");
        assert_eq!(site.router.ids(LIST).len(), 1_500);
    }
}

/// The JSON that begins what was shown.
fn json_of(shown: &str) -> Value {
    let begun = &shown[shown.find("\r\n{").unwrap()..];
    let mut values = serde_json::Deserializer::from_str(begun).into_iter();
    values.next().unwrap().unwrap()
}

#[test]
fn a_second_planning_that_fails_sends_nothing_and_says_so() {
    const FAILS: &str = "if mikrotik::count(\"/ip/arp\") > 0 { throw \"not any more\" }";
    let remove = |n: usize| format!("{FAILS} mikrotik::remove(menu, \"*{n}\", \"a try\")");
    let after = |n: usize| format!("if done.len() < 9 {{ {} }}", remove(n));
    // What each stage plans, and how many questions come before the planning that fails.
    for (first, second, questions, gone) in [
        (remove(1), "()".to_owned(), 1, 0),
        ("()".to_owned(), after(2), 1, 0),
        (remove(1), after(2), 2, 1),
    ] {
        for flags in BOTH {
            let site = Site::with_rows(6);
            let script = planning(&first, &second);
            let tikbook = site.tikbook().file("script.rhai", script).args(flags);
            let mut screen = Screen::start(tikbook.args(["run", "./script.rhai", "--apply"]));
            for question in 1..=questions {
                screen.until("Make 1 change? [y/N] ");
                if question == questions {
                    site.go();
                }
                screen.enter("y\n");
            }
            let (code, shown) = screen.end();
            let said = in_one_line(&shown);
            assert!(said.contains("not any more"), "{shown}");
            assert_eq!(site.router.ids(LIST).len(), 6 - gone, "{shown}");
            assert_eq!(code, if gone > 0 { 5 } else { 1 }, "{shown}");
            let nothing = "nothing was sent: the site is as it was";
            assert_eq!(said.contains(nothing), gone == 0, "{shown}");
            let runs = site.tikbook().args(["--json", "history"]).run().code(0);
            let runs = runs.stdout_json();
            let undo = format!("tikbook undo {}", runs[0]["run"].as_str().unwrap_or("-"));
            assert_eq!(said.contains(&undo), gone > 0, "{shown}");
            if !flags.is_empty() {
                let report = json_of(&format!("\r\n{}", shown.trim_start()));
                assert_eq!(report["error"]["nothing_sent"], gone == 0, "{report}");
                assert_eq!(report["changes"]["applied"], gone, "{report}");
            }
        }
    }
}
