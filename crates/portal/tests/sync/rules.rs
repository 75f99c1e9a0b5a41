//! Rules of the usage sync, each on a site made for it.

use portal::sync::{
    Arp, Binding, ColumnValue, Debt, DebtBlock, Device, Host, HotspotUser, Lease, NextSync, User,
    next_overdue_block, next_sync,
};

use crate::place::{
    ADDRESS, MAC, OTHER_MAC, Place, binding, blocked_by_hand, device, host, id, named, numbered,
    user,
};

const MEGABYTE: i64 = 1024 * 1024;

#[test]
fn only_active_approved_users_of_three_roles_with_a_local_number_are_looked_at() {
    for (role, is_active, is_approved, phone, looked_at) in [
        ("USER", true, true, "+6281200000001", true),
        ("KOMANDAN", true, true, "+6281200000001", true),
        ("ADMIN", true, true, "+6281200000001", true),
        ("USER", true, true, "+1 555 0100", true),
        ("SUPER_ADMIN", true, true, "+6281200000001", false),
        ("USER", false, true, "+6281200000001", false),
        ("USER", true, false, "+6281200000001", false),
        ("USER", true, true, "-", false),
    ] {
        let user = User {
            role: role.to_owned(),
            is_active,
            is_approved,
            phone_number: phone.to_owned(),
            ..user(1)
        };
        let said = next_sync(&Place::new(user).site());
        assert_eq!(!said.looked_at.is_empty(), looked_at, "{role} {phone}");
    }
}

#[test]
fn demonstration_phones_are_passed_over_if_the_variable_is_a_list() {
    for (text, looked_at) in [
        ("['081200000001']", false),
        ("[\"+62 812-0000-0001\"]", false),
        ("081200000001", false),
        // Two numbers with a sign are a tuple to Python, and no list.
        ("+6281200000001,+6281200000009", true),
        ("['081200000009']", true),
        ("", true),
    ] {
        let place = Place::new(user(1)).environment("DEMO_ALLOWED_PHONES", text);
        let said = next_sync(&place.site());
        assert_eq!(!said.looked_at.is_empty(), looked_at, "{text}");
    }
}

#[test]
fn the_limit_is_a_whole_number_and_none_ends_automatic_blocks() {
    let blocked = |reason: Option<&str>| User {
        is_blocked: true,
        blocked_reason: reason.map(str::to_owned),
        used_mb: 2000.0,
        ..user(1)
    };
    let automatic = "quota_debt_limit|debt_mb=976.00|limit_mb=500|source=sync_usage";
    for (limit, reason, is_blocked_after) in [
        ("500", Some(automatic), true),
        (" 700 ", Some(automatic), true),
        ("1_000", Some(automatic), false),
        ("500.0", Some(automatic), false),
        ("-5", Some(automatic), false),
        ("0", Some(" QUOTA_AUTO_DEBT_LIMIT|x"), false),
        // Not the portal's automatic word: somebody blocked by hand.
        ("0", Some("quota_debt_limit"), true),
        ("0", Some(""), true),
        ("0", None, true),
    ] {
        let place = Place::new(blocked(reason)).setting("QUOTA_DEBT_LIMIT_MB", limit);
        let said = next_sync(&place.site());
        let freed = column(&said, "is_blocked") == Some(ColumnValue::Truth(false));
        assert_eq!(!freed, is_blocked_after, "limit {limit:?}, {reason:?}");
    }
}

#[test]
fn bytes_of_this_run_count_before_the_limit_is_looked_at_also_of_a_device_without_leave() {
    let user = User {
        used_mb: 1500.0,
        ..user(1)
    };
    let place = Place::new(user)
        .setting("QUOTA_DEBT_LIMIT_MB", "500")
        .device(Device {
            is_authorized: false,
            bytes: Some(MEGABYTE),
            ..device(1, MAC)
        })
        .host(host(MAC, ADDRESS, 25 * MEGABYTE));
    let said = next_sync(&place.site());
    assert_eq!(
        column(&said, "total_quota_used_mb"),
        Some(ColumnValue::Decimal(1524.0))
    );
    assert_eq!(
        column(&said, "blocked_reason"),
        Some(ColumnValue::Text(
            "quota_debt_limit|debt_mb=500.00|limit_mb=500|source=sync_usage".to_owned()
        ))
    );
}

