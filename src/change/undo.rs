//! The way back: the changes that undo a run, made from its journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::error::ChangeError;
use super::menu;
use super::planned::{Action, Bytes, Change, Outcome, SavedKey, Status};
use super::record::Record;
use super::reread::{self, Wanted};
use super::run::SiteIdentity;
use crate::session::Session;

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
    for (change, outcome, time) in record.changes.iter().rev() {
        let status = outcome
            .as_ref()
            .map_or(Status::Unknown, |outcome| outcome.status);
        if !matches!(status, Status::Applied | Status::Unknown) {
            continue;
        }
        let since = time.unwrap_or(record.started);
        let outcome = outcome.clone().unwrap_or(Outcome::of(status));
        let menu = (change.router.clone(), change.target.name.clone());
        let made = match change.action {
            Action::Remove => {
                let arguments = arguments.get(&menu).map_or(&[][..], Vec::as_slice);
                bring_back(change, arguments, since)
            }
            Action::Set => set_back(change, &ids),
            Action::Add => take_away(change, &outcome, &ids, &added),
            Action::Command => restore(change, &outcome, since, &mut undo),
            Action::Execute => Err("changes of the database are not undone".to_owned()),
        };
        match made {
            Ok(change) => undo.changes.extend(change),
            Err(why) => undo.left.push(format!("{}: {why}", change.describe())),
        }
    }
    for change in &mut undo.changes {
        change.undoes = Some(record.id.clone());
    }
    Ok(undo)
}

/// A router and one of its menus.
type Menu = (Option<String>, String);
/// Ids that rows have now, by those they had.
type ReplacedIds = BTreeMap<(Menu, String), String>;
/// Ids of rows by their natural keys.
type AddedRows = BTreeMap<(Menu, Vec<Vec<u8>>), String>;

/// Ids of removed rows, each with the id under which the row came back.
fn replaced_ids(records: &[Record]) -> ReplacedIds {
    let mut ids = BTreeMap::new();
    for record in records.iter().rev() {
        for (change, outcome, _) in &record.changes {
            let new = outcome.as_ref().and_then(|outcome| outcome.id.clone());
            if let (Some(old), Some(new)) = (&change.replaces, new) {
                let menu = (change.router.clone(), change.target.name.clone());
                ids.insert((menu, old.clone()), new);
            }
        }
    }
    ids
}

/// The id that a row has now: it may have come back more than once.
fn id_now(change: &Change, id: &str, ids: &ReplacedIds) -> String {
    let menu = (change.router.clone(), change.target.name.clone());
    let mut seen = BTreeSet::new();
    let mut id = id.to_owned();
    while let Some(next) = ids.get(&(menu.clone(), id.clone())) {
        if !seen.insert(id.clone()) {
            break;
        }
        id.clone_from(next);
    }
    id
}

/// What `add` takes in each menu from which rows were removed.
async fn arguments(
    session: &Session,
    record: &Record,
) -> Result<BTreeMap<Menu, Vec<String>>, ChangeError> {
    let removed = record
        .changes
        .iter()
        .map(|(change, ..)| change)
        .filter(|change| change.action == Action::Remove);
    let menus: BTreeSet<Menu> = removed
        .map(|change| (change.router.clone(), change.target.name.clone()))
        .collect();
    let mut arguments = BTreeMap::new();
    for (router, menu) in menus {
        let reader = session.router(router.as_deref()).await?;
        // Releases before 7 have no console to ask; then the known fields of the router's own count.
        let known = reader.children(&format!("{menu}/add")).await;
        arguments.insert((router, menu), known.unwrap_or_default());
    }
    Ok(arguments)
}

