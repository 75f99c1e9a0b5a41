//! The router by MAC, by address and by name.

use std::borrow::Cow;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt};

use super::list_index::{ListIndex, ListRow};
use super::whereabouts::Whereabouts;
use crate::list_name::{ListKind, ListName};
use crate::sync::bindings::mac_of;
use crate::sync::hosts::Hosts;
use crate::sync::leases::Leases;
use crate::sync::policy::Policy;
use crate::sync::{Binding, HotspotUser, Router, Row, Site};

/// The rows of a router, ready to be looked up.
pub(super) struct View<'site> {
    pub(super) lists: ListIndex<'site>,
    /// By the names of the lists.
    pub(super) kinds: HashMap<String, ListKind>,
    bindings: HashMap<Cow<'site, str>, Vec<&'site Row<Binding>>>,
    hotspot_users: HashMap<&'site str, &'site Row<HotspotUser>>,
    pub(super) hosts: Hosts<'site>,
    leases: Leases<'site>,
}

impl<'site> View<'site> {
    pub(super) fn new(site: &'site Site, policy: &Policy) -> Self {
        let router: &Router = &site.router;
        let kinds = kinds(site);
        let mut bindings: HashMap<Cow<'site, str>, Vec<&Row<Binding>>> = HashMap::new();
        for row in &router.bindings {
            if let Some(mac) = mac_of(&row.fields) {
                bindings.entry(mac).or_default().push(row);
            }
        }
        let mut hotspot_users = HashMap::new();
        for row in &router.hotspot_users {
            hotspot_users.entry(row.fields.name.as_str()).or_insert(row);
        }
        let rows = router.address_list.iter();
        let rows = rows.filter_map(|row| {
            Some(ListRow {
                id: &row.id,
                entry: &row.fields,
                kind: *kinds.get(&row.fields.list)?,
            })
        });
        View {
            lists: ListIndex::new(rows),
            kinds,
            bindings,
            hotspot_users,
            hosts: Hosts::new(&router.hosts, policy),
            leases: Leases::new(&router.leases),
        }
    }

    /// The bindings of a MAC, in the router's order.
    pub(super) fn bindings(&self, mac: &str) -> &[&'site Row<Binding>] {
        self.bindings.get(mac).map_or(&[], Vec::as_slice)
    }

    pub(super) fn hotspot_user(&self, name: &str) -> Option<&'site Row<HotspotUser>> {
        self.hotspot_users.get(name).copied()
    }

    /// Whether the router has hotspot users at all: without any, a missing one tells nothing.
    pub(super) fn has_hotspot_users(&self) -> bool {
        !self.hotspot_users.is_empty()
    }

    /// Where a device is: at its host's own and translated address; else, as nobody sees it, where its
    /// bindings, its first lease and then the database have it, and of these where the portal looks for
    /// clients if there is such a one.
    pub(super) fn whereabouts(
        &self,
        mac: &str,
        stored: Option<&str>,
        policy: &Policy,
    ) -> Whereabouts {
        let parse = |text: &str| text.trim().parse::<IpAddr>().ok();
        let is_some = |address: &IpAddr| !address.is_unspecified();
        if let Some(chosen) = self.hosts.of(mac) {
            let host = chosen.host;
            let texts = [host.to_address.as_deref(), host.address.as_deref()];
            let found = texts
                .into_iter()
                .flatten()
                .filter_map(parse)
                .filter(is_some);
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in found {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            let is_true = |word: &Option<String>| {
                let word = word.as_deref().unwrap_or_default();
                word.eq_ignore_ascii_case("true")
            };
            return Whereabouts {
                mac: mac.to_owned(),
                addresses,
                is_online: true,
                is_bypassed: is_true(&host.bypassed),
                is_logged_in: is_true(&host.authorized),
            };
        }
        let bound = self.bindings(mac).iter();
        let bound = bound.filter_map(|row| row.fields.address.as_deref());
        let candidates: Vec<&str> = bound
            .chain(self.leases.first_address(mac))
            .chain(stored)
            .collect();
        let of_clients = candidates
            .iter()
            .find(|address| policy.is_client(address.trim()));
        let address = of_clients.or(candidates.first()).copied().and_then(parse);
        Whereabouts {
            mac: mac.to_owned(),
            addresses: address.into_iter().filter(is_some).collect(),
            is_online: false,
            is_bypassed: false,
            is_logged_in: false,
        }
    }
}

/// The portal's lists by their names. Of two lists of one name the one that decides more counts.
fn kinds(site: &Site) -> HashMap<String, ListKind> {
    let mut kinds = HashMap::new();
    for kind in ListKind::ALL {
        kinds.insert(ListName::of(kind, &site.settings).name, kind);
    }
    kinds
}
