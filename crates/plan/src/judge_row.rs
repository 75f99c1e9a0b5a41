//! One change held against the row as it is now: may it be made, and from what to what?

use catalogue::Said;
use routeros_schema::Menu;
use sentences::{
    OutcomeKeyAddedEarlier, OutcomeKeyOther, OutcomePlaceGone, OutcomePlaceSo,
    OutcomeRowAddedEarlier, OutcomeRowChanged, OutcomeRowGone, OutcomeRowGoneAlready,
    OutcomeRowLike, OutcomeRowOfId, OutcomeRowOther, OutcomeRowOtherEarlier,
    OutcomeRowRemovedEarlier, OutcomeRowSo, OutcomeRowThere, OutcomeRowsLike,
};

use super::comments::Comments;
use super::fields::Fields;
use super::found::Found;
use super::identity::{Identity, Located, Remembered, locate};
use super::menu;
use super::order::{FollowedBy, InOrder, Spot};
use super::outcome::{Difference, Outcome, Status};
use super::row::{Added, At, Edit, RowWrite};
use super::sameness::added;

/// Holds a change against the row as it is now; with an outcome it is not to be made.
pub fn judge_row(change: &mut RowWrite, found: &Found) -> Option<Outcome> {
    match &change.edit {
        Edit::Add(added) => judge_add(change, added, found),
        Edit::Set { .. } | Edit::Remove { .. } | Edit::Move { .. } => {
            judge_row_change(change, found)
        }
    }
}

fn judge_add(change: &RowWrite, added: &Added, found: &Found) -> Option<Outcome> {
    let row = &added.row;
    let returns = added.replaces.is_some() && change.identity.is_some();
    let key = menu::key_of(&change.menu, row).filter(|_| !returns);
    let Some(key) = key else {
        return judge_return(change, added, found);
    };
    let mut rows = found.with_key(&key).map(|(id, there)| {
        let mut differences = change.differences(row, there);
        differences.extend(ends_by_itself(change, row, there));
        if added.replaces.is_some() {
            let is_late = |field: &str| is_later_by_the_way(&change.menu, field, row, there);
            differences.retain(|difference| !is_late(&difference.field));
        }
        (id, differences)
    });
    // Where rows may share a key, only one that is as this one is to be is in its place.
    let (id, differences) = match menu::is_key_shared(&change.menu) {
        true => rows.find(|(_, differences)| differences.is_empty())?,
        false => rows.min_by_key(|(_, differences)| differences.len())?,
    };
    let mut outcome = match (differences.is_empty(), id.is_empty()) {
        (true, false) => Outcome::because(Status::Skipped, OutcomeRowThere),
        (true, true) => Outcome::because(Status::Skipped, OutcomeRowAddedEarlier),
        (false, false) => Outcome::because(Status::Conflict, OutcomeRowOther),
        (false, true) => Outcome::because(Status::Conflict, OutcomeRowOtherEarlier),
    };
    outcome.id = Some(id.to_owned()).filter(|id| !id.is_empty());
    outcome.differences = differences;
    Some(outcome)
}

/// A row that ends by itself is not there in the place of one that lasts.
fn ends_by_itself(change: &RowWrite, row: &Fields, there: &Fields) -> Option<Difference> {
    let time = menu::time_left(&change.menu).filter(|time| row.get(time).is_none())?;
    let left = there.get(time).filter(|left| !left.is_empty())?;
    Some(change.difference(time, None, Some(left)))
}

/// What it may take from the reckoning of an undo to its row on the router, in seconds: the row has so
/// much more of its time left than an undo reckons that comes later.
const ON_THE_WAY: u64 = 60;

fn is_later_by_the_way(menu: &Menu, field: &str, reckoned: &Fields, there: &Fields) -> bool {
    let seconds = |row: &Fields| row.get(field).and_then(menu::seconds);
    let times = seconds(reckoned).zip(seconds(there));
    menu::is_time_left(menu, field)
        && times.is_some_and(|(reckoned, left)| left <= reckoned.saturating_add(ON_THE_WAY))
}

/// A row that may share its key, or has none, comes back, after a removal of which nobody may know whether it was made.
fn judge_return(change: &RowWrite, added: &Added, found: &Found) -> Option<Outcome> {
    let identity = change.identity.as_ref()?;
    let like = found
        .unclaimed(added.replaces.as_deref())
        .filter(|(_, row)| identity.row.has_content(&change.menu, row));
    let like: Vec<&str> = like.map(|(id, _)| id).collect();
    let removed = added.replaces.as_deref();
    let removed = removed.filter(|_| found.has_ids_of(identity.at));
    match removed.filter(|removed| like.contains(removed)) {
        Some(id) => Some(Outcome {
            id: Some(id.to_owned()),
            ..Outcome::because(Status::Skipped, OutcomeRowThere)
        }),
        // As many as there were beside it.
        None if like.is_empty() || like.len() <= found.stayed_beside(&identity.row) => None,
        // Where rows have a key, one with all that it had is in its place.
        None if menu::key_of(&change.menu, &added.row).is_some() => Some(Outcome {
            id: like.first().map(|id| (*id).to_owned()),
            ..Outcome::because(Status::Skipped, OutcomeRowThere)
        }),
        None => Some(Outcome::because(Status::Conflict, OutcomeRowLike)),
    }
}

