//! The answer to a query: rows as they came, decoded when they are touched.

use std::sync::Arc;

use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;

use super::error::DatabaseError;
use super::mysql_value::MysqlDecoder;
use super::postgres_value::PostgresDecoder;
use super::value::SqlValue;

/// The rows of one query. A clone shares them.
#[derive(Clone)]
pub struct SqlRows {
    columns: Arc<[Arc<str>]>,
    rows: Arc<Kept>,
}

/// Rows as their driver holds them: one buffer a row, nothing decoded. SQLite's are decoded at once,
/// because its values may not be shared between threads.
pub(super) enum Kept {
    Postgres(Vec<PgRow>, Vec<PostgresDecoder>),
    Mysql(Vec<MySqlRow>, Vec<MysqlDecoder>),
    Sqlite(Vec<Box<[SqlValue]>>),
}

impl SqlRows {
    pub(super) fn new(columns: impl IntoIterator<Item = String>, rows: Kept) -> Self {
        Self {
            columns: columns.into_iter().map(Arc::from).collect(),
            rows: Arc::new(rows),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &*self.rows {
            Kept::Postgres(rows, _) => rows.len(),
            Kept::Mysql(rows, _) => rows.len(),
            Kept::Sqlite(rows) => rows.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the columns, in the order of the query; there are names without a row too.
    pub fn columns(&self) -> &Arc<[Arc<str>]> {
        &self.columns
    }

    /// The place of the first column called `name`.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| **column == *name)
    }

    /// The value at `row` and `column`, both counted from 0; NULL outside of the answer.
    ///
    /// # Errors
    /// [`DatabaseError::Value`] if the bytes are not what the server says they are.
    pub fn value(&self, row: usize, column: usize) -> Result<SqlValue, DatabaseError> {
        if row >= self.len() || column >= self.columns.len() {
            return Ok(SqlValue::Null);
        }
        let decoded = match &*self.rows {
            Kept::Postgres(rows, decoders) => decoders[column].value(&rows[row], column),
            Kept::Mysql(rows, decoders) => decoders[column].value(&rows[row], column),
            Kept::Sqlite(rows) => Ok(rows[row][column].clone()),
        };
        decoded.map_err(|reason| DatabaseError::Value {
            column: self.columns[column].to_string(),
            reason: reason.into(),
        })
    }

    /// Calls `with` with the bytes of a value that came as text, without copying them; `false`, and
    /// nothing called, for NULL and for values of any other type.
    pub fn with_text(&self, row: usize, column: usize, with: &mut dyn FnMut(&[u8])) -> bool {
        if row >= self.len() || column >= self.columns.len() {
            return false;
        }
        match &*self.rows {
            Kept::Postgres(rows, decoders) => decoders[column].with_text(&rows[row], column, with),
            Kept::Mysql(rows, decoders) => decoders[column].with_text(&rows[row], column, with),
            Kept::Sqlite(rows) => match &rows[row][column] {
                SqlValue::Text(text) => {
                    with(text.as_bytes());
                    true
                }
                _ => false,
            },
        }
    }
}
