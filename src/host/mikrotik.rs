//! `mikrotik::` rows of the router's menus.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use routeros_api::{ClientError, Print, Query, Router};

use crate::grant::Service;
use crate::session::{Session, router_kind};

use super::call::{self, CallResult};
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

async fn open(session: &Session, name: Option<&str>) -> Result<Arc<Router>, HostError> {
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
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_ ".contains(c);
    if !menu.starts_with('/') || !menu.chars().all(plain) {
        return Err(HostError::invalid(format!("`{menu}` is not a menu"))
            .hint("write it like \"/ip/firewall/address-list\""));
    }
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
