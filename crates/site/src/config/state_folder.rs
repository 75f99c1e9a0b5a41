//! Where tikbook keeps what it did, and who it is that does it.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::unistd::{Uid, User, geteuid, getuid};

use super::Sources;

/// The folder of journals and locks: what systemd gave a unit (`StateDirectory=`, as `$STATE_DIRECTORY`, of several
/// the first), else `$XDG_STATE_HOME/tikbook`, else `~/.local/state/tikbook`; none without any of these
/// variables.
pub fn state_folder(sources: &Sources) -> Option<PathBuf> {
    let given = sources.environment.filled("STATE_DIRECTORY");
    let given = given.and_then(|folders| folders.split(':').next());
    let given = given
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute());
    given.or_else(|| {
        let home = || Some(sources.folder_in("HOME")?.join(".local/state"));
        let folder = sources.folder_in("XDG_STATE_HOME").or_else(home)?;
        Some(folder.join("tikbook"))
    })
}

/// Whose the state folder is, or the nearest folder above it that is there, where that is the one who called sudo and
/// not the process itself: what is made there his own runs could neither read nor write.
pub fn owner_of_state(sources: &Sources) -> Option<String> {
    let folder = state_folder(sources)?;
    let caller: u32 = sources.environment.filled("SUDO_UID")?.parse().ok()?;
    let known = folder
        .ancestors()
        .find_map(|folder| folder.metadata().ok())?;
    let is_his = known.uid() == caller && caller != geteuid().as_raw();
    is_his.then(|| {
        let user = User::from_uid(Uid::from_raw(caller)).ok().flatten();
        user.map_or_else(|| format!("uid {caller}"), |user| user.name)
    })
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
