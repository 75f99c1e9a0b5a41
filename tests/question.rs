//! The question before changes are made: the last line on the screen until it is answered, in every
//! command that asks it.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::{PASSWORD, Router, USER, blocked_rows};
use crate::support::terminal::{Screen, enter, ready, typed};
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
        let rows = blocked_rows(6);
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
    screen.until("Please answer y, n, v or s. [y/N] ");
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

const WHICH: &str = "Enter leaves none out: ";

#[test]
fn all_of_the_plan_is_shown_in_the_pager_and_asked_for_again() {
    let site = Site::new();
    let command = site.command().env("PAGER", "/bin/sh ./pager.sh");
    let command = command.file("pager.sh", "echo it begins; cat; echo it ends\n");
    let args = ["run", "./script.rhai", "--apply"];
    let mut screen = Screen::start(command.args(args));
    screen.until(ASKED);
    screen.enter("v\n");
    let shown = screen.until(ASKED);
    let (_, shown) = shown.split_once("it begins").unwrap();
    let (shown, _) = shown.split_once("it ends").unwrap();
    for part in [
        "1. remove",
        "*1 list=blocked address=10.0.0.1",
        "2. remove",
        "comment=\"x, user 08123456702\" (a try)",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(site.writes(), 0);
    screen.enter("y\n");
    let (code, left) = screen.end();
    assert_eq!(code, 0, "{left}");
    assert_eq!(site.writes(), 2);
}

#[test]
fn a_pager_that_fails_is_no_yes() {
    for pager in ["/bin/false", "/nowhere/pager", "/bin/sh -c 'kill -9 $$'"] {
        let site = Site::new();
        let command = site.command().env("PAGER", pager);
        let args = ["run", "./script.rhai", "--apply"];
        let mut screen = Screen::start(command.args(args));
        screen.until(ASKED);
        screen.enter("v\n");
        let shown = screen.until(ASKED);
        assert!(shown.contains("The pager `/"), "{pager}: {shown}");
        // All of it is there to be read.
        assert!(shown.contains("2. remove"), "{pager}: {shown}");
        assert_eq!(site.writes(), 0, "{pager}");
        screen.enter("n\n");
        assert_eq!(screen.end().0, 6, "{pager}");
    }
}

#[test]
fn what_is_left_out_at_the_question_is_not_made() {
    for command in Command::ALL {
        let (site, mut screen) = Site::asked(command);
        let writes = site.writes();
        screen.enter("s\n");
        screen.until(WHICH);
        screen.enter("7\n");
        let again = screen.until(WHICH);
        assert!(
            again.contains("`7` is none of the numbers 1 to 2"),
            "{again}"
        );
        screen.enter("2\n");
        let left = screen.until("Make 1 change? [y/N] ");
        assert!(left.contains("10.0.0."), "{left}");
        assert!(!left.contains("2. "), "{left}");
        screen.enter("y\n");
        let (code, said) = screen.end();
        assert_eq!(code, 0, "{command:?}: {said}");
        assert!(said.contains("left out"), "{command:?}: {said}");
        assert_eq!(site.writes(), writes + 1, "{command:?}");
    }
    // All of it left out is a no.
    let (site, mut screen) = Site::asked(Command::Run);
    screen.enter("s\n");
    screen.until(WHICH);
    screen.enter("1-2\n");
    let (code, said) = screen.end();
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("all of them were left out"), "{said}");
    assert_eq!(site.writes(), 0);
}

/// What stops a command at its question.
type Stop = fn(&mut Screen);
const INTERRUPTS: [Stop; 2] = [
    |screen| screen.enter("\u{3}"),
    |screen| screen.signal(Signal::SIGINT),
];

#[test]
fn ctrl_c_closes_the_pager_and_the_question_is_asked_again() {
    let heeding = "echo it begins; exec sleep 600\n";
    let ignoring = "trap '' INT; echo it begins; exec sleep 600\n";
    // The last one keeps the terminal for itself, and looks at the keys.
    let keeping = "seq 500 > numbers; exec less numbers\n";
    for (text, begun) in [
        (heeding, "it begins\r\n"),
        (ignoring, "it begins\r\n"),
        (keeping, "numbers"),
    ] {
        for stop in INTERRUPTS {
            let site = Site::new();
            let command = site.command().env("PAGER", "/bin/sh ./pager.sh");
            let command = command.file("pager.sh", text);
            let mut screen = Screen::start(command.args(["run", "./script.rhai", "--apply"]));
            screen.until(ASKED);
            screen.enter("v\n");
            screen.until(begun);
            stop(&mut screen);
            let shown = screen.until(ASKED);
            assert!(!shown.contains("failed"), "{text}: {shown}");
            assert_eq!(site.writes(), 0, "{text}");
            screen.enter("y\n");
            let (code, left) = screen.end();
            assert_eq!(code, 0, "{text}: {left}");
            assert_eq!(site.writes(), 2, "{text}");
        }
    }
}

