//! The built-in site: a boarding house whose router and database disagree in every way that the
//! runbooks know. It needs no network and no set-up, and everything it starts is gone with the
//! value that was returned.

mod database;
mod redis;

pub use self::database::DemoDatabase;
pub use self::redis::DemoRedis;

use tokio::sync::OnceCell;

/// The services of one demo site, each started when it is first asked for and stopped with this
/// value.
#[derive(Default)]
pub struct Demo {
    database: OnceCell<DemoDatabase>,
    redis: OnceCell<DemoRedis>,
}

impl Demo {
    /// The portal's database.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn database(&self) -> Result<&DemoDatabase, DemoError> {
        self.database.get_or_try_init(DemoDatabase::start).await
    }

    /// The portal's Redis.
    ///
    /// # Errors
    /// [`DemoError::Redis`].
    pub async fn redis(&self) -> Result<&DemoRedis, DemoError> {
        self.redis.get_or_try_init(DemoRedis::start).await
    }
}

/// A part of the demo site that did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// SQLite refused the tables or the rows.
    #[error("cannot fill the demo database")]
    Database(#[source] sqlx::Error),
    /// The simulated router has no port or does not understand its state.
    #[error("cannot start the simulated router of the demo")]
    Router(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The Redis stand-in has no port.
    #[error("cannot start the Redis stand-in of the demo")]
    Redis(#[source] std::io::Error),
}
