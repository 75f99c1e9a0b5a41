//! A run as its journal tells it: what is readable, and what is damaged.
//!
//! A last line without its end, of a run without an end, was cut off with its run. Anything else that
//! is not as it was written is damage: it is said, and everything around it is read all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::IgnoredAny;

use super::error::JournalError;
use super::journal::{Event, FORMAT, Line, site_folder, unsealed};
use super::run::{Run, RunKind, SiteIdentity};
use catalogue::{Language, Said};
use plan::change::{Action, Change};
use plan::fields::Fields;
use plan::menu;
use plan::outcome::{Outcome, Skipped, Status};
use plan::row::RowWrite;
use sentences::{
    DamageChangesLost, DamageGarbled, DamageLinesMissing, DamageMisplaced, DamageNewer,
    DamageNoFile, DamageOfLine, DamageOutcomesLost, DamageRepeated, DamageRunLost,
    DamageUnreadable, HistoryLost, UndoAllUndone, UndoNoRun,
};

/// A change, what became of it, and when that was known.
pub type Known = (Change, Option<Outcome>, Option<Timestamp>);

/// A run as its journal tells it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The run's id: by its first line, or by the file's name where that is lost.
    pub id: String,
    /// When it began, as its first line or its id says.
    pub started: Timestamp,
    /// The run; `None` where the first line is lost.
    pub run: Option<Run>,
    /// Its changes in order; without an outcome where the run was cut off before it was known.
    pub changes: Vec<Known>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Is its process still at work?
    pub running: bool,
    /// The journal's file.
    pub path: PathBuf,
    /// What of the journal is not as it was written.
    pub damage: Vec<Damage>,
}

/// Something in a journal that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The line of the file, from 1, where it is one line.
    pub line: Option<usize>,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A newer tikbook wrote it, in this format.
    Newer(String),
    /// The file cannot be read; why.
    Unreadable(String),
    /// There is something else than a file.
    NoFile,
    /// The first line is missing or cannot be read.
    RunLost,
    /// A line is not as it was written.
    Garbled,
    /// A line stands there twice.
    Repeated,
    /// A line stands behind a later one, or behind the end.
    Misplaced,
    /// So many lines are gone.
    LinesMissing(usize),
    /// What so many changes were is not there, though something is known of them.
    ChangesLost(usize),
    /// What became of so many changes is not there, though the run came to its end.
    OutcomesLost(usize),
}

impl Record {
    /// How many changes have this status.
    pub fn count(&self, status: Status) -> usize {
        let statuses = self
            .changes
            .iter()
            .filter_map(|(_, outcome, _)| outcome.as_ref());
        statuses.filter(|outcome| outcome.status == status).count()
    }

    /// How many changes have no outcome: they were sent or not.
    pub fn open(&self) -> usize {
        self.changes
            .iter()
            .filter(|(_, outcome, _)| outcome.is_none())
            .count()
    }

    /// Did the run change anything, as far as is known? One that is still at work may, and what a
    /// damaged journal does not say may have been a change.
    pub fn may_have_changed(&self) -> bool {
        let made = self.count(Status::Applied) + self.count(Status::Unknown) + self.open();
        made > 0 || self.running || !self.damage.is_empty()
    }

    /// The run that this one undoes, if it is an undo, or was made from the plan of one.
    fn undoes(&self) -> Option<&str> {
        let mut undone = self
            .changes
            .iter()
            .map(|(change, ..)| change.undoes.as_deref());
        let first = undone.next()??;
        undone.all(|run| run == Some(first)).then_some(first)
    }

    /// Was everything that was planned made, or found to be so?
    fn is_complete(&self) -> bool {
        let is_made = |outcome: &Outcome| match outcome.status {
            Status::Applied => true,
            Status::Skipped => !outcome.is_not_sent() && !outcome.is_left_out(),
            _ => false,
        };
        let mut outcomes = self.changes.iter().map(|(_, outcome, _)| outcome.as_ref());
        self.state() == "finished" && outcomes.all(|outcome| outcome.is_some_and(is_made))
    }

