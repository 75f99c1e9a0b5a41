//! The menus a hotspot site uses, as RouterOS 7.22.3 has them.
//!
//! Commands and names of fields were read from a router's own `/console/inspect`. Defaults,
//! required and unique fields are seen in the field or read in clients where nothing else is
//! said; what is *ours* is a guess.

use super::{Dynamic, Menu, Shape, Unique};
use crate::value::Kind;

/// Arguments of `print` in every list (seen, 7.22.3).
pub(super) const PRINT_LIST: &str = "append as-value brief comments count-only detail file follow \
    follow-only from group-by interval on-event proplist show-ids terse timestamp value-list where \
    without-paging";
/// Arguments of `print` in menus with one row (seen, 7.22.3), with the `proplist` every client sends.
pub(super) const PRINT_SINGLE: &str = "as-value comments file interval oid proplist without-paging";

const LIST: Menu = Menu {
    path: "",
    shape: Shape::List,
    commands: "",
    settable: "",
    read_only: "about",
    print: "",
    required: &[],
    defaults: &[],
    kinds: &[],
    unique: None,
    dynamic: Dynamic::Free,
    counts_down: false,
    any_field: false,
};
const SINGLE: Menu = Menu {
    shape: Shape::Single,
    read_only: "",
    ..LIST
};

/// A list that is in the state and not in the table: any field goes, nothing is required.
pub(super) static GENERIC_LIST: Menu = Menu {
    shape: Shape::Ordered,
    commands: "add comment disable enable move remove set unset",
    print: "stats active dynamic",
    kinds: &[("disabled", Kind::Bool)],
    any_field: true,
    ..LIST
};
/// The like with one row.
pub(super) static GENERIC_SINGLE: Menu = Menu {
    commands: "set",
    any_field: true,
    ..SINGLE
};

