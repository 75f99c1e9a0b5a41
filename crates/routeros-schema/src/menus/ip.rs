//! `/ip`, without firewall and hotspot.

use super::kinds::{
    ADDRESS_OR_POOL, ADDRESSES, ADDRESSES_OR_HOSTS, CERTIFICATE, DHCP_SERVER, INTERFACE,
    INTERFACES, POOL_OR_NONE, POOL_OR_STATIC, PREFIXES, QUEUE_OR_NONE, QUEUE_PLACE, QUEUE_TYPE,
    TEXTS, UNLIMITED_OR_COUNT, VRF,
};
use super::rows::{COMMENT, DISABLED, DYNAMIC, INVALID, MOVE, REMARK, ROWS, SET, SWITCH, UNSET};
use crate::kind::Kind::{
    Address, AddressPrefix, Bool, Counter, Duration, Either, Flags, List, Mac, Name, Network, Port,
    Prefix, Secret, Size, Text, Words,
};
use crate::schema::{Dynamic, Effect, Field, MenuSchema, Unset};
use crate::table::{
    INSPECT, command, counter, flag, list, named, ordered, read, running, set, singleton, verb,
};

pub(super) const MENUS: &[MenuSchema] = &[
    list("/ip/address")
        .unique(&["address", "interface"])
        .dynamic(Dynamic::Kept)
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("address", AddressPrefix).required(),
            set("interface", INTERFACE).required(),
            set("network", Address),
            set("netmask", Address).write_only(),
            set("broadcast", Address).write_only(),
            COMMENT,
            DISABLED,
            read("actual-interface", INTERFACE),
            read("vrf", VRF),
            INVALID,
            DYNAMIC,
            flag("slave"),
        ]]),
    // A dynamic row may have no MAC address, and is not changed.
    list("/ip/arp")
        .known_by(&["address", "interface"])
        .dynamic(Dynamic::Fixed)
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("address", Address).required(),
            set("interface", INTERFACE).required(),
            set("mac-address", Mac),
            set("published", Bool).default("false"),
            COMMENT,
            DISABLED,
            read(
                "status",
                Words(&[
                    "delay",
                    "failed",
                    "incomplete",
                    "permanent",
                    "probe",
                    "reachable",
                    "stale",
                ]),
            )
            .moving(),
            flag("complete").moving(),
            flag("dhcp"),
            // As replies had it before it was written small; in which version that changed is not
            // known.
            flag("DHCP"),
            DYNAMIC,
            INVALID,
            read("vrf", VRF),
        ]]),
    list("/ip/route")
        .known_by(&["dst-address", "gateway", "routing-table"])
        .dynamic(Dynamic::Kept)
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            UNSET,
            &[verb("check", Effect::Measure)],
        ])
        .with_fields(&[ROUTE]),
    named("/ip/pool")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[
            set("name", Text).required(),
            set("ranges", List(&Network)).required(),
            // An empty value is a beginning of every name, and refused as ambiguous (seen).
            set("next-pool", POOL_OR_NONE).unset(Unset::Word("none")),
            COMMENT,
            read("total", Counter),
            counter("used"),
            counter("available"),
        ]]),
    list("/ip/pool/used")
        .unique(&["pool", "address"])
        .with_fields(&[&[
            read("pool", Name("/ip/pool")),
            read("address", Address),
            read("owner", Text),
            read("info", Text),
        ]]),
    named("/ip/dhcp-server")
        .with_verbs(&[ROWS, SWITCH, REMARK, &[verb("setup", Effect::Change)]])
        .with_fields(&[DHCP_SERVER_FIELDS]),
    list("/ip/dhcp-server/lease")
        .unique(&["address", "server"])
        .dynamic(Dynamic::Fixed)
        .source(INSPECT)
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            UNSET,
            &[
                verb("make-static", Effect::Change),
                verb("check-status", Effect::Change),
                verb("send-reconfigure", Effect::Change).since(7, 19),
            ],
        ])
        .with_fields(&[LEASE]),
    list("/ip/dhcp-server/network")
        .unique(&["address"])
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[
            set("address", Prefix),
            set("gateway", ADDRESSES),
            set("netmask", Counter),
            set("dns-server", ADDRESSES),
            set("dns-none", Bool).default("false"),
            set("wins-server", ADDRESSES),
            set("ntp-server", ADDRESSES),
            set("ntp-none", Bool).default("false"),
            set("caps-manager", ADDRESSES),
            set("domain", Text),
            set("next-server", Address),
            set("boot-file-name", Text),
            set("dhcp-option", TEXTS),
            set("dhcp-option-set", OPTION_SET).unset(Unset::Word("none")),
            COMMENT,
            DYNAMIC,
        ]]),
    named("/ip/dhcp-server/option")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[
            set("name", Text).required(),
            set("code", Either(&[Words(&["vendor-specific"]), Counter])).required(),
            set("value", Text),
            set("force", Bool).default("false"),
            COMMENT,
            read("raw-value", Text),
        ]]),
    singleton("/ip/dhcp-server/config")
        .with_verbs(&[SET])
        .with_fields(&[&[
            set(
                "store-leases-disk",
                Either(&[Words(&["immediately", "never"]), Duration]),
            ),
            set("accounting", Bool),
            set("interim-update", Duration),
            set("radius-password", Secret),
        ]]),
    list("/ip/dhcp-client")
        .known_by(&["interface"])
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            &[
                verb("release", Effect::Change),
                verb("renew", Effect::Change),
            ],
        ])
        .with_fields(&[DHCP_CLIENT]),
    singleton("/ip/dns").with_verbs(&[SET]).with_fields(&[DNS]),
    ordered("/ip/dns/static")
        .known_by(&["name", "regexp", "type"])
        .dynamic(Dynamic::Kept)
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE])
        .with_fields(&[DNS_STATIC]),
    list("/ip/dns/cache")
        .known_by(&["name", "type", "data"])
        .with_fields(&[&[
            read("name", Text),
            read("type", Text),
            read("data", Text),
            read("ttl", Duration).counting_down(),
            flag("static"),
        ]]),
    command("/ip/dns/cache/flush", Effect::Change),
    list("/ip/neighbor")
        .known_by(&["interface", "mac-address", "identity"])
        .with_fields(&[&[
            read("interface", INTERFACES),
            read("address", Address),
            read("address4", Address),
            read("address6", Address),
            read("mac-address", Mac),
            read("identity", Text),
            read("platform", Text),
            read("version", Text),
            read("unpack", Text),
            running("age"),
            running("uptime"),
            read("software-id", Text),
            read("board", Text),
            flag("ipv6"),
            read("interface-name", Text),
            read("system-description", Text),
            read("system-caps", TEXTS),
            read("system-caps-enabled", TEXTS),
            read("discovered-by", TEXTS),
            read("running", TEXTS),
        ]]),
    // From RouterOS 7.19 on, live connections are dynamic rows with the same names (seen).
    list("/ip/service")
        .known_by(&["name", "dynamic"])
        .dynamic(Dynamic::Kept)
        .source(INSPECT)
        .with_verbs(&[SET, SWITCH])
        .with_fields(&[&[
            read("name", Text),
            set("port", Port),
            set("address", PREFIXES).unset(Unset::Empty),
            set("available-from", PREFIXES).since(7, 24),
            set("certificate", CERTIFICATE).unset(Unset::Word("none")),
            set("tls-version", Words(&["any", "only-1.2"])),
            set("vrf", VRF),
            set("max-sessions", Counter).default("20").since(7, 16),
            DISABLED,
            DYNAMIC.default("false"),
            INVALID,
            flag("connection"),
            read("container", Text),
            read("netns", Text),
            read("proto", Text),
            read("local", Text),
            read("remote", Text),
        ]]),
];

