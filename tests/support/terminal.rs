//! Commands on a pseudo-terminal: the REPL, typed into as people do, and any other, whose screen is read
//! byte by byte.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rexpect::session::{PtySession, spawn_command};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};
use tempfile::TempDir;

use super::tikbook::Tikbook;

/// The longest wait for a text, in milliseconds.
const PATIENCE: u64 = 30_000;

/// A REPL on a pseudo-terminal, with its home in `home`.
pub fn typed(home: &Path, site: &str, variables: &[(&str, String)]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
    command.env_clear().current_dir(home).env("HOME", home);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.args(["--site", site, "repl"]);
    spawn_command(command, Some(PATIENCE)).unwrap()
}

/// Types a line, waits for `expected` and for the next prompt.
pub fn enter(repl: &mut PtySession, line: &str, expected: &str) {
    repl.send_line(line).unwrap();
    repl.exp_string(expected)
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    ready(repl);
}

/// Waits until the next line can be typed: then the editor asks the terminal to mark pasted text.
pub fn ready(repl: &mut PtySession) {
    repl.exp_string("\u{1b}[?2004h").unwrap();
}

/// A command whose stdin, stdout and stderr are one pseudo-terminal; killed with the value.
pub struct Screen {
    child: Child,
    terminal: File,
    shown: Vec<u8>,
    /// Up to where the test has looked.
    seen: usize,
    _folder: TempDir,
}

impl Screen {
    /// Starts `tikbook` on a terminal that does not say how large it is.
    pub fn start(tikbook: Tikbook) -> Screen {
        Screen::of_size(tikbook, 0, 0)
    }

    /// Starts `tikbook` on a terminal of so many lines and columns.
    pub fn of_size(tikbook: Tikbook, lines: u16, columns: usize) -> Screen {
        let (mut command, folder) = tikbook.with_own_terminal().into_command();
        let (terminal, stdio) = terminal();
        let size = Winsize {
            ws_row: lines,
            ws_col: u16::try_from(columns).unwrap(),
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&stdio, size).unwrap();
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        command.stdin(stdio.try_clone().unwrap());
        command.stdout(stdio.try_clone().unwrap());
        Screen {
            child: command.stderr(stdio).spawn().unwrap(),
            terminal,
            shown: Vec::new(),
            seen: 0,
            _folder: folder,
        }
    }

    /// Reads the next byte; none at the end, and after `limit`.
    fn byte(&mut self, limit: Duration) -> Option<u8> {
        let limit = Timespec::try_from(limit).unwrap();
        let mut polled = [PollFd::new(&self.terminal, PollFlags::IN)];
        if poll(&mut polled, Some(&limit)).unwrap() == 0 {
            return None;
        }
        let mut byte = [0];
        // The end of a pseudo-terminal is an error.
        let count = self.terminal.read(&mut byte).unwrap_or_default();
        self.shown.extend(&byte[..count]);
        (count == 1).then_some(byte[0])
    }

    /// Waits for the first byte that was not looked at yet.
    pub fn first_byte(&mut self) {
        let byte = self.byte(Duration::from_millis(PATIENCE));
        assert!(byte.is_some(), "nothing more came: {:?}", self.text());
        self.seen = self.shown.len();
    }

    /// Reads until `text` is the last that was shown. Gives what came before it.
    pub fn until(&mut self, text: &str) -> String {
        while !self.shown[self.seen..].ends_with(text.as_bytes()) {
            let byte = self.byte(Duration::from_millis(PATIENCE));
            assert!(byte.is_some(), "no {text:?} in {:?}", self.text());
        }
        let before = self.shown.len() - text.len();
        let read = String::from_utf8_lossy(&self.shown[self.seen..before]).into_owned();
        self.seen = self.shown.len();
        read
    }

    /// Fails the test if anything is written within `time`.
    pub fn is_quiet_for(&mut self, time: Duration) {
        let byte = self.byte(time);
        assert_eq!(byte, None, "something was written: {:?}", self.text());
    }

    /// Types text.
    pub fn enter(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).unwrap();
    }

    /// Sends a signal to the process alone.
    pub fn signal(&mut self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Reads to the end. Gives the exit code and what was shown since the test last looked.
    pub fn end(mut self) -> (i32, String) {
        while self.byte(Duration::from_millis(PATIENCE)).is_some() {}
        let code = self.code();
        let left = String::from_utf8_lossy(&self.shown[self.seen..]).into_owned();
        (code, left)
    }

    /// Closes the terminal, as a window is closed. Gives the exit code.
    pub fn close(mut self) -> i32 {
        self.terminal = File::open("/dev/null").unwrap();
        self.code()
    }

    /// The exit code of a command that ends.
    fn code(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let code = status.code();
                return code.unwrap_or_else(|| panic!("ended by {status}: {:?}", self.text()));
            }
            let waited = began.elapsed();
            assert!(
                waited < Duration::from_millis(PATIENCE),
                "{:?}",
                self.text()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// All that was shown.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A pseudo-terminal, as the one who looks at it and as the command has it. No other command gets
/// hold of the first, so that it is gone when the test drops it.
fn terminal() -> (File, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let terminal = openpt(flags).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let stdio = File::options()
        .read(true)
        .write(true)
        .custom_flags(OpenptFlags::NOCTTY.bits().cast_signed())
        .open(name.to_str().unwrap())
        .unwrap();
    // What is typed shows up once the command says so.
    let mut mode = tcgetattr(&stdio).unwrap();
    mode.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdio, OptionalActions::Now, &mode).unwrap();
    (File::from(terminal), stdio)
}
