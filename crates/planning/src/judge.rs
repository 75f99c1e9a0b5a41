//! Changes held against the rows as they are now, and against what those before them make of the
//! rows.

use std::collections::BTreeMap;

use routeros_api::Id;

use super::error::ChangeError;
use super::own_service::OwnServices;
use super::{keys, reread};
use plan::change::{Change, Write};
use plan::command::of_its_row;
use plan::fields::Fields;
use plan::found::{Found, Wanted};
use plan::judged::{Earlier, Judged, all_or_none};
use plan::outcome::{Outcome, Status};
use plan::own::OwnRows;
use plan::protection::protection;
use plan::radius::List;
use plan::row::{Edit, ONLY, RowWrite};
use plan::together::Rows;
use plan::{ensure, judge_row, menu, order};
use session::Session;

/// What changes are judged by.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The connections.
    pub session: &'a Session,
    /// The rows that tikbook itself added.
    pub own: &'a dyn OwnRows,
    /// The services of an embedder's own.
    pub services: &'a OwnServices,
}

/// Changes that were looked at.
pub struct Judgement {
    /// The changes in their order; one that was asked for may have become two.
    pub judged: Vec<Judged>,
    /// For each of them the place of the one that was asked for.
    pub asked: Vec<usize>,
    /// How many rows lists have, as far as it was seen.
    pub sizes: BTreeMap<List, u64>,
}

/// What is made of the changes of one row where one of them cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// None of them: they were decided on together.
    Whole,
    /// Those before it: they come one by one, and what became of one is known before the next.
    FromThereOn,
}

/// Reads again what the changes are about, fills in what it was before, and finds those that
/// cannot be made. Each is held against what those before it, in `earlier` and here, make of its
/// row. Planning and applying read the same.
///
/// # Errors
/// A service cannot be asked.
pub async fn judge(
    Around {
        session,
        own,
        services,
    }: Around<'_>,
    changes: Vec<Change>,
    earlier: &Earlier,
    broken: Broken,
) -> Result<Judgement, ChangeError> {
    // What is wrong with one change of a journal is no reason to leave the others unmade.
    let is_undo = changes.iter().all(|change| change.undoes.is_some());
    let mut lanes: BTreeMap<Rows, Wanted> = BTreeMap::new();
    for change in &changes {
        if let Some(row) = change.about() {
            match want(lanes.entry(row.rows()).or_default(), row, broken) {
                Err(ChangeError::Id { .. }) if is_undo => {}
                wanted => wanted?,
            }
        }
    }
    let mut found = BTreeMap::new();
    let mut unread = BTreeMap::new();
    for (lane, wanted) in lanes {
        match read(session, &lane, &wanted, (&changes, earlier)).await {
            Err(error) if is_undo && error.is_of_one_place() => {
                unread.insert(lane, error.said());
            }
            rows => drop(found.insert(lane, rows?)),
        }
    }
    let mut judged = Vec::with_capacity(changes.len());
    let mut asked = Vec::with_capacity(changes.len());
    // What cannot be made of these changes.
    let mut here = Earlier::default();
    for (place, change) in changes.into_iter().enumerate() {
        let rows = change.about().map(RowWrite::rows);
        let unread = rows.as_ref().and_then(|rows| unread.get(rows));
        let mut found = rows.and_then(|rows| found.get_mut(&rows));
        let parts = match &found {
            Some(found) => ensure::resolve(change, found),
            None => vec![(change, None)],
        };
        for (mut change, decided) in parts {
            let outcome = match (decided, &mut change.write, &found) {
                (Some(outcome), ..) => Some(outcome),
                (None, Write::Row(row), Some(found)) => judge_row(row, found),
                (None, Write::Row(_), None) => {
                    unread.map(|why| Outcome::because(Status::Conflict, why.clone()))
                }
                (None, Write::Keys(write), _) => keys::judge(session, write).await?,
                (None, Write::Command(command), found) => {
                    let row = command.row.as_deref_mut().zip(found.as_ref());
                    let outcome = row.and_then(|(row, found)| judge_row(row, found));
                    outcome.map(of_its_row)
                }
                (None, Write::Statement(_), _) => None,
                (None, Write::Request(request), _) => services.judge(request).await,
            };
            // Only a row that is as it was expected is known with all its fields.
            let protected = protection(&change, session.site(), own)
                .map(|why| Outcome::because(Status::Protected, why));
            let held_back = earlier.held_back(&change);
            let held_back = held_back.or_else(|| here.held_back(&change));
            let outcome = match (outcome.or(protected), held_back) {
                (None, held_back) => held_back,
                // Judged by a row that an earlier change should have made another one.
                (Some(_), Some(held_back)) if held_back.is_not_sent() => Some(held_back),
                (outcome, _) => outcome,
            };
            if let (None, Some(row), Some(found)) = (&outcome, change.row_mut(), &mut found) {
                order::place(row, found);
                found.change(row);
            }
            if let (Broken::FromThereOn, Some(outcome)) = (broken, &outcome) {
                here.hold_back(&change, outcome);
            }
            judged.push(Judged { outcome, change });
            asked.push(place);
        }
    }
    if broken == Broken::Whole {
        all_or_none(&mut judged);
    }
    let mut sizes = BTreeMap::new();
    for list in judged.iter().filter_map(|judged| List::of(&judged.change)) {
        let found = found.get(&(list.router.clone(), list.menu.clone()));
        if let Some(size) = found.and_then(|found| found.size(list.list.as_deref())) {
            sizes.insert(list, size);
        }
    }
    Ok(Judgement {
        judged,
        asked,
        sizes,
    })
}