    /// `finished`, `partial` where changes were not made as planned, `unfinished`, `damaged`, or
    /// `newer` where only a newer tikbook can tell.
    pub fn state(&self) -> &'static str {
        let bad = [Status::Conflict, Status::Failed, Status::Unknown];
        let is_bad = |outcome: &Outcome| bad.contains(&outcome.status) || outcome.is_not_sent();
        let mut outcomes = self.changes.iter().map(|(_, outcome, _)| outcome.as_ref());
        match self.finished {
            _ if self.newer().is_some() => "newer",
            _ if !self.damage.is_empty() => "damaged",
            None => "unfinished",
            Some(_) if outcomes.any(|outcome| outcome.is_none_or(is_bad)) => "partial",
            Some(_) => "finished",
        }
    }

    /// The runbook, where the journal still says it, for people.
    pub fn runbook(&self) -> Said {
        self.of_run(|run| &run.runbook)
    }

    /// Who ran it, where the journal still says it, for people.
    pub fn operator(&self) -> Said {
        self.of_run(|run| &run.operator)
    }

    fn of_run(&self, said: impl Fn(&Run) -> &str) -> Said {
        let run = self.run.as_ref();
        run.map_or_else(|| HistoryLost.into(), |run| said(run).into())
    }

    /// The format of a journal that only a newer tikbook can read.
    pub fn newer(&self) -> Option<&str> {
        self.damage.iter().find_map(|damage| match &damage.flaw {
            Flaw::Newer(format) => Some(format.as_str()),
            _ => None,
        })
    }
}

impl Damage {
    /// For people.
    pub fn said(&self) -> Said {
        let damage = match &self.flaw {
            Flaw::Newer(format) => DamageNewer { format }.into(),
            Flaw::Unreadable(why) => DamageUnreadable { why }.into(),
            Flaw::NoFile => DamageNoFile.into(),
            Flaw::RunLost => DamageRunLost.into(),
            Flaw::Garbled => DamageGarbled.into(),
            Flaw::Repeated => DamageRepeated.into(),
            Flaw::Misplaced => DamageMisplaced.into(),
            Flaw::LinesMissing(lines) => DamageLinesMissing { lines: *lines }.into(),
            Flaw::ChangesLost(changes) => DamageChangesLost { changes: *changes }.into(),
            Flaw::OutcomesLost(outcomes) => DamageOutcomesLost {
                outcomes: *outcomes,
            }
            .into(),
        };
        match self.line {
            Some(line) => DamageOfLine { line, damage }.into(),
            None => damage,
        }
    }
}

/// The last run that changed something, of `records` with the newest first. A run that had nothing to
/// do is none, or whatever undoes the last one would be stuck at it.
pub fn last(records: &[Record]) -> Option<&Record> {
    records.iter().find(|record| record.may_have_changed())
}

/// The last run that changed something and was not undone, of `records` with the newest first. An undo
/// is none: one that was cut off, or that could not bring all of it back, leaves its run to be undone.
pub fn last_not_undone(records: &[Record]) -> Option<&Record> {
    let is_undo = |record: &Record| {
        let run = record.run.as_ref();
        record.undoes().is_some() || run.is_some_and(|run| run.kind == RunKind::Undo)
    };
    records.iter().find(|record| {
        record.may_have_changed() && !is_undo(record) && undone_by(record, records).is_none()
    })
}

/// Why there is no [`last_not_undone`] of `records`, for people.
pub fn nothing_to_undo(records: &[Record]) -> Said {
    match last(records) {
        None => UndoNoRun.into(),
        Some(_) => UndoAllUndone.into(),
    }
}

/// The run that undid all of `record`, and was not undone itself, of `records` with the newest first.
/// Nobody can say so of a run whose journal is damaged.
pub fn undone_by<'a>(record: &Record, records: &'a [Record]) -> Option<&'a Record> {
    if !record.damage.is_empty() {
        return None;
    }
    let later = &records[..later_than(record, records).count()];
    later.iter().find(|other| {
        other.undoes() == Some(record.id.as_str())
            && other.is_complete()
            && undone_by(other, later).is_none()
    })
}

/// The run that went on with `record`, an undo that was cut off or could not bring all of it back, and
/// came to its end, of `records` with the newest first.
pub fn continued_by<'a>(record: &Record, records: &'a [Record]) -> Option<&'a Record> {
    let undone = record.undoes()?;
    let undone = records.iter().find(|other| other.id == undone)?;
    let by = undone_by(undone, records)?;
    (by.id != record.id && later_than(record, records).any(|later| later.id == by.id)).then_some(by)
}

/// Is there still something to be done about the run: it is at work, its journal is damaged, or it was
/// cut off, and what it may have changed is neither undone nor gone on with?
pub fn needs_somebody(record: &Record, records: &[Record]) -> bool {
    let is_open = || {
        record.finished.is_none()
            && record.may_have_changed()
            && undone_by(record, records).is_none()
            && continued_by(record, records).is_none()
    };
    record.running || !record.damage.is_empty() || is_open()
}

