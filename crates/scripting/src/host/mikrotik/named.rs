//! Routers of the site that have a name.

use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::super::error::CallResult;
use super::super::primitive::primitives;
use super::super::readers::Routers;
use super::super::rows::Rows;
use super::super::written::Written;
use super::command::send;
use super::place::move_row;
use super::write::{
    add_row, add_rows, ensure_row, ensure_rows, remove_row, remove_rows, set_row, set_rows,
};
use super::{NamedRouter, counted, only, read};

primitives! {
    _: Routers = plain named(Router);
    ROWS: Routers = reads rows(Value, Menu);
    _: Routers = reads rows(Value, Menu, Query);
    _: Routers = reads rows(Value, Menu, Query, FieldNames);
    ROW: Routers = reads row(Value, Menu, Query);
    COUNT: Routers = reads count(Value, Menu, Query);
    ADD: Routers = writes add(Value, Menu, Fields, Reason);
    SET: Routers = writes set(Value, Menu, Row, Fields, Reason);
    _: Routers = writes set(Value, Menu, Fields, Reason);
    ENSURE: Routers = writes ensure(Value, Menu, Fields, Value);
    ADD_ALL: Routers = writes add_all(Value, Menu, Value, Reason);
    SET_ALL: Routers = writes set_all(Value, Menu, Value, Fields, Reason);
    ENSURE_ALL: Routers = writes ensure_all(Value, Menu, Value, Value);
    REMOVE: Routers = writes remove(Value, Menu, Row, Reason);
    REMOVE_ALL: Routers = writes remove_all(Value, Menu, Value, Reason);
    MOVE: Routers = writes move(Value, Menu, Row, Row, Reason);
    COMMAND: Routers = writes command(Value, Menu, Verb, Arguments);
    _: Routers = writes command(Value, Menu, Verb, Arguments, Reason);
}

/// How scripts read and change rows of a router by its name.
#[export_module]
pub mod named_module {
    use super::*;

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
        read(&context, &ROWS, Some(router), menu, None, None)
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
        read(&context, &ROWS, Some(router), menu, Some(query), None)
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
        read(
            &context,
            &ROWS,
            Some(router),
            menu,
            Some(query),
            Some(fields),
        )
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
        let rows = read(&context, &ROW, Some(router), menu, Some(query), None)?;
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
        counted(&context, &COUNT, Some(router), menu, Some(query))
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
        add_row(&context, &ADD, Some(router), menu, &row, why)
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
        set_row(&context, &SET, Some(router), menu, &row, &fields, why)
    }

    /// Sets fields of the one row of a menu of this router that has only one; see `mikrotik::set`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.set("/system/identity", #{ name: "gw-2" }, "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "set", return_raw, pure)]
    pub fn named_set_only(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        fields: Map,
        why: &str,
    ) -> CallResult<Written> {
        set_row(
            &context,
            &SET,
            Some(router),
            menu,
            &Dynamic::UNIT,
            &fields,
            why,
        )
    }

    /// Makes sure that a row of this router is there and is so; see `mikrotik::ensure`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// let row = #{ list: "a", address: "10.0.0.9" };
    /// try { router.ensure("/ip/firewall/address-list", row, #{ why: "a guest" }); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "ensure", return_raw, pure)]
    pub fn named_ensure(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        row: Map,
        options: Map,
    ) -> CallResult<Written> {
        ensure_row(&context, &ENSURE, Some(router), menu, &row, &options)
    }

    /// Adds many rows to a menu of this router; see `mikrotik::add_all`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.add_all("/ip/firewall/address-list", [#{ list: "a", address: "10.0.0.9" }], "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "add_all", return_raw, pure)]
    pub fn named_add_all(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        rows: Array,
        why: Dynamic,
    ) -> CallResult<Array> {
        add_rows(&context, &ADD_ALL, Some(router), menu, &rows, why)
    }

    /// Sets the same fields of many rows of this router; see `mikrotik::set_all`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.set_all("/ip/firewall/address-list", ["*1"], #{ disabled: true }, "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "set_all", return_raw, pure)]
    pub fn named_set_all(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        rows: Dynamic,
        fields: Map,
        why: Dynamic,
    ) -> CallResult<Array> {
        set_rows(&context, &SET_ALL, Some(router), menu, rows, &fields, why)
    }

    /// Makes sure of many rows of this router; see `mikrotik::ensure_all`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.ensure_all("/ip/firewall/address-list", [#{ list: "a", address: "10.0.0.9" }], #{}); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "ensure_all", return_raw, pure)]
    pub fn named_ensure_all(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        rows: Array,
        options: Map,
    ) -> CallResult<Array> {
        ensure_rows(&context, &ENSURE_ALL, Some(router), menu, &rows, &options)
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
        remove_row(&context, &REMOVE, Some(router), menu, &row, why)
    }

    /// Removes many rows of this router; see `mikrotik::remove_all`.
    ///
    /// ```rhai
    /// assert_eq(mikrotik::named("gw2").remove_all("/ip/firewall/address-list", [], "none").len(), 0);
    /// ```
    #[rhai_fn(global, name = "remove_all", return_raw, pure)]
    pub fn named_remove_all(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        rows: Dynamic,
        why: Dynamic,
    ) -> CallResult<Array> {
        remove_rows(&context, &REMOVE_ALL, Some(router), menu, rows, why)
    }

    /// Moves a row of this router before another one; see `mikrotik::move`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.move("/ip/hotspot/walled-garden", "*1", "*2", "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "move", return_raw, pure)]
    pub fn named_move(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        row: Dynamic,
        before: Dynamic,
        why: &str,
    ) -> CallResult<Written> {
        move_row(&context, &MOVE, Some(router), menu, (&row, &before), why)
    }

    /// Sends a command to this router, or plans it; see `mikrotik::command`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.command("/", "ping", #{ address: "10.20.0.11", count: 2 }).len(); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "command", return_raw, pure)]
    pub fn named_command(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        verb: &str,
        arguments: Map,
    ) -> CallResult<Dynamic> {
        send(
            &context,
            &COMMAND,
            Some(router),
            (menu, verb),
            &arguments,
            "",
        )
    }

    /// Sends a command to this router, or plans it, and says why; see `mikrotik::command`.
    ///
    /// ```rhai
    /// let router = mikrotik::named("gw2");
    /// try { router.command("/system", "reboot", #{}, "why"); }
    /// catch (err) { assert_eq(err.kind, "not_configured"); }
    /// ```
    #[rhai_fn(global, name = "command", return_raw, pure)]
    pub fn named_command_why(
        context: NativeCallContext,
        router: &mut NamedRouter,
        menu: &str,
        verb: &str,
        arguments: Map,
        why: &str,
    ) -> CallResult<Dynamic> {
        send(
            &context,
            &COMMAND,
            Some(router),
            (menu, verb),
            &arguments,
            why,
        )
    }
}
