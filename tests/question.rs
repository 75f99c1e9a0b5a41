//! The question before changes are made: the last line on the screen until it is answered, in every
//! command that asks it.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Tikbook};

const LIST: &str = "/ip/firewall/address-list";
const SCRIPT: &str = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    mikrotik::remove_all("/ip/firewall/address-list", ["*1", "*2"], "a try");
    #{ title: "A try" }
}
"#;
const ASKED: &str = "Make 2 changes? [y/N] ";
/// Longer than three ticks of the progress line.
const A_WHILE: Duration = Duration::from_secs(4);

/// A site whose router has six rows, and a state folder that commands share.
struct Site {
    router: Router,
    state: TempDir,
}

/// The commands that ask, by what was done before.
#[derive(Clone, Copy, Debug)]
enum Command {
    Run,
    Apply,
    Undo,
}

impl Command {
    const ALL: [Command; 3] = [Command::Run, Command::Apply, Command::Undo];
}

impl Site {
    fn new() -> Site {
        let rows: Vec<Value> = (1..=6)
            .map(|n| {
                json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                        "comment": format!("x|user=0812345670{n}") })
            })
            .collect();
        Site {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        }
    }

    fn command(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", self.state.path());
        tikbook.file("script.rhai", SCRIPT)
    }

    fn tikbook(&self, args: &[&str]) -> Output {
        self.command().args(args).run()
    }

    /// The command up to its question, which is a site where it has something to ask.
    fn asked(command: Command) -> (Site, Screen) {
        let site = Site::new();
        let plan = site.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        let args: &[&str] = match command {
            Command::Run => &["run", "./script.rhai", "--apply"],
            Command::Apply => {
                site.tikbook(&["run", "./script.rhai", "--plan", plan])
                    .code(0);
                &["apply", plan, "--apply"]
            }
            Command::Undo => {
                site.tikbook(&["run", "./script.rhai", "--apply", "--yes"])
                    .code(0);
                &["undo", "last", "--apply"]
            }
        };
        let mut screen = Screen::start(site.command().args(args));
        screen.until(ASKED);
        (site, screen)
    }

    fn writes(&self) -> u64 {
        self.router.simulator.received().writes()
    }
}

#[test]
fn it_is_the_last_line_on_the_screen_until_it_is_answered() {
    for command in Command::ALL {
        let (site, mut screen) = Site::asked(command);
        let writes = site.writes();
        screen.is_quiet_for(A_WHILE);
        screen.enter("ya\n");
        let (code, left) = screen.end();
        assert_eq!(code, 0, "{command:?}: {left}");
        assert_eq!(site.writes(), writes + 2, "{command:?}");
    }
}

#[test]
fn it_asks_for_one_change_as_one() {
    let site = Site::new();
    let one = SCRIPT.replace("\"*1\", \"*2\"", "\"*1\"");
    let command = site.command().file("one.rhai", one);
    let mut screen = Screen::start(command.args(["run", "./one.rhai", "--apply"]));
    screen.until("Make 1 change? [y/N] ");
    screen.enter("y\n");
    let (code, left) = screen.end();
    assert_eq!(code, 0, "{left}");
    assert_eq!(site.writes(), 1);
}

#[test]
fn what_is_logged_meanwhile_comes_after_the_answer() {
    let site = Site::new();
    let args = ["-vv", "run", "./script.rhai", "--apply"];
    let mut screen = Screen::start(site.command().args(args));
    screen.until(ASKED);
    // The client says on this level that a connection ended.
    drop(site.router);
    screen.is_quiet_for(A_WHILE);
    screen.enter("n\n");
    let (code, left) = screen.end();
    assert_eq!(code, 6, "{left}");
    assert!(left.contains("connection ended"), "{left}");
}

#[test]
fn a_no_is_one_sentence_and_nothing_is_sent() {
    for command in Command::ALL {
        for (typed, why) in [
            ("n\n", "the answer was no"),
            ("tidak\n", "the answer was no"),
            ("\n", "the answer was no"),
            ("\u{4}", "the input ended without an answer"),
        ] {
            let (site, mut screen) = Site::asked(command);
            let writes = site.writes();
            screen.enter(typed);
            let (code, left) = screen.end();
            assert_eq!(code, 6, "{command:?} {typed:?}: {left}");
            let sentence = format!("the changes were not made, as {why}");
            assert_eq!(told(&left), sentence, "{command:?} {typed:?}");
            assert_eq!(site.writes(), writes, "{command:?} {typed:?}");
        }
    }
}

/// What was told after the question, in one line.
fn told(left: &str) -> String {
    // A last tick of the progress line may have come and gone.
    let left = left.rsplit("\u{1b}[2K").next().unwrap_or_default();
    let told = left.split_whitespace().collect::<Vec<_>>().join(" ");
    told.trim_start_matches(['×', ' ']).to_owned()
}

#[test]
fn an_answer_that_is_neither_yes_nor_no_is_asked_for_again() {
    let (site, mut screen) = Site::asked(Command::Run);
    screen.enter("of course\n");
    screen.until("Please answer y or n. [y/N] ");
    assert_eq!(site.writes(), 0);
    screen.enter("Yes\n");
    let (code, left) = screen.end();
    assert_eq!(code, 0, "{left}");
    assert_eq!(site.writes(), 2);
}

#[test]
fn what_was_typed_before_it_came_is_no_answer() {
    let site = Site::new();
    let args = ["run", "./script.rhai", "--apply"];
    let mut screen = Screen::start(site.command().args(args));
    screen.enter("y\n");
    screen.until(ASKED);
    screen.is_quiet_for(Duration::from_secs(1));
    assert_eq!(site.writes(), 0);
    screen.enter("n\n");
    assert_eq!(screen.end().0, 6);
}

#[test]
fn a_signal_ends_it_with_one_sentence_and_nothing_is_sent() {
    for command in Command::ALL {
        for stop in [
            (|screen| screen.enter("\u{3}")) as fn(&mut Screen),
            |screen| screen.signal(Signal::SIGINT),
            |screen| screen.signal(Signal::SIGTERM),
            |screen| screen.signal(Signal::SIGHUP),
            // Also while a line is being typed.
            |screen| {
                screen.enter("y");
                screen.signal(Signal::SIGTERM);
            },
        ] {
            let (site, mut screen) = Site::asked(command);
            let writes = site.writes();
            stop(&mut screen);
            let (code, left) = screen.end();
            assert_eq!(code, 130, "{command:?}: {left}");
            let sentence = "the run was stopped at its question: what it asked for was not made";
            assert_eq!(told(&left), sentence, "{command:?}");
            assert_eq!(site.writes(), writes, "{command:?}");
        }
    }
}
