//! What can be wrong with a configuration, in the words of the person who wrote it.

use std::io;
use std::path::{Path, PathBuf};

use catalogue::Said;
use sentences::{
    ErrorConfigEnvLine, ErrorConfigFile, ErrorConfigKey, ErrorConfigLiteralSecret,
    ErrorConfigNoSecret, ErrorConfigNoSite, ErrorConfigProtected, ErrorConfigRedirected,
    ErrorConfigSecretUnreadable, ErrorConfigUnknownSite, ErrorConfigUnreadable, ErrorConfigValue,
    HintConfigChooseSite, HintConfigEnvLine, HintConfigKeys, HintConfigLiteralSecret,
    HintConfigRedirected, HintConfigSecretFile, HintConfigSiteNear, HintConfigSites, UsageNear,
};
use thiserror::Error;

use super::name::named;
use super::protected::ProtectedError;

/// A configuration that cannot be used. No message holds a secret.
#[derive(Debug, Error)]
#[error("{}", self.said())]
pub enum ConfigError {
    /// A file that was named, or that exists, cannot be read.
    UnreadableFile {
        /// What the file is for: `configuration`, `environment file`, `secret`.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// Why it cannot be read.
        #[source]
        source: io::Error,
    },
    /// The file of a secret cannot be read. Where it is does not say: the secret itself may stand there.
    UnreadableSecret {
        /// The key or the variable that names it.
        place: String,
        /// Why it cannot be read.
        #[source]
        source: io::Error,
    },
    /// A file of the configuration is not TOML, or a value has the wrong type.
    InvalidFile {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A key that no version of tikbook knows; most often a slip of the pen.
    UnknownKey {
        /// The key as written.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The nearest key that may stand there.
        suggestion: Option<String>,
        /// All keys that may stand there.
        known: Vec<String>,
    },
    /// A password or key was written into the configuration itself.
    LiteralSecret {
        /// The key that held it.
        key: String,
        /// The file and line, or the site, where it stands.
        place: String,
    },
    /// A line of an environment file that is not `NAME=value`.
    InvalidEnvLine {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A setting whose value cannot be used.
    InvalidValue {
        /// The environment variable or the key of the file.
        name: String,
        /// What is wrong with it, without its secret parts.
        reason: String,
    },
    /// What is to be protected is nothing that can be.
    Protected {
        /// The key of the file.
        key: String,
        /// What is wrong with it.
        source: ProtectedError,
    },
    /// A secret that the configuration points to is not there.
    MissingSecret {
        /// What the secret is for.
        name: String,
        /// Where it was looked for.
        reason: String,
    },
    /// A file that nobody named, in the folder one stands in, says of a service that it is elsewhere.
    Redirected {
        /// What it says.
        key: String,
        /// The file.
        file: PathBuf,
    },
    /// A site that no file describes.
    UnknownSite {
        /// The name that was asked for.
        site: String,
        /// The names there are.
        known: Vec<String>,
        /// The nearest of them.
        suggestion: Option<String>,
    },
    /// The files describe several sites and none was chosen.
    NoSiteChosen {
        /// The names there are.
        known: Vec<String>,
    },
}

impl ConfigError {
    /// What is wrong, without what it comes from.
    pub fn said(&self) -> Said {
        let shown = |file: &Path| file.display().to_string();
        match self {
            Self::UnreadableFile { what, file, .. } => {
                let file = shown(file);
                ErrorConfigUnreadable { what: *what, file }.into()
            }
            Self::UnreadableSecret { place, .. } => ErrorConfigSecretUnreadable { place }.into(),
            Self::InvalidFile { file, line, reason } => ErrorConfigFile {
                file: shown(file),
                line: *line,
                reason,
            }
            .into(),
            Self::UnknownKey {
                key, file, line, ..
            } => ErrorConfigKey {
                key: named(key),
                file: shown(file),
                line: *line,
            }
            .into(),
            Self::LiteralSecret { key, place } => ErrorConfigLiteralSecret { key, place }.into(),
            Self::InvalidEnvLine { file, line, reason } => ErrorConfigEnvLine {
                file: shown(file),
                line: *line,
                reason: *reason,
            }
            .into(),
            Self::InvalidValue { name, reason } => ErrorConfigValue { name, reason }.into(),
            Self::Protected { key, .. } => ErrorConfigProtected { key }.into(),
            Self::MissingSecret { name, reason } => ErrorConfigNoSecret { name, reason }.into(),
            Self::Redirected { key, file } => {
                let file = shown(file);
                ErrorConfigRedirected { key, file }.into()
            }
            Self::UnknownSite { site, .. } => ErrorConfigUnknownSite { site: named(site) }.into(),
            Self::NoSiteChosen { .. } => ErrorConfigNoSite.into(),
        }
    }

    /// What to do about it, as one sentence for the operator.
    pub fn hint(&self) -> Option<Said> {
        match self {
            Self::UnknownKey {
                suggestion, known, ..
            } => Some(match suggestion {
                Some(name) => UsageNear { name }.into(),
                None => HintConfigKeys {
                    keys: listed(known),
                }
                .into(),
            }),
            Self::LiteralSecret { key, .. } => {
                let key = key.rsplit('.').next().unwrap_or(key);
                Some(HintConfigLiteralSecret { key }.into())
            }
            Self::UnknownSite {
                known, suggestion, ..
            } => Some(match suggestion {
                Some(near) => HintConfigSiteNear {
                    near,
                    sites: listed(known),
                }
                .into(),
                None => HintConfigSites {
                    sites: listed(known),
                }
                .into(),
            }),
            Self::NoSiteChosen { known } => Some(
                HintConfigChooseSite {
                    sites: listed(known),
                }
                .into(),
            ),
            Self::InvalidEnvLine { .. } => Some(HintConfigEnvLine.into()),
            Self::Protected { source, .. } => Some(source.hint().into()),
            Self::UnreadableSecret { place, .. } => Some(HintConfigSecretFile { place }.into()),
            Self::Redirected { key, file } => Some(
                HintConfigRedirected {
                    key,
                    file: file.display().to_string(),
                }
                .into(),
            ),
            _ => None,
        }
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<&str> = names.iter().map(|name| named(name)).collect();
    names.join(", ")
}
