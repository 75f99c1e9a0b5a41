//! The run of the usage sync: from user to user.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::{HashSet, HashSetExt};

use super::addresses::{addresses, kept_addresses};
use super::arp::ArpTable;
use super::bindings::{Bindings, Repair};
use super::decide::decide;
use super::difference::{ColumnValue, NextSync, note};
use super::enrolment::enrol;
use super::hosts::Hosts;
use super::hotspot_users::HotspotUsers;
use super::leases::Leases;
use super::lists::{AddressLists, WantedEntry};
use super::person::Person;
use super::policy::Policy;
use super::prepared::Prepared;
use super::state::{Binding, Device, Lease, ListEntry, Router, Row, Site, User};
use super::usage;
use crate::mac;
use crate::phone::local_phone;

/// What the usage sync does if it begins at `site.now`, its throttle and its locks passed.
///
/// Devices without an address or without a network to be in are no errors; a user whose used quota
/// is no number is passed over, as the portal fails at it.
#[must_use]
pub fn next_sync(site: &Site) -> NextSync {
    next_sync_on(site, &site.router)
}

/// The same where the site's router is in another state by then.
pub(crate) fn next_sync_on(site: &Site, router: &Router) -> NextSync {
    let policy = Policy::read(&site.settings);
    usage_sync(&Prepared::with_router(site, router, &policy))
}

/// The same on a site that other tasks are asked about as well.
pub(crate) fn usage_sync<'site>(prepared: &'site Prepared<'site>) -> NextSync {
    let mut run = Run::begin(prepared);
    for user in &prepared.site.users {
        run.look_at(user);
    }
    run.end()
}

/// Menus of a router after a run.
pub(super) struct Menus {
    pub(super) address_list: Vec<Row<ListEntry>>,
    pub(super) bindings: Vec<Row<Binding>>,
    pub(super) leases: Vec<Row<Lease>>,
}

/// The state of a run: what it read at its beginning, and what it has written so far.
pub(super) struct Run<'site> {
    prepared: &'site Prepared<'site>,
    policy: &'site Policy,
    /// The MACs that are somebody's.
    taken: HashSet<Cow<'site, str>>,
    baselines: HashMap<String, String>,
    hosts: &'site Hosts<'site>,
    bindings: Bindings<'site>,
    leases: Leases<'site>,
    arp: ArpTable<'site>,
    lists: AddressLists<'site>,
    hotspot_users: HotspotUsers<'site>,
    result: NextSync,
}

impl<'site> Run<'site> {
    /// Reads the site.
    fn begin(prepared: &'site Prepared<'site>) -> Self {
        let devices = prepared.site.devices.iter();
        Run {
            taken: devices.map(|device| mac::upper(&device.mac)).collect(),
            baselines: prepared.site.byte_baselines.clone(),
            ..Run::begin_for_one(prepared)
        }
    }

    /// Reads a router, in whatever state it is by now, to look after one user: who else has a device,
    /// and what was counted, plays no part in that.
    pub(super) fn begin_for_one(prepared: &'site Prepared<'site>) -> Self {
        let router = prepared.router;
        Run {
            taken: HashSet::new(),
            baselines: HashMap::new(),
            hosts: prepared.hosts(),
            bindings: Bindings::new(&router.bindings),
            leases: Leases::new(&router.leases),
            arp: ArpTable::new(&router.arp),
            lists: AddressLists::new(prepared.lists()),
            hotspot_users: HotspotUsers::new(router),
            result: NextSync::default(),
            policy: prepared.policy,
            prepared,
        }
    }

    /// The menus that looking after one user can change, as they are by now: lists, bindings and
    /// leases. `new_id` names the rows that were added.
    pub(super) fn into_menus(self, mut new_id: impl FnMut() -> String) -> Menus {
        Menus {
            address_list: self.lists.into_rows(&mut new_id),
            bindings: self.bindings.into_rows(&mut new_id),
            leases: self.leases.into_rows(&mut new_id),
        }
    }

    pub(super) fn end(self) -> NextSync {
        NextSync {
            address_list: self.lists.difference(),
            bindings: self.bindings.difference(),
            hotspot_users: self.hotspot_users.difference(),
            leases: self.leases.difference(),
            ..self.result
        }
    }