#[test]
fn the_count_of_a_device_is_taken_from_where_it_was_last_seen() {
    struct Seen {
        stored: Option<i64>,
        redis: Option<&'static str>,
        host_id: Option<&'static str>,
        uptime: Option<i64>,
        megabytes: f64,
    }
    const NOTHING: Seen = Seen {
        stored: None,
        redis: None,
        host_id: None,
        uptime: None,
        megabytes: 0.0,
    };
    // The host has 10 MB, the id *1 and an uptime of ten minutes.
    for (what, seen) in [
        (
            "never seen: all",
            Seen {
                megabytes: 10.0,
                ..NOTHING
            },
        ),
        (
            "stored",
            Seen {
                stored: Some(4 * MEGABYTE),
                megabytes: 6.0,
                ..NOTHING
            },
        ),
        (
            "the larger of both",
            Seen {
                stored: Some(4 * MEGABYTE),
                redis: Some("8388608"),
                megabytes: 2.0,
                ..NOTHING
            },
        ),
        (
            "the larger of both, the other way",
            Seen {
                stored: Some(8 * MEGABYTE),
                redis: Some("4194304"),
                megabytes: 2.0,
                ..NOTHING
            },
        ),
        (
            "no number in Redis is 0",
            Seen {
                redis: Some("x"),
                megabytes: 10.0,
                ..NOTHING
            },
        ),
        (
            "the count fell: all",
            Seen {
                stored: Some(20 * MEGABYTE),
                megabytes: 10.0,
                ..NOTHING
            },
        ),
        (
            "the count fell in another row: all",
            Seen {
                stored: Some(20 * MEGABYTE),
                host_id: Some("*9"),
                megabytes: 10.0,
                ..NOTHING
            },
        ),
        (
            "another row: nothing",
            Seen {
                stored: Some(4 * MEGABYTE),
                host_id: Some("*9"),
                ..NOTHING
            },
        ),
        (
            "the same row",
            Seen {
                stored: Some(4 * MEGABYTE),
                host_id: Some("*1"),
                megabytes: 6.0,
                ..NOTHING
            },
        ),
        (
            "a shorter uptime: nothing",
            Seen {
                stored: Some(4 * MEGABYTE),
                uptime: Some(606),
                ..NOTHING
            },
        ),
        (
            "five seconds do not matter",
            Seen {
                stored: Some(4 * MEGABYTE),
                uptime: Some(605),
                megabytes: 6.0,
                ..NOTHING
            },
        ),
    ] {
        let mut place = Place::new(user(1))
            .device(Device {
                bytes: seen.stored,
                host_id: seen.host_id.map(str::to_owned),
                uptime_seconds: seen.uptime,
                ..device(1, MAC)
            })
            .host(Host {
                uptime: Some("10m".to_owned()),
                ..host(MAC, ADDRESS, 10 * MEGABYTE)
            });
        if let Some(text) = seen.redis {
            place.baselines.insert(MAC.to_owned(), text.to_owned());
        }
        let said = next_sync(&place.site());
        let used = match column(&said, "total_quota_used_mb") {
            Some(ColumnValue::Decimal(used)) => used,
            None => 0.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(used, seen.megabytes, "{what}");
    }
}

#[test]
fn usage_of_an_unlimited_user_is_not_added_up_until_the_time_is_over() {
    for (expiry, used) in [
        ("2027-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:00Z", Some(ColumnValue::Decimal(6.0))),
    ] {
        let user = User {
            is_unlimited: true,
            expiry: Some(expiry.parse().unwrap()),
            ..user(1)
        };
        let place = Place::new(user)
            .device(Device {
                bytes: Some(4 * MEGABYTE),
                ..device(1, MAC)
            })
            .host(host(MAC, ADDRESS, 10 * MEGABYTE));
        assert_eq!(
            column(&next_sync(&place.site()), "total_quota_used_mb"),
            used
        );
    }
}

#[test]
fn of_several_hosts_of_a_mac_one_is_chosen() {
    let with = |address: &str, change: &dyn Fn(&mut Host)| {
        let mut host = host(MAC, address, 0);
        change(&mut host);
        host
    };
    // Each later host is better than the ones before it.
    let hosts = [
        with("203.0.113.1", &|_| {}),
        with("203.0.113.2", &|host| {
            host.to_address = Some("172.16.2.2".to_owned())
        }),
        with("172.16.2.3", &|host| host.idle_time = Some("1h".to_owned())),
        with("172.16.2.4", &|host| host.idle_time = Some("5m".to_owned())),
        with("172.16.2.5", &|host| {
            host.idle_time = Some("5m".to_owned());
            host.uptime = Some("2h".to_owned());
        }),
        with("172.16.2.6", &|host| {
            host.idle_time = Some("5m".to_owned());
            host.uptime = Some("2h".to_owned());
            host.bytes_in = Some("9".to_owned());
        }),
        with("172.16.2.7", &|host| {
            host.idle_time = Some("2d".to_owned());
            host.authorized = Some("true".to_owned());
        }),
    ];
    for (best, expected) in [
        (0, None),
        // It is outside, its translated address inside.
        (1, Some("172.16.2.2")),
        (2, Some("172.16.2.3")),
        (3, Some("172.16.2.4")),
        (4, Some("172.16.2.5")),
        (5, Some("172.16.2.6")),
        (6, Some("172.16.2.7")),
    ] {
        for backwards in [false, true] {
            let mut place = Place::new(user(1)).device(device(1, MAC));
            let mut rows = hosts[..=best].to_vec();
            if backwards {
                rows.reverse();
            }
            for row in rows {
                place = place.host(row);
            }
            let found = next_sync(&place.site()).addresses.remove(0).1;
            assert_eq!(
                found.first().map(String::as_str),
                expected,
                "{best} {backwards}"
            );
        }
    }
}

#[test]
fn a_translated_address_is_not_taken_while_every_private_address_counts_as_inside() {
    let translated = Host {
        to_address: Some(ADDRESS.to_owned()),
        ..host(MAC, "192.168.7.7", 0)
    };
    for (cidrs, found) in [(None, vec![]), (Some("172.16.2.0/23"), vec![ADDRESS])] {
        let mut place = Place::new(user(1))
            .device(device(1, MAC))
            .host(translated.clone());
        if let Some(cidrs) = cidrs {
            place = place.environment("HOTSPOT_CLIENT_IP_CIDRS", cidrs);
        }
        assert_eq!(next_sync(&place.site()).addresses[0].1, found);
    }
}

#[test]
fn the_networks_of_clients_come_from_the_environment_alone() {
    for (variable, text, is_in) in [
        ("MIKROTIK_UNAUTHORIZED_CIDRS", "10.0.0.0/8", false),
        (
            "MIKROTIK_UNAUTHORIZED_CIDRS",
            "['10.0.0.0/8', '172.16.2.0/24']",
            true,
        ),
        // An empty list leaves it to HOTSPOT_CLIENT_IP_CIDRS, by default all private networks.
        ("MIKROTIK_UNAUTHORIZED_CIDRS", "[]", true),
        // No network at all: every address counts.
        ("MIKROTIK_UNAUTHORIZED_CIDRS", "soon", true),
        ("ANOTHER", "10.0.0.0/8", true),
    ] {
        let place = Place::new(user(1))
            .setting("MIKROTIK_UNAUTHORIZED_CIDRS", "10.0.0.0/8")
            .environment(variable, text)
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0));
        let found = next_sync(&place.site()).addresses.remove(0).1;
        assert_eq!(!found.is_empty(), is_in, "{variable}={text}");
    }
}

