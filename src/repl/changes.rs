//! The directives that are about the planned changes: `:plan`, `:drop`, `:clear`, `:apply`, `:undo`.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::cli;
use crate::failure::Failure;
use crate::run::{self, Applying, Cause, Confirm, LOCK_WAIT, Opening, Proposal, needed, settled};
use crate::terminal::question::{Answer, Offer};
use catalogue::Said;
use journal::plan_file::Plan;
use journal::record::{self, Record};
use journal::run::{Run, RunKind, SiteIdentity};
use plan::change::Change;
use plan::comments::Comments;
use plan::outcome::Done;
use plan::together;
use planning::ChangeError;
use planning::undo::{self, Undo};
use report::Report;
use report::printable::printable;
use report::sheet::Sheet;
use report::text;
use scripting::host::account::{self, Verdict};
use sentences::{
    ColumnNumber, JournalNoFolder, JournalNoFolderHint, ReplApplyUsage, ReplChanges, ReplDamaged,
    ReplDropUsage, ReplError, ReplForgot, ReplHelp, ReplInPart, ReplLeft, ReplLockWait,
    ReplMaxChanges, ReplNoTerminal, ReplNoTerminalHint, ReplNothingChanged, ReplNothingDone,
    ReplNothingPlanned, ReplNothingToUndo, ReplRefused, ReplRefusedRows, ReplSaved, ReplUndoOf,
};

use super::asker::Asker;
use super::console::Console;
use super::session::Planned;
use super::show::{self, Shown};

/// Shows the planned changes, or saves them as a plan.
pub fn plan(console: &mut Console, path: &str) -> io::Result<()> {
    let count = console.session.planned.len();
    if path.is_empty() {
        show_plan(console)?;
        return match count {
            0 => console.say(ReplNothingPlanned),
            _ => console.say(ReplNothingDone),
        };
    }
    let run = console.session.run_of(RunKind::Run, "repl", None);
    let plan = Plan::of(&run, &console.session.planned(), None);
    let state_folder = console.session.sites.state_folder();
    let written = plan.and_then(|mut plan| plan.write(Path::new(path), state_folder.as_deref()));
    match written {
        Ok(()) => {
            let most = console.session.radius().wanted();
            let most = most.map(|most| ["--max-changes".to_owned(), most.to_string()]);
            let words = ["apply", path, "--apply"].map(str::to_owned).into_iter();
            let words: Vec<String> = words.chain(most.into_iter().flatten()).collect();
            let words = words.iter().map(String::as_str);
            let command = console.session.sites.flags().command(words);
            console.say(ReplSaved {
                changes: count,
                command,
            })
        }
        Err(error) => console.screen.show_failure(Failure::from(error)),
    }
}

/// Forgets one of the planned changes, and those that hang together with it.
pub fn drop(console: &mut Console, number: &str) -> io::Result<()> {
    let planned = &mut console.session.planned;
    let number: Option<usize> = number.parse().ok();
    let Some(index) = number.filter(|number| (1..=planned.len()).contains(number)) else {
        return console.say(ReplDropUsage);
    };
    let groups = together::groups(planned.iter().map(|planned| &planned.done.change));
    let its = groups[index - 1];
    let mut group = groups.iter();
    let dropped = planned.extract_if(.., |_| group.next() == Some(&its));
    let dropped: Vec<Planned> = dropped.collect();
    forget(console, &dropped)
}

/// Says that these changes were dropped. A saved session does not plan them again.
fn forget(console: &mut Console, dropped: &[Planned]) -> io::Result<()> {
    for input in dropped.iter().filter_map(|planned| planned.input) {
        console.screen.transcript.drop_changes(input);
    }
    console.say(ReplForgot {
        changes: dropped.len(),
    })
}

/// Forgets all planned changes.
pub fn clear(console: &mut Console) -> io::Result<()> {
    let dropped = std::mem::take(&mut console.session.planned);
    match dropped.is_empty() {
        true => console.say(ReplNothingPlanned),
        false => forget(console, &dropped),
    }
}

