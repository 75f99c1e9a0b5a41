//! A report as Markdown (GitHub's, for the tables): for a ticket, or a chat that shows it.

use std::io::{self, Write};

use catalogue::{Language, Said};
use sentences::{PageNext, PageSite};

use super::moment::{moment, name_of, on_clock};
use super::printable::printable;
use super::sheet::Sheet;
use super::tables::Named;
use super::text::sum_of;
use super::{Count, Frame, Report, Table, evidence, heading, steps, tables, verdict, words};

/// Writes the report as `sheet` has it, in its language and with all there is or without.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(out: &mut dyn Write, frame: &Frame, report: &Report, sheet: Sheet) -> io::Result<()> {
    let language = sheet.language;
    let zone = &frame.zone;
    let said = |said: &Said| text(&on_clock(&said.in_language(language), zone));
    writeln!(out, "# {}", said(&verdict::headline(report)))?;
    let Frame { site, started, .. } = frame;
    let place = PageSite {
        site: site.as_str(),
        time: moment(*started, zone),
        zone: name_of(zone),
    };
    writeln!(out, "\n{}", said(&place.into()))?;
    let sum = sum_of(report);
    if !sum.is_empty() {
        writeln!(out, "\n**{}**", said(&sum))?;
    }
    counts(out, &report.facts, said)?;
    for note in &report.notes {
        writeln!(out, "\n{}", said(note))?;
    }
    let tables = tables::each(report, language).into_iter();
    let tables = tables.map(|named| match named.name == tables::CHECKS {
        true => named.without(tables::ADVICE),
        false => named,
    });
    // Heads of columns without a row are for programs.
    for named in tables.filter(|named| !named.table.rows.is_empty()) {
        match named.group {
            Some(group) => {
                let severity = said(&words::of_severity(group.severity));
                let count = group.items.len();
                writeln!(out, "\n## {severity}: {} ({count})\n", said(&group.title))?;
            }
            None => writeln!(out, "\n## {}\n", text(&named.table.title))?,
        }
        let table = match named.group {
            Some(group) => evidence::table(group, group.items.len(), frame, sheet),
            None => of_values(&named, frame, sheet),
        };
        rows(out, &table.columns, &table.rows)?;
        if let Some(group) = named.group.filter(|group| !group.advice.is_empty()) {
            writeln!(out, "\n\u{2192} {}", said(&group.advice))?;
        }
    }
    let steps = steps::of(report);
    if !steps.is_empty() {
        writeln!(out, "\n## {}\n", said(&PageNext.into()))?;
        for (number, step) in (1..).zip(&steps) {
            writeln!(out, "{number}. {}", said(&step.text))?;
            for command in &step.commands {
                writeln!(out, "   - {}", code(command))?;
            }
        }
    }
    counts(out, &report.counts, said)
}

/// Writes a table whose columns are names of fields.
///
/// # Errors
/// `out` cannot be written to.
pub fn table(out: &mut dyn Write, table: &Table, language: Language) -> io::Result<()> {
    rows(
        out,
        &heading::of_names(&table.columns, language),
        &table.rows,
    )
}

/// A table of the report with its headings, and its values as on every page.
fn of_values(named: &Named<'_>, frame: &Frame, sheet: Sheet) -> Table {
    let cells = |row: &Vec<String>| {
        let cells = row.iter();
        cells
            .map(|cell| evidence::of_value(cell, frame, sheet))
            .collect()
    };
    Table {
        title: String::new(),
        columns: named.headings.clone(),
        rows: named.table.rows.iter().map(cells).collect(),
    }
}

fn rows(out: &mut dyn Write, headings: &[String], rows: &[Vec<String>]) -> io::Result<()> {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        format!("| {} |", cells.join(" | "))
    };
    writeln!(out, "{}", line(&mut headings.iter().map(|head| text(head))))?;
    let mut rules = headings.iter().map(|_| "---".to_owned());
    writeln!(out, "{}", line(&mut rules))?;
    for row in rows {
        writeln!(out, "{}", line(&mut row.iter().map(|cell| text(cell))))?;
    }
    Ok(())
}

fn counts(out: &mut dyn Write, counts: &[Count], said: impl Fn(&Said) -> String) -> io::Result<()> {
    if !counts.is_empty() {
        writeln!(out)?;
    }
    for count in counts {
        let (label, value) = (said(&count.label), said(&count.value));
        writeln!(out, "- {label}: {value}")?;
    }
    Ok(())
}

/// A command as it is typed.
fn code(command: &str) -> String {
    let command = printable(command);
    match command.contains('`') {
        true => format!("`` {command} ``"),
        false => format!("`{command}`"),
    }
}

/// Text as it is, whatever of it Markdown would take for its own. What stands between backticks already is.
fn text(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut is_code = false;
    for letter in printable(text).chars() {
        if letter == '`' {
            is_code = !is_code;
        }
        // A `|` ends a cell in code as well.
        if letter == '|' || !is_code && r"\*_[]<>#".contains(letter) {
            written.push('\\');
        }
        written.push(letter);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_markdown() {
        for (given, written) in [
            ("a|b", r"a\|b"),
            ("<img src=x> [x](y) *b*", r"\<img src=x\> \[x\](y) \*b\*"),
            ("see `tikbook run a_b`", "see `tikbook run a_b`"),
            ("a\nb", "a\u{b7}b"),
        ] {
            assert_eq!(text(given), written);
        }
    }
}
