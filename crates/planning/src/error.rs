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
    DifferencesMore, ErrorChangeAtWork, ErrorChangeId, ErrorChangeInterrupted,
    ErrorChangeInterruptedUnsure, ErrorChangeLock, ErrorChangeLocked, ErrorChangeLockedBy,
    ErrorChangeNewerJournal, ErrorChangeNoLock, ErrorChangeNoRoom, ErrorChangeNotConfirmed,
    ErrorChangeOtherPlan, ErrorChangeOtherSite, ErrorChangePlanApplied, ErrorChangePortalBusy,
    ErrorChangePortalUnsure, ErrorChangeStage, ErrorChangeStopped, ErrorChangeStoppedWaiting,
    ErrorChangeUnanswered, ErrorChangeUndeclared, HintChangeAtWork, HintChangeId, HintChangeLock,
    HintChangeLocked, HintChangeNewerJournal, HintChangeOtherPlan, HintChangePortalBusy,
    HintChangeStage, HintChangeTooMuch, HintChangeUndeclared, HintNoRoom,
};
use session::database::DatabaseError;
use session::redis::RedisError;
use session::{Explained, SessionError};
use site::config::Service;
use site::grant::Target;
use site::kind::{Kind, causes};
use wording::duration;

/// How many stages a run has at most.
pub const STAGES: usize = 3;

/// Changes were refused, or could not be begun. Nothing was sent for them.
#[derive(Clone, Debug, Error)]
#[error("{}", self.said())]
pub enum ChangeError {
    /// The runbook does not say that it writes this.
    Undeclared {
        /// What it wanted to write.
        target: Target,
    },
    /// A row is named by something that is no id.
    Id {
        /// What was given.
        id: String,
    },
    /// More than the run may change.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// Nobody said yes.
    NotConfirmed {
        /// What was said instead.
        why: Said,
    },
    /// Another run changes the site.
    Locked {
        /// The site.
        site: String,
        /// Who holds the lock, if that is known.
        by: Option<Said>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock of the site cannot be taken at all.
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// What is in the place of the lock can be none.
    NoLock {
        /// The place.
        path: PathBuf,
    },
    /// The portal's own sync is at work.
    PortalBusy {
        /// The portal's lock.
        key: String,
        /// Why nobody knows whether the sync really runs, where it was asked.
        unsure: Option<Said>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The run that is to be undone has not ended.
    AtWork {
        /// Its id.
        run: String,
    },
    /// The run that is to be undone changed another site.
    OtherSite {
        /// Its id.
        run: String,
        /// What differs.
        difference: Said,
    },
    /// Journals are not at hand.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Only a newer tikbook can read the journal.
    NewerJournal {
        /// The run's id.
        run: String,
        /// The format.
        format: String,
    },
    /// A plan is carried out once.
    PlanApplied {
        /// The run that changed something by it.
        run: String,
    },
    /// The run goes on to a stage that nobody agreed to.
    Stage {
        /// Which one, from 1.
        stage: usize,
        /// How many may be made.
        allowed: usize,
    },
    /// It is another plan than the one that somebody said yes to before.
    OtherPlan {
        /// How it differs, a line each.
        differences: Vec<Said>,
    },
    /// A service of the site.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The run was stopped at a question of its own, or before it.
    Unanswered,
    /// The run was stopped while it waited for the locks of the site.
    StoppedWaiting,
    /// The run was stopped while changes were made.
    Interrupted {
        /// How many the run has made.
        made: usize,
        /// Of how many nobody can say whether they were made.
        unknown: usize,
        /// How many it had asked for.
        asked: usize,
    },
    /// The run was stopped while its changes were planned.
    Stopped,
    /// Looking at what is to be changed takes more memory than the run may hold.
    NoRoom,
}

impl ChangeError {
    /// For people.
    pub fn said(&self) -> Said {
        match self {
            Self::Undeclared { target } => ErrorChangeUndeclared {
                target: target.to_string(),
            }
            .into(),
            Self::Id { id } => ErrorChangeId { id }.into(),
            Self::TooMuch(too_much) => too_much.said(),
            Self::NotConfirmed { why } => ErrorChangeNotConfirmed { why: why.clone() }.into(),
            Self::Locked { site, by, waited } => {
                let waited = duration::text(*waited);
                match by.clone() {
                    None => ErrorChangeLocked { site, waited }.into(),
                    Some(by) => ErrorChangeLockedBy { site, by, waited }.into(),
                }
            }
            Self::Lock { path, .. } => ErrorChangeLock {
                path: path.display().to_string(),
            }
            .into(),
            Self::NoLock { path } => ErrorChangeNoLock {
                path: path.display().to_string(),
            }
            .into(),
            Self::PortalBusy {
                key,
                unsure,
                waited,
            } => {
                let waited = duration::text(*waited);
                match unsure.clone() {
                    None => ErrorChangePortalBusy { key, waited }.into(),
                    Some(why) => ErrorChangePortalUnsure { key, why, waited }.into(),
                }
            }
            Self::AtWork { run } => ErrorChangeAtWork { run }.into(),
            Self::OtherSite { run, difference } => ErrorChangeOtherSite {
                run,
                difference: difference.clone(),
            }
            .into(),
            Self::Journal(error) => error.said(),
            Self::NewerJournal { run, format } => ErrorChangeNewerJournal { run, format }.into(),
            Self::PlanApplied { run } => ErrorChangePlanApplied { run }.into(),
            Self::Stage { stage, allowed } => ErrorChangeStage {
                stage: *stage,
                allowed: *allowed,
            }
            .into(),
            Self::OtherPlan { differences } => ErrorChangeOtherPlan {
                differences: first(differences),
            }
            .into(),
            Self::Session(error) => Explained::said(error),
            Self::Unanswered => ErrorChangeUnanswered.into(),
            Self::StoppedWaiting => ErrorChangeStoppedWaiting.into(),
            Self::Interrupted {
                made,
                unknown,
                asked,
            } => {
                let (made, unknown, asked) = (*made, *unknown, *asked);
                match unknown {
                    0 => ErrorChangeInterrupted { made, asked }.into(),
                    _ => ErrorChangeInterruptedUnsure {
                        made,
                        unknown,
                        asked,
                    }
                    .into(),
                }
            }
            Self::Stopped => ErrorChangeStopped.into(),
            Self::NoRoom => ErrorChangeNoRoom {
                limit: memory::LIMIT >> 20,
            }
            .into(),
        }
    }

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
            Self::Lock { path, .. } | Self::NoLock { path } => HintChangeLock {
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
            Self::NoRoom => HintNoRoom.into(),
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
            Self::Id { .. } | Self::NoRoom => Kind::Invalid,
            Self::Journal(_) | Self::Lock { .. } | Self::NoLock { .. } => Kind::Journal,
            Self::Unanswered | Self::Interrupted { .. } | Self::StoppedWaiting | Self::Stopped => {
                Kind::Interrupted
            }
            Self::Session(error) => error.kind(),
        }
    }
}

/// The first few of several differences.
fn first(differences: &[Said]) -> Said {
    const SHOWN: usize = 5;
    let count = differences.len().saturating_sub(SHOWN);
    let more = (count > 0).then(|| DifferencesMore { count }.into());
    let shown = differences.iter().take(SHOWN).cloned();
    Said::several(shown.chain(more))
}

impl Explained for ChangeError {
    fn said(&self) -> Said {
        match self {
            Self::Session(error) => error.said(),
            own => Self::said(own),
        }
    }

    fn because(&self) -> Vec<Said> {
        match self {
            Self::Session(error) => error.because(),
            own => causes(own).map(Said::from).collect(),
        }
    }

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
