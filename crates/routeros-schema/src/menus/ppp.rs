//! `/ppp` and `/radius`.

use super::kinds::{
    ADDRESS_LIST, ADDRESS_OR_POOL, ADDRESSES, CERTIFICATE, DEFAULT_OR_BOOL, INTERFACE,
    INTERFACE_LIST, QUEUE_OR_NONE, QUEUE_PLACE, QUEUE_TYPES, VRF,
};
use super::rows::{COMMENT, COUNTERS, DISABLED, MONITOR, MOVE, REMARK, REMOVE, ROWS, SET, SWITCH};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, Flags, List, Moment, Name, Port, Prefix, Secret,
    Size, Text, Words,
};
use crate::schema::{Field, MenuSchema};
use crate::table::{flag, list, named, ordered, read, running, set, singleton};

pub(super) const MENUS: &[MenuSchema] = &[
    singleton("/ppp/aaa").with_verbs(&[SET]).with_fields(&[&[
        set("use-radius", Bool),
        set("accounting", Bool),
        set("use-circuit-id-in-nas-port-id", Bool),
        set("interim-update", Duration),
        set("enable-ipv6-accounting", Bool),
    ]]),
    // A name may be logged in more than once; `remove` ends a session.
    list("/ppp/active")
        .known_by(&["name", "session-id"])
        .with_verbs(&[REMOVE])
        .with_fields(&[&[
            read("name", Text),
            read("service", SERVICE),
            read("caller-id", Text),
            read("address", Address),
            running("uptime"),
            read("encoding", Text),
            read("session-id", Text),
            read("limit-bytes-in", Size),
            read("limit-bytes-out", Size),
            flag("radius"),
        ]]),
    list("/ppp/l2tp-secret")
        .unique(&["address"])
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[set("address", Prefix), set("secret", Secret), COMMENT]]),
    named("/ppp/profile")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[PROFILE]),
    list("/ppp/secret")
        .unique(&["name", "service"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[SECRET]),
    // The first server that fits is asked.
    ordered("/radius")
        .known_by(&["address", "service"])
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE, MONITOR, COUNTERS])
        .with_fields(&[RADIUS]),
    singleton("/radius/incoming")
        .with_verbs(&[SET, MONITOR, COUNTERS])
        .with_fields(&[&[
            set("accept", Bool).default("false"),
            set("port", Port).default("3799"),
            set("vrf", VRF),
        ]]),
];

const SERVICE: crate::Kind = Words(&["any", "async", "l2tp", "ovpn", "pppoe", "pptp", "sstp"]);

const PROFILE: &[Field] = &[
    set("name", Text).required(),
    set("local-address", ADDRESS_OR_POOL),
    set("remote-address", ADDRESS_OR_POOL),
    set("remote-ipv6-prefix-pool", Text),
    set("remote-ipv6-prefix-reuse", Bool),
    set("dhcpv6-pd-pool", Text),
    set("dhcpv6-use-radius", Bool),
    set("dhcpv6-lease-time", Duration),
    set("bridge", INTERFACE),
    set("bridge-port-priority", Text),
    set("bridge-path-cost", Counter),
    set("bridge-horizon", Counter),
    set("bridge-learning", DEFAULT_OR_BOOL),
    set("bridge-port-vid", Counter),
    set("bridge-port-trusted", Bool),
    set("session-timeout", Duration),
    set("idle-timeout", Duration),
    set("use-ipv6", DEFAULT_OR_BOOL),
    set("use-mpls", DEFAULT_OR_BOOL).default("default"),
    set("use-compression", DEFAULT_OR_BOOL).default("default"),
    set("use-encryption", DEFAULT_OR_BOOL).default("default"),
    set("only-one", DEFAULT_OR_BOOL).default("default"),
    set("change-tcp-mss", DEFAULT_OR_BOOL).default("default"),
    set("use-upnp", DEFAULT_OR_BOOL).default("default"),
    set("rate-limit", Text),
    set("insert-queue-before", QUEUE_PLACE),
    set("parent-queue", QUEUE_OR_NONE),
    set("queue-type", QUEUE_TYPES),
    set("incoming-filter", Text),
    set("outgoing-filter", Text),
    set("address-list", List(&ADDRESS_LIST)),
    set("interface-list", INTERFACE_LIST),
    set("dns-server", ADDRESSES),
    set("wins-server", ADDRESSES),
    set("on-up", Text),
    set("on-down", Text),
    COMMENT,
    flag("default"),
];

const SECRET: &[Field] = &[
    set("name", Text).required(),
    set("service", SERVICE).default("any"),
    set("caller-id", Text),
    set("password", Secret),
    set("profile", Name("/ppp/profile")).default("default"),
    set("local-address", Address),
    set("remote-address", Address),
    set("routes", Text),
    set("ipv6-routes", Text),
    set("remote-ipv6-prefix", Prefix),
    set("limit-bytes-in", Size).default("0"),
    set("limit-bytes-out", Size).default("0"),
    COMMENT,
    DISABLED,
    read("last-logged-out", Moment).moving(),
    read("last-caller-id", Text).moving(),
    read("last-disconnect-reason", Text).moving(),
];

const RADIUS: &[Field] = &[
    set(
        "service",
        Flags(&[
            "ppp", "login", "hotspot", "wireless", "dhcp", "ipsec", "dot1x",
        ]),
    ),
    set("called-id", Text),
    set("domain", Text),
    set("address", Text).required(),
    set("secret", Secret),
    set("authentication-port", Port).default("1812"),
    set("accounting-port", Port).default("1813"),
    set("timeout", Duration).default("300ms"),
    set("radsec-timeout", Duration),
    set("accounting-backup", Bool).default("false"),
    set("realm", Text),
    set("src-address", Address),
    set("protocol", Words(&["radsec", "udp"])).default("udp"),
    set("certificate", CERTIFICATE),
    set(
        "require-message-auth",
        Either(&[Words(&["yes-for-request-resp"]), Bool]),
    ),
    COMMENT,
    DISABLED,
    read("status", Text),
];
