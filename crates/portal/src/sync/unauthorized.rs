//! What the portal's task does that keeps hosts without leave on a list of their own.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use foldhash::{HashMap, HashSet, HashSetExt};

use super::difference::MenuDifference;
use super::leases::{is_managed, tells_address};
use super::lists::{AddressLists, WantedEntry};
use super::policy::Policy;
use super::prepared::Prepared;
use super::state::{Host, ListEntry, Router, Row, Site};
use crate::mac;

/// How the comment of a row begins that this task wrote, and that it takes away again.
const MARK: &str = "lpsaring:unauthorized";

/// What the next sync of unauthorised hosts does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnauthorizedSync {
    /// The addresses that it puts on the list, or keeps there, in the order of the hosts.
    pub wanted: Vec<String>,
    /// What it counts, as its line in the log says it.
    pub counts: UnauthorizedCounts,
    /// `/ip/firewall/address-list`.
    pub address_list: MenuDifference<ListEntry>,
}

/// What a sync of unauthorised hosts counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnauthorizedCounts {
    /// `processed_hosts`: rows of the hosts.
    pub hosts: usize,
    /// `would_remove`: addresses of its own rows that are wanted no more.
    pub removed: usize,
    /// `forced_exempt_remove`: addresses on the list that are exempt.
    pub exempt_removed: usize,
    /// `forced_authorized_remove`: addresses on the list that are stored for an authorised device.
    pub authorized_removed: usize,
    /// `forced_binding_dhcp_remove`: addresses on the list of hosts that are trusted.
    pub trusted_removed: usize,
    /// `forced_status_overlap_remove`: addresses on the list that are on a status list too.
    pub status_overlaps_removed: usize,
    /// `forced_critical_status_overlap_remove`: rows of addresses on several of the lists blocked,
    /// fup and active, but for the weightiest.
    pub list_overlaps_removed: usize,
    /// `skipped_no_ip`: hosts without an address.
    pub without_address: usize,
    /// `skipped_not_allowed`: hosts outside the networks of clients.
    pub elsewhere: usize,
    /// `skipped_exempt`: hosts at exempt addresses.
    pub exempt: usize,
    /// `skipped_authorized_device_ip`: hosts at the stored address of an authorised device.
    pub at_authorized_address: usize,
    /// `skipped_authorized_device_mac`: hosts that are an authorised device.
    pub authorized_device: usize,
    /// `skipped_binding_dhcp_trusted`: hosts with a binding that does not block and a lease.
    pub trusted: usize,
    /// `skipped_authorized_or_bypassed`: hosts that are logged in, or pass without.
    pub let_through: usize,
    /// `skipped_low_uptime`: hosts that came a short time ago.
    pub recent: usize,
}

/// What the sync of unauthorised hosts does if it begins at `site.now`, its lock taken. Nothing
/// while the operations are switched off, and where no network of clients can be read: then the task
/// fails.
#[must_use]
pub fn next_unauthorized_sync(site: &Site) -> UnauthorizedSync {
    let policy = Policy::read(&site.settings);
    unauthorized_sync(&Prepared::new(site, &policy))
}

/// The same on a site that other tasks are asked about as well.
pub(crate) fn unauthorized_sync<'site>(prepared: &'site Prepared<'site>) -> UnauthorizedSync {
    if !prepared.policy.is_operating {
        return UnauthorizedSync::default();
    }
    let Some(run) = run(prepared) else {
        return UnauthorizedSync::default();
    };
    UnauthorizedSync {
        wanted: run.wanted,
        counts: run.counts,
        address_list: run.lists.difference(),
    }
}

/// The rows of the lists after a sync of unauthorised hosts on a router in another state. `new_id`
/// names those that were added.
pub(super) fn rows_after<'site>(
    prepared: &'site Prepared<'site>,
    new_id: impl FnMut() -> String,
) -> Vec<Row<ListEntry>> {
    match run(prepared) {
        Some(run) => run.lists.into_rows(new_id),
        None => prepared.router.address_list.clone(),
    }
}

