//! `==`, `<` and the like in scripts: as in Rhai, but that values which cannot be compared are an
//! error. The engine's own operators would say `false`, and a filter such as
//! `|row| row["bytes-out"] > 1000` would silently find nothing.
//!
//! A text, a number, a truth value and a time are equal only to their like, and to nothing else is
//! an absent value: it may be asked for, and has no order. Arrays and maps are compared by their
//! parts as in Rhai, and are looked through as in Rhai.
//!
//! The engine lets nobody take its operators over for its own types, so these are custom operators
//! (Rhai book, "Custom operators", and "Disable keywords and operators").

use std::cmp::Ordering;

use rhai::{Dynamic, Engine, FLOAT, INT, ImmutableString, NativeCallContext, OP_EQUALS, Token};

use super::decimal::Decimal;
use super::dynamic;
use super::error::{CallResult, HostError};
use super::moment::Moment;
use super::secret::Secret;

/// An operator, and of which orders it says true.
type Operator = (&'static str, fn(Ordering) -> bool);

const ORDERS: [Operator; 4] = [
    ("<", Ordering::is_lt),
    ("<=", Ordering::is_le),
    (">", Ordering::is_gt),
    (">=", Ordering::is_ge),
];
/// How strongly the engine's own comparisons bind (Rhai book, "Operators").
const PRECEDENCE_OF_ORDERS: u8 = 130;
const PRECEDENCE_OF_EQUALITY: u8 = 90;
/// Their names have a blank more than what scripts write: under the names themselves the engine
/// looks values up in arrays and maps, where those of another kind are passed over.
const EQUAL: &str = "== ";
const DIFFERENT: &str = "!= ";

/// Gives an engine the operators.
pub fn register(engine: &mut Engine) {
    for (operator, holds) in ORDERS {
        engine.disable_symbol(operator);
        engine
            .register_custom_operator(operator, PRECEDENCE_OF_ORDERS)
            .expect("a disabled symbol can be a custom operator");
        ordered(engine, operator, holds);
    }
    for (operator, is_equality) in [(EQUAL, true), (DIFFERENT, false)] {
        engine
            .register_custom_operator(operator, PRECEDENCE_OF_EQUALITY)
            .expect("a name that is no symbol can be a custom operator");
        equal(engine, operator, is_equality);
    }
    take_equality_over(engine);
}

/// Is it the name that `==` or `!=` has in a syntax tree?
pub fn is_of_equality(operator: &str) -> bool {
    [EQUAL, DIFFERENT].contains(&operator)
}

#[expect(deprecated, reason = "the engine marks volatile hooks this way")]
fn take_equality_over(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| match token {
        Token::EqualsTo => Token::Custom(Box::new(EQUAL.into())),
        Token::NotEqualsTo => Token::Custom(Box::new(DIFFERENT.into())),
        token => token,
    });
}

fn ordered(engine: &mut Engine, operator: &'static str, holds: fn(Ordering) -> bool) {
    // What is not a number has no order.
    let partly = move |order: Option<Ordering>| order.is_some_and(holds);
    engine
        .register_fn(operator, move |a: INT, b: INT| holds(a.cmp(&b)))
        .register_fn(operator, move |a: FLOAT, b: FLOAT| {
            partly(a.partial_cmp(&b))
        })
        .register_fn(operator, move |a: INT, b: FLOAT| {
            partly((a as FLOAT).partial_cmp(&b))
        })
        .register_fn(operator, move |a: FLOAT, b: INT| {
            partly(a.partial_cmp(&(b as FLOAT)))
        })
        .register_fn(operator, move |a: ImmutableString, b: ImmutableString| {
            holds(a.cmp(&b))
        })
        .register_fn(operator, move |a: char, b: char| holds(a.cmp(&b)))
        .register_fn(operator, move |a: char, b: ImmutableString| {
            holds(a.to_string().as_str().cmp(&b))
        })
        .register_fn(operator, move |a: ImmutableString, b: char| {
            holds(a.as_str().cmp(&b.to_string()))
        })
        .register_fn(operator, move |a: bool, b: bool| holds(a.cmp(&b)))
        .register_fn(
            operator,
            move |context: NativeCallContext, left: Dynamic, right: Dynamic| {
                CallResult::<bool>::Err(unordered(operator, &left, &right).at(&context).raise())
            },
        );
}

