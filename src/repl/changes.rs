//! The directives that change the site, or say what would change: `:arm`, `:disarm`, `:plan`, `:apply`,
//! `:undo`.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;
use crate::run::{self, Changes, Opening, needed};
use change::ChangeError;
use change::plan::Plan;
use change::planned::{Change, Done, Outcome, Status};
use change::record::{self, Record};
use change::run::{Run, RunKind};
use change::undo::{self, Undo};
use report::text::{self, table_lines};
use report::{Frame, Report};
use scripting::host::account::{self, Verdict};
use wording::count::counted;
use wording::duration;

use super::arming::{Arming, Words};
use super::console::Console;
use super::show::Shown;

/// How long `:apply` and `:undo` arm for, where the session is not armed.
const SHORT: Duration = Duration::from_secs(5 * 60);

/// Lets lines change the site for a while, if the operator says yes.
pub fn arm(console: &mut Console, rest: &str) -> io::Result<()> {
    let words = match Words::read(rest) {
        Ok(words) => words,
        Err(message) => return console.say(&format!("error: {message}")),
    };
    match words.time {
        Some(time) => ask_to_arm(console, time, words.max_changes).map(drop),
        None => console.say("usage: :arm TIME [--max-changes N], such as :arm 5m"),
    }
}

/// Ends the arming.
pub fn disarm(console: &mut Console) -> io::Result<()> {
    match console.session.writing.arming.take() {
        Some(_) => console.say("read-only again"),
        None => console.say("the session is not armed"),
    }
}

/// Shows the planned changes, or saves them as a plan.
pub fn plan(console: &mut Console, path: &str) -> io::Result<()> {
    let count = console.session.writing.planned.len();
    if path.is_empty() {
        show_plan(console)?;
        return match count {
            0 => console.say("no changes are planned"),
            _ => console.say(
                "nothing of this was done; :apply does it, :plan FILE saves it for `tikbook apply FILE`",
            ),
        };
    }
    let run = console.session.run_of(RunKind::Run, "repl", None);
    let plan = Plan::of(&run, &console.session.writing.planned);
    match plan.and_then(|plan| plan.write(Path::new(path))) {
        Ok(()) => {
            let saved = counted(count, "planned change");
            let them = if count == 1 { "it" } else { "them" };
            let apply = console
                .session
                .sites
                .flags()
                .command(["apply", path, "--apply"]);
            console.say(&format!("saved {saved}; make {them} with {apply}"))
        }
        Err(error) => console.screen.show_failure(Failure::from(error)),
    }
}

/// Makes the changes that were planned, as far as their rows are still as they were seen.
pub fn apply(console: &mut Console, rest: &str) -> io::Result<()> {
    let most = match Words::read(rest) {
        Ok(words) if words.time.is_none() => words.max_changes,
        Ok(_) => return console.say("usage: :apply [--max-changes N]"),
        Err(message) => return console.say(&format!("error: {message}")),
    };
    if console.session.writing.planned.is_empty() {
        return console.say("no changes are planned");
    }
    show_plan(console)?;
    let changes = changes_of(&console.session.writing.planned);
    let Some(arming) = armed(console, changes.len())? else {
        return Ok(());
    };
    let run = console.session.run_of(RunKind::Apply, "repl", None);
    if carry_out(console, &arming.allowing(most), run, changes)? {
        console.session.writing.planned.clear();
    }
    Ok(())
}

/// Takes the last run back that changed the site, as far as its rows are still as it left them.
pub fn undo(console: &mut Console) -> io::Result<()> {
    let (record, undo) = match last_run(console) {
        Ok(Some(found)) => found,
        Ok(None) => return console.say("no run has changed this site yet"),
        Err(error) => {
            let trace = console.session.refused(error);
            return console.fail(trace);
        }
    };
    console.say(&format!(
        "Run {} of {}, by {}:",
        record.id,
        record.runbook(),
        record.operator()
    ))?;
    for damage in &record.damage {
        console.say(&format!("error: its journal is damaged, {damage}"))?;
    }
    let planned: Vec<Done> = undo.changes.iter().map(planned).collect();
    show_changes(console, &planned)?;
    for left in &undo.left {
        console.say(&format!("not undone: {left}"))?;
    }
    if undo.changes.is_empty() {
        return console.say("there is nothing to undo");
    }
    // An undo changes no more rows than its run did, which was allowed to.
    let Some(arming) = armed(console, undo.changes.len())? else {
        return Ok(());
    };
    let run = console
        .session
        .run_of(RunKind::Undo, &format!("undo {}", record.id), None);
    let before = console.session.writing.arming.clone();
    let arming = arming.apart(undo.changes.len());
    carry_out(console, &arming, run, undo.changes)?;
    console.session.writing.arming = before;
    Ok(())
}

fn planned(change: &Change) -> Done {
    Done {
        change: change.clone(),
        outcome: Outcome::of(Status::Planned),
    }
}

