//! What a task changes, as data.

use foldhash::HashMap;

use super::state::{Binding, Fields, HotspotUser, Lease, ListEntry, Row};
use crate::user_id::UserId;

/// What the next usage sync does. The date and the time in comments that it writes stand as
/// `<date>` and `<time>`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NextSync {
    /// The users that it decides about, in its order. It passes over all others.
    pub looked_at: Vec<UserId>,
    /// For each of them the addresses at which it takes the user to be.
    pub addresses: Vec<(UserId, Vec<String>)>,
    /// The users for whom no such address could be listed, so that it tries by name.
    pub by_name: Vec<UserId>,
    /// Columns of `users`.
    pub users: Vec<(UserId, Vec<ColumnChange>)>,
    /// Columns of `user_devices`, by the id of the device.
    pub devices: Vec<(String, Vec<ColumnChange>)>,
    /// The Redis keys `quota:last_bytes:mac:*` that it writes, by MAC.
    pub byte_baselines: Vec<(String, i64)>,
    /// Devices that become a user's because a binding names the user.
    pub enrolled: Vec<Enrolled>,
    /// `/ip/firewall/address-list`.
    pub address_list: MenuDifference<ListEntry>,
    /// `/ip/hotspot/ip-binding`.
    pub bindings: MenuDifference<Binding>,
    /// `/ip/hotspot/user`.
    pub hotspot_users: MenuDifference<HotspotUser>,
    /// `/ip/dhcp-server/lease`.
    pub leases: MenuDifference<Lease>,
}

/// What becomes of a menu. A row that is removed and added again stands in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuDifference<T> {
    /// The ids of rows that go.
    pub removed: Vec<String>,
    /// Rows that come.
    pub added: Vec<T>,
    /// The fields that change, by the row's id.
    pub changed: Vec<(String, Vec<FieldChange>)>,
}

/// A field that gets another value; `None` is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The router's name for the field.
    pub field: &'static str,
    /// The value until now.
    pub before: Option<String>,
    /// The value from then on.
    pub after: Option<String>,
}

/// A column that gets another value.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnChange {
    /// The name of the column.
    pub column: &'static str,
    /// The value until now.
    pub before: ColumnValue,
    /// The value from then on.
    pub after: ColumnValue,
}

/// A value in the database.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValue {
    /// NULL.
    Null,
    /// A boolean.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A number with decimals.
    Decimal(f64),
    /// A text.
    Text(String),
}

/// A device that the sync gives to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The user.
    pub user_id: UserId,
    /// The MAC, in upper case.
    pub mac: String,
    /// The address the portal stores.
    pub address: Option<String>,
    /// Whether the device may be used at once.
    pub is_authorized: bool,
}

impl<T> Default for MenuDifference<T> {
    fn default() -> Self {
        MenuDifference {
            removed: Vec::new(),
            added: Vec::new(),
            changed: Vec::new(),
        }
    }
}

impl From<&Option<String>> for ColumnValue {
    fn from(text: &Option<String>) -> Self {
        text.clone().map_or(ColumnValue::Null, ColumnValue::Text)
    }
}

impl From<Option<i64>> for ColumnValue {
    fn from(number: Option<i64>) -> Self {
        number.map_or(ColumnValue::Null, ColumnValue::Whole)
    }
}

/// Adds the change of a column to `changes`, if it is one.
pub(super) fn note(
    changes: &mut Vec<ColumnChange>,
    column: &'static str,
    before: ColumnValue,
    after: ColumnValue,
) {
    if before != after {
        changes.push(ColumnChange {
            column,
            before,
            after,
        });
    }
}

/// What became of a menu whose rows were `before` and are `now`. Rows are the same by their ids.
pub(crate) fn between<T: Fields + Clone>(before: &[Row<T>], now: &[Row<T>]) -> MenuDifference<T> {
    let mut left: HashMap<&str, &T> = before
        .iter()
        .map(|row| (row.id.as_str(), &row.fields))
        .collect();
    let mut difference = MenuDifference::default();
    for row in now {
        match left.remove(row.id.as_str()) {
            None => difference.added.push(row.fields.clone()),
            Some(before) => {
                let fields = changed_fields(before, &row.fields);
                if !fields.is_empty() {
                    difference.changed.push((row.id.clone(), fields));
                }
            }
        }
    }
    let gone = before
        .iter()
        .filter(|row| left.contains_key(row.id.as_str()));
    difference.removed = gone.map(|row| row.id.clone()).collect();
    difference
}

/// The fields in which two forms of a row differ.
pub(crate) fn changed_fields<T: Fields>(before: &T, now: &T) -> Vec<FieldChange> {
    let pairs = before.fields().into_iter().zip(now.fields());
    pairs
        .filter(|((_, before), (_, now))| before != now)
        .map(|((field, before), (_, now))| FieldChange {
            field,
            before: before.map(str::to_owned),
            after: now.map(str::to_owned),
        })
        .collect()
}
