//! `remove`.

use super::print::unknown_parameter;
use super::{Answer, Call, set, target, user};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::{Id, Row};

/// Executes `remove`. Rows before one that fails are gone already (read in client code).
pub(super) fn remove(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if let Some((name, _)) = call.arguments()?.first() {
        return Err(unknown_parameter(router, name).into());
    }
    router.removes += 1;
    for id in target::targets(router, call)? {
        remove_row(router, call, id?)?;
    }
    match router.faults.die_after_removes {
        Some(last) if last == router.removes => Ok(Answer::HangUp),
        _ => Ok(Answer::done()),
    }
}

fn remove_row(router: &mut Router, call: &Call, id: Id) -> Result<(), Trap> {
    let (at, row) = target::locate(router, call, id)?;
    if router.faults.refuse_remove.contains(&id) {
        return Err(Trap::action_failed());
    }
    check_removable(call, &row)?;
    user::check_one_stays(router, call, id, None)?;
    router.remove(call.menu, at);
    Ok(())
}

fn check_removable(call: &Call, row: &Row) -> Result<(), Trap> {
    let is_named = |names: &[&[u8]]| row.get("name").is_some_and(|name| names.contains(&name));
    let refusal = match call.menu {
        // Seen.
        "/ip/hotspot/user" if row.is_true("default") => {
            "failure: default trial user can not be removed"
        }
        // Manual "User": these groups stay. The text is ours.
        "/user/group" if is_named(&[b"read", b"write", b"full"]) => {
            "failure: can not remove default group"
        }
        // Ours.
        _ if row.is_true("default") => "failure: can not remove default",
        _ if set::is_dummy(row) => set::BUILTIN,
        _ => match call.rules.refuses_removal() {
            Some(text) if row.is_true("dynamic") => text,
            _ => return Ok(()),
        },
    };
    Err(Trap::text(refusal))
}
