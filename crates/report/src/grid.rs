//! Rows of cells below each other: as a table, or where there is no room for one a card for each row.

use unicode_width::UnicodeWidthStr as _;

use super::printable::printable;
use super::wrap;

/// What stands between two columns.
const GAP: usize = 2;

/// A text in fewer columns is read word by word: then a card is better.
const READABLE: usize = 16;

/// The rows under their headings in lines of at most `width` columns; without one a line for each row. A
/// column gives way for those before it, the last one first, and no word is broken for it.
pub fn lines(headings: &[String], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    if headings.is_empty() || rows.is_empty() {
        return Vec::new();
    }
    let headings: Vec<String> = headings.iter().map(|heading| printable(heading)).collect();
    let cell = |row: &Vec<String>, column: usize| {
        let cell = row.get(column).map(String::as_str);
        printable(cell.unwrap_or_default())
    };
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            (0..headings.len())
                .map(|column| cell(row, column))
                .collect()
        })
        .collect();
    let columns: Vec<Column> = (0..headings.len())
        .map(|column| Column::of(&headings[column], rows.iter().map(|row| &row[column])))
        .collect();
    match fitted(&columns, width) {
        Some(widths) => table(&headings, &rows, &columns, &widths),
        None => cards(&headings, &rows, width),
    }
}

/// What is known of a column.
struct Column {
    /// The width that it would have.
    natural: usize,
    /// The width below which a word would be broken, or nobody likes to read.
    least: usize,
    /// Are all of its values numbers? Then they end below each other.
    is_number: bool,
}

impl Column {
    fn of<'a>(heading: &str, cells: impl Iterator<Item = &'a String> + Clone) -> Self {
        let widest = |width: fn(&str) -> usize| {
            let widths = cells.clone().map(|cell| width(cell));
            widths.max().unwrap_or(0).max(width(heading))
        };
        let mut filled = cells.clone().filter(|cell| !cell.is_empty()).peekable();
        let natural = widest(|text| text.width());
        Self {
            natural,
            least: widest(wrap::widest_word).max(natural.min(READABLE)),
            is_number: filled.peek().is_some() && filled.all(|cell| is_number(cell)),
        }
    }
}

/// Digits with what belongs to a number, and nothing else. What begins with a zero as a phone does is none.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    are_digits(whole) && are_digits(fraction) && is_plain && whole.len() <= 10
}

/// The widths of the columns; nothing where words would have to be broken for it.
fn fitted(columns: &[Column], width: Option<usize>) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.natural).collect();
    let Some(width) = width else {
        return Some(widths);
    };
    let room = width.checked_sub(GAP * (columns.len() - 1))?;
    for (column, known) in columns.iter().enumerate().rev() {
        let excess = widths.iter().sum::<usize>().saturating_sub(room);
        widths[column] = known.natural.saturating_sub(excess).max(known.least);
    }
    (widths.iter().sum::<usize>() <= room).then_some(widths)
}

fn table(
    headings: &[String],
    rows: &[Vec<String>],
    columns: &[Column],
    widths: &[usize],
) -> Vec<String> {
    let rows = [headings].into_iter().chain(rows.iter().map(Vec::as_slice));
    rows.flat_map(|row| row_lines(row, columns, widths))
        .collect()
}

fn row_lines(row: &[String], columns: &[Column], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrap::lines(cell, Some(*width)))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let mut line = String::new();
        for ((cell, column), width) in cells.iter().zip(columns).zip(widths) {
            let text = cell.get(number).map(String::as_str).unwrap_or_default();
            let padding = " ".repeat(width.saturating_sub(text.width()));
            let (before, after) = match column.is_number {
                true => (padding.as_str(), ""),
                false => ("", padding.as_str()),
            };
            line.extend([before, text, after, "  "]);
        }
        line.trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// Each row as its values below each other, with a line between two rows.
fn cards(headings: &[String], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let label = headings.iter().map(|heading| heading.width()).max();
    let label = label.unwrap_or(0);
    let room = width.map(|width| width.saturating_sub(label + GAP).max(1));
    let mut lines = Vec::new();
    for row in rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let filled = headings
            .iter()
            .zip(row)
            .filter(|(_, cell)| !cell.is_empty());
        for (heading, cell) in filled {
            let padding = label - heading.width();
            let mut label = format!("{heading}{:padding$}", "");
            // What has no room beside its heading and is never broken stands below it.
            if room.is_some_and(|room| wrap::widest_word(cell) > room) {
                let below = wrap::lines(cell, width.map(|width| width.saturating_sub(GAP)));
                lines.push(heading.clone());
                lines.extend(below.iter().map(|line| format!("{:GAP$}{line}", "")));
                continue;
            }
            for line in wrap::lines(cell, room) {
                lines.push(format!("{label}  {line}"));
                label = " ".repeat(label.width());
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn runs() -> (Vec<String>, Vec<Vec<String>>) {
        let headings = words(&["run", "rows", "by", "comment"]);
        let comment =
            "lpsaring|status=blocked|user=081255501001|uid=5e840e76 and what somebody wrote";
        let rows = vec![
            words(&["20261128-150831-d3771a", "7", "joko", comment]),
            words(&["20261128-150832-0000aa", "12", "\u{7528}\u{6237}", ""]),
        ];
        (headings, rows)
    }

    #[test]
    fn no_line_is_wider_and_no_word_broken_at_any_width() {
        let (headings, rows) = runs();
        for width in 40..=200 {
            let lines = lines(&headings, &rows, Some(width));
            let widest = lines.iter().map(|line| line.width()).max();
            assert!(widest <= Some(width), "{width}: {lines:#?}");
            let text = lines.join("\n");
            for word in ["20261128-150831-d3771a", "status=blocked|", "uid=5e840e76"] {
                assert!(text.contains(word), "{width}: {text}");
            }
        }
    }

    #[test]
    fn without_a_width_a_row_is_a_line() {
        let (headings, rows) = runs();
        let lines = lines(&headings, &rows, None);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].ends_with("and what somebody wrote"), "{lines:?}");
    }

    #[test]
    fn numbers_end_below_each_other_and_phones_do_not() {
        let headings = words(&["phone", "debt (MB)"]);
        let rows = vec![words(&["0812", "7.5"]), words(&["081255501001", "1200.0"])];
        let lines = lines(&headings, &rows, Some(80));
        assert_eq!(
            lines,
            [
                "phone         debt (MB)",
                "0812                7.5",
                "081255501001     1200.0"
            ]
        );
    }

    #[test]
    fn the_last_column_gives_way_first_and_where_none_can_a_row_is_a_card() {
        let headings = words(&["address", "why"]);
        let rows = vec![words(&[
            "10.20.0.113",
            "the row blocks a user who is not blocked",
        ])];
        assert_eq!(
            lines(&headings, &rows, Some(40)),
            [
                "address      why",
                "10.20.0.113  the row blocks a user who",
                "             is not blocked"
            ]
        );
        let wide = vec![words(&[
            "10.20.0.113",
            "limit-exceeded-by-a-device-too-many",
        ])];
        assert_eq!(
            lines(&headings, &wide, Some(44)),
            [
                "address  10.20.0.113",
                "why      limit-exceeded-by-a-device-too-many"
            ]
        );
    }
}
