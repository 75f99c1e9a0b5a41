//! Changes of one row, of rows with one natural key, or of a group: what becomes of one decides on the
//! others.

use std::collections::HashMap;

use routeros_schema::Menu;

use super::menu::{self, Key};
use super::planned::{Change, Group};

/// A menu of a router; the site's first router has no name here.
pub type Rows = (Option<String>, Menu);

/// What no two changes hold that can be made in any order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// A row by its id.
    Row(Rows, String),
    /// A natural key.
    Key(Rows, Key),
    /// A group of the script.
    Group(Group),
    /// A group of the plan that was shown, whose numbers are that plan's own.
    Shown(Group),
}

impl Hold {
    /// What hangs together by it, for people.
    pub fn spoken(&self) -> &'static str {
        match self {
            Self::Row(..) | Self::Key(..) => "of the same row",
            Self::Group(_) | Self::Shown(_) => "of its group",
        }
    }
}

/// The menu that a change is of; nothing for a change of another service.
pub fn rows_of(change: &Change) -> Option<Rows> {
    let menu = change.target.menu()?.clone();
    Some((change.router.clone(), menu))
}

/// What a change holds: its group, its row, its row's key before and after it.
pub fn holds(change: &Change) -> Vec<Hold> {
    let group = change.group.iter().cloned().map(Hold::Group);
    let Some(rows) = rows_of(change) else {
        return group.collect();
    };
    let id = change.place().map(str::to_owned).into_iter();
    // Of a change that cannot be made only the fields may be known that were to be set.
    let after = change.after.as_ref().map(|after| {
        let mut row = change.before.clone().unwrap_or_default();
        after.iter().for_each(|(name, value)| row.set(name, value));
        row
    });
    let states = change.before.iter().chain(&after);
    let keys = states.filter_map(|row| menu::key_of(&change.target, row));
    group
        .chain(id.map(|id| Hold::Row(rows.clone(), id)))
        .chain(keys.map(|key| Hold::Key(rows.clone(), key)))
        .collect()
}

/// For each change the number of the first one that it hangs together with.
pub fn groups<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<usize> {
    groups_by(changes.map(holds))
}

/// The same of changes that hold these.
pub fn groups_by(holds: impl Iterator<Item = Vec<Hold>>) -> Vec<usize> {
    let mut first: Vec<usize> = Vec::new();
    let mut holders: HashMap<Hold, usize> = HashMap::new();
    for (index, holds) in holds.enumerate() {
        first.push(index);
        for hold in holds {
            let holder = *holders.entry(hold).or_insert(index);
            let (one, other) = (root(&mut first, holder), root(&mut first, index));
            first[one.max(other)] = one.min(other);
        }
    }
    (0..first.len())
        .map(|index| root(&mut first, index))
        .collect()
}

fn root(first: &mut [usize], mut index: usize) -> usize {
    while first[index] != index {
        first[index] = first[first[index]];
        index = first[index];
    }
    index
}
