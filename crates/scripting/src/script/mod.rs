//! Scripts: found, compiled, their headers read, run to their report.

pub mod arguments;
pub mod check;
pub mod collision;
mod deferred;
pub mod definitions;
pub mod engine;
mod gone;
pub mod header;
mod imports;
mod judge;
pub mod library;
pub mod names;
mod natives;
pub mod own;
mod resolver;
pub mod sentences;
mod text_file;
mod too_early;
pub mod trace;
mod variables;

use std::rc::Rc;

use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Scope};
use serde_json::Value as Json;

use crate::host::call::Host;
use crate::host::dynamic::json_of;
use crate::host::error::HostError;
use crate::host::report::Draft;
use crate::host::rows::Rows;
use crate::host::written::Written;
use journal::run::sha256;
use plan::outcome::Done;
use report::text::cell;
use report::{Count, Report, Table};

use library::{Library, Script};
use names::Names;

/// The function that is called once changes were applied.
const AFTER: &str = "after";

/// The most columns that fit a page.
const COLUMNS: usize = 10;

/// The longest array or map, in bytes, that is shown on a line.
const LINE: usize = 200;

/// How a run ended: with a report, perhaps with an error beside it, or with an error alone.
pub struct Ended {
    /// What the runbook returned; empty where it failed before it could return anything.
    pub report: Report,
    /// Why the run failed, if it did.
    pub error: Option<ScriptError>,
}

/// Why a script failed, as the engine reports it.
pub enum ScriptError {
    /// The engine's own chain of errors, with positions.
    Engine(Box<EvalAltResult>),
    /// An error of a primitive that the runbook caught and attached to its report, or a read whose
    /// failure nobody had looked at.
    Host(HostError),
}

/// Runs a runbook: its top level, then `run(args)`; whatever it returns becomes the report.
pub fn run(library: &Library, host: &Rc<Host>, script: &Script, args: Map) -> Ended {
    library.attach(host);
    let engine = engine::runner(library, host);
    let outcome = compile(library, &engine, script).and_then(|ast| {
        let mut scope = Scope::new();
        engine.call_fn::<Dynamic>(&mut scope, &ast, "run", (args,))
    });
    finish(host, outcome)
}

/// Runs what a runbook does once its changes were applied, `after(args, done, report)`, on what `run`
/// returned; whatever it returns becomes the report. Where it returns nothing, and where the runbook has
/// no `after`, the report is `report`, as far as it was added to.
pub fn after(
    library: &Library,
    host: &Rc<Host>,
    script: &Script,
    args: Map,
    (done, report): (&[Done], Report),
) -> Ended {
    library.attach(host);
    let engine = engine::runner(library, host);
    let draft = Draft::of(report);
    let outcome = compile(library, &engine, script).and_then(|ast| {
        if !declares_after(&ast) {
            return Ok(Dynamic::from(draft.clone()));
        }
        let done: rhai::Array = done
            .iter()
            .map(|done| Dynamic::from(Written::new(done.clone())))
            .collect();
        let given = (args, done, draft.clone());
        let value = engine.call_fn::<Dynamic>(&mut Scope::new(), &ast, AFTER, given)?;
        Ok(match value.is_unit() {
            true => Dynamic::from(draft.clone()),
            false => value,
        })
    });
    let mut ended = finish(host, outcome);
    if ended.error.is_some() && ended.report.title.is_empty() {
        // What was planned and applied is said all the same.
        ended.report = draft.take().0;
    }
    ended
}

/// Has the script an `after(args, done, report)`? Of one that does not compile nobody knows.
pub fn has_after(library: &Library, script: &Script) -> bool {
    let ast = library.compile(&engine::compiler(library), script);
    ast.is_ok_and(|ast| declares_after(&ast))
}

fn declares_after(ast: &AST) -> bool {
    let mut functions = ast.iter_functions();
    functions.any(|function| function.name == AFTER && function.params.len() == 3)
}

/// The value of a script's last statement: of an expression, or of a script without a header.
///
/// # Errors
/// The script does not compile, or it failed.
pub fn evaluate(
    library: &Library,
    host: &Rc<Host>,
    script: &Script,
) -> Result<Dynamic, ScriptError> {
    library.attach(host);
    let engine = engine::runner(library, host);
    compile(library, &engine, script)
        .and_then(|ast| engine.eval_ast(&ast))
        .map_err(ScriptError::Engine)
}

