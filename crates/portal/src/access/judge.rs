//! Judges all users, devices and rows of a site.

use std::borrow::Cow;
use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::coming::{ChangedBy, Coming, next_end_of_month_at, next_overdue_block_at};
use super::effect::Effect;
use super::foretold::Foretold;
use super::patch::Patch;
use super::report::{
    Access, Circumstances, DeviceAccess, ListRowAccess, Owner, StrangerAccess, UserAccess,
};
use super::treatment::{Acts, Decisive, Login, passage_after, rows, treatment};
use super::verdict::{
    Case, Debts, Maker, Person, of_another, of_nobody_there, rank, verdict, ways,
};
use super::view::View;
use super::wanted::{Refusal, Right, Wanted};
use super::whereabouts::Whereabouts;
use crate::address_range::AddressRange;
use crate::comment::Tokens;
use crate::mac;
use crate::owner::Owners;
use crate::phone::local_phone;
use crate::sync::bindings::mac_of;
use crate::sync::policy::Policy;
use crate::sync::{ColumnChange, Device, MenuDifference, Site, User, may_be_blocked_for_debts};
use crate::user_id::UserId;

/// The access of everybody on a site, of its strange devices and of the rows of its lists.
///
/// Linear in the rows and users, but for the addresses that many networks and ranges cover.
#[must_use]
pub fn access(site: &Site, circumstances: &Circumstances, foretold: &Foretold) -> Access {
    let policy = Policy::read(&site.settings);
    let judge = Judge::new(site, circumstances, foretold, &policy);
    Access {
        users: site.users.iter().map(|user| judge.user(user)).collect(),
        strangers: judge.strangers(),
        rows: judge.rows(),
    }
}

/// What is looked up for each user, made ready once.
struct Judge<'site> {
    site: &'site Site,
    circumstances: &'site Circumstances,
    foretold: &'site Foretold,
    policy: &'site Policy,
    view: View<'site>,
    /// What the tasks leave behind that change how devices are treated, the first to be asked first.
    tasks: Vec<(ChangedBy, Patch<'site>)>,
    owners: Owners,
    devices: HashMap<UserId, Vec<&'site Device>>,
    stored_macs: HashSet<Cow<'site, str>>,
    /// The MACs of devices that some user has allowed.
    authorized_macs: HashSet<Cow<'site, str>>,
    /// The MACs that are in no table, by whom a binding gives them to; nobody's as well.
    bound_macs: HashMap<Cow<'site, str>, Owner>,
    bound_to: HashMap<UserId, Vec<Cow<'site, str>>>,
    columns: HashMap<UserId, &'site [ColumnChange]>,
    synced: HashSet<UserId>,
    overdue: HashSet<UserId>,
}

impl<'site> Judge<'site> {
    fn new(
        site: &'site Site,
        circumstances: &'site Circumstances,
        foretold: &'site Foretold,
        policy: &'site Policy,
    ) -> Self {
        let view = View::new(site, policy);
        let mut owners = Owners::new();
        for (place, user) in site.users.iter().enumerate() {
            owners.add(place, Some(user.id), &user.phone_number);
        }
        let mut devices: HashMap<UserId, Vec<&Device>> = HashMap::new();
        for device in &site.devices {
            devices.entry(device.user_id).or_default().push(device);
        }
        let macs = site.devices.iter().map(|device| mac::compared(&device.mac));
        let authorized = site.devices.iter().filter(|device| device.is_authorized);
        let authorized = authorized.map(|device| mac::compared(&device.mac));
        let columns = foretold.usage_sync.users.iter();
        let mut judge = Judge {
            tasks: tasks(foretold, &view),
            stored_macs: macs.collect(),
            authorized_macs: authorized.collect(),
            bound_macs: HashMap::new(),
            bound_to: HashMap::new(),
            columns: columns
                .map(|(id, columns)| (*id, columns.as_slice()))
                .collect(),
            synced: foretold.usage_sync.looked_at.iter().copied().collect(),
            overdue: foretold
                .overdue_block
                .users
                .iter()
                .map(|(id, _)| *id)
                .collect(),
            site,
            circumstances,
            foretold,
            policy,
            view,
            owners,
            devices,
        };
        judge.bind();
        judge
    }

