//! Makes a type of each sentence of the English catalogue, with a field for each of its placeholders: a key or a
//! placeholder that does not exist does not compile.

#![expect(
    clippy::disallowed_methods,
    reason = "Cargo says by a variable where a build script writes"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use catalogue::{Catalogue, Language};

const ENGLISH: &str = "catalogue/en.ftl";

fn main() -> Result<(), Box<dyn Error>> {
    println_for_cargo(&format!("rerun-if-changed={ENGLISH}"))?;
    let text = fs::read_to_string(ENGLISH)?;
    let catalogue = Catalogue::parse(Language::English, ENGLISH, &text)?;
    let mut code = String::new();
    for key in catalogue.keys() {
        let placeholders = catalogue.placeholders(key).into_iter().flatten();
        sentence(&mut code, key, &placeholders.collect())?;
    }
    let folder = env::var_os("OUT_DIR").ok_or("cargo says where to write")?;
    Ok(fs::write(Path::new(&folder).join("sentences.rs"), code)?)
}

/// What a build script writes to stdout is for Cargo.
fn println_for_cargo(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "cargo::{line}")
}

/// The type of a sentence, and how it becomes a message.
fn sentence(code: &mut String, key: &str, placeholders: &BTreeSet<&String>) -> std::fmt::Result {
    let name = type_name(key);
    let kinds: Vec<String> = placeholders.iter().map(|name| type_name(name)).collect();
    let fields: String = placeholders
        .iter()
        .zip(&kinds)
        .map(|(name, kind)| {
            let field = name.replace('-', "_");
            format!("    /// `${name}`\n    pub {field}: {kind},\n")
        })
        .collect();
    let bounds: Vec<String> = kinds
        .iter()
        .map(|kind| format!("{kind}: Into<Argument>"))
        .collect();
    let (kinds, bounds) = match kinds.is_empty() {
        true => (String::new(), String::new()),
        false => (
            format!("<{}>", kinds.join(", ")),
            format!("<{}>", bounds.join(", ")),
        ),
    };
    let arguments: String = placeholders
        .iter()
        .map(|name| {
            let field = name.replace('-', "_");
            format!("({name:?}.to_owned(), said.{field}.into()), ")
        })
        .collect();
    let body = match placeholders.is_empty() {
        true => ";\n".to_owned(),
        false => format!(" {{\n{fields}}}\n"),
    };
    let given = match placeholders.is_empty() {
        true => "_",
        false => "said",
    };
    write!(
        code,
        "/// The sentence `{key}`.\n\
         #[derive(Clone, Copy, Debug)]\n\
         pub struct {name}{kinds}{body}\n\
         impl{bounds} From<{name}{kinds}> for Said {{\n    \
             fn from({given}: {name}{kinds}) -> Self {{\n        \
                 message({key:?}, vec![{arguments}])\n    \
             }}\n\
         }}\n\n"
    )
}

/// `question-make` as `QuestionMake`.
fn type_name(key: &str) -> String {
    let words = key.split(['-', '_', '.']);
    words
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}
