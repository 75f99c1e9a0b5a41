//! Changes of rows: added, set, removed.

use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Map};
use routeros_schema::{Menu, MenuSchema, RouterText, schema};

use super::super::call;
use super::super::dynamic::type_of;
use super::super::error::{CallResult, HostError, Kind};
use super::super::given::{fields_of, fields_of_row, row_of};
use super::super::primitive::{Declared, primitives};
use super::super::readers::Routers;
use super::super::rows::Rows;
use super::super::words;
use super::super::written::Written;
use super::arguments::menu_of;
use super::place::{planned_row, remove_planned, set_planned};
use super::{NamedRouter, name_of};
use plan::change::Change;
use plan::ensure::{Ensure, Renew};
use plan::fields::Fields;
use plan::menu::{can_be_unset, time_left};
use plan::row::At;
use site::grant::Target;
use wording::near::nearest;

primitives! {
    ADD: Routers = writes add(Menu, Fields);
    _: Routers = writes add(Menu, Fields, Reason);
    SET: Routers = writes set(Menu, Row, Fields);
    _: Routers = writes set(Menu, Row, Fields, Reason);
    _: Routers = writes set(Menu, Fields);
    ENSURE: Routers = writes ensure(Menu, Fields);
    _: Routers = writes ensure(Menu, Fields, Value);
    ADD_ALL: Routers = writes add_all(Menu, Value, Reason);
    SET_ALL: Routers = writes set_all(Menu, Value, Fields, Reason);
    ENSURE_ALL: Routers = writes ensure_all(Menu, Value, Value);
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
    /// that cannot be made, later ones of the same row or key are not made either. `()` takes the value of
    /// a field away, in the way that the field needs: by an empty value, by a word such as `none`, or by
    /// the menu's `unset`; kind `invalid` for a field that must have one. In the place of a row the change
    /// can be given that adds it in this run: it is then added with these fields. Enabling, disabling and
    /// commenting are fields as well: `#{ disabled: true }`, `#{ comment: "…" }`.
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

    /// Sets fields of the one row of a menu that has only one, such as `/ip/dns` or `/system/identity`.
    /// Where a row is asked for `()` says the same: `mikrotik::set(menu, (), fields, why)`. Fails with kind
    /// `invalid` for a menu that has many rows.
    ///
    /// ```rhai
    /// let menu = "/system/identity";
    /// assert_eq(mikrotik::set(menu, #{ name: "gw-2" }).status, "planned");
    /// assert_eq(mikrotik::set(menu, (), #{ name: "gw-3" }, "it moved").why, "it moved");
    /// ```
    #[rhai_fn(name = "set", return_raw)]
    pub fn set_only(context: NativeCallContext, menu: &str, fields: Map) -> CallResult<Written> {
        set_row(&context, &SET, None, menu, &Dynamic::UNIT, &fields, "")
    }

    /// Makes sure that a row is there and is so: it is added where no row has its key, of a row that is
    /// there the fields that are given and differ are set, and one that is off is turned on. Nothing is
    /// planned where all of it is so (`skipped`). `()` says that a field has no value.
    ///
    /// A row with a `timeout` is renewed when less than half of it is left. A row that ends by itself and
    /// is given without a `timeout` is replaced by one that lasts; one that lasts and is given with one
    /// stays, and is `skipped` with the reason, if nothing else of it is to be set. Fields that the router
    /// never shows are set each time. Kind `invalid` where rows of the menu have no natural key, or the
    /// row lacks it.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let row = #{ list: "vip", address: "10.0.0.9", timeout: "1d" };
    /// let added = mikrotik::ensure(menu, row);
    /// assert_eq([added.status, added.action], ["planned", "add"]);
    /// ```
    #[rhai_fn(name = "ensure", return_raw)]
    pub fn ensure(context: NativeCallContext, menu: &str, row: Map) -> CallResult<Written> {
        ensure_row(&context, &ENSURE, None, menu, &row, &Map::new())
    }

    /// Makes sure that a row is there and is so. `options` is a map: `why` says why, for the plan and the
    /// journal; `renew` says when the time of a row begins anew: where less is left than a length such as
    /// `"6h"`, or `"always"`; `shorten: true` makes a row end that lasts, or that lasts longer.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let row = #{ list: "vip", address: "10.0.0.9", timeout: "1d" };
    /// let options = #{ why: "a guest of honour", renew: "6h", shorten: true };
    /// assert_eq(mikrotik::ensure(menu, row, options).why, "a guest of honour");
    /// ```
    #[rhai_fn(name = "ensure", return_raw)]
    pub fn ensure_with(
        context: NativeCallContext,
        menu: &str,
        row: Map,
        options: Map,
    ) -> CallResult<Written> {
        ensure_row(&context, &ENSURE, None, menu, &row, &options)
    }

    /// Adds many rows: an array of changes, in the order of the rows. `rows` is an array of maps; `why`
    /// is one text for all rows, or an array with one for each.
    ///
    /// ```rhai
    /// let rows = ["10.0.0.8", "10.0.0.9"].map(|address| #{ list: "vip", address: address });
    /// let added = mikrotik::add_all("/ip/firewall/address-list", rows, "guests of honour");
    /// assert_eq(change::count(added, "planned"), 2);
    /// ```
    #[rhai_fn(name = "add_all", return_raw)]
    pub fn add_all(
        context: NativeCallContext,
        menu: &str,
        rows: Array,
        why: Dynamic,
    ) -> CallResult<Array> {
        add_rows(&context, &ADD_ALL, None, menu, &rows, why)
    }

    /// Sets the same fields of many rows: an array of changes, in the order of the rows. `rows` are rows
    /// or an array of them; `why` is one text for all rows, or an array with one for each.
    ///
    /// ```rhai
    /// let menu = "/ip/firewall/address-list";
    /// let rows = mikrotik::rows(menu).filter(|row| row.comment != () && row.comment.contains("user=08"));
    /// let set = mikrotik::set_all(menu, rows.take(2), #{ disabled: true }, "trying");
    /// assert_eq(change::count(set, "planned"), 2);
    /// ```
    #[rhai_fn(name = "set_all", return_raw)]
    pub fn set_all(
        context: NativeCallContext,
        menu: &str,
        rows: Dynamic,
        fields: Map,
        why: Dynamic,
    ) -> CallResult<Array> {
        set_rows(&context, &SET_ALL, None, menu, rows, &fields, why)
    }

    /// Makes sure of many rows, each as `ensure` does with these options: an array of changes, in the
    /// order of the rows. `rows` is an array of maps.
    ///
    /// ```rhai
    /// let rows = ["10.0.0.8", "10.0.0.9"].map(|address| #{ list: "vip", address: address });
    /// let ensured = mikrotik::ensure_all("/ip/firewall/address-list", rows, #{ why: "guests" });
    /// assert_eq(change::count(ensured, "planned"), 2);
    /// ```
    #[rhai_fn(name = "ensure_all", return_raw)]
    pub fn ensure_all(
        context: NativeCallContext,
        menu: &str,
        rows: Array,
        options: Map,
    ) -> CallResult<Array> {
        ensure_rows(&context, &ENSURE_ALL, None, menu, &rows, &options)
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
    /// names a user, rows of address lists without a token (but for those of the portal's own form
    /// `lpsaring:unauthorized …`), and what the site's file protects. Of these
    /// only the bindings can be set, as long as they go on naming the same user for the same device: their
    /// `type`, `address`, `to-address`, `server` and `disabled`, and of a comment what is no `uid=`,
    /// `user_id=` or `user=`.
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
        let row = added_fields(row, text)?;
        Ok(Change::add(name_of(router), menu, row, why))
    })
}

