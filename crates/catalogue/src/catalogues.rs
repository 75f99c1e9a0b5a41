//! Several catalogues as one: whose text is taken, and how they differ.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::Catalogue;
use super::language::Language;
use super::message::{Argument, Content, Message};

/// Catalogues of one or more languages, the strongest first.
#[derive(Default)]
pub struct Catalogues {
    ordered: Vec<Arc<Catalogue>>,
}

/// Why there is no such message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No catalogue has the key.
    #[error("no catalogue has a message `{key}`")]
    Unknown {
        /// The key.
        key: String,
    },
    /// A placeholder of the text has no argument.
    #[error("the message `{key}` needs `{placeholder}`")]
    Missing {
        /// The key.
        key: String,
        /// The placeholder.
        placeholder: String,
    },
    /// An argument has no placeholder.
    #[error("the message `{key}` has no placeholder `{argument}`")]
    Unused {
        /// The key.
        key: String,
        /// The argument.
        argument: String,
    },
    /// Messages stand in each other's placeholders deeper than anybody would read.
    #[error("the message `{key}` has messages {MOST_DEEP} deep in its placeholders")]
    Deep {
        /// The key.
        key: String,
    },
}

/// How deep messages may stand in the placeholders of others: each is shown by the one around it.
const MOST_DEEP: usize = 16;

/// A text whose placeholders are not those of its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file of the text.
    pub source: String,
    /// The line of the file, from 1.
    pub line: usize,
    /// The key.
    pub key: String,
    /// The placeholders that the message has and the text does not.
    pub missing: Vec<String>,
    /// Those that only the text has.
    pub unknown: Vec<String>,
}

impl Catalogues {
    /// These catalogues, the strongest first.
    pub fn new(ordered: impl IntoIterator<Item = Arc<Catalogue>>) -> Self {
        Self {
            ordered: ordered.into_iter().collect(),
        }
    }

    /// These with one more, which is the strongest.
    #[must_use]
    pub fn with(&self, catalogue: Catalogue) -> Self {
        let weaker = self.ordered.iter().cloned();
        Self::new([Arc::new(catalogue)].into_iter().chain(weaker))
    }

    /// The catalogues, the strongest first.
    pub fn all(&self) -> impl Iterator<Item = &Catalogue> {
        self.ordered.iter().map(|catalogue| &**catalogue)
    }

    /// The message of `key` with these arguments. A text of it that wants others, which [`differences`] tells, is
    /// passed over for a weaker one; one that leaves some of them out is shown.
    ///
    /// [`differences`]: Self::differences
    ///
    /// # Errors
    /// No catalogue has the key, the arguments are not those that its text needs, or messages stand in each
    /// other's placeholders too deep.
    pub fn message(
        self: &Arc<Self>,
        key: &str,
        arguments: Vec<(String, Argument)>,
    ) -> Result<Message, MessageError> {
        let Some(placeholders) = self.placeholders(key) else {
            return Err(MessageError::Unknown {
                key: key.to_owned(),
            });
        };
        let is_given = |name: &&String| arguments.iter().any(|(given, _)| given == *name);
        if self.render(Language::English, key, &arguments).is_none() {
            let missing = placeholders.iter().find(|name| !is_given(name));
            return Err(MessageError::Missing {
                key: key.to_owned(),
                placeholder: missing.cloned().unwrap_or_default(),
            });
        }
        if let Some((argument, _)) = arguments.iter().find(|(name, _)| !self.takes(key, name)) {
            return Err(MessageError::Unused {
                key: key.to_owned(),
                argument: argument.clone(),
            });
        }
        let inside = arguments.iter().map(|(_, argument)| argument.depth());
        let depth = 1 + inside.max().unwrap_or(0);
        if depth > MOST_DEEP {
            return Err(MessageError::Deep {
                key: key.to_owned(),
            });
        }
        Ok(Message(Arc::new(Content {
            catalogues: self.clone(),
            key: key.to_owned(),
            arguments,
            depth,
        })))
    }

    /// The placeholders of the message `key`: those of its English text, or of the only one it has; nothing
    /// where no catalogue has the key.
    pub fn placeholders(&self, key: &str) -> Option<&BTreeSet<String>> {
        let has = |catalogue: &&Catalogue| catalogue.placeholders(key).is_some();
        self.strongest(Language::English)
            .find(has)?
            .placeholders(key)
    }

    /// Has a text of the message `key` this placeholder?
    pub fn takes(&self, key: &str, placeholder: &str) -> bool {
        let mut placeholders = self
            .all()
            .filter_map(|catalogue| catalogue.placeholders(key));
        placeholders.any(|names| names.contains(placeholder))
    }

    /// The keys that any of them has, sorted.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.all().flat_map(Catalogue::keys).collect()
    }

    /// The keys without a text in `language`, sorted.
    pub fn missing(&self, language: Language) -> BTreeSet<&str> {
        let mut keys = self.keys();
        for catalogue in self
            .all()
            .filter(|catalogue| catalogue.language() == language)
        {
            keys.retain(|key| catalogue.placeholders(key).is_none());
        }
        keys
    }

    /// The texts whose placeholders differ from those of their message.
    pub fn differences(&self) -> Vec<Difference> {
        let of_catalogue = |catalogue: &Arc<Catalogue>| {
            let differ = catalogue
                .keys()
                .filter_map(|key| self.difference(catalogue, key));
            differ.collect::<Vec<_>>()
        };
        self.ordered.iter().flat_map(of_catalogue).collect()
    }

    fn difference(&self, catalogue: &Catalogue, key: &str) -> Option<Difference> {
        let (wanted, has) = (self.placeholders(key)?, catalogue.placeholders(key)?);
        let missing: Vec<String> = wanted.difference(has).cloned().collect();
        let unknown: Vec<String> = has.difference(wanted).cloned().collect();
        (!missing.is_empty() || !unknown.is_empty()).then(|| Difference {
            source: catalogue.source().to_owned(),
            line: catalogue.line(key).unwrap_or(1),
            key: key.to_owned(),
            missing,
            unknown,
        })
    }

    pub(crate) fn render(
        &self,
        language: Language,
        key: &str,
        arguments: &[(String, Argument)],
    ) -> Option<String> {
        let is_given = |name: &String| arguments.iter().any(|(given, _)| given == name);
        let serves = |catalogue: &&Catalogue| {
            let placeholders = catalogue.placeholders(key);
            placeholders.is_some_and(|names| names.iter().all(is_given))
        };
        self.strongest(language)
            .find(serves)?
            .render(key, arguments)
    }

    /// All catalogues, in the order in which a text is looked for: those of `language`, the English ones, others.
    fn strongest(&self, language: Language) -> impl Iterator<Item = &Catalogue> {
        let rank = move |catalogue: &Catalogue| match catalogue.language() {
            its if its == language => 0,
            Language::English => 1,
            _ => 2,
        };
        (0..=2).flat_map(move |wanted| {
            self.all()
                .filter(move |catalogue| rank(catalogue) == wanted)
        })
    }
}
