//! The rows of a router that can matter to a few users.

use std::borrow::Cow;

use foldhash::HashSet;

use super::bindings::{mac_of, token_of};
use super::state::{Binding, Device, Router, Row, User};
use crate::comment::status_owners;
use crate::mac;
use crate::phone::local_phone;

/// The lists, bindings, hosts, leases and ARP rows without which looking after these users, with all
/// their `devices`, would come out otherwise. `addresses` are further ones that will be looked at.
///
/// A few bindings of others stay, because a task asks whether any names anybody.
pub(super) fn excerpt(
    router: &Router,
    users: &[&User],
    devices: &[&Device],
    addresses: &[&str],
) -> Router {
    let ids = users.iter().map(|user| user.id.to_string());
    let names: Vec<String> = users
        .iter()
        .map(|user| local_phone(&user.phone_number))
        .collect();
    let tokens: HashSet<String> = ids.chain(names.iter().cloned()).collect();
    let marks: Vec<String> = names.iter().map(|name| format!("user={name}")).collect();
    let is_marked = |comment: &Option<String>| {
        let comment = comment.as_deref().unwrap_or_default().to_lowercase();
        marks.iter().any(|mark| comment.contains(mark))
    };
    let macs = macs(router, &tokens, devices);
    let is_theirs = |mac: &Option<String>| {
        let mac = mac.as_deref().unwrap_or_default();
        macs.contains(mac::compared(mac).as_ref())
    };
    let bindings = bindings(router, &macs);
    let hosts = router.hosts.iter();
    let hosts: Vec<_> = hosts
        .filter(|row| macs.contains(mac::upper(&row.fields.mac).as_ref()))
        .cloned()
        .collect();
    let leases = router.leases.iter();
    let leases: Vec<_> = leases
        .filter(|row| is_theirs(&row.fields.mac) || is_marked(&row.fields.comment))
        .cloned()
        .collect();
    let arp = router.arp.iter();
    let arp: Vec<_> = arp
        .filter(|row| is_theirs(&row.fields.mac) || is_marked(&row.fields.comment))
        .cloned()
        .collect();
    let texts = (bindings.iter().map(|row| row.fields.address.as_deref()))
        .chain(hosts.iter().map(|row| row.fields.address.as_deref()))
        .chain(hosts.iter().map(|row| row.fields.to_address.as_deref()))
        .chain(leases.iter().map(|row| row.fields.address.as_deref()))
        .chain(arp.iter().map(|row| row.fields.address.as_deref()))
        .chain(devices.iter().map(|device| device.address.as_deref()))
        .flatten()
        .chain(addresses.iter().copied());
    let mut wanted: HashSet<&str> = texts.flat_map(|text| [text, text.trim()]).collect();
    let rows = &router.address_list;
    wanted.extend(rows.iter().map(|row| &row.fields).filter_map(|entry| {
        let comment = entry.comment.as_deref().unwrap_or_default();
        let is_owned = status_owners(comment).any(|owner| tokens.contains(owner));
        is_owned.then_some(entry.address.as_str())
    }));
    let rows = rows.iter();
    let address_list = rows.filter(|row| wanted.contains(row.fields.address.as_str()));
    Router {
        address_list: address_list.cloned().collect(),
        bindings,
        hosts,
        leases,
        arp,
        ..Router::default()
    }
}

/// The MACs of the devices, and those that a binding gives to the users.
fn macs(router: &Router, tokens: &HashSet<String>, devices: &[&Device]) -> HashSet<String> {
    let own = devices.iter();
    let own = own.flat_map(|device| {
        [mac::upper(&device.mac), mac::compared(&device.mac)].map(Cow::into_owned)
    });
    let named = router.bindings.iter().map(|row| &row.fields);
    let named =
        named.filter(|binding| token_of(binding).is_some_and(|token| tokens.contains(token)));
    let mut macs: HashSet<String> = own
        .chain(named.filter_map(mac_of).map(Cow::into_owned))
        .collect();
    macs.remove("");
    macs
}

/// All rows of these MACs; of others the first row, and the first that names somebody.
fn bindings(router: &Router, macs: &HashSet<String>) -> Vec<Row<Binding>> {
    let has_mac = |row: &&Row<Binding>| mac_of(&row.fields).is_some();
    let rows = router.bindings.iter().filter(has_mac);
    let first = rows.clone().next();
    let naming = rows.clone().find(|row| token_of(&row.fields).is_some());
    // The last row with a token of a MAC counts, so all rows of that MAC stay.
    let kept = [first, naming].into_iter().flatten();
    let others: HashSet<String> = kept
        .filter_map(|row| mac_of(&row.fields))
        .map(Cow::into_owned)
        .collect();
    let rows = rows.filter(|row| {
        mac_of(&row.fields)
            .is_some_and(|mac| macs.contains(mac.as_ref()) || others.contains(mac.as_ref()))
    });
    rows.cloned().collect()
}
