//! What is secret of a line that is entered: what the site knows as one, and what looks like one. No
//! line carries it into the history, nor out of the session.

use std::ops::Range;

use portal::variable;
use routeros_schema::{Menu, is_secret, is_secret_of};
use site::config::{MASK, Secrets};

use super::syntax::{self, Class};

/// Commands of Redis whose words are logins, and settings of it that are.
const LOGINS: [&str; 6] = [
    "AUTH",
    "HELLO",
    "ACL",
    "MIGRATE",
    "REQUIREPASS",
    "MASTERAUTH",
];

/// Whether a line holds one of `known`, or something that looks like a secret.
pub fn are_in(line: &str, known: &Secrets) -> bool {
    has_login(line)
        || variable::tells_of_secret(line)
        || names_secret_field(line)
        || !secret_texts(line).is_empty()
        || known.are_in(line)
}

/// What was entered, with `***` in the place of each of `known`, and of every text that is a secret by
/// its place.
pub fn hidden(input: &str, known: &Secrets) -> String {
    let mut hidden = input.to_owned();
    for text in secret_texts(input).into_iter().rev() {
        hidden.replace_range(text, MASK);
    }
    known.hidden(&hidden).into_owned()
}

/// Whether a URL of the line says who logs in.
fn has_login(line: &str) -> bool {
    line.match_indices("://").any(|(start, _)| {
        line[start + 3..]
            .split(['/', ' ', '"', '`'])
            .next()
            .is_some_and(|host| host.contains('@'))
    })
}

/// Whether the line names a field of the router that holds a secret. A name of one word, such as
/// `key`, may be anything in a script.
fn names_secret_field(line: &str) -> bool {
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .any(|word| word.contains('-') && is_secret(word))
}

/// Where the texts of a line are that are secrets by what they say, or by the name that they are given
/// or compared with.
fn secret_texts(line: &str) -> Vec<Range<usize>> {
    let texts = texts(line);
    let said = |text: &Range<usize>| &line[text.clone()];
    let menus: Vec<Menu> = texts
        .iter()
        .filter_map(|text| said(text).parse().ok())
        .collect();
    let is_field =
        |name: &str| is_secret(name) || menus.iter().any(|menu| is_secret_of(menu, name));
    let is_login = |text: &Range<usize>| LOGINS.contains(&said(text).to_ascii_uppercase().as_str());
    let logs_in = texts.iter().any(is_login);
    let is_secret = |text: &Range<usize>| {
        (logs_in && !is_login(text))
            || !variable::secrets_in(said(text)).is_empty()
            || word_of_router(said(text)).is_some_and(is_field)
            || name_before(line, text.start).is_some_and(|name| is_field(&name))
    };
    texts
        .iter()
        .filter(|text| is_secret(text))
        .cloned()
        .collect()
}

/// The insides of the texts of a line.
fn texts(line: &str) -> Vec<Range<usize>> {
    let pieces = syntax::read(line).pieces.into_iter();
    let texts = pieces.filter(|piece| piece.class == Class::Text);
    texts
        .map(|piece| {
            let text = &line[piece.range.clone()];
            let marks = ['"', '\'', '`'];
            let opening = text.len() - text.trim_start_matches('#').len();
            let opening = opening + usize::from(text[opening..].starts_with(marks));
            let inner = &text[opening..];
            let closed = inner.trim_end_matches('#');
            let inner = closed.strip_suffix(marks).unwrap_or(inner);
            let start = piece.range.start + opening;
            start..start + inner.len()
        })
        .collect()
}

/// The name of a word of the router's API, such as `=pin=1234` or `?pin=1234`.
fn word_of_router(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix(['=', '?'])?.split_once('=')?;
    Some(name)
}

/// The name that the text at `start` is given to, or compared with: `pin: "…"`, `row["pin"] == "…"`.
fn name_before(line: &str, start: usize) -> Option<String> {
    let before = line[..start].trim_end_matches(['"', '\'', '`']).trim_end();
    let named = before.trim_end_matches([':', '=', '!', '<', '>', '+']);
    if named.len() == before.len() {
        return None;
    }
    let named = named.trim_end().trim_end_matches(']');
    let named = named.trim_end_matches(['"', '\'', '`']);
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let name = named.trim_end_matches(is_of_name).len();
    Some(named[name..].replace('_', "-")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Secrets {
        let known = Secrets::default();
        known.keep("hunter22");
        known.keep("t0ken-of-hook");
        known
    }

    #[test]
    fn lines_that_hold_a_secret_are_known_and_leave_the_session_without_it() {
        for (line, masked) in [
            ("x(\"hunter22\")", "x(\"***\")"),
            ("x(t0ken-of-hook)", "x(***)"),
            ("let Password = \"x1\"", "let Password = \"***\""),
            ("get(\"redis://u:p@host/0\")", "get(\"***\")"),
            ("get(\"https://h/?sig=p\")", "get(\"***\")"),
            (
                "#{ \"wpa2-pre-shared-key\": \"1234\" }",
                "#{ \"wpa2-pre-shared-key\": \"***\" }",
            ),
            ("#{ pin: \"1234\", n: 1 }", "#{ pin: \"***\", n: 1 }"),
            ("#{ key: `1234` }", "#{ key: `***` }"),
            ("row.pin == \"1234\"", "row.pin == \"***\""),
            ("row[\"pin\"] != \"1234\"", "row[\"pin\"] != \"***\""),
            ("rows(\"/x\", [\"?pin=1234\"])", "rows(\"/x\", [\"***\"])"),
            (
                "redis::command(\"AUTH\", [\"u\", \"p\"])",
                "redis::command(\"AUTH\", [\"***\", \"***\"])",
            ),
            (
                "mikrotik::add(\"/snmp/community\", #{ name: \"open\" }, \"why\")",
                "mikrotik::add(\"/snmp/community\", #{ name: \"***\" }, \"why\")",
            ),
        ] {
            assert!(are_in(line, &known()), "{line}");
            assert_eq!(hidden(line, &known()), masked);
        }
        for line in [
            "mikrotik::rows(\"/user\")",
            "http://host/a@b",
            "redis::get(key)",
            "#{ name: \"budi\" }",
            "let key = redis::get(\"a\")",
            "let token = row.comment",
            "rows.sort_by(\"name\")",
        ] {
            assert!(!are_in(line, &known()), "{line}");
            assert_eq!(hidden(line, &known()), line);
        }
    }
}
