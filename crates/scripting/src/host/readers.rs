//! What the code of a primitive gets of the site: a handle of each service that it declares. A handle
//! reads; it has no way to another service, nor to the connections as a whole.

use std::sync::Arc;

use routeros_schema::RouterText;
use session::celery;
use session::database;
use session::docker;
use session::redis;
use session::{RouterReader, Session, SessionError};
use site::grant::Service;

/// A handle of services, made of a run's connections by [`super::call`] alone.
pub trait Reader: Sized {
    /// The services it reads.
    const SERVICES: &'static [Service];

    /// The handle.
    fn of(session: &Session) -> Self;
}

/// The portal's database.
pub struct Database(Session);

impl Database {
    /// The database, with the run's snapshot.
    ///
    /// # Errors
    /// As [`Session::database`].
    pub async fn open(&self) -> Result<Arc<database::Database>, SessionError> {
        self.0.database().await
    }
}

/// The portal's Redis.
pub struct Redis(Session);

impl Redis {
    /// Redis.
    ///
    /// # Errors
    /// As [`Session::redis`].
    pub async fn open(&self) -> Result<Arc<redis::Redis>, SessionError> {
        self.0.redis().await
    }
}

/// The Docker Engine.
pub struct Docker(Session);

impl Docker {
    /// The Engine.
    ///
    /// # Errors
    /// As [`Session::docker`].
    pub async fn open(&self) -> Result<Arc<docker::Docker>, SessionError> {
        self.0.docker().await
    }
}

/// Celery's workers and their results.
pub struct Celery(Session);

impl Celery {
    /// The workers, over their broker.
    ///
    /// # Errors
    /// As [`Session::celery`].
    pub async fn open(&self) -> Result<Arc<celery::Celery>, SessionError> {
        self.0.celery().await
    }

    /// The store of results.
    ///
    /// # Errors
    /// As [`Session::results`].
    pub async fn results(&self) -> Result<Arc<celery::Results>, SessionError> {
        self.0.results().await
    }
}

/// The site's routers.
pub struct Routers(Session);

impl Routers {
    /// A router by its name, the first without one.
    ///
    /// # Errors
    /// As [`Session::router`].
    pub async fn open(&self, name: Option<&str>) -> Result<RouterReader, SessionError> {
        self.0.router(name).await
    }

    /// How their texts are read.
    pub fn text(&self) -> RouterText {
        self.0.site().router_text
    }

    /// Who logs in to the first router.
    pub fn login_name(&self) -> &str {
        self.0.router_user()
    }
}

/// Nothing of the site.
impl Reader for () {
    const SERVICES: &'static [Service] = &[];

    fn of(_: &Session) -> Self {}
}

/// What one run of the portal's sync looks at.
impl Reader for (Database, Redis, Routers) {
    const SERVICES: &'static [Service] = &[Service::Db, Service::Redis, Service::Mikrotik];

    fn of(session: &Session) -> Self {
        (
            Database::of(session),
            Redis::of(session),
            Routers::of(session),
        )
    }
}

/// A handle of one service keeps the connections to itself.
macro_rules! reads_one {
    ($($reader:ident: $service:ident),*) => {
        $(impl Reader for $reader {
            const SERVICES: &'static [Service] = &[Service::$service];

            fn of(session: &Session) -> Self {
                Self(session.clone())
            }
        })*
    };
}

reads_one!(Database: Db, Redis: Redis, Docker: Docker, Celery: Celery, Routers: Mikrotik);
