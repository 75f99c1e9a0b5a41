//! One value out of a database, or on its way into a query.

use jiff::Timestamp;

/// A value of any of the databases, in the form that scripts can use.
///
/// Numbers that a machine number cannot hold exactly stay text ([`SqlValue::Decimal`]), and so do
/// times that name no instant.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// SQL's NULL.
    Null,
    /// A truth value; also MySQL's `TINYINT(1)` when it holds 0 or 1.
    Bool(bool),
    /// Any whole number of at most 64 bits with sign.
    Int(i64),
    /// A binary fraction.
    Float(f64),
    /// A decimal number of any size, as text; also `NaN` and `Infinity` of PostgreSQL.
    Decimal(String),
    /// Text; also the label of an enum, an address, a MAC, an interval (ISO 8601).
    Text(String),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
    /// An instant: `timestamptz`, or MySQL's `TIMESTAMP`.
    Time(Timestamp),
    /// Date and time without a zone: `2026-01-31T23:59:59.5`; also `infinity`.
    DateTime(String),
    /// A date: `2026-01-31`; also `infinity`.
    Date(String),
    /// A time of day: `23:59:59.5`; `24:00:00` and MySQL's times beyond a day are kept.
    TimeOfDay(String),
    /// A UUID, lower case with dashes.
    Uuid(String),
    /// JSON as it was stored.
    Json(String),
    /// An array of PostgreSQL.
    Array(Vec<SqlValue>),
    /// A value of a type that cannot be read; cast it to text in the query.
    Unknown {
        /// The database's name for the type.
        type_name: String,
    },
}

impl SqlValue {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Time(_) => "time",
            Self::DateTime(_) => "date and time",
            Self::Date(_) => "date",
            Self::TimeOfDay(_) => "time of day",
            Self::Uuid(_) => "uuid",
            Self::Json(_) => "json",
            Self::Array(_) => "array",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The value as the text that a database reads back as the same value; `None` for NULL and for
    /// values that have no such text.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null | Self::Bytes(_) | Self::Array(_) | Self::Unknown { .. } => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => Some(value.to_string()),
            Self::Time(value) => Some(value.to_string()),
            Self::Decimal(text)
            | Self::Text(text)
            | Self::DateTime(text)
            | Self::Date(text)
            | Self::TimeOfDay(text)
            | Self::Uuid(text)
            | Self::Json(text) => Some(text.clone()),
        }
    }
}
