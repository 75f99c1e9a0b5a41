//! `assert` and `assert_eq`: for examples, tests and runbooks that will not go on.

use rhai::plugin::*;
use rhai::{Dynamic, FLOAT};
use site::config::MASK;

use super::dynamic::{json_of, key_of};
use super::error::{CallResult, HostError, Kind};
use super::primitive::primitives;
use super::{decimal, difference, secret};

/// Two values that take more than so many characters are not shown whole: their differences are.
const SHORT: usize = 100;

primitives! {
    _: () = plain assert(Value, Text);
    _: () = plain assert_eq(Value, Value);
}

/// Checks that end the run when they do not hold. They need no namespace.
#[export_module]
pub mod assert_module {
    use super::*;

    /// Ends the run with the text if the condition is false (error kind `refused`).
    ///
    /// ```rhai
    /// assert(1 < 2, "numbers are in order");
    /// ```
    #[rhai_fn(global, name = "assert", return_raw)]
    pub fn assert(context: NativeCallContext, condition: bool, text: &str) -> CallResult<()> {
        if condition {
            return Ok(());
        }
        Err(failed(&context, text.to_owned()))
    }

    /// Ends the run if the two values differ, and shows both (error kind `refused`). Numbers are
    /// compared by value, maps and arrays by their parts.
    ///
    /// ```rhai
    /// assert_eq([1, #{ a: () }], [1, #{ a: () }]);
    /// ```
    #[rhai_fn(global, name = "assert_eq", return_raw)]
    pub fn assert_eq(context: NativeCallContext, left: Dynamic, right: Dynamic) -> CallResult<()> {
        if same(&left, &right).map_err(|error| error.at(&context).raise())? {
            return Ok(());
        }
        Err(differ(&left, &right).at(&context).raise())
    }
}

fn differ(left: &Dynamic, right: &Dynamic) -> HostError {
    let shown = |value: &Dynamic| match secret::exposed(value) {
        Some(_) => MASK.to_owned(),
        None => format!("{value:?}"),
    };
    let short = format!("{} is not equal to {}", shown(left), shown(right));
    if short.chars().count() <= SHORT {
        return HostError::new(Kind::Refused, format!("assertion failed: {short}"));
    }
    let failed = HostError::new(Kind::Refused, "assertion failed: the two values differ");
    match (json_of(left), json_of(right)) {
        (Ok(left), Ok(right)) => difference::lines(&left, &right)
            .into_iter()
            .fold(failed, HostError::because),
        _ => failed.because(short),
    }
}

fn same(left: &Dynamic, right: &Dynamic) -> Result<bool, HostError> {
    let number = |value: &Dynamic| {
        let text = value.is_string();
        (!text).then(|| decimal::from_dynamic(value)).flatten()
    };
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Ok(left == right);
    }
    if let (Some(left), Some(right)) = (secret::exposed(left), secret::exposed(right)) {
        return Ok(left == right);
    }
    if secret::exposed(left).is_some() || secret::exposed(right).is_some() {
        return Ok(!left.is_unit() && !right.is_unit() && key_of(left) == key_of(right));
    }
    let not_finite = |value: &Dynamic| {
        value
            .as_float()
            .is_ok_and(|float: FLOAT| !float.is_finite())
    };
    if not_finite(left) || not_finite(right) {
        return Ok(left.to_string() == right.to_string());
    }
    Ok(left.is_string() == right.is_string() && json_of(left)? == json_of(right)?)
}

fn failed(context: &NativeCallContext, text: String) -> Box<EvalAltResult> {
    HostError::new(Kind::Refused, format!("assertion failed: {text}"))
        .at(context)
        .raise()
}
