//! `mikrotik::` rows of the router's menus, read and changed.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use routeros_api::{ClientError, Print, Query};

use crate::change::fields::Fields;
use crate::change::planned::Change;
use crate::grant::Service;
use crate::session::{RouterReader, Session, clock, router_kind};

use super::call::{self, CallResult};
use super::change::{self, Written};
use super::error::{HostError, Kind};
use super::rows::{Rows, Table};
use super::value::{Value, key_of, text_of};

/// A router of the site that has a name: `mikrotik::named("gw2")`.
#[derive(Clone)]
pub struct NamedRouter {
    name: ImmutableString,
}

/// Rows as the router sent them: fields are found in the bytes when they are touched.
struct RouterTable(routeros_api::Rows);

impl Table for RouterTable {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        Ok(self
            .0
            .get(row)
            .and_then(|row| row.get(field))
            .map_or(Value::Unit, |bytes| {
                Value::Text(text_of(bytes).into_owned())
            }))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (name, _) in self.0.get(row).into_iter().flat_map(|row| row.fields()) {
            let name = text_of(name).into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        if let Some(bytes) = self.0.get(row).and_then(|row| row.get(field)) {
            with(bytes);
        }
    }
}

/// Registers the type.
pub fn register(engine: &mut rhai::Engine) {
    engine.register_type_with_name::<NamedRouter>("Router");
}

/// The site's router, over the RouterOS API (MikroTik manual, "API"). Menus are written as in the
/// manual, `/ip/firewall/address-list`; fields as the router names them, `row["mac-address"]`; every
/// value is text, an absent one `()`. Bytes that are not UTF-8 show as `\xNN`.
#[export_module]
pub mod mikrotik_module {
    use super::*;

