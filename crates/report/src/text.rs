//! A report for people.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table as Grid, Width};
use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr as _;

use super::{Findings, Frame, Report, Severity, Table};

/// How wide a report may be.
pub const WIDTH: u16 = 100;

/// How many findings of a kind are shown where the runbook does not say.
const SHOWN: usize = 50;

/// How much of a text is shown as a fact: a comment's first tokens say whose it is. JSON has all of
/// it; a list of texts is shown whole.
const FACT: usize = 44;

/// Writes the report: its title, the counts, tables, the findings by kind, then what to do next.
/// With `color` headings stand out; without, the text reads as well.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(out: &mut dyn Write, frame: &Frame, report: &Report, color: bool) -> io::Result<()> {
    let paint = Paint { color };
    if !report.title.is_empty() {
        writeln!(out, "{}", paint.bold(&report.title))?;
    }
    writeln!(
        out,
        "site {}, {}",
        frame.site,
        frame.started.strftime("%Y-%m-%d %H:%M:%S UTC")
    )?;
    write_counts(out, report)?;
    for note in &report.notes {
        writeln!(out, "\n{}", wrapped(note, 0))?;
    }
    for table in &report.tables {
        writeln!(out, "\n{}", paint.bold(&table.title))?;
        write_table(out, table)?;
    }
    write_findings(out, report, &paint)?;
    if !report.next.is_empty() {
        writeln!(out, "\n{}", paint.bold("What to do next"))?;
        for (number, step) in report.next.iter().enumerate() {
            writeln!(out, "{}", wrapped(&format!("{}. {step}", number + 1), 3))?;
        }
    }
    Ok(())
}

fn write_counts(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let labels: Vec<String> = report
        .counts
        .iter()
        .map(|count| printable(&count.label))
        .collect();
    let width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    if width > 0 {
        writeln!(out)?;
    }
    for (label, count) in labels.iter().zip(&report.counts) {
        let padding = width - label.width();
        let value = wrapped(&count.value, width + 4);
        writeln!(out, "  {label}{:padding$}  {value}", "")?;
    }
    Ok(())
}

fn write_findings(out: &mut dyn Write, report: &Report, paint: &Paint) -> io::Result<()> {
    let mut groups: Vec<&Findings> = report
        .findings
        .iter()
        .filter(|group| !group.items.is_empty())
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    if groups.is_empty() {
        return Ok(());
    }
    let shown = report.shown.unwrap_or(SHOWN);
    for group in groups {
        let count = group.items.len();
        let head = format!("{} · {} ({count})", group.severity.as_str(), group.title);
        writeln!(out)?;
        for line in wrapped(&head, 2).lines() {
            writeln!(out, "{}", paint.severity(group.severity, line))?;
        }
        write_table(out, &evidence_table(group, shown.min(count)))?;
        if count > shown {
            writeln!(
                out,
                "  … and {} more; --json lists all of them",
                count - shown
            )?;
        }
        if !group.advice.is_empty() {
            writeln!(out, "{}", wrapped(&format!("→ {}", group.advice), 2))?;
        }
    }
    Ok(())
}

fn evidence_table(group: &Findings, shown: usize) -> Table {
    let facts: Vec<Vec<(String, Json)>> =
        (0..shown).map(|index| group.items.facts(index)).collect();
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in facts.iter().flatten() {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let rows = facts
        .iter()
        .map(|facts| {
            columns
                .iter()
                .map(|column| {
                    facts
                        .iter()
                        .find(|(name, _)| name == column)
                        .map_or(String::new(), |(_, value)| fact(value))
                })
                .collect()
        })
        .collect();
    Table {
        title: String::new(),
        columns,
        rows,
    }
}

/// A value as a cell of a table.
pub fn cell(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Bool(flag) => (if *flag { "yes" } else { "no" }).to_owned(),
        Json::Array(parts) => parts.iter().map(cell).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// A value as a cell among findings.
fn fact(value: &Json) -> String {
    match value {
        Json::Array(_) => cell(value),
        other => shortened(&cell(other)),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= FACT {
        return text.to_owned();
    }
    text.chars().take(FACT - 1).chain(['…']).collect()
}

fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table_lines(table, WIDTH - 2) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// A table in lines of at most `width` columns; none without rows.
pub fn table_lines(table: &Table, width: u16) -> Vec<String> {
    if table.columns.is_empty() || table.rows.is_empty() {
        return Vec::new();
    }
    let mut grid = Grid::new();
    grid.load_style(comfy_table::presets::NOTHING);
    grid.set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(width);
    grid.set_header(table.columns.iter().map(|column| printable(column)));
    for row in &table.rows {
        grid.add_row(row.iter().map(|cell| printable(cell)));
    }
    let lines = lines_of(&grid);
    let is_whole = |word: &str| lines.iter().any(|line| line.contains(word));
    let cells = table.rows.iter().flatten();
    if cells.flat_map(|cell| copied(cell)).all(is_whole) {
        return lines;
    }
    for (index, narrowest) in unbroken(table, width).into_iter().enumerate() {
        if let (Some(column), Some(narrowest)) = (grid.column_mut(index), narrowest) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(narrowest)));
        }
    }
    lines_of(&grid)
}

