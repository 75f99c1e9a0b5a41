//! The usage sync against what the portal's own did on made-up sites: `tests/sync-oracle/`.
//!
//! `cargo test -p portal --test sync -- --nocapture` prints recall and precision by kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::after::after;
use crate::fixture::{object, rows, site, text};
use crate::sync_oracle::{self, COLUMNS, MENUS};
use portal::sync::{
    ColumnValue, DebtBlock, Fields, MenuDifference, NextSync, ParityReport, Site,
    UnauthorizedCounts, next_overdue_block, next_parity_guard, next_sync, next_unauthorized_sync,
    parity_report,
};
use serde_json::{Value as Json, json};

/// Every change as a kind and what it is, as often as it happens.
type Changes = BTreeMap<(String, String), usize>;

const BASELINES: [&str; 3] = [
    "last_bytes_total",
    "last_hotspot_host_id",
    "last_hotspot_uptime_seconds",
];

#[test]
fn the_first_run_changes_what_the_portals_own_sync_changed() {
    let mut score = Score::of("usage sync");
    for case in cases() {
        let said = next_sync(&site(&case));
        let name = case["case"].as_str().unwrap();
        score.compare(
            name,
            &said_changes(&said),
            &real_changes(&case, &case["expected"]["sync"]),
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
    let mut score = Score::of("usage sync, again at once");
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
        let real = real_changes(&case, &case["expected"]["second"]);
        score.compare(name, &said_changes(&second), &real);
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

#[test]
fn the_overdue_block_changes_what_the_portals_own_task_changed() {
    let mut score = Score::of("overdue block");
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
        let mut real = real_changes(&case, real);
        real.retain(|(_, what), _| !what.ends_with(" password <random>"));
        score.compare(name, &overdue_changes(said), &real);
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

#[test]
fn the_sync_of_unauthorised_hosts_changes_and_counts_what_the_portals_own_task_did() {
    let mut score = Score::of("sync of unauthorised hosts");
    let mut counted = 0;
    for case in cases() {
        let Some(real) = case["expected"].get("unauthorized") else {
            continue;
        };
        let said = next_unauthorized_sync(&site(&case));
        let name = case["case"].as_str().unwrap();
        let numbers = object(&real["numbers"]);
        // A task that is switched off says nothing.
        let number = |name: &str| numbers.get(name).and_then(Json::as_u64).unwrap_or(0);
        for (word, count) in counts(&said.counts) {
            assert_eq!(count as u64, number(word), "{name}: {word}");
            counted += 1;
        }
        assert_eq!(
            said.wanted.len() as u64,
            number("desired_block_ips"),
            "{name}"
        );
        let said = said_changes(&NextSync {
            address_list: said.address_list,
            ..NextSync::default()
        });
        score.compare(name, &said, &real_changes(&case, real));
    }
    println!("{counted} numbers of the sync of unauthorised hosts");
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

/// The counts by the words of the task's line in the log.
fn counts(counts: &UnauthorizedCounts) -> [(&'static str, usize); 15] {
    [
        ("processed_hosts", counts.hosts),
        ("would_remove", counts.removed),
        ("forced_exempt_remove", counts.exempt_removed),
        ("forced_authorized_remove", counts.authorized_removed),
        ("forced_binding_dhcp_remove", counts.trusted_removed),
        (
            "forced_status_overlap_remove",
            counts.status_overlaps_removed,
        ),
        (
            "forced_critical_status_overlap_remove",
            counts.list_overlaps_removed,
        ),
        ("skipped_no_ip", counts.without_address),
        ("skipped_not_allowed", counts.elsewhere),
        ("skipped_exempt", counts.exempt),
        ("skipped_authorized_device_ip", counts.at_authorized_address),
        ("skipped_authorized_device_mac", counts.authorized_device),
        ("skipped_binding_dhcp_trusted", counts.trusted),
        ("skipped_authorized_or_bypassed", counts.let_through),
        ("skipped_low_uptime", counts.recent),
    ]
}

#[test]
fn the_parity_report_says_what_the_portals_own_report_said() {
    let mut items = 0;
    for case in cases() {
        let Some(real) = case["expected"].get("parity") else {
            continue;
        };
        let name = case["case"].as_str().unwrap();
        let report = parity_report(&site(&case));
        items += report.items.len();
        assert_eq!(said_report(&site(&case), &report), real["before"], "{name}");
    }
    println!("{items} items of the parity report");
    assert!(items > 0);
}

#[test]
fn the_parity_guard_changes_and_stores_what_the_portals_own_guard_did() {
    let mut score = Score::of("parity guard");
    for case in cases() {
        let Some(real) = case["expected"].get("parity") else {
            continue;
        };
        let name = case["case"].as_str().unwrap();
        let site = site(&case);
        let guard = next_parity_guard(&site);
        let Some(guard) = guard else {
            assert_eq!(real["last_report"], Json::Null, "{name}: is switched off");
            assert_eq!(real_changes(&case, real), Changes::new(), "{name}");
            continue;
        };
        let stored = &real["last_report"];
        let mut said = said_report(&site, &guard.stored);
        said["auto_remediation"] = json!({
            "enabled": true,
            "max_users": 10,
            "run_unauthorized_sync": true,
            "candidate_users": guard.attempted.len(),
            "attempted_users": guard.attempted.len(),
            "remediated_users": guard.repaired.len(),
            "failed_users": guard.attempted.len() - guard.repaired.len(),
            "skipped_missing_user": 0,
            "failure_samples": [],
            "unauthorized_sync_triggered": !guard.repaired.is_empty(),
            "unauthorized_sync_failed": false,
        });
        let said = (name, said);
        assert_eq!(said, (name, stored.clone()));
        let said = said_changes(&NextSync {
            address_list: guard.address_list,
            bindings: guard.bindings,
            leases: guard.leases,
            ..NextSync::default()
        });
        score.compare(name, &said, &real_changes(&case, real));
    }
    score.print();
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

/// A report in the portal's words.
fn said_report(site: &Site, report: &ParityReport) -> Json {
    let phones: BTreeMap<_, _> = site
        .users
        .iter()
        .map(|user| (user.id, &user.phone_number))
        .collect();
    let items = report.items.iter().map(|item| {
        let device = item.device.as_ref();
        let lists = device.map(|device| device.lists.iter());
        let lists = lists.into_iter().flatten().map(|kind| kind.word());
        let mismatches = item.mismatches.iter().map(|mismatch| mismatch.word());
        let actions = item.actions().into_iter().map(|action| action.word());
        json!({
            "user_id": item.user_id.to_string(),
            "phone_number": phones[&item.user_id],
            "mac": device.map(|device| &device.mac),
            "ip": device.and_then(|device| device.address.as_ref()),
            "app_status": item.status.word(),
            "expected_status": item.wanted_list().word(),
            "expected_binding_type": item.binding.word(),
            "actual_binding_type": device.and_then(|device| device.binding.as_ref()),
            "address_list_statuses": lists.collect::<Vec<_>>(),
            "mismatches": mismatches.collect::<Vec<_>>(),
            "auto_fixable": item.is_fixable(),
            "parity_relevant": item.is_relevant(),
            "actions": actions.collect::<Vec<_>>(),
        })
    });
    let summary = report.summary();
    let by_mismatch = summary.by_mismatch.into_iter();
    let by_mismatch =
        by_mismatch.map(|(mismatch, count)| (mismatch.word().to_owned(), count.into()));
    json!({
        "items": items.collect::<Vec<_>>(),
        "summary": {
            "users": summary.users,
            "mismatches": summary.mismatches,
            "mismatches_total": summary.items,
            "non_parity_mismatches": summary.items - summary.mismatches,
            "no_authorized_device_count": summary.without_device,
            "auto_fixable_items": summary.fixable,
            "mismatch_types": by_mismatch.collect::<serde_json::Map<_, _>>(),
        },
    })
}

/// An overdue block as what the sync would have to do for it.
fn overdue_changes(block: DebtBlock) -> Changes {
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

/// Of the real changes of a task how many were said, and of the said ones how many are real.
struct Score {
    task: &'static str,
    kinds: BTreeMap<String, [usize; 3]>,
    wrong: Vec<String>,
}

impl Score {
    fn of(task: &'static str) -> Score {
        Score {
            task,
            kinds: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

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

    /// Prints a line for each kind of change, and one for all of them, at once: tests run side by
    /// side.
    fn print(&self) {
        let mut table = format!("{}\n", self.task);
        let mut all = [0; 3];
        for (kind, counts) in &self.kinds {
            table += &line(kind, *counts);
            all = [0, 1, 2].map(|of| all[of] + counts[of]);
        }
        println!("{table}{}", line("all", all));
    }
}

fn line(kind: &str, [real, said, both]: [usize; 3]) -> String {
    let share = |of: usize| 100.0 * both as f64 / of.max(1) as f64;
    let (recall, precision) = (share(real), share(said));
    format!("  {kind:36} {real:5} real, recall {recall:6.2} %, precision {precision:6.2} %\n")
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

fn real_changes(case: &Json, real: &Json) -> Changes {
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
            // A list row keeps its address. The judge's router gave the id of its last row, which
            // the task had removed, to the next one that was added.
            if let (Some(address), "address-list") = (fields.get("address"), name) {
                count(format!("{name} removed"), id.clone());
                let field = |field: &str| match field {
                    "address" => address[1].as_str().map(str::to_owned),
                    "list" => listed(case, id),
                    field => fields[field][1].as_str().map(str::to_owned),
                };
                count(format!("{name} added"), whole_row(name, field));
                continue;
            }
            for (field, change) in object(fields) {
                let after = change[1].as_str().unwrap_or_default();
                count(format!("{name} changed"), format!("{id} {field} {after}"));
            }
        }
    }
    changes
}

/// The list of a row that the case begins with.
fn listed(case: &Json, id: &str) -> Option<String> {
    let mut entries = rows(&case["fixture"]["router"]["/ip/firewall/address-list"]);
    let row = entries.find(|row| row[".id"] == id)?;
    text(row, "list")
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

pub fn cases() -> Vec<Json> {
    sync_oracle::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}