/// The rows of one menu that changes are about, as they are and as earlier changes make them.
async fn read(
    session: &Session,
    lane: &Rows,
    wanted: &Wanted,
    (changes, earlier): (&[Change], &Earlier),
) -> Result<Found, ChangeError> {
    let router = session.router(lane.0.as_deref()).await?;
    let mut rows = reread::read(&router, &lane.1, wanted).await?;
    let remembered = of_lane(changes, lane).flat_map(|change| {
        let row = change.identity.iter().map(|identity| identity.at);
        row.chain(change.followed_by().map(|followed_by| followed_by.at))
    });
    if let Some(oldest) = remembered.min() {
        let ids_since = reread::ids_since(&router, oldest).await?;
        rows.held_against(of_lane(changes, lane), ids_since);
    }
    let effects = earlier.effects(lane);
    if let Some(effects) = effects {
        effects.apply(wanted, &mut rows);
    }
    let wanted = keys_to_be(changes, lane, wanted, &rows);
    if !wanted.keys.is_empty() {
        rows.join(reread::read(&router, &lane.1, &wanted).await?);
        if let Some(effects) = effects {
            effects.apply(&wanted, &mut rows);
        }
    }
    Ok(rows)
}

fn want(wanted: &mut Wanted, change: &RowWrite, broken: Broken) -> Result<(), ChangeError> {
    if let Some(identity) = &change.identity {
        match identity.row.key(&change.menu) {
            Some(_) => wanted.like(&change.menu, identity.row.row()),
            None => wanted.all = true,
        }
    }
    let has_place = match &change.edit {
        Edit::Add(added) => {
            wanted.like(&change.menu, &added.row);
            added.followed_by.is_some()
        }
        Edit::Remove { .. } => broken == Broken::Whole && menu::is_ordered(&change.menu),
        Edit::Move { .. } => true,
        Edit::Set { .. } => false,
    };
    if has_place || change.place() == Some(ONLY) {
        wanted.all = true;
    }
    // The last, as it is a hint beside the others.
    if let Some(id) = change.id() {
        id.parse::<Id>()
            .map_err(|_| ChangeError::Id { id: id.to_owned() })?;
        wanted.ids.insert(id.to_owned());
    }
    Ok(())
}

/// The rows of one menu of one router that changes are about, with what is done to them.
fn of_lane<'a>(changes: &'a [Change], lane: &'a Rows) -> impl Iterator<Item = &'a RowWrite> {
    let rows = changes.iter().filter_map(Change::about);
    rows.filter(|row| row.is_of(lane))
}

/// The keys that rows are to get in a menu in which one row only may have a key, without those in
/// `known`: the rows that have them already are to be found as well.
fn keys_to_be(changes: &[Change], lane: &Rows, known: &Wanted, found: &Found) -> Wanted {
    let mut wanted = Wanted::default();
    let of_lane = || {
        let rows = changes.iter().filter_map(Change::row);
        rows.filter(|row| row.is_of(lane))
    };
    let gives_a_key = |change: &RowWrite| {
        let key = menu::key_fields(&change.menu);
        let gives = |after: &Fields| after.iter().any(|(name, _)| key.contains(&name));
        menu::is_key_unique(&change.menu)
            && matches!(&change.edit, Edit::Set { after, .. } if gives(after))
    };
    if !of_lane().any(gives_a_key) {
        return wanted;
    }
    // A change may set a field of a row that an earlier one has set another of.
    let mut found = found.clone();
    for change in of_lane() {
        let mut change = change.clone();
        if judge_row(&mut change, &found).is_some() {
            continue;
        }
        if let Edit::Set { after, .. } = &change.edit {
            wanted.like(&change.menu, after);
        }
        found.change(&change);
    }
    wanted.keys.retain(|key| !known.keys.contains(key));
    wanted
}
