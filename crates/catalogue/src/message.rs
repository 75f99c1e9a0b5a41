//! What is said, as a value: by key, or as a text of somebody's own.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalogues::Catalogues;
use super::language::Language;
use super::number::Number;

/// A message: which one, and what stands in its placeholders. [`Catalogues::message`] makes it, which knows
/// that there is one of this key and that nothing is missing.
/// Cheap to copy.
#[derive(Clone)]
pub struct Message(pub(crate) Arc<Content>);

/// What a message consists of.
pub(crate) struct Content {
    pub(crate) catalogues: Arc<Catalogues>,
    pub(crate) key: String,
    pub(crate) arguments: Vec<(String, Argument)>,
    /// How deep messages stand in its placeholders.
    pub(crate) depth: usize,
}

/// What stands in a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A text that is the same in every language, or a message of its own.
    Said(Said),
    /// A number, by which plural forms are chosen.
    Number(Number),
    /// Several of them, shown with commas between.
    List(Vec<Said>),
}

impl Argument {
    /// How deep messages stand in it: 0 for plain text.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Said(said) => said.depth(),
            Self::Number(_) => 0,
            Self::List(list) => list.iter().map(Said::depth).max().unwrap_or(0),
        }
    }
}

/// Something that is said to people: plain text, which is the same in every language, or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text as it is.
    Plain(String),
    /// A message of a catalogue.
    Message(Message),
    /// Several things, one after another; made by [`Said::several`].
    Several(Vec<Said>),
}

impl Message {
    /// Its key.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// What it says in `language`; in English where the language does not have it.
    pub fn in_language(&self, language: Language) -> String {
        let content = &*self.0;
        let said = content
            .catalogues
            .render(language, &content.key, &content.arguments);
        said.unwrap_or_else(|| content.key.clone())
    }
}

/// In English.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.key());
        for (name, argument) in &self.0.arguments {
            shown.field(name, argument);
        }
        shown.finish()
    }
}

/// Messages of one key with the same arguments say the same.
impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key && self.0.arguments == other.0.arguments
    }
}

impl Eq for Message {}

impl Said {
    /// Several things, one after another, with semicolons between: each is whole.
    pub fn several(all: impl IntoIterator<Item = Said>) -> Self {
        let mut flat = Vec::new();
        for said in all {
            match said {
                Self::Several(inside) => flat.extend(inside),
                other => flat.push(other),
            }
        }
        Self::Several(flat)
    }

    /// What is said in `language`.
    pub fn in_language(&self, language: Language) -> Cow<'_, str> {
        match self {
            Self::Plain(text) => text.as_str().into(),
            Self::Message(message) => message.in_language(language).into(),
            Self::Several(all) => {
                let words: Vec<_> = all.iter().map(|said| said.in_language(language)).collect();
                words.join("; ").into()
            }
        }
    }

    /// Is nothing said? A message says something.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_empty(),
            Self::Message(_) => false,
            Self::Several(all) => all.is_empty(),
        }
    }

    /// How deep messages stand in placeholders.
    fn depth(&self) -> usize {
        match self {
            Self::Plain(_) => 0,
            Self::Message(message) => message.0.depth,
            Self::Several(all) => all.iter().map(Self::depth).max().unwrap_or(0),
        }
    }
}

impl Default for Said {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

/// In English.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// In English, as all of JSON is.
impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.in_language(Language::English))
    }
}

/// A text that is read back is plain: which message it was is not written with it.
impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::Plain)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<&String> for Said {
    fn from(text: &String) -> Self {
        Self::Plain(text.clone())
    }
}

impl From<&Said> for Said {
    fn from(said: &Said) -> Self {
        said.clone()
    }
}

impl From<Message> for Said {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl<T: Into<Said>> From<T> for Argument {
    fn from(said: T) -> Self {
        Self::Said(said.into())
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        let text = number.to_string();
        Number::parse(&text).map_or(Self::Said(Said::Plain(text)), Self::Number)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        u64::try_from(number).unwrap_or(u64::MAX).into()
    }
}
