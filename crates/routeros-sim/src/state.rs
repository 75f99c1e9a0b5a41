//! The rows of all menus of a router.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::menu::{self, Shape};
use crate::{Id, Row};

/// Everything a simulated router holds: menus and their rows, in order.
///
/// As text it is a JSON object of menu paths, see [`State::from_json`]. Changes made here are
/// taken as they are: the router's own rules apply only to commands.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) menus: IndexMap<String, Table>,
}

/// The rows of one menu. A clone is a snapshot that costs nothing until either side changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Arc<Vec<Row>>,
    /// The number after the greatest id ever given: ids are not used again.
    next_id: u64,
}

impl State {
    /// A router without a single row.
    pub fn new() -> State {
        State::default()
    }

    /// The paths of the menus that were mentioned, in order.
    pub fn menus(&self) -> impl Iterator<Item = &str> {
        self.menus.keys().map(String::as_str)
    }

    /// The rows of `menu`, for example `/ip/arp`; none where the menu is unknown.
    pub fn rows(&self, menu: &str) -> &[Row] {
        self.menus.get(menu).map_or(&[], |table| &table.rows)
    }

    /// Appends a row to the list `menu` and returns the id it was given. A field `.id` is left out.
    pub fn add<'a>(
        &mut self,
        menu: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Id {
        let table = self.table(menu);
        let id = table.new_id();
        table.push(Row::new(Some(id), as_bytes(fields)));
        id
    }

    /// Gives the single row of a menu like `/system/identity` these fields, in place of all it had.
    pub fn put_single<'a>(
        &mut self,
        menu: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) {
        let row = Row::new(None, as_bytes(fields));
        self.table(menu).rows = Arc::new(vec![row]);
    }

    /// Gives a field of the row `id` a value, or takes it away. `false` if there is no such row.
    pub fn set(&mut self, menu: &str, id: Id, name: &str, value: Option<&[u8]>) -> bool {
        let table = self.table(menu);
        let Some(at) = table.position(id) else {
            return false;
        };
        let changed = table.rows[at].with(&[(name.as_bytes(), value)]);
        table.replace(at, changed);
        true
    }

    /// Takes the row `id` out of `menu` and returns it.
    pub fn remove(&mut self, menu: &str, id: Id) -> Option<Row> {
        let table = self.table(menu);
        let at = table.position(id)?;
        Some(table.remove(at))
    }

    /// The table of `menu`, made if there is none.
    pub(crate) fn table(&mut self, menu: &str) -> &mut Table {
        if !self.menus.contains_key(menu) {
            self.menus.insert(menu.to_owned(), Table::default());
        }
        &mut self.menus[menu]
    }

    /// Whether `menu` has a single row without an id, by the menu table or else by its row.
    pub(crate) fn is_single(&self, menu: &str) -> bool {
        match menu::find(menu) {
            Some(known) => known.shape == Shape::Single,
            None => self
                .rows(menu)
                .first()
                .is_some_and(|row| row.id().is_none()),
        }
    }
}

impl Table {
    /// An id that was never used in this menu.
    pub(crate) fn new_id(&mut self) -> Id {
        self.next_id = self.next_id.max(1);
        let id = Id(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }

    /// Where the row `id` stands.
    pub(crate) fn position(&self, id: Id) -> Option<usize> {
        // Ids mostly ascend, so that the first guess is right; moved rows are searched for.
        let guess = self.rows.binary_search_by_key(&Some(id), Row::id).ok();
        guess.or_else(|| self.rows.iter().position(|row| row.id() == Some(id)))
    }

    pub(crate) fn push(&mut self, row: Row) {
        self.insert(self.rows.len(), row);
    }

    pub(crate) fn insert(&mut self, at: usize, row: Row) {
        if let Some(Id(number)) = row.id() {
            self.next_id = self.next_id.max(number.saturating_add(1));
        }
        Arc::make_mut(&mut self.rows).insert(at, row);
    }

    pub(crate) fn replace(&mut self, at: usize, row: Row) {
        Arc::make_mut(&mut self.rows)[at] = row;
    }

    pub(crate) fn remove(&mut self, at: usize) -> Row {
        Arc::make_mut(&mut self.rows).remove(at)
    }
}

fn as_bytes<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    fields
        .into_iter()
        .map(|(name, value)| (name.as_bytes(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_are_never_used_again() {
        let mut state = State::new();
        let first = state.add("/log", [("message", &b"a"[..])]);
        let second = state.add("/log", [("message", &b"b"[..])]);
        assert_eq!((first, second), (Id(1), Id(2)));
        assert!(state.remove("/log", second).is_some());
        assert_eq!(state.add("/log", []), Id(3));
    }

    #[test]
    fn a_row_is_found_where_ids_do_not_ascend() {
        let mut table = Table::default();
        for id in [7, 3, 5, 1] {
            table.push(Row::new(Some(Id(id)), []));
        }
        for (at, id) in [7, 3, 5, 1].into_iter().enumerate() {
            assert_eq!(table.position(Id(id)), Some(at));
        }
        assert_eq!(table.position(Id(4)), None);
    }
}
