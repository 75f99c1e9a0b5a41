//! A site comes to rest: what a run has put right, the next ones leave alone.

use std::collections::{BTreeSet, HashMap};

use portal::sync::{
    Arp, Binding, Debt, DebtBlock, Device, Lease, ListEntry, ManualDebts, NextSync, Site, User,
    next_end_of_month_block, next_overdue_block, next_parity_guard, next_sync,
    next_unauthorized_sync, parity_report,
};
use portal::user_id::UserId;
use proptest::prelude::*;

use crate::after::after;
use crate::place::{Place, binding, device, host, user};

/// What one device has to do with the site, by small numbers.
#[derive(Clone, Debug)]
pub struct Thing {
    user: u32,
    mac: u8,
    address: u8,
    other_address: u8,
    list: usize,
    flags: [bool; 8],
}

const LISTS: [&str; 7] = [
    "active",
    "fup",
    "habis",
    "expired",
    "inactive",
    "blocked",
    "unauthorized",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rows that the run lists by name are removed and added again by every run; nothing else is
    /// changed once the site is at rest, and these come back as they were. That takes some runs: a device
    /// that is enrolled in one is seen in the next, and its usage moves its user to the end of the table.
    #[test]
    fn the_sixth_run_in_a_row_only_writes_anew_what_it_takes_away(
        things in prop::collection::vec(thing(), 1..8),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
        leases in any::<bool>(),
    ) {
        let mut site = site(&things, &users, leases);
        for run in 0..5 {
            let said = next_sync(&site);
            let mut number = 0;
            site = after(site, &said, |menu, _| {
                number += 1;
                format!("*{menu}{run}-{number}")
            });
        }
        let said = next_sync(&site);
        prop_assert!(said.users.is_empty(), "{:?}", said.users);
        prop_assert!(said.devices.is_empty(), "{:?}", said.devices);
        prop_assert!(said.enrolled.is_empty(), "{:?}", said.enrolled);
        prop_assert_eq!(said.bindings.clone(), Default::default());
        prop_assert_eq!(said.hotspot_users.clone(), Default::default());
        prop_assert_eq!(said.leases.clone(), Default::default());
        prop_assert_eq!(said.address_list.changed.clone(), vec![]);
        let (gone, come) = gone_and_come(&site, &said);
        prop_assert_eq!(gone, come);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the sync of unauthorised hosts has put right stays so, and no address of a user who may be
    /// on the network, or that is on a status list, is left on its list.
    #[test]
    fn a_second_sync_of_unauthorised_hosts_changes_nothing(
        things in prop::collection::vec(thing(), 1..8),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
    ) {
        let site = site(&things, &users, false);
        let said = next_unauthorized_sync(&site);
        let said = NextSync { address_list: said.address_list, ..NextSync::default() };
        let mut number = 0;
        let site = after(site, &said, |menu, _| {
            number += 1;
            format!("*{menu}-{number}")
        });
        let second = next_unauthorized_sync(&site);
        prop_assert_eq!(second.address_list, Default::default());
        let lists: BTreeSet<(&str, &str)> = site
            .router
            .address_list
            .iter()
            .map(|row| (row.fields.address.as_str(), row.fields.list.as_str()))
            .collect();
        for (address, list) in &lists {
            let on = |other: &str| lists.contains(&(*address, other));
            if *list == "unauthorized" {
                prop_assert!(!LISTS[..6].iter().any(|status| on(status)), "{address}");
                let stored = site.devices.iter().any(|device| {
                    device.is_authorized && device.address.as_deref() == Some(*address)
                });
                prop_assert!(!stored, "{address}");
            }
            let exclusive = ["active", "fup", "blocked"].iter().filter(|list| on(list));
            prop_assert!(exclusive.count() <= 1, "{address}");
        }
    }

    /// The guard leaves a router alone where it repairs nobody, and stores a report of what is left.
    #[test]
    fn the_parity_guard_stores_what_is_left(
        things in prop::collection::vec(thing(), 0..6),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
    ) {
        let site = site(&things, &users, false);
        let guard = next_parity_guard(&site).unwrap();
        prop_assert_eq!(&guard.before, &parity_report(&site));
        prop_assert!(guard.repaired.len() <= guard.attempted.len());
        if guard.attempted.is_empty() {
            prop_assert_eq!(&guard.address_list, &Default::default());
            prop_assert_eq!(&guard.bindings, &Default::default());
            prop_assert_eq!(&guard.leases, &Default::default());
        }
        // What it stores is what its report says of the router that it leaves; but where it could list
        // nobody, it does not look again, though it may have written a binding.
        if guard.repaired.is_empty() {
            prop_assert_eq!(guard.stored, guard.before);
            return Ok(());
        }
        let said = NextSync {
            address_list: guard.address_list,
            bindings: guard.bindings,
            leases: guard.leases,
            ..NextSync::default()
        };
        let mut number = 0;
        let site = after(site, &said, |menu, _| {
            number += 1;
            format!("*{menu}-{number}")
        });
        prop_assert_eq!(guard.stored, parity_report(&site));
    }

    /// Whom a task has blocked for a debt, no task blocks again.
    #[test]
    fn nobody_is_blocked_for_debts_twice(
        things in prop::collection::vec(thing(), 0..6),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
        owing in prop::collection::vec(0..3_i64, 4),
    ) {
        let mut site = site(&things, &users, false);
        // The last hour of a month, by the site's clock.
        site.now = "2026-11-30T15:30:00Z".parse().unwrap();
        let owing = site.users.iter().map(|user| user.id).zip(owing);
        let by_user: HashMap<UserId, i64> = owing.filter(|(_, debt)| *debt > 0).collect();
        for (id, debt) in &by_user {
            site.debts.push(Debt {
                user_id: *id,
                amount_mb: *debt,
                due: Some("2026-10-31".parse().unwrap()),
                is_paid: false,
            });
        }
        let debts = ManualDebts { by_user, packages: Vec::new() };
        let overdue = next_overdue_block(&site);
        let at_end = next_end_of_month_block(&site, &debts).unwrap();
        let blocked = |block: &DebtBlock| block.users.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        prop_assert_eq!(blocked(&overdue), blocked(&at_end), "they look at the same users");
        let said = NextSync {
            users: overdue.users,
            address_list: overdue.address_list,
            bindings: overdue.bindings,
            hotspot_users: overdue.hotspot_users,
            ..NextSync::default()
        };
        let mut number = 0;
        let site = after(site, &said, |menu, _| {
            number += 1;
            format!("*{menu}-{number}")
        });
        prop_assert_eq!(next_overdue_block(&site), DebtBlock::default());
        let at_end = next_end_of_month_block(&site, &debts).unwrap();
        prop_assert_eq!(at_end, DebtBlock::default());
    }
}

fn gone_and_come(site: &Site, said: &NextSync) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = |entry: &ListEntry| format!("{entry:?}");
    let rows = site.router.address_list.iter();
    let gone = rows.filter(|row| said.address_list.removed.contains(&row.id));
    (
        gone.map(|row| text(&row.fields)).collect(),
        said.address_list.added.iter().map(text).collect(),
    )
}

