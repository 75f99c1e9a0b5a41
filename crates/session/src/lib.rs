//! The connections of one run: each opened when it is first used, all closed with the last clone.
//!
//! What sends changes is in [`mod@write`] and nowhere else. The crate `session-reading` is this one without
//! it, and only `change` depends on this one itself.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod celery;
pub mod clock;
pub mod database;
pub mod docker;
mod error;
mod lock;
pub mod redis;
mod router;
mod slot;
mod words;
pub mod write;

use std::sync::{Arc, Once};
use std::time::Duration;

use routeros_api::Router;

use celery::{Celery, Conversations, Results};
use database::Database;
use demo::{Demo, PASSWORD, USER};
use docker::Docker;
pub use error::{SessionError, router_kind};
pub use lock::ServiceLock;
use redis::Redis;
pub use router::RouterReader;
use site::config::{DatabaseTarget, RedisTarget, RouterTarget, Secret, Site};
use site::grant::Service;
use slot::Slot;

/// The databases of the demo's Redis that are the broker's and the results', as the portal has them.
const BROKER: i64 = 1;
const RESULTS: i64 = 2;
/// The demo's workers have answered when the question is sent, or never will.
const DEMO_WAIT: Duration = Duration::from_millis(20);

/// The connections of one run to its site. Clones share them.
#[derive(Clone)]
pub struct Session {
    database: Arc<Slot<Database>>,
    shared: Arc<Shared>,
}

