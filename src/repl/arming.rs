//! The leave to change the site for a while.
//!
//! Each line, and each runbook that `:run` runs, is a run of its own: it has its own journal, it holds
//! the site's lock no longer than it lasts, and `:undo` takes back the last of them. What all runs of
//! one arming change is measured together, so that many small lines are allowed no more than one
//! large one.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::run::Making;
use change::{Agreed, Radius};
use wording::duration::parse_within;

/// A shorter arming is over before anything is typed.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest arming: who still needs it then can ask for it again.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What `:arm`, `:apply` and `:undo` may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// A length of time, for `:arm`.
    pub time: Option<Duration>,
    /// `--max-changes`.
    pub max_changes: Option<usize>,
}

impl Words {
    /// Reads `5m --max-changes 60`, in any order.
    ///
    /// # Errors
    /// What cannot be understood, for people.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            match word.strip_prefix("--max-changes") {
                Some(value) => {
                    let value = value.strip_prefix('=').or_else(|| words.next());
                    let number = value.and_then(|value| value.parse().ok());
                    let number = number.ok_or("--max-changes takes a whole number")?;
                    read.max_changes = Some(number);
                }
                None => {
                    let time = parse_within(word, SHORTEST..=LONGEST);
                    read.time = Some(time.map_err(|error| error.to_string())?);
                }
            }
        }
        Ok(read)
    }
}

/// A leave to change the site.
#[derive(Clone)]
pub struct Arming {
    /// Its end by the clock that nobody sets, which stands still while the machine sleeps …
    until: Instant,
    /// … and by the one that goes on then.
    date: Timestamp,
    max_changes: Option<usize>,
    changed: Radius,
}

impl Arming {
    /// A leave for `time` from now on.
    pub fn new(time: Duration, max_changes: Option<usize>) -> Self {
        let span = SignedDuration::try_from(time).unwrap_or_default();
        let now = Timestamp::now();
        Self {
            until: Instant::now() + time,
            date: now.saturating_add(span).unwrap_or(now),
            max_changes,
            changed: Radius::default(),
        }
    }

    /// How long it lasts yet; zero when it has ended.
    pub fn left(&self) -> Duration {
        let by_date = self.date.duration_since(Timestamp::now());
        let by_date = Duration::try_from(by_date).unwrap_or_default();
        let left = self.until.saturating_duration_since(Instant::now());
        left.min(by_date)
    }

    /// The same leave with another `--max-changes`, if one is given.
    pub fn allowing(&self, max_changes: Option<usize>) -> Self {
        Self {
            max_changes: max_changes.or(self.max_changes),
            ..self.clone()
        }
    }

    /// The same leave for so many changes that are not measured together with others: those that
    /// undo what was allowed before.
    pub fn apart(&self, changes: usize) -> Self {
        Self {
            max_changes: Some(changes),
            changed: Radius::default(),
            ..self.clone()
        }
    }

    /// How a run under this leave makes its changes. Its gate shuts when the leave ends, also in the
    /// middle of the run.
    pub fn making(&self, state_folder: PathBuf) -> Making {
        Making {
            max_changes: self.max_changes,
            before: self.changed.clone(),
            state_folder,
            confirm: Box::new(Agreed),
            within: Some(self.left()),
        }
    }

    /// Counts what a run under this leave changed.
    pub fn count(&mut self, changed: &Radius) {
        self.changed = changed.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_time_and_a_number() {
        let words = Words::read("5m --max-changes 60").unwrap();
        assert_eq!(words.time, Some(Duration::from_secs(300)));
        assert_eq!(words.max_changes, Some(60));
        assert_eq!(
            Words::read("--max-changes=7 1h").unwrap().max_changes,
            Some(7)
        );
        for wrong in [
            "soon",
            "0s",
            "2h",
            "--max-changes",
            "--max-changes x",
            "5m --yes",
            "99999999999999w",
        ] {
            assert!(Words::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_arming_ends_by_itself() {
        assert_eq!(Arming::new(Duration::ZERO, None).left(), Duration::ZERO);
        let arming = Arming::new(Duration::from_secs(300), None);
        assert!(arming.left() > Duration::from_secs(200));
    }
}