pub fn thing() -> impl Strategy<Value = Thing> {
    (
        1..5_u32,
        0..6_u8,
        1..6_u8,
        1..6_u8,
        0..LISTS.len(),
        any::<[bool; 8]>(),
    )
        .prop_map(|(user, mac, address, other_address, list, flags)| Thing {
            user,
            mac,
            address,
            other_address,
            list,
            flags,
        })
}

pub fn site(things: &[Thing], users: &[[bool; 5]], leases: bool) -> Site {
    let mut place: Option<Place> = None;
    for (number, [blocked, unlimited, used, server, hard]) in (1..).zip(users) {
        let user = User {
            is_blocked: *blocked,
            blocked_reason: hard.then(|| "quota_debt_limit|x".to_owned()),
            is_unlimited: *unlimited,
            used_mb: if *used { 2000.0 } else { 1.0 },
            server: server.then(|| "srv-user".to_owned()),
            ..user(number)
        };
        place = Some(match place {
            None => Place::new(user),
            Some(place) => place.user(user),
        });
    }
    let mut place = place.unwrap();
    if leases {
        place = place
            .setting("MIKROTIK_DHCP_STATIC_LEASE_ENABLED", "True")
            .setting("MIKROTIK_DHCP_LEASE_SERVER_NAME", "Klien");
    }
    let mut taken = BTreeSet::new();
    for thing in things {
        place = with(place, thing, &mut taken);
    }
    place.site()
}

/// Puts what a thing stands for on the site. A MAC is one user's, as the database keeps it.
fn with(mut place: Place, thing: &Thing, taken: &mut BTreeSet<u8>) -> Place {
    let mac = format!("0A:5E:1C:00:00:{:02}", thing.mac);
    let address = address(thing.address);
    let other = self::address(thing.other_address);
    let comment = format!("x|uid={}", user(thing.user).id);
    let [stored, is_on, bound, named, tied, leased, listed, known] = thing.flags;
    if taken.insert(thing.mac) {
        let stored = stored.then(|| other.clone());
        place = place.device(Device {
            address: stored,
            is_authorized: known,
            ..device(thing.user, &mac)
        });
        if is_on {
            place = place.host(host(&mac, &address, 1000));
        }
    }
    if bound {
        place = place.binding(Binding {
            comment: named.then(|| comment.clone()),
            address: tied.then(|| other.clone()),
            server: Some(if known { "all" } else { "srv-user" }.to_owned()),
            ..binding(&mac, if is_on { "blocked" } else { "bypassed" })
        });
    }
    if leased {
        place = place.lease(Lease {
            mac: Some(mac),
            address: Some(address.clone()),
            server: Some("Klien".to_owned()),
            comment: named.then(|| format!("user=0812{:08}", thing.user)),
            ..Lease::default()
        });
        place = place.arp(Arp {
            address: Some(other.clone()),
            ..Arp::default()
        });
    }
    if listed {
        let status = format!("lpsaring|status=habis|{comment}");
        place = place.entry(
            LISTS[thing.list],
            &other,
            if tied { &status } else { "note" },
        );
    }
    place
}

/// The last two are no clients'.
fn address(number: u8) -> String {
    match number {
        1..=3 => format!("172.16.2.{number}"),
        other => format!("192.168.1.{other}"),
    }
}
