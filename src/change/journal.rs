//! The journal of a run: on disk, and synced, before anything is sent.
//!
//! One file a run, one JSON object a line: the run, then for each change its intention with the rows
//! before it, then its outcome, then the end. A file is only ever appended to. It is locked while
//! its run goes on, so that one without an end and without a lock is known to have been cut off.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ChangeError;
use super::planned::{Change, Outcome, Status};
use super::run::Run;

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// What runs; the first line.
    Run(Run),
    /// What is about to be done.
    Intention {
        /// The change by its number in the run, from 0.
        n: usize,
        /// The change.
        change: Box<Change>,
    },
    /// What became of it; of several for one change the last one counts.
    Outcome {
        /// The change.
        n: usize,
        /// When it was known.
        time: Timestamp,
        /// What it is.
        outcome: Outcome,
    },
    /// The run came to its end.
    End {
        /// When.
        time: Timestamp,
    },
}

/// A journal that is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Lines that are not yet on disk.
    waiting: Vec<u8>,
}

impl Journal {
    /// Begins the journal of `run` below `folder`, and locks it.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn begin(folder: &Path, run: &Run) -> Result<Self, ChangeError> {
        let folder = site_folder(folder, &run.site.name);
        let path = folder.join(format!("{}.jsonl", run.id));
        let open = || -> io::Result<File> {
            private_folder(&folder)?;
            let file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.try_lock()?;
            Ok(file)
        };
        let file = open().map_err(|source| journal_error(&path, source))?;
        let mut journal = Self {
            path,
            file,
            waiting: Vec::new(),
        };
        journal.line(&Line::Run(run.clone()))?;
        journal.sync()?;
        // The new name is on disk only once its folder is.
        File::open(&folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| journal_error(&journal.path, source))?;
        Ok(journal)
    }

    /// Adds an intention; [`Journal::sync`] before anything is sent.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn intend(&mut self, n: usize, change: &Change) -> Result<(), ChangeError> {
        self.line(&Line::Intention {
            n,
            change: Box::new(change.clone()),
        })
    }

    /// Adds an outcome.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn outcome(&mut self, n: usize, outcome: &Outcome) -> Result<(), ChangeError> {
        self.line(&Line::Outcome {
            n,
            time: Timestamp::now(),
            outcome: outcome.clone(),
        })
    }

    /// Brings every line to the disk.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn sync(&mut self) -> Result<(), ChangeError> {
        self.write()?;
        let synced = self.file.sync_data();
        synced.map_err(|source| journal_error(&self.path, source))
    }

    /// Hands every line to the system, so that the end of this process loses none.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn write(&mut self) -> Result<(), ChangeError> {
        let written = self.file.write_all(&self.waiting);
        self.waiting.clear();
        written.map_err(|source| journal_error(&self.path, source))
    }

    /// Writes the end of the run.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub fn end(mut self) -> Result<(), ChangeError> {
        self.line(&Line::End {
            time: Timestamp::now(),
        })?;
        self.sync()
    }

    fn line(&mut self, line: &Line) -> Result<(), ChangeError> {
        serde_json::to_writer(&mut self.waiting, line)
            .map_err(|error| journal_error(&self.path, error.into()))?;
        self.waiting.push(b'\n');
        Ok(())
    }
}

/// A run as its journal tells it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The run.
    pub run: Run,
    /// Its changes in order; without an outcome where the run was cut off before it was known.
    pub changes: Vec<(Change, Option<Outcome>, Option<Timestamp>)>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Is its process still at work?
    pub running: bool,
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

    /// `finished`, `partial` where changes were not made as planned, or `unfinished`.
    pub fn state(&self) -> &'static str {
        let bad = [Status::Conflict, Status::Failed, Status::Unknown];
        let is_bad = |outcome: &Outcome| bad.contains(&outcome.status) || outcome.is_not_sent();
        let mut outcomes = self.changes.iter().map(|(_, outcome, _)| outcome.as_ref());
        match self.finished {
            None => "unfinished",
            Some(_) if outcomes.any(|outcome| outcome.is_none_or(is_bad)) => "partial",
            Some(_) => "finished",
        }
    }
}

/// Reads the journals of a site, the newest run first; files that are no journals are left out.
///
/// # Errors
/// [`ChangeError::Journal`] for a folder or a file that cannot be read. A folder that is not there
/// holds no journals.
pub fn read_all(folder: &Path, site: &str) -> Result<Vec<Record>, ChangeError> {
    let folder = site_folder(folder, site);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| journal_error(&folder, source))?,
    };
    let paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    let mut records = Vec::new();
    for path in &paths {
        records.extend(read(path).map_err(|source| journal_error(path, source))?);
    }
    records.sort_by_key(|record| std::cmp::Reverse(record.run.started));
    Ok(records)
}

/// One journal. A last line that was cut off, and lines that cannot be understood, are passed over:
/// what they would have said is not known, and their changes stand without an outcome.
fn read(path: &Path) -> io::Result<Option<Record>> {
    let file = File::open(path)?;
    let running = matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock));
    let mut record: Option<Record> = None;
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(record);
        }
        let Ok(line) = serde_json::from_slice::<Line>(&bytes) else {
            continue;
        };
        match (&mut record, line) {
            (None, Line::Run(run)) => {
                record = Some(Record {
                    run,
                    changes: Vec::new(),
                    finished: None,
                    running,
                });
            }
            (Some(record), line) => record.take(line),
            (None, _) => {}
        }
    }
}

impl Record {
    fn take(&mut self, line: Line) {
        match line {
            Line::Intention { n, change } if n == self.changes.len() => {
                self.changes.push((*change, None, None));
            }
            Line::Outcome { n, time, outcome } => {
                if let Some(change) = self.changes.get_mut(n) {
                    (change.1, change.2) = (Some(outcome), Some(time));
                }
            }
            Line::End { time } => self.finished = Some(time),
            Line::Run(_) | Line::Intention { .. } => {}
        }
    }
}

/// The folder of a site's journals: its name, with everything spelled out that a file's name should
/// not hold.
pub fn site_folder(folder: &Path, site: &str) -> PathBuf {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let name: String = site
        .bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02x}"),
        })
        .collect();
    folder.join("journal").join(name)
}

/// Makes a folder that only its owner can look into, and those above it.
///
/// # Errors
/// As the system gives them.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn journal_error(path: &Path, source: io::Error) -> ChangeError {
    ChangeError::Journal {
        path: path.to_owned(),
        source: Arc::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::fields::Fields;
    use crate::change::run::{RunKind, SiteIdentity};

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
        Change::remove(None, "/ip/arp", "*1", Fields::default(), "why")
    }

    fn journal(folder: &Path) -> PathBuf {
        let run = run();
        let mut journal = Journal::begin(folder, &run).unwrap();
        for n in 0..2 {
            journal.intend(n, &change()).unwrap();
        }
        journal.outcome(0, &Outcome::of(Status::Applied)).unwrap();
        journal.sync().unwrap();
        journal.path.clone()
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
        assert!(read_all(folder.path(), "a/b").unwrap().is_empty());
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

    #[test]
    fn no_name_of_a_site_leaves_the_folder() {
        let folder = Path::new("/state");
        assert_eq!(site_folder(folder, ".."), folder.join("journal/%2e%2e"));
        assert_eq!(site_folder(folder, "a/b"), folder.join("journal/a%2fb"));
    }
}
