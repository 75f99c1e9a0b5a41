//! What commands that change something share: the gate, the question, the account of what was done.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::change::plan::Plan;
use crate::change::planned::{Done, Status};
use crate::change::run::Run;
use crate::change::{Confirm, Gate, Settings};
use crate::cli::Writing;
use crate::config;
use crate::failure::{Code, Failure};
use crate::grant::Grant;
use crate::host::change::{is_trouble, to_json};
use crate::report::text::printable;
use crate::report::{Report, Table};
use crate::session::Session;

use super::Setting;

/// How many changes people are shown, unless the report says otherwise.
const SHOWN: usize = 50;

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
        (true, _) => Box::new(Yes),
        (false, true) => Box::new(Terminal),
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
        state_folder,
        confirm,
        cancel,
    };
    Ok(Gate::applying(session.clone(), grant, settings))
}

fn asks() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

struct Yes;

impl Confirm for Yes {
    fn asks(&self) -> bool {
        false
    }

    fn confirm(&self, _: &str) -> bool {
        true
    }
}

struct Terminal;

impl Confirm for Terminal {
    fn asks(&self) -> bool {
        true
    }

    fn confirm(&self, question: &str) -> bool {
        let mut answer = String::new();
        // Texts of the router must not draw another question over this one.
        let lines: Vec<String> = question.lines().map(printable).collect();
        let asked = write!(io::stderr(), "{} [y/N] ", lines.join("\n"))
            .and_then(|()| io::stderr().flush())
            .and_then(|()| io::stdin().lock().read_line(&mut answer));
        asked.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
    }
}

/// Ends the gate's run: its journal, its plan file, its part of the report. Gives the failure that
/// the run ends with, which is the script's own unless changes went wrong because of the same thing.
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
        add_to(report, run, gate.applies(), &done, &unmeasured);
    }
    let verdict = verdict(&done);
    let made = done
        .iter()
        .any(|done| matches!(done.outcome.status, Status::Applied | Status::Unknown));
    match failure {
        // A router that died after some changes is told by them, not by the read that came next.
        Some(failure) if failure.code == Code::Unreachable && made && verdict.is_some() => verdict,
        Some(failure) => Some(failure),
        None => written.or(verdict).or(ended),
    }
}

/// Writes what was planned as a plan.
///
/// # Errors
/// The file cannot be written.
fn write_plan(path: &Path, run: &Run, done: &[Done]) -> Result<(), Failure> {
    let planned = done
        .iter()
        .filter(|done| done.outcome.status == Status::Planned);
    let changes = planned.map(|done| done.change.clone()).collect();
    Ok(Plan::of(run, changes).write(path)?)
}

/// Adds the account of a run's changes to its report: the key `changes`, for people a table.
fn add_to(report: &mut Report, run: &Run, applies: bool, done: &[Done], unmeasured: &str) {
    report
        .keys
        .insert("changes".to_owned(), account(run, applies, done));
    if done.is_empty() {
        return;
    }
    for (status, count) in counts(done).into_iter().filter(|(_, count)| *count > 0) {
        let label = format!("changes {}", status.as_str());
        report.counts.push(crate::report::Count {
            label,
            value: count.to_string(),
        });
    }
    report
        .tables
        .push(table(done, report.shown.unwrap_or(SHOWN)));
    if applies {
        report.notes.push(format!(
            "Run {}: see it with `tikbook history {}`, undo it with `tikbook undo {}`.",
            run.id, run.id, run.id
        ));
    } else if count(done, Status::Planned) > 0 {
        report
            .next
            .push(format!("Make these changes with --apply{unmeasured}."));
    }
}

fn account(run: &Run, applies: bool, done: &[Done]) -> Json {
    let mut account = json!({ "run": applies.then_some(&run.id), "apply": applies });
    for (status, count) in counts(done) {
        account[status.as_str()] = count.into();
    }
    account["rows"] = done.iter().map(to_json).collect();
    account
}

fn counts(done: &[Done]) -> BTreeMap<Status, usize> {
    [
        Status::Planned,
        Status::Applied,
        Status::Conflict,
        Status::Failed,
        Status::Unknown,
        Status::Skipped,
        Status::Protected,
    ]
    .into_iter()
    .map(|status| (status, count(done, status)))
    .collect()
}

fn count(done: &[Done], status: Status) -> usize {
    done.iter()
        .filter(|done| done.outcome.status == status)
        .count()
}

/// Trouble first: that is what is to be read.
fn table(done: &[Done], most: usize) -> Table {
    let mut sorted: Vec<&Done> = done.iter().collect();
    sorted.sort_by_key(|done| !is_trouble(done.outcome.status));
    let title = match done.len() > most {
        true => format!("Changes (the first {most} of {})", done.len()),
        false => "Changes".to_owned(),
    };
    let columns = ["status", "what", "row", "why"].map(str::to_owned).to_vec();
    let rows = sorted.into_iter().take(most).map(cells).collect();
    Table {
        title,
        columns,
        rows,
    }
}

fn cells(done: &Done) -> Vec<String> {
    let Done { change, outcome } = done;
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(absent)".to_owned());
    let mut why: Vec<String> = outcome.why.iter().cloned().collect();
    why.extend(outcome.differences.iter().map(|difference| {
        let (expected, found) = (text(&difference.expected), text(&difference.found));
        format!("{}: {expected} is now {found}", difference.field)
    }));
    if why.is_empty() {
        why.push(change.reason.clone());
    }
    vec![
        outcome.status.as_str().to_owned(),
        format!("{} {}", change.action.as_str(), change.target),
        change.describe(),
        why.join("; "),
    ]
}

/// What the shell is to see for changes that were not made as they should have been.
fn verdict(done: &[Done]) -> Option<Failure> {
    let trouble = done.iter().filter(|done| is_trouble(done.outcome.status));
    let protected = count(done, Status::Protected);
    let not_sent = done.iter().filter(|done| done.outcome.is_not_sent());
    match trouble.count() + not_sent.count() {
        0 if protected == 0 => None,
        0 => Some(
            Failure::new(
                Code::Refused,
                "denied",
                format!("{protected} changes were refused, as their rows are protected"),
            )
            .hint("mikrotik::guarded(menu, rows) says which they are, so that a runbook can leave them"),
        ),
        count => Some(
            Failure::new(
                Code::Partial,
                "partial",
                format!("{count} of {} changes were not made as planned", done.len()),
            )
            .hint("the reasons stand beside each change; what was made can be undone"),
        ),
    }
}