fn lines_of(grid: &Grid) -> Vec<String> {
    grid.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// The longest word that is not broken.
const WORD: usize = 24;
/// What a column has beside its words.
const PADDING: usize = 2;

/// The words of a cell that are copied, such as the id of a run, an address or a time: those with a digit
/// in them.
fn copied(cell: &str) -> impl Iterator<Item = &str> {
    let words = cell.split(' ').filter(|word| word.width() <= WORD);
    words.filter(|word| word.contains(|c: char| c.is_ascii_digit()))
}

/// How narrow columns of a table in `width` columns may become, where a word is in them that is copied: it
/// is not broken. Where there is no room for all the first ones count.
fn unbroken(table: &Table, width: u16) -> Vec<Option<u16>> {
    let longest = |column: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(column));
        cells.flat_map(|cell| copied(cell)).map(str::width).max()
    };
    let columns = table.columns.len();
    // Each has at least one letter of its own.
    let mut room = usize::from(width).saturating_sub(columns * (1 + PADDING));
    let narrowest = |column: usize| {
        let longest = longest(column).filter(|longest| *longest <= room + 1)?;
        room -= longest.saturating_sub(1);
        u16::try_from(longest + PADDING).ok()
    };
    (0..columns).map(narrowest).collect()
}

/// Text from a router or a database as one line that cannot move the cursor, ring the bell or turn
/// the direction of what stands beside it: each character that would is shown as `·`.
pub fn printable(text: &str) -> String {
    shown(text, |_| false)
}

/// The same of text that somebody laid out: its tabs stay.
pub fn printable_line(text: &str) -> String {
    shown(text, |c| c == '\t')
}

/// The same of text in several lines, which it stays.
pub fn printable_lines(text: &str) -> impl Iterator<Item = String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(printable_line)
}

fn shown(text: &str, passes: impl Fn(char) -> bool) -> String {
    let shown = |c| if is_control(c) && !passes(c) { '·' } else { c };
    text.chars().map(shown).collect()
}

/// C0, DEL and C1; the ends of lines and paragraphs; what has Unicode's property Bidi_Control.
fn is_control(c: char) -> bool {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    let directs = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || ends_line || directs
}

fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in printable(text).split(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() > usize::from(WIDTH) - indent {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

struct Paint {
    color: bool,
}

impl Paint {
    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn severity(&self, severity: Severity, text: &str) -> String {
        match severity {
            Severity::Info => self.with("1;36", text),
            Severity::Warning => self.with("1;33", text),
            Severity::Critical => self.with("1;31", text),
        }
    }

    fn with(&self, code: &str, text: &str) -> String {
        let text = printable(text);
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Count;

    #[test]
    fn control_characters_of_a_comment_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a·[2Jb·c·d");
        let controls = (0..0x20).chain(0x7f..0xa0).chain([0x61c, 0x200e, 0x200f]);
        let controls = controls.chain(0x2028..0x202f).chain(0x2066..0x206a);
        for control in controls.filter_map(char::from_u32) {
            assert_eq!(printable(&format!("a{control}b")), "a·b", "{control:?}");
        }
        assert_eq!(
            printable("\u{e9}\u{a0}\u{2027}\u{206a}"),
            "\u{e9}\u{a0}\u{2027}\u{206a}"
        );
    }

    #[test]
    fn text_that_was_laid_out_keeps_its_lines_and_tabs() {
        for (text, expected) in [
            ("", &[""][..]),
            ("a\tb\r\n\u{1b}[2J\n", &["a\tb·", "·[2J"]),
            ("\n\n", &["", ""]),
        ] {
            let lines: Vec<String> = printable_lines(text).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
    }

    #[test]
    fn values_stand_below_each_other_whatever_their_labels_are_written_in() {
        let count = |label: &str| Count {
            label: label.to_owned(),
            value: "=".to_owned(),
        };
        let report = Report {
            counts: ["\u{7528}\u{6237}", "users", "cafe\u{301}"]
                .map(count)
                .into(),
            ..Report::default()
        };
        let mut out = Vec::new();
        write_counts(&mut out, &report).unwrap();
        let text = String::from_utf8(out).unwrap();
        let columns = text.lines().filter_map(|line| line.split_once('='));
        let columns: Vec<usize> = columns.map(|(label, _)| label.width()).collect();
        assert_eq!(columns, [9, 9, 9], "{text}");
    }

    #[test]
    fn long_lines_are_wrapped_at_words() {
        let text = wrapped(&"word ".repeat(40), 2);
        assert!(text.lines().all(|line| line.chars().count() <= 100));
        assert!(text.lines().count() > 1);
    }

    #[test]
    fn a_word_that_is_copied_is_broken_only_where_there_is_no_room() {
        let id = "20261128-150831-d3771a";
        let words = "somebody-with-a-name-that-is-longer-than-the-page-and-then-some";
        let table = Table {
            title: String::new(),
            columns: ["run", "by", "undoes"].map(str::to_owned).to_vec(),
            rows: vec![vec![id.to_owned(), words.to_owned(), format!("undo {id}")]],
        };
        for (width, whole) in [(100, 2), (64, 2), (58, 2), (40, 1), (30, 1), (10, 0)] {
            let lines = table_lines(&table, width);
            let found = lines.iter().map(|line| line.matches(id).count());
            assert_eq!(found.sum::<usize>(), whole, "{width}: {lines:#?}");
            let longest = lines.iter().map(|line| line.width()).max();
            assert!(
                width < 40 || longest <= Some(usize::from(width)),
                "{lines:#?}"
            );
        }
    }
}
