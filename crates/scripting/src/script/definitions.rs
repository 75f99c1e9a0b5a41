//! Definitions of all namespaces for editors that know Rhai.

use crate::host::docs::{self, Page, Primitive};

use super::engine;
use super::library::Library;

/// The files, by their names: one for each namespace (`mikrotik.d.rhai`), and those of the language.
pub fn files(library: &Library) -> Vec<(String, String)> {
    let engine = engine::compiler(library);
    let definitions = engine.definitions();
    let pages = docs::pages_of(library.namespaces());
    let mut files: Vec<(String, String)> = definitions
        .iter_files()
        .map(|(name, text)| {
            let page = name.split('.').next();
            let page = pages.iter().find(|other| page == Some(other.name.as_str()));
            let lines = text
                .lines()
                .map(|line| format!("{}{}", needs(page, line), readable(line)));
            let text = lines.collect();
            (name, text)
        })
        .collect();
    files.sort();
    files
}

/// A line of comment before the line of a function that reads or changes something of the site.
fn needs(page: Option<&Page>, line: &str) -> String {
    let is_this = |primitive: &&Primitive| {
        let signature = line
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once('('));
        signature.is_some_and(|(name, rest)| {
            let arguments = rest
                .split_once(')')
                .map_or(rest, |(arguments, _)| arguments);
            let names = arguments
                .split(", ")
                .filter_map(|argument| argument.split(':').next());
            let names = names.filter(|name| !name.is_empty());
            let known = primitive
                .arguments
                .iter()
                .map(|argument| argument.name.as_str());
            primitive.name == name && known.eq(names)
        })
    };
    let primitive = page.and_then(|page| page.primitives.iter().find(is_this));
    let needs = primitive.and_then(Primitive::needs);
    needs.map_or(String::new(), |needs| format!("/// ({needs})\n"))
}

/// A line without the Rust around the type of a result, and without blanks at its end.
fn readable(line: &str) -> String {
    let line = line.trim_end();
    let result = line
        .split_once("-> CallResult<")
        .and_then(|(head, rest)| Some((head, rest.strip_suffix(">;")?)));
    match result {
        Some((head, result)) => format!("{head}-> {};\n", result.trim()),
        None => format!("{line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_named_as_scripts_know_them() {
        assert_eq!(
            readable("fn a(b: ?) -> CallResult<? >;"),
            "fn a(b: ?) -> ?;\n"
        );
        assert_eq!(readable("fn a() -> int;  "), "fn a() -> int;\n");
    }
}
