//! How a value looks: rows as a table that fits, maps by their keys, anything else as text.

use std::collections::VecDeque;
use std::io;
use std::ops::{Range, RangeInclusive};

use jiff::tz::TimeZone;
use rhai::{Array, Dynamic, ImmutableString, Map};
use serde_json::Value as Json;

use catalogue::{Language, Said};
use plan::comments::Comments;
use plan::outcome::Done;
use report::moment::{moment, name_of, on_clock};
use report::printable::{printable, printable_lines};
use report::sheet::Sheet;
use report::text::cell;
use report::{Table, tables};
use report::{grid, wrap};
use scripting::host::account;
use scripting::host::docs::{self, Primitive};
use scripting::host::dynamic::{json_of, shown, type_of};
use scripting::host::error::HostError;
use scripting::host::moment::Moment;
use scripting::host::rows::{Row, Rows};
use scripting::host::written::Written;
use sentences::{
    FailureNoOutput, ReplClock, ReplFirstRows, ReplNoForm, ReplNoFormHint, ReplOtherFields,
    ReplRows, ReplTakesRows, ReplTakesRowsHint, ReplValues,
};

/// How many rows of a table are made into lines at all.
const MOST_ROWS: usize = 1_000;
/// How many lines are shown at once.
const PAGE: usize = 60;
/// How many characters of a value are shown in a list.
const GLANCE: usize = 60;
/// How many levels of values within values are shown.
const MOST_LEVELS: usize = 100;
/// How many columns a table of rows has at most.
const MOST_COLUMNS: usize = 10;

/// A result in lines, shown page by page.
pub struct Shown {
    lines: VecDeque<String>,
}

impl Shown {
    /// A result of these lines.
    pub fn of(lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            lines: lines.into_iter().collect(),
        }
    }

    /// The next page; it is gone then.
    pub fn next_page(&mut self) -> Vec<String> {
        let end = PAGE.min(self.lines.len());
        self.lines.drain(..end).collect()
    }

    /// Every line that is left.
    pub fn all(self) -> impl Iterator<Item = String> {
        self.lines.into_iter()
    }

    /// How many lines were not shown.
    pub fn left(&self) -> usize {
        self.lines.len()
    }
}

/// A value on the sheet, moments in `zone`, which is named then.
///
/// # Errors
/// The rows behind it cannot be read or decoded, or it is nothing that can be shown.
pub fn value(value: &Dynamic, sheet: Sheet, zone: &TimeZone) -> Result<Shown, HostError> {
    let page = Page { sheet, zone };
    if let Some(planned) = planned(value)? {
        let comments = Comments::of(sheet.is_detailed);
        return Ok(changes(
            &account::table((&planned, comments), MOST_ROWS),
            sheet,
        ));
    }
    if let Some(rows) = value.read_lock::<Rows>() {
        return page.of_rows(&rows);
    }
    if let Some(row) = value.read_lock::<Row>() {
        let json = row.to_json()?;
        return Ok(page.pairs(&json));
    }
    if let Some(time) = value.read_lock::<Moment>() {
        let shown = moment(time.0, zone);
        return Ok(Shown::of([format!("{shown} {}", name_of(zone))]));
    }
    if let Some(values) = value.read_lock::<Array>() {
        return page.of_array(&values);
    }
    match json_of(value) {
        Ok(json) if json.as_object().is_some_and(|fields| !fields.is_empty()) => {
            Ok(page.pairs(&json))
        }
        _ => Ok(Shown::of(printable_lines(&text_of(value)?))),
    }
}

/// What is planned, as a plan shows it.
pub fn changes(table: &Table<Said>, sheet: Sheet) -> Shown {
    let table = table.in_language(sheet.language);
    Shown::of(grid::lines(&table.columns, &table.rows, sheet.width))
}

/// The changes that a writer gave back, or several of them; nothing where it is another value.
fn planned(value: &Dynamic) -> Result<Option<Vec<Done>>, HostError> {
    let done = |value: &Dynamic| {
        let written = value.read_lock::<Written>().map(|written| written.clone());
        let done = written.map(|written| written.done()).transpose()?;
        Ok::<_, HostError>(done.map(|done| Done::clone(&done)))
    };
    let several = match value.read_lock::<Array>() {
        Some(values) => values.iter().map(done).collect::<Result<Vec<_>, _>>()?,
        None => vec![done(value)?],
    };
    let several: Option<Vec<Done>> = several.into_iter().collect();
    Ok(several.filter(|done| !done.is_empty()))
}