    fn look_at(&mut self, user: &'site User) {
        let name = local_phone(&user.phone_number);
        if !is_looked_at(user) || name.is_empty() || self.policy.is_demo(&user.phone_number) {
            return;
        }
        let devices = self.prepared.devices(user.id);
        let counted = usage::count(devices, self.hosts, &mut self.baselines);
        let new_mb = counted.as_ref().map(|counted| counted.new_mb);
        let Some(decision) = decide(user, new_mb, self.policy, self.prepared.site.now) else {
            return;
        };
        self.result.looked_at.push(user.id);
        if self.bindings.has_tokens() {
            let enrolled = enrol(
                user.id,
                devices,
                &self.bindings,
                self.hosts,
                &mut self.taken,
                self.policy,
            );
            self.result.enrolled.extend(enrolled);
        }
        if let Some(counted) = counted {
            self.result.devices.extend(counted.devices);
            self.result.byte_baselines.extend(counted.baselines);
        }
        let person = Person::new(user, name, devices, decision);
        self.repair_bindings(&person);
        self.repair_leases(&person);
        self.write_columns(&person);
        self.write_lists(&person);
    }

    /// Puts one user right on the router, as tasks do it that look after one: `client` is the address
    /// that the task knows of. Unlike the usage sync it always looks by name as well. Whether an
    /// address was listed; none is for a user whom the portal passes over.
    pub(super) fn look_at_one(&mut self, user: &'site User, client: Option<&str>) -> bool {
        let name = local_phone(&user.phone_number);
        let is_admitted = user.is_active && user.is_approved;
        if !is_admitted || name.is_empty() || self.policy.is_demo(&user.phone_number) {
            return false;
        }
        let devices = self.prepared.devices(user.id);
        let Some(decision) = decide(user, None, self.policy, self.prepared.site.now) else {
            return false;
        };
        let person = Person::new(user, name, devices, decision);
        self.repair_bindings(&person);
        let client = client.map(str::trim);
        let client = client.filter(|address| self.policy.is_client(address));
        let mut found: Vec<String> = client.map(str::to_owned).into_iter().collect();
        for address in self.addresses_of(&person) {
            if !found.contains(&address) {
                found.push(address);
            }
        }
        let is_bound = self.has_fitting_binding(&person);
        self.write_found(&person, &found, is_bound);
        let is_named = self.write_by_name(&person, is_bound);
        is_named || (is_bound && !found.is_empty())
    }

    /// Gives each authorised device a binding of the user's type.
    fn repair_bindings(&mut self, person: &Person<'_>) {
        if !self.bindings.has_tokens() {
            return;
        }
        let kind = person.decision.binding_type;
        for device in &person.devices {
            let mac = mac::compared(&device.mac);
            if mac.is_empty() || self.bindings.is_right(&mac, kind) {
                continue;
            }
            let stored = device.address.as_deref().map(str::trim);
            let stored = stored.filter(|address| !address.is_empty());
            let address = stored.or_else(|| self.hosts.address(&mac));
            let address = address.map(str::to_owned);
            self.bindings.repair(Repair {
                mac: &mac,
                server: person.user.server.as_deref().filter(|s| !s.is_empty()),
                kind,
                comment: person.binding_comment("sync-self-heal"),
                address: address.clone(),
            });
            if let (Some(address), true) = (address, self.policy.helpers_write) {
                self.make_static(person, &mac, &address, "sync-self-heal");
            }
        }
    }

    /// Makes the leases of authorised devices fit the devices, where leases are managed.
    fn repair_leases(&mut self, person: &Person<'_>) {
        if !self.policy.repairs_leases {
            return;
        }
        for device in &person.devices {
            let mac = mac::compared(&device.mac);
            if mac.is_empty() {
                continue;
            }
            let Some(address) = self.lease_address(device, &mac) else {
                continue;
            };
            if !self.leases.has(&mac, &address) && !self.leases.is_anothers(&mac, &address) {
                self.make_static(person, &mac, &address, "sync-dhcp-self-heal");
            }
        }
    }

    /// The address that a device's lease is to be for: the stored one first, unlike in the lists.
    fn lease_address(&self, device: &Device, mac: &str) -> Option<String> {
        let candidates = [
            device.address.as_deref(),
            self.hosts.address(mac),
            self.bindings.known_address(mac),
        ];
        let mut candidates = candidates.into_iter().flatten().map(str::trim);
        let address = candidates.find(|address| self.policy.is_client(address))?;
        Some(address.to_owned())
    }

    fn make_static(&mut self, person: &Person<'_>, mac: &str, address: &str, source: &str) {
        if let Some(server) = &self.policy.lease_server {
            let comment = person.lease_comment(source);
            self.leases.make_static(mac, address, server, &comment);
        }
    }

