//! Cuts SQL into tokens, so that a word in a comment or in quotes is not taken for a word.
//!
//! Where two servers would cut differently, each dialect follows its own server; what could be cut
//! in two ways is refused.

use super::Dialect;
use catalogue::Said;
use sentences::{
    StatementByteOrderMark, StatementNumberIntoWord, StatementOpen, StatementOpenComment,
    StatementOpenDollars, StatementParameterNumber, StatementQuestionMark, StatementRunComment,
    StatementTwoStrings, StatementUnicodeName,
};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare name.
    Word,
    /// A name in quotes.
    QuotedName,
    /// A string or a number.
    Literal,
    /// `$n`, with n from 1.
    Parameter(usize),
    Open,
    Close,
    Semicolon,
    Other,
}

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Where it starts in the statement, in bytes.
    pub start: usize,
}

impl Token<'_> {
    /// The word or name in lower case, without its quotes.
    pub fn name(&self) -> String {
        let text = match self.kind {
            Kind::QuotedName => &self.text[1..self.text.len() - 1],
            _ => self.text,
        };
        text.to_lowercase()
    }
}

/// The tokens of `sql`, without blanks and comments.
///
/// # Errors
/// What cannot be cut in one sure way.
pub(super) fn tokens(sql: &str, dialect: Dialect) -> Result<Vec<Token<'_>>, Said> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        let blank = blank_length(rest, dialect)?;
        if blank > 0 {
            at += blank;
            continue;
        }
        let escapes = dialect == Dialect::Mysql || follows_an_e(&found, at);
        let (kind, length) = next(rest, dialect, escapes)?;
        // PostgreSQL reads them as one string, whose escapes the first part decides.
        if dialect == Dialect::Postgres && rest.starts_with('\'') && ends_in_a_string(&found) {
            return Err(StatementTwoStrings.into());
        }
        found.push(Token {
            kind,
            text: &rest[..length],
            start: at,
        });
        at += length;
    }
    Ok(found)
}

/// Whether the last token is the `E` of PostgreSQL's `E'…'`; its strings know backslashes. Harmless
/// elsewhere: SQLite has no such strings, and there `e'…'` is an error anyway.
fn follows_an_e(found: &[Token], at: usize) -> bool {
    found.last().is_some_and(|last| {
        last.kind == Kind::Word
            && last.text.eq_ignore_ascii_case("e")
            && last.start + last.text.len() == at
    })
}

fn ends_in_a_string(found: &[Token]) -> bool {
    found
        .last()
        .is_some_and(|last| last.kind == Kind::Literal && last.text.starts_with('\''))
}

/// How many bytes of blanks, or of one comment, `text` begins with.
fn blank_length(text: &str, dialect: Dialect) -> Result<usize, Said> {
    let spaces = text.len()
        - text
            .trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
            .len();
    if spaces > 0 {
        return Ok(spaces);
    }
    let line = match dialect {
        Dialect::Mysql => text.starts_with('#') || mysql_dashes(text),
        _ => text.starts_with("--"),
    };
    if line {
        // PostgreSQL ends such a comment at a carriage return too.
        let end = text.find(|c| c == '\n' || (c == '\r' && dialect == Dialect::Postgres));
        return Ok(end.unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return block_comment(text, dialect);
    }
    Ok(0)
}

/// MySQL takes two dashes for a comment only before a blank.
fn mysql_dashes(text: &str) -> bool {
    text.strip_prefix("--")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c <= ' '))
}

fn block_comment(text: &str, dialect: Dialect) -> Result<usize, Said> {
    let inner = text[2..].trim_start_matches('M');
    if dialect == Dialect::Mysql && inner.starts_with(['!', '+']) {
        return Err(StatementRunComment.into());
    }
    // Step by step, as the servers do: in `/*/` the last two characters close nothing.
    let mut depth = 1;
    let mut at = 2;
    while depth > 0 {
        let rest = text.get(at..).unwrap_or("");
        match rest.chars().next() {
            None => return Err(StatementOpenComment.into()),
            Some('*') if rest.starts_with("*/") => (depth, at) = (depth - 1, at + 2),
            Some('/') if dialect == Dialect::Postgres && rest.starts_with("/*") => {
                (depth, at) = (depth + 1, at + 2);
            }
            Some(other) => at += other.len_utf8(),
        }
    }
    Ok(at)
}