fn judge_row_change(change: &mut RowWrite, found: &Found) -> Option<Outcome> {
    let is_set = matches!(change.edit, Edit::Set { .. });
    let mut expected = change.before().cloned().unwrap_or_default();
    let (id, now) = match locate(change, found) {
        Located::At(id, row) => (id.to_owned(), row),
        Located::Gone if matches!(change.edit, Edit::Remove { .. }) => {
            let why: Said = match change.id().is_some_and(|id| found.is_to_go(id)) {
                true => OutcomeRowRemovedEarlier.into(),
                false => OutcomeRowGoneAlready.into(),
            };
            return Some(Outcome::because(Status::Skipped, why));
        }
        Located::Gone => return Some(Outcome::because(Status::Conflict, OutcomeRowGone)),
        Located::Other(other) => {
            let differences = change.differences(&expected, other);
            // What has the id now hangs together with other changes.
            change.set_at(At::Unknown);
            return Some(Outcome {
                differences,
                ..Outcome::because(Status::Conflict, OutcomeRowOfId)
            });
        }
        Located::Several(count) => {
            change.set_at(At::Unknown);
            let why = OutcomeRowsLike { rows: count };
            return Some(Outcome::because(Status::Conflict, why));
        }
    };
    // A change with a row that was seen was looked at before, in a plan or a question.
    let is_seen = change.identity.as_ref();
    let is_seen = is_seen.is_some_and(|known| matches!(known.row, Remembered::Seen(_)));
    if is_seen {
        change.send_again();
    }
    let sent = match &change.edit {
        Edit::Set { after, .. } => after.clone(),
        Edit::Add(_) | Edit::Remove { .. } | Edit::Move { .. } => Fields::default(),
    };
    if expected.get(".id").is_some() {
        expected.set(".id", id.as_str());
    }
    let mut after = now.clone();
    for (name, value) in sent.iter() {
        after.set(name, value);
    }
    let is_so = is_set
        && menu::sent_fields(&change.menu, now, &after)
            .next()
            .is_none();
    let differences = match is_seen {
        // Whoever made it so: there is nothing left to do.
        _ if is_so => Vec::new(),
        false => {
            let mut differences = change.differences(&expected, now);
            differences.extend(since_it_was_left(change, &expected, now));
            // What an earlier change of the plan makes of the row is no reason against this one, unless both
            // write the same field.
            if let (None, Some(read)) = (&change.identity, found.as_read(&id)) {
                let as_read = change.differences(&expected, read);
                differences.retain(|difference| {
                    let is_other = as_read.iter().any(|other| other.field == difference.field);
                    is_other || sent.get(&difference.field).is_some()
                });
            }
            differences
        }
        true => change.row_differences(&expected, now),
    };
    if !differences.is_empty() {
        return Some(Outcome {
            differences,
            ..Outcome::because(Status::Conflict, OutcomeRowChanged)
        });
    }
    change.set_at(At::row(&id));
    change.identity = Some(Identity {
        row: Remembered::Seen(now.clone()),
        at: found.read_at(),
    });
    let taken = match is_set {
        true => another_with_its_key(change, now, &after, found),
        false => None,
    };
    match &mut change.edit {
        Edit::Add(_) => {}
        Edit::Move { row, to, .. } => {
            *row = now.clone();
            to.find(&change.menu, found);
            to.remember(&change.menu, found);
            return judge_place(&id, to, found);
        }
        Edit::Remove { before, alike, .. } => {
            *before = now.clone();
            *alike = found.alike(&id, now);
        }
        Edit::Set {
            before,
            after: is_to_be,
            ..
        } => {
            *before = now.clone();
            *is_to_be = after;
        }
    }
    match is_so {
        true => Some(Outcome::because(Status::Skipped, OutcomeRowSo)),
        false => taken,
    }
}

/// What a row has that an undo is to take away, and that it had not when it was left: somebody has made it
/// another one since.
fn since_it_was_left(change: &RowWrite, left: &Fields, now: &Fields) -> Vec<Difference> {
    let known = change.identity.as_ref().map(|identity| &identity.row);
    let (Edit::Remove { .. }, Some(Remembered::Left { settable, .. })) = (&change.edit, known)
    else {
        return Vec::new();
    };
    let now = now.only(|name| menu::is_settable(&change.menu, name, settable));
    let came = added(&change.menu, left, &now);
    came.map(|(name, value)| change.difference(name, None, Some(value)))
        .collect()
}

/// Is the row to come before one that is there, and not there already?
fn judge_place(id: &str, to: &FollowedBy, found: &Found) -> Option<Outcome> {
    let next = found.next(id);
    let is_there = match to.now.first() {
        None if !to.rows.is_empty() => {
            return Some(Outcome::because(Status::Conflict, OutcomePlaceGone));
        }
        None => next == Some(None),
        Some(Spot::There(spot)) => {
            let next = next.flatten().and_then(InOrder::id);
            spot == id || next == Some(spot)
        }
        Some(Spot::Back(_)) => false,
    };
    is_there.then(|| Outcome::because(Status::Skipped, OutcomePlaceSo))
}

/// A row cannot get the key that another one has, where only one may have it.
fn another_with_its_key(
    change: &RowWrite,
    now: &Fields,
    after: &Fields,
    found: &Found,
) -> Option<Outcome> {
    let menu = &change.menu;
    let key = menu::key_of(menu, after).filter(|_| menu::is_key_unique(menu))?;
    if menu::key_of(menu, now).as_ref() == Some(&key) {
        return None;
    }
    let (id, other) = found.with_key(&key).next()?;
    let row = change.describe_row(id, other, Comments::Meant);
    let why: Said = match id.is_empty() {
        true => OutcomeKeyAddedEarlier { row }.into(),
        false => OutcomeKeyOther { row }.into(),
    };
    Some(Outcome::because(Status::Conflict, why))
}
