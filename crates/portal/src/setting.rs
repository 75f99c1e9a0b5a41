//! The portal's settings: `application_settings` over the environment over a default. What is a
//! secret among them does not come out.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bigdecimal::num_bigint::BigInt;
use fernet::Fernet;
use sha2::{Digest as _, Sha256};

use super::number::{strip, truth, whole_number};
use super::variable;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// One row of `application_settings`.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSetting {
    /// `setting_value`; empty counts as absent.
    pub value: Option<String>,
    /// `is_encrypted`: the value is a Fernet token under the portal's `SECRET_KEY`.
    pub is_encrypted: bool,
}

/// Everything a setting can come from.
pub struct Settings {
    stored: HashMap<String, StoredSetting>,
    environment: BTreeMap<String, String>,
    fernet: Option<Fernet>,
}

/// A setting's text, and what was wrong on the way to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// The text, `***` for a secret; `None` when neither the table nor the environment has one.
    pub text: Option<String>,
    /// The stored value could not be read, and the next source was taken.
    pub problem: Option<SettingProblem>,
}

/// Why a stored value was passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingProblem {
    /// No `SECRET_KEY` to decrypt with.
    #[error("setting `{name}` is encrypted and SECRET_KEY is not set")]
    NoSecretKey {
        /// The setting.
        name: String,
    },
    /// Encrypted under another key, or damaged.
    #[error("setting `{name}` cannot be decrypted with this SECRET_KEY")]
    Undecryptable {
        /// The setting.
        name: String,
    },
}

impl Settings {
    /// Settings from the rows of the table, the environment, and the portal's `SECRET_KEY`.
    #[must_use]
    pub fn new(
        stored: HashMap<String, StoredSetting>,
        environment: BTreeMap<String, String>,
        secret_key: Option<&str>,
    ) -> Self {
        Settings {
            stored,
            environment,
            fernet: secret_key.and_then(fernet_of),
        }
    }

    /// The setting `name`: its row unless that is empty or unreadable, else the environment
    /// variable (which may be the empty text), else nothing. Of the environment only what the portal
    /// defines is a setting.
    ///
    /// A secret is `***`: what is one by its name, a text that holds one, as URLs do, and what the portal
    /// keeps encrypted unless it is one of the portal's open settings.
    #[must_use]
    pub fn text(&self, name: &str) -> Setting {
        let (stored, problem) = match self.stored_text(name) {
            Ok(text) => (text, None),
            Err(problem) => (None, Some(problem)),
        };
        let text = stored.or_else(|| self.variable(name));
        let text = text.map(|text| {
            if self.is_secret(name, &text) {
                MASK.to_owned()
            } else {
                text
            }
        });
        Setting { text, problem }
    }

    /// The setting's text without white space around it, if anything is left.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<String> {
        let text = self.text(name).text?;
        Some(strip(&text))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// What is secret in the table, in clear.
    #[must_use]
    pub fn stored_secrets(&self) -> Vec<String> {
        let names = self.stored.keys();
        names
            .filter_map(|name| {
                let text = self.stored_text(name).ok()??;
                self.is_secret(name, &text).then_some(text)
            })
            .flat_map(|text| match variable::secrets_in(&text).as_slice() {
                [] => vec![text],
                within => within.iter().map(|text| (*text).to_owned()).collect(),
            })
            .collect()
    }

    /// The environment variable `name`, for what the portal never looks for in its table.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// The setting as a whole number. A text that is none gives `default`, not the next source.
    #[must_use]
    pub fn int(&self, name: &str, default: &BigInt) -> BigInt {
        let text = self.text(name).text;
        text.and_then(|text| whole_number(&text))
            .unwrap_or_else(|| default.clone())
    }

    /// The setting as a truth value. A text that is none gives `default`, not the next source.
    #[must_use]
    pub fn bool(&self, name: &str, default: bool) -> bool {
        let text = self.text(name).text;
        text.and_then(|text| truth(&text)).unwrap_or(default)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let text = self.environment.get(name)?;
        variable::is_portals(name).then(|| text.clone())
    }

    /// Whether this text of the setting is to be hidden. That there is none may be seen.
    fn is_secret(&self, name: &str, text: &str) -> bool {
        let row = self.stored.get(name);
        let is_sealed = row.is_some_and(|row| row.is_encrypted) && !variable::is_open(name);
        !text.is_empty()
            && (is_sealed || variable::is_secret(name) || !variable::secrets_in(text).is_empty())
    }

