//! Is it the portal's database: its tables, and its clock.

use std::sync::Arc;

use super::Database;
use crate::error::said_whole;
use crate::probe::{Check, clock};
use sentences::{
    DoctorClockByHand, DoctorDatabase, DoctorDatabaseNoTable, DoctorDatabaseNoTableAdvice,
    DoctorDatabaseTables,
};

/// Tables without which it is not the portal's.
const TABLES: [&str; 4] = [
    "users",
    "user_devices",
    "user_quota_debts",
    "application_settings",
];

const CLOCK: &str = "clock-database";

/// Looks for the portal's tables and compares the clock.
pub(super) async fn checks(database: Arc<Database>) -> Vec<Check> {
    let open = DoctorDatabase {
        address: database.address(),
    };
    let mut checks = vec![Check::pass("database", open), tables(&database).await];
    checks.extend(its_clock(&database).await);
    checks
}

async fn tables(database: &Database) -> Check {
    const ID: &str = "database-tables";
    for table in TABLES {
        let sql = format!("SELECT 1 FROM {table} LIMIT 1");
        if let Err(error) = database.rows(&sql, Vec::new()).await {
            return Check::fail(
                ID,
                DoctorDatabaseNoTable {
                    table,
                    why: said_whole(&error),
                },
                DoctorDatabaseNoTableAdvice,
            );
        }
    }
    Check::pass(
        ID,
        DoctorDatabaseTables {
            tables: TABLES.join(", "),
        },
    )
}

async fn its_clock(database: &Database) -> Option<Check> {
    match database.clock().await {
        Err(error) => Some(Check::unknown(CLOCK, said_whole(&error), DoctorClockByHand)),
        Ok(told) => told.map(|told| clock::check_told(CLOCK, &told)),
    }
}
