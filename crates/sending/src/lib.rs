//! What sends changes, each with the leave to write its target.
//!
//! A [`Writer`] has connections of its own beside those of the session that reads: no connection that
//! somebody reads by has a way to write, and whoever does not depend on this crate has neither.

mod database;
mod redis;
mod router;

use std::collections::HashMap;
use std::sync::Arc;

use routeros_api::Router;
use tokio::sync::Mutex;

use database::Place;
pub use database::{Touched, TouchedTable};
pub use redis::RedisWriter;
pub use router::RouterWriter;
use session::database::{Database, DatabaseError, SqlValue};
use session::{Session, SessionError};
use site::grant::Permit;

/// The connections by which one run writes to its site: each opened when it is first used, all closed
/// with it.
pub struct Writer {
    /// Tells where to write, and reads what has to be known for that.
    session: Session,
    /// By the name of their place.
    routers: Mutex<HashMap<String, Arc<Router>>>,
    redis: Mutex<Option<Arc<RedisWriter>>>,
}

impl Writer {
    /// A writer to the site of `session` that has opened nothing yet; on the built-in site, to the
    /// services that `session` reads.
    pub fn of(session: &Session) -> Self {
        Self {
            session: session.clone(),
            routers: Mutex::default(),
            redis: Mutex::default(),
        }
    }

    /// What `permit` lets write: one menu of the router of this name, or of the first one. `None` for a
    /// permit of another service.
    ///
    /// # Errors
    /// As [`Session::router`].
    pub async fn router(
        &self,
        name: Option<&str>,
        permit: Permit,
    ) -> Result<Option<RouterWriter>, SessionError> {
        let Some(menu) = permit.target().menu().cloned() else {
            return Ok(None);
        };
        let place = self.session.router_place(name).await?;
        let mut routers = self.routers.lock().await;
        let open = routers.get(&place.name).filter(|open| !open.is_closed());
        let router = match open {
            Some(open) => Arc::clone(open),
            None => {
                let router = router::connect(&place, &self.session.site().limits).await?;
                let router = Arc::new(router);
                routers.insert(place.name, Arc::clone(&router));
                router
            }
        };
        Ok(Some(RouterWriter::new(router, menu, permit)))
    }

    /// What sends commands to Redis.
    ///
    /// # Errors
    /// As [`Session::redis`].
    pub async fn redis(&self) -> Result<Arc<RedisWriter>, SessionError> {
        let mut slot = self.redis.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| !open.is_lost()) {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(RedisWriter::open(&self.session).await?);
        *slot = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Executes one statement that writes the tables of `permits`, on a connection and in a transaction
    /// of its own, outside of the snapshot of `database`. `stays` is told what it did before that lasts,
    /// and if it says no, nothing of it does.
    ///
    /// # Errors
    /// [`DatabaseError::Undeclared`] if a cascade or a trigger changes a table that no permit names, and
    /// then nothing of it lasts; [`DatabaseError::Denied`] for a statement that could write anything
    /// else, or that the server could not take back or count; else as [`Database::rows`]. After
    /// [`DatabaseError::Disconnected`] and [`DatabaseError::Timeout`] it was executed or not.
    pub async fn statement(
        &self,
        database: &Database,
        permits: &[Permit],
        sql: &str,
        parameters: &[SqlValue],
        stays: impl FnOnce(&Touched) -> bool + Send,
    ) -> Result<Touched, DatabaseError> {
        let site = self.session.site();
        let place = Place {
            target: site.endpoints.database.as_ref().filter(|_| !site.demo),
            limits: &site.limits,
        };
        database::execute((database, place), permits, sql, parameters, stays).await
    }
}
