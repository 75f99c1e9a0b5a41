//! Text of files that anybody may have written.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The text of `file`, of which no more than `most` bytes are read.
///
/// # Errors
/// It cannot be read, is larger, or is not UTF-8.
pub fn read(file: &Path, most: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(file)?.take(most + 1).read_to_end(&mut bytes)?;
    text(bytes, most)
}

/// What was read as a text.
///
/// # Errors
/// It is larger than `most` bytes, or is not UTF-8.
pub fn text(bytes: Vec<u8>, most: u64) -> io::Result<String> {
    if bytes.len() as u64 > most {
        let reason = format!("it is larger than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    String::from_utf8(bytes).map_err(|_| {
        let reason = "it is not text in UTF-8";
        io::Error::new(io::ErrorKind::InvalidData, reason)
    })
}
