//! How a connection of a session is opened: when it is first asked for, and once for all who ask.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Session;
use super::error::SessionError;
use super::probe::{Check, Probe, of_error};
use site::config::{Endpoint, Service, Site};

/// How long a failure answers for the next one who asks: reads that run side by side fail together
/// and not one after the other, and who asks later is tried again.
const REMEMBERED: Duration = Duration::from_secs(5);

/// A connection to a service: what is configured for it, how it is opened there, what stands in for
/// the service on the built-in site, and what a doctor looks at.
pub trait Open: Sized + Send + Sync + 'static {
    /// What of the site's configuration names its place.
    const ENDPOINT: Endpoint;

    /// Is what it sees fixed when it is opened, so that a session with a new snapshot opens another?
    const IS_SNAPSHOT: bool = false;

    /// A place of it, as a site's configuration names it.
    type Place: Sync + 'static;

    /// The places that the site names; of most services one or none.
    fn places(site: &Site) -> &[Self::Place];

    /// Opens it at `place`.
    fn open(
        place: &Self::Place,
        session: &Session,
    ) -> impl Future<Output = Result<Self, SessionError>> + Send;

    /// Opens what the built-in site has in its place; `None` if it has nothing.
    fn stand_in(
        session: &Session,
    ) -> impl Future<Output = Result<Option<Self>, SessionError>> + Send;

    /// Can it still be used? One that cannot is opened again.
    fn is_usable(&self) -> bool {
        true
    }

    /// What `tikbook doctor` looks at.
    fn probes(session: &Session) -> Vec<Probe<'_>>;
}

/// A service, by the connection that is its own.
pub struct Known {
    /// Its name.
    pub service: Service,
    /// What a doctor looks at.
    pub probes: fn(&Session) -> Vec<Probe<'_>>,
}

impl Known {
    pub(super) const fn by<S: Open>() -> Self {
        Self {
            service: S::ENDPOINT.service,
            probes: S::probes,
        }
    }
}

impl Session {
    /// The connection `S`, opened when this is first called.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], or why it could not be opened within the site's limits.
    pub async fn open<S: Open>(&self) -> Result<Arc<S>, SessionError> {
        self.open_at(0).await
    }

    /// The connection `S` to the place `number` of those that the site names.
    pub(super) async fn open_at<S: Open>(&self, number: usize) -> Result<Arc<S>, SessionError> {
        let slots = match S::IS_SNAPSHOT {
            true => &self.snapshot,
            false => &self.shared.slots,
        };
        let slot = slots.slot::<S>(number);
        slot.get(S::is_usable, self.connect(number)).await
    }

    /// A probe that opens the connection `S` and goes on with `then`; the check `id` says why it cannot
    /// be opened.
    pub(super) fn probe<'a, S: Open, Checks>(
        &'a self,
        id: &'static str,
        then: impl FnOnce(Arc<S>) -> Checks + Send + 'a,
    ) -> Probe<'a>
    where
        Checks: Future<Output = Vec<Check>> + Send + 'a,
    {
        Probe::new(id, async move {
            match self.open::<S>().await {
                Err(error) => vec![of_error(id, &error)],
                Ok(opened) => then(opened).await,
            }
        })
    }

    async fn connect<S: Open>(&self, number: usize) -> Result<S, SessionError> {
        let site = self.site();
        let opened = match S::places(site).get(number) {
            _ if site.demo => S::stand_in(self).await?,
            Some(place) => Some(S::open(place, self).await?),
            None => None,
        };
        opened.ok_or_else(|| self.not_configured(S::ENDPOINT))
    }

    pub(super) fn not_configured(&self, endpoint: Endpoint) -> SessionError {
        SessionError::NotConfigured {
            endpoint,
            site: self.site().name.clone(),
        }
    }
}

/// Connections by their type and the number of their place.
#[derive(Default)]
pub(super) struct Slots(std::sync::Mutex<HashMap<(TypeId, usize), Arc<dyn Any + Send + Sync>>>);

impl Slots {
    fn slot<T: Send + Sync + 'static>(&self, number: usize) -> Arc<Slot<T>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots
            .entry((TypeId::of::<T>(), number))
            .or_insert_with(|| Arc::new(Slot::<T>::default()));
        let slot = Arc::clone(slot).downcast();
        slot.expect("a slot is kept under the type of its connection")
    }
}

impl Slots {
    /// The connections of a type that are open and that nobody is opening at the moment.
    pub(super) fn opened<T: Send + Sync + 'static>(&self) -> Vec<Arc<T>> {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = slots.values().cloned();
        let slots = slots.filter_map(|slot| slot.downcast::<Slot<T>>().ok());
        let opened = slots.filter_map(|slot| match &*slot.0.try_lock().ok()? {
            State::Open(opened) => Some(opened.clone()),
            State::Untried | State::Failed(..) => None,
        });
        opened.collect()
    }
}

/// A connection, or the reason why there is none.
struct Slot<T>(Mutex<State<T>>);

enum State<T> {
    Untried,
    Open(Arc<T>),
    Failed(SessionError, Instant),
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(State::Untried))
    }
}

impl<T> Slot<T> {
    /// What is in the slot if it is still `good`, else what `open` gives.
    async fn get(
        &self,
        good: impl Fn(&T) -> bool,
        open: impl Future<Output = Result<T, SessionError>>,
    ) -> Result<Arc<T>, SessionError> {
        let mut state = self.0.lock().await;
        match &*state {
            State::Open(opened) if good(opened) => return Ok(Arc::clone(opened)),
            State::Failed(error, at) if at.elapsed() < REMEMBERED => return Err(error.clone()),
            State::Untried | State::Open(_) | State::Failed(..) => {}
        }
        match open.await {
            Ok(opened) => {
                let opened = Arc::new(opened);
                *state = State::Open(Arc::clone(&opened));
                Ok(opened)
            }
            Err(error) => {
                *state = State::Failed(error.clone(), Instant::now());
                Err(error)
            }
        }
    }
}
