//! How the tasks that block for debts shut a user out on the router.

use super::bindings::{Bindings, Repair};
use super::difference::{ColumnChange, ColumnValue, MenuDifference, note};
use super::hotspot_users::HotspotUsers;
use super::lists::{AddressLists, WantedEntry};
use super::policy::Policy;
use super::prepared::Prepared;
use super::state::{Binding, HotspotUser, ListEntry, User};
use crate::mac;
use crate::phone::local_phone;
use crate::target::StatusList;
use crate::user_id::UserId;

/// Who is blocked for a debt, and what that does on the router.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DebtBlock {
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

/// The words by which the comments of a task tell of it.
pub(super) struct Words {
    /// Of a hotspot user.
    pub(super) hotspot_user: &'static str,
    /// Of a binding and of a row of the blocked list.
    pub(super) row: &'static str,
}

/// The router while a task shuts users out.
pub(super) struct ShuttingOut<'site> {
    prepared: &'site Prepared<'site>,
    policy: &'site Policy,
    words: Words,
    bindings: Bindings<'site>,
    lists: AddressLists<'site>,
    hotspot_users: HotspotUsers<'site>,
}

impl<'site> ShuttingOut<'site> {
    pub(super) fn begin(prepared: &'site Prepared<'site>, words: Words) -> Self {
        let router = prepared.router;
        ShuttingOut {
            words,
            bindings: Bindings::new(&router.bindings),
            lists: AddressLists::new(prepared.lists()),
            hotspot_users: HotspotUsers::new(router),
            policy: prepared.policy,
            prepared,
        }
    }

    /// Gives the hotspot user a profile and limits that let nobody in. False if the router lacks the
    /// profile.
    pub(super) fn shut_hotspot_user(&mut self, user: &User) -> bool {
        let name = local_phone(&user.phone_number);
        let word = self.words.hotspot_user;
        self.hotspot_users.shut(
            &name,
            &self.policy.profiles.blocked,
            user.server.as_deref().filter(|server| !server.is_empty()),
            &format!("blocked|{word}|user={name}"),
        )
    }

    /// Blocks every device of the user, authorised or not: its binding, and its address.
    pub(super) fn block_devices(&mut self, user: &User) {
        let name = local_phone(&user.phone_number);
        let (id, word) = (user.id, self.words.row);
        for device in self.prepared.devices(user.id) {
            let mac = mac::compared(&device.mac);
            if mac.is_empty() {
                continue;
            }
            // It names no server, so all bindings of the MAC become one.
            self.bindings.repair(Repair {
                mac: &mac,
                server: None,
                kind: self.policy.debt_block_binding,
                comment: format!("blocked|{word}|user={name}|uid={id}"),
                address: None,
            });
            let stored = device.address.as_deref().map(str::trim);
            let stored = stored.filter(|address| !address.is_empty());
            if let Some(address) = stored.or_else(|| self.prepared.hosts().address(&mac)) {
                self.lists.write(WantedEntry {
                    list: self.policy.lists.of(StatusList::Blocked),
                    address,
                    comment: format!("lpsaring|status=blocked|reason={word}|user={name}|uid={id}"),
                    timeout: None,
                });
                for list in self.policy.lists.managed_but(StatusList::Blocked) {
                    self.lists.take_off(address, list);
                }
            }
        }
    }

    /// What it comes to: `users` with these columns.
    pub(super) fn end(self, users: Vec<(UserId, Vec<ColumnChange>)>) -> DebtBlock {
        DebtBlock {
            users,
            new_passwords: Vec::new(),
            address_list: self.lists.difference(),
            bindings: self.bindings.difference(),
            hotspot_users: self.hotspot_users.difference(),
        }
    }
}

/// Whether the tasks that block for manual debts look at the user at all: active, approved, a limited
/// user of role USER who is not blocked yet.
#[must_use]
pub fn may_be_blocked_for_debts(user: &User) -> bool {
    let is_admitted = user.is_active && user.is_approved;
    is_admitted && user.role == "USER" && !user.is_unlimited && !user.is_blocked
}

/// The columns of a user who is blocked for `reason`.
pub(super) fn columns(user: &User, reason: String) -> Vec<ColumnChange> {
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
