//! A report for people: what it comes to, then what needs eyes, what to do, and last what was counted.

use std::io::{self, Write};

use catalogue::{Argument, Language, Said};
use sentences::{
    PageMore, PageNext, PageNotJudged, PageNotJudgedUnseen, PageNothingSeen, PageSite, ValueNo,
    ValueYes,
};
use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr as _;

use super::moment::{moment, name_of, on_clock};
use super::printable::printable;
use super::sheet::Sheet;
use super::worst::Verdict;
use super::{
    Check, Count, Findings, Frame, Report, Severity, Status, Step, Table, evidence, grid, heading,
    steps, verdict, words, wrap,
};

/// How many findings of a kind are shown where the runbook does not say.
const SHOWN: usize = 50;

/// How far what belongs to a heading stands behind it.
const INDENT: usize = 2;

/// Writes the report on `sheet`: its title with what it comes to, who is affected now, facts, notes, checks, findings by their
/// severity, tables, what to do, and the counts.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(out: &mut dyn Write, frame: &Frame, report: &Report, sheet: Sheet) -> io::Result<()> {
    let mut page = Page { out, frame, sheet };
    page.head(report)?;
    if let Some(affected) = &report.affected {
        page.table(affected)?;
    }
    page.counts(&report.facts)?;
    for note in &report.notes {
        page.blank()?;
        page.say(note, "", Style::Plain)?;
    }
    page.checks(report)?;
    page.findings(report)?;
    // Heads of columns without a row are for programs.
    for table in report.tables.iter().filter(|table| !table.rows.is_empty()) {
        page.table(table)?;
    }
    page.steps(&steps::of(report))?;
    page.counts(&report.counts)
}

/// How much is said in short.
const SHORT_LINES: usize = 5;
/// How wide it may be.
const SHORT_WIDTH: usize = 40;

/// Writes what the report comes to in a few short lines, for a small screen: its title, how much was found,
/// and the worst of it, in `language`.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_short(out: &mut dyn Write, report: &Report, language: Language) -> io::Result<()> {
    let (sum, _) = sum(report);
    let mut checks: Vec<&Check> = report.checks.iter().collect();
    checks.retain(|check| check.status > Status::Unknown);
    checks.sort_by_key(|check| std::cmp::Reverse(check.status));
    let checks = checks.into_iter().map(|check| {
        let status = words::of_status(check.status);
        format!("{} {}", status.in_language(language), check.id)
    });
    let groups = told(report).map(|group| {
        let title = group.title.in_language(language);
        format!("{} \u{d7} {title}", group.items.len())
    });
    let short = |line: &str| cut(&printable(line), SHORT_WIDTH);
    let title = printable(&verdict::headline(report).in_language(language));
    // What was counted is said whole, on as many lines as it takes.
    let sum = printable(&sum.in_language(language));
    let sum = filled(&sum, SHORT_WIDTH).into_iter();
    let facts = report.facts.iter().map(|fact| {
        let (label, value) = (&fact.label, &fact.value);
        format!(
            "{} {}",
            label.in_language(language),
            value.in_language(language)
        )
    });
    let worst: Vec<String> = checks.chain(groups).map(|line| short(&line)).collect();
    // Where nothing else is to be said, the title is said whole.
    let title = match report.facts.is_empty() && worst.is_empty() {
        true => wrap::lines(&title, Some(SHORT_WIDTH)),
        false => vec![short(&title)],
    };
    let facts = facts.map(|line| short(&line));
    let lines = title.into_iter().chain(sum).chain(worst).chain(facts);
    let mut lines = lines.filter(|line| !line.is_empty()).take(SHORT_LINES);
    lines.try_for_each(|line| writeln!(out, "{line}"))
}

