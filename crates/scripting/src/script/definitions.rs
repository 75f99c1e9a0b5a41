//! Definitions of all namespaces for editors that know Rhai.

use super::engine;
use super::library::Library;

/// The files, by their names: one for each namespace (`mikrotik.d.rhai`), and those of the language.
pub fn files(library: &Library) -> Vec<(String, String)> {
    let engine = engine::compiler(library);
    let definitions = engine.definitions();
    let mut files: Vec<(String, String)> = definitions
        .iter_files()
        .map(|(name, text)| (name, text.lines().map(readable).collect()))
        .collect();
    files.sort();
    files
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
