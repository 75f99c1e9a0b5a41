//! A menu of the router while a task works on it: what it was, and what it is by now.

use super::difference::{MenuDifference, changed_fields};
use super::state::{Fields, Row};

/// The rows of a menu. A row is named by its place, which stays; added rows come last, as on the
/// router.
pub(super) struct Table<'site, T> {
    slots: Vec<Slot<'site, T>>,
}

struct Slot<'site, T> {
    before: Option<&'site Row<T>>,
    now: Now<T>,
}

enum Now<T> {
    AsBefore,
    Written(T),
    Gone,
}

impl<'site, T: Fields + Clone> Table<'site, T> {
    pub(super) fn new(rows: &'site [Row<T>]) -> Self {
        let slot = |row| Slot {
            before: Some(row),
            now: Now::AsBefore,
        };
        Table {
            slots: rows.iter().map(slot).collect(),
        }
    }

    /// The row at `place` as it is by now.
    pub(super) fn get(&self, place: usize) -> Option<&T> {
        let slot = self.slots.get(place)?;
        match &slot.now {
            Now::AsBefore => slot.before.map(|row| &row.fields),
            Now::Written(fields) => Some(fields),
            Now::Gone => None,
        }
    }

    /// All rows as they are by now.
    pub(super) fn rows(&self) -> impl Iterator<Item = &T> {
        (0..self.slots.len()).filter_map(|place| self.get(place))
    }

    pub(super) fn add(&mut self, fields: T) -> usize {
        self.slots.push(Slot {
            before: None,
            now: Now::Written(fields),
        });
        self.slots.len() - 1
    }

    pub(super) fn write(&mut self, place: usize, change: impl FnOnce(&mut T)) {
        let Some(mut fields) = self.get(place).cloned() else {
            return;
        };
        change(&mut fields);
        self.slots[place].now = Now::Written(fields);
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.slots[place].now = Now::Gone;
    }

    /// The rows by now. Those that were added are given ids by `new_id`.
    pub(super) fn into_rows(self, mut new_id: impl FnMut() -> String) -> Vec<Row<T>> {
        let rows = self.slots.into_iter().filter_map(|slot| {
            let fields = match slot.now {
                Now::AsBefore => return slot.before.cloned(),
                Now::Written(fields) => fields,
                Now::Gone => return None,
            };
            let id = slot.before.map(|row| row.id.clone());
            Some(Row {
                id: id.unwrap_or_else(&mut new_id),
                fields,
            })
        });
        rows.collect()
    }

    /// What became of the menu.
    pub(super) fn difference(self) -> MenuDifference<T> {
        let mut difference = MenuDifference::default();
        for slot in self.slots {
            match (slot.before, slot.now) {
                (Some(before), Now::Gone) => difference.removed.push(before.id.clone()),
                (Some(before), Now::Written(now)) => {
                    let fields = changed_fields(&before.fields, &now);
                    if !fields.is_empty() {
                        difference.changed.push((before.id.clone(), fields));
                    }
                }
                (None, Now::Written(now)) => difference.added.push(now),
                (_, Now::AsBefore) | (None, Now::Gone) => {}
            }
        }
        difference
    }
}
