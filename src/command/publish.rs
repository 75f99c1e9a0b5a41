//! The end of a run: its report on stdout, its error on stderr, and what the shell sees.

use std::io::Write;

use catalogue::Language;

use crate::cli::Format;
use crate::failure::{Code, Failure};
use report::{Frame, Report, Table, csv, json, markdown, tables, text, tsv};
use sentences::{UsageSeveralTables, UsageSeveralTablesHint, UsageTables, UsageUnknownTable};

use super::Setting;
use super::changes::Account;
use super::output::Output;

/// Shows report and error and says what the shell sees. A report stands on stdout even where the
/// run failed: what it says is marked by the error beside it.
///
/// # Errors
/// `failure` itself, or stdout cannot be written.
pub fn publish(
    setting: &Setting,
    frame: &Frame,
    account: Account,
    fail_on_findings: bool,
) -> Result<Code, Failure> {
    let Account {
        report,
        failure,
        made,
    } = account;
    let failure = failure.map(|failure| failure.hiding(&setting.sources.secrets));
    let shown = show(setting, frame, &report, failure.as_ref());
    match failure {
        // A stdout that is gone, with its terminal, does not hide why the run ended.
        Some(failure) => return Err(failure),
        // Nor that it changed something.
        None => shown.map_err(|failure| match &made {
            // A reader that has seen enough is told nothing more.
            Some(made) if !failure.is_answer() => made.before(failure),
            _ => failure,
        })?,
    }
    match fail_on_findings && report.finding_count() > 0 {
        true => Ok(Code::Findings),
        false => Ok(Code::Done),
    }
}

/// Shows a report in the format that was asked for.
///
/// # Errors
/// It cannot be written, or has not the one table that was asked for.
pub fn show(
    setting: &Setting,
    frame: &Frame,
    report: &Report,
    failure: Option<&Failure>,
) -> Result<(), Failure> {
    let output = &setting.output;
    if output.format == Format::Text {
        if says_something(report, failure) {
            output.page(|out, sheet| match output.is_short {
                true => text::write_short(out, report, sheet.language),
                false => text::write(out, frame, report, sheet),
            })?;
        }
        return Ok(());
    }
    if output.format == Format::Markdown && !says_something(report, failure) {
        return Ok(());
    }
    let error = failure.map(Failure::to_json);
    let mut out = output.stdout()?;
    match output.format {
        Format::Text => {}
        Format::Json => json::write(&mut out, frame, report, error.as_ref())?,
        Format::Ndjson => json::write_line(&mut out, frame, report, error.as_ref())?,
        Format::Markdown => markdown::write(&mut out, frame, report, output.sheet)?,
        Format::Csv => csv::write(&mut out, &one_table(output, report)?)?,
        Format::Tsv => tsv::write(&mut out, &one_table(output, report)?)?,
    }
    Ok(out.flush()?)
}

/// The table that was asked for, or the only one.
fn one_table(output: &Output, report: &Report) -> Result<Table, Failure> {
    let tables = tables::of(report, Language::English);
    let names: Vec<&str> = tables.iter().map(|named| named.name.as_str()).collect();
    let listed = || format!("`{}`", names.join("`, `"));
    let index = match (&output.table, names.len()) {
        (_, 0) => return Ok(Table::default()),
        (None, 1) => Some(0),
        (None, _) => {
            let failure = Failure::usage(UsageSeveralTables {
                format: output.format.name(),
            });
            return Err(failure.hint(UsageSeveralTablesHint { names: listed() }));
        }
        (Some(name), _) => tables.iter().position(|named| named.is_meant_by(name)),
    };
    match (index, &output.table) {
        (Some(index), _) => Ok(tables[index].table.clone()),
        (None, name) => {
            let name = name.as_deref().unwrap_or_default();
            Err(Failure::usage(UsageUnknownTable { name }).hint(UsageTables { names: listed() }))
        }
    }
}

/// An operator who did not say yes to the plan has just seen it; what was made before that he has not.
fn says_something(report: &Report, failure: Option<&Failure>) -> bool {
    failure.is_none_or(|failure| {
        let is_only_a_no = failure.is_declined() && failure.code != Code::Partial;
        !report.title.is_empty() && !is_only_a_no
    })
}
