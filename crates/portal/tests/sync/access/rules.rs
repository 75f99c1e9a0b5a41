//! Rules of access, each on a site made for it.

use std::collections::HashMap;

use portal::access::{
    Access, CauseKind, ChangedBy, Circumstances, Cost, DeviceAccess, Effect, Foretold, Owner,
    Passage, Payment, PaymentState, SyncHealth, access,
};
use portal::sync::{
    Binding, Debt, Device, Host, HotspotUser, Lease, ListEntry, NextSync, Row, Site, User,
    next_overdue_block, next_sync,
};

use crate::after::after;
use crate::place::{
    ADDRESS, MAC, OTHER_MAC, Place, binding, blocked_by_hand, device, host, id, named, numbered,
    user,
};

fn told(site: &Site, circumstances: &Circumstances) -> Access {
    access(site, circumstances, &Foretold::of(site))
}

fn first(place: &Place) -> DeviceAccess {
    let told = told(&place.site(), &Circumstances::default());
    told.users[0].devices[0].clone()
}

/// A user's device on the network, bypassed by a binding that names the user.
fn online() -> Place {
    Place::new(user(1))
        .device(device(1, MAC))
        .host(bypassed(MAC))
        .binding(named(MAC, "bypassed", 1))
}

fn bypassed(mac: &str) -> Host {
    Host {
        bypassed: Some("true".to_owned()),
        ..host(mac, ADDRESS, 0)
    }
}

#[test]
fn the_list_that_says_most_decides() {
    use Passage::{Cut, Open, Slowed};
    // The lists that hold the address, how far the device comes, and the row that decides.
    let table: [(&[&str], Passage, Option<&str>); 12] = [
        (&[], Open, None),
        (&["active"], Open, None),
        (&["active", "fup"], Slowed, Some("*2")),
        (&["habis"], Cut, Some("*1")),
        (&["active", "habis"], Cut, Some("*2")),
        (&["habis", "expired"], Cut, Some("*2")),
        (&["expired", "unauthorized"], Cut, Some("*2")),
        (&["unauthorized", "inactive"], Cut, Some("*2")),
        (&["inactive", "blocked"], Cut, Some("*2")),
        (&["blocked", "active", "fup"], Cut, Some("*1")),
        (&["somebody's"], Open, None),
        (&["fup", "unauthorized"], Cut, Some("*2")),
    ];
    for (lists, passage, id) in table {
        let mut place = online();
        for list in lists {
            place = place.entry(list, ADDRESS, "note");
        }
        let device = first(&place);
        assert_eq!(device.passage, passage, "{lists:?}");
        let cause = &device.verdict.cause;
        assert_eq!(
            cause.list.as_ref().and(cause.id.as_deref()),
            id,
            "{lists:?}"
        );
    }
}

#[test]
fn networks_and_ranges_cover_an_address_and_disabled_rows_do_not() {
    let over = |address: &str| first(&online().entry("blocked", address, "note"));
    for address in [
        ADDRESS,
        "172.16.2.0/24",
        "172.16.2.1-172.16.2.20",
        "172.16.0.0/12",
    ] {
        let device = over(address);
        assert_eq!(device.passage, Passage::Cut, "{address}");
        let cause = &device.verdict.cause;
        assert_eq!(cause.kind, CauseKind::RowOnList);
        assert_eq!(cause.address.as_deref(), Some(address));
    }
    for address in [
        "172.16.2.11",
        "172.16.3.0/24",
        "172.16.2.11-172.16.2.20",
        "example.com",
        "",
    ] {
        assert_eq!(over(address).passage, Passage::Open, "{address}");
    }
    let mut place = online().entry("blocked", ADDRESS, "note");
    place.router.address_list[0].fields.disabled = Some("true".to_owned());
    let device = first(&place);
    assert_eq!(device.passage, Passage::Open);
    assert_eq!(device.rows, [""; 0]);
}