#[test]
fn the_address_0_0_0_0_is_none() {
    let stored = Device {
        address: Some("0.0.0.0".to_owned()),
        ..device(1, MAC)
    };
    let place = Place::new(user(1))
        .environment("MIKROTIK_UNAUTHORIZED_CIDRS", "soon")
        .device(stored);
    assert!(next_sync(&place.site()).addresses[0].1.is_empty());
}

#[test]
fn the_sources_of_an_address_are_asked_in_order() {
    let stored = Device {
        address: Some("172.16.2.1".to_owned()),
        ..device(1, MAC)
    };
    let lease = |address: &str, status: &str, comment: &str| Lease {
        mac: Some(MAC.to_owned()),
        address: Some(address.to_owned()),
        status: Some(status.to_owned()),
        comment: Some(comment.to_owned()),
        ..Lease::default()
    };
    let bound_to = |address: &str, comment: &str| Binding {
        address: Some(address.to_owned()),
        comment: Some(comment.to_owned()),
        ..binding(MAC, "bypassed")
    };
    let base = || Place::new(user(1)).device(stored.clone());
    let found = |place: Place| next_sync(&place.site()).addresses.remove(0).1;

    assert_eq!(found(base()), ["172.16.2.1"]);
    // Of the texts 172.16.2.11 comes before 172.16.2.9.
    let leases =
        base()
            .lease(lease("172.16.2.9", "bound", ""))
            .lease(lease("172.16.2.11", "bound", ""));
    assert_eq!(found(leases), ["172.16.2.11"]);
    let waiting = base().lease(lease("172.16.2.9", "waiting", "kamar 3"));
    assert_eq!(found(waiting), ["172.16.2.1"]);
    let waiting = base().lease(lease("172.16.2.9", "waiting", "lpsaring|static-dhcp|uid=x"));
    assert_eq!(found(waiting), ["172.16.2.9"]);
    // It is nowhere on the lists, and keeps the stored address from being one.
    let outside = base().lease(lease("192.168.1.9", "bound", ""));
    assert!(found(outside).is_empty());
    let raw = base()
        .lease(lease("172.16.2.9", "bound", ""))
        .binding(bound_to("172.16.2.20", "no token"));
    assert_eq!(found(raw), ["172.16.2.20"]);
    let known = base()
        .host(host(MAC, "172.16.2.30", 0))
        .binding(bound_to("172.16.2.20", &format!("x|uid={}", id(1))));
    assert_eq!(found(known), ["172.16.2.30", "172.16.2.20"]);
}

