//! An engine with explicit limits, the cancel hook and every namespace.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Position, Stmt};

use crate::host::call::Host;
use crate::host::{self, memory};

use super::library::Library;

/// How deep script functions may call each other.
const CALL_LEVELS: usize = 64;
/// How deep expressions may nest, outside and inside functions.
const EXPRESSION_DEPTH: usize = 128;
/// How many variables may be alive at once.
const VARIABLES: usize = 4_096;
/// How many modules a run may import.
const MODULES: usize = 128;
/// How long a script may run, waiting included.
const TIME: Duration = Duration::from_secs(30 * 60);
/// How many operations pass between two looks at the clock.
const LOOK_EVERY: u64 = 4_096;

/// Why the engine itself ended a script; carried by `ErrorTerminated`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The operator pressed Ctrl-C.
    Interrupted,
    /// The script ran longer than it may.
    Time(Duration),
    /// The process holds more bytes than it may.
    Memory(usize),
}

/// An engine that can compile and check scripts; primitives called on it fail, as there is no site.
pub fn compiler(library: &Library) -> Engine {
    let mut engine = Engine::new();
    host::register(&mut engine, library.namespaces());
    engine.set_module_resolver(library.clone());
    host::bounded::register(&mut engine);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine.set_max_variables(VARIABLES);
    engine.set_max_modules(MODULES);
    // Sizes of strings, arrays and maps are not limited one by one: counting them on every
    // operation makes a loop over rows three times as slow. Memory is watched as a whole instead.
    // The interner costs more than it saves on texts that rarely repeat.
    engine.set_max_strings_interned(0);
    engine.disable_symbol("eval");
    engine.on_print(|text| tracing::warn!(target: "script", "{text}"));
    engine.on_debug(|text, source, position| {
        tracing::warn!(target: "script", "{}:{position:?} {text}", source.unwrap_or_default());
    });
    engine
}

/// An engine that runs scripts over the connections of `host`.
pub fn runner(library: &Library, host: &Rc<Host>) -> Engine {
    let mut engine = compiler(library);
    engine.set_default_tag(Dynamic::from(host.clone()));
    settle_variables(&mut engine, host.clone());
    let watched = host.clone();
    let began = Instant::now();
    let next_look = Cell::new(LOOK_EVERY);
    engine.on_progress(move |operations| {
        if watched.is_cancelled() {
            return Some(Dynamic::from(Stopped::Interrupted));
        }
        let held = memory::held();
        if held > memory::LIMIT {
            return Some(Dynamic::from(Stopped::Memory(held)));
        }
        if operations < next_look.get() {
            return None;
        }
        next_look.set(operations + LOOK_EVERY);
        (began.elapsed() > TIME).then(|| Dynamic::from(Stopped::Time(TIME)))
    });
    engine
}

#[expect(deprecated, reason = "the engine marks volatile hooks this way")]
fn settle_variables(engine: &mut Engine, host: Rc<Host>) {
    engine.on_var(move |name, _, mut context| host.settle_variable(name, context.scope_mut()));
}

/// Where calls stand whose value goes straight into a variable of a function: `let x = f(…)`.
/// Variables outside functions can be exported and read without the engine's hook, so these wait.
pub fn deferrable_calls(ast: &AST) -> HashSet<Position> {
    let mut calls = HashSet::new();
    ast.clone_functions_only().walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Var(variable, ..))) = path.last()
            && let Expr::FnCall(call, position) = &variable.1
            && call.is_qualified()
        {
            calls.insert(*position);
        }
        true
    });
    calls
}
