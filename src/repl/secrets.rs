//! The secrets of a session: what no line carries into the history, nor out of the session.

use std::ops::Range;

use portal::variable;
use routeros_schema::{Menu, is_secret, is_secret_of};
use site::config::{MASK, Secret, Site};

use super::syntax::{self, Class};

/// Words that stand beside secrets: a line with one of them is not kept.
const TELLING: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "api_key",
];
/// Commands of Redis whose words are logins, and settings of it that are.
const LOGINS: [&str; 6] = [
    "AUTH",
    "HELLO",
    "ACL",
    "MIGRATE",
    "REQUIREPASS",
    "MASTERAUTH",
];
/// A secret that is shorter is no secret, and would be found in every line.
const SHORTEST: usize = 4;
/// One that is shorter may be a word of what is shown.
const DISTINCT: usize = 8;

/// The secrets of every site that is described; those of one that is opened are kept to the end of
/// the session, as its lines stay in the history.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// Adds the secrets of a site: of its services, and of its environment.
    pub fn add(&mut self, site: &Site) {
        let environment = site.environment.iter().flat_map(|(name, text)| {
            let whole = variable::is_secret(name).then_some(text.trim());
            whole.into_iter().chain(variable::secrets_in(text))
        });
        let environment = environment.map(Secret::new);
        for secret in site.secrets().cloned().chain(environment) {
            if secret.expose().len() >= SHORTEST && !self.0.contains(&secret) {
                self.0.push(secret);
            }
        }
        // Of two secrets of which one holds the other, the longer is looked for first.
        self.0
            .sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// Whether a line holds one of them, or something that looks like a secret.
    pub fn are_in(&self, line: &str) -> bool {
        let lower = line.to_lowercase();
        has_login(line)
            || TELLING.iter().any(|word| lower.contains(word))
            || names_secret_field(line)
            || !secret_texts(line).is_empty()
            || self.0.iter().any(|secret| line.contains(secret.expose()))
    }

    /// What is shown, with `***` in the place of each of them.
    pub fn masked(&self, shown: &str) -> String {
        let distinct = self
            .0
            .iter()
            .filter(|secret| secret.expose().len() >= DISTINCT);
        distinct.fold(shown.to_owned(), |text, secret| {
            text.replace(secret.expose(), MASK)
        })
    }

    /// What was entered, as [`Secrets::masked`], and with `***` in every text that is a secret by its
    /// place.
    pub fn masked_input(&self, input: &str) -> String {
        let mut masked = input.to_owned();
        for text in secret_texts(input).into_iter().rev() {
            masked.replace_range(text, MASK);
        }
        self.masked(&masked)
    }
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
    use std::collections::BTreeMap;

    use super::*;
    use site::config::Variables;

    fn secrets() -> Secrets {
        let mut site = Site::named("home");
        site.secret_key = Some(Secret::new("hunter22"));
        site.environment = Variables::new(BTreeMap::from([(
            "HOOK".to_owned(),
            "https://h/x?token=t0ken-of-hook".to_owned(),
        )]));
        let mut secrets = Secrets::default();
        secrets.add(&site);
        secrets
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
            assert!(secrets().are_in(line), "{line}");
            assert_eq!(secrets().masked_input(line), masked);
        }
        for line in [
            "mikrotik::rows(\"/user\")",
            "http://host/a@b",
            "redis::get(key)",
            "#{ name: \"budi\" }",
            "let key = redis::get(\"a\")",
            "rows.sort_by(\"name\")",
        ] {
            assert!(!secrets().are_in(line), "{line}");
            assert_eq!(secrets().masked_input(line), line);
        }
    }
}
