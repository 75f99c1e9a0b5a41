//! How the texts of a router are written: RouterOS keeps the bytes that a client sent, and asks for no
//! encoding. API clients mostly send UTF-8, WinBox the code page of the Windows it runs on, so one
//! router may hold several (MikroTik forum and issues of public clients; seen on routers).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use encoding_rs::{Encoding, UTF_8};
use thiserror::Error;

/// The encoding in which a router's texts are read and written; UTF-8 where nobody says another.
///
/// Reading loses nothing: a byte that the encoding does not have is read as `\xNN`, four characters
/// with two lower-case hexadecimal digits, and written as that byte again. A text of a router that
/// looks like it (`\x41`) is read with its backslash as `\x5c`.
///
/// ```
/// use routeros_schema::RouterText;
///
/// let utf8 = RouterText::default();
/// assert_eq!(utf8.read(b"caf\xe9"), r"caf\xe9");
/// assert_eq!(*utf8.written(r"caf\xe9").unwrap(), *b"caf\xe9");
/// let western: RouterText = "windows-1252".parse().unwrap();
/// assert_eq!(western.read(b"caf\xe9"), "café");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RouterText(&'static Encoding);

/// The name of no encoding that a router's texts can have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not an encoding of texts that a router can hold; write one such as `utf-8`, `windows-1251` or `windows-1252`"
)]
pub struct UnknownEncoding(String);

/// A text with a character that the encoding does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the character `{character}` cannot be written in {encoding}")]
pub struct Unwritable {
    /// The first such character.
    pub character: char,
    /// The encoding's name.
    pub encoding: &'static str,
}

impl Default for RouterText {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl fmt::Debug for RouterText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for RouterText {
    type Err = UnknownEncoding;

    /// By any name that the Encoding Standard knows (`cp1251`, `latin1`), but for encodings in which
    /// ASCII is written otherwise: RouterOS' own words are ASCII.
    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        Encoding::for_label(name.as_bytes())
            .filter(|encoding| encoding.is_ascii_compatible())
            .map(Self)
            .ok_or_else(|| UnknownEncoding(name.to_owned()))
    }
}

impl RouterText {
    /// The text of bytes.
    pub fn read(self, bytes: &[u8]) -> Cow<'_, str> {
        match self.decoded(bytes) {
            Some(text) if next_escape(&text).is_none() => text,
            _ => Cow::Owned(self.read_by_character(bytes)),
        }
    }

    /// The bytes of a text: those that are read as it.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn written(self, text: &str) -> Result<Cow<'_, [u8]>, Unwritable> {
        let Some(first) = next_escape(text) else {
            return self.encoded(text);
        };
        let mut bytes = Vec::with_capacity(text.len());
        let (mut rest, mut next) = (text, Some(first));
        while let Some((start, byte)) = next {
            bytes.extend_from_slice(&self.encoded(&rest[..start])?);
            bytes.push(byte);
            rest = &rest[start + ESCAPE..];
            next = next_escape(rest);
        }
        bytes.extend_from_slice(&self.encoded(rest)?);
        Ok(Cow::Owned(bytes))
    }

    fn read_by_character(self, mut bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len() + ESCAPE);
        while let Some((first, others)) = bytes.split_first() {
            let lengths = 1..=bytes.len().min(LONGEST_CHARACTER);
            let character = lengths
                .filter(|_| escaped(bytes).is_none())
                .find_map(|length| {
                    let (character, rest) = bytes.split_at(length);
                    Some((self.decoded(character)?, rest))
                });
            match character {
                Some((character, rest)) => {
                    text.push_str(&character);
                    bytes = rest;
                }
                None => {
                    text.push_str(&format!("\\x{first:02x}"));
                    bytes = others;
                }
            }
        }
        text
    }

    /// The text of bytes, where all of them have one and it is written with these bytes alone.
    fn decoded(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        if self.0 == UTF_8 {
            return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        }
        let text = self
            .0
            .decode_without_bom_handling_and_without_replacement(bytes)?;
        let is_way_back = self.encoded(&text).is_ok_and(|back| *back == *bytes);
        is_way_back.then_some(text)
    }

    fn encoded(self, text: &str) -> Result<Cow<'_, [u8]>, Unwritable> {
        let (bytes, _, has_unwritable) = self.0.encode(text);
        if !has_unwritable {
            return Ok(bytes);
        }
        let is_unwritable = |character: &char| self.0.encode(character.encode_utf8(&mut [0; 4])).2;
        Err(Unwritable {
            character: text.chars().find(is_unwritable).unwrap_or_default(),
            encoding: self.0.name(),
        })
    }
}

