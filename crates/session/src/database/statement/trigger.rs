//! What the body of a trigger writes, as far as its text tells.

use std::collections::BTreeSet;

use super::token::{Kind, Token, tokens};
use super::{Dialect, Verb, calls, follows_a_dot};

/// What a trigger of MySQL or MariaDB does.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::database) struct Body {
    /// The tables, with a schema where the text says one, and what is done to their rows.
    pub writes: Vec<(Option<String>, String, Verb)>,
    /// The names before a parenthesis: functions, among others.
    pub calls: BTreeSet<String>,
}

/// Statements that write in a way that is not followed.
const NOT_FOLLOWED: &[&str] = &[
    "alter", "call", "create", "drop", "execute", "load", "merge", "prepare", "rename", "truncate",
];

/// Words that may stand between a verb and its table.
const BETWEEN: &[&str] = &[
    "delayed",
    "from",
    "high_priority",
    "ignore",
    "into",
    "low_priority",
    "quick",
];

/// Reads the body of a trigger.
///
/// # Errors
/// What in it is not followed.
pub(in crate::database) fn body(text: &str) -> Result<Body, String> {
    let tokens = tokens(text, Dialect::Mysql)?;
    let mut body = Body {
        calls: calls(&tokens),
        ..Body::default()
    };
    for (at, token) in tokens.iter().enumerate() {
        let is_called = tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == Kind::Open);
        if token.kind != Kind::Word || follows_a_dot(&tokens, at) || is_called {
            continue;
        }
        let before = at.checked_sub(1).map(|before| tokens[before].name());
        let verbs: &[Verb] = match token.name().as_str() {
            // What it may replace, or update as a duplicate, is of the same table.
            "insert" | "replace" => &[Verb::Insert, Verb::Update, Verb::Delete],
            "update" if matches!(before.as_deref(), Some("for" | "key")) => continue,
            "update" => &[Verb::Update],
            "delete" => &[Verb::Delete],
            word if NOT_FOLLOWED.contains(&word) => {
                return Err(format!("`{}` in it is not followed", token.text));
            }
            _ => continue,
        };
        let (schema, table) = table(&tokens, at + 1)
            .ok_or_else(|| format!("the table behind `{}` in it is not clear", token.text))?;
        for verb in verbs {
            body.writes.push((schema.clone(), table.clone(), *verb));
        }
    }
    Ok(body)
}

/// The one table whose name stands from `at` on, with its schema.
fn table(tokens: &[Token], mut at: usize) -> Option<(Option<String>, String)> {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    while tokens
        .get(at)
        .is_some_and(|token| token.kind == Kind::Word && BETWEEN.contains(&token.name().as_str()))
    {
        at += 1;
    }
    let first = name(tokens.get(at)?)?;
    let (schema, table, next) = match is(at + 1, ".") {
        false => (None, first, at + 1),
        true => (Some(first), name(tokens.get(at + 2)?)?, at + 3),
    };
    // Several tables, or another name for one.
    let follow = [
        "set", "where", "values", "value", "select", "order", "limit", "end",
    ];
    let ends = match tokens.get(next) {
        None => true,
        Some(token) => match token.kind {
            Kind::Semicolon | Kind::Open => true,
            Kind::Word => follow.contains(&token.name().as_str()),
            _ => false,
        },
    };
    ends.then_some((schema, table))
}

fn name(token: &Token) -> Option<String> {
    match token.kind {
        Kind::Word => Some(token.text.to_owned()),
        Kind::QuotedName => Some(token.text[1..token.text.len() - 1].replace("``", "`")),
        _ => None,
    }
}

/// Does the SQL of a table or a trigger of SQLite, as the schema keeps it, let rows be replaced by
/// others? Those that go are counted by nobody.
pub(in crate::database) fn replaces_rows(sql: &str) -> bool {
    let Ok(tokens) = tokens(sql, Dialect::Sqlite) else {
        return true;
    };
    let is_word = |(at, token): (usize, &Token)| {
        let is_called = tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == Kind::Open);
        token.kind == Kind::Word && token.name() == "replace" && !is_called
    };
    tokens.iter().enumerate().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_that_a_trigger_writes_are_read_from_its_text() {
        for (text, written) in [
            ("INSERT INTO log VALUES (OLD.id)", "log log log"),
            (
                "BEGIN UPDATE `a``b` SET n = n + 1; DELETE FROM x.c WHERE id = 1; END",
                "a`b x.c",
            ),
            ("SET NEW.n = replace(NEW.n, 'update x', '')", ""),
            (
                "BEGIN DECLARE m int; SELECT n INTO m FROM a FOR UPDATE; END",
                "",
            ),
            (
                "INSERT IGNORE log (id) VALUES (1) ON DUPLICATE KEY UPDATE id = 2",
                "log log log",
            ),
        ] {
            let body = body(text).unwrap();
            let written_there = body.writes.iter().map(|(schema, table, _)| match schema {
                None => table.clone(),
                Some(schema) => format!("{schema}.{table}"),
            });
            assert_eq!(
                written_there.collect::<Vec<_>>().join(" "),
                written,
                "{text}"
            );
        }
        for text in [
            "CALL wipe()",
            "BEGIN CALL wipe; END",
            "UPDATE a, b SET a.n = b.n",
            "UPDATE a AS x SET n = 1",
            "DELETE a FROM a JOIN b",
            "TRUNCATE log",
        ] {
            assert!(body(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_schema_that_replaces_rows_is_known_by_its_words() {
        for (sql, replaces) in [
            ("CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE)", true),
            (
                "CREATE TRIGGER x AFTER DELETE ON t BEGIN INSERT OR REPLACE INTO u VALUES (1); END",
                true,
            ),
            (
                "CREATE TRIGGER x AFTER DELETE ON t BEGIN REPLACE INTO u VALUES (1); END",
                true,
            ),
            (
                "CREATE TABLE t (a CHECK (replace(a, 'x', '') <> ''), \"replace\")",
                false,
            ),
        ] {
            assert_eq!(replaces_rows(sql), replaces, "{sql}");
        }
    }
}
