//! The way back: the changes that undo a run, made from its journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use routeros_api::Class;

use super::error::ChangeError;
use super::own_service::OwnServices;
use super::reread;
use catalogue::Said;
use journal::record::Record;
use journal::run::SiteIdentity;
use journal::undoing::{known_of_added, set_fields};
use plan::change::{Action, Change, Write};
use plan::comments::Comments;
use plan::fields::Fields;
use plan::found::Wanted;
use plan::identity::{Identity, Remembered};
use plan::key::KeyWrite;
use plan::menu::{self, Key};
use plan::order::{FollowedBy, Places};
use plan::outcome::{Outcome, Status};
use plan::row::{Added, At, Edit, RowWrite};
use plan::row_name::RowName;
use plan::together::Rows;
use sentences::{
    UndoLeftChange, UndoLeftUnknown, UndoNotOfCommand, UndoNotOfStatement, UndoOfAdded,
    UndoOfAddedBecause, UndoOfMoved, UndoOfMovedBecause, UndoOfRemoved, UndoOfRemovedBecause,
    UndoOfRequest, UndoOfRequestBecause, UndoOfSet, UndoOfSetBecause, UndoOfWritten,
    UndoOfWrittenBecause, UndoPlaceUnknown, UndoTimeIsOver,
};
use session::{Session, SessionError};

/// What would undo a run, and what cannot be undone.
#[derive(Default)]
pub struct Undo {
    /// The changes, the last one of the run first.
    pub changes: Vec<Change>,
    /// What stays as the run left it, each with its reason, for people.
    pub left: Vec<Said>,
}

/// The changes that undo `record`. `later` are all journals of the site under all its names, by which
/// rows are found that came back under another id.
///
/// Changes of which the journal does not know what became are undone as if they had been made; the
/// gate finds those that were not, as their rows are there.
///
/// # Errors
/// [`ChangeError::AtWork`], [`ChangeError::OtherSite`], [`ChangeError::NewerJournal`], or
/// [`ChangeError::Session`] if a router cannot be asked what `add` takes, or for its rows.
pub async fn of(
    (session, services): (&Session, &OwnServices),
    record: &Record,
    later: &[Record],
) -> Result<Undo, ChangeError> {
    let run = record.id.clone();
    if record.running {
        return Err(ChangeError::AtWork { run });
    }
    if let Some(format) = record.newer().map(str::to_owned) {
        return Err(ChangeError::NewerJournal { run, format });
    }
    let here = SiteIdentity::of(session.site());
    let was = record.run.as_ref().map(|run| &run.site);
    let was = was.filter(|was| !was.is_same_place(&here));
    if let Some(difference) = was.and_then(|site| site.difference(&here)) {
        return Err(ChangeError::OtherSite { run, difference });
    }
    let ids = ReplacedIds::of(later);
    let arguments = arguments(session, record).await?;
    let added = added_rows(session, record).await?;
    let mut undo = Undo::default();
    let mut back = ComingBack::default();
    let mut places = Places::default();
    for (change, outcome, time) in record.changes.iter().rev() {
        let status = outcome
            .as_ref()
            .map_or(Status::Unknown, |outcome| outcome.status);
        if !matches!(status, Status::Applied | Status::Unknown) {
            continue;
        }
        let since = time.unwrap_or(record.started);
        let outcome = outcome.clone().unwrap_or(Outcome::of(status));
        if back.has_taken((change, since), &outcome, &mut undo.changes, &ids) {
            continue;
        }
        let made = match &change.write {
            Write::Row(row) => {
                let known = arguments.get(&(row.rows(), row.action()));
                let of_row = OfRow {
                    change: row,
                    arguments: known.map_or(&[][..], Vec::as_slice),
                    since,
                    ids: &ids,
                };
                let reason = &change.reason;
                match &row.edit {
                    Edit::Remove {
                        before,
                        followed_by,
                        alike,
                        ..
                    } => {
                        let behind = followed_by.as_ref();
                        let back = of_row.bring_back((before, *alike), behind, &mut places, reason);
                        back.map(Some)
                    }
                    Edit::Set { before, after, .. } => {
                        let left = outcome.left.as_ref().unwrap_or(after);
                        let is_made = status == Status::Applied;
                        of_row.set_back((before, left), is_made, reason).map(Some)
                    }
                    Edit::Move { row, from, .. } => {
                        of_row.move_back(row, from.as_ref(), reason).map(Some)
                    }
                    Edit::Add(row) => Ok(of_row.take_away(&row.row, &outcome, &added, reason)),
                }
            }
            Write::Keys(keys) => {
                restore((keys, &change.reason), &outcome, since, &mut undo.changes).map(|()| None)
            }
            Write::Command(_) => Err(UndoNotOfCommand.into()),
            Write::Statement(_) => Err(UndoNotOfStatement.into()),
            Write::Request(request) => services
                .undo(request, &outcome)
                .map(|back| Some(Change::of(back, Taken::Request.because(&change.reason)))),
        };
        match made {
            Ok(made) => {
                let is_back = made.is_some() && change.action() == Action::Remove;
                if is_back && status == Status::Applied {
                    back.note(change, undo.changes.len());
                }
                undo.changes.extend(made);
            }
            Err(why) => {
                let change = match change.router_command() {
                    Some(_) => change.spoken(Comments::Meant),
                    None => change.describe(Comments::Meant),
                };
                undo.left.push(UndoLeftChange { change, why }.into());
            }
        }
    }
    let mut index = 0..;
    undo.changes.retain(|_| {
        index
            .next()
            .is_none_or(|index| !back.dropped.contains(&index))
    });
    for change in &mut undo.changes {
        change.undoes = Some(record.id.clone());
    }
    Ok(undo)
}

