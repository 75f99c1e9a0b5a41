//! The usage sync against what the portal's own did on made-up sites: `tests/sync-oracle/`.
//!
//! `cargo test -p portal --test sync -- --nocapture` prints recall and precision by kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::after::after;
use crate::fixture::{object, rows, site, text};
use crate::sync_oracle::{self, COLUMNS, MENUS};
use portal::sync::{
    ColumnValue, Fields, MenuDifference, NextSync, OverdueBlock, next_overdue_block, next_sync,
};
use serde_json::Value as Json;

/// Every change as a kind and what it is, as often as it happens.
type Changes = BTreeMap<(String, String), usize>;

const BASELINES: [&str; 3] = [
    "last_bytes_total",
    "last_hotspot_host_id",
    "last_hotspot_uptime_seconds",
];

#[test]
fn the_first_run_changes_what_the_portals_own_sync_changed() {
    let mut score = Score::default();
    for case in cases() {
        let said = next_sync(&site(&case));
        let name = case["case"].as_str().unwrap();
        score.compare(
            name,
            &said_changes(&said),
            &real_changes(&case["expected"]["sync"]),
        );
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

#[test]
fn the_sync_looks_at_the_users_that_it_looked_at_and_finds_them_where_it_found_them() {
    let mut wrong = Vec::new();
    for case in cases() {
        let said = next_sync(&site(&case));
        let real = &case["expected"]["sync"];
        let name = case["case"].as_str().unwrap();
        let looked_at: Vec<String> = said.looked_at.iter().map(ToString::to_string).collect();
        let listed: Vec<String> = rows(&real["looked_at"]).map(as_text).collect();
        assert_eq!(looked_at, listed, "{name}: the users looked at, in order");
        for (id, addresses) in &said.addresses {
            let addresses: BTreeSet<String> = addresses.iter().cloned().collect();
            let listed = rows(&real["addresses"][id.to_string()])
                .map(as_text)
                .collect();
            if addresses != listed {
                wrong.push(format!("{name} {id}: said {addresses:?}, was {listed:?}"));
            }
        }
        let by_name: BTreeSet<String> = said.by_name.iter().map(ToString::to_string).collect();
        let listed: BTreeSet<String> = rows(&real["by_name"]).map(as_text).collect();
        if by_name != listed {
            wrong.push(format!("{name}: by name {by_name:?}, was {listed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_second_run_right_after_changes_what_the_portals_own_second_run_changed() {
    let mut score = Score::default();
    for case in cases() {
        let first = next_sync(&site(&case));
        let mut ids = ids_of_added_rows(&case["expected"]["sync"]);
        let site = after(site(&case), &first, |menu, field| {
            let row = (menu.to_owned(), whole_row(menu, field));
            let ids = ids.get_mut(&row);
            ids.and_then(Vec::pop).expect("the first run is equal")
        });
        let name = case["case"].as_str().unwrap();
        let second = next_sync(&site);
        let real = real_changes(&case["expected"]["second"]);
        score.compare(name, &said_changes(&second), &real);
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

#[test]
fn the_overdue_block_changes_what_the_portals_own_task_changed() {
    let mut score = Score::default();
    for case in cases() {
        let Some(real) = case["expected"].get("overdue") else {
            continue;
        };
        let said = next_overdue_block(&site(&case));
        let name = case["case"].as_str().unwrap();
        let passwords: BTreeSet<String> =
            said.new_passwords.iter().map(ToString::to_string).collect();
        let listed = object(&real["users"]).iter();
        let listed: BTreeSet<String> = listed
            .filter(|(_, columns)| columns.get("mikrotik_password").is_some())
            .map(|(id, _)| id.clone())
            .collect();
        assert_eq!(passwords, listed, "{name}: new passwords");
        // The password is as random as it is secret.
        let mut real = real_changes(real);
        real.retain(|(_, what), _| !what.ends_with(" password <random>"));
        score.compare(name, &overdue_changes(said), &real);
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

/// An overdue block as what the sync would have to do for it.
fn overdue_changes(block: OverdueBlock) -> Changes {
    said_changes(&NextSync {
        users: block.users,
        address_list: block.address_list,
        bindings: block.bindings,
        hotspot_users: block.hotspot_users,
        ..NextSync::default()
    })
}

/// The router's ids of the rows that a run added, by menu and by what the row is.
fn ids_of_added_rows(real: &Json) -> BTreeMap<(String, String), Vec<String>> {
    let mut ids: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (name, _) in MENUS {
        for row in rows(&real["router"][name]["added"]) {
            let key = (name.to_owned(), whole_row(name, |field| text(row, field)));
            ids.entry(key).or_default().push(text(row, ".id").unwrap());
        }
    }
    ids
}

/// Of the real changes how many were said, and of the said ones how many are real.
#[derive(Default)]
struct Score {
    kinds: BTreeMap<String, [usize; 3]>,
    wrong: Vec<String>,
}

impl Score {
    fn compare(&mut self, case: &str, said: &Changes, real: &Changes) {
        let keys: BTreeSet<_> = said.keys().chain(real.keys()).collect();
        for key in keys {
            let said = said.get(key).copied().unwrap_or(0);
            let real = real.get(key).copied().unwrap_or(0);
            let counts = self.kinds.entry(key.0.clone()).or_default();
            counts[0] += real;
            counts[1] += said;
            counts[2] += said.min(real);
            if said != real {
                let (kind, what) = key;
                self.wrong
                    .push(format!("{case} {kind}: said {said}, real {real}: {what}"));
            }
        }
    }

    fn print(&self) {
        for (kind, [real, said, both]) in &self.kinds {
            let share = |of: usize| 100.0 * *both as f64 / of.max(1) as f64;
            println!(
                "{kind:32} {real:5} real, recall {:6.2} %, precision {:6.2} %",
                share(*real),
                share(*said)
            );
        }
    }
}

fn said_changes(said: &NextSync) -> Changes {
    let mut changes = Changes::new();
    let mut count = |kind: String, what: String| *changes.entry((kind, what)).or_default() += 1;
    for (id, columns) in &said.users {
        for change in columns {
            count(
                format!("users {}", change.column),
                format!("{id} {}", value(&change.after)),
            );
        }
    }
    for (id, columns) in &said.devices {
        for change in columns {
            count(
                format!("devices {}", change.column),
                format!("{id} {}", value(&change.after)),
            );
        }
    }
    for device in &said.enrolled {
        let address = device.address.clone().unwrap_or_default();
        count(
            "devices enrolled".to_owned(),
            format!(
                "{} {} {address} {}",
                device.user_id, device.mac, device.is_authorized
            ),
        );
    }
    menu("address-list", &said.address_list, &mut count);
    menu("ip-binding", &said.bindings, &mut count);
    menu("hotspot-user", &said.hotspot_users, &mut count);
    menu("dhcp-lease", &said.leases, &mut count);
    changes
}

fn menu<T: Fields>(
    name: &str,
    difference: &MenuDifference<T>,
    count: &mut impl FnMut(String, String),
) {
    for id in &difference.removed {
        count(format!("{name} removed"), id.clone());
    }
    for row in &difference.added {
        count(format!("{name} added"), whole_row(name, field_of(row)));
    }
    for (id, fields) in &difference.changed {
        for change in fields {
            let after = change.after.clone().unwrap_or_default();
            count(
                format!("{name} changed"),
                format!("{id} {} {after}", change.field),
            );
        }
    }
}

/// A row's fields by name.
fn field_of<T: Fields>(row: &T) -> impl Fn(&str) -> Option<String> {
    |name| {
        let fields = row.fields().into_iter();
        let mut named = fields.filter(|(field, _)| *field == name);
        named.next()?.1.map(str::to_owned)
    }
}

fn real_changes(real: &Json) -> Changes {
    let mut changes = Changes::new();
    let mut count = |kind: String, what: String| *changes.entry((kind, what)).or_default() += 1;
    for (id, columns) in object(&real["users"]) {
        for column in COLUMNS {
            let whole = match column {
                "blocked_reason" => "blocked_reason_full",
                other => other,
            };
            if let Some(change) = columns.get(whole).or_else(|| columns.get(column)) {
                count(
                    format!("users {column}"),
                    format!("{id} {}", json_value(&change[1])),
                );
            }
        }
    }
    for (id, columns) in object(&real["devices"]["changed"]) {
        for column in BASELINES {
            if let Some(change) = columns.get(column) {
                count(
                    format!("devices {column}"),
                    format!("{id} {}", json_value(&change[1])),
                );
            }
        }
    }
    for device in rows(&real["devices"]["added"]) {
        let field = |name| text(device, name).unwrap_or_default();
        count(
            "devices enrolled".to_owned(),
            format!(
                "{} {} {} {}",
                field("user_id"),
                field("mac_address"),
                field("ip_address"),
                device["is_authorized"]
            ),
        );
    }
    for (name, _) in MENUS {
        let menu = &real["router"][name];
        for id in rows(&menu["removed"]) {
            count(format!("{name} removed"), as_text(id));
        }
        for row in rows(&menu["added"]) {
            let field = |field: &str| text(row, field);
            count(format!("{name} added"), whole_row(name, field));
        }
        for (id, fields) in object(&menu["changed"]) {
            for (field, change) in object(fields) {
                let after = change[1].as_str().unwrap_or_default();
                count(format!("{name} changed"), format!("{id} {field} {after}"));
            }
        }
    }
    changes
}

/// A new row as one text; `disabled=false` is what the router means where it says nothing.
fn whole_row(menu: &str, field: impl Fn(&str) -> Option<String>) -> String {
    let (_, names) = MENUS.into_iter().find(|(name, _)| *name == menu).unwrap();
    let text = |name| match (field(name), name) {
        (None, "disabled") => "false".to_owned(),
        (text, _) => text.unwrap_or_default(),
    };
    let fields = names
        .split(' ')
        .map(|name| format!("{name}={}", text(name)));
    fields.collect::<Vec<_>>().join(" ")
}

fn value(value: &ColumnValue) -> String {
    match value {
        ColumnValue::Null => "null".to_owned(),
        ColumnValue::Truth(truth) => truth.to_string(),
        ColumnValue::Whole(number) => number.to_string(),
        ColumnValue::Decimal(number) => number.to_string(),
        ColumnValue::Text(text) => text.clone(),
    }
}

fn json_value(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    }
}

fn as_text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

fn cases() -> Vec<Json> {
    sync_oracle::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}
