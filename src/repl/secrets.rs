//! The secrets that no line may carry into the history.

use portal::variable;
use site::config::{Secret, Site};

/// Words that stand beside secrets: a line with one of them is not kept.
const TELLING: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "api_key",
];
/// A secret that is shorter is no secret, and would be found in every line.
const SHORTEST: usize = 4;

/// The secrets of every site that is described; those of one that is opened are kept to the end of
/// the session, as its lines stay in the history.
#[derive(Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// Adds the secrets of a site: of its services, and of its environment.
    pub fn add(&mut self, site: &Site) {
        let environment = site.environment.iter();
        let environment = environment
            .filter(|(name, _)| variable::is_secret(name))
            .map(|(_, text)| Secret::new(text.trim()));
        for secret in site.secrets().cloned().chain(environment) {
            if secret.expose().len() >= SHORTEST && !self.0.contains(&secret) {
                self.0.push(secret);
            }
        }
    }

    /// Whether a line holds one of them, or something that looks like a secret.
    pub fn are_in(&self, line: &str) -> bool {
        let lower = line.to_lowercase();
        has_login(line)
            || TELLING.iter().any(|word| lower.contains(word))
            || names_secret_field(line)
            || self.0.iter().any(|secret| line.contains(secret.expose()))
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
        .any(|word| word.contains('-') && routeros_schema::is_secret(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_hold_a_secret_are_known() {
        let mut site = Site::named("home");
        site.secret_key = Some(Secret::new("hunter22"));
        let mut secrets = Secrets::default();
        secrets.add(&site);
        for line in [
            "x(\"hunter22\")",
            "let Password = 1",
            "redis://u:p@host/0",
            "#{ \"wpa2-pre-shared-key\": \"1234\" }",
        ] {
            assert!(secrets.are_in(line), "{line}");
        }
        for line in [
            "mikrotik::rows(\"/user\")",
            "http://host/a@b",
            "redis::get(key)",
        ] {
            assert!(!secrets.are_in(line), "{line}");
        }
    }
}
