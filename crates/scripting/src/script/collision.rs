//! Functions of one name in several files of a run, which the engine would take for one another.
//!
//! The engine finds the function of a call without a namespace by its name and number of arguments:
//! among the functions of all files that are being called, the innermost file first, then among its
//! own. What it found it remembers for all of these files together (seen in Rhai 1.27). So a file
//! may get another file's function in the place of its own, after a few calls, or when it hands a
//! closure to that file; and a library that calls `len(x)` gets a `len(x)` of the runbook. To the
//! engine none of this is an error. Therefore it is refused before anything runs.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, Engine, EvalAltResult};

use crate::host::error::{HostError, Origin};
use wording::count::counted;

use super::imports;
use super::library::Library;
use super::names::{Call, Names};
use super::natives::natives;

/// A call in one file for which the engine may take a function of another.
#[derive(Clone, Debug)]
pub struct Collision {
    call: Origin,
    function: Origin,
    name: String,
    parameters: usize,
    /// True if the file that calls has such a function itself.
    own: bool,
}

impl Collision {
    /// What is wrong, in which files and lines, why, and what to do about it.
    pub fn into_error(self) -> HostError {
        let name = &self.name;
        let message = format!(
            "`{name}` is called at {}, and {} has a function `{name}` with {}",
            place(&self.call),
            place(&self.function),
            counted(self.parameters, "parameter"),
        );
        let cure = match self.own {
            true => "one of the two files",
            false => &self.function.source,
        };
        let error = HostError::invalid(message)
            .because("the engine would take one function of this name for the other")
            .hint(format!("rename `{name}` in {cure}"));
        HostError {
            origin: Some(self.call),
            ..error
        }
    }

    /// The same for the same function of the same two files.
    fn key(&self) -> (String, usize, [String; 2]) {
        let mut files = [self.call.source.clone(), self.function.source.clone()];
        files.sort();
        (self.name.clone(), self.parameters, files)
    }
}

fn place(origin: &Origin) -> String {
    let line = origin.position.line().unwrap_or(1);
    format!("{}:{line}", origin.source)
}

/// The files of a run that are known before it: a script with these names, and all that `ast`
/// imports.
pub fn files(library: &Library, engine: &Engine, names: Names, ast: &AST) -> Vec<Names> {
    let imported = imports::all(library, engine, ast);
    let imported = imported.iter().map(Names::of);
    std::iter::once(names).chain(imported).collect()
}

/// Lets the files of a run begin, or go on with another one, if none collides with another.
///
/// # Errors
/// The first of the collisions.
pub fn refuse(
    library: &Library,
    engine: &Engine,
    files: Vec<Names>,
) -> Result<(), Box<EvalAltResult>> {
    match among(library, engine, &files).into_iter().next() {
        Some(collision) => Err(collision.into_error().raise()),
        None => {
            library.foresee(files);
            Ok(())
        }
    }
}

/// The collisions among the files of a run; of two files and a function only the first.
pub fn among(library: &Library, engine: &Engine, files: &[Names]) -> Vec<Collision> {
    let functions = by_name(files);
    let known = OnceCell::new();
    let is_native = |call: &Call| {
        let known = known.get_or_init(|| natives(library, engine));
        known
            .get(&call.name)
            .is_some_and(|takes| call.takes_any_of(takes))
    };
    let mut found = Vec::new();
    for (index, file) in files.iter().enumerate() {
        for (call, at) in in_order(file) {
            let named = functions.get(call.name.as_str()).into_iter().flatten();
            let others: Vec<&Function> = named
                .filter(|other| other.file != index && call.may_mean(&call.name, other.parameters))
                .collect();
            let own = file.answers(call);
            // A call of what one other file has, and nobody else, can mean nothing else.
            if own || others.len() > 1 || !others.is_empty() && is_native(call) {
                found.extend(others.iter().map(|other| other.called(call, at, own)));
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|collision| seen.insert(collision.key()));
    found
}

/// A function of one of the files.
struct Function<'a> {
    file: usize,
    parameters: usize,
    at: &'a Origin,
}

impl Function<'_> {
    fn called(&self, call: &Call, at: &Origin, own: bool) -> Collision {
        Collision {
            call: at.clone(),
            function: self.at.clone(),
            name: call.name.clone(),
            parameters: self.parameters,
            own,
        }
    }
}

fn by_name(files: &[Names]) -> BTreeMap<&str, Vec<Function<'_>>> {
    let mut functions: BTreeMap<&str, Vec<Function<'_>>> = BTreeMap::new();
    for (file, names) in files.iter().enumerate() {
        for ((name, parameters), at) in &names.functions {
            functions.entry(name).or_default().push(Function {
                file,
                parameters: *parameters,
                at,
            });
        }
    }
    functions
}

fn in_order(file: &Names) -> Vec<(&Call, &Origin)> {
    let mut calls: Vec<(&Call, &Origin)> = file.calls.iter().collect();
    calls.sort_by_key(|(_, at)| at.position);
    calls
}

#[cfg(test)]
mod tests {
    use rhai::module_resolvers::StaticModuleResolver;
    use rhai::{Array, Module, Scope};

    use super::*;

    const LIBRARY: &str = "fn title(x) { `lib ${x}` }
        fn twice(x) { [title(x), title(x)] }
        fn each(list, change) { let out = []; for x in list { out.push(change.call(x)); } out }
        fn sizes(x) { [x.len(), len(x)] }";

    /// What a script that imports the library as `lib` gives, without any look at it before.
    fn evaluated(script: &str) -> Array {
        let mut engine = Engine::new();
        let library = engine.compile(LIBRARY).unwrap();
        let module = Module::eval_ast_as_new(Scope::new(), &library, &engine).unwrap();
        let mut resolver = StaticModuleResolver::new();
        resolver.insert("lib", module);
        engine.set_module_resolver(resolver);
        let script = format!("import \"lib\" as lib; fn title(x) {{ `main ${{x}}` }} {script}");
        engine.eval(&script).unwrap()
    }

    /// Where this fails, the engine has learned to tell files apart, and less need be refused.
    #[test]
    fn the_engine_takes_the_function_of_one_file_for_that_of_another() {
        let texts = |script: &str| -> Vec<String> {
            let values = evaluated(script).into_iter();
            values.map(|value| value.to_string()).collect()
        };
        // Each file's own function, as long as nothing is remembered.
        assert_eq!(
            texts("[title(1)] + lib::twice(1)"),
            ["main 1", "lib 1", "lib 1"]
        );
        assert_eq!(texts("lib::twice(1); lib::twice(1); [title(1)]"), ["lib 1"]);
        assert_eq!(
            texts("for n in 0..3 { title(n); } lib::twice(1)"),
            ["main 1", "main 1"]
        );
        assert_eq!(texts("lib::each([1], |x| title(x))"), ["lib 1"]);
        assert_eq!(texts("fn len(x) { 99 } lib::sizes(`abc`)"), ["3", "99"]);
        assert_eq!(texts("fn len() { 98 } lib::sizes(`abc`)"), ["98", "3"]);
    }
}