/// A run of the task, with the lists as they are by now.
struct Run<'router> {
    wanted: Vec<String>,
    counts: UnauthorizedCounts,
    lists: AddressLists<'router>,
}

/// Runs the task, whether it is switched on or not. `None` where no network of clients can be read.
fn run<'site>(prepared: &'site Prepared<'site>) -> Option<Run<'site>> {
    let (site, router, policy) = (prepared.site, prepared.router, prepared.policy);
    if policy.client_networks.is_empty() {
        return None;
    }
    let leave = Leave::new(site, router);
    let mut counts = UnauthorizedCounts::default();
    let mut wanted = Wanted::default();
    let mut trusted = BTreeSet::new();
    for row in &router.hosts {
        counts.hosts += 1;
        let host = &row.fields;
        let address = canonical(host.address.as_deref().unwrap_or_default());
        let mac = mac::compared(&host.mac);
        let count = match leave.judge(host, (&mac, &address), policy) {
            Judgement::WithoutAddress => &mut counts.without_address,
            Judgement::Elsewhere => &mut counts.elsewhere,
            Judgement::Exempt => &mut counts.exempt,
            Judgement::AtAuthorizedAddress => &mut counts.at_authorized_address,
            Judgement::AuthorizedDevice => {
                trusted.insert(address);
                &mut counts.authorized_device
            }
            Judgement::Trusted => {
                trusted.insert(address);
                &mut counts.trusted
            }
            Judgement::LetThrough => &mut counts.let_through,
            Judgement::Recent => &mut counts.recent,
            Judgement::Unauthorized => {
                let uptime = host.uptime.as_deref().unwrap_or_default().trim();
                let comment = format!("{MARK} mac={mac} uptime={uptime}");
                wanted.insert(address, comment.trim().to_owned());
                continue;
            }
        };
        *count += 1;
    }
    let mut lists = AddressLists::new(prepared.lists());
    write(&mut lists, &wanted, policy, &mut counts);
    let overlaps = Overlaps {
        authorized: &leave.authorized_addresses,
        trusted: &trusted,
    };
    overlaps.remove(&mut lists, router, policy, &mut counts);
    Some(Run {
        wanted: wanted.addresses,
        counts,
        lists,
    })
}

/// Takes away the task's own rows that are wanted no more, and writes those that are.
fn write(
    lists: &mut AddressLists<'_>,
    wanted: &Wanted,
    policy: &Policy,
    counts: &mut UnauthorizedCounts,
) {
    let list = policy.lists.unauthorized();
    let own = lists.rows_on(list).filter(|entry| {
        let comment = entry.comment.as_deref();
        comment.is_some_and(|comment| comment.starts_with(MARK))
    });
    let own: HashSet<String> = own.map(|entry| canonical(&entry.address)).collect();
    for address in own {
        if !address.is_empty() && !wanted.comments.contains_key(&address) {
            counts.removed += 1;
            lists.take_off(&address, list);
        }
    }
    for address in &wanted.addresses {
        lists.write(WantedEntry {
            list,
            address,
            comment: wanted.comments[address].clone(),
            timeout: Some(&policy.unauthorized_timeout),
        });
    }
}

/// The hosts that are to be on the list.
#[derive(Default)]
struct Wanted {
    addresses: Vec<String>,
    comments: HashMap<String, String>,
}

impl Wanted {
    /// Of two hosts at one address the later one is named.
    fn insert(&mut self, address: String, comment: String) {
        if self.comments.insert(address.clone(), comment).is_none() {
            self.addresses.push(address);
        }
    }
}

/// What the task thinks of a host.
enum Judgement {
    WithoutAddress,
    Elsewhere,
    Exempt,
    AtAuthorizedAddress,
    AuthorizedDevice,
    Trusted,
    LetThrough,
    Recent,
    Unauthorized,
}

/// Who may be on the network: by the database, by bindings, by leases.
struct Leave {
    authorized_addresses: BTreeSet<String>,
    authorized_macs: HashSet<String>,
    bound_macs: HashSet<String>,
    bound_addresses: HashSet<String>,
    leased_macs: HashSet<String>,
    leased_addresses: HashSet<String>,
    /// MACs of leases that the portal manages.
    managed_macs: HashSet<String>,
}

