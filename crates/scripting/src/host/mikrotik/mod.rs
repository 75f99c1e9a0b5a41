//! `mikrotik::` rows of the router's menus, read and changed.

mod arguments;
pub mod command;
mod named;
mod place;
mod write;

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString};
use routeros_schema::schema;
use routeros_schema::{Kind, MenuSchema, RouterText};
use session::router::{Row, RowRef};

use session::router;
use site::config::Service;
use wording::bytes::shown;

use super::call;
use super::error::{CallResult, HostError};
use super::primitive::{Declaration, Declared, primitives};
use super::readers::Routers;
use super::rows::{Rows, Table};
use super::secret::{self, Secret};
use super::value::Value;

pub use arguments::menu_of;
use arguments::print;

/// A router of the site that has a name: `mikrotik::named("gw2")`.
#[derive(Clone)]
pub struct NamedRouter {
    name: ImmutableString,
}

/// Rows as the router sent them: fields are found in the bytes when they are touched.
struct RouterTable {
    rows: router::Rows,
    /// What a command returned beside them, as a row after them.
    returned: Option<router::Row>,
    /// What is known of the menu.
    schema: Option<&'static MenuSchema>,
    text: RouterText,
}

impl RouterTable {
    fn row(&self, index: usize) -> Option<RowRef<'_>> {
        let returned = self.returned.as_ref().filter(|_| index == self.rows.len());
        self.rows.get(index).or(returned.map(Row::borrow))
    }

    fn is_secret(&self, field: &str) -> bool {
        let known = self.schema.map(|schema| schema.kind(field));
        routeros_schema::is_secret(field) || known.is_some_and(|kind| kind.is_secret())
    }
}

impl Table for RouterTable {
    fn len(&self) -> usize {
        self.rows.len() + usize::from(self.returned.is_some())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a row's secret is hidden by its type"
    )]
    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let Some(bytes) = self.row(row).and_then(|row| row.get(field)) else {
            return Ok(Value::Unit);
        };
        let text = self.text.read(bytes).into_owned();
        Ok(match self.is_secret(field) {
            true => Value::Secret(Secret::unlisted(text)),
            false => Value::Text(text),
        })
    }

    fn fields(&self, row: usize) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (name, _) in self.row(row).into_iter().flat_map(|row| row.fields()) {
            let name = shown(name).into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        if let Some(bytes) = self.row(row).and_then(|row| row.get(field)) {
            with(bytes);
        }
    }

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&str)) {
        self.with_bytes(row, field, &mut |bytes| with(&self.text.read(bytes)));
    }

    fn kind(&self, field: &str) -> Kind {
        match self.schema {
            _ if self.is_secret(field) => Kind::Secret,
            Some(schema) => schema.kind(field),
            None => Kind::Text,
        }
    }

    fn misspelt(&self, field: &str) -> Option<&'static str> {
        let schema = self.schema.filter(|schema| schema.field(field).is_none())?;
        let meant = schema.misspelt_field(field)?;
        let mut rows = self.rows.iter();
        (!rows.any(|row| row.get(field).is_some())).then_some(meant)
    }
}

/// Registers the type.
pub fn register(engine: &mut rhai::Engine) {
    engine.register_type_with_name::<NamedRouter>("Router");
    secret::register(engine);
}

/// The whole namespace: the primitives of this file and of the folder's.
pub fn module() -> Module {
    let mut module = exported_module!(mikrotik_module);
    combine_with_exported_module!(&mut module, "write", write::write_module);
    combine_with_exported_module!(&mut module, "place", place::place_module);
    combine_with_exported_module!(&mut module, "command", command::command_module);
    combine_with_exported_module!(&mut module, "named", named::named_module);
    module
}

/// What the primitives of the whole namespace declare.
pub const DECLARATIONS: &[&[Declaration]] = &[
    PRIMITIVES,
    write::PRIMITIVES,
    place::PRIMITIVES,
    command::PRIMITIVES,
    named::PRIMITIVES,
];

