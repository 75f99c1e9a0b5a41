//! What the imitation adds to the schema: texts of traps, what a new row shows, and arguments of
//! `print`. Seen in the field or read in clients where nothing else is said; what is *ours* is a
//! guess.

/// What is added to a menu of the schema. Lists of names are texts with blanks between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Arguments of `print` beyond those of every menu of the shape.
    pub(super) print: &'static str,
    /// The fields that a new row has although they were not given: with the value behind `=`, else
    /// with their default, else with nothing counted and nothing so.
    pub(super) filled_in: &'static str,
    /// Fields that together may occur only once, where that is not the key.
    pub(super) unique: &'static [&'static str],
    /// The trap for a second row.
    pub(super) taken: &'static str,
    /// The trap for a change of a row that the router made.
    pub(super) dynamic: &'static str,
}

/// The rules of a menu.
pub(super) fn of(path: &str) -> &'static Rules {
    let own = ALL.iter().find(|(known, _)| *known == path);
    own.map_or(&OTHERS, |(_, rules)| rules)
}

/// Arguments of `print` in every list (seen, 7.22.3).
pub(super) const PRINT_LIST: &str = "append as-value brief comments count-only detail file follow \
    follow-only from group-by interval on-event proplist show-ids terse timestamp value-list where \
    without-paging";
/// Arguments of `print` in menus with one row (seen, 7.22.3), with the `proplist` every client sends.
pub(super) const PRINT_SINGLE: &str = "as-value comments file interval oid proplist without-paging";

/// Menus of the schema about which nothing more is said.
const OTHERS: Rules = Rules {
    print: "",
    filled_in: "disabled dynamic invalid",
    unique: &[],
    // Where the router's own text is not known (ours).
    taken: "failure: already have such name",
    // Seen in other menus.
    dynamic: "failure: can not change dynamic",
};
/// A menu that only the state knows.
pub(super) static UNKNOWN: Rules = Rules {
    print: "stats active dynamic",
    filled_in: "",
    ..OTHERS
};

const ADDRESS_LIST: Rules = Rules {
    filled_in: "creation-time= dynamic disabled",
    taken: "failure: already have such entry",
    ..OTHERS
};

/// The rules, by path.
pub(super) static ALL: &[(&str, Rules)] = &[
    ("/ip/firewall/address-list", ADDRESS_LIST),
    ("/ipv6/firewall/address-list", ADDRESS_LIST),
    (
        "/ip/hotspot/ip-binding",
        // Both flags follow `type` (ours; the fields are seen).
        Rules {
            filled_in: "type bypassed blocked disabled",
            ..OTHERS
        },
    ),
    (
        "/ip/hotspot/host",
        Rules {
            print: "bytes packets status",
            ..OTHERS
        },
    ),
    (
        "/ip/hotspot/active",
        Rules {
            print: "oid stats status",
            ..OTHERS
        },
    ),
    (
        "/ip/hotspot/user",
        Rules {
            print: "bytes packets show-sensitive",
            filled_in: "profile uptime bytes-in bytes-out packets-in packets-out dynamic disabled",
            taken: "failure: already have user with this name for this server",
            ..OTHERS
        },
    ),
    (
        "/ip/hotspot/user/profile",
        Rules {
            filled_in: "shared-users idle-timeout keepalive-timeout status-autorefresh \
                add-mac-cookie mac-cookie-timeout open-status-page transparent-proxy",
            ..OTHERS
        },
    ),
    (
        "/ip/hotspot",
        Rules {
            filled_in: "disabled",
            ..OTHERS
        },
    ),
    (
        "/ip/address",
        Rules {
            taken: "failure: already have such address",
            ..OTHERS
        },
    ),
    (
        "/ip/dhcp-server/lease",
        Rules {
            print: "active",
            filled_in: "address-lists dhcp-option status=waiting last-seen=never radius dynamic \
                blocked disabled",
            taken: "failure: already have static lease with this IP address",
            dynamic: "failure: can not change dynamic lease",
            ..OTHERS
        },
    ),
    (
        "/ip/arp",
        Rules {
            filled_in: "published invalid dhcp dynamic complete=true disabled",
            ..OTHERS
        },
    ),
    (
        "/queue/simple",
        Rules {
            print: "bytes oid packets rate stats",
            filled_in: "parent packet-marks priority queue limit-at max-limit burst-limit \
                burst-threshold burst-time bucket-size bytes packets rate dynamic invalid disabled",
            ..OTHERS
        },
    ),
    (
        "/ip/firewall/filter",
        Rules {
            print: "all chain dynamic static stats",
            filled_in: "action bytes packets log log-prefix dynamic invalid disabled",
            ..OTHERS
        },
    ),
    (
        "/ip/dns/static",
        Rules {
            filled_in: "ttl dynamic disabled",
            unique: &["name", "regexp", "type", "address", "cname", "text"],
            taken: "failure: entry already exists",
            ..OTHERS
        },
    ),
    (
        "/user",
        Rules {
            print: "show-sensitive",
            filled_in: "address expired disabled",
            taken: "failure: user with the same name already exists",
            ..OTHERS
        },
    ),
    (
        "/user/group",
        Rules {
            filled_in: "skin",
            ..OTHERS
        },
    ),
    (
        "/log",
        Rules {
            print: "with-extra-info",
            ..OTHERS
        },
    ),
];
