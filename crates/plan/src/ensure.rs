//! What a row is to be, whatever it is now: added where no row has its key, set where it differs, given
//! its time anew, and left alone where it is so.

use catalogue::Said;
use routeros_schema::Menu;
use sentences::{OutcomeRowPermanent, OutcomeRowSo, OutcomeSeveralRows};

use super::change::Change;
use super::fields::Fields;
use super::found::Found;
use super::menu;
use super::outcome::{Outcome, Status};
use super::row::{Added, At, Edit};

/// How a row that is there is made to last as long as it is to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ensure {
    /// When the time of a row begins anew that ends by itself.
    pub renew: Renew,
    /// Is a row that would last longer, or for ever, made to end when it is to?
    pub shorten: bool,
}

/// When the time of a row begins anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renew {
    /// Where less than half of it is left.
    #[default]
    Half,
    /// Where less than so many seconds of it are left.
    Below(u64),
    /// Whatever is left of it.
    Always,
}

/// The changes that make of the rows that were found what `change` wants, and what of them is decided
/// already. A change that makes no row sure is its own answer.
pub fn resolve(mut change: Change, found: &Found) -> Vec<(Change, Option<Outcome>)> {
    let asked = change.row_mut().and_then(|row| match &mut row.edit {
        Edit::Add(added) => {
            let ensure = added.ensure.take()?;
            Some((row.menu.clone(), added.row.clone(), ensure))
        }
        _ => None,
    });
    let Some((menu, wanted, ensure)) = asked else {
        return vec![(change, None)];
    };
    let key = menu::key_of(&menu, &wanted);
    let rows = key.iter().flat_map(|key| found.with_key(key));
    let mut rows: Vec<(&str, &Fields)> = rows.collect();
    // Where rows may share a key, one that is as it is to be is enough.
    let is_so = |(_, row): &&(&str, &Fields)| differing(&menu, &wanted, row).is_empty();
    if let Some(so) = rows.iter().find(is_so).copied() {
        rows = vec![so];
    }
    let added = |change| with_edit(change, Edit::Add(Added::of(wanted.with_a_value())));
    match rows.as_slice() {
        // What an earlier change adds is as it is to be, or in its way.
        [] | [("", _)] => vec![(added(&change), None)],
        [(id, now)] => of_row(&change, (&menu, &wanted), ensure, (id, now)),
        several => {
            let why = OutcomeSeveralRows {
                rows: several.len(),
            };
            let outcome = Outcome::because(Status::Conflict, why);
            vec![(added(&change), Some(outcome))]
        }
    }
}

fn of_row(
    change: &Change,
    (menu, wanted): (&Menu, &Fields),
    ensure: Ensure,
    (id, now): (&str, &Fields),
) -> Vec<(Change, Option<Outcome>)> {
    let set = |after: Fields| {
        let edit = Edit::Set {
            at: At::row(id),
            before: now.clone(),
            after,
        };
        with_edit(change, edit)
    };
    let mut fields = differing(menu, wanted, now);
    let so: Said = match lasting(menu, wanted, now, ensure) {
        Lasting::Kept => OutcomeRowSo.into(),
        Lasting::Permanent => OutcomeRowPermanent.into(),
        Lasting::Renewed(name, time) => {
            fields.set(name, time);
            Said::default()
        }
        Lasting::Replaced(name) => {
            let row = replaced(menu, name, (wanted, &fields), now);
            let remove = Edit::Remove {
                at: At::row(id),
                before: now.clone(),
                followed_by: None,
                alike: 0,
            };
            let edits = [remove, Edit::Add(Added::of(row))];
            return edits.map(|edit| (with_edit(change, edit), None)).into();
        }
    };
    match fields.is_empty() {
        true => vec![(
            set(now.clone()),
            Some(Outcome::because(Status::Skipped, so)),
        )],
        false => vec![(set(fields), None)],
    }
}

/// The same change with another edit of the row.
fn with_edit(change: &Change, edit: Edit) -> Change {
    let mut change = change.clone();
    if let Some(row) = change.row_mut() {
        row.edit = edit;
    }
    change
}

/// A row that lasts is never made of one that ends, or the other way round: it is another row with the
/// same key.
fn replaced(
    menu: &Menu,
    time: &str,
    (wanted, differing): (&Fields, &Fields),
    now: &Fields,
) -> Fields {
    let mut row = menu::writable(menu, now, &[]);
    row.remove(time);
    let time = wanted.iter().filter(|(name, _)| *name == time);
    for (name, value) in differing.iter().chain(time) {
        row.set(name, value);
    }
    row.with_a_value()
}

/// The fields, but for the time that is left, that are to be other ones; a row that is off is to be on.
fn differing(menu: &Menu, wanted: &Fields, now: &Fields) -> Fields {
    let fields = menu::sent_fields(menu, now, wanted);
    let mut fields: Fields = fields
        .filter(|(name, _)| !menu::is_time_left(menu, name))
        .collect();
    if let Some((switch, on)) = menu::switch(menu)
        && wanted.get(switch).is_none()
        && !menu::is_same(menu, switch, now.get(switch), Some(on))
    {
        fields.set(switch, on);
    }
    fields
}

/// What becomes of the time that is left of a row.
enum Lasting {
    /// It runs on, or there is none and is to be none.
    Kept,
    /// There is none and is to be one, and the row stays as it is.
    Permanent,
    /// It is set.
    Renewed(&'static str, Vec<u8>),
    /// Another row comes in its place.
    Replaced(&'static str),
}

fn lasting(menu: &Menu, wanted: &Fields, now: &Fields, ensure: Ensure) -> Lasting {
    let Some(name) = menu::time_left(menu) else {
        return Lasting::Kept;
    };
    let value = wanted.get(name).filter(|value| !value.is_empty());
    let left = now.get(name).and_then(menu::seconds);
    let (value, whole, left) = match (value, left) {
        (None, None) => return Lasting::Kept,
        (Some(_), None) if !ensure.shorten => return Lasting::Permanent,
        (None, Some(_)) | (Some(_), None) => return Lasting::Replaced(name),
        (Some(value), Some(left)) => (value, menu::seconds(value).unwrap_or(left), left),
    };
    let is_due = match ensure.renew {
        _ if left > whole => ensure.shorten,
        Renew::Half => left.saturating_mul(2) < whole,
        Renew::Below(seconds) => left < seconds,
        Renew::Always => true,
    };
    match is_due {
        true => Lasting::Renewed(name, value.to_vec()),
        false => Lasting::Kept,
    }
}
