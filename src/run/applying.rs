//! How what a run plans is applied, whoever runs it: planned, asked for, planned again under the site's
//! locks, and applied as far as both plans hold it.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use rhai::Map;

use catalogue::Said;
use engine::{Engine, Settings};
use journal::run::RunKind;
use plan::change::Change;
use plan::outcome::{Done, Status};
use plan::selection::Selection;
use plan::{Approved, approved, unlike};
use planning::{ChangeError, STAGES};
use report::Report;
use scripting::script::library::{Library, Script};
use sentences::ErrorChangeFailed;

use super::{Open, Opening, Outcome, Proposal};

/// How long somebody at a terminal waits for the locks of the site.
pub const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How long a run waits that nobody looks at: the portal's sync takes some minutes.
pub const UNATTENDED_LOCK_WAIT: Duration = Duration::from_secs(6 * 60);

/// What plans the changes of a run. It is asked twice: what both plans hold is applied.
pub trait Work {
    /// Plans them, and leaves a report if there is one.
    fn plan(&self, open: &mut Open);

    /// Called when they were applied, also if there were none: what is read now, and said of it, and what
    /// is planned as the next stage. `report` is the one that was left with the plan that was applied.
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
    /// How many stages may be made.
    pub stages: usize,
    /// The changes that were approved before: they alone are applied, and nothing if it is another plan
    /// now.
    pub same_as: Option<Vec<Change>>,
    /// What is said beside the changes before somebody says yes.
    pub notes: &'a [Said],
    /// How long another run, or the portal's sync, is waited for.
    pub lock_wait: Duration,
    /// The folder of journals and locks.
    pub state_folder: PathBuf,
    /// Who says yes.
    pub confirm: &'a dyn Confirm,
}

impl<'a> Applying<'a> {
    /// Whoever is to say yes is asked for every change and each stage.
    pub fn asking(
        confirm: &'a dyn Confirm,
        max_changes: Option<usize>,
        state_folder: PathBuf,
    ) -> Self {
        Self {
            max_changes,
            selection: Selection::default(),
            stages: STAGES,
            same_as: None,
            notes: &[],
            lock_wait: LOCK_WAIT,
            state_folder,
            confirm,
        }
    }
}

impl Opening {
    /// Plans what `work` plans, and changes nothing.
    pub fn plan(self, work: &dyn Work) -> Outcome {
        self.planned(work, &Stage::First)
    }

    /// Plans what `work` plans, asks for it, and applies it as far as it is planned again when the
    /// site's locks are held; and then each stage that `after` plans, in the same way.
    pub fn apply(mut self, applying: &Applying<'_>, work: &dyn Work) -> Outcome {
        self.means.planned_at = Some(self.planned_at());
        let mut stages = Stages {
            opening: &self,
            applying,
            work,
            engine: None,
            done: Vec::new(),
            number: 1,
        };
        let outcome = stages.run();
        let ended = match stages.engine {
            Some(engine) => self.means.runtime.block_on(engine.end()),
            None => Ok(()),
        };
        Outcome {
            unfinished: ended.err(),
            ..outcome
        }
    }

    /// The locks of the site, held for this run.
    async fn engine(&self, applying: &Applying<'_>) -> Result<Engine, ChangeError> {
        let settings = Settings {
            run: self.run.clone(),
            state_folder: applying.state_folder.clone(),
            services: self.means.services.clone(),
            lock_wait: applying.lock_wait,
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

    /// What a stage plans.
    fn planned(self, work: &dyn Work, stage: &Stage) -> Outcome {
        let mut open = self.open();
        match stage {
            Stage::First => work.plan(&mut open),
            Stage::After(done, report) => work.after(&mut open, done, Report::clone(report)),
        }
        open.end()
    }

    /// The same run on the site as it is now.
    fn again(&self) -> Self {
        let mut again = self.clone();
        again.session = self.session.with_new_snapshot();
        again.means.is_quiet = true;
        again
    }
}

/// What plans a stage of a run.
enum Stage {
    First,
    /// `after`, on what was applied before and what was said of it.
    After(Vec<Done>, Box<Report>),
}

/// The stages of a run that applies.
struct Stages<'a> {
    opening: &'a Opening,
    applying: &'a Applying<'a>,
    work: &'a dyn Work,
    engine: Option<Engine>,
    /// What became of the stages before.
    done: Vec<Done>,
    /// Which stage it is, from 1.
    number: usize,
}

impl Stages<'_> {
    fn run(&mut self) -> Outcome {
        let mut stage = Stage::First;
        loop {
            let mut shown = self.shown(&stage);
            if shown.failure.is_some() {
                return self.ended(shown, None);
            }
            let is_undone = self.number == 1 && self.opening.is_undone_already(&shown.done);
            if !shown.is_planned() && !is_undone {
                if self.number > 1 {
                    return self.ended(shown, None);
                }
                // `after` is called also with nothing done.
                self.done.extend(shown.done.iter().cloned());
                self.number += 1;
                stage = Stage::After(shown.done, Box::new(shown.report));
                continue;
            }
            if !is_undone && let Err(error) = self.agree(&mut shown) {
                if self.number == 1 && shown.done.is_empty() {
                    // Who said no has seen what it was about.
                    shown.report = Report::default();
                }
                return self.ended(shown, Some(error));
            }
            if let Err(error) = self.hold() {
                return self.ended(shown, Some(error));
            }
            let again = self.opening.again().planned(self.work, &stage);
            let mut again = self.marked(again);
            if again.failure.is_some() {
                again.done = match self.number {
                    1 => Vec::new(),
                    _ => shown.done,
                };
                return self.ended(again, None);
            }
            let changes = std::mem::take(&mut again.done);
            let changes = approved(&shown.done, changes, self.applying.max_changes);
            let (done, made) = self.make(changes);
            self.done.extend(done.iter().cloned());
            self.number += 1;
            if let Err(error) = made {
                return self.ended(again, Some(error));
            }
            stage = Stage::After(done, Box::new(again.report));
        }
    }

