//! A change of one row of a router's menu: added, set, removed, moved.

use catalogue::Said;
use jiff::Timestamp;
use routeros_schema::{Menu, RouterText};

use super::change::{Action, Change};
use super::ensure::Ensure;
use super::fields::{Fields, shown_of};
use super::identity::{Identity, Remembered};
use super::menu;
use super::order::FollowedBy;
use super::outcome::Difference;
use super::row_name::Handle;
use super::sameness::{added, unexpected};
use super::together::Rows;
use sentences::{EnsureByKey, EnsureLacksField, EnsureNoKey, EnsureNoTime};
use wording::bytes::shown;

/// A change of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowWrite {
    /// The router by its name, where it is not the site's first.
    pub router: Option<String>,
    /// The menu.
    pub menu: Menu,
    /// How the texts of that router are shown.
    pub router_text: RouterText,
    /// By what the row is found again where its id is another one's now; nothing for a change that
    /// a script makes by what it has just read.
    pub identity: Option<Identity>,
    /// What is done.
    pub edit: Edit,
}

/// What is done to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// It is added.
    Add(Added),
    /// Fields of it are set.
    Set {
        /// Which row it is.
        at: At,
        /// The whole row before, or as much of it as is known.
        before: Fields,
        /// The row after; the fields that are set, until it was looked at.
        after: Fields,
    },
    /// It is removed.
    Remove {
        /// Which row it is.
        at: At,
        /// The whole row before, or as much of it as is known.
        before: Fields,
        /// The rows that follow it in a menu whose order counts; nothing where its place is not known.
        followed_by: Option<FollowedBy>,
        /// How many other rows had all that it has, in a menu whose rows have no key.
        alike: usize,
    },
    /// It is moved within a menu whose order counts.
    Move {
        /// Which row it is.
        at: At,
        /// The whole row, or as much of it as is known.
        row: Fields,
        /// The rows that follow it; nothing where its place is not known.
        from: Option<FollowedBy>,
        /// The rows of which it is to come before the first that is there; none for the last place.
        to: FollowedBy,
    },
}

/// A row that is added.
#[derive(Clone, Debug, PartialEq)]
pub struct Added {
    /// The fields that are sent.
    pub row: Fields,
    /// The id of the removed row that this one stands for.
    pub replaces: Option<String>,
    /// The rows that it comes before, in a menu whose order counts; nothing where that is not known, or is the
    /// last place.
    pub followed_by: Option<FollowedBy>,
    /// How many rows had all that the removed one had, beside it: so many are there without it.
    pub alike: usize,
    /// By what other changes of its plan point at it, which has no id yet.
    pub handle: Option<Handle>,
    /// The row is to be so, whatever it is: when it is judged, other changes take the place of this one.
    pub ensure: Option<Ensure>,
}

/// Which of a menu's rows is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The one with this id.
    Id(String),
    /// The one row of a menu that has only one.
    Only,
    /// One whose id nobody knows, or that is another row's now.
    Unknown,
}

/// The place of the one row of a menu that has only one.
pub const ONLY: &str = "";

impl At {
    /// The row with this id; without one that of a menu that has only one.
    pub fn row(id: &str) -> Self {
        match id {
            "" => Self::Only,
            id => Self::Id(id.to_owned()),
        }
    }

    /// The row with this id, if it has one that is known.
    pub fn known(id: Option<String>) -> Self {
        id.filter(|id| !id.is_empty())
            .map_or(Self::Unknown, Self::Id)
    }

    /// The id, where there is one and it is known.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Only | Self::Unknown => None,
        }
    }

    /// Where the row is among those of its menu: its id, or [`ONLY`].
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Only => Some(ONLY),
            Self::Unknown => None,
        }
    }
}

impl Change {
    /// A row to add to `menu`.
    pub fn add(
        router: Option<String>,
        menu: &Menu,
        fields: Fields,
        reason: impl Into<Said>,
    ) -> Self {
        Self::of(
            RowWrite::new(router, menu, Edit::Add(Added::of(fields))),
            reason,
        )
    }