    /// All rows of a menu with all their fields. On large menus name the fields you need: the router
    /// computes every field it is not told to leave out.
    /// Fails with kind `refused` if the router says no, and with `unreachable`, `login_refused`,
    /// `timeout`, `disconnected` or `protocol` if it cannot be asked.
    ///
    /// ```rhai
    /// let identity = mikrotik::rows("/system/identity");
    /// assert_eq(identity.len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn rows(context: NativeCallContext, menu: &str) -> CallResult<Rows> {
        read(&context, None, menu, None, None)
    }

    /// The rows of a menu that `query` keeps. A map asks for equal values (`()`: the field is absent);
    /// an array holds the query words of MikroTik's manual ("API", queries), such as
    /// `["?list=blocked", "?comment", "?#&"]`. The router still looks at every row.
    ///
    /// ```rhai
    /// let rows = mikrotik::rows("/ip/firewall/address-list", #{ list: "klient_blocked" });
    /// assert(rows.len() > 0, "somebody is blocked");
    /// ```
    #[rhai_fn(name = "rows", return_raw)]
    pub fn rows_where(context: NativeCallContext, menu: &str, query: Dynamic) -> CallResult<Rows> {
        read(&context, None, menu, Some(query), None)
    }

    /// The rows of a menu that `query` keeps, with these fields only. The router may send more than
    /// was asked for, and leaves out what a row does not have.
    ///
    /// ```rhai
    /// let rows = mikrotik::rows("/ip/firewall/address-list", #{ list: "klient_blocked" },
    ///                           [".id", "address", "comment"]);
    /// assert(rows[0][".id"].starts_with("*"), "ids look like *1F");
    /// ```
    #[rhai_fn(name = "rows", return_raw)]
    pub fn rows_fields(
        context: NativeCallContext,
        menu: &str,
        query: Dynamic,
        fields: Array,
    ) -> CallResult<Rows> {
        read(&context, None, menu, Some(query), Some(fields))
    }

    /// The one row of a menu that `query` keeps, or `()`. It is waited for at once.
    /// Fails with kind `invalid` if there are several.
    ///
    /// ```rhai
    /// assert_eq(mikrotik::row("/ip/firewall/address-list", #{ list: "no such list" }), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn row(context: NativeCallContext, menu: &str, query: Dynamic) -> CallResult<Dynamic> {
        only(
            &context,
            &read(&context, None, menu, Some(query), None)?,
            menu,
        )
    }

    /// What the router takes for now, or `()` if it tells its time in no known form (MikroTik manual,
    /// "Clock").
    ///
    /// ```rhai
    /// assert(mikrotik::clock() - time::now() < 60, "the demo's router is on time");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn clock(context: NativeCallContext) -> CallResult<Dynamic> {
        let what = "the router's clock";
        call::value(&context, Service::Mikrotik, what, |session| async move {
            let router = open(&session, None).await?;
            Ok(clock::of_router(&router).await?.time.into())
        })
    }

    /// The name that this run logs in to the router with, for a look at its row of `/user`. Nothing
    /// is sent.
    ///
    /// ```rhai
    /// assert_eq(mikrotik::login_name(), "tikbook");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn login_name(context: NativeCallContext) -> CallResult<String> {
        let host = call::host(&context)?;
        Ok(host.session().router_user().to_owned())
    }

    /// How many rows a menu has, counted by the router.
    ///
    /// ```rhai
    /// assert(mikrotik::count("/ip/hotspot/ip-binding") > 0, "there are bindings");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn count(context: NativeCallContext, menu: &str) -> CallResult<Dynamic> {
        counted(&context, None, menu, None)
    }

    /// How many rows of a menu `query` keeps, counted by the router.
    ///
    /// ```rhai
    /// assert_eq(mikrotik::count("/ip/firewall/address-list", #{ list: "no such list" }), 0);
    /// ```
    #[rhai_fn(name = "count", return_raw)]
    pub fn count_where(
        context: NativeCallContext,
        menu: &str,
        query: Dynamic,
    ) -> CallResult<Dynamic> {
        counted(&context, None, menu, Some(query))
    }

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
        add_row(&context, None, menu, &row, "")
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
        add_row(&context, None, menu, &row, why)
    }

    /// Sets fields of a row, which is given as it was read, or by its id. A row that is not as it was
    /// read is left alone: `conflict`. `()` clears a field. Enabling, disabling and commenting are
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
        set_row(&context, None, menu, &row, &fields, "")
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
        set_row(&context, None, menu, &row, &fields, why)
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
        remove_row(&context, None, menu, &row, "")
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
        remove_row(&context, None, menu, &row, why)
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
        remove_rows(&context, None, menu, rows, why)
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
        let view = rows.resolve().map_err(HostError::raise)?;
        let is_protected = |index: &usize| {
            let fields = change::fields_of_row(&view.row(*index));
            host.gate().protection(menu, &fields).is_some()
        };
        Ok(view.select((0..view.len()).filter(is_protected)))
    }

    /// Another router of the site by its name in tikbook.toml; it has the same `rows`, `row` and
    /// `count`. Nothing is opened before the first of them.
    ///
    /// ```rhai
    /// let second = mikrotik::named("gw2");
    /// try { second.rows("/system/identity").len(); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    pub fn named(name: ImmutableString) -> NamedRouter {
        NamedRouter { name }
    }

    /// All rows of a menu of this router; see `mikrotik::rows`.
    ///
    /// ```rhai
    /// let rows = mikrotik::named("gw2");
    /// assert_eq(type_of(rows), "Router");
    /// ```
    #[rhai_fn(global, name = "rows", return_raw, pure)]
    pub fn named_rows(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
    ) -> CallResult<Rows> {
        read(&context, Some(router), menu, None, None)
    }

    /// The rows of a menu of this router that `query` keeps; see `mikrotik::rows`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.rows("/ip/arp", #{ dynamic: "true" }).len(); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "rows", return_raw, pure)]
    pub fn named_rows_where(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        query: Dynamic,
    ) -> CallResult<Rows> {
        read(&context, Some(router), menu, Some(query), None)
    }

    /// The rows of a menu of this router that `query` keeps, with these fields only; see
    /// `mikrotik::rows`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.rows("/ip/arp", #{}, ["address"]).len(); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "rows", return_raw, pure)]
    pub fn named_rows_fields(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        query: Dynamic,
        fields: Array,
    ) -> CallResult<Rows> {
        read(&context, Some(router), menu, Some(query), Some(fields))
    }

    /// The one row of a menu of this router that `query` keeps, or `()`; see `mikrotik::row`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.row("/system/identity", #{}); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "row", return_raw, pure)]
    pub fn named_row(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        query: Dynamic,
    ) -> CallResult<Dynamic> {
        let rows = read(&context, Some(router), menu, Some(query), None)?;
        only(&context, &rows, menu)
    }

    /// How many rows of a menu of this router `query` keeps; see `mikrotik::count`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.count("/ip/arp", #{}); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "count", return_raw, pure)]
    pub fn named_count(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        query: Dynamic,
    ) -> CallResult<Dynamic> {
        counted(&context, Some(router), menu, Some(query))
    }

    /// Adds a row to a menu of this router; see `mikrotik::add`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.add("/ip/firewall/address-list", #{ list: "a", address: "10.0.0.9" }, "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "add", return_raw, pure)]
    pub fn named_add(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        row: Map,
        why: &str,
    ) -> CallResult<Written> {
        add_row(&context, Some(router), menu, &row, why)
    }

    /// Sets fields of a row of this router; see `mikrotik::set`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.set("/ip/firewall/address-list", "*1", #{ disabled: true }, "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "set", return_raw, pure)]
    pub fn named_set(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        row: Dynamic,
        fields: Map,
        why: &str,
    ) -> CallResult<Written> {
        set_row(&context, Some(router), menu, &row, &fields, why)
    }

    /// Removes a row of this router; see `mikrotik::remove`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.remove("/ip/firewall/address-list", "*1", "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "remove", return_raw, pure)]
    pub fn named_remove(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        row: Dynamic,
        why: &str,
    ) -> CallResult<Written> {
        remove_row(&context, Some(router), menu, &row, why)
    }

    /// Removes many rows of this router; see `mikrotik::remove_all`.
    ///
    /// ```rhai
    /// assert_eq(mikrotik::named("gw2").remove_all("/ip/arp", [], "nothing to remove").len(), 0);
    /// ```
    #[rhai_fn(global, name = "remove_all", return_raw, pure)]
    pub fn named_remove_all(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        rows: Dynamic,
        why: Dynamic,
    ) -> CallResult<Array> {
        remove_rows(&context, Some(router), menu, rows, why)
    }
}

