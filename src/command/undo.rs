//! `tikbook undo`: the way back from a run, planned, and with `--apply` made.

use crate::cli::{Global, UndoArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use catalogue::Said;
use journal::record::{self, Record};
use journal::run::RunKind;
use planning::OwnServices;
use planning::undo::{self, Undo};
use report::Report;
use sentences::{UndoDamaged, UndoLeft, UndoNotSaid, UndoNothing, UndoTitle};
use session::Session;

use super::apply::{Work, carry_out};
use super::history::{all_names, damage, damaged, find};
use super::{Setting, runtime};

/// Undoes a run as far as its rows are still as it left them.
///
/// # Errors
/// There is no such run, it is still at work, a guard refuses, a service cannot be asked, some rows
/// had changed, or its journal is damaged: then what is readable is undone.
pub fn run(global: &Global, args: &UndoArgs, signals: &Signals) -> Result<Code, Failure> {
    take_back(&Setting::of(global, signals)?, args, signals)
}

/// The same in a setting that is understood.
pub fn take_back(setting: &Setting, args: &UndoArgs, signals: &Signals) -> Result<Code, Failure> {
    let session = Session::new(setting.site()?);
    let records = all_names(setting, &session)?;
    let last =
        || record::last_not_undone(&records).ok_or_else(|| record::nothing_to_undo(&records));
    let record = find(setting, &records, &args.run, last)?;
    let runtime = runtime::start()?;
    let undo = runtime.block_on(undo::of(
        (&session, &OwnServices::default()),
        record,
        &records,
    ))?;
    let name = format!("undo {}", record.id);
    let run = setting.begin(RunKind::Undo, &name, None, &session);
    // Rows that came back under another id are found by the journals of later runs.
    let needed = records
        .iter()
        .filter(|other| other.started >= record.started);
    let damage = damage(needed);
    let report = report(record, &undo, &damage);
    let doubt = damaged(setting, &damage);
    // An undo changes no more rows than its run did, which was allowed to.
    let mut writing = args.writing.clone();
    writing.max_changes.get_or_insert(undo.changes.len());
    let work = Work {
        session,
        run,
        report,
        changes: undo.changes,
        again: None,
        planned_at: None,
        notes: left(&undo.left),
        doubt,
    };
    carry_out((setting, signals), runtime, &writing, work)
}

fn report(record: &Record, undo: &Undo, damage: &[Said]) -> Report {
    let mut report = Report {
        title: UndoTitle {
            run: &record.id,
            runbook: record.runbook(),
        }
        .into(),
        ..Report::default()
    };
    if !damage.is_empty() {
        report.note_all(damage.iter().map(|damage| UndoDamaged {
            damage: damage.clone(),
        }));
        report.note(UndoNotSaid);
        let damage: Vec<String> = damage.iter().map(Said::to_string).collect();
        report.keys.insert("damage".to_owned(), damage.into());
    } else if undo.changes.is_empty() {
        report.note(UndoNothing);
    }
    report.note_all(left(&undo.left));
    report
}

/// What stays as the run left it, for people.
fn left(left: &[Said]) -> Vec<Said> {
    let said = left
        .iter()
        .map(|left| UndoLeft { left: left.clone() }.into());
    said.collect()
}
