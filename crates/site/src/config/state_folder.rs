//! Where tikbook keeps what it did, and who it is that does it.

use std::path::PathBuf;

use nix::unistd::{User, getuid};

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

/// Who runs this, for the journal: the user behind `sudo`, else the user; a timer's and a container's
/// environment names none, so then it is who the process belongs to.
pub fn operator(sources: &Sources) -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"];
    let named = named
        .into_iter()
        .find_map(|name| sources.environment.filled(name));
    named.map_or_else(owner, str::to_owned)
}

/// The name of the user whose process this is, or the number of one who has no name here.
fn owner() -> String {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| format!("uid {uid}"), |user| user.name)
}
