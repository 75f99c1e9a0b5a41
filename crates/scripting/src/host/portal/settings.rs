//! Primitives for the portal's settings.

use bigdecimal::num_bigint::BigInt;
use rhai::plugin::*;
use rhai::{Dynamic, INT};

use super::super::call;
use super::super::decimal::Decimal;
use super::super::error::CallResult;
use super::super::primitive::{Declared, primitives};
use super::super::readers::Database;
use super::super::value::Value;
use portal::setting::Settings;

primitives! {
    SETTING: Database = reads setting(Setting, Text);
    SETTING_INT: Database = reads setting_int(Setting, Value);
    SETTING_BOOL: Database = reads setting_bool(Setting, Value);
    SETTING_PROBLEM: Database = reads setting_problem(Setting);
}

/// What the portal is set to.
#[export_module]
pub mod settings_module {
    use super::*;

    /// A setting of the portal: its row in `application_settings` unless that is empty (decrypted
    /// with `SECRET_KEY` where it is encrypted), else the environment variable of the same name if
    /// it is one that the portal defines, else `default`. A secret is `***`: passwords, keys, tokens,
    /// URLs that hold one, and what is stored encrypted and is no open setting of the portal. The
    /// table is read once a run. Fails as the database fails.
    ///
    /// ```rhai
    /// assert_eq(portal::setting("NO_SUCH_SETTING", "blocked"), "blocked");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting(context: NativeCallContext, name: &str, default: &str) -> CallResult<Dynamic> {
        let default = default.to_owned();
        of_settings(&context, &SETTING, name, move |settings, name| {
            Value::Text(settings.text(name).text.unwrap_or(default))
        })
    }

    /// A setting as a whole number, of any size. A text that is no whole number for the portal
    /// (`500.0`, `1e3`) gives `default`, as there; see `portal::setting` for where it is looked up.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_int("NO_SUCH_SETTING", 3072), 3072);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_int(
        context: NativeCallContext,
        name: &str,
        default: INT,
    ) -> CallResult<Dynamic> {
        of_settings(&context, &SETTING_INT, name, move |settings, name| {
            whole_number(settings.int(name, &default.into()))
        })
    }

    /// A setting as a truth value: true, 1, yes, y, on, t or false, 0, no, n, off, f in any case.
    /// Any other text gives `default`; see `portal::setting` for where it is looked up.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_bool("NO_SUCH_SETTING", true), true);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_bool(
        context: NativeCallContext,
        name: &str,
        default: bool,
    ) -> CallResult<Dynamic> {
        of_settings(&context, &SETTING_BOOL, name, move |settings, name| {
            Value::Bool(settings.bool(name, default))
        })
    }

    /// What is wrong with a setting's stored value, in words: that it cannot be decrypted, so that
    /// the portal, too, takes the environment or the default; `()` if nothing is.
    ///
    /// ```rhai
    /// assert_eq(portal::setting_problem("NO_SUCH_SETTING"), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn setting_problem(context: NativeCallContext, name: &str) -> CallResult<Dynamic> {
        of_settings(&context, &SETTING_PROBLEM, name, move |settings, name| {
            let problem = settings.text(name).problem;
            problem.map_or(Value::Unit, |problem| Value::Text(problem.to_string()))
        })
    }
}

/// Reads the portal's settings, once a run, and gives what `choose` makes of the setting `name`.
fn of_settings(
    context: &NativeCallContext,
    primitive: &Declared<Database>,
    name: &str,
    choose: impl FnOnce(&Settings, &str) -> Value + Send + 'static,
) -> CallResult<Dynamic> {
    let settings = call::host(context)?.settings();
    let name = name.to_owned();
    let what = format!("setting {name}");
    call::value(context, primitive, what, move |database| async move {
        let database = database.open().await?;
        Ok(choose(settings.get(&database).await?, &name))
    })
}

/// A script's integer where the number fits one, else an exact decimal.
fn whole_number(number: BigInt) -> Value {
    match i64::try_from(&number) {
        Ok(number) => Value::Int(number),
        Err(_) => Value::Decimal(Decimal(number.into())),
    }
}
