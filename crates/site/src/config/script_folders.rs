//! Where scripts are looked for.

use std::path::PathBuf;

use super::{ConfigError, Sources, load};

/// The folders that may hold scripts, the strongest first: `./scripts`, those the site names, the
/// user's and the system's XDG data folders, each with `tikbook/scripts`. Where none of several sites is
/// chosen none names any.
///
/// # Errors
/// The configuration that may name folders cannot be understood.
pub fn script_folders(sources: &Sources) -> Result<Vec<PathBuf>, ConfigError> {
    let variable = |name| sources.environment.filled(name);
    let mut folders = vec![PathBuf::from("./scripts")];
    match load(sources.clone()) {
        Ok(site) => folders.extend(site.scripts),
        Err(ConfigError::NoSiteChosen { .. }) => {}
        Err(error) => return Err(error),
    }
    let user = variable("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".local/share")));
    let system = variable("XDG_DATA_DIRS").unwrap_or("/usr/local/share:/usr/share");
    let shared = system.split(':').filter(|path| !path.is_empty());
    folders.extend(
        user.into_iter()
            .chain(shared.map(PathBuf::from))
            .map(|folder| folder.join("tikbook/scripts")),
    );
    folders.retain(|folder| folder.is_dir());
    Ok(folders)
}
