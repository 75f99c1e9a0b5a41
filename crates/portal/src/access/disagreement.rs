//! Where router, leases and database disagree: what must be nothing at all on a site that is well.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::effect::Effect;
use super::report::{Access, DeviceAccess, Owner};
use crate::comment::is_managed;
use crate::list_name::ListKind;
use crate::mac;
use crate::status::AccessStatus;
use crate::sync::bindings::mac_of;
use crate::sync::leases::tells_address;
use crate::sync::{ListEntry, Row, Site};

/// A thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What is amiss.
    pub kind: DisagreementKind,
    /// The router's id of the row or binding; for a device its MAC.
    pub subject: String,
    /// The address, where there is one.
    pub address: Option<String>,
    /// The MAC, where there is one.
    pub mac: Option<String>,
    /// Whose it is.
    pub owner: Owner,
}

/// What can be amiss, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisagreementKind {
    /// A device on the network that is let through without a right to it.
    OnlineWithoutRight,
    /// An address on a status list and among the unauthorised.
    StatusAndUnauthorized,
    /// An address on several status lists.
    SeveralStatusLists,
    /// An authorised device of a user with access, and no binding of its MAC.
    AuthorizedWithoutBinding,
    /// A row of the portal on a status list, at an address that no device with a binding has.
    StatusWithoutBinding,
    /// A binding with another address than the leases of its MAC.
    BindingLeaseDiffer,
}

impl DisagreementKind {
    /// All of them, the worst first.
    pub const ALL: [DisagreementKind; 6] = [
        DisagreementKind::OnlineWithoutRight,
        DisagreementKind::StatusAndUnauthorized,
        DisagreementKind::SeveralStatusLists,
        DisagreementKind::AuthorizedWithoutBinding,
        DisagreementKind::StatusWithoutBinding,
        DisagreementKind::BindingLeaseDiffer,
    ];

    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DisagreementKind::OnlineWithoutRight => "online_without_right",
            DisagreementKind::StatusAndUnauthorized => "status_and_unauthorized",
            DisagreementKind::SeveralStatusLists => "several_status_lists",
            DisagreementKind::AuthorizedWithoutBinding => "authorized_without_binding",
            DisagreementKind::StatusWithoutBinding => "status_without_binding",
            DisagreementKind::BindingLeaseDiffer => "binding_lease_differ",
        }
    }
}

/// Everything that is amiss on a site, the worst first. Rows that are disabled do nothing, and count
/// for nothing. `access` is the site's own.
#[must_use]
pub fn disagreements(site: &Site, access: &Access) -> Vec<Disagreement> {
    let contested = Contested::new(site, access);
    let mut found: Vec<Disagreement> = online_without_right(access).map(Into::into).collect();
    let rows = contested.status_and_unauthorized();
    found.extend(rows.map(|row| row.disagrees(DisagreementKind::StatusAndUnauthorized)));
    let rows = contested.several_status_lists();
    found.extend(rows.map(|row| row.disagrees(DisagreementKind::SeveralStatusLists)));
    found.extend(authorized_without_binding(access).map(Into::into));
    let mut rows: Vec<ListedRow<'_>> = status_without_binding(site, access).collect();
    rows.sort_by_key(|row| row.address);
    let rows = rows.into_iter();
    found.extend(rows.map(|row| row.disagrees(DisagreementKind::StatusWithoutBinding)));
    found.extend(binding_lease_differ(site));
    found
}

/// How many there are of each kind, for all kinds: nothing is kept of those that are counted.
#[must_use]
pub fn count(site: &Site, access: &Access) -> [(DisagreementKind, usize); 6] {
    let contested = Contested::new(site, access);
    DisagreementKind::ALL.map(|kind| {
        let number = match kind {
            DisagreementKind::OnlineWithoutRight => online_without_right(access).count(),
            DisagreementKind::StatusAndUnauthorized => contested.status_and_unauthorized().count(),
            DisagreementKind::SeveralStatusLists => contested.several_status_lists().count(),
            DisagreementKind::AuthorizedWithoutBinding => {
                authorized_without_binding(access).count()
            }
            DisagreementKind::StatusWithoutBinding => status_without_binding(site, access).count(),
            DisagreementKind::BindingLeaseDiffer => binding_lease_differ(site).len(),
        };
        (kind, number)
    })
}