/// Adds many rows, for one reason or each for its own.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn add_rows(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    rows: &Array,
    why: Dynamic,
) -> CallResult<Array> {
    let router = name_of(router);
    write_all(context, primitive, menu, |menu, text| {
        let add = |(row, why): (Map, String)| {
            let row = added_fields(&row, text)?;
            Ok(Change::add(router.clone(), menu, row, &why))
        };
        let reasons = reasons(why, rows.len())?;
        maps_of(rows)?.into_iter().zip(reasons).map(add).collect()
    })
}

/// The fields of a row that is to be added: those that have a value.
fn added_fields(row: &Map, text: RouterText) -> Result<Fields, HostError> {
    Ok(fields_of(row, text)?.with_a_value())
}

/// Makes sure of a row.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn ensure_row(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Map,
    options: &Map,
) -> CallResult<Written> {
    write(context, primitive, menu, |menu, text| {
        let (ensure, why) = options_of(options)?;
        ensured(name_of(router), menu, (row, text), ensure, &why)
    })
}

/// Makes sure of many rows.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn ensure_rows(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    rows: &Array,
    options: &Map,
) -> CallResult<Array> {
    let router = name_of(router);
    write_all(context, primitive, menu, |menu, text| {
        let (ensure, why) = options_of(options)?;
        let ensured = |row: Map| ensured(router.clone(), menu, (&row, text), ensure, &why);
        maps_of(rows)?.into_iter().map(ensured).collect()
    })
}

