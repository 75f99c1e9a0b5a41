//! What a router answers: rows, the end of a command, errors.

use std::borrow::Cow;
use std::fmt;

use crate::{RowRef, SentenceRef};

/// One sentence of a router, told apart by its first word (MikroTik manual "API", "Reply word").
#[derive(Debug, Clone, Copy)]
pub enum Reply<'a> {
    /// `!re`: one record. It may have no attributes and is a record all the same.
    Row(RowRef<'a>),
    /// `!done`: the end of a command, after errors too. It may carry attributes, such as `ret`.
    Done(RowRef<'a>),
    /// `!trap`: an error. Several may come for one command, and `!done` still follows.
    Trap(SentenceRef<'a>),
    /// `!fatal`: the router closes the connection after it.
    Fatal {
        /// The reason in the router's words, empty if it gave none.
        reason: &'a [u8],
    },
    /// `!empty`: there is no data. Sent since RouterOS 7.18; `!done` follows.
    Empty,
    /// A reply word that is not known. To be skipped.
    Other(SentenceRef<'a>),
}

impl<'a> Reply<'a> {
    /// What `sentence` means.
    #[must_use]
    pub fn new(sentence: SentenceRef<'a>) -> Self {
        match sentence.first() {
            b"!re" => Self::Row(RowRef::new(sentence)),
            b"!done" => Self::Done(RowRef::new(sentence)),
            b"!trap" => Self::Trap(sentence),
            b"!fatal" => Self::Fatal {
                reason: fatal_reason(sentence),
            },
            b"!empty" => Self::Empty,
            _ => Self::Other(sentence),
        }
    }
}

/// The reason is a bare word on real routers; some servers write it as `=message=`.
fn fatal_reason(sentence: SentenceRef<'_>) -> &[u8] {
    let bare = |word: &&[u8]| !word.starts_with(b"=") && !word.starts_with(b".tag=");
    sentence
        .get("message")
        .or_else(|| sentence.words().skip(1).find(bare))
        .unwrap_or_default()
}

/// An error of the router.
#[derive(Clone, PartialEq, Eq)]
pub struct Trap {
    /// The router's classification, often absent. 0 missing item or command, 1 argument value,
    /// 2 interrupted, 3 scripting, 4 general, 5 API, 6 TTY, 7 value of `:return`.
    pub category: Option<u8>,
    /// The router's words, of whatever encoding, cut after 4 KiB.
    message: Vec<u8>,
}

/// A message is for people; nobody may fill the memory with one.
const LONGEST_MESSAGE: usize = 4 << 10;

impl Trap {
    /// Reads a `!trap` sentence. Without a `message` attribute, the other words stand in for it.
    #[must_use]
    pub fn new(sentence: SentenceRef<'_>) -> Self {
        let category = sentence
            .get("category")
            .and_then(|category| std::str::from_utf8(category).ok()?.parse().ok());
        let mut message = match sentence.get("message") {
            Some(message) => message[..message.len().min(LONGEST_MESSAGE)].to_vec(),
            None => other_words(sentence),
        };
        message.truncate(LONGEST_MESSAGE);
        Self { category, message }
    }

    /// The router's words. What is not UTF-8 is replaced.
    #[must_use]
    pub fn message(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.message)
    }

    /// Whether it is the router's word that the user's group lacks a policy (seen).
    #[must_use]
    pub fn is_about_permissions(&self) -> bool {
        self.message.starts_with(b"not enough permissions")
    }

    /// The router's words as received.
    #[must_use]
    pub fn message_bytes(&self) -> &[u8] {
        &self.message
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trap")
            .field("category", &self.category)
            .field("message", &self.message())
            .finish()
    }
}

fn other_words(sentence: SentenceRef<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    for word in sentence
        .words()
        .skip(1)
        .filter(|word| !word.starts_with(b".tag="))
    {
        if message.len() > LONGEST_MESSAGE {
            break;
        }
        message.extend_from_slice(if message.is_empty() { b"" } else { b" " });
        message.extend_from_slice(&word[..word.len().min(LONGEST_MESSAGE)]);
    }
    message
}