#[test]
fn a_wide_row_is_nobodys_to_take_away_and_a_row_of_the_address_is_the_usage_syncs() {
    let wide = first(&online().entry("blocked", "172.16.2.0/24", "note"));
    assert_eq!(wide.verdict.changed_by, ChangedBy::Nobody);
    assert_eq!(wide.verdict.advice[0].word(), "remove_list_row");
    let own = first(&online().entry("blocked", ADDRESS, "note"));
    assert_eq!(own.verdict.changed_by, ChangedBy::UsageSync);
    assert_eq!(own.verdict.advice[0].word(), "wait");
    let site = online().entry("blocked", "172.16.2.0/24", "note").site();
    assert!(told(&site, &Circumstances::default()).rows[0].is_wide);
}

#[test]
fn a_wide_row_tells_how_many_rows_of_single_addresses_in_force_lie_under_it() {
    let table = [
        ("172.16.2.0/24", 3),
        ("172.16.2.9-172.16.2.10", 2),
        ("172.16.2.12-172.16.2.255", 0),
        ("0.0.0.0/0", 4),
        ("172.16.2.9", 0),
        ("example.com", 0),
    ];
    for (address, covered) in table {
        let mut place = online().entry("blocked", address, "note");
        for other in [
            "172.16.2.9",
            "172.16.2.10",
            "172.16.2.11",
            "172.16.3.0",
            "172.16.2.20",
        ] {
            place = place.entry("habis", other, "note");
        }
        let last = place.router.address_list.last_mut().unwrap();
        last.fields.disabled = Some("true".to_owned());
        let told = told(&place.site(), &Circumstances::default());
        assert_eq!(told.rows[0].covers, covered, "{address}");
    }
}

#[test]
fn bindings_decide_unless_the_host_says_that_it_passes() {
    use Passage::{Cut, Login, Open};
    let kinds = |kinds: &[(&str, bool)]| {
        let mut place = Place::new(user(1))
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0));
        for (kind, is_disabled) in kinds {
            place = place.binding(Binding {
                disabled: Some(is_disabled.to_string()),
                ..binding(MAC, kind)
            });
        }
        place
    };
    // The bindings of a MAC and whether they are disabled.
    let table: [(&[(&str, bool)], Passage); 8] = [
        (&[], Login),
        (&[("regular", false)], Login),
        (&[("", false)], Login),
        (&[("bypassed", false)], Open),
        (&[("bypassed", true)], Login),
        (&[("blocked", false)], Cut),
        (&[("bypassed", false), ("blocked", false)], Cut),
        (&[("bypassed", false), ("blocked", true)], Open),
    ];
    for (bindings, passage) in table {
        assert_eq!(first(&kinds(bindings)).passage, passage, "{bindings:?}");
    }
    let mut place = kinds(&[("blocked", false)]);
    place.router.hosts[0].fields.authorized = Some("true".to_owned());
    assert_eq!(first(&place).passage, Open, "logged in");
}

#[test]
fn a_login_fails_where_limits_are_left_or_the_hotspot_user_is_not_there() {
    let hotspot_user = |change: fn(&mut HotspotUser)| {
        let mut user = HotspotUser {
            name: "081200000001".to_owned(),
            ..HotspotUser::default()
        };
        change(&mut user);
        user
    };
    let place = |users: Vec<HotspotUser>, kind: &str| {
        let mut place = Place::new(user(1))
            .setting("HOTSPOT_BYPASS_STATUSES", "[]")
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, kind, 1));
        place.router.hotspot_users = numbered(users);
        first(&place)
    };
    let table = [
        (vec![], Effect::None),
        (vec![hotspot_user(|_| ())], Effect::None),
        (
            vec![hotspot_user(|user| user.limit_bytes = Some("1".to_owned()))],
            Effect::LoginFails,
        ),
        (
            vec![hotspot_user(|user| {
                user.limit_bytes = Some("1073741824".to_owned())
            })],
            Effect::None,
        ),
        (
            vec![hotspot_user(|user| {
                user.limit_uptime = Some("1s".to_owned())
            })],
            Effect::LoginFails,
        ),
        (
            vec![hotspot_user(|user| user.disabled = Some("true".to_owned()))],
            Effect::LoginFails,
        ),
        (
            vec![hotspot_user(|user| user.name = "somebody".to_owned())],
            Effect::LoginFails,
        ),
    ];
    for (users, effect) in table {
        let shown = format!("{users:?}");
        assert_eq!(
            place(users.clone(), "regular").verdict.effect,
            effect,
            "{shown}"
        );
        // It bites where a login is needed.
        assert_eq!(
            place(users, "bypassed").verdict.effect,
            Effect::None,
            "{shown}"
        );
    }
}

