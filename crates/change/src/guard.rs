//! What is refused whatever a script asks: protected rows, and more changes than anybody meant.

use std::collections::BTreeMap;

use routeros_schema::Menu;
use routeros_schema::schema;

use super::error::ChangeError;
use super::fields::Fields;
use super::own::OwnRows;
use super::planned::{Action, Change};
use portal::comment::Tokens;
use session::database::Touched;
use site::config::{Pattern, Protected, Site};
use site::grant::Target;
use wording::bytes::shown;

const BINDINGS: &str = "/ip/hotspot/ip-binding";
const LISTS: [&str; 2] = ["/ip/firewall/address-list", "/ipv6/firewall/address-list"];

/// Changes that a run may make without being told a number.
const MOST: usize = 50;

/// Rows of which half says nothing about a list or a table.
const HANDFUL: u64 = 4;

/// Why the row that `change` would set or remove on the site is protected, if it is.
pub fn protection(change: &Change, site: &Site, own: &OwnRows) -> Option<String> {
    let patterns = &site.protected;
    let row = change.before.as_ref();
    match (&change.target, change.action, row) {
        (Target::Menu(menu), Action::Set | Action::Remove, Some(row)) => match change.undoes {
            // What a run of ours made may be unmade, unless the site itself says no.
            Some(_) => listed(patterns, |protected| is_row(protected, menu, row)),
            None => row_protection((change.router.as_deref(), menu), row, site, own),
        },
        (Target::Key(_), _, _) => change
            .targets()
            .iter()
            .find_map(|target| listed(patterns, |protected| is_key(protected, target))),
        _ => None,
    }
}

/// Why a row of a router's `menu` is protected, if it is; the first router where none is named.
///
/// What the site lists is. Of the other rows those are not that a run of ours added. An ip-binding whose comment names a user is how the portal finds the user of a device; a row of
/// an address list without a token is somebody else's, unless the site says that the list is its own.
pub fn row_protection(
    (router, menu): (Option<&str>, &Menu),
    row: &Fields,
    site: &Site,
    own: &OwnRows,
) -> Option<String> {
    foreign(menu, row, site)
        .filter(|_| !own.has(router, &Target::Menu(menu.clone()), row))
        .or_else(|| listed(&site.protected, |protected| is_row(protected, menu, row)))
}

/// Why a row looks like somebody else's, if it does.
fn foreign(menu: &Menu, row: &Fields, site: &Site) -> Option<String> {
    let path = menu.path();
    let comment = shown(row.get("comment").unwrap_or_default());
    let names_user = || {
        ["uid=", "user_id=", "user="]
            .iter()
            .any(|key| comment.contains(key))
    };
    if path == BINDINGS && names_user() {
        return Some("the comment of an ip-binding names its user (rule ip-binding)".to_owned());
    }
    let tokens = Tokens::read(&comment);
    let list = super::menu::list_of(row).unwrap_or_default();
    let is_own = site.writable.iter().any(|own| own == list);
    if LISTS.contains(&path) && !is_own && tokens.uid.is_none() && tokens.user.is_none() {
        return Some(format!(
            "the row has no token uid= or user=, so it is not the portal's (rule token); if the list \
             is yours to change, write writable = [{list:?}] into the site's table of tikbook.toml"
        ));
    }
    None
}

fn listed(patterns: &[Protected], matches: impl Fn(&Protected) -> bool) -> Option<String> {
    patterns
        .iter()
        .find(|protected| matches(protected))
        .map(|pattern| format!("the site protects `{pattern}` (key `protected` of tikbook.toml)"))
}

fn is_row(protected: &Protected, menu: &Menu, row: &Fields) -> bool {
    match protected {
        Protected::Menu(whole) => whole == menu,
        Protected::Pattern(pattern) => is_matched(pattern, menu, row),
    }
}

fn is_key(protected: &Protected, key: &Target) -> bool {
    match protected {
        Protected::Menu(_) => false,
        Protected::Pattern(pattern) => pattern.is_key(key.name()),
    }
}

/// Whether any value of the row looks as the pattern says.
fn is_matched(pattern: &Pattern, menu: &Menu, row: &Fields) -> bool {
    let schema = schema::menu(menu);
    row.iter()
        .any(|(name, value)| pattern.is_value(schema, name, value))
}

/// What a run has changed so far, to be held against what it may.
#[derive(Clone, Debug, Default)]
pub struct Radius {
    changes: usize,
    lists: BTreeMap<List, (usize, u64)>,
    /// By their names in full.
    tables: BTreeMap<String, Table>,
}

/// What a run did to the rows that a table had before it.
#[derive(Clone, Debug)]
struct Table {
    /// The table, for people.
    name: String,
    /// How many were changed or removed.
    replaced: u64,
    /// Were there perhaps fewer?
    is_most: bool,
    /// How many there were, where somebody could count them.
    size: Option<u64>,
}

/// What "half of a list" is half of: an address list, or a menu.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct List {
    /// The router, where it is not the first.
    pub router: Option<String>,
    /// The menu.
    pub menu: Menu,
    /// The address list in it.
    pub list: Option<String>,
}

