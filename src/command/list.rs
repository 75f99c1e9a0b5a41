//! `tikbook list`: the runbooks and examples that can be run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};

use serde_json::json;

use crate::cli::{self, Global};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use catalogue::Said;
use report::grid;
use report::sheet::Sheet;
use scripting::script::library::{Entry, is_bundled};
use scripting::script::{engine, header};
use sentences::{
    ColumnDoes, ColumnExample, ColumnFrom, ColumnRunbook, ListBroken, ListFrom, ListHeader,
    ListNamed,
};

use super::{Setting, output};

/// Lists runbooks, then examples, with their titles, where each comes from and which others it hides.
///
/// # Errors
/// The configuration cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let titled = |entries: BTreeMap<String, Entry>| {
        let rows = entries.into_values().map(|entry| {
            let title = title(&setting, &entry);
            (entry, title)
        });
        rows.collect::<Vec<_>>()
    };
    let runbooks = titled(setting.library.runbooks());
    let examples = titled(setting.library.examples());
    let mut out = setting.output.stdout()?;
    if setting.output.is_json() {
        write_json(&mut out, runbooks.iter().chain(&examples))?;
    } else {
        let sheet = setting.output.sheet;
        write_text(&mut out, sheet, ColumnRunbook.into(), &runbooks)?;
        if !examples.is_empty() {
            writeln!(out)?;
            write_text(&mut out, sheet, ColumnExample.into(), &examples)?;
        }
    }
    out.flush()?;
    Ok(Code::Done)
}

/// The runbooks that a command line can name in the place of a command, for its help: those of the folders
/// that it names, and of the usual ones where the configuration can be read.
pub fn below_help(args: &[OsString], signals: &Signals) -> String {
    let global = cli::wanted_look(args);
    let Ok(setting) = Setting::of(&global, signals) else {
        return String::new();
    };
    let Sheet {
        width, language, ..
    } = output::help_sheet(&global);
    let own: Vec<String> = cli::own_commands().collect();
    let entries = setting.library.runbooks().into_values();
    let named = entries.filter(|entry| !own.contains(&entry.script.name));
    let rows: Vec<Vec<String>> = named
        .map(|entry| {
            let title = title(&setting, &entry);
            vec![
                entry.script.name.clone(),
                title.in_language(language).into_owned(),
            ]
        })
        .collect();
    let width = width.map_or(cli::HELP_WIDTH, |width| width.min(cli::HELP_WIDTH));
    let headings = [ColumnRunbook.into(), ListNamed.into()];
    let headings = headings.map(|heading: Said| heading.in_language(language).into_owned());
    let lines = grid::lines(&headings, &rows, Some(width));
    lines.join("\n") + "\n"
}

fn title(setting: &Setting, entry: &Entry) -> Said {
    let library = &setting.library;
    let Ok(ast) = library.compile(&engine::compiler(library), &entry.script) else {
        return ListBroken.into();
    };
    match header::read(&ast, library) {
        Ok(header) => header.title,
        Err(error) => ListHeader {
            problem: error.problem,
        }
        .into(),
    }
}

fn write_json<'a>(
    out: &mut dyn Write,
    rows: impl Iterator<Item = &'a (Entry, Said)>,
) -> io::Result<()> {
    let list: Vec<_> = rows
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

/// A row for each of them. Where all are the bundled ones it is not said of each.
fn write_text(
    out: &mut dyn Write,
    sheet: Sheet,
    name: Said,
    rows: &[(Entry, Said)],
) -> io::Result<()> {
    let are_bundled = rows
        .iter()
        .all(|(entry, _)| is_bundled(&entry.script.source));
    let mut headings: Vec<Said> = vec![name, ColumnDoes.into()];
    if !are_bundled {
        headings.push(ColumnFrom.into());
    }
    let words = |said: &Said| said.in_language(sheet.language).into_owned();
    let headings: Vec<String> = headings.iter().map(words).collect();
    let cells = rows.iter().map(|(entry, title)| {
        let source = &entry.script.source;
        let from: Said = match entry.hides.is_empty() {
            true => source.into(),
            false => ListFrom {
                source,
                others: entry.hides.join(", "),
            }
            .into(),
        };
        vec![entry.script.name.clone(), words(title), words(&from)]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    grid::lines(&headings, &cells, sheet.width)
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}