    /// The row's value in clear, `None` when absent or empty.
    fn stored_text(&self, name: &str) -> Result<Option<String>, SettingProblem> {
        let Some(row) = self.stored.get(name) else {
            return Ok(None);
        };
        let value = row.value.as_deref().filter(|value| !value.is_empty());
        let clear = match value {
            Some(token) if row.is_encrypted => Some(self.decrypt(name, token)?),
            value => value.map(str::to_owned),
        };
        Ok(clear.filter(|text| !text.is_empty()))
    }

    fn decrypt(&self, name: &str, token: &str) -> Result<String, SettingProblem> {
        let fernet = self
            .fernet
            .as_ref()
            .ok_or_else(|| SettingProblem::NoSecretKey {
                name: name.to_owned(),
            })?;
        fernet
            .decrypt(token.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| SettingProblem::Undecryptable {
                name: name.to_owned(),
            })
    }
}

/// The cipher of a portal's `SECRET_KEY`: its SHA-256 is the Fernet key.
fn fernet_of(secret_key: &str) -> Option<Fernet> {
    Fernet::new(&URL_SAFE.encode(Sha256::digest(secret_key.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a portal's secret key";
    const NAME: &str = "QUOTA_DEBT_LIMIT_MB";

    struct Row {
        value: Option<&'static str>,
        environment: Option<&'static str>,
    }

    fn plain(row: Row) -> Settings {
        settings(row.value.map(str::to_owned), false, row.environment)
    }

    fn settings(value: Option<String>, is_encrypted: bool, variable: Option<&str>) -> Settings {
        let stored = HashMap::from([(
            NAME.to_owned(),
            StoredSetting {
                value,
                is_encrypted,
            },
        )]);
        let environment = variable.map(|text| (NAME.to_owned(), text.to_owned()));
        Settings::new(stored, environment.into_iter().collect(), Some(KEY))
    }

    fn sealed(text: &str, key: &str) -> Option<String> {
        Some(fernet_of(key).unwrap().encrypt(text.as_bytes()))
    }

    #[test]
    fn a_row_wins_unless_it_is_empty() {
        let cases = [
            (Some("500"), Some("300"), Some("500")),
            (Some("  "), Some("300"), Some("  ")),
            (Some(""), Some("300"), Some("300")),
            (None, Some("300"), Some("300")),
            (None, Some(""), Some("")),
            (Some(""), None, None),
        ];
        for (value, environment, expected) in cases {
            let setting = plain(Row { value, environment }).text(NAME);
            assert_eq!(
                setting.text.as_deref(),
                expected,
                "{value:?} over {environment:?}"
            );
            assert_eq!(setting.problem, None);
        }
    }

    #[test]
    fn a_number_that_is_none_falls_to_the_default_not_to_the_environment() {
        let cases = [
            (Some(" 500 "), None, 500),
            (Some("5_00"), None, 500),
            (Some("+500"), None, 500),
            (Some("-500"), Some("300"), -500),
            (Some("500.0"), Some("300"), 7),
            (Some("abc"), Some("300"), 7),
            (Some("1e3"), None, 7),
            (Some(""), Some("300"), 300),
            (None, Some("12x"), 7),
            (None, Some(""), 7),
            (None, None, 7),
        ];
        for (value, environment, expected) in cases {
            let number = plain(Row { value, environment }).int(NAME, &7.into());
            assert_eq!(number, expected.into(), "{value:?} over {environment:?}");
        }
    }

    #[test]
    fn truth_values_fall_to_the_default_too() {
        let read = |value, default| {
            plain(Row {
                value: Some(value),
                environment: None,
            })
            .bool(NAME, default)
        };
        assert!(read("Yes", false));
        assert!(!read("off", true));
        assert!(read("enabled", true));
        assert!(!read("enabled", false));
    }

    #[test]
    fn an_encrypted_row_is_read_under_the_secret_key() {
        let setting = settings(sealed("500", KEY), true, Some("300")).text(NAME);
        assert_eq!(setting.text.as_deref(), Some("500"));
        let empty = settings(sealed("", KEY), true, Some("300")).text(NAME);
        assert_eq!(empty.text.as_deref(), Some("300"));
        assert_eq!(empty.problem, None);
    }

    #[test]
    fn a_token_made_by_pythons_library_is_read() {
        // Made by the portal's own library: SECRET_KEY `oracle-secret-key-0123456789`, text `500`.
        let token = "gAAAAABpVbkA2w5IFOFf0KCYRK4nfQchOeaf2K8yNzf9zTv4pDeYaDiC0e1d68wew42ZNwhG9IJ1Y40xqXFZHhuhklKpjsWGPQ==";
        let fernet = fernet_of("oracle-secret-key-0123456789").unwrap();
        assert_eq!(fernet.decrypt(token).unwrap(), b"500");
    }

    #[test]
    fn an_unreadable_row_falls_to_the_environment_with_a_problem() {
        let other = settings(sealed("500", "another key"), true, Some("300")).text(NAME);
        assert_eq!(other.text.as_deref(), Some("300"));
        assert_eq!(
            other.problem.unwrap().to_string(),
            "setting `QUOTA_DEBT_LIMIT_MB` cannot be decrypted with this SECRET_KEY"
        );
        let stored = StoredSetting {
            value: sealed("500", KEY),
            is_encrypted: true,
        };
        let stored = HashMap::from([(NAME.to_owned(), stored)]);
        let keyless = Settings::new(stored, BTreeMap::new(), None).text(NAME);
        assert_eq!(keyless.text, None);
        assert!(matches!(
            keyless.problem,
            Some(SettingProblem::NoSecretKey { .. })
        ));
    }

    #[test]
    fn secrets_are_stars_from_wherever_they_come() {
        let row = |value: Option<String>, is_encrypted| StoredSetting {
            value,
            is_encrypted,
        };
        let stored = [
            ("WHATSAPP_API_KEY", row(sealed("hunter2", KEY), true)),
            ("HOUSE_MOTTO", row(sealed("hunter2", KEY), true)),
            ("SMTP_PASSWORD", row(Some("12345678".to_owned()), false)),
            (
                "MIRROR",
                row(Some("redis://:hunter2@host".to_owned()), false),
            ),
            ("HOUSE_NAME", row(Some("Melati".to_owned()), false)),
            (NAME, row(sealed("500", KEY), true)),
        ];
        let environment = [
            ("SECRET_KEY", KEY),
            ("DATABASE_URL", "postgresql://u:hunter2@host/portal"),
            ("CELERY_BROKER_URL", "redis://host"),
            ("REDIS_PASSWORD_OTP", "12345678"),
            ("REDIS_PASSWORD_RATELIMIT", ""),
            ("HOME", "/home/admin"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("MIKROTIK_HOST", "10.0.0.1"),
        ];
        let settings = Settings::new(
            stored.map(|(name, row)| (name.to_owned(), row)).into(),
            environment
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
            Some(KEY),
        );
        let cases = [
            ("WHATSAPP_API_KEY", Some("***")),
            ("HOUSE_MOTTO", Some("***")),
            ("SMTP_PASSWORD", Some("***")),
            ("MIRROR", Some("***")),
            ("HOUSE_NAME", Some("Melati")),
            (NAME, Some("500")),
            ("SECRET_KEY", Some("***")),
            ("DATABASE_URL", Some("***")),
            ("CELERY_BROKER_URL", Some("***")),
            ("REDIS_PASSWORD_OTP", Some("***")),
            ("REDIS_PASSWORD_RATELIMIT", Some("")),
            ("HOME", None),
            ("AWS_SECRET_ACCESS_KEY", None),
            ("MIKROTIK_HOST", Some("10.0.0.1")),
        ];
        for (name, expected) in cases {
            assert_eq!(settings.text(name).text.as_deref(), expected, "{name}");
        }
        let mut stored = settings.stored_secrets();
        stored.sort();
        assert_eq!(stored, ["12345678", "hunter2", "hunter2", "hunter2"]);
        // Digits of a secret do not come out as a number either.
        for name in ["SMTP_PASSWORD", "REDIS_PASSWORD_OTP"] {
            assert_eq!(settings.int(name, &7.into()), 7.into(), "{name}");
            assert!(!settings.bool(name, false), "{name}");
        }
    }
}
