//! PostgreSQL's advisory lock for one run at a time (manual "Explicit Locking").

use std::time::{Duration, Instant};

use sqlx::Connection;

use super::{DatabaseError, Fault};
use site::config::{Limits, ServerTarget};

/// The number of the lock: the first bytes of `tikbook`, which nobody else is likely to take.
const NUMBER: i64 = i64::from_be_bytes(*b"\0tikbook");
const AGAIN: Duration = Duration::from_millis(200);

/// The advisory lock of a database, held by a connection of its own and released with it.
pub(crate) struct AdvisoryLock {
    _connection: sqlx::PgConnection,
}

impl AdvisoryLock {
    /// Takes the lock, waiting up to `limit` for who has it; `None` if that was not enough.
    ///
    /// # Errors
    /// As [`super::Database::connect`].
    pub async fn take(
        server: &ServerTarget,
        limits: &Limits,
        limit: Duration,
    ) -> Result<Option<Self>, DatabaseError> {
        let address = server.to_string();
        let connecting = connecting::database::postgres(server, limits);
        let connected = tokio::time::timeout(limits.connect, connecting).await;
        let mut connection = match connected {
            Ok(connected) => {
                connected.map_err(|error| Fault::from(error).on_connecting(&address))?
            }
            Err(_) => {
                let limit = limits.connect;
                return Err(DatabaseError::ConnectTimeout { address, limit });
            }
        };
        let began = Instant::now();
        loop {
            let asked = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
                .bind(NUMBER)
                .fetch_one(&mut connection)
                .await;
            match asked.map_err(Fault::from) {
                Ok(true) => {
                    return Ok(Some(Self {
                        _connection: connection,
                    }));
                }
                Ok(false) if began.elapsed() < limit => tokio::time::sleep(AGAIN).await,
                Ok(false) => {
                    // A polite end; the lock is not held, so nothing depends on it.
                    drop(connection.close().await);
                    return Ok(None);
                }
                Err(fault) => return Err(fault.in_query("pg_try_advisory_lock", &address, limit)),
            }
        }
    }
}
