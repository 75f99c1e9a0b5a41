//! What commands that change something share: how changes are made, the question, the account of what
//! was done.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::cli::Writing;
use crate::failure::{Code, Failure};
use crate::run::{
    Agreed, Applying, Cause, Confirm, LOCK_WAIT, Opening, Outcome, Proposal, UNATTENDED_LOCK_WAIT,
    Work, moment, settled,
};
use crate::signals::Signals;
use crate::terminal::pager::Pager;
use crate::terminal::question::{PATIENCE, Question};
use catalogue::Said;
use journal::plan_file::{MadeBy, Plan};
use journal::run::{Run, SiteIdentity};
use plan::comments::Comments;
use plan::outcome::{Done, Status};
use plan::selection::{Key, Selection, SelectionError};
use planning::{ChangeError, STAGES};
use report::Report;
use report::sheet::Sheet;
use scripting::host::account::{self, Verdict, WayBack};
use sentences::{
    AccountChanged, JournalNoFolder, JournalNoFolderHint, JournalOfCaller, QuestionGiveYes,
    QuestionNoTerminal, StepApply, StepApplyMost, StepPlan, VerdictCouldNot, VerdictGuardedHint,
    VerdictInPart, VerdictReasonsHint, VerdictRefused, VerdictRefusedRows, VerdictUndoHint,
    VerdictWouldRefuse, VerdictWouldRefuseRows,
};
use session::Session;
use site::config::{self, SiteFlags};

use super::output::pager_named;
use super::{Setting, prune};

/// Runs what plans changes: they are planned, and applied if the run `applies`; `notes` are said beside
/// them at the question. So many `stages` are made without one. Its session ends with it.
///
/// # Errors
/// Changes are to be applied, and there is nobody to ask and no `--yes`, or no folder for the journal.
pub fn carry_out(
    (setting, signals): (&Setting, &Signals),
    mut opening: Opening,
    (writing, applies): (&Writing, bool),
    (work, notes, stages): (&dyn Work, &[Said], usize),
) -> Result<Outcome, Failure> {
    let (runtime, session) = (opening.means.runtime.clone(), opening.session.clone());
    let selection = selection(writing).map_err(Cause::Selection)?;
    let same_as = approved_before(setting, &session, writing)?;
    if let Some(plan) = &same_as {
        // It is applied once, whatever applies it.
        opening.run.plan = Some(plan.run.clone());
    }
    if applies {
        setting.output.check()?;
    }
    let outcome = match applies {
        false => opening.plan(work).selecting(&selection),
        true => {
            let confirm = confirm((setting, signals), writing.yes, &opening.means.cancel)?;
            let applying = Applying {
                max_changes: writing.max_changes,
                selection,
                stages: match writing.yes {
                    true => stages,
                    false => STAGES,
                },
                same_as: same_as.map(|plan| plan.changes),
                notes,
                lock_wait: lock_wait(writing),
                state_folder: state_folder(setting, &session.site().name)?,
                confirm: &*confirm,
            };
            opening.apply(&applying, work)
        }
    };
    runtime.block_on(session.close());
    if let (true, Some(folder)) = (applies, config::state_folder(&setting.sources)) {
        prune::what_is_kept_no_longer(&folder, session.site());
    }
    Ok(outcome)
}

/// How long the locks of the site are waited for.
fn lock_wait(writing: &Writing) -> Duration {
    writing.lock_wait.unwrap_or(match writing.yes {
        true => UNATTENDED_LOCK_WAIT,
        false => LOCK_WAIT,
    })
}

/// Which changes are to be made.
fn selection(writing: &Writing) -> Result<Selection, SelectionError> {
    let keys = |texts: &[String]| -> Result<Vec<Key>, SelectionError> {
        texts.iter().map(|text| Key::parse(text)).collect()
    };
    Ok(Selection {
        only: keys(&writing.choice.only)?,
        except: keys(&writing.choice.except)?,
    })
}

/// The plan that the changes must be the same as.
fn approved_before(
    setting: &Setting,
    session: &Session,
    writing: &Writing,
) -> Result<Option<Plan>, Failure> {
    let Some(path) = &writing.only_if_same_as else {
        return Ok(None);
    };
    let state_folder = config::state_folder(&setting.sources);
    let mut plan = Plan::read(
        path,
        &SiteIdentity::of(session.site()),
        state_folder.as_deref(),
    )?;
    for change in &mut plan.changes {
        change.read_texts_as(session.site().router_text);
    }
    Ok(Some(plan))
}

