//! The line on a terminal's stderr while a run waits for a service.

use std::time::Duration;

use crate::terminal::screen;
use catalogue::{Language, Said};
use report::printable::printable;
use scripting::host::read::Progress;
use sentences::ProgressWaiting;
use wording::duration;

/// Shows what a run waits for, in one line that is taken away again.
pub struct Line {
    enabled: bool,
    language: Language,
}

impl Line {
    /// A line in `language` that is shown only if `enabled`: on a terminal.
    pub fn new(enabled: bool, language: Language) -> Self {
        Self { enabled, language }
    }
}

impl Progress for Line {
    fn waiting(&self, what: &str, elapsed: Duration) {
        if self.enabled {
            // Before it is cut, as a part of a secret would not be known.
            let what = screen::secrets().hidden(what);
            let what: String = printable(&what).chars().take(70).collect();
            let elapsed = duration::text(Duration::from_secs(elapsed.as_secs()));
            let waiting = Said::from(ProgressWaiting { what, elapsed });
            screen::progress(&waiting.in_language(self.language));
        }
    }

    fn done(&self) {
        screen::end_progress();
    }
}
