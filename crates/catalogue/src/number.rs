//! Numbers as arguments: a message shows their digits as they are, and chooses plural forms by them.

/// A number in decimal digits: `-12.50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

/// How many digits a number may have so that a plural form is chosen by it: what a binary floating point
/// number holds without rounding.
const MOST_DIGITS: usize = 15;

impl Number {
    /// The number that a text writes, nothing where the text is none that shows again as it is written, or is
    /// longer than 15 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_plain = whole == "0" || !whole.starts_with('0');
        let is_number = is_digits(whole) && is_plain && fraction.is_none_or(is_digits);
        let is_short = whole.len() + fraction.map_or(0, str::len) <= MOST_DIGITS;
        (is_number && is_short).then(|| Self(text.to_owned()))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_shows_again_as_it_is_written() {
        for text in ["0", "7", "-3", "12.50", "5.0", "0.0", "123456789012345"] {
            let number = Number::parse(text).unwrap();
            let shown: fluent_bundle::types::FluentNumber = number.as_str().parse().unwrap();
            assert_eq!(shown.as_string(), text);
        }
        for text in [
            "",
            "-",
            "007",
            "1.",
            ".5",
            "1e3",
            "NaN",
            "inf",
            "1234567890123456",
            "+1",
            "1.2.3",
        ] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
