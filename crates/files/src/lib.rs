//! Files that are made here: whole or not at all, never through a link that somebody planted, and for
//! their owner alone unless their maker says otherwise. Nothing else in the program makes a file.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod folder;
mod lasting;
mod room;
mod unfinished;

use std::io::{self, Write};
use std::path::Path;

pub use folder::private_folder;
pub use lasting::{append_to, open_shared, stream};
pub use room::{give_back_room, keep_room};
pub use unfinished::{Readers, Unfinished};

/// Makes the file at `path`, with `bytes` in it; one that is there is replaced.
///
/// # Errors
/// As the system gives them; a link or a folder at `path`.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = Unfinished::begin(path, readers)?;
    file.write_all(bytes)?;
    file.replace().map(drop)
}

/// Makes the file at `path`, with `bytes` in it, where nothing is yet.
///
/// # Errors
/// As the system gives them; [`io::ErrorKind::AlreadyExists`] where anything is, a link as well.
pub fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = Unfinished::begin(path, readers)?;
    file.write_all(bytes)?;
    file.put_new().map(drop)
}
