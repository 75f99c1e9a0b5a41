//! The names of the address-lists that the portal keeps, and when a name is in doubt: nobody set it,
//! no row of that list is the portal's and in force, and lists of other names carry the portal's
//! comments.

use std::collections::BTreeMap;

use super::comment::{ListComment, Tokens};
use super::setting::Settings;
use super::status::AccessStatus;

/// A list of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Users with access.
    Active,
    /// Users who are slowed down.
    Fup,
    /// Users without quota.
    Habis,
    /// Users whose time is over.
    Expired,
    /// Users who are switched off.
    Inactive,
    /// Users who are blocked.
    Blocked,
    /// Devices that nobody authorised.
    Unauthorized,
}

/// The name by which a list is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListName {
    /// Which list.
    pub kind: ListKind,
    /// Its name.
    pub name: String,
    /// Whether the setting or the environment says it; else it is the default of some code.
    pub is_given: bool,
}

/// A row of the address-lists, as far as it speaks of names.
#[derive(Clone, Copy, Debug)]
pub struct ListRow<'row> {
    /// The list that it is on.
    pub list: &'row str,
    /// Its comment.
    pub comment: &'row str,
    /// Switched off: it does nothing, and the portal looks after it no more.
    pub is_disabled: bool,
}

/// What the comments of a router's address-lists say of the lists' names.
#[derive(Default)]
pub struct Census(BTreeMap<String, Marks>);

/// A name that is likely not the one that the portal uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtedName {
    /// Which list.
    pub kind: ListKind,
    /// The name by which it was looked for.
    pub name: String,
    /// The lists that carry the portal's comments and that no name stands for, and those that carry the
    /// comments of this list though a setting gives their name to another; those with most such rows
    /// first.
    pub found: Vec<String>,
    /// The one among them whose comments say that it is this list.
    pub likely: Option<String>,
}

/// How many rows of one list have which comments of the portal.
#[derive(Default)]
struct Marks {
    /// Of all rows: a row that somebody switched off tells as well where the portal wrote it.
    all: Comments,
    /// Of those in force: only they show that the portal uses the list.
    in_force: Comments,
}

/// How many comments of the portal speak of which list.
#[derive(Default)]
struct Comments {
    /// By list, as far as the comment tells.
    told: [usize; ListKind::ALL.len()],
    /// Of some status list, without telling of which.
    untold: usize,
}

impl ListKind {
    /// All of them.
    pub const ALL: [ListKind; 7] = [
        ListKind::Active,
        ListKind::Fup,
        ListKind::Habis,
        ListKind::Expired,
        ListKind::Inactive,
        ListKind::Blocked,
        ListKind::Unauthorized,
    ];

    /// The list's word, which is its name too where the portal's usage sync is told no other.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ListKind::Active => "active",
            ListKind::Fup => "fup",
            ListKind::Habis => "habis",
            ListKind::Expired => "expired",
            ListKind::Inactive => "inactive",
            ListKind::Blocked => "blocked",
            ListKind::Unauthorized => "unauthorized",
        }
    }

    /// The list of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<ListKind> {
        ListKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Is it one of the six that stand for a status?
    fn is_of_status(self) -> bool {
        self != ListKind::Unauthorized
    }

    /// The list that a row of this comment is on.
    fn of(comment: ListComment) -> ListKind {
        match comment {
            ListComment::Unauthorized => ListKind::Unauthorized,
            ListComment::Device(_) => ListKind::Blocked,
            ListComment::Status(status) => ListKind::of_status(status),
        }
    }

    /// The list for the addresses of a user of this status.
    #[must_use]
    pub fn of_status(status: AccessStatus) -> ListKind {
        match status {
            AccessStatus::Active | AccessStatus::Unlimited => ListKind::Active,
            AccessStatus::Fup => ListKind::Fup,
            AccessStatus::Habis => ListKind::Habis,
            AccessStatus::Expired => ListKind::Expired,
            AccessStatus::Inactive => ListKind::Inactive,
            AccessStatus::Blocked => ListKind::Blocked,
        }
    }

    /// The setting that names the list.
    #[must_use]
    pub fn setting(self) -> String {
        format!("MIKROTIK_ADDRESS_LIST_{}", self.word().to_uppercase())
    }
}

