//! Where several things hold one device: all of them are named, and the one that stays longest decides.

use portal::access::{
    Advice, CauseKind, ChangedBy, Circumstances, DeviceAccess, Effect, Foretold, Passage, Payment,
    PaymentState, access,
};
use portal::block::BindingType;
use portal::list_name::ListKind;
use portal::sync::{Binding, Device, Host, HotspotUser, Row, User};

use crate::place::{ADDRESS, MAC, Place, binding, blocked_by_hand, device, host, id, named, user};

fn told(place: &Place, circumstances: &Circumstances) -> Vec<DeviceAccess> {
    let site = place.site();
    let told = access(&site, circumstances, &Foretold::of(&site));
    told.users.into_iter().next().unwrap().devices
}

fn first(place: &Place) -> DeviceAccess {
    told(place, &Circumstances::default()).remove(0)
}

/// A user's device on the network, bypassed by a binding that names the user.
fn online() -> Place {
    let bypassed = Host {
        bypassed: Some("true".to_owned()),
        ..host(MAC, ADDRESS, 0)
    };
    Place::new(user(1))
        .device(device(1, MAC))
        .host(bypassed)
        .binding(named(MAC, "bypassed", 1))
}

/// The ids of the causes with who takes each away, the deciding one first.
fn causes(device: &DeviceAccess) -> Vec<(String, &'static str)> {
    let verdict = &device.verdict;
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    let first = (id(&verdict.cause.id), verdict.changed_by.word());
    let others = verdict.other_causes.iter();
    let others = others.map(|other| (id(&other.cause.id), other.changed_by.word()));
    [first].into_iter().chain(others).collect()
}

fn removed(device: &DeviceAccess) -> Vec<&str> {
    let advice = device.verdict.advice.iter();
    advice
        .filter_map(|step| match step {
            Advice::RemoveListRow(id) | Advice::RemoveBinding { id, .. } => Some(id.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn of_several_rows_the_one_that_stays_after_the_sync_decides() {
    const WIDE: &str = "172.16.2.8/29";
    const RANGE: &str = "172.16.2.9-172.16.2.12";
    type OfRows = (
        &'static [(&'static str, &'static str)],
        &'static [&'static str],
        ChangedBy,
    );
    let table: [OfRows; 7] = [
        (&[("blocked", ADDRESS)], &["*1"], ChangedBy::UsageSync),
        (
            &[("blocked", ADDRESS), ("blocked", WIDE)],
            &["*2", "*1"],
            ChangedBy::Nobody,
        ),
        (
            &[("blocked", WIDE), ("blocked", ADDRESS)],
            &["*1", "*2"],
            ChangedBy::Nobody,
        ),
        (
            &[("blocked", ADDRESS), ("habis", RANGE)],
            &["*2", "*1"],
            ChangedBy::Nobody,
        ),
        (
            &[("habis", RANGE), ("blocked", WIDE), ("expired", ADDRESS)],
            &["*2", "*1", "*3"],
            ChangedBy::Nobody,
        ),
        (
            &[("fup", ADDRESS), ("fup", WIDE)],
            &["*2", "*1"],
            ChangedBy::Nobody,
        ),
        (
            &[("expired", ADDRESS), ("unauthorized", ADDRESS)],
            &["*2", "*1"],
            ChangedBy::UsageSync,
        ),
    ];
    for (rows, expected, by) in table {
        let mut place = online();
        for (list, address) in rows {
            place = place.entry(list, address, "note");
        }
        let device = first(&place);
        assert!(!device.verdict.is_right, "{rows:?}");
        assert_eq!(device.verdict.changed_by, by, "{rows:?}");
        let causes: Vec<String> = causes(&device).into_iter().map(|(id, _)| id).collect();
        assert_eq!(causes, expected, "{rows:?}");
        // What a task takes away nobody need take away by hand.
        let by_hand: Vec<&str> = match by {
            ChangedBy::Nobody => {
                let stays = expected.iter().filter(|id| {
                    let others = &device.verdict.other_causes;
                    others.iter().all(|other| {
                        other.cause.id.as_deref() != Some(**id)
                            || other.changed_by == ChangedBy::Nobody
                    })
                });
                stays.copied().collect()
            }
            _ => Vec::new(),
        };
        assert_eq!(removed(&device), by_hand, "{rows:?}");
    }
}

#[test]
fn a_binding_that_no_task_sees_decides_before_a_row_that_the_sync_takes_away() {
    let place = Place::new(user(1))
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "bypassed", 1))
        .binding(Binding {
            server: Some("all".to_owned()),
            ..binding(MAC, "blocked")
        })
        .entry("habis", ADDRESS, "lpsaring|status=habis|user=081200000001");
    let device = first(&place);
    assert_eq!(device.verdict.cause.kind, CauseKind::BindingType);
    assert_eq!(
        causes(&device),
        [("*2".to_owned(), "nobody"), ("*1".to_owned(), "usage_sync")]
    );
    assert_eq!(removed(&device), ["*2"]);
}

#[test]
fn where_each_thing_has_a_task_of_its_own_the_last_one_changes_it() {
    // The sync takes the host to be at its own address, the guard where it is translated to.
    const EXEMPT: &str = "172.16.2.5";
    let mut place = online().entry("blocked", ADDRESS, "note").entry(
        "unauthorized",
        EXEMPT,
        "lpsaring:unauthorized mac=x uptime=1m",
    );
    place.router.hosts[0].fields.to_address = Some(EXEMPT.to_owned());
    let device = first(&place);
    assert_eq!(
        causes(&device),
        [
            ("*2".to_owned(), "parity_guard"),
            ("*1".to_owned(), "usage_sync")
        ]
    );
    assert_eq!(device.verdict.advice, [Advice::Wait]);
}

#[test]
fn a_login_that_fails_afterwards_is_named_where_one_is_wanted() {
    let place = |bypass: &str, wanted: &str| {
        let mut place = Place::new(user(1))
            .setting("HOTSPOT_BYPASS_STATUSES", wanted)
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, bypass, 1))
            .entry("blocked", ADDRESS, "note");
        place.router.hotspot_users = vec![Row {
            id: "*7".to_owned(),
            fields: HotspotUser {
                name: "081200000001".to_owned(),
                limit_bytes: Some("1".to_owned()),
                ..HotspotUser::default()
            },
        }];
        first(&place)
    };
    let with_login = place("regular", "[]");
    assert_eq!(
        causes(&with_login),
        [("*1".to_owned(), "usage_sync"), ("*7".to_owned(), "nobody")]
    );
    let bypassed = place("regular", "active");
    assert_eq!(causes(&bypassed), [("*1".to_owned(), "usage_sync")]);
}

