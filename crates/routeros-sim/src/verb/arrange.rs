//! `move`.

use super::print::unknown_parameter;
use super::{Answer, Call, target};
use crate::router::Router;
use crate::trap::Refusal;

/// Executes `move =numbers= =destination=`: the rows go before the destination, or to the end (manual
/// "Console").
pub(super) fn move_rows(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if let Some((name, _)) = call
        .arguments()?
        .iter()
        .find(|(name, _)| *name != "destination")
    {
        return Err(unknown_parameter(router, name).into());
    }
    let destination = target::single(router, call, "destination")?;
    if let Some(destination) = destination {
        target::locate(router, call, destination)?;
    }
    for id in target::targets(router, call)? {
        let id = id?;
        let (at, _) = target::locate(router, call, id)?;
        if destination == Some(id) {
            continue;
        }
        let row = router.state.table(call.menu).remove(at);
        let table = router.state.table(call.menu);
        let before = destination.and_then(|destination| table.position(destination));
        table.insert(before.unwrap_or(table.rows.len()), row);
    }
    Ok(Answer::done())
}