/// Ids under which removed rows came back, by those that they had, each with the start of the run that brought
/// it back: an id that was known since then is another row's.
#[derive(Default)]
struct ReplacedIds(BTreeMap<(Rows, String), Vec<(Timestamp, String)>>);

/// Ids of rows by their natural keys; nothing for a key that several rows have.
type AddedRows = BTreeMap<(Rows, Key), Option<String>>;

/// Rows that a run removed after it had changed them: they come back as they were before all of it.
#[derive(Default)]
struct ComingBack {
    /// The rows by their ids, and which change brings each back.
    rows: BTreeMap<(Rows, String), usize>,
    /// The changes that are not to be made: their rows were the run's own.
    dropped: BTreeSet<usize>,
}

impl ComingBack {
    fn note(&mut self, change: &Change, index: usize) {
        if let (Some(rows), Some(id)) = (change.rows(), change.id()) {
            self.rows.insert((rows, id.to_owned()), index);
        }
    }

    /// Is `change` undone by how its row comes back, or does not?
    fn has_taken(
        &mut self,
        (change, since): (&Change, Timestamp),
        outcome: &Outcome,
        undo: &mut [Change],
        ids: &ReplacedIds,
    ) -> bool {
        let Some(made) = change.row() else {
            return false;
        };
        let id = made.id().or(outcome.id.as_deref()).map(str::to_owned);
        let Some(&index) = id.and_then(|id| self.rows.get(&(made.rows(), id))) else {
            return false;
        };
        let back = undo[index].row_mut().map(|row| &mut row.edit);
        let Some(Edit::Add(Added {
            row, followed_by, ..
        })) = back
        else {
            return false;
        };
        match &made.edit {
            Edit::Add(_) => {
                self.dropped.insert(index);
            }
            Edit::Set { before, .. } => {
                for name in set_fields(made) {
                    match before.get(name).filter(|value| !value.is_empty()) {
                        None => row.remove(name),
                        Some(value) => row.set(name, value),
                    }
                }
            }
            // It comes back at the place that it had before.
            Edit::Move { from, .. } => {
                let mut place = from.clone();
                for follower in place.iter_mut().flat_map(|place| &mut place.rows) {
                    follower.name = ids.name_now(&made.rows(), &follower.name, since);
                }
                *followed_by = place;
            }
            Edit::Remove { .. } => return false,
        }
        true
    }
}

impl ReplacedIds {
    /// Those of `records`, with the newest first.
    fn of(records: &[Record]) -> Self {
        let mut ids = Self::default();
        for record in records.iter().rev() {
            for (change, outcome, _) in &record.changes {
                let new = outcome.as_ref().and_then(|outcome| outcome.id.clone());
                let Some(row) = change.row() else {
                    continue;
                };
                if let (Some(old), Some(new)) = (row.replaces(), new) {
                    let known = ids.0.entry((row.rows(), old.to_owned())).or_default();
                    known.push((record.started, new));
                }
            }
        }
        ids
    }

