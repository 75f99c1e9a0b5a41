//! Values on their way between services and scripts.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use indexmap::IndexMap;
use jiff::Timestamp;
use rhai::{Dynamic, ImmutableString, Map};
use serde_json::Value as Json;

use super::change::Written;
use super::decimal::Decimal;
use super::docs;
use super::error::HostError;
use super::rows::{Records, Row, Rows};
use super::secret::{self, Secret};
use super::time::Moment;

/// A value that a service gave: plain data that can cross threads.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: SQL NULL, an absent key, an absent field.
    Unit,
    /// A truth value.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A binary floating point number.
    Float(f64),
    /// An exact number.
    Decimal(Decimal),
    /// Text; bytes that were none have become `\xNN` already.
    Text(String),
    /// Text that prints as `***`.
    Secret(Secret),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
    /// A point in time.
    Time(Timestamp),
    /// Values in order.
    Array(Vec<Value>),
    /// Named values in order.
    Map(IndexMap<String, Value>),
    /// Rows, as a part of something larger.
    Rows(Arc<Records>),
}

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Unit, Self::Time)
    }
}

impl Value {
    /// The value as a script sees it.
    pub fn into_dynamic(self) -> Dynamic {
        match self {
            Self::Unit => Dynamic::UNIT,
            Self::Bool(flag) => Dynamic::from_bool(flag),
            Self::Int(number) => Dynamic::from_int(number),
            Self::Float(number) => Dynamic::from_float(number),
            Self::Decimal(number) => Dynamic::from(number),
            Self::Text(text) => Dynamic::from(text),
            Self::Secret(secret) => Dynamic::from(secret),
            Self::Bytes(bytes) => Dynamic::from_blob(bytes),
            Self::Time(time) => Dynamic::from(Moment(time)),
            Self::Array(values) => {
                Dynamic::from_array(values.into_iter().map(Self::into_dynamic).collect())
            }
            Self::Map(values) => Dynamic::from_map(
                values
                    .into_iter()
                    .map(|(name, value)| (name.into(), value.into_dynamic()))
                    .collect(),
            ),
            Self::Rows(rows) => Dynamic::from(Rows::of(rows)),
        }
    }

    /// The value in JSON: decimals as numbers with all their digits, bytes in base64, times in
    /// RFC 3339.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Unit => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::Decimal(number) => decimal_json(number),
            Self::Text(text) => Json::String(text.clone()),
            Self::Secret(secret) => Json::String(secret.to_string()),
            Self::Bytes(bytes) => {
                Json::String(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            Self::Time(time) => Json::String(time.to_string()),
            Self::Array(values) => values.iter().map(Self::to_json).collect(),
            Self::Map(values) => values
                .iter()
                .map(|(name, value)| (name.clone(), value.to_json()))
                .collect(),
            Self::Rows(rows) => {
                let row = |(name, value): (&&str, &Value)| ((*name).to_owned(), value.to_json());
                let rows = rows.0.iter();
                rows.map(|record| record.iter().map(row).collect::<Json>())
                    .collect()
            }
        }
    }

    /// The text by which values are compared as keys: `7` and `"7"` are the same key. That of a secret
    /// is for comparing alone.
    pub fn key(&self) -> Cow<'_, str> {
        match self {
            Self::Unit => "".into(),
            Self::Text(text) => text.as_str().into(),
            Self::Secret(secret) => secret.expose().into(),
            Self::Bool(flag) => flag.to_string().into(),
            Self::Int(number) => number.to_string().into(),
            Self::Float(number) => number.to_string().into(),
            Self::Decimal(number) => number.to_string().into(),
            Self::Time(time) => time.to_string().into(),
            other => other.to_json().to_string().into(),
        }
    }
}

/// The text by which a script's value is compared as a key; see [`Value::key`].
pub fn key_of(value: &Dynamic) -> String {
    if value.is_unit() {
        return String::new();
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) => text.to_string(),
        None => secret::exposed(value).unwrap_or_else(|| value.to_string()),
    }
}

/// A script's value for people: text as it is, all else as JSON, and what has none by its kind.
pub fn shown(value: &Dynamic) -> String {
    match json_of(value) {
        Ok(Json::String(text)) => text,
        Ok(json) => json.to_string(),
        Err(_) if value.is_float() => value.to_string(),
        Err(_) => format!("a value of the type {}", type_of(value)),
    }
}

/// The type of a value, by the name that scripts know.
pub fn type_of(value: &Dynamic) -> String {
    let rust = value.type_name();
    docs::script_type(rust.rsplit("::").next().unwrap_or(rust))
}

/// How deep arrays and maps may nest in JSON: what readers of JSON commonly take.
const DEPTH: usize = 100;

/// A script's value in JSON. Fails with kind `invalid` for values that have no JSON form, such as
/// functions and numbers that are not finite, and for values that nest too deep.
pub fn json_of(value: &Dynamic) -> Result<Json, HostError> {
    json_within(value, DEPTH)
}

fn json_within(value: &Dynamic, depth: usize) -> Result<Json, HostError> {
    let within = |value: &Dynamic| match depth.checked_sub(1) {
        Some(depth) => json_within(value, depth),
        None => Err(HostError::invalid(format!(
            "the value nests deeper than {DEPTH} levels, which has no JSON form"
        ))),
    };
    if value.is_unit() {
        return Ok(Json::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Json::Bool(flag));
    }
    if let Ok(number) = value.as_int() {
        return Ok(Json::from(number));
    }
    if let Ok(number) = value.as_float() {
        return serde_json::Number::from_f64(number)
            .map(Json::Number)
            .ok_or_else(|| HostError::invalid(format!("the number {number} has no JSON form")));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(Json::String(text.to_string()));
    }
    if let Ok(character) = value.as_char() {
        return Ok(Json::String(character.to_string()));
    }
    if let Some(secret) = value.read_lock::<Secret>() {
        return Ok(Json::String(secret.to_string()));
    }
    if let Some(number) = value.read_lock::<Decimal>() {
        return Ok(decimal_json(&number));
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(Json::String(moment.0.to_string()));
    }
    if let Some(array) = value.read_lock::<rhai::Array>() {
        return array.iter().map(within).collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map
            .iter()
            .map(|(name, value)| Ok((name.to_string(), within(value)?)))
            .collect();
    }
    if let Some(written) = value.read_lock::<Written>() {
        return Ok(written.to_json());
    }
    if let Some(row) = value.read_lock::<Row>() {
        return row.to_json();
    }
    if let Some(rows) = value.read_lock::<Rows>() {
        return rows.to_json();
    }
    if let Some(blob) = value.read_lock::<rhai::Blob>() {
        return Ok(Value::Bytes(blob.clone()).to_json());
    }
    Err(HostError::invalid(format!(
        "a value of type `{}` has no JSON form",
        type_of(value)
    )))
}

fn decimal_json(number: &Decimal) -> Json {
    number
        .to_string()
        .parse::<serde_json::Number>()
        .map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_all_their_digits_in_json() {
        let number = Decimal::parse("99999999999999999999").unwrap();
        assert_eq!(decimal_json(&number).to_string(), "99999999999999999999");
    }
}
