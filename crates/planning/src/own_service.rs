//! Services of an embedder's own, as far as plans go.

use std::pin::Pin;
use std::sync::Arc;

use catalogue::Said;
use plan::outcome::{Outcome, Status};
use plan::request::Request;
use sentences::OutcomeNoService;

/// What a service takes its time for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A service of an embedder's own that requests can be planned for. What sends them is a trait of the crate
/// `engine`, which goes on from this one: who plans has no way to it.
pub trait Plans: Send + Sync {
    /// Its name, which is that of its namespace.
    fn name(&self) -> &str;

    /// Fills in what is there before the request; with an outcome it is not to be made. It reads, and changes
    /// nothing.
    fn judge<'a>(&'a self, request: &'a mut Request) -> Answer<'a, Option<Outcome>>;

    /// The request that takes back one that was made, with what became of it.
    ///
    /// # Errors
    /// Why it cannot be taken back, for people.
    fn undo(&self, made: &Request, outcome: &Outcome) -> Result<Request, String>;
}

/// The services of an embedder's own that a run knows.
#[derive(Clone, Default)]
pub struct OwnServices(Arc<[Arc<dyn Plans>]>);

impl OwnServices {
    /// These services.
    pub fn new(services: impl IntoIterator<Item = Arc<dyn Plans>>) -> Self {
        Self(services.into_iter().collect())
    }

    /// The one that a request goes to.
    pub fn of(&self, request: &Request) -> Option<&dyn Plans> {
        let mut services = self.0.iter();
        let service = services.find(|service| service.name() == request.service);
        service.map(|service| &**service)
    }

    /// What becomes of a request.
    pub(crate) async fn judge(&self, request: &mut Request) -> Option<Outcome> {
        match self.of(request) {
            Some(service) => service.judge(request).await,
            None => Some(Outcome::because(
                Status::Conflict,
                unknown(&request.service),
            )),
        }
    }

    /// The request that takes back one that was made.
    ///
    /// # Errors
    /// Why it cannot be taken back.
    pub(crate) fn undo(&self, made: &Request, outcome: &Outcome) -> Result<Request, Said> {
        let service = self.of(made).ok_or_else(|| unknown(&made.service))?;
        Ok(service.undo(made, outcome)?)
    }
}

/// Why a request goes nowhere.
pub fn unknown(service: &str) -> Said {
    OutcomeNoService { service }.into()
}
