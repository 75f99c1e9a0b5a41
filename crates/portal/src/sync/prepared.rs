//! A site with what its rows are looked up by, made once for all tasks that run on it.

use std::cell::OnceCell;

use foldhash::{HashMap, HashMapExt};

use super::hosts::Hosts;
use super::lists::ListIndex;
use super::policy::Policy;
use super::state::{Device, Router, Site};
use crate::user_id::UserId;

/// What the tasks run on. A task that changes something changes its own view of it.
pub(crate) struct Prepared<'site> {
    pub(super) site: &'site Site,
    /// The router: the site's, or the one that a task has left behind.
    pub(super) router: &'site Router,
    pub(super) policy: &'site Policy,
    devices: OnceCell<HashMap<UserId, Vec<&'site Device>>>,
    hosts: OnceCell<Hosts<'site>>,
    lists: OnceCell<ListIndex<'site>>,
}

impl<'site> Prepared<'site> {
    pub(crate) fn new(site: &'site Site, policy: &'site Policy) -> Self {
        Prepared::with_router(site, &site.router, policy)
    }

    /// The site with a router in another state.
    pub(super) fn with_router(
        site: &'site Site,
        router: &'site Router,
        policy: &'site Policy,
    ) -> Self {
        Prepared {
            site,
            router,
            policy,
            devices: OnceCell::new(),
            hosts: OnceCell::new(),
            lists: OnceCell::new(),
        }
    }

    /// The devices of a user, authorised or not.
    pub(super) fn devices(&self, user: UserId) -> &[&'site Device] {
        let devices = self.devices.get_or_init(|| {
            let mut by_user: HashMap<UserId, Vec<&Device>> = HashMap::new();
            for device in &self.site.devices {
                by_user.entry(device.user_id).or_default().push(device);
            }
            by_user
        });
        devices.get(&user).map_or(&[], Vec::as_slice)
    }

    pub(super) fn hosts(&self) -> &Hosts<'site> {
        self.hosts
            .get_or_init(|| Hosts::new(&self.router.hosts, self.policy))
    }

    pub(super) fn lists(&self) -> &ListIndex<'site> {
        self.lists
            .get_or_init(|| ListIndex::new(&self.router.address_list, &self.policy.lists))
    }
}
