//! Why changes were not carried out at all. What became of a single change is an outcome, not an error.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use routeros_api::ClientError;
use thiserror::Error;

use catalogue::Said;
use journal::JournalError;
use plan::radius::TooMuch;
use sentences::{
    HintChangeAtWork, HintChangeId, HintChangeLock, HintChangeLocked, HintChangeNewerJournal,
    HintChangeOtherPlan, HintChangePortalBusy, HintChangeStage, HintChangeTooMuch,
    HintChangeUndeclared,
};
use session::database::DatabaseError;
use session::redis::RedisError;
use session::{Explained, SessionError};
use site::config::Service;
use site::grant::Target;
use site::kind::Kind;
use wording::count::counted;
use wording::duration;

/// How many stages a run has at most.
pub const STAGES: usize = 3;

/// Changes were refused, or could not be begun. Nothing was sent for them.
#[derive(Clone, Debug, Error)]
pub enum ChangeError {
    /// The runbook does not say that it writes this.
    #[error("the runbook may not write `{target}`")]
    Undeclared {
        /// What it wanted to write.
        target: Target,
    },
    /// A row is named by something that is no id.
    #[error("`{id}` is not the id of a row")]
    Id {
        /// What was given.
        id: String,
    },
    /// More than the run may change.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// Nobody said yes.
    #[error("the changes were not made, as {why}")]
    NotConfirmed {
        /// What was said instead.
        why: Said,
    },
    /// Another run changes the site.
    #[error("another run is changing the site `{site}`{}; {} was waited for it", by.as_ref().map(|by| format!(": {by}")).unwrap_or_default(), duration::text(*waited))]
    Locked {
        /// The site.
        site: String,
        /// Who holds the lock, if that is known.
        by: Option<String>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock of the site cannot be taken at all.
    #[error("cannot take the lock `{}`, by which one run at a time changes the site", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The portal's own sync is at work.
    #[error("the portal's sync {} running: redis has the key `{key}`{}; {} was waited for it", if unsure.is_some() { "may be" } else { "is" }, unsure.as_ref().map(|why| format!(", and {why}")).unwrap_or_default(), duration::text(*waited))]
    PortalBusy {
        /// The portal's lock.
        key: String,
        /// Why nobody knows whether the sync really runs, where it was asked.
        unsure: Option<String>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The run that is to be undone has not ended.
    #[error("the run {run} is still at work")]
    AtWork {
        /// Its id.
        run: String,
    },
    /// The run that is to be undone changed another site.
    #[error("the run {run} was of another site: {difference}")]
    OtherSite {
        /// Its id.
        run: String,
        /// What differs.
        difference: String,
    },
    /// Journals are not at hand.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Only a newer tikbook can read the journal.
    #[error("the run {run} is of a newer tikbook: its journal has the format `{format}`")]
    NewerJournal {
        /// The run's id.
        run: String,
        /// The format.
        format: String,
    },
    /// A plan is carried out once.
    #[error("the plan was applied meanwhile, by the run {run}")]
    PlanApplied {
        /// The run that changed something by it.
        run: String,
    },
    /// The run goes on to a stage that nobody agreed to.
    #[error("the run planned a stage {stage}, and without a question {} {} made", counted(*allowed, "stage"), if *allowed == 1 { "is" } else { "are" })]
    Stage {
        /// Which one, from 1.
        stage: usize,
        /// How many may be made.
        allowed: usize,
    },
    /// It is another plan than the one that somebody said yes to before.
    #[error(
        "the plan of now is not the one that was approved: {}",
        first(differences)
    )]
    OtherPlan {
        /// How it differs, a line each.
        differences: Vec<Said>,
    },
    /// A service of the site.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The run was stopped at a question of its own, or before it.
    #[error("the run was stopped at its question: what it asked for was not made")]
    Unanswered,
    /// The run was stopped while it waited for the locks of the site.
    #[error(
        "the run was stopped while it waited for who else changes the site: what it was to change was not made"
    )]
    StoppedWaiting,
    /// The run was stopped while changes were made.
    #[error(
        "the run was stopped: {made} of {} {} made{}",
        counted(*asked, "change"),
        if *asked == 1 { "was" } else { "were" },
        if *unknown == 0 { String::new() } else { format!(", and of {unknown} it is not known") }
    )]
    Interrupted {
        /// How many the run has made.
        made: usize,
        /// Of how many nobody can say whether they were made.
        unknown: usize,
        /// How many it had asked for.
        asked: usize,
    },
    /// The run was stopped while its changes were planned.
    #[error("the run was stopped while its changes were planned: nothing of them was made")]
    Stopped,
}