    /// Finds out whom bindings give the MACs to that are in no table.
    fn bind(&mut self) {
        for row in &self.site.router.bindings {
            let Some(mac) = mac_of(&row.fields) else {
                continue;
            };
            if self.stored_macs.contains(&mac) {
                continue;
            }
            let owner = self.owner(row.fields.comment.as_deref().unwrap_or_default());
            let known = self.bound_macs.entry(mac).or_insert(Owner::Nobody);
            if owner != Owner::Nobody {
                *known = owner;
            }
        }
        let mut bound: Vec<(&Cow<'site, str>, &Owner)> = self.bound_macs.iter().collect();
        bound.sort_unstable_by_key(|(mac, _)| *mac);
        for (mac, owner) in bound {
            if let Owner::User(id) = owner {
                self.bound_to.entry(*id).or_default().push(mac.clone());
            }
        }
    }

    fn owner(&self, comment: &str) -> Owner {
        let tokens = Tokens::read(comment);
        let user = self
            .owners
            .find(&tokens)
            .map(|place| &self.site.users[place]);
        let token = tokens.uid.or(tokens.user);
        match (user, token) {
            (Some(user), _) => Owner::User(user.id),
            (None, Some(token)) => Owner::Gone(token.to_owned()),
            (None, None) => Owner::Nobody,
        }
    }

    fn user(&self, user: &User) -> UserAccess {
        let after = self
            .columns
            .get(&user.id)
            .map(|columns| user.after(columns));
        let after = after.as_ref().unwrap_or(user);
        let is_synced = self.synced.contains(&user.id);
        let wanted = Wanted::of(after, self.policy, self.site.now, is_synced);
        let name = local_phone(&user.phone_number);
        let login = Login::of(&self.view, &name);
        let debts = Debts {
            automatic_mb: after.account().sync_debt().unwrap_or(0.0),
            manual_mb: self
                .circumstances
                .manual_debt_mb
                .get(&user.id)
                .copied()
                .unwrap_or(0),
            limit_mb: &self.policy.debt_limit_mb,
        };
        let coming = self.coming(user, after);
        let person = Person {
            wanted: wanted.as_ref(),
            is_blocked_now: user.is_blocked,
            debts: &debts,
            payment: self.circumstances.payments.get(&user.id),
            coming: &coming,
            login,
        };
        let stored = self.devices.get(&user.id).into_iter().flatten();
        let stored = stored.map(|device| {
            let mac = mac::compared(&device.mac);
            let at = self
                .view
                .whereabouts(&mac, device.address.as_deref(), self.policy);
            self.device(&person, at, true, device.is_authorized)
        });
        let bound = self.bound_to.get(&user.id).into_iter().flatten();
        let bound = bound.map(|mac| {
            let at = self.view.whereabouts(mac, None, self.policy);
            self.device(&person, at, false, false)
        });
        let devices: Vec<DeviceAccess> = stored.chain(bound).collect();
        let first = devices.iter().max_by_key(|device| rank(device));
        let verdict = first.map(|device| device.verdict.clone());
        UserAccess {
            id: user.id,
            automatic_debt_mb: debts.automatic_mb,
            manual_debt_mb: debts.manual_mb,
            hotspot_user: self.view.hotspot_user(&name).map(|row| row.id.clone()),
            is_login_shut: matches!(login, Login::Shut(_)),
            ways: ways(&person),
            verdict: verdict.unwrap_or_else(|| of_nobody_there(&person)),
            devices,
            coming,
            wanted,
        }
    }

    fn device(
        &self,
        person: &Person<'_, 'site>,
        at: Whereabouts,
        is_stored: bool,
        is_authorized: bool,
    ) -> DeviceAccess {
        let right = match person.wanted.map(Wanted::right) {
            Some(right) if is_authorized || matches!(right, Right::Nothing(_)) => Some(right),
            Some(_) => Some(Right::Nothing(Refusal::DeviceNotAllowed)),
            None => None,
        };
        let is_of_another = !is_authorized && self.authorized_macs.contains(at.mac.as_str());
        let mut device = self.judged(person, at, right, (is_stored, is_authorized));
        if is_of_another && device.verdict.effect == Effect::LetThrough {
            // It comes through by the right of the user who has allowed it.
            device.verdict = of_another();
        }
        device
    }

    fn judged(
        &self,
        person: &Person<'_, 'site>,
        at: Whereabouts,
        right: Option<Right>,
        (is_stored, is_authorized): (bool, bool),
    ) -> DeviceAccess {
        let rows = rows(&self.view, &at);
        let found = treatment(&self.view, &at, &rows, person.login);
        let changes = |tasks: &[&Patch<'site>]| {
            let after = passage_after(&self.view, tasks, &at, &rows, person.login);
            after.is_some_and(|after| after != found.passage)
        };
        let makers = found.makers.iter().map(|what| self.maker(*what));
        let makers: Vec<Maker<'_>> = makers.collect();
        let bindings = self.view.bindings(&at.mac);
        let case = Case {
            at: &at,
            passage: found.passage,
            changed_by: self.changed_by(&makers, changes),
            makers,
            right,
            doubted: &self.circumstances.doubted,
            sync: self.circumstances.sync,
            policy: self.policy,
            settings: &self.site.settings,
        };
        DeviceAccess {
            verdict: verdict(case, person),
            passage: found.passage,
            is_stored,
            is_authorized,
            is_online: at.is_online,
            rows: rows.iter().map(|row| row.id.to_owned()).collect(),
            bindings: bindings.iter().map(|row| row.id.clone()).collect(),
            addresses: at.addresses.iter().map(ToString::to_string).collect(),
            mac: at.mac,
        }
    }

    /// What makes that a device is treated as it is, with who takes it away.
    fn maker(&self, what: Decisive<'site>) -> Maker<'site> {
        let removes = |task: &Patch<'_>| match what {
            Decisive::Row(row) => task.removes_row(row.id),
            Decisive::Binding(row) => {
                let acts = Acts::of(&row.fields);
                let after = task.binding(&row.id, acts);
                after.is_none_or(|after| !after.is_in_force || after.kind != acts.kind)
            }
            Decisive::HotspotUser(_) | Decisive::NoHotspotUser | Decisive::Nothing => false,
        };
        let task = self.tasks.iter().find(|(_, task)| removes(task));
        let names_user = match what {
            Decisive::Binding(row) => {
                let comment = row.fields.comment.as_deref().unwrap_or_default();
                matches!(self.owner(comment), Owner::User(_))
            }
            _ => false,
        };
        Maker {
            what,
            ended_by: task.map_or(ChangedBy::Nobody, |(task, _)| *task),
            names_user,
        }
    }

    /// The task after which a device is treated otherwise: the first that `changes` it by itself; else, where
    /// each of several things has one that takes it away, the last of them.
    fn changed_by(
        &self,
        makers: &[Maker<'_>],
        changes: impl Fn(&[&Patch<'site>]) -> bool,
    ) -> Option<ChangedBy> {
        if let Some((task, _)) = self.tasks.iter().find(|(_, patch)| changes(&[patch])) {
            return Some(*task);
        }
        let mut makers = makers.iter();
        if makers.len() < 2 || makers.any(|maker| maker.ended_by == ChangedBy::Nobody) {
            return None;
        }
        let ((_, first), others) = self.tasks.split_first()?;
        let mut others = others.iter();
        let last = others.find(|(_, other)| changes(&[first, other]))?;
        Some(last.0)
    }

    /// What tasks will do to a user beside what the router shows already.
    fn coming(&self, user: &User, after: &User) -> Vec<Coming> {
        let mut coming = Vec::new();
        if !user.is_blocked && after.is_blocked {
            coming.push(Coming {
                by: ChangedBy::UsageSync,
                at: None,
            });
        }
        let settings = &self.site.settings;
        if self.overdue.contains(&user.id) {
            coming.push(Coming {
                by: ChangedBy::OverdueBlock,
                at: next_overdue_block_at(self.site.now, settings),
            });
        }
        let owes = self
            .circumstances
            .manual_debt_mb
            .get(&user.id)
            .is_some_and(|debt| *debt > 0);
        if owes && may_be_blocked_for_debts(user) {
            coming.push(Coming {
                by: ChangedBy::EndOfMonthBlock,
                at: next_end_of_month_at(self.site.now, &self.site.time_zone),
            });
        }
        coming
    }

    fn strangers(&self) -> Vec<StrangerAccess> {
        let hosts = self.site.router.hosts.iter();
        let hosts = hosts.map(|row| mac::compared(&row.fields.mac));
        let bound = self.bound_macs.keys().cloned();
        let mut macs: BTreeSet<Cow<'_, str>> = hosts.chain(bound).collect();
        macs.retain(|mac| !mac.is_empty() && !self.stored_macs.contains(mac));
        let nobody = Person::nobody();
        let strangers = macs.into_iter().filter_map(|mac| {
            let owner = self.bound_macs.get(&mac).cloned().unwrap_or(Owner::Nobody);
            let refusal = match &owner {
                Owner::User(_) => return None,
                Owner::Gone(_) => Refusal::UserGone,
                Owner::Nobody => Refusal::Nobody,
            };
            let at = self.view.whereabouts(&mac, None, self.policy);
            let right = Some(Right::Nothing(refusal));
            Some(StrangerAccess {
                device: self.judged(&nobody, at, right, (false, false)),
                owner,
            })
        });
        strangers.collect()
    }

    fn rows(&self) -> Vec<ListRowAccess> {
        let overdue = &self.foretold.overdue_block.address_list.removed;
        let overdue: HashSet<&str> = overdue.iter().map(String::as_str).collect();
        let rows = self.site.router.address_list.iter();
        let rows = rows.filter_map(|row| {
            let entry = &row.fields;
            let mut tasks = self.tasks.iter();
            let task = tasks.find(|(_, patch)| patch.removes_row(&row.id));
            let task = task.map(|(task, _)| *task);
            let is_overdue = || overdue.contains(row.id.as_str());
            let task = task.or_else(|| is_overdue().then_some(ChangedBy::OverdueBlock));
            let range = AddressRange::of_row(&entry.address);
            let wide = range.filter(|range| !range.is_single());
            Some(ListRowAccess {
                id: row.id.clone(),
                list: *self.view.kinds.get(&entry.list)?,
                owner: self.owner(entry.comment.as_deref().unwrap_or_default()),
                is_in_force: entry.disabled.as_deref() != Some("true"),
                is_wide: wide.is_some(),
                covers: wide.map_or(0, |range| self.view.lists.within(range)),
                removed_by: task.unwrap_or(ChangedBy::Nobody),
            })
        });
        // Nearly all rows are of the portal's lists: a vector that grows would take twice their room.
        let mut told = Vec::with_capacity(self.site.router.address_list.len());
        told.extend(rows);
        told
    }
}

/// What the tasks leave behind, the usage sync first: it comes most often.
fn tasks<'site>(foretold: &'site Foretold, view: &View<'site>) -> Vec<(ChangedBy, Patch<'site>)> {
    static NO_BINDINGS: MenuDifference<crate::sync::Binding> = MenuDifference {
        removed: Vec::new(),
        added: Vec::new(),
        changed: Vec::new(),
    };
    let (usage, unauthorized) = (&foretold.usage_sync, &foretold.unauthorized_sync);
    let mut tasks = vec![
        (
            ChangedBy::UsageSync,
            Patch::new(&usage.address_list, &usage.bindings, &view.kinds),
        ),
        (
            ChangedBy::UnauthorizedSync,
            Patch::new(&unauthorized.address_list, &NO_BINDINGS, &view.kinds),
        ),
    ];
    if let Some(guard) = &foretold.parity_guard {
        let patch = Patch::new(&guard.address_list, &guard.bindings, &view.kinds);
        tasks.push((ChangedBy::ParityGuard, patch));
    }
    tasks
}