impl List {
    /// The list whose row `change` sets or removes; a menu that has only one row is none.
    pub fn of(change: &Change) -> Option<Self> {
        let counts = matches!(change.action, Action::Set | Action::Remove);
        let counts = counts && change.id.is_some();
        let row = change.before.as_ref().filter(|_| counts)?;
        Some(Self {
            router: change.router.clone(),
            menu: change.target.menu()?.clone(),
            list: super::menu::list_of(row).map(str::to_owned),
        })
    }

    fn name(&self) -> String {
        match &self.list {
            Some(list) => format!("the list `{list}`"),
            None => self.menu.to_string(),
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

    /// Both together, of which this was changed before the other.
    #[must_use]
    pub fn and(mut self, later: &Self) -> Self {
        self.changes += later.changes;
        for (list, (count, size)) in &later.lists {
            self.lists.entry(list.clone()).or_insert((0, *size)).0 += count;
        }
        self
    }

    /// Takes changes out again that are not to be made after all.
    pub fn take_out<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        for change in changes {
            self.changes = self.changes.saturating_sub(1);
            if let Some((count, _)) = List::of(change).and_then(|list| self.lists.get_mut(&list)) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// How much `changes` are, of lists whose rows were counted here.
    pub fn of<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let counted = |(list, (_, size)): (&List, &(usize, u64))| (list.clone(), (0, *size));
        let mut radius = Self {
            lists: self.lists.iter().map(counted).collect(),
            ..Self::default()
        };
        radius.add(changes);
        radius
    }

    /// Puts the rows that a statement touched in the place of the one change it was counted as.
    fn touched(&mut self, touched: &Touched) {
        let rows = usize::try_from(touched.rows).unwrap_or(usize::MAX);
        self.changes = self.changes.saturating_sub(1).saturating_add(rows);
        for its in &touched.tables {
            let table = self.tables.entry(its.full_name.clone());
            let table = table.or_insert_with(|| Table {
                name: its.name.clone(),
                replaced: 0,
                is_most: false,
                size: its.size,
            });
            table.replaced = table.replaced.saturating_add(its.replaced);
            table.is_most |= its.is_most;
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
        let too_much =
            |(count, size): &(usize, u64)| *size > HANDFUL && 2 * (*count as u64) > *size;
        let of_list = self.lists.iter().find(|(_, counts)| too_much(counts));
        if let Some((list, (of_list, size))) = of_list {
            return Err(ChangeError::TooMuchOfList {
                list: list.name(),
                of_list: *of_list,
                is_most: false,
                changes,
                size: *size,
            });
        }
        self.tables
            .values()
            .try_for_each(|table| table.check(changes))
    }
}

impl Table {
    fn check(&self, changes: usize) -> Result<(), ChangeError> {
        // A row that was changed twice, or added before, counts as another one.
        let of_table = self.replaced.min(self.size.unwrap_or(u64::MAX));
        let of_table = usize::try_from(of_table).unwrap_or(usize::MAX);
        match self.size {
            Some(size) if size <= HANDFUL || self.replaced.saturating_mul(2) <= size => Ok(()),
            Some(size) => Err(ChangeError::TooMuchOfList {
                list: format!("the table `{}`", self.name),
                of_list: of_table,
                is_most: self.is_most,
                changes,
                size,
            }),
            None if self.replaced == 0 => Ok(()),
            None => Err(ChangeError::TooMuchOfUncounted {
                table: self.name.clone(),
                of_table,
                changes,
            }),
        }
    }
}

/// What statements are held against while their transactions are open: how many rows one touches is
/// known only then.
pub struct Ceiling<'a> {
    radius: &'a mut Radius,
    max_changes: Option<usize>,
    /// Why a statement was rolled back; nothing is to be sent after it.
    pub refusal: Option<ChangeError>,
}

impl<'a> Ceiling<'a> {
    /// Statements of a run that may change so much.
    pub fn new(radius: &'a mut Radius, max_changes: Option<usize>) -> Self {
        Self {
            radius,
            max_changes,
            refusal: None,
        }
    }

    /// Counts what a statement did. If it says no, the statement is to be rolled back, and
    /// does not count.
    pub fn admits(&mut self, touched: &Touched) -> bool {
        let mut radius = self.radius.clone();
        radius.touched(touched);
        match radius.check(self.max_changes) {
            Ok(()) => *self.radius = radius,
            Err(refusal) => {
                self.radius.changes = self.radius.changes.saturating_sub(1);
                self.refusal = Some(refusal);
            }
        }
        self.refusal.is_none()
    }
}

#[cfg(test)]
mod tests {
    use session::database::TouchedTable;

    use super::*;

    fn menu(path: &str) -> Menu {
        path.parse().unwrap()
    }

    fn row(list: &str, comment: &str) -> Fields {
        [
            ("list", list),
            ("address", "10.0.0.9"),
            ("comment", comment),
        ]
        .into_iter()
        .collect()
    }

    fn protection_of(path: &str, row: Fields, site: &Site) -> Option<String> {
        let nothing = OwnRows::of(None, &site.name);
        row_protection((None, &menu(path)), &row, site, &nothing)
    }

    #[test]
    fn bindings_of_users_and_rows_without_a_token_are_protected() {
        let mut site = Site::named("home");
        let protected = |path, comment| protection_of(path, row("blocked", comment), &site);
        assert!(protected(BINDINGS, "authorized|user=0812345678").is_some());
        assert!(protected(BINDINGS, "authorized|user_id=7").is_some());
        assert!(protected(BINDINGS, "printer in the hall").is_none());
        assert!(protected(LISTS[0], "superuser=1").is_some());
        assert!(protected(LISTS[0], "lpsaring|status=blocked|user=0812345678").is_none());
        site.writable = vec!["vip".to_owned()];
        assert!(protection_of(LISTS[0], row("vip", ""), &site).is_none());
        assert!(protection_of(LISTS[0], row("VIP", ""), &site).is_some());
    }

    #[test]
    fn the_site_protects_rows_by_any_field_or_by_one() {
        let matched = |pattern: &str| {
            let row = row("blocked", "x|user=0812345678");
            let mut site = Site::named("home");
            site.protected = vec![pattern.parse().unwrap()];
            protection_of(LISTS[0], row, &site).is_some()
        };
        assert!(matched("10.0.0.*"));
        assert!(matched("address=10.*"));
        assert!(matched("*user=0812345678*"));
        assert!(!matched("comment=10.*"));
    }

    #[test]
    fn more_than_fifty_changes_or_half_of_a_list_want_a_number() {
        let change = Change::remove(None, &menu(LISTS[0]), "*1", row("blocked", ""), "");
        let list = List::of(&change).unwrap();
        let mut radius = Radius::default();
        radius.counted(list, 6);
        radius.add([&change, &change, &change]);
        assert!(radius.check(None).is_ok());
        radius.add([&change]);
        assert!(matches!(
            radius.check(None),
            Err(ChangeError::TooMuchOfList {
                changes: 4,
                size: 6,
                ..
            })
        ));
        assert!(radius.check(Some(4)).is_ok());
        assert!(matches!(
            radius.check(Some(3)),
            Err(ChangeError::TooMany { .. })
        ));
    }

    #[test]
    fn the_rows_of_statements_count_with_the_changes_of_the_router() {
        let change = Change::add(None, &menu(LISTS[0]), row("blocked", ""), "");
        let statement = Change::execute("DELETE FROM guests", vec![], "");
        let touched = |rows| Touched {
            rows,
            is_most: false,
            own_rows: rows,
            tables: Vec::new(),
        };
        let mut radius = Radius::default();
        radius.add(std::iter::repeat_n(&change, 20).chain([&statement, &statement]));
        let mut ceiling = Ceiling::new(&mut radius, None);
        assert!(ceiling.admits(&touched(29)));
        assert!(!ceiling.admits(&touched(2)));
        assert!(matches!(
            ceiling.refusal,
            Some(ChangeError::TooMany { changes: 51, .. })
        ));
        // What was refused is not counted, and what follows is.
        radius.add([&change]);
        assert!(radius.check(None).is_ok());
        radius.add([&change]);
        assert!(radius.check(None).is_err());
    }

    #[test]
    fn half_of_a_table_is_half_of_what_it_was_before_the_run() {
        let mut radius = Radius::default();
        let mut replaces = |rows: [(&str, u64, Option<u64>); 2]| {
            radius.add([&Change::execute("", vec![], "")]);
            let tables = rows.map(|(name, replaced, size)| TouchedTable {
                full_name: format!("public.{name}"),
                name: name.to_owned(),
                replaced,
                is_most: false,
                size,
            });
            let touched = Touched {
                rows: 1,
                is_most: false,
                own_rows: 1,
                tables: tables.into(),
            };
            let mut ceiling = Ceiling::new(&mut radius, None);
            match ceiling.admits(&touched) {
                true => String::new(),
                false => ceiling.refusal.unwrap().to_string(),
            }
        };
        let none = ("log", 0, None);
        assert_eq!(replaces([("guests", 4, Some(10)), none]), "");
        // Of a handful of rows half says nothing.
        assert_eq!(replaces([("others", 4, Some(4)), none]), "");
        // What was added since is no part of what was there.
        let six = "6 of the 10 rows of the table `guests`";
        assert!(replaces([("guests", 2, Some(30)), none]).contains(six));
        assert_eq!(replaces([("guests", 1, Some(30)), none]), "");
        // What a statement does beside its own table is held against that table.
        let nine = "9 of the 9 rows of the table `rooms`";
        assert!(replaces([("log", 0, None), ("rooms", 9, Some(9))]).contains(nine));
        let unknown = "1 row of the table `log`, and nobody can count";
        assert!(replaces([("log", 1, None), ("rooms", 0, Some(9))]).contains(unknown));
    }
}
