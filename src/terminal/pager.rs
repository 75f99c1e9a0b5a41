//! A long text, page by page, in the program that the operator reads with.

use std::fs::File;
use std::io::{self, IsTerminal, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio_util::sync::CancellationToken;

use crate::signals::Signals;
use catalogue::{Language, Said};
use sentences::QuestionPagerFailed;

use super::mode::Mode;
use super::patience::{Patience, TICK};
use super::question::Answer;

/// What reads where nothing else is named: it ends by itself where the text fits onto the screen.
const USUAL: [&str; 2] = ["less", "-FRX"];
/// How long a program may take to end that was told to.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The program that shows long texts.
pub struct Pager {
    /// Its words, and whether somebody named it.
    words: Vec<String>,
    is_named: bool,
    signals: Signals,
}

/// How a program ended that showed a text.
enum Ended {
    /// By itself.
    With(ExitStatus),
    /// By Ctrl-C, which is for it alone.
    Closed,
}

impl Pager {
    /// The one that `named` says, as `$PAGER` does: a program with its arguments. Without it `less`.
    /// Of `signals` SIGINT closes it.
    pub fn of(named: Option<&str>, signals: Signals) -> Self {
        let words = named
            .and_then(shlex::split)
            .filter(|words| !words.is_empty());
        Self {
            is_named: words.is_some(),
            words: words.unwrap_or_else(|| USUAL.map(str::to_owned).to_vec()),
            signals,
        }
    }

    /// Lets the program show a page of its own on stdout.
    ///
    /// # Errors
    /// It did not, and what is to be said of that: nothing where there is no `less` and nobody named another.
    pub fn page(&self, text: &str) -> Result<(), Option<Said>> {
        let (cancel, all_day) = (CancellationToken::new(), Duration::from_secs(24 * 60 * 60));
        let patience = Patience::begin(&cancel, all_day);
        match self.read(text, &patience, io::stdout().as_fd()) {
            Ok(read) => self.outcome(read),
            Err(_) => Ok(()),
        }
    }

    /// Shows `text`; where the program cannot, on `out` as it is, and says so in `language`.
    ///
    /// # Errors
    /// What ended the waiting for it.
    pub(super) fn show(
        &self,
        text: &str,
        out: &mut impl Write,
        patience: &Patience<'_>,
        language: Language,
    ) -> Result<(), Answer> {
        let Err(failed) = self.outcome(self.read(text, patience, screen())?) else {
            return Ok(());
        };
        if let Some(failed) = failed {
            // Nobody is left to be told where this cannot be written.
            drop(writeln!(out, "{}", failed.in_language(language)));
        }
        drop(out.write_all(text.as_bytes()));
        Ok(())
    }

    /// Was the text read? If not, what is to be said of it.
    fn outcome(&self, read: io::Result<Ended>) -> Result<(), Option<Said>> {
        let why = match read {
            Ok(Ended::Closed) => return Ok(()),
            Ok(Ended::With(status)) if status.success() => return Ok(()),
            Ok(Ended::With(status)) => status.to_string(),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.is_named => {
                return Err(None);
            }
            Err(error) => error.to_string(),
        };
        let pager = &self.words[0];
        Err(Some(QuestionPagerFailed { pager, why }.into()))
    }

    /// Lets the program show it, and waits for its end.
    fn read(
        &self,
        text: &str,
        patience: &Patience<'_>,
        screen: BorrowedFd<'_>,
    ) -> Result<io::Result<Ended>, Answer> {
        let mode = Mode::of_stdin();
        let paging = self.signals.pager();
        let mut child = match self.start(text, screen) {
            Ok(child) => child,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            match child.try_wait() {
                Ok(None) => {}
                // The terminal says it to both, and it may have been the first to hear.
                Ok(Some(status)) if status.signal() == Some(Signal::INT.as_raw()) => {
                    mode.restore();
                    return Ok(Ok(Ended::Closed));
                }
                Ok(Some(status)) => return Ok(Ok(Ended::With(status))),
                Err(error) => return Ok(Err(error)),
            }
            if let Err(ended) = patience.left() {
                end(&mut child);
                mode.restore();
                return Err(ended);
            }
            if paging.is_closed() {
                end(&mut child);
                mode.restore();
                return Ok(Ok(Ended::Closed));
            }
            thread::sleep(TICK);
        }
    }

    /// The text waits in a file without a name: a program that does not read it hinders nobody.
    fn start(&self, text: &str, screen: BorrowedFd<'_>) -> io::Result<Child> {
        let mut file = tempfile::tempfile()?;
        file.write_all(text.as_bytes())?;
        file.rewind()?;
        Command::new(&self.words[0])
            .args(&self.words[1..])
            .stdin(file)
            .stdout(Stdio::from(File::from(screen.try_clone_to_owned()?)))
            .spawn()
    }
}

/// Where the question is shown: stdout may be a file.
fn screen() -> BorrowedFd<'static> {
    match io::stderr().is_terminal() {
        true => rustix::stdio::stderr(),
        false => rustix::stdio::stdout(),
    }
}

/// Ends the program, which may bring the terminal back first.
fn end(child: &mut Child) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // One that has ended already needs nothing.
    let _ = id.map(|id| kill_process(id, Signal::TERM));
    let until = Instant::now() + LAST_WORDS;
    while Instant::now() < until {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(TICK);
    }
    let _ = child.kill();
    let _ = child.wait();
}
