//! Values that the router writes in its own way, and fields that move by themselves, in changes.

use std::collections::{BTreeSet, HashSet};
use std::mem::discriminant;

use routeros_schema::{Kind, schema};
use serde_json::{Value, json};

use crate::change::Site;

/// Rows by menu: as a script gives them to `add`, and fields that it then sets, each value in a way
/// in which the router does not write it.
pub const WRITTEN: &[(&str, &str, &str)] = &[
    (
        "/ip/hotspot/ip-binding",
        r#"address: "10.9.9.9/32", "mac-address": "aa-bb-cc-dd-ee-ff", type: "bypassed", disabled: "no""#,
        r#"address: "10.9.8.0-10.9.8.255", "mac-address": "aa:bb:cc:dd:ee:0f", disabled: "yes""#,
    ),
    (
        "/ip/hotspot/ip-binding",
        r#"address: "192.168.4.0-192.168.5.255", server: "all""#,
        r#"address: "10.9.8.1-10.9.8.1""#,
    ),
    (
        "/ip/firewall/address-list",
        r#"list: "x", address: "192.168.4.0-192.168.5.255", comment: "x|user=0812345678", disabled: "no""#,
        r#"address: "10.9.9.9/32", disabled: "yes""#,
    ),
    (
        "/ip/firewall/address-list",
        r#"list: "x", address: "10.9.9.9/32", comment: "x|user=0812345678", timeout: "24:00:00""#,
        r#"comment: "until tomorrow|user=0812345678""#,
    ),
    (
        "/queue/simple",
        r#"name: "q", target: "10.0.0.9", "max-limit": "512k/512k", "burst-time": "60/0:01:00", parent: "none""#,
        r#"target: "10.0.0.7,10.0.0.8", "max-limit": "1M", priority: "7", disabled: "yes""#,
    ),
    (
        "/ip/hotspot/user",
        r#"name: "u", "limit-uptime": "24h", "mac-address": "aa-bb-cc-dd-ee-ff", server: "all""#,
        r#""limit-uptime": "1:00:00", "limit-bytes-in": "007", disabled: "yes""#,
    ),
    (
        "/ip/hotspot/user/profile",
        r#"name: "p", "session-timeout": "1:00:00", "add-mac-cookie": "yes", "idle-timeout": "none""#,
        r#""session-timeout": "24h", "transparent-proxy": "yes", "shared-users": "unlimited""#,
    ),
    (
        "/ip/dhcp-server/lease",
        r#"address: "10.0.0.9", "mac-address": "aa-bb-cc-dd-ee-ff", "lease-time": "0:10:00""#,
        r#""mac-address": "aa-bb-cc-dd-ee-0f", "block-access": "yes", "lease-time": "1:00:00""#,
    ),
    (
        "/ip/arp",
        r#"address: "10.0.0.9", interface: "ether1", "mac-address": "aa-bb-cc-dd-ee-ff", published: "no""#,
        r#""mac-address": "aa:bb:cc:dd:ee:0f", published: "yes""#,
    ),
    (
        "/ip/dns/static",
        r#"name: "a.example", address: "10.0.0.9", ttl: "24h""#,
        r#"ttl: "1:00:00""#,
    ),
    (
        "/ip/address",
        r#"address: "10.0.5.1", interface: "ether1""#,
        r#"address: "10.0.6.1""#,
    ),
    (
        "/system/script",
        r#"name: "s", policy: "write,read""#,
        r#"policy: "test,read""#,
    ),
    (
        "/system/scheduler",
        r#"name: "t", interval: "24:00:00", "on-event": "x""#,
        r#"interval: "90", disabled: "yes""#,
    ),
    (
        "/ppp/secret",
        r#"name: "s", "remote-address": "10.0.0.9", "limit-bytes-in": "007", password: "007""#,
        r#"disabled: "yes", password: "yes""#,
    ),
    (
        "/queue/simple",
        r#"name: "r", target: "10.0.0.9", "total-bucket-size": "0.10", time: "!8h-9h,mon""#,
        r#""bucket-size": "0.20/0.1", time: "!8h-9h""#,
    ),
    (
        "/ip/hotspot/profile",
        r#"name: "hp", "login-by": "http-chap,mac", "mac-auth-password": "no""#,
        r#""login-by": "trial,cookie,mac", "smtp-server": "10.0.0.25", "use-radius": "yes""#,
    ),
    (
        "/tool/netwatch",
        r#"host: "2001:DB8::1", type: "http-get", "http-codes": "0200-0299", port: "0443""#,
        r#""http-codes": "200-200", port: "08080""#,
    ),
    (
        "/system/scheduler",
        r#"name: "u", "start-date": "may/31/2026""#,
        r#""start-date": "jun/01/2026""#,
    ),
];