/// The ids of rows whose addition was not answered, found by their natural keys.
async fn added_rows(session: &Session, record: &Record) -> Result<AddedRows, ChangeError> {
    let mut wanted: BTreeMap<Menu, Wanted> = BTreeMap::new();
    for (change, outcome, _) in &record.changes {
        let known = outcome.as_ref().is_some_and(|outcome| outcome.id.is_some());
        let row = change
            .after
            .as_ref()
            .filter(|_| change.action == Action::Add && !known);
        if let Some(key) = row.and_then(|row| menu::key_of(&change.target.name, row)) {
            let menu = (change.router.clone(), change.target.name.clone());
            wanted.entry(menu).or_default().keys.insert(key);
        }
    }
    let mut rows = BTreeMap::new();
    for ((router, menu), wanted) in wanted {
        let reader = session.router(router.as_deref()).await?;
        let found = reread::read(&reader, &menu, &wanted).await?;
        for key in wanted.keys {
            if let Some((id, _)) = found.with_key(&key) {
                let id = id.to_owned();
                rows.insert(((router.clone(), menu.clone()), key), id);
            }
        }
    }
    Ok(rows)
}

/// A removed row comes back with every field that can be written, and with the time it would have
/// left today.
fn bring_back(
    change: &Change,
    arguments: &[String],
    since: Timestamp,
) -> Result<Option<Change>, String> {
    let before = change.before.clone().unwrap_or_default();
    let mut row = menu::writable(&before, arguments);
    if let Some(left) = menu::seconds(before.text("timeout")) {
        let passed = Timestamp::now().duration_since(since).as_secs();
        match left.checked_sub(u64::try_from(passed).unwrap_or(0)) {
            None | Some(0) => return Err("its time would have run out by now".to_owned()),
            Some(left) => row.set("timeout", format!("{left}s")),
        }
    }
    let reason = format!("it was removed: {}", change.reason);
    let mut back = Change::add(change.router.clone(), &change.target.name, row, &reason);
    back.replaces.clone_from(&change.id);
    Ok(Some(back))
}

/// A row that was set gets its old values, if it still has the new ones.
fn set_back(change: &Change, ids: &ReplacedIds) -> Result<Option<Change>, String> {
    let before = change.before.clone().unwrap_or_default();
    let after = change.after.clone().unwrap_or_default();
    let id = id_now(change, change.id.as_deref().unwrap_or_default(), ids);
    let is_changed =
        |name: &str| before.get(name).unwrap_or_default() != after.get(name).unwrap_or_default();
    let changed: Vec<&str> = after
        .iter()
        .map(|(name, _)| name)
        .filter(|name| is_changed(name))
        .collect();
    let expected = after.only(|name| changed.contains(&name));
    let old = changed
        .iter()
        .map(|name| (*name, before.get(name).unwrap_or_default()))
        .collect();
    let reason = format!("it was set: {}", change.reason);
    Ok(Some(Change::set(
        change.router.clone(),
        &change.target.name,
        &id,
        (expected, old),
        &reason,
    )))
}

/// A row that was added goes, if it is still as it was added.
fn take_away(
    change: &Change,
    outcome: &Outcome,
    ids: &ReplacedIds,
    added: &AddedRows,
) -> Result<Option<Change>, String> {
    let row = change.after.clone().unwrap_or_default();
    let menu = (change.router.clone(), change.target.name.clone());
    let id = match &outcome.id {
        Some(id) => id_now(change, id, ids),
        None => {
            let found =
                menu::key_of(&change.target.name, &row).and_then(|key| added.get(&(menu, key)));
            match found {
                Some(id) => id.clone(),
                // It was never added, or is gone.
                None => return Ok(None),
            }
        }
    };
    // The router writes some values in its own way; what a row is known by must be as it was.
    let known_by = menu::key_fields(&change.target.name);
    let expected = row.only(|name| known_by.contains(&name) || name == "comment");
    let reason = format!("it was added: {}", change.reason);
    Ok(Some(Change::remove(
        change.router.clone(),
        &change.target.name,
        &id,
        expected,
        &reason,
    )))
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
    let reason = format!("it was written: {}", change.reason);
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
                let dump = super::fields::unhex(dump).unwrap_or_default();
                let left = left.to_string().into_bytes();
                vec![
                    b"RESTORE".to_vec(),
                    key.clone(),
                    left,
                    dump,
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