#[test]
fn a_repair_makes_the_stored_address_live_for_this_run() {
    let stored = Device {
        address: Some("172.16.2.1".to_owned()),
        ..device(1, MAC)
    };
    let place = Place::new(blocked_by_hand(1))
        .device(stored)
        .host(host(MAC, "172.16.2.30", 0))
        .binding(named(MAC, "regular", 1));
    let said = next_sync(&place.site());
    assert_eq!(said.addresses[0].1, ["172.16.2.30", "172.16.2.1"]);
}

#[test]
fn a_binding_of_the_wrong_type_is_repaired_at_the_users_server() {
    let at = |server: &str, comment: &str| Binding {
        server: Some(server.to_owned()),
        comment: Some(comment.to_owned()),
        disabled: Some("true".to_owned()),
        ..binding(MAC, "regular")
    };
    let place = Place::new(blocked_by_hand(1))
        .device(device(1, MAC))
        .binding(at("all", "note"))
        .binding(at("srv-user", "first"))
        .binding(at("srv-user", &format!("x|uid={}", id(1))))
        .binding(at("srv-other", "stays"));
    let bindings = next_sync(&place.site()).bindings;
    assert_eq!(bindings.removed, ["*1", "*3"]);
    assert!(bindings.added.is_empty());
    let (row, fields) = &bindings.changed[0];
    let fields: Vec<_> = fields
        .iter()
        .map(|change| (change.field, change.after.as_deref().unwrap()))
        .collect();
    let comment = format!(
        "blocked|user=081200000001|uid={}|role=USER|source=sync-self-heal|date=<date>|time=<time>",
        id(1)
    );
    assert_eq!(row, "*2");
    assert_eq!(
        fields,
        [
            ("type", "blocked"),
            ("comment", comment.as_str()),
            ("disabled", "false")
        ]
    );
}

#[test]
fn without_a_server_of_the_user_all_bindings_of_the_mac_count_as_the_users() {
    let user = User {
        server: None,
        ..blocked_by_hand(1)
    };
    let at = |server: &str| Binding {
        server: Some(server.to_owned()),
        ..named(MAC, "regular", 1)
    };
    let place = Place::new(user)
        .device(device(1, MAC))
        .binding(at("srv-a"))
        .binding(at("all"));
    let bindings = next_sync(&place.site()).bindings;
    assert_eq!(bindings.removed, ["*2"]);
    assert_eq!(bindings.changed[0].0, "*1");
}

#[test]
fn a_binding_tied_to_an_address_is_written_anew_without() {
    let tied = Binding {
        address: Some(ADDRESS.to_owned()),
        server: Some("srv-user".to_owned()),
        ..named(MAC, "regular", 1)
    };
    let place = Place::new(blocked_by_hand(1))
        .device(device(1, MAC))
        .binding(tied);
    let bindings = next_sync(&place.site()).bindings;
    assert_eq!(bindings.removed, ["*1"]);
    assert_eq!(bindings.added[0].address, None);
    assert_eq!(bindings.added[0].kind.as_deref(), Some("blocked"));
    assert_eq!(bindings.added[0].server.as_deref(), Some("srv-user"));
}

#[test]
fn the_last_binding_with_a_token_decides_and_a_disabled_one_is_right() {
    let wrong_without_token = binding(MAC, "bypassed");
    let right = Binding {
        disabled: Some("true".to_owned()),
        ..named(MAC, "blocked", 1)
    };
    let place = Place::new(blocked_by_hand(1))
        .device(device(1, MAC))
        .binding(named(MAC, "regular", 1))
        .binding(right)
        .binding(wrong_without_token);
    let bindings = next_sync(&place.site()).bindings;
    assert!(bindings.removed.is_empty() && bindings.added.is_empty());
    assert!(bindings.changed.is_empty());
}

#[test]
fn nothing_is_repaired_while_no_binding_has_a_token() {
    let place = Place::new(blocked_by_hand(1))
        .device(device(1, MAC))
        .binding(binding(MAC, "regular"));
    let said = next_sync(&place.site());
    assert!(said.bindings.changed.is_empty() && said.bindings.added.is_empty());
}

#[test]
fn the_statuses_that_pass_without_login_are_a_list_or_the_default() {
    for (stored, variable, kind) in [
        (None, None, "bypassed"),
        (Some("fup, unlimited"), None, "regular"),
        (Some("[' ACTIVE ']"), None, "bypassed"),
        (Some("[]"), None, "regular"),
        // A text without a status counts as absent.
        (Some("vip"), Some("['fup']"), "regular"),
        (Some("vip"), None, "bypassed"),
    ] {
        let mut place = Place::new(User {
            used_mb: 10.0,
            ..user(1)
        })
        .device(device(1, MAC))
        .binding(named(MAC, "blocked", 1));
        if let Some(text) = stored {
            place = place.setting("HOTSPOT_BYPASS_STATUSES", text);
        }
        if let Some(text) = variable {
            place = place.environment("HOTSPOT_BYPASS_STATUSES", text);
        }
        let said = next_sync(&place.site());
        let change = &said.bindings.changed[0].1[0];
        assert_eq!(
            change.after.as_deref(),
            Some(kind),
            "{stored:?} {variable:?}"
        );
    }
}