#[test]
fn whom_the_database_refuses_is_refused_rightly_by_the_cause_of_the_database() {
    let refused = |user: User| {
        Place::new(user)
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, "blocked", 1))
    };
    let reason = |text: &str| User {
        is_blocked: true,
        blocked_reason: Some(text.to_owned()),
        ..user(1)
    };
    let table = [
        (
            blocked_by_hand(1),
            CauseKind::DatabaseBlock,
            ChangedBy::Operator,
            "unblock",
        ),
        (
            reason("tunggakan_overdue|debt_mb=5"),
            CauseKind::DatabaseBlock,
            ChangedBy::Payment,
            "unblock",
        ),
        (
            User {
                is_active: false,
                ..user(1)
            },
            CauseKind::DatabaseBlock,
            ChangedBy::Operator,
            "activate",
        ),
        (
            User {
                is_approved: false,
                ..user(1)
            },
            CauseKind::DatabaseBlock,
            ChangedBy::Operator,
            "activate",
        ),
    ];
    for (user, kind, by, advice) in table {
        let verdict = first(&refused(user.clone())).verdict;
        assert_eq!(verdict.effect, Effect::CutOff, "{user:?}");
        assert!(verdict.is_right, "{user:?}");
        assert_eq!(
            (verdict.cause.kind, verdict.changed_by),
            (kind, by),
            "{user:?}"
        );
        assert_eq!(verdict.advice[0].word(), advice, "{user:?}");
    }
}

#[test]
fn quota_that_is_used_up_is_a_matter_of_payment() {
    let poor = || User {
        used_mb: 1024.0,
        ..user(1)
    };
    let place = || {
        Place::new(poor())
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, "regular", 1))
            .entry("habis", ADDRESS, "lpsaring|status=habis|user=081200000001")
    };
    for (state, advice) in [
        (None, "buy_quota"),
        (Some(PaymentState::Credited), "buy_quota"),
        (Some(PaymentState::Expired), "buy_quota"),
        (Some(PaymentState::Failed), "buy_quota"),
        (Some(PaymentState::Pending), "finish_payment"),
        (Some(PaymentState::NotCredited), "credit_payment"),
    ] {
        let payment = state.map(|state| Payment {
            order_id: "A-1".to_owned(),
            amount_rp: 50_000,
            at: None,
            state,
        });
        let circumstances = Circumstances {
            payments: payment
                .into_iter()
                .map(|payment| (id(1), payment))
                .collect(),
            ..Circumstances::default()
        };
        let verdict = &told(&place().site(), &circumstances).users[0].verdict;
        assert_eq!(verdict.cause.kind, CauseKind::NoPayment, "{state:?}");
        assert_eq!(verdict.cause.list.as_deref(), Some("habis"));
        let by = match state {
            Some(PaymentState::NotCredited) => ChangedBy::Operator,
            _ => ChangedBy::Payment,
        };
        assert_eq!(verdict.changed_by, by, "{state:?}");
        assert_eq!(verdict.advice[0].word(), advice, "{state:?}");
    }
    let mut place = place();
    place.router.address_list.clear();
    let verdict = first(&place).verdict;
    assert_eq!(
        verdict.effect,
        Effect::LetThrough,
        "no row: a login gives access"
    );
    assert_eq!(
        verdict.cause.list.as_deref(),
        Some("habis"),
        "the row that is missing"
    );
    assert_eq!(verdict.changed_by, ChangedBy::UsageSync);
}

