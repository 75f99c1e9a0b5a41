//! What commands that change something share: the gate, the question, the account of what was done.

use std::io::{self, IsTerminal};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::cli::Writing;
use crate::failure::{Code, Failure};
use crate::terminal::question::{Answer, PATIENCE, Question};
use change::plan::Plan;
use change::planned::{Done, Status};
use change::run::Run;
use change::{Agreed, ChangeError, Confirm, Gate, Radius, Settings};
use report::Report;
use scripting::host::account::{self, Verdict};
use session::Session;
use site::config;
use site::grant::Grant;

use super::Setting;

/// The gate of a run: it plans, unless `grant` applies.
///
/// # Errors
/// Changes are to be made, and there is nobody to ask and no `--yes`, or no folder for the journal.
pub fn gate(
    setting: &Setting,
    session: &Session,
    grant: Grant,
    run: Run,
    writing: &Writing,
    cancel: CancellationToken,
) -> Result<Gate, Failure> {
    if !grant.applies() {
        return Ok(Gate::planning(session.clone(), grant));
    }
    let confirm: Box<dyn Confirm> = match (writing.yes, asks()) {
        (true, _) => Box::new(Agreed),
        (false, true) => Box::new(Terminal {
            cancel: cancel.clone(),
        }),
        (false, false) => {
            return Err(Failure::new(
                Code::Refused,
                "denied",
                "changes are to be made, and there is no terminal to ask on",
            )
            .hint("give --yes to make them without asking"));
        }
    };
    let state_folder = config::state_folder(&setting.sources).ok_or_else(|| {
        Failure::usage("there is no folder for the journal of the changes")
            .hint("set HOME or XDG_STATE_HOME")
    })?;
    let settings = Settings {
        run,
        max_changes: writing.max_changes,
        before: Radius::default(),
        state_folder,
        confirm,
        cancel,
    };
    Ok(Gate::applying(session.clone(), grant, settings))
}

fn asks() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on the terminal, until the run is stopped.
struct Terminal {
    cancel: CancellationToken,
}

impl Confirm for Terminal {
    fn asks(&self) -> bool {
        true
    }

    fn confirm(&self, question: &str) -> Result<(), ChangeError> {
        let question = Question {
            text: question,
            cancel: &self.cancel,
            limit: PATIENCE,
        };
        match question.ask(&mut io::stderr()) {
            Answer::Yes => Ok(()),
            Answer::No(no) => Err(ChangeError::NotConfirmed {
                why: no.to_string(),
            }),
            Answer::Stopped => Err(ChangeError::Interrupted),
        }
    }
}

/// Ends the gate's run: its journal, its plan file, its part of the report. Gives the failure that
/// the run ends with, which is the script's own unless changes went wrong because of the same thing.
/// A run that ends early has no report of its own; what it made before is said all the same.
pub async fn account_for(
    gate: &Gate,
    run: &Run,
    (report, failure): (&mut Report, Option<Failure>),
    plan: Option<&Path>,
    writes: bool,
) -> Option<Failure> {
    let done = gate.done().await;
    let ended = gate.end().await.err().map(Failure::from);
    let written = match (plan, &failure) {
        (Some(path), None) => write_plan(path, run, &done).err(),
        _ => None,
    };
    if writes || !done.is_empty() {
        let unmeasured = match gate.radius().await {
            Err(error) if !gate.applies() => format!(" --max-changes {}", error.wanted()),
            _ => String::new(),
        };
        account::add_to(report, run, gate.applies(), &done);
        if !gate.applies() && account::count(&done, Status::Planned) > 0 {
            let next = format!("Make these changes with --apply{unmeasured}.");
            report.next.push(next);
        }
    }
    let verdict = verdict(&done, gate.applies());
    let made = gate.applies()
        && done
            .iter()
            .any(|done| matches!(done.outcome.status, Status::Applied | Status::Unknown));
    let (failure, ended_early) = match failure {
        // A router that died after some changes is told by them, not by the read that came next.
        Some(failure) if failure.code == Code::Unreachable && made && verdict.is_some() => {
            (verdict, true)
        }
        Some(failure) => (Some(failure), true),
        None if written.is_some() || verdict.is_some() => (written.or(verdict), false),
        None => (ended, true),
    };
    let failure = failure?;
    if !made {
        return Some(failure);
    }
    if report.title.is_empty() {
        report.title = "What the run changed".to_owned();
    }
    Some(match ended_early {
        true => failure.after_changes(&run.id),
        false => failure,
    })
}

/// Writes what was planned as a plan.
///
/// # Errors
/// It would be half of what is to become of a row, or the file cannot be written.
fn write_plan(path: &Path, run: &Run, done: &[Done]) -> Result<(), Failure> {
    Ok(Plan::of(run, done)?.write(path)?)
}

/// What the shell is to see for changes that were not made as they should have been.
fn verdict(done: &[Done], applies: bool) -> Option<Failure> {
    let were = if applies { "were" } else { "would be" };
    match Verdict::on(done) {
        Verdict::AsPlanned => None,
        Verdict::Refused(count) => Some(
            Failure::new(
                Code::Refused,
                "denied",
                format!("{count} changes {were} refused, as their rows are protected"),
            )
            .hint("mikrotik::guarded(menu, rows) says which they are, so that a runbook can leave them"),
        ),
        Verdict::InPart(count) => Some(
            Failure::new(
                Code::Partial,
                "partial",
                match applies {
                    true => format!("{count} of {} changes were not made as planned", done.len()),
                    false => format!("{count} of {} changes could not be made", done.len()),
                },
            )
            .hint(match applies {
                true => "the reasons stand beside each change; what was made can be undone",
                false => "the reasons stand beside each change",
            }),
        ),
    }
}
