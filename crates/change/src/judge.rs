//! Changes held against the rows as they are now, and against what those before them make of the
//! rows.

use std::collections::{BTreeMap, HashMap};

use routeros_api::Id;

use super::error::ChangeError;
use super::fields::Fields;
use super::guard;
use super::judge_row::judge_row;
use super::own::OwnRows;
use super::planned::{Action, Change, Done, NOT_SENT, ONLY, Outcome, Status};
use super::reread::{self, Effects, Found, Wanted};
use super::together::{self, Hold, Rows, holds, rows_of};
use super::{ensure, keys, menu, order, plan, tables};
use session::Session;
use site::config::Service;

/// A change that was looked at: with an outcome it is not to be made.
#[derive(Debug)]
pub struct Judged {
    /// The change.
    pub change: Change,
    /// What became of it; nothing while it goes ahead.
    pub outcome: Option<Outcome>,
}

impl Judged {
    /// The change with its outcome; one that goes ahead is planned.
    pub fn into_done(self) -> Done {
        let planned = match self.change.action {
            Action::Execute => Outcome::because(Status::Planned, tables::PLANNED),
            _ => Outcome {
                why: order::why_last(&self.change).map(str::to_owned),
                ..Outcome::of(Status::Planned)
            },
        };
        Done {
            change: self.change,
            outcome: self.outcome.unwrap_or(planned),
        }
    }

    /// Is it to be made?
    pub fn goes_ahead(&self) -> bool {
        self.outcome.is_none()
    }

    /// What became of it, if that is known.
    pub fn status(&self) -> Option<Status> {
        self.outcome.as_ref().map(|outcome| outcome.status)
    }
}

/// What the changes before are to make of the rows, and what of them cannot be made.
#[derive(Default)]
pub struct Earlier {
    effects: BTreeMap<Rows, Effects>,
    /// What changes hold that are not made, and so what becomes of later changes that hold it.
    unmade: HashMap<Hold, Outcome>,
}

impl Earlier {
    /// Notes what `change` would make of its row: later changes are held against that.
    pub fn plan(&mut self, change: &Change) {
        if let Some(rows) = rows_of(change) {
            self.effects.entry(rows).or_default().note(change);
        }
    }

    /// Notes what a change holds that was not made: the changes of a row are made up to the first one
    /// that cannot be, as those of a plan are.
    pub fn hold_back(&mut self, change: &Change, outcome: &Outcome) {
        let later = |hold: &Hold| match outcome.status {
            Status::Conflict | Status::Protected => Some(cannot_be_made(change, hold)),
            Status::Failed | Status::Unknown => Some(not_made_before(hold)),
            Status::Skipped if outcome.is_not_sent() => Some(not_made_before(hold)),
            Status::Planned | Status::Applied | Status::Skipped => None,
        };
        for hold in holds(change) {
            if let Some(later) = later(&hold) {
                self.unmade.entry(hold).or_insert(later);
            }
        }
    }

    /// What becomes of a change because of an earlier one, if it could be made as such.
    fn held_back(&self, change: &Change) -> Option<Outcome> {
        let held = holds(change);
        held.iter().find_map(|hold| self.unmade.get(hold)).cloned()
    }
}

