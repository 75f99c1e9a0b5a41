//! The order of a menu's rows, and the place in it of a row that was removed: before those that
//! followed it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use routeros_schema::Menu;
use serde::{Deserialize, Serialize};

use catalogue::Said;
use sentences::{OutcomePlaceLast, OutcomePlaceNotKnown, OutcomePlaceNotSure};

use super::fields::Fields;
use super::found::Found;
use super::identity::Remembered;
use super::menu;
use super::row::{Edit, RowWrite};
use super::row_name::RowName;
use super::together::Rows;

/// How many of the rows that follow one are remembered: the nearest may be gone when it comes back.
pub const REMEMBERED: usize = 3;

/// The rows that follow one in a menu whose order counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowedBy {
    /// When they had their ids.
    pub at: Timestamp,
    /// The rows, the nearest first; none where the row was the last one.
    pub rows: Vec<Follower>,
    /// Those that are there now, or will be; found when the change is judged.
    #[serde(skip)]
    pub now: Vec<Spot>,
    /// Several rows are like the nearest one, and nobody can say which it is.
    #[serde(skip)]
    pub is_doubtful: bool,
}

/// A row that follows another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follower {
    /// The id that it had, or that it is only planned.
    #[serde(rename = "id")]
    pub name: RowName,
    /// By what it is known under another id: its natural key, else what of it does not move by itself.
    pub row: Fields,
}

/// A row that a row comes before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// It is there, under this id.
    There(String),
    /// An earlier change adds it, or brings it back in place of the one that had this id.
    Back(RowName),
}

/// A row in the order of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InOrder {
    /// One that is there, by its id.
    There(String),
    /// One that an earlier change adds, by its number among these.
    Added(usize),
}

/// A menu's rows in their order.
#[derive(Clone, Default)]
pub struct Order {
    rows: BTreeMap<u64, InOrder>,
    places: HashMap<InOrder, u64>,
}

/// The places of rows that a run removed. It is asked for the last one first.
#[derive(Default)]
pub struct Places {
    /// For each row the nearest ones behind it that the run did not remove.
    staying: HashMap<(Rows, RowName), Vec<Follower>>,
}

impl FollowedBy {
    /// Finds the rows among those that are there, and those that are to come back.
    pub fn find(&mut self, menu: &Menu, found: &Found) {
        let nearest = self.rows.first();
        self.is_doubtful =
            nearest.is_some_and(|nearest| nearest.is_one_of_several(self.at, menu, found));
        let spots = self.rows.iter();
        let spots = spots.filter_map(|follower| follower.find(self.at, menu, found));
        self.now = spots.collect();
    }
}

impl FollowedBy {
    /// A place that a script gives by what it has just read: before these rows.
    pub fn just_read(rows: Vec<Follower>) -> Self {
        Self {
            at: Timestamp::MAX,
            rows,
            now: Vec::new(),
            is_doubtful: false,
        }
    }

    /// Notes when the rows of a place had their ids that was just read, and the row of one that was given by its
    /// id alone.
    pub fn remember(&mut self, menu: &Menu, found: &Found) {
        self.at = self.at.min(found.read_at());
        let Some(Spot::There(id)) = self.now.first() else {
            return;
        };
        let named = self.rows.iter_mut().find(|row| row.name.id() == Some(id));
        let named = named.filter(|named| named.row.is_empty());
        if let (Some(named), Some(row)) = (named, found.with_id(id)) {
            *named = Follower::of(menu, id, row);
        }
    }
}

impl Follower {
    pub fn of(menu: &Menu, id: &str, row: &Fields) -> Self {
        let is_known_by_key = menu::is_key_unique(menu) && menu::key_of(menu, row).is_some();
        let key = menu::key_fields(menu);
        let row = row.only(|name| match is_known_by_key {
            true => key.contains(&name),
            false => name != ".id" && !menu::is_moving(menu, name),
        });
        let name = id.into();
        Self { name, row }
    }

    /// Are several rows like it, of which its id does not say which one it is?
    fn is_one_of_several(&self, at: Timestamp, menu: &Menu, found: &Found) -> bool {
        if found.comes_back(&self.name) || found.has_ids_of(at) {
            return false;
        }
        let row = Remembered::Seen(self.row.clone());
        let like = found
            .all()
            .filter(|(id, now)| !id.is_empty() && row.has_content(menu, now));
        like.count() > 1
    }

