//! The rows that changes are about, as they were read, and as changes before make them.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use routeros_proto::{Query, RowRef};
use routeros_schema::Menu;

use super::fields::Fields;
use super::identity::Remembered;
use super::menu::{self, Key};
use super::order::{FollowedBy, Follower, InOrder, Order, REMEMBERED, Spot};
use super::row::{Edit, ONLY, RowWrite};
use super::row_name::RowName;

/// Which rows of a menu are wanted.
#[derive(Default)]
pub struct Wanted {
    /// By id.
    pub ids: HashSet<String>,
    /// By natural key, see [`menu::key_of`].
    pub keys: HashSet<Key>,
    /// The values of the key fields in other words, for routers that keep them so.
    spellings: HashSet<Key>,
    /// All of them: some can only be known by their content.
    pub all: bool,
}

impl Wanted {
    /// Also the rows with the natural key of `row`.
    pub fn like(&mut self, menu: &Menu, row: &Fields) {
        let Some(key) = menu::key_of(menu, row) else {
            return;
        };
        let names = menu::key_fields(menu).iter();
        let spelled = |(name, value): (&&str, &Vec<u8>)| match value.is_empty() {
            true => Vec::new(),
            false => row.get(name).unwrap_or_default().to_vec(),
        };
        let spelling: Key = names.zip(&key).map(spelled).collect();
        if spelling != key {
            self.spellings.insert(spelling);
        }
        self.keys.insert(key);
    }

    /// How many rows are wanted by id or key.
    pub fn count(&self) -> usize {
        self.ids.len() + self.keys.len()
    }

    /// What asks the router for those that are wanted by id or key.
    pub fn query(&self, menu: &Menu) -> Option<Query> {
        let by_id = self.ids.iter().map(|id| Query::equal(".id", id));
        let by_key = self.keys.iter().chain(&self.spellings).filter_map(|key| {
            let fields = menu::key_fields(menu).iter().zip(key);
            fields
                .map(
                    |(name, value)| match (value.is_empty(), menu::absent(menu, name)) {
                        (true, None) => Query::absent(name),
                        (true, Some(default)) => {
                            Query::absent(name).or(Query::equal(name, default))
                        }
                        (false, _) => Query::equal(name, value),
                    },
                )
                .reduce(Query::and)
        });
        by_id.chain(by_key).reduce(Query::or)
    }
}

/// Rows as they are now.
#[derive(Clone)]
pub struct Found {
    menu: Menu,
    /// When they were asked for.
    read: Timestamp,
    /// Those that are there, by their ids.
    rows: HashMap<String, Fields>,
    /// Those that earlier changes add, which have no id yet.
    added: Vec<Fields>,
    by_key: HashMap<Key, Vec<InOrder>>,
    /// The order of the rows, where it counts and all of them were read.
    order: Order,
    /// The ids that rows had which earlier changes bring back, and the handles of those that they add.
    coming_back: HashSet<RowName>,
    /// Rows that an earlier change removes.
    to_go: HashSet<String>,
    /// Since when rows have their ids: ids from before are other rows' now.
    ids_since: Timestamp,
    /// What the changes remember of their rows, by the ids that these had.
    remembered: Vec<(String, Remembered)>,
    /// The ids of rows that changes would bring back, where these are the ids of now.
    returning: HashSet<String>,
    /// The rows that changes make other ones, as they were read.
    read_as: HashMap<String, Fields>,
    /// What the rows had that changes would bring back, and how many others had the same beside each.
    beside: Vec<(Remembered, usize)>,
    /// How many rows each list has, where all rows of the menu were seen.
    sizes: Option<HashMap<Vec<u8>, u64>>,
}

impl Found {
    /// None of the rows of `menu` so far, which are being read.
    pub fn new(menu: &Menu) -> Self {
        Self {
            menu: menu.clone(),
            read: Timestamp::now(),
            ids_since: Timestamp::MAX,
            rows: HashMap::new(),
            added: Vec::new(),
            by_key: HashMap::new(),
            order: Order::default(),
            coming_back: HashSet::new(),
            to_go: HashSet::new(),
            remembered: Vec::new(),
            returning: HashSet::new(),
            read_as: HashMap::new(),
            beside: Vec::new(),
            sizes: None,
        }
    }

