//! Rules of the portal's other tasks, each on a site made for it.

use std::collections::HashMap;

use portal::package::Package;
use portal::sync::{
    Binding, ColumnValue, DebtBlock, Device, Host, HotspotUser, Lease, ManualDebts, Mismatch, User,
    next_end_of_month_block, next_parity_guard, next_unauthorized_sync, parity_report,
};

use crate::place::{
    ADDRESS, MAC, OTHER_MAC, Place, binding, blocked_by_hand, device, host, id, named, numbered,
    user,
};

/// A host of nobody, an hour on the network.
fn stranger(address: &str) -> Host {
    Host {
        uptime: Some("1h".to_owned()),
        ..host(OTHER_MAC, address, 0)
    }
}

#[test]
fn a_host_is_unauthorised_if_nothing_speaks_for_it() {
    let nobody = || Place::new(user(1)).host(stranger(ADDRESS));
    let lease = |mac: &str| Lease {
        mac: Some(mac.to_owned()),
        address: Some(ADDRESS.to_owned()),
        ..Lease::default()
    };
    let stored = Device {
        address: Some(ADDRESS.to_owned()),
        ..device(1, MAC)
    };
    let kind = |kind: &str| binding(OTHER_MAC, kind);
    let managed = |status: &str| Lease {
        comment: Some("lpsaring|static-dhcp|x".to_owned()),
        status: Some(status.to_owned()),
        address: Some("10.9.9.9".to_owned()),
        ..lease(OTHER_MAC)
    };
    let table = [
        (nobody(), true, "nothing"),
        (nobody().device(stored.clone()), false, "a stored address"),
        (
            nobody().device(Device {
                is_authorized: false,
                ..stored.clone()
            }),
            true,
            "a stored address of a device without leave",
        ),
        (
            nobody().device(device(1, OTHER_MAC)),
            false,
            "an authorised device",
        ),
        (
            Place::new(User {
                is_active: false,
                ..user(1)
            })
            .host(stranger(ADDRESS))
            .device(device(1, OTHER_MAC)),
            true,
            "a device of somebody who is switched off",
        ),
        (nobody().binding(kind("bypassed")), true, "a binding alone"),
        (nobody().lease(lease(OTHER_MAC)), true, "a lease alone"),
        (
            nobody().binding(kind("regular")).lease(lease(OTHER_MAC)),
            false,
            "a binding and a lease",
        ),
        (
            nobody().binding(kind("blocked")).lease(lease(OTHER_MAC)),
            true,
            "a binding that blocks",
        ),
        (
            nobody().binding(kind("regular")).lease(Lease {
                status: Some("waiting".to_owned()),
                ..lease(OTHER_MAC)
            }),
            true,
            "a lease that waits",
        ),
        (
            nobody()
                .binding(Binding {
                    address: Some(ADDRESS.to_owned()),
                    ..binding(MAC, "regular")
                })
                .lease(lease(MAC)),
            false,
            "another MAC's binding and lease for the address",
        ),
        (
            nobody().lease(managed("bound")),
            false,
            "a lease of the portal's",
        ),
        (
            nobody().lease(managed("waiting")),
            false,
            "a lease of the portal's that waits",
        ),
    ];
    for (place, is_wanted, rule) in table {
        let said = next_unauthorized_sync(&place.site());
        assert_eq!(said.wanted == [ADDRESS], is_wanted, "{rule}");
        assert_eq!(
            said.address_list.added.len(),
            usize::from(is_wanted),
            "{rule}"
        );
    }
}