#[test]
fn a_signal_ends_it_wherever_it_waits() {
    let terminate: Stop = |screen| screen.signal(Signal::SIGTERM);
    let every = [INTERRUPTS[0], INTERRUPTS[1], terminate];
    // Ctrl-C is for the pager alone.
    for (typed, waits, stops) in [
        ("s\n", WHICH, &every[..]),
        ("v\n", "it begins\r\n", &[terminate]),
    ] {
        for stop in stops {
            let site = Site::new();
            let command = site.command().env("PAGER", "/bin/sh ./pager.sh");
            let command = command.file("pager.sh", "echo it begins; exec sleep 600\n");
            let args = ["run", "./script.rhai", "--apply"];
            let mut screen = Screen::start(command.args(args));
            screen.until(ASKED);
            screen.enter(typed);
            screen.until(waits);
            stop(&mut screen);
            let (code, left) = screen.end();
            assert_eq!(code, 130, "{typed:?}: {left}");
            let sentence = "the run was stopped at its question";
            assert!(told(&left).contains(sentence), "{typed:?}: {left}");
            assert_eq!(site.writes(), 0, "{typed:?}");
        }
    }
}

#[test]
fn a_long_plan_is_counted_and_its_beginning_shown_with_all_that_cannot_be_made() {
    let rows: Vec<Value> = (1..=60)
        .map(|n| {
            let comment = if n == 60 { "mine" } else { "x|user=081234567" };
            json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                    "comment": comment })
        })
        .collect();
    let site = Site {
        router: Router::with(&json!({ LIST: rows }).to_string()),
        state: TempDir::with_prefix("tikbook-state-").unwrap(),
    };
    let script = r#"
//! A try.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    let rows = mikrotik::rows(menu);
    for n in 0..30 { mikrotik::remove(menu, rows[n]) }
    for n in 100..112 { mikrotik::add(menu, #{ list: "vip", address: `10.0.0.${n}` }) }
    mikrotik::remove(menu, rows[59]);
    #{ title: "A try" }
}
"#;
    let command = site.command().file("long.rhai", script);
    let args = ["run", "./long.rhai", "--apply", "--max-changes", "60"];
    let mut screen = Screen::start(command.args(args));
    let shown = screen.until("Make 42 changes? [y/N] ");
    for part in [
        "12 add mikrotik:/ip/firewall/address-list\r\n",
        "30 remove mikrotik:/ip/firewall/address-list\r\n",
        "The first 20 of 42:\r\n   1. remove",
        "  20. remove",
        "What cannot be made:\r\n  protected: remove mikrotik:/ip/firewall/address-list *60",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("21. "), "{shown}");
    screen.enter("n\n");
    assert_eq!(screen.end().0, 6);
}

#[test]
fn what_a_session_leaves_out_stays_planned() {
    let site = Site::new();
    let port = site.router.simulator.address().port().to_string();
    let variables = [
        ("MIKROTIK_HOST", "127.0.0.1".to_owned()),
        ("MIKROTIK_PORT", port),
        ("MIKROTIK_USERNAME", USER.to_owned()),
        ("MIKROTIK_PASSWORD", PASSWORD.to_owned()),
        ("PAGER", "/bin/cat".to_owned()),
    ];
    let mut repl = typed(site.state.path(), "default", &variables);
    ready(&mut repl);
    enter(&mut repl, &format!("let menu = \"{LIST}\""), "\r\n");
    for id in ["*1", "*2"] {
        let line = format!("mikrotik::remove(menu, \"{id}\").status");
        enter(&mut repl, &line, "planned");
    }
    repl.send_line(":apply").unwrap();
    repl.exp_string("Make 2 changes? [y/N]").unwrap();
    repl.send_line("v").unwrap();
    repl.exp_string("2. remove").unwrap();
    repl.exp_string("Make 2 changes? [y/N]").unwrap();
    repl.send_line("s").unwrap();
    repl.exp_string(WHICH).unwrap();
    repl.send_line("1").unwrap();
    repl.exp_string("Make 1 change? [y/N]").unwrap();
    enter(&mut repl, "y", "left out");
    assert_eq!(site.router.ids(LIST), ["*1", "*3", "*4", "*5", "*6"]);
    repl.send_line(":apply").unwrap();
    repl.exp_string("10.0.0.1").unwrap();
    repl.exp_string("Make 1 change? [y/N]").unwrap();
    enter(&mut repl, "y", "changes applied");
    assert_eq!(site.router.ids(LIST), ["*3", "*4", "*5", "*6"]);
}