/// Changes that were looked at.
pub struct Judgement {
    /// The changes in their order; one that was asked for may have become two.
    pub judged: Vec<Judged>,
    /// For each of them the place of the one that was asked for.
    pub asked: Vec<usize>,
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
    (session, own): (&Session, &OwnRows),
    changes: Vec<Change>,
    earlier: &Earlier,
    broken: Broken,
) -> Result<Judgement, ChangeError> {
    // What is wrong with one change of a journal is no reason to leave the others unmade.
    let is_undo = changes.iter().all(|change| change.undoes.is_some());
    let mut lanes: BTreeMap<Rows, Wanted> = BTreeMap::new();
    for change in &changes {
        if let Some(rows) = rows_of(change) {
            match want(lanes.entry(rows).or_default(), change, broken) {
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
                unread.insert(lane, error.to_string());
            }
            rows => drop(found.insert(lane, rows?)),
        }
    }
    let mut judged = Vec::with_capacity(changes.len());
    let mut asked = Vec::with_capacity(changes.len());
    // What cannot be made of these changes.
    let mut here = Earlier::default();
    for (place, change) in changes.into_iter().enumerate() {
        let rows = rows_of(&change);
        let unread = rows.as_ref().and_then(|rows| unread.get(rows));
        let mut found = rows.and_then(|rows| found.get_mut(&rows));
        let parts = match &found {
            Some(found) => ensure::resolve(change, found),
            None => vec![(change, None)],
        };
        for (mut change, decided) in parts {
            let outcome = match (decided, &found) {
                (Some(outcome), _) => Some(outcome),
                (None, Some(found)) => judge_row(&mut change, found),
                (None, None) if unread.is_some() => {
                    unread.map(|why| Outcome::because(Status::Conflict, why))
                }
                (None, None) if change.action == Action::Execute => None,
                (None, None) => keys::judge(session, &mut change).await?,
            };
            // Only a row that is as it was expected is known with all its fields.
            let protected = guard::protection(&change, session.site(), own)
                .map(|why| Outcome::because(Status::Protected, why));
            change.key = plan::key_fields(&change);
            let held_back = earlier.held_back(&change);
            let held_back = held_back.or_else(|| here.held_back(&change));
            let outcome = match (outcome.or(protected), held_back) {
                (None, held_back) => held_back,
                // Judged by a row that an earlier change should have made another one.
                (Some(_), Some(held_back)) if held_back.is_not_sent() => Some(held_back),
                (outcome, _) => outcome,
            };
            if let (None, Some(found)) = (&outcome, &mut found) {
                order::place(&mut change, found);
                found.change(&change);
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
    Ok(Judgement { judged, asked })
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
        row.chain(change.followed_by.iter().map(|followed_by| followed_by.at))
    });
    if let Some(oldest) = remembered.min() {
        let ids_since = reread::ids_since(&router, oldest).await?;
        rows.held_against(of_lane(changes, lane), ids_since);
    }
    let effects = earlier.effects.get(lane);
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

/// Is it about a row of a router?
pub fn is_row(change: &Change) -> bool {
    change.target.service() == Service::Mikrotik
}

/// Where one change of a row or a group cannot be made, none of its changes is: those that were planned
/// before it cannot be made either.
pub fn whole_or_not_at_all<'a>(done: impl Iterator<Item = &'a mut Done>) {
    let mut done: Vec<&mut Done> = done.collect();
    let statuses = done
        .iter()
        .map(|done| (&done.change, Some(done.outcome.status)));
    let broken = broken(statuses);
    for (done, broken) in done.iter_mut().zip(broken) {
        if let (Some(outcome), Status::Planned) = (broken, done.outcome.status) {
            done.outcome = outcome;
        }
    }
}

fn all_or_none(judged: &mut [Judged]) {
    let statuses = judged
        .iter()
        .map(|judged| (&judged.change, judged.status()));
    let broken = broken(statuses);
    for (judged, broken) in judged.iter_mut().zip(broken) {
        judged.outcome = judged.outcome.take().or(broken);
    }
}

/// What becomes of each change because of one that it hangs together with and that cannot be made.
fn broken<'a>(changes: impl Iterator<Item = (&'a Change, Option<Status>)>) -> Vec<Option<Outcome>> {
    let changes: Vec<_> = changes.collect();
    let groups = together::groups(changes.iter().map(|(change, _)| *change));
    let mut bad: BTreeMap<usize, Outcome> = BTreeMap::new();
    for (group, (change, status)) in groups.iter().zip(&changes) {
        if matches!(status, Some(Status::Conflict | Status::Protected)) {
            bad.entry(*group).or_insert_with(|| {
                let held = holds(change);
                let by_group = held.first().filter(|hold| matches!(hold, Hold::Group(_)));
                let what = by_group.map_or("of the same row", Hold::spoken);
                other_cannot_be_made(change, what)
            });
        }
    }
    groups.iter().map(|group| bad.get(group).cloned()).collect()
}

/// What becomes of a change that hangs together with `other` by `hold`.
fn cannot_be_made(other: &Change, hold: &Hold) -> Outcome {
    other_cannot_be_made(other, hold.spoken())
}

fn other_cannot_be_made(other: &Change, what: &str) -> Outcome {
    let why = format!("another change {what} cannot be made: {}", other.spoken());
    Outcome::because(Status::Conflict, why)
}

fn want(wanted: &mut Wanted, change: &Change, broken: Broken) -> Result<(), ChangeError> {
    if let Some(identity) = &change.identity {
        match identity.row.key(&change.target) {
            Some(_) => wanted.like(&change.target, identity.row.row()),
            None => wanted.all = true,
        }
    }
    if let (Action::Add, Some(row)) = (change.action, &change.after) {
        wanted.like(&change.target, row);
    }
    let has_place = match change.action {
        Action::Remove => broken == Broken::Whole && menu::is_ordered(&change.target),
        _ => change.followed_by.is_some(),
    };
    if has_place || change.place() == Some(ONLY) {
        wanted.all = true;
    }
    // The last, as it is a hint beside the others.
    if let Some(id) = &change.id {
        id.parse::<Id>()
            .map_err(|_| ChangeError::Id { id: id.clone() })?;
        wanted.ids.insert(id.clone());
    }
    Ok(())
}

/// The changes of rows of one menu of one router.
fn of_lane<'a>(changes: &'a [Change], lane: &'a Rows) -> impl Iterator<Item = &'a Change> {
    let is_of_lane = |change: &&Change| rows_of(change).as_ref() == Some(lane);
    changes.iter().filter(is_of_lane)
}

/// The keys that rows are to get in a menu in which one row only may have a key, without those in
/// `known`: the rows that have them already are to be found as well.
fn keys_to_be(changes: &[Change], lane: &Rows, known: &Wanted, found: &Found) -> Wanted {
    let mut wanted = Wanted::default();
    let of_lane = || of_lane(changes, lane);
    let gives_a_key = |change: &Change| {
        let key = menu::key_fields(&change.target);
        let mut sent = change.after.iter().flat_map(Fields::iter);
        change.action == Action::Set
            && menu::is_key_unique(&change.target)
            && sent.any(|(name, _)| key.contains(&name))
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
        let row = change.after.as_ref();
        if let Some(row) = row.filter(|_| change.action == Action::Set) {
            wanted.like(&change.target, row);
        }
        found.change(&change);
    }
    wanted.keys.retain(|key| !known.keys.contains(key));
    wanted
}

/// A later change is not sent that hangs together by `hold` with one that was not made.
pub fn not_made_before(hold: &Hold) -> Outcome {
    not_sent_because(&format!("an earlier change {} was not made", hold.spoken()))
}

/// A change that is not sent, and why.
pub fn not_sent_because(why: &str) -> Outcome {
    Outcome::because(Status::Skipped, format!("{NOT_SENT}{why}"))
}
