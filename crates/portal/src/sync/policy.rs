//! The settings that the usage sync goes by, read once for a run.

use std::net::IpAddr;

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;
use foldhash::{HashSet, HashSetExt};
use jiff::Timestamp;

use super::state::User;
use crate::address_range::AddressRange;
use crate::block::BindingType;
use crate::list_name::ListKind;
use crate::network::Network;
use crate::number::truth;
use crate::phone::local_phone;
use crate::python_list::PythonList;
use crate::setting::Settings;
use crate::status::AccessStatus;
use crate::target::StatusList;

/// What the settings say, with the portal's defaults where they say nothing.
pub(crate) struct Policy {
    pub(crate) lists: ListNames,
    pub(crate) profiles: Profiles,
    /// `QUOTA_DEBT_LIMIT_MB`; 0 or less: no limit, and automatic blocks end.
    pub(crate) debt_limit_mb: BigInt,
    /// `QUOTA_FUP_THRESHOLD_MB`.
    pub(crate) fup_threshold_mb: i64,
    /// The statuses that pass the hotspot without login.
    pub(crate) bypass: Vec<AccessStatus>,
    /// `MAX_DEVICES_PER_USER`.
    pub(crate) most_devices: usize,
    /// Whether an enrolled device waits for the user's consent.
    pub(crate) asks_before_devices: bool,
    /// The DHCP server whose leases are managed, if any is.
    pub(crate) lease_server: Option<String>,
    /// Whether leases are made to fit the devices in each run.
    pub(crate) repairs_leases: bool,
    /// Whether the parity guard writes leases: it takes this very word only.
    pub(crate) guard_writes_leases: bool,
    /// Whether the helpers write that ask for the switch of the operations by themselves: the lease
    /// along with a repaired binding, and the hotspot user at the end of a month.
    pub(crate) helpers_write: bool,
    /// Networks in which an address counts for the status lists; none: every address counts.
    pub(crate) client_networks: Vec<Network>,
    /// Networks by which a host's own and translated address are told apart.
    pub(crate) host_networks: Vec<Network>,
    /// Addresses that are never put among the unauthorised.
    pub(crate) exempt: Vec<AddressRange>,
    /// After which uptime a host without leave is put among the unauthorised.
    pub(crate) unauthorized_after_seconds: i64,
    /// How long a row among the unauthorised lasts, in the router's words.
    pub(crate) unauthorized_timeout: String,
    /// Whether a binding and a lease together are leave enough.
    pub(crate) trusts_binding_and_lease: bool,
    /// Whether the parity guard repairs what it finds.
    pub(crate) repairs_parity: bool,
    /// Whether the tasks run that ask for the switch of the operations.
    pub(crate) is_operating: bool,
    /// `IP_BINDING_TYPE_BLOCKED`, which the tasks that block for debts write.
    pub(crate) debt_block_binding: BindingType,
    /// Whether debts past their due date block.
    pub(crate) blocks_overdue: bool,
    demo_phones: HashSet<String>,
}

/// The names of the status lists.
pub(crate) struct ListNames {
    active: String,
    fup: String,
    habis: String,
    expired: String,
    inactive: String,
    blocked: String,
    unauthorized: String,
    /// All of them that the sync manages: without the unauthorized list, each once.
    managed: Vec<String>,
}

/// The names of the hotspot profiles.
pub(crate) struct Profiles {
    active: String,
    fup: String,
    habis: String,
    unlimited: String,
    expired: String,
    pub(crate) blocked: String,
}