#[test]
fn who_comes_further_than_is_right_lacks_a_row_or_has_a_binding_too_many() {
    let little = || User {
        purchased_mb: 8192,
        used_mb: 8000.0,
        ..user(1)
    };
    let poor = || User {
        used_mb: 1024.0,
        ..user(1)
    };
    let off = || User {
        is_active: false,
        ..user(1)
    };
    let bypass = |place: Place| place.host(bypassed(MAC)).binding(named(MAC, "bypassed", 1));
    let logged_in = |place: Place| {
        place.host(Host {
            authorized: Some("true".to_owned()),
            ..host(MAC, ADDRESS, 0)
        })
    };
    let of = |user: User| Place::new(user).device(device(1, MAC));
    let all_pass = |place: Place| place.setting("HOTSPOT_BYPASS_STATUSES", "active,habis");
    // What comes of it, the kind of the cause, the list that lacks the row, and what to do.
    let table = [
        (
            bypass(of(little())),
            Effect::None,
            CauseKind::RowOnList,
            Some("fup"),
            "wait",
        ),
        (
            bypass(of(poor())),
            Effect::LetThrough,
            CauseKind::BindingType,
            None,
            "wait",
        ),
        (
            bypass(all_pass(of(poor()))),
            Effect::LetThrough,
            CauseKind::RowOnList,
            Some("habis"),
            "wait",
        ),
        (
            bypass(of(off())),
            Effect::LetThrough,
            CauseKind::BindingType,
            None,
            "set_binding_type",
        ),
        (
            logged_in(of(off())),
            Effect::LetThrough,
            CauseKind::RowOnList,
            Some("inactive"),
            "end_session",
        ),
    ];
    for (number, (place, effect, kind, list, advice)) in table.iter().enumerate() {
        let verdict = first(place).verdict;
        assert!(!verdict.is_right, "{number}");
        assert_eq!(
            (verdict.effect, verdict.cause.kind),
            (*effect, *kind),
            "{number}"
        );
        assert_eq!(verdict.cause.list.as_deref(), *list, "{number}");
        assert_eq!(verdict.cause.id.is_none(), list.is_some(), "{number}");
        assert_eq!(verdict.advice[0].word(), *advice, "{number}");
    }
}

#[test]
fn an_automatic_block_whose_debt_is_gone_ends_with_the_next_usage_sync() {
    let lapsed = User {
        is_blocked: true,
        blocked_reason: Some("quota_debt_limit|debt_mb=600.00".to_owned()),
        ..user(1)
    };
    let place = Place::new(lapsed)
        .setting("QUOTA_DEBT_LIMIT_MB", "500")
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "regular", 1))
        .entry(
            "blocked",
            ADDRESS,
            "lpsaring|status=blocked|user=081200000001",
        );
    let verdict = first(&place).verdict;
    assert_eq!(verdict.effect, Effect::CutOff);
    assert_eq!(verdict.cause.kind, CauseKind::DatabaseBlock);
    assert_eq!(verdict.changed_by, ChangedBy::UsageSync);
}

#[test]
fn what_a_block_of_the_debt_limit_costs_is_the_debt_beyond_the_limit() {
    let over = User {
        is_blocked: true,
        blocked_reason: Some("quota_debt_limit|debt_mb=600.40".to_owned()),
        used_mb: 1624.4,
        ..user(1)
    };
    let place = Place::new(over)
        .setting("QUOTA_DEBT_LIMIT_MB", "500")
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "regular", 1))
        .entry(
            "blocked",
            ADDRESS,
            "lpsaring|status=blocked|user=081200000001",
        );
    let verdict = first(&place).verdict;
    assert_eq!(verdict.changed_by, ChangedBy::Payment);
    let advice = format!("{:?}", verdict.advice[0]);
    // 600.4 − 100 is still at the limit, 600.4 − 101 is below.
    assert_eq!(advice, "BuyQuota { least_mb: Some(101) }");
    assert_eq!(verdict.advice[1].cost(), Cost::SettlesDebts);
}

