//! Values of fields, read from the bytes that a router sends or takes.

pub mod address;
pub mod duration;
pub mod mac;
pub mod moment;
pub mod number;
pub mod rate;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use address::{AddressPrefix, Network};
use mac::Mac;
use moment::Moment;
use number::{Number, Range};

/// A value that was read by its [`Kind`](crate::Kind).
///
/// Values have an order: addresses by their number, durations by their length, and so on; what is
/// no value of its kind is a text, and comes last. Two values are equal exactly if the router writes
/// them in the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Value<'v> {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number<'v>),
    /// A number, or all from one to another.
    Range(Range<'v>),
    /// A rate, in bits per second.
    Rate(u64),
    /// A length of time.
    Duration(Duration),
    /// A date, a time, or both.
    Moment(Moment),
    /// A MAC address.
    Mac(Mac),
    /// One address.
    Address(IpAddr),
    /// An address, a prefix or a range.
    Network(Network),
    /// A prefix; one of a single address is written with its length.
    Prefix(Network),
    /// An address with the length of its network's prefix.
    AddressPrefix(AddressPrefix),
    /// The number behind the `*` of an `.id`.
    Id(u64),
    /// Two values with `/` between: up and down, in and out, or sent and received.
    Pair(Box<[Value<'v>; 2]>),
    /// Values with commas between.
    List(Vec<Value<'v>>),
    /// Everything but the value: `!` and the value.
    Not(Box<Value<'v>>),
    /// A name of the domain name system.
    Host(&'v [u8]),
    /// A word of an enumeration.
    Word(&'static str),
    /// A text that must not be shown.
    Secret(Hidden<'v>),
    /// Any other text.
    Text(&'v [u8]),
}

/// Bytes that `Debug` does not show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hidden<'v>(&'v [u8]);

impl<'v> Hidden<'v> {
    /// Hides the bytes.
    pub const fn new(bytes: &'v [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes, for whoever may know them.
    pub const fn reveal(self) -> &'v [u8] {
        self.0
    }
}

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl Value<'_> {
    /// The bytes in which the router writes the value.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => push(bytes, value),
            Self::Number(value) => push(bytes, value),
            Self::Range(value) => push(bytes, value),
            Self::Rate(value) => push(bytes, value),
            Self::Duration(value) => push(bytes, duration::format(*value)),
            Self::Moment(value) => push(bytes, value),
            Self::Mac(value) => push(bytes, value),
            Self::Address(value) => push(bytes, value),
            Self::Network(value) => push(bytes, value),
            Self::Prefix(value) => push(bytes, value.as_prefix()),
            Self::AddressPrefix(value) => push(bytes, value),
            Self::Id(value) => push(bytes, format_args!("*{value:X}")),
            Self::Pair(values) => join(bytes, values.as_slice(), b'/'),
            Self::List(values) => join(bytes, values, b','),
            Self::Not(value) => {
                bytes.push(b'!');
                value.write(bytes);
            }
            Self::Word(word) => push(bytes, word),
            Self::Host(text) | Self::Secret(Hidden(text)) | Self::Text(text) => {
                bytes.extend_from_slice(text)
            }
        }
    }
}

fn push(bytes: &mut Vec<u8>, value: impl fmt::Display) {
    bytes.extend_from_slice(value.to_string().as_bytes());
}

fn join(bytes: &mut Vec<u8>, values: &[Value<'_>], between: u8) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            bytes.push(between);
        }
        value.write(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let value = Value::Secret(Hidden::new(b"hunter2"));
        assert_eq!(format!("{value:?}"), "Secret(***)");
        assert_eq!(value.to_bytes(), b"hunter2");
    }
}
