//! What of a run of the usage sync is one user's.

use std::collections::HashSet;

use super::report::UserAccess;
use crate::comment::{Tokens, status_owners};
use crate::mac;
use crate::phone::local_phone;
use crate::sync::{
    Binding, HotspotUser, Lease, ListEntry, MenuDifference, NextSync, Router, Row, Site,
};
use crate::user_id::UserId;

/// By what rows of the router are told to be a user's.
pub(super) struct Part {
    id: UserId,
    id_text: String,
    /// The local number, which is the hotspot user's name as well.
    name: String,
    macs: HashSet<String>,
    addresses: HashSet<String>,
}

impl NextSync {
    /// What the run does to one user: the columns, and of each menu the rows that name the user, that
    /// are at an address where the user is or that a row naming the user has, or that are of a MAC of a
    /// device of the user.
    ///
    /// An address goes with all its rows, so that nobody's address is left between two lists.
    #[must_use]
    pub fn of_user(&self, site: &Site, user: &UserAccess) -> NextSync {
        let mut part = Part::of(site, user);
        part.learn(&site.router, self);
        part.take(&site.router, self)
    }
}

impl Part {
    pub(super) fn of(site: &Site, user: &UserAccess) -> Part {
        let stored = site.users.iter().find(|stored| stored.id == user.id);
        let devices = user.devices.iter();
        Part {
            id: user.id,
            id_text: user.id.to_string(),
            name: stored.map_or_else(String::new, |stored| local_phone(&stored.phone_number)),
            macs: devices.clone().map(|device| device.mac.clone()).collect(),
            addresses: devices
                .flat_map(|device| device.addresses.iter().cloned())
                .collect(),
        }
    }

    /// The user's part of what a run does to this router.
    pub(super) fn take(&self, router: &Router, run: &NextSync) -> NextSync {
        let is_own = |id: &UserId| *id == self.id;
        let users = run.users.iter().filter(|(id, _)| is_own(id));
        let looked_at = run.looked_at.iter().filter(|id| is_own(id));
        let addresses = run.addresses.iter().filter(|(id, _)| is_own(id));
        let is_of_mac = |mac: Option<&str>| {
            let mac = mac::compared(mac.unwrap_or_default());
            self.macs.contains(mac.as_ref())
        };
        NextSync {
            looked_at: looked_at.copied().collect(),
            users: users.cloned().collect(),
            address_list: part(
                &router.address_list,
                &run.address_list,
                |row: &ListEntry| {
                    self.addresses.contains(&row.address) || self.is_named(row.comment.as_deref())
                },
            ),
            bindings: part(&router.bindings, &run.bindings, |row: &Binding| {
                is_of_mac(row.mac.as_deref())
            }),
            hotspot_users: part(
                &router.hotspot_users,
                &run.hotspot_users,
                |row: &HotspotUser| row.name == self.name,
            ),
            leases: part(&router.leases, &run.leases, |row: &Lease| {
                is_of_mac(row.mac.as_deref()) || self.is_named(row.comment.as_deref())
            }),
            addresses: addresses.cloned().collect(),
            ..NextSync::default()
        }
    }

    /// Takes the addresses for the user's as well that a run finds, and those of rows that name the user,
    /// of this router and of the run.
    pub(super) fn learn(&mut self, router: &Router, run: &NextSync) {
        let rows = router.address_list.iter().map(|row| &row.fields);
        let named = rows.chain(&run.address_list.added);
        let named = named.filter(|row| self.is_named(row.comment.as_deref()));
        let named = named.map(|row| row.address.clone());
        let found = run.addresses.iter().filter(|(id, _)| *id == self.id);
        let found = found.flat_map(|(_, addresses)| addresses.iter().cloned());
        let learned: Vec<String> = named.chain(found).collect();
        self.addresses.extend(learned);
    }

    /// Takes every address for the user's that anything gives to a device of the user: which of them counts
    /// may be another one when rows have changed.
    pub(super) fn learn_devices(&mut self, site: &Site) {
        let router = &site.router;
        let stored = site.devices.iter();
        let stored =
            stored.map(|device| (Some(device.mac.as_str()), [device.address.as_ref(), None]));
        let hosts = router.hosts.iter().map(|row| &row.fields);
        let hosts = hosts.map(|host| {
            let addresses = [host.address.as_ref(), host.to_address.as_ref()];
            (Some(host.mac.as_str()), addresses)
        });
        let bindings = router.bindings.iter().map(|row| &row.fields);
        let bindings = bindings.map(|row| (row.mac.as_deref(), [row.address.as_ref(), None]));
        let leases = router.leases.iter().map(|row| &row.fields);
        let leases = leases.map(|row| (row.mac.as_deref(), [row.address.as_ref(), None]));
        let all = stored.chain(hosts).chain(bindings).chain(leases);
        let own = all.filter(|(mac, _)| {
            let mac = mac::compared(mac.unwrap_or_default());
            self.macs.contains(mac.as_ref())
        });
        let learned: Vec<String> = own
            .flat_map(|(_, addresses)| addresses.into_iter().flatten().cloned())
            .collect();
        self.addresses.extend(learned);
    }

    /// Whether a comment names the user: by the rule by which the sync prunes, or by its tokens.
    fn is_named(&self, comment: Option<&str>) -> bool {
        let comment = comment.unwrap_or_default();
        let is_owner = |owner: &str| owner == self.id_text || owner == self.name;
        if !self.name.is_empty() && status_owners(comment).any(is_owner) {
            return true;
        }
        let tokens = Tokens::read(comment);
        match tokens.user_id() {
            Some(id) => id == self.id,
            None => tokens.user.is_some_and(|user| user == self.name),
        }
    }

    /// Whether the comment of a binding names nobody else than the user.
    pub(super) fn is_only_named(&self, comment: &str) -> bool {
        let tokens = Tokens::read(comment);
        let is_id = tokens
            .uid
            .is_none_or(|uid| UserId::parse(uid) == Some(self.id));
        is_id && tokens.user.is_none_or(|user| user == self.name)
    }
}

/// The part of what becomes of a menu whose rows `is_own` takes.
fn part<T: Clone>(
    rows: &[Row<T>],
    difference: &MenuDifference<T>,
    is_own: impl Fn(&T) -> bool,
) -> MenuDifference<T> {
    let own = rows.iter().filter(|row| is_own(&row.fields));
    let own: HashSet<&str> = own.map(|row| row.id.as_str()).collect();
    let removed = difference.removed.iter();
    let changed = difference.changed.iter();
    MenuDifference {
        removed: removed
            .filter(|id| own.contains(id.as_str()))
            .cloned()
            .collect(),
        added: (difference.added.iter())
            .filter(|row| is_own(row))
            .cloned()
            .collect(),
        changed: changed
            .filter(|(id, _)| own.contains(id.as_str()))
            .cloned()
            .collect(),
    }
}