const OPTION_SET: crate::Kind = Either(&[Words(&["none"]), Name("/ip/dhcp-server/option/sets")]);
const CHECK_GATEWAY: crate::Kind = Words(&["arp", "bfd", "none", "ping"]);

const ROUTE: &[Field] = &[
    set("dst-address", Prefix).default("0.0.0.0/0"),
    set("gateway", Text).unset(Unset::Verb),
    set("routing-table", Name("/routing/table")).default("main"),
    set("pref-src", Address).unset(Unset::Verb),
    set("blackhole", Bool),
    set("check-gateway", CHECK_GATEWAY).unset(Unset::Verb),
    set("distance", Counter).unset(Unset::Verb),
    set("scope", Counter).unset(Unset::Verb),
    set("target-scope", Counter).unset(Unset::Verb),
    set("vrf-interface", INTERFACE).unset(Unset::Verb),
    set("suppress-hw-offload", Bool),
    COMMENT,
    DISABLED,
    read("immediate-gw", Text),
    read("local-address", Text),
    DYNAMIC,
    flag("inactive"),
    flag("active"),
    flag("connect"),
    flag("static"),
    flag("rip"),
    flag("bgp"),
    flag("ospf"),
    flag("is-is"),
    flag("dhcp"),
    flag("vpn"),
    flag("modem"),
    flag("hw-offloaded"),
    flag("ecmp"),
];

