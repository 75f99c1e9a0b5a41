//! A SQLite database in a file of its own, for each test.

use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use super::block_on;
use super::portal::{self, Dialect};

/// A database file in a folder that is removed with the value.
pub struct Database {
    path: PathBuf,
    _folder: TempDir,
}

/// A fresh, empty database.
pub fn database() -> Database {
    let folder = TempDir::with_prefix("tikbook-sqlite-").expect("the temporary folder is writable");
    let database = Database {
        path: folder.path().join("portal.db"),
        _folder: folder,
    };
    database.execute("PRAGMA user_version = 0");
    database
}

/// A fresh database with the portal's empty tables.
pub fn database_with_schema() -> Database {
    let database = database();
    database.execute(&portal::schema(Dialect::Sqlite));
    database
}

impl Database {
    /// The URL as SQLAlchemy writes it: three slashes and an absolute path.
    pub fn url(&self) -> String {
        format!("sqlite:///{}", self.path.display())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs one or more statements; an error fails the test.
    pub fn execute(&self, sql: &str) {
        if let Err(error) = block_on(self.try_execute(sql)) {
            panic!("SQLite refused: {error}\n{sql}");
        }
    }

    /// Fills the portal's tables from an oracle case: `users`, `devices` and `settings`, each in
    /// the order of the case.
    pub fn insert(&self, case: &Value) {
        self.execute(&portal::inserts(case, Dialect::Sqlite));
    }

    async fn try_execute(&self, sql: &str) -> Result<(), sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        connection.close().await
    }
}
