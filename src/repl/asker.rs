//! The person who types: what is asked of him, and how he stops what runs.

use std::io;

use tokio_util::sync::CancellationToken;

use crate::terminal::pager::Pager;
use crate::terminal::question::{Answer, Offer, PATIENCE, Question};
use report::sheet::Sheet;

/// Asks whoever types.
pub struct Asker {
    /// Is there a terminal to ask on?
    has_terminal: bool,
    cancel: CancellationToken,
    pager: Pager,
}

impl Asker {
    /// Asks only if there is a terminal to ask on; `pager` shows what is long.
    pub fn new(has_terminal: bool, pager: Pager) -> Self {
        Self {
            has_terminal,
            pager,
            cancel: CancellationToken::new(),
        }
    }

    /// From now on `cancel` stops the line that runs, and a question in it.
    pub fn heed(&mut self, cancel: CancellationToken) {
        self.cancel = cancel;
    }

    /// What stops the line that runs.
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Can anything be asked?
    pub fn can_ask(&self) -> bool {
        self.has_terminal
    }

    /// Asks on stdout, which is such a sheet, and waits for the answer.
    pub fn ask(&self, offer: &mut impl Offer, sheet: Sheet) -> Answer {
        Question {
            cancel: &self.cancel,
            limit: PATIENCE,
            pager: &self.pager,
            sheet,
        }
        .ask(offer, &mut io::stdout())
    }
}