impl Policy {
    pub(crate) fn read(settings: &Settings) -> Policy {
        let words = |name| settings.text(name).text.unwrap_or_default();
        let is_on = |name, fallback, yes: &[&str]| {
            let text = settings.text(name).text;
            let text = text.as_deref().unwrap_or(fallback).trim().to_lowercase();
            yes.contains(&text.as_str())
        };
        // This very word, where it is not left out.
        let is_true = |name| {
            let text = settings.text(name).text;
            text.is_none_or(|text| text == "True")
        };
        // Such a switch is looked for in the environment only.
        let is_left_on = |name| settings.environment(name).and_then(truth).unwrap_or(true);
        let lease_server = Some(words("MIKROTIK_DHCP_LEASE_SERVER_NAME").trim().to_owned());
        Policy {
            lists: ListNames::read(settings),
            profiles: Profiles::read(settings),
            debt_limit_mb: settings.int("QUOTA_DEBT_LIMIT_MB", &BigInt::from(0)),
            fup_threshold_mb: whole(settings, "QUOTA_FUP_THRESHOLD_MB", 3072),
            bypass: bypass_statuses(settings),
            most_devices: usize::try_from(whole(settings, "MAX_DEVICES_PER_USER", 3)).unwrap_or(0),
            asks_before_devices: settings.bool("REQUIRE_EXPLICIT_DEVICE_AUTH", false),
            lease_server: lease_server.filter(|name| !name.is_empty()),
            repairs_leases: is_on(
                "MIKROTIK_DHCP_STATIC_LEASE_ENABLED",
                "False",
                &["1", "true", "yes", "on"],
            ),
            guard_writes_leases: settings
                .text("MIKROTIK_DHCP_STATIC_LEASE_ENABLED")
                .text
                .as_deref()
                == Some("True"),
            helpers_write: is_on(
                "ENABLE_MIKROTIK_OPERATIONS",
                "True",
                &["true", "1", "t", "yes"],
            ),
            client_networks: Network::of_clients(|name| settings.environment(name)),
            host_networks: Network::of_hosts(|name| settings.environment(name)),
            exempt: exempt_addresses(settings),
            unauthorized_after_seconds: whole(
                settings,
                "MIKROTIK_UNAUTHORIZED_MIN_UPTIME_MINUTES",
                10,
            )
            .max(0)
            .saturating_mul(60),
            unauthorized_timeout: named(
                settings,
                "MIKROTIK_ADDRESS_LIST_UNAUTHORIZED_TIMEOUT",
                "1h",
            ),
            trusts_binding_and_lease: is_left_on("MIKROTIK_UNAUTHORIZED_TRUST_IP_BINDING_DHCP"),
            repairs_parity: is_left_on("ENABLE_POLICY_PARITY_AUTO_REMEDIATION"),
            is_operating: is_true("ENABLE_MIKROTIK_OPERATIONS"),
            debt_block_binding: BindingType::of(&words("IP_BINDING_TYPE_BLOCKED"))
                .unwrap_or(BindingType::Blocked),
            blocks_overdue: is_true("ENABLE_MIKROTIK_OPERATIONS")
                && is_true("ENABLE_OVERDUE_DEBT_BLOCK"),
            demo_phones: demo_phones(settings),
        }
    }

    /// Whether the portal takes the phone for a demonstration's, and passes its user over.
    pub(crate) fn is_demo(&self, phone: &str) -> bool {
        !self.demo_phones.is_empty() && self.demo_phones.contains(&local_phone(phone))
    }

    /// The user's status, and the type that the user's bindings are to have, by the database as it
    /// is: nothing is decided anew. `None` when the used quota is no number.
    pub(crate) fn wants(&self, user: &User, now: Timestamp) -> Option<(AccessStatus, BindingType)> {
        let status = user.access(now).status(self.fup_threshold_mb)?;
        let may_bypass = self.bypass.contains(&status);
        Some((status, user.account().binding_type(may_bypass)))
    }

    /// Whether the status lists may hold `address`.
    pub(crate) fn is_client(&self, address: &str) -> bool {
        is_some_address(address)
            && (self.client_networks.is_empty() || is_within(&self.client_networks, address))
    }

    /// Whether `address` is one of a hotspot client by the networks for hosts.
    pub(crate) fn is_host_address(&self, address: Option<&str>) -> bool {
        address.is_some_and(|address| is_within(&self.host_networks, address.trim()))
    }
}

impl ListNames {
    fn read(settings: &Settings) -> ListNames {
        let name = |status: &str, default: &str| {
            named(
                settings,
                &format!("MIKROTIK_ADDRESS_LIST_{status}"),
                default,
            )
        };
        let active = name("ACTIVE", "active");
        let fup = name("FUP", "fup");
        let inactive = name("INACTIVE", "inactive");
        let expired = name("EXPIRED", "expired");
        let habis = name("HABIS", "habis");
        let blocked = name("BLOCKED", "blocked");
        let unauthorized = name("UNAUTHORIZED", "unauthorized");
        let mut managed: Vec<String> = Vec::new();
        for list in [&active, &fup, &inactive, &expired, &habis, &blocked] {
            if *list != unauthorized && !managed.contains(list) {
                managed.push(list.clone());
            }
        }
        ListNames {
            active,
            fup,
            habis,
            expired,
            inactive,
            blocked,
            unauthorized,
            managed,
        }
    }

    pub(crate) fn of(&self, target: StatusList) -> &str {
        match target {
            StatusList::Blocked => &self.blocked,
            StatusList::Expired => &self.expired,
            StatusList::Habis => &self.habis,
            StatusList::Fup => &self.fup,
            StatusList::Active => &self.active,
        }
    }

    /// The name of a list.
    pub(crate) fn name_of(&self, kind: ListKind) -> &str {
        match kind {
            ListKind::Active => &self.active,
            ListKind::Fup => &self.fup,
            ListKind::Habis => &self.habis,
            ListKind::Expired => &self.expired,
            ListKind::Inactive => &self.inactive,
            ListKind::Blocked => &self.blocked,
            ListKind::Unauthorized => &self.unauthorized,
        }
    }

    pub(crate) fn unauthorized(&self) -> &str {
        &self.unauthorized
    }

