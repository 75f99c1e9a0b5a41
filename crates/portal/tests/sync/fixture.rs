//! Made-up sites as they are written in files: a fixture of `tikbook test` as a `Site`.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use portal::setting::{Settings, StoredSetting};
use portal::sync::{
    Arp, Binding, Debt, Device, Host, HotspotUser, Lease, ListEntry, Router, Row, Site, User,
};
use portal::user_id::UserId;
use serde_json::{Map, Value as Json};

/// The site that a case's fixture and the variables of its processes describe.
pub fn site(case: &Json) -> Site {
    let fixture = &case["fixture"];
    let ran_at = case["expected"].get("ran_at").unwrap_or(&fixture["now"]);
    let redis = object(&fixture["redis"]).iter();
    let baseline = |(key, value): (&String, &Json)| {
        let mac = key.strip_prefix("quota:last_bytes:mac:")?;
        Some((mac.to_owned(), value.as_str()?.to_owned()))
    };
    Site {
        now: ran_at.as_str().unwrap().parse().unwrap(),
        time_zone: TimeZone::get(fixture["time_zone"].as_str().unwrap()).unwrap(),
        settings: settings(&fixture["settings"], &case["env"]),
        users: rows(&fixture["database"]["users"]).map(user).collect(),
        devices: rows(&fixture["database"]["user_devices"])
            .map(device)
            .collect(),
        debts: rows(&fixture["database"]["user_quota_debts"])
            .map(debt)
            .collect(),
        router: router(&fixture["router"]),
        byte_baselines: redis.filter_map(baseline).collect(),
    }
}

fn settings(stored: &Json, environment: &Json) -> Settings {
    let stored: HashMap<String, StoredSetting> = object(stored)
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().map(str::to_owned);
            let setting = StoredSetting {
                value,
                is_encrypted: false,
            };
            (name.clone(), setting)
        })
        .collect();
    let environment: BTreeMap<String, String> = object(environment)
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    Settings::new(stored, environment, None)
}

fn user(row: &Json) -> User {
    User {
        id: UserId::parse(row["id"].as_str().unwrap()).unwrap(),
        phone_number: text(row, "phone_number").unwrap_or_default(),
        role: text(row, "role").unwrap(),
        is_active: row["is_active"].as_bool().unwrap(),
        is_approved: row["approval_status"] == "APPROVED",
        is_blocked: row["is_blocked"].as_bool().unwrap(),
        blocked_reason: text(row, "blocked_reason"),
        is_unlimited: row["is_unlimited_user"].as_bool().unwrap(),
        purchased_mb: row["total_quota_purchased_mb"].as_i64().unwrap(),
        used_mb: row["total_quota_used_mb"].as_f64().unwrap(),
        offset_mb: row["auto_debt_offset_mb"].as_i64().unwrap(),
        expiry: text(row, "quota_expiry_date").map(|time| time.parse().unwrap()),
        server: text(row, "mikrotik_server_name"),
        profile: text(row, "mikrotik_profile_name"),
    }
}

fn device(row: &Json) -> Device {
    Device {
        id: text(row, "id").unwrap(),
        user_id: UserId::parse(row["user_id"].as_str().unwrap()).unwrap(),
        mac: text(row, "mac_address").unwrap(),
        address: text(row, "ip_address"),
        is_authorized: row["is_authorized"].as_bool().unwrap(),
        last_seen: text(row, "last_seen_at").and_then(|time| time.parse().ok()),
        bytes: row["last_bytes_total"].as_i64(),
        host_id: text(row, "last_hotspot_host_id"),
        uptime_seconds: row["last_hotspot_uptime_seconds"].as_i64(),
    }
}

fn debt(row: &Json) -> Debt {
    Debt {
        user_id: UserId::parse(row["user_id"].as_str().unwrap()).unwrap(),
        amount_mb: row["amount_mb"].as_i64().unwrap(),
        due: text(row, "due_date").map(|date| date.parse().unwrap()),
        is_paid: row["is_paid"].as_bool().unwrap() || row["paid_at"].is_string(),
    }
}

fn router(menus: &Json) -> Router {
    let profiles = rows(&menus["/ip/hotspot/user/profile"]);
    Router {
        address_list: menu(menus, "/ip/firewall/address-list", list_entry),
        bindings: menu(menus, "/ip/hotspot/ip-binding", binding),
        hosts: menu(menus, "/ip/hotspot/host", host),
        hotspot_users: menu(menus, "/ip/hotspot/user", |row| HotspotUser {
            name: text(row, "name").unwrap_or_default(),
            profile: text(row, "profile"),
            server: text(row, "server"),
            limit_bytes: text(row, "limit-bytes-total"),
            limit_uptime: text(row, "limit-uptime"),
            comment: text(row, "comment"),
            disabled: text(row, "disabled"),
        }),
        profiles: profiles.filter_map(|row| text(row, "name")).collect(),
        leases: menu(menus, "/ip/dhcp-server/lease", lease),
        arp: menu(menus, "/ip/arp", |row| Arp {
            mac: text(row, "mac-address"),
            address: text(row, "address"),
            comment: text(row, "comment"),
        }),
    }
}

fn menu<T>(menus: &Json, path: &str, read: impl Fn(&Json) -> T) -> Vec<Row<T>> {
    let read = |row: &Json| Row {
        id: text(row, ".id").unwrap(),
        fields: read(row),
    };
    rows(&menus[path]).map(read).collect()
}

fn list_entry(row: &Json) -> ListEntry {
    ListEntry {
        list: text(row, "list").unwrap_or_default(),
        address: text(row, "address").unwrap_or_default(),
        comment: text(row, "comment"),
        disabled: text(row, "disabled"),
        timeout: text(row, "timeout"),
    }
}

fn binding(row: &Json) -> Binding {
    Binding {
        mac: text(row, "mac-address"),
        address: text(row, "address"),
        server: text(row, "server"),
        kind: text(row, "type"),
        comment: text(row, "comment"),
        disabled: text(row, "disabled"),
    }
}

fn host(row: &Json) -> Host {
    Host {
        mac: text(row, "mac-address").unwrap_or_default(),
        address: text(row, "address"),
        to_address: text(row, "to-address"),
        uptime: text(row, "uptime"),
        idle_time: text(row, "idle-time"),
        bytes_in: text(row, "bytes-in"),
        bytes_out: text(row, "bytes-out"),
        authorized: text(row, "authorized"),
        bypassed: text(row, "bypassed"),
    }
}

fn lease(row: &Json) -> Lease {
    Lease {
        mac: text(row, "mac-address"),
        address: text(row, "address"),
        server: text(row, "server"),
        status: text(row, "status"),
        comment: text(row, "comment"),
        dynamic: text(row, "dynamic"),
        disabled: text(row, "disabled"),
    }
}

pub fn text(row: &Json, field: &str) -> Option<String> {
    row[field].as_str().map(str::to_owned)
}

pub fn rows(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

pub fn object(value: &Json) -> &Map<String, Json> {
    static EMPTY: std::sync::LazyLock<Map<String, Json>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY)
}