/// How many changes the run made, and of how many nobody knows that. What was open when it was cut off
/// is known once it was undone to the end: a run made what there was to be taken back, and an undo what
/// the one that went on with it did not have to.
pub fn made(record: &Record, records: &[Record]) -> (usize, usize) {
    let applied = record.count(Status::Applied);
    let open = record.open() + record.count(Status::Unknown);
    if open == 0 {
        return (applied, 0);
    }
    let undoing = |id: &str, records: &[Record]| -> Vec<usize> {
        let of_it = |other: &&Record| other.undoes() == Some(id);
        let places = records.iter().enumerate().filter(|(_, other)| of_it(other));
        places.map(|(place, _)| place).collect()
    };
    let all = record.changes.len();
    if undone_by(record, records).is_some() {
        // Each change that an undo had to make takes back one that was made.
        let mut taken_back: BTreeMap<Mark, usize> = BTreeMap::new();
        for place in undoing(&record.id, records) {
            let mut of_one: BTreeMap<Mark, usize> = BTreeMap::new();
            let had_to = records[place].changes.iter().filter(|(_, outcome, _)| {
                let status = outcome.as_ref().map(|outcome| outcome.status);
                matches!(status, None | Some(Status::Applied | Status::Unknown))
            });
            for (change, ..) in had_to {
                *of_one.entry(Mark::of(change)).or_default() += 1;
            }
            for (mark, count) in of_one {
                let known = taken_back.entry(mark).or_default();
                *known = count.max(*known);
            }
        }
        let taken_back: usize = taken_back.values().sum();
        return (taken_back.clamp(applied, applied + open), 0);
    }
    if let Some(undone) = record.undoes()
        && continued_by(record, records).is_some()
    {
        let is_open = |outcome: &Option<Outcome>| {
            outcome
                .as_ref()
                .is_none_or(|outcome| outcome.status == Status::Unknown)
        };
        let mut later: Vec<Mark> = Vec::new();
        let younger = later_than(record, records).count();
        for place in undoing(undone, &records[..younger]) {
            let applied = records[place].changes.iter().filter(|(_, outcome, _)| {
                outcome
                    .as_ref()
                    .is_some_and(|outcome| outcome.status == Status::Applied)
            });
            later.extend(applied.map(|(change, ..)| Mark::of(change)));
        }
        let mut made = applied;
        for (change, ..) in record
            .changes
            .iter()
            .filter(|(_, outcome, _)| is_open(outcome))
        {
            match later.iter().position(|mark| *mark == Mark::of(change)) {
                Some(place) => drop(later.swap_remove(place)),
                None => made += 1,
            }
        }
        return (made.min(all), 0);
    }
    (applied, open)
}

/// The runs of `records`, with the newest first, that are younger than `record`.
fn later_than<'a>(record: &Record, records: &'a [Record]) -> impl Iterator<Item = &'a Record> {
    let is_it = |other: &Record| other.id == record.id;
    let later = records.iter().position(is_it).unwrap_or(records.len());
    records[..later].iter()
}

/// What two undos of one run have in common where they take back the same change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    router: Option<String>,
    target: String,
    action: Action,
    row: Vec<(String, Vec<u8>)>,
}

impl Mark {
    fn of(change: &Change) -> Self {
        let write = change.row();
        let key = write.map_or(&[][..], |write| menu::key_fields(&write.menu));
        let row = write.and_then(RowWrite::subject);
        let row = row.into_iter().flat_map(Fields::iter);
        let row = row.filter(|(name, _)| key.is_empty() || key.contains(name));
        Self {
            router: change.router().map(str::to_owned),
            target: change.target().to_string(),
            action: change.action(),
            row: row
                .map(|(name, value)| (name.to_owned(), value.to_vec()))
                .collect(),
        }
    }
}

/// The run that made changes by the plan of the run `plan`.
pub fn applied_by<'a>(plan: &str, records: &'a [Record]) -> Option<&'a Record> {
    let is_by_it = |record: &&Record| {
        let by = record.run.as_ref().and_then(|run| run.plan.as_deref());
        by == Some(plan) && record.may_have_changed()
    };
    records.iter().find(is_by_it)
}

