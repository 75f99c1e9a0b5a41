//! The name of a table, as its server takes it.

use std::fmt;

use super::token::{Kind, Token};
use catalogue::Said;
use sentences::{StatementNameCut, StatementNameLetters};

/// What a server makes of the letters of a table's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// PostgreSQL: what stands without quotes is meant in lower case, what stands in quotes as it is.
    LowerUnlessQuoted,
    /// MySQL and MariaDB, mostly on Linux: a table is called as it was made.
    AsWritten,
    /// MySQL and MariaDB elsewhere (`lower_case_table_names`).
    Ignored,
    /// SQLite.
    IgnoredInAscii,
}

/// A table as a statement names it, with its schema if the statement says one.
///
/// Which schema a bare name means is the server's to say, so a bare name and one with a schema are
/// never taken for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    parts: Vec<String>,
    case: Case,
}

/// PostgreSQL cuts longer names, and says so to nobody who would read it here.
const LONGEST_OF_POSTGRES: usize = 63;

impl TableName {
    /// The name that `tokens` spell, without the dots between them.
    ///
    /// # Errors
    /// A name that the server may take for another one.
    pub(super) fn spelled(tokens: &[Token], case: Case) -> Result<Self, Said> {
        let folds = case == Case::LowerUnlessQuoted;
        let mut parts = Vec::new();
        for token in tokens {
            let part = match token.kind {
                Kind::QuotedName => unquoted(token.text),
                // Such letters it folds in one encoding of its database and not in another.
                _ if folds && !token.text.is_ascii() => {
                    return Err(StatementNameLetters { name: token.text }.into());
                }
                _ if folds => token.text.to_ascii_lowercase(),
                _ => token.text.to_owned(),
            };
            if folds && part.len() > LONGEST_OF_POSTGRES {
                return Err(StatementNameCut { name: part }.into());
            }
            parts.push(case.folded(part));
        }
        Ok(Self { parts, case })
    }

    /// The table that the server lists so, schema first.
    pub fn listed(parts: impl IntoIterator<Item = String>, case: Case) -> Self {
        let parts = parts.into_iter().map(|part| case.folded(part)).collect();
        Self { parts, case }
    }

    /// Does `declared`, as a header names a table, mean this one? It is the table's name as the
    /// server lists it, behind its schema's and a dot where the statement says a schema; a part that
    /// holds a dot itself stands in double quotes.
    pub fn is_named(&self, declared: &str) -> bool {
        Self::declared(declared, self.case) == *self
    }

    /// The table that a header names so.
    pub fn declared(declared: &str, case: Case) -> Self {
        Self::listed(declared_parts(declared), case)
    }

    /// The schema, if the statement says one, and the table.
    pub fn schema_and_table(&self) -> (Option<&str>, &str) {
        match self.parts.as_slice() {
            [.., schema, table] => (Some(schema), table),
            [table] => (None, table),
            [] => (None, ""),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            match part.contains('.') || part.starts_with('"') {
                true => write!(f, "\"{}\"", part.replace('"', "\"\""))?,
                false => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

impl Case {
    /// MySQL's and MariaDB's, by what the server says of itself.
    pub fn of_mysql(ignores_case: bool) -> Self {
        match ignores_case {
            true => Self::Ignored,
            false => Self::AsWritten,
        }
    }

    /// `name` in the one form of all names that mean the same table.
    pub fn folded(self, name: String) -> String {
        match self {
            Self::LowerUnlessQuoted | Self::AsWritten => name,
            Self::Ignored => name.to_lowercase(),
            Self::IgnoredInAscii => name.to_ascii_lowercase(),
        }
    }
}

/// A name in the quotes of any dialect, without them; a doubled quote stands for itself.
fn unquoted(text: &str) -> String {
    let inner = &text[1..text.len() - 1];
    match &text[..1] {
        "[" => inner.to_owned(),
        quote => inner.replace(&quote.repeat(2), quote),
    }
}

fn declared_parts(declared: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = declared;
    loop {
        let (part, end) = match quoted_length(rest) {
            Some(length) => (unquoted(&rest[..length]), length),
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        parts.push(part);
        match rest[end..].strip_prefix('.') {
            Some(next) => rest = next,
            None => return parts,
        }
    }
}

/// How long the part in double quotes is that `text` begins with; it ends before a dot or at the end.
fn quoted_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut at = 0;
    loop {
        at += inner.get(at..)?.find('"')?;
        match inner[at + 1..].chars().next() {
            Some('"') => at += 2,
            Some('.') | None => return Some(at + 2),
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_shown_means_the_same_table_in_a_header() {
        for parts in [
            vec!["users"],
            vec!["other", "users"],
            vec!["a.b", "c"],
            vec!["us\"ers"],
            vec!["\"", "\".\""],
            vec!["\"a\".b"],
            vec!["", "x"],
        ] {
            let name = TableName {
                parts: parts.iter().map(|part| (*part).to_owned()).collect(),
                case: Case::AsWritten,
            };
            assert!(name.is_named(&name.to_string()), "{name}");
        }
    }

    #[test]
    fn what_a_header_holds_is_taken_apart_at_dots_outside_of_quotes() {
        for (declared, parts) in [
            ("users", vec!["users"]),
            ("a.b.c", vec!["a", "b", "c"]),
            ("\"a.b\".c", vec!["a.b", "c"]),
            ("\"a\"\"b\"", vec!["a\"b"]),
            ("a\"b", vec!["a\"b"]),
            ("\"a", vec!["\"a"]),
            ("\"a\"b.c", vec!["\"a\"b", "c"]),
            ("", vec![""]),
            ("a.", vec!["a", ""]),
        ] {
            assert_eq!(declared_parts(declared), parts, "{declared}");
        }
    }
}
