//! An engine with explicit limits, the cancel hook and every namespace.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::packages::{Package, StandardPackage};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Module, Position, Scope, Shared};

use crate::host;
use crate::host::call::Host;
use report::printable::printed_lines;
use wording::excerpt::excerpt;

use super::library::Library;
use super::resolver::Resolver;

/// How deep script functions may call each other.
const CALL_LEVELS: usize = 64;
/// How much deeper functions that use no variable get before the engine itself stops them.
const SPARE_LEVELS: usize = 8;
/// How deep expressions may nest, outside and inside functions.
const EXPRESSION_DEPTH: usize = 128;
/// How many variables may be alive at once.
const VARIABLES: usize = 4_096;
/// How many modules a run may import.
const MODULES: usize = 128;
/// How many operations pass between two looks at the clock.
const LOOK_EVERY: u64 = 4_096;

/// How many operations a script has to use a variable before it ends without a place.
const GRACE: u64 = 64;
/// Bytes of a text beyond which it is not used: an operator makes several of its size at once, and nobody
/// can look between.
const TEXT: usize = memory::LIMIT / 4;
/// Bytes beyond which a script that holds too much is ended at once: the next step may double them, and
/// more than that is not given.
const URGENT: usize = memory::LIMIT + memory::LIMIT / 4;

/// Why a script was ended; carried by `ErrorRuntime`, or by `ErrorTerminated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The operator pressed Ctrl-C.
    Interrupted,
    /// The script ran longer than it may.
    Time(Duration),
    /// The process holds more bytes than it may.
    Memory(usize),
    /// It uses a text of so many bytes.
    Text(usize),
    /// Its functions call each other deeper than they may.
    Depth,
}

thread_local! {
    /// The language's own functions: making them costs more than most scripts do.
    static STANDARD: Shared<Module> = StandardPackage::new().as_shared_module();
}

/// An engine that can compile and check scripts; primitives called on it fail, as there is no site.
pub fn compiler(library: &Library) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(STANDARD.with(Clone::clone));
    host::register(&mut engine, library.namespaces());
    engine.set_module_resolver(Resolver::of(library));
    host::bounded::register(&mut engine);
    host::comparison::register(&mut engine);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine.set_max_variables(VARIABLES);
    engine.set_max_modules(MODULES);
    // Sizes of strings, arrays and maps are not limited one by one: counting them on every
    // operation makes a loop over rows three times as slow. Memory is watched as a whole instead.
    // The interner costs more than it saves on texts that rarely repeat.
    engine.set_max_strings_interned(0);
    engine.disable_symbol("eval");
    engine.on_print(say);
    engine.on_debug(|text, source, position| {
        say(&format!(
            "{}:{position:?} {text}",
            source.unwrap_or_default()
        ));
    });
    engine
}

/// Says each line of a text as one of the log, in which no event has more than one.
fn say(text: &str) {
    for line in printed_lines(&excerpt(text)) {
        tracing::warn!(target: "script", "{line}");
    }
}

/// An engine that runs scripts over the connections of `host`.
pub fn runner(library: &Library, host: &Rc<Host>) -> Engine {
    let mut engine = compiler(library);
    if host.is_quiet() {
        engine.on_print(|_| ());
        engine.on_debug(|_, _, _| ());
    }
    engine.set_default_tag(Dynamic::from(host.clone()));
    engine.set_max_call_levels(CALL_LEVELS + SPARE_LEVELS);
    let watch = Rc::new(Watch::new(host.clone()));
    watch_variables(&mut engine, watch.clone());
    engine.on_progress(move |operations| watch.look(operations).map(Dynamic::from));
    engine
}

/// Ends a script that is stopped or reaches a limit.
///
/// The engine forgets the place of its own errors of this kind as they leave a function, and keeps
/// that of an error that using a variable raises. So the next variable raises it; a script that uses
/// none soon is ended by the engine.
struct Watch {
    host: Rc<Host>,
    began: Instant,
    next_look: Cell<u64>,
    /// Why the script is to end, and the operations after which it ends without a place.
    ending: Cell<Option<(Stopped, u64)>>,
}

impl Watch {
    fn new(host: Rc<Host>) -> Self {
        Self {
            host,
            began: Instant::now(),
            next_look: Cell::new(LOOK_EVERY),
            ending: Cell::new(None),
        }
    }

    /// Called with every operation: why the engine is to end the script now.
    fn look(&self, operations: u64) -> Option<Stopped> {
        if let Some((reason, last)) = self.ending.get() {
            let is_urgent = matches!(reason, Stopped::Memory(_)) && memory::held() > URGENT;
            return (operations > last || is_urgent).then_some(reason);
        }
        let reason = self.reason(operations)?;
        self.ending.set(Some((reason, operations + GRACE)));
        None
    }

    fn reason(&self, operations: u64) -> Option<Stopped> {
        if self.host.is_cancelled() {
            return Some(Stopped::Interrupted);
        }
        let held = memory::held();
        if held > memory::LIMIT {
            return Some(Stopped::Memory(held));
        }
        if operations < self.next_look.get() {
            return None;
        }
        self.next_look.set(operations + LOOK_EVERY);
        let limit = self.host.time_limit();
        (self.began.elapsed() > limit).then_some(Stopped::Time(limit))
    }
}

/// Is the variable of this name a text that is longer than one may be?
fn too_long(name: &str, scope: &Scope) -> Option<Stopped> {
    if memory::held() <= TEXT {
        return None;
    }
    let text = scope.get(name)?.read_lock::<ImmutableString>()?;
    (text.len() > TEXT).then_some(Stopped::Text(text.len()))
}

#[expect(deprecated, reason = "the engine marks volatile hooks this way")]
fn watch_variables(engine: &mut Engine, watch: Rc<Watch>) {
    engine.on_var(move |name, _, mut context| {
        let too_deep = (context.call_level() > CALL_LEVELS).then_some(Stopped::Depth);
        let ending = watch.ending.get().map(|(reason, _)| reason);
        let too_long = || too_long(name, context.scope());
        if let Some(reason) = too_deep.or(ending).or_else(too_long) {
            let reason = Dynamic::from(reason);
            return Err(EvalAltResult::ErrorRuntime(reason, Position::NONE).into());
        }
        watch.host.settle_variable(name, context.scope_mut())
    });
}
