//! The oracle cases of `tests/oracle`: what the portal itself answered.

use std::path::Path;
use std::thread;

use serde_json::Value;

use super::postgres;
use crate::sync_oracle::in_folder;

/// The oracle cases that lie in `tests/oracle/cases`, in the order of their numbers.
pub fn cases() -> Vec<Value> {
    in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases"))
}

/// What `check` finds wrong with the oracle cases and the database of each, several looked at side
/// by side. Cases that follow one another have one database, with the rows of the present one:
/// making a database takes longer than looking at it.
pub fn on_all(check: impl Fn(&Value, &postgres::Database) -> Option<String> + Sync) -> Vec<String> {
    const SIDE_BY_SIDE: usize = 4;
    let cases = cases();
    let check = |cases: &[Value]| {
        let database = postgres::database_with_schema();
        let look = |case| {
            database.replace(case);
            check(case, &database)
        };
        cases.iter().filter_map(look).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let chunks = cases.chunks(cases.len().div_ceil(SIDE_BY_SIDE));
        let workers: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || check(chunk)))
            .collect();
        let found = workers.into_iter().map(|worker| worker.join());
        found
            .flat_map(|found| found.expect("the check did not panic"))
            .collect()
    })
}
