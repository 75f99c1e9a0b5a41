//! The DHCP leases: which addresses they give, and how the sync makes them fit the devices.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

use super::difference::MenuDifference;
use super::named_rows::NamedRows;
use super::policy::is_some_address;
use super::state::{Lease, Row};
use super::table::Table;
use crate::mac;

/// What the comments of the portal's leases hold.
const MANAGED: &str = "lpsaring|static-dhcp";

/// The leases, as they were when the run began and as they are by now.
pub(crate) struct Leases<'site> {
    table: Table<'site, Lease>,
    by_mac: HashMap<String, Vec<usize>>,
    /// The addresses a MAC has a lease for: as the run found them, and those given since.
    given: HashMap<String, BTreeSet<String>>,
    /// How many MACs have an address.
    macs_with: HashMap<String, usize>,
    named: NamedRows,
}

impl<'site> Leases<'site> {
    pub(crate) fn new(rows: &'site [Row<Lease>]) -> Self {
        let mut leases = Leases {
            table: Table::new(rows),
            by_mac: HashMap::new(),
            given: HashMap::new(),
            macs_with: HashMap::new(),
            named: NamedRows::default(),
        };
        for (place, row) in rows.iter().enumerate() {
            let lease = &row.fields;
            leases
                .named
                .insert(lease.comment.as_deref().unwrap_or_default(), place);
            let mac = lease.mac.as_deref().unwrap_or_default();
            let mac = mac::compared(mac);
            if mac.is_empty() {
                continue;
            }
            let places = leases.by_mac.entry(mac.clone().into_owned());
            places.or_default().push(place);
            let address = lease.address.as_deref().unwrap_or_default().trim();
            if tells_address(lease) && is_some_address(address) {
                leases.give(&mac, address);
            }
        }
        leases
    }

    /// The first address, in the order of texts, that a MAC has a lease for. A lease that waits
    /// counts only if it is the portal's.
    pub(crate) fn first_address(&self, mac: &str) -> Option<&str> {
        let addresses = self.given.get(mac)?;
        addresses.first().map(String::as_str)
    }

    /// Whether the MAC has a lease for the address.
    pub(crate) fn has(&self, mac: &str, address: &str) -> bool {
        let addresses = self.given.get(mac);
        addresses.is_some_and(|addresses| addresses.contains(address))
    }

    /// Whether another MAC has a lease for the address.
    pub(crate) fn is_anothers(&self, mac: &str, address: &str) -> bool {
        let macs = self.macs_with.get(address).copied().unwrap_or(0);
        macs > usize::from(self.has(mac, address))
    }

    /// The address of the first lease by now whose comment names the local number.
    pub(crate) fn address_of_name(&self, name: &str) -> Option<&str> {
        let mut places = self.named.of(name).into_iter();
        places.find_map(|place| {
            let lease = self.table.get(place)?;
            let comment = lease.comment.as_deref()?.to_lowercase();
            let address = lease.address.as_deref()?;
            (comment.contains(&format!("user={name}")) && !address.is_empty()).then_some(address)
        })
    }

    /// The address of the first lease of a MAC by now, whatever its status.
    pub(crate) fn address_of_mac(&self, mac: &str) -> Option<&str> {
        let place = self.by_mac.get(mac)?.iter();
        let lease = place.filter_map(|place| self.table.get(*place)).next()?;
        lease.address.as_deref().filter(|text| !text.is_empty())
    }

    /// Makes the MAC's lease at `server` a static one for `address`; the portal's own leases of
    /// the MAC at other servers go.
    pub(crate) fn make_static(&mut self, mac: &str, address: &str, server: &str, comment: &str) {
        let places = self.by_mac.get(mac).cloned().unwrap_or_default();
        let mut chosen = None;
        for place in places {
            let Some(lease) = self.table.get(place) else {
                continue;
            };
            if lease.server.as_deref().unwrap_or_default().trim() == server {
                chosen = chosen.or(Some(place));
            } else if is_managed(lease) {
                self.table.remove(place);
            }
        }
        let place = match chosen {
            Some(place) => {
                self.table.write(place, |lease| {
                    lease.address = Some(address.to_owned());
                    lease.comment = Some(comment.to_owned());
                    lease.dynamic = Some("false".to_owned());
                });
                place
            }
            None => {
                let place = self.table.add(Lease {
                    mac: Some(mac.to_owned()),
                    address: Some(address.to_owned()),
                    server: Some(server.to_owned()),
                    status: None,
                    comment: Some(comment.to_owned()),
                    dynamic: Some("false".to_owned()),
                    disabled: Some("false".to_owned()),
                });
                self.by_mac.entry(mac.to_owned()).or_default().push(place);
                place
            }
        };
        self.named.insert(comment, place);
        self.give(mac, address);
    }

    /// The rows by now; `new_id` names those that were added.
    pub(crate) fn into_rows(self, new_id: impl FnMut() -> String) -> Vec<Row<Lease>> {
        self.table.into_rows(new_id)
    }

    pub(crate) fn difference(self) -> MenuDifference<Lease> {
        self.table.difference()
    }

    fn give(&mut self, mac: &str, address: &str) {
        let addresses = self.given.entry(mac.to_owned()).or_default();
        if addresses.insert(address.to_owned()) {
            *self.macs_with.entry(address.to_owned()).or_default() += 1;
        }
    }
}

/// Whether a lease says where its device is: a waiting one does not, but for the portal's.
pub(crate) fn tells_address(lease: &Lease) -> bool {
    let status = lease.status.as_deref().unwrap_or_default();
    !status.trim().eq_ignore_ascii_case("waiting") || is_managed(lease)
}

/// Whether the portal wrote the lease.
pub(crate) fn is_managed(lease: &Lease) -> bool {
    let comment = lease.comment.as_deref();
    comment.is_some_and(|comment| comment.contains(MANAGED))
}