#[test]
fn an_address_leaves_the_other_lists_whoever_wrote_the_rows() {
    let place = Place::new(User {
        used_mb: 10.0,
        ..user(1)
    })
    .device(device(1, MAC))
    .host(host(MAC, ADDRESS, 0))
    .entry("habis", ADDRESS, "note of an operator")
    .entry("blocked", ADDRESS, "limit-exceeded|user=081200000009")
    .entry("unauthorized", ADDRESS, "")
    .entry("vip", ADDRESS, "no list of the portal's")
    .entry("habis", "172.16.2.99", "note of an operator");
    let lists = next_sync(&place.site()).address_list;
    assert_eq!(lists.removed, ["*1", "*2", "*3"]);
    assert_eq!(lists.added[0].list, "active");
    assert_eq!(
        lists.added[0].comment.as_deref().unwrap(),
        format!(
            "lpsaring|status=active|user=081200000001|uid={}|role=USER|ip={ADDRESS}\
             |date=<date>|time=<time>",
            id(1)
        )
    );
}

#[test]
fn a_row_that_agrees_stays_disabled_or_not_and_another_one_gets_the_comment() {
    let agrees = |date: &str| {
        format!(
            "lpsaring|status=active|user=081200000001|uid={}|role=USER|ip={ADDRESS}{date}",
            id(1)
        )
    };
    for (comment, changes) in [
        (agrees("|date=01-01-2026|time=00:00:00"), false),
        (agrees(""), false),
        (agrees("").replace("role=USER", "role=ADMIN"), true),
        ("note".to_owned(), true),
    ] {
        let mut place = Place::new(User {
            used_mb: 10.0,
            ..user(1)
        })
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .entry("active", ADDRESS, &comment);
        place.router.address_list[0].fields.disabled = Some("true".to_owned());
        let lists = next_sync(&place.site()).address_list;
        assert!(
            lists.removed.is_empty() && lists.added.is_empty(),
            "{comment}"
        );
        assert_eq!(!lists.changed.is_empty(), changes, "{comment}");
    }
}

#[test]
fn a_users_status_rows_go_from_every_other_address_range_and_network() {
    let own = format!("lpsaring|status=habis|x|uid={}", id(1));
    let place = Place::new(user(1))
        .entry("habis", "172.16.2.50", &own)
        .entry(
            "fup",
            "10.9.0.0/16",
            "lpsaring|status=fup|user=081200000001|role=USER",
        )
        .entry(
            "active",
            "172.16.2.60-172.16.2.70",
            "lpsaring|status=active| user=081200000001 ",
        )
        // Not the portal's form, another list, another user.
        .entry("habis", "172.16.2.51", "limit-exceeded|user=081200000001")
        .entry("vip", "172.16.2.52", &own)
        .entry(
            "habis",
            "172.16.2.53",
            "lpsaring|status=habis|user=0812000000012",
        );
    assert_eq!(
        next_sync(&place.site()).address_list.removed,
        ["*1", "*2", "*3"]
    );
}

#[test]
fn a_list_with_the_name_of_the_unauthorized_list_is_no_status_list() {
    let own = format!("lpsaring|status=habis|x|uid={}", id(1));
    let place = Place::new(user(1))
        .setting("MIKROTIK_ADDRESS_LIST_HABIS", "shut")
        .setting("MIKROTIK_ADDRESS_LIST_UNAUTHORIZED", "shut")
        .entry("shut", "172.16.2.50", &own);
    assert!(next_sync(&place.site()).address_list.removed.is_empty());
}

#[test]
fn a_user_found_nowhere_is_listed_by_name_without_asking_for_a_network() {
    let lease = |comment: &str, address: &str| Lease {
        mac: Some(OTHER_MAC.to_owned()),
        address: Some(address.to_owned()),
        status: Some("waiting".to_owned()),
        comment: Some(comment.to_owned()),
        ..Lease::default()
    };
    let arp = Arp {
        address: Some("10.9.9.9".to_owned()),
        comment: Some("USER=081200000001".to_owned()),
        ..Arp::default()
    };
    let by_lease = Place::new(user(1))
        .lease(lease("guest", "10.1.1.1"))
        .lease(lease("lpsaring|static-dhcp|user=081200000001", "10.2.2.2"))
        .arp(arp.clone())
        .entry("unauthorized", "10.2.2.2", "lpsaring:unauthorized");
    let said = next_sync(&by_lease.site());
    assert_eq!(said.by_name, [id(1)]);
    assert_eq!(said.address_list.added[0].address, "10.2.2.2");
    assert!(
        !said.address_list.added[0]
            .comment
            .as_deref()
            .unwrap()
            .contains("|ip=")
    );
    assert_eq!(said.address_list.removed, ["*1"]);

    let said = next_sync(&Place::new(user(1)).arp(arp).site());
    assert_eq!(said.address_list.added[0].address, "10.9.9.9");
}

