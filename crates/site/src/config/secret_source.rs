//! The places a secret may come from: a variable, a file, a systemd credential. Never a flag.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::FsFlags;

use super::error::ConfigError;
use super::secret::Secret;
use super::secrets::Secrets;
use super::variables::Variables;
use crate::text_file;

/// More than any password or key; a file above it was named by mistake.
const LARGEST_SECRET: u64 = 64 * 1024;

/// Where a configuration file says that a secret is.
#[derive(Debug, Default)]
pub(super) struct SecretSource {
    /// A variable's name.
    pub env: Option<String>,
    /// A file's path.
    pub file: Option<PathBuf>,
    /// A credential's name, as in systemd's `LoadCredential=`.
    pub credential: Option<String>,
}

impl SecretSource {
    /// Fetches the text; `None` if no place is named. `key` is what the secret is for. What stands in a
    /// place's key is not repeated: somebody may have taken it for the secret's own.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], or [`ConfigError::UnreadableSecret`].
    pub fn fetch(self, key: &str, variables: &Variables) -> Result<Option<Fetched>, ConfigError> {
        let missing = |reason| ConfigError::MissingSecret {
            name: key.to_owned(),
            reason,
        };
        if let Some(name) = self.env {
            return match variables.get(&name) {
                Some(text) => Ok(Some(Fetched::from(text.to_owned()))),
                None if is_variable(&name) => Err(missing(format!(
                    "the variable that `{key}_env` names is not set"
                ))),
                None => Err(missing(format!(
                    "`{key}_env` wants the name of a variable, such as \"SITE_SECRET\""
                ))),
            };
        }
        if let Some(name) = self.credential {
            let place = format!("{key}_credential");
            let file = credential_file(&name, &place, variables).map_err(missing)?;
            return file_text(&file, &place).map(Some);
        }
        let text = |file: PathBuf| file_text(&file, &format!("{key}_file"));
        self.file.map(text).transpose()
    }
}

/// What was found in a place of secrets: it is one as a whole, or a URL that may hold one.
#[derive(PartialEq, Eq)]
pub(super) struct Fetched {
    text: String,
    /// What is to be said of the place.
    remark: Option<String>,
}

impl From<String> for Fetched {
    fn from(text: String) -> Self {
        let remark = None;
        Self { text, remark }
    }
}

impl Fetched {
    /// The secret that the text is.
    pub fn secret(self, secrets: &Secrets) -> Secret {
        secrets.remark(self.remark);
        secrets.keep(self.text)
    }

    /// The text, for the parser that tells which part of it is secret, and keeps that in `secrets`.
    pub fn text(&self, secrets: &Secrets) -> &str {
        secrets.remark(self.remark.clone());
        &self.text
    }
}

/// The secret called `name` in the environment, known to `secrets`: the variable itself, else the file
/// that `<name>_FILE` names, else the systemd credential of that name. Empty is absent.
///
/// # Errors
/// [`ConfigError::UnreadableSecret`].
pub fn secret_variable(
    variables: &Variables,
    name: &str,
    secrets: &Secrets,
) -> Result<Option<Secret>, ConfigError> {
    let fetched = fetched_variable(variables, name)?;
    Ok(fetched.map(|fetched| fetched.secret(secrets)))
}

/// What is found as [`secret_variable`] finds it.
pub(super) fn fetched_variable(
    variables: &Variables,
    name: &str,
) -> Result<Option<Fetched>, ConfigError> {
    if let Some(text) = variables.get(name).filter(|text| !text.is_empty()) {
        return Ok(Some(Fetched::from(text.to_owned())));
    }
    let place = format!("{name}_FILE");
    if let Some(file) = variables.filled(&place) {
        return file_text(Path::new(file), &place).map(Some);
    }
    match credential_file(name, name, variables) {
        Ok(file) if file.is_file() => file_text(&file, name).map(Some),
        _ => Ok(None),
    }
}

/// The file of the credential that `place` names.
fn credential_file(name: &str, place: &str, variables: &Variables) -> Result<PathBuf, String> {
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(format!(
            "`{place}` wants the name of a credential, as in systemd's `LoadCredential=`"
        ));
    }
    variables
        .filled("CREDENTIALS_DIRECTORY")
        .map(|folder| Path::new(folder).join(name))
        .ok_or_else(|| {
            format!("`{place}` names a credential, and systemd passed none (CREDENTIALS_DIRECTORY)")
        })
}

