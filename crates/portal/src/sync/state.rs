//! The state of a site, as the portal's tasks find it when they begin.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::difference::{ColumnChange, ColumnValue};
use crate::block::Account;
use crate::setting::Settings;
use crate::status::Access;
use crate::user_id::UserId;

/// Everything that decides what the next run of a task does.
pub struct Site {
    /// When the run begins.
    pub now: Timestamp,
    /// Where the portal's days begin and end.
    pub time_zone: TimeZone,
    /// The portal's settings over the environment of its processes.
    pub settings: Settings,
    /// The rows of `users`, in the order in which the database gives them.
    pub users: Vec<User>,
    /// The rows of `user_devices`, in the order in which the database gives them.
    pub devices: Vec<Device>,
    /// The rows of `user_quota_debts`.
    pub debts: Vec<Debt>,
    /// The router's menus.
    pub router: Router,
    /// The Redis keys `quota:last_bytes:mac:*`: MAC in upper case, and the text of the value.
    pub byte_baselines: HashMap<String, String>,
}

/// A row of `users`.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// `id`.
    pub id: UserId,
    /// `phone_number`.
    pub phone_number: String,
    /// `role`: USER, KOMANDAN, ADMIN or SUPER_ADMIN.
    pub role: String,
    /// `is_active`.
    pub is_active: bool,
    /// `approval_status` is APPROVED.
    pub is_approved: bool,
    /// `is_blocked`.
    pub is_blocked: bool,
    /// `blocked_reason`.
    pub blocked_reason: Option<String>,
    /// `is_unlimited_user`.
    pub is_unlimited: bool,
    /// `total_quota_purchased_mb`.
    pub purchased_mb: i64,
    /// `total_quota_used_mb`.
    pub used_mb: f64,
    /// `auto_debt_offset_mb`.
    pub offset_mb: i64,
    /// `quota_expiry_date`.
    pub expiry: Option<Timestamp>,
    /// `mikrotik_server_name`.
    pub server: Option<String>,
    /// `mikrotik_profile_name`.
    pub profile: Option<String>,
}

impl User {
    /// What the row says about blocking and quota.
    #[must_use]
    pub fn account(&self) -> Account<'_> {
        Account {
            role: &self.role,
            is_blocked: self.is_blocked,
            blocked_reason: self.blocked_reason.as_deref(),
            is_unlimited: self.is_unlimited,
            used_mb: self.used_mb,
            purchased_mb: self.purchased_mb,
            offset_mb: self.offset_mb,
        }
    }

    /// The row after these changes of its columns. Columns that are not part of it are passed over.
    #[must_use]
    pub fn after(&self, columns: &[ColumnChange]) -> User {
        let mut user = self.clone();
        let text = |value: &ColumnValue| match value {
            ColumnValue::Text(text) => Some(text.clone()),
            _ => None,
        };
        for ColumnChange { column, after, .. } in columns {
            match (*column, after) {
                ("is_blocked", ColumnValue::Truth(truth)) => user.is_blocked = *truth,
                ("blocked_reason", after) => user.blocked_reason = text(after),
                ("auto_debt_offset_mb", ColumnValue::Whole(offset)) => user.offset_mb = *offset,
                ("total_quota_used_mb", ColumnValue::Decimal(used)) => user.used_mb = *used,
                ("mikrotik_profile_name", after) => user.profile = text(after),
                _ => {}
            }
        }
        user
    }

    /// What the user's status is decided by, at `now`.
    #[must_use]
    pub fn access(&self, now: Timestamp) -> Access {
        Access {
            is_blocked: self.is_blocked,
            is_admitted: self.is_active && self.is_approved,
            is_expired: self.expiry.is_some_and(|expiry| expiry < now),
            is_unlimited: self.is_unlimited,
            purchased_mb: self.purchased_mb,
            used_mb: self.used_mb,
        }
    }
}

/// A row of `user_devices`.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// `id`.
    pub id: String,
    /// `user_id`.
    pub user_id: UserId,
    /// `mac_address`.
    pub mac: String,
    /// `ip_address`.
    pub address: Option<String>,
    /// `is_authorized`.
    pub is_authorized: bool,
    /// `last_seen_at`.
    pub last_seen: Option<Timestamp>,
    /// `last_bytes_total`.
    pub bytes: Option<i64>,
    /// `last_hotspot_host_id`.
    pub host_id: Option<String>,
    /// `last_hotspot_uptime_seconds`.
    pub uptime_seconds: Option<i64>,
}

/// A row of `user_quota_debts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// `user_id`.
    pub user_id: UserId,
    /// `amount_mb`.
    pub amount_mb: i64,
    /// `due_date`.
    pub due: Option<Date>,
    /// `is_paid`, or `paid_at` has a time.
    pub is_paid: bool,
}

/// The router's menus that the portal's tasks read, each in the router's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Router {
    /// `/ip/firewall/address-list`, all lists.
    pub address_list: Vec<Row<ListEntry>>,
    /// `/ip/hotspot/ip-binding`.
    pub bindings: Vec<Row<Binding>>,
    /// `/ip/hotspot/host`.
    pub hosts: Vec<Row<Host>>,
    /// `/ip/hotspot/user`.
    pub hotspot_users: Vec<Row<HotspotUser>>,
    /// The names in `/ip/hotspot/user/profile`.
    pub profiles: Vec<String>,
    /// `/ip/dhcp-server/lease`.
    pub leases: Vec<Row<Lease>>,
    /// `/ip/arp`.
    pub arp: Vec<Row<Arp>>,
}

/// A row of a menu: the router's id, and the fields in the router's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// `.id`.
    pub id: String,
    /// The other fields.
    pub fields: T,
}

