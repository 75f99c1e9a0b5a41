//! What the body of a trigger writes and what a view calls, as far as their text tells.

use std::collections::BTreeSet;

use super::token::{Kind, Token, tokens};
use super::{Dialect, Verb, follows_a_dot, names};

/// What a trigger of MySQL or MariaDB does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The tables, with a schema where the text says one, and what is done to their rows.
    pub writes: Vec<(Option<String>, String, Verb)>,
    /// The names before a parenthesis, but for those of the tables: functions, among others.
    pub calls: BTreeSet<String>,
    /// One of these that stands in quotes or behind a schema: it was made on the server, whatever
    /// the server's own functions are called.
    pub stored: Option<String>,
    /// Its words and names, in lower case.
    pub words: BTreeSet<String>,
}

/// What a view of MySQL or MariaDB does, by the text that the server keeps of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct View {
    /// A function that was made on the server: it stands in quotes, and the server's own do not.
    pub stored: Option<String>,
    /// Its words and names, in lower case.
    pub words: BTreeSet<String>,
}

/// Statements that write in a way that is not followed.
const NOT_FOLLOWED: &[&str] = &[
    "alter", "call", "create", "drop", "execute", "load", "merge", "prepare", "rename", "truncate",
];

/// Words that are functions where a parenthesis follows them. All others of these words are what
/// they are: `UPDATE (a JOIN b)` writes.
const ALSO_FUNCTIONS: &[&str] = &["insert", "replace", "truncate"];

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
pub fn body(text: &str) -> Result<Body, String> {
    let tokens = tokens(text, Dialect::Mysql).map_err(|why| why.to_string())?;
    let mut body = Body {
        words: names(&tokens).map(|(_, name)| name).collect(),
        ..Body::default()
    };
    let mut written = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let word = token.name();
        let is_called = is_called(&tokens, at) && ALSO_FUNCTIONS.contains(&word.as_str());
        if token.kind != Kind::Word || follows_a_dot(&tokens, at) || is_called {
            continue;
        }
        let before = at.checked_sub(1).map(|before| tokens[before].name());
        let verbs: &[Verb] = match word.as_str() {
            // What it updates as a duplicate, or replaces, is of the same table.
            "insert" if updates_duplicates(&tokens[at..]) => &[Verb::Insert, Verb::Update],
            "insert" => &[Verb::Insert],
            "replace" => &[Verb::Insert, Verb::Update, Verb::Delete],
            "update" if matches!(before.as_deref(), Some("for" | "key")) => continue,
            "update" => &[Verb::Update],
            "delete" => &[Verb::Delete],
            word if NOT_FOLLOWED.contains(&word) => {
                return Err(format!("`{}` in it is not followed", token.text));
            }
            _ => continue,
        };
        let (schema, table, end) = table(&tokens, at + 1)
            .ok_or_else(|| format!("the table behind `{}` in it is not clear", token.text))?;
        written.insert(end - 1);
        for verb in verbs {
            body.writes.push((schema.clone(), table.clone(), *verb));
        }
    }
    for (at, name) in names(&tokens) {
        if !is_called(&tokens, at) || written.contains(&at) {
            continue;
        }
        if tokens[at].kind == Kind::QuotedName || follows_a_dot(&tokens, at) {
            body.stored.get_or_insert_with(|| name.clone());
        }
        body.calls.insert(name);
    }
    Ok(body)
}

/// Reads the text of a view as the server lists it.
///
/// # Errors
/// What cannot be cut in one sure way.
pub fn view(text: &str) -> Result<View, String> {
    let tokens = tokens(text, Dialect::Mysql).map_err(|why| why.to_string())?;
    let is_stored =
        |(at, _): &(usize, String)| tokens[*at].kind == Kind::QuotedName && is_called(&tokens, *at);
    Ok(View {
        stored: names(&tokens).find(is_stored).map(|(_, name)| name),
        words: names(&tokens).map(|(_, name)| name).collect(),
    })
}

fn is_called(tokens: &[Token], at: usize) -> bool {
    let next = tokens.get(at + 1);
    next.is_some_and(|next| next.kind == Kind::Open)
}

/// Does the INSERT that `tokens` begin with say ON DUPLICATE KEY UPDATE?
fn updates_duplicates(tokens: &[Token]) -> bool {
    let statement = tokens
        .iter()
        .take_while(|token| token.kind != Kind::Semicolon);
    statement
        .filter(|token| token.kind == Kind::Word)
        .any(|token| token.name() == "duplicate")
}

/// The one table whose name stands from `at` on, with its schema, and where the name ends.
fn table(tokens: &[Token], mut at: usize) -> Option<(Option<String>, String, usize)> {
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
    ends.then_some((schema, table, next))
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
pub fn replaces_rows(sql: &str) -> bool {
    let Ok(tokens) = tokens(sql, Dialect::Sqlite) else {
        return true;
    };
    let is_word = |(at, token): (usize, &Token)| {
        token.kind == Kind::Word && token.name() == "replace" && !is_called(&tokens, at)
    };
    tokens.iter().enumerate().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_that_a_trigger_writes_are_read_from_its_text() {
        for (text, written) in [
            ("INSERT INTO log VALUES (OLD.id)", "log"),
            ("REPLACE INTO log (id) VALUES (OLD.id)", "log log log"),
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
                "log log",
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
            "UPDATE (a) SET n = 1",
            "BEGIN UPDATE (a JOIN b USING (n)) SET a.m = 1; END",
            "DELETE (a) FROM a",
            "DELETE a FROM a JOIN b",
            "TRUNCATE log",
        ] {
            assert!(body(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_trigger_calls_is_not_the_table_that_it_writes() {
        for (text, calls, stored) in [
            (
                "INSERT INTO log (id) VALUES (wipe(OLD.id))",
                "values wipe",
                None,
            ),
            (
                "INSERT INTO x.log (id) SELECT x.count (1)",
                "count",
                Some("count"),
            ),
            ("INSERT INTO `log` (id) SELECT OLD.id IN (1)", "in", None),
            ("SET NEW.n = replace(NEW.n, 'a', 'b')", "replace", None),
            ("SET @a = `wi``pe`()", "wi``pe", Some("wi``pe")),
        ] {
            let body = body(text).unwrap();
            let calls: Vec<&str> = calls.split(' ').collect();
            assert_eq!(body.calls.into_iter().collect::<Vec<_>>(), calls, "{text}");
            assert_eq!(body.stored.as_deref(), stored, "{text}");
        }
    }

    #[test]
    fn a_function_that_a_view_calls_stands_in_quotes() {
        for (text, stored) in [
            ("select `wipe`() AS `n`", Some("wipe")),
            (
                "select `a`.`n` AS `n` from `t`.`a` where `t`.`wipe`(1)",
                Some("wipe"),
            ),
            (
                "select count(0) AS `c` from (`t`.`a` join `t`.`b` on(`a`.`n` in (1,2)))",
                None,
            ),
        ] {
            let found = view(text).unwrap().stored;
            assert_eq!(found.as_deref(), stored, "{text}");
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
