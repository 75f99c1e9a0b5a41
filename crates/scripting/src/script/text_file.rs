//! Files that the operator names for a parameter of type `file`: a script gets their lines and
//! never their names, so it reads nothing that nobody named.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};

use catalogue::Said;
use rhai::{Array, Dynamic};
use sentences::{ArgumentFileMany, ArgumentFileNone, ArgumentFileUnreadable};

use wording::bytes::shown;

/// Of a longer file the end is read: what happened last is what is asked about.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Of more lines, empty ones mostly, the last ones are kept.
const MOST_LINES: usize = 200_000;
/// Files of one parameter.
const MOST_FILES: usize = 16;

/// The lines of the files at `paths`, one file after the other, without their ends; bytes that are
/// not UTF-8 are written `\xNN`. An empty file has one empty line.
///
/// # Errors
/// What is wrong with one of them; `flag` is the parameter that names them.
pub(super) fn lines(flag: &str, paths: &[String]) -> Result<Array, Said> {
    if paths.len() > MOST_FILES {
        let most = MOST_FILES;
        return Err(ArgumentFileMany { flag, most }.into());
    }
    let files: Vec<Array> = paths
        .iter()
        .map(|path| lines_of(flag, path))
        .collect::<Result<_, _>>()?;
    Ok(files.concat())
}

fn lines_of(flag: &str, path: &str) -> Result<Array, Said> {
    let bytes = end_of(flag, path)?;
    let mut lines = VecDeque::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if lines.len() == MOST_LINES {
            lines.pop_front();
        }
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        lines.push_back(line.strip_suffix(b"\r").unwrap_or(line));
    }
    if lines.is_empty() {
        // A file that is given and holds nothing is not the same as none.
        lines.push_back(&[]);
    }
    let text = |line: &[u8]| Dynamic::from(shown(line).into_owned());
    Ok(lines.into_iter().map(text).collect())
}

/// The last bytes of a file, from the beginning of a line.
fn end_of(flag: &str, path: &str) -> Result<Vec<u8>, Said> {
    let unreadable = |error: std::io::Error| {
        let words = error.to_string();
        let reason = words.split(" (os error").next().unwrap_or_default();
        Said::from(ArgumentFileUnreadable { flag, path, reason })
    };
    // Looked at before it is opened: opening a pipe waits for whoever writes to it.
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(ArgumentFileNone { flag, path }.into());
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let start = about.len().saturating_sub(MOST_BYTES);
    file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if start > 0 {
        let end_of_line = bytes.iter().position(|byte| *byte == b'\n');
        bytes.drain(..end_of_line.map_or(0, |end| end + 1));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, String) {
        let folder = tempfile::TempDir::with_prefix("tikbook-file-").unwrap();
        let path: PathBuf = folder.path().join("a.log");
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap().to_owned();
        (folder, path)
    }

    fn texts(path: &str) -> Vec<String> {
        let lines = lines("--log", &[path.to_owned()]).unwrap();
        lines.into_iter().map(|line| line.to_string()).collect()
    }

    #[test]
    fn lines_come_without_their_ends_and_with_every_byte() {
        let (_folder, path) = written(b"one\r\n\ntw\xff\nlast");
        assert_eq!(texts(&path), ["one", "", "tw\\xff", "last"]);
    }

    #[test]
    fn of_a_long_file_the_last_lines_are_read_whole() {
        let line = format!("{}\n", "x".repeat(1023));
        let (_folder, path) = written(line.repeat(17 * 1024).as_bytes());
        let lines = texts(&path);
        assert_eq!(lines.len(), 16 * 1024 - 1);
        assert!(lines.iter().all(|line| line.len() == 1023));
    }

    #[test]
    fn of_more_lines_than_anybody_reads_the_last_are_kept() {
        let (_folder, path) = written("\n".repeat(MOST_LINES + 7).as_bytes());
        assert_eq!(texts(&path).len(), MOST_LINES);
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let (folder, path) = written(b"");
        let read = |path: &str| lines("--log", &[path.to_owned()]);
        // An empty file that is given is not the same as none.
        assert_eq!(texts(&path), [""]);
        assert!(read(folder.path().to_str().unwrap()).is_err());
        let refused = |path: &str| read(path).unwrap_err().to_string();
        assert!(refused("/dev/zero").contains("is no file"));
        assert!(refused("/nowhere/x.log").contains("cannot be read"));
        let many = lines("--log", &vec![path; 17]).unwrap_err().to_string();
        assert!(many.contains("16 times"), "{many}");
    }
}
