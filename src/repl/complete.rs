//! What could stand at the cursor in an input.

use rhai::{Array, Dynamic, Map};
use routeros_schema::schema::{self, Shape};
use routeros_schema::{CommandPath, Menu, MenuSchema};

use scripting::host::docs::{self, Form, Primitive};
use scripting::host::primitive::Kind;
use scripting::host::rows::{Row, Rows};

use super::candidates::{Candidates, beginning};
use super::session::Session;
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

/// What could stand at the end of `before`, the line up to the cursor.
pub fn at_end(session: &Session, before: &str) -> Candidates {
    let reading = syntax::read(before);
    match reading.open {
        Some(Open::Comment) => none(before),
        Some(Open::Text | Open::Line) if reading.last() == Some(Class::Text) => {
            in_text(session, before, &reading)
        }
        _ => in_code(session, before),
    }
}

/// The names of the arguments that are still to come, where one begins at the end of `before`.
pub fn arguments_to_come(session: &Session, before: &str) -> Option<String> {
    let in_text = syntax::read(before)
        .last()
        .is_some_and(|last| !last.is_code());
    let call = open_call(before).filter(|_| !in_text && before.ends_with(['(', ' ']))?;
    let given = call.arguments();
    let is_begun = given.last().is_some_and(|last| !last.trim().is_empty());
    if is_begun || open_bracket(before) != Some('(') {
        return None;
    }
    let at = call.object().is_some() as usize + given.len().saturating_sub(1);
    let called = callable(session, &call);
    let object = called.first().and_then(|primitive| primitive.object());
    // Of an object that is not known the method may be one of several types.
    let is_one = called.iter().all(|primitive| primitive.object() == object);
    let takes_more = |primitive: &&Primitive| primitive.arguments.len() > at;
    let called = called.into_iter().filter(takes_more);
    let fewest = called.min_by_key(|primitive| primitive.arguments.len());
    let arguments = fewest.filter(|_| is_one)?.arguments.iter().skip(at);
    let names: Vec<&str> = arguments.map(|argument| argument.name.as_str()).collect();
    Some(format!("{})", names.join(", ")))
}

fn none(before: &str) -> Candidates {
    beginning(before, "", [])
}

fn in_code(session: &Session, before: &str) -> Candidates {
    let word = last_word(before);
    let head = &before[..before.len() - word.len()];
    if let Some(head) = head.strip_suffix("::") {
        return beginning(before, word, functions(session, last_word(head)));
    }
    if let Some(head) = head.strip_suffix('.') {
        return members(session, before, last_word(head), word);
    }
    if head.trim_end().ends_with(['{', ',']) && open_bracket(head) == Some('{') {
        let fields = open_call(head).map(|call| map_fields(session, &call));
        let fields = fields.unwrap_or_default();
        if !fields.is_empty() {
            let quoted = |name: String| match is_plain(&name) {
                true => name,
                false => format!("\"{name}\""),
            };
            return beginning(before, word, fields.into_iter().map(quoted));
        }
    }
    if word.is_empty() {
        return none(before);
    }
    let namespaces = session.pages.iter().filter(|page| has_functions(page));
    let names = namespaces.map(|page| format!("{}::", page.name));
    let globals = session
        .pages
        .iter()
        .flat_map(|page| &page.primitives)
        .filter(|primitive| primitive.form == Form::Plain)
        .map(|primitive| format!("{}(", primitive.name));
    let variables = session.memory.variables().into_iter().map(|(name, _)| name);
    let words = WORDS.iter().map(|word| (*word).to_owned());
    beginning(
        before,
        word,
        names.chain(globals).chain(variables).chain(words),
    )
}

fn has_functions(page: &docs::Page) -> bool {
    let mut primitives = page.primitives.iter();
    primitives.any(|primitive| primitive.form == Form::InNamespace)
}

fn functions(session: &Session, namespace: &str) -> Vec<String> {
    session
        .pages
        .iter()
        .filter(|page| page.name == namespace)
        .flat_map(|page| &page.primitives)
        .filter(|primitive| primitive.form == Form::InNamespace)
        .map(|primitive| format!("{}(", primitive.name))
        .collect()
}