    fn find(&self, at: Timestamp, menu: &Menu, found: &Found) -> Option<Spot> {
        if found.comes_back(&self.name) {
            return Some(Spot::Back(self.name.clone()));
        }
        let has_ids = found.has_ids_of(at);
        let there = |id: &str| Spot::There(id.to_owned());
        let known = self.name.id().filter(|_| has_ids);
        if let Some(id) = known.filter(|id| found.with_id(id).is_some()) {
            return Some(there(id));
        }
        let key = menu::key_of(menu, &self.row).filter(|_| menu::is_key_unique(menu));
        let row = Remembered::Seen(self.row.clone());
        let is_like = |(id, now): &(&str, &Fields)| !id.is_empty() && row.has_content(menu, now);
        let mut like: Box<dyn Iterator<Item = (&str, &Fields)>> = match &key {
            Some(key) => Box::new(found.with_key(key).filter(|(id, _)| !id.is_empty())),
            None if has_ids => return None,
            None => Box::new(found.all().filter(is_like)),
        };
        match (like.next(), like.next()) {
            (Some((id, _)), None) => Some(there(id)),
            _ => None,
        }
    }
}

/// How far places are apart at first, so that others find room between them.
const APART: u64 = 1 << 32;

impl Order {
    /// Is the place of no row known?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Puts a row behind all others.
    pub fn put_last(&mut self, row: InOrder) {
        self.lose(&row);
        let last = self.rows.last_key_value().map(|(last, _)| last + APART);
        self.put(row, last.unwrap_or(APART));
    }

    /// Puts a row before another one; where that has no place, or there is no room, its own is not known.
    pub fn put_before(&mut self, row: InOrder, other: &InOrder) {
        self.lose(&row);
        let Some(&end) = self.places.get(other) else {
            return;
        };
        let before = self.rows.range(..end).next_back();
        let start = before.map_or(0, |(place, _)| *place);
        if end - start > 1 {
            self.put(row, start + (end - start) / 2);
        }
    }

    /// Takes a row out.
    pub fn lose(&mut self, row: &InOrder) {
        if let Some(place) = self.places.remove(row) {
            self.rows.remove(&place);
        }
    }

    /// The rows behind this one; nothing where its place is not known.
    pub fn behind<'a>(
        &'a self,
        row: &InOrder,
    ) -> Option<impl Iterator<Item = &'a InOrder> + use<'a>> {
        let place = self.places.get(row)? + 1;
        Some(self.rows.range(place..).map(|(_, row)| row))
    }

    fn put(&mut self, row: InOrder, place: u64) {
        self.rows.insert(place, row.clone());
        self.places.insert(row, place);
    }
}

impl InOrder {
    /// The row with this id.
    pub fn there(id: &str) -> Self {
        Self::There(id.to_owned())
    }

    /// The id of a row that is there.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::There(id) => Some(id),
            Self::Added(_) => None,
        }
    }
}

impl Places {
    /// The place of the row that was removed from `rows`, where it had this id and was followed by these:
    /// before the rows that followed it, or before the nearest one that the run did not remove.
    pub fn of(&mut self, rows: &Rows, id: Option<&str>, followed_by: &FollowedBy) -> FollowedBy {
        let mut followed_by = followed_by.clone();
        let first = followed_by.rows.first();
        let removed = first.and_then(|first| self.staying.get(&(rows.clone(), first.name.clone())));
        let staying = removed.unwrap_or(&followed_by.rows).clone();
        for follower in &staying {
            if followed_by.rows.iter().all(|row| row.name != follower.name) {
                followed_by.rows.push(follower.clone());
            }
        }
        if let Some(id) = id {
            self.staying.insert((rows.clone(), id.into()), staying);
        }
        followed_by
    }
}

/// Notes the place of a row that is removed, or finds that of one that comes back.
pub fn place(change: &mut RowWrite, found: &Found) {
    match &mut change.edit {
        Edit::Remove {
            at, followed_by, ..
        } => *followed_by = at.id().and_then(|id| found.followed_by(id)),
        Edit::Add(added) => {
            if let Some(followed_by) = &mut added.followed_by {
                followed_by.find(&change.menu, found);
                followed_by.remember(&change.menu, found);
            }
        }
        Edit::Move { at, from, .. } => *from = at.id().and_then(|id| found.followed_by(id)),
        Edit::Set { .. } => {}
    }
}

/// Why a row of an ordered menu does not come back at its place; nothing where it does.
pub fn why_last(change: &RowWrite) -> Option<Said> {
    let added = change.added().filter(|added| added.replaces.is_some())?;
    if !menu::is_ordered(&change.menu) {
        return None;
    }
    match &added.followed_by {
        None => Some(OutcomePlaceNotKnown.into()),
        Some(FollowedBy {
            is_doubtful: true, ..
        }) => Some(OutcomePlaceNotSure.into()),
        Some(FollowedBy { rows, now, .. }) if now.is_empty() && !rows.is_empty() => {
            Some(OutcomePlaceLast.into())
        }
        Some(_) => None,
    }
}
