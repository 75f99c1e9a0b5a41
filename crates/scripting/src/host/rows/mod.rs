//! Rows of a router's menu or of a query: shared, immutable, decoded when touched.

mod beside;
mod by_kind;
mod lookup;
pub mod namespace;
mod table;
mod tables;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use catalogue::Language;
use routeros_schema::Kind;
use serde_json::Value as Json;
use wording::duration;

use super::error::{CallResult, HostError};
use super::read::{Answer, Read};
use super::value::Value;

pub use lookup::{Groups, Index};
pub use table::Table;
pub use tables::value_of_json;

/// The rows a read gives. Cheap to copy; waits for its read when it is first used.
#[derive(Clone)]
pub struct Rows {
    source: Source,
    /// Positions in the table, where this is a part of it.
    selection: Option<Arc<[u32]>>,
}

#[derive(Clone)]
enum Source {
    Read(Rc<Read>),
    Table(Arc<dyn Table>),
}

impl Rows {
    /// The rows that `read` will give.
    pub fn deferred(read: Rc<Read>) -> Self {
        Self {
            source: Source::Read(read),
            selection: None,
        }
    }

    /// All rows of a table that is here already.
    pub fn of(table: Arc<dyn Table>) -> Self {
        Self {
            source: Source::Table(table),
            selection: None,
        }
    }

    /// Waits for the read. Fails as the read failed.
    pub fn resolve(&self) -> Result<View, HostError> {
        let table = match &self.source {
            Source::Table(table) => table.clone(),
            Source::Read(read) => match read.wait()? {
                Answer::Table(table) => table,
                Answer::Value(_) | Answer::Map(_) => {
                    return Err(HostError::invalid("the read did not give rows"));
                }
            },
        };
        Ok(View {
            table,
            selection: self.selection.clone(),
        })
    }

    /// All rows as JSON objects, with the values that a script sees.
    pub fn to_json(&self) -> Result<Json, HostError> {
        self.resolve()?.iter().map(|row| row.to_json()).collect()
    }

    /// All rows as JSON objects of a report.
    pub fn in_report(&self) -> Result<Json, HostError> {
        self.resolve()?.iter().map(|row| row.in_report()).collect()
    }
}

/// Rows that are here: a table, or a part of one.
#[derive(Clone)]
pub struct View {
    table: Arc<dyn Table>,
    selection: Option<Arc<[u32]>>,
}

impl View {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.selection
            .as_ref()
            .map_or_else(|| self.table.len(), |selection| selection.len())
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table below and the position in it of the row at `index` of this view.
    pub fn place(&self, index: usize) -> (&dyn Table, usize) {
        let position = self
            .selection
            .as_ref()
            .map_or(index, |selection| selection[index] as usize);
        (&*self.table, position)
    }

    /// The row at `index`; panics beyond the end, as slices do.
    pub fn row(&self, index: usize) -> Row {
        let (_, position) = self.place(index);
        Row {
            table: self.table.clone(),
            position: position as u32,
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The value of a field of the row at `index`.
    pub fn value(&self, index: usize, field: &str) -> Result<Value, HostError> {
        let (table, position) = self.place(index);
        table.value(position, field)
    }

    /// The rows at these positions of this view, in this order.
    pub fn select(&self, indexes: impl IntoIterator<Item = usize>) -> Rows {
        Rows {
            source: Source::Table(self.table.clone()),
            selection: Some(
                indexes
                    .into_iter()
                    .map(|index| self.place(index).1 as u32)
                    .collect(),
            ),
        }
    }

    /// What the values of a field are.
    pub fn kind(&self, field: &str) -> Kind {
        self.table.kind(field)
    }

    /// The bytes of a field of the row at `index`, where it has one.
    fn bytes(&self, index: usize, field: &str) -> Option<Vec<u8>> {
        self.row(index).bytes(field)
    }
}

/// One row. Fields are read as `row.comment` or `row["mac-address"]`; an absent one is `()`.
#[derive(Clone)]
pub struct Row {
    table: Arc<dyn Table>,
    position: u32,
}

impl Row {
    /// The value of a field.
    pub fn value(&self, field: &str) -> Result<Value, HostError> {
        self.table.value(self.position as usize, field)
    }

    /// The bytes of a field as they came; `None` where the row has none of that name.
    pub fn bytes(&self, field: &str) -> Option<Vec<u8>> {
        let mut bytes = None;
        let mut keep = |found: &[u8]| bytes = Some(found.to_vec());
        self.table
            .with_bytes(self.position as usize, field, &mut keep);
        bytes
    }

    /// What the values of a field are.
    pub fn kind(&self, field: &str) -> Kind {
        self.table.kind(field)
    }

    /// The names of its fields.
    pub fn fields(&self) -> Vec<String> {
        self.table.fields(self.position as usize)
    }

    /// The value of a field in the JSON of a report: a length of time, where the field is of that kind, in seconds.
    pub fn value_in_report(&self, field: &str) -> Result<Json, HostError> {
        match self.length(field) {
            Some(length) => Ok(seconds(length)),
            None => self.value(field).map(|value| value.to_json()),
        }
    }

    /// A field as it stands on a page in `language`: a length of time as all of them are said there.
    pub fn value_on_page(&self, field: &str, language: Language) -> Result<Json, HostError> {
        match self.length(field) {
            Some(length) => Ok(duration::text(length).into()),
            None => self.value(field).map(|value| value.in_language(language)),
        }
    }

    /// The length of time that a field of this kind has.
    fn length(&self, field: &str) -> Option<Duration> {
        let kind = self.kind(field);
        let is_length = kind.parts().contains(&Kind::Duration);
        let bytes = self.bytes(field).filter(|_| is_length)?;
        match kind.value(&bytes) {
            routeros_schema::Value::Duration(length) => Some(length),
            _ => None,
        }
    }

    /// The row as a JSON object of a report.
    pub fn in_report(&self) -> Result<Json, HostError> {
        let fields = self.fields().into_iter();
        fields
            .map(|name| Ok((name.clone(), self.value_in_report(&name)?)))
            .collect()
    }

    /// The row as a JSON object, with the values that a script sees.
    pub fn to_json(&self) -> Result<Json, HostError> {
        self.fields()
            .into_iter()
            .map(|name| {
                let value = self.value(&name)?.to_json();
                Ok((name, value))
            })
            .collect()
    }
}

/// A length of time as a number of seconds, with all of its digits.
fn seconds(length: Duration) -> Json {
    let (whole, rest) = (length.as_secs(), length.subsec_nanos());
    if rest == 0 {
        return Json::from(whole);
    }
    let digits = format!("{whole}.{rest:09}");
    let number = digits.trim_end_matches('0').parse();
    number.map_or(Json::Null, Json::Number)
}

/// What lets `for row in rows` raise the error of a failed read.
impl IntoIterator for Rows {
    type Item = CallResult<Row>;
    type IntoIter = Box<dyn Iterator<Item = Self::Item>>;

    fn into_iter(self) -> Self::IntoIter {
        match self.resolve() {
            Ok(view) => Box::new((0..view.len()).map(move |index| Ok(view.row(index)))),
            Err(error) => Box::new(std::iter::once(Err(error.raise()))),
        }
    }
}