/// Applies the changes that were planned, as far as their rows are still as they were seen.
pub fn apply(console: &mut Console, rest: &str) -> io::Result<()> {
    let (most, wait) = match flags(rest) {
        Ok(flags) => flags,
        Err(error) => return console.say(ReplError { error }),
    };
    if console.session.planned.is_empty() {
        return console.say(ReplNothingPlanned);
    }
    let changes = changes_of(&console.session.planned);
    let run = console.session.run_of(RunKind::Apply, "repl", None);
    if let Some(done) = carry_out(console, run, (most, wait), &changes)? {
        // What was left out stays planned. The changes are those that were asked for, in their order.
        let left_out: Vec<bool> = done.iter().map(|done| done.outcome.is_left_out()).collect();
        let mut left_out = left_out.into_iter();
        console
            .session
            .planned
            .retain(|_| left_out.next().unwrap_or_default());
    }
    Ok(())
}

/// Reads `--max-changes 60 --lock-wait 5m`, one of them, or nothing.
fn flags(text: &str) -> Result<(Option<usize>, Duration), Said> {
    let (mut most, mut wait) = (None, LOCK_WAIT);
    let mut words = text.split([' ', '=']).filter(|word| !word.is_empty());
    while let Some(flag) = words.next() {
        let value = words.next().unwrap_or_default();
        match flag {
            "--max-changes" => {
                let number = value.parse();
                most = Some(number.map_err(|_| Said::from(ReplMaxChanges))?);
            }
            "--lock-wait" => {
                let length = cli::lock_wait(value);
                let refused = |why: String| Said::from(ReplLockWait { why });
                wait = length.map_err(|error| refused(error.to_string()))?;
            }
            _ => return Err(ReplApplyUsage.into()),
        }
    }
    Ok((most, wait))
}

/// Takes the last run back that changed the site, as far as its rows are still as it left them.
pub fn undo(console: &mut Console) -> io::Result<()> {
    let (record, undo) = match last_run(console) {
        Ok(Ok(found)) => found,
        Ok(Err(nothing)) => return console.say(nothing),
        Err(error) => {
            let trace = console.session.refused(error);
            return console.fail(trace);
        }
    };
    console.say(ReplUndoOf {
        run: &record.id,
        runbook: record.runbook(),
        operator: record.operator(),
    })?;
    for damage in &record.damage {
        console.say(ReplDamaged {
            damage: damage.said(),
        })?;
    }
    for left in undo.left {
        console.say(ReplLeft { left })?;
    }
    if undo.changes.is_empty() {
        return console.say(ReplNothingToUndo);
    }
    let name = format!("undo {}", record.id);
    let run = console.session.run_of(RunKind::Undo, &name, None);
    // An undo changes no more rows than its run did, which was allowed to.
    let most = Some(undo.changes.len());
    carry_out(console, run, (most, LOCK_WAIT), &undo.changes).map(|_| ())
}

/// The last run that changed the site and was not undone, and what would undo it; or why there is none.
fn last_run(console: &Console) -> Result<Result<(Record, Undo), Said>, ChangeError> {
    let records = match console.session.sites.state_folder() {
        Some(folder) => {
            let site = SiteIdentity::of(console.session.sites.connections().site());
            record::read_all_names(&folder, &site)?
        }
        None => Vec::new(),
    };
    let Some(record) = record::last_not_undone(&records) else {
        return Ok(Err(record::nothing_to_undo(&records)));
    };
    let services = console.session.services();
    let work = undo::of(
        (console.session.sites.connections(), &services),
        record,
        &records,
    );
    let undo = console.session.around.runtime.block_on(work)?;
    Ok(Ok((record.clone(), undo)))
}

/// The person at the terminal.
struct Operator<'a> {
    asker: &'a Asker,
    /// The terminal.
    sheet: Sheet,
    /// What was asked and answered, for the transcript.
    asked: RefCell<Vec<(String, Answer)>>,
}

impl Confirm for Operator<'_> {
    fn confirm(&self, proposal: &mut Proposal) -> Result<(), ChangeError> {
        let answer = self.asker.ask(proposal, self.sheet);
        let language = self.sheet.language;
        let question = proposal.question();
        let question = question.in_language(language);
        let lines = proposal.text(self.sheet);
        let lines = lines.iter().map(|line| printable(line));
        let lines: Vec<String> = lines.chain([question.into_owned()]).collect();
        let question = lines.join("\n");
        self.asked.borrow_mut().push((question, answer));
        settled(answer)
    }
}

