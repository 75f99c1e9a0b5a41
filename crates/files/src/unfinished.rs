//! A file that is made beside its place, and takes it once all is in it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

/// How many passing names are tried before it is said that there is none.
const TRIES: usize = 64;

/// Who may read a file that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner: what it holds is of the site, and of its people.
    Owner,
    /// Whoever the process lets read what it makes: it holds nothing of a site.
    Anybody,
}

impl Readers {
    fn mode(self) -> Mode {
        Mode::from_raw_mode(match self {
            Self::Owner => 0o600,
            Self::Anybody => 0o666,
        })
    }
}

/// A file that has a passing name in the folder of its place. It is taken away when it is dropped without
/// having been put there.
#[derive(Debug)]
pub struct Unfinished {
    /// The folder as it was when the file was begun, whatever has its path by now.
    folder: OwnedFd,
    passing: OsString,
    name: OsString,
    path: PathBuf,
    file: Option<File>,
}

impl Unfinished {
    /// Begins the file that is to be at `path`.
    ///
    /// # Errors
    /// As the system gives them: there is no such folder, nothing may be made in it, or `path` ends with no
    /// name.
    pub fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        let name = path.file_name().ok_or(Errno::ISDIR)?;
        let folder = path.parent().filter(|above| *above != Path::new(""));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = folder.unwrap_or(Path::new("."));
        let folder = rustix::fs::open(folder, flags, Mode::empty())?;
        let (passing, file) = made_in(&folder, readers)?;
        Ok(Self {
            folder,
            passing,
            name: name.to_owned(),
            path: path.to_owned(),
            file: Some(file),
        })
    }

    /// Where it is to be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file itself, such as for its lock.
    ///
    /// # Errors
    /// It was put at its place.
    pub fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| Errno::BADF.into())
    }

    /// Brings it to the disk, and to its place in one step: whoever looks there finds the old file or all of
    /// the new one. What is returned is open for writing.
    ///
    /// # Errors
    /// As the system gives them; what is there is a link or no file. Nothing has changed then.
    pub fn replace(&mut self) -> io::Result<File> {
        self.file()?.sync_all()?;
        self.refuse_to_replace_more_than_a_file()?;
        let folder = &self.folder;
        rustix::fs::renameat(folder, &self.passing, folder, &self.name)?;
        let file = self.file.take().ok_or(Errno::BADF)?;
        on_disk(&self.folder)?;
        Ok(file)
    }

    /// Brings it to the disk, and to its place if nothing is there. What is returned is open for writing.
    ///
    /// # Errors
    /// As the system gives them; [`io::ErrorKind::AlreadyExists`].
    pub fn put_new(mut self) -> io::Result<File> {
        self.file()?.sync_all()?;
        let folder = &self.folder;
        let (passing, name) = (&self.passing, &self.name);
        let renamed =
            rustix::fs::renameat_with(folder, passing, folder, name, RenameFlags::NOREPLACE);
        match renamed {
            // Not every file system can do it in one step.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(folder, passing, folder, name, AtFlags::empty())?;
                rustix::fs::unlinkat(folder, passing, AtFlags::empty())?;
            }
            renamed => renamed?,
        }
        let file = self.file.take().ok_or(Errno::BADF)?;
        on_disk(&self.folder)?;
        Ok(file)
    }

    fn refuse_to_replace_more_than_a_file(&self) -> io::Result<()> {
        let there = rustix::fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        match there.map(|there| FileType::from_raw_mode(there.st_mode)) {
            Err(Errno::NOENT) | Ok(FileType::RegularFile) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(FileType::Symlink) => Err(io::Error::other("it is a link, and is not followed")),
            Ok(_) => Err(io::Error::other("it is no file")),
        }
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.file.is_some() {
            // There is nobody to tell, and the file holds nothing that anybody waits for.
            rustix::fs::unlinkat(&self.folder, &self.passing, AtFlags::empty()).ok();
        }
    }
}

