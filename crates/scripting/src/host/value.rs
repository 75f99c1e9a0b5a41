//! Values on their way between services and scripts.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use catalogue::{Language, Said};
use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::decimal::Decimal;
use super::secret::Secret;

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
    /// What a script says.
    Said(Said),
    /// Rows, as a part of something larger.
    Rows(Arc<Records>),
}

/// Rows of values, where a service gave no bytes to keep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records(pub Vec<Record>);

/// The named values of one row.
pub type Record = IndexMap<&'static str, Value>;

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Unit, Self::Time)
    }
}

impl Value {
    /// The value in JSON for people: what is said of it in `language`.
    pub fn in_language(&self, language: Language) -> Json {
        match self {
            Self::Said(said) => Json::String(said.in_language(language).into_owned()),
            Self::Array(values) => values
                .iter()
                .map(|value| value.in_language(language))
                .collect(),
            other => other.to_json(),
        }
    }

    /// The value in JSON: decimals as numbers with all their digits, bytes in base64, times in
    /// RFC 3339, what is said in English.
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
            Self::Said(said) => Json::String(said.to_string()),
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
            Self::Said(said) => said.to_string().into(),
            other => other.to_json().to_string().into(),
        }
    }
}

/// A decimal as a JSON number with all its digits.
pub fn decimal_json(number: &Decimal) -> Json {
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
