//! Where tikbook keeps what it did, and who it is that does it.

use std::path::PathBuf;

use super::Sources;

/// The folder of journals and locks: `$XDG_STATE_HOME/tikbook`, else `~/.local/state/tikbook`; none
/// without either variable.
pub fn state_folder(sources: &Sources) -> Option<PathBuf> {
    let variable = |name| sources.environment.filled(name).map(PathBuf::from);
    // The XDG specification: a path that is not absolute is to be ignored.
    variable("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .map(|folder| folder.join("tikbook"))
}

/// Who runs this, for the journal: the user behind `sudo`, else the user.
pub fn operator(sources: &Sources) -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| sources.environment.filled(name))
        .unwrap_or("unknown")
        .to_owned()
}
