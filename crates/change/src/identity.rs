//! Which row a change means. Ids are of a router's session: after a reboot they may be other rows'.

use super::fields::Fields;
use super::menu::{self, Key};
use super::planned::{Change, differences, is_as_expected, row_differences};
use super::reread::Found;
use site::grant::Target;

/// By what a row is the same one under another id: its natural key, or where its menu has none, its
/// content.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// The row as it was seen, whole.
    Seen(Fields),
    /// The row as a run left it.
    Left {
        /// The row.
        row: Fields,
        /// The fields that can be set, as the router names them; none where it names none.
        settable: Vec<String>,
    },
    /// What was sent for a row that was added: the router gave it more fields.
    Sent(Fields),
}

/// The row that a change means, as it is now.
pub enum Located<'a> {
    /// It is there, under this id.
    At(&'a str, &'a Fields),
    /// It is not there, and nothing is in its place.
    Gone,
    /// The id is another row's now, and no row is the one that was meant.
    Other(&'a Fields),
    /// So many rows may be the one that was meant.
    Several(usize),
}

/// Finds the row that `change` means among those that were read again.
pub fn locate<'a>(change: &Change, found: &'a Found) -> Located<'a> {
    let target = &change.target;
    let at_id = change.id.as_deref().and_then(|id| found.under(id));
    let Some(identity) = &change.identity else {
        return at_id.map_or(Located::Gone, |(id, row)| Located::At(id, row));
    };
    let mut rows: Vec<(&str, &Fields)> = match identity.key(target) {
        Some(key) => found.with_key(&key).collect(),
        None if identity.can_be_looked_for(target) => found.all().collect(),
        None => at_id.into_iter().collect(),
    };
    // A row that is only planned has no id yet.
    rows.retain(|(id, row)| !id.is_empty() && identity.is(target, row));
    if rows.len() > 1 {
        let equal = |row: &Fields| identity.has_content(row);
        let several = rows.len();
        match at_id.filter(|(id, row)| rows.iter().any(|(like, _)| like == id) && equal(row)) {
            Some(row) => rows = vec![row],
            None => rows.retain(|(_, row)| equal(row)),
        }
        if rows.len() != 1 {
            return Located::Several(several);
        }
    }
    match (rows.first(), at_id) {
        (Some((id, row)), _) => Located::At(id, row),
        (None, Some((_, other))) => Located::Other(other),
        (None, None) => Located::Gone,
    }
}

impl Identity {
    /// The whole natural key, where it is known.
    pub fn key(&self, target: &Target) -> Option<Key> {
        let fields = menu::key_fields(target);
        match self {
            Self::Seen(row) | Self::Left { row, .. } => menu::key_of(target, row),
            // What was not sent may have become something that is not empty.
            Self::Sent(row) if fields.iter().all(|name| row.get(name).is_some()) => {
                menu::key_of(target, row)
            }
            Self::Sent(_) => None,
        }
    }

    /// Can the row be told from all others? What was sent for a row without a key could have become
    /// more than one.
    pub fn can_be_looked_for(&self, target: &Target) -> bool {
        match self {
            Self::Seen(_) | Self::Left { .. } => true,
            Self::Sent(row) => menu::key_of(target, row).is_some(),
        }
    }

    /// Is `now` this row?
    fn is(&self, target: &Target, now: &Fields) -> bool {
        match (self, self.key(target)) {
            (_, Some(key)) => menu::key_of(target, now) == Some(key),
            (Self::Sent(row), None) if menu::key_of(target, row).is_some() => {
                let known = menu::key_fields(target).iter();
                let mut known = known.filter_map(|name| Some((*name, row.get(name)?)));
                known.all(|(name, value)| now.get(name).unwrap_or_default() == value)
            }
            (_, None) => self.has_content(now),
        }
    }

    /// Has `now` the content of this row?
    pub fn has_content(&self, now: &Fields) -> bool {
        let other_than_id = |row: &Fields| row.only(|name| name != ".id");
        match self {
            Self::Seen(row) => row_differences(&other_than_id(row), &other_than_id(now)).is_empty(),
            Self::Left { row, settable } => {
                let counts = |name: &str| match settable.is_empty() {
                    true => !menu::is_own(name),
                    false => settable.iter().any(|known| known == name),
                };
                let counts = |name: &str| counts(name) && !menu::is_moving(name);
                let (row, now) = (row.only(counts), now.only(counts));
                differences(&row, &now).is_empty() && differences(&now, &row).is_empty()
            }
            Self::Sent(row) => row
                .iter()
                .all(|(name, value)| now.get(name).is_some_and(|now| is_alike(name, value, now))),
        }
    }
}

/// Is `now` what the router may have made of `sent`?
fn is_alike(name: &str, sent: &[u8], now: &[u8]) -> bool {
    let truth = |value: &[u8]| match value {
        b"yes" | b"true" => Some(true),
        b"no" | b"false" => Some(false),
        _ => None,
    };
    let seconds = |value: &[u8]| menu::seconds(std::str::from_utf8(value).ok()?);
    is_as_expected(name, sent, Some(now))
        || sent.eq_ignore_ascii_case(now)
        || truth(sent).is_some_and(|sent| truth(now) == Some(sent))
        || seconds(sent).is_some_and(|sent| seconds(now) == Some(sent))
}
