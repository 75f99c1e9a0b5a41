//! A table as tab-separated values: a line for each row, a tab between two cells, nothing in quotes. The first line
//! has the names of the columns as they are in JSON. What would break a line or a cell is written as an escape:
//! `\t`, `\n`, `\r`, `\\` for a backslash, and `\u001b` for another character that a terminal would obey; so `cut`, `awk`
//! and `sort` see a row as a line, and nothing is lost.

use std::io::{self, Write};

use super::Table;
use super::printable::is_control;

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
            // All of them are below U+10000.
            other if is_control(other) => escaped.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_a_line_or_moves_the_cursor_is_an_escape() {
        for (cell, expected) in [
            ("a\tb\r\nc\\", "a\\tb\\r\\nc\\\\"),
            (
                "\u{1b}[2J\u{9b}\u{7f}\u{202e}\0",
                "\\u001b[2J\\u009b\\u007f\\u202e\\u0000",
            ),
            ("=1+1 \"q\", \u{e9}", "=1+1 \"q\", \u{e9}"),
        ] {
            assert_eq!(escaped(cell), expected);
        }
    }
}
