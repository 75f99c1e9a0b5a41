//! A site on which everything that can go wrong with access has gone wrong at once, in several circumstances.

use serde_json::{Value as Json, json};

use crate::support::simulated::Site;

const LISTS: [(&str, &str); 7] = [
    ("ACTIVE", "klient_aktif"),
    ("FUP", "klient_fup"),
    ("HABIS", "klient_habis"),
    ("EXPIRED", "klient_expired"),
    ("INACTIVE", "klient_inactive"),
    ("BLOCKED", "klient_blocked"),
    ("UNAUTHORIZED", "klient_unauthorized"),
];

/// An address on which there is a row of a list, and no device.
pub const LISTED: &str = "172.16.2.200";

/// The site while its sync runs, while it is dead, without the names of its lists, and without the networks of its
/// clients.
pub fn sites() -> Vec<Site> {
    let with_run = |seconds: i64| {
        let mut site = site();
        site["redis"] = json!({ "quota_sync:last_run_ts": (NOW - seconds).to_string() });
        site
    };
    let mut unnamed = with_run(60);
    let settings = unnamed["settings"].as_object_mut().unwrap();
    settings.retain(|name, _| !name.starts_with("MIKROTIK_ADDRESS_LIST_"));
    let mut without_networks = with_run(60);
    without_networks["environment"] = json!({});
    let sites = [
        ("nasty", with_run(60)),
        ("nasty_dead", with_run(86_400)),
        ("nasty_unnamed", unnamed),
        ("nasty_without_networks", without_networks),
    ];
    sites.map(|(name, site)| (name.to_owned(), site)).into()
}

const NOW: i64 = 1_795_808_700;

fn site() -> Json {
    let mut place = Place::default();
    for number in 1..=17 {
        place.user(number);
    }
    // A network over three users: the first has a row of his own as well, the second a disabled one, the third's
    // host is translated into it.
    place.list("BLOCKED", "172.16.2.16/29", "maintenance");
    place.status("BLOCKED", 1, &address(1));
    let row = place.status("BLOCKED", 2, &address(2));
    row["disabled"] = json!("true");
    let host = place.host(3);
    host["address"] = json!("10.9.9.3");
    // A row at an address that the device has left.
    place.status("BLOCKED", 4, "172.16.2.60");
    // A second binding that names nobody.
    place.binding(&mac(5), "blocked", "");
    // Switched off, and still bypassed.
    place.users[5]["is_active"] = json!(false);
    // Nothing left, and still bypassed.
    place.users[6]["total_quota_used_mb"] = json!(10_240.0);
    for list in ["FUP", "EXPIRED"] {
        place.status(list, 8, &address(8));
    }
    // A lease that waits for the address of somebody who is blocked.
    place.leases.push(
        json!({ ".id": "*1", "mac-address": mac(9), "address": address(10), "status": "waiting" }),
    );
    place.users[9]["is_blocked"] = json!(true);
    place.users[9]["blocked_reason"] = json!("asked to");
    place.host(10)["bypassed"] = json!("false");
    place.bindings[9]["type"] = json!("blocked");
    place.status("BLOCKED", 10, &address(10));
    place.hosts.push(json!({ ".id": "*70", "mac-address": mac(11), "address": "172.16.2.99", "idle-time": "3h", "uptime": "9h" }));
    // What blocks for debts left behind: a device that was never allowed, and the limits of the hotspot user.
    place.second_device(12, "172.16.2.70");
    let comment = format!("blocked|debt-overdue|user={}|uid={}", phone(12), id(12));
    place.binding(&second(12), "blocked", &comment);
    place.hotspot_users.push(
        json!({ ".id": "*1", "name": phone(12), "limit-bytes-total": "1", "limit-uptime": "1s" }),
    );
    for number in (1..=17).filter(|number| *number != 12) {
        place
            .hotspot_users
            .push(json!({ ".id": format!("*{:X}", number + 1), "name": phone(number) }));
    }
    // Too many devices once, and now it is the address of one that is allowed.
    place.list(
        "BLOCKED",
        &address(13),
        &format!("limit-exceeded|user={}", phone(13)),
    );
    place.list("HABIS", &format!("{}-{}", address(14), address(14)), "note");
    place.status("HABIS", 14, &address(14));
    place.list("HABIS", "172.16.2.34-172.16.2.35", "somebody's");
    // Two devices of one user: the one is shut out by a row, the other is as it should be.
    place.second_device(15, "172.16.2.71");
    place.devices.last_mut().unwrap()["is_authorized"] = json!(true);
    place.binding(
        &second(15),
        "bypassed",
        &format!("authorized|user={}|uid={}", phone(15), id(15)),
    );
    place.list(
        "UNAUTHORIZED",
        "172.16.2.71",
        "lpsaring:unauthorized mac=x uptime=1m",
    );
    place.users[15]["total_quota_used_mb"] = json!(12_000.0);
    place.users[16]["total_quota_used_mb"] = json!(10_240.0);
    place.transactions.push(json!({
        "id": "20000000-0000-4000-8000-000000000017", "user_id": id(17), "midtrans_order_id": "KOS-17", "amount": 50_000,
        "status": "SUCCESS", "payment_time": "2026-11-27T19:15:00+00:00", "created_at": "2026-11-27T19:14:00+00:00",
    }));
    // Deleted users, one let through and one not.
    for (mac, kind, at) in [
        ("0A:5E:1C:24:00:01", "bypassed", "172.16.2.80"),
        ("0A:5E:1C:24:00:02", "blocked", "172.16.2.81"),
    ] {
        place.binding(
            mac,
            kind,
            "authorized|user=081299990001|uid=99999999-0000-4000-8000-000000000001",
        );
        place.stranger(mac, at, kind == "bypassed");
    }
    // Nobody's: on the list of the unauthorised, bound by hand, let through by nothing.
    place.stranger("16:00:00:00:00:01", "172.16.2.90", false);
    place.list(
        "UNAUTHORIZED",
        "172.16.2.90",
        "lpsaring:unauthorized mac=16:00:00:00:00:01 uptime=1m",
    );
    place.binding("16:00:00:00:00:02", "bypassed", "printer");
    place.stranger("16:00:00:00:00:02", "172.16.2.91", true);
    place.stranger("16:00:00:00:00:03", "172.16.2.92", true);
    place.list("BLOCKED", LISTED, "note");
    place.fixture()
}

