//! The result of a run: plain data, shown by [`text`] or [`json`]. A text is laid out for a [`sheet::Sheet`].
//!
//! What a report says is held as it is meant, as [`Said`]: a message of a catalogue, or plain text. It becomes
//! words when it is shown: in the language of the sheet for people, in English for programs.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod code;
pub mod csv;
mod evidence;
pub mod grid;
mod heading;
pub mod json;
pub mod markdown;
pub mod moment;
mod numbered;
pub mod printable;
pub mod sheet;
mod steps;
pub mod tables;
pub mod text;
pub mod tsv;
mod verdict;
mod words;
pub mod worst;
pub mod wrap;

use std::rc::Rc;

use catalogue::{Argument, Language, Said};
use indexmap::IndexMap;
use sentences::{CheckAdvice, CheckNotJudged, CheckNotJudgedSeen};
use serde_json::Value as Json;

/// What a runbook returns.
#[derive(Clone, Default)]
pub struct Report {
    /// What was done, in one line. Where there are checks, what they come to is said behind it.
    pub title: Said,
    /// Keys of the JSON form, as the runbook set them.
    pub keys: IndexMap<String, Json>,
    /// Who is affected at the moment, where the runbook can tell: seen before all else.
    pub affected: Option<Table<Said>>,
    /// What the report is about, each with its name: seen first.
    pub facts: Vec<Count>,
    /// What was checked.
    pub checks: Vec<Check>,
    /// What was counted: seen last.
    pub counts: Vec<Count>,
    /// Tables for people.
    pub tables: Vec<Table<Said>>,
    /// What needs eyes.
    pub findings: Vec<Findings>,
    /// How bad what it says is beside its findings and checks: of a page about one user, of a plan.
    pub weight: Option<Severity>,
    /// Lines for people.
    pub notes: Vec<Said>,
    /// What to do next, in order.
    pub next: Vec<Step>,
    /// How many findings of a kind are shown to people; all are in the JSON form.
    pub shown: Option<usize>,
}

/// A step of what to do next.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What is done.
    pub text: Said,
    /// The commands that do it, to be copied.
    pub commands: Vec<String>,
}

/// A number or a fact with its name.
#[derive(Clone)]
pub struct Count {
    /// What was counted, or looked at.
    pub label: Said,
    /// How many, or what it is.
    pub value: Said,
}

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable word: `container:backend`.
    pub id: String,
    /// How it stands.
    pub status: Status,
    /// By what that is known.
    pub evidence: Said,
    /// What to do about it; empty where nothing is to be done.
    pub advice: Said,
    /// The commands that do it, to be copied.
    pub commands: Vec<String>,
    /// The id of another check that says why this one is not judged; its `evidence` is what was seen all the same.
    pub because: Option<String>,
}

impl Check {
    fn new(id: &str, status: Status, evidence: impl Into<Said>, advice: impl Into<Said>) -> Self {
        Self {
            id: id.to_owned(),
            status,
            evidence: evidence.into(),
            advice: advice.into(),
            commands: Vec::new(),
            because: None,
        }
    }

    /// The evidence in one text, for programs and tables: why it is not judged as well.
    pub fn evidence_whole(&self) -> Said {
        match (&self.because, self.evidence.is_empty()) {
            (None, _) => self.evidence.clone(),
            (Some(check), true) => CheckNotJudged { check }.into(),
            (Some(check), false) => CheckNotJudgedSeen {
                check,
                seen: self.evidence.clone(),
            }
            .into(),
        }
    }

    /// The advice in one text, for programs and tables: its commands as well.
    pub fn advice_whole(&self) -> Said {
        if self.commands.is_empty() {
            return self.advice.clone();
        }
        let commands = self.commands.iter();
        let commands = commands.map(|command| Said::from(format!("`{command}`")));
        CheckAdvice {
            advice: self.advice.clone(),
            commands: Argument::List(commands.collect()),
        }
        .into()
    }
}

impl Check {
    /// All is well.
    pub fn pass(id: &str, evidence: impl Into<Said>) -> Self {
        Self::new(id, Status::Pass, evidence, "")
    }

    /// It works, but.
    pub fn warn(id: &str, evidence: impl Into<Said>, advice: impl Into<Said>) -> Self {
        Self::new(id, Status::Warn, evidence, advice)
    }

    /// It does not work.
    pub fn fail(id: &str, evidence: impl Into<Said>, advice: impl Into<Said>) -> Self {
        Self::new(id, Status::Fail, evidence, advice)
    }

    /// Nothing can be said.
    pub fn unknown(id: &str, evidence: impl Into<Said>, advice: impl Into<Said>) -> Self {
        Self::new(id, Status::Unknown, evidence, advice)
    }
}

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All is well.
    Pass,
    /// What was needed to tell was missing.
    Unknown,
    /// It works, and should be looked at.
    Warn,
    /// It does not work.
    Fail,
}

impl Status {
    /// Every status, the best first.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Unknown, Self::Warn, Self::Fail];

    /// The word in JSON and in scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    /// The status a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A table for people: of what is said, or of the words that it became.
#[derive(Clone, Default)]
pub struct Table<Words = String> {
    /// The line above it.
    pub title: Words,
    /// The heads of its columns.
    pub columns: Vec<Words>,
    /// The cells, row by row.
    pub rows: Vec<Vec<Words>>,
}

impl Table<Said> {
    /// Its words in `language`.
    pub fn in_language(&self, language: Language) -> Table {
        let words = |said: &Said| said.in_language(language).into_owned();
        let row = |row: &Vec<Said>| row.iter().map(words).collect();
        Table {
            title: words(&self.title),
            columns: self.columns.iter().map(words).collect(),
            rows: self.rows.iter().map(row).collect(),
        }
    }
}

impl From<Table> for Table<Said> {
    fn from(table: Table) -> Self {
        let said = |words: Vec<String>| words.into_iter().map(Said::Plain).collect();
        Self {
            title: table.title.into(),
            columns: said(table.columns),
            rows: table.rows.into_iter().map(said).collect(),
        }
    }
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
    pub title: Said,
    /// What to do about them.
    pub advice: Said,
    /// The check that says all of it to people already, by its id.
    pub of_check: Option<String>,
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

    /// The facts, in the order they are shown; what of them is said, in `language`.
    fn facts(&self, index: usize, language: Language) -> Vec<(String, Json)>;

    /// The facts for programs: what is said in English, lengths of time in seconds.
    fn facts_for_programs(&self, index: usize) -> Vec<(String, Json)> {
        self.facts(index, Language::English)
    }
}

impl Report {
    /// Adds a line for people.
    pub fn note(&mut self, note: impl Into<Said>) {
        self.notes.push(note.into());
    }

    /// Adds lines for people.
    pub fn note_all<Note: Into<Said>>(&mut self, notes: impl IntoIterator<Item = Note>) {
        self.notes.extend(notes.into_iter().map(Into::into));
    }

    /// Adds a step to what is to be done next.
    pub fn step(&mut self, step: impl Into<Said>) {
        self.next.push(Step {
            text: step.into(),
            commands: Vec::new(),
        });
    }

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
    /// When the run began.
    pub started: jiff::Timestamp,
    /// The site's time zone: what people see is in it.
    pub zone: jiff::tz::TimeZone,
    /// What a comment of the router means, for people; nothing where it is to be seen as it is.
    pub comment: fn(&str) -> Option<String>,
}
