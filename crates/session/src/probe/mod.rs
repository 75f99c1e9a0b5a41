//! What `tikbook doctor` finds out about a service: can it be reached, logged in to and read, and does
//! its clock agree? Each service brings its probes itself.

pub(super) mod clock;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::error::{Explained, SessionError};
use site::kind::in_one_line;

/// Checks that follow each other, not begun yet.
pub struct Probe<'a> {
    /// The check that says so where they take too long.
    pub id: String,
    /// The checks.
    pub checks: BoxFuture<'a, Vec<Check>>,
}

impl<'a> Probe<'a> {
    /// `checks` that begin with the check `id`.
    pub fn new(
        id: impl Into<String>,
        checks: impl Future<Output = Vec<Check>> + Send + 'a,
    ) -> Self {
        Self {
            id: id.into(),
            checks: checks.boxed(),
        }
    }
}

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
}