/// A list in lines of so many columns, each ended by a comma or a semicolon where one stands.
fn filled(list: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in list.split_inclusive([',', ';']) {
        match lines.last_mut() {
            Some(line) if line.width() + part.width() <= width => line.push_str(part),
            _ => lines.push(part.trim_start().to_owned()),
        }
    }
    let lines = lines.iter();
    lines
        .flat_map(|line| wrap::lines(line, Some(width)))
        .collect()
}

/// The first words of a text, as many as fit into so many columns, with a mark where there are more. Of a word
/// that is alone wider than that there is the beginning.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width - 1;
    let first = wrap::lines(text, Some(room)).into_iter().next();
    let mut kept = first.unwrap_or_default();
    while kept.width() > room {
        kept.pop();
    }
    format!("{kept}\u{2026}")
}

/// A value as a cell of a table, in English.
pub fn cell(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().map(cell).collect::<Vec<_>>().join("; "),
        Json::Bool(_) => said(value).to_string(),
        other => other.to_string(),
    }
}

/// A value as it is said.
pub fn said(value: &Json) -> Said {
    match value {
        Json::Bool(true) => ValueYes.into(),
        Json::Bool(false) => ValueNo.into(),
        other => cell(other).into(),
    }
}

/// What a report comes to, in one line: how many checks of each status it has, and findings of each
/// severity; empty without any.
pub fn sum_of(report: &Report) -> Said {
    sum(report).0
}

struct Page<'a> {
    out: &'a mut dyn Write,
    frame: &'a Frame,
    sheet: Sheet,
}

/// How a line stands out, where the sheet shows colours.
#[derive(Clone, Copy)]
enum Style {
    Plain,
    Bold,
    Good,
    Mild,
    Bad,
    Worst,
}

impl Style {
    fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Mild,
            Severity::Warning => Self::Bad,
            Severity::Critical => Self::Worst,
        }
    }

    fn of_status(status: Status) -> Self {
        match status {
            Status::Pass => Self::Good,
            Status::Unknown => Self::Mild,
            Status::Warn => Self::Bad,
            Status::Fail => Self::Worst,
        }
    }

    fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Good,
            Verdict::Info | Verdict::Unknown => Self::Mild,
            Verdict::Warning => Self::Bad,
            Verdict::Critical | Verdict::Failed => Self::Worst,
        }
    }

    /// The number by which a terminal is told.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Good => Some("32"),
            Self::Mild => Some("1;36"),
            Self::Bad => Some("1;33"),
            Self::Worst => Some("1;31"),
        }
    }
}

