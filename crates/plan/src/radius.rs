//! How much a run changes, held against what it may.

use std::collections::BTreeMap;

use catalogue::Said;
use routeros_schema::Menu;
use sentences::{
    ErrorTooManyChanges, ErrorTooMuchOfList, ErrorTooMuchPerhaps, ErrorTooMuchUncounted,
};
use thiserror::Error;

use super::change::Change;
use super::row::{At, Edit};

/// Changes that a run may make without being told a number.
const MOST: usize = 50;

/// Rows of which half says nothing about a list or a table.
const HANDFUL: u64 = 4;

/// More than a run may change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.said())]
pub enum TooMuch {
    /// More changes than a run may make unasked.
    Changes {
        /// How many, those already made included.
        changes: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// More than half of a list, or of a menu.
    OfList {
        /// The list.
        list: List,
        /// How many of its rows.
        of_list: usize,
        /// How many rows the run would change in all.
        changes: usize,
        /// How many rows the list has.
        size: u64,
    },
    /// More than half of a table.
    OfTable {
        /// The table.
        table: String,
        /// How many of its rows.
        of_table: usize,
        /// Are there perhaps fewer of these?
        is_most: bool,
        /// How many rows the run would change in all.
        changes: usize,
        /// How many rows the table has.
        size: u64,
    },
    /// Perhaps more than half of a table.
    OfUncounted {
        /// The table.
        table: String,
        /// How many of its rows.
        of_table: usize,
        /// How many rows the run would change in all.
        changes: usize,
    },
}

impl TooMuch {
    /// The number that `--max-changes` would have to be.
    pub fn wanted(&self) -> usize {
        match self {
            Self::Changes { changes, .. }
            | Self::OfList { changes, .. }
            | Self::OfTable { changes, .. }
            | Self::OfUncounted { changes, .. } => *changes,
        }
    }

    /// For people.
    pub fn said(&self) -> Said {
        match self {
            Self::Changes { changes, limit } => ErrorTooManyChanges {
                changes: *changes,
                limit: *limit,
            }
            .into(),
            Self::OfList {
                list,
                of_list: changed,
                size,
                ..
            } => {
                let (of, list) = match &list.list {
                    Some(list) => ("list", list.clone()),
                    None => ("menu", list.menu.to_string()),
                };
                let (changed, size) = (*changed, *size);
                ErrorTooMuchOfList {
                    of,
                    list,
                    changed,
                    size,
                }
                .into()
            }
            Self::OfTable {
                table,
                of_table: changed,
                is_most,
                size,
                ..
            } => {
                let (changed, size) = (*changed, *size);
                match is_most {
                    true => ErrorTooMuchPerhaps {
                        table,
                        changed,
                        size,
                    }
                    .into(),
                    false => ErrorTooMuchOfList {
                        of: "table",
                        list: table,
                        changed,
                        size,
                    }
                    .into(),
                }
            }
            Self::OfUncounted {
                table, of_table, ..
            } => ErrorTooMuchUncounted {
                table,
                changed: *of_table,
            }
            .into(),
        }
    }
}

/// What a run has changed so far, to be held against what it may.
#[derive(Clone, Debug, Default)]
pub struct Radius {
    changes: usize,
    lists: BTreeMap<List, (usize, u64)>,
    /// By their names in full.
    tables: BTreeMap<String, Table>,
}

/// What a run did to the rows that a table had before it.
#[derive(Clone, Debug)]
struct Table {
    /// The table, for people.
    name: String,
    /// How many were changed or removed.
    replaced: u64,
    /// Were there perhaps fewer?
    is_most: bool,
    /// How many there were, where somebody could count them.
    size: Option<u64>,
}

/// What a statement did to the rows that a table had before it.
#[derive(Clone, Debug)]
pub struct TouchedRows {
    /// The table's name in full.
    pub full_name: String,
    /// The table, for people.
    pub name: String,
    /// How many were changed or removed.
    pub replaced: u64,
    /// Were there perhaps fewer?
    pub is_most: bool,
    /// How many there were, where somebody could count them.
    pub size: Option<u64>,
}

/// What "half of a list" is half of: an address list, or a menu.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct List {
    /// The router, where it is not the first.
    pub router: Option<String>,
    /// The menu.
    pub menu: Menu,
    /// The address list in it.
    pub list: Option<String>,
}

impl List {
    /// The list whose row `change` sets or removes; a menu that has only one row is none.
    pub fn of(change: &Change) -> Option<Self> {
        let row = change.row()?;
        let before = match &row.edit {
            Edit::Set {
                at: At::Id(_),
                before,
                ..
            }
            | Edit::Remove { before, .. }
            | Edit::Move { row: before, .. } => before,
            Edit::Set { .. } | Edit::Add(_) => return None,
        };
        Some(Self {
            router: row.router.clone(),
            menu: row.menu.clone(),
            list: super::menu::list_of(before).map(str::to_owned),
        })
    }
}

