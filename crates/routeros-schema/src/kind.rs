//! What the values of a field are, and with that how they are written, equal and ordered.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::value::address::{AddressPrefix, Network};
use crate::value::mac::Mac;
use crate::value::moment::Moment;
use crate::value::number::{Number, Range};
use crate::value::{Hidden, Value, duration, rate};

/// The kind of a field's values.
///
/// ```
/// use routeros_schema::{Kind, canonical, compare, equal};
///
/// assert_eq!(&*canonical(&Kind::Network, b"10.9.9.9/32"), b"10.9.9.9");
/// assert!(equal(&Kind::Duration, b"24h", b"1d"));
/// assert!(compare(&Kind::Address, b"10.0.0.9", b"10.0.0.113").is_lt());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Any bytes.
    Text,
    /// Any bytes, which must not be shown.
    Secret,
    /// The name of a row in the menu of that path.
    Name(&'static str),
    /// `yes` or `no`, written `true` or `false`.
    Bool,
    /// A number, which may be negative or have a fraction.
    Number,
    /// A whole number that is not negative.
    Counter,
    /// A number of bytes. The router writes plain digits; whether `1G` is a power of ten or of two
    /// where it is taken is not known, so that is no number here.
    Size,
    /// A number of a port.
    Port,
    /// A whole number, or all from one to another.
    Range,
    /// Bits per second: digits, also with `k`, `M` or `G`, written in digits alone.
    Rate,
    /// A length of time, written `1w2d3h4m5s`.
    Duration,
    /// A date, a time of day, or both.
    Moment,
    /// A MAC address, written `AA:BB:CC:DD:EE:FF`.
    Mac,
    /// One address of IPv4 or IPv6.
    Address,
    /// A name of the domain name system.
    Host,
    /// An address, a prefix or a range, each by its shortest spelling. Bits behind the prefix go
    /// (inferred: the router keeps the first and the last address).
    Network,
    /// A prefix, written with its length also for one address.
    Prefix,
    /// An address with the length of its network's prefix.
    AddressPrefix,
    /// An `.id`.
    Id,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Any of these words with commas between, written in this order.
    Flags(&'static [&'static str]),
    /// Rights among these, with commas between, written in this order. A right that is denied with
    /// `!` and one that is not named are the same.
    Rights(&'static [&'static str]),
    /// Two values with `/` between; one counts for both.
    Pair(&'static Kind),
    /// Values with commas between, in an order that counts.
    List(&'static Kind),
    /// A value, or with `!` before it everything else.
    Negatable(&'static Kind),
    /// The first of these kinds that a value is of.
    Either(&'static [Kind]),
}

impl Kind {
    /// The value that the bytes are, if they are one of this kind.
    ///
    /// An empty text is a value only where text or a list is.
    pub fn read<'v>(&self, bytes: &'v [u8]) -> Option<Value<'v>> {
        match *self {
            Self::Text | Self::Name(_) => Some(Value::Text(bytes)),
            Self::Secret => Some(Value::Secret(Hidden::new(bytes))),
            Self::Bool => match bytes {
                b"true" | b"yes" => Some(Value::Bool(true)),
                b"false" | b"no" => Some(Value::Bool(false)),
                _ => None,
            },
            Self::Number => Number::parse(bytes).map(Value::Number),
            Self::Counter | Self::Size => Number::parse_whole(bytes).map(Value::Number),
            Self::Port => Number::parse_whole(bytes)
                .filter(|port| port.to_u64().is_some_and(|port| port <= u16::MAX.into()))
                .map(Value::Number),
            Self::Range => Range::parse(bytes).map(Value::Range),
            Self::Rate => rate::parse(bytes).map(Value::Rate),
            Self::Duration => duration::parse(bytes).ok().map(Value::Duration),
            Self::Moment => Moment::parse(bytes).map(Value::Moment),
            Self::Mac => Mac::parse(bytes).map(Value::Mac),
            Self::Address => text(bytes)?.parse().ok().map(Value::Address),
            Self::Host => is_host(bytes).then_some(Value::Host(bytes)),
            Self::Network => Network::parse(bytes).map(Value::Network),
            Self::Prefix => Network::parse(bytes)
                .filter(|network| network.prefix_length().is_some())
                .map(Value::Prefix),
            Self::AddressPrefix => AddressPrefix::parse(bytes).map(Value::AddressPrefix),
            Self::Id => id(bytes).map(Value::Id),
            Self::Words(words) => word(words, bytes).map(Value::Word),
            Self::Flags(words) => flags(words, bytes, |part| Some((true, part))),
            Self::Rights(words) => flags(words, bytes, |part| match part {
                [b'!', denied @ ..] => Some((false, denied)),
                granted => Some((true, granted)),
            }),
            Self::Pair(kind) => pair(kind, bytes),
            Self::List(kind) => parts(bytes)
                .map(|part| kind.read(part))
                .collect::<Option<_>>()
                .map(Value::List),
            Self::Negatable(kind) => match bytes {
                [b'!', rest @ ..] => kind.read(rest).map(|value| Value::Not(Box::new(value))),
                bytes => kind.read(bytes),
            },
            Self::Either(kinds) => kinds.iter().find_map(|kind| kind.read(bytes)),
        }
    }

    /// The value that the bytes are; what is not of this kind is a text.
    ///
    /// To sort many rows, sort by this once for each.
    pub fn value<'v>(&self, bytes: &'v [u8]) -> Value<'v> {
        self.read(bytes).unwrap_or(Value::Text(bytes))
    }

    /// The kind itself, and those that it is made of.
    pub fn parts(&self) -> Vec<Kind> {
        let below = match self {
            Self::Pair(kind) | Self::List(kind) | Self::Negatable(kind) => kind.parts(),
            Self::Either(kinds) => kinds.iter().flat_map(Self::parts).collect(),
            _ => Vec::new(),
        };
        [vec![*self], below].concat()
    }

    /// Whether values must not be shown.
    pub fn is_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::Pair(kind) | Self::List(kind) | Self::Negatable(kind) => kind.is_secret(),
            Self::Either(kinds) => kinds.iter().any(Self::is_secret),
            _ => false,
        }
    }

    /// Whether values are numbers: they can be counted with and compared with numbers.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Number | Self::Counter | Self::Size | Self::Port | Self::Rate
        )
    }

    /// Whether values are addresses, or networks of them.
    pub fn is_address(&self) -> bool {
        match self {
            Self::Address | Self::Network | Self::Prefix | Self::AddressPrefix => true,
            Self::List(kind) | Self::Negatable(kind) => kind.is_address(),
            Self::Either(kinds) => kinds.iter().any(Self::is_address),
            _ => false,
        }
    }

    /// The words that values may be, in the order in which they are written.
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Words(words) | Self::Flags(words) | Self::Rights(words) => words.to_vec(),
            Self::Pair(kind) | Self::List(kind) | Self::Negatable(kind) => kind.words(),
            Self::Either(kinds) => kinds.iter().flat_map(Self::words).collect(),
            _ => Vec::new(),
        }
    }

    /// The menu whose rows are named, if values are names.
    pub fn names(&self) -> Option<&'static str> {
        match self {
            Self::Name(menu) => Some(menu),
            Self::Pair(kind) | Self::List(kind) | Self::Negatable(kind) => kind.names(),
            Self::Either(kinds) => kinds.iter().find_map(Self::names),
            _ => None,
        }
    }
}

