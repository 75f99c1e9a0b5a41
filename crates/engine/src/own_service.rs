//! Services of an embedder's own that requests are sent to.

use std::sync::Arc;

use plan::outcome::{Outcome, Status};
use plan::request::Request;
use planning::{Answer, OwnServices, Plans, unknown};
use site::grant::Permit;

/// A service of an embedder's own that takes part in applies. Its requests are journalled before they are
/// sent, and undone by the requests that [`Plans::undo`] gives.
pub trait Sends: Plans {
    /// Sends the request; `permit` is the leave for it. What became of it is `applied`, `failed`, or
    /// `unknown` where no answer came.
    fn send<'a>(&'a self, request: &'a Request, permit: &'a Permit) -> Answer<'a, Outcome>;

    /// What became of a request whose answer never came, by reading: `applied`, `failed`, or `unknown`.
    fn settle<'a>(&'a self, request: &'a Request) -> Answer<'a, Outcome>;
}

/// The services of an embedder's own that a run applies with.
#[derive(Clone, Default)]
pub struct OwnSenders(Arc<[Arc<dyn Sends>]>);

impl OwnSenders {
    /// These services.
    pub fn new(services: impl IntoIterator<Item = Arc<dyn Sends>>) -> Self {
        Self(services.into_iter().collect())
    }

    /// The same as far as plans go.
    pub fn plans(&self) -> OwnServices {
        let services = self.0.iter().cloned();
        OwnServices::new(services.map(|service| service as Arc<dyn Plans>))
    }

    /// Sends a request, and where no answer came finds out what became of it.
    pub(crate) async fn send(&self, request: &Request, permits: &[Permit]) -> Outcome {
        let mut services = self.0.iter();
        let service = services.find(|service| service.name() == request.service);
        let (Some(service), [permit]) = (service, permits) else {
            return Outcome::because(Status::Failed, unknown(&request.service));
        };
        let outcome = service.send(request, permit).await;
        match outcome.status {
            Status::Unknown => service.settle(request).await,
            _ => outcome,
        }
    }
}
