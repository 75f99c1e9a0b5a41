//! What can be wrong with a configuration, in the words of the person who wrote it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::name::named;
use super::protected::ProtectedError;

/// A configuration that cannot be used. No message holds a secret.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that was named, or that exists, cannot be read.
    #[error("cannot read the {what} `{}`", file.display())]
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
    #[error("cannot read the secret that `{place}` names")]
    UnreadableSecret {
        /// The key or the variable that names it.
        place: String,
        /// Why it cannot be read.
        #[source]
        source: io::Error,
    },
    /// A file of the configuration is not TOML, or a value has the wrong type.
    #[error("cannot understand `{}` at line {line}: {reason}", file.display())]
    InvalidFile {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A key that no version of tikbook knows; most often a slip of the pen.
    #[error("unknown key `{}` in `{}` at line {line}", named(key), file.display())]
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
    #[error("a secret must not stand in the configuration: `{key}` in {place}")]
    LiteralSecret {
        /// The key that held it.
        key: String,
        /// The file and line, or the site, where it stands.
        place: String,
    },
    /// A line of an environment file that is not `NAME=value`.
    #[error("cannot understand line {line} of the environment file `{}`: {reason}", file.display())]
    InvalidEnvLine {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A setting whose value cannot be used.
    #[error("cannot use {name}: {reason}")]
    InvalidValue {
        /// The environment variable or the key of the file.
        name: String,
        /// What is wrong with it, without its secret parts.
        reason: String,
    },
    /// What is to be protected is nothing that can be.
    #[error("cannot use {key}")]
    Protected {
        /// The key of the file.
        key: String,
        /// What is wrong with it.
        source: ProtectedError,
    },
    /// A secret that the configuration points to is not there.
    #[error("cannot find the secret for {name}: {reason}")]
    MissingSecret {
        /// What the secret is for.
        name: String,
        /// Where it was looked for.
        reason: String,
    },
    /// A file that nobody named, in the folder one stands in, says of a service that it is elsewhere.
    #[error("`{}` may not change `{key}`, which a file of the user or of the system defines", file.display())]
    Redirected {
        /// What it says.
        key: String,
        /// The file.
        file: PathBuf,
    },
    /// A site that no file describes.
    #[error("unknown site `{}`", named(site))]
    UnknownSite {
        /// The name that was asked for.
        site: String,
        /// The names there are.
        known: Vec<String>,
        /// The nearest of them.
        suggestion: Option<String>,
    },
    /// The files describe several sites and none was chosen.
    #[error("no site was chosen and there is no `default_site`")]
    NoSiteChosen {
        /// The names there are.
        known: Vec<String>,
    },
}

impl ConfigError {
    /// What to do about it, as one sentence for the operator.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey {
                suggestion, known, ..
            } => Some(match suggestion {
                Some(key) => format!("did you mean `{key}`?"),
                None => format!("known keys there: {}", listed(known)),
            }),
            Self::LiteralSecret { key, .. } => Some(literal_secret_hint(key)),
            Self::UnknownSite {
                known, suggestion, ..
            } => Some(match suggestion {
                Some(near) => format!("did you mean `{near}`? known sites: {}", listed(known)),
                None => format!("known sites: {}", listed(known)),
            }),
            Self::NoSiteChosen { known } => {
                Some(format!("choose one with --site: {}", listed(known)))
            }
            Self::InvalidEnvLine { .. } => {
                Some("write NAME=value, one on a line; quote a value that needs it".to_owned())
            }
            Self::Protected { source, .. } => Some(source.hint()),
            Self::UnreadableSecret { place, .. } => Some(format!(
                "see that `{place}` names a file that you may read; a relative path in a file is \
                 meant from the folder of that file"
            )),
            Self::Redirected { key, file } => Some(format!(
                "take `{key}` out of one of the two, or name the file that is meant: --config {}",
                file.display()
            )),
            _ => None,
        }
    }
}

fn literal_secret_hint(key: &str) -> String {
    let key = key.rsplit('.').next().unwrap_or(key);
    format!(
        "write `{key}_env` (a variable's name), `{key}_file` (a path) or `{key}_credential` (a systemd credential) instead"
    )
}

fn listed(names: &[String]) -> String {
    let names: Vec<&str> = names.iter().map(|name| named(name)).collect();
    names.join(", ")
}
