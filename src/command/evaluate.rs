//! `tikbook run -e EXPRESSION`, and scripts without a header on standard input.

use std::io::{self, Read, Write};

use crate::cli::{Format, Global, Writing};
use crate::failure::{Code, Failure};
use crate::repl::show;
use crate::run::{self, Opening};
use crate::signals::Signals;
use journal::run::RunKind;
use scripting::script::library::{MOST_OF_A_SCRIPT, Script};
use scripting::script::{ScriptError, trace};
use sentences::{UsageForRunbooks, UsageForRunbooksHint, UsageStdinLong, UsageStdinUnread};
use session::Session;
use site::grant::Grant;

use super::{Setting, runtime};

/// Evaluates an expression on the site, which it may only read, and prints its value.
///
/// # Errors
/// As the expression fails, the site is not described, or `writing` wants changes.
pub fn run(
    global: &Global,
    writing: &Writing,
    expression: &str,
    signals: &Signals,
) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let script = setting
        .library
        .from_text("expression", expression.to_owned());
    value_of(&setting, writing, &script, signals)
}

/// Evaluates a script that has no header, as an expression.
///
/// # Errors
/// As the script fails, the site is not described, or `writing` wants changes.
pub fn value_of(
    setting: &Setting,
    writing: &Writing,
    script: &Script,
    signals: &Signals,
) -> Result<Code, Failure> {
    if let Some(flag) = writing.given() {
        return Err(Failure::usage(UsageForRunbooks { flag }).hint(UsageForRunbooksHint));
    }
    let runtime = runtime::start()?;
    let site = setting.site()?;
    let zone = run::zone(&site);
    let session = Session::new(site);
    let open = Opening {
        run: setting.begin(RunKind::Run, &script.name, Some(&script.text), &session),
        session,
        grant: Grant::reading_all(),
        planned: Vec::new(),
        means: setting.means(&runtime, signals.run()),
    }
    .open();
    let library = &setting.library;
    // Rows are read when they are shown, so that this belongs to the run.
    let lines = open.value(library, script).and_then(|value| {
        match setting.output.format {
            Format::Text => show::value(&value, setting.output.sheet, &zone),
            Format::Json => show::json(&value),
            Format::Ndjson => show::ndjson(&value),
            Format::Markdown => show::markdown(&value, setting.output.sheet.language),
            Format::Csv => show::csv(&value),
            Format::Tsv => show::tsv(&value),
        }
        .map_err(|error| trace::of(library, &script.source, ScriptError::Host(error)))
    });
    open.close();
    drop(runtime);
    let mut out = setting.output.stdout()?;
    for line in lines?.all() {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(Code::Done)
}

/// The script on standard input.
///
/// # Errors
/// It cannot be read, is not UTF-8, or is too long for a script.
pub fn standard_input(setting: &Setting) -> Result<Script, Failure> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(MOST_OF_A_SCRIPT + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(UsageStdinUnread).caused_by(&error))?;
    if text.len() as u64 > MOST_OF_A_SCRIPT {
        return Err(Failure::usage(UsageStdinLong));
    }
    Ok(setting.library.from_text("stdin", text))
}