/// A value as text: what the language has as it writes it, what is tikbook's own by what it says.
///
/// # Errors
/// It has none: a function, a handle.
fn text_of(value: &Dynamic) -> Result<String, HostError> {
    match value.read_lock::<ImmutableString>() {
        Some(text) => Ok(text.to_string()),
        None => literal(value, MOST_LEVELS),
    }
}

/// A value as the language writes it.
fn literal(value: &Dynamic, levels: usize) -> Result<String, HostError> {
    let Some(levels) = levels.checked_sub(1) else {
        return Ok("…".to_owned());
    };
    if let Some(values) = value.read_lock::<Array>() {
        let values: Result<Vec<_>, _> = values.iter().map(|value| literal(value, levels)).collect();
        return Ok(format!("[{}]", values?.join(", ")));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let fields: Result<Vec<_>, HostError> = map
            .iter()
            .map(|(name, value)| Ok(format!("{name:?}: {}", literal(value, levels)?)))
            .collect();
        return Ok(format!("#{{{}}}", fields?.join(", ")));
    }
    let is_of_the_language = value.is_string()
        || value.is_char()
        || value.is_unit()
        || value.is_bool()
        || value.is_int()
        || value.is_float()
        || value.is_blob()
        || value.is::<Range<i64>>()
        || value.is::<RangeInclusive<i64>>();
    if is_of_the_language {
        return Ok(format!("{value:?}"));
    }
    json_of(value).map(|_| shown(value)).map_err(|_| {
        let kind = type_of(value);
        HostError::invalid(ReplNoForm { kind }).hint(ReplNoFormHint)
    })
}

/// A value in a part of a line.
pub fn glance(value: &Dynamic) -> String {
    let rows = value.read_lock::<Rows>().map(|rows| rows.resolve());
    let text = match rows {
        Some(Ok(view)) => Said::from(ReplRows { rows: view.len() }).to_string(),
        Some(Err(error)) => error.to_string(),
        None => json_of(value).map_or_else(
            |_| text_of(value).unwrap_or_else(|error| error.to_string()),
            |json| json.to_string(),
        ),
    };
    printable(&text).chars().take(GLANCE).collect()
}

/// A value in JSON, in lines.
///
/// # Errors
/// It has no JSON form.
pub fn json(value: &Dynamic) -> Result<Shown, HostError> {
    let json = json_of(value)?;
    written(|out| report::json::pretty(out, &json))
}

/// A value in JSON, a line for each of its values.
///
/// # Errors
/// It has no JSON form.
pub fn ndjson(value: &Dynamic) -> Result<Shown, HostError> {
    let values = match json_of(value)? {
        Json::Array(values) => values,
        other => vec![other],
    };
    written(|out| {
        values
            .iter()
            .try_for_each(|value| report::json::line(out, value))
    })
}

/// Rows as a table of Markdown, with headings in `language`.
///
/// # Errors
/// The value is no rows.
pub fn markdown(value: &Dynamic, language: Language) -> Result<Shown, HostError> {
    let table = rows_of(value)?;
    written(|out| report::markdown::table(out, &table, language))
}

/// Rows as comma-separated values.
///
/// # Errors
/// The value is no rows.
pub fn csv(value: &Dynamic) -> Result<Shown, HostError> {
    let table = rows_of(value)?;
    written(|out| report::csv::write(out, &table))
}

/// Rows as tab-separated values.
///
/// # Errors
/// The value is no rows.
pub fn tsv(value: &Dynamic) -> Result<Shown, HostError> {
    let table = rows_of(value)?;
    written(|out| report::tsv::write(out, &table))
}

