//! The line on a terminal's stderr while a run waits for a service.

use std::cell::Cell;
use std::io::Write;
use std::time::Duration;

use crate::host::call::Progress;
use crate::report::text::printable;

/// Shows what a run waits for, in one line that is taken away again.
pub struct Line {
    enabled: bool,
    shown: Cell<bool>,
}

impl Line {
    /// A line that is shown only if `enabled`: on a terminal.
    pub fn new(enabled: bool) -> Self {
        Self {
            enabled,
            shown: Cell::new(false),
        }
    }

    fn write(&self, text: &str) {
        // Progress that cannot be shown is not worth an error.
        drop(write!(std::io::stderr(), "\r\u{1b}[2K{text}"));
    }
}

impl Progress for Line {
    fn waiting(&self, what: &str, elapsed: Duration) {
        if self.enabled {
            let what: String = printable(what).chars().take(70).collect();
            self.write(&format!("waiting for {what} … {} s", elapsed.as_secs()));
            self.shown.set(true);
        }
    }

    fn done(&self) {
        if self.shown.replace(false) {
            self.write("");
        }
    }
}
