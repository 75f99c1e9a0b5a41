//! Where scripts are looked for.

use std::path::{Path, PathBuf};

use super::{ConfigError, Sources, load};

/// The folder of scripts in whichever folder somebody stands.
const BESIDE: &str = "scripts";

/// A folder in which scripts are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptFolder {
    /// It was named: by flag, in a file of the configuration, as the user's or the system's own.
    Named(PathBuf),
    /// It is there where somebody stands, or beside a file that was named: what is in it is used where it is
    /// trusted ([`crate::trust`]).
    Found {
        /// Where somebody stands.
        stands: PathBuf,
        /// Its path from there; empty for that folder itself.
        below: PathBuf,
    },
}

impl ScriptFolder {
    /// Its path.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Named(path) => path.clone(),
            Self::Found { stands, below } if below.as_os_str().is_empty() => stands.clone(),
            Self::Found { stands, below } => stands.join(below),
        }
    }

    /// The folder that a file is in.
    pub fn beside(folder: &Path) -> Self {
        Self::Found {
            stands: folder.to_owned(),
            below: PathBuf::new(),
        }
    }
}

/// The folders that may hold scripts, the strongest first: those `named` by flag, `./scripts`, those the site names,
/// the user's and the system's XDG data folders, each with `tikbook/scripts`. Where none of several sites is
/// chosen none names any.
///
/// # Errors
/// The configuration that may name folders cannot be understood.
pub fn script_folders(
    named: &[PathBuf],
    sources: &Sources,
) -> Result<Vec<ScriptFolder>, ConfigError> {
    let system = sources.environment.filled("XDG_DATA_DIRS");
    let beside = ScriptFolder::Found {
        stands: PathBuf::from("."),
        below: PathBuf::from(BESIDE),
    };
    let mut folders: Vec<_> = named.iter().cloned().map(ScriptFolder::Named).collect();
    // Where it was named it is not only found.
    if !named.iter().any(|folder| is_same(folder, &beside.path())) {
        folders.push(beside);
    }
    let of_site = match load(sources.clone()) {
        Ok(site) => site.scripts,
        Err(ConfigError::NoSiteChosen { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let home = || Some(sources.folder_in("HOME")?.join(".local/share"));
    let user = sources.folder_in("XDG_DATA_HOME").or_else(home);
    let system = system.unwrap_or("/usr/local/share:/usr/share").split(':');
    let shared = system.map(PathBuf::from).filter(|path| path.is_absolute());
    let data = user.into_iter().chain(shared);
    let data = data.map(|folder| folder.join("tikbook/scripts"));
    folders.extend(of_site.into_iter().chain(data).map(ScriptFolder::Named));
    folders.retain(|folder| folder.path().is_dir());
    Ok(folders)
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
