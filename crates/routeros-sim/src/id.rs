//! Item ids.

use std::str::FromStr;

/// The `.id` of a row: `*` and hexadecimal digits, in upper case when written (manual "API").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl std::fmt::Display for Id {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "*{:X}", self.0)
    }
}

/// A text that is no item id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an item id, which looks like *1F")]
pub struct IdError {
    /// What was given.
    pub text: String,
}

impl FromStr for Id {
    type Err = IdError;

    /// Reads `*` and one to sixteen hexadecimal digits of either case.
    ///
    /// # Errors
    /// For anything else.
    fn from_str(text: &str) -> Result<Id, IdError> {
        let digits = text.strip_prefix('*');
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        number.map(Id).ok_or_else(|| IdError {
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_in_upper_case() {
        assert_eq!("*c0a80a08".parse::<Id>().unwrap().to_string(), "*C0A80A08");
    }

    #[test]
    fn only_a_star_and_hexadecimal_digits_are_an_id() {
        for text in [
            "",
            "*",
            "4",
            "*+4",
            "*G",
            "* 4",
            "*4 ",
            "**4",
            "*11112222333344445",
        ] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