impl Radius {
    /// Is the size of this list still to be counted?
    pub fn lacks(&self, list: &List) -> bool {
        !self.lists.contains_key(list)
    }

    /// Notes how many rows a list had before the run changed it.
    pub fn counted(&mut self, list: List, size: u64) {
        self.lists.entry(list).or_insert((0, size));
    }

    /// Adds changes that are to be made.
    pub fn add<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        for change in changes {
            self.changes += 1;
            if let Some((count, _)) = List::of(change).and_then(|list| self.lists.get_mut(&list)) {
                *count += 1;
            }
        }
    }

    /// Both together, of which this was changed before the other.
    #[must_use]
    pub fn and(mut self, later: &Self) -> Self {
        self.changes += later.changes;
        for (list, (count, size)) in &later.lists {
            self.lists.entry(list.clone()).or_insert((0, *size)).0 += count;
        }
        self
    }

    /// Takes changes out again that are not to be made after all.
    pub fn take_out<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        for change in changes {
            self.changes = self.changes.saturating_sub(1);
            if let Some((count, _)) = List::of(change).and_then(|list| self.lists.get_mut(&list)) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// How much `changes` are, of lists whose rows were counted here.
    pub fn of<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let counted = |(list, (_, size)): (&List, &(usize, u64))| (list.clone(), (0, *size));
        let mut radius = Self {
            lists: self.lists.iter().map(counted).collect(),
            ..Self::default()
        };
        radius.add(changes);
        radius
    }

    /// Puts the rows that a statement touched in the place of the one change it was counted as.
    pub fn touched(&mut self, rows: u64, tables: impl IntoIterator<Item = TouchedRows>) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.changes = self.changes.saturating_sub(1).saturating_add(rows);
        for its in tables {
            let table = self.tables.entry(its.full_name);
            let table = table.or_insert_with(|| Table {
                name: its.name,
                replaced: 0,
                is_most: false,
                size: its.size,
            });
            table.replaced = table.replaced.saturating_add(its.replaced);
            table.is_most |= its.is_most;
        }
    }

    /// Takes out the one change that a statement was counted as: it was rolled back.
    pub fn rolled_back(&mut self) {
        self.changes = self.changes.saturating_sub(1);
    }

    /// The number that `--max-changes` would have to be, where one is needed.
    pub fn wanted(&self) -> Option<usize> {
        self.check(None).err().map(|too_much| too_much.wanted())
    }

    /// Holds all changes so far against `--max-changes`, else against the limits of unattended runs.
    ///
    /// # Errors
    /// [`TooMuch`].
    pub fn check(&self, max_changes: Option<usize>) -> Result<(), TooMuch> {
        let changes = self.changes;
        let limit = max_changes.unwrap_or(MOST);
        if changes > limit {
            return Err(TooMuch::Changes { changes, limit });
        }
        if max_changes.is_some() {
            return Ok(());
        }
        let too_much =
            |(count, size): &(usize, u64)| *size > HANDFUL && 2 * (*count as u64) > *size;
        let of_list = self.lists.iter().find(|(_, counts)| too_much(counts));
        if let Some((list, (of_list, size))) = of_list {
            return Err(TooMuch::OfList {
                list: list.clone(),
                of_list: *of_list,
                changes,
                size: *size,
            });
        }
        self.tables
            .values()
            .try_for_each(|table| table.check(changes))
    }
}

impl Table {
    fn check(&self, changes: usize) -> Result<(), TooMuch> {
        // A row that was changed twice, or added before, counts as another one.
        let of_table = self.replaced.min(self.size.unwrap_or(u64::MAX));
        let of_table = usize::try_from(of_table).unwrap_or(usize::MAX);
        match self.size {
            Some(size) if size <= HANDFUL || self.replaced.saturating_mul(2) <= size => Ok(()),
            Some(size) => Err(TooMuch::OfTable {
                table: self.name.clone(),
                of_table,
                is_most: self.is_most,
                changes,
                size,
            }),
            None if self.replaced == 0 => Ok(()),
            None => Err(TooMuch::OfUncounted {
                table: self.name.clone(),
                of_table,
                changes,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Fields;

    #[test]
    fn more_than_fifty_changes_or_half_of_a_list_want_a_number() {
        let menu = "/ip/firewall/address-list".parse().unwrap();
        let row: Fields = [("list", "blocked")].into_iter().collect();
        let change = Change::remove(None, &menu, At::row("*1"), row, "");
        let list = List::of(&change).unwrap();
        let mut radius = Radius::default();
        radius.counted(list, 6);
        radius.add([&change, &change, &change]);
        assert!(radius.check(None).is_ok());
        radius.add([&change]);
        assert!(matches!(
            radius.check(None),
            Err(TooMuch::OfList {
                changes: 4,
                size: 6,
                ..
            })
        ));
        assert!(radius.check(Some(4)).is_ok());
        assert!(matches!(
            radius.check(Some(3)),
            Err(TooMuch::Changes { .. })
        ));
    }
}
