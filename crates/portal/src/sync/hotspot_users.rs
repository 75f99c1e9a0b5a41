//! The hotspot users: each gets the profile of its user's status, if the router has both.

use foldhash::{HashMap, HashMapExt};

use super::difference::MenuDifference;
use super::state::{HotspotUser, Router};
use super::table::Table;

/// The hotspot users, and the profiles that they can have.
pub(super) struct HotspotUsers<'site> {
    table: Table<'site, HotspotUser>,
    by_name: HashMap<&'site str, usize>,
    /// The router's spelling of a profile by its name in lower case.
    profiles: HashMap<String, &'site str>,
}

impl<'site> HotspotUsers<'site> {
    pub(super) fn new(router: &'site Router) -> Self {
        let mut by_name = HashMap::new();
        for (place, row) in router.hotspot_users.iter().enumerate() {
            by_name.entry(row.fields.name.as_str()).or_insert(place);
        }
        let mut profiles = HashMap::new();
        for profile in &router.profiles {
            profiles
                .entry(profile.to_lowercase())
                .or_insert(profile.as_str());
        }
        HotspotUsers {
            table: Table::new(&router.hotspot_users),
            by_name,
            profiles,
        }
    }

    /// Gives the hotspot user the profile. False if the router has no such user or profile: then
    /// the portal keeps the old word, and tries again in the next run.
    pub(super) fn set_profile(&mut self, name: &str, profile: &str) -> bool {
        let place = self.by_name.get(name).copied();
        let (Some(place), Some(profile)) = (place, self.spelling(profile)) else {
            return false;
        };
        self.table
            .write(place, |user| user.profile = Some(profile.to_owned()));
        true
    }

    /// Gives the hotspot user, who is added if there is none, the profile and limits that leave
    /// nothing; the password is a new one too. False if the router has no such profile.
    pub(super) fn shut(
        &mut self,
        name: &str,
        profile: &str,
        server: Option<&str>,
        comment: &str,
    ) -> bool {
        let Some(profile) = self.spelling(profile) else {
            return false;
        };
        let place = self.by_name.get(name).copied();
        let place = place.unwrap_or_else(|| {
            self.table.add(HotspotUser {
                name: name.to_owned(),
                server: Some("all".to_owned()),
                ..HotspotUser::default()
            })
        });
        self.table.write(place, |user| {
            user.profile = Some(profile.to_owned());
            user.limit_bytes = Some("1".to_owned());
            user.limit_uptime = Some("1s".to_owned());
            user.comment = Some(comment.to_owned());
            if let Some(server) = server {
                user.server = Some(server.to_owned());
            }
        });
        true
    }

    /// The router's spelling of a profile that it has.
    fn spelling(&self, profile: &str) -> Option<&'site str> {
        self.profiles.get(&profile.to_lowercase()).copied()
    }

    pub(super) fn difference(self) -> MenuDifference<HotspotUser> {
        self.table.difference()
    }
}
