//! The run of the usage sync: from user to user.

use std::collections::{HashMap, HashSet};

use super::addresses::{addresses, kept_addresses};
use super::arp::ArpTable;
use super::bindings::{Bindings, Repair};
use super::decide::{Decision, decide};
use super::difference::{ColumnValue, NextSync, note};
use super::enrolment::enrol;
use super::hosts::Hosts;
use super::hotspot_users::HotspotUsers;
use super::leases::Leases;
use super::lists::{AddressLists, WantedEntry};
use super::policy::Policy;
use super::state::{Device, Site, User};
use super::usage;
use crate::block::BindingType;
use crate::comment::WRITTEN_NOW;
use crate::phone::local_phone;
use crate::user_id::UserId;

/// What the usage sync does if it begins at `site.now`, its throttle and its locks passed.
///
/// Devices without an address or without a network to be in are no errors; a user whose used quota
/// is no number is passed over, as the portal fails at it.
#[must_use]
pub fn next_sync(site: &Site) -> NextSync {
    let mut run = Run::begin(site);
    for user in &site.users {
        run.look_at(user);
    }
    run.end()
}

/// The state of a run: what it read at its beginning, and what it has written so far.
struct Run<'site> {
    site: &'site Site,
    policy: Policy,
    devices: HashMap<UserId, Vec<&'site Device>>,
    /// The MACs that are somebody's.
    taken: HashSet<String>,
    baselines: HashMap<String, String>,
    hosts: Hosts<'site>,
    bindings: Bindings<'site>,
    leases: Leases<'site>,
    arp: ArpTable<'site>,
    lists: AddressLists<'site>,
    hotspot_users: HotspotUsers<'site>,
    result: NextSync,
}

impl<'site> Run<'site> {
    fn begin(site: &'site Site) -> Self {
        let policy = Policy::read(&site.settings);
        let mut devices: HashMap<UserId, Vec<&Device>> = HashMap::new();
        for device in &site.devices {
            devices.entry(device.user_id).or_default().push(device);
        }
        let macs = site.devices.iter().map(|device| device.mac.to_uppercase());
        let router = &site.router;
        Run {
            devices,
            taken: macs.collect(),
            baselines: site.byte_baselines.clone(),
            hosts: Hosts::new(&router.hosts, &policy),
            bindings: Bindings::new(&router.bindings),
            leases: Leases::new(&router.leases),
            arp: ArpTable::new(&router.arp),
            lists: AddressLists::new(&router.address_list, &policy.lists),
            hotspot_users: HotspotUsers::new(router),
            result: NextSync::default(),
            site,
            policy,
        }
    }

    fn end(self) -> NextSync {
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
        let devices = self.devices.remove(&user.id).unwrap_or_default();
        let counted = usage::count(&devices, &self.hosts, &mut self.baselines);
        let new_mb = counted.as_ref().map(|counted| counted.new_mb);
        let Some(decision) = decide(user, new_mb, &self.policy, self.site.now) else {
            return;
        };
        self.result.looked_at.push(user.id);
        if self.bindings.has_tokens() {
            let (taken, hosts) = (&mut self.taken, &self.hosts);
            let enrolled = enrol(
                user.id,
                &devices,
                &self.bindings,
                hosts,
                taken,
                &self.policy,
            );
            self.result.enrolled.extend(enrolled);
        }
        if let Some(counted) = counted {
            self.result.devices.extend(counted.devices);
            self.result.byte_baselines.extend(counted.baselines);
        }
        let person = Person {
            user,
            id: user.id.to_string(),
            name,
            devices: devices
                .into_iter()
                .filter(|device| device.is_authorized)
                .collect(),
            decision,
        };
        self.repair_bindings(&person);
        self.repair_leases(&person);
        self.write_columns(&person);
        self.write_lists(&person);
    }

