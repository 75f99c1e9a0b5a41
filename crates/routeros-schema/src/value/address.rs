//! Addresses, prefixes and ranges of IPv4 and IPv6.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// All addresses from a first to a last, of one family: one address, a prefix, or a range.
///
/// ```
/// use routeros_schema::Network;
///
/// let network = Network::parse(b"192.168.4.0-192.168.5.255").unwrap();
/// assert_eq!(network.to_string(), "192.168.4.0/23");
/// assert!(network.contains(&Network::parse(b"192.168.5.7").unwrap()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    first: IpAddr,
    last: IpAddr,
}

impl Network {
    /// Reads an address, an address with the length or the mask of a prefix, or two addresses with
    /// `-` between.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if let Some((address, length)) = text.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            return Some(Self::around(address, prefix_length(&address, length)?));
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Self::between(first.parse().ok()?, last.parse().ok()?)
    }

    /// The addresses from one to another, if they are of one family and in order.
    pub fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// The network with that length of prefix around an address; a greater length than there are
    /// bits is all of them.
    pub fn around(address: IpAddr, length: u8) -> Self {
        match address {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                let bits = address.to_bits();
                Self {
                    first: Ipv4Addr::from_bits(bits & !host).into(),
                    last: Ipv4Addr::from_bits(bits | host).into(),
                }
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                let bits = address.to_bits();
                Self {
                    first: Ipv6Addr::from_bits(bits & !host).into(),
                    last: Ipv6Addr::from_bits(bits | host).into(),
                }
            }
        }
    }

    /// The first address.
    pub const fn first(&self) -> IpAddr {
        self.first
    }

    /// The last address.
    pub const fn last(&self) -> IpAddr {
        self.last
    }

    /// Whether it is a single address.
    pub fn is_single(&self) -> bool {
        self.first == self.last
    }

    /// Whether all addresses of the other are in this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4()
            && self.first <= other.first
            && other.last <= self.last
    }

    /// The length of the prefix, if these are exactly the addresses of one.
    pub fn prefix_length(&self) -> Option<u8> {
        let (first, last, bits) = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                (first.to_bits().into(), last.to_bits().into(), 32)
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => (first.to_bits(), last.to_bits(), 128),
            _ => return None,
        };
        let span: u128 = last - first;
        // One less than a power of two, and the first address on that boundary.
        let is_prefix = span & span.wrapping_add(1) == 0 && first & span == 0;
        let host_bits = u128::BITS - span.leading_zeros();
        is_prefix
            .then(|| u8::try_from(bits - host_bits).ok())
            .flatten()
    }

    /// Writes a single address with its length, as menus do that know prefixes alone.
    pub(crate) fn as_prefix(&self) -> impl fmt::Display + use<> {
        WithLength(*self)
    }
}

/// A network that is written with its length, whatever it is.
struct WithLength(Network);

impl fmt::Display for WithLength {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(network) = self;
        match network.prefix_length() {
            Some(length) => write!(formatter, "{}/{length}", network.first),
            None => write!(formatter, "{network}"),
        }
    }
}

/// As address lists write it: a single IPv4 address without its length, one of IPv6 with it, and a
/// range that is exactly a prefix as that prefix.
impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix_length() {
            Some(_) if self.is_single() && self.first.is_ipv4() => {
                write!(formatter, "{}", self.first)
            }
            Some(length) => write!(formatter, "{}/{length}", self.first),
            None => write!(formatter, "{}-{}", self.first, self.last),
        }
    }
}

/// Whether a network, in any spelling, holds all of an address or another network.
///
/// What is neither an address, a prefix nor a range holds nothing and is in nothing.
///
/// ```
/// use routeros_schema::contains;
///
/// assert!(contains(b"10.20.0.0/24", b"10.20.0.7"));
/// assert!(contains(b"10.20.0.0-10.20.0.99", b"10.20.0.64/27"));
/// assert!(!contains(b"10.20.0.0/24", b"10.20.1.7"));
/// ```
pub fn contains(network: &[u8], inner: &[u8]) -> bool {
    match (Network::parse(network), Network::parse(inner)) {
        (Some(network), Some(inner)) => network.contains(&inner),
        _ => false,
    }
}

/// An address with the length of its network's prefix, as interfaces have it: `192.168.88.1/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressPrefix {
    address: IpAddr,
    length: u8,
}

impl AddressPrefix {
    /// Reads an address with the length or the mask of a prefix; without one it is a network of its
    /// own.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let length = match length {
            Some(length) => prefix_length(&address, length)?,
            None => bits_of(&address),
        };
        Some(Self { address, length })
    }

    /// The address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// The network around it.
    pub fn network(&self) -> Network {
        Network::around(self.address, self.length)
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.length)
    }
}

