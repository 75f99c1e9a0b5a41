//! What must hold on every site: on the made-up ones of `tests/sync-oracle/`, and on random ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use portal::access::{
    Access, ChangedBy, Circumstances, DeviceAccess, Effect, Foretold, Passage, SyncHealth, access,
};
use portal::sync::{NextSync, Site, next_sync};

use proptest::prelude::*;

use crate::after::after;
use crate::fixture::site;
use crate::oracle::cases;
use crate::settles;

fn told(site: &Site) -> Access {
    let circumstances = Circumstances {
        sync: SyncHealth::Runs,
        ..Circumstances::default()
    };
    access(site, &circumstances, &Foretold::of(site))
}

fn devices(told: &Access) -> impl Iterator<Item = &DeviceAccess> {
    let own = told.users.iter().flat_map(|user| &user.devices);
    own.chain(told.strangers.iter().map(|stranger| &stranger.device))
}

/// The site after the next usage sync, as the router is then: whom its bindings let pass follows them.
fn synced(site: Site, said: &NextSync) -> Site {
    let written: HashSet<String> = {
        let bindings = site.router.bindings.iter();
        let touched = bindings.filter(|row| {
            let changed = said.bindings.changed.iter().any(|(id, _)| *id == row.id);
            changed || said.bindings.removed.contains(&row.id)
        });
        let touched = touched.filter_map(|row| row.fields.mac.clone());
        let added = said.bindings.added.iter().filter_map(|row| row.mac.clone());
        touched.chain(added).map(|mac| mac.to_uppercase()).collect()
    };
    let mut number = 0;
    let mut site = after(site, said, |menu, _| {
        number += 1;
        format!("*{menu}-{number}")
    });
    for host in &mut site.router.hosts {
        if written.contains(&host.fields.mac.to_uppercase()) {
            host.fields.bypassed = None;
            host.fields.authorized = None;
        }
    }
    site
}

/// What is said to be changed by the usage sync is changed once it has run, and nothing else is.
#[test]
fn who_is_said_to_be_changed_by_the_usage_sync_is() {
    let mut compared = 0;
    let mut changed = 0;
    for case in cases() {
        let name = case["case"].as_str().unwrap();
        let before = told(&site(&case));
        let said = next_sync(&site(&case));
        let mut hosts: HashMap<String, usize> = HashMap::new();
        for row in &site(&case).router.hosts {
            *hosts.entry(row.fields.mac.to_uppercase()).or_default() += 1;
        }
        let next = told(&synced(site(&case), &said));
        let passages = |told: &Access| -> BTreeMap<(String, String), Passage> {
            let own = told.users.iter().flat_map(|user| {
                let devices = user.devices.iter();
                devices.map(|device| ((user.id.to_string(), device.mac.clone()), device.passage))
            });
            own.collect()
        };
        let after = passages(&next);
        for user in &before.users {
            for device in &user.devices {
                // A device that the sync enrols is another's from then on.
                let Some(now) = after.get(&(user.id.to_string(), device.mac.clone())) else {
                    continue;
                };
                // Of several hosts of a MAC another may be chosen, once one is let pass no more; and
                // where a device that is away is taken to be follows its binding.
                if hosts.get(&device.mac) != Some(&1) || device.verdict.is_right {
                    continue;
                }
                compared += 1;
                let is_said = device.verdict.changed_by == ChangedBy::UsageSync;
                changed += usize::from(is_said);
                assert_eq!(
                    is_said,
                    *now != device.passage,
                    "{name} {}: {:?}, then {now:?}",
                    device.mac,
                    device
                );
            }
        }
    }
    println!(
        "{compared} devices that are treated wrongly, {changed} of them changed by the usage sync"
    );
    assert!(changed > 20);
}

/// A device that is treated as it should be needs no remedy on the router; one that is not has a cause.
#[test]
fn every_verdict_hangs_together() {
    for case in cases() {
        let site = site(&case);
        let told = told(&site);
        let ids: HashSet<&str> = site
            .router
            .address_list
            .iter()
            .map(|row| row.id.as_str())
            .collect();
        for device in devices(&told) {
            let verdict = &device.verdict;
            let cause = &verdict.cause;
            if !verdict.is_right && verdict.effect != Effect::None {
                assert_ne!(cause.kind.word(), "none", "{device:?}");
                assert!(
                    !verdict.advice.is_empty() || cause.list.is_some(),
                    "{device:?}"
                );
            }
            if let (Some(_), Some(id)) = (&cause.list, &cause.id) {
                assert!(ids.contains(id.as_str()), "{device:?}");
            }
            let is_cut = device.passage == Passage::Cut;
            assert!(!is_cut || verdict.effect == Effect::CutOff, "{device:?}");
        }
        assert_eq!(told.users.len(), site.users.len());
    }
}

/// Rows that a task takes away are those that it is foretold to take away.
#[test]
fn rows_are_removed_by_whom_they_are_said_to_be() {
    for case in cases() {
        let told = told(&site(&case));
        let said: HashMap<&str, ChangedBy> = told
            .rows
            .iter()
            .map(|row| (row.id.as_str(), row.removed_by))
            .collect();
        let real = &case["expected"]["sync"]["router"]["address-list"]["removed"];
        let real: HashSet<&str> = real
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str())
            .collect();
        for (id, by) in said {
            assert_eq!(
                by == ChangedBy::UsageSync,
                real.contains(id),
                "{} {id}",
                case["case"]
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// On random sites: everybody and everything is judged once; what the usage sync is said to change is
    /// changed by it; and what is right has no remedy on the router.
    #[test]
    fn verdicts_hold_on_random_sites(
        things in prop::collection::vec(settles::thing(), 1..8),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
    ) {
        let site = || settles::site(&things, &users, false);
        let before = told(&site());
        prop_assert_eq!(before.users.len(), users.len());
        prop_assert_eq!(before.rows.len(), site().router.address_list.len());
        let mut macs = HashSet::new();
        for device in devices(&before) {
            prop_assert!(macs.insert(device.mac.clone()), "{} twice", device.mac);
        }
        let hosts: HashSet<String> =
            site().router.hosts.iter().map(|row| row.fields.mac.clone()).collect();
        let next = told(&synced(site(), &next_sync(&site())));
        let after: HashMap<&str, Passage> =
            devices(&next).map(|device| (device.mac.as_str(), device.passage)).collect();
        for device in devices(&before).filter(|device| hosts.contains(&device.mac)) {
            let verdict = &device.verdict;
            if verdict.is_right {
                let word = verdict.advice.first().map(portal::access::Advice::word);
                let is_remedy = word.is_some_and(|word| word.starts_with("remove"));
                prop_assert!(!is_remedy, "{device:?}");
                continue;
            }
            let is_said = verdict.changed_by == ChangedBy::UsageSync;
            prop_assert_eq!(is_said, after[device.mac.as_str()] != device.passage, "{:?}", device);
        }
    }
}
