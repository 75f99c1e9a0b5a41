//! How comments of the router's rows are shown where a change is read.

use portal::meaning::meaning;

/// How comments are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// As they are written: for programs, and for who wants all there is.
    Written,
    /// What the portal means by them; those of others as they are written.
    Meant,
}

impl Comments {
    /// How a sheet shows them that has all there is, or has not.
    pub fn of(is_detailed: bool) -> Self {
        match is_detailed {
            true => Self::Written,
            false => Self::Meant,
        }
    }

    /// Is the field of this name a comment?
    pub(crate) fn are_of(self, field: &str) -> bool {
        field == "comment"
    }

    /// A value of the field of this name, among others: what it means stands in quotes, since it has blanks.
    pub(crate) fn quoted(self, field: &str, value: String) -> String {
        match self.meant(field, &value) {
            Some(meant) => format!("\"{meant}\""),
            None => value,
        }
    }

    /// What a field was and what it becomes. Two comments that mean the same differ in how they are written, so
    /// that this is shown.
    pub(crate) fn side_by_side(
        self,
        field: &str,
        before: Option<String>,
        after: String,
    ) -> (Option<String>, String) {
        let meant = |value: &str| self.meant(field, value);
        let meanings = (before.as_deref().and_then(meant), meant(&after));
        match meanings {
            (Some(was), Some(becomes)) if was == becomes => (before, after),
            (was, becomes) => (was.or(before), becomes.unwrap_or(after)),
        }
    }

    fn meant(self, field: &str, value: &str) -> Option<String> {
        let is_meant = self == Self::Meant && self.are_of(field);
        is_meant.then(|| meaning(value)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::fields::Fields;
    use crate::outcome::Difference;
    use crate::row::At;

    const BLOCKED: &str = "lpsaring|status=blocked|user=0812|uid=5e|date=28-11-2026|time=06:00:00";
    const SAID: &str = "blocked, user 0812, written 2026-11-28 06:00:00";

    fn row(comment: &str) -> Fields {
        [("list", "l"), ("address", "10.0.0.9"), ("comment", comment)]
            .into_iter()
            .collect()
    }

    #[test]
    fn whatever_is_done_with_a_row_its_comment_is_said_by_what_it_means() {
        let lists = "/ip/firewall/address-list".parse().unwrap();
        let set = |before: &str, after: &str| {
            let rows = (row(before), row(after));
            Change::set(None, &lists, At::row("*1"), rows, "")
        };
        let (active, other) = (
            "lpsaring|status=active|user=0812",
            BLOCKED.replace("5e", "6f"),
        );
        for (change, said, written) in [
            (
                Change::add(None, &lists, row(BLOCKED), ""),
                format!("list=l address=10.0.0.9 comment=\"{SAID}\""),
                format!("list=l address=10.0.0.9 comment={BLOCKED}"),
            ),
            (
                Change::remove(None, &lists, At::row("*1"), row(BLOCKED), ""),
                format!("*1 list=l address=10.0.0.9 comment=\"{SAID}\""),
                format!("*1 list=l address=10.0.0.9 comment={BLOCKED}"),
            ),
            (
                Change::remove(None, &lists, At::row("*1"), row("the hall"), ""),
                "*1 list=l address=10.0.0.9 comment=the hall".to_owned(),
                "*1 list=l address=10.0.0.9 comment=the hall".to_owned(),
            ),
            (
                set(BLOCKED, active),
                format!(
                    "*1 list=l address=10.0.0.9 comment=\"{SAID}\"; comment: {SAID} → active, user 0812"
                ),
                format!(
                    "*1 list=l address=10.0.0.9 comment={BLOCKED}; comment: {BLOCKED} → {active}"
                ),
            ),
            (
                set(BLOCKED, &other),
                format!(
                    "*1 list=l address=10.0.0.9 comment=\"{SAID}\"; comment: {BLOCKED} → {other}"
                ),
                format!(
                    "*1 list=l address=10.0.0.9 comment={BLOCKED}; comment: {BLOCKED} → {other}"
                ),
            ),
        ] {
            assert_eq!(change.describe(Comments::Meant).to_string(), said);
            assert_eq!(change.describe(Comments::Written).to_string(), written);
        }
    }

    #[test]
    fn how_a_comment_is_not_as_it_was_expected_is_said_by_what_both_mean() {
        let differs = |field: &str, found: Option<&str>| Difference {
            field: field.to_owned(),
            expected: Some(BLOCKED.into()),
            found: found.map(Into::into),
        };
        for (difference, said) in [
            (
                differs("comment", Some("lpsaring|status=active|user=0812")),
                format!("comment: {SAID} is now active, user 0812"),
            ),
            (
                differs("name", Some("x")),
                format!("name: {BLOCKED} is now x"),
            ),
        ] {
            assert_eq!(difference.spoken(Comments::Meant).to_string(), said);
        }
    }
}
