//! What a run may reach, and what it may change.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

/// A service of the site, by the word a runbook's header uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The portal's database.
    Db,
    /// The portal's Redis.
    Redis,
    /// The site's router, or routers.
    Mikrotik,
}

impl Service {
    /// Every service a header can name.
    pub const ALL: [Self; 3] = [Self::Db, Self::Redis, Self::Mikrotik];

    /// The word of headers and namespaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Db => "db",
            Self::Redis => "redis",
            Self::Mikrotik => "mikrotik",
        }
    }

    /// The word for people.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Db => "database",
            Self::Redis => "redis",
            Self::Mikrotik => "router",
        }
    }

    /// The service a header's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == word)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one run may touch: the services its header declares. There is no way to write yet.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    reads: BTreeSet<Service>,
}

impl Grant {
    /// May read from `services` and nothing else.
    pub fn reading(services: impl IntoIterator<Item = Service>) -> Self {
        Self {
            reads: services.into_iter().collect(),
        }
    }

    /// May read from every service: an expression, an example.
    pub fn reading_all() -> Self {
        Self::reading(Service::ALL)
    }

    /// May `service` be read?
    pub fn may_read(&self, service: Service) -> bool {
        self.reads.contains(&service)
    }
}
