//! Lets only statements through that read, and finds their parameters.
//!
//! This is a seat belt beside the server's own read-only session, for what that session does not
//! stop: `SET`, `PRAGMA`, `VACUUM INTO`, `COPY`, functions that act. The true guard is a role that
//! may do no more than SELECT.

mod functions;
mod table_name;
mod token;
mod trigger;

use std::collections::BTreeSet;

use super::error::DatabaseError;
use catalogue::Said;
pub use functions::TELLING_OF_MYSQL;
use functions::refused_function;
use sentences::{
    StatementEmpty, StatementExplained, StatementFunction, StatementFunctionLetters,
    StatementNotReading, StatementNul, StatementReturning, StatementSecondWrite, StatementSeveral,
    StatementTableAlone, StatementTooLong, StatementVerb, StatementWritingWord,
};
pub use table_name::{Case, TableName};
use token::{Kind, Token, tokens};
pub use trigger::{Body, View, body, replaces_rows, view};

/// Longer statements are made by accident.
const LONGEST: usize = 1024 * 1024;

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    Mysql,
    Sqlite,
}

impl Dialect {
    /// The query for the names of tables and columns, in two columns.
    pub fn names(self) -> &'static str {
        match self {
            Self::Postgres => {
                "SELECT table_name, column_name FROM information_schema.columns \
                 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            }
            Self::Mysql => {
                "SELECT table_name, column_name FROM information_schema.columns \
                 WHERE table_schema = database()"
            }
            Self::Sqlite => {
                "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
                 WHERE t.type IN ('table', 'view')"
            }
        }
    }

    /// The query for the server's clock, in whole seconds after 1970, at this moment and not at the
    /// begin of the transaction.
    pub fn unix_seconds(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint"),
            Self::Mysql => Some("SELECT UNIX_TIMESTAMP()"),
            Self::Sqlite => None,
        }
    }
}

/// A statement that reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text as the driver takes it; for MySQL with `?` in the place of each `$n`.
    pub sql: String,
    /// For MySQL: which parameter, counted from 0, each `?` stands for.
    pub order: Vec<usize>,
    /// The highest `$n`.
    pub parameters: usize,
}

/// A statement that writes one table.
#[derive(Debug, PartialEq, Eq)]
pub struct Write {
    /// Its text.
    pub statement: Statement,
    /// The table.
    pub table: TableName,
    /// What it does to rows.
    pub verb: Verb,
    /// Its words and names, in lower case.
    pub words: BTreeSet<String>,
    /// Those before its WHERE: the columns that an UPDATE gives other values are among them.
    pub assigned: BTreeSet<String>,
    /// The names behind its table that stand before a parenthesis: what it may call.
    pub calls: BTreeSet<String>,
    /// One of these behind a schema, or what else a function belongs to.
    pub qualified_call: Option<String>,
}

/// What a statement does to the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It adds rows.
    Insert,
    /// It changes rows.
    Update,
    /// It removes rows.
    Delete,
}

/// Reads `sql`, written with `$1`, `$2`, … in each dialect.
///
/// # Errors
/// [`DatabaseError::Denied`] with what in it is refused.
pub(super) fn read(sql: &str, dialect: Dialect) -> Result<Statement, DatabaseError> {
    check(sql, dialect).map_err(|reason| DatabaseError::Denied { reason })
}

/// Reads `sql`, one statement that writes one table, and names the table as a server of this `case`
/// takes it.
///
/// # Errors
/// [`DatabaseError::Denied`] with what in it is refused.
pub(super) fn read_write(sql: &str, dialect: Dialect, case: Case) -> Result<Write, DatabaseError> {
    check_write(sql, dialect, case).map_err(|reason| DatabaseError::Denied { reason })
}

fn check_write(sql: &str, dialect: Dialect, case: Case) -> Result<Write, Said> {
    let tokens = one_statement(sql, dialect)?;
    let table = written_table(&tokens)?;
    check_functions(&tokens, dialect)?;
    let end = table.last().map_or(0, |token| token.start);
    let verb = match tokens[0].name().as_str() {
        "insert" => Verb::Insert,
        "update" => Verb::Update,
        _ => Verb::Delete,
    };
    Ok(Write {
        statement: with_parameters(sql, &tokens, dialect),
        table: TableName::spelled(&table, case)?,
        verb,
        words: names(&tokens).map(|(_, name)| name).collect(),
        assigned: names(before_where(&tokens)).map(|(_, name)| name).collect(),
        calls: calls(&tokens, end).map(|(_, name)| name).collect(),
        qualified_call: calls(&tokens, end)
            .find(|(at, _)| follows_a_dot(&tokens, *at))
            .map(|(_, name)| name),
    })
}

