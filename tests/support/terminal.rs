//! The REPL on a pseudo-terminal, typed into as people do.

use std::path::Path;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

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