impl Page<'_> {
    /// The title, where and when it was, and what it comes to.
    fn head(&mut self, report: &Report) -> io::Result<()> {
        if !report.title.is_empty() {
            self.say(&verdict::headline(report), "", Style::Bold)?;
        }
        let Frame { site, zone, .. } = self.frame;
        let name = name_of(zone);
        let started = moment(self.frame.started, zone);
        let place = PageSite {
            site: site.as_str(),
            time: started,
            zone: name,
        };
        self.say(&place.into(), "", Style::Plain)?;
        let (sum, style) = sum(report);
        match sum.is_empty() {
            true => Ok(()),
            false => self.say(&sum, "", style),
        }
    }

    /// Names and values below each other.
    fn counts(&mut self, counts: &[Count]) -> io::Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        self.blank()?;
        let language = self.sheet.language;
        let label = |count: &Count| {
            let label = count.label.in_language(language);
            printable(&label)
        };
        let widths = counts.iter().map(|count| label(count).width());
        // Beside a label there is room for half a sheet of values.
        let most = self.sheet.width.map_or(usize::MAX, |width| width / 2);
        let width = widths.filter(|width| *width <= most).max().unwrap_or(0);
        for count in counts {
            let (mut label, value) = (label(count), self.value(&count.value));
            if label.width() > most {
                self.paragraph(&label, "  ", Style::Plain)?;
                label.clear();
            }
            let padding = width - label.width();
            let before = format!("  {label}{:padding$}  ", "");
            self.beside(&value, &before, 2 * INDENT, None)?;
        }
        Ok(())
    }

    /// Each check in a line, with the number of the step that it advises. What is not judged because of another
    /// one stands below that one's name.
    fn checks(&mut self, report: &Report) -> io::Result<()> {
        let checks = &report.checks;
        if checks.is_empty() {
            return Ok(());
        }
        self.blank()?;
        let width = checks
            .iter()
            .map(|check| printable(&check.id).width())
            .max();
        // A long name does not push the evidence off the page.
        let width = width.unwrap_or(0).min(26);
        for check in checks.iter().filter(|check| check.because.is_none()) {
            let word = self.words(&words::of_status(check.status));
            let (word, id) = (word.as_str(), printable(&check.id));
            let padding = 7_usize.saturating_sub(word.width());
            let gap = width.saturating_sub(id.width());
            let before = format!("  {word}{:padding$}  {id}{:gap$}  ", "", "");
            let below = INDENT + 9;
            let mark = Some((word, Style::of_status(check.status)));
            let mut evidence = self.words(&check.evidence);
            if let Some(number) = steps::number_of(report, check) {
                evidence += &format!(" \u{2192}\u{a0}{number}");
            }
            self.beside(&evidence, &before, below, mark)?;
        }
        let mut causes: Vec<&str> = Vec::new();
        for cause in checks.iter().filter_map(|check| check.because.as_deref()) {
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        causes
            .into_iter()
            .try_for_each(|cause| self.not_judged(checks, cause, width))
    }

    /// What was seen of the checks that are not judged because of one other.
    fn not_judged(&mut self, checks: &[Check], cause: &str, width: usize) -> io::Result<()> {
        self.blank()?;
        let of_cause = checks
            .iter()
            .filter(|check| check.because.as_deref() == Some(cause));
        let (blind, seen): (Vec<&Check>, Vec<&Check>) =
            of_cause.partition(|check| check.evidence.is_empty());
        let ids = blind.iter().map(|check| Said::from(&check.id));
        let checks = Argument::List(ids.collect());
        if seen.is_empty() {
            let unseen = PageNotJudgedUnseen {
                check: cause,
                checks,
            };
            return self.say(&unseen.into(), "", Style::Plain);
        }
        self.say(&PageNotJudged { check: cause }.into(), "", Style::Plain)?;
        for check in seen {
            let id = printable(&check.id);
            let gap = width.saturating_sub(id.width());
            let before = format!("  {id}{:gap$}  ", "");
            self.beside(&self.words(&check.evidence), &before, 2 * INDENT, None)?;
        }
        if blind.is_empty() {
            return Ok(());
        }
        self.say(&PageNothingSeen { checks }.into(), "  ", Style::Plain)
    }

    fn findings(&mut self, report: &Report) -> io::Result<()> {
        let most = report.shown.unwrap_or(SHOWN);
        for group in told(report) {
            let count = group.items.len();
            let severity = words::of_severity(group.severity);
            let severity = self.words(&severity);
            self.blank()?;
            let head = format!("{} ({count})", self.words(&group.title));
            let style = Style::of_severity(group.severity);
            self.paragraph(&head, &format!("{severity} \u{b7} "), style)?;
            self.grid(&evidence::table(
                group,
                most.min(count),
                self.frame,
                self.sheet,
            ))?;
            if count > most {
                let more = count - most;
                self.say(&PageMore { findings: more }.into(), "  ", Style::Plain)?;
            }
            if !group.advice.is_empty() {
                self.say(&group.advice, "\u{2192} ", Style::Plain)?;
            }
        }
        Ok(())
    }

    fn steps(&mut self, steps: &[Step]) -> io::Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.say(&PageNext.into(), "", Style::Bold)?;
        for (number, step) in (1..).zip(steps) {
            let mark = format!("{number}. ");
            self.say(&step.text, &mark, Style::Plain)?;
            // To be copied, so that each is a line and never two.
            for command in &step.commands {
                let (command, indent) = (printable(command), mark.len() + INDENT);
                let room = self.sheet.behind(indent).width;
                let is_wide = room.is_some_and(|room| command.width() > room);
                let indent = if is_wide { INDENT } else { indent };
                writeln!(self.out, "{:indent$}{command}", "")?;
            }
        }
        Ok(())
    }

    fn table(&mut self, table: &Table<Said>) -> io::Result<()> {
        let language = self.sheet.language;
        let columns = table.columns.iter();
        let columns = columns.map(|column| heading::of_column(column, language));
        let columns = columns.collect();
        let table = table.in_language(language);
        self.blank()?;
        self.paragraph(&table.title, "", Style::Bold)?;
        let rows = table.rows.iter();
        let shown = |cell: &String| evidence::of_value(cell, self.frame, self.sheet);
        let rows = rows.map(|row| row.iter().map(shown).collect());
        self.grid(&Table {
            title: String::new(),
            rows: rows.collect(),
            columns,
        })
    }

    fn grid(&mut self, table: &Table) -> io::Result<()> {
        for line in grid::lines(&table.columns, &table.rows, self.sheet.behind(INDENT).width) {
            let line = format!("{:INDENT$}{line}", "");
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// What is said in the place of a value.
    fn value(&self, said: &Said) -> String {
        let words = said.in_language(self.sheet.language);
        evidence::of_value(&words, self.frame, self.sheet)
    }

    /// The words of what is said, in the language of the sheet and on the site's clock.
    fn words(&self, said: &Said) -> String {
        let words = said.in_language(self.sheet.language);
        on_clock(&words, &self.frame.zone).into_owned()
    }

    /// What is said behind `before`, as a paragraph.
    fn say(&mut self, said: &Said, before: &str, style: Style) -> io::Result<()> {
        let words = self.words(said);
        self.paragraph(&words, before, style)
    }

    /// A text behind `before`, below the end of which its further lines begin.
    fn paragraph(&mut self, text: &str, before: &str, style: Style) -> io::Result<()> {
        self.lines(text, before, |line, _| paint(line, style))
    }

    /// A text behind `before`, of which one word may stand out. One with a word that has no room there, and
    /// is never broken, stands below it, behind so many columns.
    fn beside(
        &mut self,
        text: &str,
        before: &str,
        below: usize,
        mark: Option<(&str, Style)>,
    ) -> io::Result<()> {
        let painted = |line: &str, is_first: bool| match mark {
            Some((word, style)) if is_first => line.replacen(word, &paint(word, style), 1),
            _ => line.to_owned(),
        };
        let room = self.sheet.behind(before.width()).width;
        if room.is_none_or(|room| wrap::widest_word(&printable(text)) <= room) {
            return self.lines(text, before, painted);
        }
        self.lines("", before, painted)?;
        self.paragraph(text, &format!("{:below$}", ""), Style::Plain)
    }

    fn lines(
        &mut self,
        text: &str,
        before: &str,
        painted: impl Fn(&str, bool) -> String,
    ) -> io::Result<()> {
        let indent = before.width();
        let lines = wrap::lines(&printable(text), self.sheet.behind(indent).width);
        for (number, line) in lines.iter().enumerate() {
            // What is never broken, and has no room behind all of that, has fewer blanks before it.
            let is_wide = self
                .sheet
                .width
                .is_some_and(|width| indent + line.width() > width);
            let least = if is_wide { INDENT.min(indent) } else { indent };
            let line = match number {
                0 if is_wide => format!("{:least$}{}{line}", "", before.trim_start()),
                0 => format!("{before}{line}"),
                _ => format!("{:least$}{line}", ""),
            };
            let line = match self.sheet.color {
                true => painted(line.trim_end(), number == 0),
                false => line.trim_end().to_owned(),
            };
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

fn paint(text: &str, style: Style) -> String {
    match style.code() {
        Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        None => text.to_owned(),
    }
}

/// The findings that no check says already, the worst first.
fn told(report: &Report) -> impl Iterator<Item = &Findings> {
    let is_checked = |group: &&Findings| {
        let check = group.of_check.as_ref();
        check.is_none_or(|id| !report.checks.iter().any(|check| check.id == *id))
    };
    report.by_severity().into_iter().filter(is_checked)
}

/// What the report comes to: how many findings there are of each severity, and checks of each status.
fn sum(report: &Report) -> (Said, Style) {
    let of_severity = |severity| {
        let groups = told(report).filter(|group| group.severity == severity);
        groups.map(|group| group.items.len()).sum::<usize>()
    };
    let of_status = |status| {
        let checks = report.checks.iter();
        checks.filter(|check| check.status == status).count()
    };
    let worst_first = Severity::ALL.into_iter().rev();
    let found = worst_first.map(|severity| (severity, of_severity(severity)));
    let found: Vec<(Severity, usize)> = found.filter(|(_, count)| *count > 0).collect();
    let worst_first = Status::ALL.into_iter().rev();
    let checked = worst_first.map(|status| (status, of_status(status)));
    let checked: Vec<(Status, usize)> = checked.filter(|(_, count)| *count > 0).collect();
    let style = Style::of_verdict(Verdict::on(report, false));
    let checked = checked
        .into_iter()
        .map(|(status, count)| words::checks_of(status, count));
    let found = found
        .into_iter()
        .map(|(severity, count)| words::findings_of(severity, count));
    (words::sum(checked.collect(), found.collect()), style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    fn page(report: &Report, sheet: Sheet) -> String {
        let frame = Frame {
            site: "home".to_owned(),
            runbook: String::new(),
            started: Timestamp::UNIX_EPOCH,
            zone: TimeZone::UTC,
            comment: |_| None,
        };
        let mut out = Vec::new();
        write(&mut out, &frame, report, sheet).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_stand_below_each_other_whatever_their_labels_are_written_in() {
        const NAMES: [&str; 3] = ["\u{7528}\u{6237}", "users", "cafe\u{301}"];
        let count = |label: &str| Count {
            label: label.into(),
            value: "=".into(),
        };
        let check = |id: &str| Check::pass(id, "=");
        for (report, expected) in [
            (
                Report {
                    counts: NAMES.map(count).into(),
                    ..Report::default()
                },
                9,
            ),
            (
                Report {
                    checks: NAMES.map(check).into(),
                    ..Report::default()
                },
                18,
            ),
        ] {
            let text = page(&report, Sheet::PIPE);
            let columns = text.lines().filter_map(|line| line.split_once('='));
            let columns: Vec<usize> = columns.map(|(label, _)| label.width()).collect();
            assert_eq!(columns, [expected; 3], "{text}");
        }
    }

    #[test]
    fn what_has_no_room_beside_its_name_stands_below_it() {
        const ID: &str = "6f1d2c9e-8b1a-4a53-9f60-3f2f0c7d5e21";
        let text = format!("held by {ID} for 50m 30s");
        for name in ["lock", "the lock of this task, by its key", &"x".repeat(58)] {
            let report = Report {
                facts: vec![Count {
                    label: name.into(),
                    value: text.clone().into(),
                }],
                checks: vec![Check::fail(&name.replace(' ', "-"), text.as_str(), "")],
                ..Report::default()
            };
            for width in 60..=200 {
                let page = page(&report, Sheet::of_width(width));
                let wide = page.lines().find(|line| line.width() > width.max(70));
                assert_eq!(wide, None, "{width}: {page}");
                let ids = page.lines().filter(|line| line.contains(ID));
                let ids: Vec<&str> = ids.collect();
                assert_eq!(ids.len(), 2, "{width}: {page}");
                assert!(
                    ids.iter().all(|line| line.width() <= width),
                    "{width}: {page}"
                );
            }
        }
    }
}