const DHCP_SERVER_FIELDS: &[Field] = &[
    set("name", Text),
    set("interface", INTERFACE).required(),
    set("relay", Address),
    set("lease-time", Duration),
    set("address-pool", POOL_OR_STATIC).default("static-only"),
    set(
        "dynamic-lease-identifiers",
        Flags(&["client-mac", "client-id", "opt-82"]),
    ),
    set("bootp-support", Words(&["dynamic", "none", "static"])),
    set(
        "bootp-lease-time",
        Either(&[Words(&["forever", "lease-time"]), Duration]),
    ),
    set("delay-threshold", super::kinds::NONE_OR_DURATION).unset(Unset::Word("none")),
    set("server-address", Address),
    set("add-arp", Bool).default("false"),
    set("add-dns-entries", Bool),
    set("add-dns-entries-suffix", Text),
    set(
        "authoritative",
        Either(&[Words(&["after-10sec-delay", "after-2sec-delay"]), Bool]),
    ),
    set("always-broadcast", Bool).default("false"),
    set("use-radius", Either(&[Words(&["accounting"]), Bool])),
    set("client-mac-limit", UNLIMITED_OR_COUNT),
    set("conflict-detection", Bool),
    set("use-framed-as-classless", Bool),
    set("use-reconfigure", Bool),
    set("lease-script", Text),
    set("insert-queue-before", QUEUE_PLACE),
    set("parent-queue", QUEUE_OR_NONE).unset(Unset::Word("none")),
    set("dhcp-option-set", OPTION_SET).unset(Unset::Word("none")),
    set("address-lists", TEXTS),
    set("allow-dual-stack-queue", Bool),
    set("support-broadband-tr101", Bool),
    COMMENT,
    DISABLED,
    DYNAMIC,
    INVALID,
];

/// A static lease of a client that is away waits, and has nothing active. A dynamic one is changed
/// only after `make-static`, which may give it another `.id`.
const LEASE: &[Field] = &[
    set("address", ADDRESS_OR_POOL),
    set("mac-address", Mac),
    set("client-id", Text),
    set("server", DHCP_SERVER)
        .default("all")
        .unset(Unset::Word("all")),
    set("lease-time", Duration),
    set("address-lists", TEXTS).default(""),
    set("rate-limit", Text),
    set("block-access", Bool),
    set("use-src-mac", Bool),
    set("always-broadcast", Bool),
    set("allow-dual-stack-queue", Bool).unset(Unset::Verb),
    set("insert-queue-before", QUEUE_PLACE).unset(Unset::Verb),
    set("parent-queue", QUEUE_OR_NONE).unset(Unset::Verb),
    set("queue-type", QUEUE_TYPE).unset(Unset::Verb),
    set("dhcp-option", TEXTS).default(""),
    set("dhcp-option-set", OPTION_SET).unset(Unset::Word("none")),
    set("routes", Text),
    set("agent-circuit-id", Text).since(7, 21),
    set("agent-remote-id", Text).since(7, 21),
    COMMENT,
    DISABLED,
    read(
        "status",
        Words(&[
            "waiting",
            "testing",
            "declined",
            "offered",
            "bound",
            "authorizing",
            "conflict",
            "busy",
        ]),
    ),
    read("expires-after", Duration).counting_down(),
    read(
        "last-seen",
        Either(&[Words(&["never", "sometime"]), Duration]),
    )
    .moving(),
    running("age"),
    read("active-address", Address),
    read("active-mac-address", Mac),
    read("active-client-id", Text),
    read("active-server", Name("/ip/dhcp-server")),
    read("active-agent-circuit-id", Text),
    read("active-agent-remote-id", Text),
    read("host-name", Text),
    read("class-id", Text),
    read("src-mac-address", Mac),
    read("reconfigure-key", Secret),
    read("reconfigure-last-sent", Text).moving(),
    read("reconfigure-status", Text).moving(),
    flag("radius"),
    DYNAMIC,
    flag("blocked"),
];