impl ListName {
    /// The name of a list as the portal's usage sync takes it.
    #[must_use]
    pub fn of(kind: ListKind, settings: &Settings) -> ListName {
        let given = settings.filled(&kind.setting());
        ListName {
            kind,
            is_given: given.is_some(),
            name: given.unwrap_or_else(|| kind.word().to_owned()),
        }
    }
}

impl Census {
    /// Counts a row of the address-lists.
    pub fn add(&mut self, row: ListRow<'_>) {
        if !self.0.contains_key(row.list) {
            self.0.insert(row.list.to_owned(), Marks::default());
        }
        if let Some(marks) = self.0.get_mut(row.list) {
            marks.add(row);
        }
    }

    /// Those of `names` that nothing speaks for: nobody set them, and no row in force of the list of
    /// that name carries the portal's comments.
    pub fn unconfirmed<'names>(
        &self,
        names: &'names [ListName],
    ) -> impl Iterator<Item = &'names ListName> {
        names.iter().filter(|name| {
            let marks = self.0.get(&name.name);
            let in_force = marks.map_or(0, |marks| marks.in_force.of_any_like(name.kind));
            !name.is_given && in_force == 0
        })
    }

    /// The names in doubt among `names`, which are all by which lists of the portal are looked for.
    #[must_use]
    pub fn doubts(&self, names: &[ListName]) -> Vec<DoubtedName> {
        self.unconfirmed(names)
            .filter_map(|name| self.doubt(name, names))
            .collect()
    }

    fn doubt(&self, name: &ListName, names: &[ListName]) -> Option<DoubtedName> {
        let others = self.0.iter().filter(|(list, _)| **list != name.name);
        let mut found: Vec<(&str, usize, usize)> = others
            .map(|(list, marks)| {
                let told = marks.all.told[name.kind as usize];
                let mut known = names.iter().filter(|known| known.name == *list);
                let speaking = match (known.clone().next(), known.all(|known| known.is_given)) {
                    (None, _) => marks.all.of_any_like(name.kind),
                    // Somebody gave this name to another list; nobody gave one to this.
                    (Some(_), true) => told,
                    (Some(_), false) => 0,
                };
                (list.as_str(), speaking, told)
            })
            .filter(|(_, speaking, _)| *speaking > 0)
            .collect();
        found.sort_by_key(|(_, speaking, _)| std::cmp::Reverse(*speaking));
        let likely = found.iter().filter(|(_, _, told)| *told > 0);
        let likely = likely.max_by_key(|(_, _, told)| *told);
        (!found.is_empty()).then(|| DoubtedName {
            kind: name.kind,
            name: name.name.clone(),
            likely: likely.map(|(list, _, _)| (*list).to_owned()),
            found: found
                .iter()
                .map(|(list, _, _)| (*list).to_owned())
                .collect(),
        })
    }
}

impl Marks {
    fn add(&mut self, row: ListRow<'_>) {
        self.all.add(row.comment);
        if !row.is_disabled {
            self.in_force.add(row.comment);
        }
    }
}

impl Comments {
    fn add(&mut self, comment: &str) {
        match ListComment::of(comment).map(ListKind::of) {
            Some(kind) => self.told[kind as usize] += 1,
            None => {
                let tokens = Tokens::read(comment);
                self.untold += usize::from(tokens.uid.is_some() || tokens.user.is_some());
            }
        }
    }

