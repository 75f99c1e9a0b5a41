//! Files by whose locks the runs of one machine, whoever starts them, change a place one at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use catalogue::Said;
use journal::run::sha256;
use sentences::LockHolder;

/// Where programs of all users put their locks (Filesystem Hierarchy Standard, "/run/lock").
const SHARED: &str = "/run/lock";
/// Whoever may write it may not take away what others have put there.
const STICKY_FOR_ALL: u32 = 0o1777;
/// What is read of what the holder wrote, in bytes.
const LONGEST: u64 = 200;

/// The lock of one place, given back when it is dropped.
pub struct LockFile {
    file: File,
    path: PathBuf,
}

/// Why a lock was not taken.
pub enum NotTaken {
    /// Somebody else has it, by what they wrote of themselves.
    Held(Option<Holder>),
    /// The file cannot be made or locked.
    Failed(PathBuf, io::Error),
    /// There is something else than a file that nobody else has a name for.
    NoFile(PathBuf),
}

/// Who has a lock, as the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A run.
    Run {
        /// Who runs it.
        operator: String,
        /// Its id.
        run: String,
    },
    /// Whoever wrote this.
    Other(String),
}

/// What stands in the file between operator and run: programs of all versions write it.
const AS_RUN: &str = " as run ";

impl Holder {
    /// What a file says; nothing of an empty one.
    fn read(text: &str) -> Option<Self> {
        let parts = text.rsplit_once(AS_RUN);
        match parts.map(|(operator, run)| (operator.to_owned(), run.to_owned())) {
            Some((operator, run)) => Some(Self::Run { operator, run }),
            None => (!text.is_empty()).then(|| Self::Other(text.to_owned())),
        }
    }

    /// As the file says it.
    fn written(&self) -> String {
        match self {
            Self::Run { operator, run } => format!("{operator}{AS_RUN}{run}"),
            Self::Other(text) => text.clone(),
        }
    }

    /// For people.
    pub fn said(&self) -> Said {
        match self {
            Self::Run { operator, run } => LockHolder { operator, run }.into(),
            Self::Other(text) => text.into(),
        }
    }
}

impl LockFile {
    /// The path of the lock of `place`: in the folder that all users of the machine share, or where there is
    /// none in `own`, the folder of the user's own.
    pub fn path_of(place: &str, own: &Path) -> PathBuf {
        let name = format!("tikbook-{}.lock", &sha256(place.as_bytes())[..16]);
        match is_shared(Path::new(SHARED)) {
            true => Path::new(SHARED).join(name),
            false => own.join("lock").join(name),
        }
    }

    /// Takes the lock for `holder`, if nobody has it.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn take(path: PathBuf, holder: &Holder) -> Result<Self, NotTaken> {
        let failed = |error| NotTaken::Failed(path.clone(), error);
        loop {
            let file = open(&path).map_err(failed)?;
            let mut file = file.ok_or_else(|| NotTaken::NoFile(path.clone()))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(NotTaken::Held(written_in(&mut file))),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Who had it before may have taken it away meanwhile.
            if !is_at(&file, &path).map_err(failed)? {
                continue;
            }
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(holder.written().as_bytes()))
                .map_err(failed)?;
            return Ok(Self { file, path });
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Another user's file stays, and says nothing.
        if fs::remove_file(&self.path).is_err() {
            drop(self.file.set_len(0));
        }
    }
}

/// Can all users put files there, and none take away those of others?
fn is_shared(folder: &Path) -> bool {
    let known = fs::symlink_metadata(folder);
    known.is_ok_and(|known| {
        known.is_dir() && known.uid() == 0 && known.mode() & STICKY_FOR_ALL == STICKY_FOR_ALL
    })
}

/// Opens the file, and makes it where it is not there; nothing where something else is there than a plain file of
/// one name.
fn open(path: &Path) -> io::Result<Option<File>> {
    if let Some(folder) = path.parent().filter(|folder| !is_shared(folder)) {
        files::private_folder(folder)?;
    }
    files::open_shared(path)
}

/// Is it this file that has the name now?
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the holder wrote of itself, as anybody may have written it.
fn written_in(file: &mut File) -> Option<Holder> {
    let mut bytes = Vec::new();
    file.rewind().ok()?;
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Holder::read(&text.replace(char::is_control, ""))
}
