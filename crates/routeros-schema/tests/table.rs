//! Walks the table: what holds for every menu of it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use routeros_schema::schema::{self, Access, Effect, Key, MenuSchema, Shape, Unset};
use routeros_schema::{Kind, Menu, MenuError, canonical};

/// All menus of which a hotspot router has rows, and the commands that are called beside them.
const NEEDED: &[&str] = &[
    "/console/inspect",
    "/interface",
    "/interface/bridge",
    "/interface/bridge/host",
    "/interface/bridge/port",
    "/interface/ethernet",
    "/interface/list",
    "/interface/list/member",
    "/interface/pppoe-client",
    "/interface/vlan",
    "/interface/wireguard",
    "/interface/wireguard/peers",
    "/interface/wireless",
    "/interface/wireless/registration-table",
    "/interface/wireless/security-profiles",
    "/ip/address",
    "/ip/arp",
    "/ip/dhcp-client",
    "/ip/dhcp-server",
    "/ip/dhcp-server/lease",
    "/ip/dhcp-server/network",
    "/ip/dns",
    "/ip/dns/static",
    "/ip/firewall/address-list",
    "/ip/firewall/connection",
    "/ip/firewall/filter",
    "/ip/firewall/mangle",
    "/ip/firewall/nat",
    "/ip/firewall/raw",
    "/ip/hotspot",
    "/ip/hotspot/active",
    "/ip/hotspot/cookie",
    "/ip/hotspot/host",
    "/ip/hotspot/ip-binding",
    "/ip/hotspot/profile",
    "/ip/hotspot/service-port",
    "/ip/hotspot/user",
    "/ip/hotspot/user/profile",
    "/ip/hotspot/walled-garden",
    "/ip/hotspot/walled-garden/ip",
    "/ip/pool",
    "/ip/pool/used",
    "/ip/route",
    "/ip/service",
    "/ipv6/firewall/address-list",
    "/log",
    "/ping",
    "/ppp/aaa",
    "/ppp/active",
    "/ppp/profile",
    "/ppp/secret",
    "/queue/simple",
    "/queue/tree",
    "/queue/type",
    "/radius",
    "/snmp",
    "/system/clock",
    "/system/health",
    "/system/identity",
    "/system/ntp/client",
    "/system/package",
    "/system/resource",
    "/system/routerboard",
    "/system/scheduler",
    "/system/script",
    "/tool/netwatch",
    "/tool/ping",
    "/tool/torch",
    "/tool/traceroute",
    "/user",
    "/user/aaa",
    "/user/active",
    "/user/group",
    "/user/settings",
    "/user/ssh-keys",
];

/// Menus that are named by fields and are not in the table themselves.
const ELSEWHERE: &[&str] = &[
    "/certificate",
    "/ip/dhcp-server/option/sets",
    "/ip/vrf",
    "/routing/table",
];

fn at(path: &str) -> &'static MenuSchema {
    schema::menu(&path.parse().unwrap()).unwrap_or_else(|| panic!("{path} is not in the table"))
}

#[test]
fn every_menu_that_a_hotspot_needs_is_there() {
    for path in NEEDED {
        at(path);
    }
}

