//! What signals stop while a session reads lines and runs them.

use std::cell::RefCell;

use tokio_util::sync::CancellationToken;

use crate::signals::Signals;
use crate::terminal::mode::{self, Mode};

use super::ReplError;

/// What a signal means at each moment of a session.
pub struct Stops {
    signals: Signals,
    is_terminal: bool,
    /// What stops the line that was accepted and is still in the editor's hands.
    accepted: RefCell<Option<CancellationToken>>,
}

impl Stops {
    /// Those of a session whose lines come from a terminal, or from a program.
    pub fn new(signals: Signals, is_terminal: bool) -> Self {
        let stops = Self {
            signals,
            is_terminal,
            accepted: RefCell::default(),
        };
        // Until the first prompt SIGINT has no line to end, and yet leaves the session.
        drop(stops.run());
        stops
    }

    /// Says that a line is waited for, unless the session was asked to end.
    ///
    /// # Errors
    /// It was.
    pub fn wait_for_line(&self) -> Result<(), ReplError> {
        match self.is_terminal {
            true => {
                let mode = Mode::of_stdin();
                self.signals.prompt(move || mode.restore());
            }
            false => self.signals.release(),
        }
        match self.signals.ended() {
            true => Err(ReplError::Stopped),
            false => Ok(()),
        }
    }

    /// Says that the line was entered: from now on signals stop it, also while the editor gives the
    /// terminal back, or Ctrl-C right behind Enter would be nobody's.
    pub fn accept_line(&self) {
        self.accepted.replace(Some(self.run()));
    }

    /// What stops the line that runs now.
    pub fn line(&self) -> CancellationToken {
        let accepted = self.accepted.take();
        accepted.unwrap_or_else(|| self.run())
    }

    /// Says that the line has run.
    ///
    /// # Errors
    /// It was stopped, and its session with it.
    pub fn after_line(&self, cancel: &CancellationToken) -> Result<(), ReplError> {
        if self.is_terminal {
            return Ok(());
        }
        // First this: a signal that comes between the two must end the process or be seen here.
        self.signals.release();
        match cancel.is_cancelled() {
            true => Err(ReplError::Stopped),
            false => Ok(()),
        }
    }

    /// Was the session asked to end, or is the terminal gone that it is on?
    pub fn ended(&self) -> bool {
        self.signals.ended() || (self.is_terminal && mode::is_gone(std::io::stdin()))
    }

    /// Lets signals stop a line. Lines of a program end with it, those of a person one by one.
    fn run(&self) -> CancellationToken {
        match self.is_terminal {
            true => self.signals.line(),
            false => self.signals.run(),
        }
    }
}