/// A device that is not as it should be.
struct Amiss<'access> {
    kind: DisagreementKind,
    device: &'access DeviceAccess,
    owner: Owner,
}

impl From<Amiss<'_>> for Disagreement {
    fn from(amiss: Amiss<'_>) -> Self {
        Disagreement {
            kind: amiss.kind,
            subject: amiss.device.mac.clone(),
            address: amiss.device.addresses.first().cloned(),
            mac: Some(amiss.device.mac.clone()),
            owner: amiss.owner,
        }
    }
}

fn online_without_right(access: &Access) -> impl Iterator<Item = Amiss<'_>> {
    let is_amiss =
        |device: &DeviceAccess| device.is_online && device.verdict.effect == Effect::LetThrough;
    let amiss = |owner, device| Amiss {
        kind: DisagreementKind::OnlineWithoutRight,
        device,
        owner,
    };
    let own = access.users.iter().flat_map(move |user| {
        let devices = user.devices.iter().filter(move |device| is_amiss(device));
        devices.map(move |device| amiss(Owner::User(user.id), device))
    });
    let strange = access.strangers.iter();
    let strange = strange.filter(move |stranger| is_amiss(&stranger.device));
    own.chain(strange.map(move |stranger| amiss(stranger.owner.clone(), &stranger.device)))
}

fn authorized_without_binding(access: &Access) -> impl Iterator<Item = Amiss<'_>> {
    let admitted = access.users.iter().filter(|user| {
        let status = user.wanted.as_ref().map(|wanted| wanted.status);
        !matches!(
            status,
            None | Some(AccessStatus::Inactive | AccessStatus::Blocked | AccessStatus::Expired)
        )
    });
    admitted.flat_map(|user| {
        let devices = user.devices.iter();
        let unbound = devices.filter(|device| device.is_authorized && device.bindings.is_empty());
        unbound.map(|device| Amiss {
            kind: DisagreementKind::AuthorizedWithoutBinding,
            device,
            owner: Owner::User(user.id),
        })
    })
}

/// The bindings with an address of their own whose MAC has leases, and none for that address.
fn binding_lease_differ(site: &Site) -> Vec<Disagreement> {
    let mut leased: HashMap<Cow<'_, str>, BTreeSet<IpAddr>> = HashMap::new();
    let leases = site.router.leases.iter().map(|row| &row.fields);
    for lease in leases.filter(|lease| tells_address(lease)) {
        let mac = lease.mac.as_deref().unwrap_or_default();
        if let Some(address) = address(lease.address.as_deref()) {
            let addresses = leased.entry(mac::compared(mac)).or_default();
            addresses.insert(address);
        }
    }
    let bindings = site.router.bindings.iter();
    let found = bindings.filter_map(|row| {
        let mac = mac_of(&row.fields)?;
        let own = address(row.fields.address.as_deref())?;
        let leases = leased.get(&mac)?;
        let differs = !leases.contains(&own);
        differs.then(|| Disagreement {
            kind: DisagreementKind::BindingLeaseDiffer,
            subject: row.id.clone(),
            address: row.fields.address.clone(),
            mac: Some(mac.into_owned()),
            owner: Owner::Nobody,
        })
    });
    found.collect()
}

/// A row in force of one of the portal's lists.
#[derive(Clone, Copy)]
struct ListedRow<'site> {
    address: &'site str,
    kind: ListKind,
    row: &'site Row<ListEntry>,
    owner: &'site Owner,
}

/// The rows in force of the portal's lists, in the router's order, in which they were told as well.
fn listed<'site>(
    site: &'site Site,
    access: &'site Access,
) -> impl Iterator<Item = ListedRow<'site>> {
    let mut told = access.rows.iter().peekable();
    let rows = site.router.address_list.iter();
    let rows = rows.filter_map(move |row| Some((row, told.next_if(|told| told.id == row.id)?)));
    let in_force = rows.filter(|(_, told)| told.is_in_force);
    in_force.map(|(row, told)| ListedRow {
        address: row.fields.address.trim(),
        kind: told.list,
        row,
        owner: &told.owner,
    })
}

