//! `/ip/hotspot` and all below it.

use super::kinds::{
    CERTIFICATE, HOTSPOT, HOTSPOT_PROFILE, HOTSPOT_USER_PROFILE, MATCHED_ADDRESS_LIST,
    MATCHED_NETWORK, MATCHED_PORTS, MATCHED_RANGE, MATCHED_TEXT, NONE_OR_DURATION, POOL_OR_NONE,
    QUEUE_OR_NONE, QUEUE_PLACE, QUEUE_TYPE, TEXTS, UNLIMITED_OR_COUNT,
};
use super::rows::{
    ALL_COUNTERS, COMMENT, COUNTERS, DISABLED, DYNAMIC, INVALID, MOVE, REMARK, REMOVE, RESET, ROWS,
    SET, SWITCH, UNSET,
};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, Flags, List, Mac, Name, Negatable, Network, Port,
    Secret, Size, Text, Words,
};
use crate::schema::{Dynamic, Effect, Field, MenuSchema, Unset};
use crate::table::{INSPECT, counter, flag, list, named, ordered, read, running, set, verb};

pub(super) const MENUS: &[MenuSchema] = &[
    named("/ip/hotspot")
        .source(INSPECT)
        .with_verbs(&[
            ROWS,
            SWITCH,
            &[
                verb("reset-html", Effect::Change),
                verb("setup", Effect::Change),
            ],
        ])
        .with_fields(&[SERVER]),
    // Only fields that are set appear; nothing is known of clearing `address`.
    ordered("/ip/hotspot/ip-binding")
        .known_by(&["mac-address", "address", "server"])
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE])
        .with_fields(&[BINDING]),
    // The same client can be there twice, with other addresses (seen).
    list("/ip/hotspot/host")
        .known_by(&["mac-address", "address", "server"])
        .source(INSPECT)
        .with_verbs(&[REMOVE, &[verb("make-binding", Effect::Change), RESET]])
        .with_fields(&[HOST]),
    // Its `.id` is the address (seen); `remove` logs a client out.
    list("/ip/hotspot/active")
        .unique(&["address"])
        .source(INSPECT)
        .with_verbs(&[
            REMOVE,
            &[
                verb("login", Effect::Change),
                verb("set", Effect::Change).until(7, 21),
                verb("comment", Effect::Change).until(7, 21),
            ],
        ])
        .with_fields(&[ACTIVE]),
    list("/ip/hotspot/cookie")
        .known_by(&["user", "mac-address"])
        .source(INSPECT)
        .with_verbs(&[REMOVE])
        .with_fields(&[&[
            read("user", Text),
            read("domain", Text),
            read("mac-address", Mac),
            read("expires-in", Duration).counting_down(),
            flag("mac-cookie"),
        ]]),
    // The trap for a second one names both fields (seen).
    list("/ip/hotspot/user")
        .unique(&["name", "server"])
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK, COUNTERS])
        .with_fields(&[USER]),
    named("/ip/hotspot/user/profile")
        .source(INSPECT)
        .with_verbs(&[ROWS, UNSET])
        .with_fields(&[USER_PROFILE]),
    named("/ip/hotspot/profile")
        .source(INSPECT)
        .with_verbs(&[ROWS])
        .with_fields(&[PROFILE]),
    named("/ip/hotspot/service-port")
        .with_verbs(&[SET, SWITCH])
        .with_fields(&[&[read("name", Text), set("ports", List(&Port)), DISABLED]]),
    // Rules of both gardens are tried in their order (inferred from the manual); a rule of the first
    // with an address makes a dynamic one in the second.
    ordered("/ip/hotspot/walled-garden")
        .dynamic(Dynamic::Kept)
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE, UNSET, ALL_COUNTERS])
        .with_fields(&[GARDEN]),
    ordered("/ip/hotspot/walled-garden/ip")
        .dynamic(Dynamic::Kept)
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE, UNSET])
        .with_fields(&[GARDEN_IP]),
];

const SERVER: &[Field] = &[
    set("name", Text),
    set("interface", super::kinds::INTERFACE).required(),
    set("address-pool", POOL_OR_NONE)
        .default("none")
        .unset(Unset::Word("none")),
    set("profile", HOTSPOT_PROFILE).default("default"),
    set("idle-timeout", NONE_OR_DURATION)
        .default("5m")
        .unset(Unset::Word("none")),
    set("keepalive-timeout", NONE_OR_DURATION)
        .default("none")
        .unset(Unset::Word("none")),
    set("login-timeout", NONE_OR_DURATION)
        .default("none")
        .unset(Unset::Word("none")),
    set("addresses-per-mac", UNLIMITED_OR_COUNT)
        .default("2")
        .unset(Unset::Word("unlimited")),
    DISABLED,
    flag("HTTPS"),
    INVALID,
    read("ip-of-dns-name", Address),
    read("proxy-status", Text),
];

