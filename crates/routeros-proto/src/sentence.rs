//! Words in order, up to the empty word that ends them.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::{length, secret};

/// One sentence, read where it lies in the bytes received. Nothing is copied.
///
/// Attributes are found by walking the words; for the handful of words in a row this is faster than an
/// index would be. A name may occur twice, and a value may be any bytes.
#[derive(Clone, Copy)]
pub struct SentenceRef<'a> {
    wire: &'a [u8],
}

impl<'a> SentenceRef<'a> {
    /// The sentence at the start of `wire`; bytes after its end are not looked at.
    ///
    /// Malformed bytes end the sentence early, they never panic.
    #[must_use]
    pub fn new(wire: &'a [u8]) -> Self {
        Self { wire }
    }

    /// The words, without the empty one that ends the sentence.
    #[must_use]
    pub fn words(self) -> Words<'a> {
        Words { rest: self.wire }
    }

    /// The first word: `!re`, `!done` and so on in a reply, the path in a command. Empty for an empty sentence.
    #[must_use]
    pub fn first(self) -> &'a [u8] {
        self.words().next().unwrap_or_default()
    }

    /// The value of `.tag=`, wherever it stands. An empty tag counts as none.
    #[must_use]
    pub fn tag(self) -> Option<&'a [u8]> {
        self.after_first()
            .find_map(|word| word.strip_prefix(b".tag="))
            .filter(|tag| !tag.is_empty())
    }

    /// The value of the attribute `name`, the first one if it occurs more than once.
    #[must_use]
    // Where it is called, the name is known, and with it what to look at in each word.
    #[inline]
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.get_all(name).next()
    }

    /// All values of the attribute `name`, in order.
    #[inline]
    pub fn get_all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.after_first()
            .filter_map(move |word| value_of(word, name.as_bytes()))
    }

    /// All attributes as (name, value), in order. The tag is not one of them.
    #[must_use]
    pub fn fields(self) -> Fields<'a> {
        Fields {
            words: self.after_first(),
        }
    }

    /// The bytes of the sentence as they were received, its end included.
    #[must_use]
    pub fn wire(self) -> &'a [u8] {
        let mut words = self.words();
        words.by_ref().for_each(drop);
        self.before(&words)
    }

    /// The bytes of the words that `words`, of this sentence, has passed.
    pub(crate) fn before(self, words: &Words<'_>) -> &'a [u8] {
        &self.wire[..self.wire.len() - words.rest.len()]
    }

    /// Whether the sentence begins with the same words as another one, whose bytes `words` are.
    pub(crate) fn begins_with(self, words: &[u8]) -> bool {
        self.wire.starts_with(words)
    }

    #[inline]
    fn after_first(self) -> Words<'a> {
        let mut words = self.words();
        match words.next() {
            Some(_) => words,
            // An empty sentence: what follows is another one.
            None => Words { rest: &[] },
        }
    }
}

impl fmt::Debug for SentenceRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.words().map(secret::shown))
            .finish()
    }
}

/// The words of a sentence, see [`SentenceRef::words`].
#[derive(Clone)]
pub struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        // Each look-up of each row walks here, and nearly all words are short.
        let (word, rest) = match self.rest {
            [length @ ..0x80, rest @ ..] => rest.split_at_checked(usize::from(*length)),
            long => split_long_word(long),
        }?;
        self.rest = rest;
        if word.is_empty() {
            // What follows is another sentence: walking on must not enter it.
            return None;
        }
        Some(word)
    }
}

/// Splits after the word at the start of `bytes`, whatever its length.
#[cold]
fn split_long_word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, prefix) = length::decode(bytes).ok()??;
    bytes.get(prefix..)?.split_at_checked(length as usize)
}

/// The attributes of a sentence, see [`SentenceRef::fields`].
#[derive(Clone)]
pub struct Fields<'a> {
    words: Words<'a>,
}

impl<'a> Iterator for Fields<'a> {
    /// The name and the value.
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.words.by_ref().find_map(split_attribute)
    }
}

/// Splits `=name=value` at the second `=`. `=name` is a name with an empty value.
pub(crate) fn split_attribute(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let attribute = word.strip_prefix(b"=")?;
    let Some(at) = attribute.iter().position(|&byte| byte == b'=') else {
        return Some((attribute, &[]));
    };
    Some((&attribute[..at], &attribute[at + 1..]))
}

/// The value in `word` if it is the attribute `name`. Where the name ends tells nearly all other attributes apart,
/// by one byte of them.
#[inline]
fn value_of<'a>(word: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let end = 1 + name.len();
    let value = match word.get(end) {
        Some(b'=') => &word[end + 1..],
        None if word.len() == end => &[],
        _ => return None,
    };
    (word[0] == b'=' && word[1..end] == *name).then_some(value)
}

/// Writes one sentence into one contiguous buffer, so that it can be sent with one write.
///
/// ```
/// use routeros_proto::Sentence;
///
/// let mut sentence = Sentence::new();
/// sentence.word(b"/ip/arp/print").attribute(b"detail", b"").tag(b"7");
/// assert_eq!(&sentence.finish()[..], b"\x0d/ip/arp/print\x08=detail=\x06.tag=7\x00");
/// ```
#[derive(Clone, Default)]
pub struct Sentence {
    wire: BytesMut,
}

impl Sentence {
    /// A sentence without words.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a word. An empty word is left out: on the wire it would end the sentence.
    pub fn word(&mut self, word: &[u8]) -> &mut Self {
        write_word(&mut self.wire, &[word]);
        self
    }

    /// Appends `=name=value`. The name must hold no `=`; a value may.
    pub fn attribute(&mut self, name: &[u8], value: &[u8]) -> &mut Self {
        write_word(&mut self.wire, &[b"=", name, b"=", value]);
        self
    }

    /// Appends `.tag=tag`.
    pub fn tag(&mut self, tag: &[u8]) -> &mut Self {
        write_word(&mut self.wire, &[b".tag=", tag]);
        self
    }

    /// Ends the sentence and returns its bytes.
    #[must_use]
    pub fn finish(mut self) -> Bytes {
        self.wire.put_u8(0);
        self.wire.freeze()
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SentenceRef::new(&self.wire).fmt(f)
    }
}

/// Writes `parts` as one word. An empty word, and one whose length has no encoding, are left out.
pub(crate) fn write_word(out: &mut BytesMut, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let Ok(length @ 1..) = u32::try_from(length) else {
        return;
    };
    length::encode(length, out);
    for part in parts {
        out.extend_from_slice(part);
    }
}
