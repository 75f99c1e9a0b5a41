//! Whose word is taken: which files may be used that nobody named, and that were found only because somebody
//! stands in a folder. This is the one place where that is decided.
//!
//! | such a file is trusted | because |
//! |---|---|
//! | it and the folder it is in belong to root, to oneself, or under sudo to who called it, and nobody else may write either | as ssh and git have it |
//! | it is on a read-only mount | who mounts is who starts the process: a `:ro` mount of Compose, a ConfigMap of Kubernetes |
//! | its path and its content are on record | somebody looked at it: `tikbook config trust PATH` |
//!
//! Each link on the way to a file is a file of somebody, too. In a folder that everybody may write (`/tmp`) others
//! cannot replace a file that is not theirs, so there the owner decides. A group that has nobody else in it is not
//! somebody else: the group of a user's own name, and one without a name that the process itself was given
//! (the `fsGroup` of Kubernetes). What is named (`--config`, `--scripts`, a variable, a key of a trusted file) is not
//! asked about.

mod people;
mod record;
mod way;

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use people::People;
pub use record::{Record, RecordError};

use crate::config::Sources;
use crate::kind::in_one_line;
use way::Way;

/// May a file be used that was found only by standing in a folder?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It may.
    Trusted,
    /// It is as if it were not there.
    Untrusted(Why),
}

/// Why a file is not trusted. `Display` goes on after its path: "it belongs to …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The file, a link to it, or a folder that it is in belongs to somebody else.
    Foreign {
        /// What does.
        what: Part,
        /// Whose it is.
        owner: String,
    },
    /// Others may write the file, or replace it.
    Writable {
        /// What they may write.
        what: Part,
        /// Who: a group, or everybody.
        by: String,
    },
    /// It is on record, and is another one than was looked at.
    Changed,
    /// It is not one's own, and what is on record cannot be read.
    Unread {
        /// Why not.
        why: String,
    },
}

/// What of the way to a file somebody else has a hand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The file itself.
    File,
    /// A link that leads to it.
    Link(PathBuf),
    /// A folder that it, or a link to it, is in.
    Folder(PathBuf),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("it"),
            Self::Link(path) => write!(f, "the link `{}`", path.display()),
            Self::Folder(path) => write!(f, "the folder `{}`", path.display()),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { what, owner } => write!(f, "{what} belongs to {owner}"),
            Self::Writable { what, by } => write!(f, "{what} may be written by {by}"),
            Self::Changed => f.write_str("it changed since it was trusted"),
            Self::Unread { why } => write!(f, "it is not your own alone, and {why}"),
        }
    }
}

/// A file that was found, and whether it may be used. What was judged is what was read: nobody can put another
/// file in its place between the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// May it be used?
    pub trust: Trust,
}

/// Whose word is taken here.
#[derive(Clone, Debug, Default)]
pub struct Trusting {
    people: People,
    /// Where it is on record what the user allowed. It is read when a file is not trusted without.
    record: Option<PathBuf>,
}

impl Trusting {
    /// Root, whose process this is, whoever called sudo, and what the user put on record.
    pub fn of(sources: &Sources) -> Self {
        Self {
            people: People::of(&sources.environment),
            record: Record::place(sources),
        }
    }

    /// Reads the file at `below` in `folder`, up to `largest` bytes and one more, and judges it.
    ///
    /// # Errors
    /// As the system gives them; it is no file.
    pub fn read(&self, folder: &Path, below: &Path, largest: u64) -> io::Result<Found> {
        let end = Way::along(&self.people, folder, below)?;
        let mut bytes = Vec::new();
        end.file.take(largest + 1).read_to_end(&mut bytes)?;
        let trust = match end.why {
            None => Trust::Trusted,
            Some(why) => self.judge_by_record(&end.path, &bytes, why),
        };
        Ok(Found { bytes, trust })
    }

    fn judge_by_record(&self, path: &Path, bytes: &[u8], why: Why) -> Trust {
        let record = self.record.as_deref().map(Record::read).transpose();
        match record {
            Ok(Some(record)) => record.judge(path, bytes, why),
            Ok(None) => Trust::Untrusted(why),
            Err(error) => {
                let why = in_one_line(&error);
                Trust::Untrusted(Why::Unread { why })
            }
        }
    }
}

/// What is said of a file that is not used, with what can be done about it; `named` is the flag by which it would be
/// named, such as `--config ./tikbook.toml`.
pub fn not_used(path: &Path, why: &Why, named: &str) -> String {
    let path = path.display();
    format!(
        "`{path}` is not used, as {why}: look at it, then allow it with `tikbook config trust {path}`, or name it \
         with {named}"
    )
}

#[cfg(test)]
mod tests;
