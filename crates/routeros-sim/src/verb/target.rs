//! Which rows a command is about.

use super::{Call, MOST_ARGUMENTS};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::value;
use crate::{Id, Row};

/// The rows named by `.id` or `numbers`, in order; each is an id, or the trap that its turn gives.
///
/// Both take a list with commas between. An item is an id (`*1F`), a bare number, which is the
/// row's place in the menu counted from 0 (seen: `=.id=4` changed another row than `*4`), or a
/// name, where the menu has names (manual "API"), shortened while it stays clear.
///
/// # Errors
/// When neither argument is given.
pub(super) fn targets(router: &mut Router, call: &Call) -> Result<Vec<Result<Id, Trap>>, Refusal> {
    let items = list(router, call, ".id").or_else(|| list(router, call, "numbers"));
    items.ok_or_else(|| Trap::missing("numbers").into())
}

/// The rows named by the argument `name`, `None` where it is absent.
pub(super) fn list(router: &mut Router, call: &Call, name: &str) -> Option<Vec<Result<Id, Trap>>> {
    let items = String::from_utf8_lossy(call.request.get(name)?);
    let rows = router.rows(call.menu);
    // Each name is looked for in all rows, so that many of them take long.
    let names = items.split(',').filter(|item| is_name(item)).count();
    if names > MOST_ARGUMENTS {
        return Some(vec![Err(Trap::too_many("names"))]);
    }
    Some(items.split(',').map(|item| resolve(&rows, item)).collect())
}

/// The one row named by the argument `name`, for `destination` and its like.
pub(super) fn single(router: &mut Router, call: &Call, name: &str) -> Result<Option<Id>, Trap> {
    let Some(item) = call.request.get(name) else {
        return Ok(None);
    };
    let rows = router.rows(call.menu);
    resolve(&rows, &String::from_utf8_lossy(item)).map(Some)
}

/// Where the row stands and what it is, if it is still there and no fault forbids touching it.
pub(super) fn locate(router: &mut Router, call: &Call, id: Id) -> Result<(usize, Row), Trap> {
    if router.faults.traps_on(id) {
        return Err(Trap::action_failed());
    }
    let table = router.state.table(call.menu);
    let at = table.position(id).ok_or_else(Trap::no_such_item)?;
    Ok((at, table.rows[at].clone()))
}

fn resolve(rows: &[Row], item: &str) -> Result<Id, Trap> {
    if item.starts_with('*') {
        return item.parse().map_err(|_| Trap::malformed_id());
    }
    if is_name(item) {
        return by_name(rows, item);
    }
    let row = item.parse::<usize>().ok().and_then(|at| rows.get(at));
    row.and_then(Row::id).ok_or_else(Trap::no_such_item)
}

/// Whether the item is neither an id nor a number.
fn is_name(item: &str) -> bool {
    !item.starts_with('*') && (item.is_empty() || !item.bytes().all(|byte| byte.is_ascii_digit()))
}

fn by_name(rows: &[Row], name: &str) -> Result<Id, Trap> {
    let text = |row: &Row| {
        row.get("name")
            .and_then(|name| std::str::from_utf8(name).ok().map(str::to_owned))
    };
    let named: Vec<(String, Option<Id>)> = rows
        .iter()
        .filter_map(|row| Some((text(row)?, row.id())))
        .collect();
    if named.is_empty() || name.is_empty() {
        return Err(Trap::malformed_id());
    }
    let names = named.iter().map(|(name, _)| name.as_str());
    let chosen = match value::word(names, "numbers", name) {
        Ok(chosen) => chosen,
        Err(trap) if trap.category.is_some() => return Err(Trap::no_such_item()),
        Err(ambiguous) => return Err(ambiguous),
    };
    let found = named.iter().find(|(name, _)| name == chosen);
    found.and_then(|(_, id)| *id).ok_or_else(Trap::no_such_item)
}