#[test]
fn a_dead_sync_is_the_cause_of_what_it_would_put_right() {
    let site = online().entry("habis", ADDRESS, "note").site();
    let dead = SyncHealth::Dead {
        since: "2026-11-26T12:00:00Z".parse().unwrap(),
    };
    for (sync, kind, advice) in [
        (SyncHealth::Runs, CauseKind::RowOnList, "wait"),
        (SyncHealth::Unknown, CauseKind::RowOnList, "wait"),
        (dead, CauseKind::SyncDead, "start_sync"),
    ] {
        let circumstances = Circumstances {
            sync,
            ..Circumstances::default()
        };
        let verdict = &told(&site, &circumstances).users[0].verdict;
        assert_eq!(verdict.cause.kind, kind);
        assert_eq!(verdict.changed_by, ChangedBy::UsageSync);
        assert_eq!(verdict.advice[0].word(), advice);
    }
    // What no sync would change is no matter of it.
    let site = online().entry("habis", "172.16.2.0/24", "note").site();
    let circumstances = Circumstances {
        sync: dead,
        ..Circumstances::default()
    };
    let verdict = &told(&site, &circumstances).users[0].verdict;
    assert_eq!(verdict.cause.kind, CauseKind::RowOnList);
}

#[test]
fn a_missing_setting_is_the_cause_where_the_portal_passes_over_the_address() {
    let place = |address: &str| {
        Place::new(user(1))
            .device(device(1, MAC))
            .host(Host {
                bypassed: Some("true".to_owned()),
                ..host(MAC, address, 0)
            })
            .binding(named(MAC, "bypassed", 1))
            .entry("blocked", address, "note")
    };
    let elsewhere = "10.20.0.11";
    let verdict = first(&place(elsewhere)).verdict;
    assert_eq!(verdict.cause.kind, CauseKind::SettingMissing);
    let setting = verdict.cause.setting.as_deref();
    assert_eq!(setting, Some("MIKROTIK_UNAUTHORIZED_CIDRS"));
    assert_eq!(verdict.advice[0].word(), "set_setting");
    let told = place(elsewhere).environment("MIKROTIK_UNAUTHORIZED_CIDRS", "172.16.2.0/23");
    assert_eq!(
        first(&told).verdict.cause.kind,
        CauseKind::RowOnList,
        "it is set"
    );
    let right = place(elsewhere).environment("MIKROTIK_UNAUTHORIZED_CIDRS", "10.20.0.0/16");
    assert_eq!(first(&right).verdict.changed_by, ChangedBy::UsageSync);
}

#[test]
fn the_first_task_that_changes_it_is_said() {
    // A strange host that has been there for an hour is not on the list yet.
    let place = Place::new(user(1)).host(Host {
        uptime: Some("1h".to_owned()),
        ..host(OTHER_MAC, ADDRESS, 0)
    });
    let told = told(&place.site(), &Circumstances::default());
    let verdict = &told.strangers[0].device.verdict;
    assert_eq!(verdict.cause.kind, CauseKind::UnknownDevice);
    assert_eq!(verdict.changed_by, ChangedBy::UnauthorizedSync);
    // An address on active and blocked loses one by the sync of unauthorised hosts, if its user is one
    // whom the usage sync passes over.
    let passed_over = User {
        role: "SUPER_ADMIN".to_owned(),
        ..user(1)
    };
    let place = Place::new(passed_over)
        .device(device(1, MAC))
        .host(bypassed(MAC))
        .entry("fup", ADDRESS, "note")
        .entry("active", ADDRESS, "note");
    let told = self::told(&place.site(), &Circumstances::default());
    assert_eq!(told.rows[1].removed_by, ChangedBy::UnauthorizedSync);
    assert_eq!(told.rows[0].removed_by, ChangedBy::Nobody);
}

