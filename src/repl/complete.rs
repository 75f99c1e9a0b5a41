//! What could stand at the cursor.

use rhai::{Array, Dynamic, Map};
use routeros_schema::schema::{self, Shape};
use routeros_schema::{Menu, MenuSchema};

use scripting::host::docs;
use scripting::host::rows::{Row, Rows};

use super::console::Console;
use super::directive;
use super::syntax::{self, Class, Open, Reading};

/// Words of the language that are worth typing a part of.
const WORDS: [&str; 20] = [
    "break", "catch", "const", "continue", "else", "false", "for", "if", "import", "in", "let",
    "loop", "return", "switch", "throw", "true", "try", "while", "private", "this",
];
/// Words of SQL that only read.
const SQL: [&str; 24] = [
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS",
    "IN",
    "LIKE",
    "ORDER BY",
    "GROUP BY",
    "HAVING",
    "LIMIT",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "AS",
    "count(*)",
    "DISTINCT",
    "BETWEEN",
    "CASE",
    "coalesce",
    "DESC",
];

/// What could stand at the cursor, and from which byte of the line it would stand.
pub struct Candidates {
    /// The first byte that is replaced.
    pub start: usize,
    /// The texts, in their order.
    pub texts: Vec<String>,
}

/// What could stand at the end of `before`, the line up to the cursor.
pub fn at_end(console: &Console, before: &str) -> Candidates {
    if before.trim_start().starts_with(':') {
        return directive::complete(console, before);
    }
    let reading = syntax::read(before);
    match reading.open {
        Some(Open::Comment) => none(before),
        Some(Open::Text | Open::Line) if reading.last() == Some(Class::Text) => {
            in_text(console, before, &reading)
        }
        _ => in_code(console, before),
    }
}

/// The candidates that begin with `word`, which ends the line.
pub(super) fn beginning(
    before: &str,
    word: &str,
    texts: impl IntoIterator<Item = String>,
) -> Candidates {
    let mut texts: Vec<String> = texts
        .into_iter()
        .filter(|text| text.starts_with(word) && text != word)
        .collect();
    texts.sort();
    texts.dedup();
    Candidates {
        start: before.len() - word.len(),
        texts,
    }
}

fn none(before: &str) -> Candidates {
    beginning(before, "", [])
}

fn in_code(console: &Console, before: &str) -> Candidates {
    let word = last_word(before);
    let head = &before[..before.len() - word.len()];
    if let Some(head) = head.strip_suffix("::") {
        return beginning(before, word, functions(console, last_word(head)));
    }
    if let Some(head) = head.strip_suffix('.') {
        return members(console, before, last_word(head), word);
    }
    if head.trim_end().ends_with(['{', ',']) && open_bracket(head) == Some('{') {
        let fields = call_fields(console, head);
        if !fields.is_empty() {
            let quoted = |name: String| {
                if is_plain(&name) {
                    name
                } else {
                    format!("\"{name}\"")
                }
            };
            return beginning(before, word, fields.into_iter().map(quoted));
        }
    }
    if word.is_empty() {
        return none(before);
    }
    let namespaces = console.pages.iter().filter(|page| has_functions(page));
    let names = namespaces.map(|page| format!("{}::", page.name));
    let globals = console
        .pages
        .iter()
        .flat_map(|page| &page.primitives)
        .filter(|primitive| primitive.call.starts_with(&format!("{}(", primitive.name)))
        .map(|primitive| format!("{}(", primitive.name));
    let variables = console.variables().into_iter().map(|(name, _)| name);
    let words = WORDS.iter().map(|word| (*word).to_owned());
    beginning(
        before,
        word,
        names.chain(globals).chain(variables).chain(words),
    )
}

fn has_functions(page: &scripting::host::docs::Page) -> bool {
    let prefix = format!("{}::", page.name);
    page.primitives
        .iter()
        .any(|primitive| primitive.call.starts_with(&prefix))
}

fn functions(console: &Console, namespace: &str) -> Vec<String> {
    console
        .pages
        .iter()
        .filter(|page| page.name == namespace)
        .flat_map(|page| &page.primitives)
        .filter(|primitive| primitive.call.contains("::"))
        .map(|primitive| format!("{}(", primitive.name))
        .collect()
}

/// Fields and methods of a variable. A field that is no word is written in brackets.
fn members(console: &Console, before: &str, object: &str, word: &str) -> Candidates {
    let Some(value) = variable(console, object) else {
        return none(before);
    };
    let dot = before.len() - word.len() - 1;
    let mut texts: Vec<String> = Vec::new();
    if !value.is::<Rows>() {
        texts.extend(
            fields(&value)
                .into_iter()
                .map(|name| match is_plain(&name) {
                    true => format!(".{name}"),
                    false => format!("[\"{name}\"]"),
                }),
        );
    }
    let kind = docs::script_type(console.compiler.map_type_name(value.type_name()));
    let methods = console.pages.iter().flat_map(|page| &page.primitives);
    texts.extend(
        methods
            .filter(|primitive| {
                let first = primitive
                    .signature
                    .split([',', ')'])
                    .next()
                    .unwrap_or_default();
                primitive.call.contains('.') && first.ends_with(&format!(": {kind}"))
            })
            .map(|primitive| format!(".{}(", primitive.name)),
    );
    let begins = |text: &String| {
        let bare = text.trim_start_matches(['.', '[', '"']);
        bare.starts_with(word)
    };
    texts.retain(begins);
    texts.sort();
    texts.dedup();
    Candidates { start: dot, texts }
}

