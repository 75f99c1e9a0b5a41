//! Changes of one row, of rows with one natural key, or of a group: what becomes of one decides on the
//! others.

use std::collections::HashMap;

use routeros_schema::Menu;

use super::change::{Change, Group};
use super::menu::{self, Key};
use super::row_name::RowName;

/// A menu of a router; the site's first router has no name here.
pub type Rows = (Option<String>, Menu);

/// What no two changes hold that can be made in any order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// A row by its name.
    Row(Rows, RowName),
    /// A natural key.
    Key(Rows, Key),
    /// A group of the script.
    Group(Group),
    /// A group of the plan that was shown, whose numbers are that plan's own.
    Shown(Group),
}

/// What a change holds: its group, its row, its row's key before and after it.
pub fn holds(change: &Change) -> Vec<Hold> {
    let group = change.group.iter().cloned().map(Hold::Group);
    let Some(row) = change.about() else {
        return group.collect();
    };
    let rows = row.rows();
    let place = row.place().map(RowName::from).into_iter();
    // Of a change that cannot be made only the fields may be known that were to be set.
    let after = row.after().map(|after| {
        let mut whole = row.before().cloned().unwrap_or_default();
        after
            .iter()
            .for_each(|(name, value)| whole.set(name, value));
        whole
    });
    let states = row.before().into_iter().chain(&after);
    let keys = states.filter_map(|state| menu::key_of(&row.menu, state));
    // A row that is only planned, by those that come before it.
    let next = row.followed_by().and_then(|place| place.rows.first());
    let next = next.map(|next| next.name.clone());
    let next = next.filter(|name| name.id().is_none());
    let handles = row.handle().map(RowName::Planned).into_iter().chain(next);
    group
        .chain(handles.map(|handle| Hold::Row(rows.clone(), handle)))
        .chain(place.map(|place| Hold::Row(rows.clone(), place)))
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
