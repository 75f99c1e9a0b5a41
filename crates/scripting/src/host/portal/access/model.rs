//! What was told of a site's access, with what its rows are looked up by.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::beside::Person;
use portal::access::{
    Access, ChangedBy, DeviceAccess, Disagreement, DisagreementKind, Foretold, Guarded, Owner,
    Payment, UserAccess,
};
use portal::list_name::{ListKind, ListName};
use portal::sync::{ListEntry, Site};
use portal::user_id::UserId;

/// A site and what was told of it.
pub struct Model {
    pub site: Site,
    pub access: Access,
    /// For each user one, in their order.
    pub people: Vec<Person>,
    pub payments: HashMap<UserId, Payment>,
    /// All devices: those of users, in their order, then those of nobody.
    pub devices: Vec<Place>,
    /// The places of users by their ids.
    users: HashMap<UserId, usize>,
    /// The places in the router of the rows that were told of.
    listed: Vec<u32>,
    /// The rows that were told of, in the order of their ids; made when one is looked for.
    by_id: OnceLock<Vec<u32>>,
    /// Made when they are first looked at: there may be one a row.
    disagreements: OnceLock<Vec<Disagreement>>,
    /// The devices over whose addresses a row lies, by the router's id of the row.
    at_row: HashMap<String, Vec<usize>>,
    /// The places of devices by their MACs; made when one is looked for.
    by_mac: OnceLock<HashMap<String, usize>>,
    /// The rows in force at the addresses of disagreements; made when one is looked for.
    in_dispute: OnceLock<HashMap<String, Vec<usize>>>,
    /// The bindings that the next usage sync takes away or writes, by the router's ids.
    synced_bindings: HashSet<String>,
    /// The MACs that it gives a binding.
    bound_by_sync: HashSet<String>,
    /// What the sync does can be told, because what it counted before is known.
    pub is_sync_told: bool,
    /// What a repair leaves to the portal.
    pub guarded: Guarded,
}

/// Where a device stands in what was told.
#[derive(Clone, Copy)]
pub enum Place {
    /// The device of a user.
    Own(usize, usize),
    /// Nobody's.
    Strange(usize),
}

impl Model {
    pub fn new(
        site: Site,
        access: Access,
        foretold: &Foretold,
        (people, payments): (Vec<Person>, HashMap<UserId, Payment>),
        (is_sync_told, guarded): (bool, Guarded),
    ) -> Self {
        let own = access.users.iter().enumerate().flat_map(|(user, told)| {
            (0..told.devices.len()).map(move |device| Place::Own(user, device))
        });
        let strange = (0..access.strangers.len()).map(Place::Strange);
        let users = access.users.iter().enumerate();
        let bindings = &foretold.usage_sync.bindings;
        let written = bindings.changed.iter().map(|(id, _)| id);
        let added = bindings.added.iter();
        let added = added.filter_map(|binding| binding.mac.as_deref());
        let mut model = Model {
            devices: own.chain(strange).collect(),
            users: users.map(|(place, user)| (user.id, place)).collect(),
            listed: places(&site, &access),
            by_id: OnceLock::new(),
            disagreements: OnceLock::new(),
            in_dispute: OnceLock::new(),
            synced_bindings: bindings.removed.iter().chain(written).cloned().collect(),
            bound_by_sync: added.map(|mac| mac.trim().to_uppercase()).collect(),
            at_row: HashMap::new(),
            by_mac: OnceLock::new(),
            site,
            access,
            people,
            payments,
            is_sync_told,
            guarded,
        };
        let mut at_row = HashMap::<String, Vec<usize>>::new();
        for (index, place) in model.devices.iter().enumerate() {
            for id in &model.device(*place).rows {
                at_row.entry(id.clone()).or_default().push(index);
            }
        }
        model.at_row = at_row;
        model
    }

    /// Everything that is amiss, the worst first.
    pub fn disagreements(&self) -> &[Disagreement] {
        self.disagreements
            .get_or_init(|| portal::access::disagreements(&self.site, &self.access))
    }

    pub fn device(&self, place: Place) -> &DeviceAccess {
        match place {
            Place::Own(user, device) => &self.access.users[user].devices[device],
            Place::Strange(stranger) => &self.access.strangers[stranger].device,
        }
    }

    /// The first device of a MAC.
    fn of_mac(&self, mac: &str) -> Option<&DeviceAccess> {
        let by_mac = self.by_mac.get_or_init(|| {
            let mut by_mac = HashMap::new();
            for (index, place) in self.devices.iter().enumerate() {
                let mac = self.device(*place).mac.clone();
                by_mac.entry(mac).or_insert(index);
            }
            by_mac
        });
        let index = by_mac.get(mac)?;
        Some(self.device(self.devices[*index]))
    }

    /// Whose a device is.
    pub fn owner(&self, place: Place) -> Owner {
        match place {
            Place::Own(user, _) => Owner::User(self.access.users[user].id),
            Place::Strange(stranger) => self.access.strangers[stranger].owner.clone(),
        }
    }

    /// The place of a user.
    pub fn user(&self, id: UserId) -> Option<usize> {
        self.users.get(&id).copied()
    }

