//! How the terminal takes its input, so that it can be given back as it was found.

use std::io::{self, Write};
use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Ends the marks around pasted text, which an editor of lines asks for.
const NO_PASTE_MARKS: &[u8] = b"\x1b[?2004l";

/// Was `input` a terminal that is gone: a window that was closed, a connection that was lost?
pub fn is_gone(input: impl AsFd) -> bool {
    matches!(tcgetattr(input), Err(Errno::IO))
}

/// The mode of the terminal on stdin at one moment.
pub struct Mode {
    before: Option<Termios>,
}

impl Mode {
    /// The mode as it is now.
    pub fn of_stdin() -> Self {
        Self {
            before: tcgetattr(io::stdin()).ok(),
        }
    }

    /// Brings the terminal back to it, below the line that was being edited.
    pub fn restore(&self) {
        if let Some(before) = &self.before {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
            let mut out = io::stdout();
            drop(out.write_all(NO_PASTE_MARKS));
            drop(out.write_all(b"\n").and_then(|()| out.flush()));
        }
    }
}
