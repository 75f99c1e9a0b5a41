//! Numbers in decimal digits.

use std::cmp::Ordering;
use std::fmt;

/// A number of any size, read from its digits and compared by its value.
///
/// Counters of a router have 64 bits, and nothing says that others have not more: the digits are
/// kept as they are, without zeros that mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number<'v> {
    negative: bool,
    whole: &'v str,
    fraction: &'v str,
}

impl<'v> Number<'v> {
    /// Reads `-60`, `007` or `0.10`.
    pub fn parse(bytes: &'v [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (digits_of(whole)?, digits_of(fraction)?),
            None => (digits_of(digits)?, ""),
        };
        let fraction = fraction.trim_end_matches('0');
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            significant => significant,
        };
        Some(Self {
            negative: negative && !(whole == "0" && fraction.is_empty()),
            whole,
            fraction,
        })
    }

    /// Reads a number that is whole and not negative.
    pub(crate) fn parse_whole(bytes: &'v [u8]) -> Option<Self> {
        bytes
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| Self::parse(bytes))
            .flatten()
    }

    /// The number, if it is whole and has room.
    pub fn to_i64(&self) -> Option<i64> {
        match self.fraction.is_empty() {
            true => self.to_string().parse().ok(),
            false => None,
        }
    }

    /// The number, if it is whole, not negative, and has room.
    pub fn to_u64(&self) -> Option<u64> {
        match self.negative || !self.fraction.is_empty() {
            true => None,
            false => self.whole.parse().ok(),
        }
    }

    /// The nearest floating point number.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        self.whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            formatter.write_str("-")?;
        }
        formatter.write_str(self.whole)?;
        match self.fraction {
            "" => Ok(()),
            fraction => write!(formatter, ".{fraction}"),
        }
    }
}

/// A number, or all numbers from a first to a last: ports, sizes of packets.
///
/// The last may be smaller: `connection-bytes=2000000-0` means two megabytes and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range<'v> {
    /// The first.
    pub first: Number<'v>,
    /// The last.
    pub last: Number<'v>,
}

impl<'v> Range<'v> {
    /// Reads `80` or `1000-2000`.
    pub fn parse(bytes: &'v [u8]) -> Option<Self> {
        let mut parts = bytes.splitn(2, |byte| *byte == b'-');
        let first = Number::parse_whole(parts.next()?)?;
        let last = match parts.next() {
            Some(last) => Number::parse_whole(last)?,
            None => first,
        };
        Some(Self { first, last })
    }
}

impl fmt::Display for Range<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(formatter, "{}", self.first),
            false => write!(formatter, "{}-{}", self.first, self.last),
        }
    }
}

fn digits_of(text: &str) -> Option<&str> {
    let are_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_zeros_that_mean_nothing() {
        for (text, written) in [
            ("007", "7"),
            ("0", "0"),
            ("-0.0", "0"),
            ("-60", "-60"),
            ("0.10", "0.1"),
            ("24.0", "24"),
            (
                "00000000000000000000000000000000018446744073709551616",
                "18446744073709551616",
            ),
        ] {
            assert_eq!(Number::parse(text.as_bytes()).unwrap().to_string(), written);
        }
        for text in ["", "-", "+1", "1.", ".5", "1e3", "0x1F", "1 ", "\u{663}"] {
            assert_eq!(Number::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_in_the_order_of_their_values() {
        let texts = [
            "-10",
            "-9.5",
            "-9",
            "0",
            "0.1",
            "0.45",
            "0.5",
            "9",
            "10",
            "18446744073709551616",
        ];
        let numbers: Vec<_> = texts
            .map(|text| Number::parse(text.as_bytes()).unwrap())
            .into();
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_number_without_room_is_none() {
        let number = |text: &'static str| Number::parse(text.as_bytes()).unwrap();
        assert_eq!(number("18446744073709551615").to_u64(), Some(u64::MAX));
        assert_eq!(number("18446744073709551616").to_u64(), None);
        assert_eq!(number("-9223372036854775808").to_i64(), Some(i64::MIN));
        assert_eq!(number("0.5").to_i64(), None);
        assert_eq!(number("0.5").to_f64().to_bits(), 0.5_f64.to_bits());
    }

    #[test]
    fn a_range_of_one_is_that_one() {
        let written =
            |text: &'static str| Range::parse(text.as_bytes()).map(|range| range.to_string());
        assert_eq!(written("080-80").as_deref(), Some("80"));
        assert_eq!(written("1000-2000").as_deref(), Some("1000-2000"));
        assert_eq!(written("2000000-0").as_deref(), Some("2000000-0"));
        assert_eq!(written("-1"), None);
        assert_eq!(written("1-2-3"), None);
    }
}