#[test]
fn a_device_that_is_nowhere_is_looked_for_by_its_mac_alone() {
    let arp = |address: &str| Arp {
        mac: Some(MAC.to_owned()),
        address: Some(address.to_owned()),
        comment: None,
    };
    let waiting = Lease {
        mac: Some(MAC.to_owned()),
        address: Some("172.16.2.52".to_owned()),
        status: Some("waiting".to_owned()),
        ..Lease::default()
    };
    let listed = |place: Place| {
        let added = next_sync(&place.site()).address_list.added;
        added.into_iter().next().map(|row| row.address)
    };
    let place = || Place::new(user(1)).device(device(1, MAC));
    let of_lease = listed(place().lease(waiting.clone()));
    assert_eq!(of_lease.as_deref(), Some("172.16.2.52"));
    let of_arp = listed(place().lease(waiting).arp(arp("172.16.2.53")));
    assert_eq!(of_arp.as_deref(), Some("172.16.2.53"));
    // A host ends the search, though it is at no client's address; a stored address does too.
    let host = place()
        .host(host(MAC, "192.168.9.9", 0))
        .arp(arp("172.16.2.53"));
    assert_eq!(listed(host), None);
    let stored = Device {
        address: Some("172.16.8.1".to_owned()),
        ..device(1, MAC)
    };
    let place = Place::new(user(1)).device(stored).arp(arp("172.16.2.53"));
    assert_eq!(listed(place), None);
}

#[test]
fn a_binding_that_names_the_user_gives_an_address_if_it_is_a_clients() {
    for (address, is_listed) in [("172.16.2.77", true), ("10.9.9.9", false)] {
        let tied = Binding {
            address: Some(address.to_owned()),
            ..named(OTHER_MAC, "regular", 1)
        };
        let place = Place::new(user(1))
            .setting("MAX_DEVICES_PER_USER", "0")
            .binding(tied);
        let added = next_sync(&place.site()).address_list.added;
        assert_eq!(!added.is_empty(), is_listed, "{address}");
    }
}

#[test]
fn without_a_fitting_binding_the_address_leaves_the_status_lists_and_nothing_is_added() {
    let place = |kind: &str, user: User| {
        Place::new(user)
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(binding(MAC, kind))
            .entry("blocked", ADDRESS, "note")
            .entry("unauthorized", ADDRESS, "note")
    };
    // No binding has a token, so nothing is repaired and the types stay wrong.
    for (kind, user) in [("regular", blocked_by_hand(1)), ("blocked", user(1))] {
        let said = next_sync(&place(kind, user).site());
        assert_eq!(said.address_list.removed, ["*1"], "{kind}");
        assert!(said.address_list.added.is_empty(), "{kind}");
        assert_eq!(said.by_name, [id(1)]);
    }
    // The stored address leaves them too, although the device is elsewhere.
    let mut elsewhere = place("regular", blocked_by_hand(1)).entry("fup", "172.16.2.99", "note");
    elsewhere.devices[0].address = Some("172.16.2.99".to_owned());
    let said = next_sync(&elsewhere.site());
    assert_eq!(said.address_list.removed, ["*1", "*3"]);
    // On a router without any binding there is nothing to ask for.
    let mut bare = place("regular", blocked_by_hand(1));
    bare.router.bindings.clear();
    let said = next_sync(&bare.site());
    assert_eq!(said.address_list.removed, ["*2"]);
    assert_eq!(said.address_list.changed[0].0, "*1");
}

#[test]
fn two_users_with_one_local_number_prune_each_others_rows() {
    let twin = User {
        phone_number: "081200000001".to_owned(),
        ..user(2)
    };
    let place = Place::new(blocked_by_hand(1))
        .user(twin)
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .entry(
            "blocked",
            ADDRESS,
            "lpsaring|status=blocked|user=081200000001",
        );
    assert_eq!(next_sync(&place.site()).address_list.removed, ["*1"]);
}

#[test]
fn an_address_of_two_users_goes_to_the_later_one() {
    let place = Place::new(user(1))
        .user(user(2))
        .device(Device {
            address: Some(ADDRESS.to_owned()),
            ..device(1, MAC)
        })
        .device(Device {
            address: Some(ADDRESS.to_owned()),
            ..device(2, OTHER_MAC)
        });
    let added = next_sync(&place.site()).address_list.added;
    assert_eq!(added.len(), 1);
    assert!(
        added[0]
            .comment
            .as_deref()
            .unwrap()
            .contains(&id(2).to_string())
    );
}