#[test]
fn strange_devices_are_judged_by_whom_their_bindings_name() {
    let gone = Binding {
        comment: Some(
            "authorized|user=081299999999|uid=99999999-0000-4000-8000-000000000099".to_owned(),
        ),
        ..binding(OTHER_MAC, "bypassed")
    };
    let own = Binding {
        comment: Some("printer".to_owned()),
        ..binding(OTHER_MAC, "bypassed")
    };
    let strangers = |place: Place| told(&place.site(), &Circumstances::default()).strangers;
    let place = || Place::new(user(1)).host(bypassed(OTHER_MAC));

    let found = &strangers(place().binding(gone))[0];
    assert_eq!(found.device.verdict.effect, Effect::LetThrough);
    assert_eq!(
        found.owner,
        Owner::Gone("99999999-0000-4000-8000-000000000099".to_owned())
    );
    assert_eq!(found.device.verdict.advice[0].cost(), Cost::Disconnects);

    let found = &strangers(place().binding(own))[0];
    assert_eq!(
        found.device.verdict.effect,
        Effect::None,
        "the operator's own"
    );
    assert!(found.device.verdict.is_right);

    let found = &strangers(place())[0];
    assert_eq!(
        found.device.verdict.effect,
        Effect::LetThrough,
        "nothing says why it passes"
    );

    // A binding that names a user gives the device to the user, who has not allowed it.
    let site = place().binding(named(OTHER_MAC, "bypassed", 1)).site();
    let told = told(&site, &Circumstances::default());
    assert_eq!(told.strangers.len(), 0);
    let device = &told.users[0].devices[0];
    assert!(!device.is_stored && !device.is_authorized);
    assert_eq!(device.verdict.effect, Effect::LetThrough);
}

#[test]
fn a_device_that_two_users_have_comes_through_by_the_right_of_the_one_who_has_allowed_it() {
    let copy = Device {
        is_authorized: false,
        ..device(2, MAC)
    };
    let place = online().entry("active", ADDRESS, "note").user(user(2));
    let both = place.device(copy.clone()).site();
    let told_of_both = told(&both, &Circumstances::default());
    let verdict = &told_of_both.users[1].devices[0].verdict;
    assert_eq!((verdict.effect, verdict.is_right), (Effect::None, true));

    // Without the other user's word it comes through without a right.
    let alone = Place::new(user(2))
        .device(copy)
        .host(bypassed(MAC))
        .binding(named(MAC, "bypassed", 2));
    assert_eq!(first(&alone).verdict.effect, Effect::LetThrough);
}

#[test]
fn a_made_up_mac_is_known_by_its_second_digit() {
    for (mac, is_random) in [
        ("16:00:00:00:00:77", true),
        ("C2:00:00:00:00:77", true),
        ("AA:00:00:00:00:77", true),
        ("DE:00:00:00:00:77", true),
        ("44:00:00:00:00:77", false),
        ("D8:00:00:00:00:77", false),
        ("01:00:00:00:00:77", false),
    ] {
        let site = Place::new(user(1)).host(host(mac, ADDRESS, 0)).site();
        let told = told(&site, &Circumstances::default());
        assert_eq!(told.strangers[0].device.is_random(), is_random, "{mac}");
    }
}

