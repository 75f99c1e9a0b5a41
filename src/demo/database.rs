//! The portal's database of the demo site: SQLite in memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection};

use super::DemoError;

const PORTAL: &str = include_str!("portal.sql");

/// A filled database that lives as long as this value and the connections to it.
///
/// Every start gives a database of its own, with days counted from now.
pub struct DemoDatabase {
    options: SqliteConnectOptions,
    _keeper: SqliteConnection,
}

impl DemoDatabase {
    /// Makes the portal's tables and the people of the demo.
    ///
    /// # Errors
    /// [`DemoError::Database`], which would be a mistake in the demo's own rows.
    pub async fn start() -> Result<DemoDatabase, DemoError> {
        let options = fresh_options();
        let keeper = filled(&options).await.map_err(DemoError::Database)?;
        Ok(DemoDatabase {
            options: options.read_only(true),
            _keeper: keeper,
        })
    }

    /// How to connect: for reading only.
    pub fn options(&self) -> SqliteConnectOptions {
        self.options.clone()
    }
}

/// The `memdb` file system shares a database by a name that starts with a slash, within one
/// process. Unlike a shared cache it honours a connection that may only read.
fn fresh_options() -> SqliteConnectOptions {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    SqliteConnectOptions::new()
        .filename(format!("/tikbook-demo-{number}"))
        .vfs("memdb")
        .journal_mode(SqliteJournalMode::Memory)
}

async fn filled(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.clone().create_if_missing(true).connect().await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(PORTAL).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_connection_reads_the_rows_and_cannot_write() {
        let demo = DemoDatabase::start().await.unwrap();
        let mut connection = demo.options().connect().await.unwrap();
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(users, 20);
        let refused = sqlx::query("DELETE FROM users")
            .execute(&mut connection)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }

    #[tokio::test]
    async fn two_demos_do_not_share_their_database() {
        let (first, second) = (
            DemoDatabase::start().await.unwrap(),
            DemoDatabase::start().await.unwrap(),
        );
        assert_ne!(
            first.options().get_filename(),
            second.options().get_filename()
        );
    }
}
