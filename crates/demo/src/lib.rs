//! The built-in site: a boarding house whose router and database disagree in every way that the
//! runbooks know. It needs no network and no set-up, and everything it starts is gone with the
//! value that was returned.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod containers;
mod database;
mod fixture;
mod redis;
mod router;

pub use self::containers::{DemoContainer, DemoLine};
pub use self::database::DemoDatabase;
pub use self::fixture::{Contents, FixtureError, tables};
pub use self::redis::DemoRedis;
pub use self::router::{DemoRouter, PASSWORD, ROUTER_STATE, USER};

use tokio::sync::OnceCell;

/// The services of one built-in site, each started when it is first asked for and stopped with this
/// value. By default they hold the demo's own contents.
#[derive(Default)]
pub struct Demo {
    contents: Contents,
    database: OnceCell<DemoDatabase>,
    redis: OnceCell<DemoRedis>,
    router: OnceCell<DemoRouter>,
}

impl Demo {
    /// Services that hold `contents`; none is started yet.
    pub fn of(contents: Contents) -> Demo {
        Demo {
            contents,
            ..Demo::default()
        }
    }

    /// What the services hold at their start.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The portal's database.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn database(&self) -> Result<&DemoDatabase, DemoError> {
        let start = || DemoDatabase::start(&self.contents);
        self.database.get_or_try_init(start).await
    }

    /// The portal's Redis.
    ///
    /// # Errors
    /// [`DemoError::Redis`].
    pub async fn redis(&self) -> Result<&DemoRedis, DemoError> {
        let start = || DemoRedis::start(&self.contents);
        self.redis.get_or_try_init(start).await
    }

    /// The router, which knows [`USER`] by [`PASSWORD`].
    ///
    /// # Errors
    /// [`DemoError::Router`], [`DemoError::RouterState`].
    pub async fn router(&self) -> Result<&DemoRouter, DemoError> {
        let start = || DemoRouter::start(&self.contents);
        self.router.get_or_try_init(start).await
    }
}

/// A part of the demo site that did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// SQLite refused the tables or the rows.
    #[error("cannot fill its database")]
    Database(#[source] sqlx::Error),
    /// The simulated router has no port.
    #[error("cannot start its simulated router")]
    Router(#[source] std::io::Error),
    /// The simulated router does not understand its rows.
    #[error("cannot read the rows of its router")]
    RouterState(#[source] routeros_sim::StateError),
    /// The Redis stand-in has no port.
    #[error("cannot start its Redis stand-in")]
    Redis(#[source] std::io::Error),
}
