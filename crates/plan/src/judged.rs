//! Changes that were looked at: what goes ahead, and what becomes of those that hang together with one that
//! cannot be made.

use std::collections::{BTreeMap, HashMap};

use catalogue::Said;
use sentences::{OutcomeOtherOfGroup, OutcomeOtherOfRow, OutcomeRowsLater};

use super::change::{Change, Write};
use super::comments::Comments;
use super::found::Effects;
use super::order;
use super::outcome::{Done, Outcome, Status, not_made_before};
use super::together::{self, Hold, Rows, holds};

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
        let why = match &self.change.write {
            Write::Row(row) => order::why_last(row),
            Write::Keys(_) | Write::Command(_) | Write::Request(_) => None,
            Write::Statement(_) => Some(OutcomeRowsLater.into()),
        };
        let planned = Outcome {
            why,
            ..Outcome::of(Status::Planned)
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
#[derive(Clone, Default)]
pub struct Earlier {
    effects: BTreeMap<Rows, Effects>,
    /// What changes hold that are not made, and so what becomes of later changes that hold it.
    unmade: HashMap<Hold, Outcome>,
}

impl Earlier {
    /// Notes what `change` would make of its row: later changes are held against that.
    pub fn plan(&mut self, change: &Change) {
        if let Some(row) = change.row() {
            self.effects.entry(row.rows()).or_default().note(row);
        }
    }

    /// Notes what a change holds that was not made: the changes of a row are made up to the first one
    /// that cannot be, as those of a plan are.
    pub fn hold_back(&mut self, change: &Change, outcome: &Outcome) {
        if !outcome.holds_back() {
            return;
        }
        for hold in holds(change) {
            let later = match outcome.status {
                Status::Conflict | Status::Protected => cannot_be_made(change, &hold),
                _ => not_made_before(&hold),
            };
            self.unmade.entry(hold).or_insert(later);
        }
    }

    /// What the changes before make of the rows of a menu.
    pub fn effects(&self, rows: &Rows) -> Option<&Effects> {
        self.effects.get(rows)
    }

    /// What becomes of a change because of an earlier one, if it could be made as such.
    pub fn held_back(&self, change: &Change) -> Option<Outcome> {
        if self.unmade.is_empty() {
            return None;
        }
        let held = holds(change);
        held.iter().find_map(|hold| self.unmade.get(hold)).cloned()
    }
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

/// The same of changes that are being looked at.
pub fn all_or_none(judged: &mut [Judged]) {
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
    let is_bad =
        |status: &Option<Status>| matches!(status, Some(Status::Conflict | Status::Protected));
    // Most plans have none, and then nothing hangs on anything.
    if !changes.iter().any(|(_, status)| is_bad(status)) {
        return vec![None; changes.len()];
    }
    let groups = together::groups(changes.iter().map(|(change, _)| *change));
    let mut bad: BTreeMap<usize, Outcome> = BTreeMap::new();
    for (group, (change, status)) in groups.iter().zip(&changes) {
        if is_bad(status) {
            bad.entry(*group).or_insert_with(|| {
                let held = holds(change);
                let by_group = held.first().filter(|hold| matches!(hold, Hold::Group(_)));
                other_cannot_be_made(change, by_group)
            });
        }
    }
    groups.iter().map(|group| bad.get(group).cloned()).collect()
}

/// What becomes of a change that hangs together with `other` by `hold`.
fn cannot_be_made(other: &Change, hold: &Hold) -> Outcome {
    other_cannot_be_made(other, Some(hold))
}

fn other_cannot_be_made(other: &Change, hold: Option<&Hold>) -> Outcome {
    let change = other.spoken(Comments::Meant);
    let why: Said = match hold {
        Some(Hold::Group(_) | Hold::Shown(_)) => OutcomeOtherOfGroup { change }.into(),
        Some(Hold::Row(..) | Hold::Key(..)) | None => OutcomeOtherOfRow { change }.into(),
    };
    Outcome::because(Status::Conflict, why)
}