    /// The name that a row has now which had this one at that time.
    fn name_now(&self, rows: &Rows, name: &RowName, since: Timestamp) -> RowName {
        match name {
            RowName::Id(id) => self.now(rows, id, since).into(),
            RowName::Planned(handle) => (*handle).into(),
        }
    }

    /// The id that a row has now which had this one at that time: it may have come back more than once.
    fn now(&self, rows: &Rows, id: &str, since: Timestamp) -> String {
        let (mut id, mut since) = (id.to_owned(), since);
        loop {
            let later = self.0.get(&(rows.clone(), id.clone()));
            let next = later.and_then(|later| later.iter().find(|(started, _)| *started > since));
            let Some((started, next)) = next else {
                return id;
            };
            since = *started;
            id.clone_from(next);
        }
    }
}

/// What `add` takes in each menu from which rows were removed, and `set` in each menu that the schema
/// does not know in which rows were set or added.
async fn arguments(
    session: &Session,
    record: &Record,
) -> Result<BTreeMap<(Rows, Action), Vec<String>>, ChangeError> {
    let is_wanted = |change: &&RowWrite| match change.edit {
        Edit::Remove { .. } => true,
        Edit::Set { .. } | Edit::Add(_) => !menu::is_known(&change.menu),
        Edit::Move { .. } => false,
    };
    let changes = record
        .changes
        .iter()
        .filter_map(|(change, ..)| change.row());
    let wanted: BTreeSet<(Rows, Action)> = changes
        .filter(is_wanted)
        .map(|change| (change.rows(), change.action()))
        .collect();
    let mut arguments = BTreeMap::new();
    for ((router, menu), action) in wanted {
        let router = session.other_router(router);
        // Of a router that is not the site's the gate says so, for each change.
        let reader = match session.router(router.as_deref()).await {
            Err(SessionError::UnknownRouter { .. }) => continue,
            reader => reader?,
        };
        let verb = match action {
            Action::Remove => "add",
            // What can be set later is what of a row that was added is its own.
            _ => "set",
        };
        let known = match reader.children(&format!("{menu}/{verb}")).await {
            Ok(known) => known,
            // Releases before 7 have no console to ask; then the known fields of the router's own
            // count.
            Err(error) if error.class() == Class::Refused => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        arguments.insert(((router, menu), action), known);
    }
    Ok(arguments)
}

/// The ids of rows whose addition was not answered, found by their natural keys.
async fn added_rows(session: &Session, record: &Record) -> Result<AddedRows, ChangeError> {
    let mut wanted: BTreeMap<Rows, Wanted> = BTreeMap::new();
    for (change, outcome, _) in &record.changes {
        let known = outcome.as_ref().is_some_and(|outcome| outcome.id.is_some());
        let row = change.row().filter(|_| !known);
        if let Some((row, added)) = row.and_then(|row| Some((row, row.added()?))) {
            let wanted = wanted.entry(row.rows()).or_default();
            wanted.like(&row.menu, &added.row);
        }
    }
    let mut added = BTreeMap::new();
    for ((router, menu), wanted) in wanted {
        let found = match session.router(router.as_deref()).await {
            Ok(reader) => reread::read(&reader, &menu, &wanted)
                .await
                .map_err(Into::into),
            Err(error) => Err(ChangeError::from(error)),
        };
        let found = match found {
            // Which row it is will not be known, and the gate says why.
            Err(error) if error.is_of_one_place() => None,
            found => Some(found?),
        };
        for key in wanted.keys {
            let Some(found) = &found else {
                added.insert(((router.clone(), menu.clone()), key), None);
                continue;
            };
            let ids: Vec<&str> = found.with_key(&key).map(|(id, _)| id).collect();
            let only = match ids.as_slice() {
                [] => continue,
                [id] => Some((*id).to_owned()),
                _ => None,
            };
            added.insert(((router.clone(), menu.clone()), key), only);
        }
    }
    Ok(added)
}

/// What was done that is taken back.
#[derive(Clone, Copy)]
enum Taken {
    Removed,
    Set,
    Moved,
    Added,
    Written,
    Request,
}

impl Taken {
    /// What was done, and why, where the change says so.
    fn because(self, reason: &Said) -> Said {
        let why = reason.clone();
        match (self, why.is_empty()) {
            (Self::Removed, true) => UndoOfRemoved.into(),
            (Self::Removed, false) => UndoOfRemovedBecause { why }.into(),
            (Self::Set, true) => UndoOfSet.into(),
            (Self::Set, false) => UndoOfSetBecause { why }.into(),
            (Self::Moved, true) => UndoOfMoved.into(),
            (Self::Moved, false) => UndoOfMovedBecause { why }.into(),
            (Self::Added, true) => UndoOfAdded.into(),
            (Self::Added, false) => UndoOfAddedBecause { why }.into(),
            (Self::Written, true) => UndoOfWritten.into(),
            (Self::Written, false) => UndoOfWrittenBecause { why }.into(),
            (Self::Request, true) => UndoOfRequest.into(),
            (Self::Request, false) => UndoOfRequestBecause { why }.into(),
        }
    }
}

/// A change of a row that is to be undone.
struct OfRow<'a> {
    change: &'a RowWrite,
    /// What the verb takes that undoes it, where the router says so.
    arguments: &'a [String],
    since: Timestamp,
    ids: &'a ReplacedIds,
}