    /// The devices over whose addresses a row in force lies.
    pub fn devices_at(&self, row: &str) -> impl Iterator<Item = Place> + '_ {
        let places = self.at_row.get(row).into_iter().flatten();
        places.map(|index| self.devices[*index])
    }

    /// A row of the portal's lists, by the router's id.
    pub fn entry_of(&self, row: &str) -> Option<&ListEntry> {
        Some(self.entry(self.told_of(row)?))
    }

    /// A row of the portal's lists, by its place in what was told.
    pub fn entry(&self, told: usize) -> &ListEntry {
        &self.site.router.address_list[self.listed[told] as usize].fields
    }

    /// The place of a row of the portal's lists in what was told.
    fn told_of(&self, row: &str) -> Option<usize> {
        let rows = &self.access.rows;
        let id = |told: &u32| rows[*told as usize].id.as_str();
        let by_id = self.by_id.get_or_init(|| {
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by(|one, other| id(one).cmp(id(other)));
            order
        });
        let found = by_id.partition_point(|told| id(told) < row);
        let found = by_id.get(found).filter(|told| id(told) == row)?;
        Some(*found as usize)
    }

    /// The rows in force at the address of a disagreement, by their places in the router.
    fn in_dispute(&self, address: &str) -> impl Iterator<Item = usize> {
        let places = self
            .in_dispute
            .get_or_init(|| in_dispute(&self.site, self.disagreements()));
        places.get(address.trim()).into_iter().flatten().copied()
    }

    /// The lists with a row in force at the address of a disagreement.
    pub fn lists_in_dispute(&self, address: &str) -> impl Iterator<Item = &str> {
        let places = self.in_dispute(address);
        places.map(|place| self.site.router.address_list[place].fields.list.as_str())
    }

    /// The users with an authorised device at the address of a row.
    pub fn users_at<'model>(
        &'model self,
        row: &'model str,
    ) -> impl Iterator<Item = &'model UserAccess> {
        self.devices_at(row).filter_map(|place| match place {
            Place::Own(user, _) if self.device(place).is_authorized => {
                Some(&self.access.users[user])
            }
            _ => None,
        })
    }

    /// Whether a row is on the list that the portal wants for those who are at its address: the one of
    /// a user with an authorised device there, and that of the unauthorised where there is none.
    pub fn is_right(&self, row: &str, list: ListKind) -> bool {
        let mut wanted = self.users_at(row).map(|user| user.wanted.as_ref());
        let mut wanted = wanted
            .by_ref()
            .flatten()
            .map(|wanted| wanted.list)
            .peekable();
        match wanted.peek() {
            None => list == ListKind::Unauthorized,
            Some(_) => wanted.any(|wanted| wanted == list),
        }
    }

    /// The name of a list.
    pub fn name_of(&self, list: ListKind) -> String {
        ListName::of(list, &self.site.settings).name
    }

    /// The task that takes a row away.
    fn removed_by(&self, row: &str) -> ChangedBy {
        let told = self.told_of(row);
        told.map_or(ChangedBy::Unknown, |told| self.access.rows[told].removed_by)
    }

    /// Who ends a disagreement.
    pub fn ended_by(&self, disagreement: &Disagreement) -> ChangedBy {
        let by_sync = |is_so: bool| match is_so {
            true => ChangedBy::UsageSync,
            false => ChangedBy::Nobody,
        };
        let subject = disagreement.subject.as_str();
        match disagreement.kind {
            DisagreementKind::OnlineWithoutRight => {
                let verdict = self.of_mac(subject).map(|device| &device.verdict);
                verdict.map_or(ChangedBy::Unknown, |verdict| verdict.changed_by)
            }
            DisagreementKind::AuthorizedWithoutBinding => {
                by_sync(self.bound_by_sync.contains(subject))
            }
            DisagreementKind::BindingLeaseDiffer => by_sync(self.synced_bindings.contains(subject)),
            // It ends when any of the rows goes.
            DisagreementKind::SeveralStatusLists => {
                let address = disagreement.address.as_deref().unwrap_or_default();
                let places = self.in_dispute(address);
                let ids = places.map(|place| self.site.router.address_list[place].id.as_str());
                let mut tasks = ids.map(|id| self.removed_by(id));
                let is_task = |task: &ChangedBy| *task != ChangedBy::Nobody;
                tasks.find(is_task).unwrap_or(ChangedBy::Nobody)
            }
            DisagreementKind::StatusAndUnauthorized | DisagreementKind::StatusWithoutBinding => {
                self.removed_by(subject)
            }
        }
    }
}

/// The places of the rows that were told of, which are in the router's order.
fn places(site: &Site, access: &Access) -> Vec<u32> {
    let mut told = access.rows.iter().peekable();
    let rows = site.router.address_list.iter().enumerate();
    let told = rows.filter(|(_, row)| told.next_if(|told| told.id == row.id).is_some());
    // Tables count their rows in 32 bits.
    told.map(|(place, _)| place as u32).collect()
}

fn in_dispute(site: &Site, disagreements: &[Disagreement]) -> HashMap<String, Vec<usize>> {
    let addresses = disagreements
        .iter()
        .filter_map(|each| each.address.as_deref());
    let addresses: HashSet<&str> = addresses.map(str::trim).collect();
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, row) in site.router.address_list.iter().enumerate() {
        let address = row.fields.address.trim();
        let is_in_force = row.fields.disabled.as_deref() != Some("true");
        if is_in_force && addresses.contains(address) {
            found.entry(address.to_owned()).or_default().push(place);
        }
    }
    found
}