    /// The lists of which an address may be on one at most, the weightiest first.
    pub(crate) fn exclusive(&self) -> [&str; 3] {
        [&self.blocked, &self.fup, &self.active]
    }

    pub(crate) fn managed(&self) -> &[String] {
        &self.managed
    }

    /// The managed lists but for that of `target`.
    pub(crate) fn managed_but(&self, target: StatusList) -> impl Iterator<Item = &str> {
        let target = self.of(target);
        let managed = self.managed.iter().map(String::as_str);
        managed.filter(move |list| *list != target)
    }

    /// The lists that an address leaves when the sync puts it on `target`.
    pub(crate) fn others(&self, target: StatusList) -> impl Iterator<Item = &str> {
        let unauthorized = Some(self.unauthorized.as_str());
        let unauthorized = unauthorized.filter(|list| *list != self.of(target));
        self.managed_but(target).chain(unauthorized)
    }
}

impl Profiles {
    fn read(settings: &Settings) -> Profiles {
        let default = named(settings, "MIKROTIK_DEFAULT_PROFILE", "default");
        Profiles {
            active: named(settings, "MIKROTIK_ACTIVE_PROFILE", &default),
            fup: named(settings, "MIKROTIK_FUP_PROFILE", "fup"),
            habis: named(settings, "MIKROTIK_HABIS_PROFILE", "habis"),
            unlimited: named(settings, "MIKROTIK_UNLIMITED_PROFILE", "unlimited"),
            expired: named(settings, "MIKROTIK_EXPIRED_PROFILE", "expired"),
            blocked: named(settings, "MIKROTIK_BLOCKED_PROFILE", "inactive"),
        }
    }

    /// The profile of an access status. The sync writes no profile for `inactive`.
    pub(crate) fn of(&self, status: AccessStatus) -> &str {
        match status {
            AccessStatus::Blocked | AccessStatus::Inactive => &self.blocked,
            AccessStatus::Expired => &self.expired,
            AccessStatus::Unlimited => &self.unlimited,
            AccessStatus::Habis => &self.habis,
            AccessStatus::Fup => &self.fup,
            AccessStatus::Active => &self.active,
        }
    }
}

/// Whether there is an address at all: `0.0.0.0` stands for none.
pub(crate) fn is_some_address(address: &str) -> bool {
    !matches!(address.trim(), "" | "0.0.0.0" | "0.0.0.0/0")
}

fn is_within(networks: &[Network], address: &str) -> bool {
    let address: Option<IpAddr> = address.parse().ok();
    address.is_some_and(|address| networks.iter().any(|network| network.contains(address)))
}

/// A name from the settings; empty text is none.
fn named(settings: &Settings, name: &str, default: &str) -> String {
    let text = settings.text(name).text.filter(|text| !text.is_empty());
    text.unwrap_or_else(|| default.to_owned())
}

fn whole(settings: &Settings, name: &str, default: i64) -> i64 {
    let number = settings.int(name, &default.into());
    number.to_i64().unwrap_or(default)
}

/// `HOTSPOT_BYPASS_STATUSES`: `[]` is none; a text without a known status counts as absent, first
/// in the table, then in the environment.
fn bypass_statuses(settings: &Settings) -> Vec<AccessStatus> {
    const NAME: &str = "HOTSPOT_BYPASS_STATUSES";
    let stored = settings.text(NAME).text;
    let texts = [stored.as_deref(), settings.environment(NAME)];
    for text in texts.into_iter().flatten() {
        let listed = AccessStatus::listed(text);
        if !listed.is_empty() || text.replace(' ', "") == "[]" {
            return listed;
        }
    }
    vec![
        AccessStatus::Active,
        AccessStatus::Fup,
        AccessStatus::Unlimited,
    ]
}

/// The addresses that two variables of the environment list as exempt; the settings' table is not
/// asked.
fn exempt_addresses(settings: &Settings) -> Vec<AddressRange> {
    const DEFAULTS: [(&str, &str); 2] = [
        ("MIKROTIK_UNAUTHORIZED_EXEMPT_IPS", "['172.16.2.3-7']"),
        ("MIKROTIK_UNAUTHORIZED_BYPASS_IPS", "[]"),
    ];
    let texts = DEFAULTS.map(|(name, default)| settings.environment(name).unwrap_or(default));
    let mut exempt = Vec::new();
    for text in texts {
        if let PythonList::Items(items) = PythonList::read(text) {
            exempt.extend(items.iter().flat_map(|item| AddressRange::listed(item)));
        }
    }
    exempt
}

/// The local numbers in `DEMO_ALLOWED_PHONES`, which is looked for in the environment only.
fn demo_phones(settings: &Settings) -> HashSet<String> {
    let text = settings.environment("DEMO_ALLOWED_PHONES");
    match PythonList::read(text.unwrap_or_default()) {
        PythonList::Items(items) => items.iter().map(|phone| local_phone(phone)).collect(),
        PythonList::Default => HashSet::new(),
    }
}
