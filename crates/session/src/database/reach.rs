//! What a statement changes beside its own table: by foreign keys that cascade, by triggers.
//!
//! Each server tells it in its own way. PostgreSQL and SQLite count what really changed; of MariaDB
//! and MySQL the foreign keys and triggers are followed, as nothing there counts a cascade. The rule
//! is the same: each table must be one that a permit names, and the rows of all of them count.

use super::{Fault, TableName};
use site::grant::{Permit, Target};

/// A table that a statement changes, or can change, beside its own.
#[derive(Debug)]
pub(super) struct Beside {
    /// How statements may call it: without its schema only where the server would find it so.
    pub names: Vec<TableName>,
    /// What makes the statement change it: `by the trigger `log``.
    pub how: String,
}

impl Beside {
    /// Is it this table itself?
    pub fn is(&self, own: &TableName) -> bool {
        self.names.contains(own)
    }

    fn is_permitted(&self, permits: &[Permit]) -> bool {
        permits.iter().any(|permit| match permit.target() {
            Target::Table(declared) => self.names.iter().any(|name| name.is_named(declared)),
            _ => false,
        })
    }
}

/// Are all tables beside `own` ones that a permit names?
pub(super) fn check(beside: &[Beside], own: &TableName, permits: &[Permit]) -> Result<(), Fault> {
    let mut others = beside.iter().filter(|beside| !beside.is(own));
    match others.find(|beside| !beside.is_permitted(permits)) {
        None => Ok(()),
        Some(beside) => Err(Fault::Undeclared {
            table: beside
                .names
                .first()
                .map(TableName::to_string)
                .unwrap_or_default(),
            how: beside.how.clone(),
        }),
    }
}