impl Leave {
    fn new(site: &Site, router: &Router) -> Leave {
        let admitted = site
            .users
            .iter()
            .filter(|user| user.is_active && user.is_approved);
        let admitted: HashSet<_> = admitted.map(|user| user.id).collect();
        let devices = site.devices.iter();
        let devices: Vec<_> = devices
            .filter(|device| device.is_authorized && admitted.contains(&device.user_id))
            .collect();
        let addresses = devices
            .iter()
            .filter_map(|device| device.address.as_deref());
        let macs = devices
            .iter()
            .map(|device| mac::compared(&device.mac).into_owned());
        let mut leave = Leave {
            authorized_addresses: addresses.map(canonical).filter_map(filled).collect(),
            authorized_macs: macs.filter_map(filled).collect(),
            bound_macs: HashSet::new(),
            bound_addresses: HashSet::new(),
            leased_macs: HashSet::new(),
            leased_addresses: HashSet::new(),
            managed_macs: HashSet::new(),
        };
        for binding in router.bindings.iter().map(|row| &row.fields) {
            let mac = binding.mac.as_deref().unwrap_or_default();
            let mac = mac::compared(mac);
            let kind = binding.kind.as_deref().unwrap_or_default();
            if !mac.is_empty() && !kind.trim().eq_ignore_ascii_case("blocked") {
                leave.bound_macs.insert(mac.into_owned());
                let address = canonical(binding.address.as_deref().unwrap_or_default());
                leave.bound_addresses.extend(filled(address));
            }
        }
        let leases = router.leases.iter().map(|row| &row.fields);
        for lease in leases.filter(|lease| tells_address(lease)) {
            let mac = lease.mac.as_deref().unwrap_or_default();
            let mac = filled(mac::compared(mac).into_owned());
            let address = canonical(lease.address.as_deref().unwrap_or_default());
            leave.leased_addresses.extend(filled(address));
            if is_managed(lease) {
                leave.managed_macs.extend(mac.clone());
            }
            leave.leased_macs.extend(mac);
        }
        leave
    }

    fn judge(&self, host: &Host, (mac, address): (&str, &str), policy: &Policy) -> Judgement {
        let parsed: Option<IpAddr> = address.parse().ok();
        if address.is_empty() {
            return Judgement::WithoutAddress;
        }
        let networks = &policy.client_networks;
        let is_client =
            parsed.is_some_and(|address| networks.iter().any(|network| network.contains(address)));
        if !is_client {
            return Judgement::Elsewhere;
        }
        if is_exempt(parsed, policy) {
            return Judgement::Exempt;
        }
        if self.authorized_addresses.contains(address) {
            return Judgement::AtAuthorizedAddress;
        }
        if self.authorized_macs.contains(mac) {
            return Judgement::AuthorizedDevice;
        }
        if policy.trusts_binding_and_lease && self.is_trusted(mac, address) {
            return Judgement::Trusted;
        }
        let is_true = |word: &Option<String>| {
            let word = word.as_deref().unwrap_or_default();
            word.eq_ignore_ascii_case("true")
        };
        if is_true(&host.authorized) || is_true(&host.bypassed) {
            return Judgement::LetThrough;
        }
        if seconds(host.uptime.as_deref()) < policy.unauthorized_after_seconds {
            return Judgement::Recent;
        }
        Judgement::Unauthorized
    }

    /// A binding that does not block, of the MAC or for the address, and a lease for the address;
    /// or a lease of the MAC that the portal manages.
    fn is_trusted(&self, mac: &str, address: &str) -> bool {
        let by_mac = self.bound_macs.contains(mac);
        let by_address = self.bound_addresses.contains(address);
        let is_leased = self.leased_addresses.contains(address)
            && (by_address || self.leased_macs.contains(mac));
        ((by_mac || by_address) && is_leased) || self.managed_macs.contains(mac)
    }
}

fn is_exempt(address: Option<IpAddr>, policy: &Policy) -> bool {
    address.is_some_and(|address| policy.exempt.iter().any(|range| range.contains(address)))
}