const BINDING: &[Field] = &[
    set("mac-address", Mac),
    set("address", Network),
    set("to-address", Address),
    set("server", HOTSPOT)
        .default("all")
        .unset(Unset::Word("all")),
    set("type", Words(&["regular", "bypassed", "blocked"])).default("regular"),
    COMMENT,
    DISABLED,
    flag("bypassed"),
    flag("blocked"),
];

const HOST: &[Field] = &[
    read("mac-address", Mac),
    read("address", Address),
    read("to-address", Address),
    read("server", Name("/ip/hotspot")),
    read("bridge-port", super::kinds::INTERFACE),
    read("vlan-id", Counter),
    read("http-proxy", Text),
    running("uptime"),
    running("idle-time"),
    read("idle-timeout", NONE_OR_DURATION),
    read("keepalive-timeout", NONE_OR_DURATION),
    running("host-dead-time"),
    counter("bytes-in"),
    counter("bytes-out"),
    counter("packets-in"),
    counter("packets-out"),
    read("found-by", Text),
    flag("DHCP"),
    flag("static"),
    DYNAMIC,
    flag("authorized"),
    flag("bypassed"),
    read("comment", Text),
];

const ACTIVE: &[Field] = &[
    read("server", Name("/ip/hotspot")),
    read("user", Text),
    read("domain", Text),
    read("address", Address),
    read("mac-address", Mac),
    // The ways of logging in, and words of the router's own.
    read("login-by", Text),
    running("uptime"),
    read("session-time-left", Duration).counting_down(),
    running("idle-time"),
    read("idle-timeout", NONE_OR_DURATION),
    read("keepalive-timeout", NONE_OR_DURATION),
    counter("bytes-in"),
    counter("bytes-out"),
    counter("packets-in"),
    counter("packets-out"),
    read("limit-bytes-in", Size),
    read("limit-bytes-out", Size),
    read("limit-bytes-total", Size),
    read(
        "advertisement",
        Words(&["disabled", "sleeping", "pending", "pending,block"]),
    ),
    flag("radius"),
    flag("blocked"),
    read("comment", Text),
];

/// Counters and `uptime` last over sessions. With RADIUS on in the server's profile these users do
/// not count.
const USER: &[Field] = &[
    set("name", Text).required(),
    set("password", Secret),
    set("otp-secret", Secret).since(7, 22),
    set("totp-secret", Secret).since(7, 21).until(7, 22),
    set("profile", HOTSPOT_USER_PROFILE).default("default"),
    set("server", HOTSPOT)
        .default("all")
        .unset(Unset::Word("all")),
    set("address", Address),
    set("mac-address", Mac),
    set("email", Text),
    set("routes", Text),
    set("limit-uptime", Duration).default("0s"),
    set("limit-bytes-in", Size).default("0"),
    set("limit-bytes-out", Size).default("0"),
    set("limit-bytes-total", Size).default("0"),
    COMMENT,
    DISABLED,
    running("uptime"),
    counter("bytes-in"),
    counter("bytes-out"),
    counter("packets-in"),
    counter("packets-out"),
    DYNAMIC,
    flag("default"),
];

const USER_PROFILE: &[Field] = &[
    set("name", Text).required(),
    set("shared-users", UNLIMITED_OR_COUNT).default("1"),
    // A text of its own form: `rx/tx [burst …]`; it is read as it was written.
    set("rate-limit", Text),
    set("address-pool", POOL_OR_NONE)
        .default("none")
        .unset(Unset::Word("none")),
    set("address-list", TEXTS),
    // Neither `none` nor an empty value is taken (seen).
    set("session-timeout", Duration).unset(Unset::Never),
    set("idle-timeout", NONE_OR_DURATION)
        .default("none")
        .unset(Unset::Verb),
    set("keepalive-timeout", NONE_OR_DURATION)
        .default("2m")
        .unset(Unset::Verb),
    set("status-autorefresh", NONE_OR_DURATION)
        .default("1m")
        .unset(Unset::Word("none")),
    set("add-mac-cookie", Bool).default("true"),
    set("mac-cookie-timeout", Duration)
        .default("3d")
        .unset(Unset::Verb),
    set("open-status-page", Words(&["always", "http-login"])).default("always"),
    set("transparent-proxy", Bool).default("false"),
    set("parent-queue", QUEUE_OR_NONE).unset(Unset::Verb),
    set("queue-type", QUEUE_TYPE).unset(Unset::Verb),
    set("insert-queue-before", QUEUE_PLACE).unset(Unset::Verb),
    set("incoming-filter", Text),
    set("outgoing-filter", Text),
    set("incoming-packet-mark", Text),
    set("outgoing-packet-mark", Text),
    set("on-login", Text),
    set("on-logout", Text),
    set("advertise", Bool).default("false"),
    set("advertise-url", TEXTS),
    set("advertise-interval", List(&Duration)),
    set(
        "advertise-timeout",
        Either(&[Words(&["immediately", "never"]), Duration]),
    ),
    flag("default"),
];