fn ensured(
    router: Option<String>,
    menu: &Menu,
    (row, text): (&Map, RouterText),
    ensure: Ensure,
    why: &str,
) -> Result<Change, HostError> {
    let row = set_fields(menu, row, text)?;
    let change = Change::ensure(router, menu, row, ensure, why);
    change.map_err(|why| HostError::invalid(why.to_string()))
}

/// How `options` want a row to be made sure of, and why.
fn options_of(options: &Map) -> Result<(Ensure, String), HostError> {
    const KNOWN: [&str; 3] = ["why", "renew", "shorten"];
    let wrong = |name: &str, value: &Dynamic, hint: &str| {
        let message = format!("the option `{name}` cannot be `{value}`");
        HostError::invalid(message).hint(hint)
    };
    let (mut ensure, mut why) = (Ensure::default(), String::new());
    for (name, value) in options {
        let text = value
            .read_lock::<ImmutableString>()
            .map(|text| text.to_string());
        match (name.as_str(), text) {
            ("why", Some(text)) => why = text,
            ("why", None) => return Err(wrong(name, value, "give a text")),
            ("renew", text) => {
                let hint = "give a length of time such as \"6h\", or \"always\"";
                let renew = text.as_deref().and_then(renew_of);
                ensure.renew = renew.ok_or_else(|| wrong(name, value, hint))?;
            }
            ("shorten", _) => {
                let shorten = value.as_bool();
                let hint = "give true or false";
                ensure.shorten = shorten.map_err(|_| wrong(name, value, hint))?;
            }
            (unknown, _) => {
                let error = HostError::invalid(format!("there is no option `{unknown}`"));
                return Err(match nearest(unknown, KNOWN) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("there are `why`, `renew` and `shorten`"),
                });
            }
        }
    }
    Ok((ensure, why))
}

fn renew_of(text: &str) -> Option<Renew> {
    match text {
        "always" => Some(Renew::Always),
        length => {
            let length = wording::duration::parse(length).ok()?;
            Some(Renew::Below(length.as_secs()))
        }
    }
}

/// The rows that an array of maps describes.
fn maps_of(rows: &Array) -> Result<Vec<Map>, HostError> {
    let map = |row: &Dynamic| {
        row.read_lock::<Map>()
            .map(|row| row.clone())
            .ok_or_else(|| {
                let message = format!(
                    "a row to be written is a map of fields, not a {}",
                    type_of(row)
                );
                HostError::invalid(message)
            })
    };
    rows.iter().map(map).collect()
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
    if let Some(added) = planned_row(row) {
        return set_planned(context, router, menu, added, fields);
    }
    write(context, primitive, menu, |menu, text| {
        if row.is_unit() {
            let fields = only_row_fields(menu, fields, text)?;
            let seen = Fields::default();
            return Ok(Change::set(
                name_of(router),
                menu,
                At::Only,
                (seen, fields),
                why,
            ));
        }
        let (id, seen) = row_of(row, text)?;
        let fields = kept_fields(menu, fields, text)?;
        Ok(Change::set(
            name_of(router),
            menu,
            At::row(&id),
            (seen, fields),
            why,
        ))
    })
}

/// Sets `fields` of many rows, for one reason or each for its own.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::record`].
pub fn set_rows(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    rows: Dynamic,
    fields: &Map,
    why: Dynamic,
) -> CallResult<Array> {
    let router = name_of(router);
    write_all(context, primitive, menu, |menu, text| {
        let fields = kept_fields(menu, fields, text)?;
        let set = |((id, seen), why): ((String, Fields), String)| {
            let fields = (seen, fields.clone());
            Change::set(router.clone(), menu, At::row(&id), fields, &why)
        };
        let rows = rows_of(rows, text)?;
        let reasons = reasons(why, rows.len())?;
        Ok(rows.into_iter().zip(reasons).map(set).collect())
    })
}

/// The fields that the one row of a menu is to get.
fn only_row_fields(menu: &Menu, fields: &Map, text: RouterText) -> Result<Fields, HostError> {
    let is_one = schema::menu(menu).is_none_or(MenuSchema::is_singleton);
    match is_one {
        true => set_fields(menu, fields, text),
        false => {
            let message = format!("{menu} has many rows: which one is to be set?");
            let hint = "give the row, or its id, before the fields";
            Err(HostError::invalid(message).hint(hint))
        }
    }
}