#[test]
fn a_device_that_is_away_is_where_its_binding_its_lease_or_the_database_has_it() {
    let stored = || {
        Place::new(user(1)).device(Device {
            address: Some("172.16.2.20".to_owned()),
            ..device(1, MAC)
        })
    };
    let lease = |status: &str, comment: Option<&str>| Lease {
        mac: Some(MAC.to_owned()),
        address: Some("172.16.2.21".to_owned()),
        status: Some(status.to_owned()),
        comment: comment.map(str::to_owned),
        ..Lease::default()
    };
    let tied = Binding {
        address: Some("172.16.2.22".to_owned()),
        ..named(MAC, "bypassed", 1)
    };
    let table = [
        (stored(), "172.16.2.20"),
        (stored().lease(lease("bound", None)), "172.16.2.21"),
        (stored().lease(lease("waiting", None)), "172.16.2.20"),
        (
            stored().lease(lease("waiting", Some("lpsaring|static-dhcp|x"))),
            "172.16.2.21",
        ),
        (
            stored().lease(lease("bound", None)).binding(tied),
            "172.16.2.22",
        ),
        (stored().host(host(MAC, ADDRESS, 0)), ADDRESS),
    ];
    for (place, address) in table {
        let device = first(&place);
        assert_eq!(device.addresses, [address]);
        assert_eq!(device.is_online, address == ADDRESS);
    }
}

#[test]
fn a_user_whose_usage_is_no_number_is_unknown_and_one_without_devices_is_not() {
    let broken = User {
        used_mb: f64::NAN,
        ..user(1)
    };
    let site = Place::new(broken).device(device(1, MAC)).site();
    let access = told(&site, &Circumstances::default());
    assert_eq!(access.users[0].wanted, None);
    assert_eq!(access.users[0].verdict.changed_by, ChangedBy::Unknown);

    let verdict = |user: User| {
        let site = Place::new(user).site();
        told(&site, &Circumstances::default()).users[0]
            .verdict
            .clone()
    };
    assert_eq!(verdict(user(1)).effect, Effect::None);
    let blocked = verdict(blocked_by_hand(1));
    assert_eq!(blocked.effect, Effect::CutOff);
    assert_eq!(blocked.cause.kind, CauseKind::DatabaseBlock);
}

/// The whole way: a debt past its due date blocks, is settled, and the next usage sync runs.
#[test]
fn what_an_overdue_block_leaves_behind_is_found_once_the_debt_is_settled() {
    let mut place = online()
        .device(Device {
            is_authorized: false,
            address: Some("172.16.2.30".to_owned()),
            ..device(1, OTHER_MAC)
        })
        .host(host(OTHER_MAC, "172.16.2.30", 0));
    place.router.profiles = ["default", "inactive"].map(str::to_owned).to_vec();
    place.router.hotspot_users = vec![Row {
        id: "*1".to_owned(),
        fields: HotspotUser {
            name: "081200000001".to_owned(),
            profile: Some("default".to_owned()),
            ..HotspotUser::default()
        },
    }];
    place.debts = vec![Debt {
        user_id: id(1),
        amount_mb: 512,
        due: Some("2026-10-31".parse().unwrap()),
        is_paid: false,
    }];
    let site = place.site();
    let coming = &told(&site, &Circumstances::default()).users[0].coming;
    assert_eq!(coming[0].by, ChangedBy::OverdueBlock);

    let block = next_overdue_block(&site);
    let mut number = 0;
    let mut id_of = |menu: &str| {
        number += 1;
        format!("*{menu}-{number}")
    };
    let block = NextSync {
        users: block.users,
        address_list: block.address_list,
        bindings: block.bindings,
        hotspot_users: block.hotspot_users,
        ..NextSync::default()
    };
    let mut site = after(site, &block, |menu, _| id_of(menu));
    for host in &mut site.router.hosts {
        host.fields.bypassed = None;
    }
    let blocked = told(&site, &Circumstances::default());
    assert_eq!(
        blocked.users[0].verdict.cause.kind,
        CauseKind::DatabaseBlock
    );
    assert_eq!(blocked.users[0].verdict.changed_by, ChangedBy::Payment);

    // Settling changes the database only; the router follows at the next sync.
    site.debts[0].is_paid = true;
    site.users[0].is_blocked = false;
    site.users[0].blocked_reason = None;
    let settled = told(&site, &Circumstances::default());
    assert_eq!(settled.users[0].verdict.effect, Effect::CutOff);
    assert_eq!(settled.users[0].verdict.changed_by, ChangedBy::UsageSync);

    let said = next_sync(&site);
    let site = after(site, &said, |menu, _| id_of(menu));
    let free = told(&site, &Circumstances::default());
    let user = &free.users[0];
    assert_eq!(user.verdict.effect, Effect::None);
    assert!(user.is_login_shut, "the limits stay");
    let second = &user.devices[1].verdict;
    assert_eq!(second.effect, Effect::CutOff);
    assert!(!second.is_right, "it is blocked for a debt that is settled");
    assert_eq!(second.changed_by, ChangedBy::Nobody);
    assert_eq!(second.cause.kind, CauseKind::BindingType);
}

