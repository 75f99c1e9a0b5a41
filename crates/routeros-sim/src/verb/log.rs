//! Lines of the router's log.

use super::print::unknown_parameter;
use super::{Answer, Call};
use crate::Row;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// Executes `/log/info` and its like: writes `message` with the topics `script` and the command's name.
pub(super) fn write(router: &mut Router, call: &Call, verb: &str) -> Result<Answer, Refusal> {
    if let Some((name, _)) = call
        .arguments()?
        .iter()
        .find(|(name, _)| *name != "message")
    {
        return Err(unknown_parameter(router, name).into());
    }
    let message = call
        .request
        .get("message")
        .ok_or_else(|| Trap::missing("message"))?;
    write_line(router, &format!("script,{verb}"), message);
    Ok(Answer::done())
}

/// Appends a line to `/log`, which keeps the last 1,000 (manual "Log").
pub(crate) fn write_line(router: &mut Router, topics: &str, message: &[u8]) {
    const LOG: &str = "/log";
    const LINES_KEPT: usize = 1_000;
    let time = router.date_time();
    let fields: [(&[u8], &[u8]); 4] = [
        (b"time", time.as_bytes()),
        (b"topics", topics.as_bytes()),
        (b"message", message),
        (b"buffer", b"memory"),
    ];
    let id = router.state.table(LOG).new_id();
    router.insert(LOG, None, Row::new(Some(id), fields));
    if router.state.rows(LOG).len() > LINES_KEPT {
        router.remove(LOG, 0);
    }
}
