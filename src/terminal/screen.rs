//! Stderr as one screen: a progress line that is taken away again, the lines of the log, errors, and a
//! question that nothing is drawn over. None of it shows a secret of the site.

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use report::wrap;
use site::config::Secrets;

/// How much of the log is kept for after a question, in bytes.
const KEPT: usize = 64 << 10;
/// To the start of the line, and everything on it away.
const CLEAR: &str = "\r\u{1b}[2K";

/// There is one stderr, so there is one screen.
static SCREEN: Mutex<Screen> = Mutex::new(Screen::new());

/// What is not to be seen on it.
static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::default);

/// The register of what the screen does not show: a command reads its sites with it, so that what is
/// secret of them is known here before anything can be said of it.
pub fn secrets() -> &'static Secrets {
    &SECRETS
}

/// Shows `text` as the progress line, in place of the one before.
pub fn progress(text: &str) {
    // Progress that cannot be shown is not worth an error.
    drop(screen().progress(&mut io::stderr(), &SECRETS.hidden(text)));
}

/// Takes the progress line away.
pub fn end_progress() {
    drop(screen().clear(&mut io::stderr()));
}

/// The log's way to stderr, in lines of so many columns where that is a terminal.
pub struct Log {
    /// The columns.
    pub width: Option<usize>,
}

impl Write for Log {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        // Before lines are broken: of a secret on two of them nothing would be found.
        let shown = fitting(&SECRETS.hidden(&text), self.width);
        screen().log(&mut io::stderr(), shown.as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The lines of a text in so many columns, each ended.
fn fitting(text: &str, width: Option<usize>) -> String {
    let lines = text.lines().flat_map(|line| wrap::hanging(line, width));
    lines.map(|line| line + "\n").collect()
}

/// While this lives, nothing but its holder writes: there is no progress, and the log waits.
pub struct Held(());

impl Held {
    /// Clears the screen's last line for its holder.
    pub fn begin() -> Self {
        drop(screen().hold(&mut io::stderr()));
        Self(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(screen().release(&mut io::stderr()));
    }
}

fn screen() -> MutexGuard<'static, Screen> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Screen {
    /// Is there a progress line?
    progress: bool,
    /// The lines of the log that wait, while somebody holds the screen.
    waiting: Option<Vec<u8>>,
}

impl Screen {
    const fn new() -> Self {
        Self {
            progress: false,
            waiting: None,
        }
    }

    fn progress(&mut self, out: &mut impl Write, text: &str) -> io::Result<()> {
        if self.waiting.is_some() {
            return Ok(());
        }
        self.progress = true;
        write!(out, "{CLEAR}{text}")
    }

    fn clear(&mut self, out: &mut impl Write) -> io::Result<()> {
        match std::mem::take(&mut self.progress) {
            true => write!(out, "{CLEAR}"),
            false => Ok(()),
        }
    }

    fn log(&mut self, out: &mut impl Write, lines: &[u8]) -> io::Result<()> {
        match &mut self.waiting {
            Some(waiting) if waiting.len() + lines.len() <= KEPT => {
                waiting.extend_from_slice(lines);
                Ok(())
            }
            // More than anybody reads afterwards.
            Some(_) => Ok(()),
            None => {
                self.clear(out)?;
                out.write_all(lines)
            }
        }
    }

    fn hold(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.waiting.get_or_insert_default();
        self.clear(out)
    }

    fn release(&mut self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.waiting.take().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_while_the_screen_is_held_and_the_log_comes_after_it() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        screen.progress(&mut out, "waiting … 1 s").unwrap();
        screen.hold(&mut out).unwrap();
        let shown = String::from_utf8(out.clone()).unwrap();
        assert!(shown.ends_with(CLEAR), "{shown:?}");
        screen.progress(&mut out, "waiting … 2 s").unwrap();
        screen.log(&mut out, b"WARN first\n").unwrap();
        screen.log(&mut out, b"WARN second\n").unwrap();
        screen.clear(&mut out).unwrap();
        assert_eq!(out, shown.as_bytes());
        screen.release(&mut out).unwrap();
        assert_eq!(out[shown.len()..], *b"WARN first\nWARN second\n");
    }

    #[test]
    fn a_line_of_the_log_fits_the_terminal_and_is_one_elsewhere() {
        let line = "\u{1b}[33m WARN\u{1b}[0m nothing of `a b c d e f g h` was read in the time of the site\n";
        assert_eq!(fitting(line, None), line);
        let lines = fitting(line, Some(30));
        let (first, rest) = lines.split_once('\n').unwrap();
        // Colours take no columns, and what is to be copied is whole.
        assert_eq!(first, "\u{1b}[33m WARN\u{1b}[0m nothing of");
        assert_eq!(
            rest,
            "`a b c d e f g h` was read in\nthe time of the site\n"
        );
    }

    #[test]
    fn a_line_of_the_log_takes_the_progress_line_away() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        screen.log(&mut out, b"one\n").unwrap();
        screen.progress(&mut out, "waiting").unwrap();
        screen.log(&mut out, b"two\n").unwrap();
        let expected = format!("one\n{CLEAR}waiting{CLEAR}two\n");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_log_without_end_is_not_kept_without_end() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        screen.hold(&mut out).unwrap();
        for _ in 0..100 {
            screen.log(&mut out, &[b'x'; 1_000]).unwrap();
        }
        screen.release(&mut out).unwrap();
        assert_eq!(out.len(), KEPT / 1_000 * 1_000);
    }
}
