//! Changes of rows: added, set, removed.

use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Map};
use routeros_schema::{Menu, RouterText};

use super::super::call;
use super::super::dynamic::type_of;
use super::super::error::{CallResult, HostError, Kind};
use super::super::given::{fields_of, fields_of_row, row_of};
use super::super::primitive::{Declared, primitives};
use super::super::readers::Routers;
use super::super::rows::Rows;
use super::super::written::Written;
use super::arguments::menu_of;
use super::{NamedRouter, name_of};
use ::change::fields::Fields;
use ::change::planned::Change;

primitives! {
    ADD: Routers = writes add(Menu, Fields);
    _: Routers = writes add(Menu, Fields, Reason);
    SET: Routers = writes set(Menu, Row, Fields);
    _: Routers = writes set(Menu, Row, Fields, Reason);
    REMOVE: Routers = writes remove(Menu, Row);
    _: Routers = writes remove(Menu, Row, Reason);
    REMOVE_ALL: Routers = writes remove_all(Menu, Value, Reason);
    _: Routers = plain guarded(Menu, Value);
}

/// How scripts change rows of the site's router.
#[export_module]
pub mod write_module {
    use super::*;

    /// Adds a row to a menu. Without --apply it is only planned. A row with the same key (of an
    /// address list: `list` and `address`) that is there already makes it `skipped`, or `conflict` if
    /// it differs. Fails with kind `denied` if the header does not name the menu in `writes`.
    ///
    /// ```rhai
    /// let added = mikrotik::add("/ip/firewall/address-list", #{ list: "vip", address: "10.0.0.9" });
    /// assert_eq(added.status, "planned");
    /// ```
    #[rhai_fn(name = "add", return_raw)]
    pub fn add(context: NativeCallContext, menu: &str, row: Map) -> CallResult<Written> {
        add_row(&context, &ADD, None, menu, &row, "")
    }

    /// Adds a row to a menu and says why, for the plan and the journal.
    ///
    /// ```rhai
    /// let row = #{ list: "vip", address: "10.0.0.9" };
    /// assert_eq(mikrotik::add("/ip/firewall/address-list", row, "a guest of honour").why, "a guest of honour");
    /// ```
    #[rhai_fn(name = "add", return_raw)]
    pub fn add_why(
        context: NativeCallContext,
        menu: &str,
        row: Map,
        why: &str,
    ) -> CallResult<Written> {
        add_row(&context, &ADD, None, menu, &row, why)
    }

    /// Sets fields of a row, which is given as it was read, or by its id. A row that is not as it was
    /// read is left alone, as is one that would get the key of another row: `conflict`. After a change
    /// that cannot be made, later ones of the same row or key are not made either. `()` clears a field. Enabling, disabling and commenting are
    /// fields as well: `#{ disabled: true }`, `#{ comment: "…" }`.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let row = mikrotik::rows(menu).filter(|row| row.comment != () && row.comment.contains("user=08"))[0];
    /// assert_eq(mikrotik::set(menu, row, #{ disabled: true }).status, "planned");
    /// ```
    #[rhai_fn(name = "set", return_raw)]
    pub fn set(
        context: NativeCallContext,
        menu: &str,
        row: Dynamic,
        fields: Map,
    ) -> CallResult<Written> {
        set_row(&context, &SET, None, menu, &row, &fields, "")
    }

    /// Sets fields of a row and says why.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let row = mikrotik::rows(menu).filter(|row| row.comment != () && row.comment.contains("user=08"))[0];
    /// assert_eq(mikrotik::set(menu, row, #{ list: row.list }, "as it is").status, "skipped");
    /// ```
    #[rhai_fn(name = "set", return_raw)]
    pub fn set_why(
        context: NativeCallContext,
        menu: &str,
        row: Dynamic,
        fields: Map,
        why: &str,
    ) -> CallResult<Written> {
        set_row(&context, &SET, None, menu, &row, &fields, why)
    }

    /// Removes a row, which is given as it was read, or by its id.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let row = mikrotik::rows(menu).filter(|row| row.comment != () && row.comment.contains("user=08"))[0];
    /// assert_eq(mikrotik::remove(menu, row).status, "planned");
    /// assert_eq(mikrotik::remove(menu, "*FFFFFF").status, "skipped");
    /// ```
    #[rhai_fn(name = "remove", return_raw)]
    pub fn remove(context: NativeCallContext, menu: &str, row: Dynamic) -> CallResult<Written> {
        remove_row(&context, &REMOVE, None, menu, &row, "")
    }

    /// Removes a row and says why.
    ///
    /// ```rhai
    /// try { mikrotik::remove("/ip/firewall/address-list", "4", "a number, not an id"); }
    /// catch (err) { assert_eq(err.kind, "invalid"); }
    /// ```
    #[rhai_fn(name = "remove", return_raw)]
    pub fn remove_why(
        context: NativeCallContext,
        menu: &str,
        row: Dynamic,
        why: &str,
    ) -> CallResult<Written> {
        remove_row(&context, &REMOVE, None, menu, &row, why)
    }

