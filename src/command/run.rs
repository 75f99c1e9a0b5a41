//! `tikbook run`: one runbook, from its name to its report.

use std::ffi::OsString;

use jiff::Timestamp;
use rhai::Map;

use crate::cli::{self, Global, RunArgs, Runbook, RunbookArgs, RunbookParameter};
use crate::failure::{Code, Failure};
use crate::run::{Opening, declared};
use crate::signals::Signals;
use change::run::RunKind;
use report::Frame;
use scripting::script::header::{self, Header, Kind, Parameter};
use scripting::script::library::Script;
use scripting::script::{arguments, engine, trace};
use session::Session;

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
        (None, Some(Runbook::Named(words))) => words,
        (Some(_), Some(_)) => {
            return Err(Failure::usage("-e stands in place of a runbook"));
        }
        (None, None) => {
            return Err(Failure::usage("no runbook is named").hint("see `tikbook list`"));
        }
    };
    let (name, rest) = split(words)?;
    let before = Setting::of(global)?;
    let script = match name.as_str() {
        "-" => evaluate::standard_input(&before)?,
        name => before.library.find(name)?,
    };
    if name == "-" && !has_header(&before, &script) && rest.is_empty() {
        return evaluate::value_of(&before, &args.writing, &script, signals);
    }
    let header = read_header(&before, &script)?;
    let parameters = parameters(&header)?;
    let flags = (global, &args.writing);
    let parsed = cli::parse_runbook(&script.name, &about(&header), &parameters, flags, rest)?;
    let args = arguments::values(&header.parameters, &parsed.given)?;

    let setting = Setting {
        library: before.library,
        ..Setting::of(&parsed.global)?
    };
    let runbook = Prepared {
        script,
        header,
        args,
    };
    carry_out(&setting, &parsed, runbook, signals)
}

/// A runbook that was found and understood.
struct Prepared {
    script: Script,
    header: Header,
    args: Map,
}

/// Runs it and publishes its report. A runbook that declares no writes applies nothing, whatever the
/// flags.
fn carry_out(
    setting: &Setting,
    parsed: &RunbookArgs,
    runbook: Prepared,
    signals: &Signals,
) -> Result<Code, Failure> {
    let Prepared {
        script,
        header,
        args,
    } = runbook;
    let site = setting.site()?;
    let frame = Frame {
        site: site.name.clone(),
        runbook: script.name.clone(),
        started: Timestamp::now(),
    };
    let writes = !header.writes.is_empty();
    let runtime = runtime::start()?;
    let cancel = signals.run();
    let session = Session::new(site);
    let applies = parsed.writing.apply && writes;
    let mut open = Opening {
        run: setting.begin(RunKind::Run, &script.name, Some(&script.text), &session),
        session,
        grant: declared(&header),
        changes: changes::of(setting, &parsed.writing, applies, &cancel)?,
        means: setting.means(&runtime, cancel),
    }
    .open();
    open.evaluate(&setting.library, &script, args);
    let outcome = open.close();
    drop(runtime);
    let (report, failure) = changes::account_for(outcome, parsed.writing.plan.as_deref(), writes);
    let fail_on_findings = parsed.global.fail_on_findings;
    publish(setting, &frame, &report, failure, fail_on_findings)
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
    ast.is_ok_and(|ast| header::read(&ast).is_ok() || header::is_runbook(&ast))
}

fn read_header(setting: &Setting, script: &Script) -> Result<Header, Failure> {
    let library = &setting.library;
    let ast = library
        .compile(&engine::compiler(library), script)
        .map_err(|error| trace::of_parse(library, &script.source, error))?;
    let header = header::read(&ast)
        .map_err(|error| trace::of_header(library, &script.source, &ast, error))?;
    if ast
        .iter_functions()
        .any(|function| function.name == "run" && function.params.len() == 1)
    {
        return Ok(header);
    }
    Err(Failure::new(
        Code::Failed,
        "header",
        format!("{} has no function run(args)", script.source),
    )
    .hint("a runbook's work is done by fn run(args) { … }, which returns its report"))
}

fn about(header: &Header) -> String {
    if header.text.is_empty() {
        header.title.clone()
    } else {
        format!("{}\n\n{}", header.title, header.text)
    }
}

fn parameters(header: &Header) -> Result<Vec<RunbookParameter>, Failure> {
    header.parameters.iter().map(declaration).collect()
}

fn declaration(parameter: &Parameter) -> Result<RunbookParameter, Failure> {
    if cli::is_reserved(&parameter.name) {
        return Err(Failure::new(
            Code::Failed,
            "header",
            format!(
                "the parameter `{}` has the name of a flag of every command",
                parameter.name
            ),
        )
        .hint("give the parameter another name"));
    }
    Ok(RunbookParameter {
        name: parameter.name.clone(),
        help: format!("{}{}", parameter.help, bounds(parameter)),
        value_name: parameter.kind.value_name().map(str::to_owned),
        choices: match &parameter.kind {
            Kind::Choice(words) => words.clone(),
            _ => Vec::new(),
        },
        required: parameter.is_required(),
        several: matches!(parameter.kind, Kind::List | Kind::File),
    })
}

fn bounds(parameter: &Parameter) -> String {
    let default = parameter
        .default
        .as_ref()
        .filter(|_| parameter.kind != Kind::Bool);
    let notes: Vec<String> = [
        parameter.min.as_ref().map(|min| format!("from {min}")),
        parameter.max.as_ref().map(|max| format!("to {max}")),
        default.map(|default| format!("default {default}")),
        (parameter.kind == Kind::File).then(|| "may be given several times".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if notes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", notes.join(", "))
    }
}
