//! The services of a site as a session knows them: the one list.

use super::Session;
use super::celery::Celery;
use super::database::Database;
use super::docker::Docker;
use super::open::Open;
use super::probe::Probe;
use super::redis::Redis;
use super::router::RouterReader;
use site::config::Service;

/// A service.
pub struct Known {
    /// Its name.
    pub service: Service,
    /// What a doctor looks at.
    pub probes: fn(&Session) -> Vec<Probe<'_>>,
}

impl Known {
    const fn by<S: Open>() -> Self {
        Self {
            service: S::ENDPOINT.service,
            probes: S::probes,
        }
    }
}

/// Every service, in the order in which a doctor looks at them.
pub const SERVICES: &[Known] = &[
    Known::by::<RouterReader>(),
    Known::by::<Database>(),
    Known::by::<Redis>(),
    Known::by::<Celery>(),
    Known::by::<Docker>(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_of_a_header_is_known_once() {
        let mut known: Vec<Service> = SERVICES.iter().map(|known| known.service).collect();
        known.sort();
        assert_eq!(known, Service::ALL);
    }
}
