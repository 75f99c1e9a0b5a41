//! `/ip/firewall` and what `/ipv6/firewall` has of it here.

use super::kinds::{
    ADDRESS_LIST, MATCHED_ADDRESS_LIST, MATCHED_INTERFACE, MATCHED_INTERFACE_LIST, MATCHED_NETWORK,
    MATCHED_PORTS, MATCHED_RANGE, MATCHED_TEXT,
};
use super::rows::{
    ALL_COUNTERS, COMMENT, DISABLED, DYNAMIC, INVALID, MOVE, REMARK, REMOVE, ROWS, SET, SWITCH,
    UNSET,
};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, Flags, Host, List, Mac, Moment, Negatable, Network,
    Port, Rate, Text, Words,
};
use crate::schema::{Dynamic, Field, MenuSchema, Unset};
use crate::table::{INSPECT, counter, flag, list, named, ordered, read, set, singleton};

pub(super) const MENUS: &[MenuSchema] = &[
    address_list("/ip/firewall/address-list"),
    address_list("/ipv6/firewall/address-list"),
    rules("/ip/firewall/filter").source(INSPECT).with_fields(&[
        &[set("action", FILTER_ACTIONS).default("accept"), REJECT_WITH],
        RULE,
        MATCHERS,
        TRACKED,
        FLAGS_OF_TCP,
    ]),
    rules("/ip/firewall/nat").with_fields(&[
        &[
            set("action", NAT_ACTIONS).default("accept"),
            matcher(set("to-addresses", Network)),
            matcher(set("to-ports", crate::Kind::Range)),
            matcher(set("same-not-by-dst", Bool)),
            matcher(set("randomise-ports", Bool)),
            set("socksify-service", Text),
            set("socks5-server", Address),
            set("socks5-port", Port),
        ],
        RULE,
        MATCHERS,
        TRACKED,
    ]),
    rules("/ip/firewall/mangle").with_fields(&[
        &[
            set("action", MANGLE_ACTIONS).default("accept"),
            set("new-packet-mark", Text),
            set("new-connection-mark", Text),
            set("new-routing-mark", Text),
            set("new-mss", Either(&[Words(&["clamp-to-pmtu"]), Counter])),
            set(
                "new-dscp",
                Either(&[
                    Words(&["from-priority", "from-priority-to-high-3-bits"]),
                    Counter,
                ]),
            ),
            set(
                "new-priority",
                Either(&[
                    Words(&["from-dscp", "from-dscp-high-3-bits", "from-ingress"]),
                    Counter,
                ]),
            ),
            set("new-ttl", Text),
            set("passthrough", Bool),
            set("sniff-target", Address),
            set("sniff-target-port", Port),
            set("sniff-id", Counter),
            set("route-dst", Address),
        ],
        RULE,
        MATCHERS,
        TRACKED,
        FLAGS_OF_TCP,
    ]),
    rules("/ip/firewall/raw").with_fields(&[
        &[set("action", RAW_ACTIONS).default("accept")],
        RULE,
        MATCHERS,
        FLAGS_OF_TCP,
    ]),
    // Rows come and go while they are read; `remove` ends a connection.
    list("/ip/firewall/connection")
        .known_by(&[
            "protocol",
            "src-address",
            "src-port",
            "dst-address",
            "dst-port",
        ])
        .with_verbs(&[REMOVE])
        .with_fields(&[CONNECTION]),
    singleton("/ip/firewall/connection/tracking")
        .with_verbs(&[SET])
        .with_fields(&[TRACKING]),
    named("/ip/firewall/service-port")
        .with_verbs(&[SET, SWITCH])
        .with_fields(&[&[
            read("name", Text),
            set("ports", List(&Port)),
            set("sip-direct-media", Bool),
            set("sip-timeout", Duration),
            DISABLED,
            INVALID,
        ]]),
    named("/ip/firewall/layer7-protocol")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[set("name", Text).required(), set("regexp", Text), COMMENT]]),
];

/// Rows with a `timeout` are dynamic, live in memory only, and are set and removed like others
/// (seen). One row for each list and address (seen).
const fn address_list(path: &'static str) -> MenuSchema {
    list(path)
        .unique(&["list", "address"])
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[ENTRY])
}

const ENTRY: &[Field] = &[
    set("list", ADDRESS_LIST).required(),
    set("address", Either(&[Network, Host])).required(),
    // Absent is for ever; setting it again starts it anew.
    set("timeout", Duration).counting_down(),
    set("dynamic", Bool).default("false"),
    read("creation-time", Moment),
    COMMENT,
    DISABLED,
];

/// Rules have no key: they are what they say, at their place. Those that the router made are kept
/// (inferred from the trap for a dummy rule).
const fn rules(path: &'static str) -> MenuSchema {
    ordered(path).dynamic(Dynamic::Kept).with_verbs(&[
        ROWS,
        SWITCH,
        REMARK,
        MOVE,
        UNSET,
        ALL_COUNTERS,
    ])
}

