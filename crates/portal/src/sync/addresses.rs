//! At which addresses the sync takes a user to be.

use super::bindings::Bindings;
use super::hosts::Hosts;
use super::leases::Leases;
use super::policy::Policy;
use super::state::Device;
use crate::mac;

/// The addresses of a user's authorised devices that the status lists may hold, each once.
///
/// A device is where its host is, and where its known binding says. Only if neither is a client's
/// address, all bindings of the MAC are asked; then the first lease, then what the database has
/// stored. A lease for an address elsewhere keeps the stored one from being asked all the same.
pub(super) fn addresses<'run>(
    devices: &[&'run Device],
    hosts: &'run Hosts<'_>,
    bindings: &'run Bindings<'_>,
    leases: &'run Leases<'_>,
    policy: &Policy,
) -> Vec<String> {
    gather(devices, bindings, policy, |mac| {
        (hosts.address(mac), leases.first_address(mac))
    })
}

/// The addresses that a user's authorised devices have without the network: in bindings, or stored.
pub(super) fn kept_addresses(
    devices: &[&Device],
    bindings: &Bindings<'_>,
    policy: &Policy,
) -> Vec<String> {
    gather(devices, bindings, policy, |_| (None, None))
}

/// `network` tells the addresses of a MAC's host and of its first lease.
fn gather<'run>(
    devices: &[&'run Device],
    bindings: &'run Bindings<'_>,
    policy: &Policy,
    network: impl Fn(&str) -> (Option<&'run str>, Option<&'run str>),
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for device in devices {
        let mac = mac::compared(&device.mac);
        let (host, lease) = network(&mac);
        let live = [host, bindings.known_address(&mac)];
        let live = live.into_iter().flatten().map(str::trim);
        let mut of_device: Vec<&str> = live.filter(|live| policy.is_client(live)).collect();
        if of_device.is_empty() {
            let bound = bindings.found_addresses(&mac).map(str::trim);
            of_device.extend(bound.filter(|bound| policy.is_client(bound)));
        }
        if of_device.is_empty() {
            let address = lease.or(device.address.as_deref()).map(str::trim);
            of_device.extend(address.filter(|address| policy.is_client(address)));
        }
        for address in of_device {
            if !found.iter().any(|other| other == address) {
                found.push(address.to_owned());
            }
        }
    }
    found
}