pub const UNDO: [&str; 6] = ["undo", "last", "--apply", "--yes", "--max-changes", "9"];
pub const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];

pub fn script(menu: &str, expression: &str) -> String {
    format!(
        r#"//! One change.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:{menu}"] }};
fn run(args) {{
    let menu = "{menu}";
    {expression};
    #{{ }}
}}"#
    )
}

/// What stands in the rows of a menu, under whatever ids, but for defaults: a field that nobody may
/// unset has its default again. A row that came back has a new age.
pub fn rows(site: &Site, menu: &str) -> BTreeSet<Vec<String>> {
    let own = [".id", "creation-time", "timeout"];
    let known = schema::menu(&menu.parse().unwrap()).unwrap();
    let field = |(name, value): (&[u8], &[u8])| {
        let name = String::from_utf8_lossy(name).into_owned();
        let value = String::from_utf8_lossy(value);
        // What is not said to be so is not so.
        let is_bool = known.kind(&name) == Kind::Bool;
        let default = known.field(&name).and_then(|field| field.default);
        let default = default.or(is_bool.then_some("false"));
        let counts = !own.contains(&name.as_str()) && default != Some(&value);
        counts.then(|| format!("{name}={value}"))
    };
    let rows = site.router.simulator.rows(menu);
    rows.iter()
        .map(|row| {
            let mut fields: Vec<String> = row.fields().filter_map(field).collect();
            fields.sort();
            fields
        })
        .collect()
}

#[test]
fn no_kind_that_can_be_written_is_missing_in_the_table() {
    let written = WRITTEN.iter().flat_map(|(menu, added, set)| {
        let known = schema::menu(&menu.parse().unwrap()).unwrap();
        let fields = added.split(", ").chain(set.split(", "));
        let names = fields.map(|field| field.split(':').next().unwrap().trim_matches('"'));
        names.flat_map(|name| known.field(name).unwrap().kind.parts())
    });
    let written: HashSet<_> = written.map(|kind| discriminant(&kind)).collect();
    for menu in schema::menus().filter(|menu| menu.verb("add").is_some()) {
        for field in menu.fields().filter(|field| field.is_settable()) {
            for part in field.kind.parts() {
                let is_there = written.contains(&discriminant(&part));
                assert!(is_there, "{part:?} of {} in {}", field.name, menu.path);
            }
        }
    }
}

pub fn statuses(report: &Value) -> Vec<&str> {
    let rows = report["changes"]["rows"].as_array().unwrap().iter();
    rows.map(|row| row["status"].as_str().unwrap()).collect()
}

/// Makes the one change of `script`, asks for it again, and undoes it.
pub fn is_made_once_and_undone(site: &Site, menu: &str, script: &str) {
    let before = rows(site, menu);
    let output = site.run(script, &APPLY).code(0);
    assert_eq!(statuses(&output.stdout_json()), ["applied"], "{output}");
    let made = rows(site, menu);
    assert_ne!(made, before, "{script}");
    let output = site.run(script, &[]).code(0);
    assert_eq!(
        statuses(&output.stdout_json()),
        ["skipped"],
        "{script}\n{output}"
    );
    let output = site.tikbook(&UNDO);
    assert_eq!(rows(site, menu), before, "{script}\n{output}");
    output.code(0);
}

