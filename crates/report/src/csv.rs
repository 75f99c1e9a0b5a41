//! A table as comma-separated values (RFC 4180), for a spreadsheet: the first line has the names of the columns as they
//! are in JSON, a row is a line, and a cell is text that only shows itself. What would move a cursor or end a line
//! is `·` as on a page, and what a spreadsheet would reckon with has an apostrophe before it, which it takes away.
//! Who wants each character as it is takes JSON, or [`super::tsv`], which escapes them.

use std::io::{self, Write};

use super::Table;
use super::printable::printable_line;

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
    for row in [&table.columns].into_iter().chain(&table.rows) {
        writer.write_record(row.iter().map(|cell| guarded(&printable_line(cell))))?;
    }
    writer.flush()
}

/// A cell that a spreadsheet takes for text or a number, and never for a formula.
fn guarded(cell: &str) -> String {
    // A mark alone is a mark: nothing follows that could be reckoned with.
    let begins = cell.starts_with(['=', '+', '-', '@', '\t']) && cell.len() > 1;
    match begins && !is_number(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// A sign, digits, and digits behind a point.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let parts: Vec<&str> = digits.split('.').collect();
    let are_digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() <= 2 && parts.iter().all(are_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &str) -> String {
        let table = Table {
            title: String::new(),
            columns: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![vec![cell.to_owned(), "x".to_owned()]],
        };
        let mut out = Vec::new();
        write(&mut out, &table).unwrap();
        let text = String::from_utf8(out).unwrap();
        let row = text.strip_prefix("a,b\n").unwrap();
        row.strip_suffix(",x\n").unwrap().to_owned()
    }

    #[test]
    fn no_cell_is_a_formula_and_none_moves_the_cursor() {
        for (cell, expected) in [
            ("plain", "plain"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=1+1", "'=1+1"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1+1", "'\t=1+1"),
            ("-5", "-5"),
            ("+6281255501001", "+6281255501001"),
            ("-7.25", "-7.25"),
            ("-1.2.3", "'-1.2.3"),
            ("-", "-"),
            ("", ""),
            ("a=b", "a=b"),
            ("x\u{1b}[2J\u{202e}y", "x·[2J·y"),
            ("two\r\nlines", "two··lines"),
            ("\r=1", "·=1"),
        ] {
            assert_eq!(written(cell), expected, "{cell:?}");
        }
    }
}
