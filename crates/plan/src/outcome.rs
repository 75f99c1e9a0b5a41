//! What becomes of a change, and what there is to say about it.

use catalogue::Said;
use sentences::{OutcomeEarlierOfGroup, OutcomeEarlierOfRow, OutcomeLeftOut, OutcomeNotSent};
use serde::{Deserialize, Serialize};

use super::change::Change;
use super::fields::Fields;
use super::key::SavedKey;
use super::together::Hold;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It would be done with `--apply`.
    Planned,
    /// It was done.
    Applied,
    /// Not done: what it would change is not as it was expected.
    Conflict,
    /// The service refused it, or it had no effect.
    Failed,
    /// Nobody can say whether it was done.
    Unknown,
    /// There was nothing to do, or the run ended before it.
    Skipped,
    /// A guard refused it.
    Protected,
}

impl Status {
    /// The word of reports, journals and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Protected => "protected",
        }
    }
}

/// Why a change was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// There was nothing to do.
    NothingToDo,
    /// The run ended before it.
    NotSent,
    /// Somebody chose not to make it.
    LeftOut,
}

/// What became of a change, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// In one word.
    pub status: Status,
    /// Of one that was skipped, what that means for those that rest on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// Why, where it needs saying, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Said>,
    /// The id of a row that was added, or found in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The row as it was read again after the change, where the router made another one of it than was
    /// reckoned with. For the journal, and so for undo: with its secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Fields>,
    /// How the row differs from what was expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The keys that a command touched, as they are after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SavedKey>,
}

/// One field of a row that is not as it was expected, for people: secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What was expected; absent if it was expected to be absent.
    pub expected: Option<Said>,
    /// What was found.
    pub found: Option<Said>,
}

/// A change with what became of it.
#[derive(Clone, Debug)]
pub struct Done {
    /// The change.
    pub change: Change,
    /// What became of it.
    pub outcome: Outcome,
}

impl Outcome {
    /// An outcome without anything to say.
    pub fn of(status: Status) -> Self {
        Self {
            status,
            skipped: (status == Status::Skipped).then_some(Skipped::NothingToDo),
            why: None,
            id: None,
            left: None,
            differences: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Did the run end before this change was sent?
    pub fn is_not_sent(&self) -> bool {
        self.skipped == Some(Skipped::NotSent)
    }

    /// Somebody chose not to make the change.
    pub fn left_out() -> Self {
        Self::skipped_as(Skipped::LeftOut, OutcomeLeftOut)
    }

    /// Did somebody choose not to make the change?
    pub fn is_left_out(&self) -> bool {
        self.skipped == Some(Skipped::LeftOut)
    }

    /// The run ended before the change, and why.
    pub fn not_sent(why: impl Into<Said>) -> Self {
        Self::skipped_as(Skipped::NotSent, OutcomeNotSent { why: why.into() })
    }

    fn skipped_as(skipped: Skipped, why: impl Into<Said>) -> Self {
        Self {
            skipped: Some(skipped),
            ..Self::because(Status::Skipped, why)
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: Status) -> Self {
        Self {
            status,
            skipped: Self::of(status).skipped,
            ..self
        }
    }

    /// Is the change to be made?
    pub fn goes_ahead(&self) -> bool {
        self.status == Status::Planned
    }

    /// Was the change not made, or can it not be, so that those that rest on it are not either?
    pub fn holds_back(&self) -> bool {
        match self.status {
            Status::Conflict | Status::Protected | Status::Failed | Status::Unknown => true,
            Status::Skipped => self.is_not_sent(),
            Status::Planned | Status::Applied => false,
        }
    }

    /// Is there something to do, whether it can be done or not?
    pub fn is_asked_for(&self) -> bool {
        self.status != Status::Skipped
    }

    /// An outcome with its reason.
    pub fn because(status: Status, why: impl Into<Said>) -> Self {
        Self {
            why: Some(why.into()),
            ..Self::of(status)
        }
    }
}

/// A later change is not sent that hangs together by `hold` with one that was not made.
pub fn not_made_before(hold: &Hold) -> Outcome {
    Outcome::not_sent(match hold {
        Hold::Row(..) | Hold::Key(..) => Said::from(OutcomeEarlierOfRow),
        Hold::Group(_) | Hold::Shown(_) => OutcomeEarlierOfGroup.into(),
    })
}
