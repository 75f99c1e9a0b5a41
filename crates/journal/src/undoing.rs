//! Whether a change takes back what a run made.

use super::record::{Known, Record};
use super::run::SiteIdentity;
use plan::change::{Change, Write};
use plan::fields::Fields;
use plan::identity::Remembered;
use plan::menu;
use plan::outcome::Status;
use plan::row::{Edit, RowWrite};
use plan::sameness::{is_as_expected, is_row_as_expected};
use routeros_schema::Menu;

/// Does one of `records`, by which `change` is said to undo a run on `site`, hold what it undoes: a
/// change of this row that left it as `change` expects it, and before which it was as it is to be?
/// What a run of ours made may be unmade, and nothing else is by saying so.
pub fn is_undoing(change: &Change, records: &[Record], site: &SiteIdentity) -> bool {
    let is_here = |record: &&Record| {
        let was = record.run.as_ref().map(|run| &run.site);
        change.undoes.as_ref() == Some(&record.id) && was.is_none_or(|was| was.is_same(site))
    };
    let is_made = |(_, outcome, _): &&Known| {
        let status = outcome.as_ref().map(|outcome| outcome.status);
        matches!(status, None | Some(Status::Applied | Status::Unknown))
    };
    let is_taken_back = |(made, outcome, _): &Known| {
        let place = |change: &Change| (change.router().map(str::to_owned), change.target());
        let left = outcome.as_ref().and_then(|outcome| outcome.left.as_ref());
        place(made) == place(change) && is_way_back(change, made, left)
    };
    // Most rows have the id that they had then, and of many changes only one has it.
    let has_its_id = |(made, outcome, _): &Known| {
        let added = outcome.as_ref().and_then(|outcome| outcome.id.as_deref());
        made.id().or(added) == change.id()
    };
    let made = || {
        let records = records.iter().filter(is_here);
        records.flat_map(|record| record.changes.iter().filter(is_made))
    };
    made().any(|known| has_its_id(known) && is_taken_back(known)) || made().any(is_taken_back)
}

/// Does `change` take back what `made` did to the same row, or the same keys? `left` is the row as the
/// router made it, where that was another one than was reckoned with.
fn is_way_back(change: &Change, made: &Change, left: Option<&Fields>) -> bool {
    match (&change.write, &made.write) {
        (Write::Row(change), Write::Row(made)) => is_row_way_back(change, made, left),
        (Write::Keys(_), Write::Keys(_)) | (Write::Request(_), Write::Request(_)) => true,
        _ => false,
    }
}

fn is_row_way_back(change: &RowWrite, made: &RowWrite, left: Option<&Fields>) -> bool {
    let menu = &change.menu;
    match (&change.edit, &made.edit) {
        (Edit::Remove { before: row, .. }, Edit::Add(added)) => {
            let (known, added) = known_of_added(menu, (&added.row, left), &[]);
            known.is(menu, row) && is_row_as_expected(menu, &added, row)
        }
        (
            Edit::Set {
                before: row,
                after: gets,
                ..
            },
            Edit::Set {
                before: was, after, ..
            },
        ) => {
            let left = Remembered::Left {
                row: left.unwrap_or(after).clone(),
                settable: Vec::new(),
                or: None,
            };
            let given: Vec<&str> = set_fields(made).collect();
            let sets_back = |name: &str| {
                let (was, gets) = (was.get(name), gets.get(name));
                let had = left.row().get(name).unwrap_or_default();
                let is_as_it_was = match menu::is_time_left(menu, name) {
                    true => was.is_some_and(|was| is_as_expected(menu, name, was, gets)),
                    false => menu::is_same(menu, name, was, gets),
                };
                given.contains(&name)
                    && is_as_it_was
                    && is_as_expected(menu, name, had, row.get(name))
            };
            left.is(menu, row) && set_fields(change).all(sets_back)
        }
        // A row that comes back is a new one, and nothing protects it.
        (Edit::Add(_), Edit::Remove { .. }) => true,
        (Edit::Move { row, .. }, Edit::Move { row: moved, .. }) => {
            let moved = Remembered::Left {
                row: moved.clone(),
                settable: Vec::new(),
                or: None,
            };
            moved.is(menu, row)
        }
        _ => false,
    }
}

/// The fields that a change of a row gave another value.
pub fn set_fields(change: &RowWrite) -> impl Iterator<Item = &str> {
    let before = change.before();
    let after = change.after().into_iter().flat_map(Fields::iter);
    let is_other = move |(name, after): &(&str, &[u8])| {
        let before = before.and_then(|before| before.get(name));
        menu::is_change(&change.menu, name, before, after)
    };
    after.filter(is_other).map(|(name, _)| name)
}

/// What is known of a row that was `added`, and `left` so by the router: by what it is found again, and how
/// it is to be if it is to be taken away. `settable` are the fields that can be set, as the router names
/// them.
///
/// What the router made of what was sent is known where it was read again. Where it was not, the router
/// may have written values in its own way: what a row is known by must be as it was.
pub fn known_of_added(
    menu: &Menu,
    (added, left): (&Fields, Option<&Fields>),
    settable: &[String],
) -> (Remembered, Fields) {
    let Some(left) = left else {
        let expected = told_apart_by(menu, added);
        return (Remembered::Sent(added.clone()), expected);
    };
    let expected = left.only(|name| menu::is_settable(menu, name, settable));
    let known = Remembered::Left {
        row: left.clone(),
        settable: settable.to_vec(),
        or: None,
    };
    (known, expected)
}

/// The part of a row that nobody else's row has.
fn told_apart_by(menu: &Menu, row: &Fields) -> Fields {
    let known_by = menu::key_fields(menu);
    row.only(|name| known_by.contains(&name) || name == "comment")
}
