//! Ranges of addresses, as rows of address-lists hold them and as the portal's settings list them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::Network;

/// All addresses from one to another, both among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

impl AddressRange {
    /// What the `address` of a row covers: an address, a network as `10.0.0.0/8`, or a range as
    /// `10.0.0.3-10.0.0.7`. `None` for a host name and for other text.
    ///
    /// ```
    /// use portal::address_range::AddressRange;
    /// let range = AddressRange::of_row("10.0.0.3-10.0.0.7").unwrap();
    /// assert!(range.contains("10.0.0.5".parse().unwrap()));
    /// assert!(!range.is_single());
    /// ```
    #[must_use]
    pub fn of_row(text: &str) -> Option<AddressRange> {
        let text = text.trim();
        if let Some((first, last)) = text.split_once('-') {
            return AddressRange::between(first.trim().parse().ok()?, last.trim().parse().ok()?);
        }
        let network = Network::parse(text)?;
        AddressRange::between(network.first(), network.last())
    }

    /// The ranges in an item of a setting such as `MIKROTIK_UNAUTHORIZED_EXEMPT_IPS`: between commas,
    /// an address, `10.0.0.3-10.0.0.7`, or `10.0.0.3-7`. The ends may be the wrong way round. What is
    /// none of these is left out, a network too.
    ///
    /// ```
    /// use portal::address_range::AddressRange;
    /// let ranges = AddressRange::listed("10.0.0.3-7, soon");
    /// assert_eq!(ranges, [AddressRange::of_row("10.0.0.3-10.0.0.7").unwrap()]);
    /// ```
    #[must_use]
    pub fn listed(item: &str) -> Vec<AddressRange> {
        item.split(',').filter_map(Self::of_token).collect()
    }

    fn of_token(token: &str) -> Option<AddressRange> {
        let Some((first, last)) = token.split_once('-') else {
            let address: IpAddr = token.trim().parse().ok()?;
            return Some(AddressRange {
                first: address,
                last: address,
            });
        };
        let first: IpAddr = first.trim().parse().ok()?;
        let last = match (first, last.trim().parse::<u8>()) {
            (IpAddr::V4(first), Ok(end)) => {
                let [a, b, c, _] = first.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, end))
            }
            _ => last.trim().parse().ok()?,
        };
        AddressRange::between(first, last)
    }

    fn between(one: IpAddr, other: IpAddr) -> Option<AddressRange> {
        (one.is_ipv4() == other.is_ipv4()).then(|| AddressRange {
            first: one.min(other),
            last: one.max(other),
        })
    }

    /// Whether it is one address and no more.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.first == self.last
    }

    /// Whether `address` is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4() && self.first <= address && address <= self.last
    }

    /// The first and the last address.
    #[must_use]
    pub fn ends(&self) -> (IpAddr, IpAddr) {
        (self.first, self.last)
    }
}

/// The last address that begins with the first `bits` bits of `address`.
pub(super) fn last_of(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let rest = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(address) | rest))
        }
        IpAddr::V6(address) => {
            let rest = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) | rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_covers_an_address_a_network_or_a_range() {
        // What a row holds, an address in it and one beside it.
        let table = [
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            (" 10.0.0.7 ", "10.0.0.7", "10.0.0.6"),
            ("10.0.0.0/30", "10.0.0.3", "10.0.0.4"),
            ("10.0.0.9/30", "10.0.0.8", "10.0.0.12"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("10.0.0.3-10.0.0.7", "10.0.0.3", "10.0.0.2"),
            ("10.0.0.3 - 10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("fe80::/64", "fe80::ffff:ffff:ffff:ffff", "fe80:0:0:1::"),
            ("::1/128", "::1", "0.0.0.1"),
        ];
        for (text, inside, outside) in table {
            let range = AddressRange::of_row(text).unwrap();
            assert!(range.contains(inside.parse().unwrap()), "{text} {inside}");
            assert!(
                !range.contains(outside.parse().unwrap()),
                "{text} {outside}"
            );
        }
        for text in [
            "",
            "example.com",
            "10.0.0.1-::1",
            "10.0.0.1-x",
            "10.0.0.1/33",
        ] {
            assert_eq!(AddressRange::of_row(text), None, "{text}");
        }
    }

    #[test]
    fn settings_list_addresses_and_ranges_but_no_networks() {
        let one = |text| AddressRange::of_row(text).unwrap();
        let range = one("10.0.0.3-10.0.0.7");
        // The item of a setting, and what it lists.
        let table = [
            ("10.0.0.3", vec![one("10.0.0.3")]),
            ("10.0.0.3-7", vec![range]),
            ("10.0.0.7-3", vec![range]),
            ("10.0.0.3-10.0.0.7", vec![range]),
            (" 10.0.0.3 , 10.0.0.3-7", vec![one("10.0.0.3"), range]),
            ("10.0.0.0/24", vec![]),
            ("10.0.0.3-300", vec![]),
            ("-7", vec![]),
            ("", vec![]),
        ];
        for (item, listed) in table {
            assert_eq!(AddressRange::listed(item), listed, "{item}");
        }
    }
}
