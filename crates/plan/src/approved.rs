//! What may be applied: the changes that somebody said yes to, as far as they are planned again.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use catalogue::Said;
use routeros_schema::CommandPath;
use sentences::{
    DifferenceAnotherValue, DifferenceShownValue, OutcomeNew, OutcomeNotAsShown, OutcomeNotNeeded,
    OutcomeWithGroup, OutcomeWithRow, UnlikeChanged, UnlikeGone, UnlikeNew,
};

use super::change::{Action, Change, Group, Write};
use super::comments::Comments;
use super::fields::Fields;
use super::judged::Judged;
use super::menu::{self, Key};
use super::order::FollowedBy;
use super::outcome::{Difference, Done, Outcome, Status};
use super::request;
use super::row::{Added, Edit, RowWrite};
use super::spoken::PLACE;
use super::statement::Statement;
use super::together::{self, Hold, Rows};

/// The changes of a run in their order: those that were approved, and what is known of the others.
pub struct Approved {
    changes: Vec<Judged>,
    /// `--max-changes`.
    pub max_changes: Option<usize>,
}

/// What both plans hold, the one that was `shown` and approved, and the one that was made `again` under
/// the site's locks. The second one's order counts. A change that is in the first alone is no longer
/// needed; one that is in the second alone was not approved; one that is another one now is a
/// conflict; what was left out stays so; and what hangs together is applied together or not at all.
pub fn approved(shown: &[Done], again: Vec<Done>, max_changes: Option<usize>) -> Approved {
    let mut shown = Shown::of(shown);
    let mut changes: Vec<Judged> = Vec::with_capacity(again.len());
    let mut shown_in: Vec<Option<Group>> = Vec::with_capacity(again.len());
    let mut is_of_both: Vec<bool> = Vec::with_capacity(again.len());
    let ahead = again.iter().filter(|done| done.outcome.goes_ahead());
    let ahead: HashSet<Mark> = ahead.map(|done| Mark::of(&done.change)).collect();
    for done in again {
        let (judged, of_both, group) = shown.judge(done, &ahead);
        changes.push(judged);
        shown_in.push(group);
        is_of_both.push(of_both);
    }
    for Done { change, outcome } in shown.rest() {
        let outcome = match outcome.is_left_out() {
            true => outcome.clone(),
            false => Outcome::because(Status::Skipped, OutcomeNotNeeded),
        };
        changes.push(Judged {
            change: change.clone(),
            outcome: Some(outcome),
        });
        is_of_both.push(false);
    }
    together_or_not_at_all(&mut changes, shown_in, &is_of_both);
    Approved {
        changes,
        max_changes,
    }
}

/// Holds the plan of now, `now`, against one that was approved before, `before`. Gives how it is another
/// one, a line for each difference, for people: none where it is the same. A comment is written as it was
/// approved.
pub fn unlike(before: &[Change], now: &mut [Done]) -> Vec<Said> {
    let before = before.iter().map(|change| Done {
        change: change.clone(),
        outcome: Outcome::of(Status::Planned),
    });
    let before: Vec<Done> = before.collect();
    let mut shown = Shown::of(&before);
    let mut unlike = Vec::new();
    for Done { change, .. } in now.iter_mut().filter(|done| done.outcome.goes_ahead()) {
        let Some(Done { change: shown, .. }) = shown.take(change) else {
            unlike.push(
                UnlikeNew {
                    change: change.spoken(Comments::Meant),
                }
                .into(),
            );
            continue;
        };
        let differences = differences(shown, change);
        if !differences.is_empty() {
            let differences = Said::several(
                differences
                    .iter()
                    .map(|differs| differs.spoken(Comments::Meant)),
            );
            let change = change.spoken(Comments::Meant);
            unlike.push(
                UnlikeChanged {
                    change,
                    differences,
                }
                .into(),
            );
        }
        keep_comment(shown, change);
    }
    let gone = shown.rest();
    unlike.extend(gone.map(|done| {
        let change = done.change.spoken(Comments::Meant);
        Said::from(UnlikeGone { change })
    }));
    unlike
}