struct Shared {
    site: Site,
    redis: Slot<Redis>,
    docker: Slot<Docker>,
    celery: Slot<Celery>,
    results: Slot<Results>,
    conversations: Conversations,
    /// As many as the site has routers, in the same order; the demo has one.
    routers: Vec<Slot<Router>>,
    /// Last, so that what it serves is closed before it.
    demo: Arc<Demo>,
}

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
        let routers = site.routers.len().max(1);
        Self {
            database: Arc::default(),
            shared: Arc::new(Shared {
                site,
                redis: Slot::default(),
                docker: Slot::default(),
                celery: Slot::default(),
                results: Slot::default(),
                conversations,
                routers: (0..routers).map(|_| Slot::default()).collect(),
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
            database: Arc::default(),
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

    /// What the session connects to.
    pub fn site(&self) -> &Site {
        &self.shared.site
    }

    /// The portal's database, connected to and with its snapshot taken when this is first called.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], or [`SessionError::Database`] within the site's limit for
    /// connecting.
    pub async fn database(&self) -> Result<Arc<Database>, SessionError> {
        // One that was lost stays: another connection would see another snapshot.
        self.database.get(|_| true, self.open_database()).await
    }

    /// The portal's Redis, connected to when this is first called.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], or [`SessionError::Redis`] within the site's limit for
    /// connecting.
    pub async fn redis(&self) -> Result<Arc<Redis>, SessionError> {
        self.shared.redis.get(|_| true, self.open_redis()).await
    }

    /// The Docker Engine of the portal's containers, asked for its version when this is first
    /// called; the demo's own containers for the built-in site.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`] for a built-in site without containers, or
    /// [`SessionError::Docker`] within the site's limits.
    pub async fn docker(&self) -> Result<Arc<Docker>, SessionError> {
        self.shared.docker.get(|_| true, self.open_docker()).await
    }

    /// Celery's broker, connected to when this is first called.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], or [`SessionError::Celery`] within the site's limit for
    /// connecting.
    pub async fn celery(&self) -> Result<Arc<Celery>, SessionError> {
        self.shared.celery.get(|_| true, self.open_celery()).await
    }

    /// Celery's store of results, connected to when this is first called.
    ///
    /// # Errors
    /// As [`Session::celery`].
    pub async fn results(&self) -> Result<Arc<Results>, SessionError> {
        self.shared.results.get(|_| true, self.open_results()).await
    }

    /// Ends what is still being asked of Celery's workers, and waits a short while until what was
    /// written to the broker for it is removed. For the end of a run, before its runtime ends.
    pub async fn close(&self) {
        self.shared.conversations.end().await;
    }

    /// A router of the site by its name, the first without one; connected to and logged in to when
    /// this is first called, and again once its connection was lost.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], [`SessionError::UnknownRouter`], or what
    /// [`SessionError::Router`] holds within the site's limit for connecting.
    pub async fn router(&self, name: Option<&str>) -> Result<RouterReader, SessionError> {
        let number = self.router_number(name)?;
        let is_open = |router: &Router| !router.is_closed();
        let open = self.open_router(number);
        let router = self.shared.routers[number].get(is_open, open).await?;
        Ok(RouterReader::new(router))
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
    /// [`SessionError::Database`], [`SessionError::Redis`].
    pub async fn lock(&self, limit: Duration) -> Result<Option<ServiceLock>, SessionError> {
        let site = self.site();
        if let Some(DatabaseTarget::Postgres(server)) = &site.database {
            let lock = database::AdvisoryLock::take(server, &site.limits, limit).await?;
            return Ok(Some(ServiceLock::of_database(lock)));
        }
        if site.redis.is_some() {
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

    async fn open_router(&self, number: usize) -> Result<Router, SessionError> {
        let site = self.site();
        if let Some(target) = site.routers.get(number) {
            return router::connect(target, &site.limits).await;
        }
        if !site.demo {
            return Err(self.not_configured(
                Service::Mikrotik,
                "MIKROTIK_HOST, MIKROTIK_USERNAME and MIKROTIK_PASSWORD",
            ));
        }
        let demo = self.shared.demo.router().await?;
        #[expect(clippy::disallowed_methods, reason = "everybody knows the demo's")]
        let password = Secret::unlisted(PASSWORD);
        let target = RouterTarget {
            name: "demo".to_owned(),
            host: demo.address().ip().to_string(),
            port: demo.address().port(),
            user: USER.to_owned(),
            password,
            tls: None,
        };
        router::connect(&target, &site.limits).await
    }

    async fn open_database(&self) -> Result<Database, SessionError> {
        let site = self.site();
        if let Some(target) = &site.database {
            return Ok(Database::connect(target, &site.limits).await?);
        }
        if !site.demo {
            return Err(self.not_configured(Service::Db, "DATABASE_URL"));
        }
        let demo = self.shared.demo.database().await?;
        let options = demo.options();
        Ok(Database::connect_sqlite("the demo", options, &site.limits).await?)
    }

    async fn open_redis(&self) -> Result<Redis, SessionError> {
        let site = self.site();
        if let Some(target) = &site.redis {
            return Ok(Redis::connect(target, &site.limits).await?);
        }
        if !site.demo {
            return Err(self.not_configured(Service::Redis, "REDIS_HOST_OTP or REDIS_URL"));
        }
        let target = self.demo_redis(0).await?;
        Ok(Redis::connect(&target, &site.limits).await?)
    }

    async fn open_docker(&self) -> Result<Docker, SessionError> {
        let site = self.site();
        if !site.demo {
            let project = site.compose_project.as_deref();
            return Ok(Docker::connect(&site.docker, project, &site.limits).await?);
        }
        match &self.shared.demo.contents().containers {
            Some(containers) => Ok(Docker::Demo(containers.clone())),
            None => Err(self.not_configured(Service::Docker, "DOCKER_HOST")),
        }
    }

    async fn open_celery(&self) -> Result<Celery, SessionError> {
        let site = self.site();
        let conversations = self.shared.conversations.clone();
        if let Some(target) = &site.broker {
            return Ok(Celery::connect(target, &site.limits, conversations).await?);
        }
        if !site.demo {
            return Err(self.not_configured(Service::Celery, "CELERY_BROKER_URL"));
        }
        let target = self.demo_redis(BROKER).await?;
        let celery = Celery::connect(&target, &site.limits, conversations).await?;
        Ok(celery.waiting_for(DEMO_WAIT))
    }

    async fn open_results(&self) -> Result<Results, SessionError> {
        let site = self.site();
        let target = match &site.results {
            Some(target) => target.clone(),
            None if site.demo => self.demo_redis(RESULTS).await?,
            None => {
                return Err(SessionError::NotConfigured {
                    service: Service::Celery,
                    what: "celery result backend",
                    site: site.name.clone(),
                    variables: "CELERY_RESULT_BACKEND",
                });
            }
        };
        Ok(Results::connect(&target, &site.limits).await?)
    }

    async fn demo_redis(&self, database: i64) -> Result<RedisTarget, SessionError> {
        let address = self.shared.demo.redis().await?.address();
        let host = address.ip().to_string();
        Ok(RedisTarget::at(host, address.port(), database, None))
    }

    fn not_configured(&self, service: Service, variables: &'static str) -> SessionError {
        SessionError::NotConfigured {
            service,
            what: service.noun(),
            site: self.site().name.clone(),
            variables,
        }
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
