//! `tikbook list`: the runbooks that can be run.

use std::io::{self, Write};

use serde_json::json;

use crate::cli::Global;
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use report::printable::printable;
use scripting::script::library::Entry;
use scripting::script::{engine, header};

use super::Setting;

/// Lists runbooks with their titles, where each comes from and which others it hides.
///
/// # Errors
/// The configuration cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let entries = setting.library.runbooks();
    let rows: Vec<(&Entry, String)> = entries
        .values()
        .map(|entry| (entry, title(&setting, entry)))
        .collect();
    let mut out = setting.output.stdout()?;
    if setting.output.is_json() {
        write_json(&mut out, &rows)?;
    } else {
        write_text(&mut out, &rows)?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn title(setting: &Setting, entry: &Entry) -> String {
    let library = &setting.library;
    let Ok(ast) = library.compile(&engine::compiler(library), &entry.script) else {
        return "does not compile; see `tikbook check`".to_owned();
    };
    match header::read(&ast, library) {
        Ok(header) => header.title,
        Err(error) => format!("{}; see `tikbook check`", error.problem),
    }
}

fn write_json(out: &mut dyn Write, rows: &[(&Entry, String)]) -> io::Result<()> {
    let list: Vec<_> = rows
        .iter()
        .map(|(entry, title)| {
            json!({
                "name": entry.script.name,
                "title": title,
                "source": entry.script.source,
                "hides": entry.hides,
            })
        })
        .collect();
    report::json::pretty(out, &list)
}

fn write_text(out: &mut dyn Write, rows: &[(&Entry, String)]) -> io::Result<()> {
    let names = rows.iter().map(|(entry, _)| entry.script.name.len());
    let width = names.max().unwrap_or(0);
    for (entry, title) in rows {
        writeln!(
            out,
            "{:width$}  {}",
            printable(&entry.script.name),
            printable(title)
        )?;
        if !entry.script.source.starts_with("bundled/") {
            writeln!(
                out,
                "{:width$}  from {}",
                "",
                printable(&entry.script.source)
            )?;
        }
        for hidden in &entry.hides {
            writeln!(out, "{:width$}  in place of {}", "", printable(hidden))?;
        }
    }
    Ok(())
}
