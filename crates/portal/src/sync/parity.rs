//! The portal's own report of where the router is not as the database wants it, device by device.

use foldhash::{HashMap, HashMapExt};

use super::bindings::Bindings;
use super::hosts::Hosts;
use super::leases::Leases;
use super::policy::{Policy, is_some_address};
use super::prepared::Prepared;
use super::state::{Device, Router, Site};
use crate::block::BindingType;
use crate::list_name::{ListKind, ListName};
use crate::mac;
use crate::status::AccessStatus;
use crate::user_id::UserId;

/// What the portal's parity report says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParityReport {
    /// How many users it looks at: active, approved, USER or KOMANDAN.
    pub users: usize,
    /// Devices with a mismatch, and users without an authorised device.
    pub items: Vec<ParityItem>,
}

/// A device that is not as its user's status wants it, or a user without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParityItem {
    /// The user.
    pub user_id: UserId,
    /// The device; `None` where the user has no authorised one.
    pub device: Option<ParityDevice>,
    /// The user's status by the database.
    pub status: AccessStatus,
    /// The type that the user's bindings are to have.
    pub binding: BindingType,
    /// What does not agree, in the order of the words.
    pub mismatches: Vec<Mismatch>,
}

/// What the report finds out about a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParityDevice {
    /// In upper case.
    pub mac: String,
    /// Stored, else of the host, in the binding, in the first lease.
    pub address: Option<String>,
    /// The type in the known binding.
    pub binding: Option<String>,
    /// The status lists that hold the address, in the order of their words.
    pub lists: Vec<ListKind>,
}

/// What can be amiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// The address is on no status list, or not on that of the status.
    AddressList,
    /// The address is on several status lists.
    SeveralLists,
    /// The binding has another type than the status wants.
    BindingType,
    /// No lease for the address, and the device is not on the network there.
    NoLease,
    /// No binding of the MAC names anybody.
    NoBinding,
    /// The user has no authorised device.
    NoDevice,
    /// Nothing tells the device's address.
    NoAddress,
}

/// How many of what a report has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParitySummary {
    /// The users looked at.
    pub users: usize,
    /// Items with something that decides access.
    pub mismatches: usize,
    /// All items.
    pub items: usize,
    /// Users without an authorised device.
    pub without_device: usize,
    /// Items that the guard would try to repair.
    pub fixable: usize,
    /// How many items have which mismatch, for all of them.
    pub by_mismatch: [(Mismatch, usize); 7],
}

/// What the report advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParityAction {
    /// Nothing can be done before the user comes with a device.
    WaitForDevice,
    /// Write the binding.
    WriteBinding,
    /// Write a static lease.
    WriteLease,
    /// Put the user's addresses right.
    SyncAddressList,
    /// Take the address off the lists that are wrong.
    LeaveExtraLists,
    /// Find out where the device is.
    FindAddress,
}

impl Mismatch {
    /// All of them, in the order of their words.
    pub const ALL: [Mismatch; 7] = [
        Mismatch::AddressList,
        Mismatch::SeveralLists,
        Mismatch::BindingType,
        Mismatch::NoLease,
        Mismatch::NoBinding,
        Mismatch::NoDevice,
        Mismatch::NoAddress,
    ];

    /// The portal's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mismatch::AddressList => "address_list",
            Mismatch::SeveralLists => "address_list_multi_status",
            Mismatch::BindingType => "binding_type",
            Mismatch::NoLease => "dhcp_lease_missing",
            Mismatch::NoBinding => "missing_ip_binding",
            Mismatch::NoDevice => "no_authorized_device",
            Mismatch::NoAddress => "no_resolvable_ip",
        }
    }

    /// Whether it decides access, so that the portal counts it.
    #[must_use]
    pub fn is_relevant(self) -> bool {
        !matches!(self, Mismatch::NoLease | Mismatch::NoDevice)
    }
}

impl ParityAction {
    /// The portal's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ParityAction::WaitForDevice => "wait_for_user_reconnect",
            ParityAction::WriteBinding => "upsert_ip_binding_expected_type",
            ParityAction::WriteLease => "upsert_dhcp_static_lease",
            ParityAction::SyncAddressList => "sync_address_list_for_single_user",
            ParityAction::LeaveExtraLists => "cleanup_extra_address_lists_for_ip",
            ParityAction::FindAddress => "resolve_ip_from_host_or_binding",
        }
    }
}

impl ParityItem {
    /// The list that the status wants.
    #[must_use]
    pub fn wanted_list(&self) -> ListKind {
        ListKind::of_status(self.status)
    }