#[test]
fn bindings_enrol_devices_as_long_as_there_are_places() {
    let place = |most: &str| {
        Place::new(user(1))
            .user(user(2))
            .setting("MAX_DEVICES_PER_USER", most)
            .device(device(1, MAC))
            .device(device(2, "0A:5E:1C:00:00:07"))
            // Blocked ones too; a number names nobody here; a MAC of another user is refused.
            .binding(named("0A:5E:1C:00:00:03", "blocked", 1))
            .binding(Binding {
                comment: Some("x|user=081200000001".to_owned()),
                ..binding("0A:5E:1C:00:00:04", "regular")
            })
            .binding(named("0A:5E:1C:00:00:07", "regular", 1))
            .binding(named("0A:5E:1C:00:00:05", "regular", 1))
    };
    let macs = |place: Place| -> Vec<String> {
        let enrolled = next_sync(&place.site()).enrolled;
        enrolled.into_iter().map(|device| device.mac).collect()
    };
    assert!(macs(place("1")).is_empty());
    assert_eq!(macs(place("2")), ["0A:5E:1C:00:00:03"]);
    assert_eq!(macs(place("9")), ["0A:5E:1C:00:00:03", "0A:5E:1C:00:00:05"]);
    let asked = place("2").setting("REQUIRE_EXPLICIT_DEVICE_AUTH", "True");
    assert!(!next_sync(&asked.site()).enrolled[0].is_authorized);
    assert!(next_sync(&place("2").site()).enrolled[0].is_authorized);
}

#[test]
fn the_profile_is_written_where_the_router_has_user_and_profile_in_any_case() {
    let hotspot_user = |name: &str| HotspotUser {
        name: name.to_owned(),
        profile: Some("old".to_owned()),
        ..HotspotUser::default()
    };
    let mut place = Place::new(User {
        used_mb: 2000.0,
        ..user(1)
    });
    place.router.profiles = vec!["HABIS".to_owned()];
    assert_eq!(
        column(&next_sync(&place.site()), "mikrotik_profile_name"),
        None
    );

    place.router.hotspot_users = numbered(vec![hotspot_user("081200000001")]);
    let site = place.site();
    let said = next_sync(&site);
    let text = ColumnValue::Text("habis".to_owned());
    assert_eq!(column(&said, "mikrotik_profile_name"), Some(text));
    let change = &said.hotspot_users.changed[0].1[0];
    assert_eq!(change.after.as_deref(), Some("HABIS"));
}

#[test]
fn a_threshold_of_0_is_the_portals_and_a_negative_one_slows_nobody() {
    let user = || User {
        purchased_mb: 8192,
        used_mb: 8000.0,
        ..user(1)
    };
    for (threshold, list) in [
        ("0", "fup"),
        ("3072", "fup"),
        ("100", "active"),
        ("-1", "active"),
    ] {
        let place = Place::new(user())
            .setting("QUOTA_FUP_THRESHOLD_MB", threshold)
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0));
        assert_eq!(
            next_sync(&place.site()).address_list.added[0].list,
            list,
            "{threshold}"
        );
    }
}

#[test]
fn leases_are_made_to_fit_where_they_are_managed() {
    let lease = |mac: &str, server: &str, address: &str, comment: &str| Lease {
        mac: Some(mac.to_owned()),
        address: Some(address.to_owned()),
        server: Some(server.to_owned()),
        status: Some("bound".to_owned()),
        dynamic: Some("true".to_owned()),
        comment: Some(comment.to_owned()),
        ..Lease::default()
    };
    let place = || {
        Place::new(user(1))
            .setting("MIKROTIK_DHCP_STATIC_LEASE_ENABLED", "yes")
            .setting("MIKROTIK_DHCP_LEASE_SERVER_NAME", " Klien ")
            .device(Device {
                address: Some(ADDRESS.to_owned()),
                ..device(1, MAC)
            })
    };
    let managed = "lpsaring|static-dhcp|user=081200000001";
    let said = next_sync(
        &place()
            .lease(lease(MAC, "Klien", "172.16.2.88", "note"))
            .lease(lease(MAC, "Tamu", "172.16.8.88", managed))
            .lease(lease(MAC, "Tamu", "172.16.8.89", "note"))
            .site(),
    );
    assert_eq!(said.leases.removed, ["*2"]);
    let (row, fields) = &said.leases.changed[0];
    let fields: Vec<_> = fields.iter().map(|change| change.field).collect();
    assert_eq!(
        (row.as_str(), fields),
        ("*1", vec!["address", "comment", "dynamic"])
    );

    // Another device's address is left alone, and so is a lease that fits.
    for (mac, changes) in [(OTHER_MAC, 0), (MAC, 0)] {
        let said = next_sync(&place().lease(lease(mac, "Klien", ADDRESS, "note")).site());
        assert_eq!(
            said.leases.added.len() + said.leases.changed.len(),
            changes,
            "{mac}"
        );
    }
    let said = next_sync(&place().site());
    assert_eq!(said.leases.added[0].address.as_deref(), Some(ADDRESS));
    let no_server = place().setting("MIKROTIK_DHCP_LEASE_SERVER_NAME", " ");
    assert!(next_sync(&no_server.site()).leases.added.is_empty());
}

