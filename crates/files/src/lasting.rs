//! Files that stay and are written again and again.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// For whoever has a file open only: nobody else may read or write it.
const OWNER: u32 = 0o600;
/// For all users of the machine to lock.
const ALL: u32 = 0o666;

/// Opens the file that lines are added to and read from, and makes it where it is not there, for its owner
/// alone, in a folder for its owner alone. A file that others could read is taken away from them.
///
/// # Errors
/// As the system gives them; it is a link, has another name as well, or is no file.
pub fn append_to(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        super::private_folder(folder)?;
    }
    let flags = OFlags::RDWR | OFlags::APPEND;
    let made = flags | OFlags::CREATE;
    let file = File::from(rustix::fs::open(path, safely(made), mode(OWNER))?);
    let known = file.metadata()?;
    if !is_plain(&known) {
        return Err(io::Error::other("it is no file with one name"));
    }
    if known.mode() & 0o777 != OWNER {
        file.set_permissions(Permissions::from_mode(OWNER))?;
    }
    Ok(file)
}

/// Opens what is at `path` and is no file, such as a terminal or a pipe: what is written there is gone, and nothing
/// comes in its place. Nothing where a file, a folder or nothing is there.
///
/// # Errors
/// As the system gives them.
pub fn stream(path: &Path) -> io::Result<Option<File>> {
    match std::fs::metadata(path) {
        Ok(known) if !known.is_file() && !known.is_dir() => {
            let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
            Ok(Some(rustix::fs::open(path, flags, Mode::empty())?.into()))
        }
        _ => Ok(None),
    }
}

/// Opens a file that all users of the machine write, and makes it where it is not there; nothing where something
/// else is there than a plain file of one name. It is never made through a link, and one that somebody else
/// has made is opened and not made: the system may refuse that of a shared folder.
///
/// # Errors
/// As the system gives them.
pub fn open_shared(path: &Path) -> io::Result<Option<File>> {
    let there = || rustix::fs::open(path, safely(OFlags::RDWR), Mode::empty());
    let file = loop {
        let opened = match there() {
            Err(Errno::NOENT) => make_shared(path),
            opened => opened.map(File::from).map_err(io::Error::from),
        };
        match opened {
            // Somebody else made it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => break opened?,
        }
    };
    Ok(is_plain(&file.metadata()?).then_some(file))
}

fn make_shared(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
    let made = File::from(rustix::fs::open(path, safely(flags), mode(ALL))?);
    // Whatever the process would let others do.
    made.set_permissions(Permissions::from_mode(ALL))?;
    Ok(made)
}

/// Through no link, without waiting for whoever reads a pipe, and not for a program that is started.
fn safely(flags: OFlags) -> OFlags {
    flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC
}

fn mode(mode: u32) -> Mode {
    Mode::from_raw_mode(mode)
}

fn is_plain(known: &std::fs::Metadata) -> bool {
    known.is_file() && known.nlink() <= 1
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn lines_are_added_for_the_owner_alone_and_through_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/history");
        for line in ["one\n", "two\n"] {
            append_to(&path)
                .unwrap()
                .write_all(line.as_bytes())
                .unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);

        let precious = folder.path().join("precious");
        fs::write(&precious, "").unwrap();
        let before = mode(&precious);
        let link = folder.path().join("link");
        symlink(&precious, &link).unwrap();
        let gone = folder.path().join("gone");
        symlink(folder.path().join("nowhere"), &gone).unwrap();
        let second = folder.path().join("second");
        fs::hard_link(&precious, &second).unwrap();
        for planted in [&link, &gone, &second, folder.path()] {
            assert!(append_to(planted).is_err(), "{}", planted.display());
        }
        assert_eq!(mode(&precious), before);
        assert!(!folder.path().join("nowhere").exists());
    }
}
