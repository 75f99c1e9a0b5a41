//! The status lists: an address is put on one, leaves the others, and a user's stale rows go.

use foldhash::{HashMap, HashMapExt};

use super::difference::MenuDifference;
use super::places::Places;
use super::policy::{ListNames, is_some_address};
use super::state::{ListEntry, Row};
use super::table::Table;
use crate::comment;

/// What the rows of the address-lists are looked up by: made once for a router, whatever tasks run on it.
pub(super) struct ListIndex<'site> {
    rows: &'site [Row<ListEntry>],
    by_address: Places<'site>,
    /// Status rows in managed lists by the user they name: by id and by local number.
    owned: Places<'site>,
}

impl<'site> ListIndex<'site> {
    pub(super) fn new(rows: &'site [Row<ListEntry>], lists: &ListNames) -> Self {
        let mut index = ListIndex {
            rows,
            by_address: Places::with_capacity(rows.len()),
            owned: Places::with_capacity(rows.len()),
        };
        let managed = lists.managed();
        for (place, row) in rows.iter().enumerate() {
            let entry = &row.fields;
            index.by_address.add(&entry.address, place);
            if managed.contains(&entry.list) {
                for owner in comment::status_owners(entry.comment.as_deref().unwrap_or_default()) {
                    index.owned.add(owner, place);
                }
            }
        }
        index
    }
}

/// The address-lists, as they were when the run began and as they are by now.
pub(super) struct AddressLists<'run> {
    /// The rows when the run began. The sync prunes by what it read then.
    found: &'run ListIndex<'run>,
    table: Table<'run, ListEntry>,
    /// The places of rows that were added, by address.
    added: HashMap<String, Vec<usize>>,
}

/// A row as the sync wants it.
pub(super) struct WantedEntry<'run> {
    pub(super) list: &'run str,
    pub(super) address: &'run str,
    pub(super) comment: String,
    /// After which time the router is to take the row away; `None`: it keeps what it has.
    pub(super) timeout: Option<&'run str>,
}

impl<'run> AddressLists<'run> {
    pub(super) fn new(found: &'run ListIndex<'run>) -> Self {
        AddressLists {
            table: Table::new(found.rows),
            added: HashMap::new(),
            found,
        }
    }

    /// Puts the address on the list: a row whose comment says the same already stays as it is,
    /// disabled or with a time-out as it may be; another one gets the comment; else one is added.
    pub(super) fn put(&mut self, wanted: WantedEntry<'_>) {
        let place = self.places(wanted.address, wanted.list).next();
        let entry = place.and_then(|place| self.table.get(place));
        let comment = entry.and_then(|entry| entry.comment.as_deref());
        if comment.is_none_or(|comment| !says_the_same(comment, &wanted.comment)) {
            self.write(wanted);
        }
    }

    /// Puts the address on the list with this very comment.
    pub(super) fn write(&mut self, wanted: WantedEntry<'_>) {
        let timeout = wanted.timeout.map(str::to_owned);
        let place = self.places(wanted.address, wanted.list).next();
        if let Some(place) = place {
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
        let places = self.added.entry(wanted.address.to_owned());
        places.or_default().push(place);
    }

    /// The rows of a list by now, in the router's order.
    pub(super) fn rows_on(&self, list: &str) -> impl Iterator<Item = &ListEntry> {
        let rows = self.table.rows();
        rows.filter(move |entry| entry.list == list)
    }

    /// Takes the address off the list, whoever wrote the row.
    pub(super) fn take_off(&mut self, address: &str, list: &str) {
        let found = self.found.by_address.of(address);
        let added = self.added.get(address).into_iter().flatten().copied();
        for place in found.chain(added) {
            let is_on_it = self
                .table
                .get(place)
                .is_some_and(|entry| entry.list == list);
            if is_on_it {
                self.table.remove(place);
            }
        }
    }

    /// Takes the status rows that name one of `owners` off the managed lists, but for those at the
    /// addresses to keep.
    pub(super) fn prune(&mut self, owners: [&str; 2], keep: &[String]) {
        let found = self.found;
        let [mut one, mut other] = owners.map(|owner| found.owned.of(owner).peekable());
        // Most rows name their user by both; they are looked at once.
        let owned = std::iter::from_fn(|| match (one.peek().copied(), other.peek().copied()) {
            (Some(first), Some(second)) if first == second => {
                other.next();
                one.next()
            }
            (Some(first), Some(second)) if second < first => other.next(),
            (None, _) => other.next(),
            _ => one.next(),
        });
        for place in owned {
            let entry = &found.rows[place].fields;
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
    fn places<'lists>(
        &'lists self,
        address: &str,
        list: &'lists str,
    ) -> impl Iterator<Item = usize> + 'lists {
        let found = self.found.by_address.of(address);
        let added = self.added.get(address).into_iter().flatten().copied();
        found.chain(added).filter(move |place| {
            let entry = self.table.get(*place);
            entry.is_some_and(|entry| entry.list == list)
        })
    }
}

/// Whether two comments agree in what the sync compares; date and time are not compared.
pub(crate) fn says_the_same(comment: &str, wanted: &str) -> bool {
    const COMPARED: [&str; 5] = ["status", "user", "uid", "role", "ip"];
    COMPARED
        .iter()
        .all(|key| comment::tag(comment, key) == comment::tag(wanted, key))
}
