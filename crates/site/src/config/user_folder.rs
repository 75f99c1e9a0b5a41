//! Where a user's own files of tikbook are.

use std::path::PathBuf;

use super::Sources;

/// `$XDG_CONFIG_HOME/tikbook`, else `~/.config/tikbook`; none without either variable.
pub fn user_folder(sources: &Sources) -> Option<PathBuf> {
    let home = || Some(sources.folder_in("HOME")?.join(".config"));
    let folder = sources.folder_in("XDG_CONFIG_HOME").or_else(home);
    folder.map(|folder| folder.join("tikbook"))
}

impl Sources {
    /// The folder that a variable names. One that is not absolute is to be ignored (XDG Base Directory
    /// Specification): it would be whichever folder somebody stands in.
    pub(super) fn folder_in(&self, variable: &str) -> Option<PathBuf> {
        let folder = self.environment.filled(variable).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    }
}