/// The bytes of `\xNN`.
const ESCAPE: usize = 4;
/// The bytes of a character: those of UTF-8 and of gb18030.
const LONGEST_CHARACTER: usize = 4;

/// Where the first `\xNN` of a text is, and its byte.
fn next_escape(text: &str) -> Option<(usize, u8)> {
    let mut backslashes = text.match_indices('\\');
    backslashes.find_map(|(start, _)| Some((start, escaped(&text.as_bytes()[start..])?)))
}

/// The byte of the `\xNN` with which `bytes` begin.
fn escaped(bytes: &[u8]) -> Option<u8> {
    let [b'\\', b'x', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    Some(digit(*high)? << 4 | digit(*low)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> RouterText {
        name.parse().unwrap()
    }

    #[test]
    fn bytes_are_read_in_the_encoding_that_is_named() {
        for (name, bytes, text) in [
            ("utf-8", &b"caf\xc3\xa9"[..], "café"),
            ("utf-8", b"caf\xe9!", "caf\\xe9!"),
            ("utf-8", b"\xe2\x82", "\\xe2\\x82"),
            ("windows-1252", b"caf\xe9", "café"),
            ("latin1", b"ac\xb2", "ac²"),
            ("windows-1251", b"\xc8\xe2\xe0\xed", "Иван"),
            ("cp1251", b"\xc8\xe2\xe0\xed", "Иван"),
            // A byte that Greek has no letter for.
            ("windows-1253", b"\xc1\xaa\xc2", "Α\\xaaΒ"),
            ("gbk", b"\xc4\xe3\xba\xc3", "你好"),
            ("shift_jis", b"\x83e\x83X\x83g", "テスト"),
            // Half a character.
            ("shift_jis", b"\x83e\x83", "テ\\x83"),
        ] {
            assert_eq!(named(name).read(bytes), text, "{name}");
            assert_eq!(*named(name).written(text).unwrap(), *bytes, "{name}");
        }
    }

    #[test]
    fn a_text_that_looks_like_an_escape_is_none() {
        for text in ["\\xe9", "a\\x5c", "\\\\xe9", "\\x\\xe9", "\\x4\\x41"] {
            let read = RouterText::default().read(text.as_bytes());
            assert_ne!(read, text);
            let written = RouterText::default().written(&read).unwrap().into_owned();
            assert_eq!(written, text.as_bytes());
        }
        for text in ["\\xE9", "\\x", "\\xg0", "C:\\new", "\\"] {
            assert_eq!(RouterText::default().read(text.as_bytes()), text);
        }
    }

    #[test]
    fn a_character_that_the_encoding_lacks_is_named() {
        let unwritable = named("windows-1252").written("meja Иван").unwrap_err();
        assert_eq!(
            unwritable.to_string(),
            "the character `И` cannot be written in windows-1252"
        );
        assert!(RouterText::default().written("Иван 你好").is_ok());
    }

    #[test]
    fn encodings_that_write_ascii_otherwise_are_none() {
        for name in [
            "utf-16",
            "utf-16le",
            "iso-2022-jp",
            "replacement",
            "",
            "klingon",
        ] {
            assert!(name.parse::<RouterText>().is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back_as_they_were(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b'\\'), Just(b'x'), Just(b'4'), Just(b'a')],
                0..40,
            ),
            name in prop::sample::select(vec![
                "utf-8", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "koi8-r",
                "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "ibm866",
            ]),
        ) {
            let text = named(name).read(&bytes).into_owned();
            prop_assert_eq!(named(name).written(&text).unwrap().into_owned(), bytes);
        }
    }
}
