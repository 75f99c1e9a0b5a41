//! A statement of the database that writes tables.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bytes::HexBytes;
use site::grant::Target;

/// The longest value of a statement that is shown whole, in characters.
const LONGEST: usize = 200;

/// A statement that writes one table, and by cascades and triggers perhaps others.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The table.
    pub table: String,
    /// The other tables that the runbook declares: by cascades and triggers the statement may change
    /// them too.
    pub beside: Vec<String>,
    /// The statement.
    pub sql: String,
    /// The values of its `$1`, `$2`, ….
    pub parameters: Vec<Parameter>,
}

/// The value of a statement's parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameter {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A fraction.
    Float(f64),
    /// An exact number.
    Decimal(String),
    /// Text.
    Text(String),
    /// A point in time.
    Time(Timestamp),
    /// Bytes in hexadecimal.
    Hex(HexBytes),
}

impl Statement {
    /// The table, and those beside it.
    pub fn targets(&self) -> Vec<Target> {
        let tables = [&self.table].into_iter().chain(&self.beside);
        tables.cloned().map(Target::Table).collect()
    }
}

impl Parameter {
    /// The value for people, as SQL writes it; of a long one its beginning.
    pub fn spoken(&self) -> String {
        let text = match self {
            Self::Null => "NULL".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Decimal(value) => value.clone(),
            Self::Text(value) => format!("'{}'", value.replace('\'', "''")),
            Self::Time(value) => value.to_string(),
            Self::Hex(bytes) => format!("X'{}'", hex::encode(&bytes.0)),
        };
        match text.char_indices().nth(LONGEST) {
            None => text,
            Some((end, _)) => format!("{}…", &text[..end]),
        }
    }
}