#[test]
fn a_row_that_blocks_a_device_for_itself_waits_for_consent() {
    let place = Place::new(user(1))
        .device(Device {
            is_authorized: false,
            ..device(1, MAC)
        })
        .host(host(MAC, ADDRESS, 0))
        .binding(Binding {
            comment: Some(format!(
                "pending-auth|user=081200000001|uid={}|role=USER",
                id(1)
            )),
            ..binding(MAC, "blocked")
        })
        .entry("blocked", ADDRESS, "pending-auth|user=081200000001");
    let verdict = first(&place).verdict;
    assert_eq!(verdict.effect, Effect::CutOff);
    assert!(verdict.is_right);
    assert_eq!(verdict.cause.kind, CauseKind::UnknownDevice);
    assert_eq!(verdict.advice[0].word(), "authorize_device");
}

#[test]
fn an_authorised_device_comes_before_one_that_is_not_allowed() {
    let place = online()
        .device(Device {
            is_authorized: false,
            ..device(1, OTHER_MAC)
        })
        .host(host(OTHER_MAC, "172.16.2.30", 0))
        .entry("blocked", "172.16.2.30", "pending-auth|user=081200000001");
    let told = told(&place.site(), &Circumstances::default());
    let user = &told.users[0];
    assert_eq!(user.devices[1].verdict.effect, Effect::CutOff);
    assert_eq!(user.verdict.effect, Effect::None);
}

#[test]
fn debts_are_told_as_a_block_for_them_counts_them() {
    let debtor = User {
        used_mb: 1100.5,
        offset_mb: 10,
        ..user(1)
    };
    let site = Place::new(debtor).site();
    let circumstances = Circumstances {
        manual_debt_mb: HashMap::from([(id(1), 2048)]),
        ..Circumstances::default()
    };
    let told = told(&site, &circumstances);
    assert_eq!(told.users[0].automatic_debt_mb, 66.5);
    assert_eq!(told.users[0].manual_debt_mb, 2048);
    assert_eq!(told.users[0].coming[0].by, ChangedBy::EndOfMonthBlock);
}

#[test]
fn a_row_of_a_list_tells_whose_it_is() {
    let entry = |comment: &str| ListEntry {
        list: "blocked".to_owned(),
        address: ADDRESS.to_owned(),
        comment: Some(comment.to_owned()),
        ..ListEntry::default()
    };
    let mut place = Place::new(user(1));
    place.router.address_list = numbered(vec![
        entry("lpsaring|status=blocked|user=081200000001"),
        entry("lpsaring|status=blocked|user=081299999999"),
        entry("note"),
        ListEntry {
            list: "somebody's".to_owned(),
            ..entry("note")
        },
    ]);
    let told = told(&place.site(), &Circumstances::default());
    let owners: Vec<&Owner> = told.rows.iter().map(|row| &row.owner).collect();
    let gone = Owner::Gone("081299999999".to_owned());
    assert_eq!(owners, [&Owner::User(id(1)), &gone, &Owner::Nobody]);
}
