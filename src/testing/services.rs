//! The services of a simulated site, as a test holds them: with their clock, and with a journal of what
//! was changed on them, which is gone with them.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::sync::Arc;

use rhai::FnPtr;
use tempfile::TempDir;

use demo::Demo;
use journal::run::{Run, RunKind, SiteIdentity};
use scripting::host::error::HostError;
use scripting::host::moment::Clock;
use session::Session;

/// Who runs tests, for their journals.
const OPERATOR: &str = "a test";

/// A site's services with their clock, as a test holds them.
pub struct Services {
    /// The services.
    pub demo: Arc<Demo>,
    /// The clock of every run on them.
    pub clock: Clock,
    /// What was changed on them.
    pub journals: Journals,
    /// What happens on them between the two plannings of the next run that applies.
    pub between: RefCell<Option<FnPtr>>,
}

/// The folder of a site's journals, made when something is first changed.
#[derive(Default)]
pub struct Journals(OnceCell<TempDir>);

impl Journals {
    /// Its path.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self) -> Result<&Path, HostError> {
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
    Run::begin(kind, name, None, OPERATOR, SiteIdentity::of(session.site()))
}
