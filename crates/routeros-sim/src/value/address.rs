//! Addresses in the router's spelling.

use std::net::Ipv4Addr;

/// `aa-bb-cc-dd-ee-ff` and its like as `AA:BB:CC:DD:EE:FF`.
pub(super) fn mac(text: &str) -> Option<String> {
    let pairs: Vec<&str> = text.split([':', '-', '.']).collect();
    let is_pair =
        |pair: &&str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    (pairs.len() == 6 && pairs.iter().all(is_pair)).then(|| pairs.join(":").to_ascii_uppercase())
}

/// One address.
pub(super) fn single(text: &str) -> Option<String> {
    let address: Ipv4Addr = text.parse().ok()?;
    Some(address.to_string())
}

/// An address, a prefix, or a range.
///
/// `/32` is dropped, and a range that is exactly a prefix becomes one (manual "Address-lists").
pub(super) fn range(text: &str) -> Option<String> {
    if let Some((address, length)) = text.split_once('/') {
        let address = single(address)?;
        return match prefix_length(length)? {
            32 => Some(address),
            length => Some(format!("{address}/{length}")),
        };
    }
    match text.split_once('-') {
        Some((first, last)) => between(first.parse().ok()?, last.parse().ok()?),
        None => single(text),
    }
}

/// A range as above or a DNS name, which is taken as it is.
pub(super) fn range_or_name(text: &str) -> Option<String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = text.len() <= 253
        && text.bytes().all(is_letter)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    range(text).or_else(|| is_name.then(|| text.to_owned()))
}

/// Prefixes and names of interfaces, with commas between.
pub(super) fn targets(text: &str) -> Option<String> {
    let parts: Option<Vec<String>> = text.split(',').map(target).collect();
    parts.map(|parts| parts.join(","))
}

fn target(text: &str) -> Option<String> {
    match range(text) {
        Some(address) if address.contains('/') => Some(address),
        Some(address) => Some(format!("{address}/32")),
        None => (!text.is_empty() && !text.contains('/')).then(|| text.to_owned()),
    }
}

fn prefix_length(text: &str) -> Option<u32> {
    let length: u32 = text.parse().ok()?;
    (length <= 32 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(length)
}

fn between(first: Ipv4Addr, last: Ipv4Addr) -> Option<String> {
    if first == last {
        return Some(first.to_string());
    }
    let span = last.to_bits().checked_sub(first.to_bits())?;
    // One less than a power of two, and the first address on that boundary.
    let is_prefix = span & span.wrapping_add(1) == 0 && first.to_bits() & span == 0;
    Some(match is_prefix {
        true => format!("{first}/{}", span.leading_zeros()),
        false => format!("{first}-{last}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_the_routers_spelling() {
        for (given, kept) in [
            ("10.0.0.9", "10.0.0.9"),
            ("10.0.0.9/32", "10.0.0.9"),
            ("10.0.0.0/24", "10.0.0.0/24"),
            ("192.168.0.0-192.168.1.255", "192.168.0.0/23"),
            ("0.0.0.0-255.255.255.255", "0.0.0.0/0"),
            ("10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2"),
            ("10.0.0.1-10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(range(given).as_deref(), Some(kept), "{given}");
        }
    }

    #[test]
    fn only_names_and_addresses_are_an_entry() {
        assert_eq!(range_or_name("example.com").as_deref(), Some("example.com"));
        for text in [
            "",
            "300.1.1.1",
            "10.0.0.2-10.0.0.1",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "a b",
            "10.0.0/8",
        ] {
            assert_eq!(range_or_name(text), None, "{text}");
        }
    }

    #[test]
    fn a_mac_address_is_kept_in_upper_case_with_colons() {
        assert_eq!(
            mac("aa-bb-cc-dd-ee-0f").as_deref(),
            Some("AA:BB:CC:DD:EE:0F")
        );
        for text in [
            "",
            "aabbccddeeff",
            "aa:bb:cc:dd:ee",
            "aa:bb:cc:dd:ee:zz",
            "aa:bb:cc:dd:ee:f",
        ] {
            assert_eq!(mac(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_as_target_is_kept_as_a_prefix() {
        assert_eq!(
            targets("10.0.0.9,ether1,10.1.0.0/16").as_deref(),
            Some("10.0.0.9/32,ether1,10.1.0.0/16")
        );
        assert_eq!(targets("10.0.0.9,"), None);
    }
}
