//! Numbers, truth values and white space as Python reads them out of text.

use bigdecimal::num_bigint::BigInt;

/// The most digits `int()` converts; Python 3.11 refuses longer texts.
const MOST_DIGITS: usize = 4300;

/// The zero of every run of ten decimal digits in Unicode 14, the tables of Python 3.11.
const DIGIT_ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The whole number in `text` as Python's `int(text)` reads it, of any size.
///
/// White space around it, one sign, single underscores between digits and the decimal digits of
/// every script are taken. `500.0`, `1e3`, the empty text and more than 4300 digits are not numbers.
///
/// ```
/// use portal::number::whole_number;
/// assert_eq!(whole_number(" +5_00\n"), Some(500.into()));
/// assert_eq!(whole_number("500.0"), None);
/// ```
#[must_use]
pub fn whole_number(text: &str) -> Option<BigInt> {
    let trimmed = text.trim_matches(is_int_space);
    let (negative, digits) = match trimmed.as_bytes().first()? {
        b'-' => (true, &trimmed[1..]),
        b'+' => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let digits = joined_digits(digits, decimal_digit)?;
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let number = BigInt::parse_bytes(&digits, 10)?;
    Some(if negative { -number } else { number })
}

/// The truth value in `text`: true, 1, yes, y, on, t, or false, 0, no, n, off, f, in any case.
/// Anything else is `None`.
#[must_use]
pub fn truth(text: &str) -> Option<bool> {
    const YES: [&str; 6] = ["true", "1", "yes", "y", "on", "t"];
    const NO: [&str; 6] = ["false", "0", "no", "n", "off", "f"];
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if YES.iter().any(is) {
        return Some(true);
    }
    NO.iter().any(is).then_some(false)
}

/// Whether Python's `\s`, `str.isspace` and `str.strip` take `character` for white space:
/// Unicode's white space and the separators U+001C to U+001F.
#[must_use]
pub fn is_space(character: char) -> bool {
    matches!(character, '\u{1c}'..='\u{1f}') || character.is_whitespace()
}

/// `text` without the white space around it, as Python's `str.strip()`.
#[must_use]
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The value of a decimal digit of any script (Python's `\d`), 0 to 9.
#[must_use]
pub fn decimal_digit(character: char) -> Option<u8> {
    if character.is_ascii() {
        return character.is_ascii_digit().then(|| character as u8 - b'0');
    }
    let code = u32::from(character);
    let after = DIGIT_ZEROS.partition_point(|&zero| zero <= code);
    let value = code - DIGIT_ZEROS.get(after.checked_sub(1)?)?;
    u8::try_from(value).ok().filter(|&digit| digit < 10)
}

/// The ASCII digits of `text`, single underscores between them left out; `value` reads one digit.
/// Shared with the ids of users, whose digits have base 16.
pub(super) fn joined_digits(text: &str, value: impl Fn(char) -> Option<u8>) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(text.len().min(MOST_DIGITS));
    let mut after_digit = false;
    for character in text.chars() {
        if character == '_' {
            if !after_digit {
                return None;
            }
            after_digit = false;
        } else {
            digits.push(char::from_digit(value(character)?.into(), 16)? as u8);
            after_digit = true;
        }
    }
    after_digit.then_some(digits)
}

/// `int()` strips less than `str.strip()`: U+001C to U+001F stay, and make the text no number.
fn is_int_space(character: char) -> bool {
    character.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_python_reads_them() {
        let cases = [
            ("500", Some(500)),
            (" 500 ", Some(500)),
            ("\u{85}5\u{2028}", Some(5)),
            ("+500", Some(500)),
            ("-500", Some(-500)),
            ("5_00", Some(500)),
            ("0_0", Some(0)),
            ("00012", Some(12)),
            ("\u{665}5", Some(55)),
            ("\u{ff15}", Some(5)),
            ("\u{1d7d8}\u{1d7e1}", Some(9)),
            ("", None),
            ("  ", None),
            ("500.0", None),
            ("1e3", None),
            ("abc", None),
            ("12x", None),
            ("--5", None),
            ("+ 5", None),
            ("+_5", None),
            ("_5", None),
            ("5_", None),
            ("5__0", None),
            ("5\0", None),
            ("\u{1c}5", None),
            ("\u{1c}\u{665}", None),
            ("\u{2155}", None),
            ("0x10", None),
        ];
        for (text, expected) in cases {
            assert_eq!(whole_number(text), expected.map(BigInt::from), "{text:?}");
        }
    }

    #[test]
    fn a_whole_number_may_be_longer_than_64_bits_but_not_than_4300_digits() {
        let big = "99999999999999999999";
        assert_eq!(whole_number(big).unwrap().to_string(), big);
        assert!(whole_number(&"1".repeat(4300)).is_some());
        assert!(whole_number(&"1".repeat(4301)).is_none());
        assert!(whole_number(&"0".repeat(4301)).is_none());
        assert!(whole_number(&format!("{}1", "1_".repeat(4299))).is_some());
    }

    #[test]
    fn truth_values_have_six_words_each() {
        for yes in ["True", "1", "YES", "y", "on", "T"] {
            assert_eq!(truth(yes), Some(true), "{yes}");
        }
        for no in ["False", "0", "no", "N", "off", "f"] {
            assert_eq!(truth(no), Some(false), "{no}");
        }
        for neither in ["", "2", "ja", "true ", "enabled"] {
            assert_eq!(truth(neither), None, "{neither:?}");
        }
    }

    #[test]
    fn white_space_is_python_s() {
        let spaces: Vec<u32> = (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|&character| is_space(character))
            .map(u32::from)
            .collect();
        let expected: Vec<u32> = (0x09..=0x0d)
            .chain(0x1c..=0x20)
            .chain([0x85, 0xa0, 0x1680])
            .chain(0x2000..=0x200a)
            .chain([0x2028, 0x2029, 0x202f, 0x205f, 0x3000])
            .collect();
        assert_eq!(spaces, expected);
    }

    #[test]
    fn there_are_660_decimal_digits() {
        let digits = (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|&character| decimal_digit(character).is_some());
        assert_eq!(digits.count(), 660);
        assert_eq!(decimal_digit('\u{1d7ff}'), Some(9));
        assert_eq!(decimal_digit('\u{b2}'), None);
    }
}
