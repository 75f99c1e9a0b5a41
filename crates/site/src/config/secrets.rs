//! The register of what is secret: secrets are made here, and found again in what is about to be seen.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use portal::variable;

use super::secret::{MASK, Secret};
use super::variables::Variables;

/// A secret that is shorter is none, and would be found in every line that is entered.
const SHORTEST: usize = 4;
/// One that is shorter may be a word of any sentence, such as `admin`: it would spoil what is said, and
/// a sentence with a gap in the place of a word tells the word.
const DISTINCT: usize = 8;

/// Every secret of the sites that were read with it. All copies are one register, and nothing leaves
/// it: a site that was left, or a password that a stronger one replaced, is as secret as before.
///
/// How much of it is looked for depends on what a text is for:
///
/// - what was entered and would be kept, [`Secrets::are_in`]: any of four characters or more;
/// - what is said to people, [`Secrets::hidden`]: of eight or more;
/// - what programs read, [`Secrets::hidden_in_data`]: of eight or more that are no plain word or
///   number, so that data stays data.
///
/// Where a secret is known by its type no text is searched, and its length does not matter.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Register>>);

#[derive(Default)]
struct Register {
    known: Vec<Known>,
    /// What is to be said of where some of them are kept.
    remarks: Vec<String>,
}

/// One way in which a secret may be written.
#[derive(PartialEq, Eq)]
struct Known {
    text: String,
    is_word: bool,
}

impl Secrets {
    /// Makes a secret of `text`, which is known from now on.
    #[expect(clippy::disallowed_methods, reason = "it is listed here")]
    pub fn keep(&self, text: impl Into<String>) -> Secret {
        let text = text.into();
        self.note(&text);
        Secret::unlisted(text)
    }

    /// Makes a secret of `text`, which may also be met as it was `written`.
    pub(super) fn keep_written(&self, text: impl Into<String>, written: &str) -> Secret {
        self.note(written);
        self.keep(text)
    }

    /// Notes what is to be said of where a secret is kept, if anything is.
    pub(super) fn remark(&self, remark: Option<String>) {
        let remarks = &mut self.written().remarks;
        if let Some(remark) = remark.filter(|remark| !remarks.contains(remark)) {
            remarks.push(remark);
        }
    }

    /// What is to be said of where some of them are kept.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.read().remarks.clone()
    }

    /// Notes the secrets of an environment: what its names tell, and what is in its texts.
    pub(super) fn note_variables(&self, variables: &Variables) {
        for (name, text) in variables.iter() {
            // Of a URL a part is secret; its host is what errors are about.
            if is_secret(name) && !text.contains("://") {
                self.note(text);
            }
            variable::secrets_in(text)
                .into_iter()
                .for_each(|secret| self.note(secret));
        }
    }

    /// Does a text that was entered hold one of them?
    pub fn are_in(&self, entered: &str) -> bool {
        self.read()
            .known
            .iter()
            .any(|known| entered.contains(&known.text))
    }

    /// What is said to people, with `***` in the place of each of them.
    pub fn hidden<'t>(&self, said: &'t str) -> Cow<'t, str> {
        self.replaced(said, |known| known.text.len() >= DISTINCT)
    }

    /// What programs read, with `***` in the place of each that cannot be taken for anything else.
    pub fn hidden_in_data<'t>(&self, data: &'t str) -> Cow<'t, str> {
        self.replaced(data, |known| known.text.len() >= DISTINCT && !known.is_word)
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.read().known.is_empty()
    }

    fn replaced<'t>(&self, text: &'t str, is_meant: impl Fn(&Known) -> bool) -> Cow<'t, str> {
        let mut hidden = Cow::Borrowed(text);
        for known in self.read().known.iter().filter(|known| is_meant(known)) {
            if hidden.contains(&known.text) {
                hidden = Cow::Owned(hidden.replace(&known.text, MASK));
            }
        }
        hidden
    }

    fn note(&self, text: &str) {
        let all = &mut self.written().known;
        for text in forms(text) {
            let is_word = is_word(&text);
            let known = Known { text, is_word };
            if known.text.len() >= SHORTEST && !all.contains(&known) {
                all.push(known);
            }
        }
        // Of two of which one holds the other, the longer is looked for first.
        all.sort_by_key(|known| std::cmp::Reverse(known.text.len()));
    }

    fn read(&self) -> RwLockReadGuard<'_, Register> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> RwLockWriteGuard<'_, Register> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {MASK}", self.read().known.len())
    }
}