    /// A row of `menu` that is to be there, and to be so; a field without a value is to have none, and
    /// without a time the row is to last.
    ///
    /// # Errors
    /// Why nobody could find the row: for people.
    pub fn ensure(
        router: Option<String>,
        menu: &Menu,
        row: Fields,
        ensure: Ensure,
        reason: impl Into<Said>,
    ) -> Result<Self, Said> {
        if menu::key_of(menu, &row).is_none() {
            return Err(match menu::key_fields(menu) {
                [] => EnsureNoKey {
                    menu: menu.to_string(),
                }
                .into(),
                key => EnsureByKey {
                    menu: menu.to_string(),
                    fields: key.join(", "),
                }
                .into(),
            });
        }
        if let Some(name) = menu::lacking_key_field(menu, &row) {
            let menu = menu.to_string();
            return Err(EnsureLacksField { name, menu }.into());
        }
        let time = menu::time_left(menu).and_then(|name| row.get(name));
        let is_time = |time: &[u8]| time.is_empty() || menu::seconds(time).is_some();
        if let Some(time) = time.filter(|time| !is_time(time)) {
            let time = shown(time).into_owned();
            return Err(EnsureNoTime { time }.into());
        }
        let added = Added {
            ensure: Some(ensure),
            ..Added::of(row)
        };
        Ok(Self::of(
            RowWrite::new(router, menu, Edit::Add(added)),
            reason,
        ))
    }

    /// Fields of a row of `menu` to set; `seen` is the row, or as much of it as is known.
    pub fn set(
        router: Option<String>,
        menu: &Menu,
        at: At,
        (seen, fields): (Fields, Fields),
        reason: impl Into<Said>,
    ) -> Self {
        let edit = Edit::Set {
            at,
            before: seen,
            after: fields,
        };
        Self::of(RowWrite::new(router, menu, edit), reason)
    }

    /// A row of `menu` to remove; `seen` is the row, or as much of it as is known.
    pub fn remove(
        router: Option<String>,
        menu: &Menu,
        at: At,
        seen: Fields,
        reason: impl Into<Said>,
    ) -> Self {
        let edit = Edit::Remove {
            at,
            before: seen,
            followed_by: None,
            alike: 0,
        };
        Self::of(RowWrite::new(router, menu, edit), reason)
    }

    /// A row of `menu` to move before the first of the rows `to` that is there, without any to the end;
    /// `seen` is the row, or as much of it as is known.
    pub fn move_to(
        router: Option<String>,
        menu: &Menu,
        (at, seen): (At, Fields),
        to: FollowedBy,
        reason: impl Into<Said>,
    ) -> Self {
        let edit = Edit::Move {
            at,
            row: seen,
            from: None,
            to,
        };
        Self::of(RowWrite::new(router, menu, edit), reason)
    }
}

impl RowWrite {
    /// A change of a row that was just read.
    pub fn new(router: Option<String>, menu: &Menu, edit: Edit) -> Self {
        Self {
            router,
            menu: menu.clone(),
            router_text: RouterText::default(),
            identity: None,
            edit,
        }
    }

    /// What it does.
    pub fn action(&self) -> Action {
        match self.edit {
            Edit::Add(_) => Action::Add,
            Edit::Set { .. } => Action::Set,
            Edit::Remove { .. } => Action::Remove,
            Edit::Move { .. } => Action::Move,
        }
    }

    /// The menu of the router.
    pub fn rows(&self) -> Rows {
        (self.router.clone(), self.menu.clone())
    }

    /// Is it of this menu of this router?
    pub fn is_of(&self, (router, menu): &Rows) -> bool {
        self.menu == *menu && self.router == *router
    }

    /// Which row it is, of one that is there.
    pub fn at(&self) -> Option<&At> {
        match &self.edit {
            Edit::Add(_) => None,
            Edit::Set { at, .. } | Edit::Remove { at, .. } | Edit::Move { at, .. } => Some(at),
        }
    }

    /// Says which row it is, of one that is there.
    pub fn set_at(&mut self, now: At) {
        match &mut self.edit {
            Edit::Add(_) => {}
            Edit::Set { at, .. } | Edit::Remove { at, .. } | Edit::Move { at, .. } => *at = now,
        }
    }

    /// The id of the row, where there is one and it is known.
    pub fn id(&self) -> Option<&str> {
        self.at().and_then(At::id)
    }

    /// Where the row is among those of its menu: its id, or [`ONLY`]. Nothing for one that is added.
    pub fn place(&self) -> Option<&str> {
        self.at().and_then(At::place)
    }