    /// All rows of the menu are to be seen, whatever is kept of them.
    pub fn see_all(&mut self) {
        self.sizes = Some(HashMap::new());
    }

    /// How many rows the menu has, or an address list of this name in it, where all rows were seen.
    pub fn size(&self, list: Option<&str>) -> Option<u64> {
        let sizes = self.sizes.as_ref()?;
        Some(match list {
            None => sizes.values().sum(),
            Some(list) => sizes.get(list.as_bytes()).copied().unwrap_or(0),
        })
    }

    /// Notes what `changes` remember of their rows, and since when these have the ids that they have.
    pub fn held_against<'a>(
        &mut self,
        changes: impl Iterator<Item = &'a RowWrite>,
        ids_since: Timestamp,
    ) {
        let changes: Vec<&RowWrite> = changes.collect();
        self.ids_since = ids_since;
        let returning = |change: &&RowWrite| {
            let at = change.identity.as_ref()?.at;
            let replaced = change.replaces().map(str::to_owned);
            replaced.filter(|_| self.has_ids_of(at))
        };
        self.returning = changes.iter().filter_map(returning).collect();
        let beside = |change: &&RowWrite| {
            let row = change.identity.as_ref()?.row.clone();
            let added = change.added().filter(|added| added.replaces.is_some())?;
            Some((row, added.alike))
        };
        self.beside = changes.iter().filter_map(beside).collect();
        let remembered = |change: &&RowWrite| {
            let row = change.identity.as_ref()?.row.clone();
            Some((change.id()?.to_owned(), row))
        };
        self.remembered = changes.iter().filter_map(remembered).collect();
    }

    /// When the rows were asked for.
    pub fn read_at(&self) -> Timestamp {
        self.read
    }

    /// Do the rows have the ids that they had `at` that time?
    pub fn has_ids_of(&self, at: Timestamp) -> bool {
        self.ids_since <= at
    }

    /// How many other rows than that of `change` are remembered as like `row`.
    pub fn others_like(&self, change: &RowWrite, row: &Remembered) -> usize {
        let is_other = |id: &&String| Some(id.as_str()) != change.id();
        let like = self.remembered.iter();
        let like = like.filter(|(_, other)| row.has_content(&self.menu, other.row()));
        let ids: HashSet<&String> = like.map(|(id, _)| id).filter(is_other).collect();
        ids.len()
    }

    /// How many rows that have all that `row` has stayed beside all of those that changes would bring back.
    pub fn stayed_beside(&self, row: &Remembered) -> usize {
        let like = self.beside.iter();
        let like = like.filter(|(other, _)| row.has_content(&self.menu, other.row()));
        like.map(|(_, alike)| *alike).min().unwrap_or(0)
    }

    /// How many other rows have all that `row` has, the one with this id, where rows may share a key
    /// or have none, as far as they were read.
    pub fn alike(&self, id: &str, row: &Fields) -> usize {
        let rows: Vec<(&str, &Fields)> = match menu::key_of(&self.menu, row) {
            Some(_) if !menu::is_key_shared(&self.menu) => return 0,
            Some(key) => self.with_key(&key).collect(),
            None => self.all().collect(),
        };
        let row = Remembered::Seen(row.clone());
        let others = rows
            .into_iter()
            .filter(|(other, _)| !other.is_empty() && *other != id);
        let alike = others.filter(|(_, other)| row.has_content(&self.menu, other));
        alike.count()
    }

    /// The rows that are there, and that no other change stands for than the one that brings back the row
    /// that had the id `own`: what a change adds, or would bring back, is its own row, however like another
    /// one it is.
    pub fn unclaimed(&self, own: Option<&str>) -> impl Iterator<Item = (&str, &Fields)> {
        let is_free = move |id: &str| own == Some(id) || !self.returning.contains(id);
        self.all()
            .filter(move |(id, _)| !id.is_empty() && is_free(id))
    }

    /// The row with this id.
    pub fn with_id(&self, id: &str) -> Option<&Fields> {
        self.rows.get(id)
    }

    /// The row with this id, and its id.
    pub fn under(&self, id: &str) -> Option<(&str, &Fields)> {
        let (id, row) = self.rows.get_key_value(id)?;
        Some((id, row))
    }

    /// The rows with this natural key, and their ids. The id of a row that is only planned is empty.
    pub fn with_key(&self, key: &Key) -> impl Iterator<Item = (&str, &Fields)> {
        let with_key = self.by_key.get(key).into_iter().flatten();
        with_key.filter_map(|row| match row {
            InOrder::There(id) => self.under(id),
            InOrder::Added(number) => Some(("", self.added.get(*number)?)),
        })
    }

    /// All rows, and their ids. The id of a row that is only planned is empty.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Fields)> {
        let rows = self.rows.iter().map(|(id, row)| (id.as_str(), row));
        rows.chain(self.added.iter().map(|row| ("", row)))
    }

    /// Makes of the rows what `change` would make of them.
    pub fn change(&mut self, change: &RowWrite) {
        match (&change.edit, change.place()) {
            (Edit::Remove { .. }, Some(id)) => self.lose(id),
            (Edit::Set { after, .. }, Some(id)) => self.make(id.to_owned(), after.clone()),
            (Edit::Add(added), _) => {
                let names = added.replaces.clone().map(RowName::Id);
                self.coming_back.extend(names);
                self.coming_back.extend(added.handle.map(RowName::Planned));
                let row = self.add(added.row.clone());
                let place = added.followed_by.as_ref();
                match place.and_then(|place| place.now.first()) {
                    _ if self.order.is_empty() => {}
                    None => self.order.put_last(row),
                    Some(Spot::There(spot)) => self.order.put_before(row, &InOrder::there(spot)),
                    Some(Spot::Back(_)) => {}
                }
            }
            (Edit::Move { to, .. }, Some(id)) => {
                let row = InOrder::there(id);
                match to.now.first() {
                    None => self.order.put_last(row),
                    Some(Spot::There(spot)) => self.order.put_before(row, &InOrder::there(spot)),
                    // Where that one will stand is not known.
                    Some(Spot::Back(_)) => self.order.lose(&row),
                }
            }
            (Edit::Set { .. } | Edit::Remove { .. } | Edit::Move { .. }, None) => {}
        }
    }

    /// Also the rows of `more`, as far as they are not known.
    pub fn join(&mut self, more: Self) {
        for (id, row) in more.rows {
            if !self.rows.contains_key(&id) {
                self.put(id, row);
            }
        }
    }

    /// The row with this id as it was read, whatever changes make of it.
    pub fn as_read(&self, id: &str) -> Option<&Fields> {
        self.read_as.get(id).or_else(|| self.rows.get(id))
    }

    /// Does an earlier change remove this row?
    pub fn is_to_go(&self, id: &str) -> bool {
        self.to_go.contains(id)
    }

    /// Does an earlier change bring back the row that had this id, or add the one of this handle?
    pub fn comes_back(&self, name: &RowName) -> bool {
        self.coming_back.contains(name)
    }

    /// The row that follows the one with this id: nothing where its place is not known, and in it nothing
    /// behind the last one. Rows that the router makes itself count as well.
    pub fn next(&self, id: &str) -> Option<Option<&InOrder>> {
        let behind = self.order.behind(&InOrder::there(id));
        behind.map(|mut behind| behind.next())
    }

    /// The rows that follow the one with this id; nothing where its place is not known. Rows that the
    /// router makes itself come and go, and nothing is put before them.
    pub fn followed_by(&self, id: &str) -> Option<FollowedBy> {
        let behind = self.order.behind(&InOrder::there(id))?;
        let behind = behind.filter_map(|row| self.under(row.id()?));
        let kept = behind.filter(|(_, row)| row.get("dynamic") != Some(b"true"));
        let followers = kept.map(|(id, row)| Follower::of(&self.menu, id, row));
        Some(FollowedBy {
            at: self.read,
            rows: followers.take(REMEMBERED).collect(),
            now: Vec::new(),
            is_doubtful: false,
        })
    }

    fn lose(&mut self, id: &str) {
        self.take(id);
        self.order.lose(&InOrder::there(id));
        self.to_go.insert(id.to_owned());
    }

    fn take(&mut self, id: &str) {
        let row = self.rows.remove(id);
        let key = row.and_then(|row| menu::key_of(&self.menu, &row));
        if let Some(ids) = key.and_then(|key| self.by_key.get_mut(&key)) {
            ids.retain(|other| other.id() != Some(id));
        }
    }

    /// Makes another row of one that was read.
    fn make(&mut self, id: String, row: Fields) {
        if let Some(read) = self.rows.get(&id) {
            self.read_as
                .entry(id.clone())
                .or_insert_with(|| read.clone());
        }
        self.put(id, row);
    }

    fn put(&mut self, id: String, row: Fields) {
        self.put_with(menu::key_of(&self.menu, &row), id, row);
    }

    fn put_with(&mut self, key: Option<Key>, id: String, row: Fields) {
        self.take(&id);
        if let Some(key) = key {
            let row = InOrder::There(id.clone());
            self.by_key.entry(key).or_default().push(row);
        }
        self.rows.insert(id, row);
    }

    /// Puts in a row that has no id yet.
    fn add(&mut self, row: Fields) -> InOrder {
        let added = InOrder::Added(self.added.len());
        if let Some(key) = menu::key_of(&self.menu, &row) {
            self.by_key.entry(key).or_default().push(added.clone());
        }
        self.added.push(row);
        added
    }

    /// Keeps a row that was read, if it is wanted.
    pub fn keep(&mut self, wanted: &Wanted, row: RowRef<'_>) {
        // The one row of a menu that has only one has no id.
        let id = row.get(".id").unwrap_or(ONLY.as_bytes());
        let Ok(id) = std::str::from_utf8(id) else {
            return;
        };
        if let Some(sizes) = &mut self.sizes {
            let list = row.get("list").unwrap_or_default();
            match sizes.get_mut(list) {
                Some(size) => *size += 1,
                None => drop(sizes.insert(list.to_vec(), 1)),
            }
        }
        let by_id = wanted.all || wanted.ids.contains(id);
        if !by_id && wanted.keys.is_empty() {
            return;
        }
        let key = menu::key_by(&self.menu, |name| row.get(name));
        if wanted.all && menu::is_ordered(&self.menu) {
            self.order.put_last(InOrder::there(id));
        }
        if by_id || key.as_ref().is_some_and(|key| wanted.keys.contains(key)) {
            self.put_with(key, id.to_owned(), Fields::from(row));
        }
    }
}

