//! A database of a test on a real server, dropped with the value, whichever server it is.

use std::marker::PhantomData;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::block_on;
use super::portal::{self, Dialect};

/// What tells one kind of server from another.
pub trait Engine {
    /// Its name, for messages.
    const NAME: &'static str;
    /// What its SQL is like.
    const DIALECT: Dialect;
    /// How its URLs begin, in the portal's spelling.
    const SCHEME: &'static str;
    /// Everybody's account and its password.
    const LOGIN: (&'static str, &'static str);
    /// The database that every server has.
    const HOME: &'static str;
    /// What `DROP DATABASE` says to end the connections that are left.
    const FORCE: &'static str;

    /// Runs statements in a database of the server on `port`.
    fn run(port: u16, database: &str, sql: &str) -> Result<(), sqlx::Error>;
}

/// A database of a test.
pub struct Database<E: Engine> {
    port: u16,
    name: String,
    engine: PhantomData<E>,
}

impl<E: Engine> Database<E> {
    /// Makes the database `name`; `like` is what `CREATE DATABASE` says beside the name.
    pub fn create(port: u16, name: String, like: &str) -> Self {
        execute::<E>(port, E::HOME, &format!("CREATE DATABASE {name} {like}"));
        Self {
            port,
            name,
            engine: PhantomData,
        }
    }

    /// The URL as the portal's `DATABASE_URL` writes it.
    pub fn url(&self) -> String {
        let ((user, password), Self { port, name, .. }) = (E::LOGIN, self);
        format!("{}://{user}:{password}@127.0.0.1:{port}/{name}", E::SCHEME)
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port of its server on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs one or more statements; an error fails the test.
    pub fn execute(&self, sql: &str) {
        execute::<E>(self.port, &self.name, sql);
    }

    /// Fills the portal's tables from an oracle case: `users`, `devices` and `settings`, each in
    /// the order of the case.
    pub fn insert(&self, case: &Value) {
        self.execute(&portal::inserts(case, E::DIALECT));
    }
}

impl<E: Engine> Drop for Database<E> {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {}{}", self.name, E::FORCE);
        // The test may have stopped the server, and then there is nothing left to drop.
        let _ = E::run(self.port, E::HOME, &sql);
    }
}

/// Runs statements on the connection that `connecting` gives, and closes it.
pub fn run_on<C: Connection>(
    connecting: impl Future<Output = Result<C, sqlx::Error>> + Send,
    sql: &str,
) -> Result<(), sqlx::Error>
where
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    block_on(async {
        let mut connection = connecting.await?;
        let statements = sqlx::raw_sql(AssertSqlSafe(sql));
        statements.execute(&mut connection).await?;
        connection.close().await
    })
}

/// Runs statements; an error fails the test.
pub fn execute<E: Engine>(port: u16, database: &str, sql: &str) {
    if let Err(error) = E::run(port, database, sql) {
        panic!("{} refused: {error}\n{sql}", E::NAME);
    }
}
