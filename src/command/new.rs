//! `tikbook new`: a runbook to begin with, and its test.

use sentences::{
    DoneNext, DoneWrote, UsageBadName, UsageBadNameHint, UsageFileUnwritten, UsageNameTaken,
    UsageNameTakenHint,
};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use files::Readers;

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
        let file = path.display().to_string();
        return Err(Failure::usage(UsageNameTaken { file }).hint(UsageNameTakenHint));
    }
    let mut out = setting.output.stdout()?;
    for (path, template) in &files {
        write(path, &template.replace(NAME, name))?;
        let file = path.display().to_string();
        setting.output.say(&mut out, DoneWrote { file })?;
    }
    for command in [
        format!("tikbook test {}", files[1].0.display()),
        format!("tikbook --site demo run {name}"),
    ] {
        setting.output.say(&mut out, DoneNext { command })?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn checked(name: &str) -> Result<&str, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && name.chars().all(plain) && !name.ends_with("_test") {
        return Ok(name);
    }
    Err(Failure::usage(UsageBadName { name }).hint(UsageBadNameHint))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| files::write_new(path, text.as_bytes(), Readers::Anybody))
        .map_err(|error| {
            let file = path.display().to_string();
            Failure::usage(UsageFileUnwritten { file }).caused_by(&error)
        })
}
