//! `tikbook show`: a runbook's text.

use std::io::Write;

use crate::cli::{Global, ShowArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;

use super::Setting;

/// Prints the script that `run` would run under this name.
///
/// # Errors
/// There is no such runbook, or stdout cannot be written to.
pub fn run(global: &Global, args: &ShowArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let script = setting.library.find(&args.runbook)?;
    let mut out = setting.output.stdout()?;
    out.write_all(script.text.as_bytes())?;
    out.flush()?;
    Ok(Code::Done)
}
