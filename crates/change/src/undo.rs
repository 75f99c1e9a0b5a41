//! The way back: the changes that undo a run, made from its journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use routeros_api::Class;

use super::error::ChangeError;
use super::fields::Fields;
use super::identity::{Identity, Remembered};
use super::menu::{self, Key};
use super::order::Places;
use super::planned::{
    Action, Bytes, Change, Outcome, SavedKey, Status, is_as_expected, is_row_as_expected,
};
use super::record::{Known, Record};
use super::reread::{self, Wanted};
use super::run::SiteIdentity;
use super::together::{Rows, rows_of};
use session::{Session, SessionError};
use site::grant::Target;

/// What would undo a run, and what cannot be undone.
#[derive(Default)]
pub struct Undo {
    /// The changes, the last one of the run first.
    pub changes: Vec<Change>,
    /// What stays as the run left it, each with its reason, for people.
    pub left: Vec<String>,
}

/// The changes that undo `record`. `later` are all journals of the site, by which rows are found
/// that came back under another id.
///
/// Changes of which the journal does not know what became are undone as if they had been made; the
/// gate finds those that were not, as their rows are there.
///
/// # Errors
/// [`ChangeError::AtWork`], [`ChangeError::OtherSite`], [`ChangeError::NewerJournal`], or
/// [`ChangeError::Session`] if a router cannot be asked what `add` takes, or for its rows.
pub async fn of(session: &Session, record: &Record, later: &[Record]) -> Result<Undo, ChangeError> {
    let run = record.id.clone();
    if record.running {
        return Err(ChangeError::AtWork { run });
    }
    if let Some(format) = record.newer().map(str::to_owned) {
        return Err(ChangeError::NewerJournal { run, format });
    }
    let here = SiteIdentity::of(session);
    let was = record.run.as_ref().map(|run| &run.site);
    if let Some(difference) = was.and_then(|site| site.difference(&here)) {
        return Err(ChangeError::OtherSite { run, difference });
    }
    let ids = replaced_ids(later);
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
        let known = rows_of(change).and_then(|rows| arguments.get(&(rows, change.action)));
        let known = known.map_or(&[][..], Vec::as_slice);
        if back.has_taken(change, &outcome, &mut undo.changes) {
            continue;
        }
        let made = match change.action {
            Action::Remove => bring_back(change, known, since, (&ids, &mut places)),
            Action::Set => set_back(change, known, since, &ids),
            Action::Add => take_away(change, &outcome, since, (&ids, &added)),
            Action::Command => restore(change, &outcome, since, &mut undo),
            Action::Execute => Err("changes of the database are not undone".to_owned()),
        };
        match made {
            Ok(made) => {
                if made.is_some() && change.action == Action::Remove && status == Status::Applied {
                    back.note(change, undo.changes.len());
                }
                undo.changes.extend(made);
            }
            Err(why) => undo.left.push(format!("{}: {why}", change.describe())),
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

/// Does one of `records`, by which `change` is said to undo a run on `site`, hold what it undoes: a
/// change of this row that left it as `change` expects it, and before which it was as it is to be?
/// What a run of ours made may be unmade, and nothing else is by saying so.
pub fn is_undoing(change: &Change, records: &[Record], site: &SiteIdentity) -> bool {
    let is_here = |record: &&Record| {
        let was = record.run.as_ref().map(|run| &run.site);
        change.undoes.as_ref() == Some(&record.id)
            && was.is_none_or(|was| was.difference(site).is_none())
    };
    let is_made = |(_, outcome, _): &&Known| {
        let status = outcome.as_ref().map(|outcome| outcome.status);
        matches!(status, None | Some(Status::Applied | Status::Unknown))
    };
    let is_taken_back = |(made, ..): &Known| {
        let place = |change: &Change| (change.router.clone(), change.target.clone());
        place(made) == place(change) && is_way_back(change, made)
    };
    // Most rows have the id that they had then, and of many changes only one has it.
    let has_its_id = |(made, outcome, _): &Known| {
        let added = outcome.as_ref().and_then(|outcome| outcome.id.as_ref());
        made.id.as_ref().or(added) == change.id.as_ref()
    };
    let made = || {
        let records = records.iter().filter(is_here);
        records.flat_map(|record| record.changes.iter().filter(is_made))
    };
    made().any(|known| has_its_id(known) && is_taken_back(known)) || made().any(is_taken_back)
}

/// Does `change` take back what `made` did to the same row?
fn is_way_back(change: &Change, made: &Change) -> bool {
    let target = &change.target;
    match (change.action, made.action, &change.before, &made.after) {
        (Action::Remove, Action::Add, Some(row), Some(added)) => {
            Remembered::Sent(added.clone()).is(target, row)
                && is_row_as_expected(target, &told_apart_by(target, added), row)
        }
        (Action::Set, Action::Set, Some(row), Some(left)) => {
            let left = Remembered::Left {
                row: left.clone(),
                settable: Vec::new(),
            };
            let given: Vec<&str> = changed(made).collect();
            let sets_back = |name: &str| {
                let was = made.before.as_ref().and_then(|before| before.get(name));
                let gets = change.after.as_ref().and_then(|after| after.get(name));
                let had = left.row().get(name).unwrap_or_default();
                let is_as_it_was = match menu::is_time_left(target, name) {
                    true => was.is_some_and(|was| is_as_expected(target, name, was, gets)),
                    false => menu::is_same(target, name, was, gets),
                };
                given.contains(&name)
                    && is_as_it_was
                    && is_as_expected(target, name, had, row.get(name))
            };
            left.is(target, row) && changed(change).all(sets_back)
        }
        // A row that comes back is a new one, and nothing protects it.
        (Action::Add, Action::Remove, ..) => true,
        (Action::Command, Action::Command, ..) => true,
        _ => false,
    }
}

/// Ids that rows have now, by those they had.
type ReplacedIds = BTreeMap<(Rows, String), String>;
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
        if let (Some(rows), Some(id)) = (rows_of(change), &change.id) {
            self.rows.insert((rows, id.clone()), index);
        }
    }

    /// Is `change` undone by how its row comes back, or does not?
    fn has_taken(&mut self, change: &Change, outcome: &Outcome, undo: &mut [Change]) -> bool {
        let id = change.id.as_ref().or(outcome.id.as_ref());
        let row = rows_of(change).zip(id.cloned());
        let Some(&index) = row.and_then(|row| self.rows.get(&row)) else {
            return false;
        };
        let Some(row) = undo[index].after.as_mut() else {
            return false;
        };
        match change.action {
            Action::Add => {
                self.dropped.insert(index);
            }
            Action::Set => {
                let before = change.before.clone().unwrap_or_default();
                for name in changed(change) {
                    match before.get(name).filter(|value| !value.is_empty()) {
                        None => row.remove(name),
                        Some(value) => row.set(name, value),
                    }
                }
            }
            Action::Remove | Action::Command | Action::Execute => return false,
        }
        true
    }
}

