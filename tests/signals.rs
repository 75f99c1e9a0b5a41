//! Whatever says "I am ready" is said when that is so, for signals too: each such line is met by a
//! signal at its first byte, many times.

use std::io::{Read, Write};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

use crate::support::router::{Router, blocked_rows};
use crate::support::terminal::Screen;
use crate::support::tikbook::Tikbook;

const LIMIT: Duration = Duration::from_secs(60);
const LIST: &str = "/ip/firewall/address-list";
/// The editor of lines asks the terminal to mark pasted text just before its prompt.
const PROMPT: &str = "\u{1b}[?2004h";

/// … and to stop that, when a line was entered.
const LINE_READ: &str = "\u{1b}[?2004l";

/// What ends a command.
const SIGNALS: [Signal; 5] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
];

/// How often each line is met.
const TIMES: usize = 100;

/// Does `meet` with each of the signals in turn, on `threads` threads.
fn many_times(threads: usize, meet: impl Fn(Signal) + Sync) {
    thread::scope(|scope| {
        for first in 0..threads {
            let meet = &meet;
            scope.spawn(move || {
                for n in (first..TIMES).step_by(threads) {
                    meet(SIGNALS[n % SIGNALS.len()]);
                }
            });
        }
    });
}

/// A command with pipes, killed with the value.
struct Piped {
    child: Child,
    stdout: ChildStdout,
    stderr: ChildStderr,
    _folder: TempDir,
}

impl Piped {
    fn start(tikbook: Tikbook) -> Piped {
        let (mut command, folder) = tikbook.into_command();
        let mut child = piped(&mut command).spawn().unwrap();
        Piped {
            stdout: child.stdout.take().unwrap(),
            stderr: child.stderr.take().unwrap(),
            child,
            _folder: folder,
        }
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, signal).unwrap();
    }

    /// The exit code, and what is left of both streams.
    fn end(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < LIMIT, "the command does not end");
            thread::sleep(Duration::from_millis(2));
        };
        let mut left = String::new();
        self.stdout.read_to_string(&mut left).unwrap();
        self.stderr.read_to_string(&mut left).unwrap();
        (status.code(), left)
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn piped(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
}

#[test]
fn a_simulated_router_that_says_where_it_listens_ends_in_order() {
    many_times(4, |signal| {
        let folder = TempDir::with_prefix("tikbook-rows-").unwrap();
        let rows = folder.path().join("rows.json");
        let mut router = Piped::start(
            Tikbook::new()
                .args([
                    "simulate",
                    "--demo",
                    "--listen",
                    "127.0.0.1:0",
                    "--write-state",
                ])
                .arg(&rows),
        );
        router.stdout.read_exact(&mut [0]).unwrap();
        router.send(signal);
        let (code, left) = router.end();
        assert_eq!(code, Some(0), "{signal:?}: {left}");
        assert!(rows.exists(), "{signal:?}");
    });
}

#[test]
fn a_script_that_says_something_is_stopped() {
    let script = "//! A try.\nconst RUNBOOK = #{};\n\
                  fn run(args) { log::warn(\"begun\"); sleep(3600); }\n";
    many_times(4, |signal| {
        let mut run = Piped::start(Tikbook::new().file("try.rhai", script).args([
            "--site",
            "demo",
            "run",
            "./try.rhai",
        ]));
        run.stderr.read_exact(&mut [0]).unwrap();
        run.send(signal);
        let (code, left) = run.end();
        assert_eq!(code, Some(130), "{signal:?}: {left}");
    });
}

#[test]
fn a_run_whose_progress_is_shown_is_stopped() {
    // Each waits a second for its first line.
    many_times(20, |signal| {
        let tikbook = Tikbook::new().args(["--site", "demo", "run", "-e", "sleep(3600)"]);
        let mut screen = Screen::start(tikbook);
        screen.first_byte();
        screen.signal(signal);
        let (code, left) = screen.end();
        assert_eq!(code, 130, "{signal:?}: {left}");
        assert!(
            left.contains("stopped while waiting for"),
            "{signal:?}: {left}"
        );
    });
}

#[test]
fn a_question_is_ended_and_nothing_is_sent() {
    let rows = blocked_rows(6);
    let router = Router::with(&json!({ LIST: rows }).to_string());
    let script = format!(
        "//! A try.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:{LIST}\"] }};\n\
         fn run(args) {{ mikrotik::remove(\"{LIST}\", \"*1\", \"a try\"); #{{ title: \"t\" }} }}\n"
    );
    many_times(4, |signal| {
        let tikbook = router.tikbook(Tikbook::new()).file("try.rhai", &script);
        let tikbook = tikbook.args(["run", "./try.rhai", "--apply"]);
        let mut screen = Screen::start(tikbook);
        screen.first_byte();
        screen.signal(signal);
        let (code, left) = screen.end();
        assert_eq!(code, 130, "{signal:?}: {left}");
    });
    assert_eq!(router.simulator.received().writes(), 0);
}

#[test]
fn a_session_that_greets_goes_on_after_sigint_and_ends_with_the_others() {
    many_times(4, |signal| {
        let mut session = Session::start();
        session.screen.first_byte();
        session.meets(signal, Prompt::Comes);
    });
}

