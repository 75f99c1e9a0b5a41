//! What the user allowed, though it is not his: files by their paths and by what was in them. Another file at the
//! path is another file, and so is one to which a line was added.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use files::Readers;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Trust, Why};
use crate::config::{Sources, user_folder};
use crate::text_file;

/// The largest file that is put on record, in bytes: more than any script or configuration.
const LARGEST: u64 = 1024 * 1024;
/// The largest record.
const LARGEST_RECORD: u64 = 4 * 1024 * 1024;
/// How many files and folders are looked at below one that is named.
const MOST: usize = 10_000;
/// How deep below it.
const DEEPEST: usize = 8;
/// The files of a folder that anything is done with.
const CONFIGURATION: &str = "tikbook.toml";
const ENDINGS: [&str; 2] = ["rhai", "ftl"];

/// The files that the user allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The SHA-256 of what is in each, in hexadecimal digits, by its path without any link.
    #[serde(default)]
    trusted: BTreeMap<PathBuf, String>,
}

/// What the user allowed cannot be told, or something cannot be allowed.
#[derive(Debug, Error)]
pub enum RecordError {
    /// There is no place to keep it.
    #[error("there is no folder to keep what is trusted in")]
    NoPlace,
    /// It cannot be read.
    #[error("cannot read what is trusted in `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write what is trusted to `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What is to be allowed cannot be read.
    #[error("cannot trust `{}`", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is nothing in a folder that is ever used.
    #[error("there is no {CONFIGURATION} and no script in `{}`", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// It was never allowed.
    #[error("`{}` is not on record as trusted", path.display())]
    Unknown {
        /// The file or folder.
        path: PathBuf,
    },
}

impl RecordError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoPlace => Some(
                "set HOME or XDG_CONFIG_HOME, or name the file with --config or its folder with --scripts"
                    .to_owned(),
            ),
            Self::Read { path, .. } => Some(format!(
                "see that you may read it; or remove `{}`, and trust anew what is yours to trust",
                path.display()
            )),
            Self::Unknown { .. } => Some("see `tikbook config trust --list`".to_owned()),
            _ => None,
        }
    }
}

impl Record {
    /// Where the user's is: `trusted.toml` beside the user's `config.toml`; none without a home.
    pub fn place(sources: &Sources) -> Option<PathBuf> {
        user_folder(sources).map(|folder| folder.join("trusted.toml"))
    }

    /// The record in the file `place`; an empty one where it is not there.
    ///
    /// # Errors
    /// [`RecordError::Read`].
    pub fn read(place: &Path) -> Result<Self, RecordError> {
        let failed = |source| RecordError::Read {
            path: place.to_owned(),
            source,
        };
        match text_file::read(place, LARGEST_RECORD) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            text => toml::from_str(&text.map_err(failed)?)
                .map_err(|_| failed(io::Error::other("it is no list of what is trusted"))),
        }
    }

    /// Writes it to the file `place`.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn write(&self, place: &Path) -> Result<(), RecordError> {
        let text = toml::to_string(self).map_err(io::Error::other);
        let folder = place.parent().unwrap_or(Path::new("/"));
        let written = files::private_folder(folder).and_then(|()| {
            let text = format!(
                "# Files of others that tikbook uses: `tikbook config trust`.\n{}",
                text?
            );
            files::replace(place, text.as_bytes(), Readers::Owner)
        });
        written.map_err(|source| RecordError::Write {
            path: place.to_owned(),
            source,
        })
    }

    /// The files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        let all = self.trusted.iter();
        all.map(|(path, digest)| (path.as_path(), digest.as_str()))
    }

    /// Allows the file at `path` as it is now, or in a folder its `tikbook.toml` and its scripts; says which.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`], [`RecordError::Nothing`].
    pub fn add(&mut self, path: &Path) -> Result<Vec<PathBuf>, RecordError> {
        let unreadable = |source| RecordError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let whole = fs::canonicalize(path).map_err(unreadable)?;
        let mut found = Vec::new();
        match whole.is_dir() {
            true => files_below(&whole, 0, &mut 0, &mut found).map_err(unreadable)?,
            false => found.push(whole),
        }
        if found.is_empty() {
            return Err(RecordError::Nothing {
                path: path.to_owned(),
            });
        }
        for file in &found {
            let digest = read(file).map_err(|source| RecordError::Unreadable {
                path: file.clone(),
                source,
            });
            self.trusted.insert(file.clone(), digest_of(&digest?));
        }
        Ok(found)
    }

    /// Takes back what was allowed at `path`, or below it; says what.
    ///
    /// # Errors
    /// [`RecordError::Unknown`].
    pub fn remove(&mut self, path: &Path) -> Result<Vec<PathBuf>, RecordError> {
        // What is there no more is known by its name alone.
        let whole = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        let whole = whole.unwrap_or_else(|_| path.to_owned());
        let removed: Vec<PathBuf> = self.trusted.keys().cloned().collect();
        let removed = removed.into_iter().filter(|file| file.starts_with(&whole));
        let removed: Vec<PathBuf> = removed.collect();
        for file in &removed {
            self.trusted.remove(file);
        }
        match removed.is_empty() {
            true => Err(RecordError::Unknown { path: whole }),
            false => Ok(removed),
        }
    }

    /// Is the file on record, which is not trusted for `why`?
    pub(super) fn judge(&self, path: &Path, bytes: &[u8], why: Why) -> Trust {
        match self.trusted.get(path) {
            None => Trust::Untrusted(why),
            Some(digest) if *digest == digest_of(bytes) => Trust::Trusted,
            Some(_) => Trust::Untrusted(Why::Changed),
        }
    }
}

fn digest_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let text = text_file::read(file, LARGEST)?;
    Ok(text.into_bytes())
}

/// The files in a folder and those below it that anything is done with. Links are not followed: where they lead is
/// named by itself.
fn files_below(
    folder: &Path,
    depth: usize,
    seen: &mut usize,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        *seen += 1;
        if *seen > MOST {
            let why = format!("there are more than {MOST} files in it; name the folder of scripts");
            return Err(io::Error::other(why));
        }
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() && depth < DEEPEST {
            files_below(&path, depth + 1, seen, found)?;
        }
        let is_script = path
            .extension()
            .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        if kind.is_file() && (is_script || path.ends_with(CONFIGURATION)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}