#[test]
fn what_holds_whom_the_database_blocks_does_not_change_the_cause() {
    let place = Place::new(blocked_by_hand(1))
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(named(MAC, "blocked", 1))
        .entry("blocked", "172.16.2.8/29", "note")
        .entry(
            "blocked",
            ADDRESS,
            "lpsaring|status=blocked|user=081200000001",
        );
    let device = first(&place);
    assert!(device.verdict.is_right);
    assert_eq!(device.verdict.cause.kind, CauseKind::DatabaseBlock);
    assert_eq!(device.verdict.changed_by, ChangedBy::Operator);
    // The row of the portal and the binding are as they should be; the network is somebody's.
    let others = device.verdict.other_causes.iter();
    let others: Vec<_> = others.map(|other| other.cause.id.as_deref()).collect();
    assert_eq!(others, [Some("*1")], "{:?}", device.verdict);
}

/// By the comment of its binding the portal finds the user of a device: it goes on naming the user.
#[test]
fn a_binding_that_names_a_user_gets_another_type_and_is_not_removed() {
    let off = || User {
        is_active: false,
        ..user(1)
    };
    let bypass = |user: User, binding: Binding| {
        Place::new(user)
            .device(device(1, MAC))
            .host(Host {
                bypassed: Some("true".to_owned()),
                ..host(MAC, ADDRESS, 0)
            })
            .binding(binding)
    };
    let left = || {
        let comment = format!("blocked|debt-overdue|user=081200000001|uid={}", id(1));
        Place::new(user(1))
            .device(Device {
                is_authorized: false,
                ..device(1, MAC)
            })
            .host(host(MAC, ADDRESS, 0))
            .binding(Binding {
                comment: Some(comment),
                ..binding(MAC, "blocked")
            })
    };
    let set = |to| {
        let disconnects = to == BindingType::Blocked;
        vec![Advice::SetBindingType {
            id: "*1".to_owned(),
            to,
            disconnects,
        }]
    };
    let remove = vec![Advice::RemoveBinding {
        id: "*1".to_owned(),
        disconnects: true,
    }];
    let table = [
        (
            bypass(off(), named(MAC, "bypassed", 1)),
            set(BindingType::Blocked),
        ),
        (bypass(off(), binding(MAC, "bypassed")), remove),
        (left(), set(BindingType::Regular)),
        // Who is not allowed is on the unauthorised list as well: the block that is left stays all the same.
        (
            left().entry(
                "unauthorized",
                ADDRESS,
                "lpsaring:unauthorized mac=x uptime=1m",
            ),
            set(BindingType::Regular),
        ),
    ];
    for (place, advice) in table {
        let verdict = first(&place).verdict;
        assert!(!verdict.is_right);
        assert_eq!(verdict.changed_by, ChangedBy::Nobody);
        assert_eq!(verdict.cause.kind, CauseKind::BindingType);
        let bindings = verdict.advice.into_iter();
        let bindings = bindings.filter(|step| step.word() != "remove_list_row");
        assert_eq!(bindings.collect::<Vec<_>>(), advice);
    }
}

