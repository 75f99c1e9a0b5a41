//! `tikbook run`, and a runbook by its name alone: one runbook, from its name to its report.

use std::ffi::OsString;

use jiff::Timestamp;
use rhai::Map;

use crate::cli::{self, Global, RunArgs, RunbookArgs, Writing};
use crate::failure::{Code, Failure};
use crate::run::{self, Opening, Runbook, Runs, declared};
use crate::signals::Signals;
use journal::run::RunKind;
use scripting::script::library::Script;
use scripting::script::own::{self, Replaced};
use scripting::script::{engine, header};
use session::Session;
use wording::near::nearest;

use super::publish::publish;
use super::{Setting, changes, evaluate, runtime};

/// Runs the runbook. Its arguments are checked, and its help is shown, before any connection.
///
/// # Errors
/// The runbook is unknown or wrong, its arguments are, the site is not described, or the run failed.
pub fn run(global: &Global, args: &RunArgs, signals: &Signals) -> Result<Code, Failure> {
    let words = match (&args.expression, &args.runbook) {
        (Some(expression), None) => {
            return evaluate::run(global, &args.writing, expression, signals);
        }
        (None, Some(cli::Runbook::Named(words))) => words,
        (Some(_), Some(_)) => {
            return Err(Failure::usage("-e stands in place of a runbook"));
        }
        (None, None) => {
            return Err(Failure::usage("no runbook is named").hint("see `tikbook list`"));
        }
    };
    let (name, rest) = split(words)?;
    let before = Setting::of(global, signals)?;
    let script = match name.as_str() {
        "-" => evaluate::standard_input(&before)?,
        name => before.library.find(name)?,
    };
    if name == "-" && !has_header(&before, &script) && rest.is_empty() {
        return evaluate::value_of(&before, &args.writing, &script, signals);
    }
    let typed = format!("run {}", script.name);
    let flags = (global, &args.writing);
    run_script(before, script, (&typed, flags, rest), signals)
}

/// Runs the runbook of the name that stands in the place of a command, as `tikbook run` does.
///
/// # Errors
/// No command and no runbook has this name, or as [`run`].
pub fn named(global: &Global, words: &[OsString], signals: &Signals) -> Result<Code, Failure> {
    let (name, rest) = split(words)?;
    let before = Setting::of(global, signals)?;
    let library = &before.library;
    let known = library.runbooks().into_keys();
    let known: Vec<String> = known.chain(library.examples().into_keys()).collect();
    if !known.contains(&name) {
        return Err(unknown(&name, &known));
    }
    let script = before.library.find(&name)?;
    let flags = (global, &Writing::default());
    run_script(before, script, (&name, flags, rest), signals)
}

/// A word that is neither a command nor a runbook.
fn unknown(name: &str, runbooks: &[String]) -> Failure {
    let failure = Failure::usage(format!("`{name}` is neither a command nor a runbook"));
    let names: Vec<String> = cli::own_commands()
        .chain(runbooks.iter().cloned())
        .collect();
    failure.hint(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tikbook --help` lists both; scripts that are no runbooks are run by `tikbook run PATH`".to_owned(),
    })
}

/// Runs a script with the words behind it; `typed` is how it was asked for.
fn run_script(
    before: Setting,
    script: Script,
    (typed, flags, words): (&str, (&Global, &Writing), &[OsString]),
    signals: &Signals,
) -> Result<Code, Failure> {
    let runbook = Runbook::of(&before.library, script)?;
    tell_own(&before, &runbook.script);
    let parsed = runbook.parse(typed, flags, words)?;
    let args = runbook.arguments(&parsed.given)?;

    let setting = Setting {
        library: before.library,
        ..Setting::of(&parsed.global, signals)?
    };
    carry_out(&setting, &parsed, &runbook, args, signals)
}

/// Runs it and publishes its report. A runbook that declares no writes applies nothing, whatever the
/// flags.
pub fn carry_out(
    setting: &Setting,
    parsed: &RunbookArgs,
    runbook: &Runbook,
    args: Map,
    signals: &Signals,
) -> Result<Code, Failure> {
    let Runbook { script, header } = runbook;
    let site = setting.site()?;
    let frame = run::frame(&site, &script.name, Timestamp::now());
    let writes = !header.writes.is_empty();
    let runtime = runtime::start()?;
    let cancel = signals.run();
    let session = Session::new(site);
    let applies = parsed.writing.apply && writes;
    let opening = Opening {
        run: setting.begin(RunKind::Run, &script.name, Some(&script.text), &session),
        session,
        grant: declared(header),
        planned: Vec::new(),
        means: setting.means(&runtime, cancel),
    };
    let work = Runs {
        library: &setting.library,
        script,
        args,
    };
    let mut outcome = changes::carry_out(
        (setting, signals),
        opening,
        (&parsed.writing, applies),
        (&work, &[], header.stages),
    )?;
    drop(runtime);
    if !parsed.writing.apply && outcome.failure.is_none() {
        let more = runbook.more_to_come(&setting.library);
        outcome.report.note_all(more);
    }
    let plan = parsed.writing.plan.as_deref();
    let made_by = plan.and_then(|_| runbook.made_by(&setting.library, &parsed.given));
    let account = changes::account_for(setting, outcome, (plan, made_by), (writes, applies));
    let fail_on_findings = parsed.global.fail_on_findings;
    publish(setting, &frame, account, fail_on_findings)
}

/// Says which files of one's own decide in the place of bundled ones, and which do nothing.
fn tell_own(setting: &Setting, script: &Script) {
    for Replaced { source, bundled } in own::replaced(&setting.library, script) {
        tracing::warn!("{source} is used in the place of {bundled}");
    }
    for unused in own::unused(&setting.library, Some(script)) {
        let (source, hint) = (&unused.source, unused.hint());
        tracing::warn!("no script imports {source}; {hint}");
    }
}

fn split(words: &[OsString]) -> Result<(String, &[OsString]), Failure> {
    let (name, rest) = words
        .split_first()
        .ok_or_else(|| Failure::usage("no runbook is named").hint("see `tikbook list`"))?;
    let name = name
        .to_str()
        .ok_or_else(|| Failure::usage("the runbook's name is not text"))?;
    Ok((name.to_owned(), rest))
}

/// A script without a header is an expression of several lines.
fn has_header(setting: &Setting, script: &Script) -> bool {
    let library = &setting.library;
    let ast = library.compile(&engine::compiler(library), script);
    ast.is_ok_and(|ast| header::read(&ast, library).is_ok() || header::is_runbook(&ast))
}
