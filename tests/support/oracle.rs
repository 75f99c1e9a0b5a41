//! The oracle cases of `tests/oracle`: what the portal itself answered.

use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::sync_oracle::in_folder;

/// The oracle cases that lie in `tests/oracle/cases`, in the order of their numbers.
pub fn cases() -> Vec<Value> {
    in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases"))
}

/// What `check` finds wrong with the oracle cases, several looked at side by side.
pub fn on_all(check: impl Fn(&Value) -> Option<String> + Sync) -> Vec<String> {
    const SIDE_BY_SIDE: usize = 4;
    let cases = cases();
    let check = |cases: &[Value]| cases.iter().filter_map(&check).collect::<Vec<_>>();
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