fn names(tokens: &[Token]) -> impl Iterator<Item = (usize, String)> {
    let is_name = |token: &Token| matches!(token.kind, Kind::Word | Kind::QuotedName);
    let tokens = tokens.iter().enumerate();
    tokens
        .filter(move |(_, token)| is_name(token))
        .map(|(at, token)| (at, token.name()))
}

/// What stands before the WHERE of the statement itself, not of one in parentheses.
fn before_where<'a, 'b>(tokens: &'a [Token<'b>]) -> &'a [Token<'b>] {
    let mut depth = 0_usize;
    let end = tokens.iter().position(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.kind == Kind::Word && token.name() == "where"
    });
    &tokens[..end.unwrap_or(tokens.len())]
}

/// The names before a parenthesis that start behind `end`.
fn calls(tokens: &[Token], end: usize) -> impl Iterator<Item = (usize, String)> {
    let is_called = |at: usize| {
        let next = tokens.get(at + 1);
        next.is_some_and(|next| next.kind == Kind::Open)
    };
    names(tokens).filter(move |(at, _)| tokens[*at].start > end && is_called(*at))
}

/// The names, schema first, of the one table that a plain INSERT, UPDATE or DELETE writes. What could
/// write another one, such as a statement inside of it or an upsert, is not let through.
fn written_table<'a>(tokens: &[Token<'a>]) -> Result<Vec<Token<'a>>, Said> {
    let word = |at: usize| tokens.get(at).map(Token::name).unwrap_or_default();
    let (start, follow): (usize, &[&str]) = match (word(0).as_str(), word(1).as_str()) {
        ("insert", "into") => (2, &["(", "values", "select", "default"]),
        ("update", _) => (1, &["set"]),
        ("delete", "from") => (2, &["where", ""]),
        _ => return Err(StatementVerb.into()),
    };
    let is_name = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(token.kind, Kind::Word | Kind::QuotedName))
    };
    let mut table: Vec<Token> = tokens.get(start).copied().into_iter().collect();
    let mut next = start + 1;
    while tokens.get(next).is_some_and(|token| token.text == ".") && is_name(next + 1) {
        table.push(tokens[next + 1]);
        next += 2;
    }
    let gives_rows = |at: usize| {
        tokens[at].kind == Kind::Word
            && tokens[at].name() == "returning"
            && !follows_a_dot(tokens, at)
    };
    if (next..tokens.len()).any(gives_rows) {
        return Err(StatementReturning.into());
    }
    let follows = tokens.get(next).map(|token| token.text.to_lowercase());
    if !is_name(start) || !follow.contains(&follows.unwrap_or_default().as_str()) {
        return Err(StatementTableAlone.into());
    }
    let writes = [
        "insert", "update", "delete", "merge", "replace", "into", "truncate",
    ];
    let second = (next..tokens.len()).find(|&at| {
        tokens[at].kind == Kind::Word
            && writes.contains(&tokens[at].name().as_str())
            && !follows_a_dot(tokens, at)
    });
    match second {
        Some(at) => Err(StatementSecondWrite {
            word: tokens[at].text,
        }
        .into()),
        None => Ok(table),
    }
}

fn one_statement(sql: &str, dialect: Dialect) -> Result<Vec<Token<'_>>, Said> {
    if sql.len() > LONGEST {
        return Err(StatementTooLong.into());
    }
    if sql.contains('\0') {
        return Err(StatementNul.into());
    }
    let mut tokens = tokens(sql, dialect)?;
    while tokens
        .last()
        .is_some_and(|last| last.kind == Kind::Semicolon)
    {
        tokens.pop();
    }
    if tokens.iter().any(|token| token.kind == Kind::Semicolon) {
        return Err(StatementSeveral.into());
    }
    Ok(tokens)
}

fn check(sql: &str, dialect: Dialect) -> Result<Statement, Said> {
    let tokens = one_statement(sql, dialect)?;
    check_start(&tokens, dialect)?;
    check_words(&tokens, dialect)?;
    check_functions(&tokens, dialect)?;
    Ok(with_parameters(sql, &tokens, dialect))
}