const DHCP_CLIENT: &[Field] = &[
    set("name", Text),
    set("interface", INTERFACE).required(),
    set(
        "add-default-route",
        Either(&[Words(&["special-classless"]), Bool]),
    )
    .default("true"),
    set("default-route-distance", Counter),
    set("default-route-tables", Text),
    set("check-gateway", CHECK_GATEWAY),
    set("use-peer-dns", Bool).default("true"),
    set("use-peer-ntp", Bool).default("true"),
    set("allow-reconfigure", Bool),
    set("vlan-priority", Counter),
    set("dscp", Counter),
    set("use-broadcast", Words(&["always", "both", "never"])),
    set("dhcp-options", TEXTS),
    set("script", Text),
    COMMENT,
    DISABLED,
    read("custom-source-mac-address", Mac),
    read("custom-hostname-suffix", Text),
    read("status", Text),
    read("address", AddressPrefix),
    read("netmask", Address),
    read("gateway", Address),
    read("dhcp-server", Address),
    read("primary-dns", Address),
    read("secondary-dns", Address),
    read("primary-ntp", Address),
    read("secondary-ntp", Address),
    read("caps-managers", ADDRESSES),
    read("reconfigure-key", Secret),
    read("reconfigure-last-counter", Text).moving(),
    read("expires-after", Duration).counting_down(),
    DYNAMIC,
    INVALID,
];

const DNS: &[Field] = &[
    set("servers", ADDRESSES_OR_HOSTS).unset(Unset::Empty),
    set("use-doh-server", Text),
    set("verify-doh-cert", Bool),
    set("doh-max-server-connections", Counter),
    set("doh-max-concurrent-queries", Counter),
    set("doh-timeout", Duration),
    set("allow-remote-requests", Bool),
    set("max-udp-packet-size", Counter),
    set("query-server-timeout", Duration),
    set("query-total-timeout", Duration),
    set("max-concurrent-queries", Counter),
    set("max-concurrent-tcp-sessions", Counter),
    // The console writes `2048KiB`; the API digits.
    set("cache-size", Size),
    set("cache-max-ttl", Duration),
    set("address-list-extra-time", Duration),
    set("vrf", VRF),
    set("mdns-repeat-ifaces", INTERFACES),
    read("dynamic-servers", ADDRESSES_OR_HOSTS),
    read("cache-used", Size).moving(),
];

const DNS_STATIC: &[Field] = &[
    set("name", Text),
    set("regexp", Text),
    set(
        "type",
        Words(&[
            "A", "AAAA", "CNAME", "FWD", "MX", "NS", "NXDOMAIN", "SRV", "TXT",
        ]),
    )
    .default("A"),
    set("address", Address),
    set("forward-to", Text),
    set("mx-preference", Counter),
    set("mx-exchange", Text),
    set("cname", Text),
    set("text", Text),
    set("ns", Text),
    set("srv-priority", Counter),
    set("srv-weight", Counter),
    set("srv-port", Port),
    set("srv-target", Text),
    set("ttl", Duration).default("1d"),
    set("match-subdomain", Bool).default("false"),
    set("address-list", Text),
    COMMENT,
    DISABLED,
    DYNAMIC,
];