/// The rows of the addresses that are on several lists: those of an address stand together, in the
/// router's order.
struct Contested<'site>(Vec<ListedRow<'site>>);

impl<'site> Contested<'site> {
    fn new(site: &'site Site, access: &'site Access) -> Self {
        let first = listed(site, access).next().map(|row| row.kind);
        if listed(site, access).all(|row| Some(row.kind) == first) {
            return Contested(Vec::new());
        }
        let mut lists: HashMap<&str, (ListKind, bool)> = HashMap::new();
        for row in listed(site, access) {
            let (first, is_contested) = lists.entry(row.address).or_insert((row.kind, false));
            *is_contested |= *first != row.kind;
        }
        let rows = listed(site, access);
        let contested = rows.filter(|row| lists.get(row.address).is_some_and(|(_, is)| *is));
        let mut contested: Vec<ListedRow<'_>> = contested.collect();
        contested.sort_by_key(|row| row.address);
        Contested(contested)
    }

    fn by_address(&self) -> impl Iterator<Item = &[ListedRow<'site>]> {
        self.0.chunk_by(|one, other| one.address == other.address)
    }

    /// The rows among the unauthorised at addresses that are on a status list too.
    fn status_and_unauthorized(&self) -> impl Iterator<Item = ListedRow<'site>> {
        let rows = self.by_address().flatten().copied();
        rows.filter(|row| row.kind == ListKind::Unauthorized)
    }

    /// The first status row of each address with several.
    fn several_status_lists(&self) -> impl Iterator<Item = ListedRow<'site>> {
        self.by_address().filter_map(|rows| {
            let mut status = rows.iter().filter(|row| row.kind != ListKind::Unauthorized);
            let first = status.next()?;
            let is_alone = status.all(|row| row.kind == first.kind);
            (!is_alone).then_some(*first)
        })
    }
}

/// The portal's rows whose address is in no binding, and of no device with a binding by its host, its
/// lease or the database, in the router's order.
fn status_without_binding<'site>(
    site: &'site Site,
    access: &'site Access,
) -> impl Iterator<Item = ListedRow<'site>> {
    let bound = bound_addresses(site);
    listed(site, access).filter(move |listed| {
        let comment = listed.row.fields.comment.as_deref().unwrap_or_default();
        let is_bound = !bound.is_empty()
            && address(Some(listed.address)).is_some_and(|own| bound.contains(&own));
        listed.kind != ListKind::Unauthorized && is_managed(comment) && !is_bound
    })
}

impl ListedRow<'_> {
    fn disagrees(&self, kind: DisagreementKind) -> Disagreement {
        Disagreement {
            kind,
            subject: self.row.id.clone(),
            address: Some(self.row.fields.address.clone()),
            mac: None,
            owner: self.owner.clone(),
        }
    }
}

/// The addresses of bindings, and of all devices whose MAC has a binding.
fn bound_addresses(site: &Site) -> HashSet<IpAddr> {
    let router = &site.router;
    let bindings = router.bindings.iter();
    let macs: HashSet<Cow<'_, str>> = bindings
        .clone()
        .filter_map(|row| mac_of(&row.fields))
        .collect();
    let is_bound = |mac: &str| macs.contains(&mac::compared(mac));
    let of_bindings = bindings.map(|row| row.fields.address.as_deref());
    let hosts = router.hosts.iter().filter(|row| is_bound(&row.fields.mac));
    let of_hosts = hosts.flat_map(|row| {
        [
            row.fields.address.as_deref(),
            row.fields.to_address.as_deref(),
        ]
    });
    let leases = router.leases.iter();
    let leases = leases.filter(|row| is_bound(row.fields.mac.as_deref().unwrap_or_default()));
    let of_leases = leases.map(|row| row.fields.address.as_deref());
    let stored = site.devices.iter().filter(|device| is_bound(&device.mac));
    let of_devices = stored.map(|device| device.address.as_deref());
    let texts = of_bindings
        .chain(of_hosts)
        .chain(of_leases)
        .chain(of_devices);
    texts.filter_map(address).collect()
}

fn address(text: Option<&str>) -> Option<IpAddr> {
    let address: IpAddr = text?.trim().parse().ok()?;
    Some(address).filter(|address| !address.is_unspecified())
}