/// The bytes in which the router writes a value that was given as `bytes`; what is not of the kind
/// stays as it is.
pub fn canonical<'v>(kind: &Kind, bytes: &'v [u8]) -> Cow<'v, [u8]> {
    match kind.read(bytes) {
        None | Some(Value::Text(_) | Value::Host(_) | Value::Secret(_)) => Cow::Borrowed(bytes),
        Some(value) => {
            let written = value.to_bytes();
            match written == bytes {
                true => Cow::Borrowed(bytes),
                false => Cow::Owned(written),
            }
        }
    }
}

/// Whether two values are the same one for the router.
pub fn equal(kind: &Kind, left: &[u8], right: &[u8]) -> bool {
    left == right || kind.value(left) == kind.value(right)
}

/// Which of two values is the smaller one; what is not of the kind comes last, in the order of its
/// bytes.
pub fn compare(kind: &Kind, left: &[u8], right: &[u8]) -> Ordering {
    kind.value(left).cmp(&kind.value(right))
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn word(words: &[&'static str], bytes: &[u8]) -> Option<&'static str> {
    words.iter().find(|word| word.as_bytes() == bytes).copied()
}

/// Letters, digits, `-`, `_` and `.`, and not digits alone: `300.1.1.1` is no name.
fn is_host(bytes: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    bytes.len() <= 253 && bytes.iter().all(belongs) && bytes.iter().any(u8::is_ascii_alphabetic)
}

fn id(bytes: &[u8]) -> Option<u64> {
    let digits = text(bytes.strip_prefix(b"*")?)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits
        .then(|| u64::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The parts between commas; none of an empty text.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_empty = bytes.is_empty();
    bytes.split(|byte| *byte == b',').filter(move |_| !is_empty)
}

/// The words that are named, each once, in the order of the table.
fn flags<'v>(
    words: &[&'static str],
    bytes: &'v [u8],
    granted: impl Fn(&'v [u8]) -> Option<(bool, &'v [u8])>,
) -> Option<Value<'v>> {
    let mut has = vec![false; words.len()];
    for part in parts(bytes) {
        let (is_granted, part) = granted(part)?;
        let index = words.iter().position(|word| word.as_bytes() == part)?;
        has[index] = is_granted;
    }
    let named = words.iter().zip(has).filter(|(_, has)| *has);
    Some(Value::List(
        named.map(|(word, _)| Value::Word(word)).collect(),
    ))
}

fn pair<'v>(kind: &Kind, bytes: &'v [u8]) -> Option<Value<'v>> {
    if bytes.is_empty() {
        return None;
    }
    let mut parts = bytes.splitn(2, |byte| *byte == b'/');
    let first = kind.read(parts.next()?)?;
    let second = match parts.next() {
        Some(second) => kind.read(second)?,
        None => first.clone(),
    };
    Some(Value::Pair(Box::new([first, second])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE_OR_DURATION: Kind = Kind::Either(&[Kind::Words(&["none"]), Kind::Duration]);
    const TARGETS: Kind = Kind::List(&Kind::Either(&[Kind::Prefix, Kind::Name("/interface")]));
    const WAYS: Kind = Kind::Flags(&["mac", "cookie", "http-chap"]);
    const PORTS: Kind = Kind::Negatable(&Kind::List(&Kind::Range));

    const KINDS: usize = 26;

    /// The place of a kind among all: who adds one learns here that the tables below want it too.
    fn place(kind: &Kind) -> usize {
        match kind {
            Kind::Text => 0,
            Kind::Secret => 1,
            Kind::Name(_) => 2,
            Kind::Bool => 3,
            Kind::Number => 4,
            Kind::Counter => 5,
            Kind::Size => 6,
            Kind::Port => 7,
            Kind::Range => 8,
            Kind::Rate => 9,
            Kind::Duration => 10,
            Kind::Moment => 11,
            Kind::Mac => 12,
            Kind::Address => 13,
            Kind::Host => 14,
            Kind::Network => 15,
            Kind::Prefix => 16,
            Kind::AddressPrefix => 17,
            Kind::Id => 18,
            Kind::Words(_) => 19,
            Kind::Flags(_) => 20,
            Kind::Rights(_) => 21,
            Kind::Pair(_) => 22,
            Kind::List(_) => 23,
            Kind::Negatable(_) => 24,
            Kind::Either(_) => 25,
        }
    }

    fn assert_every(table: impl IntoIterator<Item = Kind>) {
        let parts = table.into_iter().flat_map(|kind| kind.parts());
        let places: std::collections::BTreeSet<usize> = parts.map(|kind| place(&kind)).collect();
        assert!(places.into_iter().eq(0..KINDS), "a kind is missing");
    }

    #[test]
    fn a_value_of_every_kind_is_written_as_the_router_does() {
        let table = [
            (Kind::Text, "yes", "yes"),
            (Kind::Secret, "007", "007"),
            (Kind::Name("/interface"), "ether1", "ether1"),
            (Kind::Counter, "007", "7"),
            (Kind::Range, "007-0010", "7-10"),
            (Kind::Range, "7-7", "7"),
            (Kind::Host, "Example.com", "Example.com"),
            (Kind::Words(&["all", "none"]), "all", "all"),
            (Kind::Bool, "yes", "true"),
            (Kind::Bool, "no", "false"),
            (Kind::Bool, "1", "1"),
            (Kind::Number, "007", "7"),
            (Kind::Size, "1G", "1G"),
            (Kind::Port, "65536", "65536"),
            (Kind::Rate, "25M", "25000000"),
            (Kind::Pair(&Kind::Rate), "512k/512k", "512000/512000"),
            (Kind::Pair(&Kind::Rate), "1M", "1000000/1000000"),
            (Kind::Pair(&Kind::Counter), "8", "8/8"),
            (Kind::Pair(&Kind::Duration), "0/0", "0s/0s"),
            (Kind::Duration, "1:00:00", "1h"),
            (Kind::Duration, "24h", "1d"),
            (NONE_OR_DURATION, "none", "none"),
            (NONE_OR_DURATION, "120", "2m"),
            (Kind::Mac, "aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF"),
            (Kind::Address, "2001:DB8::1", "2001:db8::1"),
            (Kind::Network, "10.9.9.9/32", "10.9.9.9"),
            (Kind::Network, "192.168.4.0-192.168.5.255", "192.168.4.0/23"),
            (Kind::Network, "example.com", "example.com"),
            (Kind::Prefix, "10.9.9.9", "10.9.9.9/32"),
            (Kind::AddressPrefix, "10.9.9.9", "10.9.9.9/32"),
            (Kind::Id, "*1f", "*1F"),
            (Kind::Id, "4", "4"),
            (Kind::Moment, "apr/03/2017 19:20:25", "2017-04-03 19:20:25"),
            (TARGETS, "10.0.0.9,ether1", "10.0.0.9/32,ether1"),
            (WAYS, "http-chap,mac,mac", "mac,http-chap"),
            (WAYS, "http-chap,new-way", "http-chap,new-way"),
            (
                Kind::Rights(&["read", "write", "ftp"]),
                "!ftp,write,read",
                "read,write",
            ),
            (PORTS, "!080,1000-2000", "!80,1000-2000"),
        ];
        for (kind, given, written) in table {
            let canonical = canonical(&kind, given.as_bytes());
            assert_eq!(String::from_utf8_lossy(&canonical), written, "{given}");
            assert!(equal(&kind, given.as_bytes(), written.as_bytes()));
        }
        assert_every(table.map(|(kind, ..)| kind));
    }

    #[test]
    fn values_of_every_kind_are_in_their_own_order_and_what_is_none_comes_last() {
        let table: [(Kind, &[&str]); KINDS] = [
            (Kind::Text, &["", "10", "9", "a"]),
            (Kind::Secret, &["", "10", "9", "a"]),
            (Kind::Name("/interface"), &["ether1", "ether10", "ether2"]),
            (Kind::Bool, &["no", "yes", "maybe"]),
            (Kind::Number, &["-1", "-0.5", "0.9", "00010", "x"]),
            (Kind::Counter, &["9", "10", "18446744073709551616", "-1"]),
            (Kind::Size, &["9", "10", "10G"]),
            (Kind::Port, &["80", "0443", "8080", "65536"]),
            (Kind::Range, &["80", "80-90", "443", "http"]),
            (Kind::Rate, &["512k", "1M", "1000001", "2G", "unlimited"]),
            (Kind::Duration, &["59s", "1m", "2h", "1d", "never"]),
            (
                Kind::Moment,
                &["dec/31/2016", "2017-01-01", "mar/01/2018", "never"],
            ),
            (Kind::Mac, &["00:00:00:00:00:0a", "00-00-00-00-00-0B", "x"]),
            (
                Kind::Address,
                &["10.0.0.9", "10.0.0.11", "10.0.0.113", "::1", "", "alice"],
            ),
            (Kind::Host, &["a.example", "b.example", "300.1.1.1"]),
            (
                Kind::Network,
                &["10.0.0.0", "10.0.0.0/24", "10.0.0.1", "a.example"],
            ),
            (Kind::Prefix, &["10.0.0.9", "10.0.0.11/32", "ether1"]),
            (
                Kind::AddressPrefix,
                &["10.0.0.9/24", "10.0.0.11/24", "ether1"],
            ),
            (Kind::Id, &["*9", "*A", "*10"]),
            (Kind::Words(&["low", "high"]), &["high", "low", "x"]),
            (WAYS, &["cookie", "mac", "mac,cookie", "smoke"]),
            (
                Kind::Rights(&["read", "write"]),
                &["!read", "read", "write", "x"],
            ),
            (Kind::Pair(&Kind::Rate), &["0/0", "512k/4M", "25M/4M"]),
            (Kind::List(&Kind::Address), &["10.0.0.9", "10.0.0.11", "x"]),
            (PORTS, &["80", "443", "!80", "x"]),
            (NONE_OR_DURATION, &["9s", "10s", "none", "x"]),
        ];
        assert_every(table.map(|(kind, _)| kind));
        for (kind, sorted) in table {
            let is_less = |a: &&str, b: &&str| compare(&kind, a.as_bytes(), b.as_bytes()).is_lt();
            assert!(sorted.is_sorted_by(is_less), "{kind:?} {sorted:?}");
        }
    }

    #[test]
    fn only_names_of_hosts_are_taken_for_one() {
        let is_host = |text: &str| Kind::Host.read(text.as_bytes()).is_some();
        for text in ["example.com", "a", "x-1.example.", "_sip.example"] {
            assert!(is_host(text), "{text}");
        }
        for text in ["", "300.1.1.1", "a b", "a/b", "é.example", &"a".repeat(254)] {
            assert!(!is_host(text), "{text}");
        }
    }

    #[test]
    fn a_secret_is_one_wherever_it_stands() {
        assert!(Kind::Either(&[Kind::Words(&["auto"]), Kind::Secret]).is_secret());
        assert!(!TARGETS.is_secret());
        assert_eq!(TARGETS.names(), Some("/interface"));
        assert!(TARGETS.is_address());
    }
}
