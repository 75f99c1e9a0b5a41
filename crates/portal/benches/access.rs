//! What it costs to tell the access of everybody: for a site, and for one ten times as large. Ten times
//! as long is linear; a large site costs somewhat more, as its indexes fit into no cache.
//!
//! `cargo bench -p portal --bench access`; `-- --users 500` makes the small site another one.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on panics")]

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portal::access::{Circumstances, Foretold, access, disagreements};
use portal::setting::{Settings, StoredSetting};
use portal::sync::{Binding, Device, ListEntry, Router, Row, Site, User};
use portal::user_id::UserId;

const USERS: usize = 50_000;
const TIMES: usize = 10;
const ROUNDS: usize = 3;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let given = words.iter().position(|word| word == "--users");
    let users = given.map_or(USERS, |place| words[place + 1].parse().unwrap());
    for (name, has_devices) in [("without devices", false), ("a device each", true)] {
        let small = cost(users, has_devices);
        let large = cost(users * TIMES, has_devices);
        println!(
            "{users} users, {} rows, {name}: {small:.0?}; {TIMES} times as many: {large:.0?}, {:.1} times as long",
            users * 2,
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
}

/// The shortest of some rounds.
fn cost(users: usize, has_devices: bool) -> Duration {
    let site = site(users, has_devices);
    let circumstances = Circumstances::default();
    let rounds = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        let foretold = Foretold::of(&site);
        let access = access(&site, &circumstances, &foretold);
        assert_eq!(access.users.len(), users);
        black_box(disagreements(&site, &access));
        begun.elapsed()
    });
    rounds.min().unwrap()
}

/// Every user has two rows on the blocked list, which for a tenth of them are stale; of those with a
/// device a third has a binding of the wrong type.
fn site(users: usize, has_devices: bool) -> Site {
    let devices = if has_devices { users } else { 0 };
    let settings = [
        ("QUOTA_DEBT_LIMIT_MB", "500"),
        ("ENABLE_MIKROTIK_OPERATIONS", "True"),
        ("ENABLE_OVERDUE_DEBT_BLOCK", "True"),
    ];
    let stored = settings.map(|(name, value)| {
        let value = Some(value.to_owned());
        let is_encrypted = false;
        (
            name.to_owned(),
            StoredSetting {
                value,
                is_encrypted,
            },
        )
    });
    let networks = r#"["10.0.0.0/8"]"#.to_owned();
    let environment = BTreeMap::from([("HOTSPOT_CLIENT_IP_CIDRS".to_owned(), networks)]);
    Site {
        now: Timestamp::UNIX_EPOCH,
        time_zone: TimeZone::UTC,
        settings: Settings::new(HashMap::from(stored), environment, None),
        users: (0..users).map(user).collect(),
        devices: (0..devices).map(device).collect(),
        debts: Vec::new(),
        router: Router {
            address_list: (0..users * 2).map(|row| entry(row, row % users)).collect(),
            bindings: (0..devices).map(binding).collect(),
            ..Router::default()
        },
        byte_baselines: HashMap::new(),
    }
}

fn user(user: usize) -> User {
    User {
        id: UserId::parse(&id(user)).unwrap(),
        phone_number: format!("+62{}", phone(user)),
        role: "USER".to_owned(),
        is_active: true,
        is_approved: true,
        is_blocked: !user.is_multiple_of(10),
        blocked_reason: None,
        is_unlimited: false,
        purchased_mb: 5120,
        used_mb: if user.is_multiple_of(7) {
            6000.25
        } else {
            1000.25
        },
        offset_mb: 0,
        expiry: None,
        server: None,
        profile: None,
    }
}

fn device(user: usize) -> Device {
    Device {
        id: format!("device {user}"),
        user_id: UserId::parse(&id(user)).unwrap(),
        mac: mac(user),
        address: Some(address(user)),
        is_authorized: true,
        last_seen: None,
        bytes: None,
        host_id: None,
        uptime_seconds: None,
    }
}

fn entry(row: usize, user: usize) -> Row<ListEntry> {
    let address = address(row);
    let tokens = format!(
        "user=0{}|uid={}|role=USER|ip={address}",
        phone(user),
        id(user)
    );
    Row {
        id: format!("*{row:X}"),
        fields: ListEntry {
            list: "blocked".to_owned(),
            comment: Some(format!(
                "lpsaring|status=blocked|{tokens}|date=04-07-2026|time=18:59:07"
            )),
            disabled: Some("false".to_owned()),
            timeout: None,
            address,
        },
    }
}

fn binding(user: usize) -> Row<Binding> {
    let kind = if user.is_multiple_of(3) {
        "blocked"
    } else {
        "regular"
    };
    Row {
        id: format!("*{user:X}"),
        fields: Binding {
            mac: Some(mac(user)),
            server: Some("all".to_owned()),
            kind: Some(kind.to_owned()),
            comment: Some(format!(
                "authorized|user=0{}|uid={}|role=USER",
                phone(user),
                id(user)
            )),
            disabled: Some("false".to_owned()),
            ..Binding::default()
        },
    }
}

fn id(user: usize) -> String {
    format!(
        "{:08x}-5a17-4e0d-9c3a-{user:012x}",
        (user as u32).wrapping_mul(2_654_435_761)
    )
}

/// A number without the country's code or the leading zero.
fn phone(user: usize) -> String {
    format!("8{:09}", 120_000_000 + user)
}

fn mac(user: usize) -> String {
    let [_, a, b, c] = (user as u32).to_be_bytes();
    format!("02:00:00:{a:02X}:{b:02X}:{c:02X}")
}

fn address(row: usize) -> String {
    let [_, a, b, c] = (row as u32 + 1).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}