/// Fields and methods of a variable. A field that is no word is written in brackets.
fn members(session: &Session, before: &str, object: &str, word: &str) -> Candidates {
    let Some(value) = session.memory.variable(object) else {
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
    let type_name = type_of(session, &value);
    let methods = session.pages.iter().flat_map(|page| &page.primitives);
    texts.extend(
        methods
            .filter(|primitive| primitive.object().is_some_and(|object| object == type_name))
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

fn in_text(session: &Session, before: &str, reading: &Reading) -> Candidates {
    let mark = reading.pieces.last().map_or(0, |text| text.range.start);
    // The mark is one byte; texts that touch each other are not worth more care.
    let content = before.get(mark + 1..).unwrap_or_default();
    let head = &before[..mark];
    if head.trim_end().ends_with("import") {
        return beginning(before, content, libraries(session));
    }
    if let Some(object) = head.strip_suffix('[')
        && let Some(value) = session.memory.variable(last_word(object))
    {
        return beginning(before, content, fields(&value));
    }
    let Some(call) = open_call(head) else {
        return none(before);
    };
    let mut start = content;
    let mut texts: Vec<String> = Vec::new();
    for kind in kinds(session, &call) {
        match kind {
            Kind::Menu => texts.extend(menu_names(session, content)),
            Kind::Query | Kind::Fields | Kind::FieldNames | Kind::Row => {
                texts.extend(call_fields(session, &call));
            }
            Kind::Verb => texts.extend(verbs(session, &call)),
            Kind::Arguments => texts.extend(command_arguments(session, &call)),
            Kind::Column | Kind::Columns => texts.extend(object_fields(session, &call)),
            Kind::Key | Kind::KeyPattern | Kind::Words => {
                texts.extend(session.sites.known().keys(content).unwrap_or_default());
            }
            Kind::Sql => {
                start = last_word(content);
                texts.extend(session.sites.known().columns().unwrap_or_default());
                texts.extend(SQL.iter().map(|word| (*word).to_owned()));
            }
            _ => {}
        }
    }
    beginning(before, start, texts)
}

/// The names of the fields that a map in this place of a call has.
fn map_fields(session: &Session, call: &Call<'_>) -> Vec<String> {
    let kinds = kinds(session, call);
    let of_menu = [Kind::Query, Kind::Fields, Kind::Row];
    if kinds.iter().any(|kind| of_menu.contains(kind)) {
        return call_fields(session, call);
    }
    match () {
        () if kinds.contains(&Kind::Columns) => object_fields(session, call),
        () if kinds.contains(&Kind::Arguments) => command_arguments(session, call),
        () => Vec::new(),
    }
}

/// What the argument at the cursor may mean, by the primitives that may be called here.
fn kinds(session: &Session, call: &Call<'_>) -> Vec<Kind> {
    let at = call.object().is_some() as usize + call.arguments().len().saturating_sub(1);
    let called = callable(session, call).into_iter();
    let mut kinds: Vec<Kind> = called
        .filter_map(|primitive| primitive.declared.arguments.get(at).copied())
        .collect();
    kinds.dedup();
    kinds
}

/// The primitives that a call may mean: of an object that is not known, each method of the name.
fn callable<'a>(session: &'a Session, call: &Call<'_>) -> Vec<&'a Primitive> {
    let type_name = call
        .object()
        .and_then(|object| session.memory.variable(last_word(object)))
        .map(|value| type_of(session, &value));
    let is_meant = |page: &docs::Page, primitive: &Primitive| match (call.object(), primitive.form)
    {
        (Some(_), Form::Method) => {
            let object = primitive.object();
            call.function() == primitive.name
                && type_name
                    .as_deref()
                    .is_none_or(|known| object == Some(known))
        }
        (None, Form::InNamespace) => call.name == format!("{}::{}", page.name, primitive.name),
        (None, Form::Plain) => call.name == primitive.name,
        _ => false,
    };
    let pages = session.pages.iter();
    let primitives = pages.flat_map(|page| {
        let primitives = page.primitives.iter();
        primitives.filter(move |primitive| is_meant(page, primitive))
    });
    primitives.collect()
}

fn type_of(session: &Session, value: &Dynamic) -> String {
    docs::script_type(session.compiler.map_type_name(value.type_name()))
}

/// Menus at and below what was typed: the router's own where it has said them, else those of the schema.
fn menu_names(session: &Session, content: &str) -> Vec<String> {
    let parent = content.rsplit_once('/').map_or("", |(parent, _)| parent);
    let has_rows = |menu: &&MenuSchema| !matches!(menu.shape, Shape::Command(_));
    let mut names: Vec<String> = schema::menus()
        .filter(has_rows)
        .map(|menu| menu.path.to_owned())
        .collect();
    let children = session.sites.known().children(parent).unwrap_or_default();
    let below = children.iter().filter_map(|name| name.strip_suffix('/'));
    names.extend(below.map(|name| format!("{parent}/{name}")));
    names
}

/// The fields of the menu that a call names.
fn call_fields(session: &Session, call: &Call<'_>) -> Vec<String> {
    let Some(menu) = menu_of(session, call) else {
        return Vec::new();
    };
    let mut names: Vec<String> = vec![".id".to_owned()];
    let known = menu.parse::<Menu>().ok().as_ref().and_then(schema::menu);
    let fields = known.into_iter().flat_map(MenuSchema::fields);
    names.extend(fields.map(|field| field.name.to_owned()));
    // What can be set can be read; the router names no more than that.
    let told = session.sites.known().children(&format!("{menu}/set"));
    names.extend(
        told.unwrap_or_default()
            .into_iter()
            .filter(|name| name != "numbers"),
    );
    names
}

/// The commands of the menu that a call names, but for those that change rows.
fn verbs(session: &Session, call: &Call<'_>) -> Vec<String> {
    let Some(menu) = menu_of(session, call) else {
        return Vec::new();
    };
    let Ok(any) = CommandPath::new(&menu, "print") else {
        return Vec::new();
    };
    let told = session.sites.known().children(menu.trim_end_matches('/'));
    let told = told.unwrap_or_default().into_iter();
    let told = told.filter(|name| !name.ends_with('/'));
    let names = any.names().map(str::to_owned).chain(told);
    let is_sent =
        |name: &String| CommandPath::new(&menu, name).is_ok_and(|command| !command.changes_rows());
    names.filter(is_sent).collect()
}

/// The arguments of the command that a call names.
fn command_arguments(session: &Session, call: &Call<'_>) -> Vec<String> {
    let command = menu_of(session, call).zip(text_of(session, call, Kind::Verb));
    let Some((menu, verb)) = command else {
        return Vec::new();
    };
    let Ok(command) = CommandPath::new(&menu, &verb) else {
        return Vec::new();
    };
    let path = command.to_string();
    let told = session.sites.known().children(&path).unwrap_or_default();
    let known = command.arguments().into_iter().map(str::to_owned);
    let row = command.menu().map(|_| ".id".to_owned());
    known.chain(told).chain(row).collect()
}

/// The menu that a call names, as a text or by a variable that holds one.
fn menu_of(session: &Session, call: &Call<'_>) -> Option<String> {
    text_of(session, call, Kind::Menu)
}

/// The argument of this kind that a call names, as a text or by a variable that holds one.
fn text_of(session: &Session, call: &Call<'_>, kind: Kind) -> Option<String> {
    let arguments = call.arguments();
    let skipped = call.object().is_some() as usize;
    let argument = callable(session, call).into_iter().find_map(|primitive| {
        let at = primitive.declared.argument(kind)?;
        arguments.get(at.checked_sub(skipped)?).copied()
    })?;
    let held = || session.memory.variable(argument.trim())?.into_string().ok();
    first_text(argument).map(str::to_owned).or_else(held)
}

/// The fields of the object of a call.
fn object_fields(session: &Session, call: &Call<'_>) -> Vec<String> {
    let object = call.object().map(last_word);
    let value = object.and_then(|object| session.memory.variable(object));
    value.map(|value| fields(&value)).unwrap_or_default()
}

fn libraries(session: &Session) -> Vec<String> {
    session.library().libraries()
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

/// A call whose closing bracket is still to come.
struct Call<'a> {
    name: &'a str,
    text: &'a str,
}

impl<'a> Call<'a> {
    /// What stands before the dot of a method; empty where that is no name.
    fn object(&self) -> Option<&'a str> {
        self.name.rsplit_once('.').map(|(object, _)| object)
    }

    fn function(&self) -> &'a str {
        self.name.rsplit(['.', ':']).next().unwrap_or_default()
    }

    /// The arguments so far; the last one is not complete.
    fn arguments(&self) -> Vec<&'a str> {
        let reading = syntax::read(self.text);
        let (mut arguments, mut start, mut depth) = (Vec::new(), 0, 0_usize);
        for (index, letter) in self.text.char_indices() {
            match letter {
                _ if !reading.class_at(index).is_some_and(Class::is_code) => {}
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    arguments.push(&self.text[start..index]);
                    start = index + 1;
                }
                _ => {}
            }
        }
        arguments.push(&self.text[start..]);
        arguments
    }
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
        text: &head[index + 1..],
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

