//! `tikbook new`: a runbook to begin with, and its test.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::{Global, NewArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;

use super::Setting;

const RUNBOOK: &str = include_str!("new/runbook.rhai");
const TEST: &str = include_str!("new/runbook_test.rhai");
/// What stands in the templates for the runbook's name.
const NAME: &str = "NAME";

/// Writes `NAME.rhai` and `NAME_test.rhai` into a folder of scripts. Files that are there are left
/// alone.
///
/// # Errors
/// The name is no name for a runbook, a file is there already, or the folder cannot be written to.
pub fn run(global: &Global, args: &NewArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let name = checked(&args.name)?;
    let folders = [&global.scripts[..], &[PathBuf::from("scripts")]].concat();
    let folder = &folders[0];
    let files = [
        (folder.join(format!("{name}.rhai")), RUNBOOK),
        (folder.join(format!("{name}_test.rhai")), TEST),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(
            Failure::usage(format!("{} is there already", path.display()))
                .hint("choose another name"),
        );
    }
    let mut out = setting.output.stdout()?;
    for (path, template) in &files {
        write(path, &template.replace(NAME, name))?;
        writeln!(out, "wrote {}", path.display())?;
    }
    writeln!(out, "next: tikbook test {}", files[1].0.display())?;
    writeln!(out, "      tikbook --site demo run {name}")?;
    out.flush()?;
    Ok(Code::Done)
}

fn checked(name: &str) -> Result<&str, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && name.chars().all(plain) && !name.ends_with("_test") {
        return Ok(name);
    }
    Err(Failure::usage(format!("`{name}` is no name for a runbook"))
        .hint("a name has letters, digits, - and _, such as lost-comments"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            Failure::usage(format!("cannot write {}", path.display())).caused_by(&error)
        })
}
