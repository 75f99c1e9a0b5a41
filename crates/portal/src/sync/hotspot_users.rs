//! The hotspot users: each gets the profile of its user's status, if the router has both.

use std::collections::HashMap;

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
        let place = self.by_name.get(name);
        let profile = self.profiles.get(&profile.to_lowercase());
        let (Some(&place), Some(&profile)) = (place, profile) else {
            return false;
        };
        self.table
            .write(place, |user| user.profile = Some(profile.to_owned()));
        true
    }

    pub(super) fn difference(self) -> MenuDifference<HotspotUser> {
        self.table.difference()
    }
}