/// Ids of removed rows, each with the id under which the row came back.
fn replaced_ids(records: &[Record]) -> ReplacedIds {
    let mut ids = BTreeMap::new();
    for record in records.iter().rev() {
        for (change, outcome, _) in &record.changes {
            let new = outcome.as_ref().and_then(|outcome| outcome.id.clone());
            if let (Some(rows), Some(old), Some(new)) = (rows_of(change), &change.replaces, new) {
                ids.insert((rows, old.clone()), new);
            }
        }
    }
    ids
}

/// The id that a row has now: it may have come back more than once.
fn id_now(change: &Change, id: &str, ids: &ReplacedIds) -> String {
    let mut id = id.to_owned();
    let Some(rows) = rows_of(change) else {
        return id;
    };
    let mut seen = BTreeSet::new();
    while let Some(next) = ids.get(&(rows.clone(), id.clone())) {
        if !seen.insert(id.clone()) {
            break;
        }
        id.clone_from(next);
    }
    id
}

/// What `add` takes in each menu from which rows were removed, and `set` in each menu that the schema
/// does not know in which rows were set.
async fn arguments(
    session: &Session,
    record: &Record,
) -> Result<BTreeMap<(Rows, Action), Vec<String>>, ChangeError> {
    let is_wanted = |change: &&Change| match change.action {
        Action::Remove => true,
        Action::Set => !menu::is_known(&change.target),
        Action::Add | Action::Command | Action::Execute => false,
    };
    let changes = record.changes.iter().map(|(change, ..)| change);
    let wanted: BTreeSet<(Rows, Action)> = changes
        .filter(is_wanted)
        .filter_map(|change| Some((rows_of(change)?, change.action)))
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
        let row = change
            .after
            .as_ref()
            .filter(|_| change.action == Action::Add && !known);
        if let Some((rows, row)) = rows_of(change).zip(row) {
            wanted.entry(rows).or_default().like(&change.target, row);
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

/// What was done, and why, where the change says so.
fn because(done: &str, change: &Change) -> String {
    match change.reason.as_str() {
        "" => done.to_owned(),
        why => format!("{done}: {why}"),
    }
}

/// A removed row comes back with every field that can be written, and with the time it would have
/// left today.
fn bring_back(
    change: &Change,
    arguments: &[String],
    since: Timestamp,
    (ids, places): (&ReplacedIds, &mut Places),
) -> Result<Option<Change>, String> {
    let Some(menu) = change.target.menu() else {
        return Ok(None);
    };
    let mut followed_by = places.of(change);
    for follower in followed_by.iter_mut().flat_map(|place| &mut place.rows) {
        follower.id = id_now(change, &follower.id, ids);
    }
    let before = change.before.clone().unwrap_or_default();
    let mut row = menu::writable(&change.target, &before, arguments);
    let time = menu::time_left(&change.target);
    if let Some((name, left)) = time.and_then(|name| Some((name, before.get(name)?))) {
        row.set(name, left_by_now(left, since)?);
    }
    let reason = because("it was removed", change);
    let mut back = Change::add(change.router.clone(), menu, row, &reason);
    back.replaces = change.id.as_deref().map(|id| id_now(change, id, ids));
    back.followed_by = followed_by;
    // Where a row has a key, another one cannot come in its place.
    if menu::key_of(&change.target, &before).is_none() {
        let row = Remembered::Left {
            row: before,
            settable: arguments.to_vec(),
        };
        back.identity = Some(Identity { row, at: since });
    }
    Ok(Some(back))
}

/// The time that is left now of what was left `since` then.
fn left_by_now(left: &[u8], since: Timestamp) -> Result<Vec<u8>, String> {
    let Some(left) = menu::seconds(left) else {
        return Ok(left.to_vec());
    };
    let passed = Timestamp::now().duration_since(since).as_secs();
    match left.checked_sub(u64::try_from(passed).unwrap_or(0)) {
        None | Some(0) => Err("its time would have run out by now".to_owned()),
        Some(left) => Ok(format!("{left}s").into_bytes()),
    }
}

/// A row that was set gets its old values, if it still has the new ones.
fn set_back(
    change: &Change,
    settable: &[String],
    since: Timestamp,
    ids: &ReplacedIds,
) -> Result<Option<Change>, String> {
    let Some(menu) = change.target.menu() else {
        return Ok(None);
    };
    let id = id_now(change, change.id.as_deref().unwrap_or_default(), ids);
    let before = change.before.clone().unwrap_or_default();
    let after = change.after.clone().unwrap_or_default();
    let mut expected = Fields::default();
    let mut old = Fields::default();
    for name in changed(change) {
        expected.set(name, after.get(name).unwrap_or_default());
        let value = before.get(name).filter(|value| !value.is_empty());
        if let Some(left) = value.filter(|_| menu::is_time_left(&change.target, name)) {
            old.set(name, left_by_now(left, since)?);
            continue;
        }
        old.set(
            name,
            value.unwrap_or(menu::unset_value(&change.target, name)),
        );
    }
    let reason = because("it was set", change);
    let mut back = Change::set(change.router.clone(), menu, &id, (expected, old), &reason);
    let row = Remembered::Left {
        row: after,
        settable: settable.to_vec(),
    };
    back.identity = Some(Identity { row, at: since });
    Ok(Some(back))
}

/// The fields that a change of a row gave another value.
fn changed(change: &Change) -> impl Iterator<Item = &str> {
    let before = change.before.as_ref();
    let after = change.after.iter().flat_map(Fields::iter);
    after
        .filter(move |(name, after)| {
            let before = before.and_then(|before| before.get(name));
            menu::is_change(&change.target, name, before, after)
        })
        .map(|(name, _)| name)
}

/// A row that was added goes, if it is still as it was added.
fn take_away(
    change: &Change,
    outcome: &Outcome,
    since: Timestamp,
    (ids, added): (&ReplacedIds, &AddedRows),
) -> Result<Option<Change>, String> {
    let Some(rows) = rows_of(change) else {
        return Ok(None);
    };
    let row = change.after.clone().unwrap_or_default();
    let id = match &outcome.id {
        Some(id) => Some(id_now(change, id, ids)),
        None => match menu::key_of(&change.target, &row) {
            // It may have been added, and no key says which row it is.
            None => None,
            Some(key) => match added.get(&(rows.clone(), key)) {
                Some(id) => id.clone(),
                // It was never added, or is gone.
                None => return Ok(None),
            },
        },
    };
    // The router writes some values in its own way; what a row is known by must be as it was.
    let expected = told_apart_by(&change.target, &row);
    let reason = because("it was added", change);
    let (router, menu) = rows;
    let mut back = Change::remove(
        router,
        &menu,
        id.as_deref().unwrap_or_default(),
        expected,
        &reason,
    );
    back.id = id;
    let row = Remembered::Sent(row);
    back.identity = Some(Identity { row, at: since });
    Ok(Some(back))
}

/// The part of a row that nobody else's row has.
fn told_apart_by(target: &Target, row: &Fields) -> Fields {
    let known_by = menu::key_fields(target);
    row.only(|name| known_by.contains(&name) || name == "comment")
}

/// Keys come back as they were, with the time they would have left today, if they are still as the
/// command left them.
fn restore(
    change: &Change,
    outcome: &Outcome,
    since: Timestamp,
    undo: &mut Undo,
) -> Result<Option<Change>, String> {
    let passed = Timestamp::now().duration_since(since).as_millis();
    let passed = u64::try_from(passed).unwrap_or(0);
    let reason = because("it was written", change);
    for before in &change.keys {
        let after = outcome.keys.iter().find(|after| after.key == before.key);
        let Some(after) = after else {
            return Err("the journal does not say how the command left it".to_owned());
        };
        if after.dump == before.dump && after.ttl.is_some() == before.ttl.is_some() {
            continue;
        }
        let key = before.key.to_vec();
        let words = match &before.dump {
            None => vec![b"DEL".to_vec(), key.clone()],
            Some(dump) => {
                let left = match before.ttl {
                    None => 0,
                    Some(ttl) if ttl <= passed => {
                        return Err("its time would have run out by now".to_owned());
                    }
                    Some(ttl) => ttl - passed,
                };
                let left = left.to_string().into_bytes();
                vec![
                    b"RESTORE".to_vec(),
                    key.clone(),
                    left,
                    dump.0.clone(),
                    b"REPLACE".to_vec(),
                ]
            }
        };
        let mut back = Change::command(words, vec![key], &reason);
        back.keys = vec![SavedKey {
            key: Bytes::from(before.key.to_vec()),
            ..after.clone()
        }];
        undo.changes.push(back);
    }
    Ok(None)
}
