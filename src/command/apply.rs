//! `tikbook apply`: the changes of a plan, held against the rows as they are now, and with `--apply`
//! made.

use jiff::Timestamp;
use rhai::Map;

use crate::cli::{ApplyArgs, Global, Writing};
use crate::failure::{Code, Failure};
use crate::run::{self, Means, Opening, Outcome, PlannedAgain, Runbook, Runs, declared, needed};
use crate::signals::Signals;
use catalogue::Said;
use journal::plan_file::{Plan, PlanError};
use journal::run::{Run, RunKind, SiteIdentity};
use plan::change::Change;
use report::Report;
use sentences::{ApplyForeign, ApplyNothingChanged, ApplyRowsAlone, ApplyTitle};
use session::Session;
use site::config;

use super::publish::publish;
use super::runtime::{self, Runtime};
use super::{Setting, changes};

/// Shows the changes of the plan whose rows are still as the plan has them, or makes them.
///
/// # Errors
/// The plan is refused, a guard refuses, a service cannot be asked, or some rows had changed.
pub fn run(global: &Global, args: &ApplyArgs, signals: &Signals) -> Result<Code, Failure> {
    apply(&Setting::of(global, signals)?, args, signals)
}

/// The same in a setting that is understood.
pub fn apply(setting: &Setting, args: &ApplyArgs, signals: &Signals) -> Result<Code, Failure> {
    let session = Session::new(setting.site()?);
    let site = SiteIdentity::of(session.site());
    let state_folder = config::state_folder(&setting.sources);
    let plan = Plan::read(&args.plan, &site, state_folder.as_deref())?;
    let mut run = setting.begin(RunKind::Apply, &plan.runbook, None, &session);
    run.script_sha256 = plan.script_sha256.clone();
    run.plan = Some(plan.run.clone());
    let again = plan.made_by.as_ref();
    let again = again.and_then(|made_by| Runbook::as_made(&setting.library, made_by));
    let vouched = again.is_some() || args.foreign || plan.is_made_in(state_folder.as_deref());
    if args.apply && !vouched {
        return Err(PlanError::Foreign.into());
    }
    let created = run::moment(session.site(), plan.created);
    let mut report = Report {
        title: ApplyTitle {
            created,
            runbook: &plan.runbook,
        }
        .into(),
        ..Report::default()
    };
    if !args.apply {
        report.note(ApplyNothingChanged);
    }
    if again.is_none() && plan.made_by.is_some() {
        report.note(ApplyRowsAlone);
    }
    if !vouched {
        report.note(ApplyForeign);
    }
    let writing = args.writing();
    let work = Work {
        again,
        session,
        run,
        report,
        planned_at: Some(plan.created),
        changes: plan.changes,
        notes: Vec::new(),
        doubt: None,
    };
    carry_out((setting, signals), runtime::start()?, &writing, work)
}

/// Changes to be made as one run.
pub struct Work {
    /// The connections.
    pub session: Session,
    /// Which run it is.
    pub run: Run,
    /// The report, to which the account of the changes is added.
    pub report: Report,
    /// The changes in order.
    pub changes: Vec<Change>,
    /// The runbook that planned them with its arguments, where it can plan them again.
    pub again: Option<(Runbook, Map)>,
    /// When they were planned first.
    pub planned_at: Option<Timestamp>,
    /// What is said beside the changes before somebody says yes.
    pub notes: Vec<Said>,
    /// What the run fails with even if all of them are made.
    pub doubt: Option<Failure>,
}

/// Submits the changes as one run and publishes the report with the account of them.
pub fn carry_out(
    (setting, signals): (&Setting, &Signals),
    runtime: Runtime,
    writing: &Writing,
    work: Work,
) -> Result<Code, Failure> {
    let Work {
        session,
        run,
        report,
        changes: submitted,
        again,
        planned_at,
        notes,
        doubt,
    } = work;
    let frame = run::frame(session.site(), &run.runbook, Timestamp::now());
    let cancel = signals.run();
    let means = setting.means(&runtime, cancel);
    let opening = Opening {
        run,
        session,
        grant: match &again {
            None => needed(&submitted),
            Some((runbook, _)) => declared(&runbook.header),
        },
        planned: Vec::new(),
        means: Means {
            planned_at,
            ..means
        },
    };
    let flags = (writing, writing.apply);
    let outcome = match &again {
        None => changes::carry_out((setting, signals), opening, flags, (&submitted, &notes, 1))?,
        Some((runbook, args)) => {
            let runs = Runs {
                library: &setting.library,
                script: &runbook.script,
                args: args.clone(),
            };
            let planned_again = PlannedAgain::new(submitted, runs);
            changes::carry_out(
                (setting, signals),
                opening,
                flags,
                (&planned_again, &notes, runbook.header.stages),
            )?
        }
    };
    let mut outcome = match again.is_some() && outcome.applies {
        // What the runbook says of it.
        true => outcome,
        false => Outcome { report, ..outcome },
    };
    if let (false, Some((runbook, _))) = (writing.apply, &again) {
        let more = runbook.more_to_come(&setting.library);
        outcome.report.note_all(more);
    }
    drop(runtime);
    let plan = (writing.plan.as_deref(), None);
    let mut account = changes::account_for(setting, outcome, plan, (true, writing.apply));
    account.failure = account.failure.or(doubt);
    publish(setting, &frame, account, false)
}
