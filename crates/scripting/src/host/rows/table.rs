//! What rows are read from: one interface to the bytes of each service.

use routeros_schema::Kind;

use super::super::error::HostError;
use super::super::value::Value;
use wording::bytes::shown;

/// Rows as a service gave them. Implementations keep the bytes they came in.
pub trait Table: Send + Sync {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// True without rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a field; [`Value::Unit`] where the row has none of that name.
    ///
    /// # Errors
    /// The value cannot be decoded, or the table has no such column at all.
    fn value(&self, row: usize, field: &str) -> Result<Value, HostError>;

    /// The names of the fields this row has, in the order they came.
    fn fields(&self, row: usize) -> Vec<String>;

    /// What the values of a field are: how they are equal and ordered. Text, where nobody knows.
    fn kind(&self, _field: &str) -> Kind {
        Kind::Text
    }

    /// The field that was meant by a name that no row can have, as far as that is known.
    fn misspelt(&self, _field: &str) -> Option<&'static str> {
        None
    }

    /// Calls `with` with the bytes of a field as they came, where the row has one; cheaper than
    /// [`Table::value`] as nothing is copied.
    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        if let Ok(value) = self.value(row, field)
            && value != Value::Unit
        {
            with(value.key().as_bytes());
        }
    }

    /// The same with the text of the field.
    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&str)) {
        self.with_bytes(row, field, &mut |bytes| with(&shown(bytes)));
    }
}