/// A new file of a passing name that nothing in the folder has.
fn made_in(folder: &OwnedFd, readers: Readers) -> io::Result<(OsString, File)> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for _ in 0..TRIES {
        let name = passing_name();
        match rustix::fs::openat(folder, &name, flags, readers.mode()) {
            Err(Errno::EXIST) => {}
            made => return Ok((name, File::from(made?))),
        }
    }
    Err(Errno::EXIST.into())
}

fn passing_name() -> OsString {
    // The keys of a hasher are as random as anything that the standard library gives.
    let number = RandomState::new().build_hasher().finish();
    let mut name = OsStr::new(".tikbook-").to_owned();
    name.push(format!("{number:016x}"));
    name
}

/// A name is on the disk only once its folder is.
fn on_disk(folder: &OwnedFd) -> io::Result<()> {
    match rustix::fs::fsync(folder) {
        // Some file systems keep nothing of a folder that could be brought there.
        Err(Errno::INVAL) => Ok(()),
        synced => Ok(synced?),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::{replace, write_new};

    /// What can be at a place before a file is made there, and what then becomes of it.
    const BEFORE: [(&str, bool, bool); 5] = [
        ("nothing", true, true),
        ("a file", true, false),
        ("a link to a file", false, false),
        ("a link to nothing", false, false),
        ("a folder", false, false),
    ];

    fn put(what: &str, path: &Path, beside: &Path) {
        match what {
            "a file" => fs::write(path, "old").unwrap(),
            "a link to a file" => symlink(beside, path).unwrap(),
            "a link to nothing" => symlink(beside.with_extension("gone"), path).unwrap(),
            "a folder" => fs::create_dir(path).unwrap(),
            _ => {}
        }
    }

    #[test]
    fn a_file_is_made_whole_and_never_through_what_was_put_there() {
        for (what, is_replaced, is_new) in BEFORE {
            for new_only in [false, true] {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("report");
                let beside = folder.path().join("beside");
                fs::write(&beside, "precious").unwrap();
                put(what, &path, &beside);
                let made = match new_only {
                    true => write_new(&path, b"new", Readers::Owner),
                    false => replace(&path, b"new", Readers::Owner),
                };
                let expected = if new_only { is_new } else { is_replaced };
                assert_eq!(made.is_ok(), expected, "{what}, new only: {new_only}");
                assert_eq!(fs::read_to_string(&beside).unwrap(), "precious", "{what}");
                assert!(!beside.with_extension("gone").exists(), "{what}");
                if expected {
                    let known = fs::symlink_metadata(&path).unwrap();
                    assert!(known.is_file(), "{what}");
                    assert_eq!(known.permissions().mode() & 0o777, 0o600, "{what}");
                    assert_eq!(fs::read_to_string(&path).unwrap(), "new", "{what}");
                }
                // Nothing that was begun is left.
                let names = fs::read_dir(folder.path()).unwrap().flatten();
                let left = names.filter(|entry| {
                    let name = entry.file_name();
                    name.to_string_lossy().starts_with(".tikbook-")
                });
                assert_eq!(left.count(), 0, "{what}, new only: {new_only}");
            }
        }
    }

    #[test]
    fn a_folder_that_is_swapped_meanwhile_gets_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mine, theirs) = (folder.path().join("mine"), folder.path().join("theirs"));
        fs::create_dir(&mine).unwrap();
        fs::create_dir(&theirs).unwrap();
        let mut file = Unfinished::begin(&mine.join("report"), Readers::Owner).unwrap();
        file.write_all(b"new").unwrap();
        fs::rename(&mine, folder.path().join("moved")).unwrap();
        symlink(&theirs, &mine).unwrap();
        file.replace().unwrap();
        assert!(!theirs.join("report").exists());
        assert!(folder.path().join("moved/report").exists());
    }

    #[test]
    fn what_anybody_may_read_obeys_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nest.d.rhai");
        replace(&path, b"", Readers::Anybody).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let beside = folder.path().join("beside");
        fs::write(&beside, "").unwrap();
        assert_eq!(mode, fs::metadata(&beside).unwrap().permissions().mode());
    }
}
