//! The portal's database of the demo site: SQLite in memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{Contents, DemoError, StandIn};

/// A filled database that lives as long as this value and the connections to it.
///
/// Every start gives a database of its own, with days counted from now.
pub struct DemoDatabase {
    options: SqliteConnectOptions,
    _keeper: SqliteConnection,
}

impl StandIn for DemoDatabase {
    /// Makes the portal's tables and fills them.
    ///
    /// # Errors
    /// [`DemoError::Database`] for a mistake in the rows.
    async fn start(contents: &Contents) -> Result<Self, DemoError> {
        let options = fresh_options();
        let keeper = filled(&options, &contents.sql)
            .await
            .map_err(DemoError::Database)?;
        Ok(DemoDatabase {
            options: options.read_only(true),
            _keeper: keeper,
        })
    }
}

impl DemoDatabase {
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

async fn filled(
    options: &SqliteConnectOptions,
    sql: &str,
) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.clone().create_if_missing(true).connect().await?;
    let mut transaction = connection.begin().await?;
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_connection_reads_the_rows_and_cannot_write() {
        let demo = DemoDatabase::start(&Contents::default()).await.unwrap();
        let mut connection = demo.options().connect().await.unwrap();
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(users, 22);
        let refused = sqlx::query("DELETE FROM users")
            .execute(&mut connection)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }

    #[tokio::test]
    async fn two_demos_do_not_share_their_database() {
        let (first, second) = (
            DemoDatabase::start(&Contents::default()).await.unwrap(),
            DemoDatabase::start(&Contents::default()).await.unwrap(),
        );
        assert_ne!(
            first.options().get_filename(),
            second.options().get_filename()
        );
    }
}
