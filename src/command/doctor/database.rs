//! The portal's database: its tables, and its clock.

use std::sync::Arc;

use jiff::Timestamp;

use crate::session::Session;
use crate::session::database::{Database, DatabaseError, SqlValue};

use super::check::Check;
use super::clock;

/// Tables without which it is not the portal's.
const TABLES: [&str; 4] = [
    "users",
    "user_devices",
    "user_quota_debts",
    "application_settings",
];

const CLOCK: &str = "clock-database";

/// Connects, looks for the portal's tables and compares the clock.
pub async fn checks(session: &Session) -> Vec<Check> {
    match session.database().await {
        Err(error) => vec![Check::of_error("database", &error)],
        Ok(database) => {
            let open = format!("connected to {}, for reading only", database.address());
            vec![
                Check::pass("database", open),
                tables(&database).await,
                its_clock(&database).await,
            ]
        }
    }
}

async fn tables(database: &Arc<Database>) -> Check {
    const ID: &str = "database-tables";
    for table in TABLES {
        let sql = format!("SELECT 1 FROM {table} LIMIT 1");
        if let Err(error) = database.rows(&sql, Vec::new()).await {
            return Check::fail(
                ID,
                format!("the portal's table {table} cannot be read: {error}"),
                "see that DATABASE_URL names the portal's database, that its migrations have run, \
                 and that this user may read its tables",
            );
        }
    }
    Check::pass(ID, format!("the portal's: {}", TABLES.join(", ")))
}

async fn its_clock(database: &Arc<Database>) -> Check {
    const ADVICE: &str = "compare it with `date` by hand";
    match now(database).await {
        Err(error) => Check::unknown(CLOCK, error.to_string(), ADVICE),
        Ok(Some(theirs)) => clock::check(CLOCK, theirs, Timestamp::now()),
        Ok(None) => Check::unknown(
            CLOCK,
            "the database tells its time in no known form",
            ADVICE,
        ),
    }
}

/// What the database takes for now.
async fn now(database: &Arc<Database>) -> Result<Option<Timestamp>, DatabaseError> {
    Ok(match value(database, "SELECT CURRENT_TIMESTAMP").await? {
        SqlValue::Time(time) => Some(time),
        // SQLite's, in UTC.
        SqlValue::Text(text) => format!("{}Z", text.replacen(' ', "T", 1)).parse().ok(),
        // MySQL's, in a zone of the session that only the server knows.
        SqlValue::DateTime(_) => match value(database, "SELECT UNIX_TIMESTAMP()").await? {
            SqlValue::Int(seconds) => Timestamp::from_second(seconds).ok(),
            _ => None,
        },
        _ => None,
    })
}

async fn value(database: &Arc<Database>, sql: &str) -> Result<SqlValue, DatabaseError> {
    database.rows(sql, Vec::new()).await?.value(0, 0)
}