impl OfRow<'_> {
    /// A removed row comes back with every field that can be written, and with the time it would have
    /// left today.
    fn bring_back(
        &self,
        (before, alike): (&Fields, usize),
        followed_by: Option<&FollowedBy>,
        places: &mut Places,
        reason: &Said,
    ) -> Result<Change, Said> {
        let change = self.change;
        let rows = change.rows();
        let followed_by = followed_by.map(|rows_behind| {
            let mut followed_by = places.of(&rows, change.id(), rows_behind);
            for follower in &mut followed_by.rows {
                follower.name = self.name_now(&follower.name);
            }
            followed_by
        });
        let mut row = menu::writable(&change.menu, before, self.arguments);
        let time = menu::time_left(&change.menu);
        if let Some((name, left)) = time.and_then(|name| Some((name, before.get(name)?))) {
            row.set(name, left_by_now(left, self.since)?);
        }
        let added = Added {
            replaces: change.id().map(|id| self.id_now(id)),
            followed_by,
            alike,
            ..Added::of(row)
        };
        // Where a row has a key, another one cannot come in its place.
        let has_own_key =
            menu::key_of(&change.menu, before).is_some() && !menu::is_key_shared(&change.menu);
        let identity = (!has_own_key).then(|| Identity {
            row: Remembered::Left {
                row: before.clone(),
                settable: self.arguments.to_vec(),
                or: None,
            },
            at: self.since,
        });
        Ok(self.undone_by(Edit::Add(added), identity, Taken::Removed.because(reason)))
    }

    /// A row that was set gets its old values, if it is still as the change `left` it, or as it was before, where
    /// nobody knows that the change was made.
    fn set_back(
        &self,
        (before, left): (&Fields, &Fields),
        is_made: bool,
        reason: &Said,
    ) -> Result<Change, Said> {
        let change = self.change;
        let mut expected = Fields::default();
        let mut old = Fields::default();
        for name in set_fields(change) {
            expected.set(name, left.get(name).unwrap_or_default());
            let value = before.get(name).filter(|value| !value.is_empty());
            if let Some(left) = value.filter(|_| menu::is_time_left(&change.menu, name)) {
                old.set(name, left_by_now(left, self.since)?);
                continue;
            }
            old.set(name, value.unwrap_or(menu::unset_value(&change.menu, name)));
        }
        let edit = Edit::Set {
            at: At::row(&self.id_now(change.id().unwrap_or_default())),
            before: expected,
            after: old,
        };
        let row = Remembered::Left {
            row: left.clone(),
            settable: self.arguments.to_vec(),
            or: (!is_made).then(|| before.clone()),
        };
        let identity = Identity {
            row,
            at: self.since,
        };
        Ok(self.undone_by(edit, Some(identity), Taken::Set.because(reason)))
    }

    /// A row that was moved goes before the rows that followed it.
    fn move_back(
        &self,
        row: &Fields,
        from: Option<&FollowedBy>,
        reason: &Said,
    ) -> Result<Change, Said> {
        let change = self.change;
        let mut to = from.cloned().ok_or_else(|| Said::from(UndoPlaceUnknown))?;
        for follower in &mut to.rows {
            follower.name = self.name_now(&follower.name);
        }
        let edit = Edit::Move {
            at: At::known(change.id().map(|id| self.id_now(id))),
            row: row.clone(),
            from: None,
            to,
        };
        let row = Remembered::Left {
            row: row.clone(),
            settable: self.arguments.to_vec(),
            or: None,
        };
        let identity = Identity {
            row,
            at: self.since,
        };
        Ok(self.undone_by(edit, Some(identity), Taken::Moved.because(reason)))
    }

    /// A row that was added goes, if it is still as it was added.
    fn take_away(
        &self,
        row: &Fields,
        outcome: &Outcome,
        added: &AddedRows,
        reason: &Said,
    ) -> Option<Change> {
        let change = self.change;
        let id = match &outcome.id {
            Some(id) => Some(self.id_now(id)),
            None => match menu::key_of(&change.menu, row) {
                // It may have been added, and no key says which row it is.
                None => None,
                // It was never added, or is gone, where none is there.
                Some(key) => added.get(&(change.rows(), key))?.clone(),
            },
        };
        let left = outcome.left.as_ref();
        let (row, before) = known_of_added(&change.menu, (row, left), self.arguments);
        let edit = Edit::Remove {
            at: At::known(id),
            before,
            followed_by: None,
            alike: 0,
        };
        let identity = Identity {
            row,
            at: self.since,
        };
        Some(self.undone_by(edit, Some(identity), Taken::Added.because(reason)))
    }

    fn undone_by(&self, edit: Edit, identity: Option<Identity>, reason: Said) -> Change {
        let row = RowWrite::new(self.change.router.clone(), &self.change.menu, edit);
        Change::of(RowWrite { identity, ..row }, reason)
    }

    fn id_now(&self, id: &str) -> String {
        self.ids.now(&self.change.rows(), id, self.since)
    }

    fn name_now(&self, name: &RowName) -> RowName {
        self.ids.name_now(&self.change.rows(), name, self.since)
    }
}

