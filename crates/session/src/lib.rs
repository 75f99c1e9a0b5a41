//! The connections by which one run reads: each opened when it is first used, all closed with the last
//! clone.
//!
//! Nothing here changes a site. Two things are written nevertheless, by functions that the crate keeps
//! to itself: the questions to Celery's workers ([`celery::Celery::ask`]) and the lock of the site
//! ([`Session::lock`]). A connection of a driver, which could send anything, is handed to nobody: what is
//! public returns what was read, or where a service is.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod celery;
pub mod clock;
pub mod database;
pub mod docker;
mod error;
mod lock;
mod open;
pub mod probe;
pub mod redis;
pub mod router;

use std::sync::{Arc, Once};
use std::time::Duration;

use celery::{Celery, Conversations, Results};
use database::Database;
use demo::{Demo, USER};
use docker::Docker;
pub use error::{Explained, ServiceError, SessionError, said_whole, whole};
pub use lock::ServiceLock;
use open::Slots;
pub use open::{Known, Open};
use redis::Redis;
pub use router::RouterReader;
use routeros_api::AnswerMemory;
use site::config::{DatabaseTarget, Site};

/// The services of a site: the one list, in the order in which a doctor looks at them.
pub const SERVICES: &[Known] = &[
    Known::by::<RouterReader>(),
    Known::by::<Database>(),
    Known::by::<Redis>(),
    Known::by::<Celery>(),
    Known::by::<Docker>(),
];

/// The connections of one run to its site. Clones share them.
#[derive(Clone)]
pub struct Session {
    /// What is opened anew for a new snapshot.
    snapshot: Arc<Slots>,
    shared: Arc<Shared>,
}

struct Shared {
    site: Site,
    slots: Slots,
    conversations: Conversations,
    /// What is kept of the answers of all routers.
    answers: AnswerMemory,
    /// Last, so that what it serves is closed before it.
    demo: Arc<Demo>,
}

/// How long a router may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(200);

impl Session {
    /// A session that has opened nothing yet.
    pub fn new(site: Site) -> Self {
        Self::with_demo(site, Arc::default())
    }

    /// A session whose built-in services, where `site` is a built-in site, are those of `demo`.
    pub fn with_demo(site: Site, demo: Arc<Demo>) -> Self {
        Self::with(site, demo, Conversations::default())
    }

    fn with(site: Site, demo: Arc<Demo>, conversations: Conversations) -> Self {
        choose_cryptography();
        Self {
            snapshot: Arc::default(),
            shared: Arc::new(Shared {
                answers: AnswerMemory::new(site.limits.memory),
                site,
                slots: Slots::default(),
                conversations,
                demo,
            }),
        }
    }

    /// A session on the same site that has opened nothing yet; what this one opened is closed with
    /// its last clone. The services of a built-in site go on.
    pub fn renewed(&self) -> Self {
        let shared = &self.shared;
        let (demo, conversations) = (shared.demo.clone(), shared.conversations.clone());
        Self::with(shared.site.clone(), demo, conversations)
    }

    /// A session that shares the other connections and will see the database as it is then: one
    /// connection sees one snapshot.
    pub fn with_new_snapshot(&self) -> Self {
        Self {
            snapshot: Arc::default(),
            shared: self.shared.clone(),
        }
    }

    /// What the site's first router has below a path such as `/ip/hotspot`, by its own account: the
    /// names of menus end in `/`, those of commands and arguments do not.
    ///
    /// # Errors
    /// As [`Session::router`], or the router does not answer.
    pub async fn menu_children(&self, path: &str) -> Result<Vec<String>, SessionError> {
        let router = self.router(None).await?;
        Ok(router.children(path).await?)
    }

    /// The names of the database's tables and of their columns.
    ///
    /// # Errors
    /// As [`Session::database`], or the database does not answer.
    pub async fn database_names(&self) -> Result<Vec<String>, SessionError> {
        let database = self.database().await?;
        Ok(database.names().await?)
    }

    /// Who logs in to the site's first router; empty for a site without one.
    pub fn router_user(&self) -> &str {
        match self.site().routers.first() {
            Some(router) => &router.user,
            None if self.site().demo => USER,
            None => "",
        }
    }

    /// The memory that the answers of its routers share.
    fn answers(&self) -> &AnswerMemory {
        &self.shared.answers
    }

    /// What the session connects to.
    pub fn site(&self) -> &Site {
        &self.shared.site
    }

