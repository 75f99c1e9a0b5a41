//! `Decimal`: exact numbers in scripts, as databases and the portal's settings hold them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};
use rhai::plugin::*;
use rhai::{Dynamic, EvalAltResult, FLOAT, INT};

use super::error::HostError;
use super::primitive::primitives;

/// An exact decimal number of any size: money, quota, debt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub BigDecimal);

/// More digits than any column or setting holds; keeps `1e999999999` from eating the memory.
const MAX_DIGITS: usize = 5_000;

impl Decimal {
    /// Reads `12`, `-0.50`, `1e3`; nothing for other text and for absurd exponents.
    pub fn parse(text: &str) -> Option<Self> {
        let number = BigDecimal::from_str(text.trim()).ok()?;
        let (_, scale) = number.as_bigint_and_exponent();
        (text.len() <= MAX_DIGITS && scale.unsigned_abs() <= MAX_DIGITS as u64)
            .then_some(Self(number))
    }

    /// The number as a script's integer, where it is one and fits.
    pub fn to_int(&self) -> Option<INT> {
        self.0.is_integer().then(|| self.0.to_i64()).flatten()
    }

    /// The nearest binary floating point number.
    pub fn to_float(&self) -> FLOAT {
        self.0.to_f64().unwrap_or(FLOAT::NAN)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl From<INT> for Decimal {
    fn from(number: INT) -> Self {
        Self(BigDecimal::from(number))
    }
}

fn from_float(number: FLOAT) -> Result<Decimal, Box<EvalAltResult>> {
    // The shortest text that gives the same float back: what a person wrote.
    Decimal::parse(&format!("{number:?}")).ok_or_else(|| {
        HostError::invalid(format!("cannot make a decimal of the float {number}")).raise()
    })
}

primitives! {
    _: () = plain decimal(Text);
    _: () = plain decimal(Value);
    _: () = plain decimal(Value);
    _: () = plain decimal(Value);
    _: () = plain round(Value, Value);
    _: () = plain to_float(Value);
    _: () = plain to_int(Value);
    _: () = plain to_string(Value);
    _: () = plain to_debug(Value);
}

/// Exact decimal numbers: `decimal("1024.50")`, with `+ - * /`, comparisons and rounding.
/// Numeric columns of the database arrive as decimals.
#[export_module]
pub mod decimal_module {
    use super::*;

    /// An exact decimal of a text, an integer or a float (by its shortest text).
    /// Fails with kind `invalid` if the text is not a number.
    ///
    /// ```rhai
    /// assert_eq(decimal("0.10") + decimal("0.20"), decimal("0.3"));
    /// ```
    #[rhai_fn(global, name = "decimal", return_raw)]
    pub fn from_text(text: &str) -> Result<Decimal, Box<EvalAltResult>> {
        Decimal::parse(text)
            .ok_or_else(|| HostError::invalid(format!("`{text}` is not a decimal number")).raise())
    }

    /// An exact decimal of an integer.
    ///
    /// ```rhai
    /// assert(decimal(3) > decimal("2.99"), "three is more");
    /// ```
    #[rhai_fn(global, name = "decimal")]
    pub fn from_int(number: INT) -> Decimal {
        Decimal::from(number)
    }

    /// An exact decimal of a float, by the shortest text that reads back as the same float.
    ///
    /// ```rhai
    /// assert_eq(decimal(0.1), decimal("0.1"));
    /// ```
    #[rhai_fn(global, name = "decimal", return_raw)]
    pub fn of_float(number: FLOAT) -> Result<Decimal, Box<EvalAltResult>> {
        from_float(number)
    }

    /// The decimal itself, so that `decimal(x)` works whatever number x is.
    ///
    /// ```rhai
    /// assert_eq(decimal(decimal("1.5")), decimal("1.5"));
    /// ```
    #[rhai_fn(global, name = "decimal")]
    pub fn of_decimal(number: Decimal) -> Decimal {
        number
    }

    /// Rounded to `digits` places after the point, halves away from zero.
    ///
    /// ```rhai
    /// assert_eq(decimal("2.345").round(2), decimal("2.35"));
    /// ```
    #[rhai_fn(global, name = "round", pure)]
    pub fn round(number: &mut Decimal, digits: INT) -> Decimal {
        let digits = digits.clamp(0, 100);
        Decimal(number.0.with_scale_round(digits, RoundingMode::HalfUp))
    }

    /// The nearest float.
    ///
    /// ```rhai
    /// assert_eq(decimal("2.5").to_float(), 2.5);
    /// ```
    #[rhai_fn(global, name = "to_float", pure)]
    pub fn to_float(number: &mut Decimal) -> FLOAT {
        number.to_float()
    }

    /// The integer part, cut off towards zero; fails with kind `invalid` beyond 64 bits.
    ///
    /// ```rhai
    /// assert_eq(decimal("1024.90").to_int(), 1024);
    /// ```
    #[rhai_fn(global, name = "to_int", return_raw, pure)]
    pub fn to_int(number: &mut Decimal) -> Result<INT, Box<EvalAltResult>> {
        number
            .0
            .with_scale_round(0, RoundingMode::Down)
            .to_i64()
            .ok_or_else(|| HostError::invalid(format!("{number} does not fit an integer")).raise())
    }

    /// The text of the number, without exponent.
    ///
    /// ```rhai
    /// assert_eq(decimal("1e3").to_string(), "1000");
    /// ```
    #[rhai_fn(global, name = "to_string", name = "to_debug", pure)]
    pub fn to_text(number: &mut Decimal) -> String {
        number.to_string()
    }
}

/// Operators between decimals and with integers and floats; they have no page of their own.
pub fn register(engine: &mut rhai::Engine) {
    engine.register_type_with_name::<Decimal>("Decimal");
    engine.register_fn("-", |a: Decimal| Decimal(-a.0));
    arithmetic(engine, "+", |a, b| Some(a + b));
    arithmetic(engine, "-", |a, b| Some(a - b));
    arithmetic(engine, "*", |a, b| Some(a * b));
    arithmetic(engine, "/", |a, b| {
        (b != 0).then(|| (a / b).with_prec(60).normalized())
    });
    comparison(engine, "==", |order| order == Ordering::Equal);
    comparison(engine, "!=", |order| order != Ordering::Equal);
    comparison(engine, "<", |order| order == Ordering::Less);
    comparison(engine, "<=", |order| order != Ordering::Greater);
    comparison(engine, ">", |order| order == Ordering::Greater);
    comparison(engine, ">=", |order| order != Ordering::Less);
}

fn arithmetic(
    engine: &mut rhai::Engine,
    operator: &'static str,
    apply: fn(BigDecimal, BigDecimal) -> Option<BigDecimal>,
) {
    let compute = move |a: Decimal, b: Decimal| -> Result<Decimal, Box<EvalAltResult>> {
        apply(a.0, b.0)
            .map(Decimal)
            .ok_or_else(|| HostError::invalid("cannot divide a decimal by zero").raise())
    };
    engine
        .register_fn(operator, compute)
        .register_fn(operator, move |a: Decimal, b: INT| compute(a, b.into()))
        .register_fn(operator, move |a: INT, b: Decimal| compute(a.into(), b))
        .register_fn(operator, move |a: Decimal, b: FLOAT| {
            compute(a, from_float(b)?)
        })
        .register_fn(operator, move |a: FLOAT, b: Decimal| {
            compute(from_float(a)?, b)
        });
}

fn comparison(engine: &mut rhai::Engine, operator: &'static str, holds: fn(Ordering) -> bool) {
    engine
        .register_fn(operator, move |a: Decimal, b: Decimal| holds(a.cmp(&b)))
        .register_fn(operator, move |a: Decimal, b: INT| holds(a.cmp(&b.into())))
        .register_fn(operator, move |a: INT, b: Decimal| {
            holds(Decimal::from(a).cmp(&b))
        })
        .register_fn(
            operator,
            move |a: Decimal, b: FLOAT| -> Result<bool, Box<EvalAltResult>> {
                Ok(holds(a.cmp(&from_float(b)?)))
            },
        )
        .register_fn(
            operator,
            move |a: FLOAT, b: Decimal| -> Result<bool, Box<EvalAltResult>> {
                Ok(holds(from_float(a)?.cmp(&b)))
            },
        );
}

/// The decimal in a script's value: a decimal, an integer, a float or the text of a number.
pub fn from_dynamic(value: &Dynamic) -> Option<Decimal> {
    if let Some(decimal) = value.read_lock::<Decimal>() {
        return Some(decimal.clone());
    }
    if let Ok(number) = value.as_int() {
        return Some(number.into());
    }
    if let Ok(number) = value.as_float() {
        return from_float(number).ok();
    }
    Decimal::parse(&value.read_lock::<rhai::ImmutableString>()?)
}