/// Rows, or an array of maps, as a table.
fn rows_of(value: &Dynamic) -> Result<Table, HostError> {
    match json_of(value)? {
        Json::Array(values) if values.iter().all(Json::is_object) => {
            Ok(tables::of_objects(&values))
        }
        _ => Err(HostError::invalid(ReplTakesRows).hint(ReplTakesRowsHint)),
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<Shown, HostError> {
    let mut text = Vec::new();
    let written = write(&mut text);
    written.map_err(|error| HostError::invalid(FailureNoOutput).caused_by(&error))?;
    let text = String::from_utf8_lossy(&text);
    Ok(Shown::of(text.lines().map(str::to_owned)))
}

/// What the pages say about a namespace, a primitive or a method, in lines of so many columns; nothing where they
/// say nothing.
pub fn documentation(pages: &[docs::Page], name: &str, width: Option<usize>) -> Vec<String> {
    if let Some(page) = pages.iter().find(|page| page.name == name) {
        let title = format!("{} - {}\n", page.name, page.summary);
        let texts = [title.as_str(), page.text.as_str()].into_iter();
        let texts = texts.flat_map(|text| wrap::indented(text, 0, width));
        let calls = page.primitives.iter();
        let calls = calls.flat_map(|primitive| wrap::indented(&primitive.call, 4, width));
        return texts.chain(calls).collect();
    }
    let (namespace, function) = match name.rsplit_once("::") {
        Some((namespace, function)) => (Some(namespace), function),
        None => (None, name.rsplit('.').next().unwrap_or(name)),
    };
    pages
        .iter()
        .filter(|page| namespace.is_none_or(|namespace| page.name == namespace))
        .flat_map(|page| &page.primitives)
        .filter(|primitive| primitive.name == function)
        .flat_map(|primitive| explained(primitive, width))
        .collect()
}

fn explained(primitive: &Primitive, width: Option<usize>) -> Vec<String> {
    let mut lines = wrap::indented(&primitive.call, 0, width);
    let needs = primitive.needs();
    let texts = [
        Some(&primitive.signature),
        needs.as_ref(),
        Some(&primitive.text),
    ];
    let texts = texts.into_iter().flatten();
    lines.extend(texts.flat_map(|text| wrap::indented(text, 4, width)));
    for example in &primitive.examples {
        lines.push(String::new());
        // To be copied: a line is a line.
        lines.extend(example.lines().map(|line| format!("        {line}")));
    }
    lines.push(String::new());
    lines
}

/// On what a value is shown, and on which clock.
#[derive(Clone, Copy)]
struct Page<'a> {
    sheet: Sheet,
    zone: &'a TimeZone,
}

impl Page<'_> {
    fn of_rows(self, rows: &Rows) -> Result<Shown, HostError> {
        let view = rows.resolve()?;
        let count = view.len();
        let objects: Vec<Json> = view
            .iter()
            .take(MOST_ROWS)
            .map(|row| row.to_json())
            .collect::<Result<_, _>>()?;
        let mut lines = self.rows(&objects);
        lines.extend(self.told(ReplRows { rows: count }));
        if count > MOST_ROWS {
            lines.extend(self.told(ReplFirstRows { rows: MOST_ROWS }));
        }
        Ok(Shown::of(lines))
    }

    fn of_array(self, values: &Array) -> Result<Shown, HostError> {
        let objects: Option<Vec<Json>> = values
            .iter()
            .take(MOST_ROWS)
            .map(|value| json_of(value).ok().filter(Json::is_object))
            .collect();
        match objects {
            Some(objects) if !objects.is_empty() => {
                let mut lines = self.rows(&objects);
                let values = values.len();
                lines.extend(self.told(ReplValues { values }));
                Ok(Shown::of(lines))
            }
            _ => {
                let text = literal(&Dynamic::from_array(values.clone()), MOST_LEVELS)?;
                Ok(Shown::of([printable(&text)]))
            }
        }
    }

    /// What is said below a table, in lines that fit.
    fn told(self, said: impl Into<Said>) -> Vec<String> {
        let Sheet {
            width, language, ..
        } = self.sheet;
        wrap::lines(&said.into().in_language(language), width)
    }

    fn rows(self, objects: &[Json]) -> Vec<String> {
        let mut table = tables::of_objects(objects);
        let shown = table.columns.len().min(MOST_COLUMNS);
        let hidden = table.columns.split_off(shown);
        let mut lines = self.grid(table);
        if !hidden.is_empty() {
            let fields = hidden.join(", ");
            lines.extend(self.told(ReplOtherFields { fields }));
        }
        lines
    }

    fn pairs(self, json: &Json) -> Shown {
        let rows = json.as_object().into_iter().flatten();
        Shown::of(
            self.grid(Table {
                title: String::new(),
                columns: vec!["field".to_owned(), "value".to_owned()],
                rows: rows
                    .map(|(name, value)| vec![name.clone(), cell(value)])
                    .collect(),
            }),
        )
    }

    /// A table with its moments on the clock, which is named below it where it has any.
    fn grid(self, mut table: Table) -> Vec<String> {
        let mut has_moments = false;
        for cell in table.rows.iter_mut().flatten() {
            let shown = on_clock(cell, self.zone).into_owned();
            has_moments |= shown != *cell;
            *cell = shown;
        }
        let mut lines = grid::lines(&table.columns, &table.rows, self.sheet.width);
        if has_moments {
            let zone = name_of(self.zone);
            lines.extend(self.told(ReplClock { zone }));
        }
        lines
    }
}
