//! The texts of one language, as they stand in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Pattern};

use super::language::Language;
use super::message::Argument;
use super::syntax::{self, Part};

/// How long a file may be, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// Of what is no catalogue at all nobody reads every line.
const MOST_PROBLEMS: usize = 100;

/// The texts of one file.
pub struct Catalogue {
    language: Language,
    source: String,
    texts: BTreeMap<String, Text>,
    bundle: FluentBundle<FluentResource>,
}

/// What is known of a text.
struct Text {
    placeholders: BTreeSet<String>,
    line: usize,
}

/// A file that is no catalogue, with all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue `{source_name}` cannot be used: {}", listed(.problems))]
pub struct CatalogueError {
    /// The file.
    pub source_name: String,
    /// What is wrong, in the order of its lines, 100 of it at most.
    pub problems: Vec<Problem>,
}

/// What is wrong with a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The first of them; who mends that one sees the next.
fn listed(problems: &[Problem]) -> String {
    let first = problems
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    match problems.len() {
        0 | 1 => first,
        count => format!("{first} (and {} more)", count - 1),
    }
}

impl Catalogue {
    /// The catalogue that `text` is, the content of the file `source`.
    ///
    /// # Errors
    /// The text is too long, is not written in the syntax, has a key twice, or uses what a catalogue does not
    /// know.
    pub fn parse(language: Language, source: &str, text: &str) -> Result<Self, CatalogueError> {
        let mut reading = Reading::new(language);
        match text.len() > MOST_BYTES {
            true => reading.problem(1, format!("it is longer than {} KiB", MOST_BYTES >> 10)),
            false => syntax::parts(text)
                .iter()
                .for_each(|part| reading.part(part)),
        }
        match reading.problems.is_empty() {
            true => Ok(Self {
                language,
                source: source.to_owned(),
                texts: reading.texts,
                bundle: reading.bundle,
            }),
            false => Err(CatalogueError {
                source_name: source.to_owned(),
                problems: reading.problems,
            }),
        }
    }

    /// The language of its texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The file it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The keys of its texts, sorted; that of an attribute is `message.attribute`.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The names of a text's placeholders; nothing where it has no text of this key.
    pub fn placeholders(&self, key: &str) -> Option<&BTreeSet<String>> {
        self.texts.get(key).map(|text| &text.placeholders)
    }

    /// The line of its file that the text begins on, from 1.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.texts.get(key).map(|text| text.line)
    }

    /// What the text of `key` says with these arguments, each said in its language.
    pub(crate) fn render(&self, key: &str, arguments: &[(String, Argument)]) -> Option<String> {
        let pattern = self.pattern(key)?;
        let mut given = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            given.set(name.as_str(), value(argument, self.language));
        }
        // Unknown placeholders are all that could go wrong, and a message has every one of them.
        let mut errors = Vec::new();
        Some(
            self.bundle
                .format_pattern(pattern, Some(&given), &mut errors)
                .into_owned(),
        )
    }

    fn pattern(&self, key: &str) -> Option<&Pattern<&str>> {
        match key.split_once('.') {
            None => self.bundle.get_message(key)?.value(),
            Some((message, attribute)) => {
                let message = self.bundle.get_message(message)?;
                Some(message.get_attribute(attribute)?.value())
            }
        }
    }
}

fn value(argument: &Argument, language: Language) -> FluentValue<'_> {
    match argument {
        Argument::Number(number) => FluentValue::try_number(number.as_str()),
        Argument::Said(said) => FluentValue::from(said.in_language(language).into_owned()),
        Argument::List(list) => {
            let said: Vec<_> = list.iter().map(|said| said.in_language(language)).collect();
            FluentValue::from(said.join(", "))
        }
    }
}

/// A file that is being read.
struct Reading {
    /// The messages so far.
    ids: BTreeSet<String>,
    texts: BTreeMap<String, Text>,
    bundle: FluentBundle<FluentResource>,
    problems: Vec<Problem>,
}

impl Reading {
    fn new(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Marks around placeholders would stand in tables, in pipes and in what people copy.
        bundle.set_use_isolating(false);
        bundle.set_transform(Some(|text| match text.contains('\n') {
            true => text.replace("\r\n", " ").replace('\n', " ").into(),
            false => text.into(),
        }));
        Self {
            ids: BTreeSet::new(),
            texts: BTreeMap::new(),
            bundle,
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, line: usize, message: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { line, message });
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        if let Some(why) = syntax::refused(part.text) {
            return self.problem(part.line, why);
        }
        let resource = match FluentResource::try_new(part.text.to_owned()) {
            Ok(resource) => resource,
            Err((_, errors)) => {
                for error in errors {
                    // What is missing at the end of a message is missing on its last line.
                    let before = part.text.get(..error.pos.start).unwrap_or(part.text);
                    let lines = before.trim_end().matches('\n').count();
                    self.problem(part.line + lines, error.kind.to_string());
                }
                return;
            }
        };
        let before = self.problems.len();
        for entry in resource.entries() {
            self.entry(entry, part.line);
        }
        // Of one part there is one message, whose key is new.
        if self.problems.len() == before {
            drop(self.bundle.add_resource(resource));
        }
    }

    fn entry(&mut self, entry: &Entry<&str>, line: usize) {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name;
                if !self.ids.insert(id.to_owned()) {
                    return self.problem(line, format!("`{id}` is there twice"));
                }
                if let Some(value) = &message.value {
                    self.text(id.to_owned(), value, line);
                }
                for attribute in &message.attributes {
                    self.text(
                        format!("{id}.{}", attribute.id.name),
                        &attribute.value,
                        line,
                    );
                }
            }
            Entry::Term(term) => {
                let name = term.id.name;
                self.problem(
                    line,
                    format!("a catalogue has no terms such as `-{name}`; a message is whole"),
                );
            }
            Entry::Comment(_)
            | Entry::GroupComment(_)
            | Entry::ResourceComment(_)
            | Entry::Junk { .. } => {}
        }
    }

    fn text(&mut self, key: String, pattern: &Pattern<&str>, line: usize) {
        match syntax::placeholders(pattern) {
            Err(why) => self.problem(line, format!("`{key}`: {why}")),
            Ok(_) if self.texts.contains_key(&key) => {
                self.problem(line, format!("`{key}` is there twice"));
            }
            Ok(placeholders) => {
                self.texts.insert(key, Text { placeholders, line });
            }
        }
    }
}
