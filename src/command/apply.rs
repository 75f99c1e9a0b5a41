//! `tikbook apply`: the changes of a plan, held against the rows as they are now, and with `--apply`
//! made.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{ApplyArgs, Global, Writing};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use change::plan::Plan;
use change::planned::Change;
use change::run::{Run, RunKind, SiteIdentity};
use report::{Frame, Report};
use session::Session;
use site::config;
use site::grant::Grant;

use super::publish::publish;
use super::{Setting, changes, runtime};

/// Shows the changes of the plan whose rows are still as the plan has them, or makes them.
///
/// # Errors
/// The plan is refused, a guard refuses, a service cannot be asked, or some rows had changed.
pub fn run(global: &Global, args: &ApplyArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global)?;
    let session = Session::new(setting.site()?);
    let site = SiteIdentity::of(&session);
    let plan = Plan::read(&args.plan, &site)?;
    let operator = config::operator(&setting.sources);
    let mut run = Run::begin(RunKind::Apply, &plan.runbook, None, &operator, site);
    run.script_sha256 = plan.script_sha256.clone();
    let mut report = Report {
        title: format!("The plan of {} by {}", plan.created, plan.runbook),
        ..Report::default()
    };
    if !args.apply {
        let note = "Nothing was changed: this is what would be done now.";
        report.notes.push(note.to_owned());
    }
    let writing = Writing {
        apply: args.apply,
        yes: args.yes,
        plan: None,
        max_changes: args.max_changes,
    };
    let work = Work {
        report,
        changes: plan.changes,
        doubt: None,
    };
    carry_out((&setting, signals), session, &run, &writing, work)
}

/// Changes to be made as one run.
pub struct Work {
    /// The report, to which the account of the changes is added.
    pub report: Report,
    /// The changes in order.
    pub changes: Vec<Change>,
    /// What the run fails with even if all of them are made.
    pub doubt: Option<Failure>,
}

/// Submits the changes as one run and publishes the report with the account of them.
pub fn carry_out(
    (setting, signals): (&Setting, &Signals),
    session: Session,
    run: &Run,
    writing: &Writing,
    work: Work,
) -> Result<Code, Failure> {
    let Work {
        mut report,
        changes: submitted,
        doubt,
    } = work;
    let frame = Frame {
        site: session.site().name.clone(),
        runbook: run.runbook.clone(),
        started: Timestamp::now(),
    };
    let targets = submitted.iter().flat_map(Change::targets);
    let mut grant = Grant::default().writing(targets);
    if writing.apply {
        grant = grant.applying();
    }
    let runtime = runtime::start()?;
    let cancel = signals.run();
    let gate = changes::gate(setting, &session, grant, run.clone(), writing, cancel)?;
    let failure = runtime.block_on(async {
        // On a thread of the runtime, as a question to the operator may hold it up.
        let submitting = gate.clone();
        let submitted = tokio::spawn(async move { submitting.submit(submitted).await }).await;
        let failure = match submitted {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(Failure::from(error)),
            Err(_) => Some(Failure::new(
                Code::Failed,
                "system",
                "the changes were cut off",
            )),
        };
        let plan = writing.plan.as_deref();
        let failure = changes::account_for(&gate, run, (&mut report, failure), plan, true).await;
        session.close().await;
        failure
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    publish(setting, &frame, &report, failure.or(doubt), false)
}
