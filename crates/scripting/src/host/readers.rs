//! What the code of a primitive gets of the site: a handle of each service that it declares. A handle
//! reads; it has no way to another service, nor to the connections as a whole.

use std::marker::PhantomData;
use std::sync::Arc;

use routeros_schema::RouterText;
use session::celery;
use session::database;
use session::docker;
use session::redis;
use session::{Open, RouterReader, Session, SessionError};
use site::config::Service;

/// A handle of services, made of a run's connections by [`super::call`] alone.
pub trait Reader: Sized {
    /// The services it reads.
    const SERVICES: &'static [Service];

    /// The handle.
    fn of(session: &Session) -> Self;
}

/// One service.
pub struct Of<S>(Session, PhantomData<S>);

/// The portal's database, with the run's snapshot.
pub type Database = Of<database::Database>;
/// The portal's Redis.
pub type Redis = Of<redis::Redis>;
/// The Docker Engine.
pub type Docker = Of<docker::Docker>;
/// Celery's workers over their broker, and their results.
pub type Celery = Of<celery::Celery>;
/// The site's routers.
pub type Routers = Of<RouterReader>;

impl<S: Open> Of<S> {
    /// The service, opened.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn open(&self) -> Result<Arc<S>, SessionError> {
        self.0.open().await
    }
}

impl Celery {
    /// The store of results.
    ///
    /// # Errors
    /// As [`Session::results`].
    pub async fn results(&self) -> Result<Arc<celery::Results>, SessionError> {
        self.0.results().await
    }
}

impl Routers {
    /// A router by its name, the first without one.
    ///
    /// # Errors
    /// As [`Session::router`].
    pub async fn named(&self, name: Option<&str>) -> Result<RouterReader, SessionError> {
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

impl<S: Open> Reader for Of<S> {
    const SERVICES: &'static [Service] = &[S::ENDPOINT.service];

    fn of(session: &Session) -> Self {
        Self(session.clone(), PhantomData)
    }
}
