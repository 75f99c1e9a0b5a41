//! Which changes of a plan are made: chosen by what people see of them, and left out with all that hangs
//! together with them.

use std::collections::{BTreeSet, HashSet};

use catalogue::{Argument, Said};
use sentences::{
    ErrorSelectionEmpty, ErrorSelectionUnknown, HintSelectionKey, HintSelectionKnown,
    HintSelectionNear, HintSelectionNothing,
};
use thiserror::Error;

use super::change::{Change, Write};
use super::fields::Fields;
use super::menu;
use super::outcome::{Done, Outcome};
use super::row::RowWrite;
use super::together;
use site::config::MASK;
use site::grant::Target;
use wording::near::all_near;

/// How many keys of a plan an error names.
const NAMED: usize = 5;

/// The changes of a plan that are to be made: without keys all of them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// If there are any: none but those with one of these.
    pub only: Vec<Key>,
    /// None with one of these.
    pub except: Vec<Key>,
}

/// What people see of a change: a value of its row's natural key, `field=value` of it with `,` between
/// several, the name of a key of Redis, or that of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

/// A selection that does not fit to a plan.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}", self.said())]
pub enum SelectionError {
    /// It would be the key of every change, or of none.
    Empty,
    /// Nobody knows what was meant.
    Unknown {
        /// The key.
        key: String,
        /// Those that are like it, else some that there are.
        known: Vec<String>,
        /// Are they like it?
        is_near: bool,
    },
}