impl ChangeError {
    /// What to do about it.
    pub fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Undeclared { target } => HintChangeUndeclared {
                target: target.to_string(),
            }
            .into(),
            Self::Id { .. } => HintChangeId.into(),
            Self::TooMuch(too_much) => HintChangeTooMuch {
                wanted: too_much.wanted(),
            }
            .into(),
            Self::Locked { .. } => HintChangeLocked.into(),
            Self::Lock { path, .. } => HintChangeLock {
                path: path.display().to_string(),
            }
            .into(),
            Self::PortalBusy { .. } => HintChangePortalBusy.into(),
            Self::Journal(error) => error.hint(),
            Self::NewerJournal { .. } => HintChangeNewerJournal.into(),
            Self::AtWork { .. } => HintChangeAtWork.into(),
            Self::Stage { stage, .. } => HintChangeStage {
                stage: *stage,
                most: STAGES,
            }
            .into(),
            Self::OtherPlan { .. } => HintChangeOtherPlan.into(),
            Self::Session(error) => return error.hint(),
            Self::NotConfirmed { .. }
            | Self::OtherSite { .. }
            | Self::PlanApplied { .. }
            | Self::Unanswered
            | Self::Interrupted { .. }
            | Self::StoppedWaiting
            | Self::Stopped => return None,
        })
    }

    /// The number that `--max-changes` would have to be, for a run that changes too much.
    pub fn wanted(&self) -> usize {
        match self {
            Self::TooMuch(too_much) => too_much.wanted(),
            _ => 0,
        }
    }

    /// Is it about a router or a menu alone, which is not there or may not be read?
    pub fn is_of_one_place(&self) -> bool {
        let unknown = matches!(self, Self::Session(SessionError::UnknownRouter { .. }));
        unknown || self.kind() == Kind::Refused
    }

    /// What kind of error it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Undeclared { .. }
            | Self::TooMuch(_)
            | Self::Locked { .. }
            | Self::AtWork { .. }
            | Self::OtherSite { .. }
            | Self::NewerJournal { .. }
            | Self::PortalBusy { .. }
            | Self::Stage { .. }
            | Self::OtherPlan { .. }
            | Self::PlanApplied { .. } => Kind::Denied,
            Self::NotConfirmed { .. } => Kind::Declined,
            Self::Id { .. } => Kind::Invalid,
            Self::Journal(_) | Self::Lock { .. } => Kind::Journal,
            Self::Unanswered | Self::Interrupted { .. } | Self::StoppedWaiting | Self::Stopped => {
                Kind::Interrupted
            }
            Self::Session(error) => error.kind(),
        }
    }
}

/// The first few of several lines, in one.
fn first(lines: &[Said]) -> String {
    const SHOWN: usize = 5;
    let more = lines.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {more} more"));
    let said = lines.iter().take(SHOWN).map(Said::to_string);
    let said: Vec<String> = said.chain(more).collect();
    said.join("; ")
}

impl Explained for ChangeError {
    fn service(&self) -> Option<Service> {
        match self {
            Self::Session(error) => error.service(),
            _ => None,
        }
    }

    fn kind(&self) -> Kind {
        Self::kind(self)
    }

    fn hint(&self) -> Option<Said> {
        Self::hint(self)
    }

    fn is_declined(&self) -> bool {
        matches!(self, Self::NotConfirmed { .. } | Self::Unanswered)
    }
}

impl From<DatabaseError> for ChangeError {
    fn from(error: DatabaseError) -> Self {
        Self::Session(error.into())
    }
}

impl From<RedisError> for ChangeError {
    fn from(error: RedisError) -> Self {
        Self::Session(error.into())
    }
}

impl From<ClientError> for ChangeError {
    fn from(error: ClientError) -> Self {
        Self::Session(error.into())
    }
}
