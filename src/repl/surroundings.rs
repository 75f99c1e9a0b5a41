//! What a REPL needs from outside.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::signals::Signals;
use engine::{OwnSenders, Sends};
use report::sheet::Sheet;
use scripting::host::read::Progress;
use scripting::script::library::Library;
use site::config::Sources;

/// What a REPL needs from outside.
pub struct Surroundings {
    /// The scripts it can import and run.
    pub library: Library,
    /// Where reads run.
    pub runtime: Handle,
    /// Where its sites are described, and which of them was chosen.
    pub sources: Sources,
    /// Shows what is being waited for.
    pub progress: Rc<dyn Progress>,
    /// On what stdout is written.
    pub sheet: Sheet,
    /// What stops a line, and the session.
    pub signals: Signals,
    /// What an embedding program's own primitives need.
    pub own: Option<Rc<dyn Any>>,
    /// An embedding program's own services.
    pub services: OwnSenders,
}

impl Surroundings {
    /// Plain surroundings for an embedding program: no colours, no progress. Without an environment
    /// in `sources` there is no history either, and no journal, so that nothing can be changed.
    pub fn new(library: Library, runtime: Handle, sources: Sources) -> Self {
        Self {
            signals: Signals::of_interrupts(&runtime),
            library,
            runtime,
            sources,
            progress: Rc::new(Silent),
            sheet: Sheet::PIPE,
            own: None,
            services: OwnSenders::default(),
        }
    }

    /// The same with something that the program's own primitives take by
    /// [`Host::own`](scripting::host::call::Host::own).
    #[must_use]
    pub fn with_own(mut self, own: Rc<dyn Any>) -> Self {
        self.own = Some(own);
        self
    }

    /// The same with services of the program's own, whose requests are planned by
    /// [`call::request`](scripting::host::call::request) and sent by `:apply`.
    #[must_use]
    pub fn with_services(mut self, services: impl IntoIterator<Item = Arc<dyn Sends>>) -> Self {
        self.services = OwnSenders::new(services);
        self
    }
}

/// Shows nothing of a wait.
struct Silent;

impl Progress for Silent {
    fn waiting(&self, _: &str, _: Duration) {}
    fn done(&self) {}
}