/// Applies changes as one run, if the operator says yes, and shows the account of it. Gives what became
/// of them; nothing if nothing of it was begun.
fn carry_out(
    console: &mut Console,
    run: Run,
    (max_changes, lock_wait): (Option<usize>, Duration),
    changes: &Vec<Change>,
) -> io::Result<Option<Vec<Done>>> {
    let title = match run.kind {
        RunKind::Undo => Said::from(&run.runbook),
        RunKind::Apply | RunKind::Run => ReplChanges.into(),
    };
    if !console.asker.can_ask() {
        console.say(ReplError {
            error: ReplNoTerminal,
        })?;
        console.say(ReplHelp {
            help: ReplNoTerminalHint,
        })?;
        return Ok(None);
    }
    let Some(state_folder) = console.session.sites.state_folder() else {
        console.say(ReplError {
            error: JournalNoFolder,
        })?;
        console.say(ReplHelp {
            help: JournalNoFolderHint,
        })?;
        return Ok(None);
    };
    let opening = Opening {
        run,
        session: console.session.sites.connections().with_new_snapshot(),
        grant: needed(changes),
        planned: Vec::new(),
        means: console.session.means(console.asker.cancel()),
    };
    let operator = Operator {
        asker: &console.asker,
        sheet: console.screen.sheet(),
        asked: RefCell::default(),
    };
    let applying = Applying {
        lock_wait,
        ..Applying::asking(&operator, max_changes, state_folder)
    };
    let ended = opening.apply(&applying, changes);
    for (question, answer) in operator.asked.into_inner() {
        let word = if answer == Answer::Yes { "y" } else { "n" };
        console.screen.answered(&question, word);
    }
    let begun = ended.applies && !ended.done.is_empty();
    if begun {
        show_account(console, title, &ended)?;
    }
    match ended.failure {
        Some(Cause::Changes(ChangeError::NotConfirmed { why })) => {
            console.say(ReplNothingChanged { why })?;
        }
        Some(cause) => {
            let trace = console.session.cause(cause);
            console.fail(trace)?;
        }
        None => {}
    }
    if let Some(error) = ended.unfinished {
        let trace = console.session.refused(error);
        console.fail(trace)?;
    }
    Ok(begun.then_some(ended.done))
}

fn show_account(console: &mut Console, title: Said, ended: &run::Outcome) -> io::Result<()> {
    let site = console.session.sites.site();
    let frame = run::frame(site, "repl", ended.run.started);
    let mut report = Report {
        title,
        ..Report::default()
    };
    let flags = console.session.sites.flags();
    let comments = Comments::of(console.screen.sheet().is_detailed);
    account::add_to(
        &mut report,
        (&ended.run, true),
        (&ended.done, comments),
        &flags,
    );
    report.note_all(verdict(&ended.done));
    let mut out = Vec::new();
    text::write(&mut out, &frame, &report, console.screen.sheet())?;
    let lines = String::from_utf8_lossy(&out).into_owned();
    console
        .screen
        .page(Shown::of(lines.lines().map(str::to_owned)))
}

/// What is to be said about changes that were not made as they should have been.
pub fn verdict(done: &[Done]) -> Option<Said> {
    match Verdict::on(done) {
        Verdict::AsPlanned => None,
        Verdict::Refused { count, of_rows } => Some(match of_rows {
            true => ReplRefusedRows { changes: count }.into(),
            false => ReplRefused { changes: count }.into(),
        }),
        Verdict::InPart(count) => Some(
            ReplInPart {
                count,
                changes: done.len(),
            }
            .into(),
        ),
    }
}

/// The planned changes with the numbers by which `:drop` knows them.
fn show_plan(console: &mut Console) -> io::Result<()> {
    let planned = console.session.planned();
    if planned.is_empty() {
        return Ok(());
    }
    let sheet = console.screen.sheet();
    let comments = Comments::of(sheet.is_detailed);
    let mut table = account::table((&planned, comments), usize::MAX);
    table.columns.insert(0, ColumnNumber.into());
    for (number, row) in (1_usize..).zip(&mut table.rows) {
        row.insert(0, number.to_string().into());
    }
    console.screen.page(show::changes(&table, sheet))
}

fn changes_of(planned: &[Planned]) -> Vec<Change> {
    let changes = planned.iter().map(|planned| planned.done.change.clone());
    changes.map(Change::sent_again).collect()
}