/// The fields that a row is to get, none of which must lose a value that it cannot be without.
/// The same of a row that is there, which stays one that ends by itself, or one that lasts.
fn kept_fields(menu: &Menu, fields: &Map, text: RouterText) -> Result<Fields, HostError> {
    let fields = set_fields(menu, fields, text)?;
    let time = time_left(menu).filter(|name| fields.get(name).is_some_and(<[u8]>::is_empty));
    let Some(name) = time else {
        return Ok(fields);
    };
    let message = format!("the router takes no `{name}` away: a row that lasts is another row");
    let hint =
        format!("give the row without `{name}` to mikrotik::ensure, which puts one in its place");
    Err(HostError::invalid(message).hint(hint))
}

/// The fields that a row is set to: those that must have a value have one.
///
/// # Errors
/// Kind `invalid`.
pub fn set_fields(menu: &Menu, fields: &Map, text: RouterText) -> Result<Fields, HostError> {
    let fields = fields_of(fields, text)?;
    let needs_one = |(name, value): &(&str, &[u8])| value.is_empty() && !can_be_unset(menu, name);
    let needs_one = fields
        .iter()
        .find(needs_one)
        .map(|(name, _)| name.to_owned());
    let Some(name) = needs_one else {
        return Ok(fields);
    };
    let message = format!("the field `{name}` of {menu} cannot be without a value");
    Err(HostError::invalid(message).hint("set it to a value"))
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
    if let Some(added) = planned_row(row) {
        return remove_planned(context, router, menu, added);
    }
    write(context, primitive, menu, |menu, text| {
        let (id, seen) = row_of(row, text)?;
        Ok(Change::remove(
            name_of(router),
            menu,
            At::known(Some(id)),
            seen,
            why,
        ))
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
    write_all(context, primitive, menu, |menu, text| {
        let remove = |((id, seen), why): ((String, Fields), String)| {
            Change::remove(router.clone(), menu, At::known(Some(id)), seen, &why)
        };
        let rows = rows_of(rows, text)?;
        let reasons = reasons(why, rows.len())?;
        Ok(rows.into_iter().zip(reasons).map(remove).collect())
    })
}

/// One reason for each of `count` rows.
fn reasons(why: Dynamic, count: usize) -> Result<Vec<String>, HostError> {
    if let Some(said) = words::said(&why) {
        return Ok(vec![said.to_string(); count]);
    }
    let reason =
        |why: &Dynamic| words::said(why).map_or_else(|| why.to_string(), |said| said.to_string());
    let reasons = why.into_array().unwrap_or_default();
    match reasons.len() == count {
        true => Ok(reasons.iter().map(reason).collect()),
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
pub fn write(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    menu: &str,
    make: impl FnOnce(&Menu, RouterText) -> Result<Change, HostError>,
) -> CallResult<Written> {
    let written = record(context, primitive, menu, |menu, text| {
        make(menu, text).map(|change| vec![change])
    })?;
    // As many come back as went in.
    written.into_iter().next().ok_or_else(|| {
        HostError::new(Kind::Interrupted, "the change was stopped")
            .at(context)
            .raise()
    })
}

/// Changes, made by `make`, as scripts see them.
fn write_all(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    menu: &str,
    make: impl FnOnce(&Menu, RouterText) -> Result<Vec<Change>, HostError>,
) -> CallResult<Array> {
    let written = record(context, primitive, menu, make)?;
    Ok(written.into_iter().map(Dynamic::from).collect())
}

/// Are the fields that a change writes spelled as those of the menu? One that nobody knows may be of a
/// newer router, and one that the row has is there.
fn spelled(menu: &Menu, change: &Change) -> Result<(), HostError> {
    let Some(schema) = routeros_schema::schema::menu(menu) else {
        return Ok(());
    };
    let is_there = |name: &str| {
        let row = change.before();
        schema.field(name).is_some() || row.is_some_and(|row| row.get(name).is_some())
    };
    let written = change.after().into_iter().flat_map(Fields::iter);
    let mut names = written.map(|(name, _)| name).filter(|name| !is_there(name));
    let slip = names.find_map(|name| Some((name, schema.misspelt_field(name)?)));
    slip.map_or(Ok(()), |(name, meant)| {
        let error = HostError::invalid(format!("{menu} has no field `{name}`"));
        Err(error.hint(format!("did you mean `{meant}`?")))
    })
}

fn record(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    menu: &str,
    make: impl FnOnce(&Menu, RouterText) -> Result<Vec<Change>, HostError>,
) -> CallResult<Vec<Written>> {
    let host = call::host(context)?;
    let changes = menu_of(menu).and_then(|menu| {
        host.may_plan(&Target::Menu(menu.clone()))?;
        let changes = make(&menu, host.router_text())?;
        changes
            .iter()
            .try_for_each(|change| spelled(&menu, change))?;
        Ok(changes)
    });
    let changes = changes.map_err(|error| error.at(context).raise())?;
    call::record(context, primitive, changes)
}
