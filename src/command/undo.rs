//! `tikbook undo`: the way back from a run, planned, and with `--apply` made.

use std::time::Duration;

use crate::change::run::{Run, RunKind, SiteIdentity};
use crate::change::undo::{self, Undo};
use crate::cli::{Global, UndoArgs};
use crate::config;
use crate::failure::{Code, Failure};
use crate::report::Report;
use crate::session::Session;

use super::apply::carry_out;
use super::history::{find, records};
use super::{Setting, runtime};

/// Undoes a run as far as its rows are still as it left them.
///
/// # Errors
/// There is no such run, it is still at work, a guard refuses, a service cannot be asked, or some
/// rows had changed.
pub fn run(global: &Global, args: &UndoArgs) -> Result<Code, Failure> {
    let setting = Setting::of(global)?;
    let session = Session::new(setting.site()?);
    let records = records(&setting, &session.site().name)?;
    let record = find(&records, &args.run)?;
    let runtime = runtime::start()?;
    let undo = runtime.block_on(undo::of(&session, record, &records))?;
    let operator = config::operator(&setting.sources);
    let site = SiteIdentity::of(&session);
    let name = format!("undo {}", record.run.id);
    let run = Run::begin(RunKind::Undo, &name, None, &operator, site);
    let report = report(&record.run, &undo);
    // An undo changes no more rows than its run did, which was allowed to.
    let mut writing = args.writing.clone();
    writing.max_changes.get_or_insert(undo.changes.len());
    let code = carry_out(&setting, session, &run, &writing, (report, undo.changes));
    runtime.shutdown_timeout(Duration::from_millis(200));
    code
}

fn report(run: &Run, undo: &Undo) -> Report {
    let mut report = Report {
        title: format!("Undo of run {} of {}", run.id, run.runbook),
        ..Report::default()
    };
    if undo.changes.is_empty() {
        report.notes.push("There is nothing to undo.".to_owned());
    }
    let left = undo.left.iter().map(|left| format!("Not undone: {left}."));
    report.notes.extend(left);
    report
}
