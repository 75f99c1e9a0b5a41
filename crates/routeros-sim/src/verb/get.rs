//! `get`.

use super::{Answer, Call, target};
use crate::Row;
use crate::menu::Shape;
use crate::router::Router;
use crate::trap::{Refusal, Trap};

/// Executes `get`: one field as `ret`, or all of them as `name=value;…` (ours).
pub(super) fn get(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    for (name, _) in call.arguments()? {
        if name != "value-name" {
            return Err(super::print::unknown_parameter(router, name).into());
        }
    }
    let row = wanted_row(router, call)?;
    let row = router.shown(call.rules).row(&row);
    let Some(field) = call.request.get("value-name") else {
        return Ok(Answer::ret(all_fields(&row)));
    };
    let field = String::from_utf8_lossy(field);
    if !call.rules.is_readable(&field) && field != ".id" {
        return Err(Trap::no_match("value-name").into());
    }
    Ok(Answer::ret(row.get(&field).unwrap_or_default()))
}

fn wanted_row(router: &mut Router, call: &Call) -> Result<Row, Refusal> {
    if call.rules.shape == Shape::Single {
        let row = router.rows(call.menu).first().cloned();
        return row.ok_or_else(|| Trap::no_such_item().into());
    }
    let first = target::targets(router, call)?.into_iter().next();
    let id = first.unwrap_or_else(|| Err(Trap::no_such_item()))?;
    Ok(target::locate(router, call, id)?.1)
}

fn all_fields(row: &Row) -> Vec<u8> {
    let fields: Vec<Vec<u8>> = row
        .fields()
        .map(|(name, value)| [name, b"=", value].concat())
        .collect();
    fields.join(&b';')
}
