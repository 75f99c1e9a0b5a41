//! What became of changes, by the rows themselves: of those that were not answered, and whether an
//! answer was true.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::fields::Fields;
use super::judge::{Judged, is_row};
use super::menu;
use super::planned::{Action, Change, ONLY, Outcome, Status, is_row_as_expected, is_same_row};
use super::reread::{self, Found, Wanted};
use super::together::{Rows, rows_of};
use session::Session;

/// Finds out by reading what became of the changes that were not answered.
pub async fn settle(session: &Session, batch: &mut [Judged]) {
    let is_open =
        |judged: &Judged| is_row(&judged.change) && judged.status() == Some(Status::Unknown);
    let indexes: Vec<usize> = (0..batch.len()).filter(|&n| is_open(&batch[n])).collect();
    for (index, found) in read_again(session, batch, &indexes).await {
        let judged = &mut batch[index];
        judged.outcome = Some(match found {
            Ok(found) => settled(&judged.change, &found),
            Err(why) => Outcome::because(
                Status::Unknown,
                format!("no answer came, and the row could not be read again: {why}"),
            ),
        });
    }
}

/// Reads all rows that were changed once more, and takes "applied" back where the row does not
/// show it: routers have been seen to accept a `set` and do nothing. Gives the indexes of the
/// changes whose outcome is another one now.
pub async fn verify(session: &Session, judged: &mut [Judged]) -> Vec<usize> {
    let applied =
        |judged: &Judged| is_row(&judged.change) && judged.status() == Some(Status::Applied);
    // Of several changes of a row only the last one is what the row shows.
    let mut seen = HashSet::new();
    let is_last = |n: &usize| {
        let change = &judged[*n].change;
        let id = change.place().map(|id| (rows_of(change), id.to_owned()));
        id.is_none_or(|id| seen.insert(id))
    };
    let indexes: Vec<usize> = (0..judged.len())
        .rev()
        .filter(|&n| applied(&judged[n]))
        .filter(is_last)
        .collect();
    let mut revised = Vec::new();
    for (index, found) in read_again(session, judged, &indexes).await {
        let (Ok(found), Some(outcome)) = (found, judged[index].outcome.clone()) else {
            // The router said that it is done; that it cannot be asked again changes nothing.
            continue;
        };
        if let Some(outcome) = contradicted(&judged[index].change, &outcome, &found) {
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
        let Some(rows) = rows_of(change) else {
            continue;
        };
        let (wanted, members) = lanes.entry(rows).or_default();
        members.push(index);
        let added = outcome.as_ref().and_then(|outcome| outcome.id.clone());
        wanted.all |= change.place() == Some(ONLY);
        wanted.ids.extend(change.id.clone().or(added));
        if let (Action::Add, Some(row)) = (change.action, &change.after) {
            wanted.like(&change.target, row);
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
fn settled(change: &Change, found: &Found) -> Outcome {
    let landed = |id: Option<String>| Outcome {
        id,
        ..Outcome::because(Status::Applied, "no answer came; read again, it had landed")
    };
    let not_landed = || {
        Outcome::because(
            Status::Failed,
            "no answer came; read again, it had not landed",
        )
    };
    let before = change.before.clone().unwrap_or_default();
    let after = change.after.clone().unwrap_or_default();
    let now = change.place().and_then(|id| found.with_id(id));
    let target = &change.target;
    let is_whole = |now: &Fields| is_same_row(target, &before, now);
    let is_so = |row: &Fields, now: &Fields| is_row_as_expected(target, row, now);
    match (change.action, now) {
        (Action::Remove, Some(now)) if is_whole(now) => not_landed(),
        (Action::Remove, _) => landed(None),
        (Action::Set, Some(now)) if is_so(&after, now) => landed(None),
        (Action::Set, Some(now)) if is_so(&before, now) => not_landed(),
        (Action::Add, _) => {
            let Some(key) = menu::key_of(&change.target, &after) else {
                return Outcome::because(Status::Unknown, "no answer came");
            };
            let is_like = |row: &Fields| !menu::is_key_shared(target) || is_so(&after, row);
            let like = found.with_key(&key).filter(|(_, row)| is_like(row));
            let ids: Vec<&str> = like.map(|(id, _)| id).collect();
            match ids.as_slice() {
                [] => not_landed(),
                [id] => landed(Some((*id).to_owned())),
                _ => Outcome::because(
                    Status::Unknown,
                    "no answer came, and several rows have its key",
                ),
            }
        }
        (Action::Set | Action::Command | Action::Execute, _) => Outcome::because(
            Status::Unknown,
            "no answer came, and the row is neither as it was nor as it was to be",
        ),
    }
}

/// The true outcome of a change that the router called done and the row does not show.
fn contradicted(change: &Change, outcome: &Outcome, found: &Found) -> Option<Outcome> {
    let before = change.before.as_ref()?;
    let id = change.place().or(outcome.id.as_deref())?;
    let now = found.with_id(id);
    match (change.action, now) {
        (Action::Remove, Some(now)) if is_same_row(&change.target, before, now) => {
            Some(Outcome::because(
                Status::Failed,
                "the router called it done, and the row is still there",
            ))
        }
        (Action::Set, Some(now)) => {
            let after = change.after.as_ref()?;
            let sent: Fields = menu::sent_fields(&change.target, before, after).collect();
            let missing = change.differences(&sent, now);
            // A value that the router wrote in its own way is not the old one.
            let kept = |name: &str| now.get(name) == before.get(name);
            let unchanged = missing.iter().any(|difference| kept(&difference.field));
            unchanged.then(|| Outcome {
                differences: missing,
                ..Outcome::because(
                    Status::Failed,
                    "the router called it done, and the row did not change",
                )
            })
        }
        _ => None,
    }
}
