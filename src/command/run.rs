//! `tikbook run`: one runbook, from its name to its report.

use std::ffi::OsString;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{self, Global, RunArgs, Runbook, RunbookParameter, Writing};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use change::run::{Run, RunKind, SiteIdentity};
use report::Frame;
use scripting::host::call::Host;
use scripting::script::header::{self, Header, Kind, Parameter};
use scripting::script::library::Script;
use scripting::script::{self, arguments, engine, trace};
use session::Session;
use site::config;
use site::grant::Grant;

use super::progress::Line;
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
    let parameters = declared(&header)?;
    let flags = (global, &args.writing);
    let parsed = cli::parse_runbook(&script.name, &about(&header), &parameters, flags, rest)?;
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
    let cancel = signals.run();
    let session = Session::new(site);
    let grant = grant(&header, &parsed.writing);
    let run = Run::begin(
        RunKind::Run,
        &script.name,
        Some(&script.text),
        &config::operator(&setting.sources),
        SiteIdentity::of(&session),
    );
    let gate = changes::gate(
        &setting,
        &session,
        grant.clone(),
        run.clone(),
        &parsed.writing,
        cancel.clone(),
    )?;
    let progress = Box::new(Line::new(setting.output.progress));
    let host = Host::new(session, grant, runtime.handle().clone(), cancel, progress);
    let host = Rc::new(host.with_gate(gate.clone()));
    let ended = script::run(&setting.library, &host, &script, args);
    let failure = ended
        .error
        .map(|error| Failure::from(trace::of(&setting.library, &script.source, error)));
    let mut report = ended.report;
    let failure = runtime.block_on(changes::account_for(
        &gate,
        &run,
        (&mut report, failure),
        parsed.writing.plan.as_deref(),
        !header.writes.is_empty(),
    ));
    runtime.block_on(host.session().close());
    // Connections that do not close in time are left to the system.
    runtime.shutdown_timeout(Duration::from_millis(200));
    publish(
        &setting,
        &frame,
        &report,
        failure,
        parsed.global.fail_on_findings,
    )
}

/// What the header declares, to be carried out only where the operator says so. A runbook that
/// declares no writes applies nothing, whatever the flags.
fn grant(header: &Header, writing: &Writing) -> Grant {
    let grant = Grant::reading(header.reads.iter().copied()).writing(header.writes.clone());
    match writing.apply && !header.writes.is_empty() {
        true => grant.applying(),
        false => grant,
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