    /// What a stage plans, as it is shown.
    fn shown(&self, stage: &Stage) -> Outcome {
        let selection = &self.applying.selection;
        if let Stage::First = stage {
            let shown = self.opening.clone().planned(self.work, stage);
            return shown.selecting(selection);
        }
        let mut opening = self.opening.again();
        // What `after` says is said when it is first called.
        opening.means.is_quiet = false;
        let mut shown = self.marked(opening.planned(self.work, stage));
        let left = selection.leave_out_known(&mut shown.done);
        shown.radius.take_out(&left);
        shown
    }

    /// The changes of a later stage say that they are.
    fn marked(&self, mut planned: Outcome) -> Outcome {
        let stage = Some(self.number).filter(|number| *number > 1);
        for done in &mut planned.done {
            done.change.later_stage = stage;
        }
        planned
    }

    /// Holds a stage against what may be done, and asks for it.
    fn agree(&self, shown: &mut Outcome) -> Result<(), ChangeError> {
        let applying = self.applying;
        let allowed = match applying.same_as {
            Some(_) => 1,
            None => applying.stages,
        };
        if self.number > allowed {
            let stage = self.number;
            return Err(ChangeError::Stage { stage, allowed });
        }
        let before = self.engine.as_ref().map(Engine::radius).cloned();
        let radius = before.unwrap_or_default().and(&shown.radius);
        radius.check(applying.max_changes)?;
        if let Some(before) = &applying.same_as {
            let differences = unlike(before, &mut shown.done);
            if !differences.is_empty() {
                return Err(ChangeError::OtherPlan { differences });
            }
        }
        let site = &self.opening.session.site().name;
        let done = std::mem::take(&mut shown.done);
        let mut proposal = Proposal::new(site, done, applying.notes);
        let answer = applying.confirm.confirm(&mut proposal);
        if answer.is_ok() || self.number > 1 {
            shown.done = proposal.into_done();
        }
        answer
    }

    /// Takes the site's locks.
    fn hold(&mut self) -> Result<(), ChangeError> {
        let runtime = &self.opening.means.runtime;
        match &mut self.engine {
            Some(engine) => runtime.block_on(engine.hold_again()),
            None => {
                let engine = runtime.block_on(self.opening.engine(self.applying))?;
                self.engine = Some(engine);
                Ok(())
            }
        }
    }

    /// Applies a stage, and gives the locks back: the next one may be long in coming.
    fn make(&mut self, changes: Approved) -> (Vec<Done>, Result<(), ChangeError>) {
        let runtime = &self.opening.means.runtime;
        let Some(engine) = &mut self.engine else {
            return (Vec::new(), Ok(()));
        };
        runtime.block_on(async {
            let made = engine.apply(changes).await;
            engine.rest().await;
            made
        })
    }

    /// The end of the run, with what became of the stages before; what was planned now is not made.
    fn ended(&mut self, outcome: Outcome, error: Option<ChangeError>) -> Outcome {
        let outcome = match self.number {
            1 => outcome,
            _ => {
                let why = error.as_ref().map(ChangeError::said);
                let why = why.unwrap_or_else(|| ErrorChangeFailed.into());
                outcome.after(std::mem::take(&mut self.done), &why)
            }
        };
        match error {
            Some(error) => outcome.failed(error),
            None => outcome,
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