fn add_row(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Map,
    why: &str,
) -> CallResult<Written> {
    write(context, menu, || {
        let mut fields = change::fields_of(row)?;
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

fn set_row(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Dynamic,
    fields: &Map,
    why: &str,
) -> CallResult<Written> {
    write(context, menu, || {
        let (id, seen) = change::row_of(row)?;
        let fields = change::fields_of(fields)?;
        Ok(Change::set(name_of(router), menu, &id, (seen, fields), why))
    })
}

fn remove_row(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    row: &Dynamic,
    why: &str,
) -> CallResult<Written> {
    write(context, menu, || {
        let (id, seen) = change::row_of(row)?;
        Ok(Change::remove(name_of(router), menu, &id, seen, why))
    })
}

fn remove_rows(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    rows: Dynamic,
    why: Dynamic,
) -> CallResult<Array> {
    let router = name_of(router);
    let remove = |((id, seen), why): ((String, Fields), String)| {
        Change::remove(router.clone(), menu, &id, seen, &why)
    };
    let removals = || -> Result<Vec<Change>, HostError> {
        is_menu(menu)?;
        let rows = rows_of(rows)?;
        let reasons = reasons(why, rows.len())?;
        Ok(rows.into_iter().zip(reasons).map(remove).collect())
    };
    let changes = removals().map_err(|error| error.at(context).raise())?;
    let done = call::change(context, changes)?;
    let written = done.into_iter().map(Written::new);
    Ok(written.map(Dynamic::from).collect())
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

fn rows_of(rows: Dynamic) -> Result<Vec<(String, Fields)>, HostError> {
    if let Some(rows) = rows.read_lock::<Rows>() {
        let view = rows.resolve()?;
        let rows = view.iter().map(|row| change::row_of(&Dynamic::from(row)));
        return rows.collect();
    }
    let type_name = rows.type_name().to_owned();
    let Ok(rows) = rows.into_array() else {
        let message = format!("many rows are rows or an array of them, not a {type_name}");
        return Err(HostError::invalid(message));
    };
    rows.iter().map(change::row_of).collect()
}

/// One change: made by `make`, planned or carried out, as scripts see it.
fn write(
    context: &NativeCallContext,
    menu: &str,
    make: impl FnOnce() -> Result<Change, HostError>,
) -> CallResult<Written> {
    let change = is_menu(menu)
        .and_then(|()| make())
        .map_err(|error| error.at(context).raise())?;
    let done = call::change(context, vec![change])?;
    // As many outcomes come back as changes went in.
    let done = done.into_iter().next();
    done.map(Written::new).ok_or_else(|| {
        HostError::new(Kind::Interrupted, "the change was stopped")
            .at(context)
            .raise()
    })
}

fn name_of(router: Option<&mut NamedRouter>) -> Option<String> {
    router.map(|router| router.name.to_string())
}

fn is_menu(menu: &str) -> Result<(), HostError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_ ".contains(c);
    match menu.starts_with('/') && menu.chars().all(plain) {
        true => Ok(()),
        false => Err(HostError::invalid(format!("`{menu}` is not a menu"))
            .hint("write it like \"/ip/firewall/address-list\"")),
    }
}

fn read(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    query: Option<Dynamic>,
    fields: Option<Array>,
) -> CallResult<Rows> {
    let print = print(menu, query, fields).map_err(|error| error.at(context).raise())?;
    let name = router.map(|router| router.name.to_string());
    let what = format!("the router's {}", print.menu());
    call::rows(context, Service::Mikrotik, what, |session| async move {
        let rows = open(&session, name.as_deref())
            .await?
            .rows(&print)
            .await
            .map_err(HostError::from)?;
        Ok(Arc::new(RouterTable(rows)) as Arc<dyn Table>)
    })
}

fn counted(
    context: &NativeCallContext,
    router: Option<&mut NamedRouter>,
    menu: &str,
    query: Option<Dynamic>,
) -> CallResult<Dynamic> {
    let print = print(menu, query, None).map_err(|error| error.at(context).raise())?;
    let name = router.map(|router| router.name.to_string());
    let what = format!("the number of rows of the router's {}", print.menu());
    call::value(context, Service::Mikrotik, what, |session| async move {
        let count = open(&session, name.as_deref())
            .await?
            .count(&print)
            .await
            .map_err(HostError::from)?;
        Ok(Value::Int(INT::try_from(count).unwrap_or(INT::MAX)))
    })
}

async fn open(session: &Session, name: Option<&str>) -> Result<RouterReader, HostError> {
    Ok(session.router(name).await?)
}

fn only(context: &NativeCallContext, rows: &Rows, menu: &str) -> CallResult<Dynamic> {
    let view = rows.resolve().map_err(HostError::raise)?;
    match view.len() {
        0 => Ok(Dynamic::UNIT),
        1 => Ok(Dynamic::from(view.row(0))),
        count => Err(HostError::invalid(format!(
            "asked for one row of `{menu}` and found {count}"
        ))
        .on(Service::Mikrotik)
        .hint("narrow the query, or use mikrotik::rows")
        .at(context)
        .raise()),
    }
}

fn print(menu: &str, query: Option<Dynamic>, fields: Option<Array>) -> Result<Print, HostError> {
    is_menu(menu)?;
    let mut print = Print::new(menu);
    if let Some(query) = query.map(|query| query_of(&query)).transpose()?.flatten() {
        print = print.query(query);
    }
    if let Some(fields) = fields {
        print = print.fields(
            fields
                .iter()
                .map(field_name)
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    Ok(print)
}

/// A field's name as an array of fields may hold it: a comma would ask for two.
fn field_name(field: &Dynamic) -> Result<String, HostError> {
    field
        .read_lock::<ImmutableString>()
        .filter(|name| !name.is_empty() && !name.contains([',', '=']))
        .map(|name| name.to_string())
        .ok_or_else(|| HostError::invalid(format!("`{field}` is not the name of a field")))
}

fn query_of(query: &Dynamic) -> Result<Option<Query>, HostError> {
    if let Some(fields) = query.read_lock::<Map>() {
        return Ok(fields
            .iter()
            .map(|(name, value)| match value.is_unit() {
                true => Query::absent(name.as_str()),
                false => Query::equal(name.as_str(), key_of(value)),
            })
            .reduce(Query::and));
    }
    if let Some(words) = query.read_lock::<Array>() {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        return Query::parse(&words).map(Some).map_err(|error| {
            HostError::invalid("the query cannot be understood").caused_by(&error)
        });
    }
    Err(HostError::invalid(format!(
        "a query is a map of fields or an array of query words, not `{}`",
        query.type_name()
    )))
}

impl From<ClientError> for HostError {
    fn from(error: ClientError) -> Self {
        let mut host = Self::new(Kind::from_word(router_kind(&error)), error.to_string());
        if let Some(cause) = std::error::Error::source(&error) {
            host = host.caused_by(cause);
        }
        host.hint = error.hint().map(str::to_owned);
        host.on(Service::Mikrotik)
    }
}
