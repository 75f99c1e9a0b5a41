//! What the portal's parity guard does: it reports, repairs some users on the router, and reports
//! again. What it decides about blocks while it repairs is not saved in the database.

use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::bindings::{Bindings, Repair};
use super::difference::{MenuDifference, between};
use super::excerpt::excerpt;
use super::hosts::Hosts;
use super::leases::Leases;
use super::parity::{Mismatch, ParityItem, ParityReport, report};
use super::policy::{Policy, is_some_address};
use super::prepared::Prepared;
use super::run::Run;
use super::state::{Binding, Device, Lease, ListEntry, Router, Row, Site, User};
use super::unauthorized::rows_after;
use crate::comment::WRITTEN_NOW;
use crate::mac;
use crate::phone::local_phone;
use crate::user_id::UserId;

/// After how many items the guard's report ends.
const MOST_ITEMS: usize = 300;

/// How many users it repairs in a run.
const MOST_USERS: usize = 10;

/// What the next run of the parity guard does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParityGuard {
    /// The report that it begins with.
    pub before: ParityReport,
    /// The report that it stores: after the repairs, where it listed an address of anybody; else the
    /// first, also where it wrote a binding.
    pub stored: ParityReport,
    /// The users that it tries to repair, in its order.
    pub attempted: Vec<UserId>,
    /// Those among them of whom it listed an address. Where there is one, the sync of unauthorised
    /// hosts runs as well.
    pub repaired: Vec<UserId>,
    /// `/ip/firewall/address-list`.
    pub address_list: MenuDifference<ListEntry>,
    /// `/ip/hotspot/ip-binding`.
    pub bindings: MenuDifference<Binding>,
    /// `/ip/dhcp-server/lease`.
    pub leases: MenuDifference<Lease>,
}

/// What the parity guard does if it begins at `site.now`. `None` while the operations are switched
/// off: then it does not even report.
#[must_use]
pub fn next_parity_guard(site: &Site) -> Option<ParityGuard> {
    let policy = Policy::read(&site.settings);
    parity_guard(&Prepared::new(site, &policy))
}

/// The same on a site that other tasks are asked about as well.
pub(crate) fn parity_guard<'site>(prepared: &'site Prepared<'site>) -> Option<ParityGuard> {
    let policy = prepared.policy;
    if !policy.is_operating {
        return None;
    }
    let before = report(prepared, MOST_ITEMS);
    let most = if policy.repairs_parity { MOST_USERS } else { 0 };
    let candidates = candidates(&before, most);
    if candidates.is_empty() {
        return Some(ParityGuard {
            stored: before.clone(),
            before,
            ..ParityGuard::default()
        });
    }
    let mut repairs = Repairs::new(prepared, &candidates);
    let mut guard = ParityGuard::default();
    for candidate in &candidates {
        guard.attempted.push(candidate.user_id);
        if repairs.repair(candidate) {
            guard.repaired.push(candidate.user_id);
        }
    }
    if guard.repaired.is_empty() {
        guard.address_list = between(&repairs.found.address_list, &repairs.router.address_list);
        guard.stored = before.clone();
    } else {
        let mut router = repairs.whole_router();
        let now = Prepared::with_router(prepared.site, &router, policy);
        router.address_list = rows_after(&now, new_id(&mut repairs.added));
        guard.address_list = between(&prepared.router.address_list, &router.address_list);
        let now = Prepared::with_router(prepared.site, &router, policy);
        guard.stored = report(&now, MOST_ITEMS);
    }
    Some(ParityGuard {
        bindings: between(&repairs.found.bindings, &repairs.router.bindings),
        leases: between(&repairs.found.leases, &repairs.router.leases),
        before,
        ..guard
    })
}

/// A user whom the guard tries to repair, with what the report says of the user's devices.
struct Candidate<'report> {
    user_id: UserId,
    macs: Vec<&'report str>,
    addresses: Vec<&'report str>,
    wants_binding: bool,
    wants_lease: bool,
}

