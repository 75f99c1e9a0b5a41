//! What is known of the router's menus: by what their rows are recognised, and what in a row moves
//! by itself.

use routeros_schema::Menu;

use super::fields::Fields;
use site::grant::Target;

/// Fields by which a row is the same one after it was removed and came back (seen in the field: the
/// router refuses two rows of an address list with the same `list` and `address`).
const KEYS: &[(&str, &[&str])] = &[
    ("/ip/firewall/address-list", &["list", "address"]),
    ("/ipv6/firewall/address-list", &["list", "address"]),
    (
        "/ip/hotspot/ip-binding",
        &["mac-address", "address", "server"],
    ),
    ("/ip/hotspot/user", &["name", "server"]),
    ("/ip/hotspot/user/profile", &["name"]),
    (
        "/ip/dhcp-server/lease",
        &["address", "mac-address", "server"],
    ),
    ("/ip/arp", &["address", "interface"]),
    ("/queue/simple", &["name"]),
];

/// Fields that move while nobody changes a row (manual pages of the menus: counters, countdowns).
const MOVING: [&str; 13] = [
    "timeout",
    "uptime",
    "idle-time",
    "bytes",
    "bytes-in",
    "bytes-out",
    "packets",
    "packets-in",
    "packets-out",
    "rate",
    "expires-after",
    "last-seen",
    "session-time-left",
];

/// Fields that a router which cannot be asked for the arguments of `add` fills in by itself.
const OWN: [&str; 14] = [
    ".id",
    ".nextid",
    "about",
    "active-address",
    "active-mac-address",
    "active-server",
    "blocked",
    "bypassed",
    "creation-time",
    "default",
    "dynamic",
    "host-name",
    "invalid",
    "status",
];

/// The values of a row's key fields, in their order; an absent field as empty.
pub type Key = Vec<Vec<u8>>;

/// The fields by which rows of a menu are recognised; none where that is not known, and for what is
/// no menu.
pub fn key_fields(target: &Target) -> &'static [&'static str] {
    let menu = target.menu().map(Menu::path);
    KEYS.iter()
        .find(|(known, _)| Some(*known) == menu)
        .map_or(&[], |(_, fields)| fields)
}

/// The natural key of a row; `None` where the menu has no known one, or the row has nothing in it.
pub fn key_of(target: &Target, row: &Fields) -> Option<Key> {
    let value = |name: &&str| row.get(name).unwrap_or_default().to_vec();
    let key: Key = key_fields(target).iter().map(value).collect();
    key.iter().any(|value| !value.is_empty()).then_some(key)
}

/// Does the router fill this field in by itself?
pub fn is_own(field: &str) -> bool {
    OWN.contains(&field)
}

/// Does this field move by itself?
pub fn is_moving(field: &str) -> bool {
    MOVING.contains(&field)
}

/// The part of a row that `add` takes: the arguments that the router names, without those that say
/// where a row comes from. A router that names none is believed to take what it does not fill in.
pub fn writable(row: &Fields, arguments: &[String]) -> Fields {
    row.only(|name| match arguments.is_empty() {
        true => !is_own(name) && (!is_moving(name) || name == "timeout"),
        // `dynamic` follows from `timeout`, and a row without one is not dynamic.
        false => name != "dynamic" && arguments.iter().any(|argument| argument == name),
    })
}

/// The list that a row counts for when it is asked how much of a list a run may change: the address
/// list, else the whole menu.
pub fn list_of(row: &Fields) -> Option<&str> {
    row.get("list")
        .and_then(|list| std::str::from_utf8(list).ok())
}

/// A length of time as the router writes it (`1w2d3h4m5s`), in seconds.
pub fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut digits = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            'w' => 604_800,
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: u64 = std::mem::take(&mut digits).parse().ok()?;
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_the_router_writes_them() {
        assert_eq!(seconds("1w2d3h4m5s"), Some(788_645));
        assert_eq!(seconds("23h59m12s"), Some(86_352));
        for wrong in ["", "5", "s", "1x", "99999999999999999999s"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_what_add_takes_is_written_back() {
        let row: Fields = [
            (".id", "*1"),
            ("list", "blocked"),
            ("dynamic", "true"),
            ("creation-time", "x"),
            ("timeout", "5m"),
        ]
        .into_iter()
        .collect();
        let names = |fields: Fields| -> Vec<String> {
            fields.iter().map(|(name, _)| name.to_owned()).collect()
        };
        assert_eq!(names(writable(&row, &[])), ["list", "timeout"]);
        let arguments = ["list", "dynamic"].map(str::to_owned);
        assert_eq!(names(writable(&row, &arguments)), ["list"]);
    }
}
