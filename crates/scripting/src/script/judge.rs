//! Which files of the search path are used: all of a folder that was named, of one that was only found those that are
//! trusted. The others are as if they were not there, and that is said.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use site::config::ScriptFolder;
use site::text_file;
use site::trust::{Trust, Trusting, Why, not_used};

/// Says of files whether they are used. Copies say of one file only once that it is not.
#[derive(Clone, Default)]
pub(super) struct Judge {
    trusting: Trusting,
    /// The scripts that were named by their paths, without any link.
    named: Rc<RefCell<HashSet<PathBuf>>>,
    told: Rc<RefCell<HashSet<PathBuf>>>,
}

impl Judge {
    /// Takes the word of those.
    pub fn of(trusting: Trusting) -> Self {
        Self {
            trusting,
            named: Rc::default(),
            told: Rc::default(),
        }
    }

    /// The script at `path` was named, and is used wherever it lies.
    pub fn name(&self, path: &Path) {
        self.named.borrow_mut().extend(path.canonicalize());
    }

    /// The text of the file at `path` of the folder; nothing where it is not used.
    ///
    /// # Errors
    /// It cannot be read, is larger than so many bytes, or is not UTF-8.
    pub fn read(
        &self,
        folder: &ScriptFolder,
        path: &Path,
        largest: u64,
    ) -> io::Result<Option<String>> {
        let ScriptFolder::Found { stands, below } = folder else {
            return text_file::read(path, largest).map(Some);
        };
        let inside = path.strip_prefix(folder.path()).unwrap_or(path);
        let found = self.trusting.read(stands, &below.join(inside), largest)?;
        match found.trust {
            Trust::Trusted => text_file::text(found.bytes, largest).map(Some),
            Trust::Untrusted(_) if self.is_named(path) => text_file::read(path, largest).map(Some),
            Trust::Untrusted(why) => {
                self.tell(folder, path, &why);
                Ok(None)
            }
        }
    }

    fn is_named(&self, path: &Path) -> bool {
        let path = path.canonicalize();
        path.is_ok_and(|path| self.named.borrow().contains(&path))
    }

    fn tell(&self, folder: &ScriptFolder, path: &Path, why: &Why) {
        if self.told.borrow_mut().insert(path.to_owned()) {
            let named = format!("--scripts {}", folder.path().display());
            tracing::warn!("{}", not_used(path, why, &named));
        }
    }
}