/// The first `most` users in the report with something that the guard can repair.
fn candidates(report: &ParityReport, most: usize) -> Vec<Candidate<'_>> {
    let mut places: HashMap<UserId, usize> = HashMap::new();
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    for item in report.items.iter().filter(|item| item.is_fixable()) {
        let place = places.get(&item.user_id).copied();
        let Some(place) = place.or_else(|| (candidates.len() < most).then_some(candidates.len()))
        else {
            continue;
        };
        if place == candidates.len() {
            places.insert(item.user_id, place);
            candidates.push(Candidate::of(item.user_id));
        }
        candidates[place].add(item);
    }
    candidates
}

impl<'report> Candidate<'report> {
    fn of(user_id: UserId) -> Self {
        Candidate {
            user_id,
            macs: Vec::new(),
            addresses: Vec::new(),
            wants_binding: false,
            wants_lease: false,
        }
    }

    fn add(&mut self, item: &'report ParityItem) {
        self.wants_binding |= item.has(Mismatch::BindingType) || item.has(Mismatch::NoBinding);
        self.wants_lease |= item.has(Mismatch::NoLease);
        let Some(device) = &item.device else {
            return;
        };
        if !self.macs.contains(&device.mac.as_str()) {
            self.macs.push(&device.mac);
        }
        let address = device.address.as_deref();
        if let Some(address) = address.filter(|address| !self.addresses.contains(address)) {
            self.addresses.push(address);
        }
    }
}

/// The router while the guard works on it.
struct Repairs<'site> {
    prepared: &'site Prepared<'site>,
    users: HashMap<UserId, &'site User>,
    /// What matters to these users, as the repairs found it.
    found: Router,
    /// The same by now.
    router: Router,
    added: usize,
}

