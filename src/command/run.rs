//! `tikbook run`: one runbook, from its name to its report.

use std::ffi::OsString;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{self, Global, RunArgs, Runbook, RunbookParameter};
use crate::failure::{Code, Failure};
use crate::grant::Grant;
use crate::host::call::Host;
use crate::report::{Frame, json, text};
use crate::script::header::{self, Header, Kind, Parameter};
use crate::script::library::Script;
use crate::script::{self, Ended, arguments, engine, trace};
use crate::session::Session;

use super::progress::Line;
use super::{Setting, evaluate, runtime};

/// Runs the runbook. Its arguments are checked, and its help is shown, before any connection.
///
/// # Errors
/// The runbook is unknown or wrong, its arguments are, the site is not described, or the run failed.
pub fn run(global: &Global, args: &RunArgs) -> Result<Code, Failure> {
    let words = match (&args.expression, &args.runbook) {
        (Some(expression), None) => return evaluate::run(global, expression),
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
        return evaluate::value_of(&before, &script);
    }
    let header = read_header(&before, &script)?;
    let parameters = declared(&header)?;
    let parsed = cli::parse_runbook(&script.name, &about(&header), &parameters, global, rest)?;
    let args = arguments::values(&header.parameters, &parsed.given)?;

    let setting = Setting {
        library: before.library,
        ..Setting::of(&parsed.global)?
    };
    let site = setting.site()?;
    let frame = Frame {
        site: site.name.clone(),
        runbook: script.name.clone(),
        started: Timestamp::now(),
    };
    let runtime = runtime::start()?;
    let host = Rc::new(Host::new(
        Session::new(site),
        Grant::reading(header.reads.iter().copied()),
        runtime.handle().clone(),
        runtime::cancelled_by_signals(&runtime),
        Box::new(Line::new(setting.output.progress)),
    ));
    let ended = script::run(&setting.library, &host, &script, args);
    // Connections that do not close in time are left to the system.
    runtime.shutdown_timeout(Duration::from_millis(200));
    show(
        &setting,
        &script,
        &frame,
        ended,
        parsed.global.fail_on_findings,
    )
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

fn declared(header: &Header) -> Result<Vec<RunbookParameter>, Failure> {
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
        several: parameter.kind == Kind::List,
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

/// Shows report and error and says what the shell sees. A report stands on stdout even where the
/// run failed: what it says is marked by the error beside it.
fn show(
    setting: &Setting,
    script: &Script,
    frame: &Frame,
    ended: Ended,
    fail_on_findings: bool,
) -> Result<Code, Failure> {
    let failure = ended
        .error
        .map(|error| Failure::from(trace::of(&setting.library, &script.source, error)));
    let report = ended.report;
    let mut out = setting.output.stdout();
    if setting.output.json {
        let error = failure.as_ref().map(Failure::to_json);
        json::write(&mut out, frame, &report, error.as_ref())?;
    } else if failure.is_none() || !report.title.is_empty() {
        text::write(&mut out, frame, &report, setting.output.color)?;
    }
    out.flush()?;
    match failure {
        Some(failure) => Err(failure),
        None if fail_on_findings && report.finding_count() > 0 => Ok(Code::Findings),
        None => Ok(Code::Done),
    }
}
