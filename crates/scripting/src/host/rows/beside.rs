//! Rows with the fields of other rows beside their own.

use routeros_schema::Kind;

use super::super::error::HostError;
use super::super::value::Value;
use super::lookup::Index;
use super::{Table, View, by_kind};

/// Rows, each with the row that an index has for it.
pub struct Beside {
    rows: View,
    others: View,
    /// For each row the place of the other one.
    places: Vec<Option<u32>>,
    prefix: String,
}

impl Beside {
    /// `field` of `rows` is looked for in the index; the others' fields get the prefix.
    ///
    /// # Errors
    /// The field cannot be decoded, or is none of the rows'.
    pub fn new(rows: View, index: Index, field: &str, prefix: &str) -> Result<Self, HostError> {
        let keys = by_kind::keys(&rows, field)?.into_iter();
        Ok(Beside {
            places: keys.map(|key| index.positions.get(&key).copied()).collect(),
            rows,
            others: index.view,
            prefix: format!("{prefix}."),
        })
    }

    /// Where a field of a row is, and what it is called there.
    fn found<'field>(&self, row: usize, field: &'field str) -> Option<(&View, usize, &'field str)> {
        Some(match self.other(field) {
            None => (&self.rows, row, field),
            Some(field) => (&self.others, self.places[row]? as usize, field),
        })
    }

    fn other<'field>(&self, field: &'field str) -> Option<&'field str> {
        field.strip_prefix(self.prefix.as_str())
    }
}

impl Table for Beside {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        self.found(row, field)
            .map_or(Ok(Value::Unit), |(view, place, field)| {
                view.value(place, field)
            })
    }

    fn fields(&self, row: usize) -> Vec<String> {
        let mut fields = self.rows.row(row).fields();
        let others = self.places[row].map(|place| self.others.row(place as usize).fields());
        let others = others.into_iter().flatten();
        fields.extend(others.map(|field| format!("{}{field}", self.prefix)));
        fields
    }

    fn kind(&self, field: &str) -> Kind {
        match self.other(field) {
            None => self.rows.kind(field),
            Some(field) => self.others.kind(field),
        }
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let Some((view, place, field)) = self.found(row, field) else {
            return;
        };
        let (table, position) = view.place(place);
        table.with_bytes(position, field, with);
    }

    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&str)) {
        let Some((view, place, field)) = self.found(row, field) else {
            return;
        };
        let (table, position) = view.place(place);
        table.with_text(position, field, with);
    }
}