/// The time that is left now of what was left `since` then.
fn left_by_now(left: &[u8], since: Timestamp) -> Result<Vec<u8>, Said> {
    let Some(left) = menu::seconds(left) else {
        return Ok(left.to_vec());
    };
    let passed = Timestamp::now().duration_since(since).as_secs();
    match left.checked_sub(u64::try_from(passed).unwrap_or(0)) {
        None | Some(0) => Err(UndoTimeIsOver.into()),
        Some(left) => Ok(format!("{left}s").into_bytes()),
    }
}

/// Keys come back as they were, with the time they would have left today, if they are still as the
/// command left them.
fn restore(
    (write, reason): (&KeyWrite, &Said),
    outcome: &Outcome,
    since: Timestamp,
    restored: &mut Vec<Change>,
) -> Result<(), Said> {
    let passed = Timestamp::now().duration_since(since).as_millis();
    let passed = u64::try_from(passed).unwrap_or(0);
    let reason = Taken::Written.because(reason);
    for before in write.keys() {
        let after = outcome.keys.iter().find(|after| after.key == before.key);
        let Some(after) = after else {
            return Err(UndoLeftUnknown.into());
        };
        if after.dump == before.dump && after.ttl.is_some() == before.ttl.is_some() {
            continue;
        }
        let key = before.key.to_vec();
        let words = match &before.dump {
            None => vec![b"DEL".to_vec(), key],
            Some(dump) => {
                let left = match before.ttl {
                    None => 0,
                    Some(ttl) if ttl <= passed => {
                        return Err(UndoTimeIsOver.into());
                    }
                    Some(ttl) => ttl - passed,
                };
                let left = left.to_string().into_bytes();
                let (restore, replace) = (b"RESTORE".to_vec(), b"REPLACE".to_vec());
                vec![restore, key, left, dump.0.clone(), replace]
            }
        };
        restored.push(Change::command(
            words,
            after.clone(),
            Vec::new(),
            reason.clone(),
        ));
    }
    Ok(())
}
