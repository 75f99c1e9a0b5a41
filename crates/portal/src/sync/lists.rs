//! The status lists: an address is put on one, leaves the others, and a user's stale rows go.

use std::collections::{HashMap, HashSet};

use super::difference::MenuDifference;
use super::policy::{ListNames, is_some_address};
use super::state::{ListEntry, Row};
use super::table::Table;
use crate::comment;

/// The address-lists, as they were when the run began and as they are by now.
pub(super) struct AddressLists<'site> {
    rows: &'site [Row<ListEntry>],
    table: Table<'site, ListEntry>,
    by_address: HashMap<String, Vec<usize>>,
    /// Status rows in managed lists by the user they named when the run began: by id and by local
    /// number. The sync prunes by what it read then.
    owned: HashMap<&'site str, Vec<usize>>,
}

/// A row as the sync wants it.
pub(super) struct WantedEntry<'run> {
    pub(super) list: &'run str,
    pub(super) address: &'run str,
    pub(super) comment: String,
    /// After which time the router is to take the row away; `None`: it keeps what it has.
    pub(super) timeout: Option<&'run str>,
}

impl<'site> AddressLists<'site> {
    pub(super) fn new(rows: &'site [Row<ListEntry>], lists: &ListNames) -> Self {
        let mut by_address: HashMap<String, Vec<usize>> = HashMap::new();
        let mut owned: HashMap<&str, Vec<usize>> = HashMap::new();
        let managed: HashSet<&str> = lists.managed().iter().map(String::as_str).collect();
        for (place, row) in rows.iter().enumerate() {
            let entry = &row.fields;
            let places = by_address.entry(entry.address.clone()).or_default();
            places.push(place);
            if !managed.contains(entry.list.as_str()) {
                continue;
            }
            for owner in comment::status_owners(entry.comment.as_deref().unwrap_or_default()) {
                owned.entry(owner).or_default().push(place);
            }
        }
        AddressLists {
            rows,
            table: Table::new(rows),
            by_address,
            owned,
        }
    }

    /// Puts the address on the list: a row whose comment says the same already stays as it is,
    /// disabled or with a time-out as it may be; another one gets the comment; else one is added.
    pub(super) fn put(&mut self, wanted: WantedEntry<'_>) {
        let place = self.places(wanted.address, wanted.list).first().copied();
        let entry = place.and_then(|place| self.table.get(place));
        let comment = entry.and_then(|entry| entry.comment.as_deref());
        if comment.is_none_or(|comment| !says_the_same(comment, &wanted.comment)) {
            self.write(wanted);
        }
    }

    /// Puts the address on the list with this very comment.
    pub(super) fn write(&mut self, wanted: WantedEntry<'_>) {
        let timeout = wanted.timeout.map(str::to_owned);
        if let Some(&place) = self.places(wanted.address, wanted.list).first() {
            self.table.write(place, |entry| {
                entry.comment = Some(wanted.comment);
                entry.timeout = timeout.or_else(|| entry.timeout.take());
            });
            return;
        }
        let place = self.table.add(ListEntry {
            list: wanted.list.to_owned(),
            address: wanted.address.to_owned(),
            comment: Some(wanted.comment),
            disabled: Some("false".to_owned()),
            timeout,
        });
        let places = self.by_address.entry(wanted.address.to_owned());
        places.or_default().push(place);
    }

    /// The rows of a list by now, in the router's order.
    pub(super) fn rows_on(&self, list: &str) -> impl Iterator<Item = &ListEntry> {
        let rows = self.table.rows();
        rows.filter(move |entry| entry.list == list)
    }

    /// Takes the address off the list, whoever wrote the row.
    pub(super) fn take_off(&mut self, address: &str, list: &str) {
        let Some(places) = self.by_address.get_mut(address) else {
            return;
        };
        let table = &mut self.table;
        places.retain(|place| {
            let is_on_it = table.get(*place).is_some_and(|entry| entry.list == list);
            if is_on_it {
                table.remove(*place);
            }
            !is_on_it
        });
    }

    /// Takes the status rows that name one of `owners` off the managed lists, but for those at the
    /// addresses to keep.
    pub(super) fn prune(&mut self, owners: [&str; 2], keep: &[String]) {
        let rows = self.rows;
        let owned = owners.into_iter().filter_map(|owner| self.owned.get(owner));
        let places: Vec<usize> = owned.flatten().copied().collect();
        for place in places {
            let entry = &rows[place].fields;
            let address = entry.address.trim();
            if is_some_address(address) && !keep.iter().any(|kept| kept == address) {
                self.take_off(&entry.address, &entry.list);
            }
        }
    }

    /// The rows by now; `new_id` names those that were added.
    pub(super) fn into_rows(self, new_id: impl FnMut() -> String) -> Vec<Row<ListEntry>> {
        self.table.into_rows(new_id)
    }

    pub(super) fn difference(self) -> MenuDifference<ListEntry> {
        self.table.difference()
    }

    /// The places of the rows of an address on a list, by now.
    fn places(&self, address: &str, list: &str) -> Vec<usize> {
        let places = self.by_address.get(address).into_iter().flatten();
        let is_on = |place: &&usize| {
            let entry = self.table.get(**place);
            entry.is_some_and(|entry| entry.list == list)
        };
        places.filter(is_on).copied().collect()
    }
}

/// Whether two comments agree in what the sync compares; date and time are not compared.
fn says_the_same(comment: &str, wanted: &str) -> bool {
    const COMPARED: [&str; 5] = ["status", "user", "uid", "role", "ip"];
    COMPARED
        .iter()
        .all(|key| comment::tag(comment, key) == comment::tag(wanted, key))
}