    /// The rows of lists that are named together with this one: the status lists, or the unauthorized
    /// list alone.
    fn of_any_like(&self, kind: ListKind) -> usize {
        let of_status = ListKind::ALL.iter().filter(|kind| kind.is_of_status());
        match kind.is_of_status() {
            false => self.told[kind as usize],
            true => {
                self.untold
                    + of_status
                        .map(|kind| self.told[*kind as usize])
                        .sum::<usize>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKED: (&str, &str) = ("klient_blocked", "lpsaring|status=blocked|user=08123456789");
    const ACTIVE: (&str, &str) = ("klient_aktif", "lpsaring|status=unlimited|user=08123456789");

    /// The doubts about the defaults, but for the names in `given`.
    fn doubts(given: &[(ListKind, &str)], rows: &[(&str, &str)]) -> Vec<DoubtedName> {
        let mut census = Census::default();
        for (list, comment) in rows {
            census.add(ListRow {
                list,
                comment,
                is_disabled: false,
            });
        }
        doubts_of(&census, given)
    }

    fn doubts_of(census: &Census, given: &[(ListKind, &str)]) -> Vec<DoubtedName> {
        let names = ListKind::ALL.map(|kind| {
            let found = given.iter().find(|(other, _)| *other == kind);
            ListName {
                kind,
                name: found.map_or(kind.word(), |(_, name)| name).to_owned(),
                is_given: found.is_some(),
            }
        });
        census.doubts(&names)
    }

    fn about(kind: ListKind, doubts: &[DoubtedName]) -> Option<DoubtedName> {
        doubts.iter().find(|doubt| doubt.kind == kind).cloned()
    }

    #[test]
    fn a_default_without_rows_beside_lists_of_the_portal_is_doubted() {
        let found = doubts(&[], &[BLOCKED, ACTIVE, ACTIVE]);
        assert_eq!(found.len(), 6, "all but unauthorized");
        assert_eq!(
            about(ListKind::Blocked, &found).unwrap(),
            DoubtedName {
                kind: ListKind::Blocked,
                name: "blocked".to_owned(),
                found: vec!["klient_aktif".to_owned(), "klient_blocked".to_owned()],
                likely: Some("klient_blocked".to_owned()),
            }
        );
        let active = about(ListKind::Active, &found).unwrap();
        assert_eq!(active.likely.as_deref(), Some("klient_aktif"));
        assert_eq!(about(ListKind::Fup, &found).unwrap().likely, None);
    }

    #[test]
    fn a_name_that_is_set_or_has_rows_of_the_portal_is_not() {
        let set = [(ListKind::Blocked, "blocked")];
        assert_eq!(about(ListKind::Blocked, &doubts(&set, &[BLOCKED])), None);
        for comment in [BLOCKED.1, "limit-exceeded|user=08123456789", "uid=nope"] {
            let rows = [BLOCKED, ("blocked", comment)];
            assert_eq!(
                about(ListKind::Blocked, &doubts(&[], &rows)),
                None,
                "{comment}"
            );
        }
    }

    #[test]
    fn a_row_that_is_foreign_or_disabled_speaks_for_no_name() {
        for (comment, is_disabled) in [
            ("", false),
            ("the boss", false),
            ("lpsaring:unauthorized mac=0A", false),
            (BLOCKED.1, true),
        ] {
            let mut census = Census::default();
            for (list, comment, is_disabled) in [
                (BLOCKED.0, BLOCKED.1, false),
                ("blocked", comment, is_disabled),
            ] {
                census.add(ListRow {
                    list,
                    comment,
                    is_disabled,
                });
            }
            let found = about(ListKind::Blocked, &doubts_of(&census, &[])).unwrap();
            assert_eq!(found.likely.as_deref(), Some("klient_blocked"), "{comment}");
        }
    }

    #[test]
    fn the_name_of_another_list_does_not_acquit_a_list() {
        let set = [(ListKind::Inactive, "klient_blocked")];
        let found = about(ListKind::Blocked, &doubts(&set, &[BLOCKED])).unwrap();
        assert_eq!(found.likely.as_deref(), Some("klient_blocked"));
        assert_eq!(about(ListKind::Fup, &doubts(&set, &[BLOCKED])), None);
        let both = [set[0], (ListKind::Blocked, "klient_blocked")];
        assert_eq!(doubts(&both, &[BLOCKED]), []);
    }

    #[test]
    fn lists_that_a_name_stands_for_raise_no_doubt() {
        let defaults = [("active", ACTIVE.1), ("blocked", BLOCKED.1)];
        assert_eq!(doubts(&[], &defaults), []);
        let set = [(ListKind::Active, "klient_aktif")];
        assert_eq!(doubts(&set, &[ACTIVE]), []);
    }

    #[test]
    fn only_comments_of_status_lists_speak_of_them() {
        for comment in [
            "user=08123456789",
            "uid=nope",
            "limit-exceeded|user=08123456789",
            "lpsaring|status=fup",
        ] {
            assert_eq!(doubts(&[], &[("other", comment)]).len(), 6, "{comment}");
        }
        for comment in [
            "",
            "the boss",
            "superuser=1",
            "AUTO-BANKING-BYPASS|source=banking-sync|domain=x|managed-by=lpsaring",
        ] {
            assert_eq!(doubts(&[], &[("other", comment)]), [], "{comment}");
        }
        let unauthorized = doubts(&[], &[("strays", "lpsaring:unauthorized mac=0A uptime=1h")]);
        assert_eq!(unauthorized.len(), 1);
        assert_eq!(unauthorized[0].likely.as_deref(), Some("strays"));
    }
}