primitives! {
    ROWS: Routers = reads rows(Menu);
    _: Routers = reads rows(Menu, Query);
    _: Routers = reads rows(Menu, Query, FieldNames);
    ROW: Routers = reads row(Menu, Query);
    CLOCK: Routers = measures clock();
    LOGIN_NAME: Routers = reads login_name();
    COUNT: Routers = reads count(Menu);
    _: Routers = reads count(Menu, Query);
}

/// The site's router, over the RouterOS API (MikroTik manual, "API"). Menus are written as in the
/// manual, `/ip/firewall/address-list`; fields as the router names them, `row["mac-address"]`; every
/// value is text, an absent one `()`. Texts are read and written in the site's `router_text`; a byte
/// that it does not have shows as `\xNN`, and is written as that byte again. Passwords, keys and
/// other secrets are values of their own, which are compared, looked for and written like text, and
/// print as `***`.
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
        read(&context, &ROWS, None, menu, None, None)
    }

    /// The rows of a menu that `query` keeps. A map asks for equal values (`()`: the field is absent,
    /// an array: any of them); an array holds the query words of MikroTik's manual ("API", queries),
    /// such as `["?list=blocked", "?comment", "?#&"]`. The router still looks at every row, and knows
    /// neither parts of texts nor networks: `rows.filter` and `rows.where` do.
    /// Fails with kind `invalid` for a field that the menu does not have, which would match nothing.
    ///
    /// ```rhai
    /// let rows = mikrotik::rows("/ip/firewall/address-list", #{ list: "klient_blocked" });
    /// assert(rows.len() > 0, "somebody is blocked");
    /// ```
    #[rhai_fn(name = "rows", return_raw)]
    pub fn rows_where(context: NativeCallContext, menu: &str, query: Dynamic) -> CallResult<Rows> {
        read(&context, &ROWS, None, menu, Some(query), None)
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
        read(&context, &ROWS, None, menu, Some(query), Some(fields))
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
            &read(&context, &ROW, None, menu, Some(query), None)?,
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
        call::value(&context, &CLOCK, what, |routers| async move {
            let router = routers.open().await?;
            Ok(router.clock().await?.time.into())
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
        call::known(&context, &LOGIN_NAME, |routers| {
            routers.login_name().to_owned()
        })
    }

    /// How many rows a menu has, counted by the router.
    ///
    /// ```rhai
    /// assert(mikrotik::count("/ip/hotspot/ip-binding") > 0, "there are bindings");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn count(context: NativeCallContext, menu: &str) -> CallResult<Dynamic> {
        counted(&context, &COUNT, None, menu, None)
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
        counted(&context, &COUNT, None, menu, Some(query))
    }
}

fn read(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    query: Option<Dynamic>,
    fields: Option<Array>,
) -> CallResult<Rows> {
    let invalid = |error: HostError| error.at(context).raise();
    let text = call::host(context)?.router_text();
    let menu = menu_of(menu).map_err(invalid)?;
    let print = print(&menu, query, fields, text).map_err(invalid)?;
    let name = name_of(router);
    let what = format!("the router's {}", print.menu());
    call::rows(context, primitive, what, |routers| async move {
        let rows = routers
            .named(name.as_deref())
            .await?
            .rows(&print)
            .await
            .map_err(HostError::from)?;
        let schema = schema::menu(&menu);
        Ok(Arc::new(RouterTable {
            rows,
            returned: None,
            schema,
            text,
        }) as Arc<dyn Table>)
    })
}

fn counted(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    menu: &str,
    query: Option<Dynamic>,
) -> CallResult<Dynamic> {
    let text = call::host(context)?.router_text();
    let print = menu_of(menu)
        .and_then(|menu| print(&menu, query, None, text))
        .map_err(|error| error.at(context).raise())?;
    let name = name_of(router);
    let what = format!("the number of rows of the router's {}", print.menu());
    call::value(context, primitive, what, |routers| async move {
        let count = routers
            .named(name.as_deref())
            .await?
            .count(&print)
            .await
            .map_err(HostError::from)?;
        Ok(Value::Int(INT::try_from(count).unwrap_or(INT::MAX)))
    })
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

/// The name of a router that has one; the site's own has none.
fn name_of(router: Option<&mut NamedRouter>) -> Option<String> {
    router.map(|router| router.name.to_string())
}