impl SelectionError {
    /// For people.
    pub fn said(&self) -> Said {
        match self {
            Self::Empty => ErrorSelectionEmpty.into(),
            Self::Unknown { key, .. } => ErrorSelectionUnknown { key }.into(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Said {
        let Self::Unknown { known, is_near, .. } = self else {
            return HintSelectionKey.into();
        };
        let keys = known.iter().map(|key| format!("`{key}`").into());
        let keys = Argument::List(keys.collect());
        match (known.len(), is_near) {
            (0, _) => HintSelectionNothing.into(),
            (_, true) => HintSelectionNear { keys }.into(),
            (_, false) => HintSelectionKnown { keys }.into(),
        }
    }
}

impl Selection {
    /// Marks what of `done` is left out. Groups are left out whole. Gives the changes that were to be
    /// made and are not.
    ///
    /// # Errors
    /// [`SelectionError::Unknown`]: a key that no change has. Then nothing is marked.
    pub fn leave_out(&self, done: &mut [Done]) -> Result<Vec<Change>, SelectionError> {
        let all = self.only.iter().chain(&self.except);
        let is_known = |key: &&Key| done.iter().any(|done| key.is_of(&done.change));
        match all.clone().find(|key| !is_known(key)) {
            Some(unknown) => Err(unknown.unknown(done)),
            None => Ok(self.leave_out_known(done)),
        }
    }

    /// The same of a later stage, which need not have a change with each key.
    pub fn leave_out_known(&self, done: &mut [Done]) -> Vec<Change> {
        if self.only.is_empty() && self.except.is_empty() {
            return Vec::new();
        }
        let (only, except) = (with_keys(&self.only, done), with_keys(&self.except, done));
        leave_out(done, |group| {
            !self.only.is_empty() && !only.contains(&group) || except.contains(&group)
        })
    }
}

/// Marks the groups of `done` that `is_left` names by their first changes, and gives those of their
/// changes that were to be made.
pub fn leave_out(done: &mut [Done], is_left: impl Fn(usize) -> bool) -> Vec<Change> {
    let groups = together::groups(done.iter().map(|done| &done.change));
    let mut left = Vec::new();
    for (group, done) in groups.into_iter().zip(done) {
        if !is_left(group) || !done.outcome.is_asked_for() {
            continue;
        }
        if done.outcome.goes_ahead() {
            left.push(done.change.clone());
        }
        done.outcome = Outcome::left_out();
    }
    left
}

/// The groups of which a change has one of the keys.
fn with_keys(keys: &[Key], done: &[Done]) -> HashSet<usize> {
    let groups = together::groups(done.iter().map(|done| &done.change));
    let has_one = |change: &Change| keys.iter().any(|key| key.is_of(change));
    let of_keys = groups.into_iter().zip(done);
    let of_keys = of_keys.filter(|(_, done)| has_one(&done.change));
    of_keys.map(|(group, _)| group).collect()
}

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// [`SelectionError::Empty`].
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        match text.trim() {
            "" => Err(SelectionError::Empty),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// Is it a key of this change?
    pub fn is_of(&self, change: &Change) -> bool {
        let Some(row) = change.row() else {
            return names(change).contains(&self.0);
        };
        let states = || row.before().into_iter().chain(row.after());
        states().any(|state| self.is_value_of(row, state))
            || fields(&self.0)
                .is_some_and(|fields| states().any(|state| are_fields_of(row, state, &fields)))
    }

    /// Is it one value of the natural key of this row?
    fn is_value_of(&self, change: &RowWrite, row: &Fields) -> bool {
        let key = menu::key_fields(&change.menu).iter();
        let values = key.filter_map(|name| Some((*name, row.get(name)?)));
        values
            .filter(|(_, value)| !value.is_empty())
            .any(|(name, value)| is_value(change, name, value, &self.0))
    }

    fn unknown(&self, done: &[Done]) -> SelectionError {
        let names: BTreeSet<String> = done.iter().flat_map(|done| names(&done.change)).collect();
        let known = || names.iter().map(String::as_str);
        let near = all_near(&self.0, known());
        let is_near = !near.is_empty();
        let known: Vec<&str> = if is_near { near } else { known().collect() };
        SelectionError::Unknown {
            key: self.0.clone(),
            known: known.into_iter().take(NAMED).map(str::to_owned).collect(),
            is_near,
        }
    }
}

/// What of a change is a key of it by itself, for people.
fn names(change: &Change) -> Vec<String> {
    let name = |target: Target| target.name().to_owned();
    match &change.write {
        Write::Statement(_) | Write::Request(_) => vec![name(change.target())],
        Write::Keys(keys) => keys.targets().into_iter().map(name).collect(),
        Write::Row(row) => values_of_key(row),
        Write::Command(command) => {
            let of_row = command.row.iter().flat_map(|row| values_of_key(row));
            [name(change.target())].into_iter().chain(of_row).collect()
        }
    }
}

fn values_of_key(row: &RowWrite) -> Vec<String> {
    let key = menu::key_fields(&row.menu).iter();
    let subject = row.subject();
    let values = key.filter_map(|name| Some(row.shown(name, subject?.get(name)?)));
    values
        .filter(|value| !value.is_empty() && value != MASK)
        .collect()
}

/// Reads `field=value,field=value`; a `,` before anything else belongs to the value.
fn fields(text: &str) -> Option<Vec<(&str, String)>> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for part in text.split(',') {
        let field = part.split_once('=').filter(|(name, _)| is_name(name));
        match (field, fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name.trim(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            (None, None) => return None,
        }
    }
    Some(fields)
}

/// Can this be the name of a field?
fn is_name(text: &str) -> bool {
    let text = text.trim();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// Has the row all of these, in its natural key? Where its menu has none its content is what it is
/// known by.
fn are_fields_of(change: &RowWrite, row: &Fields, fields: &[(&str, String)]) -> bool {
    let key = menu::key_fields(&change.menu);
    fields.iter().all(|(name, wanted)| {
        let value = row.get(name).unwrap_or_default();
        (key.is_empty() || key.contains(name)) && is_value(change, name, value, wanted)
    })
}

/// Is `value` what somebody wrote as `wanted`, in any spelling?
fn is_value(change: &RowWrite, name: &str, value: &[u8], wanted: &str) -> bool {
    menu::is_same(&change.menu, name, Some(value), Some(wanted.as_bytes()))
        || change.shown(name, value) == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SavedKey;
    use crate::outcome::Status;
    use crate::row::At;

    fn removed(menu: &str, fields: &[(&str, &str)]) -> Change {
        let row = fields.iter().copied().collect();
        Change::remove(None, &menu.parse().unwrap(), At::row("*1"), row, "")
    }

    fn is_of(key: &str, change: &Change) -> bool {
        Key::parse(key).unwrap().is_of(change)
    }

    #[test]
    fn a_key_is_known_in_whatever_words_it_is_written() {
        let entry = [
            ("list", "blocked"),
            ("address", "10.0.0.5"),
            ("comment", "x"),
        ];
        let entry = removed("/ip/firewall/address-list", &entry);
        let binding = [("mac-address", "AA:BB:CC:DD:EE:0F"), ("server", "all")];
        let binding = removed("/ip/hotspot/ip-binding", &binding);
        let without_key = removed(
            "/ip/hotspot/walled-garden",
            &[("dst-host", "*.example.com"), ("action", "allow")],
        );
        let redis = Change::command(
            vec![b"DEL".to_vec(), b"a=b,c".to_vec()],
            SavedKey::named(b"a=b,c".to_vec()),
            vec![SavedKey::named(b"other".to_vec())],
            "",
        );
        for (change, key, expected) in [
            (&entry, "10.0.0.5", true),
            (&entry, "10.0.0.5/32", true),
            (&entry, " 10.0.0.5 ", true),
            (&entry, "blocked", true),
            (&entry, "10.0.0.50", false),
            (&entry, "x", false),
            (&entry, "*1", false),
            (&entry, "address=10.0.0.5", true),
            (&entry, "list=blocked,address=10.0.0.5", true),
            (&entry, "list=vip,address=10.0.0.5", false),
            (&entry, "list=blocked,address=10.0.0.6", false),
            (&entry, "comment=x", false),
            (&binding, "aa-bb-cc-dd-ee-0f", true),
            (&binding, "mac-address=aabb.ccdd.ee0f", true),
            (&binding, "AA:BB:CC:DD:EE:0E", false),
            (&without_key, "dst-host=*.example.com", true),
            (&without_key, "allow", false),
            (&redis, "a=b,c", true),
            (&redis, "other", true),
            (&redis, "a", false),
        ] {
            assert_eq!(
                is_of(key, change),
                expected,
                "{key} of {}",
                change.spoken(crate::comments::Comments::Written)
            );
        }
        assert_eq!(Key::parse(" "), Err(SelectionError::Empty));
    }

    #[test]
    fn what_hangs_together_is_left_out_together() {
        let menu = "/ip/firewall/address-list";
        let one = removed(menu, &[("list", "a"), ("address", "10.0.0.1")]);
        let row = [("list", "b"), ("address", "10.0.0.1")].into_iter();
        let again = Change::set(
            None,
            &menu.parse().unwrap(),
            At::row("*1"),
            (row.collect(), [("list", "c")].into_iter().collect()),
            "",
        );
        let mut other = removed(menu, &[("list", "d"), ("address", "10.0.0.1")]);
        other.row_mut().unwrap().set_at(At::row("*2"));
        let done = |change: &Change| Done {
            change: change.clone(),
            outcome: Outcome::of(Status::Planned),
        };
        let statuses = |key: &str, only: bool| {
            let mut done = [&one, &again, &other].map(done);
            let keys = vec![Key::parse(key).unwrap()];
            let selection = match only {
                true => Selection {
                    only: keys,
                    ..Selection::default()
                },
                false => Selection {
                    except: keys,
                    ..Selection::default()
                },
            };
            let left = selection.leave_out(&mut done).map(|left| left.len());
            (left, done.map(|done| done.outcome.is_left_out()))
        };
        // The row *1 is in both of the first ones.
        assert_eq!(statuses("list=c", false), (Ok(2), [true, true, false]));
        assert_eq!(statuses("list=a", true), (Ok(1), [false, false, true]));
        assert_eq!(statuses("10.0.0.1", false), (Ok(3), [true, true, true]));
        let (error, marked) = statuses("10.0.0.2", false);
        assert_eq!(marked, [false; 3]);
        let error = error.unwrap_err();
        assert_eq!(error.hint().to_string(), "did you mean `10.0.0.1`?");
        let (error, _) = statuses("something else", true);
        let hint = error.unwrap_err().hint();
        assert_eq!(
            hint.to_string(),
            "planned is, among others, `10.0.0.1`, `a`, `b`, `d`"
        );
    }
}