    /// Whether something decides access.
    #[must_use]
    pub fn is_relevant(&self) -> bool {
        self.mismatches
            .iter()
            .any(|mismatch| mismatch.is_relevant())
    }

    /// Whether the guard would try to repair it: nothing can be done about a user without a device,
    /// and little about a device that is nowhere.
    #[must_use]
    pub fn is_fixable(&self) -> bool {
        let hopeless = [Mismatch::NoDevice, Mismatch::NoAddress];
        !hopeless.iter().any(|mismatch| self.has(*mismatch))
    }

    /// What the report advises, in its order.
    #[must_use]
    pub fn actions(&self) -> Vec<ParityAction> {
        let is_wrong = self.has(Mismatch::NoBinding) || self.has(Mismatch::BindingType);
        let table = [
            (self.has(Mismatch::NoDevice), ParityAction::WaitForDevice),
            (is_wrong, ParityAction::WriteBinding),
            (self.has(Mismatch::NoLease), ParityAction::WriteLease),
            (
                self.has(Mismatch::AddressList),
                ParityAction::SyncAddressList,
            ),
            (
                self.has(Mismatch::SeveralLists),
                ParityAction::LeaveExtraLists,
            ),
            (self.has(Mismatch::NoAddress), ParityAction::FindAddress),
        ];
        let advised = table.into_iter().filter(|(is_advised, _)| *is_advised);
        advised.map(|(_, action)| action).collect()
    }

    pub(super) fn has(&self, mismatch: Mismatch) -> bool {
        self.mismatches.contains(&mismatch)
    }
}

impl ParityReport {
    /// How many of what.
    #[must_use]
    pub fn summary(&self) -> ParitySummary {
        let count = |is_so: &dyn Fn(&ParityItem) -> bool| {
            self.items.iter().filter(|item| is_so(item)).count()
        };
        ParitySummary {
            users: self.users,
            mismatches: count(&ParityItem::is_relevant),
            items: self.items.len(),
            without_device: count(&|item| item.has(Mismatch::NoDevice)),
            fixable: count(&ParityItem::is_fixable),
            by_mismatch: Mismatch::ALL
                .map(|mismatch| (mismatch, count(&|item| item.has(mismatch)))),
        }
    }
}

/// What the portal's report says of the site, with all its items.
#[must_use]
pub fn parity_report(site: &Site) -> ParityReport {
    let policy = Policy::read(&site.settings);
    report(&Prepared::new(site, &policy), usize::MAX)
}

/// The report, which ends after `most` items.
pub(super) fn report<'site>(prepared: &'site Prepared<'site>, most: usize) -> ParityReport {
    let (site, router, policy) = (prepared.site, prepared.router, prepared.policy);
    let looked_at = site.users.iter().filter(|user| {
        let is_admitted = user.is_active && user.is_approved;
        is_admitted && matches!(user.role.as_str(), "USER" | "KOMANDAN")
    });
    let found = Found {
        hosts: prepared.hosts(),
        bindings: Bindings::new(&router.bindings),
        leases: Leases::new(&router.leases),
        lists: kinds_by_address(site, router),
    };
    let mut report = ParityReport::default();
    for user in looked_at {
        report.users += 1;
        if report.items.len() >= most {
            continue;
        }
        let Some((status, binding)) = policy.wants(user, site.now) else {
            continue;
        };
        let item = |device, mismatches| ParityItem {
            user_id: user.id,
            device,
            status,
            binding,
            mismatches,
        };
        let devices = prepared.devices(user.id).iter();
        let mut devices = devices
            .filter(|device| device.is_authorized && !device.mac.trim().is_empty())
            .peekable();
        if devices.peek().is_none() {
            report.items.push(item(None, vec![Mismatch::NoDevice]));
        }
        for device in devices {
            let device = found.device(device);
            let mismatches = found.mismatches(&device, status, binding);
            if !mismatches.is_empty() {
                report.items.push(item(Some(device), mismatches));
            }
        }
    }
    report.items.truncate(most);
    report
}

/// The status lists that hold an address, by the text of the address.
fn kinds_by_address<'site>(site: &Site, router: &'site Router) -> HashMap<&'site str, Kinds> {
    let mut kinds: HashMap<String, Kinds> = HashMap::new();
    for kind in Kinds::IN_ORDER {
        let name = ListName::of(kind, &site.settings).name;
        kinds.entry(name).or_default().add(kind);
    }
    let mut by_address: HashMap<&str, Kinds> = HashMap::new();
    for entry in router.address_list.iter().map(|row| &row.fields) {
        let address = entry.address.trim();
        if let Some(kinds) = kinds.get(&entry.list).filter(|_| is_some_address(address)) {
            by_address.entry(address).or_default().join(*kinds);
        }
    }
    by_address
}