/// Who says yes.
fn confirm(
    (setting, signals): (&Setting, &Signals),
    yes: bool,
    cancel: &CancellationToken,
) -> Result<Box<dyn Confirm>, Failure> {
    match (yes, asks()) {
        (true, _) => Ok(Box::new(Agreed)),
        (false, true) => Ok(Box::new(Terminal {
            cancel: cancel.clone(),
            pager: Pager::of(pager_named(&setting.sources.environment), signals.clone()),
            sheet: setting.output.errors,
        })),
        (false, false) => {
            Err(Failure::new(Code::Refused, "denied", QuestionNoTerminal).hint(QuestionGiveYes))
        }
    }
}

/// The folder in which a run on the site can have its journal.
fn state_folder(setting: &Setting, site: &str) -> Result<PathBuf, Failure> {
    let folder = config::state_folder(&setting.sources)
        .ok_or_else(|| Failure::usage(JournalNoFolder).hint(JournalNoFolderHint))?;
    if let Some(owner) = config::owner_of_state(&setting.sources) {
        let folder = folder.display().to_string();
        return Err(Failure::usage(JournalOfCaller { folder, owner }).hint(JournalNoFolderHint));
    }
    journal::check(&folder, site)?;
    Ok(folder)
}

/// Is there a terminal to ask on?
pub fn asks() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on the terminal, until the run is stopped.
struct Terminal {
    cancel: CancellationToken,
    pager: Pager,
    sheet: Sheet,
}

impl Confirm for Terminal {
    fn confirm(&self, proposal: &mut Proposal) -> Result<(), ChangeError> {
        let question = Question {
            cancel: &self.cancel,
            limit: PATIENCE,
            pager: &self.pager,
            sheet: self.sheet,
        };
        settled(question.ask(proposal, &mut io::stderr()))
    }
}

/// What is said of a run that ended.
pub struct Account {
    /// The report with the account of its changes.
    pub report: Report,
    /// The failure that it ends with.
    pub failure: Option<Failure>,
    /// The way back, where it made something.
    pub made: Option<Made>,
}

/// A run that made something.
pub struct Made {
    flags: SiteFlags,
    run: String,
    way: WayBack,
}

impl Made {
    /// What failed once its changes were made, with the way back.
    pub fn before(&self, failure: Failure) -> Failure {
        failure.after_changes(&self.flags, &self.run, self.way)
    }
}

/// What the command line says of a run that ended: its plan file, the report with the account of its
/// changes, and the failure that it ends with, which is the script's own unless changes went wrong
/// because of the same thing. A run that ends early has no report of its own; what it made before is
/// said all the same, or that it was to make something and sent nothing.
pub fn account_for(
    setting: &Setting,
    outcome: Outcome,
    (plan, made_by): (Option<&Path>, Option<MadeBy>),
    (writes, is_to_apply): (bool, bool),
) -> Account {
    let Outcome {
        run,
        mut report,
        failure,
        applies,
        done,
        radius,
        unfinished,
    } = outcome;
    let flags = SiteFlags::of(&setting.sources);
    let written = match (plan, &failure) {
        (Some(path), None) => {
            let state_folder = config::state_folder(&setting.sources);
            write_plan((path, state_folder.as_deref()), &run, &done, made_by).map(Some)
        }
        _ => Ok(None),
    };
    if failure.is_none() || writes || !done.is_empty() {
        let comments = Comments::of(setting.output.sheet.is_detailed);
        account::add_to(&mut report, (&run, applies), (&done, comments), &flags);
    }
    if !applies && failure.is_none() && account::count(&done, Status::Planned) > 0 {
        let most = radius.wanted();
        let changes = account::count(&done, Status::Planned);
        let until = |time: Timestamp| match setting.site() {
            Ok(site) => moment(&site, time),
            Err(_) => time.to_string(),
        };
        match (&written, plan) {
            (Ok(Some(written)), Some(path)) => {
                let command = flags.command(["apply", &path.to_string_lossy(), "--apply"]);
                let most = most.map(|most| format!(" --max-changes {most}"));
                report.step(StepPlan {
                    changes: written.changes.len(),
                    plan: path.display().to_string(),
                    until: until(written.expires),
                    command: format!("{command}{}", most.unwrap_or_default()),
                });
            }
            // Who wanted a plan is told why there is none.
            (Err(_), _) => {}
            (Ok(_), _) => report.step(match most {
                Some(most) => Said::from(StepApplyMost { changes, most }),
                None => StepApply { changes }.into(),
            }),
        }
    }
    let way = WayBack::of(&done);
    let made = (applies && way != WayBack::Nothing).then(|| Made {
        flags,
        run: run.id.clone(),
        way,
    });
    let ending = Ending {
        failure: failure.map(Failure::from),
        written: written.err(),
        verdict: verdict(&done, applies),
        unfinished: unfinished.map(Failure::from),
    };
    let has_failed = ending.failure.is_some();
    let (failure, ended_early) = ending.weigh(made.is_some());
    if failure.is_some() && made.is_some() && report.title.is_empty() {
        report.title = AccountChanged.into();
    }
    let sent_nothing = is_to_apply && has_failed && !was_sent(&done);
    let failure = failure.map(|failure| match made.as_ref().filter(|_| ended_early) {
        Some(made) => made.before(failure),
        None if sent_nothing => failure.before_changes(),
        None => failure,
    });
    Account {
        report,
        failure,
        made,
    }
}

