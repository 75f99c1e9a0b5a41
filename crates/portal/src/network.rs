//! Networks of addresses, as the portal's settings list them.

use std::fmt;
use std::net::IpAddr;

use super::address_range::last_of;
use super::python_list::PythonList;

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    /// The networks that a setting such as `HOTSPOT_CLIENT_IP_CIDRS` lists: `10.0.0.0/8` or single
    /// addresses between commas, in brackets and quotes or not. What is no network is left out.
    ///
    /// ```
    /// use portal::network::Network;
    /// let networks = Network::listed("[\"172.16.2.0/23\", \"soon\"]");
    /// assert_eq!(networks.len(), 1);
    /// assert!(networks[0].contains("172.16.3.255".parse().unwrap()));
    /// ```
    #[must_use]
    pub fn listed(text: &str) -> Vec<Network> {
        let around: &[char] = &['[', ']', '"', '\'', ' ', '\t'];
        text.split(',')
            .filter_map(|word| Network::parse(word.trim_matches(around)))
            .collect()
    }

    /// The networks of the hotspot's clients: an address outside them is no client's. None: every
    /// address may be. `variable` gives what the portal's environment holds; the settings' table is
    /// not asked.
    #[must_use]
    pub fn of_clients<'env>(variable: impl Fn(&str) -> Option<&'env str>) -> Vec<Network> {
        first_listed(variable, [UNAUTHORIZED, CLIENTS])
    }

    /// The networks by which a host's own and translated address are told apart: the same two
    /// variables, the other one first.
    #[must_use]
    pub fn of_hosts<'env>(variable: impl Fn(&str) -> Option<&'env str>) -> Vec<Network> {
        first_listed(variable, [CLIENTS, UNAUTHORIZED])
    }

    /// `10.0.0.0/8`, or an address, which is a network of one. Bits behind the prefix do not
    /// matter. `None` for other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        Some(Network {
            first: masked(address, bits),
            bits,
        })
    }

    /// The first of its addresses.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// The last of its addresses.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        last_of(self.first, self.bits)
    }

    /// True if `address` is one of the network's.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.bits) == self.first
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.bits)
    }
}

const UNAUTHORIZED: &str = "MIKROTIK_UNAUTHORIZED_CIDRS";
const CLIENTS: &str = "HOTSPOT_CLIENT_IP_CIDRS";

/// What a variable holds by the portal's code where nobody sets it.
fn default_networks(name: &str) -> &'static str {
    match name {
        UNAUTHORIZED => "172.16.2.0/23",
        _ => "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
    }
}

/// The networks of the first of two variables that has a list with something in it. A text that is
/// no list leaves no network at all.
fn first_listed<'env>(
    variable: impl Fn(&str) -> Option<&'env str>,
    names: [&str; 2],
) -> Vec<Network> {
    for name in names {
        let text = variable(name).unwrap_or_else(|| default_networks(name));
        match PythonList::read(text) {
            PythonList::Items(items) if items.is_empty() => {}
            PythonList::Items(items) => {
                let networks = items.iter().filter_map(|item| Network::parse(item));
                return networks.collect();
            }
            PythonList::Default => return Vec::new(),
        }
    }
    Vec::new()
}

/// The address without what stands behind its first `bits` bits.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let behind = |width: u32| width.saturating_sub(u32::from(bits));
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(behind(32)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(behind(128)).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        let network = Network::parse(network).unwrap();
        network.contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        assert!(holds("10.0.0.0/8", "10.255.255.255"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("172.16.2.77/23", "172.16.3.1"));
        assert!(holds("10.0.0.9", "10.0.0.9"));
        assert!(!holds("10.0.0.9", "10.0.0.8"));
        assert!(holds("fe80::/10", "fe80::1"));
        assert!(!holds("fe80::/10", "10.0.0.1"));
        for everything in ["0.0.0.0/0", "255.255.255.255/0"] {
            assert!(holds(everything, "192.0.2.1"));
        }
        assert!(!holds("0.0.0.0/0", "::1"));
    }

    #[test]
    fn the_networks_of_clients_are_of_the_first_variable_that_lists_any() {
        let code = "172.16.2.0/23";
        for (unauthorized, clients, expected) in [
            (None, None, code),
            (None, Some("10.0.0.0/24"), code),
            (Some("10.0.0.0/24"), None, "10.0.0.0/24"),
            (Some("['10.0.0.0/24']"), Some("10.1.0.0/24"), "10.0.0.0/24"),
            (Some("[]"), Some("10.1.0.0/24"), "10.1.0.0/24"),
            (Some("[]"), Some("[]"), ""),
            (Some("5"), Some("10.1.0.0/24"), ""),
        ] {
            let networks = Network::of_clients(|name| match name {
                "MIKROTIK_UNAUTHORIZED_CIDRS" => unauthorized,
                "HOTSPOT_CLIENT_IP_CIDRS" => clients,
                _ => None,
            });
            let shown: Vec<String> = networks.iter().map(Network::to_string).collect();
            assert_eq!(shown.join(","), expected, "{unauthorized:?}, {clients:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_left_out() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "10.0.0.0/-1",
            "::/129",
            "a/8",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        let shown: Vec<String> = Network::listed("['10.1.2.3/16', 10.9.9.9],x,")
            .iter()
            .map(Network::to_string)
            .collect();
        assert_eq!(shown, ["10.1.0.0/16", "10.9.9.9/32"]);
        assert_eq!(Network::listed("[]"), []);
    }
}