/// Whether a variable of this name is a secret itself, and does not only say where one lies.
fn is_secret(name: &str) -> bool {
    let is_place = name.ends_with("_FILE") || name == "CREDENTIALS_DIRECTORY";
    variable::is_secret(name) && !is_place
}

/// The ways in which a secret is written: as it is, as a text in quotation marks, as a part of a URL;
/// of one with several lines each line, as texts are seen line by line.
fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![escaped(text.trim()), percent_encoded(text.trim())];
    for line in text.lines().map(str::trim) {
        forms.extend([line.to_owned(), escaped(line)]);
    }
    forms
}

fn escaped(text: &str) -> String {
    text.escape_debug()
        .to_string()
        // Only in the quotation marks of a single character.
        .replace("\\'", "'")
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Whether a text may be a name or a number of the site: all of its letters and digits are of one kind,
/// as in `hotspot-user`, `next_sync` or `0812-3456-7890`.
fn is_word(text: &str) -> bool {
    let kinds = [
        char::is_lowercase as fn(char) -> bool,
        char::is_uppercase,
        char::is_numeric,
    ];
    let has = kinds.iter().filter(|kind| text.chars().any(kind));
    has.count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_is_hidden_depends_on_what_a_text_is_for() {
        for (secret, is_kept, is_said, is_data) in [
            ("abc", true, true, true),
            ("1234", false, true, true),
            ("admin", false, true, true),
            ("s3cret-", false, true, true),
            ("mikrotik", false, false, true),
            ("hotspot-user", false, false, true),
            ("081234567890", false, false, true),
            ("hunter22", false, false, false),
            ("Correct-Horse", false, false, false),
        ] {
            let secrets = Secrets::default();
            let kept = secrets.keep(secret);
            assert_eq!(kept.expose(), secret);
            let text = format!("a {secret}.");
            assert_eq!(!secrets.are_in(&text), is_kept, "{secret}");
            assert_eq!(secrets.hidden(&text) == text, is_said, "{secret}");
            assert_eq!(secrets.hidden_in_data(&text) == text, is_data, "{secret}");
        }
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let secrets = Secrets::default();
        let copy = secrets.clone();
        copy.keep("p@ss w0rd\"\\ '\n");
        copy.keep("-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----\n");
        copy.keep_written("a/b c-1234", "a%2fb+c-1234");
        for (text, hidden) in [
            ("(p@ss w0rd\"\\ ')", "(***)"),
            (r#"say "p@ss w0rd\"\\ '""#, r#"say "***""#),
            ("https://u:p%40ss%20w0rd%22%5C%20%27@h/", "https://u:***@h/"),
            ("https://u:a%2fb+c-1234@h/", "https://u:***@h/"),
            ("MIIEvQIBADAN", "***"),
            ("p@ss word", "p@ss word"),
        ] {
            assert_eq!(secrets.hidden(text), hidden);
        }
        assert!(!format!("{secrets:?}").contains("w0rd"));
    }

    #[test]
    fn of_two_secrets_the_longer_is_hidden_as_a_whole() {
        let secrets = Secrets::default();
        secrets.keep("hunter22");
        secrets.keep("hunter22-longer");
        assert_eq!(secrets.hidden("hunter22-longer hunter22"), "*** ***");
    }

    #[test]
    fn variables_are_secret_by_name_or_by_text_and_not_where_they_name_a_place() {
        let pairs = [
            ("SMTP_PASSWORD", "mail-password-1"),
            ("HOOK", "https://h/x?token=t0ken-of-hook"),
            (
                "DATABASE_URL",
                "postgresql://audit:data-password-1@db/portal",
            ),
            ("REDIS_URL", "redis://cache:6379/0"),
            ("ROUTER_PASSWORD_FILE", "/run/secrets/router-1"),
            ("CREDENTIALS_DIRECTORY", "/run/credentials/tikbook-1"),
            ("TASK_DLQ_REDIS_KEY", "celery:dlq:portal1"),
        ];
        let secrets = Secrets::default();
        let pairs = pairs.map(|(name, text)| (name.to_owned(), text.to_owned()));
        secrets.note_variables(&Variables::new(pairs.clone().into()));
        let shown = pairs.map(|(_, text)| secrets.hidden(&text).into_owned());
        assert_eq!(
            shown,
            [
                "***",
                "https://h/x?token=***",
                "postgresql://audit:***@db/portal",
                "redis://cache:6379/0",
                "/run/secrets/router-1",
                "/run/credentials/tikbook-1",
                "celery:dlq:portal1",
            ]
        );
    }
}
