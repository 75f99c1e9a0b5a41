//! A command for the router.

use std::fmt;

use bytes::BytesMut;
use thiserror::Error;

use crate::error::excerpt;
use crate::query::is_name;
use crate::sentence::write_word;
use crate::{Limits, Query, secret};

/// A path, attributes in order, and for `print` a query.
///
/// `Debug` shows secret values as `***`.
///
/// ```
/// use routeros_proto::{Command, Query};
///
/// let command = Command::new("/ip/firewall/address-list/print")
///     .fields(["address", "comment"])
///     .query(Query::equal("list", "blocked"));
/// assert_eq!(command.path(), "/ip/firewall/address-list/print");
/// ```
#[derive(Clone)]
pub struct Command {
    path: String,
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
    query: Option<Query>,
}

impl Command {
    /// A command without attributes. The parts of `path` may be divided by slashes or spaces, as on the
    /// console: `ip arp print` is `/ip/arp/print`.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            path: normal_path(path),
            attributes: Vec::new(),
            query: None,
        }
    }

    /// Appends `=name=value`. The same name may be given twice.
    #[must_use]
    pub fn attribute(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.attributes
            .push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Appends a flag, which is an attribute with an empty value: `=count-only=`.
    #[must_use]
    pub fn flag(self, name: impl AsRef<[u8]>) -> Self {
        self.attribute(name, "")
    }

    /// Appends `.proplist`: the fields the router should send. It may send more, and leaves out those a
    /// row does not have. No names means no `.proplist`, so that all fields come.
    #[must_use]
    pub fn fields<Name: AsRef<str>>(self, names: impl IntoIterator<Item = Name>) -> Self {
        let names: Vec<Name> = names.into_iter().collect();
        if names.is_empty() {
            return self;
        }
        let list: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        self.attribute(".proplist", list.join(","))
    }

    /// Sets the query. Only `print` and `getall` know queries.
    #[must_use]
    pub fn query(mut self, query: Query) -> Self {
        self.query = Some(query);
        self
    }

    /// The path, with a leading slash and slashes between its parts.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The attributes as (name, value), in order.
    pub fn attributes(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.attributes
            .iter()
            .map(|(name, value)| (&name[..], &value[..]))
    }

    /// Whether the command can be sent within `limits`.
    ///
    /// # Errors
    /// [`CommandError`], when the router would read something else than was meant, or `limits` are exceeded.
    pub fn check(&self, limits: Limits) -> Result<(), CommandError> {
        if self.path == "/" {
            return Err(CommandError::NoPath);
        }
        if let Some((name, _)) = self.attributes.iter().find(|(name, _)| !is_name(name)) {
            return Err(CommandError::Name {
                name: excerpt(name),
            });
        }
        if let Some(name) = self.query.as_ref().and_then(Query::malformed_name) {
            return Err(CommandError::Name {
                name: excerpt(name),
            });
        }
        self.check_size(limits)
    }

    fn check_size(&self, limits: Limits) -> Result<(), CommandError> {
        let words = self
            .attributes()
            .map(|(name, value)| name.len() + value.len() + 2);
        let queries = self
            .query
            .iter()
            .flat_map(Query::words)
            .map(|word| word.len());
        let mut total = 0_usize;
        for length in words.chain(queries).chain([self.path.len()]) {
            total = total.saturating_add(length);
            if length > limits.word || total > limits.sentence {
                return Err(CommandError::TooLong {
                    path: self.path.clone(),
                    length,
                });
            }
        }
        Ok(())
    }

    /// Appends the command as one sentence to `out`, with `tag` if it is not empty. To be checked first.
    pub(crate) fn write(&self, tag: &[u8], out: &mut BytesMut) {
        write_word(out, &[self.path.as_bytes()]);
        for (name, value) in self.attributes() {
            write_word(out, &[b"=", name, b"=", value]);
        }
        for word in self.query.iter().flat_map(Query::words) {
            write_word(out, &[&word]);
        }
        if !tag.is_empty() {
            write_word(out, &[b".tag=", tag]);
        }
        out.extend_from_slice(&[0]);
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attribute =
            |(name, value): (&[u8], &[u8])| secret::shown(&[b"=", name, b"=", value].concat());
        f.write_str(&self.path)?;
        self.attributes()
            .map(attribute)
            .try_for_each(|word| write!(f, " {word}"))?;
        let queries = self.query.iter().flat_map(Query::words);
        queries
            .map(|word| secret::shown(&word))
            .try_for_each(|word| write!(f, " {word}"))
    }
}

/// A command that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The path is empty.
    #[error("a command needs a path, like `/ip/arp/print`")]
    NoPath,
    /// A name that the router would read as something else.
    #[error(
        "`{name}` cannot be the name of an attribute: it must not be empty, hold `=` or start with one of `?<>-#`"
    )]
    Name {
        /// The name, printable and cut.
        name: String,
    },
    /// A word or the whole command is longer than the limits of the connection.
    #[error("the command `{path}` holds a word of {length} bytes or is too long in all")]
    TooLong {
        /// The path of the command.
        path: String,
        /// The length of the word that was too much, in bytes.
        length: usize,
    },
}

fn normal_path(path: &str) -> String {
    let parts = path
        .split(|c: char| c == '/' || c.is_whitespace())
        .filter(|part| !part.is_empty());
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}
