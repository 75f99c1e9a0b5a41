//! A row as the router keeps it, whoever gave it: its values in the router's own form, with what it fills
//! in and what follows.

use super::Call;
use crate::Row;
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::value::{month_first, normalise};

/// A given value as the router keeps it; `None` clears the field.
pub(super) fn value(
    router: &mut Router,
    call: &Call,
    field: &str,
    value: &[u8],
) -> Result<Option<Vec<u8>>, Trap> {
    let kind = call.rules.kind(field);
    let names = kind.names().map(|menu| router.rows(menu));
    let names = names.as_deref().map_or(&[][..], Vec::as_slice);
    let kept = normalise(&kind, field, value, names)?;
    Ok(match router.version.writes_iso_dates() {
        true => kept,
        false => kept.map(|kept| month_first(&kind, kept)),
    })
}

/// The row with what the router fills in.
pub(super) fn with_defaults(router: &mut Router, call: &Call, row: &Row) -> Row {
    let now = router.date_time();
    let value = |name: &str, default: &'static str| match name {
        "creation-time" => now.clone(),
        _ => default.to_owned(),
    };
    let mut full = row.clone();
    for (name, default) in call.rules.filled_in() {
        if row.get(name).is_none() {
            full = full.with(&[(name.as_bytes(), Some(value(name, default).as_bytes()))]);
        }
    }
    full
}

/// What follows from other fields: a timed entry is dynamic, a binding says what its type means.
pub(super) fn derived(call: &Call, row: Row) -> Row {
    let truth = |truth: bool| Some(if truth { &b"true"[..] } else { &b"false"[..] });
    if call.rules.counts_down() && row.get("timeout").is_some_and(|timeout| timeout != b"0s") {
        return row.with(&[(b"dynamic", truth(true))]);
    }
    if call.menu == "/ip/hotspot/ip-binding" {
        let is_type = |word: &[u8]| truth(row.get("type") == Some(word));
        return row.with(&[
            (b"bypassed", is_type(b"bypassed")),
            (b"blocked", is_type(b"blocked")),
        ]);
    }
    row
}

/// The refusal of a second row like one that exists.
pub(super) fn duplicate(call: &Call) -> Refusal {
    Trap::text(call.rules.taken()).into()
}