#[test]
fn the_switch_of_the_operations_stops_nothing_but_the_lease_of_a_repaired_binding() {
    for (switch, leases) in [("True", 1), ("t", 1), ("False", 0), ("on", 0)] {
        let place = Place::new(blocked_by_hand(1))
            .setting("ENABLE_MIKROTIK_OPERATIONS", switch)
            .setting("MIKROTIK_DHCP_LEASE_SERVER_NAME", "Klien")
            .device(Device {
                address: Some(ADDRESS.to_owned()),
                ..device(1, MAC)
            })
            .binding(named(MAC, "regular", 1));
        let said = next_sync(&place.site());
        assert_eq!(said.leases.added.len(), leases, "{switch}");
        assert_eq!(said.bindings.changed.len(), 1, "{switch}");
        assert_eq!(said.address_list.added.len(), 1, "{switch}");
    }
}

#[test]
fn a_debt_past_its_due_date_shuts_out_a_limited_user_with_every_device() {
    let due = |date: &str, is_paid: bool| Debt {
        user_id: id(1),
        amount_mb: 512,
        due: Some(date.parse().unwrap()),
        is_paid,
    };
    let place = |user: User| {
        let mut place = Place::new(user)
            .device(Device {
                is_authorized: false,
                ..device(1, MAC)
            })
            .host(host(MAC, "192.168.9.9", 0))
            .binding(binding(MAC, "bypassed"))
            .binding(binding(MAC, "regular"))
            .entry("active", "192.168.9.9", "note")
            .entry("unauthorized", "192.168.9.9", "note");
        place.router.profiles = vec!["inactive".to_owned()];
        // At noon of the 27th in Europe it is still the 27th at the site.
        place.debts = vec![
            due("2026-11-26", false),
            due("2026-11-20", false),
            due("2026-11-27", false),
            due("2026-11-01", true),
        ];
        place
    };
    let said = next_overdue_block(&place(user(1)).site());
    assert_eq!(
        said.users[0].1[1].after,
        ColumnValue::Text(
            "tunggakan_overdue|debt_mb=1024|due=2026-11-20|days_overdue=7".to_owned()
        )
    );
    assert_eq!(said.new_passwords, [id(1)]);
    assert_eq!(said.address_list.added[0].list, "blocked");
    assert_eq!(said.address_list.removed, ["*1"], "unauthorized stays");
    assert_eq!(said.bindings.removed, ["*2"]);
    assert_eq!(
        said.bindings.changed[0].1[0].after.as_deref(),
        Some("blocked")
    );
    let added = &said.hotspot_users.added[0];
    assert_eq!(added.profile.as_deref(), Some("inactive"));
    assert_eq!(added.limit_bytes.as_deref(), Some("1"));
    assert_eq!(added.server.as_deref(), Some("srv-user"));

    for (user, switch) in [
        (blocked_by_hand(1), "True"),
        (
            User {
                is_unlimited: true,
                ..user(1)
            },
            "True",
        ),
        (
            User {
                role: "KOMANDAN".to_owned(),
                ..user(1)
            },
            "True",
        ),
        (
            User {
                is_active: false,
                ..user(1)
            },
            "True",
        ),
        (user(1), "true"),
    ] {
        let place = place(user).setting("ENABLE_MIKROTIK_OPERATIONS", switch);
        assert_eq!(next_overdue_block(&place.site()), DebtBlock::default());
    }
}

#[test]
fn a_debt_of_a_megabyte_is_forgiven_whom_the_limit_does_not_reach() {
    for (role, is_unlimited, used_mb, offset_mb, after) in [
        ("KOMANDAN", false, 1500.25, 0, Some(477)),
        ("USER", true, 1500.25, 400, Some(477)),
        ("USER", true, 1024.99, 0, None),
        ("USER", false, 1500.25, 0, None),
    ] {
        let user = User {
            role: role.to_owned(),
            is_unlimited,
            used_mb,
            offset_mb,
            ..user(1)
        };
        let said = next_sync(&Place::new(user).site());
        let after = after.map(ColumnValue::Whole);
        assert_eq!(
            column(&said, "auto_debt_offset_mb"),
            after,
            "{role} {used_mb}"
        );
    }
}

/// The value that a column of the first user gets.
fn column(said: &NextSync, name: &str) -> Option<ColumnValue> {
    let (_, columns) = said.users.first()?;
    let change = columns.iter().find(|change| change.column == name)?;
    Some(change.after.clone())
}
