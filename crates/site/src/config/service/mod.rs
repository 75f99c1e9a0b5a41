//! The services of a site: the one list. What a service is called, what of it a site's configuration
//! names, and by which keys and variables, stands in its rows here and is read from them. The files of
//! this folder are the places: what a URL of a service says.

mod database_option;
mod database_url;
mod docker_host;
mod redis_url;

use std::fmt;

use serde::Serialize;

pub use database_url::{DatabaseTarget, DatabaseTls, ServerTarget, SqliteTarget};
pub use docker_host::{DockerHost, DockerTarget};
pub use redis_url::{RedisAddress, RedisTarget, RedisTls, RedisTopology};

/// A row each: the variant, the word of headers and namespaces, the word for people.
macro_rules! services {
    ($($(#[$doc:meta])* $service:ident $name:literal $noun:literal;)*) => {
        /// A service of the site, by the word a runbook's header uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Service {
            $($(#[$doc])* $service,)*
        }

        impl Service {
            /// Every service a header can name.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$service),*];

            /// The word of headers and namespaces.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$service => $name,)*
                }
            }

            /// The word for people.
            pub fn noun(self) -> &'static str {
                match self {
                    $(Self::$service => $noun,)*
                }
            }
        }
    };
}

services! {
    /// The portal's Celery workers, through their broker.
    Celery "celery" "celery";
    /// The portal's database.
    Db "db" "database";
    /// The containers of the portal, through the Docker Engine.
    Docker "docker" "docker";
    /// The portal's Redis.
    Redis "redis" "redis";
    /// The site's router, or routers.
    Mikrotik "mikrotik" "router";
}

/// Hands to `$with!` what has a URL, a row each, by its table in a site's file: what it is, the type of
/// its place, how the environment says it, and its facts as an [`Endpoint`] (the constant, the service,
/// what it is called, the variables).
macro_rules! endpoints {
    ($with:ident) => {
        $with! {
            database {
                "The portal's database.", super::service::DatabaseTarget, super::place::Place::in_variable,
                DATABASE, Db, "database", "DATABASE_URL"
            }
            redis {
                "The Redis that the portal itself writes to.", super::service::RedisTarget,
                super::service::RedisTarget::of_portal,
                REDIS, Redis, "redis", "REDIS_HOST_OTP / REDIS_URL"
            }
            broker {
                "Celery's broker.", super::service::RedisTarget, super::service::RedisTarget::of_broker,
                BROKER, Celery, "celery", "CELERY_BROKER_URL or REDIS_HOST_CELERY_BROKER"
            }
            results {
                "Celery's results.", super::service::RedisTarget, super::service::RedisTarget::of_results,
                RESULTS, Celery, "celery result backend", "CELERY_RESULT_BACKEND or REDIS_HOST_CELERY_BACKEND"
            }
        }
    };
}
pub(super) use endpoints;

/// Something of a service whose place a site's configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The service.
    pub service: Service,
    /// What of it, for people: its noun, or a part of it.
    pub what: &'static str,
    /// The variables that name its place.
    pub variables: &'static str,
}

macro_rules! facts {
    ($($key:ident {
        $doc:literal, $place:ty, $read:path,
        $constant:ident, $service:ident, $what:literal, $variables:literal
    })*) => {
        impl Endpoint {
            $(
                #[doc = $doc]
                pub const $constant: Self = Self::new(Service::$service, $what, $variables);
            )*
        }
    };
}
endpoints!(facts);

impl Endpoint {
    /// The Docker Engine.
    pub const DOCKER: Self = Self::new(Service::Docker, "docker", "DOCKER_HOST");
    /// The routers.
    pub const ROUTERS: Self = Self::new(
        Service::Mikrotik,
        "router",
        "MIKROTIK_HOST, MIKROTIK_USERNAME, MIKROTIK_PASSWORD",
    );

    const fn new(service: Service, what: &'static str, variables: &'static str) -> Self {
        Self {
            service,
            what,
            variables,
        }
    }
}

impl Service {
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
