//! What became of changes, by the rows themselves: of those that were not answered, and whether an
//! answer was true.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use plan::fields::Fields;
use plan::found::{Found, Wanted};
use plan::judged::Judged;
use plan::menu;
use plan::order::{FollowedBy, InOrder, Spot};
use plan::outcome::{Outcome, Status};
use plan::row::{Added, Edit, ONLY, RowWrite};
use plan::sameness::{is_row_as_expected, is_same_row};
use plan::together::Rows;
use planning::reread;
use sentences::{
    OutcomeBack, OutcomeLanded, OutcomeNotLanded, OutcomeNotMoved, OutcomeNotSet,
    OutcomeThereStill, OutcomeUnread, OutcomeUnsure, OutcomeUnsureMoved, OutcomeUnsureSet,
    OutcomeUnsureSeveral,
};
use session::Session;

/// Finds out by reading what became of the changes that were not answered.
pub async fn settle(session: &Session, batch: &mut [Judged]) {
    let is_open = |judged: &Judged| judged.status() == Some(Status::Unknown);
    let indexes: Vec<usize> = (0..batch.len()).filter(|&n| is_open(&batch[n])).collect();
    for (index, found) in read_again(session, batch, &indexes).await {
        let judged = &mut batch[index];
        let Some(row) = judged.change.row() else {
            continue;
        };
        judged.outcome = Some(match found {
            Ok(found) => settled(row, &found),
            Err(why) => Outcome::because(
                Status::Unknown,
                OutcomeUnread {
                    why: why.to_string(),
                },
            ),
        });
    }
}

/// Reads all rows that were changed once more, and takes "applied" back where the row does not
/// show it: routers have been seen to accept a `set` and do nothing. What the router made of a row is
/// kept, for whoever undoes it. Gives the indexes of the changes whose outcome is another one now.
pub async fn verify(session: &Session, judged: &mut [Judged]) -> Vec<usize> {
    let applied = |judged: &Judged| judged.status() == Some(Status::Applied);
    // Of several changes of a row only the last one is what the row shows.
    let mut seen = HashSet::new();
    let is_last = |n: &usize| {
        let row = judged[*n].change.row();
        let place = row.and_then(|row| Some((row.rows(), row.place()?.to_owned())));
        place.is_none_or(|place| seen.insert(place))
    };
    let indexes: Vec<usize> = (0..judged.len())
        .rev()
        .filter(|&n| applied(&judged[n]))
        .filter(is_last)
        .collect();
    let mut revised = Vec::new();
    for (index, found) in read_again(session, judged, &indexes).await {
        let Judged { change, outcome } = &judged[index];
        let (Ok(found), Some(outcome), Some(row)) = (found, outcome, change.row()) else {
            // The router said that it is done; that it cannot be asked again changes nothing.
            continue;
        };
        let of_menu = judged.iter().filter_map(|judged| judged.change.row());
        let is_alone = matches!(row.edit, Edit::Move { .. })
            && of_menu.filter(|other| other.menu == row.menu).count() == 1;
        let seen = contradicted(row, outcome, (&found, is_alone))
            .or_else(|| left(row, outcome, &found))
            .or_else(|| is_back(row, judged, &found));
        if let Some(outcome) = seen {
            judged[index].outcome = Some(outcome);
            revised.push(index);
        }
    }
    revised
}

