//! Changes that tests make on their simulated sites: through the one gate, with a journal that is
//! gone with the site.

use std::cell::OnceCell;
use std::path::Path;

use tempfile::TempDir;

use crate::run::{Changes, Making, needed};
use change::planned::{Change, Done, Status};
use change::run::{Run, RunKind, SiteIdentity};
use change::undo::{self, Undo};
use change::{Agreed, Radius, record};
use scripting::host::error::HostError;
use session::Session;

use super::stage::{Services, Stage, why};

/// Who runs tests, for their journals.
const OPERATOR: &str = "a test";

/// The folder of a site's journals, made when something is first changed.
#[derive(Default)]
pub struct Journals(OnceCell<TempDir>);

impl Journals {
    fn folder(&self) -> Result<&Path, HostError> {
        if self.0.get().is_none() {
            let folder = tempfile::tempdir().map_err(|error| {
                HostError::invalid("cannot make a folder for the journal").caused_by(&error)
            })?;
            // Nobody else has set it meanwhile: tests of a file run on one thread.
            drop(self.0.set(folder));
        }
        self.0
            .get()
            .map(TempDir::path)
            .ok_or_else(|| HostError::invalid("there is no folder for the journal"))
    }
}

/// A run of a test.
pub fn run_of(session: &Session, kind: RunKind, name: &str) -> Run {
    Run::begin(kind, name, None, OPERATOR, SiteIdentity::of(session))
}

impl Services {
    /// Changes are made, without asking.
    ///
    /// # Errors
    /// There is no place for their journal.
    pub fn making(&self, max_changes: Option<usize>) -> Result<Changes, HostError> {
        Ok(Changes::Made(Making {
            max_changes,
            before: Radius::default(),
            state_folder: self.journals.folder()?.to_owned(),
            confirm: Box::new(Agreed),
            within: None,
        }))
    }
}

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
    pub fn undo(&self, services: &Services) -> Result<(Vec<Done>, Vec<String>), HostError> {
        let session = self.session(services);
        let records = record::read_all(services.journals.folder()?, &session.site().name)?;
        let record = record::last_not_undone(&records).ok_or_else(|| {
            HostError::invalid("no run has changed this site that was not undone")
                .hint("site.apply(…) makes changes")
        })?;
        let Undo { changes, left } = self.wait(undo::of(&session, record, &records))?;
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
        let making = services.making(max_changes)?;
        let mut open = self.open_on(services, session, run, needed(&changes), making);
        open.submit(changes);
        let outcome = open.end();
        match (outcome.unfinished, outcome.failure) {
            (Some(error), _) => Err(error.into()),
            (None, Some(cause)) => Err(why(cause)),
            (None, None) => Ok(outcome.done),
        }
    }
}
