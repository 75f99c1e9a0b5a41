//! Sites that tests put together.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portal::setting::{Settings, StoredSetting};
use portal::sync::{Arp, Binding, Debt, Device, Host, Lease, ListEntry, Router, Row, Site, User};
use portal::user_id::UserId;

pub const MAC: &str = "0A:5E:1C:00:00:01";
pub const OTHER_MAC: &str = "0A:5E:1C:00:00:02";
pub const ADDRESS: &str = "172.16.2.10";

/// A site in the making: one user on a router with nothing on it.
pub struct Place {
    now: Timestamp,
    stored: HashMap<String, StoredSetting>,
    environment: BTreeMap<String, String>,
    users: Vec<User>,
    pub devices: Vec<Device>,
    pub debts: Vec<Debt>,
    pub router: Router,
    pub baselines: HashMap<String, String>,
}

impl Place {
    pub fn new(user: User) -> Place {
        Place {
            now: "2026-11-27T12:00:00Z".parse().unwrap(),
            stored: HashMap::new(),
            environment: BTreeMap::new(),
            users: vec![user],
            devices: Vec::new(),
            debts: Vec::new(),
            router: Router::default(),
            baselines: HashMap::new(),
        }
    }

    pub fn setting(mut self, name: &str, text: &str) -> Place {
        let setting = StoredSetting {
            value: Some(text.to_owned()),
            is_encrypted: false,
        };
        self.stored.insert(name.to_owned(), setting);
        self
    }

    pub fn environment(mut self, name: &str, text: &str) -> Place {
        self.environment.insert(name.to_owned(), text.to_owned());
        self
    }

    pub fn user(mut self, user: User) -> Place {
        self.users.push(user);
        self
    }

    pub fn device(mut self, device: Device) -> Place {
        self.devices.push(device);
        self
    }

    pub fn host(mut self, host: Host) -> Place {
        push(&mut self.router.hosts, host);
        self
    }

    pub fn binding(mut self, binding: Binding) -> Place {
        push(&mut self.router.bindings, binding);
        self
    }

    pub fn lease(mut self, lease: Lease) -> Place {
        push(&mut self.router.leases, lease);
        self
    }

    pub fn arp(mut self, arp: Arp) -> Place {
        push(&mut self.router.arp, arp);
        self
    }

    pub fn entry(mut self, list: &str, address: &str, comment: &str) -> Place {
        let entry = ListEntry {
            list: list.to_owned(),
            address: address.to_owned(),
            comment: Some(comment.to_owned()),
            ..ListEntry::default()
        };
        push(&mut self.router.address_list, entry);
        self
    }

    pub fn at(mut self, now: &str) -> Place {
        self.now = now.parse().unwrap();
        self
    }

    pub fn site(&self) -> Site {
        Site {
            now: self.now,
            time_zone: TimeZone::get("Asia/Makassar").unwrap(),
            settings: Settings::new(self.stored.clone(), self.environment.clone(), None),
            users: self.users.clone(),
            devices: self.devices.clone(),
            debts: self.debts.clone(),
            router: self.router.clone(),
            byte_baselines: self.baselines.clone(),
        }
    }
}

pub fn id(number: u32) -> UserId {
    UserId::parse(&format!("00000000-0000-4000-8000-{number:012}")).unwrap()
}

/// A user who has 1024 MB and has used nothing.
pub fn user(number: u32) -> User {
    User {
        id: id(number),
        phone_number: format!("+62812{number:08}"),
        role: "USER".to_owned(),
        is_active: true,
        is_approved: true,
        is_blocked: false,
        blocked_reason: None,
        is_unlimited: false,
        purchased_mb: 1024,
        used_mb: 0.0,
        offset_mb: 0,
        expiry: None,
        server: Some("srv-user".to_owned()),
        profile: None,
    }
}

pub fn blocked_by_hand(number: u32) -> User {
    User {
        is_blocked: true,
        blocked_reason: Some("asked to".to_owned()),
        ..user(number)
    }
}

pub fn device(user: u32, mac: &str) -> Device {
    Device {
        id: format!("device {mac}"),
        user_id: id(user),
        mac: mac.to_owned(),
        address: None,
        is_authorized: true,
        last_seen: None,
        bytes: None,
        host_id: None,
        uptime_seconds: None,
    }
}

pub fn host(mac: &str, address: &str, bytes: i64) -> Host {
    Host {
        mac: mac.to_owned(),
        address: Some(address.to_owned()),
        bytes_in: Some(bytes.to_string()),
        ..Host::default()
    }
}

pub fn binding(mac: &str, kind: &str) -> Binding {
    Binding {
        mac: Some(mac.to_owned()),
        server: Some("srv-user".to_owned()),
        kind: Some(kind.to_owned()),
        ..Binding::default()
    }
}

/// A binding whose comment names a user.
pub fn named(mac: &str, kind: &str, user: u32) -> Binding {
    Binding {
        comment: Some(format!("x|uid={}", id(user))),
        ..binding(mac, kind)
    }
}

fn push<T>(rows: &mut Vec<Row<T>>, fields: T) {
    let id = format!("*{}", rows.len() + 1);
    rows.push(Row { id, fields });
}

pub fn numbered<T>(fields: Vec<T>) -> Vec<Row<T>> {
    let mut rows = Vec::new();
    for fields in fields {
        push(&mut rows, fields);
    }
    rows
}