    /// The portal's database, connected to and with its snapshot taken when this is first called.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn database(&self) -> Result<Arc<Database>, SessionError> {
        self.open().await
    }

    /// The portal's Redis, connected to when this is first called.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn redis(&self) -> Result<Arc<Redis>, SessionError> {
        self.open().await
    }

    /// The Docker Engine of the portal's containers, asked for its version when this is first
    /// called; the demo's own containers for the built-in site.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn docker(&self) -> Result<Arc<Docker>, SessionError> {
        self.open().await
    }

    /// Celery's broker, connected to when this is first called.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn celery(&self) -> Result<Arc<Celery>, SessionError> {
        self.open().await
    }

    /// Celery's store of results, connected to when this is first called.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn results(&self) -> Result<Arc<Results>, SessionError> {
        self.open().await
    }

    /// Ends what is still being asked of Celery's workers, and waits a short while until what was
    /// written to the broker for it is removed, and until routers have taken what cancels their commands
    /// and ends their connections. For the end of a run, before its runtime ends.
    pub async fn close(&self) {
        let routers = self.shared.slots.opened::<RouterReader>();
        let ends = routers.iter().map(|router| router.end());
        let routers = tokio::time::timeout(GOODBYE, futures_util::future::join_all(ends));
        let databases = self.snapshot.opened::<Database>();
        let ends = databases.iter().map(|database| database.close());
        let databases = tokio::time::timeout(GOODBYE, futures_util::future::join_all(ends));
        let (_, _, _) = tokio::join!(self.shared.conversations.end(), routers, databases);
    }

    /// A router of the site by its name, the first without one; connected to and logged in to when
    /// this is first called, and again once its connection was lost.
    ///
    /// # Errors
    /// [`SessionError::UnknownRouter`], or as [`Session::open`].
    pub async fn router(&self, name: Option<&str>) -> Result<RouterReader, SessionError> {
        let number = self.router_number(name)?;
        let router = self.open_at::<RouterReader>(number).await?;
        Ok((*router).clone())
    }

    /// Has the site a router of this name?
    ///
    /// # Errors
    /// [`SessionError::UnknownRouter`]
    pub fn knows_router(&self, name: Option<&str>) -> Result<(), SessionError> {
        self.router_number(name).map(drop)
    }

    /// The name of a router, unless it is the first: that one has none, so that it is one router
    /// whether it is named or not.
    pub fn other_router(&self, name: Option<String>) -> Option<String> {
        let first = self.site().routers.first();
        name.filter(|name| first.is_none_or(|first| first.name != *name))
    }

    /// Takes the lock that runs of other machines respect, in PostgreSQL or else in Redis, waiting up
    /// to `limit` for it; `None` for a site that has neither.
    ///
    /// # Errors
    /// What the service says.
    pub async fn lock(&self, limit: Duration) -> Result<Option<ServiceLock>, SessionError> {
        let site = self.site();
        if let Some(DatabaseTarget::Postgres(server)) = &site.endpoints.database {
            let lock = database::AdvisoryLock::take(server, &site.limits, limit).await?;
            return Ok(Some(ServiceLock::of_database(lock)));
        }
        if site.endpoints.redis.is_some() {
            return Ok(Some(
                ServiceLock::of_redis(self.redis().await?, limit).await?,
            ));
        }
        Ok(None)
    }

    fn router_number(&self, name: Option<&str>) -> Result<usize, SessionError> {
        let routers = &self.site().routers;
        let Some(name) = name else { return Ok(0) };
        routers
            .iter()
            .position(|router| router.name == name)
            .ok_or_else(|| SessionError::UnknownRouter {
                name: name.to_owned(),
                site: self.site().name.clone(),
                known: routers.iter().map(|router| router.name.clone()).collect(),
            })
    }

    /// The questions to Celery's workers that are going on.
    fn conversations(&self) -> &Conversations {
        &self.shared.conversations
    }

    /// The services of the built-in site.
    fn demo(&self) -> &Demo {
        &self.shared.demo
    }
}

/// Redis' TLS takes the process's own choice of cryptography, and there is none by itself.
fn choose_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An embedding program may have chosen before; then its choice stands.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::config::Service;

    #[test]
    fn every_service_of_a_header_is_known_once() {
        let mut known: Vec<Service> = SERVICES.iter().map(|known| known.service).collect();
        known.sort();
        assert_eq!(known, Service::ALL);
    }
}