#[test]
fn a_session_at_its_prompt_goes_on_after_sigint_and_ends_with_the_others() {
    many_times(4, |signal| {
        let mut session = Session::start();
        session.screen.until(PROMPT);
        session.screen.first_byte();
        session.meets(signal, Prompt::IsThere);
    });
}

/// The questions of a session: what makes one of them come, and where it is met.
#[derive(Clone, Copy)]
struct Asking {
    before: &'static [&'static str],
    directive: &'static str,
}

const REMOVE: &str = "mikrotik::remove(\"/ip/firewall/address-list\", \"*2\", \"a try\");";
const ASKINGS: [Asking; 2] = [
    Asking {
        before: &[REMOVE],
        directive: ":apply",
    },
    Asking {
        before: &[],
        directive: ":undo",
    },
];

/// Each question is met many times by each signal: as soon as its directive was taken, which is before
/// anything runs, and at the first byte of the question itself. Nothing is sent, and SIGINT ends the
/// question alone.
#[test]
fn the_questions_of_a_session_are_ended_and_nothing_is_sent() {
    let site = Asked::new();
    let before = site.router.simulator.received().writes();
    thread::scope(|scope| {
        for asking in ASKINGS {
            let site = &site;
            scope.spawn(move || {
                let mut session = site.session(asking);
                for n in 0..TIMES {
                    session.meet(asking, n, Signal::SIGINT);
                    session.screen.until(PROMPT);
                }
                session.goes_on_and_ends();
            });
            for signal in [Signal::SIGTERM, Signal::SIGHUP] {
                scope.spawn(move || {
                    for n in 0..TIMES {
                        let mut session = site.session(asking);
                        session.meet(asking, n, signal);
                        let (code, left) = session.screen.end();
                        assert_eq!(code, 130, "{} {signal:?}: {left}", asking.directive);
                    }
                });
            }
        }
    });
    assert_eq!(site.router.simulator.received().writes(), before);
}

/// A site that has something to undo and something to change.
struct Asked {
    router: Router,
    state: TempDir,
}

impl Asked {
    fn new() -> Asked {
        let rows = blocked_rows(6);
        let site = Asked {
            router: Router::with(&json!({ LIST: rows }).to_string()),
            state: TempDir::with_prefix("tikbook-state-").unwrap(),
        };
        let script = format!(
            "//! A try.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:{LIST}\"] }};\n\
             fn run(args) {{ mikrotik::remove(\"{LIST}\", \"*1\", \"a try\"); #{{ title: \"t\" }} }}\n"
        );
        let tikbook = site.tikbook().file("try.rhai", script);
        let run = tikbook.args(["run", "./try.rhai", "--apply", "--yes"]);
        run.run().code(0);
        site
    }

    fn tikbook(&self) -> Tikbook {
        let tikbook = self.router.tikbook(Tikbook::new());
        tikbook.env("XDG_STATE_HOME", self.state.path())
    }

    /// A session in which the question can come.
    fn session(&self, asking: Asking) -> Session {
        let mut screen = Screen::start(self.tikbook().arg("repl"));
        screen.until(PROMPT);
        for line in asking.before {
            screen.enter(&format!("{line}\r"));
            screen.until(PROMPT);
        }
        Session { screen }
    }
}

/// A session of lines on a terminal.
struct Session {
    screen: Screen,
}

/// Where a session stands when it gets a signal.
#[derive(PartialEq)]
enum Prompt {
    IsThere,
    Comes,
}

impl Session {
    fn start() -> Session {
        let tikbook = Tikbook::new().args(["--site", "demo", "repl"]);
        let screen = Screen::start(tikbook);
        Session { screen }
    }

    fn meets(mut self, signal: Signal, prompt: Prompt) {
        self.screen.signal(signal);
        if signal == Signal::SIGINT {
            if prompt == Prompt::Comes {
                self.screen.until(PROMPT);
            }
            return self.goes_on_and_ends();
        }
        let (code, left) = self.screen.end();
        assert_eq!(code, 130, "{signal:?}: {left}");
    }

    /// Makes the question come, and sends the signal: in every second of the times once it is there.
    fn meet(&mut self, asking: Asking, time: usize, signal: Signal) {
        self.screen.enter(&format!("{}\r", asking.directive));
        self.screen.until(LINE_READ);
        if time % 2 == 1 {
            self.screen.until("Make ");
        }
        self.screen.signal(signal);
    }

    /// The answer to a line proves that the session goes on.
    fn goes_on_and_ends(mut self) {
        self.screen.enter("`<${6 * 7}>`\r");
        self.screen.until("<42>");
        self.screen.until(PROMPT);
        self.screen.enter("\u{4}");
        let (code, left) = self.screen.end();
        assert_eq!(code, 0, "{left}");
    }
}

#[test]
fn a_session_whose_lines_come_from_a_program_ends_with_it() {
    many_times(4, |signal| {
        let mut session = Piped::start(Tikbook::new().args(["--site", "demo", "repl"]));
        let stdin = session.child.stdin.as_mut().unwrap();
        stdin.write_all(b"print(\"begun\")\n").unwrap();
        session.stdout.read_exact(&mut [0]).unwrap();
        session.send(signal);
        let (code, left) = session.end();
        assert_eq!(code, Some(130), "{signal:?}: {left}");
    });
}
