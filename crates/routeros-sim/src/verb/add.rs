//! `add`.

use super::print::unknown_parameter;
use super::{Answer, Call, kept, target};
use crate::Row;
use crate::menu::Shape;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// Executes `add`; `ret` is the id of the new row (seen).
pub(super) fn add(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let place = place(router, call)?;
    let mut row = template(router, call)?;
    for (name, value) in call.all_arguments()? {
        if is_instruction(call, name) {
            continue;
        }
        if !call.rules.is_settable(name, router.version) {
            return Err(unknown_parameter(router, name).into());
        }
        let value = kept::value(router, call, name, value)?;
        row = row.with(&[(name.as_bytes(), value.as_deref())]);
    }
    check_required(call, &row)?;
    row = kept::derived(call, kept::with_defaults(router, call, &row));
    if router.is_taken(call.rules, call.menu, &row, None) {
        return Err(kept::duplicate(call));
    }
    let id = router.state.table(call.menu).new_id();
    router.insert(call.menu, place, row.under(id));
    Ok(Answer::ret(id.to_string()))
}

/// Arguments that say where or from what, and are not kept.
fn is_instruction(call: &Call, name: &str) -> bool {
    name == "copy-from" || (name == "place-before" && call.rules.shape == Shape::Ordered)
}

/// Where `place-before` wants the row.
fn place(router: &mut Router, call: &Call) -> Result<Option<usize>, Trap> {
    if call.rules.shape != Shape::Ordered {
        return Ok(None);
    }
    let Some(before) = target::single(router, call, "place-before")? else {
        return Ok(None);
    };
    target::locate(router, call, before).map(|(at, _)| Some(at))
}

/// What `copy-from` wants copied, or an empty row.
fn template(router: &mut Router, call: &Call) -> Result<Row, Trap> {
    let Some(id) = target::single(router, call, "copy-from")? else {
        return Ok(Row::new(None, []));
    };
    let (_, row) = target::locate(router, call, id)?;
    let version = router.version;
    let is_settable = |name: &[u8]| {
        std::str::from_utf8(name).is_ok_and(|name| call.rules.is_settable(name, version))
    };
    Ok(Row::new(
        None,
        row.fields().filter(|(name, _)| is_settable(name)),
    ))
}

fn check_required(call: &Call, row: &Row) -> Result<(), Trap> {
    let missing: Vec<&str> = call
        .rules
        .required()
        .filter(|field| row.get(field).is_none())
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Trap::missing(&missing.join(","))),
    }
}
