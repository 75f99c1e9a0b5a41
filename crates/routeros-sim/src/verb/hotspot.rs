//! Commands of hotspot hosts and leases.

use super::print::unknown_parameter;
use super::{Answer, Call, kept, target};
use crate::Row;
use crate::menu;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// Executes `make-static` of a lease. The row comes back under a new id (read in client code: ids
/// are read again afterwards).
pub(super) fn make_static(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    for id in target::targets(router, call)? {
        let (at, row) = target::locate(router, call, id?)?;
        if !row.is_true("dynamic") {
            continue;
        }
        let new_id = router.state.table(call.menu).new_id();
        let row = row.under(new_id).with(&[(b"dynamic", Some(b"false"))]);
        router.remove(call.menu, at);
        router.insert(call.menu, Some(at), row);
    }
    Ok(Answer::done())
}

/// Executes `make-binding` of a host: an ip-binding with its MAC and IP address (manual "HotSpot").
pub(super) fn make_binding(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    const BINDING: &str = "/ip/hotspot/ip-binding";
    let rules = menu::find(BINDING).ok_or_else(Trap::no_such_command)?;
    let binding = Call {
        menu: BINDING,
        rules,
        request: call.request,
    };
    let mut changes = Vec::new();
    for (name, value) in call.arguments()? {
        if !["type", "comment"].contains(&name) {
            return Err(unknown_parameter(router, name).into());
        }
        changes.push((name, kept::value(router, &binding, name, value)?));
    }
    for id in target::targets(router, call)? {
        let (_, host) = target::locate(router, call, id?)?;
        let copied = ["mac-address", "address", "to-address", "server"];
        let fields = copied
            .iter()
            .filter_map(|name| Some((name.as_bytes(), host.get(name)?)));
        let given: Vec<_> = changes
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_deref()))
            .collect();
        let row = kept::with_defaults(router, &binding, &Row::new(None, fields).with(&given));
        let id = router.state.table(BINDING).new_id();
        router.insert(BINDING, None, kept::derived(&binding, row).under(id));
    }
    Ok(Answer::done())
}