/// Timed and other dynamic rows can be set and removed (seen); one row for each list and address (seen).
const ADDRESS_LIST: Menu = Menu {
    path: "/ip/firewall/address-list",
    commands: "add comment disable enable remove set",
    settable: "address comment disabled dynamic list timeout",
    read_only: "about creation-time",
    required: &["list", "address"],
    defaults: &[
        ("creation-time", ""),
        ("dynamic", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("address", Kind::AddressOrName),
        ("timeout", Kind::Duration),
        ("dynamic", Kind::Bool),
        ("disabled", Kind::Bool),
    ],
    unique: Some(Unique {
        fields: &["list", "address"],
        message: "failure: already have such entry",
    }),
    counts_down: true,
    ..LIST
};
const IPV6_ADDRESS_LIST: Menu = Menu {
    path: "/ipv6/firewall/address-list",
    kinds: &[
        ("timeout", Kind::Duration),
        ("dynamic", Kind::Bool),
        ("disabled", Kind::Bool),
    ],
    ..ADDRESS_LIST
};

/// `bypassed` and `blocked` follow `type` (ours; the fields are seen).
const IP_BINDING: Menu = Menu {
    path: "/ip/hotspot/ip-binding",
    shape: Shape::Ordered,
    commands: "add comment disable enable move remove set",
    settable: "address comment disabled mac-address server to-address type",
    read_only: "about blocked bypassed",
    defaults: &[
        ("type", "regular"),
        ("bypassed", "false"),
        ("blocked", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("address", Kind::AddressRange),
        ("to-address", Kind::Address),
        ("mac-address", Kind::Mac),
        ("server", Kind::NameOf("/ip/hotspot", &["all"])),
        ("type", Kind::Word(&["regular", "bypassed", "blocked"])),
        ("disabled", Kind::Bool),
    ],
    ..LIST
};

const HOST: Menu = Menu {
    path: "/ip/hotspot/host",
    commands: "make-binding remove",
    read_only: "DHCP about address authorized bridge-port bypassed bytes-in bytes-out comment \
        dynamic found-by host-dead-time http-proxy idle-time idle-timeout keepalive-timeout \
        mac-address packets-in packets-out server static to-address uptime vlan-id",
    print: "bytes packets status",
    ..LIST
};
const ACTIVE: Menu = Menu {
    path: "/ip/hotspot/active",
    commands: "remove",
    read_only: "about address advertisement blocked bytes-in bytes-out comment domain idle-time \
        idle-timeout keepalive-timeout limit-bytes-in limit-bytes-out limit-bytes-total login-by \
        mac-address packets-in packets-out radius server session-time-left uptime user",
    print: "oid stats status",
    ..LIST
};
const COOKIE: Menu = Menu {
    path: "/ip/hotspot/cookie",
    commands: "remove",
    read_only: "about domain expires-in mac-address mac-cookie user",
    ..LIST
};

const HOTSPOT_USER: Menu = Menu {
    path: "/ip/hotspot/user",
    commands: "add comment disable enable remove reset-counters set",
    settable: "address comment disabled email limit-bytes-in limit-bytes-out limit-bytes-total \
        limit-uptime mac-address name otp-secret password profile routes server",
    read_only: "about bytes-in bytes-out default dynamic packets-in packets-out uptime",
    print: "bytes packets show-sensitive",
    required: &["name"],
    defaults: &[
        ("profile", "default"),
        ("uptime", "0s"),
        ("bytes-in", "0"),
        ("bytes-out", "0"),
        ("packets-in", "0"),
        ("packets-out", "0"),
        ("dynamic", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("address", Kind::Address),
        ("mac-address", Kind::Mac),
        (
            "profile",
            Kind::NameOf("/ip/hotspot/user/profile", &["default"]),
        ),
        ("server", Kind::NameOf("/ip/hotspot", &["all"])),
        ("limit-uptime", Kind::Duration),
        ("disabled", Kind::Bool),
    ],
    unique: Some(Unique {
        fields: &["name", "server"],
        message: "failure: already have user with this name for this server",
    }),
    ..LIST
};
const HOTSPOT_USER_PROFILE: Menu = Menu {
    path: "/ip/hotspot/user/profile",
    commands: "add remove set unset",
    settable: "add-mac-cookie address-list address-pool advertise advertise-interval \
        advertise-timeout advertise-url idle-timeout incoming-filter incoming-packet-mark \
        insert-queue-before keepalive-timeout mac-cookie-timeout name on-login on-logout \
        open-status-page outgoing-filter outgoing-packet-mark parent-queue queue-type rate-limit \
        session-timeout shared-users status-autorefresh transparent-proxy",
    read_only: "about default",
    required: &["name"],
    defaults: &[
        ("shared-users", "1"),
        ("idle-timeout", "none"),
        ("keepalive-timeout", "2m"),
        ("status-autorefresh", "1m"),
        ("add-mac-cookie", "true"),
        ("mac-cookie-timeout", "3d"),
        ("open-status-page", "always"),
        ("transparent-proxy", "false"),
    ],
    kinds: &[
        ("add-mac-cookie", Kind::Bool),
        ("advertise", Kind::Bool),
        ("transparent-proxy", Kind::Bool),
        ("session-timeout", Kind::Duration),
        ("idle-timeout", Kind::DurationOr(&["none"])),
        ("keepalive-timeout", Kind::DurationOr(&["none"])),
        ("status-autorefresh", Kind::DurationOr(&["none"])),
        ("mac-cookie-timeout", Kind::Duration),
        ("open-status-page", Kind::Word(&["always", "http-login"])),
    ],
    unique: Some(Unique {
        fields: &["name"],
        message: SAME_NAME,
    }),
    ..LIST
};
const HOTSPOT_PROFILE: Menu = Menu {
    path: "/ip/hotspot/profile",
    commands: "add remove set",
    settable: "dns-name hotspot-address html-directory html-directory-override \
        http-cookie-lifetime http-proxy install-hotspot-queue login-by mac-auth-mode \
        mac-auth-password name nas-port-type radius-accounting radius-default-domain \
        radius-interim-update radius-location-id radius-location-name radius-mac-format \
        rate-limit smtp-server split-user-domain ssl-certificate trial-uptime-limit \
        trial-uptime-reset trial-user-profile use-radius",
    read_only: "about default",
    required: &["name"],
    kinds: &[
        ("use-radius", Kind::Bool),
        ("split-user-domain", Kind::Bool),
    ],
    unique: Some(Unique {
        fields: &["name"],
        message: SAME_NAME,
    }),
    ..LIST
};
const HOTSPOT: Menu = Menu {
    path: "/ip/hotspot",
    commands: "add disable enable remove set",
    settable: "address-pool addresses-per-mac disabled idle-timeout interface keepalive-timeout \
        login-timeout name profile",
    read_only: "HTTPS about invalid ip-of-dns-name proxy-status",
    required: &["interface"],
    defaults: &[("disabled", "false")],
    kinds: &[("disabled", Kind::Bool)],
    ..LIST
};

/// Changes of dynamic leases fail with the router's text (seen); removing them works (read in clients).
const LEASE: Menu = Menu {
    path: "/ip/dhcp-server/lease",
    commands: "add check-status comment disable enable make-static remove set unset",
    settable: "address address-lists agent-circuit-id agent-remote-id allow-dual-stack-queue \
        always-broadcast block-access client-id comment dhcp-option dhcp-option-set disabled \
        insert-queue-before lease-time mac-address parent-queue queue-type rate-limit routes \
        server use-src-mac",
    read_only: "about active-address active-agent-circuit-id active-agent-remote-id \
        active-client-id active-mac-address active-server age blocked class-id dynamic \
        expires-after host-name last-seen radius reconfigure-key reconfigure-last-sent \
        reconfigure-status src-mac-address status",
    print: "active",
    defaults: &[
        ("address-lists", ""),
        ("dhcp-option", ""),
        ("status", "waiting"),
        ("last-seen", "never"),
        ("radius", "false"),
        ("dynamic", "false"),
        ("blocked", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("mac-address", Kind::Mac),
        ("server", Kind::NameOf("/ip/dhcp-server", &["all"])),
        ("lease-time", Kind::Duration),
        ("always-broadcast", Kind::Bool),
        ("block-access", Kind::Bool),
        ("use-src-mac", Kind::Bool),
        ("disabled", Kind::Bool),
    ],
    unique: Some(Unique {
        fields: &["address", "server"],
        message: "failure: already have static lease with this IP address",
    }),
    dynamic: Dynamic::Fixed("failure: can not change dynamic lease"),
    ..LIST
};

const ARP: Menu = Menu {
    path: "/ip/arp",
    commands: "add comment disable enable remove set",
    settable: "address comment disabled interface mac-address published",
    read_only: "about complete dhcp dynamic invalid status vrf",
    required: &["address", "interface"],
    defaults: &[
        ("published", "false"),
        ("invalid", "false"),
        ("dhcp", "false"),
        ("dynamic", "false"),
        ("complete", "true"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("address", Kind::Address),
        ("mac-address", Kind::Mac),
        ("published", Kind::Bool),
        ("disabled", Kind::Bool),
    ],
    dynamic: Dynamic::Fixed(DYNAMIC),
    ..LIST
};

/// Rates are read back in plain bits (seen).
const QUEUE_SIMPLE: Menu = Menu {
    path: "/queue/simple",
    shape: Shape::Ordered,
    commands: "add comment disable enable move remove reset-counters set unset",
    settable: "bucket-size burst-limit burst-threshold burst-time comment disabled dst limit-at \
        max-limit name packet-marks parent priority queue target time total-bucket-size \
        total-burst-limit total-burst-threshold total-burst-time total-limit-at total-max-limit \
        total-priority total-queue",
    read_only: "about bytes dropped dynamic invalid packet-rate packets pcq-queues queued-bytes \
        queued-packets rate total-bytes total-dropped total-packet-rate total-packets \
        total-pcq-queues total-queued-bytes total-queued-packets total-rate",
    print: "bytes oid packets rate stats",
    required: &["target"],
    defaults: &[
        ("parent", "none"),
        ("packet-marks", ""),
        ("priority", "8/8"),
        ("queue", "default-small/default-small"),
        ("limit-at", "0/0"),
        ("max-limit", "0/0"),
        ("burst-limit", "0/0"),
        ("burst-threshold", "0/0"),
        ("burst-time", "0s/0s"),
        ("bucket-size", "0.1/0.1"),
        ("bytes", "0/0"),
        ("packets", "0/0"),
        ("rate", "0/0"),
        ("dynamic", "false"),
        ("invalid", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        ("target", Kind::Targets),
        ("limit-at", Kind::RatePair),
        ("max-limit", Kind::RatePair),
        ("burst-limit", Kind::RatePair),
        ("burst-threshold", Kind::RatePair),
        ("disabled", Kind::Bool),
    ],
    unique: Some(Unique {
        fields: &["name"],
        message: SAME_NAME,
    }),
    dynamic: Dynamic::Kept(DYNAMIC),
    ..LIST
};

const FILTER: Menu = Menu {
    path: "/ip/firewall/filter",
    shape: Shape::Ordered,
    commands: "add comment disable enable move remove reset-counters set unset",
    settable: "action address-list address-list-timeout chain comment connection-bytes \
        connection-limit connection-mark connection-nat-state connection-rate connection-state \
        connection-type content disabled dscp dst-address dst-address-list dst-address-type \
        dst-limit dst-port fragment hotspot icmp-options in-bridge-port in-bridge-port-list \
        in-interface in-interface-list ingress-priority ipsec-policy ipv4-options jump-target \
        layer7-protocol limit log log-prefix nth out-bridge-port out-bridge-port-list \
        out-interface out-interface-list p2p packet-mark packet-size per-connection-classifier \
        port priority protocol psd random realm reject-with routing-mark src-address \
        src-address-list src-address-type src-mac-address src-port tcp-flags tcp-mss time \
        tls-host tos ttl",
    read_only: "about bytes dynamic invalid packets",
    print: "all chain dynamic static stats",
    required: &["chain"],
    defaults: &[
        ("action", "accept"),
        ("bytes", "0"),
        ("packets", "0"),
        ("log", "false"),
        ("log-prefix", ""),
        ("dynamic", "false"),
        ("invalid", "false"),
        ("disabled", "false"),
    ],
    kinds: &[
        (
            "action",
            Kind::Word(&[
                "accept",
                "add-dst-to-address-list",
                "add-src-to-address-list",
                "drop",
                "fasttrack-connection",
                "jump",
                "log",
                "passthrough",
                "reject",
                "return",
                "tarpit",
            ]),
        ),
        ("log", Kind::Bool),
        ("disabled", Kind::Bool),
    ],
    dynamic: Dynamic::Kept(DYNAMIC),
    ..LIST
};

const DNS_STATIC: Menu = Menu {
    path: "/ip/dns/static",
    shape: Shape::Ordered,
    commands: "add comment disable enable move remove set",
    settable: "address address-list cname comment disabled forward-to match-subdomain mx-exchange \
        mx-preference name ns regexp srv-port srv-priority srv-target srv-weight text ttl type",
    read_only: "about dynamic",
    defaults: &[("ttl", "1d"), ("dynamic", "false"), ("disabled", "false")],
    kinds: &[
        ("match-subdomain", Kind::Bool),
        ("ttl", Kind::Duration),
        ("disabled", Kind::Bool),
        (
            "type",
            Kind::Word(&[
                "A", "AAAA", "CNAME", "FWD", "MX", "NS", "NXDOMAIN", "SRV", "TXT",
            ]),
        ),
    ],
    unique: Some(Unique {
        fields: &["name", "regexp", "type", "address", "cname", "text"],
        message: "failure: entry already exists",
    }),
    dynamic: Dynamic::Kept(DYNAMIC),
    ..LIST
};

const USER: Menu = Menu {
    path: "/user",
    commands: "add comment disable enable remove set",
    settable: "address comment disabled group inactivity-policy inactivity-timeout name password",
    read_only: "about expired last-logged-in",
    print: "show-sensitive",
    required: &["name", "group"],
    defaults: &[("address", ""), ("expired", "false"), ("disabled", "false")],
    kinds: &[
        ("disabled", Kind::Bool),
        (
            "group",
            Kind::NameOf("/user/group", &["full", "read", "write"]),
        ),
        (
            "inactivity-policy",
            Kind::Word(&["lockscreen", "logout", "none"]),
        ),
        ("inactivity-timeout", Kind::Duration),
    ],
    unique: Some(Unique {
        fields: &["name"],
        message: "failure: user with the same name already exists",
    }),
    ..LIST
};
const USER_GROUP: Menu = Menu {
    path: "/user/group",
    commands: "add comment remove set",
    settable: "comment name policy skin",
    required: &["name"],
    defaults: &[("skin", "default")],
    unique: Some(Unique {
        fields: &["name"],
        message: SAME_NAME,
    }),
    ..LIST
};
const USER_ACTIVE: Menu = Menu {
    path: "/user/active",
    commands: "remove",
    read_only: "about address by-romon group name radius via when",
    ..LIST
};
const SERVICE: Menu = Menu {
    path: "/ip/service",
    commands: "disable enable set",
    settable: "address certificate disabled max-sessions port tls-version vrf",
    read_only: "about connection container dynamic invalid local name netns proto remote",
    kinds: &[
        ("disabled", Kind::Bool),
        ("port", Kind::Number),
        ("max-sessions", Kind::Number),
        ("tls-version", Kind::Word(&["any", "only-1.2"])),
    ],
    ..LIST
};
const LOG: Menu = Menu {
    path: "/log",
    commands: "debug error info warning",
    read_only: "about buffer extra-info message time topics",
    print: "with-extra-info",
    ..LIST
};

const IDENTITY: Menu = Menu {
    path: "/system/identity",
    commands: "set",
    settable: "name",
    ..SINGLE
};
const RESOURCE: Menu = Menu {
    path: "/system/resource",
    read_only: "architecture-name bad-blocks board-name build-time cpu cpu-count cpu-frequency \
        cpu-load factory-software free-hdd-space free-memory platform total-hdd-space \
        total-memory uptime version write-sect-since-reboot write-sect-total",
    ..SINGLE
};
const CLOCK: Menu = Menu {
    path: "/system/clock",
    commands: "set",
    settable: "date time time-zone-autodetect time-zone-name",
    read_only: "dst-active gmt-offset",
    kinds: &[("time-zone-autodetect", Kind::Bool)],
    ..SINGLE
};

/// A second row of one name, where the router's own text is not known (ours).
const SAME_NAME: &str = "failure: already have such name";
/// A change of a dynamic row (seen in other menus).
const DYNAMIC: &str = "failure: can not change dynamic";

/// All of them.
pub(super) static MENUS: &[Menu] = &[
    ADDRESS_LIST,
    IPV6_ADDRESS_LIST,
    IP_BINDING,
    HOST,
    ACTIVE,
    COOKIE,
    HOTSPOT_USER,
    HOTSPOT_USER_PROFILE,
    HOTSPOT_PROFILE,
    HOTSPOT,
    LEASE,
    ARP,
    QUEUE_SIMPLE,
    FILTER,
    DNS_STATIC,
    USER,
    USER_GROUP,
    USER_ACTIVE,
    SERVICE,
    LOG,
    IDENTITY,
    RESOURCE,
    CLOCK,
];