fn bits_of(address: &IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// A length, or a mask of IPv4 that is one.
fn prefix_length(address: &IpAddr, text: &str) -> Option<u8> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let length = text.parse().ok()?;
        return (length <= bits_of(address)).then_some(length);
    }
    let mask: Ipv4Addr = text.parse().ok()?;
    let length = mask.to_bits().leading_ones();
    let is_mask = length == mask.to_bits().count_ones();
    (address.is_ipv4() && is_mask)
        .then(|| u8::try_from(length).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_written_as_address_lists_do() {
        for (given, kept) in [
            ("10.0.0.9", "10.0.0.9"),
            ("10.0.0.9/32", "10.0.0.9"),
            ("10.0.0.0/24", "10.0.0.0/24"),
            ("10.0.0.7/24", "10.0.0.0/24"),
            ("10.0.0.0/255.255.255.0", "10.0.0.0/24"),
            ("192.168.0.0-192.168.1.255", "192.168.0.0/23"),
            ("192.168.4.0-192.168.5.255", "192.168.4.0/23"),
            ("0.0.0.0-255.255.255.255", "0.0.0.0/0"),
            ("10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2"),
            ("10.0.0.1-10.0.0.1", "10.0.0.1"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("2001:db8::/64", "2001:db8::/64"),
            ("::/0", "::/0"),
        ] {
            let network = Network::parse(given.as_bytes()).unwrap();
            assert_eq!(network.to_string(), kept, "{given}");
        }
    }

    #[test]
    fn anything_else_is_no_network() {
        for text in [
            "",
            "example.com",
            "300.1.1.1",
            "10.0.0.2-10.0.0.1",
            "10.0.0.1-::1",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "10.0.0.0/255.0.255.0",
            "10.0.0/8",
            "2001:db8::/129",
            "2001:db8::/255.255.255.0",
            "fe80::1%ether1",
        ] {
            assert_eq!(Network::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_prefix_of_one_address_has_its_length() {
        let written = |text: &str| {
            let network = Network::parse(text.as_bytes()).unwrap();
            network.as_prefix().to_string()
        };
        assert_eq!(written("10.0.0.9"), "10.0.0.9/32");
        assert_eq!(written("10.0.0.0/24"), "10.0.0.0/24");
    }

    #[test]
    fn what_a_network_holds_is_told_in_every_spelling() {
        for (network, inner) in [
            ("10.20.0.0/24", "10.20.0.0"),
            ("10.20.0.0/24", "10.20.0.255/32"),
            ("10.20.0.0/24", "10.20.0.0-10.20.0.255"),
            ("10.20.0.1-10.20.0.9", "10.20.0.4/30"),
            ("0.0.0.0/0", "10.20.0.0/24"),
            ("10.20.0.7", "10.20.0.7/32"),
            ("2001:db8::/32", "2001:db8:1::5"),
            ("2001:db8::/32", "2001:DB8:0:0::/64"),
        ] {
            assert!(
                contains(network.as_bytes(), inner.as_bytes()),
                "{network} {inner}"
            );
        }
        for (network, inner) in [
            ("10.20.0.0/24", "10.20.1.0"),
            ("10.20.0.0/24", "10.20.0.0/23"),
            ("10.20.0.1-10.20.0.9", "10.20.0.0/30"),
            ("0.0.0.0/0", "::1"),
            ("::/0", "10.0.0.1"),
            ("10.20.0.0/24", "example.com"),
            ("example.com", "example.com"),
            ("", ""),
        ] {
            assert!(
                !contains(network.as_bytes(), inner.as_bytes()),
                "{network} {inner}"
            );
        }
    }

    #[test]
    fn an_address_of_an_interface_keeps_its_own_bits() {
        for (given, kept) in [
            ("192.168.88.1/24", "192.168.88.1/24"),
            ("192.168.88.1/255.255.255.0", "192.168.88.1/24"),
            ("192.168.111.111", "192.168.111.111/32"),
            ("2001:db8::1/64", "2001:db8::1/64"),
        ] {
            let address = AddressPrefix::parse(given.as_bytes()).unwrap();
            assert_eq!(address.to_string(), kept, "{given}");
        }
        let address = AddressPrefix::parse(b"192.168.88.1/24").unwrap();
        assert_eq!(address.network().to_string(), "192.168.88.0/24");
        assert_eq!(AddressPrefix::parse(b"192.168.88.1-192.168.88.2"), None);
    }
}