/// The runs that ended before `until` and that nothing needs any more, of `records`. One that did not
/// end, or whose journal is damaged, is none, nor is what undid such a one.
pub fn old(records: &[Record], until: Timestamp) -> Vec<&Record> {
    let has_ended = |record: &&Record| {
        let ended = record.finished.is_some_and(|finished| finished < until);
        ended && !record.running && record.damage.is_empty()
    };
    let mut old: Vec<&Record> = records.iter().filter(has_ended).collect();
    loop {
        let ids: BTreeSet<&str> = old.iter().map(|record| record.id.as_str()).collect();
        let is_kept = |id: &str| !ids.contains(id) && records.iter().any(|record| record.id == id);
        let before = old.len();
        old.retain(|record| !record.undoes().is_some_and(is_kept));
        if old.len() == before {
            return old;
        }
    }
}

/// Removes the journals of these runs.
///
/// # Errors
/// [`JournalError::Write`]: what comes before it is removed.
pub fn remove(records: &[&Record]) -> Result<(), JournalError> {
    for record in records {
        fs::remove_file(&record.path).map_err(|source| JournalError::Write {
            path: record.path.clone(),
            source: Arc::new(source),
        })?;
    }
    Ok(())
}

/// Reads the journals of a site under all its names, the newest run first: those of its own name, and
/// those of the same place under another one. Their routers have the names that this one gives them.
///
/// # Errors
/// As [`read_all`].
pub fn read_all_names(folder: &Path, site: &SiteIdentity) -> Result<Vec<Record>, JournalError> {
    let mut records = read_all(folder, &site.name)?;
    let own = site_folder(folder, &site.name);
    let others = own.parent().map(fs::read_dir).and_then(Result::ok);
    let others = others.into_iter().flatten().flatten();
    let others = others.map(|entry| entry.path()).filter(|path| *path != own);
    for other in others.filter(|path| path.is_dir()) {
        let of_other = read_folder(&other)?.into_iter();
        records.extend(of_other.filter(|record| {
            let run = record.run.as_ref();
            run.is_some_and(|run| run.site.is_same_place(site))
        }));
    }
    for record in &mut records {
        call_routers_as(site, record);
    }
    records.sort_by_key(|record| std::cmp::Reverse(record.started));
    Ok(records)
}

/// Gives the routers of a run the names that `site`, the same place, gives them.
fn call_routers_as(site: &SiteIdentity, record: &mut Record) {
    let Some(was) = record.run.as_ref().map(|run| &run.site) else {
        return;
    };
    if was.routers == site.routers || !was.is_same_place(site) {
        return;
    }
    let of_routers = record.changes.iter_mut().map(|(change, ..)| change);
    for change in of_routers {
        if let Some(router) = site.called_here(change.router(), was) {
            change.send_to(router);
        }
    }
}

/// Reads the journals of a site, the newest run first. Files that are not named like a run are left
/// out.
///
/// # Errors
/// [`JournalError::Read`] for a folder that cannot be read. A folder that is not there holds no
/// journals.
pub fn read_all(folder: &Path, site: &str) -> Result<Vec<Record>, JournalError> {
    read_folder(&site_folder(folder, site))
}

fn read_folder(folder: &Path) -> Result<Vec<Record>, JournalError> {
    let failed = |source| JournalError::Read {
        path: folder.to_owned(),
        source: Arc::new(source),
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut records = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            records.extend(read(&path));
        }
    }
    records.sort_by_key(|record| std::cmp::Reverse(record.started));
    Ok(records)
}

/// Bytes of a journal that can be read: of some hundred thousand changes.
const LARGEST: u64 = 256 << 20;

/// One journal; none where the file is not named like a run and does not say that it is of one.
fn read(path: &Path) -> Option<Record> {
    let mut reading = Reading::default();
    let mut running = false;
    let content = open(path).and_then(|file| {
        running = matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock));
        let mut content = Vec::new();
        let read = file.take(LARGEST + 1).read_to_end(&mut content);
        match read {
            Ok(_) if content.len() as u64 > LARGEST => Err(Flaw::Unreadable(format!(
                "it is larger than {LARGEST} bytes"
            ))),
            Ok(_) => Ok(content),
            Err(error) => Err(Flaw::Unreadable(error.to_string())),
        }
    });
    match content {
        Ok(content) => reading.read(&content),
        Err(flaw) => reading.note(None, flaw),
    }
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let by_name = started_of(&name);
    let run = reading.run.take();
    let (id, started) = match &run {
        Some(run) => (run.id.clone(), run.started),
        None => (name, by_name?),
    };
    let (changes, finished, damage) = reading.end(run.is_some());
    Some(Record {
        id,
        started,
        run,
        changes,
        finished,
        running,
        path: path.to_owned(),
        damage,
    })
}