#[test]
fn without_the_names_of_the_lists_nothing_is_told_but_what_bindings_do() {
    let in_doubt = |place: &Place, doubted: &[ListKind]| {
        let circumstances = Circumstances {
            doubted: doubted.to_vec(),
            ..Circumstances::default()
        };
        told(place, &circumstances).remove(0)
    };
    let all = [ListKind::Active, ListKind::Blocked, ListKind::Habis];
    let open = in_doubt(&online(), &all);
    let verdict = &open.verdict;
    assert_eq!(verdict.cause.kind, CauseKind::SettingMissing);
    assert_eq!(verdict.changed_by, ChangedBy::Unknown);
    assert!(!verdict.is_right);
    let settings = all.map(|list| Advice::SetSetting(list.setting()));
    assert_eq!(verdict.advice, settings);
    // A row on a list of such a name tells nothing either; another list does.
    let on = |list: &str| online().entry(list, ADDRESS, "note");
    let kind = |place: &Place| in_doubt(place, &all).verdict.cause.kind;
    assert_eq!(kind(&on("blocked")), CauseKind::SettingMissing);
    assert_eq!(kind(&on("expired")), CauseKind::RowOnList);
    let shut = Place::new(user(1))
        .device(device(1, MAC))
        .host(host(MAC, ADDRESS, 0))
        .binding(binding(MAC, "blocked"));
    assert_eq!(in_doubt(&shut, &all).passage, Passage::Cut);
    assert_ne!(kind(&shut), CauseKind::SettingMissing);
    // What is on the list of those who may be on the network makes no difference.
    let active = in_doubt(&online(), &[ListKind::Active]);
    assert_eq!(
        (active.verdict.effect, active.verdict.is_right),
        (Effect::None, true)
    );
}

#[test]
fn what_was_paid_and_not_given_an_administrator_gives_whatever_it_was_for() {
    let poor = User {
        used_mb: 1024.0,
        ..user(1)
    };
    let overdue = User {
        is_blocked: true,
        blocked_reason: Some("tunggakan_overdue|debt_mb=5".to_owned()),
        ..user(1)
    };
    let slow = User {
        purchased_mb: 8192,
        used_mb: 8000.0,
        ..user(1)
    };
    for (user, list) in [(poor, "habis"), (overdue, "blocked"), (slow, "fup")] {
        let kind = if list == "fup" { "bypassed" } else { "blocked" };
        let place = Place::new(user.clone())
            .device(device(1, MAC))
            .host(host(MAC, ADDRESS, 0))
            .binding(named(MAC, kind, 1))
            .entry(list, ADDRESS, "note");
        for (state, by, is_first) in [
            (PaymentState::NotCredited, ChangedBy::Operator, true),
            (PaymentState::Credited, ChangedBy::Payment, false),
            (PaymentState::Pending, ChangedBy::Payment, false),
        ] {
            let payment = Payment {
                order_id: "A-1".to_owned(),
                amount_rp: 50_000,
                at: None,
                state,
            };
            let circumstances = Circumstances {
                payments: [(id(1), payment)].into(),
                ..Circumstances::default()
            };
            let verdict = told(&place, &circumstances).remove(0).verdict;
            assert!(verdict.is_right, "{list} {state:?}");
            assert_eq!(verdict.changed_by, by, "{list} {state:?}");
            let word = verdict.advice[0].word();
            assert_eq!(word == "credit_payment", is_first, "{list} {state:?}");
        }
    }
}
