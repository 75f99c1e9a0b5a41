//! Lines of earlier sessions: a file that only its owner reads, each line in it at once.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// How many lines of earlier sessions are offered.
const MOST: usize = 2_000;
/// How much of the file is read: its end.
const LARGEST: u64 = 4 << 20;

/// The lines that were entered.
pub struct History {
    file: Option<File>,
    lines: Vec<String>,
}

impl History {
    /// The history in `path`, made if it is not there. A file that cannot be used is no error: there
    /// is no history then.
    pub fn new(path: Option<PathBuf>) -> Self {
        let opened = path.as_deref().and_then(open);
        let (file, lines) = opened.map_or((None, Vec::new()), |(file, lines)| (Some(file), lines));
        Self { file, lines }
    }

    /// The lines of earlier sessions, the oldest first.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Writes a line to the file. An input of several lines becomes one.
    pub fn add(&mut self, line: &str) {
        let Some(file) = &mut self.file else { return };
        let line = format!("{}\n", escaped(line));
        // One write, so that two sessions do not mix their lines.
        if file.write_all(line.as_bytes()).is_err() {
            self.file = None;
        }
    }
}

fn open(path: &Path) -> Option<(File, Vec<String>)> {
    let mut file = files::append_to(path).ok()?;
    let metadata = file.metadata().ok()?;
    let mut bytes = Vec::new();
    let skipped = metadata.len().saturating_sub(LARGEST);
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(skipped)).ok()?;
    (&mut file).take(LARGEST).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().map(unescaped).collect();
    let first = lines.len().saturating_sub(MOST);
    Some((file, lines[first..].to_vec()))
}

fn escaped(line: &str) -> String {
    line.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn lines_are_there_again_in_the_next_session_and_nobody_else_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/history");
        let mut first = History::new(Some(path.clone()));
        first.add("let a = \"b\\n\";");
        first.add("fn f() {\n 1\n}");
        // Nothing is closed: a session that is killed leaves its lines.
        let second = History::new(Some(path.clone()));
        let lines: Vec<&str> = second.lines().collect();
        assert_eq!(lines, ["let a = \"b\\n\";", "fn f() {\n 1\n}"]);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_history_that_cannot_be_written_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::new(Some(folder.path().to_owned()));
        history.add("1");
        assert_eq!(history.lines().count(), 0);
    }
}
