//! Rows in the order of their menu, and rows that this run adds, by the change that adds them.

use rhai::plugin::*;
use rhai::{Dynamic, Map};
use routeros_schema::{Menu, RouterText};

use super::super::call;
use super::super::error::{CallResult, HostError};
use super::super::given::row_of;
use super::super::primitive::{Declared, primitives};
use super::super::readers::Routers;
use super::super::written::Written;
use super::arguments::menu_of;
use super::write::{set_fields, write};
use super::{NamedRouter, name_of};
use plan::change::Change;
use plan::fields::Fields;
use plan::menu;
use plan::order::{FollowedBy, Follower};
use plan::row::{At, Edit};
use plan::row_name::Handle;
use planning::Edited;
use site::grant::Target;

primitives! {
    MOVE: Routers = writes move(Menu, Row, Row);
    _: Routers = writes move(Menu, Row, Row, Reason);
}

/// How scripts change the order of rows.
#[export_module]
pub mod place_module {
    use super::*;

    /// Moves a row before another one in a menu whose order counts; before `()` it becomes the last one.
    /// Rows are given as they were read, or by their ids, or by the change that adds them in this run: so
    /// `mikrotik::move(menu, mikrotik::add(menu, row), first)` adds a row at its place. A row that is there
    /// already is `skipped`. Kind `invalid` where the order of rows does not count.
    ///
    /// ```rhai
    /// let menu = "/ip/hotspot/walled-garden";
    /// let rows = mikrotik::rows(menu);
    /// assert_eq(mikrotik::move(menu, rows[1], rows[0]).action, "move");
    /// assert_eq(mikrotik::move(menu, rows[0], rows[1]).status, "skipped");
    /// ```
    #[rhai_fn(name = "move", return_raw)]
    pub fn move_row_before(
        context: NativeCallContext,
        menu: &str,
        row: Dynamic,
        before: Dynamic,
    ) -> CallResult<Written> {
        move_row(&context, &MOVE, None, menu, (&row, &before), "")
    }

    /// Moves a row and says why.
    ///
    /// ```rhai
    /// let menu = "/ip/hotspot/walled-garden";
    /// let first = mikrotik::rows(menu)[0];
    /// assert_eq(mikrotik::move(menu, first, (), "the rest goes first").why, "the rest goes first");
    /// ```
    #[rhai_fn(name = "move", return_raw)]
    pub fn move_row_why(
        context: NativeCallContext,
        menu: &str,
        row: Dynamic,
        before: Dynamic,
        why: &str,
    ) -> CallResult<Written> {
        move_row(&context, &MOVE, None, menu, (&row, &before), why)
    }
}

/// Moves a row of a router before another one.
pub fn move_row(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    (row, before): (&Dynamic, &Dynamic),
    why: &str,
) -> CallResult<Written> {
    let router = name_of(router);
    let menu_of_rows = menu_of(menu).map_err(|error| error.at(context).raise())?;
    let target = Target::Menu(menu_of_rows.clone());
    let is_allowed = call::host(context)?.may_plan(&target);
    is_allowed.map_err(|error| error.at(context).raise())?;
    if !menu::is_ordered(&menu_of_rows) {
        let error = HostError::invalid(format!("the order of the rows of {menu} does not count"));
        return Err(error.at(context).raise());
    }
    let to = place_before(context, router.as_deref(), &menu_of_rows, before)?;
    if let Some(added) = planned_row(row) {
        let number = number(context, &added, router.as_deref(), &menu_of_rows)?;
        let to = Some(to).filter(|to| !to.rows.is_empty());
        if call::host(context)?.has_moved_since(number) {
            let message = "other rows were moved since this one was added";
            let hint = "move it right after it is added";
            return Err(HostError::invalid(message).hint(hint).at(context).raise());
        }
        call::edit(context, number, move |change| {
            if let Some(Edit::Add(added)) = change.row_mut().map(|row| &mut row.edit) {
                added.followed_by = to;
            }
            Edited::Stays
        })?;
        return Ok(added);
    }
    write(context, primitive, menu, |menu, text| {
        let (id, seen) = row_of(row, text)?;
        let row = (At::known(Some(id)), seen);
        Ok(Change::move_to(router, menu, row, to, why))
    })
}

/// The change that is given in the place of a row, if it is one.
pub fn planned_row(row: &Dynamic) -> Option<Written> {
    row.read_lock::<Written>().map(|written| written.clone())
}

/// Sets fields of a row that this run adds: it is added with them.
pub fn set_planned(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    added: Written,
    fields: &Map,
) -> CallResult<Written> {
    let router = name_of(router);
    let text = call::host(context)?.router_text();
    let menu = menu_of(menu).map_err(|error| error.at(context).raise())?;
    let number = number(context, &added, router.as_deref(), &menu)?;
    let fields = set_fields(&menu, fields, text).map_err(|error| error.at(context).raise())?;
    call::edit(context, number, move |change| {
        if let Some(Edit::Add(added)) = change.row_mut().map(|row| &mut row.edit) {
            for (name, value) in fields.iter() {
                // Of a row that is made sure of an empty value says that there is to be none.
                match value.is_empty() && added.ensure.is_none() {
                    true => added.row.remove(name),
                    false => added.row.set(name, value),
                }
            }
        }
        Edited::Stays
    })?;
    Ok(added)
}

/// Takes a row that this run would add out of the plan.
pub fn remove_planned(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    added: Written,
) -> CallResult<Written> {
    let router = name_of(router);
    let menu = menu_of(menu).map_err(|error| error.at(context).raise())?;
    let number = number(context, &added, router.as_deref(), &menu)?;
    let change = call::edit(context, number, |_| Edited::Goes)?;
    call::host(context)?.forget(number);
    added.take_out(change);
    Ok(added)
}

/// The place before a row: one that is there, or one that this run adds.
fn place_before(
    context: &NativeCallContext,
    router: Option<&str>,
    menu: &Menu,
    before: &Dynamic,
) -> CallResult<FollowedBy> {
    let text = call::host(context)?.router_text();
    let rows = match planned_row(before) {
        _ if before.is_unit() => Vec::new(),
        Some(added) => {
            let number = number(context, &added, router, menu)?;
            let handle = Handle(number);
            let change = call::edit(context, number, move |change| {
                if let Some(Edit::Add(added)) = change.row_mut().map(|row| &mut row.edit) {
                    added.handle = Some(handle);
                }
                Edited::Stays
            })?;
            let row = change.after().cloned().unwrap_or_default();
            let name = handle.into();
            vec![Follower { name, row }]
        }
        None => vec![follower(menu, before, text).map_err(|error| error.at(context).raise())?],
    };
    Ok(FollowedBy::just_read(rows))
}

fn follower(menu: &Menu, before: &Dynamic, text: RouterText) -> Result<Follower, HostError> {
    let (id, row): (String, Fields) = row_of(before, text)?;
    Ok(Follower::of(menu, &id, &row))
}

fn number(
    context: &NativeCallContext,
    added: &Written,
    router: Option<&str>,
    menu: &Menu,
) -> CallResult<usize> {
    let host = call::host(context)?;
    let router = host.other_router(router);
    let number = added.added_to(&host, router.as_deref(), menu);
    number.map_err(|error| error.at(context).raise())
}
