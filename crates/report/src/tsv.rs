//! A table as tab-separated values: a line for each row, a tab between two cells, nothing in quotes. The first line
//! has the names of the columns as they are in JSON. What would break a line or a cell is written as an escape:
//! `\t`, `\n`, `\r`, and `\\` for a backslash; so `cut`, `awk` and `sort` see a row as a line, and nothing is lost.

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
    let mut lines = [&table.columns].into_iter().chain(&table.rows);
    lines.try_for_each(|cells| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        writeln!(out, "{}", cells.join("\t"))
    })
}

fn escaped(cell: &str) -> String {
    cell.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\\' => escaped.push_str("\\\\"),
            other => escaped.push(other),
        }
        escaped
    })
}