fn in_text(console: &Console, before: &str, reading: &Reading) -> Candidates {
    let mark = reading.pieces.last().map_or(0, |text| text.range.start);
    // The mark is one byte; texts that touch each other are not worth more care.
    let content = before.get(mark + 1..).unwrap_or_default();
    let head = &before[..mark];
    if head.trim_end().ends_with("import") {
        return beginning(before, content, libraries(console));
    }
    if let Some(object) = head.strip_suffix('[')
        && let Some(value) = variable(console, last_word(object))
    {
        return beginning(before, content, fields(&value));
    }
    let Some(call) = open_call(head) else {
        return none(before);
    };
    let function = call.name.rsplit(['.', ':']).next().unwrap_or_default();
    match (call.name, function) {
        (_, "where" | "column" | "index_by" | "group_by" | "count_by" | "sort_by" | "has") => {
            let object = call.name.rsplit_once('.').map_or("", |(object, _)| object);
            let value = variable(console, last_word(object));
            let known = value.map(|value| fields(&value)).unwrap_or_default();
            beginning(before, content, known)
        }
        (name, _) if name.starts_with("redis::") => {
            let keys = console.known.keys(content).unwrap_or_default();
            beginning(before, content, keys)
        }
        (name, _) if name.starts_with("db::") => {
            let word = last_word(content);
            let names = console.known.columns().unwrap_or_default();
            let words = SQL.iter().map(|word| (*word).to_owned());
            beginning(before, word, names.into_iter().chain(words))
        }
        (_, "rows" | "row" | "count") if call.arguments.trim().is_empty() => {
            beginning(before, content, menu_names(console, content))
        }
        (_, "rows" | "row" | "count") => beginning(before, content, call_fields(console, head)),
        _ => none(before),
    }
}

/// Menus at and below what was typed: the router's own where it has said them, else those of the schema.
fn menu_names(console: &Console, content: &str) -> Vec<String> {
    let parent = content.rsplit_once('/').map_or("", |(parent, _)| parent);
    let has_rows = |menu: &&MenuSchema| !matches!(menu.shape, Shape::Command(_));
    let mut names: Vec<String> = schema::menus()
        .filter(has_rows)
        .map(|menu| menu.path.to_owned())
        .collect();
    let children = console.known.children(parent).unwrap_or_default();
    let below = children.iter().filter_map(|name| name.strip_suffix('/'));
    names.extend(below.map(|name| format!("{parent}/{name}")));
    names
}

/// The fields of the menu that the call at the end of `head` names first.
fn call_fields(console: &Console, head: &str) -> Vec<String> {
    let Some(menu) = open_call(head).and_then(|call| first_text(call.arguments)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = vec![".id".to_owned()];
    let known = menu.parse::<Menu>().ok().as_ref().and_then(schema::menu);
    let fields = known.into_iter().flat_map(MenuSchema::fields);
    names.extend(fields.map(|field| field.name.to_owned()));
    // What can be set can be read; the router names no more than that.
    let told = console.known.children(&format!("{menu}/set"));
    names.extend(
        told.unwrap_or_default()
            .into_iter()
            .filter(|name| name != "numbers"),
    );
    names
}

fn libraries(console: &Console) -> Vec<String> {
    console.library().libraries()
}

/// The names of a value's fields.
fn fields(value: &Dynamic) -> Vec<String> {
    if let Some(row) = value.read_lock::<Row>() {
        return row.fields();
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map.keys().map(ToString::to_string).collect();
    }
    if let Some(rows) = value.read_lock::<Rows>() {
        // The rows of a line are read before the next line is typed.
        let view = rows.resolve().ok().filter(|view| !view.is_empty());
        return view.map(|view| view.row(0).fields()).unwrap_or_default();
    }
    if let Some(values) = value.read_lock::<Array>() {
        return values.first().map(fields).unwrap_or_default();
    }
    Vec::new()
}

fn variable(console: &Console, name: &str) -> Option<Dynamic> {
    if name == "_" {
        return console.last();
    }
    console.scope.get_value(name)
}

/// A call whose closing bracket is still to come.
struct Call<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// The innermost call that is open at the end of `head`.
fn open_call(head: &str) -> Option<Call<'_>> {
    let (index, _) = open_brackets(head)
        .into_iter()
        .rev()
        .find(|(_, mark)| *mark == '(')?;
    let name_end = &head[..index];
    let part = |c: char| c.is_alphanumeric() || "_:.".contains(c);
    let start = name_end.trim_end_matches(part).len();
    Some(Call {
        name: &name_end[start..],
        arguments: &head[index + 1..],
    })
}

fn open_bracket(head: &str) -> Option<char> {
    open_brackets(head).last().map(|(_, mark)| *mark)
}

/// The brackets that are open at the end of `head`, with their places.
fn open_brackets(head: &str) -> Vec<(usize, char)> {
    let reading = syntax::read(head);
    let mut open = Vec::new();
    for (index, letter) in head.char_indices() {
        match letter {
            _ if !reading.class_at(index).is_some_and(Class::is_code) => {}
            '(' | '[' | '{' => open.push((index, letter)),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// The text that `arguments` begin with.
fn first_text(arguments: &str) -> Option<&str> {
    let text = arguments.trim_start();
    let mark = text.chars().next().filter(|mark| "\"`".contains(*mark))?;
    text[1..].split(mark).next()
}

fn last_word(text: &str) -> &str {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    &text[text.trim_end_matches(part).len()..]
}

fn is_plain(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