/// Compiles a script that is to run: besides [`Library::compile`] it looks whether the engine can
/// tell the functions of the script from those of all that it imports.
///
/// # Errors
/// The script does not parse, or two of its files have a function of one name.
pub fn compile(
    library: &Library,
    engine: &Engine,
    script: &Script,
) -> Result<AST, Box<EvalAltResult>> {
    let ast = library.compile(engine, script)?;
    let files = collision::files(library, engine, Names::of(&ast), &ast);
    collision::refuse(library, engine, files)?;
    Ok(ast)
}

/// SHA-256 over all that decides what a script does: its text, the files that it imports, and the
/// version of tikbook. Nothing where that is not known before it runs: a file is missing, or its path is
/// made at run time.
pub fn program_sha256(library: &Library, script: &Script) -> Option<String> {
    let engine = engine::compiler(library);
    let ast = library.compile(&engine, script).ok()?;
    let imported = imports::all(library, &engine, &ast);
    if !std::iter::once(&ast)
        .chain(&imported)
        .all(imports::are_known)
    {
        return None;
    }
    let texts = imported
        .iter()
        .map(|ast| library.source_text(ast.source()?));
    let texts: Vec<String> = texts.collect::<Option<_>>()?;
    let mut program = env!("CARGO_PKG_VERSION").to_owned();
    for text in std::iter::once(&script.text).chain(&texts) {
        program.push_str(&format!("\n{}\n{text}", text.len()));
    }
    Some(sha256(program.as_bytes()))
}

fn finish(host: &Host, outcome: Result<Dynamic, Box<EvalAltResult>>) -> Ended {
    match outcome {
        Ok(value) => {
            let (report, attached) = match report_of(&value) {
                Ok(parts) => parts,
                Err(error) => (Report::default(), Some(error)),
            };
            let error = attached.or_else(|| host.settle().err());
            Ended {
                report,
                error: error.map(ScriptError::Host),
            }
        }
        Err(error) => Ended {
            report: Report::default(),
            error: Some(ScriptError::Engine(error)),
        },
    }
}

/// The report of what a runbook returned: a report; a map, whose fields become keys; any other
/// value, under the key `result`; nothing.
fn report_of(value: &Dynamic) -> Result<(Report, Option<HostError>), HostError> {
    if let Some(draft) = value.read_lock::<Draft>() {
        return Ok(draft.take());
    }
    let mut report = Report::default();
    if value.is_unit() {
        return Ok((report, None));
    }
    if let Some(map) = value.read_lock::<Map>() {
        for (name, value) in map.iter() {
            add_value(&mut report, name, json_of(value)?);
        }
        return Ok((report, None));
    }
    let result = match value.read_lock::<Rows>() {
        Some(rows) => rows.to_json()?,
        None => json_of(value)?,
    };
    add_value(&mut report, "result", result);
    Ok((report, None))
}

/// A value as a key for programs, and for people as a line, or as a table if it is a list of maps.
fn add_value(report: &mut Report, name: &str, value: Json) {
    match table_of(name, &value) {
        Some(table) => report.tables.push(table.into()),
        None => report.counts.push(Count {
            label: name.into(),
            value: line(&value).into(),
        }),
    }
    report.keys.insert(name.to_owned(), value);
}

/// Long values are for programs: people are told where to find them.
fn line(value: &Json) -> String {
    let text = cell(value);
    match value {
        Json::Array(elements) if text.len() > LINE => {
            format!("{} elements; --json shows them", elements.len())
        }
        Json::Object(fields) if text.len() > LINE => {
            format!("{} fields; --json shows them", fields.len())
        }
        _ => text,
    }
}

fn table_of(title: &str, value: &Json) -> Option<Table> {
    let rows: Vec<&serde_json::Map<String, Json>> = value
        .as_array()?
        .iter()
        .map(Json::as_object)
        .collect::<Option<_>>()?;
    let columns: Vec<String> = rows.first()?.keys().cloned().collect();
    if columns.len() > COLUMNS {
        return None;
    }
    let cells = |row: &&serde_json::Map<String, Json>| {
        columns
            .iter()
            .map(|column| row.get(column).map_or(String::new(), cell))
            .collect()
    };
    Some(Table {
        title: title.to_owned(),
        rows: rows.iter().map(cells).collect(),
        columns,
    })
}
