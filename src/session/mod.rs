//! The connections of one run: each opened when it is first used, all closed with the last clone.

pub mod database;
mod error;
pub mod redis;
mod slot;

use std::sync::{Arc, Once};

use crate::config::{RedisTarget, Site};
use crate::demo::Demo;
use database::Database;
pub use error::SessionError;
use redis::Redis;
use slot::Slot;

/// The connections of one run to its site. Clones share them.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    site: Site,
    database: Slot<Database>,
    redis: Slot<Redis>,
    /// Last, so that what it serves is closed before it.
    demo: Demo,
}

impl Session {
    /// A session that has opened nothing yet.
    pub fn new(site: Site) -> Self {
        choose_cryptography();
        Self {
            shared: Arc::new(Shared {
                site,
                database: Slot::default(),
                redis: Slot::default(),
                demo: Demo::default(),
            }),
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
        self.shared.database.get(self.open_database()).await
    }

    /// The portal's Redis, connected to when this is first called.
    ///
    /// # Errors
    /// [`SessionError::NotConfigured`], or [`SessionError::Redis`] within the site's limit for
    /// connecting.
    pub async fn redis(&self) -> Result<Arc<Redis>, SessionError> {
        self.shared.redis.get(self.open_redis()).await
    }

    async fn open_database(&self) -> Result<Database, SessionError> {
        let site = self.site();
        if let Some(target) = &site.database {
            return Ok(Database::connect(target, &site.limits).await?);
        }
        if !site.demo {
            return Err(self.not_configured("database", "DATABASE_URL"));
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
            return Err(self.not_configured("redis", "REDIS_HOST_OTP or REDIS_URL"));
        }
        let address = self.shared.demo.redis().await?.address();
        let target = RedisTarget::at(address.ip().to_string(), address.port(), 0, None);
        Ok(Redis::connect(&target, &site.limits).await?)
    }

    fn not_configured(&self, service: &'static str, variables: &'static str) -> SessionError {
        SessionError::NotConfigured {
            service,
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
