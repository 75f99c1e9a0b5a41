//! `<`, `<=`, `>` and `>=` of scripts: as in Rhai, but that a text and a number have no order. The
//! engine's own operators would say `false`, and a filter such as `|row| row["bytes-out"] > 1000`
//! would silently find nothing.
//!
//! The engine lets nobody take its operators over for its own types, so the four symbols are custom
//! operators (Rhai book, "Custom operators", and "Disable keywords and operators").

use std::cmp::Ordering;
use std::fmt::Display;

use rhai::{Dynamic, Engine, FLOAT, INT, ImmutableString, NativeCallContext, Variant};

use super::decimal::Decimal;
use super::error::{CallResult, HostError};

/// An operator, and of which orders it says true.
type Operator = (&'static str, fn(Ordering) -> bool);

const OPERATORS: [Operator; 4] = [
    ("<", Ordering::is_lt),
    ("<=", Ordering::is_le),
    (">", Ordering::is_gt),
    (">=", Ordering::is_ge),
];
/// How strongly the engine's own comparisons bind (Rhai book, "Operators").
const PRECEDENCE: u8 = 130;

/// Gives an engine the four operators.
pub fn register(engine: &mut Engine) {
    for (operator, holds) in OPERATORS {
        engine.disable_symbol(operator);
        engine
            .register_custom_operator(operator, PRECEDENCE)
            .expect("a disabled symbol can be a custom operator");
        numbers(engine, operator, holds);
        refused::<INT>(engine, operator);
        refused::<FLOAT>(engine, operator);
        refused::<Decimal>(engine, operator);
        engine
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
            // All else has no order, and nothing is larger than nothing.
            .register_fn(operator, |_: Dynamic, _: Dynamic| false);
    }
}

fn numbers(engine: &mut Engine, operator: &str, holds: fn(Ordering) -> bool) {
    // What is not a number has no order.
    let ordered = move |order: Option<Ordering>| order.is_some_and(holds);
    engine
        .register_fn(operator, move |a: INT, b: INT| holds(a.cmp(&b)))
        .register_fn(operator, move |a: FLOAT, b: FLOAT| {
            ordered(a.partial_cmp(&b))
        })
        .register_fn(operator, move |a: INT, b: FLOAT| {
            ordered((a as FLOAT).partial_cmp(&b))
        })
        .register_fn(operator, move |a: FLOAT, b: INT| {
            ordered(a.partial_cmp(&(b as FLOAT)))
        });
}

fn refused<Number: Variant + Clone + Display>(engine: &mut Engine, operator: &'static str) {
    let refuse = move |context: NativeCallContext, left: &dyn Display, right: &dyn Display| {
        let text = format!("a text and a number have no order: {left} {operator} {right}");
        let error = HostError::invalid(text).hint(
            "make a number of the text: parse_int(text), or row.number(\"FIELD\") of a row's field",
        );
        CallResult::<bool>::Err(error.at(&context).raise())
    };
    engine
        .register_fn(
            operator,
            move |context: NativeCallContext, text: ImmutableString, number: Number| {
                refuse(context, &format_args!("{text:?}"), &number)
            },
        )
        .register_fn(
            operator,
            move |context: NativeCallContext, number: Number, text: ImmutableString| {
                refuse(context, &number, &format_args!("{text:?}"))
            },
        );
}
