//! Columns of the portal's tables, read alike from every database.

use jiff::Timestamp;

use super::super::error::HostError;
use super::super::rows::Row;
use super::super::value::Value;
use portal::number::truth;

/// The columns of one row. A value that is not of its column's kind is noted, and something
/// harmless stands in for it, so that one bad row does not hide all the others.
pub struct Columns<'row> {
    row: &'row Row,
    /// The first value that was not of its column's kind.
    pub problem: Option<String>,
}

impl<'row> Columns<'row> {
    /// The columns of `row`.
    pub fn of(row: &'row Row) -> Self {
        Columns { row, problem: None }
    }

    /// The value as it came.
    ///
    /// # Errors
    /// The column was not selected, or cannot be decoded. The other readers fail alike.
    pub fn value(&self, column: &str) -> Result<Value, HostError> {
        self.row.value(column)
    }

    /// A text; NULL is empty.
    pub fn text(&self, column: &str) -> Result<String, HostError> {
        Ok(match self.row.value(column)? {
            Value::Text(text) => text,
            other => other.key().into_owned(),
        })
    }

    /// A text, or nothing.
    pub fn optional_text(&self, column: &str) -> Result<Option<String>, HostError> {
        Ok(match self.row.value(column)? {
            Value::Text(text) => Some(text),
            _ => None,
        })
    }

    /// A truth value; NULL is false, and SQLite's 1 is true.
    pub fn flag(&mut self, column: &str) -> Result<bool, HostError> {
        let value = self.row.value(column)?;
        let flag = match &value {
            Value::Unit => Some(false),
            Value::Bool(flag) => Some(*flag),
            other => truth(&other.key()),
        };
        Ok(flag.unwrap_or_else(|| self.note(column, &value, "true or false", false)))
    }

    /// A whole number; NULL is 0.
    pub fn whole(&mut self, column: &str) -> Result<i64, HostError> {
        let value = self.row.value(column)?;
        let number = match &value {
            Value::Unit => Some(0),
            Value::Int(number) => Some(*number),
            other => other.key().parse().ok(),
        };
        Ok(number.unwrap_or_else(|| self.note(column, &value, "a whole number", 0)))
    }

    /// A number that may have decimals; nothing for NULL and for what is no number (`NaN`).
    pub fn number(&mut self, column: &str) -> Result<Option<f64>, HostError> {
        let value = self.row.value(column)?;
        let number = match &value {
            Value::Unit => None,
            Value::Float(number) => Some(*number),
            other => other.key().parse().ok(),
        };
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            self.note(column, &value, "a number", ());
        }
        Ok(number)
    }

    /// A point in time; a database without a type for it keeps it as text in UTC.
    pub fn time(&self, column: &str) -> Result<Option<Timestamp>, HostError> {
        Ok(match self.row.value(column)? {
            Value::Time(time) => Some(time),
            Value::Text(text) => {
                let text = text.replacen(' ', "T", 1);
                text.parse().or_else(|_| format!("{text}Z").parse()).ok()
            }
            _ => None,
        })
    }

    fn note<T>(&mut self, column: &str, value: &Value, wanted: &str, instead: T) -> T {
        let shown = match value {
            Value::Unit => "NULL".into(),
            other => other.key(),
        };
        self.problem
            .get_or_insert_with(|| format!("{column} `{shown}` is not {wanted}"));
        instead
    }
}
