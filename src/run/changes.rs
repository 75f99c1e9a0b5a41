//! What becomes of the changes of a run, and the gate for that.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::AbortHandle;

use change::planned::Done;
use change::run::Run;
use change::{Confirm, Gate, Radius, Settings};
use session::Session;
use site::grant::Grant;

use super::Means;

/// What becomes of the changes of a run.
pub enum Changes {
    /// They are planned, as changes that come after these.
    Planned(Vec<Done>),
    /// They are made.
    Made(Making),
}

/// How the changes of a run are made.
pub struct Making {
    /// `--max-changes`.
    pub max_changes: Option<usize>,
    /// What counts together with this run: the runs before it that were allowed by the same word.
    pub before: Radius,
    /// The folder of journals and locks.
    pub state_folder: PathBuf,
    /// Who says yes.
    pub confirm: Box<dyn Confirm>,
    /// How long they may be made, if not as long as the run lasts.
    pub within: Option<Duration>,
}

impl Default for Changes {
    fn default() -> Self {
        Self::Planned(Vec::new())
    }
}

impl Changes {
    /// The grant of a run whose changes are these.
    pub(super) fn grant(&self, grant: Grant) -> Grant {
        match self {
            Self::Planned(_) => grant,
            Self::Made(_) => grant.applying(),
        }
    }

    /// The gate of the run, and what shuts it in time.
    pub(super) fn gate(
        self,
        run: &Run,
        session: &Session,
        grant: &Grant,
        means: &Means,
    ) -> (Gate, Option<AbortHandle>) {
        let (session, grant) = (session.clone(), grant.clone());
        let making = match self {
            Self::Planned(before) => return (Gate::planning(session, grant, &before), None),
            Self::Made(making) => making,
        };
        let cancel = means.cancel.child_token();
        let shut = cancel.clone();
        let shutting = making.within.map(|time| {
            let waiting = means.runtime.spawn(async move {
                tokio::time::sleep(time).await;
                shut.cancel();
            });
            waiting.abort_handle()
        });
        let settings = Settings {
            run: run.clone(),
            max_changes: making.max_changes,
            before: making.before,
            state_folder: making.state_folder,
            confirm: making.confirm,
            cancel,
        };
        (Gate::applying(session, grant, settings), shutting)
    }
}
