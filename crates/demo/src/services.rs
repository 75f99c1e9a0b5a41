//! The services of one built-in site, each started when it is first asked for.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::{Contents, DemoError};

/// What stands in for a service of the site. What it has opened is closed when it is dropped.
pub trait StandIn: Sized + Send + Sync + 'static {
    /// Starts it with what it holds at its start.
    fn start(contents: &Contents) -> impl Future<Output = Result<Self, DemoError>> + Send;
}

/// The services of one built-in site, stopped with this value. By default they hold the demo's own
/// contents.
#[derive(Default)]
pub struct Demo {
    contents: Contents,
    /// By their types.
    started: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Demo {
    /// Services that hold `contents`; none is started yet.
    pub fn of(contents: Contents) -> Demo {
        Demo {
            contents,
            ..Demo::default()
        }
    }

    /// What the services hold at their start.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The service `S`, started when this is first called.
    ///
    /// # Errors
    /// Why it does not start.
    pub async fn service<S: StandIn>(&self) -> Result<Arc<S>, DemoError> {
        let start = || async { S::start(&self.contents).await.map(Arc::new) };
        self.cell().get_or_try_init(start).await.cloned()
    }

    fn cell<S: StandIn>(&self) -> Arc<OnceCell<Arc<S>>> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = started
            .entry(TypeId::of::<S>())
            .or_insert_with(|| Arc::new(OnceCell::<Arc<S>>::new()));
        let cell = Arc::clone(cell).downcast();
        cell.expect("a service is kept under its type")
    }
}
