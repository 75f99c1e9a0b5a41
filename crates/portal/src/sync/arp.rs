//! The ARP table: the last place where the sync looks for an address.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};

use super::named_rows::NamedRows;
use super::state::{Arp, Row};
use crate::mac;

/// The rows of the ARP table by MAC and by the local number in their comments.
pub(super) struct ArpTable<'site> {
    rows: &'site [Row<Arp>],
    first_of_mac: HashMap<Cow<'site, str>, usize>,
    named: NamedRows,
}

impl<'site> ArpTable<'site> {
    pub(super) fn new(rows: &'site [Row<Arp>]) -> Self {
        let mut first_of_mac = HashMap::new();
        let mut named = NamedRows::default();
        for (place, row) in rows.iter().enumerate() {
            named.insert(row.fields.comment.as_deref().unwrap_or_default(), place);
            if let Some(mac) = &row.fields.mac {
                first_of_mac.entry(mac::upper(mac)).or_insert(place);
            }
        }
        ArpTable {
            rows,
            first_of_mac,
            named,
        }
    }

    /// The address in the first row whose comment names the local number.
    pub(super) fn address_of_name(&self, name: &str) -> Option<&'site str> {
        let mut places = self.named.of(name).into_iter();
        places.find_map(|place| self.address(place))
    }

    /// The address in the first row of a MAC.
    pub(super) fn address_of_mac(&self, mac: &str) -> Option<&'site str> {
        self.address(*self.first_of_mac.get(mac)?)
    }

    fn address(&self, place: usize) -> Option<&'site str> {
        let address = self.rows[place].fields.address.as_deref();
        address.filter(|address| !address.is_empty())
    }
}
