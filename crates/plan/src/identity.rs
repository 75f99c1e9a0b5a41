//! Which row a change means. Ids are of a router's session: after a reboot they may be other rows'.

use jiff::Timestamp;
use routeros_schema::Menu;

use super::fields::Fields;
use super::found::Found;
use super::menu::{self, Key};
use super::row::{ONLY, RowWrite};
use super::sameness::{is_as_expected, is_same_row};

/// By what a row is the same one under another id, and when it had the id that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The row: its natural key says which one it is, or where that is not enough, its content.
    pub row: Remembered,
    /// When its id was its id.
    pub at: Timestamp,
}

/// A row as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub enum Remembered {
    /// The row as it was seen, whole.
    Seen(Fields),
    /// The row as a run left it.
    Left {
        /// The row.
        row: Fields,
        /// The fields that can be set, as the router names them; none where it names none.
        settable: Vec<String>,
        /// The row before, where nobody knows whether the change was made: it is one of both.
        or: Option<Fields>,
    },
    /// What was sent for a row that was added: the router gave it more fields.
    Sent(Fields),
}

/// The row that a change means, as it is now.
pub enum Located<'a> {
    /// It is there, under this id.
    At(&'a str, &'a Fields),
    /// It is not there, and nothing is in its place.
    Gone,
    /// The id is another row's now, and no row is the one that was meant.
    Other(&'a Fields),
    /// So many rows may be the one that was meant.
    Several(usize),
}

/// Finds the row that `change` means among those that were read again.
///
/// A key that only one row can have says which one it is. Of rows that may share theirs, or have
/// none, the id says it as long as the router has not started anew. After that only a content does
/// that one row has, and that no other change remembers of another row.
pub fn locate<'a>(change: &RowWrite, found: &'a Found) -> Located<'a> {
    let menu = &change.menu;
    if let (Some(ONLY), Some((_, row))) = (change.place(), found.under(ONLY)) {
        return Located::At(ONLY, row);
    }
    let at_id = change.id().and_then(|id| found.under(id));
    let Some(identity) = &change.identity else {
        return at_id.map_or(Located::Gone, |(id, row)| Located::At(id, row));
    };
    let nothing = || at_id.map_or(Located::Gone, |(_, other)| Located::Other(other));
    let known = &identity.row;
    let key = known.key(menu);
    let rows: Vec<(&str, &Fields)> = match &key {
        Some(key) => found.with_key(key).collect(),
        None => found.all().collect(),
    };
    // A row that is only planned has no id yet.
    let is_it = |(id, row): &&(&str, &Fields)| !id.is_empty() && known.is(menu, row);
    if key.is_some() && menu::is_key_unique(menu) && rows.iter().filter(is_it).count() < 2 {
        let row = rows.iter().find(is_it);
        return row.map_or_else(nothing, |(id, row)| Located::At(id, row));
    }
    if change.id().is_some() && found.has_ids_of(identity.at) {
        // One look, however many rows share the key.
        let has_id = |(id, _): &&(&str, &Fields)| at_id.is_some_and(|(there, _)| there == *id);
        let row = rows.iter().filter(has_id).find(is_it);
        return row.map_or_else(nothing, |(id, row)| Located::At(id, row));
    }
    let like: Vec<_> = rows
        .iter()
        .filter(is_it)
        .filter(|(_, row)| known.has_content(menu, row))
        .collect();
    let meant = 1 + found.others_like(change, known);
    match like.as_slice() {
        [] => nothing(),
        [(id, row)] if meant == 1 && known.is_whole(menu) => Located::At(id, row),
        several => Located::Several(several.len().max(meant)),
    }
}

impl Remembered {
    /// The row as it was seen, left or sent.
    pub fn row(&self) -> &Fields {
        let (Self::Seen(row) | Self::Left { row, .. } | Self::Sent(row)) = self;
        row
    }

    /// The whole natural key, where it is known.
    pub fn key(&self, menu: &Menu) -> Option<Key> {
        let fields = menu::key_fields(menu);
        match self {
            Self::Seen(row) | Self::Left { row, .. } => menu::key_of(menu, row),
            // What was not sent and has no default may have become something that is not empty.
            Self::Sent(row) => {
                let is_sure =
                    |name: &&str| row.get(name).is_some() || menu::has_default(menu, name);
                let key = menu::key_of(menu, row);
                key.filter(|_| fields.iter().all(is_sure))
            }
        }
    }

    /// Is enough known of the row to tell it from all others? What was sent for a row without a key
    /// could have become more than one.
    fn is_whole(&self, menu: &Menu) -> bool {
        match self {
            Self::Seen(_) | Self::Left { .. } => true,
            Self::Sent(row) => menu::key_of(menu, row).is_some(),
        }
    }

    /// The same of the row before, where nobody knows whether the change was made.
    fn before(&self) -> Option<Self> {
        let Self::Left { settable, or, .. } = self else {
            return None;
        };
        Some(Self::Left {
            row: or.clone()?,
            settable: settable.clone(),
            or: None,
        })
    }

    /// Is `now` this row?
    pub fn is(&self, menu: &Menu, now: &Fields) -> bool {
        let was = self.before();
        was.is_some_and(|was| was.is_this(menu, now)) || self.is_this(menu, now)
    }

    fn is_this(&self, menu: &Menu, now: &Fields) -> bool {
        match (self, self.key(menu)) {
            (_, Some(key)) => menu::key_of(menu, now) == Some(key),
            (Self::Sent(row), None) if menu::key_of(menu, row).is_some() => {
                let known = menu::key_fields(menu).iter();
                let mut known = known.filter_map(|name| Some((*name, row.get(name)?)));
                known.all(|(name, value)| menu::is_same(menu, name, Some(value), now.get(name)))
            }
            (_, None) => self.has_content(menu, now),
        }
    }

    /// Has `now` the content of this row?
    pub fn has_content(&self, menu: &Menu, now: &Fields) -> bool {
        let other_than_id = |row: &Fields| row.only(|name| name != ".id");
        match self {
            Self::Seen(row) => is_same_row(menu, &other_than_id(row), &other_than_id(now)),
            Self::Left { row, settable, or } => {
                let counts = |name: &str| menu::is_settable(menu, name, settable);
                let is_like =
                    |row: &Fields| is_same_row(menu, &row.only(counts), &now.only(counts));
                is_like(row) || or.as_ref().is_some_and(is_like)
            }
            Self::Sent(row) => row.iter().all(|(name, value)| {
                is_as_expected(menu, name, value, now.get(name))
                    || now
                        .get(name)
                        .is_some_and(|now| menu::is_made_of(menu, name, value, now))
            }),
        }
    }
}
