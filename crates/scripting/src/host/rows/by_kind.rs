//! Values of fields compared by their kind: addresses as addresses, networks as what they hold, numbers
//! as numbers.

use std::cmp::Ordering;

use rhai::Dynamic;
use routeros_schema::{Kind, Network, canonical};

use super::super::decimal::Decimal;
use super::super::dynamic::key_of;
use super::super::error::HostError;
use super::super::value::Value;
use super::{Row, View};
use wording::bytes::shown;

/// The texts by which the rows of `view` are found by a field, one for each row: equal where the
/// values are equal by kind.
pub fn keys(view: &View, field: &str) -> Result<Vec<String>, HostError> {
    let kind = view.kind(field);
    (0..view.len())
        .map(|index| {
            let value = view.value(index, field)?;
            Ok(written(&kind, value.key().into_owned()))
        })
        .collect()
}

/// The same where a script is to see them, as names of groups.
///
/// # Errors
/// Kind `invalid` for a field that holds secrets.
pub fn shown_keys(view: &View, field: &str) -> Result<Vec<String>, HostError> {
    if view.kind(field).is_secret() {
        return Err(HostError::invalid(format!(
            "the field `{field}` holds secrets, which cannot be the names of groups"
        ))
        .hint("compare them, or find rows by another field"));
    }
    keys(view, field)
}

/// The text by which a script's value is looked for among keys of this kind.
pub fn key(kind: &Kind, value: &Dynamic) -> String {
    written(kind, key_of(value))
}

/// The positions in `view` in the order of a field; equal values keep their order, rows without the
/// field come first.
pub fn order(view: &View, field: &str) -> Result<Vec<usize>, HostError> {
    let mut order: Vec<usize> = (0..view.len()).collect();
    let kind = view.kind(field);
    if kind == Kind::Text {
        let values = order.iter().map(|index| view.value(*index, field));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        order.sort_by(|left, right| compare(&values[*left], &values[*right]));
        return Ok(order);
    }
    let bytes: Vec<_> = order
        .iter()
        .map(|index| view.bytes(*index, field))
        .collect();
    let values: Vec<_> = bytes
        .iter()
        .map(|bytes| bytes.as_deref().map(|bytes| kind.value(bytes)))
        .collect();
    order.sort_by(|left, right| values[*left].cmp(&values[*right]));
    Ok(order)
}

/// Whether a field has the same value in two rows.
pub fn is_same(field: &str, left: &Row, right: &Row) -> Result<bool, HostError> {
    let (kind, other) = (left.kind(field), right.kind(field));
    if kind == Kind::Text || kind != other {
        return Ok(left.value(field)? == right.value(field)?);
    }
    Ok(match (left.bytes(field), right.bytes(field)) {
        (Some(left), Some(right)) => routeros_schema::equal(&kind, &left, &right),
        (left, right) => left == right,
    })
}

/// The number that a field's value means: bits per second of a rate, seconds of a length of time.
pub fn number(kind: &Kind, bytes: &[u8]) -> Option<Value> {
    use routeros_schema::Value as Read;
    let whole = |number: u64| i64::try_from(number).ok().map(Value::Int);
    match kind.read(bytes) {
        Some(Read::Rate(bits)) => whole(bits),
        Some(Read::Duration(length)) => whole(length.as_secs()),
        Some(Read::Number(number)) if number.to_i64().is_some() => number.to_i64().map(Value::Int),
        _ => {
            let text = std::str::from_utf8(bytes).ok()?;
            let whole = text.parse().ok().map(Value::Int);
            whole.or_else(|| Decimal::parse(text).map(Value::Decimal))
        }
    }
}

/// What a field may be: some values, or nothing.
pub struct Wanted {
    kind: Kind,
    keys: Vec<String>,
    /// Those of the values that are more than one address: what lies in them is meant as well.
    networks: Vec<Network>,
    is_absent: bool,
}

impl Wanted {
    /// What `value`, or any value of an array, asks of a field of this kind.
    pub fn of(kind: Kind, value: &Dynamic) -> Self {
        let values = value
            .clone()
            .into_array()
            .unwrap_or_else(|_| vec![value.clone()]);
        let (units, values): (Vec<_>, Vec<_>) = values.into_iter().partition(Dynamic::is_unit);
        let keys: Vec<String> = values.iter().map(|value| key(&kind, value)).collect();
        let networks = keys
            .iter()
            .filter(|_| kind.is_address())
            .filter_map(|key| Network::parse(key.as_bytes()))
            .filter(|network| !network.is_single())
            .collect();
        Self {
            kind,
            keys,
            networks,
            is_absent: !units.is_empty(),
        }
    }

    /// Whether a value of the field is wanted.
    pub fn is(&self, value: &Value) -> bool {
        if *value == Value::Unit {
            return self.is_absent;
        }
        let found = value.key();
        if self.kind == Kind::Text {
            return self.keys.iter().any(|key| *key == found);
        }
        let written = canonical(&self.kind, found.as_bytes());
        self.keys.iter().any(|key| key.as_bytes() == &*written) || self.holds(&written)
    }

    fn holds(&self, written: &[u8]) -> bool {
        if self.networks.is_empty() {
            return false;
        }
        let found = Network::parse(written);
        found.is_some_and(|found| self.networks.iter().any(|network| network.contains(&found)))
    }
}

/// A key as the router writes it.
fn written(kind: &Kind, key: String) -> String {
    if *kind == Kind::Text {
        return key;
    }
    match canonical(kind, key.as_bytes()) {
        std::borrow::Cow::Borrowed(_) => key,
        std::borrow::Cow::Owned(written) => shown(&written).into_owned(),
    }
}

/// Numbers as numbers, times as times, before all else by its text.
fn compare(left: &Value, right: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Int(number) => Decimal::parse(&number.to_string()),
        Value::Decimal(number) => Some(number.clone()),
        Value::Float(number) => Decimal::parse(&number.to_string()),
        _ => None,
    };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) => left.cmp(right),
        (left, right) => match (number(left), number(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            (Some(_), None) if *right != Value::Unit => Ordering::Less,
            (None, Some(_)) if *left != Value::Unit => Ordering::Greater,
            _ => left.key().cmp(&right.key()),
        },
    }
}