fn equal(engine: &mut Engine, operator: &'static str, is_equality: bool) {
    let is = move |is_equal: bool| is_equal == is_equality;
    engine
        .register_fn(operator, move |a: ImmutableString, b: ImmutableString| {
            is(a == b)
        })
        .register_fn(operator, move |a: INT, b: INT| is(a == b))
        .register_fn(operator, move |a: bool, b: bool| is(a == b))
        .register_fn(operator, move |_: ImmutableString, (): ()| is(false))
        .register_fn(operator, move |(): (), _: ImmutableString| is(false))
        .register_fn(operator, move |(): (), (): ()| is(true))
        .register_fn(operator, move |a: Dynamic, (): ()| is(a.is_unit()))
        .register_fn(operator, move |(): (), b: Dynamic| is(b.is_unit()))
        .register_fn(
            operator,
            move |context: NativeCallContext,
                  mut left: Dynamic,
                  mut right: Dynamic|
                  -> CallResult<bool> {
                if let Some(error) = mixed(operator, &left, &right) {
                    return Err(error.at(&context).raise());
                }
                let values = &mut [&mut left, &mut right];
                let value = context.call_native_fn_raw(OP_EQUALS, false, values)?;
                Ok(is(value.as_bool().unwrap_or_default()))
            },
        );
}

/// Why two values cannot be compared: those of different kinds.
fn mixed(operator: &str, left: &Dynamic, right: &Dynamic) -> Option<HostError> {
    let (one, other) = (Kind::of(left)?, Kind::of(right)?);
    let (first, second) = (one.max(other), one.min(other));
    if first == second {
        return None;
    }
    let cannot = match operator {
        EQUAL | DIFFERENT => "are never equal",
        _ => "have no order",
    };
    let text = format!(
        "{} and {} {cannot}: {} {} {}",
        first.name(),
        second.name(),
        shown(left),
        operator.trim_end(),
        shown(right)
    );
    Some(HostError::invalid(text).hint(match (first, second) {
        (Kind::Text, Kind::Number) => {
            "make a number of the text: parse_int(text), or row.number(\"FIELD\") of a row's field"
        }
        (Kind::Text, Kind::Truth) => {
            "a router's yes and no are texts: compare with \"true\" or \"false\""
        }
        (Kind::Text, Kind::Time) => "make a time of the text: time::parse(text)",
        (Kind::Time, Kind::Number) => "take the time's seconds: value.unix()",
        _ => "compare with a value of the same kind",
    }))
}

/// Why two values of no order, or of none with each other, cannot be put in one.
fn unordered(operator: &str, left: &Dynamic, right: &Dynamic) -> HostError {
    let comparison = format!("{} {operator} {}", shown(left), shown(right));
    if left.is_unit() || right.is_unit() {
        return HostError::invalid(format!("an absent value has no order: {comparison}")).hint(
            "say what counts where it is absent, as in `(row.number(\"FIELD\") ?? 0) > 1`, or ask \
             first: `value != () && value > 1`",
        );
    }
    mixed(operator, left, right).unwrap_or_else(|| {
        HostError::invalid(format!("there is no order among these: {comparison}"))
            .hint("texts, numbers and times have one, each among themselves")
    })
}

/// Values that are compared with their like alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Truth,
    Number,
    Time,
    Text,
}

impl Kind {
    fn of(value: &Dynamic) -> Option<Self> {
        match value {
            _ if value.is_string() || value.is_char() || value.is::<Secret>() => Some(Self::Text),
            _ if value.is_int() || value.is_float() || value.is::<Decimal>() => Some(Self::Number),
            _ if value.is_bool() => Some(Self::Truth),
            _ if value.is::<Moment>() => Some(Self::Time),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Number => "a number",
            Self::Truth => "a truth value",
        }
    }
}

fn shown(value: &Dynamic) -> String {
    match Kind::of(value) {
        _ if value.is_unit() => "()".to_owned(),
        Some(Kind::Text) => dynamic::quoted(&dynamic::shown(value)),
        Some(_) => dynamic::shown(value),
        None => format!("a value of the type {}", dynamic::type_of(value)),
    }
}