#[test]
fn a_row_that_was_added_in_other_words_is_there_the_next_time_and_undo_takes_it() {
    for (menu, added, _) in WRITTEN {
        let site = Site::of(&json!({ *menu: [] }));
        let script = script(menu, &format!("mikrotik::add(menu, #{{ {added} }})"));
        is_made_once_and_undone(&site, menu, &script);
    }
}

#[test]
fn a_field_that_was_set_in_other_words_is_so_the_next_time_and_undo_sets_it_back() {
    for (menu, added, set) in WRITTEN {
        let site = Site::of(&json!({ *menu: [] }));
        let add = script(menu, &format!("mikrotik::add(menu, #{{ {added} }})"));
        site.run(&add, &APPLY).code(0);
        let set = format!(r#"mikrotik::set(menu, "*1", #{{ {set} }})"#);
        is_made_once_and_undone(&site, menu, &script(menu, &set));
    }
}

#[test]
fn a_row_that_was_removed_comes_back_with_all_that_the_router_made_of_it() {
    for (menu, added, _) in WRITTEN {
        let site = Site::of(&json!({ *menu: [] }));
        let add = script(menu, &format!("mikrotik::add(menu, #{{ {added} }})"));
        site.run(&add, &APPLY).code(0);
        let before = rows(&site, menu);
        let remove = script(menu, r#"mikrotik::remove(menu, "*1")"#);
        site.run(&remove, &APPLY).code(0);
        assert!(rows(&site, menu).is_empty(), "{menu}");
        let output = site.tikbook(&UNDO).code(0);
        assert_eq!(rows(&site, menu), before, "{menu}\n{output}");
    }
}

/// A menu, a row of it, the field that is set, and what moves: a field and its next value.
type Moving = (
    &'static str,
    Value,
    &'static str,
    Vec<(&'static str, Option<&'static str>)>,
);

/// A row, a change of it, and what moves in it meanwhile; nothing for a field that goes.
fn moving() -> Vec<Moving> {
    vec![
        (
            "/queue/simple",
            json!({ ".id": "*1", "name": "q", "target": "10.0.0.9/32", "bytes": "1/2",
                    "packets": "1/1", "rate": "0/0" }),
            r#"set(menu, "*1", #{ comment: "x" })"#,
            vec![
                ("bytes", Some("99/98")),
                ("packets", Some("9/8")),
                ("rate", Some("7/7")),
                ("queued-bytes", Some("1/1")),
            ],
        ),
        (
            "/interface",
            json!({ ".id": "*1", "name": "ether1", "type": "ether", "rx-byte": "1", "tx-byte": "2",
                    "fp-rx-byte": "1", "last-link-up-time": "2026-01-01 00:00:00" }),
            r#"set(menu, "*1", #{ comment: "x" })"#,
            vec![
                ("rx-byte", Some("10")),
                ("tx-byte", Some("20")),
                ("fp-rx-byte", Some("5")),
                ("tx-queue-drop", Some("1")),
            ],
        ),
        (
            "/ip/arp",
            json!({ ".id": "*1", "address": "10.0.0.9", "interface": "ether1",
                    "mac-address": "AA:BB:CC:DD:EE:FF", "status": "reachable", "complete": "true",
                    "dynamic": "false" }),
            r#"set(menu, "*1", #{ comment: "x" })"#,
            vec![("status", Some("stale")), ("complete", None)],
        ),
        (
            "/ip/hotspot/host",
            json!({ ".id": "*1", "address": "10.0.0.9", "mac-address": "AA:BB:CC:DD:EE:FF",
                    "server": "hs1", "uptime": "1m", "idle-time": "5s", "host-dead-time": "1s",
                    "bytes-in": "1", "packets-in": "1" }),
            r#"remove(menu, "*1")"#,
            vec![
                ("uptime", Some("2m")),
                ("idle-time", None),
                ("host-dead-time", Some("4s")),
                ("bytes-in", Some("77")),
                ("packets-in", Some("7")),
                ("bytes-out", Some("1")),
            ],
        ),
        (
            "/ip/hotspot/user",
            json!({ ".id": "*1", "name": "u", "uptime": "1m", "bytes-in": "1", "packets-out": "1" }),
            r#"set(menu, "*1", #{ comment: "x" })"#,
            vec![
                ("uptime", Some("3m")),
                ("bytes-in", Some("5")),
                ("packets-out", Some("6")),
            ],
        ),
        (
            "/ip/dhcp-server/lease",
            json!({ ".id": "*1", "address": "10.0.0.9", "mac-address": "AA:BB:CC:DD:EE:FF",
                    "expires-after": "5m", "last-seen": "1s" }),
            r#"set(menu, "*1", #{ comment: "x" })"#,
            vec![("expires-after", Some("9m")), ("last-seen", None)],
        ),
    ]
}

#[test]
fn what_moves_by_itself_does_not_make_a_plan_stale_or_an_undo_refuse() {
    for (menu, row, change, moves) in moving() {
        let site = Site::of(&json!({ menu: [row] }));
        let plan = site.state.path().join("plan.json");
        let plan = plan.to_str().unwrap();
        let move_on = || {
            site.router.simulator.edit(|state| {
                for (name, value) in &moves {
                    state.set(menu, "*1".parse().unwrap(), name, value.map(str::as_bytes));
                }
            });
        };
        let script = script(menu, &format!("mikrotik::{change}"));
        site.run(&script, &["--plan", plan]).code(0);
        move_on();
        site.apply(plan).code(0);
        if change.starts_with("set") {
            move_on();
            site.tikbook(&UNDO).code(0);
            let comments = site.router.simulator.rows(menu);
            let comment = comments.first().unwrap().get("comment");
            assert_eq!(comment.unwrap_or_default(), b"", "{menu}");
        }
    }
}

#[test]
fn what_a_person_changed_meanwhile_still_counts_in_a_row_with_counters() {
    let site = Site::of(&json!({ "/queue/simple": [
        { ".id": "*1", "name": "q", "target": "10.0.0.9/32", "max-limit": "512000/512000", "bytes": "1/2" },
    ] }));
    let script = script(
        "/queue/simple",
        r#"mikrotik::set(menu, "*1", #{ comment: "x" })"#,
    );
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    site.run(&script, &["--plan", plan]).code(0);
    site.router.simulator.edit(|state| {
        let theirs = Some(&b"1000000/1000000"[..]);
        state.set("/queue/simple", "*1".parse().unwrap(), "max-limit", theirs);
    });
    let output = site.apply(plan).code(5);
    assert!(output.to_string().contains("max-limit"), "{output}");
}

#[test]
fn a_key_that_rows_may_share_keeps_no_other_row_out() {
    // Two addresses of one name.
    let site = Site::of(&json!({ "/ip/dns/static": [] }));
    let add = |address: &str| {
        let add = format!(r#"mikrotik::add(menu, #{{ name: "a.example", address: "{address}" }})"#);
        script("/ip/dns/static", &add)
    };
    for address in ["10.0.0.8", "10.0.0.9"] {
        let output = site.run(&add(address), &APPLY).code(0);
        assert_eq!(statuses(&output.stdout_json()), ["applied"], "{output}");
    }
    for address in ["10.0.0.8", "10.0.0.9"] {
        let output = site.run(&add(address), &[]).code(0);
        assert_eq!(statuses(&output.stdout_json()), ["skipped"], "{output}");
    }
    site.tikbook(&UNDO).code(0);
    let rows = site.router.simulator.rows("/ip/dns/static");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows.first().unwrap().get("address"), Some(&b"10.0.0.8"[..]));
}
