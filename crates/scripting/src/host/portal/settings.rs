//! Primitives for the portal's settings.

use bigdecimal::num_bigint::BigInt;
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, Map};

use super::super::call;
use super::super::decimal::Decimal;
use super::super::error::CallResult;
use super::super::primitive::{Declared, primitives};
use super::super::readers::Database;
use super::super::value::Value;
use portal::schedule;
use portal::setting::{MASK, Settings};
use portal::variable::is_secret;

primitives! {
    SETTING: Database = reads setting(Setting, Text);
    SETTING_INT: Database = reads setting_int(Setting, Value);
    SETTING_BOOL: Database = reads setting_bool(Setting, Value);
    SETTING_PROBLEM: Database = reads setting_problem(Setting);
    _: () = plain environment(Setting);
    _: () = plain schedule_problems();
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

    /// What the environment of the portal's processes has under a name, for what the portal never looks
    /// for in its table: `()` where it is not set, `***` for a secret. Only variables that the portal
    /// defines are told.
    ///
    /// ```rhai
    /// assert_eq(portal::environment("HOTSPOT_CLIENT_IP_CIDRS"), "10.20.0.0/16");
    /// assert_eq(portal::environment("QUOTA_SYNC_INTERVAL_SECONDS"), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn environment(context: NativeCallContext, name: &str) -> CallResult<Dynamic> {
        let settings = call::host(&context)?.settings();
        let text = settings
            .environment(name)
            .map(|text| match is_secret(name) {
                true => MASK.to_owned(),
                false => text.to_owned(),
            });
        Ok(text.map_or(Dynamic::UNIT, Dynamic::from))
    }

    /// The variables of the portal's environment with which none of its processes starts, because its
    /// schedule cannot be made: an array of maps of `setting`, `text` and `most`, the greatest number
    /// that it may be (`()` for any).
    ///
    /// ```rhai
    /// assert_eq(portal::schedule_problems(), []);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn schedule_problems(context: NativeCallContext) -> CallResult<Array> {
        let settings = call::host(&context)?.settings();
        let problems = schedule::problems(|name| settings.environment(name));
        let shown = problems.into_iter().map(|problem| {
            let most = problem
                .most
                .map_or(Dynamic::UNIT, |most| Dynamic::from(INT::from(most)));
            Dynamic::from(Map::from([
                ("setting".into(), problem.setting.into()),
                ("text".into(), problem.text.into()),
                ("most".into(), most),
            ]))
        });
        Ok(shown.collect())
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
