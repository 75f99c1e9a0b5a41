//! The names of the address-lists that the portal keeps, and when a name is in doubt: nobody set it,
//! the router has no row of it, and lists of other names carry the portal's comments.

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
    /// The lists that carry the portal's comments and that no name stands for, those with most such
    /// rows first.
    pub found: Vec<String>,
    /// The one among them whose comments say that it is this list.
    pub likely: Option<String>,
}

/// How many rows of one list have which comments of the portal.
#[derive(Default)]
struct Marks {
    /// By list, as far as the comment tells.
    told: [usize; ListKind::ALL.len()],
    /// Of some status list.
    of_status: usize,
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

    /// The list that a row of this comment is on.
    fn of(comment: ListComment) -> ListKind {
        match comment {
            ListComment::Unauthorized => ListKind::Unauthorized,
            ListComment::Device(_) => ListKind::Blocked,
            ListComment::Status(status) => match status {
                AccessStatus::Active | AccessStatus::Unlimited => ListKind::Active,
                AccessStatus::Fup => ListKind::Fup,
                AccessStatus::Habis => ListKind::Habis,
                AccessStatus::Expired => ListKind::Expired,
                AccessStatus::Inactive => ListKind::Inactive,
                AccessStatus::Blocked => ListKind::Blocked,
            },
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
    pub fn add(&mut self, list: &str, comment: &str) {
        if !self.0.contains_key(list) {
            self.0.insert(list.to_owned(), Marks::default());
        }
        if let Some(marks) = self.0.get_mut(list) {
            marks.add(comment);
        }
    }

    /// The names in doubt among `names`, which are all by which lists of the portal are looked for.
    #[must_use]
    pub fn doubts(&self, names: &[ListName]) -> Vec<DoubtedName> {
        names
            .iter()
            .filter(|name| !name.is_given && !self.0.contains_key(&name.name))
            .filter_map(|name| self.doubt(name, names))
            .collect()
    }

    fn doubt(&self, name: &ListName, names: &[ListName]) -> Option<DoubtedName> {
        let strangers = self.0.iter().filter(|(list, _)| {
            let is_known = names.iter().any(|known| known.name == **list);
            !is_known
        });
        let mut found: Vec<(&str, usize, usize)> = strangers
            .map(|(list, marks)| {
                (
                    list.as_str(),
                    marks.speaking_of(name.kind),
                    marks.told[name.kind as usize],
                )
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
    fn add(&mut self, comment: &str) {
        let kind = ListComment::of(comment).map(ListKind::of);
        if let Some(kind) = kind {
            self.told[kind as usize] += 1;
        }
        let tokens = Tokens::read(comment);
        let has_token = tokens.uid.is_some() || tokens.user.is_some();
        let is_of_status = kind.is_some_and(|kind| kind != ListKind::Unauthorized);
        self.of_status += usize::from(has_token || is_of_status);
    }

    /// The rows that a list of this kind might have: any of a status list speaks of another name for
    /// all of them, as they are named together; those of the unauthorized list only of its own.
    fn speaking_of(&self, kind: ListKind) -> usize {
        match kind {
            ListKind::Unauthorized => self.told[kind as usize],
            _ => self.of_status,
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
            census.add(list, comment);
        }
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
    fn a_name_that_is_set_or_has_rows_is_not() {
        let set = [(ListKind::Blocked, "blocked")];
        assert_eq!(about(ListKind::Blocked, &doubts(&set, &[BLOCKED])), None);
        let rows = [BLOCKED, ("blocked", "the boss")];
        assert_eq!(about(ListKind::Blocked, &doubts(&[], &rows)), None);
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
