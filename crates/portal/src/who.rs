//! What an operator types to name a user: an id, a MAC, an address, a phone, or part of a name.

use std::net::IpAddr;

use super::address_range::AddressRange;
use super::phone::typed_phone;
use super::user_id::UserId;
use wording::mac;

/// The fewest digits that are taken for a phone number, or for the end of one.
const FEWEST_DIGITS: usize = 4;

/// What a text names a user by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user's id, in any spelling that the portal reads.
    Id(UserId),
    /// A device's MAC, as the router writes it: `0A:5E:1C:22:00:01`.
    Mac(String),
    /// An address.
    Address(IpAddr),
    /// A network or a range of addresses, as it was typed.
    Network(String),
    /// A local number, or the last digits of one.
    Phone(String),
    /// Part of a name.
    Name(String),
}

impl Who {
    /// Reads what was typed; `None` for nothing but white space. Twelve digits are a phone, not a
    /// MAC, unless they are grouped as one.
    ///
    /// ```
    /// use portal::who::Who;
    /// assert_eq!(Who::read("+62 812-5550-1001"), Some(Who::Phone("081255501001".to_owned())));
    /// assert_eq!(Who::read("0a-5e-1c-22-00-01"), Some(Who::Mac("0A:5E:1C:22:00:01".to_owned())));
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Who> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        Some(
            UserId::parse(text)
                .map(Who::Id)
                .or_else(|| text.parse().ok().map(Who::Address))
                .or_else(|| network(text).map(Who::Network))
                .or_else(|| phone(text).map(Who::Phone))
                .or_else(|| mac::canonical(text).map(Who::Mac))
                .unwrap_or_else(|| Who::Name(text.to_owned())),
        )
    }

    /// A word for scripts: `id`, `mac`, `address`, `network`, `phone` or `name`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Who::Id(_) => "id",
            Who::Mac(_) => "mac",
            Who::Address(_) => "address",
            Who::Network(_) => "network",
            Who::Phone(_) => "phone",
            Who::Name(_) => "name",
        }
    }

    /// The id, MAC, address, number or name itself, in its usual spelling.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Who::Id(id) => id.to_string(),
            Who::Address(address) => address.to_string(),
            Who::Mac(text) | Who::Network(text) | Who::Phone(text) | Who::Name(text) => {
                text.clone()
            }
        }
    }
}

/// A text that stands for more than one address.
fn network(text: &str) -> Option<String> {
    let range = AddressRange::of_row(text)?;
    (!range.is_single()).then(|| text.to_owned())
}

/// The local number in a text of digits and what stands between them. Pairs with a `:` between
/// them, or five dashes, are a MAC's.
fn phone(text: &str) -> Option<String> {
    const DASHES_OF_A_MAC: usize = 5;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_mac = text.matches('-').count() == DASHES_OF_A_MAC && mac::bytes(text).is_some();
    typed_phone(text).filter(|_| digits >= FEWEST_DIGITS && !is_mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (&'static str, String) {
        let who = Who::read(text).unwrap();
        (who.word(), who.value())
    }

    #[test]
    fn a_phone_may_be_written_in_any_form() {
        for text in [
            "081255501001",
            "6281255501001",
            "+6281255501001",
            "81255501001",
            "+62 812-5550-1001",
            " (0812) 5550.1001 ",
        ] {
            assert_eq!(read(text), ("phone", "081255501001".to_owned()), "{text}");
        }
        assert_eq!(read("1001"), ("phone", "1001".to_owned()));
    }

    #[test]
    fn a_mac_may_be_written_in_any_form() {
        for text in [
            "0a:5e:1c:22:00:01",
            "0A-5E-1C-22-00-01",
            "0a5e.1c22.0001",
            "0A5E1C220001",
        ] {
            assert_eq!(
                read(text),
                ("mac", "0A:5E:1C:22:00:01".to_owned()),
                "{text}"
            );
        }
        assert_eq!(read("00:11:22:33:44:55").0, "mac");
        assert_eq!(read("00-11-22-33-44-55").0, "mac");
    }

    #[test]
    fn ids_addresses_and_names_are_told_apart() {
        let id = "80466460-5a17-4e0d-9c3a-000000000001";
        assert_eq!(read(&id.to_uppercase()), ("id", id.to_owned()));
        assert_eq!(read("10.20.0.11"), ("address", "10.20.0.11".to_owned()));
        assert_eq!(read("fe80::1"), ("address", "fe80::1".to_owned()));
        for network in ["10.20.0.0/24", "10.20.0.5-10.20.0.9", "fe80::/64"] {
            assert_eq!(read(network), ("network", network.to_owned()));
        }
        assert_eq!(read("0812-3456").0, "phone");
        for name in ["Siti", "rahma", "123", "A 3", "10.20.0.300x", "Budi 2", "é"] {
            assert_eq!(read(name), ("name", name.to_owned()));
        }
        assert_eq!(Who::read(" \t"), None);
    }
}
