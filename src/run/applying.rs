//! How what a run plans is applied, whoever runs it: planned, asked for, planned again under the site's
//! locks, and applied as far as both plans hold it.

use std::cell::Cell;
use std::path::PathBuf;

use rhai::Map;

use change::planned::{Change, Done, Status};
use change::run::RunKind;
use change::selection::Selection;
use change::{ChangeError, Engine, Settings, approved, unlike};
use report::Report;
use scripting::script::library::{Library, Script};

use super::{Cause, Open, Opening, Outcome, Proposal};

/// What plans the changes of a run. It is asked twice: what both plans hold is applied.
pub trait Work {
    /// Plans them, and leaves a report if there is one.
    fn plan(&self, open: &mut Open);

    /// Called when they were applied, also if there were none: what is read now, and said of it. `report`
    /// is the one that was left with the plan that was applied.
    fn after(&self, open: &mut Open, done: &[Done], report: Report);
}

/// Asks the operator.
pub trait Confirm {
    /// May this be done? What is left out of it meanwhile may not.
    ///
    /// # Errors
    /// [`ChangeError::NotConfirmed`], or [`ChangeError::Unanswered`].
    fn confirm(&self, proposal: &mut Proposal) -> Result<(), ChangeError>;
}

/// Nobody is asked: the operator has said yes before.
pub struct Agreed;

impl Confirm for Agreed {
    fn confirm(&self, _: &mut Proposal) -> Result<(), ChangeError> {
        Ok(())
    }
}

/// How the changes of a run are applied.
pub struct Applying<'a> {
    /// `--max-changes`.
    pub max_changes: Option<usize>,
    /// `--only` and `--except`.
    pub selection: Selection,
    /// The changes that were approved before: they alone are applied, and nothing if it is another plan
    /// now.
    pub same_as: Option<Vec<Change>>,
    /// What is said beside the changes before somebody says yes.
    pub notes: &'a [String],
    /// The folder of journals and locks.
    pub state_folder: PathBuf,
    /// Who says yes.
    pub confirm: &'a dyn Confirm,
}

impl Opening {
    /// Plans what `work` plans, and changes nothing.
    pub fn plan(self, work: &dyn Work) -> Outcome {
        let mut open = self.open();
        work.plan(&mut open);
        open.end()
    }

    /// Plans what `work` plans, asks for it, and applies it as far as it is planned again when the
    /// site's locks are held.
    pub fn apply(self, applying: &Applying<'_>, work: &dyn Work) -> Outcome {
        let mut shown = self.clone().plan(work).selecting(&applying.selection);
        if shown.failure.is_some() {
            return shown;
        }
        if let Err(error) = shown.radius.check(applying.max_changes) {
            return shown.failed(error);
        }
        if let Some(before) = &applying.same_as {
            let differences = unlike(before, &mut shown.done);
            if !differences.is_empty() {
                return shown.failed(ChangeError::OtherPlan { differences });
            }
        }
        if shown.is_planned() {
            let mut proposal = Proposal::new(&self.session.site().name, shown.done, applying.notes);
            if let Err(error) = applying.confirm.confirm(&mut proposal) {
                // Who said no has seen what it was about.
                let nothing = self.open().end();
                return nothing.failed(error);
            }
            shown.done = proposal.into_done();
        } else if !self.is_undone_already(&shown.done) {
            let nothing = (shown.report, shown.done);
            return self.after(work, nothing, Ok(()));
        }
        let runtime = self.means.runtime.clone();
        let mut engine = match runtime.block_on(self.engine(applying)) {
            Ok(engine) => engine,
            Err(error) => return shown.failed(error),
        };
        let again = self.again().plan(work);
        if again.failure.is_some() {
            let nothing_made = runtime.block_on(engine.end());
            return Outcome {
                done: Vec::new(),
                unfinished: nothing_made.err(),
                ..again
            };
        }
        let changes = approved(&shown.done, again.done, applying.max_changes);
        let (done, made) = runtime.block_on(engine.apply(changes));
        let ended = runtime.block_on(engine.end());
        Outcome {
            unfinished: ended.err(),
            ..self.after(work, (again.report, done), made)
        }
    }

    /// The locks of the site, held for this run.
    async fn engine(&self, applying: &Applying<'_>) -> Result<Engine, ChangeError> {
        let settings = Settings {
            run: self.run.clone(),
            state_folder: applying.state_folder.clone(),
            cancel: self.means.cancel.clone(),
        };
        Engine::hold(&self.session, self.grant.clone(), settings).await
    }

    /// Has somebody else undone already what this run is to undo? That is for the journal: the last run
    /// to undo is another one then.
    fn is_undone_already(&self, done: &[Done]) -> bool {
        let mut done = done.iter();
        self.run.kind == RunKind::Undo
            && done.len() > 0
            && done.all(|Done { outcome, .. }| {
                outcome.status == Status::Skipped && !outcome.is_not_sent()
            })
    }

    /// The same run on the site as it is now.
    fn again(&self) -> Self {
        let mut again = self.clone();
        again.session = self.session.with_new_snapshot();
        again.means.is_quiet = true;
        again
    }

    /// The end of a run that applied its changes: with what is to be read and said afterwards, unless
    /// it was ended early.
    fn after(
        self,
        work: &dyn Work,
        (report, done): (Report, Vec<Done>),
        made: Result<(), ChangeError>,
    ) -> Outcome {
        let mut open = self.again().open();
        open.report = report;
        match made {
            Ok(()) => {
                let report = std::mem::take(&mut open.report);
                work.after(&mut open, &done, report);
            }
            Err(error) => open.failure = Some(Cause::Changes(error)),
        }
        Outcome {
            applies: true,
            done,
            ..open.end()
        }
    }
}

/// A runbook with its arguments.
pub struct Runs<'a> {
    /// Where it finds what it imports.
    pub library: &'a Library,
    /// The runbook.
    pub script: &'a Script,
    /// What its `run(args)` gets.
    pub args: Map,
}

impl Work for Runs<'_> {
    fn plan(&self, open: &mut Open) {
        // What an import reads must not be kept from an earlier planning.
        open.evaluate(&self.library.anew(), self.script, self.args.clone());
    }

    fn after(&self, open: &mut Open, done: &[Done], report: Report) {
        let args = self.args.clone();
        open.evaluate_after(&self.library.anew(), self.script, args, (done, report));
    }
}

/// The changes of a plan file, which the runbook that made it plans again when they are applied.
pub struct PlannedAgain<'a> {
    changes: Vec<Change>,
    runs: Runs<'a>,
    /// Was the plan of the file looked at?
    is_shown: Cell<bool>,
}

impl<'a> PlannedAgain<'a> {
    /// The changes of the file, and what plans them again.
    pub fn new(changes: Vec<Change>, runs: Runs<'a>) -> Self {
        Self {
            changes,
            runs,
            is_shown: Cell::new(false),
        }
    }
}

impl Work for PlannedAgain<'_> {
    fn plan(&self, open: &mut Open) {
        match self.is_shown.replace(true) {
            false => self.changes.plan(open),
            true => self.runs.plan(open),
        }
    }

    fn after(&self, open: &mut Open, done: &[Done], report: Report) {
        self.runs.after(open, done, report);
    }
}

/// Changes that no script asks for: those of a plan, or of an undo.
impl Work for Vec<Change> {
    fn plan(&self, open: &mut Open) {
        open.submit(self.clone());
    }

    fn after(&self, open: &mut Open, _: &[Done], report: Report) {
        open.report = report;
    }
}