impl<'site> Repairs<'site> {
    fn new(prepared: &'site Prepared<'site>, candidates: &[Candidate<'_>]) -> Self {
        let ids: HashSet<UserId> = candidates
            .iter()
            .map(|candidate| candidate.user_id)
            .collect();
        let users = prepared.site.users.iter();
        let users: Vec<&User> = users.filter(|user| ids.contains(&user.id)).collect();
        let devices = ids.iter().flat_map(|id| prepared.devices(*id));
        let devices: Vec<&Device> = devices.copied().collect();
        let addresses = candidates.iter().flat_map(|candidate| &candidate.addresses);
        let addresses: Vec<&str> = addresses.copied().collect();
        let found = excerpt(prepared.router, &users, &devices, &addresses);
        Repairs {
            prepared,
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            router: found.clone(),
            found,
            added: 0,
        }
    }

    /// The whole router by now.
    fn whole_router(&self) -> Router {
        let whole = self.prepared.router;
        let (found, now) = (&self.found, &self.router);
        Router {
            address_list: merged(&whole.address_list, &found.address_list, &now.address_list),
            bindings: merged(&whole.bindings, &found.bindings, &now.bindings),
            leases: merged(&whole.leases, &found.leases, &now.leases),
            ..whole.clone()
        }
    }

    /// Repairs the bindings, the lists and the leases of a user. Whether an address was listed.
    fn repair(&mut self, candidate: &Candidate<'_>) -> bool {
        let Some(user) = self.users.get(&candidate.user_id).copied() else {
            return false;
        };
        if candidate.wants_binding {
            self.write_bindings(user, candidate);
        }
        let client = self.client_address(candidate);
        let Prepared { site, policy, .. } = self.prepared;
        let now = Prepared::with_router(site, &self.router, policy);
        let mut run = Run::begin_for_one(&now);
        let is_listed = run.look_at_one(user, client.as_deref());
        let menus = run.into_menus(new_id(&mut self.added));
        self.router.address_list = menus.address_list;
        self.router.bindings = menus.bindings;
        self.router.leases = menus.leases;
        if candidate.wants_lease {
            self.write_leases(user, candidate);
        }
        is_listed
    }

    /// Writes a binding for each device of the report, also where it is right.
    fn write_bindings(&mut self, user: &User, candidate: &Candidate<'_>) {
        let Prepared { site, policy, .. } = self.prepared;
        let Some((_, kind)) = policy.wants(user, site.now) else {
            return;
        };
        let word = kind.word_in_comments();
        let name = local_phone(&user.phone_number);
        let (id, role) = (user.id, &user.role);
        let mut bindings = Bindings::new(&self.router.bindings);
        for mac in &candidate.macs {
            bindings.repair(Repair {
                mac,
                server: user.server.as_deref().filter(|server| !server.is_empty()),
                kind,
                comment: format!(
                    "{word}|user={name}|uid={id}|role={role}|source=parity-guard{WRITTEN_NOW}"
                ),
                address: None,
            });
        }
        self.router.bindings = bindings.into_rows(new_id(&mut self.added));
    }

    /// The first address of the report at which one of the user's authorised devices is, by its host
    /// or its binding as the repairs found them; else the first at all.
    fn client_address(&self, candidate: &Candidate<'_>) -> Option<String> {
        let hosts = Hosts::new(&self.found.hosts, self.prepared.policy);
        let bound = Bindings::new(&self.found.bindings);
        let devices = self.prepared.devices(candidate.user_id).iter();
        let devices = devices
            .filter(|device| device.is_authorized)
            .map(|device| mac::compared(&device.mac));
        let live: Vec<&str> = devices
            .flat_map(|mac| [hosts.address(&mac), bound.known_address(&mac)])
            .flatten()
            .map(str::trim)
            .collect();
        let addresses = candidate.addresses.iter().copied();
        let mut addresses = addresses.filter(|address| address.parse::<IpAddr>().is_ok());
        let found = addresses.clone().find(|address| live.contains(address));
        found.or_else(|| addresses.next()).map(str::to_owned)
    }

    /// Writes a static lease for each device of the report that has an address, where leases are
    /// managed.
    fn write_leases(&mut self, user: &User, candidate: &Candidate<'_>) {
        let server = self.prepared.policy.lease_server.as_deref();
        let Some(server) = server.filter(|_| self.prepared.policy.guard_writes_leases) else {
            return;
        };
        let comment = format!("lpsaring|static-dhcp|source=parity-guard|uid={}", user.id);
        let hosts = Hosts::new(&self.found.hosts, self.prepared.policy);
        let found = Bindings::new(&self.found.bindings);
        let mut leases = Leases::new(&self.router.leases);
        for mac in &candidate.macs {
            let bound = found.known_address(mac).filter(|text| !text.is_empty());
            let address = bound.or_else(|| hosts.address(mac)).map(str::trim);
            let address = address
                .filter(|address| is_some_address(address) && address.parse::<IpAddr>().is_ok());
            if let Some(address) = address {
                leases.make_static(mac, address, server, &comment);
            }
        }
        self.router.leases = leases.into_rows(new_id(&mut self.added));
    }
}

/// All rows of a menu, where those that were `found` are as they are `now`.
fn merged<T: Clone>(whole: &[Row<T>], found: &[Row<T>], now: &[Row<T>]) -> Vec<Row<T>> {
    let found: HashSet<&str> = found.iter().map(|row| row.id.as_str()).collect();
    let left: HashMap<&str, &Row<T>> = now.iter().map(|row| (row.id.as_str(), row)).collect();
    let kept = whole.iter().filter_map(|row| {
        let id = row.id.as_str();
        if found.contains(id) {
            left.get(id).copied()
        } else {
            Some(row)
        }
    });
    let added = now.iter().filter(|row| !found.contains(row.id.as_str()));
    kept.chain(added).cloned().collect()
}

/// Ids for rows that the router does not have yet: no id of a router begins like these.
fn new_id(added: &mut usize) -> impl FnMut() -> String {
    move || {
        *added += 1;
        format!("new {added}")
    }
}