impl Approved {
    /// The changes to be looked at once more, as they were asked for: those that go ahead, and those
    /// that are so already, whose rows are no other change's.
    pub fn asked(&self) -> Vec<Change> {
        let asked = self.changes.iter().filter(|judged| is_asked(judged));
        asked
            .map(|judged| judged.change.clone().sent_again())
            .collect()
    }

    /// All changes, those that go ahead as they were judged `again`.
    pub fn with(&self, again: Vec<Judged>) -> Vec<Judged> {
        let mut again = again.into_iter();
        let mut judged = Vec::with_capacity(self.changes.len());
        for known in &self.changes {
            let again = if is_asked(known) { again.next() } else { None };
            judged.push(match again.filter(|_| known.goes_ahead()) {
                Some(again) => again,
                None => Judged {
                    change: known.change.clone(),
                    outcome: known.outcome.clone(),
                },
            });
        }
        judged
    }
}

fn is_asked(judged: &Judged) -> bool {
    judged.goes_ahead() || judged.status() == Some(Status::Skipped)
}

/// What makes two changes of two plans the same one, before anybody looks at their values.
#[derive(PartialEq, Eq, Hash)]
enum Mark {
    /// The row with this natural key.
    Key(Rows, Action, Key),
    /// A row in a menu without a key, or the one that comes back in its place.
    Id(Rows, Action, Option<String>),
    /// The words of a command of Redis.
    Words(Vec<Vec<u8>>),
    /// Service, verb and subject of a request.
    Request(String, String, String),
    /// A statement and its parameters.
    Statement(String, String),
    /// A command of a router, what is sent with it, and the row that it is about.
    Command(
        Option<String>,
        CommandPath,
        Vec<(String, Vec<u8>)>,
        Option<Box<Mark>>,
    ),
}

impl Mark {
    fn of(change: &Change) -> Self {
        match &change.write {
            Write::Row(row) => Self::of_row(row),
            Write::Keys(keys) => Self::Words(keys.words.clone()),
            Write::Statement(Statement {
                sql, parameters, ..
            }) => Self::Statement(sql.clone(), format!("{parameters:?}")),
            Write::Request(request) => Self::Request(
                request.service.clone(),
                request.verb.clone(),
                request.subject.clone(),
            ),
            Write::Command(command) => {
                let arguments = command.arguments.iter();
                let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_vec()));
                let mut arguments: Vec<_> = arguments.collect();
                arguments.sort();
                let row = command.row.as_deref().map(Self::of_row);
                Self::Command(
                    command.router.clone(),
                    command.command.clone(),
                    arguments,
                    row.map(Box::new),
                )
            }
        }
    }

    fn of_row(row: &RowWrite) -> Self {
        let (rows, action) = (row.rows(), row.action());
        let key = row.subject().and_then(|it| menu::key_of(&row.menu, it));
        match key {
            Some(key) => Self::Key(rows, action, key),
            None => Self::Id(rows, action, id_of(row)),
        }
    }
}

/// The id of the row, or of the one that it stands for.
fn id_of(row: &RowWrite) -> Option<String> {
    row.id().or(row.replaces()).map(str::to_owned)
}

/// The plan that was shown, as far as nothing of the second one was found in it: what was to be made,
/// what was left out, and what could not be made.
struct Shown<'a> {
    planned: HashMap<Mark, VecDeque<&'a Done>>,
    order: Vec<&'a Done>,
}

impl<'a> Shown<'a> {
    fn of(shown: &'a [Done]) -> Self {
        let order = shown
            .iter()
            .filter(|done| done.outcome.is_asked_for() || done.outcome.is_left_out());
        let order: Vec<&Done> = order.collect();
        let mut planned: HashMap<Mark, VecDeque<&Done>> = HashMap::new();
        for done in &order {
            let alike = planned.entry(Mark::of(&done.change)).or_default();
            alike.push_back(done);
        }
        Self { planned, order }
    }

