//! Tests of scripts: functions `test_…()` of a script, run one by one on simulated sites that they
//! take from fixtures.

#![allow(
    clippy::unwrap_used,
    reason = "the engine's macro for namespaces writes them into every method"
)]

mod applying;
mod done;
mod faults;
mod services;
mod site;
mod stage;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::plugin::exported_module;
use rhai::{AST, Dynamic, Engine, Scope};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use ::site::config::ScriptFolder;
use scripting::host::Namespace;
use scripting::script::library::{Library, Script};
use scripting::script::trace::{self, Trace};
use scripting::script::{self, ScriptError, engine};

use stage::Stage;

/// The namespaces that only tests have.
pub const NAMESPACES: &[Namespace] = &[Namespace::new(
    "site",
    "simulated sites for tests: fixtures, faults, and what a runbook did",
    || exported_module!(site::site_module),
    site::register,
)
.declaring(&[site::PRIMITIVES])];

/// What the name of a test begins with.
const PREFIX: &str = "test_";

/// A test that was run.
#[derive(Debug)]
pub struct Outcome {
    /// The script it stands in.
    pub source: String,
    /// Its name, as a sentence.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// Why it failed, if it did.
    pub failure: Option<Trace>,
}

/// Runs the tests of `scripts` whose name holds `filter` and hands each outcome to `tell`. A script
/// that does not compile is one failed test. Runbooks are looked for beside the test, then where
/// `library` looks. Stops early when `cancel` is.
pub fn run(
    library: &Library,
    scripts: &[Script],
    filter: Option<&str>,
    runtime: &Handle,
    cancel: &CancellationToken,
    tell: &mut dyn FnMut(Outcome),
) {
    for script in scripts {
        let library = library.anew();
        library.add_namespaces(NAMESPACES);
        let folder = folder_of(script);
        library.look_first_in(ScriptFolder::beside(&folder));
        let stage = Rc::new(Stage::new(&library, folder, runtime, cancel));
        for outcome in file(&library, &stage, script, filter) {
            tell(outcome);
            if cancel.is_cancelled() {
                return;
            }
        }
    }
}

/// Is one of the script's functions a test?
pub fn has_tests(library: &Library, script: &Script) -> bool {
    let ast = library.compile(&engine::compiler(library), script);
    ast.is_ok_and(|ast| !tests(&ast).is_empty())
}

fn folder_of(script: &Script) -> PathBuf {
    let mut folder = PathBuf::from(&script.source);
    folder.pop();
    if folder.as_os_str().is_empty() {
        folder.push(".");
    }
    folder
}

/// The outcomes of one file, each found when it is asked for.
fn file<'a>(
    library: &'a Library,
    stage: &'a Rc<Stage>,
    script: &'a Script,
    filter: Option<&'a str>,
) -> impl Iterator<Item = Outcome> + 'a {
    let host = stage.open().host().clone();
    library.attach(&host);
    let engine = engine::runner(library, &host);
    let outcome = move |name: String, took, failure| Outcome {
        source: script.source.clone(),
        name,
        took,
        failure,
    };
    let (ast, broken) = match script::compile(library, &engine, script) {
        Ok(ast) => (Some(ast), None),
        Err(error) => {
            let error = ScriptError::Engine(error);
            (None, Some(trace::of(library, &script.source, error)))
        }
    };
    let broken = broken.map(|failure| {
        outcome(
            "the script compiles".to_owned(),
            Duration::ZERO,
            Some(failure),
        )
    });
    let names = ast.as_ref().map(tests).unwrap_or_default();
    let wanted = names
        .into_iter()
        .filter(move |name| filter.is_none_or(|filter| name.contains(filter)));
    broken.into_iter().chain(wanted.map(move |name| {
        let began = Instant::now();
        let error = ast.as_ref().and_then(|ast| call(&engine, ast, &name));
        // A test's reads are looked at before the next test starts some of its own.
        let error = error.or_else(|| host.settle().err().map(ScriptError::Host));
        let failure = error.map(|error| trace::of(library, &script.source, error));
        outcome(sentence(&name), began.elapsed(), failure)
    }))
}

/// The names of a script's tests, in the order of its lines.
fn tests(ast: &AST) -> Vec<String> {
    let mut found: Vec<(rhai::Position, String)> = ast
        .iter_fn_def()
        .filter(|function| function.name.starts_with(PREFIX) && function.params.is_empty())
        .map(|function| (function.body.start_position(), function.name.to_string()))
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

fn call(engine: &Engine, ast: &AST, name: &str) -> Option<ScriptError> {
    engine
        .call_fn::<Dynamic>(&mut Scope::new(), ast, name, ())
        .err()
        .map(ScriptError::Engine)
}

/// `test_rows_are_found` as people read it.
fn sentence(name: &str) -> String {
    name.trim_start_matches(PREFIX).replace('_', " ")
}
