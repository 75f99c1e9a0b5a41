//! Users of the router.

use super::Call;
use crate::router::Router;
use crate::trap::Trap;
use crate::{Id, Row};

/// Refuses what leaves nobody who may do everything: the last user of the group `full` stays
/// (documented, "User"; the text is ours). `after` is what becomes of the row, nothing of one that goes.
pub(super) fn check_one_stays(
    router: &mut Router,
    call: &Call,
    id: Id,
    after: Option<&Row>,
) -> Result<(), Trap> {
    if call.menu != "/user" || after.is_some_and(may_do_everything) {
        return Ok(());
    }
    let rows = router.rows(call.menu);
    let mut full = rows.iter().filter(|row| may_do_everything(row));
    match full.next().and_then(Row::id) == Some(id) && full.next().is_none() {
        true => Err(Trap::text("failure: the last user of the group full stays")),
        false => Ok(()),
    }
}

fn may_do_everything(user: &Row) -> bool {
    user.get("group") == Some(b"full") && !user.is_true("disabled")
}