#[derive(Default)]
struct Place {
    users: Vec<Json>,
    devices: Vec<Json>,
    transactions: Vec<Json>,
    hosts: Vec<Json>,
    bindings: Vec<Json>,
    lists: Vec<Json>,
    leases: Vec<Json>,
    hotspot_users: Vec<Json>,
}

impl Place {
    /// A user with a device on the network, all as it should be.
    fn user(&mut self, number: usize) {
        self.users.push(json!({
            "id": id(number), "phone_number": format!("+62{}", &phone(number)[1..]), "full_name": format!("User {number}"),
            "role": "USER", "approval_status": "APPROVED", "is_active": true, "is_blocked": false,
            "total_quota_purchased_mb": 10_240, "total_quota_used_mb": 1024.0, "auto_debt_offset_mb": 0, "manual_debt_mb": 0,
            "is_unlimited_user": false, "quota_expiry_date": "2099-01-01T00:00:00+00:00", "mikrotik_profile_name": "default",
        }));
        self.devices.push(json!({
            "id": format!("10000000-0000-4000-8000-{number:012}"), "user_id": id(number), "mac_address": mac(number),
            "ip_address": address(number), "is_authorized": true,
        }));
        let comment = format!(
            "authorized|user={}|uid={}|role=USER",
            phone(number),
            id(number)
        );
        self.binding(&mac(number), "bypassed", &comment);
        self.stranger(&mac(number), &address(number), true);
        self.status("ACTIVE", number, &address(number));
    }

    fn second_device(&mut self, number: usize, address: &str) {
        self.devices.push(json!({
            "id": format!("11000000-0000-4000-8000-{number:012}"), "user_id": id(number), "mac_address": second(number),
            "ip_address": address, "is_authorized": false,
        }));
        self.stranger(&second(number), address, false);
    }

    fn stranger(&mut self, mac: &str, address: &str, is_bypassed: bool) {
        let id = format!("*{:X}", self.hosts.len() + 1);
        self.hosts.push(json!({
            ".id": id, "mac-address": mac, "address": address, "to-address": address, "uptime": "1h", "idle-time": "1s",
            "bypassed": is_bypassed.to_string(), "authorized": "false",
        }));
    }

    fn host(&mut self, number: usize) -> &mut Json {
        let mac = mac(number);
        let mut hosts = self.hosts.iter_mut();
        hosts.find(|host| host["mac-address"] == mac).unwrap()
    }

    fn binding(&mut self, mac: &str, kind: &str, comment: &str) {
        let id = format!("*{:X}", self.bindings.len() + 1);
        self.bindings.push(json!({
            ".id": id, "mac-address": mac, "type": kind, "server": "srv-user", "comment": comment, "disabled": "false",
        }));
    }

    fn list(&mut self, list: &str, address: &str, comment: &str) -> &mut Json {
        let (_, name) = LISTS.iter().find(|(kind, _)| *kind == list).unwrap();
        let id = format!("*{:X}", self.lists.len() + 1);
        self.lists.push(json!({
            ".id": id, "list": name, "address": address, "comment": comment, "disabled": "false", "dynamic": "false",
        }));
        self.lists.last_mut().unwrap()
    }

    /// A row as the portal writes it.
    fn status(&mut self, list: &str, number: usize, address: &str) -> &mut Json {
        let status = list.to_lowercase();
        let comment = format!(
            "lpsaring|status={status}|user={}|uid={}|role=USER|ip={address}",
            phone(number),
            id(number)
        );
        self.list(list, address, &comment)
    }

    fn fixture(self) -> Json {
        let names =
            LISTS.map(|(kind, name)| (format!("MIKROTIK_ADDRESS_LIST_{kind}"), json!(name)));
        let mut settings: serde_json::Map<String, Json> = names.into_iter().collect();
        settings.insert("QUOTA_DEBT_LIMIT_MB".to_owned(), json!("500"));
        json!({
            "now": "2026-11-27T19:45:00Z", "time_zone": "Asia/Makassar", "settings": settings,
            "environment": { "MIKROTIK_UNAUTHORIZED_CIDRS": "['172.16.2.0/23']" },
            "database": { "users": self.users, "user_devices": self.devices, "transactions": self.transactions },
            "router": {
                "/ip/hotspot/host": self.hosts, "/ip/hotspot/ip-binding": self.bindings,
                "/ip/firewall/address-list": self.lists, "/ip/dhcp-server/lease": self.leases,
                "/ip/hotspot/user": self.hotspot_users, "/ip/hotspot/user/profile": [{ ".id": "*1", "name": "default" }],
            },
        })
    }
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn phone(number: usize) -> String {
    format!("0812555100{number:02}")
}

fn mac(number: usize) -> String {
    format!("0A:5E:1C:23:00:{number:02X}")
}

fn second(number: usize) -> String {
    format!("0A:5E:1C:23:01:{number:02X}")
}

fn address(number: usize) -> String {
    format!("172.16.2.{}", number + 20)
}