async fn read_again(
    session: &Session,
    judged: &[Judged],
    indexes: &[usize],
) -> Vec<(usize, Result<Arc<Found>, String>)> {
    let mut lanes: BTreeMap<Rows, (Wanted, Vec<usize>)> = BTreeMap::new();
    for &index in indexes {
        let Judged { change, outcome } = &judged[index];
        let Some(row) = change.row() else {
            continue;
        };
        let (wanted, members) = lanes.entry(row.rows()).or_default();
        members.push(index);
        let added = outcome.as_ref().and_then(|outcome| outcome.id.as_deref());
        wanted.all |= row.place() == Some(ONLY) || matches!(row.edit, Edit::Move { .. });
        wanted.ids.extend(row.id().or(added).map(str::to_owned));
        match &row.edit {
            Edit::Add(Added { row: fields, .. }) | Edit::Remove { before: fields, .. } => {
                wanted.like(&row.menu, fields);
            }
            Edit::Set { .. } | Edit::Move { .. } => {}
        }
    }
    let mut found = Vec::new();
    for ((router, menu), (wanted, members)) in lanes {
        let rows = match session.router(router.as_deref()).await {
            Ok(router) => reread::read(&router, &menu, &wanted)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let rows = rows.map(Arc::new);
        found.extend(members.into_iter().map(|index| (index, rows.clone())));
    }
    found
}

/// What became of a change that was sent and not answered.
fn settled(change: &RowWrite, found: &Found) -> Outcome {
    let menu = &change.menu;
    let now = change.place().and_then(|id| found.with_id(id));
    let is_so = |row: &Fields, now: &Fields| is_row_as_expected(menu, row, now);
    match (&change.edit, now) {
        (Edit::Remove { before, .. }, Some(now)) if is_same_row(menu, before, now) => not_landed(),
        (Edit::Remove { .. }, _) => landed(None),
        (Edit::Set { after, .. }, Some(now)) if is_so(after, now) => landed(None),
        (Edit::Set { before, .. }, Some(now)) if is_so(before, now) => not_landed(),
        (Edit::Move { to, .. }, Some(_)) if is_at(change, to, found) => landed(None),
        (Edit::Move { from, .. }, Some(_)) if has_stayed(change, from.as_ref(), found) => {
            not_landed()
        }
        (Edit::Move { .. }, _) => Outcome::because(Status::Unknown, OutcomeUnsureMoved),
        (Edit::Set { .. }, _) => Outcome::because(Status::Unknown, OutcomeUnsureSet),
        (Edit::Add(added), _) => {
            let Some(key) = menu::key_of(menu, &added.row) else {
                return Outcome::because(Status::Unknown, OutcomeUnsure);
            };
            let is_like = |row: &Fields| !menu::is_key_shared(menu) || is_so(&added.row, row);
            let like = found.with_key(&key).filter(|(_, row)| is_like(row));
            let ids: Vec<&str> = like.map(|(id, _)| id).collect();
            match ids.as_slice() {
                [] => not_landed(),
                [id] => landed(Some((*id).to_owned())),
                _ => Outcome::because(Status::Unknown, OutcomeUnsureSeveral),
            }
        }
    }
}

/// Is a row that was moved at its place, as far as that is known?
fn is_at(change: &RowWrite, to: &FollowedBy, found: &Found) -> bool {
    let next = change.id().and_then(|id| found.next(id));
    match (to.now.first(), next) {
        (None, Some(next)) => next.is_none(),
        (Some(Spot::There(spot)), Some(next)) => next.and_then(InOrder::id) == Some(spot),
        (Some(Spot::Back(_)), _) | (_, None) => true,
    }
}

/// Is a row where it was?
fn has_stayed(change: &RowWrite, from: Option<&FollowedBy>, found: &Found) -> bool {
    let next = change.id().and_then(|id| found.next(id));
    let next = next.map(|next| next.and_then(InOrder::id));
    let before = from.map(|from| from.rows.first().and_then(|row| row.name.id()));
    next.is_some() && next == before
}

fn landed(id: Option<String>) -> Outcome {
    Outcome {
        id,
        ..Outcome::because(Status::Applied, OutcomeLanded)
    }
}

fn not_landed() -> Outcome {
    Outcome::because(Status::Failed, OutcomeNotLanded)
}

/// What the router made of a row that was added or set, where that is not what was reckoned with.
fn left(change: &RowWrite, outcome: &Outcome, found: &Found) -> Option<Outcome> {
    let now = found.with_id(change.place().or(outcome.id.as_deref())?)?;
    let is_as_reckoned = match &change.edit {
        Edit::Add(_) => false,
        Edit::Set { after, .. } => is_same_row(&change.menu, after, now),
        Edit::Remove { .. } | Edit::Move { .. } => true,
    };
    (!is_as_reckoned).then(|| Outcome {
        left: Some(now.clone()),
        ..outcome.clone()
    })
}

/// Has a row that was removed come back meanwhile, under another id and by nobody of this run?
fn is_back(change: &RowWrite, judged: &[Judged], found: &Found) -> Option<Outcome> {
    let Edit::Remove { before, .. } = &change.edit else {
        return None;
    };
    let key = menu::key_of(&change.menu, before).filter(|_| !menu::is_key_shared(&change.menu))?;
    let is_ours = |id: &str| {
        let mut of_run = judged.iter();
        of_run.any(
            |Judged {
                 change: made,
                 outcome,
             }| {
                let added = outcome.as_ref().and_then(|outcome| outcome.id.as_deref());
                let is_of_menu = made.row().is_some_and(|row| row.is_of(&change.rows()));
                is_of_menu && (made.id() == Some(id) || added == Some(id))
            },
        )
    };
    let (id, _) = found.with_key(&key).find(|(id, _)| !is_ours(id))?;
    Some(Outcome::because(Status::Applied, OutcomeBack { id }))
}

/// The true outcome of a change that the router called done and the row does not show.
///
/// Of a row that was moved the neighbours say so, where it `is_alone`: others may have been moved since.
fn contradicted(
    change: &RowWrite,
    outcome: &Outcome,
    (found, is_alone): (&Found, bool),
) -> Option<Outcome> {
    let id = change.place().or(outcome.id.as_deref())?;
    let now = found.with_id(id)?;
    match &change.edit {
        Edit::Remove { before, .. } if is_same_row(&change.menu, before, now) => {
            Some(Outcome::because(Status::Failed, OutcomeThereStill))
        }
        Edit::Set { before, after, .. } => {
            let sent: Fields = menu::sent_fields(&change.menu, before, after).collect();
            let missing = change.differences(&sent, now);
            // A value that the router wrote in its own way is not the old one.
            let kept = |name: &str| now.get(name) == before.get(name);
            let unchanged = missing.iter().any(|difference| kept(&difference.field));
            unchanged.then(|| Outcome {
                differences: missing,
                ..Outcome::because(Status::Failed, OutcomeNotSet)
            })
        }
        Edit::Move { from, to, .. }
            if is_alone
                && !is_at(change, to, found)
                && has_stayed(change, from.as_ref(), found) =>
        {
            Some(Outcome::because(Status::Failed, OutcomeNotMoved))
        }
        Edit::Add(_) | Edit::Remove { .. } | Edit::Move { .. } => None,
    }
}
