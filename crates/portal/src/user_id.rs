//! The id of a user: 128 bits, read as leniently as Python's `uuid.UUID(text)` reads it.

use std::fmt;

use super::number::{decimal_digit, joined_digits};

/// The id of a user (`users.id`), whatever way it was spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(u128);

impl UserId {
    /// Reads `text` by the rules of Python's `uuid.UUID`.
    ///
    /// Every `urn:` and `uuid:` is removed, braces around the text, then every dash. The 32
    /// characters that must be left are a number of base 16 as `int()` takes it: upper case, `0x`,
    /// a leading `+`, single underscores between digits, digits of other scripts.
    ///
    /// ```
    /// use portal::user_id::UserId;
    /// let plain = UserId::parse("00a733c7-2944-4fb0-ad71-e429caf590f0");
    /// assert_eq!(UserId::parse("urn:uuid:{00A733C729444FB0AD71E429CAF590F0"), plain);
    /// assert_eq!(UserId::parse("unknown"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<UserId> {
        if let Some(id) = canonical(text.as_bytes()) {
            return Some(UserId(id));
        }
        let text = text.replace("urn:", "").replace("uuid:", "");
        let text = text.trim_matches(['{', '}']).replace('-', "");
        if text.chars().count() != 32 {
            return None;
        }
        base_16(&text).map(UserId)
    }

    /// The id a database keeps as 16 bytes, or as the bytes of its text.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<UserId> {
        match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => Some(UserId(u128::from_be_bytes(bytes))),
            Err(_) => UserId::parse(std::str::from_utf8(bytes).ok()?),
        }
    }
}

impl fmt::Display for UserId {
    /// The usual spelling: lower case, in groups of 8, 4, 4, 4 and 12.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut id = self.0;
        // Written by hand, from the end: ids are written for every user in every run.
        let places = (0..text.len()).rev();
        for place in places.filter(|place| !matches!(place, 8 | 13 | 18 | 23)) {
            text[place] = DIGITS[(id & 0xf) as usize];
            id >>= 4;
        }
        out.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// The spelling nearly every id has, read without a copy.
fn canonical(text: &[u8]) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let mut id = 0;
    for (place, &byte) in text.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
        } else {
            id = id << 4 | u128::from(char::from(byte).to_digit(16)?);
        }
    }
    Some(id)
}

/// `int(text, 16)` for a text without white space; a minus sign cannot be left in it.
fn base_16(text: &str) -> Option<u128> {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let digits = joined_digits(without_prefix(unsigned), hexadecimal_digit)?;
    u128::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
}

/// `text` after `0x`, and after the one underscore that may follow it.
fn without_prefix(text: &str) -> &str {
    let mut characters = text.chars();
    let zero = characters.next().and_then(decimal_digit) == Some(0);
    if !zero || !matches!(characters.next(), Some('x' | 'X')) {
        return text;
    }
    let digits = characters.as_str();
    digits.strip_prefix('_').unwrap_or(digits)
}

fn hexadecimal_digit(character: char) -> Option<u8> {
    match character {
        'a'..='f' => Some(character as u8 - b'a' + 10),
        'A'..='F' => Some(character as u8 - b'A' + 10),
        _ => decimal_digit(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00a733c7-2944-4fb0-ad71-e429caf590f0";

    #[test]
    fn all_spellings_of_an_id_are_one_id() {
        let spellings = [
            ID,
            "00A733C7-2944-4FB0-AD71-E429CAF590F0",
            "00a733c729444fb0ad71e429caf590f0",
            "urn:uuid:00a733c7-2944-4fb0-ad71-e429caf590f0",
            "uuid:00a733c7-2944-4fb0-ad71-e429caf590f0",
            "00a733c729444fburn:0ad71e429caf590f0",
            "{{00a733c729444fb0ad71e429caf590f0}}",
            "}00a733c729444fb0ad71e429caf590f0{",
            "{00a733c7-2944-4fb0-ad71-e429caf590f0",
            "00a7-33c7-2944-4fb0-ad71-e429-caf5-90f0",
            "--00a733c7-2944-4fb0-ad71-e429caf590f0-",
            "0xa733c729444fb0ad71e429caf590f0",
            "0Xa733c729444fb0ad71e429caf590f0",
            "+0a733c729444fb0ad71e429caf590f0",
            "0_a733c729444fb0ad71e429caf590f0",
            "\u{ff10}\u{ff10}a733c729444fb0ad71e429caf590f0",
            "\u{ff10}xa733c729444fb0ad71e429caf590f0",
        ];
        for text in spellings {
            let id = UserId::parse(text).map(|id| id.to_string());
            assert_eq!(id.as_deref(), Some(ID), "{text}");
        }
    }

    #[test]
    fn a_prefix_may_be_followed_by_one_underscore() {
        let id = UserId::parse("0x_733c729444fb0ad71e429caf590f0").unwrap();
        assert_eq!(id.to_string(), "000733c7-2944-4fb0-ad71-e429caf590f0");
    }

    #[test]
    fn an_id_may_come_as_bytes() {
        let id = UserId::parse(ID).unwrap();
        assert_eq!(UserId::from_bytes(&id.0.to_be_bytes()), Some(id));
        assert_eq!(UserId::from_bytes(ID.as_bytes()), Some(id));
        assert_eq!(UserId::from_bytes(b"short"), None);
        assert_eq!(UserId::from_bytes(b"\xff\xff"), None);
    }

    #[test]
    fn what_python_refuses_is_no_id() {
        let refused = [
            "",
            "unknown",
            "nope",
            "00a733c729444fb0ad71e429caf590f",
            "00a733c729444fb0ad71e429caf590f00",
            "00a733c729444fb0ad71e429caf590fg",
            "<00a733c7-2944-4fb0-ad71-e429caf590f0>",
            "00a733c7:2944:4fb0:ad71:e429caf590f0",
            "00a733c7_2944_4fb0_ad71_e429caf590f0",
            "URN:UUID:00a733c7-2944-4fb0-ad71-e429caf590f0",
            "{00a733c729444fb0}ad71e429caf590f0",
            "0x00a733c729444fb0ad71e429caf590f0",
            "_0a733c729444fb0ad71e429caf590f0",
            "0a733c729444fb0ad71e429caf590f0_",
            "0__733c729444fb0ad71e429caf590f0f",
            "++a733c729444fb0ad71e429caf590f0",
            "00a733c7-2944-4fb0-ad71-e429caf590f0,user=0812345678",
            "\u{e9}0a733c729444fb0ad71e429caf590f0",
        ];
        for text in refused {
            assert_eq!(UserId::parse(text), None, "{text}");
        }
    }
}