/// Was any of these changes sent to a service?
fn was_sent(done: &[Done]) -> bool {
    done.iter().any(|done| {
        matches!(
            done.outcome.status,
            Status::Applied | Status::Failed | Status::Unknown
        )
    })
}

/// What a run could fail with at its end.
struct Ending {
    failure: Option<Failure>,
    /// The plan could not be written.
    written: Option<Failure>,
    verdict: Option<Failure>,
    /// The journal could not be ended.
    unfinished: Option<Failure>,
}

impl Ending {
    /// What it does fail with, and whether that ended it early.
    fn weigh(self, made: bool) -> (Option<Failure>, bool) {
        match self.failure {
            // A router that died after some changes is told by them, not by the read that came next.
            Some(failure)
                if failure.code == Code::Unreachable && made && self.verdict.is_some() =>
            {
                (self.verdict, true)
            }
            Some(failure) => (Some(failure), true),
            None => match self.written.or(self.verdict) {
                Some(failure) => (Some(failure), false),
                None => (self.unfinished, true),
            },
        }
    }
}

/// Writes what was planned as a plan.
///
/// # Errors
/// It would be half of what is to become of a row, or the file cannot be written.
fn write_plan(
    (path, state_folder): (&Path, Option<&Path>),
    run: &Run,
    done: &[Done],
    made_by: Option<MadeBy>,
) -> Result<Plan, Failure> {
    let mut plan = Plan::of(run, done, made_by)?;
    plan.write(path, state_folder)?;
    Ok(plan)
}

/// What the shell is to see for changes that were not made as they should have been.
fn verdict(done: &[Done], applies: bool) -> Option<Failure> {
    match Verdict::on(done) {
        Verdict::AsPlanned => None,
        Verdict::Refused { count, of_rows } => {
            let changes = count;
            let said: Said = match (applies, of_rows) {
                (true, true) => VerdictRefusedRows { changes }.into(),
                (true, false) => VerdictRefused { changes }.into(),
                (false, true) => VerdictWouldRefuseRows { changes }.into(),
                (false, false) => VerdictWouldRefuse { changes }.into(),
            };
            let failure = Failure::new(Code::Refused, "denied", said);
            Some(match of_rows {
                true => failure.hint(VerdictGuardedHint),
                false => failure.hint(VerdictReasonsHint),
            })
        }
        Verdict::InPart(count) => {
            let changes = done.len();
            let said: Said = match applies {
                true => VerdictInPart { count, changes }.into(),
                false => VerdictCouldNot { count, changes }.into(),
            };
            let failure = Failure::new(Code::Partial, "partial", said);
            Some(match applies && WayBack::of(done) == WayBack::Whole {
                true => failure.hint(VerdictUndoHint),
                false => failure.hint(VerdictReasonsHint),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locks_are_waited_for_longer_where_nobody_waits() {
        let wait = |yes, lock_wait| {
            self::lock_wait(&Writing {
                yes,
                lock_wait,
                ..Writing::default()
            })
        };
        assert_eq!(wait(true, None), Duration::from_secs(360));
        assert_eq!(wait(false, None), Duration::from_secs(30));
        for yes in [true, false] {
            let given = Duration::from_secs(7);
            assert_eq!(wait(yes, Some(given)), given);
        }
    }
}
