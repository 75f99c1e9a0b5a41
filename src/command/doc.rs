//! `tikbook doc`: what the primitives say about themselves.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value as Json, json};

use files::Readers;

use crate::cli::{DocArgs, Global};
use crate::failure::{Code, Failure};
use crate::schemas::SCHEMAS;
use crate::signals::Signals;
use crate::testing;
use catalogue::Said;
use report::sheet::Sheet;
use report::wrap;
use scripting::host::docs::{self, Argument, Page, Primitive};
use scripting::host::primitive::Kind;
use scripting::script::definitions;
use sentences::{
    DocMore, DoneWrote, UsageAllPrimitives, UsageFileUnwritten, UsageNear, UsageSchemas,
    UsageUnknownPrimitive, UsageUnknownSchema,
};
use wording::near::nearest;

use super::Setting;

/// Prints the overview, the page of a namespace, or the primitives of a name.
///
/// # Errors
/// Nothing has this name, or stdout cannot be written to.
pub fn run(global: &Global, args: &DocArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    if let Some(folder) = &args.definitions {
        return write_definitions(&setting, folder);
    }
    if let Some(name) = &args.schema {
        return write_schema(&setting, name.as_deref());
    }
    let pages = docs::pages_of(
        setting
            .library
            .namespaces()
            .into_iter()
            .chain(testing::NAMESPACES),
    );
    let found = match &args.name {
        Some(name) => find(&pages, name)?,
        None => pages.iter().map(whole).collect(),
    };
    let width = setting.output.sheet.width;
    let mut out = setting.output.stdout()?;
    if args.markdown {
        write_markdown(&mut out, &pages)?;
    } else if setting.output.is_json() {
        let pages: Vec<Json> = found.iter().map(json_page).collect();
        report::json::pretty(&mut out, &pages)?;
    } else if args.name.is_none() {
        write_overview(&mut out, &pages, setting.output.sheet)?;
    } else {
        for found in &found {
            write_found(&mut out, found, width)?;
        }
    }
    out.flush()?;
    Ok(Code::Done)
}