/// What a way of logging in or RADIUS alone needs is not shown without it, so its absence says
/// nothing, and it has no default here.
const PROFILE: &[Field] = &[
    set("name", Text).required(),
    set("hotspot-address", Address).default("0.0.0.0"),
    set("dns-name", Text),
    set("html-directory", Text),
    set("html-directory-override", Text),
    set("install-hotspot-queue", Bool),
    set("rate-limit", Text),
    set("http-proxy", Text),
    set("smtp-server", Address).default("0.0.0.0"),
    set(
        "login-by",
        Flags(&[
            "mac",
            "cookie",
            "http-chap",
            "https",
            "http-pap",
            "trial",
            "mac-cookie",
        ]),
    )
    .default("cookie,http-chap"),
    set(
        "mac-auth-mode",
        Words(&["mac-as-username", "mac-as-username-and-password"]),
    ),
    set("mac-auth-password", Secret),
    set("http-cookie-lifetime", Duration),
    set("ssl-certificate", CERTIFICATE).unset(Unset::Word("none")),
    set("split-user-domain", Bool).default("false"),
    set("trial-uptime-limit", Duration),
    set("trial-uptime-reset", Duration),
    set("trial-user-profile", HOTSPOT_USER_PROFILE),
    set("use-radius", Bool).default("false"),
    set("radius-accounting", Bool),
    set(
        "radius-interim-update",
        Either(&[Words(&["received"]), Duration]),
    ),
    set(
        "nas-port-type",
        Words(&["cable", "ethernet", "wireless-802.11"]),
    ),
    set("radius-default-domain", Text),
    set("radius-location-id", Text),
    set("radius-location-name", Text),
    set(
        "radius-mac-format",
        Words(&[
            "XX XX XX XX XX XX",
            "XX-XX-XX-XX-XX-XX",
            "XX:XX:XX:XX:XX:XX",
            "XXXX:XXXX:XXXX",
            "XXXXXX-XXXXXX",
            "XXXXXX:XXXXXX",
            "XXXXXXXXXXXX",
        ]),
    ),
    flag("default"),
];

const GARDEN: &[Field] = &[
    set("action", Words(&["allow", "deny"])).default("allow"),
    set("server", Negatable(&Name("/ip/hotspot"))).unset(Unset::Verb),
    set("src-address", MATCHED_NETWORK).unset(Unset::Verb),
    set("dst-host", MATCHED_TEXT).unset(Unset::Verb),
    set("dst-port", MATCHED_PORTS).unset(Unset::Verb),
    set(
        "method",
        Negatable(&Words(&[
            "GET", "HEAD", "POST", "PUT", "CONNECT", "OPTIONS", "DELETE", "TRACE",
        ])),
    )
    .unset(Unset::Verb),
    set("path", MATCHED_TEXT).unset(Unset::Verb),
    COMMENT,
    DISABLED,
    read("dst-address", MATCHED_NETWORK),
    counter("hits"),
    DYNAMIC,
];

const GARDEN_IP: &[Field] = &[
    set("action", Words(&["accept", "drop", "reject"])).default("accept"),
    set("server", Negatable(&Name("/ip/hotspot"))).unset(Unset::Verb),
    set("src-address", MATCHED_NETWORK).unset(Unset::Verb),
    set("dst-address", MATCHED_NETWORK).unset(Unset::Verb),
    set("dst-host", Text),
    set("protocol", MATCHED_TEXT).unset(Unset::Verb),
    set("dst-port", MATCHED_RANGE).unset(Unset::Verb),
    set("src-address-list", MATCHED_ADDRESS_LIST).unset(Unset::Verb),
    set("dst-address-list", MATCHED_ADDRESS_LIST).unset(Unset::Verb),
    COMMENT,
    DISABLED,
    DYNAMIC,
    INVALID,
];