    /// Gives each authorised device a binding of the user's type.
    fn repair_bindings(&mut self, person: &Person<'_>) {
        if !self.bindings.has_tokens() {
            return;
        }
        let kind = person.decision.binding_type;
        for device in &person.devices {
            let mac = device.mac.trim().to_uppercase();
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
                comment: person.binding_comment(),
                address: address.clone(),
            });
            if let (Some(address), true) = (address, self.policy.leases_with_bindings) {
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
            let mac = device.mac.trim().to_uppercase();
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
        let devices = &person.devices;
        let found = addresses(
            devices,
            &self.hosts,
            &self.bindings,
            &self.leases,
            &self.policy,
        );
        let is_bound = self.has_fitting_binding(person);
        for address in &found {
            if is_bound {
                self.put(person, address, true);
            } else {
                self.take_off_all(address);
            }
        }
        self.lists.prune([&person.id, &person.name], &found);
        if found.is_empty() || !is_bound {
            self.result.by_name.push(person.user.id);
            if is_bound {
                self.write_lists_by_name(person);
            } else {
                for address in kept_addresses(devices, &self.bindings, &self.policy) {
                    self.take_off_all(&address);
                }
            }
        }
        self.result.addresses.push((person.user.id, found));
    }

    /// The way for a user whose addresses nobody knows: by what rows name the user. Whether the
    /// address is a client's is asked only where a lease or ARP row does not name it.
    fn write_lists_by_name(&mut self, person: &Person<'_>) {
        let of_lease = self.leases.address_of_name(&person.name);
        let named = of_lease.or_else(|| self.arp.address_of_name(&person.name));
        if let Some(address) = named.map(str::to_owned) {
            self.put(person, &address, false);
            return;
        }
        let bound = self.bindings.address_by_now(&person.id);
        let address = bound.map(str::to_owned);
        let address = address.or_else(|| self.address_of_devices(person));
        if let Some(address) = address.filter(|address| self.policy.is_client(address)) {
            self.put(person, &address, true);
        }
    }

    /// The address of the first authorised device that has one: of its host, in its binding, or
    /// stored; if there is none of these, in the first row of its MAC in ARP, then among leases. The
    /// device seen last comes first.
    fn address_of_devices(&self, person: &Person<'_>) -> Option<String> {
        let mut devices = person.devices.clone();
        devices.sort_by_key(|device| std::cmp::Reverse(device.last_seen));
        devices.into_iter().find_map(|device| {
            let mac = device.mac.trim().to_uppercase();
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
        let macs: Vec<String> = macs
            .map(|device| device.mac.trim().to_uppercase())
            .filter(|mac| !mac.is_empty())
            .collect();
        let tokens = [person.id.as_str(), person.name.as_str()];
        self.bindings
            .fit(&macs, tokens, person.decision.binding_type)
    }
}

/// A user that the sync looks at, with what it decided.
struct Person<'site> {
    user: &'site User,
    id: String,
    /// The local number: the name of the hotspot user, and in comments.
    name: String,
    /// The authorised devices.
    devices: Vec<&'site Device>,
    decision: Decision,
}

impl Person<'_> {
    fn tokens(&self) -> String {
        let role = &self.user.role;
        format!("user={}|uid={}|role={role}", self.name, self.id)
    }

    fn list_comment(&self, address: Option<&str>) -> String {
        let status = self.decision.status_word;
        let address = address.map_or_else(String::new, |address| format!("|ip={address}"));
        let tokens = self.tokens();
        format!("lpsaring|status={status}|{tokens}{address}{WRITTEN_NOW}")
    }

    fn binding_comment(&self) -> String {
        let word = match self.decision.binding_type {
            BindingType::Bypassed => "authorized",
            BindingType::Regular => "managed",
            BindingType::Blocked => "blocked",
        };
        format!(
            "{word}|{}|source=sync-self-heal{WRITTEN_NOW}",
            self.tokens()
        )
    }

    fn lease_comment(&self, source: &str) -> String {
        format!(
            "lpsaring|static-dhcp|{}|source={source}{WRITTEN_NOW}",
            self.tokens()
        )
    }
}

fn is_looked_at(user: &User) -> bool {
    let role = user.role.as_str();
    user.is_active && user.is_approved && matches!(role, "USER" | "KOMANDAN" | "ADMIN")
}