/// Some of the status lists: a bit for each, as there may be as many of these as there are addresses.
#[derive(Clone, Copy, Default)]
struct Kinds(u8);

impl Kinds {
    /// The status lists in the order of their words.
    const IN_ORDER: [ListKind; 6] = [
        ListKind::Active,
        ListKind::Blocked,
        ListKind::Expired,
        ListKind::Fup,
        ListKind::Habis,
        ListKind::Inactive,
    ];

    fn add(&mut self, kind: ListKind) {
        let place = Kinds::IN_ORDER.iter().position(|other| *other == kind);
        self.0 |= place.map_or(0, |place| 1 << place);
    }

    fn join(&mut self, other: Kinds) {
        self.0 |= other.0;
    }

    fn in_order(self) -> impl Iterator<Item = ListKind> {
        let kinds = Kinds::IN_ORDER.into_iter().enumerate();
        let kinds = kinds.filter(move |(place, _)| self.0 >> place & 1 == 1);
        kinds.map(|(_, kind)| kind)
    }
}

/// The router, as the report reads it.
struct Found<'site> {
    hosts: &'site Hosts<'site>,
    bindings: Bindings<'site>,
    leases: Leases<'site>,
    lists: HashMap<&'site str, Kinds>,
}

impl Found<'_> {
    fn device(&self, device: &Device) -> ParityDevice {
        let mac = mac::compared(&device.mac);
        let candidates = [
            device.address.as_deref(),
            self.hosts.address(&mac),
            self.bindings.known_address(&mac),
            self.leases.first_address(&mac),
        ];
        let mut candidates = candidates.into_iter().flatten().map(str::trim);
        let address = candidates.find(|address| is_some_address(address));
        let lists = address.and_then(|address| self.lists.get(address));
        let lists = lists.copied().unwrap_or_default();
        ParityDevice {
            binding: self
                .bindings
                .known_kind(&mac)
                .filter(|kind| !kind.is_empty()),
            lists: lists.in_order().collect(),
            address: address.map(str::to_owned),
            mac: mac.into_owned(),
        }
    }

    fn mismatches(
        &self,
        device: &ParityDevice,
        status: AccessStatus,
        wanted: BindingType,
    ) -> Vec<Mismatch> {
        let has_address = device.address.is_some();
        let is_listed = device.lists.contains(&ListKind::of_status(status));
        let kind = device.binding.as_deref();
        let table = [
            (has_address && !is_listed, Mismatch::AddressList),
            (device.lists.len() > 1, Mismatch::SeveralLists),
            (
                kind.is_some_and(|kind| kind != wanted.word()),
                Mismatch::BindingType,
            ),
            (
                wanted != BindingType::Blocked && self.lacks_lease(device),
                Mismatch::NoLease,
            ),
            (
                self.bindings.known_kind(&device.mac).is_none(),
                Mismatch::NoBinding,
            ),
            (!has_address, Mismatch::NoAddress),
        ];
        let amiss = table.into_iter().filter(|(is_so, _)| *is_so);
        amiss.map(|(_, mismatch)| mismatch).collect()
    }

    /// A device that is on the network at its address needs none.
    fn lacks_lease(&self, device: &ParityDevice) -> bool {
        let host = self.hosts.address(&device.mac);
        let host = host.filter(|address| is_some_address(address));
        let is_there = match (host, device.address.as_deref()) {
            (Some(host), Some(address)) => host == address,
            (host, _) => host.is_some(),
        };
        if is_there {
            return false;
        }
        match device.address.as_deref() {
            Some(address) => !self.leases.has(&device.mac, address),
            None => self.leases.first_address(&device.mac).is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report names lists in the order of their words.
    #[test]
    fn lists_are_told_in_the_order_of_their_words() {
        let mut all = Kinds::default();
        let status = ListKind::ALL.into_iter();
        status
            .filter(|kind| *kind != ListKind::Unauthorized)
            .for_each(|kind| all.add(kind));
        let words: Vec<&str> = all.in_order().map(ListKind::word).collect();
        assert_eq!(words.len(), ListKind::ALL.len() - 1);
        assert!(words.is_sorted(), "{words:?}");
    }
}