/// The statement must begin as reading statements do.
fn check_start(tokens: &[Token], dialect: Dialect) -> Result<(), Said> {
    let first = first_word(tokens).ok_or(StatementEmpty)?;
    let reads = match first.as_str() {
        "select" | "with" | "values" => true,
        "table" => dialect != Dialect::Sqlite,
        "show" => dialect != Dialect::Sqlite,
        "describe" | "desc" => dialect == Dialect::Mysql,
        "explain" => return check_explained(tokens),
        _ => false,
    };
    reads.then_some(()).ok_or_else(|| {
        let word = first.to_uppercase();
        StatementNotReading { word }.into()
    })
}

/// EXPLAIN ANALYZE runs what it explains, and SQLite runs some PRAGMAs while it prepares them.
fn check_explained(tokens: &[Token]) -> Result<(), Said> {
    let options = [
        "analyze",
        "verbose",
        "extended",
        "partitions",
        "query",
        "plan",
        "format",
        "json",
        "tree",
        "traditional",
    ];
    let mut rest = &tokens[1..];
    while let Some(token) = rest.first() {
        let taken = match token.kind {
            Kind::Word if options.contains(&token.name().as_str()) => 1,
            Kind::Other if token.text == "=" => 1,
            Kind::Open if !opens_a_query(rest) => group_length(rest),
            _ => break,
        };
        rest = &rest[taken..];
    }
    match first_word(rest).as_deref() {
        Some("select" | "with" | "values" | "table") => Ok(()),
        _ => Err(StatementExplained.into()),
    }
}

fn opens_a_query(tokens: &[Token]) -> bool {
    matches!(
        first_word(tokens).as_deref(),
        Some("select" | "with" | "values" | "table")
    )
}

fn group_length(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .position(|token| token.kind == Kind::Close)
        .map_or(tokens.len(), |close| close + 1)
}

/// The first word, whatever parentheses stand before it.
fn first_word(tokens: &[Token]) -> Option<String> {
    tokens
        .iter()
        .find(|token| token.kind != Kind::Open)
        .filter(|token| token.kind == Kind::Word)
        .map(Token::name)
}

/// No word that writes or locks, wherever it stands: a WITH can hold an INSERT, a SELECT an INTO.
fn check_words(tokens: &[Token], dialect: Dialect) -> Result<(), Said> {
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Word || follows_a_dot(tokens, at) {
            continue;
        }
        let called = tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == Kind::Open);
        let word = |ahead: usize| tokens.get(at + ahead).map(Token::name).unwrap_or_default();
        let refused = match token.name().as_str() {
            "insert" | "update" | "delete" | "merge" | "replace" => !called,
            "into" => true,
            "for" => matches!(word(1).as_str(), "share" | "no" | "key"),
            "lock" => word(1) == "in" && word(2) == "share",
            "next" => dialect == Dialect::Mysql && word(1) == "value",
            _ => false,
        };
        if refused {
            let word = token.name().to_uppercase();
            return Err(StatementWritingWord { word }.into());
        }
    }
    Ok(())
}

fn follows_a_dot(tokens: &[Token], at: usize) -> bool {
    at > 0 && tokens[at - 1].text == "."
}

fn check_functions(tokens: &[Token], dialect: Dialect) -> Result<(), Said> {
    for (at, token) in tokens.iter().enumerate() {
        if !matches!(token.kind, Kind::Word | Kind::QuotedName) {
            continue;
        }
        let called = tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == Kind::Open);
        // No function of a server is called so, and servers fold such letters in their own ways.
        if called && !token.text.is_ascii() {
            let function = token.name();
            return Err(StatementFunctionLetters { function }.into());
        }
        if refused_function(&token.name(), called, dialect) {
            let function = token.name();
            return Err(StatementFunction { function }.into());
        }
    }
    Ok(())
}

fn with_parameters(sql: &str, tokens: &[Token], dialect: Dialect) -> Statement {
    let mut statement = Statement {
        sql: String::new(),
        order: Vec::new(),
        parameters: 0,
    };
    let mut copied = 0;
    for token in tokens {
        let Kind::Parameter(number) = token.kind else {
            continue;
        };
        statement.parameters = statement.parameters.max(number);
        if dialect == Dialect::Mysql {
            statement.sql.push_str(&sql[copied..token.start]);
            statement.sql.push('?');
            statement.order.push(number - 1);
            copied = token.start + token.text.len();
        }
    }
    statement.sql.push_str(&sql[copied..]);
    statement
}

#[cfg(test)]
mod tests;