#[test]
fn a_host_is_unauthorised_where_when_and_while_the_settings_say() {
    let host_of = |uptime: &str, word: fn(&mut Host)| {
        let mut host = Host {
            uptime: Some(uptime.to_owned()),
            ..stranger(ADDRESS)
        };
        word(&mut host);
        Place::new(user(1)).host(host)
    };
    let plain = |uptime| host_of(uptime, |_| ());
    let table = [
        (plain("10m"), true, "the least uptime"),
        (plain("9m59s"), false, "less"),
        (plain("1d"), true, "a day"),
        // The task's reader of times knows no weeks.
        (plain("1w2d"), false, "a week"),
        (
            plain("9m").setting("MIKROTIK_UNAUTHORIZED_MIN_UPTIME_MINUTES", "5"),
            true,
            "another least uptime",
        ),
        (
            host_of("1h", |host| host.authorized = Some("true".to_owned())),
            false,
            "logged in",
        ),
        (
            host_of("1h", |host| host.bypassed = Some("true".to_owned())),
            false,
            "bypassed",
        ),
        (
            host_of("1h", |host| {
                host.address = Some("192.168.1.5".to_owned());
                host.to_address = Some(ADDRESS.to_owned());
            }),
            false,
            "an address elsewhere, translated into the network",
        ),
        (
            host_of("1h", |host| host.address = Some("172.16.2.5".to_owned())),
            false,
            "an address that is exempt by default",
        ),
        (
            plain("1h").environment("MIKROTIK_UNAUTHORIZED_EXEMPT_IPS", "['172.16.2.9-11']"),
            false,
            "an address that is exempt",
        ),
        (
            plain("1h").setting("MIKROTIK_UNAUTHORIZED_EXEMPT_IPS", "['172.16.2.9-11']"),
            true,
            "exempt in the settings only, where nobody looks",
        ),
        (
            plain("1h").environment("MIKROTIK_UNAUTHORIZED_CIDRS", "12"),
            false,
            "no network can be read",
        ),
        (
            plain("1h").setting("ENABLE_MIKROTIK_OPERATIONS", "true"),
            false,
            "switched off",
        ),
    ];
    for (place, is_wanted, rule) in table {
        let said = next_unauthorized_sync(&place.site());
        assert_eq!(!said.wanted.is_empty(), is_wanted, "{rule}");
    }
}

#[test]
fn the_unauthorised_list_keeps_what_others_wrote_unless_the_address_may_be_used() {
    let place = || {
        Place::new(user(1))
            .entry(
                "unauthorized",
                "172.16.2.50",
                "lpsaring:unauthorized mac=x uptime=1h",
            )
            .entry("unauthorized", "172.16.2.51", "note")
            .entry("unauthorized", "172.16.2.52", "note")
            .entry("habis", "172.16.2.52", "note")
            .entry("unauthorized", "172.16.2.4", "note")
    };
    let said = next_unauthorized_sync(&place().site());
    assert_eq!(said.address_list.removed, ["*1", "*3", "*5"]);
    assert_eq!(said.counts.removed, 1);
    assert_eq!(said.counts.status_overlaps_removed, 1);
    assert_eq!(said.counts.exempt_removed, 1);

    let mut place = place().host(stranger("172.16.2.51"));
    place.router.address_list[1].fields.timeout = Some("20m".to_owned());
    let said = next_unauthorized_sync(&place.site());
    let (id, fields) = &said.address_list.changed[0];
    assert_eq!(id, "*2");
    let after: HashMap<_, _> = fields
        .iter()
        .map(|field| (field.field, field.after.as_deref()))
        .collect();
    assert_eq!(after["timeout"], Some("1h"));
    assert_eq!(
        after["comment"],
        Some(format!("lpsaring:unauthorized mac={OTHER_MAC} uptime=1h").as_str())
    );
}

#[test]
fn of_blocked_fup_and_active_an_address_keeps_the_weightiest() {
    let on = |lists: &[&str]| {
        let mut place = Place::new(user(1));
        for list in lists {
            place = place.entry(list, ADDRESS, "note");
        }
        next_unauthorized_sync(&place.site()).address_list.removed
    };
    assert_eq!(on(&["active", "fup", "blocked"]), ["*1", "*2"]);
    assert_eq!(on(&["active", "fup"]), ["*1"]);
    assert_eq!(on(&["active", "habis", "expired"]), [""; 0]);
}

const LAST_HOUR: &str = "2026-11-30T15:00:00Z";

