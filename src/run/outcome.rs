//! What a run ends with.

use catalogue::Said;
use journal::run::Run;
use plan::outcome::{Done, Outcome as ChangeOutcome, Status};
use plan::radius::Radius;
use plan::selection::{Selection, SelectionError};
use planning::ChangeError;
use report::Report;
use scripting::script::trace::Trace;

/// The end of a run.
pub struct Outcome {
    /// Which run it was.
    pub run: Run,
    /// What its runbook returned; empty where none was run, or where it failed before.
    pub report: Report,
    /// Why it failed, if it did.
    pub failure: Option<Cause>,
    /// Were its changes applied, as far as they could be?
    pub applies: bool,
    /// Its changes with what became of them.
    pub done: Vec<Done>,
    /// How much is planned.
    pub radius: Radius,
    /// Why its journal could not be ended, if it could not.
    pub unfinished: Option<ChangeError>,
}

/// Why a run failed.
pub enum Cause {
    /// Its script did.
    Script(Trace),
    /// Its changes could not be made, or planned.
    Changes(ChangeError),
    /// Which of its changes are to be made is not known.
    Selection(SelectionError),
}

impl Outcome {
    /// The same with why it failed.
    #[must_use]
    pub fn failed(self, error: ChangeError) -> Self {
        Self {
            failure: Some(Cause::Changes(error)),
            ..self
        }
    }

    /// The same without the changes that are not to be made.
    #[must_use]
    pub fn selecting(mut self, selection: &Selection) -> Self {
        if self.failure.is_some() {
            return self;
        }
        match selection.leave_out(&mut self.done) {
            Ok(left) => self.radius.take_out(&left),
            Err(error) => self.failure = Some(Cause::Selection(error)),
        }
        self
    }

    /// The same with changes that came before, and those that were planned as ones that `why` is the
    /// reason not to make.
    #[must_use]
    pub fn after(mut self, mut before: Vec<Done>, why: &Said) -> Self {
        for done in self
            .done
            .iter_mut()
            .filter(|done| done.outcome.goes_ahead())
        {
            done.outcome = ChangeOutcome::not_sent(why.clone());
        }
        before.append(&mut self.done);
        self.done = before;
        self.applies = true;
        self
    }

    /// Is anything planned?
    pub fn is_planned(&self) -> bool {
        let mut done = self.done.iter();
        done.any(|done| done.outcome.status == Status::Planned)
    }
}
