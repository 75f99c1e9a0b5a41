//! The line on a terminal's stderr while a run waits for a service.

use std::time::Duration;

use crate::host::call::Progress;
use crate::report::text::printable;
use crate::terminal::screen;

/// Shows what a run waits for, in one line that is taken away again.
pub struct Line {
    enabled: bool,
}

impl Line {
    /// A line that is shown only if `enabled`: on a terminal.
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }
}

impl Progress for Line {
    fn waiting(&self, what: &str, elapsed: Duration) {
        if self.enabled {
            let what: String = printable(what).chars().take(70).collect();
            screen::progress(&format!("waiting for {what} … {} s", elapsed.as_secs()));
        }
    }

    fn done(&self) {
        screen::end_progress();
    }
}
