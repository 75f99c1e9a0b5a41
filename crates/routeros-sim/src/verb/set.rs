//! `set`, `unset` and their short forms.

use super::print::unknown_parameter;
use super::{Answer, Call, kept, target, user};
use crate::Row;
use crate::menu::Shape;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// A field and what becomes of it: a value, or nothing.
type FieldChange = (String, Option<Vec<u8>>);

/// Executes `set`. Rows before one that fails are changed already (seen).
pub(super) fn set(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let mut changes = Vec::new();
    for (name, value) in call.arguments()? {
        if let Some(change) = change_of(router, call, name, value)? {
            changes.push(change);
        }
    }
    apply(router, call, &changes)
}

/// Executes `unset =value-name=`.
pub(super) fn unset(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let mut changes = Vec::new();
    for (name, value) in call.arguments()? {
        if name != "value-name" {
            return Err(unknown_parameter(router, name).into());
        }
        let field = String::from_utf8_lossy(value);
        if !call.rules.is_settable(&field, router.version) || call.rules.is_required(&field) {
            return Err(Trap::no_match("value-name").into());
        }
        changes.push(cleared(call, &field));
    }
    if changes.is_empty() {
        return Err(Trap::missing("value-name").into());
    }
    apply(router, call, &changes)
}

/// Executes `comment`.
pub(super) fn comment(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if let Some((name, _)) = call
        .arguments()?
        .iter()
        .find(|(name, _)| *name != "comment")
    {
        return Err(unknown_parameter(router, name).into());
    }
    set(router, call)
}

/// Executes `enable` and `disable`.
pub(super) fn enable(router: &mut Router, call: &Call, enabled: bool) -> Result<Answer, Refusal> {
    if let Some((name, _)) = call.arguments()?.first() {
        return Err(unknown_parameter(router, name).into());
    }
    let disabled = if enabled { "false" } else { "true" };
    apply(
        router,
        call,
        &[("disabled".to_owned(), Some(disabled.into()))],
    )
}

/// Executes `reset-counters`: bytes and packets become 0 (ours: which fields).
pub(super) fn reset_counters(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let counters = [
        "bytes",
        "packets",
        "bytes-in",
        "bytes-out",
        "packets-in",
        "packets-out",
    ];
    for id in target::targets(router, call)? {
        let (at, row) = target::locate(router, call, id?)?;
        let zero = |value: &[u8]| if value.contains(&b'/') { "0/0" } else { "0" };
        let changes: Vec<(&[u8], Option<&[u8]>)> = counters
            .iter()
            .filter_map(|name| Some((name.as_bytes(), Some(zero(row.get(name)?).as_bytes()))))
            .collect();
        router.replace(call.menu, at, row.with(&changes));
    }
    Ok(Answer::done())
}

fn change_of(
    router: &mut Router,
    call: &Call,
    name: &str,
    value: &[u8],
) -> Result<Option<FieldChange>, Trap> {
    let field = name.strip_prefix('!').unwrap_or(name);
    if !call.rules.is_settable(field, router.version) {
        return Err(unknown_parameter(router, name));
    }
    if field != name {
        let ignored = router.version.ignores_negated_field();
        return Ok((!ignored).then(|| cleared(call, field)));
    }
    let value = kept::value(router, call, name, value)?;
    if value.is_none() && call.rules.is_required(name) {
        return Err(Trap::missing(name));
    }
    Ok(Some(match value {
        Some(value) => (name.to_owned(), Some(value)),
        None => cleared(call, name),
    }))
}

/// A field without value goes back to what `add` fills in.
fn cleared(call: &Call, field: &str) -> FieldChange {
    let default = call
        .rules
        .default_of(field)
        .filter(|default| !default.is_empty());
    (field.to_owned(), default.map(Into::into))
}

fn apply(router: &mut Router, call: &Call, changes: &[FieldChange]) -> Result<Answer, Refusal> {
    let changes: Vec<(&[u8], Option<&[u8]>)> = changes
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_deref()))
        .collect();
    if call.rules.shape == Shape::Single || router.state.is_single(call.menu) {
        router.keep_given(call.menu);
        let changed = router.rows(call.menu)[0].with(&changes);
        router.replace(call.menu, 0, changed);
        return Ok(Answer::done());
    }
    for id in target::targets(router, call)? {
        let (at, row) = target::locate(router, call, id?)?;
        check_changeable(call, &row)?;
        let changed = kept::derived(call, row.with(&changes));
        if let Some(id) = row.id() {
            user::check_one_stays(router, call, id, Some(&changed))?;
        }
        if router.is_taken(call.rules, call.menu, &changed, Some(&row)) {
            return Err(kept::duplicate(call));
        }
        router.replace(call.menu, at, changed);
    }
    Ok(Answer::done())
}

fn check_changeable(call: &Call, row: &Row) -> Result<(), Trap> {
    if is_dummy(row) {
        return Err(Trap::text(BUILTIN));
    }
    match call.rules.refuses_change() {
        Some(text) if row.is_true("dynamic") => Err(Trap::text(text)),
        _ => Ok(()),
    }
}

/// What is said of rows that belong to the router (seen).
pub(super) const BUILTIN: &str = "failure: cannot change builtin";

/// The first filter rule of routers with fasttrack, which only shows counters (seen).
pub(super) fn is_dummy(row: &Row) -> bool {
    row.get("comment")
        .is_some_and(|comment| comment.starts_with(b"special dummy rule"))
}
