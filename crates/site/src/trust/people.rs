//! Who is trusted with files: root, oneself, and under sudo whoever called it.

use std::collections::BTreeSet;

use nix::unistd::{Gid, Group, Uid, User, getegid, geteuid, getgroups};

use crate::config::Variables;

/// Those whose files are taken for one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People(BTreeSet<u32>);

impl Default for People {
    fn default() -> Self {
        Self::of(&Variables::default())
    }
}

impl People {
    /// Root and whose process this is. A process of root's that sudo started is of whoever called it, too; who
    /// becomes somebody else than root is that one alone.
    pub fn of(environment: &Variables) -> Self {
        let mut all = BTreeSet::from([0, geteuid().as_raw()]);
        if geteuid().is_root() {
            let caller = environment.filled("SUDO_UID");
            all.extend(caller.and_then(|uid| uid.parse::<u32>().ok()));
        }
        Self(all)
    }

    /// Those who trust none, not even themselves.
    #[cfg(test)]
    pub fn nobody() -> Self {
        Self(BTreeSet::new())
    }

    /// Are the files of this user taken for one's own?
    pub fn have(&self, uid: u32) -> bool {
        self.0.contains(&uid)
    }

    /// Is there nobody else in the group?
    pub fn are_all_of(&self, gid: u32) -> bool {
        let gid = Gid::from_raw(gid);
        match Group::from_gid(gid) {
            Ok(Some(group)) => {
                let users = self.0.iter().filter_map(|uid| user(*uid));
                let mut users = users.filter(|user| user.gid == gid);
                // A group of several has a name of its own, however few are listed: who has it as his first
                // group is not.
                let is_private = users.any(|user| user.name == group.name);
                let is_one_of_them = |name: &String| {
                    let member = User::from_name(name).ok().flatten();
                    member.is_some_and(|member| self.have(member.uid.as_raw()))
                };
                is_private && group.mem.iter().all(is_one_of_them)
            }
            Ok(None) => {
                let given = getgroups().unwrap_or_default();
                gid == getegid() || given.contains(&gid)
            }
            Err(_) => false,
        }
    }
}

/// The name of a user, or the number of one who has none here.
pub fn name_of_user(uid: u32) -> String {
    match user(uid) {
        Some(user) => format!("the user {}", user.name),
        None => format!("the user {uid}"),
    }
}

/// The name of a group, or the number of one that has none here.
pub fn name_of_group(gid: u32) -> String {
    match Group::from_gid(Gid::from_raw(gid)).ok().flatten() {
        Some(group) => format!("the group {}", group.name),
        None => format!("the group {gid}"),
    }
}

fn user(uid: u32) -> Option<User> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten()
}