fn next(text: &str, dialect: Dialect, escapes: bool) -> Result<(Kind, usize), Said> {
    let first = text.chars().next().unwrap_or(' ');
    match first {
        '\'' => Ok((Kind::Literal, quoted(text, '\'', escapes)?)),
        '"' if dialect == Dialect::Mysql => Ok((Kind::Literal, quoted(text, '"', true)?)),
        '"' => Ok((Kind::QuotedName, quoted(text, '"', false)?)),
        '`' if dialect != Dialect::Postgres => Ok((Kind::QuotedName, quoted(text, '`', false)?)),
        '[' if dialect == Dialect::Sqlite => {
            let end = text.find(']').ok_or(StatementOpen { mark: "`[`" })?;
            Ok((Kind::QuotedName, end + 1))
        }
        '$' => dollar(text, dialect),
        '0'..='9' => number(text).map(|length| (Kind::Literal, length)),
        '(' => Ok((Kind::Open, 1)),
        ')' => Ok((Kind::Close, 1)),
        ';' => Ok((Kind::Semicolon, 1)),
        '?' if dialect != Dialect::Postgres => Err(StatementQuestionMark.into()),
        _ if starts_a_word(first) => word(text, dialect),
        _ => Ok((Kind::Other, first.len_utf8())),
    }
}

fn starts_a_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn word(text: &str, dialect: Dialect) -> Result<(Kind, usize), Said> {
    let length = text
        .find(|c: char| !(starts_a_word(c) || c.is_ascii_digit() || c == '$'))
        .unwrap_or(text.len());
    if text[..length].contains('\u{feff}') {
        return Err(StatementByteOrderMark.into());
    }
    // In U&"…" an escape can hide any name.
    if dialect == Dialect::Postgres
        && text[..length].eq_ignore_ascii_case("u")
        && text[length..].starts_with("&\"")
    {
        return Err(StatementUnicodeName.into());
    }
    Ok((Kind::Word, length))
}

/// The length of the quoted piece at the start of `text`; a doubled quote stands for itself.
fn quoted(text: &str, quote: char, escapes: bool) -> Result<usize, Said> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && escapes {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return Ok(at + 1);
        }
    }
    Err(StatementOpen {
        mark: quote.to_string(),
    }
    .into())
}

/// `$1`, or a `$tag$ … $tag$` string of PostgreSQL.
fn dollar(text: &str, dialect: Dialect) -> Result<(Kind, usize), Said> {
    let digits = text[1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = text[1..=digits]
            .parse()
            .ok()
            .filter(|n| (1..=65_535).contains(n));
        let number = number.ok_or(StatementParameterNumber)?;
        return Ok((Kind::Parameter(number), digits + 1));
    }
    if dialect != Dialect::Postgres {
        return Ok((Kind::Other, 1));
    }
    let tag_end = text[1..]
        .find(|c: char| !(starts_a_word(c) || c.is_ascii_digit()))
        .filter(|end| text[1 + end..].starts_with('$'));
    let Some(tag_end) = tag_end else {
        return Ok((Kind::Other, 1));
    };
    let tag = &text[..tag_end + 2];
    let body = &text[tag.len()..];
    let end = body.find(tag).ok_or(StatementOpenDollars)?;
    Ok((Kind::Literal, tag.len() + end + tag.len()))
}

/// Some servers read `1INTO` as two words and others as one, so it is refused.
fn number(text: &str) -> Result<usize, Said> {
    let digits = |from: usize| {
        from + text[from..]
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'_')
            .count()
    };
    let mut end = digits(0);
    let radix = text.get(..2).unwrap_or("").to_ascii_lowercase();
    if matches!(radix.as_str(), "0x" | "0b" | "0o") {
        end = 2 + text[2..].bytes().take_while(u8::is_ascii_hexdigit).count();
    } else {
        if text[end..].starts_with('.') {
            end = digits(end + 1);
        }
        end = exponent_end(text, end);
    }
    match text[end..].chars().next() {
        Some(c) if starts_a_word(c) => Err(StatementNumberIntoWord.into()),
        _ => Ok(end),
    }
}

fn exponent_end(text: &str, from: usize) -> usize {
    let Some(rest) = text[from..].strip_prefix(['e', 'E']) else {
        return from;
    };
    let signed = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let digits = signed.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => from,
        _ => from + 1 + (rest.len() - signed.len()) + digits,
    }
}