/// Opens a file. What is none, such as a pipe that nobody writes into, would be waited for.
fn open(path: &Path) -> Result<File, Flaw> {
    let file = match fs::metadata(path) {
        Ok(known) if !known.is_file() => return Err(Flaw::NoFile),
        Ok(_) => File::open(path),
        Err(error) => Err(error),
    };
    file.map_err(|error| Flaw::Unreadable(error.to_string()))
}

/// When the run with this id began: ids begin with the time.
fn started_of(id: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%d-%H%M%S", id.get(..15)?).ok()?;
    Some(time.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// What the lines of a journal have said so far.
#[derive(Default)]
struct Reading {
    run: Option<Run>,
    intentions: BTreeMap<usize, Change>,
    /// With the number of the line that said it.
    outcomes: BTreeMap<usize, (usize, Outcome, Timestamp)>,
    finished: Option<Timestamp>,
    damage: Vec<Damage>,
    /// The numbers of the lines that were read.
    numbers: BTreeSet<usize>,
    garbled: usize,
}

/// How the lines of a file are written.
#[derive(Clone, Copy)]
enum Form {
    /// By 0.1.0: an event a line, without number and checksum.
    Bare,
    /// With both.
    Sealed,
}

impl Reading {
    fn read(&mut self, content: &[u8]) {
        let form = match form_of(content) {
            Ok(form) => form,
            Err(newer) => return self.note(None, Flaw::Newer(newer)),
        };
        let mut before: &[u8] = b"";
        for (line, bytes) in (1..).zip(content.split_inclusive(|&byte| byte == b'\n')) {
            let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            // 0.1.0 numbered its changes only.
            let is_same = matches!(form, Form::Bare) && text == before;
            before = text;
            if let Some(read) = line_of(form, text) {
                match is_same {
                    true => self.note(Some(line), Flaw::Repeated),
                    false => self.take(line, read),
                }
                continue;
            }
            let is_cut = text.len() == bytes.len() && is_beginning(text);
            if is_cut && line > 1 && self.finished.is_none() {
                continue;
            }
            self.garbled += 1;
            self.note(Some(line), Flaw::Garbled);
            // Lines that lost the end between them are whole for themselves.
            for read in values_of(text)
                .into_iter()
                .filter_map(|text| line_of(form, text))
            {
                self.take(line, read);
            }
        }
    }

    fn take(&mut self, line: usize, (number, event): (Option<usize>, Event)) {
        if let Some(number) = number {
            let is_late = self.numbers.last().is_some_and(|last| number < *last);
            if !self.numbers.insert(number) {
                return self.note(Some(line), Flaw::Repeated);
            }
            if is_late {
                self.note(Some(line), Flaw::Misplaced);
            }
        } else if self.finished.is_some() {
            self.note(Some(line), Flaw::Misplaced);
        }
        let place = number.unwrap_or(line);
        match event {
            Event::Run(run) if self.run.is_none() => self.run = Some(run),
            Event::Intention { n, change } if !self.intentions.contains_key(&n) => {
                let next = self.intentions.last_key_value().map_or(0, |(n, _)| n + 1);
                if number.is_none() && n != next {
                    self.note(Some(line), Flaw::Misplaced);
                }
                self.intentions.insert(n, *change);
            }
            Event::Run(_) | Event::Intention { .. } => self.note(Some(line), Flaw::Repeated),
            Event::Outcome {
                n,
                time,
                mut outcome,
            } => {
                if outcome.status == Status::Skipped {
                    let skipped = &mut outcome.skipped;
                    skipped.get_or_insert_with(|| skipped_by(outcome.why.as_ref()));
                }
                // Of several the last one counts.
                if self.outcomes.get(&n).is_none_or(|known| known.0 <= place) {
                    self.outcomes.insert(n, (place, outcome, time));
                }
            }
            Event::End { time } => self.finished = Some(time),
        }
    }

    /// Puts together what the lines said, and notes what none of them did.
    fn end(mut self, has_run: bool) -> (Vec<Known>, Option<Timestamp>, Vec<Damage>) {
        let is_read = !self.damage.iter().any(|damage| {
            matches!(
                damage.flaw,
                Flaw::Newer(_) | Flaw::Unreadable(_) | Flaw::NoFile
            )
        });
        if is_read && !has_run {
            self.note(None, Flaw::RunLost);
        }
        let highest = self.numbers.last().copied().unwrap_or(0);
        let missing = highest - self.numbers.len();
        if missing > self.garbled {
            self.note(None, Flaw::LinesMissing(missing - self.garbled));
        }
        let changes: Vec<Known> = self
            .intentions
            .into_iter()
            .map(|(n, change)| match self.outcomes.remove(&n) {
                Some((_, outcome, time)) => (change, Some(outcome), Some(time)),
                None => (change, None, None),
            })
            .collect();
        let mut damage = self.damage;
        let mut note = |count: usize, flaw: fn(usize) -> Flaw| {
            if count > 0 {
                let flaw = flaw(count);
                damage.push(Damage { line: None, flaw });
            }
        };
        note(self.outcomes.len(), Flaw::ChangesLost);
        let open = changes.iter().filter(|(_, outcome, _)| outcome.is_none());
        if self.finished.is_some() {
            note(open.count(), Flaw::OutcomesLost);
        }
        (changes, self.finished, damage)
    }

    fn note(&mut self, line: Option<usize>, flaw: Flaw) {
        self.damage.push(Damage { line, flaw });
    }
}

/// Why a change was skipped, by its reason in English: the journals of 0.1.0 say it in no other way.
fn skipped_by(why: Option<&Said>) -> Skipped {
    let why = why.map(|why| why.in_language(Language::English));
    match why.as_deref() {
        Some("left out") => Skipped::LeftOut,
        Some(why) if why.starts_with("not sent: ") => Skipped::NotSent,
        _ => Skipped::NothingToDo,
    }
}

/// How the file is written, by its first line, or by any where that is lost; the format's name for
/// one that is not known here.
fn form_of(content: &[u8]) -> Result<Form, String> {
    let lines = || content.split(|&byte| byte == b'\n');
    let first = lines().next().unwrap_or_default();
    if let Some(body) = unsealed(first) {
        let line = serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default();
        return match line["format"].as_str() {
            Some(format) if format != FORMAT => Err(format.to_owned()),
            _ => Ok(Form::Sealed),
        };
    }
    let is_sealed = |line: &[u8]| line.starts_with(br#"{"line":"#);
    match line_of(Form::Bare, first) {
        None if lines().any(is_sealed) => Ok(Form::Sealed),
        _ => Ok(Form::Bare),
    }
}

/// What a line says, with its number, if it is as it was written.
fn line_of(form: Form, text: &[u8]) -> Option<(Option<usize>, Event)> {
    match form {
        Form::Bare => Some((None, serde_json::from_slice(text).ok()?)),
        Form::Sealed => {
            let line: Line = serde_json::from_slice(&unsealed(text)?).ok()?;
            Some((Some(line.line), line.event))
        }
    }
}

/// Is this JSON that only lacks its end?
fn is_beginning(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// The JSON values that stand one behind the other in `text`, as far as they can be told apart.
fn values_of(text: &[u8]) -> Vec<&[u8]> {
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let mut values = Vec::new();
    let mut start = 0;
    while let Some(Ok(IgnoredAny)) = stream.next() {
        let end = stream.byte_offset();
        values.push(&text[start..end]);
        start = end;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Journal;
    use crate::run::SiteIdentity;
    use plan::fields::Fields;
    use plan::row::At;

    fn run() -> Run {
        let site = SiteIdentity {
            name: "a/b".to_owned(),
            routers: Vec::new(),
            database: None,
            redis: None,
        };
        Run::begin(RunKind::Run, "cleanup", None, "me", site)
    }

    fn change() -> Change {
        let menu = "/ip/arp".parse().unwrap();
        Change::remove(None, &menu, At::row("*1"), Fields::default(), "why")
    }

    fn journal(folder: &Path) -> PathBuf {
        let run = run();
        let mut journal = Journal::begin(folder, &run).unwrap();
        for n in 0..2 {
            journal.intend(n, &change()).unwrap();
        }
        journal.outcome(0, &Outcome::of(Status::Applied)).unwrap();
        journal.sync().unwrap();
        let name = format!("{}.jsonl", run.id);
        site_folder(folder, "a/b").join(name)
    }

    #[test]
    fn a_run_that_was_cut_off_is_unfinished_wherever_its_journal_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = journal(folder.path());
        let whole = fs::read(&path).unwrap();
        let first = whole.iter().position(|&byte| byte == b'\n').unwrap();
        for length in (first + 1..=whole.len()).rev() {
            fs::write(&path, &whole[..length]).unwrap();
            let records = read_all(folder.path(), "a/b").unwrap();
            assert_eq!(records[0].state(), "unfinished", "{length}");
            assert!(records[0].changes.len() <= 2);
        }
        fs::write(&path, &whole[..first / 2]).unwrap();
        assert_eq!(
            read_all(folder.path(), "a/b").unwrap()[0].state(),
            "damaged"
        );
    }

    #[test]
    fn a_journal_says_whether_its_run_is_still_at_work() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(folder.path(), &run()).unwrap();
        journal.intend(0, &change()).unwrap();
        journal.outcome(0, &Outcome::of(Status::Failed)).unwrap();
        assert!(read_all(folder.path(), "a/b").unwrap()[0].running);
        journal.end().unwrap();
        let record = &read_all(folder.path(), "a/b").unwrap()[0];
        assert!(!record.running);
        assert_eq!(record.state(), "partial");
        assert_eq!(record.open(), 0);
    }

    /// Journals of 0.1.0, and one of today that ended and has an outcome that was revised.
    fn ended(folder: &Path) -> [Vec<u8>; 2] {
        let run = run();
        let mut journal = Journal::begin(folder, &run).unwrap();
        for n in 0..4 {
            journal.intend(n, &change()).unwrap();
        }
        for n in [0, 1, 2, 3, 2] {
            journal.outcome(n, &Outcome::of(Status::Applied)).unwrap();
        }
        journal.end().unwrap();
        let path = site_folder(folder, "a/b").join(format!("{}.jsonl", run.id));
        let old = include_bytes!("../../../tests/journals/20261127-220023-d1b143.jsonl");
        [fs::read(path).unwrap(), old.to_vec()]
    }

    fn record_of(folder: &Path, content: &[u8]) -> Record {
        let path = folder.join("20261127-220023-d1b143.jsonl");
        fs::write(&path, content).unwrap();
        read(&path).unwrap()
    }

    /// Does it say the same, but for what stands in texts?
    fn says_the_same(record: &Record, whole: &Record) -> bool {
        let words = |record: &Record| {
            let known = |(change, outcome, _): &Known| {
                (
                    change.action(),
                    outcome.as_ref().map(|outcome| outcome.status),
                )
            };
            let changes: Vec<_> = record.changes.iter().map(known).collect();
            (record.state(), changes, record.run.is_some())
        };
        words(record) == words(whole)
    }

    /// What 0.1.0 wrote of an outcome, which had its reason and nothing beside it.
    fn line_of_0_1(n: usize, outcome: &Outcome) -> String {
        let mut outcome = serde_json::to_value(outcome).unwrap();
        outcome.as_object_mut().unwrap().remove("skipped");
        let time = Timestamp::UNIX_EPOCH;
        let event = serde_json::json!({ "outcome": { "n": n, "time": time, "outcome": outcome } });
        format!("{event}\n")
    }

    #[test]
    fn why_a_change_was_skipped_is_known_of_journals_of_today_and_of_0_1_0() {
        let folder = tempfile::tempdir().unwrap();
        let skipped = |why: &str| Outcome::because(Status::Skipped, why);
        let stopped = Outcome::not_sent("the run was stopped");
        let cases = [
            (stopped.clone(), Some(Skipped::NotSent)),
            (Outcome::left_out(), Some(Skipped::LeftOut)),
            (
                skipped("the row is gone already"),
                Some(Skipped::NothingToDo),
            ),
            (Outcome::of(Status::Skipped), Some(Skipped::NothingToDo)),
            (Outcome::because(Status::Failed, "not sent: no way"), None),
        ];
        let run = run();
        let mut journal = Journal::begin(folder.path(), &run).unwrap();
        let mut old = format!("{}\n", serde_json::json!({ "run": run }));
        for (n, (outcome, _)) in cases.iter().enumerate() {
            journal.intend(n, &change()).unwrap();
            let event = serde_json::json!({ "intention": { "n": n, "change": change() } });
            old += &format!("{event}\n");
            journal.outcome(n, outcome).unwrap();
            old += &line_of_0_1(n, outcome);
        }
        journal.end().unwrap();
        let path = site_folder(folder.path(), "a/b").join(format!("{}.jsonl", run.id));
        for content in [fs::read(path).unwrap(), old.into_bytes()] {
            let record = record_of(folder.path(), &content);
            assert_eq!(record.damage, []);
            let of_record = record.changes.iter();
            let read = of_record.map(|(_, outcome, _)| outcome.as_ref().unwrap().skipped);
            let expected = cases.iter().map(|(_, skipped)| *skipped);
            assert!(read.eq(expected), "{record:#?}");
        }
        // A reason of today that begins as one of old ones is a reason and no more.
        let today = skipped("not sent: the service has no such subject");
        assert!(!today.is_not_sent());
        assert!(stopped.is_not_sent());
    }

    #[test]
    fn what_is_no_file_is_damage_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path());
        let path = site_folder(folder.path(), "a/b").join("20261127-220023-d1b143.jsonl");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let (sender, receiver) = std::sync::mpsc::channel();
        let folder_of_thread = folder.path().to_owned();
        std::thread::spawn(move || sender.send(read_all(&folder_of_thread, "a/b")));
        let records = receiver.recv_timeout(std::time::Duration::from_secs(30));
        let records = records.expect("it waits for no writer").unwrap();
        let damaged: Vec<_> = records
            .iter()
            .map(|record| !record.damage.is_empty())
            .collect();
        assert_eq!(damaged.len(), 2);
        assert!(damaged.contains(&true) && damaged.contains(&false));
    }

    #[test]
    fn no_byte_of_a_journal_can_be_lost_or_changed_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        let journals = ended(folder.path());
        // A generator of Lehmer's, so that each run of the test damages alike.
        let mut seed: u64 = 20_261_127;
        let mut random = move |below: usize| {
            seed = seed * 48_271 % 0x7fff_ffff;
            usize::try_from(seed).unwrap() % below
        };
        for (journal, is_sealed) in journals.into_iter().zip([true, false]) {
            let whole = record_of(folder.path(), &journal);
            assert_eq!((whole.state(), &whole.damage[..]), ("finished", &[][..]));
            let mut place = 0;
            while place < journal.len() {
                let mut damaged = journal.clone();
                damaged[place] ^= 1 << random(8);
                let record = record_of(folder.path(), &damaged);
                // Nothing tells a byte of a text from another where there are no checksums.
                let is_silent = record.damage.is_empty();
                let is_harmless = !is_sealed && says_the_same(&record, &whole);
                assert!(!is_silent || is_harmless, "{place}");
                assert!(record.changes.len() + 2 >= whole.changes.len(), "{place}");

                let mut inserted = journal.clone();
                inserted.insert(place, b'x');
                let mut removed = journal.clone();
                removed.remove(place);
                for damaged in [inserted, removed] {
                    let record = record_of(folder.path(), &damaged);
                    let is_harmless = says_the_same(&record, &whole)
                        && (!is_sealed || place + 1 == journal.len());
                    assert!(!record.damage.is_empty() || is_harmless, "{place}");
                }
                let record = record_of(folder.path(), &journal[..place]);
                let is_whole = place + 1 == journal.len();
                assert!(is_whole || record.state() != "finished", "{place}");
                place += 1 + random(15);
            }
        }
    }

    #[test]
    fn no_line_of_a_journal_can_be_lost_doubled_or_moved_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        for (journal, is_sealed) in ended(folder.path()).into_iter().zip([true, false]) {
            let whole = record_of(folder.path(), &journal);
            let lines: Vec<&[u8]> = journal.split_inclusive(|&byte| byte == b'\n').collect();
            for n in 0..lines.len() {
                let gone = [&lines[..n], &lines[n + 1..]].concat().concat();
                let record = record_of(folder.path(), &gone);
                match n + 1 == lines.len() {
                    true => assert_eq!(record.state(), "unfinished"),
                    false => assert!(!record.damage.is_empty(), "{n}"),
                }
                let doubled = [&lines[..=n], &lines[n..]].concat().concat();
                let record = record_of(folder.path(), &doubled);
                assert_eq!(record.damage.len(), 1, "{n}");
                assert!(record.changes == whole.changes, "{n}");
                let mut swapped = lines.clone();
                swapped.swap(n, (n + 1) % lines.len());
                let record = record_of(folder.path(), &swapped.concat());
                let is_harmless = !is_sealed && says_the_same(&record, &whole);
                assert!(!record.damage.is_empty() || is_harmless, "{n}");
                assert!(record.changes == whole.changes, "{n}");
                let mut joined = lines.clone();
                joined[n] = joined[n].trim_ascii_end();
                let record = record_of(folder.path(), &joined.concat());
                assert!(record.changes == whole.changes, "{n}");
                let is_last = n + 1 == lines.len();
                assert_eq!(record.damage.is_empty(), is_last, "{n}");
            }
        }
    }
}