/// The addresses that may not stay on the list, whoever put them there.
struct Overlaps<'run> {
    authorized: &'run BTreeSet<String>,
    trusted: &'run BTreeSet<String>,
}

impl Overlaps<'_> {
    /// What stands on the list when the task begins is counted, whether it is still there or not.
    fn remove(
        &self,
        lists: &mut AddressLists<'_>,
        router: &Router,
        policy: &Policy,
        counts: &mut UnauthorizedCounts,
    ) {
        let list = policy.lists.unauthorized();
        let found = router.address_list.iter().map(|row| &row.fields);
        let found = found.filter(|entry| entry.list == list);
        let found: BTreeSet<String> = found.map(|entry| canonical(&entry.address)).collect();
        let of_status = addresses_among(&found, lists, policy);
        for address in found.iter().filter(|address| !address.is_empty()) {
            let reasons = [
                (
                    is_exempt(address.parse().ok(), policy),
                    &mut counts.exempt_removed,
                ),
                (
                    self.authorized.contains(address),
                    &mut counts.authorized_removed,
                ),
                (self.trusted.contains(address), &mut counts.trusted_removed),
                (
                    of_status.contains(address),
                    &mut counts.status_overlaps_removed,
                ),
            ];
            for (is_so, count) in reasons {
                if is_so {
                    *count += 1;
                    lists.take_off(address, list);
                }
            }
        }
        counts.list_overlaps_removed = remove_list_overlaps(lists, policy);
    }
}

/// Those of some addresses that stand on a status list.
fn addresses_among(
    addresses: &BTreeSet<String>,
    lists: &AddressLists<'_>,
    policy: &Policy,
) -> HashSet<String> {
    if addresses.is_empty() {
        return HashSet::new();
    }
    let status = policy.lists.managed().iter();
    let of_status = status.flat_map(|list| lists.rows_on(list));
    let of_status = of_status.map(|entry| canonical(&entry.address));
    of_status
        .filter(|address| addresses.contains(address))
        .collect()
}

/// Of the lists blocked, fup and active an address keeps the weightiest. How many it loses.
fn remove_list_overlaps(lists: &mut AddressLists<'_>, policy: &Policy) -> usize {
    let mut distinct: Vec<&str> = Vec::new();
    for list in policy.lists.exclusive() {
        if !distinct.contains(&list) {
            distinct.push(list);
        }
    }
    let mut kept = HashSet::new();
    let mut removed = BTreeSet::new();
    for list in distinct {
        let on_list: HashSet<Canonical<'_>> = lists
            .rows_on(list)
            .map(|entry| Canonical::of(&entry.address))
            .filter(|address| !address.is_empty())
            .collect();
        let lost = on_list.intersection(&kept);
        removed.extend(lost.map(|address| (address.to_string(), list)));
        kept.extend(on_list);
    }
    for (address, list) in &removed {
        lists.take_off(address, list);
    }
    removed.len()
}

/// An address in its usual spelling; other text as it is, trimmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Canonical<'text> {
    Address(IpAddr),
    Text(&'text str),
}

impl<'text> Canonical<'text> {
    fn of(text: &'text str) -> Self {
        let text = text.trim();
        text.parse()
            .map_or(Canonical::Text(text), Canonical::Address)
    }

    fn is_empty(self) -> bool {
        self == Canonical::Text("")
    }
}

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Canonical::Address(address) => address.fmt(formatter),
            Canonical::Text(text) => text.fmt(formatter),
        }
    }
}

fn canonical(text: &str) -> String {
    Canonical::of(text).to_string()
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// An uptime as this task reads it: it knows no weeks, so a host that has been there for a week
/// counts as one that has just come.
fn seconds(text: Option<&str>) -> i64 {
    let mut rest = text.unwrap_or_default().trim();
    let mut total: i64 = 0;
    for (unit, length) in [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)] {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        let Some(behind) = behind.strip_prefix(unit) else {
            continue;
        };
        let Ok(number) = number.parse::<i64>() else {
            return 0;
        };
        total = total.saturating_add(number.saturating_mul(length));
        rest = behind;
    }
    if rest.is_empty() { total } else { 0 }
}
