//! Room on the disk, kept before it is needed.

use std::fs::File;
use std::io;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// Keeps room for so many bytes behind the end of a file, whose length stays. Nothing happens where the file system
/// cannot do that.
///
/// # Errors
/// There is no such room.
pub fn keep_room(file: &File, bytes: u64) -> io::Result<()> {
    let end = file.metadata()?.len();
    match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, end, bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::NODEV) => Ok(()),
        kept => Ok(kept?),
    }
}

/// Gives back what is kept behind the end of a file.
///
/// # Errors
/// As the system gives them.
pub fn give_back_room(file: &File) -> io::Result<()> {
    file.set_len(file.metadata()?.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn room_that_is_kept_makes_a_file_no_longer() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"line").unwrap();
        keep_room(&file, 1 << 16).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 4);
        give_back_room(&file).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 4);
    }
}
