//! Rows of the portal's address-lists by the addresses that they cover.

use std::net::IpAddr;

use crate::address_range::AddressRange;
use crate::list_name::ListKind;
use crate::sync::ListEntry;

/// A row of a list of the portal.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListRow<'site> {
    /// The router's id; empty for a row that a task would add.
    pub(super) id: &'site str,
    pub(super) entry: &'site ListEntry,
    pub(super) kind: ListKind,
}

/// Rows by single address, and those that cover more in a tree of ranges.
pub(super) struct ListIndex<'site> {
    rows: Vec<ListRow<'site>>,
    /// In the order of the addresses, those of an address in the order of the rows. A table of hashes
    /// takes several times the memory, and there may be a row for each address of a large network.
    single: Vec<Single>,
    /// Sorted by their first addresses: a balanced tree, whose roots are in the middle.
    wide: Vec<Wide>,
}

/// A row for one address alone.
struct Single {
    address: IpAddr,
    row: u32,
    /// How many rows in force stand before this one.
    in_force_before: u32,
}

struct Wide {
    range: AddressRange,
    /// The last address of all ranges in the subtree below this one.
    reaches: u128,
    row: usize,
}

impl<'site> ListIndex<'site> {
    /// Indexes rows; those that are no addresses, as host names, cover nothing.
    pub(super) fn new(rows: impl IntoIterator<Item = ListRow<'site>>) -> Self {
        let rows = rows.into_iter();
        let most = rows.size_hint().1.unwrap_or_default();
        let mut index = ListIndex {
            rows: Vec::with_capacity(most),
            single: Vec::with_capacity(most),
            wide: Vec::new(),
        };
        for row in rows {
            let Some(range) = AddressRange::of_row(&row.entry.address) else {
                continue;
            };
            let place = index.rows.len();
            index.rows.push(row);
            if range.is_single() {
                index.single.push(Single {
                    address: range.ends().0,
                    row: place as u32,
                    in_force_before: 0,
                });
            } else {
                index.wide.push(Wide {
                    range,
                    reaches: 0,
                    row: place,
                });
            }
        }
        index
            .single
            .sort_unstable_by_key(|single| (number(single.address), single.row));
        let mut in_force = 0;
        for single in &mut index.single {
            single.in_force_before = in_force;
            in_force += u32::from(index.rows[single.row as usize].is_in_force());
        }
        index.wide.sort_by_key(|wide| number(wide.range.ends().0));
        set_reach(&mut index.wide);
        index
    }

    /// How many rows in force for one address alone lie within a range.
    pub(super) fn within(&self, range: AddressRange) -> usize {
        let (first, last) = range.ends();
        let [first, last] = [number(first), number(last).saturating_add(1)];
        (self.in_force_before(last) - self.in_force_before(first)) as usize
    }

    /// How many rows in force are for one address alone that is less than `end`.
    fn in_force_before(&self, end: u128) -> u32 {
        let place = self.place_of(end);
        match self.single.get(place) {
            Some(single) => single.in_force_before,
            None => self.single.last().map_or(0, |last| {
                last.in_force_before + u32::from(self.rows[last.row as usize].is_in_force())
            }),
        }
    }

    /// The place of the first address that is not less.
    fn place_of(&self, number_of_address: u128) -> usize {
        self.single
            .partition_point(|single| number(single.address) < number_of_address)
    }

    /// The rows that cover an address: its own first, then networks and ranges.
    pub(super) fn over(&self, address: IpAddr) -> Vec<ListRow<'site>> {
        let from = self.place_of(number(address));
        let own = self.single[from..].iter();
        let own = own.take_while(|single| number(single.address) == number(address));
        // An address of version 4 is not its image in version 6.
        let own = own.filter(|single| single.address == address);
        let mut found: Vec<ListRow<'_>> = own.map(|own| self.rows[own.row as usize]).collect();
        stab(&self.wide, address, &mut |place| {
            found.push(self.rows[place])
        });
        found
    }
}

impl ListRow<'_> {
    /// Does it count? The router passes over one that is disabled.
    pub(super) fn is_in_force(&self) -> bool {
        self.entry.disabled.as_deref() != Some("true")
    }
}

/// An address of either kind as a number; those of version 4 stand where version 6 maps them.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn set_reach(wide: &mut [Wide]) -> u128 {
    if wide.is_empty() {
        return 0;
    }
    let (left, rest) = wide.split_at_mut(wide.len() / 2);
    let Some((root, right)) = rest.split_first_mut() else {
        return 0;
    };
    let below = set_reach(left).max(set_reach(right));
    root.reaches = below.max(number(root.range.ends().1));
    root.reaches
}