/// The menu's `unset` takes any matcher (seen for filter).
const fn matcher(field: Field) -> Field {
    field.unset(Unset::Verb)
}

const REJECT_WITH: Field = matcher(set(
    "reject-with",
    Words(&[
        "icmp-admin-prohibited",
        "icmp-host-prohibited",
        "icmp-host-unreachable",
        "icmp-net-prohibited",
        "icmp-network-unreachable",
        "icmp-port-unreachable",
        "icmp-protocol-unreachable",
        "tcp-reset",
    ]),
));

const FILTER_ACTIONS: crate::Kind = Words(&[
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
]);
const NAT_ACTIONS: crate::Kind = Words(&[
    "accept",
    "add-dst-to-address-list",
    "add-src-to-address-list",
    "dst-nat",
    "endpoint-independent-nat",
    "jump",
    "log",
    "masquerade",
    "netmap",
    "passthrough",
    "redirect",
    "return",
    "same",
    "socksify",
    "src-nat",
]);
const MANGLE_ACTIONS: crate::Kind = Words(&[
    "accept",
    "add-dst-to-address-list",
    "add-src-to-address-list",
    "change-dscp",
    "change-mss",
    "change-ttl",
    "clear-df",
    "drop",
    "fasttrack-connection",
    "jump",
    "log",
    "mark-connection",
    "mark-packet",
    "mark-routing",
    "passthrough",
    "return",
    "route",
    "set-priority",
    "sniff-pc",
    "sniff-tzsp",
    "strip-ipv4-options",
]);
const RAW_ACTIONS: crate::Kind = Words(&[
    "accept",
    "add-dst-to-address-list",
    "add-src-to-address-list",
    "drop",
    "jump",
    "log",
    "notrack",
    "passthrough",
    "return",
]);

/// What every rule has.
const RULE: &[Field] = &[
    set("chain", Text).required(),
    set("jump-target", Text),
    set("address-list", ADDRESS_LIST),
    set(
        "address-list-timeout",
        Either(&[Words(&["none-dynamic", "none-static"]), Duration]),
    ),
    set("log", Bool).default("false"),
    set("log-prefix", Text).default(""),
    COMMENT,
    DISABLED,
    counter("bytes"),
    counter("packets"),
    DYNAMIC,
    INVALID,
];

const ADDRESS_TYPES: crate::Kind = Negatable(&Flags(&[
    "unicast",
    "local",
    "broadcast",
    "multicast",
    "blackhole",
]));

/// What rules of every table match.
const MATCHERS: &[Field] = &[
    matcher(set("src-address", MATCHED_NETWORK)),
    matcher(set("dst-address", MATCHED_NETWORK)),
    matcher(set("src-address-list", MATCHED_ADDRESS_LIST)),
    matcher(set("dst-address-list", MATCHED_ADDRESS_LIST)),
    matcher(set("src-address-type", ADDRESS_TYPES)),
    matcher(set("dst-address-type", ADDRESS_TYPES)),
    matcher(set("src-mac-address", Negatable(&Mac))),
    matcher(set("protocol", MATCHED_TEXT)),
    matcher(set("src-port", MATCHED_PORTS)),
    matcher(set("dst-port", MATCHED_PORTS)),
    matcher(set("port", MATCHED_PORTS)),
    matcher(set("in-interface", MATCHED_INTERFACE)),
    matcher(set("out-interface", MATCHED_INTERFACE)),
    matcher(set("in-interface-list", MATCHED_INTERFACE_LIST)),
    matcher(set("out-interface-list", MATCHED_INTERFACE_LIST)),
    matcher(set("in-bridge-port", MATCHED_INTERFACE)),
    matcher(set("out-bridge-port", MATCHED_INTERFACE)),
    matcher(set("in-bridge-port-list", MATCHED_INTERFACE_LIST)),
    matcher(set("out-bridge-port-list", MATCHED_INTERFACE_LIST)),
    matcher(set(
        "hotspot",
        List(&Negatable(&Words(&[
            "auth",
            "from-client",
            "http",
            "local-dst",
            "to-client",
        ]))),
    )),
    matcher(set("packet-mark", MATCHED_TEXT)),
    matcher(set("content", MATCHED_TEXT)),
    matcher(set("tls-host", MATCHED_TEXT)),
    matcher(set("dscp", Negatable(&Counter))),
    matcher(set("dst-limit", Text)),
    matcher(set("limit", Text)),
    matcher(set("fragment", Bool)),
    matcher(set("icmp-options", MATCHED_TEXT)),
    matcher(set("ingress-priority", Negatable(&Counter))),
    matcher(set(
        "ipsec-policy",
        Words(&["in,ipsec", "in,none", "out,ipsec", "out,none"]),
    )),
    matcher(set(
        "ipv4-options",
        Words(&[
            "any",
            "loose-source-routing",
            "no-record-route",
            "no-router-alert",
            "no-source-routing",
            "no-timestamp",
            "none",
            "record-route",
            "router-alert",
            "strict-source-routing",
            "timestamp",
        ]),
    )),
    matcher(set("nth", MATCHED_TEXT)),
    matcher(set("packet-size", MATCHED_RANGE)),
    matcher(set("per-connection-classifier", MATCHED_TEXT)),
    matcher(set("priority", Negatable(&Counter))),
    matcher(set("psd", Text)),
    matcher(set("random", Counter)),
    matcher(set("tcp-mss", MATCHED_RANGE)),
    matcher(set("time", MATCHED_TEXT)),
    matcher(set("tos", MATCHED_TEXT)),
    matcher(set("ttl", Text)),
];