/// Writes the schema of this name, or which there are.
fn write_schema(setting: &Setting, name: Option<&str>) -> Result<Code, Failure> {
    let names = SCHEMAS.map(|schema| schema.name);
    let mut out = setting.output.stdout()?;
    match name {
        None if setting.output.is_json() => report::json::pretty(&mut out, &names)?,
        None => names.iter().try_for_each(|name| writeln!(out, "{name}"))?,
        Some(name) => {
            let schema = SCHEMAS.iter().find(|schema| schema.name == name);
            let Some(schema) = schema else {
                let unknown = Failure::usage(UsageUnknownSchema { name });
                return Err(unknown.hint(UsageSchemas {
                    names: names.join(", "),
                }));
            };
            out.write_all(schema.text.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(Code::Done)
}

/// Writes what editors complete from; files of an earlier time are replaced.
fn write_definitions(setting: &Setting, folder: &Path) -> Result<Code, Failure> {
    let mut out = setting.output.stdout()?;
    for (name, text) in definitions::files(&setting.library) {
        let path = folder.join(name);
        fs::create_dir_all(folder)
            .and_then(|()| files::replace(&path, text.as_bytes(), Readers::Anybody))
            .map_err(|error| {
                let file = path.display().to_string();
                Failure::usage(UsageFileUnwritten { file }).caused_by(&error)
            })?;
        let file = path.display().to_string();
        setting.output.say(&mut out, DoneWrote { file })?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn write_markdown(out: &mut dyn Write, pages: &[Page]) -> io::Result<()> {
    writeln!(out, "# Primitives")?;
    for page in pages {
        writeln!(out, "\n## {}\n\n{}", page.name, page.text)?;
        for primitive in &page.primitives {
            writeln!(out, "\n### `{}`\n", primitive.call)?;
            writeln!(out, "`{}`\n", primitive.signature)?;
            if let Some(needs) = primitive.needs() {
                writeln!(out, "*{needs}*\n")?;
            }
            writeln!(out, "{}", primitive.text)?;
            for example in &primitive.examples {
                writeln!(out, "\n```rhai\n{example}\n```")?;
            }
        }
    }
    Ok(())
}

/// A page, or some primitives of it.
struct Found<'a> {
    page: &'a Page,
    is_whole: bool,
    primitives: Vec<&'a Primitive>,
}

fn whole(page: &Page) -> Found<'_> {
    Found {
        page,
        is_whole: true,
        primitives: page.primitives.iter().collect(),
    }
}

fn find<'a>(pages: &'a [Page], name: &str) -> Result<Vec<Found<'a>>, Failure> {
    let (namespace, function) = match name.split_once("::") {
        Some((namespace, function)) => (Some(namespace), function),
        None => (None, name.trim_start_matches('.')),
    };
    if let Some(page) = pages.iter().find(|page| page.name == name) {
        return Ok(vec![whole(page)]);
    }
    let found: Vec<Found> = pages
        .iter()
        .filter(|page| namespace.is_none_or(|namespace| page.name == namespace))
        .map(|page| Found {
            page,
            is_whole: false,
            primitives: page
                .primitives
                .iter()
                .filter(|primitive| primitive.name == function)
                .collect(),
        })
        .filter(|found| !found.primitives.is_empty())
        .collect();
    if found.is_empty() {
        return Err(unknown(pages, name, function));
    }
    Ok(found)
}

fn unknown(pages: &[Page], name: &str, function: &str) -> Failure {
    let names = pages.iter().flat_map(|page| {
        let primitives = page.primitives.iter().map(|primitive| &primitive.name);
        primitives.chain([&page.name])
    });
    let failure = Failure::usage(UsageUnknownPrimitive { name });
    match nearest(function, names.map(|name| name.as_str())) {
        Some(other) => failure.hint(UsageNear { name: other }),
        None => failure.hint(UsageAllPrimitives),
    }
}

fn write_overview(out: &mut dyn Write, pages: &[Page], sheet: Sheet) -> io::Result<()> {
    let width = sheet.width;
    for page in pages {
        write_text(out, 0, &format!("{} - {}", page.name, page.summary), width)?;
        for primitive in &page.primitives {
            write_text(out, 4, &primitive.call, width)?;
        }
    }
    let more = Said::from(DocMore).in_language(sheet.language).into_owned();
    write_text(out, 0, &format!("\n{more}"), width)
}

fn write_found(out: &mut dyn Write, found: &Found, width: Option<usize>) -> io::Result<()> {
    if found.is_whole {
        let page = found.page;
        write_text(
            out,
            0,
            &format!("{} - {}\n", page.name, page.summary),
            width,
        )?;
        write_text(out, 0, &format!("{}\n", page.text), width)?;
    }
    for primitive in &found.primitives {
        write_text(out, 0, &primitive.call, width)?;
        write_text(out, 4, &primitive.signature, width)?;
        if let Some(needs) = primitive.needs() {
            write_text(out, 4, &needs, width)?;
        }
        write_text(out, 4, &primitive.text, width)?;
        for example in &primitive.examples {
            writeln!(out)?;
            // To be copied: a line is a line.
            for line in example.lines() {
                writeln!(out, "        {line}")?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes a text behind so many blanks.
fn write_text(
    out: &mut dyn Write,
    indent: usize,
    text: &str,
    width: Option<usize>,
) -> io::Result<()> {
    let lines = wrap::indented(text, indent, width);
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn json_page(found: &Found) -> Json {
    let primitives: Vec<Json> = found
        .primitives
        .iter()
        .map(|primitive| {
            let kinds = primitive.declared.arguments;
            json!({
                "name": primitive.name,
                "call": primitive.call,
                "signature": primitive.signature,
                "text": primitive.text,
                "examples": primitive.examples,
                "services": primitive.declared.services,
                "effect": primitive.declared.effect.word(),
                "arguments": primitive.arguments.iter().zip(kinds).map(json_argument).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "namespace": found.page.name,
        "summary": found.page.summary,
        "text": found.page.text,
        "primitives": primitives,
    })
}

fn json_argument((argument, kind): (&Argument, &Kind)) -> Json {
    json!({ "name": argument.name, "type": argument.type_name, "kind": kind.word() })
}
