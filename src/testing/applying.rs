//! Changes that tests make on their simulated sites, and take back.

use crate::run::{Agreed, needed};
use catalogue::Said;
use journal::record;
use journal::run::{Run, RunKind};
use plan::change::Change;
use plan::outcome::{Done, Status};
use planning::undo::{self, Undo};
use planning::{ChangeError, OwnServices};
use scripting::host::error::HostError;
use session::Session;

use super::services::{Services, run_of};
use super::stage::{Mode, Stage, why};

impl Stage {
    /// Makes the changes that a run planned, as far as their rows are still as they were then.
    ///
    /// # Errors
    /// A guard refuses, or a service cannot be asked.
    pub fn apply(
        &self,
        services: &Services,
        planned: &[Done],
        max_changes: Option<usize>,
    ) -> Result<Vec<Done>, HostError> {
        let planned = planned
            .iter()
            .filter(|done| done.outcome.status == Status::Planned);
        let changes = planned
            .map(|done| done.change.clone().sent_again())
            .collect();
        let session = self.session(services);
        let run = run_of(&session, RunKind::Apply, "plan");
        self.submit(services, session, run, changes, max_changes)
    }

    /// Takes the last run back that changed the site; gives what became of the changes that undo
    /// it, and what cannot be undone.
    ///
    /// # Errors
    /// No run has changed the site, or a service cannot be asked.
    pub fn undo(&self, services: &Services) -> Result<(Vec<Done>, Vec<Said>), HostError> {
        let session = self.session(services);
        let records = record::read_all(services.journals.folder()?, &session.site().name);
        let records = records.map_err(ChangeError::from)?;
        let record = record::last_not_undone(&records).ok_or_else(|| {
            HostError::invalid("no run has changed this site that was not undone")
                .hint("site.apply(…) makes changes")
        })?;
        let Undo { changes, left } = self.wait(undo::of(
            (&session, &OwnServices::default()),
            record,
            &records,
        ))?;
        let run = run_of(&session, RunKind::Undo, &format!("undo {}", record.id));
        let most = Some(changes.len());
        let done = self.submit(services, session, run, changes, most)?;
        Ok((done, left))
    }

    fn submit(
        &self,
        services: &Services,
        session: Session,
        run: Run,
        changes: Vec<Change>,
        max_changes: Option<usize>,
    ) -> Result<Vec<Done>, HostError> {
        let opening = self.opening(services, session, run, needed(&changes));
        let mode = Mode::Apply(&Agreed, max_changes);
        let outcome = self.carried_out(services, opening, mode, &changes)?;
        match (outcome.unfinished, outcome.failure) {
            (Some(error), _) => Err(error.into()),
            (None, Some(cause)) => Err(why(cause)),
            (None, None) => Ok(outcome.done),
        }
    }
}
