//! Tables that no service gave: a script's own maps, and other rows one after another.

use indexmap::IndexMap;
use routeros_schema::Kind;
use serde_json::Value as Json;

use super::super::decimal::Decimal;
use super::super::error::HostError;
use super::super::value::{Records, Value};
use super::{Table, View};

impl Table for Records {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        Ok(self.0[row].get(field).cloned().unwrap_or(Value::Unit))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        self.0[row].keys().map(|name| (*name).to_owned()).collect()
    }
}

/// A table made of a script's own maps.
pub struct Maps(pub Vec<IndexMap<String, Value>>);

impl Table for Maps {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        Ok(self.0[row].get(field).cloned().unwrap_or(Value::Unit))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        self.0[row].keys().cloned().collect()
    }
}

/// Tables one after another.
pub struct Chain(pub Vec<View>);

impl Chain {
    /// The part that holds the row at `index`, and the row's index there.
    fn part(&self, mut index: usize) -> Option<(&View, usize)> {
        for part in &self.0 {
            if index < part.len() {
                return Some((part, index));
            }
            index -= part.len();
        }
        None
    }
}

impl Table for Chain {
    fn len(&self) -> usize {
        self.0.iter().map(View::len).sum()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        self.part(row)
            .map_or(Ok(Value::Unit), |(part, index)| part.value(index, field))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        self.part(row)
            .map_or_else(Vec::new, |(part, index)| part.row(index).fields())
    }

    /// That of the parts, where they agree; what is a secret in one of them is a secret.
    fn kind(&self, field: &str) -> Kind {
        let kinds: Vec<Kind> = self.0.iter().map(|part| part.kind(field)).collect();
        match kinds.as_slice() {
            kinds if kinds.iter().any(Kind::is_secret) => Kind::Secret,
            [first, others @ ..] if others.iter().all(|kind| kind == first) => *first,
            _ => Kind::Text,
        }
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        if let Some((part, index)) = self.part(row) {
            let (table, position) = part.place(index);
            table.with_bytes(position, field, with);
        }
    }

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&str)) {
        if let Some((part, index)) = self.part(row) {
            let (table, position) = part.place(index);
            table.with_text(position, field, with);
        }
    }
}

/// The value a JSON value stands for: objects become maps, null becomes nothing.
pub fn value_of_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Unit,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| Decimal::parse(&number.to_string()).map(Value::Decimal))
            .unwrap_or(Value::Unit),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(values) => Value::Array(values.iter().map(value_of_json).collect()),
        Json::Object(values) => Value::Map(
            values
                .iter()
                .map(|(name, value)| (name.clone(), value_of_json(value)))
                .collect(),
        ),
    }
}
