//! The functions that scripts can call and do not define.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Engine;

use crate::host::docs;

use super::library::Library;

/// Names of functions with the numbers of arguments they take.
pub type Functions = BTreeMap<String, BTreeSet<usize>>;

/// The functions that scripts call without a namespace though no script defines them. The object of
/// a method counts as an argument.
pub fn natives(library: &Library, engine: &Engine) -> Functions {
    let mut functions = Functions::new();
    let registered = engine.collect_fn_metadata(
        None,
        |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
        true,
    );
    let pages = docs::pages_of(library.namespaces()).into_iter();
    let primitives = pages
        .flat_map(|page| page.primitives)
        .map(|primitive| (primitive.name, primitive.arguments.len()));
    for (name, arguments) in registered.into_iter().chain(primitives) {
        functions.entry(name).or_default().insert(arguments);
    }
    functions
}