/// 1 GB of manual debt of the first user.
fn debts() -> ManualDebts {
    ManualDebts {
        by_user: HashMap::from([(id(1), 1024)]),
        packages: vec![Package {
            name: "5 GB".to_owned(),
            is_active: true,
            quota_gb: 5.into(),
            price_rp: 50_000,
        }],
    }
}

#[test]
fn manual_debts_block_in_the_last_hour_of_a_month_by_the_sites_clock() {
    for (now, runs) in [
        (LAST_HOUR, true),
        ("2026-11-30T14:59:59Z", false),
        ("2026-11-30T15:59:59Z", true),
        // Midnight at the site.
        ("2026-11-30T16:00:00Z", false),
        ("2026-11-29T15:30:00Z", false),
        ("2026-12-30T15:30:00Z", false),
        ("2027-02-28T15:30:00Z", true),
    ] {
        let site = Place::new(user(1)).at(now).site();
        let said = next_end_of_month_block(&site, &debts());
        assert_eq!(said.is_some(), runs, "{now}");
        let users = said.map_or(0, |said| said.users.len());
        assert_eq!(users, usize::from(runs), "{now}");
    }
}

#[test]
fn a_manual_debt_shuts_out_a_limited_user_with_every_device() {
    let place = |user: User| {
        let mut place = Place::new(user)
            .at(LAST_HOUR)
            .device(Device {
                is_authorized: false,
                address: Some(ADDRESS.to_owned()),
                ..device(1, MAC)
            })
            .binding(binding(MAC, "bypassed"))
            .entry("active", ADDRESS, "note")
            .entry("unauthorized", ADDRESS, "note");
        place.router.profiles = vec!["inactive".to_owned()];
        place
    };
    let debtor = User {
        used_mb: 1100.5,
        ..user(1)
    };
    let said = next_end_of_month_block(&place(debtor).site(), &debts()).unwrap();
    // 76.5 MB beyond the quota and 1024 MB of manual debt, at 50,000 for 5 GB.
    let reason = "quota_manual_debt_end_of_month|debt_mb=1100|manual_debt_mb=1024|estimated_rp=20000|base_pkg=5 GB";
    assert_eq!(
        said.users[0].1[1].after,
        ColumnValue::Text(reason.to_owned())
    );
    assert_eq!(said.new_passwords, []);
    let row = &said.address_list.added[0];
    assert_eq!(
        (row.list.as_str(), row.address.as_str()),
        ("blocked", ADDRESS)
    );
    assert!(
        row.comment
            .as_ref()
            .unwrap()
            .contains("reason=manual-debt-eom")
    );
    assert_eq!(said.address_list.removed, ["*1"], "unauthorized stays");
    assert!(
        said.bindings.changed[0]
            .1
            .iter()
            .any(|field| field.after.as_deref() == Some("blocked"))
    );
    assert_eq!(said.hotspot_users.added.len(), 1);

    let off = place(user(1)).setting("ENABLE_MIKROTIK_OPERATIONS", "False");
    let said = next_end_of_month_block(&off.site(), &debts()).unwrap();
    assert_eq!(said.users.len(), 1, "switched off, it blocks all the same");
    assert_eq!(said.hotspot_users, Default::default());
    assert_eq!(said.address_list.added.len(), 1);

    for user in [
        blocked_by_hand(1),
        User {
            is_unlimited: true,
            ..user(1)
        },
        User {
            role: "KOMANDAN".to_owned(),
            ..user(1)
        },
        User {
            role: "ADMIN".to_owned(),
            ..user(1)
        },
        User {
            is_active: false,
            ..user(1)
        },
        user(2),
    ] {
        let said = next_end_of_month_block(&place(user).site(), &debts()).unwrap();
        assert_eq!(said, DebtBlock::default());
    }
}

#[test]
fn the_parity_report_takes_the_stored_address_before_the_live_one() {
    let place = Place::new(user(1))
        .device(Device {
            address: Some("172.16.2.20".to_owned()),
            ..device(1, MAC)
        })
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "bypassed", 1))
        .entry("active", ADDRESS, "note");
    let report = parity_report(&place.site());
    let item = &report.items[0];
    assert_eq!(
        item.device.as_ref().unwrap().address.as_deref(),
        Some("172.16.2.20")
    );
    assert_eq!(item.mismatches, [Mismatch::AddressList, Mismatch::NoLease]);
    // What the guard then lists, the next usage sync takes away.
    let guard = next_parity_guard(&place.site()).unwrap();
    assert_eq!(guard.address_list.added[0].address, "172.16.2.20");
}