/// What rules match that come after the tracking of connections.
const TRACKED: &[Field] = &[
    matcher(set("connection-bytes", crate::Kind::Range)),
    matcher(set("connection-limit", MATCHED_TEXT)),
    matcher(set("connection-mark", MATCHED_TEXT)),
    matcher(set(
        "connection-nat-state",
        Negatable(&Flags(&["srcnat", "dstnat", "ein-snat", "ein-dnat"])),
    )),
    matcher(set("connection-rate", MATCHED_RANGE)),
    matcher(set(
        "connection-state",
        Negatable(&Flags(&[
            "invalid",
            "established",
            "related",
            "new",
            "untracked",
        ])),
    )),
    matcher(set(
        "connection-type",
        Negatable(&Words(&[
            "ftp", "h323", "irc", "pptp", "quake3", "sip", "tftp",
        ])),
    )),
    matcher(set(
        "layer7-protocol",
        Negatable(&crate::Kind::Name("/ip/firewall/layer7-protocol")),
    )),
    matcher(set(
        "p2p",
        Negatable(&Words(&[
            "all-p2p",
            "bit-torrent",
            "blubster",
            "direct-connect",
            "edonkey",
            "fasttrack",
            "gnutella",
            "soulseek",
            "warez",
            "winmx",
        ])),
    )),
    matcher(set("realm", Negatable(&Counter))),
    matcher(set("routing-mark", MATCHED_TEXT)),
];

const FLAGS_OF_TCP: &[Field] = &[matcher(set(
    "tcp-flags",
    List(&Negatable(&Words(&[
        "ack", "cwr", "ece", "fin", "psh", "rst", "syn", "urg",
    ]))),
))];

const CONNECTION: &[Field] = &[
    read("protocol", Text),
    read("src-address", Address),
    read("src-port", Port),
    read("dst-address", Address),
    read("dst-port", Port),
    read("reply-src-address", Address),
    read("reply-src-port", Port),
    read("reply-dst-address", Address),
    read("reply-dst-port", Port),
    read(
        "tcp-state",
        Words(&[
            "none",
            "syn-sent",
            "syn-recv",
            "established",
            "fin-wait",
            "close-wait",
            "last-ack",
            "time-wait",
            "close",
            "listen",
        ]),
    )
    .moving(),
    read("icmp-type", Counter),
    read("icmp-code", Counter),
    read("icmp-id", Counter),
    read("gre-protocol", Counter),
    read("gre-version", Counter),
    read("gre-key", Counter),
    read("connection-type", Text),
    read("connection-mark", Text),
    read("timeout", Duration).counting_down(),
    counter("orig-packets"),
    counter("orig-bytes"),
    counter("orig-fasttrack-packets"),
    counter("orig-fasttrack-bytes"),
    counter("repl-packets"),
    counter("repl-bytes"),
    counter("repl-fasttrack-packets"),
    counter("repl-fasttrack-bytes"),
    read("orig-rate", Rate).moving(),
    read("repl-rate", Rate).moving(),
    flag("expected"),
    flag("seen-reply"),
    flag("assured"),
    flag("confirmed"),
    flag("dying"),
    flag("fasttrack"),
    flag("hw-offload"),
    flag("srcnat"),
    flag("dstnat"),
    flag("uses-helper"),
];

const TRACKING: &[Field] = &[
    set("enabled", Either(&[Words(&["auto"]), Bool])).default("auto"),
    set("tcp-syn-sent-timeout", Duration),
    set("tcp-syn-received-timeout", Duration),
    set("tcp-established-timeout", Duration),
    set("tcp-fin-wait-timeout", Duration),
    set("tcp-close-wait-timeout", Duration),
    set("tcp-last-ack-timeout", Duration),
    set("tcp-time-wait-timeout", Duration),
    set("tcp-close-timeout", Duration),
    set("tcp-max-retrans-timeout", Duration),
    set("tcp-unacked-timeout", Duration),
    set("loose-tcp-tracking", Bool),
    set("liberal-tcp-tracking", Bool),
    set("udp-timeout", Duration),
    set("udp-stream-timeout", Duration),
    set("icmp-timeout", Duration),
    set("generic-timeout", Duration),
    flag("active-ipv4"),
    flag("active-ipv6"),
    read("max-entries", Counter),
    counter("total-entries"),
    counter("total-ip4-entries"),
    counter("total-ip6-entries"),
];
