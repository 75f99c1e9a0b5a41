//! A menu of the router while a task works on it: what it was, and what it is by now.

use super::difference::{MenuDifference, changed_fields};
use super::state::{Fields, Row};

/// The rows of a menu. A row is named by its place, which stays; added rows come last, as on the
/// router.
pub(super) struct Table<'site, T> {
    before: &'site [Row<T>],
    /// What became of each row; behind the rows of before those that were added.
    now: Vec<Now>,
    written: Vec<T>,
}

#[derive(Clone, Copy)]
enum Now {
    AsBefore,
    /// Its place among what was written, in 32 bits, as the rows of all tables are counted.
    Written(u32),
    Gone,
}

impl<'site, T: Fields + Clone> Table<'site, T> {
    pub(super) fn new(rows: &'site [Row<T>]) -> Self {
        Table {
            before: rows,
            now: vec![Now::AsBefore; rows.len()],
            written: Vec::new(),
        }
    }

    /// The row at `place` as it is by now.
    pub(super) fn get(&self, place: usize) -> Option<&T> {
        match *self.now.get(place)? {
            Now::AsBefore => self.before.get(place).map(|row| &row.fields),
            Now::Written(at) => self.written.get(at as usize),
            Now::Gone => None,
        }
    }

    /// All rows as they are by now.
    pub(super) fn rows(&self) -> impl Iterator<Item = &T> {
        (0..self.now.len()).filter_map(|place| self.get(place))
    }

    pub(super) fn add(&mut self, fields: T) -> usize {
        self.now.push(Now::Written(self.written.len() as u32));
        self.written.push(fields);
        self.now.len() - 1
    }

    pub(super) fn write(&mut self, place: usize, change: impl FnOnce(&mut T)) {
        let fields = match self.now[place] {
            Now::Written(at) => &mut self.written[at as usize],
            Now::Gone => return,
            Now::AsBefore => {
                let at = self.written.len();
                self.now[place] = Now::Written(at as u32);
                self.written.push(self.before[place].fields.clone());
                &mut self.written[at]
            }
        };
        change(fields);
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.now[place] = Now::Gone;
    }

    /// The rows by now. Those that were added are given ids by `new_id`.
    pub(super) fn into_rows(self, mut new_id: impl FnMut() -> String) -> Vec<Row<T>> {
        let rows = (0..self.now.len()).filter_map(|place| {
            let fields = self.get(place)?.clone();
            let id = self.before.get(place).map(|row| row.id.clone());
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
        for (place, now) in self.now.iter().enumerate() {
            match (self.before.get(place), *now) {
                (_, Now::AsBefore) | (None, Now::Gone) => {}
                (Some(before), Now::Gone) => difference.removed.push(before.id.clone()),
                (Some(before), Now::Written(at)) => {
                    let fields = changed_fields(&before.fields, &self.written[at as usize]);
                    if !fields.is_empty() {
                        difference.changed.push((before.id.clone(), fields));
                    }
                }
                (None, Now::Written(at)) => {
                    difference.added.push(self.written[at as usize].clone())
                }
            }
        }
        difference
    }
}