#[test]
fn the_parity_guard_blocks_on_the_router_what_it_does_not_save() {
    let over = User {
        used_mb: 2048.0,
        ..user(1)
    };
    let place = Place::new(over)
        .setting("QUOTA_DEBT_LIMIT_MB", "500")
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "bypassed", 1))
        .entry("active", ADDRESS, "note");
    let guard = next_parity_guard(&place.site()).unwrap();
    assert_eq!(guard.repaired, [id(1)]);
    assert_eq!(guard.address_list.added[0].list, "blocked");
    // By the database the user has no quota left, but is not blocked.
    assert_eq!(guard.stored.items[0].wanted_list().word(), "habis");
    assert!(
        guard.stored.items[0]
            .mismatches
            .contains(&Mismatch::AddressList)
    );
}

#[test]
fn the_parity_guard_repairs_ten_users_and_no_administrator() {
    let mut place = Place::new(User {
        role: "ADMIN".to_owned(),
        ..user(1)
    })
    .device(device(1, "0A:5E:1C:00:01:01"));
    for number in 2..=13 {
        let mac = format!("0A:5E:1C:00:01:{number:02}");
        let address = format!("172.16.2.{number}0");
        place = place.user(user(number)).device(Device {
            address: Some(address),
            ..device(number, &mac)
        });
    }
    let guard = next_parity_guard(&place.site()).unwrap();
    let looked_at: Vec<_> = (2..=11).map(id).collect();
    assert_eq!(guard.attempted, looked_at);
    assert_eq!(guard.before.users, 12);
    assert_eq!(guard.bindings.added.len(), 10);
    let off = place.setting("ENABLE_MIKROTIK_OPERATIONS", "False");
    assert_eq!(next_parity_guard(&off.site()), None);
}

#[test]
fn the_parity_guard_writes_leases_where_they_are_managed_by_this_very_word() {
    for (word, is_written) in [
        ("True", true),
        ("true", false),
        ("1", false),
        ("False", false),
    ] {
        let place = Place::new(user(1))
            .setting("MIKROTIK_DHCP_STATIC_LEASE_ENABLED", word)
            .setting("MIKROTIK_DHCP_LEASE_SERVER_NAME", "Klien")
            .device(Device {
                address: Some("172.16.2.20".to_owned()),
                ..device(1, MAC)
            })
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, "bypassed", 1))
            .entry("active", "172.16.2.20", "note");
        let guard = next_parity_guard(&place.site()).unwrap();
        assert_eq!(
            guard.before.items[0].mismatches,
            [Mismatch::NoLease],
            "{word}"
        );
        assert_eq!(guard.leases.added.len(), usize::from(is_written), "{word}");
        for lease in &guard.leases.added {
            assert_eq!(
                lease.address.as_deref(),
                Some(ADDRESS),
                "where the device is"
            );
            let comment = format!("lpsaring|static-dhcp|source=parity-guard|uid={}", id(1));
            assert_eq!(lease.comment.as_deref(), Some(comment.as_str()));
        }
    }
}

#[test]
fn the_parity_report_does_not_look_at_the_limits_of_hotspot_users() {
    let mut place = Place::new(user(1)).device(Device {
        address: Some(ADDRESS.to_owned()),
        ..device(1, MAC)
    });
    place.router.hotspot_users = numbered(vec![HotspotUser {
        name: "081200000001".to_owned(),
        limit_bytes: Some("1".to_owned()),
        ..HotspotUser::default()
    }]);
    let report = parity_report(&place.site());
    assert_eq!(
        report.items[0].mismatches,
        [
            Mismatch::AddressList,
            Mismatch::NoLease,
            Mismatch::NoBinding
        ]
    );
}