/// The last run that changed the site and was not undone, and what would undo it.
fn last_run(console: &Console) -> Result<Option<(Record, Undo)>, ChangeError> {
    let Some(folder) = console.session.sites.state_folder() else {
        return Ok(None);
    };
    let records = record::read_all(&folder, &console.session.sites.site().name)?;
    let Some(record) = record::last_not_undone(&records) else {
        return Ok(None);
    };
    let work = undo::of(console.session.sites.connections(), record, &records);
    let undo = console.session.around.runtime.block_on(work)?;
    Ok(Some((record.clone(), undo)))
}

/// Asks whether so many changes may be made, and for an arming where there is none.
fn armed(console: &mut Console, changes: usize) -> io::Result<Option<Arming>> {
    if console.session.writing.arming.is_none() && !ask_to_arm(console, SHORT, None)? {
        return Ok(None);
    }
    let site = console.session.sites.site().name.clone();
    let changes = counted(changes, "change");
    match console.ask(&format!("Make {changes} on the site `{site}`?"))? {
        true => Ok(console.session.writing.arming.clone()),
        false => console.say("nothing was changed").map(|()| None),
    }
}

fn ask_to_arm(console: &mut Console, time: Duration, most: Option<usize>) -> io::Result<bool> {
    if !console.asker.can_ask() {
        console.say(
            "error: nothing can be changed from here, as there is no terminal to ask on\n  \
             help: save the changes with :plan FILE, and make them with tikbook apply FILE --apply --yes",
        )?;
        return Ok(false);
    }
    if console.session.sites.state_folder().is_none() {
        console.say(
            "error: there is no folder for the journal of the changes\n  \
             help: set HOME or XDG_STATE_HOME",
        )?;
        return Ok(false);
    }
    let site = console.session.sites.site().name.clone();
    let question = format!(
        "Make what is written on the site `{site}` at once, for {}?",
        duration::text(time)
    );
    if !console.ask(&question)? {
        console.say("still read-only")?;
        return Ok(false);
    }
    console.session.writing.arming = Some(Arming::new(time, most));
    Ok(true)
}

/// Submits changes as one run and shows the account of it; false if nothing of it was begun.
fn carry_out(
    console: &mut Console,
    arming: &Arming,
    run: Run,
    changes: Vec<Change>,
) -> io::Result<bool> {
    let title = match run.kind {
        RunKind::Undo => run.runbook.clone(),
        RunKind::Apply | RunKind::Run => "the changes of this session".to_owned(),
    };
    let Some(making) = console.session.making(arming) else {
        return Ok(false);
    };
    let mut open = Opening {
        run,
        session: console.session.sites.connections().clone(),
        grant: needed(&changes),
        changes: Changes::Made(making),
        means: console.session.means(console.asker.cancel()),
    }
    .open();
    open.submit(changes);
    let ended = console.end(open, false);
    let begun = !ended.done.is_empty();
    if begun {
        show_account(console, &title, &ended)?;
    }
    if let Some(cause) = ended.failure {
        let trace = console.session.cause(cause);
        console.fail(trace)?;
    }
    if let Some(error) = ended.unfinished {
        let trace = console.session.refused(error);
        console.fail(trace)?;
    }
    Ok(begun)
}

fn show_account(console: &mut Console, title: &str, ended: &run::Outcome) -> io::Result<()> {
    let frame = Frame {
        site: console.session.sites.site().name.clone(),
        runbook: "repl".to_owned(),
        started: ended.run.started,
    };
    let mut report = Report {
        title: title.to_owned(),
        ..Report::default()
    };
    let flags = console.session.sites.flags();
    account::add_to(&mut report, &ended.run, true, &ended.done, &flags);
    report.notes.extend(verdict(&ended.done));
    let mut out = Vec::new();
    text::write(&mut out, &frame, &report, console.screen.color())?;
    let lines = String::from_utf8_lossy(&out).into_owned();
    console
        .screen
        .page(Shown::of(lines.lines().map(str::to_owned)))
}

/// What is to be said about changes that were not made as they should have been.
pub fn verdict(done: &[Done]) -> Option<String> {
    match Verdict::on(done) {
        Verdict::AsPlanned => None,
        Verdict::Refused { count, of_rows } => Some(format!(
            "{} refused{}.",
            counted(count, "change"),
            match of_rows {
                true => account::because_protected(count),
                false => "; the reasons stand beside each",
            }
        )),
        Verdict::InPart(count) => Some(format!(
            "{count} of {} not made as planned; the reasons stand beside each.",
            counted(done.len(), "change")
        )),
    }
}

fn show_plan(console: &mut Console) -> io::Result<()> {
    let planned = console.session.writing.planned.clone();
    show_changes(console, &planned)
}

fn show_changes(console: &mut Console, changes: &[Done]) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let table = account::table(changes, usize::MAX);
    let lines = table_lines(&table, console.screen.width());
    console.screen.page(Shown::of(lines))
}

fn changes_of(done: &[Done]) -> Vec<Change> {
    let changes = done.iter().map(|done| done.change.clone());
    changes.map(Change::sent_again).collect()
}
