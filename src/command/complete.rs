//! `tikbook complete`: what could stand at the end of a command line, for the completion scripts.

use std::collections::BTreeSet;
use std::io::Write;

use crate::cli::{self, CompleteArgs, Global};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use scripting::script::engine;
use scripting::script::header::{self, Header, Kind, Parameter};
use site::config;

use super::Setting;

/// Files that are offered; more help nobody.
const MOST_FILES: usize = 1000;

/// Prints the names of commands, runbooks, parameters, sites or files that could stand in place of the last
/// word, each in a line; nothing where only the program's own flags could.
///
/// # Errors
/// The configuration cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, args: &CompleteArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let mut out = setting.output.stdout()?;
    for candidate in candidates(&setting, &words)? {
        writeln!(out, "{candidate}")?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn candidates(setting: &Setting, words: &[&str]) -> Result<Vec<String>, Failure> {
    let Some((word, before)) = words.split_last() else {
        return Ok(Vec::new());
    };
    let library = &setting.library;
    let runbooks = || {
        let names = library.runbooks().into_keys();
        names.chain(library.examples().into_keys())
    };
    let mut found = match before {
        [.., "--site"] => config::sites(&setting.sources)?,
        _ => match named(before) {
            Some(("run", [name, given @ ..])) => parameters(setting, name, given, word),
            Some((name, given)) if !cli::own_commands().any(|own| own == name) => {
                parameters(setting, name, given, word)
            }
            _ if word.starts_with('-') => Vec::new(),
            Some(("run" | "help", [])) => runbooks().collect(),
            Some(("show", [])) => runbooks().chain(library.libraries()).collect(),
            Some(_) => Vec::new(),
            None => {
                let all: BTreeSet<String> = cli::own_commands().chain(runbooks()).collect();
                all.into_iter().collect()
            }
        },
    };
    found.retain(|candidate| candidate.starts_with(word));
    Ok(found)
}

/// The subcommand and what follows it, flags before it left out.
fn named<'a>(words: &'a [&'a str]) -> Option<(&'a str, &'a [&'a str])> {
    let with_a_value = cli::flags_with_a_value();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            return Some((word, &words[at + 1..]));
        }
        at += if with_a_value.iter().any(|flag| flag == word) {
            2
        } else {
            1
        };
    }
    None
}

/// The words of a choice, or the files, whose flag was just typed, else the flags of the runbook.
fn parameters(setting: &Setting, name: &str, given: &[&str], word: &str) -> Vec<String> {
    let Some(header) = header_of(setting, name) else {
        return Vec::new();
    };
    let flag = given.last().copied().unwrap_or_default();
    let parameters = &header.parameters;
    let known = parameters.iter().find(|parameter| parameter.flag() == flag);
    match known.map(|parameter| &parameter.kind) {
        Some(Kind::Choice(words)) => words.clone(),
        Some(Kind::File) => files(word),
        Some(Kind::Bool) | None => flags(parameters, word),
        Some(_) => Vec::new(),
    }
}

/// The runbook's own flags, and once a dash is typed those of every runbook.
fn flags(parameters: &[Parameter], word: &str) -> Vec<String> {
    let common = cli::flags_of_every_runbook().filter(|_| word.starts_with('-'));
    let common = common.map(|name| format!("--{name}"));
    parameters
        .iter()
        .map(Parameter::flag)
        .chain(common)
        .collect()
}

fn header_of(setting: &Setting, name: &str) -> Option<Header> {
    let library = &setting.library;
    let script = library.find(name).ok()?;
    let ast = library.compile(&engine::compiler(library), &script).ok()?;
    header::read(&ast, library).ok()
}

/// The files and folders whose path begins with `word`, folders with a slash behind them.
fn files(word: &str) -> Vec<String> {
    let (folder, name) = match word.rfind('/') {
        Some(slash) => word.split_at(slash + 1),
        None => ("", word),
    };
    let place = if folder.is_empty() { "." } else { folder };
    let Ok(entries) = std::fs::read_dir(place) else {
        return Vec::new();
    };
    let mut found: Vec<String> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let file = entry.file_name().into_string().ok()?;
            let is_shown = file.starts_with(name) && name.starts_with('.') == file.starts_with('.');
            let slash = if entry.path().is_dir() { "/" } else { "" };
            is_shown.then(|| format!("{folder}{file}{slash}"))
        })
        .take(MOST_FILES)
        .collect();
    found.sort_unstable();
    found
}
