//! A table as comma-separated values (RFC 4180): the first line has the names of the columns as they are in
//! JSON, text is as it is.

use std::io::{self, Write};

use super::Table;

/// Writes a table.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    // A line without a value would be read as one that is empty.
    if table.columns.is_empty() {
        return Ok(());
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    writer.write_record(&table.columns)?;
    for row in &table.rows {
        writer.write_record(row)?;
    }
    writer.flush()
}