/// Whether it can be the name of a variable.
fn is_variable(name: &str) -> bool {
    let belongs = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    !name.is_empty() && name.chars().all(belongs)
}

/// The secret in `file`, known to `secrets`, without the line end that editors leave.
///
/// # Errors
/// [`ConfigError::UnreadableFile`].
pub fn secret_file(file: &Path, secrets: &Secrets) -> Result<Secret, ConfigError> {
    let text =
        text_file::read(file, LARGEST_SECRET).map_err(|source| ConfigError::UnreadableFile {
            what: "secret",
            file: file.to_owned(),
            source,
        })?;
    Ok(without_line_end(&text).secret(secrets))
}

/// The secret in the file that `place` names.
fn file_text(file: &Path, place: &str) -> Result<Fetched, ConfigError> {
    let text = text_file::read(file, LARGEST_SECRET);
    let text = text.map_err(|source| ConfigError::UnreadableSecret {
        place: place.to_owned(),
        source,
    })?;
    let mut fetched = without_line_end(&text);
    fetched.remark = is_open_to_all(file).then(|| {
        let file = file.display();
        format!(
            "everybody on this machine may read `{file}`, which `{place}` names: chmod o-rwx {file}"
        )
    });
    Ok(fetched)
}

/// May every user of the machine read the file? A secret that a container is given (Docker's `/run/secrets`, a volume
/// of Kubernetes) is on a mount of its own that is read-only, where modes say nothing of who could come there.
fn is_open_to_all(file: &Path) -> bool {
    let has = |path: &Path, mode: u32| {
        let known = std::fs::metadata(path);
        known.is_ok_and(|known| known.mode() & mode == mode)
    };
    let is_own_mount = nix::sys::statvfs::statvfs(file)
        .is_ok_and(|mount| mount.flags().contains(FsFlags::ST_RDONLY));
    let Ok(whole) = file.canonicalize() else {
        return false;
    };
    let mut folders = whole.ancestors().skip(1);
    !is_own_mount && has(&whole, 0o004) && folders.all(|folder| has(folder, 0o001))
}

fn without_line_end(text: &str) -> Fetched {
    // Editors and `echo` end a file with a line end that is no part of the secret.
    let text = text.strip_suffix('\n').unwrap_or(text);
    Fetched::from(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_each_of_its_places() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("DATABASE_PASSWORD");
        std::fs::write(&file, "from file \n").unwrap();
        let variables = Variables::new(
            [
                ("SITE_PASSWORD", "from env"),
                ("OTHER_FILE", file.to_str().unwrap()),
                ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap()),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        );
        let fetch = |source: SecretSource| {
            let fetched = source.fetch("key", &variables).unwrap().unwrap();
            fetched.text(&Secrets::default()).to_owned()
        };
        let env = Some("SITE_PASSWORD".to_owned());
        assert_eq!(
            fetch(SecretSource {
                env,
                ..Default::default()
            }),
            "from env"
        );
        let file = Some(file);
        assert_eq!(
            fetch(SecretSource {
                file,
                ..Default::default()
            }),
            "from file "
        );
        let credential = Some("DATABASE_PASSWORD".to_owned());
        assert_eq!(
            fetch(SecretSource {
                credential,
                ..Default::default()
            }),
            "from file "
        );
        let secrets = Secrets::default();
        for name in ["OTHER", "DATABASE_PASSWORD"] {
            let secret = secret_variable(&variables, name, &secrets).unwrap();
            assert_eq!(secret.unwrap().expose(), "from file ");
        }
        assert!(secrets.are_in("it came from file 1"));
        let absent = secret_variable(&variables, "ABSENT", &secrets).unwrap();
        assert_eq!(absent, None);
    }

    #[test]
    fn a_secret_that_is_not_where_it_should_be_is_an_error() {
        for source in [
            SecretSource {
                env: Some("ABSENT".to_owned()),
                ..Default::default()
            },
            SecretSource {
                file: Some("/nowhere/at/all".into()),
                ..Default::default()
            },
            SecretSource {
                credential: Some("x".to_owned()),
                ..Default::default()
            },
            SecretSource {
                credential: Some("../x".to_owned()),
                ..Default::default()
            },
        ] {
            assert!(source.fetch("key", &Variables::default()).is_err());
        }
    }
}