    /// A change of the second plan, of which those with a mark in `ahead` are to be made, held against the one that was shown; whether it is the same one, and
    /// the group that it was shown in. What the second plan itself does not make, because it is so already or cannot be, hinders no
    /// other one.
    fn judge(
        &mut self,
        Done {
            mut change,
            outcome,
        }: Done,
        ahead: &HashSet<Mark>,
    ) -> (Judged, bool, Option<Group>) {
        // What is so already is not the one of its row that is still to be made.
        let is_meant = outcome.goes_ahead() || !ahead.contains(&Mark::of(&change));
        let shown = if is_meant { self.take(&change) } else { None };
        let group = shown.and_then(|shown| shown.change.group.clone());
        let outcome = match (shown, outcome.status) {
            (Some(shown), _) if shown.outcome.is_left_out() && outcome.is_asked_for() => {
                Some(Outcome::left_out())
            }
            (
                Some(Done {
                    change: shown,
                    outcome,
                }),
                Status::Planned,
            ) if outcome.goes_ahead() => {
                let differences = differences(shown, &change);
                keep_comment(shown, &mut change);
                (!differences.is_empty()).then(|| Outcome {
                    differences,
                    ..Outcome::because(Status::Conflict, OutcomeNotAsShown)
                })
            }
            // It was shown as one that cannot be made, and so nobody said yes to it.
            (Some(shown), Status::Planned) if !shown.outcome.goes_ahead() => {
                Some(shown.outcome.clone())
            }
            (_, Status::Planned) => Some(Outcome::because(Status::Skipped, OutcomeNew)),
            (_, _) => {
                return (
                    Judged {
                        change,
                        outcome: Some(outcome),
                    },
                    true,
                    group,
                );
            }
        };
        let is_of_both = outcome.is_none();
        (Judged { change, outcome }, is_of_both, group)
    }

    /// The change that was shown as this one: of several alike the one that is the same in all, else that of
    /// the same row, else the first.
    fn take(&mut self, change: &Change) -> Option<&'a Done> {
        let alike = self.planned.get_mut(&Mark::of(change))?;
        let row = |change: &Change| change.about().and_then(id_of);
        let is_same = |shown: &&Done| differences(&shown.change, change).is_empty();
        let is_of_row = |shown: &&Done| row(&shown.change) == row(change);
        // Most often there is one, and nothing to choose.
        let place = match alike.len() {
            0 | 1 => None,
            _ => {
                let same = alike.iter().position(is_same);
                same.or_else(|| alike.iter().position(is_of_row))
            }
        };
        alike.remove(place.unwrap_or(0))
    }

    /// What was shown and is not planned again, in its order.
    fn rest(&self) -> impl Iterator<Item = &'a Done> {
        let is_left = |done: &&Done| {
            let alike = self.planned.get(&Mark::of(&done.change));
            alike.is_some_and(|alike| alike.iter().any(|left| std::ptr::eq(*left, *done)))
        };
        self.order.iter().copied().filter(is_left)
    }
}

