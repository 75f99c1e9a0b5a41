//! `run` of a script.

use super::{Answer, Call, Print, target};
use crate::Row;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// Executes `/system/script/run`: nothing of its source is done, but it counts as run. An empty row comes
/// for each of its lines (seen).
pub(super) fn run(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if call.menu != "/system/script" {
        return Err(Trap::not_imitated("run").into());
    }
    let mut lines = 0;
    for id in target::targets(router, call)? {
        let (at, row) = target::locate(router, call, id?)?;
        let count = row.get("run-count").unwrap_or_default();
        let count = std::str::from_utf8(count)
            .ok()
            .and_then(|count| count.parse::<u64>().ok());
        let count = count.unwrap_or_default().saturating_add(1).to_string();
        let now = router.date_time();
        let source = row.get("source").unwrap_or_default();
        lines += source
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .count();
        let row = row.with(&[
            (b"run-count", Some(count.as_bytes())),
            (b"last-started", Some(now.as_bytes())),
        ]);
        router.replace(call.menu, at, row);
    }
    let rows = (0..lines).map(|_| Row::new(None, [])).collect();
    Ok(Answer::Print(Print::of(rows, false)))
}
