//! One check of a service: what was found, and what to do about it.

use serde_json::{Value as Json, json};

use session::SessionError;
use site::kind::in_one_line;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Pass,
    /// It works, and something about it should be looked at.
    Warn,
    /// It does not work.
    Fail,
    /// Nothing can be said.
    Unknown,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// A check and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable word; a router's name follows after a colon where there are several.
    pub id: String,
    /// How it ended.
    pub status: Status,
    /// What was found.
    pub evidence: String,
    /// What to do; empty where all is well.
    pub advice: String,
}

impl Check {
    fn new(id: &str, status: Status, evidence: impl Into<String>, advice: &str) -> Self {
        Self {
            id: id.to_owned(),
            status,
            evidence: evidence.into(),
            advice: advice.to_owned(),
        }
    }

    /// All is well.
    pub fn pass(id: &str, evidence: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, evidence, "")
    }

    /// It works, but.
    pub fn warn(id: &str, evidence: impl Into<String>, advice: &str) -> Self {
        Self::new(id, Status::Warn, evidence, advice)
    }

    /// It does not work.
    pub fn fail(id: &str, evidence: impl Into<String>, advice: &str) -> Self {
        Self::new(id, Status::Fail, evidence, advice)
    }

    /// Nothing can be said.
    pub fn unknown(id: &str, evidence: impl Into<String>, advice: &str) -> Self {
        Self::new(id, Status::Unknown, evidence, advice)
    }

    /// A service that cannot be used: one that nobody described is unknown, any other has failed.
    pub fn of_error(id: &str, error: &SessionError) -> Self {
        let advice = error
            .hint()
            .unwrap_or_else(|| "see that the service runs and can be reached from here".to_owned());
        let status = match error {
            SessionError::NotConfigured { .. } => Status::Unknown,
            _ => Status::Fail,
        };
        Self::new(id, status, in_one_line(error), &advice)
    }

    /// The check as a row of a table.
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.status.word().to_owned(),
            self.id.clone(),
            self.evidence.clone(),
        ]
    }

    /// What to do about it, as a step.
    pub fn step(&self) -> Option<String> {
        (!self.advice.is_empty()).then(|| format!("{}: {}", self.id, self.advice))
    }

    /// The check for programs.
    pub fn to_json(&self) -> Json {
        json!({
            "id": self.id,
            "status": self.status.word(),
            "evidence": self.evidence,
            "advice": self.advice,
        })
    }
}