/// How a change is not the one that was shown, by what is there before it and by what is written.
fn differences(shown: &Change, again: &Change) -> Vec<Difference> {
    match (&shown.write, &again.write) {
        (Write::Row(shown), Write::Row(again)) => row_differences(shown, again),
        (Write::Keys(shown), Write::Keys(again)) => {
            let keys = shown.keys().zip(again.keys());
            let changed = keys.filter(|(shown, again)| shown.dump != again.dump);
            let changed = changed.map(|(key, _)| Difference {
                field: wording::bytes::shown(&key.key.to_vec()).into_owned(),
                expected: Some(DifferenceShownValue.into()),
                found: Some(DifferenceAnotherValue.into()),
            });
            changed.collect()
        }
        (Write::Request(shown), Write::Request(again)) => {
            let before = request_differences("before", &shown.before, &again.before);
            let after = request_differences("after", &shown.after, &again.after);
            before.into_iter().chain(after).collect()
        }
        (Write::Command(shown), Write::Command(again)) => {
            let rows = shown.row.as_ref().zip(again.row.as_ref());
            rows.map(|(shown, again)| row_differences(shown, again))
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The fields that a request has otherwise; those that are secret are named alone.
fn request_differences(when: &str, shown: &Fields, again: &Fields) -> Vec<Difference> {
    let names: BTreeSet<&str> = shown
        .iter()
        .chain(again.iter())
        .map(|(name, _)| name)
        .collect();
    let other = names
        .into_iter()
        .filter(|name| shown.get(name) != again.get(name));
    let difference = |name: &str| Difference {
        field: format!("{name} {when}"),
        expected: shown
            .get(name)
            .map(|value| request::shown(name, value).into()),
        found: again
            .get(name)
            .map(|value| request::shown(name, value).into()),
    };
    other.map(difference).collect()
}

fn row_differences(shown: &RowWrite, again: &RowWrite) -> Vec<Difference> {
    let none = Fields::default();
    let before = |row: &RowWrite| row.before().unwrap_or(&none).only(|name| name != ".id");
    let written = |row: &RowWrite| -> Fields {
        match &row.edit {
            Edit::Add(added) => added.row.with_a_value(),
            Edit::Set { after, .. } => menu::sent_fields(&row.menu, &before(row), after).collect(),
            Edit::Remove { .. } | Edit::Move { .. } => Fields::default(),
        }
    };
    let (is_shown, is_again) = (written(shown), written(again));
    // A text that was shown is written as it was shown; one that was not is not written.
    let is_text = |name: &str| name == "comment";
    let mut found = again.row_differences(&before(shown), &before(again));
    found.extend(again.row_differences(
        &is_shown.only(|name| !is_text(name)),
        &is_again.only(|name| !is_text(name)),
    ));
    let texts = (is_shown.get("comment"), is_again.get("comment"));
    if texts.0.is_some() != texts.1.is_some() {
        found.push(again.difference("comment", texts.0, texts.1));
    }
    let places = (shown.wanted_place(), again.wanted_place());
    let next = |place: Option<&FollowedBy>| {
        place
            .and_then(|place| place.rows.first())
            .map(|next| next.row.clone())
    };
    if next(places.0) != next(places.1) {
        found.push(Difference {
            field: PLACE.to_owned(),
            expected: Some(shown.spoken_place(places.0, Comments::Meant)),
            found: Some(again.spoken_place(places.1, Comments::Meant)),
        });
    }
    found
}

/// Comments may tell the time they were planned at.
fn keep_comment(shown: &Change, again: &mut Change) {
    let Some(comment) = shown.after().and_then(|row| row.get("comment")) else {
        return;
    };
    match again.row_mut().map(|row| &mut row.edit) {
        Some(Edit::Add(Added { row, .. }) | Edit::Set { after: row, .. }) => {
            row.set("comment", comment);
        }
        Some(Edit::Remove { .. } | Edit::Move { .. }) | None => {}
    }
}

/// What a change holds that is in the plan alone that was shown: its group has a number of that plan.
fn held_as_shown(change: &Change) -> Vec<Hold> {
    let as_shown = |hold| match hold {
        Hold::Group(group) => Hold::Shown(group),
        hold => hold,
    };
    together::holds(change).into_iter().map(as_shown).collect()
}

/// Of what hangs together all is in both plans, or none of it is made. The first changes are those of the
/// second plan, each with the group that it was `shown_in`; behind them are those of the first alone.
fn together_or_not_at_all(
    changes: &mut [Judged],
    shown_in: Vec<Option<Group>>,
    is_of_both: &[bool],
) {
    if is_of_both.iter().all(|of_both| *of_both) {
        return;
    }
    let (again, alone) = changes.split_at(shown_in.len());
    let again = again.iter().zip(shown_in).map(|(judged, group)| {
        let mut held = together::holds(&judged.change);
        held.extend(group.map(Hold::Shown));
        held
    });
    let alone = alone.iter().map(|judged| held_as_shown(&judged.change));
    let holds: Vec<Vec<Hold>> = again.chain(alone).collect();
    let is_grouped = |hold: &Hold| matches!(hold, Hold::Group(_) | Hold::Shown(_));
    let is_grouped: Vec<bool> = holds
        .iter()
        .map(|holds| holds.iter().any(is_grouped))
        .collect();
    let groups = together::groups_by(holds.into_iter());
    let of_one = groups.iter().zip(is_of_both).filter(|(_, both)| !**both);
    let left: HashSet<usize> = of_one.map(|(group, _)| *group).collect();
    for ((group, is_grouped), judged) in groups.iter().zip(is_grouped).zip(changes.iter_mut()) {
        if judged.goes_ahead() && left.contains(group) {
            let why = match is_grouped {
                true => Said::from(OutcomeWithGroup),
                false => OutcomeWithRow.into(),
            };
            judged.outcome = Some(Outcome::not_sent(why));
        }
    }
}
