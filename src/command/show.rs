//! `tikbook show`: a runbook's text.

use std::io::Write;

use crate::cli::{Global, ShowArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use report::printable::printable_lines;

use super::Setting;

/// Prints the script that `run` would run under this name: as it is, but on a terminal such that it is only shown.
///
/// # Errors
/// There is no such runbook, or stdout cannot be written to.
pub fn run(global: &Global, args: &ShowArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let script = setting.library.find(&args.runbook)?;
    let mut out = setting.output.stdout()?;
    if setting.output.sheet.width.is_some() {
        // A script of somebody else must not draw on the terminal on which one reads it.
        for line in printable_lines(&script.text) {
            writeln!(out, "{line}")?;
        }
    } else {
        out.write_all(script.text.as_bytes())?;
    }
    out.flush()?;
    Ok(Code::Done)
}