/// What changes that are planned and not made would make of a menu's rows.
#[derive(Clone, Default)]
pub struct Effects {
    /// Rows by their ids; nothing for one that is to go.
    rows: HashMap<String, Option<Fields>>,
    /// Rows that are to come, by their keys.
    added: BTreeMap<Key, Vec<Fields>>,
    /// Rows with an id that are to have a key, by the key.
    by_key: HashMap<Key, Vec<String>>,
}

impl Effects {
    /// Notes what `change` would make of its row.
    pub fn note(&mut self, change: &RowWrite) {
        let key = |row: &Fields| menu::key_of(&change.menu, row);
        match (&change.edit, change.place()) {
            (Edit::Remove { .. }, Some(id)) => {
                self.rows.insert(id.to_owned(), None);
            }
            (Edit::Set { after, .. }, Some(id)) => {
                if let Some(key) = key(after) {
                    self.by_key.entry(key).or_default().push(id.to_owned());
                }
                self.rows.insert(id.to_owned(), Some(after.clone()));
            }
            (Edit::Add(added), _) => {
                if let Some(key) = key(&added.row) {
                    self.added.entry(key).or_default().push(added.row.clone());
                }
            }
            (Edit::Move { .. }, _) | (Edit::Set { .. } | Edit::Remove { .. }, None) => {}
        }
    }

    /// Makes of `found` what the changes would make of it.
    pub fn apply(&self, wanted: &Wanted, found: &mut Found) {
        if self.rows.is_empty() && self.added.is_empty() {
            return;
        }
        let keys = wanted.keys.iter();
        let by_key = keys.filter_map(|key| self.by_key.get(key)).flatten();
        let ids: HashSet<String> = wanted.ids.iter().chain(by_key).cloned().collect();
        let read: Vec<String> = found.rows.keys().cloned().collect();
        for id in ids.into_iter().chain(read) {
            match self.rows.get(&id) {
                Some(Some(row)) => found.make(id, row.clone()),
                Some(None) => found.lose(&id),
                None => {}
            }
        }
        let added = wanted.keys.iter().filter_map(|key| self.added.get(key));
        for row in added.flatten() {
            found.add(row.clone());
        }
    }
}
