//! The way to a file, step by step through folders that are held open: whoever could turn one of the steps another
//! way has a hand in the file.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, StatVfsMountFlags};
use rustix::io::Errno;

use super::people::{People, name_of_group, name_of_user};
use super::{Part, Why};

/// How many links the system itself follows.
const MOST_LINKS: usize = 40;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;
/// Where Linux keeps who else than owner and group may do what.
const ACCESS_LIST: &str = "system.posix_acl_access";

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// Where the way to a file came to its end.
pub(super) struct End {
    /// The file, open for reading.
    pub file: File,
    /// Its path without any link.
    pub path: PathBuf,
    /// Who else has a hand in it; nothing where nobody has.
    pub why: Option<Why>,
}

/// A step on the way.
pub(super) struct Way<'p> {
    people: &'p People,
    folder: OwnedFd,
    /// The path of that folder without any link.
    at: PathBuf,
    left: VecDeque<OsString>,
    links: usize,
    /// Others may make files in the folder, and cannot take away any.
    open_to: Option<Why>,
    why: Option<Why>,
}

impl Way<'_> {
    /// Goes from `folder` to the file at `below`.
    ///
    /// # Errors
    /// As the system gives them; what is there is no file.
    pub fn along(people: &People, folder: &Path, below: &Path) -> io::Result<End> {
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        let mut way = Way {
            people,
            folder: opened_folder(rustix::fs::CWD, folder)?,
            at: fs::canonicalize(folder)?,
            left: VecDeque::new(),
            links: 0,
            open_to: None,
            why: None,
        };
        way.put_before(below);
        while let Some(name) = way.left.pop_front() {
            if let Some(file) = way.step(&name)? {
                return Ok(End {
                    file,
                    path: way.at,
                    why: way.why,
                });
            }
        }
        Err(Errno::ISDIR.into())
    }

    /// Goes one name further; the file where that is the last.
    fn step(&mut self, name: &OsStr) -> io::Result<Option<File>> {
        match name.as_bytes() {
            b"/" => {
                self.folder = opened_folder(rustix::fs::CWD, Path::new("/"))?;
                self.at = PathBuf::from("/");
                return Ok(None);
            }
            b".." => {
                self.folder = opened_folder(&self.folder, Path::new(".."))?;
                self.at.pop();
                return Ok(None);
            }
            _ => {}
        }
        let entry = rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        self.look_at_folder()?;
        match FileType::from_raw_mode(entry.st_mode) {
            FileType::Symlink => {
                self.links += 1;
                if self.links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                let path = self.at.join(name);
                self.look_at_owner(&self.folder.as_fd(), &entry, Part::Link(path))
                    .map(|why| self.note(why))?;
                let target = rustix::fs::readlinkat(&self.folder, name, Vec::new())?;
                self.put_before(Path::new(OsStr::from_bytes(target.as_bytes())));
                Ok(None)
            }
            FileType::Directory => {
                // Not through what may have been put there meanwhile.
                let flags = FOLDER | OFlags::NOFOLLOW;
                self.folder = rustix::fs::openat(&self.folder, name, flags, Mode::empty())?;
                self.at.push(name);
                Ok(None)
            }
            // What is no file could be waited for without end.
            FileType::RegularFile if self.left.is_empty() => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let file = rustix::fs::openat(&self.folder, name, flags, Mode::empty())?;
                self.at.push(name);
                self.look_at_file(&file)?;
                Ok(Some(File::from(file)))
            }
            FileType::RegularFile => Err(Errno::NOTDIR.into()),
            _ => Err(io::Error::other("it is no file")),
        }
    }

    /// What comes next is a path from where the way is.
    fn put_before(&mut self, path: &Path) {
        for part in path.components().rev() {
            match part {
                Component::CurDir | Component::Prefix(_) => {}
                Component::RootDir => self.left.push_front(OsString::from("/")),
                Component::ParentDir => self.left.push_front(OsString::from("..")),
                Component::Normal(name) => self.left.push_front(name.to_owned()),
            }
        }
    }

    /// Who else could put another thing in the place of what is in the folder? Where everybody may make files, and
    /// nobody may take away those of others, each file answers for itself.
    fn look_at_folder(&mut self) -> io::Result<()> {
        let folder = self.folder.as_fd();
        let known = rustix::fs::fstat(folder)?;
        let part = || Part::Folder(self.at.clone());
        let foreign = self.look_at_owner(&folder, &known, part())?;
        let open = self.writers(&folder, &known, part())?;
        let is_sticky = known.st_mode & STICKY != 0;
        self.open_to = open.clone().filter(|_| is_sticky);
        self.note(foreign);
        self.note(open.filter(|_| !is_sticky));
        Ok(())
    }

    fn look_at_file(&mut self, file: &OwnedFd) -> io::Result<()> {
        let file = file.as_fd();
        let known = rustix::fs::fstat(file)?;
        if FileType::from_raw_mode(known.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("it is no file"));
        }
        let foreign = self.look_at_owner(&file, &known, Part::File)?;
        let open = self.writers(&file, &known, Part::File)?;
        self.note(foreign);
        self.note(open);
        // A second name of any file anybody may have made.
        let planted = self.open_to.take().filter(|_| known.st_nlink > 1);
        self.note(planted);
        Ok(())
    }

    fn look_at_owner(&self, on: &impl AsFd, known: &Stat, what: Part) -> io::Result<Option<Why>> {
        if self.people.have(known.st_uid) || is_read_only(on)? {
            return Ok(None);
        }
        let owner = name_of_user(known.st_uid);
        Ok(Some(Why::Foreign { what, owner }))
    }

    fn writers(&self, on: &impl AsFd, known: &Stat, what: Part) -> io::Result<Option<Why>> {
        let by = match known.st_mode {
            mode if mode & OTHERS_WRITE != 0 => "everybody".to_owned(),
            // The bits of the group are those of everybody on the list as well.
            mode if mode & GROUP_WRITES != 0 && has_access_list(on)? => "others".to_owned(),
            mode if mode & GROUP_WRITES != 0 && !self.people.are_all_of(known.st_gid) => {
                name_of_group(known.st_gid)
            }
            _ => return Ok(None),
        };
        Ok((!is_read_only(on)?).then_some(Why::Writable { what, by }))
    }

    /// The first reason is the one that is told.
    fn note(&mut self, why: Option<Why>) {
        self.why = self.why.take().or(why);
    }
}

fn opened_folder(from: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::openat(from, path, FOLDER, Mode::empty())?)
}

fn is_read_only(on: &impl AsFd) -> io::Result<bool> {
    let flags = rustix::fs::fstatvfs(on)?.f_flag;
    Ok(flags.contains(StatVfsMountFlags::RDONLY))
}

fn has_access_list(on: &impl AsFd) -> io::Result<bool> {
    let mut nothing: [u8; 0] = [];
    match rustix::fs::fgetxattr(on, ACCESS_LIST, &mut nothing[..]) {
        Ok(length) => Ok(length > 0),
        Err(Errno::NODATA | Errno::NOTSUP | Errno::NOSYS) => Ok(false),
        Err(Errno::RANGE) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