#[cfg(test)]
mod tests {
    use scripting::host::NAMESPACES;
    use scripting::script::library::Library;
    use site::config::Sources;

    use super::super::surroundings::Surroundings;
    use super::*;

    fn session(runtime: &tokio::runtime::Runtime) -> Session {
        let library = Library::without_folders();
        let around = Surroundings::new(library, runtime.handle().clone(), Sources::of_site("demo"));
        Session::new(around).unwrap()
    }

    /// A call up to its argument of number `at`: `mikrotik::rows(x, `.
    fn head(namespace: &str, primitive: &Primitive, at: usize) -> String {
        let name = &primitive.name;
        let (call, skipped) = match primitive.form {
            Form::InNamespace => (format!("{namespace}::{name}("), 0),
            Form::Plain => (format!("{name}("), 0),
            Form::Method => (format!("of_something(1).{name}("), 1),
        };
        format!("{call}{}", "x, ".repeat(at - skipped))
    }

    #[test]
    fn menus_are_offered_wherever_an_argument_is_one() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let session = session(&runtime);
        let mut seen = 0;
        for page in docs::pages_of(NAMESPACES) {
            for primitive in &page.primitives {
                let kinds = primitive.declared.arguments.iter().enumerate();
                for (at, kind) in kinds.filter(|(at, _)| *at > 0 || primitive.object().is_none()) {
                    let head = head(&page.name, primitive, at);
                    let offered = at_end(&session, &format!("{head}\"/ip/hotspot/ip-b")).texts;
                    let is_offered = offered.iter().any(|name| name == "/ip/hotspot/ip-binding");
                    let is_menu = *kind == Kind::Menu;
                    // An object that is not known may be one of another type.
                    let may_be = primitive.object().is_some() && is_offered;
                    assert!(is_offered == is_menu || may_be, "{head}: {offered:?}");
                    seen += usize::from(is_menu);
                }
            }
        }
        assert!(seen >= 20, "only {seen} menus were asked for");
    }

    #[test]
    fn the_arguments_to_come_are_told_where_one_begins() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let session = session(&runtime);
        for (line, expected) in [
            ("mikrotik::rows(", Some("menu)")),
            ("mikrotik::rows(\"/ip/arp\", ", Some("query)")),
            ("mikrotik::add(", Some("menu, row)")),
            ("let x = redis::set(\"a\", ", Some("value)")),
            ("of_something(1).remove_all(", Some("menu, rows, why)")),
            // A report and a router have one, too.
            ("of_something(1).count(", None),
            ("mikrotik::rows(\"/ip/arp", None),
            ("mikrotik::rows(\"a, ", None),
            ("mikrotik::rows(\"/ip/arp\", #{ ", None),
            ("celery::ping(", None),
            ("mikrotik::rows", None),
        ] {
            let told = arguments_to_come(&session, line);
            assert_eq!(told.as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn commands_and_their_arguments_are_offered_and_what_changes_rows_is_not() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let session = session(&runtime);
        let lease = "mikrotik::command(\"/ip/dhcp-server/lease\", \"";
        for (line, name, is_offered) in [
            (format!("{lease}make-"), "make-static", true),
            (format!("{lease}p"), "print", true),
            (format!("{lease}rem"), "remove", false),
            ("mikrotik::command(\"/\", \"pi".to_owned(), "ping", true),
            (
                "mikrotik::command(\"/system\", \"reb".to_owned(),
                "reboot",
                true,
            ),
            ("gw.command(\"/tool\", \"tor".to_owned(), "torch", true),
            (
                "mikrotik::command(\"/tool\", \"ping\", #{ cou".to_owned(),
                "count",
                true,
            ),
            (
                "mikrotik::command(\"/tool\", \"ping\", #{ tim".to_owned(),
                "time",
                false,
            ),
        ] {
            let offered = at_end(&session, &line).texts;
            let is_there = offered.iter().any(|text| text.starts_with(name));
            assert_eq!(is_there, is_offered, "{line}: {offered:?}");
        }
    }

    #[test]
    fn fields_of_the_menu_are_offered_where_an_argument_has_them() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut session = session(&runtime);
        session
            .memory
            .scope
            .push("menu", "/ip/hotspot/ip-binding".to_owned());
        for (line, is_offered) in [
            (
                "mikrotik::rows(\"/ip/hotspot/ip-binding\", #{ \"mac-a",
                true,
            ),
            ("mikrotik::rows(menu, #{ \"mac-a", true),
            ("mikrotik::rows(menu, #{}, [\"type\", \"mac-a", true),
            ("mikrotik::add(menu, #{ type: \"bypassed\", \"mac-a", true),
            ("mikrotik::set(menu, \"*1\", #{ \"mac-a", true),
            (
                "mikrotik::named(\"gw2\").set(menu, \"*1\", #{ \"mac-a",
                true,
            ),
            ("mikrotik::remove(menu, \"*1\", \"mac-a", false),
            ("mikrotik::rows(\"mac-a", false),
            ("redis::get(\"mac-a", false),
        ] {
            let offered = at_end(&session, line).texts;
            let has_it = offered.iter().any(|name| name == "mac-address");
            assert_eq!(has_it, is_offered, "{line}: {offered:?}");
        }
    }
}
