//! Commands that measure what is so at this moment: `ping` and `monitor`, whose figures are made up.

use super::{Answer, Call, Print, target};
use crate::Row;
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use routeros_proto::Request;

/// Answers of a ping that nobody needs more of (ours).
const MOST_ANSWERS: usize = 1_000;

/// Executes `/ping` with a `count`, whose answers come at once: every address is there (ours).
pub(super) fn ping(router: &Router, request: &Request) -> Result<Answer, Refusal> {
    let Some(address) = request.get("address").filter(|value| !value.is_empty()) else {
        return Err(Trap::missing("address").into());
    };
    let Some(count) = request.get("count") else {
        return Err(Trap::not_imitated("ping without count").into());
    };
    let count = std::str::from_utf8(count)
        .ok()
        .and_then(|count| count.parse().ok());
    let count: usize = count.ok_or_else(|| Trap::invalid("count"))?;
    let answer = |n: usize| {
        let (number, sent) = (n.to_string(), (n + 1).to_string());
        let fields: [(&[u8], &[u8]); 11] = [
            (b"seq", number.as_bytes()),
            (b"host", address),
            (b"size", b"56"),
            (b"ttl", b"64"),
            (b"time", b"1ms204us"),
            (b"sent", sent.as_bytes()),
            (b"received", sent.as_bytes()),
            (b"packet-loss", b"0"),
            (b"min-rtt", b"1ms204us"),
            (b"avg-rtt", b"1ms204us"),
            (b"max-rtt", b"1ms204us"),
        ];
        Row::new(None, fields)
    };
    let rows = (0..count.min(MOST_ANSWERS)).map(answer).collect();
    Ok(Answer::Print(Print::of(rows, router.says_empty)))
}

/// Executes `monitor` with `once` of rows that have names: the link of each is there, unless it is off.
pub(super) fn monitor(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if call.request.get("once").is_none() {
        return Err(Trap::not_imitated("monitor without once").into());
    }
    let mut rows = Vec::new();
    for id in target::targets(router, call)? {
        let (_, row) = target::locate(router, call, id?)?;
        let status: &[u8] = match row.is_true("disabled") {
            true => b"no-link",
            false => b"link-ok",
        };
        let name = row.get("name").unwrap_or_default();
        rows.push(Row::new(None, [(&b"name"[..], name), (b"status", status)]));
    }
    Ok(Answer::Print(Print::of(rows, router.says_empty)))
}