    fn write_columns(&mut self, person: &Person<'_>) {
        let (user, decision) = (person.user, &person.decision);
        let mut columns = decision.columns(user);
        let is_new = user.profile.as_deref() != Some(decision.profile.as_str());
        if is_new
            && self
                .hotspot_users
                .set_profile(&person.name, &decision.profile)
        {
            note(
                &mut columns,
                "mikrotik_profile_name",
                (&user.profile).into(),
                ColumnValue::Text(decision.profile.clone()),
            );
        }
        if !columns.is_empty() {
            self.result.users.push((user.id, columns));
        }
    }

    /// Puts the user's addresses on the list of the user's status, and takes the user's other rows
    /// away.
    fn write_lists(&mut self, person: &Person<'_>) {
        let found = self.addresses_of(person);
        let is_bound = self.has_fitting_binding(person);
        self.write_found(person, &found, is_bound);
        if found.is_empty() || !is_bound {
            self.result.by_name.push(person.user.id);
            self.write_by_name(person, is_bound);
        }
        self.result.addresses.push((person.user.id, found));
    }

    fn addresses_of(&self, person: &Person<'_>) -> Vec<String> {
        addresses(
            &person.devices,
            self.hosts,
            &self.bindings,
            &self.leases,
            self.policy,
        )
    }

    /// Lists the addresses, and prunes the user's rows at all others.
    fn write_found(&mut self, person: &Person<'_>, found: &[String], is_bound: bool) {
        for address in found {
            if is_bound {
                self.put(person, address, true);
            } else {
                self.take_off_all(address);
            }
        }
        self.lists.prune([&person.id, &person.name], found);
    }

    /// The way for a user whose addresses nobody knows: by what rows name the user. Whether the
    /// address is a client's is asked only where a lease or ARP row does not name it. Whether an
    /// address was listed.
    fn write_by_name(&mut self, person: &Person<'_>, is_bound: bool) -> bool {
        if !is_bound {
            for address in kept_addresses(&person.devices, &self.bindings, self.policy) {
                self.take_off_all(&address);
            }
            return false;
        }
        let of_lease = self.leases.address_of_name(&person.name);
        let named = of_lease.or_else(|| self.arp.address_of_name(&person.name));
        if let Some(address) = named.map(str::to_owned) {
            self.put(person, &address, false);
            return true;
        }
        let bound = self.bindings.address_by_now(&person.id);
        let address = bound.map(str::to_owned);
        let address = address.or_else(|| self.address_of_devices(person));
        let Some(address) = address.filter(|address| self.policy.is_client(address)) else {
            return false;
        };
        self.put(person, &address, true);
        true
    }

    /// The address of the first authorised device that has one: of its host, in its binding, or
    /// stored; if there is none of these, in the first row of its MAC in ARP, then among leases. The
    /// device seen last comes first.
    fn address_of_devices(&self, person: &Person<'_>) -> Option<String> {
        let mut devices = person.devices.clone();
        devices.sort_by_key(|device| std::cmp::Reverse(device.last_seen));
        devices.into_iter().find_map(|device| {
            let mac = mac::compared(&device.mac);
            let stored = device.address.as_deref().filter(|text| !text.is_empty());
            let address = (self.hosts.address(&mac))
                .or_else(|| self.bindings.address_of_mac_by_now(&mac))
                .or(stored)
                .or_else(|| self.arp.address_of_mac(&mac))
                .or_else(|| self.leases.address_of_mac(&mac))?;
            Some(address.to_owned())
        })
    }

    fn put(&mut self, person: &Person<'_>, address: &str, with_address: bool) {
        let target = person.decision.target;
        self.lists.put(WantedEntry {
            list: self.policy.lists.of(target),
            address,
            comment: person.list_comment(with_address.then_some(address)),
            timeout: None,
        });
        for list in self.policy.lists.others(target) {
            self.lists.take_off(address, list);
        }
    }

    fn take_off_all(&mut self, address: &str) {
        for list in self.policy.lists.managed() {
            self.lists.take_off(address, list);
        }
    }

    fn has_fitting_binding(&self, person: &Person<'_>) -> bool {
        let macs = person.devices.iter();
        let macs: Vec<Cow<'_, str>> = macs
            .map(|device| mac::compared(&device.mac))
            .filter(|mac| !mac.is_empty())
            .collect();
        let macs = macs.iter().map(Cow::as_ref);
        let tokens = [person.id.as_str(), person.name.as_str()];
        self.bindings
            .fit(macs, tokens, person.decision.binding_type)
    }
}

fn is_looked_at(user: &User) -> bool {
    let role = user.role.as_str();
    user.is_active && user.is_approved && matches!(role, "USER" | "KOMANDAN" | "ADMIN")
}