/// A row of an address-list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListEntry {
    /// `list`.
    pub list: String,
    /// `address`: an address, a network or a range.
    pub address: String,
    /// `comment`.
    pub comment: Option<String>,
    /// `disabled`.
    pub disabled: Option<String>,
    /// `timeout`.
    pub timeout: Option<String>,
}

/// A row of the hotspot's ip-bindings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// `mac-address`.
    pub mac: Option<String>,
    /// `address`.
    pub address: Option<String>,
    /// `server`.
    pub server: Option<String>,
    /// `type`.
    pub kind: Option<String>,
    /// `comment`.
    pub comment: Option<String>,
    /// `disabled`.
    pub disabled: Option<String>,
}

/// A row of the hotspot's hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// `mac-address`.
    pub mac: String,
    /// `address`.
    pub address: Option<String>,
    /// `to-address`.
    pub to_address: Option<String>,
    /// `uptime`, as the router writes it: `1h5m`.
    pub uptime: Option<String>,
    /// `idle-time`.
    pub idle_time: Option<String>,
    /// `bytes-in`.
    pub bytes_in: Option<String>,
    /// `bytes-out`.
    pub bytes_out: Option<String>,
    /// `authorized`.
    pub authorized: Option<String>,
    /// `bypassed`.
    pub bypassed: Option<String>,
}

/// A row of the hotspot's users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HotspotUser {
    /// `name`.
    pub name: String,
    /// `profile`.
    pub profile: Option<String>,
    /// `server`.
    pub server: Option<String>,
    /// `limit-bytes-total`.
    pub limit_bytes: Option<String>,
    /// `limit-uptime`.
    pub limit_uptime: Option<String>,
    /// `comment`.
    pub comment: Option<String>,
    /// `disabled`.
    pub disabled: Option<String>,
}

/// A row of the DHCP server's leases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// `mac-address`.
    pub mac: Option<String>,
    /// `address`.
    pub address: Option<String>,
    /// `server`.
    pub server: Option<String>,
    /// `status`.
    pub status: Option<String>,
    /// `comment`.
    pub comment: Option<String>,
    /// `dynamic`.
    pub dynamic: Option<String>,
    /// `disabled`.
    pub disabled: Option<String>,
}

/// A row of the ARP table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arp {
    /// `mac-address`.
    pub mac: Option<String>,
    /// `address`.
    pub address: Option<String>,
    /// `comment`.
    pub comment: Option<String>,
}

/// A row whose fields can be told, and written, by name.
pub trait Fields {
    /// Every field that a task can write, with the router's name for it.
    fn fields(&self) -> Vec<(&'static str, Option<&str>)>;

    /// Gives a field another value, `None` for none. A name that is not among `fields` is passed over.
    fn set(&mut self, field: &str, value: Option<String>);
}

impl Fields for ListEntry {
    fn fields(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("list", Some(&self.list)),
            ("address", Some(&self.address)),
            ("comment", self.comment.as_deref()),
            ("disabled", self.disabled.as_deref()),
            ("timeout", self.timeout.as_deref()),
        ]
    }

    fn set(&mut self, field: &str, value: Option<String>) {
        match field {
            "list" => self.list = value.unwrap_or_default(),
            "address" => self.address = value.unwrap_or_default(),
            "comment" => self.comment = value,
            "disabled" => self.disabled = value,
            "timeout" => self.timeout = value,
            _ => {}
        }
    }
}

impl Fields for Binding {
    fn fields(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("mac-address", self.mac.as_deref()),
            ("address", self.address.as_deref()),
            ("server", self.server.as_deref()),
            ("type", self.kind.as_deref()),
            ("comment", self.comment.as_deref()),
            ("disabled", self.disabled.as_deref()),
        ]
    }

    fn set(&mut self, field: &str, value: Option<String>) {
        match field {
            "mac-address" => self.mac = value,
            "address" => self.address = value,
            "server" => self.server = value,
            "type" => self.kind = value,
            "comment" => self.comment = value,
            "disabled" => self.disabled = value,
            _ => {}
        }
    }
}

impl Fields for HotspotUser {
    fn fields(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("name", Some(&self.name)),
            ("profile", self.profile.as_deref()),
            ("server", self.server.as_deref()),
            ("limit-bytes-total", self.limit_bytes.as_deref()),
            ("limit-uptime", self.limit_uptime.as_deref()),
            ("comment", self.comment.as_deref()),
            ("disabled", self.disabled.as_deref()),
        ]
    }

    fn set(&mut self, field: &str, value: Option<String>) {
        match field {
            "name" => self.name = value.unwrap_or_default(),
            "profile" => self.profile = value,
            "server" => self.server = value,
            "limit-bytes-total" => self.limit_bytes = value,
            "limit-uptime" => self.limit_uptime = value,
            "comment" => self.comment = value,
            "disabled" => self.disabled = value,
            _ => {}
        }
    }
}

impl Fields for Lease {
    fn fields(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("mac-address", self.mac.as_deref()),
            ("address", self.address.as_deref()),
            ("server", self.server.as_deref()),
            ("comment", self.comment.as_deref()),
            ("dynamic", self.dynamic.as_deref()),
            ("disabled", self.disabled.as_deref()),
        ]
    }

    fn set(&mut self, field: &str, value: Option<String>) {
        match field {
            "mac-address" => self.mac = value,
            "address" => self.address = value,
            "server" => self.server = value,
            "comment" => self.comment = value,
            "dynamic" => self.dynamic = value,
            "disabled" => self.disabled = value,
            _ => {}
        }
    }
}
