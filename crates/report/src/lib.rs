//! The result of a run: plain data, shown by [`text`] or [`json`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod json;
pub mod text;

use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::Value as Json;

/// What a runbook returns.
#[derive(Clone, Default)]
pub struct Report {
    /// What was done, in one line.
    pub title: String,
    /// Keys of the JSON form, as the runbook set them.
    pub keys: IndexMap<String, Json>,
    /// Numbers worth seeing first.
    pub counts: Vec<Count>,
    /// Tables for people.
    pub tables: Vec<Table>,
    /// What needs eyes.
    pub findings: Vec<Findings>,
    /// Lines for people.
    pub notes: Vec<String>,
    /// What to do next, in order.
    pub next: Vec<String>,
    /// How many findings of a kind are shown to people; all are in the JSON form.
    pub shown: Option<usize>,
}

/// A number with its name.
#[derive(Clone)]
pub struct Count {
    /// What was counted.
    pub label: String,
    /// How many.
    pub value: String,
}

/// A table for people.
#[derive(Clone)]
pub struct Table {
    /// The line above it.
    pub title: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked at.
    Warning,
    /// Somebody is affected now.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    /// The word in JSON and in scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}

/// Findings of one kind: they share severity, title and advice and differ in their evidence.
#[derive(Clone)]
pub struct Findings {
    /// A stable word: `stale-blocked`. The id of one finding is `kind:subject`.
    pub kind: String,
    /// How bad each of them is.
    pub severity: Severity,
    /// What they are, in one line.
    pub title: String,
    /// What to do about them.
    pub advice: String,
    /// The findings themselves.
    pub items: Rc<dyn Evidence>,
}

/// The findings of one kind, each a subject with named facts. Kept in the form they were found in,
/// so that a hundred thousand of them cost little.
pub trait Evidence {
    /// How many findings.
    fn len(&self) -> usize;

    /// True without findings.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the finding is about: the second half of its id. The same in every run.
    fn subject(&self, index: usize) -> String;

    /// The facts, in the order they are shown.
    fn facts(&self, index: usize) -> Vec<(String, Json)>;
}

impl Report {
    /// How many findings there are.
    pub fn finding_count(&self) -> usize {
        self.findings.iter().map(|group| group.items.len()).sum()
    }
}

/// What frames a report: where and when it was made.
pub struct Frame {
    /// The site's name.
    pub site: String,
    /// The runbook's name.
    pub runbook: String,
    /// When the run began, in UTC.
    pub started: jiff::Timestamp,
}
