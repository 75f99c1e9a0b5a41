//! What the portal's daily task does about debts past their due date, if it runs now.

use std::collections::HashMap;

use jiff::civil::Date;

use super::bindings::{Bindings, Repair};
use super::difference::{ColumnChange, ColumnValue, MenuDifference, note};
use super::hosts::Hosts;
use super::hotspot_users::HotspotUsers;
use super::lists::{AddressLists, WantedEntry};
use super::policy::Policy;
use super::state::{Binding, Device, HotspotUser, ListEntry, Site, User};
use crate::phone::local_phone;
use crate::target::StatusList;
use crate::user_id::UserId;

/// Who is blocked for a debt past its due date, and what that does on the router.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverdueBlock {
    /// Columns of `users`, for everybody who is blocked.
    pub users: Vec<(UserId, Vec<ColumnChange>)>,
    /// Those who get a new random password, on the router and in the database.
    pub new_passwords: Vec<UserId>,
    /// `/ip/firewall/address-list`.
    pub address_list: MenuDifference<ListEntry>,
    /// `/ip/hotspot/ip-binding`.
    pub bindings: MenuDifference<Binding>,
    /// `/ip/hotspot/user`.
    pub hotspot_users: MenuDifference<HotspotUser>,
}

/// What the overdue block does if it begins at `site.now`. It blocks active, approved, limited
/// users of role USER who are not blocked yet; nobody while it is switched off.
#[must_use]
pub fn next_overdue_block(site: &Site) -> OverdueBlock {
    let policy = Policy::read(&site.settings);
    if !policy.blocks_overdue {
        return OverdueBlock::default();
    }
    let today = site.now.to_zoned_datetime(site.time_zone.clone()).date();
    let overdue = overdue_by_user(site, today);
    let mut devices: HashMap<UserId, Vec<&Device>> = HashMap::new();
    for device in &site.devices {
        devices.entry(device.user_id).or_default().push(device);
    }
    let mut run = Run {
        hosts: Hosts::new(&site.router.hosts, &policy),
        bindings: Bindings::new(&site.router.bindings),
        lists: AddressLists::new(&site.router.address_list, &policy.lists),
        hotspot_users: HotspotUsers::new(&site.router),
        policy,
    };
    let mut result = OverdueBlock::default();
    for user in site.users.iter().filter(|user| may_be_blocked(user)) {
        let Some(debt) = overdue.get(&user.id) else {
            continue;
        };
        result.users.push((user.id, debt.columns(user, today)));
        let devices = devices.remove(&user.id).unwrap_or_default();
        if run.block(user, &devices) {
            result.new_passwords.push(user.id);
        }
    }
    OverdueBlock {
        address_list: run.lists.difference(),
        bindings: run.bindings.difference(),
        hotspot_users: run.hotspot_users.difference(),
        ..result
    }
}

/// The debts of a user that are past their due date.
struct Overdue {
    amount_mb: i64,
    earliest: Date,
}

impl Overdue {
    fn columns(&self, user: &User, today: Date) -> Vec<ColumnChange> {
        // What is paid of a debt is not subtracted.
        let reason = format!(
            "tunggakan_overdue|debt_mb={}|due={}|days_overdue={}",
            self.amount_mb,
            self.earliest,
            (today - self.earliest).get_days()
        );
        let mut columns = Vec::new();
        note(
            &mut columns,
            "is_blocked",
            ColumnValue::Truth(user.is_blocked),
            ColumnValue::Truth(true),
        );
        note(
            &mut columns,
            "blocked_reason",
            (&user.blocked_reason).into(),
            ColumnValue::Text(reason),
        );
        columns
    }
}

fn overdue_by_user(site: &Site, today: Date) -> HashMap<UserId, Overdue> {
    let mut overdue: HashMap<UserId, Overdue> = HashMap::new();
    for debt in site.debts.iter().filter(|debt| !debt.is_paid) {
        let Some(due) = debt.due.filter(|due| *due < today) else {
            continue;
        };
        let of_user = overdue.entry(debt.user_id).or_insert(Overdue {
            amount_mb: 0,
            earliest: due,
        });
        of_user.amount_mb = of_user.amount_mb.saturating_add(debt.amount_mb);
        of_user.earliest = of_user.earliest.min(due);
    }
    overdue
}

fn may_be_blocked(user: &User) -> bool {
    let is_admitted = user.is_active && user.is_approved;
    is_admitted && user.role == "USER" && !user.is_unlimited && !user.is_blocked
}

/// The router while the task works on it.
struct Run<'site> {
    policy: Policy,
    hosts: Hosts<'site>,
    bindings: Bindings<'site>,
    lists: AddressLists<'site>,
    hotspot_users: HotspotUsers<'site>,
}

impl Run<'_> {
    /// Shuts the user out on the router, with every device, authorised or not. Whether the hotspot
    /// user was written.
    fn block(&mut self, user: &User, devices: &[&Device]) -> bool {
        let name = local_phone(&user.phone_number);
        let tokens = format!("user={name}|uid={}", user.id);
        let is_shut = self.hotspot_users.shut(
            &name,
            &self.policy.profiles.blocked,
            user.server.as_deref().filter(|server| !server.is_empty()),
            &format!("blocked|quota-debt-overdue|user={name}"),
        );
        for device in devices {
            let mac = device.mac.trim().to_uppercase();
            if mac.is_empty() {
                continue;
            }
            // It names no server, so all bindings of the MAC become one.
            self.bindings.repair(Repair {
                mac: &mac,
                server: None,
                kind: self.policy.debt_block_binding,
                comment: format!("blocked|debt-overdue|{tokens}"),
                address: None,
            });
            let stored = device.address.as_deref().map(str::trim);
            let stored = stored.filter(|address| !address.is_empty());
            if let Some(address) = stored.or_else(|| self.hosts.address(&mac)) {
                self.lists.write(WantedEntry {
                    list: self.policy.lists.of(StatusList::Blocked),
                    address,
                    comment: format!("lpsaring|status=blocked|reason=debt-overdue|{tokens}"),
                    timeout: None,
                });
                for list in self.policy.lists.managed_but(StatusList::Blocked) {
                    self.lists.take_off(address, list);
                }
            }
        }
        is_shut
    }
}
