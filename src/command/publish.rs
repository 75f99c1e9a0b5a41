//! The end of a run: its report on stdout, its error on stderr, and what the shell sees.

use std::io::{self, Write};

use crate::failure::{Code, Failure};
use report::{Frame, Report, json, text};

use super::Setting;
use super::changes::Account;

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
        None => shown.map_err(|error| match &made {
            Some(made) => made.before(Failure::from(error)),
            None => Failure::from(error),
        })?,
    }
    match fail_on_findings && report.finding_count() > 0 {
        true => Ok(Code::Findings),
        false => Ok(Code::Done),
    }
}

fn show(
    setting: &Setting,
    frame: &Frame,
    report: &Report,
    failure: Option<&Failure>,
) -> io::Result<()> {
    let mut out = setting.output.stdout();
    if setting.output.json {
        let error = failure.map(Failure::to_json);
        json::write(&mut out, frame, report, error.as_ref())?;
    } else if says_something(report, failure) {
        text::write(&mut out, frame, report, setting.output.sheet)?;
    }
    out.flush()
}

/// An operator who did not say yes to the plan has just seen it; what was made before that he has not.
fn says_something(report: &Report, failure: Option<&Failure>) -> bool {
    failure.is_none_or(|failure| {
        let is_only_a_no = failure.is_declined() && failure.code != Code::Partial;
        !report.title.is_empty() && !is_only_a_no
    })
}