    /// The row before.
    pub fn before(&self) -> Option<&Fields> {
        match &self.edit {
            Edit::Add(_) => None,
            Edit::Set { before, .. } | Edit::Remove { before, .. } => Some(before),
            Edit::Move { row, .. } => Some(row),
        }
    }

    /// The row after; of one that is added what is sent.
    pub fn after(&self) -> Option<&Fields> {
        match &self.edit {
            Edit::Add(added) => Some(&added.row),
            Edit::Set { after, .. } => Some(after),
            Edit::Remove { .. } => None,
            Edit::Move { row, .. } => Some(row),
        }
    }

    /// The row that it is about: as it was, or as it is to be.
    pub fn subject(&self) -> Option<&Fields> {
        self.before().or(self.after())
    }

    /// What is added.
    pub fn added(&self) -> Option<&Added> {
        match &self.edit {
            Edit::Add(added) => Some(added),
            _ => None,
        }
    }

    /// The id of the removed row that an added one stands for.
    pub fn replaces(&self) -> Option<&str> {
        self.added().and_then(|added| added.replaces.as_deref())
    }

    /// By what other changes of its plan point at a row that is added.
    pub fn handle(&self) -> Option<Handle> {
        self.added().and_then(|added| added.handle)
    }

    /// The rows that it comes before, or that follow it, as far as they are known.
    pub fn followed_by(&self) -> Option<&FollowedBy> {
        match &self.edit {
            Edit::Add(added) => added.followed_by.as_ref(),
            Edit::Remove { followed_by, .. } => followed_by.as_ref(),
            Edit::Move { to, .. } => Some(to),
            Edit::Set { .. } => None,
        }
    }

    /// The place that a script wants the row to have, where it says so.
    pub fn wanted_place(&self) -> Option<&FollowedBy> {
        match &self.edit {
            Edit::Add(added) if added.replaces.is_none() => added.followed_by.as_ref(),
            Edit::Move { to, .. } => Some(to),
            Edit::Add(_) | Edit::Set { .. } | Edit::Remove { .. } => None,
        }
    }

    /// The natural key of the row, for people who read a plan.
    pub fn key_fields(&self) -> Fields {
        let names = menu::key_fields(&self.menu);
        let row = self.subject();
        row.map(|row| row.only(|name| names.contains(&name)))
            .unwrap_or_default()
    }

    /// Makes of it what was asked for, to be looked at once more.
    pub fn send_again(&mut self) {
        if let Edit::Set { before, after, .. } = &mut self.edit {
            *after = menu::sent_fields(&self.menu, before, after).collect();
        }
    }

    /// Its row was seen whole, `at` that time.
    #[must_use]
    pub fn seen(mut self, at: Timestamp) -> Self {
        if let Some(before) = self.before() {
            let row = Remembered::Seen(before.clone());
            self.identity = Some(Identity { row, at });
        }
        self
    }

    /// How `now` differs from `expected`, as far as `expected` goes; see
    /// [`super::sameness::is_row_as_expected`].
    pub fn differences(&self, expected: &Fields, now: &Fields) -> Vec<Difference> {
        unexpected(&self.menu, expected, now)
            .map(|(name, value)| self.difference(name, Some(value), now.get(name)))
            .collect()
    }

    /// How two whole rows differ; see [`super::sameness::is_same_row`].
    pub fn row_differences(&self, before: &Fields, now: &Fields) -> Vec<Difference> {
        let mut found = self.differences(before, now);
        let added = added(&self.menu, before, now);
        found.extend(added.map(|(name, value)| self.difference(name, None, Some(value))));
        found
    }

    /// One field that is not as it was expected.
    pub fn difference(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        found: Option<&[u8]>,
    ) -> Difference {
        let text = |value: Option<&[u8]>| value.map(|value| self.shown(name, value).into());
        Difference {
            field: name.to_owned(),
            expected: text(expected),
            found: text(found),
        }
    }

    /// The value of one of its fields for people: a secret as `***`.
    pub fn shown(&self, name: &str, value: &[u8]) -> String {
        shown_of(&self.menu, name, value, self.router_text)
    }
}

impl Added {
    /// A new row with these fields.
    pub fn of(row: Fields) -> Self {
        Self {
            row,
            replaces: None,
            followed_by: None,
            alike: 0,
            handle: None,
            ensure: None,
        }
    }
}
