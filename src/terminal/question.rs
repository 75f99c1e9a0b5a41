//! A question to the operator: the last line on the screen until it is answered.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use report::text::printable;

use super::mode;
use super::screen::Held;

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How often somebody is asked who answers neither yes nor no.
const TIMES: usize = 3;
/// The longest answer that is read; the terminal itself takes no longer line.
const LONGEST: usize = 4096;
/// How long a signal may go unnoticed.
const TICK: Duration = Duration::from_millis(50);

/// What is asked.
pub struct Question<'a> {
    /// The question; its last line is the one that is answered.
    pub text: &'a str,
    /// Ends the waiting.
    pub cancel: &'a CancellationToken,
    /// How long an answer is waited for: [`PATIENCE`].
    pub limit: Duration,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A clear yes.
    Yes,
    /// Anything that is none.
    No(No),
    /// A signal came, or the terminal is gone, which is said by a signal as well.
    Stopped,
}

/// What kind of no it was, as the end of a sentence.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum No {
    /// A clear no, or an empty line.
    #[error("the answer was no")]
    Said,
    /// Neither yes nor no, several times.
    #[error("the answer was neither yes nor no")]
    Unclear,
    /// The input ended.
    #[error("the input ended without an answer")]
    Ended,
    /// Nobody answered.
    #[error("no answer came within {} minutes", .0.as_secs().div_ceil(60))]
    Silence(Duration),
}

impl Question<'_> {
    /// Asks on `out`, which the terminal on stdin shows. Nothing else is drawn meanwhile, and what
    /// was typed before the question was there is no answer to it.
    pub fn ask(&self, out: &mut impl Write) -> Answer {
        let _held = Held::begin();
        let stdin = io::stdin();
        // Where that cannot be done there is no terminal, and so nothing to be typed ahead.
        let _ = tcflush(&stdin, QueueSelector::IFlush);
        self.ask_of(&stdin, out)
    }

    fn ask_of(&self, input: &impl AsFd, out: &mut impl Write) -> Answer {
        let until = Instant::now() + self.limit;
        // Texts of the site must not draw another question over this one.
        let lines: Vec<String> = self.text.lines().map(printable).collect();
        let mut shown = lines.join("\n");
        for _ in 0..TIMES {
            let asked = write!(out, "{shown} [y/N] ").and_then(|()| out.flush());
            if asked.is_err() {
                return ended(input);
            }
            let line = match self.line(input, until) {
                Ok(line) => line,
                Err(unanswered) => {
                    // What comes next begins a line of its own.
                    drop(writeln!(out));
                    return unanswered;
                }
            };
            match line.trim().to_lowercase().as_str() {
                "y" | "yes" | "ya" => return Answer::Yes,
                "n" | "no" | "tidak" | "" => return Answer::No(No::Said),
                _ => "Please answer y or n.".clone_into(&mut shown),
            }
        }
        Answer::No(No::Unclear)
    }

    /// The next line of the input.
    fn line(&self, input: &impl AsFd, until: Instant) -> Result<String, Answer> {
        let mut line = Vec::new();
        while line.len() < LONGEST {
            self.wait(input, until)?;
            // One by one, so that what follows the line is left to others.
            let mut byte = [0];
            match rustix::io::read(input, &mut byte) {
                Ok(1..) if byte == *b"\n" => break,
                Ok(1..) => line.extend(byte),
                Err(Errno::INTR) => {}
                Ok(0) | Err(_) => return Err(ended(input)),
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Waits until there is something to read.
    fn wait(&self, input: &impl AsFd, until: Instant) -> Result<(), Answer> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(Answer::Stopped);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Answer::No(No::Silence(self.limit)));
            }
            let tick = Timespec::try_from(left.min(TICK)).ok();
            match poll(&mut [PollFd::new(input, PollFlags::IN)], tick.as_ref()) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(_) => return Err(ended(input)),
            }
        }
    }
}

/// Why nothing more can be read: the answer must not depend on which is noticed first, the end of the
/// terminal or the signal that says so.
fn ended(input: &impl AsFd) -> Answer {
    match mode::is_gone(input) {
        true => Answer::Stopped,
        false => Answer::No(No::Ended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "Make 2 changes? [y/N] ";

    /// Asks somebody who types `typed`, and hangs up after it if `ends`.
    fn asked(typed: &str, ends: bool, limit: Duration) -> (Answer, String) {
        let cancel = CancellationToken::new();
        let question = Question {
            text: "Make 2 changes?",
            cancel: &cancel,
            limit,
        };
        let (input, mut keyboard) = io::pipe().unwrap();
        keyboard.write_all(typed.as_bytes()).unwrap();
        let keyboard = (!ends).then_some(keyboard);
        let mut shown = Vec::new();
        let answer = question.ask_of(&input, &mut shown);
        drop(keyboard);
        (answer, String::from_utf8(shown).unwrap())
    }

    #[test]
    fn yes_and_no_are_understood_in_english_and_indonesian() {
        let cases = [
            ("y\n", Answer::Yes),
            ("YES \n", Answer::Yes),
            ("Ya\n", Answer::Yes),
            ("n\n", Answer::No(No::Said)),
            ("No\n", Answer::No(No::Said)),
            ("tidak\n", Answer::No(No::Said)),
            ("\n", Answer::No(No::Said)),
            ("  \n", Answer::No(No::Said)),
        ];
        for (typed, expected) in cases {
            let (answer, shown) = asked(typed, false, PATIENCE);
            assert_eq!(answer, expected, "{typed:?}");
            assert_eq!(shown, ASKED, "{typed:?}");
        }
    }

    #[test]
    fn what_is_neither_yes_nor_no_is_asked_again_a_few_times() {
        let again = format!("{ASKED}Please answer y or n. [y/N] ");
        let (answer, shown) = asked("make it so\nya\n", false, PATIENCE);
        assert_eq!((answer, shown), (Answer::Yes, again.clone()));
        let (answer, shown) = asked("yess\nn\n", false, PATIENCE);
        assert_eq!((answer, shown), (Answer::No(No::Said), again));
        let (answer, shown) = asked("a\nb\nc\ny\n", false, PATIENCE);
        assert_eq!(answer, Answer::No(No::Unclear));
        assert_eq!(shown.matches("[y/N]").count(), 3, "{shown}");
    }

    #[test]
    fn the_end_of_the_input_is_a_no_whatever_was_typed_before_it() {
        for typed in ["", "y", "yes"] {
            let (answer, shown) = asked(typed, true, PATIENCE);
            assert_eq!(answer, Answer::No(No::Ended), "{typed:?}");
            assert_eq!(shown, format!("{ASKED}\n"), "{typed:?}");
        }
    }

    #[test]
    fn silence_is_a_no_when_the_time_is_over() {
        for typed in ["", "y"] {
            let limit = Duration::from_millis(1);
            let (answer, _) = asked(typed, false, limit);
            assert_eq!(answer, Answer::No(No::Silence(limit)), "{typed:?}");
        }
        let told = No::Silence(PATIENCE).to_string();
        assert_eq!(told, "no answer came within 15 minutes");
    }

    #[test]
    fn a_cancelled_run_is_asked_nothing_more() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let question = Question {
            text: "Make 2 changes?",
            cancel: &cancel,
            limit: PATIENCE,
        };
        let (input, _keyboard) = io::pipe().unwrap();
        assert_eq!(question.ask_of(&input, &mut io::sink()), Answer::Stopped);
    }
}
