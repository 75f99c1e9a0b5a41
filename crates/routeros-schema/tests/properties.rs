//! What holds for every value of every kind in the table.
#![allow(clippy::unwrap_used)]

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::select;
use routeros_schema::{Kind, canonical, compare, contains, equal, schema};

/// Every kind that a field of the table has.
fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for field in schema::menus().flat_map(|menu| menu.fields()) {
        if !kinds.contains(&field.kind) {
            kinds.push(field.kind);
        }
    }
    kinds
}

/// Pieces that values are made of, so that what is joined from them often is one.
const PIECES: &[&str] = &[
    "",
    "0",
    "1",
    "7",
    "007",
    "10",
    "80",
    "255",
    "65535",
    "512",
    "99999999999999999999",
    "0.1",
    "-",
    "-1",
    "!",
    "/",
    ",",
    ":",
    ".",
    " ",
    "*",
    "*1F",
    "*0a",
    "k",
    "M",
    "G",
    "w",
    "d",
    "h",
    "m",
    "s",
    "ms",
    "us",
    "1w",
    "24h",
    "1d",
    "00:05:00",
    "1:00:00",
    "5.5s",
    "true",
    "yes",
    "false",
    "no",
    "none",
    "auto",
    "all",
    "default",
    "unlimited",
    "10.0.0.1",
    "10.0.0.0",
    "10.0.0.255",
    "192.168.4.0",
    "/24",
    "/32",
    "/0",
    "/255.255.255.0",
    "::",
    "2001:db8::1",
    "2001:DB8::",
    "/64",
    "/128",
    "aa:bb:cc:dd:ee:ff",
    "AA-BB-CC-DD-EE-FF",
    "aabbccddeeff",
    "apr/03/2017",
    "2026-05-31",
    "19:20:25",
    "ether1",
    "default-small",
    "established",
    "related",
    "invalid",
    "read",
    "write",
    "http-chap",
    "mac",
    "example.com",
    "é",
];

fn values() -> impl Strategy<Value = Vec<u8>> {
    let pieces =
        prop::collection::vec(select(PIECES), 0..5).prop_map(|pieces| pieces.concat().into_bytes());
    let words = select(words()).prop_map(|word: &str| word.as_bytes().to_vec());
    let bytes = prop::collection::vec(any::<u8>(), 0..12);
    prop_oneof![6 => pieces, 2 => words, 1 => bytes]
}

fn words() -> Vec<&'static str> {
    kinds().iter().flat_map(Kind::words).collect()
}

fn any_kind() -> impl Strategy<Value = Kind> {
    select(kinds())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_router_writes_it_writes_the_same_way_again(kind in any_kind(), value in values()) {
        let once = canonical(&kind, &value).into_owned();
        let twice = canonical(&kind, &once).into_owned();
        prop_assert_eq!(&twice, &once);
        prop_assert_eq!(kind.read(&once).is_some(), kind.read(&value).is_some());
        prop_assert!(equal(&kind, &once, &value));
    }

    #[test]
    fn values_are_equal_exactly_if_they_are_written_the_same(
        kind in any_kind(), left in values(), right in values(),
    ) {
        let same = canonical(&kind, &left) == canonical(&kind, &right);
        prop_assert_eq!(equal(&kind, &left, &right), same);
        prop_assert_eq!(equal(&kind, &right, &left), same);
        prop_assert!(equal(&kind, &left, &left));
        prop_assert_eq!(compare(&kind, &left, &right) == Ordering::Equal, same);
    }

    #[test]
    fn the_order_is_one(kind in any_kind(), a in values(), b in values(), c in values()) {
        prop_assert_eq!(compare(&kind, &a, &b), compare(&kind, &b, &a).reverse());
        let mut sorted = [&a, &b, &c];
        sorted.sort_by(|left, right| compare(&kind, left, right));
        prop_assert!(compare(&kind, sorted[0], sorted[2]).is_le());
        prop_assert!(compare(&kind, sorted[0], sorted[1]).is_le());
        prop_assert!(compare(&kind, sorted[1], sorted[2]).is_le());
    }

    #[test]
    fn what_is_no_value_comes_after_what_is_one(
        kind in any_kind(), left in values(), right in values(),
    ) {
        if kind.read(&left).is_some() && kind.read(&right).is_none() {
            prop_assert_eq!(compare(&kind, &left, &right), Ordering::Less);
        }
    }

    #[test]
    fn a_network_holds_exactly_the_addresses_between_its_ends(
        first: u32, span in 0u32..70_000, probe: u32, near in 0u32..140_000,
    ) {
        let last = first.saturating_add(span);
        let text = |bits: u32| std::net::Ipv4Addr::from_bits(bits).to_string();
        let network = format!("{}-{}", text(first), text(last));
        let written = canonical(&Kind::Network, network.as_bytes()).into_owned();
        for address in [probe, first.saturating_add(near), first, last] {
            let is_inside = (first..=last).contains(&address);
            prop_assert_eq!(contains(network.as_bytes(), text(address).as_bytes()), is_inside);
            prop_assert_eq!(contains(&written, text(address).as_bytes()), is_inside);
        }
    }
}
