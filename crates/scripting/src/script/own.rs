//! What a site's own files do to the bundled scripts: which of them a run uses in the place of a bundled one, and
//! which libraries no script imports, so that they do nothing, as those do whose bundled namesake moved.

use std::collections::BTreeSet;

use rhai::{AST, Engine};

use super::engine;
use super::imports;
use super::library::{Library, Script};

/// An own file that a run uses in the place of a bundled one of another text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The own file: `scripts/lib/policy/blocking.rhai`.
    pub source: String,
    /// The bundled one: `bundled/lib/policy/blocking.rhai`.
    pub bundled: String,
}

/// An own library that no script of the search path imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The file: `scripts/lib/blocking.rhai`.
    pub source: String,
    /// The bundled libraries whose file has the same name: `lib/policy/blocking`.
    pub namesakes: Vec<String>,
}

impl Unused {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self.namesakes.first() {
            Some(path) => format!(
                "runbooks import `{path}`: compare it with `tikbook show {path}`, and move your file to \
                 {path}.rhai"
            ),
            None => "remove it, or import it where it is needed".to_owned(),
        }
    }
}

/// The own files among a script and what it imports that stand in the place of a bundled one. A copy that
/// changes nothing is left out.
pub fn replaced(library: &Library, script: &Script) -> Vec<Replaced> {
    let engine = engine::compiler(library);
    let Ok(ast) = library.compile(&engine, script) else {
        return Vec::new();
    };
    let reached = reached(library, &engine, vec![ast]);
    let paths = [script.name.clone()].into_iter().chain(reached.paths);
    paths
        .filter_map(|path| {
            let used = library.imported(&path)?.ok()?;
            let bundled = library.bundled_at(&path)?;
            (used.text != bundled.text).then_some(Replaced {
                source: used.source,
                bundled: bundled.source,
            })
        })
        .collect()
}

/// The own libraries that neither `script` nor any other script of the search path imports. None where a path is
/// only known when a script runs, since it may be any.
pub fn unused(library: &Library, script: Option<&Script>) -> Vec<Unused> {
    let own = library.own_libraries();
    if own.is_empty() {
        return Vec::new();
    }
    let engine = engine::compiler(library);
    let others = library.importers();
    let scripts = script.cloned().into_iter().chain(others);
    let trees = scripts.filter_map(|script| library.parse(&engine, &script).ok());
    let reached = reached(library, &engine, trees.collect());
    if !reached.are_all_known {
        return Vec::new();
    }
    let unused = own
        .into_iter()
        .filter(|(path, _)| !reached.paths.contains(path));
    unused
        .map(|(path, source)| Unused {
            source,
            namesakes: library.bundled_namesakes(&path),
        })
        .collect()
}

/// What scripts import.
struct Reached {
    /// The paths, without an ending, directly imported or not.
    paths: BTreeSet<String>,
    /// Is every path a text?
    are_all_known: bool,
}

fn reached(library: &Library, engine: &Engine, mut waiting: Vec<AST>) -> Reached {
    let mut reached = Reached {
        paths: BTreeSet::new(),
        are_all_known: true,
    };
    while let Some(ast) = waiting.pop() {
        reached.are_all_known &= imports::are_known(&ast);
        for import in imports::of(&ast) {
            let path = import.path.strip_suffix(".rhai").unwrap_or(&import.path);
            if reached.paths.insert(path.to_owned())
                && let Some(Ok(imported)) = library.import(engine, path)
            {
                waiting.push(imported);
            }
        }
    }
    reached
}