#[test]
fn every_path_is_canonical_and_there_once() {
    assert!(schema::menus().is_sorted_by(|a, b| a.path < b.path));
    // A command that is called by its whole path may have a name that no menu has: `/export`.
    for MenuSchema { path, shape, .. } in schema::menus() {
        match path.parse::<Menu>() {
            Ok(menu) => {
                assert_eq!(menu.path(), *path);
                assert_eq!(schema::menu(&menu).unwrap().path, *path);
            }
            Err(MenuError::Command { .. }) => assert!(matches!(shape, Shape::Command(_)), "{path}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn no_menu_has_a_field_or_a_command_twice() {
    for menu in schema::menus() {
        let fields: Vec<&str> = menu.fields().map(|field| field.name).collect();
        let verbs: Vec<&str> = menu.verbs().map(|verb| verb.name).collect();
        for names in [fields, verbs] {
            let distinct: BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(distinct.len(), names.len(), "{}: {names:?}", menu.path);
            assert!(!distinct.contains(""), "{}", menu.path);
        }
    }
}

#[test]
fn keys_are_fields_and_menus_without_rows_have_none() {
    for menu in schema::menus() {
        for name in menu.key.fields() {
            assert!(menu.field(name).is_some(), "{} {name}", menu.path);
        }
        let has_rows = matches!(menu.shape, Shape::List | Shape::Ordered);
        assert!(has_rows || menu.key == Key::None, "{}", menu.path);
        // Rules are known by what they say at their place, lines of the log by nothing.
        let may_have_none = menu.is_ordered() || menu.path == "/log";
        let has_key = !has_rows || menu.key != Key::None;
        assert!(has_key || may_have_none, "{} has no key", menu.path);
    }
}

#[test]
fn defaults_are_values_of_their_kind_as_the_router_writes_them() {
    for menu in schema::menus() {
        for field in menu.fields() {
            let Some(default) = field.default else {
                continue;
            };
            let place = format!("{} {}", menu.path, field.name);
            assert!(field.kind.read(default.as_bytes()).is_some(), "{place}");
            let written = canonical(&field.kind, default.as_bytes());
            assert_eq!(&*written, default.as_bytes(), "{place}");
        }
    }
}

#[test]
fn a_word_that_unsets_a_field_is_a_value_of_it() {
    for menu in schema::menus() {
        for field in menu.fields() {
            let place = format!("{} {}", menu.path, field.name);
            match field.unset {
                Unset::Word(word) => assert!(field.kind.words().contains(&word), "{place}"),
                Unset::Verb => assert!(menu.verb("unset").is_some(), "{place}"),
                Unset::Empty => assert!(field.kind.read(b"").is_some(), "{place}"),
                Unset::Never | Unset::Unknown => {}
            }
        }
    }
}

#[test]
fn commands_fit_the_shape_of_their_menu() {
    for menu in schema::menus() {
        let has = |name| menu.verb(name).is_some();
        assert_eq!(menu.is_ordered(), has("move"), "{}", menu.path);
        match menu.shape {
            Shape::Command(_) => assert_eq!(menu.verbs().count(), 0, "{}", menu.path),
            _ => assert_eq!(menu.verb("print").unwrap().effect, Effect::Read),
        }
        if menu.is_singleton() {
            assert!(!has("add") && !has("remove"), "{}", menu.path);
        }
        for (switch, remark) in [("disabled", "enable"), ("comment", "comment")] {
            let field = menu
                .field(switch)
                .filter(|field| field.access == Access::Settable);
            if has(remark) && menu.path != "/system/package" {
                assert!(
                    field.is_some() || menu.path == "/ip/hotspot/active",
                    "{} has `{remark}` and no `{switch}`",
                    menu.path
                );
            }
        }
        let takes = menu.fields().any(|field| field.is_settable());
        if takes && !matches!(menu.shape, Shape::Command(_)) {
            assert!(has("set"), "{} has fields and no `set`", menu.path);
        }
        if menu.fields().any(|field| field.required) {
            assert!(has("add"), "{} requires and adds nothing", menu.path);
        }
    }
}

#[test]
fn what_is_known_by_is_not_what_moves() {
    for menu in schema::menus() {
        for name in menu.key.fields() {
            assert!(
                !menu.field(name).unwrap().is_moving(),
                "{} {name}",
                menu.path
            );
        }
    }
}

#[test]
fn every_menu_that_a_name_is_of_is_known() {
    let known: BTreeSet<&str> = schema::menus().map(|menu| menu.path).collect();
    for menu in schema::menus() {
        for field in menu.fields() {
            if let Some(named) = field.kind.names() {
                let is_known = known.contains(named) || ELSEWHERE.contains(&named);
                assert!(is_known, "{} {} names {named}", menu.path, field.name);
            }
        }
    }
}

#[test]
fn whatever_is_called_a_password_is_a_secret() {
    const SECRETS: [&str; 7] = [
        "password",
        "secret",
        "passphrase",
        "private-key",
        "preshared-key",
        "pre-shared-key",
        "static-key",
    ];
    // A number of a key, and how long one must be.
    const NOT: [&str; 2] = ["static-transmit-key", "minimum-password-length"];
    for menu in schema::menus() {
        for field in menu.fields() {
            let is_named = SECRETS.iter().any(|word| field.name.contains(word));
            if is_named && !NOT.contains(&field.name) {
                assert!(field.kind.is_secret(), "{} {}", menu.path, field.name);
            }
        }
    }
}

#[test]
fn what_counts_down_is_told_from_what_grows() {
    let timeout = at("/ip/firewall/address-list").field("timeout").unwrap();
    assert_eq!(timeout.motion, schema::Motion::CountingDown);
    assert!(timeout.is_settable());
    for (path, moving, steady) in [
        ("/queue/simple", "bytes", "max-limit"),
        ("/interface", "rx-byte", "mtu"),
        ("/ip/hotspot/host", "idle-time", "idle-timeout"),
        ("/ip/hotspot/user", "uptime", "limit-uptime"),
        ("/ip/dhcp-server/lease", "expires-after", "lease-time"),
        ("/ip/arp", "status", "mac-address"),
        ("/ip/firewall/filter", "packets", "limit"),
    ] {
        assert!(
            at(path).field(moving).unwrap().is_moving(),
            "{path} {moving}"
        );
        assert!(
            !at(path).field(steady).unwrap().is_moving(),
            "{path} {steady}"
        );
    }
}

#[test]
fn a_row_is_turned_off_where_it_can_be() {
    for (path, switch) in [
        ("/ip/arp", Some(("disabled", false))),
        ("/system/ntp/client", Some(("enabled", true))),
        ("/ip/hotspot/host", None),
        ("/system/package", None),
    ] {
        let found = at(path).switch().map(|(field, on)| (field.name, on));
        assert_eq!(found, switch, "{path}");
    }
}

#[test]
fn a_field_is_in_the_versions_that_have_it() {
    let user = at("/ip/hotspot/user");
    let is_in = |name: &str, minor| {
        let version = schema::Version { major: 7, minor };
        user.field(name).unwrap().is_in(version)
    };
    assert!(is_in("totp-secret", 21) && !is_in("otp-secret", 21));
    assert!(!is_in("totp-secret", 22) && is_in("otp-secret", 22));
    assert!(is_in("name", 1));
}

#[test]
fn an_unknown_field_is_text_that_may_be_settable() {
    let arp = at("/ip/arp");
    assert_eq!(arp.kind("made-up"), Kind::Text);
    assert_eq!(arp.is_settable("made-up"), None);
    assert_eq!(arp.is_settable("dynamic"), Some(false));
    assert_eq!(arp.is_settable("address"), Some(true));
}

#[test]
fn a_menu_that_nothing_changes_is_read_only() {
    for (path, expected) in [
        ("/ip/neighbor", true),
        ("/ip/pool/used", true),
        ("/tool/ping", true),
        ("/ip/arp", false),
        ("/ip/hotspot/active", false),
        ("/system/reboot", false),
    ] {
        assert_eq!(at(path).is_read_only(), expected, "{path}");
    }
}

#[test]
fn a_secret_of_the_table_is_known_by_its_name_and_little_else_is_taken_for_one() {
    let mut shown = Vec::new();
    let mut hidden = Vec::new();
    for menu in schema::menus() {
        for field in menu.fields() {
            let named = format!("{} {}", menu.path, field.name);
            match (
                field.kind.is_secret(),
                routeros_schema::is_secret(field.name),
            ) {
                (true, false) => shown.push(named),
                (false, true) => hidden.push(named),
                _ => {}
            }
        }
    }
    // The name of a community lets in, and is called as the name of everything else.
    assert_eq!(shown, ["/snmp/community name"]);
    // The number of a key, which is called as keys are elsewhere.
    assert_eq!(hidden, ["/system/ntp/client/servers auth-key"]);
}
