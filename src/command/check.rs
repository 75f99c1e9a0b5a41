//! `tikbook check`: what is wrong with scripts, without running them.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::{CheckArgs, Global};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use crate::testing;
use scripting::script::check;
use scripting::script::library::Script;
use sentences::DoneChecked;
use site::config::ScriptFolder;

use super::{Setting, scripts_below};

/// Checks the scripts that are named, or all runbooks and examples of the search path. Problems are the result:
/// they go to stdout.
///
/// # Errors
/// A script cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, args: &CheckArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let scripts = scripts(&setting, &args.paths)?;
    // Tests stand beside runbooks and are checked like them, but have a namespace more.
    let of_tests = setting.library.anew();
    of_tests.add_namespaces(testing::NAMESPACES);
    let library = |script: &Script| match testing::has_tests(&of_tests, script) {
        true => &of_tests,
        false => &setting.library,
    };
    let of_scripts = scripts
        .iter()
        .flat_map(|script| check::script(library(script), script));
    let of_all = check::catalogues(&setting.library).into_iter();
    // What no script imports is told by all scripts, not by some.
    let is_whole = args.paths.is_empty() || args.paths.iter().any(|path| path.is_dir());
    let unused = is_whole.then(|| check::libraries(&setting.library));
    let of_all = of_all.chain(unused.into_iter().flatten());
    let problems: Vec<Failure> = of_scripts.chain(of_all).map(Failure::from).collect();
    let mut out = setting.output.stdout()?;
    if setting.output.is_json() {
        let list: Vec<_> = problems.iter().map(Failure::to_json).collect();
        report::json::pretty(&mut out, &list)?;
    } else {
        for problem in &problems {
            writeln!(out, "{}", problem.render(setting.output.sheet))?;
        }
        let checked = DoneChecked {
            scripts: scripts.len(),
            problems: problems.len(),
        };
        setting.output.say(&mut out, checked)?;
    }
    out.flush()?;
    Ok(if problems.is_empty() {
        Code::Done
    } else {
        Code::Failed
    })
}

fn scripts(setting: &Setting, paths: &[PathBuf]) -> Result<Vec<Script>, Failure> {
    if paths.is_empty() {
        let runbooks = setting.library.runbooks().into_values();
        let entries = runbooks.chain(setting.library.examples().into_values());
        return Ok(entries.map(|entry| entry.script).collect());
    }
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let named = ScriptFolder::Named(path.clone());
            setting.library.look_first_in(named);
            files.extend(scripts_below(path)?);
        } else {
            files.push(path.clone());
        }
    }
    files
        .iter()
        .map(|file| match file.to_str() {
            Some(name) => Ok(setting.library.find(name)?),
            None => Ok(setting.library.find_path(file)?),
        })
        .collect()
}
