//! What is refused whatever a script asks: protected rows, and more changes than anybody meant.

use std::collections::BTreeMap;

use super::error::ChangeError;
use super::fields::{Fields, shown};
use super::planned::{Action, Change};
use crate::grant::{Service, matches_pattern};
use crate::portal::comment::Tokens;

const BINDINGS: &str = "/ip/hotspot/ip-binding";
const LISTS: [&str; 2] = ["/ip/firewall/address-list", "/ipv6/firewall/address-list"];

/// Changes that a run may make without being told a number.
const MOST: usize = 50;

/// Why the row that `change` would set or remove is protected, if it is. `patterns` are the site's own.
pub fn protection(change: &Change, patterns: &[String]) -> Option<String> {
    let row = change.before.as_ref();
    match (change.target.service, change.action, row) {
        // What a run of ours made may be unmade, unless the site itself says no.
        (Service::Mikrotik, Action::Set | Action::Remove, Some(row)) if change.undoes.is_some() => {
            listed(patterns, |pattern| is_matched(pattern, row))
        }
        (Service::Mikrotik, Action::Set | Action::Remove, Some(row)) => {
            row_protection(&change.target.name, row, patterns)
        }
        (Service::Redis, _, _) => change
            .targets()
            .iter()
            .find_map(|target| listed(patterns, |pattern| matches_pattern(pattern, &target.name))),
        _ => None,
    }
}

/// Why a row of `menu` is protected, if it is.
///
/// An ip-binding whose comment names a user is how the portal finds the user of a device; a row of
/// an address list without a token is somebody else's.
pub fn row_protection(menu: &str, row: &Fields, patterns: &[String]) -> Option<String> {
    let comment = shown("comment", row.get("comment").unwrap_or_default());
    if menu == BINDINGS && (comment.contains("uid=") || comment.contains("user=")) {
        return Some("the comment of an ip-binding names its user (rule ip-binding)".to_owned());
    }
    let tokens = Tokens::read(&comment);
    if LISTS.contains(&menu) && tokens.uid.is_none() && tokens.user.is_none() {
        return Some(
            "the row has no token uid= or user=, so it is not the portal's (rule token)".to_owned(),
        );
    }
    listed(patterns, |pattern| is_matched(pattern, row))
}

fn listed(patterns: &[String], matches: impl Fn(&str) -> bool) -> Option<String> {
    patterns
        .iter()
        .find(|pattern| matches(pattern))
        .map(|pattern| format!("the site protects `{pattern}` (key `protected` of tikbook.toml)"))
}

/// `name=pattern` looks at one field, a bare pattern at the value of each.
fn is_matched(pattern: &str, row: &Fields) -> bool {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let one_field = pattern.split_once('=').is_some_and(|(name, pattern)| {
        row.get(name)
            .is_some_and(|value| matches_pattern(pattern, &text(value)))
    });
    one_field
        || row
            .iter()
            .any(|(_, value)| matches_pattern(pattern, &text(value)))
}

/// What a run has changed so far, to be held against what it may.
#[derive(Clone, Debug, Default)]
pub struct Radius {
    changes: usize,
    lists: BTreeMap<List, (usize, u64)>,
}

/// What "half of a list" is half of: an address list, or a menu.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct List {
    /// The router, where it is not the first.
    pub router: Option<String>,
    /// The menu.
    pub menu: String,
    /// The address list in it.
    pub list: Option<String>,
}

impl List {
    /// The list whose row `change` sets or removes.
    pub fn of(change: &Change) -> Option<Self> {
        let counts = matches!(change.action, Action::Set | Action::Remove);
        let row = change.before.as_ref().filter(|_| counts)?;
        Some(Self {
            router: change.router.clone(),
            menu: change.target.name.clone(),
            list: super::menu::list_of(row).map(str::to_owned),
        })
    }

    fn name(&self) -> String {
        match &self.list {
            Some(list) => format!("the list `{list}`"),
            None => self.menu.clone(),
        }
    }
}

impl Radius {
    /// Is the size of this list still to be counted?
    pub fn lacks(&self, list: &List) -> bool {
        !self.lists.contains_key(list)
    }

    /// Notes how many rows a list had before the run changed it.
    pub fn counted(&mut self, list: List, size: u64) {
        self.lists.entry(list).or_insert((0, size));
    }

    /// Adds changes that are to be made.
    pub fn add<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        for change in changes {
            self.changes += 1;
            if let Some((count, _)) = List::of(change).and_then(|list| self.lists.get_mut(&list)) {
                *count += 1;
            }
        }
    }

    /// Holds all changes so far against `--max-changes`, else against the limits of unattended runs.
    ///
    /// # Errors
    /// [`ChangeError::TooMany`], [`ChangeError::TooMuchOfList`].
    pub fn check(&self, max_changes: Option<usize>) -> Result<(), ChangeError> {
        let changes = self.changes;
        let limit = max_changes.unwrap_or(MOST);
        if changes > limit {
            return Err(ChangeError::TooMany { changes, limit });
        }
        if max_changes.is_some() {
            return Ok(());
        }
        let too_much = |(count, size): &(usize, u64)| 2 * (*count as u64) > *size;
        match self.lists.iter().find(|(_, counts)| too_much(counts)) {
            None => Ok(()),
            Some((list, (of_list, size))) => Err(ChangeError::TooMuchOfList {
                list: list.name(),
                of_list: *of_list,
                changes,
                size: *size,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(list: &str, comment: &str) -> Fields {
        [
            ("list", list),
            ("address", "10.0.0.9"),
            ("comment", comment),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn bindings_of_users_and_rows_without_a_token_are_protected() {
        let protected = |menu, comment| row_protection(menu, &row("blocked", comment), &[]);
        assert!(protected(BINDINGS, "authorized|user=0812345678").is_some());
        assert!(protected(BINDINGS, "printer in the hall").is_none());
        assert!(protected(LISTS[0], "superuser=1").is_some());
        assert!(protected(LISTS[0], "lpsaring|status=blocked|user=0812345678").is_none());
    }

    #[test]
    fn the_site_protects_rows_by_any_field_or_by_one() {
        let matched = |pattern: &str| {
            let row = row("blocked", "x|user=0812345678");
            row_protection(LISTS[0], &row, &[pattern.to_owned()]).is_some()
        };
        assert!(matched("10.0.0.*"));
        assert!(matched("address=10.*"));
        assert!(matched("*user=0812345678*"));
        assert!(!matched("comment=10.*"));
    }

    #[test]
    fn more_than_fifty_changes_or_half_of_a_list_want_a_number() {
        let change = Change::remove(None, LISTS[0], "*1", row("blocked", ""), "");
        let list = List::of(&change).unwrap();
        let mut radius = Radius::default();
        radius.counted(list, 4);
        radius.add([&change, &change]);
        assert!(radius.check(None).is_ok());
        radius.add([&change]);
        assert!(matches!(
            radius.check(None),
            Err(ChangeError::TooMuchOfList {
                changes: 3,
                size: 4,
                ..
            })
        ));
        assert!(radius.check(Some(3)).is_ok());
        assert!(matches!(
            radius.check(Some(2)),
            Err(ChangeError::TooMany { .. })
        ));
    }
}