fn stab(wide: &[Wide], address: IpAddr, found: &mut impl FnMut(usize)) {
    let (left, rest) = wide.split_at(wide.len() / 2);
    let Some((root, right)) = rest.split_first() else {
        return;
    };
    let point = number(address);
    if root.reaches < point {
        return;
    }
    stab(left, address, found);
    if number(root.range.ends().0) <= point {
        if root.range.contains(address) {
            found(root.row);
        }
        stab(right, address, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(address: &str) -> ListEntry {
        ListEntry {
            address: address.to_owned(),
            ..ListEntry::default()
        }
    }

    fn rows(entries: &[ListEntry]) -> impl Iterator<Item = ListRow<'_>> {
        entries.iter().map(|entry| ListRow {
            id: "",
            entry,
            kind: ListKind::Blocked,
        })
    }

    #[test]
    fn an_address_is_covered_by_its_row_by_networks_and_by_ranges() {
        let addresses = [
            "10.0.0.5",
            "example.com",
            "10.0.0.0/24",
            "10.0.0.4-10.0.0.6",
            "::/0",
        ];
        let entries: Vec<ListEntry> = addresses.iter().map(|text| entry(text)).collect();
        let index = ListIndex::new(rows(&entries));
        let over = |address: &str| {
            let found = index.over(address.parse().unwrap()).into_iter();
            found
                .map(|row| row.entry.address.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            over("10.0.0.5"),
            ["10.0.0.5", "10.0.0.0/24", "10.0.0.4-10.0.0.6"]
        );
        assert_eq!(over("10.0.0.7"), ["10.0.0.0/24"]);
        assert_eq!(over("10.0.1.5"), [""; 0]);
        assert_eq!(over("fe80::1"), ["::/0"]);
    }

    #[test]
    fn an_address_has_its_rows_in_their_order_and_not_those_of_its_image() {
        let entries: Vec<ListEntry> = ["::ffff:10.0.0.5", "10.0.0.9", "10.0.0.5", "10.0.0.5/32"]
            .iter()
            .map(|text| entry(text))
            .collect();
        let index = ListIndex::new(rows(&entries));
        let over = |address: &str| {
            let found = index.over(address.parse().unwrap()).into_iter();
            found
                .map(|row| row.entry.address.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(over("10.0.0.5"), ["10.0.0.5", "10.0.0.5/32"]);
        assert_eq!(over("::ffff:10.0.0.5"), ["::ffff:10.0.0.5"]);
        assert_eq!(over("10.0.0.10"), [""; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// As many rows in force lie within a range as are found one by one.
        #[test]
        fn rows_within_a_range_are_counted(
            singles in prop::collection::vec((0..40_u8, any::<bool>()), 0..40),
            ends in (0..40_u8, 0..40_u8),
        ) {
            let entries: Vec<ListEntry> = singles
                .iter()
                .map(|(last, is_disabled)| ListEntry {
                    disabled: Some(is_disabled.to_string()),
                    ..entry(&format!("10.0.0.{last}"))
                })
                .collect();
            let index = ListIndex::new(rows(&entries));
            let range = AddressRange::of_row(&format!("10.0.0.{}-10.0.0.{}", ends.0, ends.1)).unwrap();
            let (least, most) = (ends.0.min(ends.1), ends.0.max(ends.1));
            let within = singles
                .iter()
                .filter(|(last, is_disabled)| !is_disabled && (least..=most).contains(last));
            prop_assert_eq!(index.within(range), within.count());
        }

        /// The tree finds what looking at every range finds.
        #[test]
        fn the_tree_finds_every_range(
            ranges in prop::collection::vec((0..40_u8, 0..40_u8), 0..40),
            address in 0..40_u8,
        ) {
            let entries: Vec<ListEntry> = ranges
                .iter()
                .map(|(one, other)| entry(&format!("10.0.0.{one}-10.0.0.{other}")))
                .collect();
            let index = ListIndex::new(rows(&entries));
            let address: IpAddr = format!("10.0.0.{address}").parse().unwrap();
            let mut found: Vec<&str> =
                index.over(address).iter().map(|row| row.entry.address.as_str()).collect();
            let covering = entries.iter().map(|entry| entry.address.as_str());
            let mut covering: Vec<&str> = covering
                .filter(|text| AddressRange::of_row(text).unwrap().contains(address))
                .collect();
            found.sort_unstable();
            covering.sort_unstable();
            prop_assert_eq!(found, covering);
        }
    }
}
