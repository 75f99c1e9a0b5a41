//! The journal of a run: on disk, and synced, before anything is sent.
//!
//! One file a run, one JSON object a line: the run, then for each change its intention with the rows
//! before it, then its outcome, then the end. Each line has a number and a checksum, and the first one
//! says the format. A file gets its name once its first line is on the disk, and is only ever appended
//! to. It is locked while its run goes on, so that one without an end and without a lock is known to
//! have been cut off.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use files::{Readers, Unfinished, private_folder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::JournalError;
use super::run::{Run, sha256};
use plan::change::Change;
use plan::outcome::Outcome;

/// The format, as the first line says it. 0.1.0 wrote events without number, checksum and format.
pub(super) const FORMAT: &str = "tikbook.journal/2";
/// How many digits of a line's SHA-256 stand in it.
const DIGITS: usize = 16;

/// A line of a journal, without its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// Its number, from 1.
    pub line: usize,
    /// [`FORMAT`], in the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What it says.
    pub event: Event,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Event {
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

/// More than a line has beside its change or its outcome, in bytes.
const LINE: u64 = 512;

/// Makes sure that a run on this site can have a journal: whether one can be begun is known before anybody is asked, and
/// before any lock is taken.
///
/// # Errors
/// [`JournalError`].
pub fn check(folder: &Path, site: &str) -> Result<(), JournalError> {
    let folder = site_folder(folder, site);
    let probe = folder.join("probe.jsonl");
    let begun = private_folder(&folder).and_then(|()| {
        let mut file = Unfinished::begin(&probe, Readers::Owner)?;
        file.write_all(&[b' '; LINE as usize])?;
        file.file()?.sync_data()
    });
    begun.map_err(|source| journal_error(&folder, source))
}

/// A journal that is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Lines that are not yet on disk.
    waiting: Vec<u8>,
    /// How many lines there are.
    lines: usize,
    /// A line may be there in part: nothing can stand behind it.
    broken: Option<JournalError>,
}

impl Journal {
    /// Begins the journal of `run` below `folder`, and locks it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn begin(folder: &Path, run: &Run) -> Result<Self, JournalError> {
        let folder = site_folder(folder, &run.site.name);
        let path = folder.join(format!("{}.jsonl", run.id));
        let open = || -> io::Result<Unfinished> {
            private_folder(&folder)?;
            let file = Unfinished::begin(&path, Readers::Owner)?;
            file.file()?.try_lock()?;
            Ok(file)
        };
        let failed = |source| journal_error(&path, source);
        let mut begun = open().map_err(failed)?;
        let first = sealed(&Line {
            line: 1,
            format: Some(FORMAT.to_owned()),
            event: Event::Run(run.clone()),
        });
        first
            .and_then(|first| begun.write_all(&first))
            .map_err(failed)?;
        let file = begun.put_new().map_err(failed)?;
        Ok(Self {
            path,
            file,
            waiting: Vec::new(),
            lines: 1,
            broken: None,
        })
    }

    /// Makes sure that the disk has room for all that is to be written of these changes, before any of them is sent.
    /// Where the file system cannot keep room, or a limit of the process is in the way, that is found out when it is
    /// written.
    ///
    /// # Errors
    /// [`JournalError`]: the disk is full, or a quota.
    pub fn make_room<'c>(
        &mut self,
        changes: impl IntoIterator<Item = &'c Change>,
    ) -> Result<(), JournalError> {
        let failed = |source| journal_error(&self.path, source);
        let mut room = LINE;
        for change in changes {
            let intention = serde_json::to_vec(change).map_err(|error| failed(error.into()))?;
            // The intention, what became of it, and that once more when it was read again.
            room += 3 * (intention.len() as u64 + LINE);
        }
        let kept = files::keep_room(&self.file, room);
        kept.map_err(failed)
    }

    /// Adds an intention; [`Journal::sync`] before anything is sent. What is secret of a command is not
    /// written: it is needed for nothing, as commands are not undone.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn intend(&mut self, n: usize, change: &Change) -> Result<(), JournalError> {
        let mut change = Box::new(change.clone());
        if let plan::change::Write::Command(command) = &mut change.write {
            command.hide_secrets();
        }
        self.line(Event::Intention { n, change })
    }

    /// Adds an outcome.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn outcome(&mut self, n: usize, outcome: &Outcome) -> Result<(), JournalError> {
        self.line(Event::Outcome {
            n,
            time: Timestamp::now(),
            outcome: outcome.clone(),
        })
    }

    /// Brings every line to the disk.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.write()?;
        let synced = self.file.sync_data();
        synced.map_err(|source| journal_error(&self.path, source))
    }

    /// Hands every line to the system, so that the end of this process loses none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn write(&mut self) -> Result<(), JournalError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let written = self.file.write_all(&self.waiting);
        self.waiting.clear();
        written.map_err(|source| {
            let error = journal_error(&self.path, source);
            self.broken = Some(error.clone());
            error
        })
    }

    /// Writes the end of the run.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn end(mut self) -> Result<(), JournalError> {
        self.line(Event::End {
            time: Timestamp::now(),
        })?;
        self.sync()?;
        // Room that was kept for more is given back; where it is not, nothing is lost.
        files::give_back_room(&self.file).ok();
        Ok(())
    }

    fn line(&mut self, event: Event) -> Result<(), JournalError> {
        let line = Line {
            line: self.lines + 1,
            format: None,
            event,
        };
        let sealed = sealed(&line).map_err(|source| journal_error(&self.path, source))?;
        self.waiting.extend(sealed);
        self.lines += 1;
        Ok(())
    }
}

/// A line as it stands in the file: the checksum over everything before it is its last key. This
/// stays so in every format, so that the format of a newer program is told from damage.
fn sealed(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.pop();
    let seal = seal(&text);
    text.extend_from_slice(seal.as_bytes());
    text.push(b'\n');
    Ok(text)
}

fn seal(text: &[u8]) -> String {
    format!(r#","checksum":"{}"}}"#, &sha256(text)[..DIGITS])
}

/// The JSON of a line, without checksum and line end, if the checksum is right.
pub(super) fn unsealed(line: &[u8]) -> Option<Vec<u8>> {
    let length = r#","checksum":""}"#.len() + DIGITS;
    let (text, end) = line.split_at(line.len().checked_sub(length)?);
    (end == seal(text).as_bytes()).then(|| [text, b"}"].concat())
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

fn journal_error(path: &Path, source: io::Error) -> JournalError {
    JournalError::Write {
        path: path.to_owned(),
        source: Arc::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_site_leaves_the_folder() {
        let folder = Path::new("/state");
        assert_eq!(site_folder(folder, ".."), folder.join("journal/%2e%2e"));
        assert_eq!(site_folder(folder, "a/b"), folder.join("journal/a%2fb"));
    }
}
