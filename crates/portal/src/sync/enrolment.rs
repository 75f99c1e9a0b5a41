//! Devices that become a user's because an ip-binding names the user.

use std::borrow::Cow;

use foldhash::HashSet;

use super::bindings::Bindings;
use super::difference::Enrolled;
use super::hosts::Hosts;
use super::policy::Policy;
use super::state::Device;
use crate::user_id::UserId;

/// The devices that `user_id` gets, as many as there are places left. A MAC that another user has
/// is refused. The sync itself sees them in its next run.
pub(super) fn enrol<'site>(
    user_id: UserId,
    devices: &[&Device],
    bindings: &Bindings<'_>,
    hosts: &Hosts<'_>,
    taken: &mut HashSet<Cow<'site, str>>,
    policy: &Policy,
) -> Vec<Enrolled> {
    let places = policy.most_devices.saturating_sub(devices.len());
    let token = user_id.to_string();
    let mut enrolled = Vec::new();
    for mac in bindings.macs_of(&token) {
        if enrolled.len() >= places {
            break;
        }
        if !taken.insert(Cow::Owned(mac.to_owned())) {
            continue;
        }
        let known = bindings.known_address(mac).filter(|text| !text.is_empty());
        enrolled.push(Enrolled {
            user_id,
            mac: mac.to_owned(),
            address: known.or_else(|| hosts.address(mac)).map(str::to_owned),
            is_authorized: !policy.asks_before_devices,
        });
    }
    enrolled
}