    /// Removes many rows, many at a time: an array of changes, in the order of the rows. `rows` are
    /// rows or an array of them; `why` says why, for the plan and the journal: one text for all rows,
    /// or an array with one for each.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let rows = mikrotik::rows(menu).filter(|row| row.comment != () && row.comment.contains("user=08"));
    /// let done = mikrotik::remove_all(menu, rows.take(2), "trying");
    /// assert_eq(change::count(done, "planned"), 2);
    /// ```
    #[rhai_fn(name = "remove_all", return_raw)]
    pub fn remove_all(
        context: NativeCallContext,
        menu: &str,
        rows: Dynamic,
        why: Dynamic,
    ) -> CallResult<Array> {
        remove_rows(&context, &REMOVE_ALL, None, menu, rows, why)
    }

    /// Those of `rows` that a guard would protect whatever a script asks: ip-bindings whose comment
    /// names a user, rows of address lists without a token, and what the site's file protects.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// assert_eq(mikrotik::guarded(menu, mikrotik::rows(menu)).len() > 0, true);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn guarded(context: NativeCallContext, menu: &str, rows: Rows) -> CallResult<Rows> {
        let host = call::host(&context)?;
        let menu = menu_of(menu).map_err(|error| error.at(&context).raise())?;
        let view = rows.resolve().map_err(HostError::raise)?;
        let is_protected = |index: &usize| {
            let fields = fields_of_row(&view.row(*index));
            host.planner().protection(&menu, &fields).is_some()
        };
        Ok(view.select((0..view.len()).filter(is_protected)))
    }
}

/// Adds `row`; a field without a value is left out.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn add_row(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Map,
    why: &str,
) -> CallResult<Written> {
    write(context, primitive, menu, |menu, text| {
        let mut fields = fields_of(row, text)?;
        let empty: Vec<String> = fields
            .iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in empty {
            fields.remove(&name);
        }
        Ok(Change::add(name_of(router), menu, fields, why))
    })
}

/// Sets `fields` of a row.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn set_row(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Dynamic,
    fields: &Map,
    why: &str,
) -> CallResult<Written> {
    write(context, primitive, menu, |menu, text| {
        let (id, seen) = row_of(row, text)?;
        let fields = fields_of(fields, text)?;
        Ok(Change::set(name_of(router), menu, &id, (seen, fields), why))
    })
}

/// Removes a row.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn remove_row(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Dynamic,
    why: &str,
) -> CallResult<Written> {
    write(context, primitive, menu, |menu, text| {
        let (id, seen) = row_of(row, text)?;
        Ok(Change::remove(name_of(router), menu, &id, seen, why))
    })
}

/// Removes many rows, for one reason or each for its own.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn remove_rows(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    rows: Dynamic,
    why: Dynamic,
) -> CallResult<Array> {
    let router = name_of(router);
    let text = call::host(context)?.router_text();
    let removals = || -> Result<Vec<Change>, HostError> {
        let menu = menu_of(menu)?;
        let remove = |((id, seen), why): ((String, Fields), String)| {
            Change::remove(router.clone(), &menu, &id, seen, &why)
        };
        let rows = rows_of(rows, text)?;
        let reasons = reasons(why, rows.len())?;
        Ok(rows.into_iter().zip(reasons).map(remove).collect())
    };
    let changes = removals().map_err(|error| error.at(context).raise())?;
    let written = call::record(context, primitive, changes)?;
    Ok(written.into_iter().map(Dynamic::from).collect())
}

/// One reason for each of `count` rows.
fn reasons(why: Dynamic, count: usize) -> Result<Vec<String>, HostError> {
    if let Some(text) = why.read_lock::<ImmutableString>() {
        return Ok(vec![text.to_string(); count]);
    }
    let reasons = why.into_array().unwrap_or_default();
    match reasons.len() == count {
        true => Ok(reasons.iter().map(ToString::to_string).collect()),
        false => Err(HostError::invalid(format!(
            "there are {} reasons for {count} rows",
            reasons.len()
        ))
        .hint("give one text, or an array with as many as there are rows")),
    }
}

fn rows_of(rows: Dynamic, text: RouterText) -> Result<Vec<(String, Fields)>, HostError> {
    if let Some(rows) = rows.read_lock::<Rows>() {
        let view = rows.resolve()?;
        let rows = view.iter().map(|row| row_of(&Dynamic::from(row), text));
        return rows.collect();
    }
    let type_name = type_of(&rows);
    let Ok(rows) = rows.into_array() else {
        let message = format!("many rows are rows or an array of them, not a {type_name}");
        return Err(HostError::invalid(message));
    };
    rows.iter().map(|row| row_of(row, text)).collect()
}

/// One change, made by `make`, as scripts see it.
fn write(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    menu: &str,
    make: impl FnOnce(&Menu, RouterText) -> Result<Change, HostError>,
) -> CallResult<Written> {
    let text = call::host(context)?.router_text();
    let change = menu_of(menu)
        .and_then(|menu| make(&menu, text))
        .map_err(|error| error.at(context).raise())?;
    let written = call::record(context, primitive, vec![change])?;
    // As many come back as went in.
    written.into_iter().next().ok_or_else(|| {
        HostError::new(Kind::Interrupted, "the change was stopped")
            .at(context)
            .raise()
    })
}
