//! `/interface` and what is below it.

use super::kinds::{
    ARP, AUTO_OR_DURATION, CERTIFICATE, COUNTERS, INTERFACE, INTERFACE_LIST, INTERFACES,
    NONE_OR_DURATION, PPP_AUTHENTICATION, PREFIXES, TEXTS, VRF,
};
use super::rows::{
    COMMENT, COUNTERS as RESET_COUNTERS, DISABLED, DYNAMIC, INVALID, MONITOR, MOVE, REMARK, REMOVE,
    ROWS, SET, SWITCH, watch,
};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, Flags, List, Mac, Moment, Name, Number, Port, Range,
    Secret, Text, Words,
};
use crate::schema::{Effect, End, Field, MenuSchema, Unset};
use crate::table::{
    counter, flag, gauge, list, named, ordered, read, running, set, singleton, verb,
};

pub(super) const MENUS: &[MenuSchema] = &[
    // All interfaces, whatever makes them. Hardware is neither added nor removed.
    named("/interface")
        .with_verbs(&[
            SET,
            SWITCH,
            REMARK,
            RESET_COUNTERS,
            &[watch("monitor-traffic"), verb("blink", Effect::Change)],
        ])
        .with_fields(&[INTERFACE_FIELDS, TRAFFIC]),
    named("/interface/ethernet")
        .with_verbs(&[
            SET,
            SWITCH,
            REMARK,
            MONITOR,
            RESET_COUNTERS,
            &[
                // The link is down meanwhile (inferred: of other makers it is documented).
                verb("cable-test", Effect::Change),
                verb("blink", Effect::Change),
                verb("reset-mac-address", Effect::Change),
            ],
        ])
        .with_fields(&[ETHERNET, LOOP_PROTECT, STATE]),
    named("/interface/bridge")
        .with_verbs(&[ROWS, SWITCH, REMARK, MONITOR])
        .with_fields(&[BRIDGE, STATE]),
    list("/interface/bridge/port")
        .unique(&["interface"])
        .with_verbs(&[ROWS, SWITCH, REMARK, MONITOR])
        .with_fields(&[BRIDGE_PORT]),
    // Learned addresses come and go; static ones are added.
    list("/interface/bridge/host")
        .known_by(&["mac-address", "bridge", "vid"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[BRIDGE_HOST]),
    list("/interface/bridge/vlan")
        .known_by(&["bridge", "vlan-ids"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("bridge", INTERFACE).required(),
            set("vlan-ids", List(&Range)).required(),
            set("tagged", INTERFACES),
            set("untagged", INTERFACES),
            COMMENT,
            DISABLED,
            read("current-tagged", INTERFACES),
            read("current-untagged", INTERFACES),
            DYNAMIC,
        ]]),
    singleton("/interface/bridge/settings")
        .with_verbs(&[SET])
        .with_fields(&[&[
            set("use-ip-firewall", Bool),
            set("use-ip-firewall-for-vlan", Bool),
            set("use-ip-firewall-for-pppoe", Bool),
            set("allow-fast-path", Bool),
            flag("bridge-fast-path-active"),
            counter("bridge-fast-path-packets"),
            counter("bridge-fast-path-bytes"),
            counter("bridge-fast-forward-packets"),
            counter("bridge-fast-forward-bytes"),
        ]]),
    named("/interface/vlan")
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[
            &[
                set("name", Text),
                set("vlan-id", Counter).required(),
                set("interface", INTERFACE).required(),
                set("mtu", Counter).default("1500"),
                set("use-service-tag", Bool).default("false"),
                set("mvrp", Bool),
                set("arp", ARP).default("enabled"),
                set("arp-timeout", AUTO_OR_DURATION).default("auto"),
                read("l2mtu", Counter),
                read("mac-address", Mac),
            ],
            LOOP_PROTECT,
            STATE,
        ]),
    named("/interface/list")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[&[
            set("name", Text).required(),
            set("include", List(&INTERFACE_LIST)),
            set("exclude", List(&INTERFACE_LIST)),
            COMMENT,
            flag("builtin"),
            DYNAMIC,
        ]]),
    list("/interface/list/member")
        .unique(&["list", "interface"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("list", INTERFACE_LIST).required(),
            set("interface", INTERFACE).required(),
            COMMENT,
            DISABLED,
            DYNAMIC,
        ]]),
    named("/interface/wireguard")
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[
            &[
                set("name", Text),
                set("mtu", Counter).default("1420"),
                set("listen-port", Port),
                set("private-key", Secret),
                set("vrf", VRF),
                read("public-key", Text),
            ],
            STATE,
        ]),
    list("/interface/wireguard/peers")
        .unique(&["interface", "public-key"])
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            // With no argument is it known to do no more: its text holds a private key.
            &[verb("show-client-config", Effect::Read)],
        ])
        .with_fields(&[WIREGUARD_PEER]),
    named("/interface/pppoe-client")
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            MONITOR,
            &[verb("scan", Effect::Measure)
                .ends(End::Argument(&["duration"]))
                .with(&[&[".id", ".proplist", "duration", "numbers", "rounds"]])],
        ])
        .with_fields(&[
            &[
                set("name", Text),
                set("interface", INTERFACES).required(),
                set("user", Text),
                set("password", Secret),
                set("profile", Name("/ppp/profile")).default("default"),
                set("max-mtu", AUTO_OR_NUMBER).default("auto"),
                set("max-mru", AUTO_OR_NUMBER).default("auto"),
                set("mrru", Either(&[Words(&["disabled"]), Counter])).default("disabled"),
                set("keepalive-timeout", DISABLED_OR_NUMBER),
                set("service-name", Text),
                set("ac-name", Text),
                set("add-default-route", Bool).default("false"),
                set("default-route-distance", Counter),
                set("dial-on-demand", Bool).default("false"),
                set("use-peer-dns", Bool).default("false"),
                set("allow", PPP_AUTHENTICATION),
                set("host-uniq", Text),
                INVALID,
            ],
            STATE,
        ]),
    list("/interface/pppoe-server/server")
        .unique(&["service-name"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("service-name", Text),
            set("interface", INTERFACE).required(),
            set("max-mtu", AUTO_OR_NUMBER),
            set("max-mru", AUTO_OR_NUMBER),
            set("mrru", DISABLED_OR_NUMBER),
            set("authentication", PPP_AUTHENTICATION),
            set("keepalive-timeout", DISABLED_OR_NUMBER),
            set("one-session-per-host", Bool),
            set("max-sessions", Either(&[Words(&["unlimited"]), Counter])),
            set("pado-delay", Counter),
            set("default-profile", Name("/ppp/profile")),
            set("accept-empty-service", Bool),
            COMMENT,
            DISABLED,
            INVALID,
        ]]),
    // The package `wireless` has this menu; newer devices have `/interface/wifi` instead.
    named("/interface/wireless")
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            MONITOR,
            &[
                verb("scan", Effect::Change),
                verb("reset-configuration", Effect::Change),
                verb("setup-repeater", Effect::Change),
            ],
        ])
        .with_fields(&[WIRELESS, STATE]),
    list("/interface/wireless/registration-table")
        .unique(&["interface", "mac-address"])
        .with_verbs(&[REMOVE, MONITOR, RESET_COUNTERS])
        .with_fields(&[REGISTRATION]),
    named("/interface/wireless/security-profiles")
        .with_verbs(&[ROWS, REMARK])
        .with_fields(&[SECURITY_PROFILE]),
    // The first rule that matches a client counts.
    ordered("/interface/wireless/access-list")
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE])
        .with_fields(&[ACCESS]),
    named("/interface/wifi")
        .source(MEMORY)
        .with_verbs(&[
            ROWS,
            SWITCH,
            REMARK,
            MONITOR,
            &[verb("scan", Effect::Change)],
        ])
        .with_fields(&[
            &[
                set("name", Text),
                set("configuration", Text),
                set("master-interface", INTERFACE),
                set("mtu", Counter),
                set("l2mtu", Counter),
                set("mac-address", Mac),
                read("default-name", Text),
                flag("bound"),
                flag("master"),
                flag("inactive"),
            ],
            STATE,
        ]),
    list("/interface/wifi/registration-table")
        .unique(&["interface", "mac-address"])
        .source(MEMORY)
        .with_verbs(&[REMOVE, MONITOR])
        .with_fields(&[&[
            read("interface", INTERFACE),
            read("ssid", Text),
            read("mac-address", Mac),
            running("uptime"),
            running("last-activity"),
            gauge("signal"),
            read("auth-type", Text),
            read("band", Text),
            read("tx-rate", Number).moving(),
            read("rx-rate", Number).moving(),
            read("packets", LIST_OF_COUNTERS).moving(),
            read("bytes", LIST_OF_COUNTERS).moving(),
            read("tx-bits-per-second", Counter).moving(),
            read("rx-bits-per-second", Counter).moving(),
            read("vlan-id", Counter),
            flag("authorized"),
        ]]),
];

/// What clients of the API read from devices with the newer package; no reference was at hand.
const MEMORY: crate::schema::Source = crate::schema::Source {
    grade: crate::schema::Grade::Inferred,
    what: "fields that public clients read",
};

const AUTO_OR_NUMBER: crate::Kind = Either(&[Words(&["auto"]), Counter]);
const DISABLED_OR_NUMBER: crate::Kind = Either(&[Words(&["disabled"]), Counter]);
const LIST_OF_COUNTERS: crate::Kind = List(&Counter);

/// What every interface has.
const STATE: &[Field] = &[COMMENT, DISABLED, flag("running"), flag("slave")];

const INTERFACE_FIELDS: &[Field] = &[
    set("name", Text).unset(Unset::Never),
    set("mtu", AUTO_OR_NUMBER),
    set("l2mtu", Counter),
    COMMENT,
    DISABLED,
    read("default-name", Text),
    read("type", Text),
    read("actual-mtu", Counter),
    read("max-l2mtu", Counter),
    read("vrf", VRF),
    read("mac-address", Mac),
    read("last-link-down-time", Moment).moving(),
    read("last-link-up-time", Moment).moving(),
    counter("link-downs"),
    DYNAMIC,
    flag("inactive"),
    flag("running"),
    flag("slave"),
    flag("passthrough"),
];

const TRAFFIC: &[Field] = &[
    counter("rx-byte"),
    counter("tx-byte"),
    counter("rx-packet"),
    counter("tx-packet"),
    counter("rx-drop"),
    counter("tx-drop"),
    counter("tx-queue-drop"),
    counter("rx-error"),
    counter("tx-error"),
    counter("fp-rx-byte"),
    counter("fp-tx-byte"),
    counter("fp-rx-packet"),
    counter("fp-tx-packet"),
    counter("fp-rps-drop"),
];

const FLOW_CONTROL: crate::Kind = Words(&["off", "on", "auto"]);

const ETHERNET: &[Field] = &[
    set("name", Text).unset(Unset::Never),
    set("mtu", Counter).default("1500"),
    set("l2mtu", Counter),
    set("mac-address", Mac),
    set("orig-mac-address", Mac),
    set("disable-running-check", Bool),
    set("auto-negotiation", Bool).default("true"),
    set("advertise", TEXTS),
    set("tx-flow-control", FLOW_CONTROL).default("off"),
    set("rx-flow-control", FLOW_CONTROL).default("off"),
    set("cable-settings", Words(&["default", "short", "standard"])),
    set("mdix-enable", Bool),
    set("speed", Text),
    set("bandwidth", Text),
    set(
        "poe-out",
        Words(&["off", "auto-on", "forced-on", "forced-on-a", "forced-on-bt"]),
    ),
    set("poe-voltage", Words(&["auto", "low", "high"])),
    set("poe-priority", Counter),
    set("power-cycle-ping-enabled", Bool),
    set("power-cycle-ping-address", Either(&[Address, Mac])),
    set("power-cycle-ping-timeout", Duration),
    set("power-cycle-interval", NONE_OR_DURATION).unset(Unset::Word("none")),
    set("sfp-rate-select", Bool),
    set("sfp-ignore-rx-los", Bool),
    set("combo-mode", Words(&["auto", "copper", "sfp"])),
    set("fec-mode", Words(&["off", "auto", "fec74", "fec91"])),
    set("sfp-shutdown-temperature", Number),
    set("arp", ARP).default("enabled"),
    set("arp-timeout", AUTO_OR_DURATION).default("auto"),
    read("default-name", Text),
    read("switch", Text),
];

const LOOP_PROTECT: &[Field] = &[
    set("loop-protect", Words(&["default", "off", "on"])).default("default"),
    set("loop-protect-send-interval", Duration).default("5s"),
    set("loop-protect-disable-time", Duration).default("5m"),
    read("loop-protect-status", Words(&["off", "on", "disabled"])),
];

const FRAME_TYPES: crate::Kind = Words(&[
    "admit-all",
    "admit-only-untagged-and-priority-tagged",
    "admit-only-vlan-tagged",
]);
const MULTICAST_ROUTER: crate::Kind = Words(&["disabled", "permanent", "temporary-query"]);

const BRIDGE: &[Field] = &[
    set("name", Text),
    set("mtu", AUTO_OR_NUMBER).default("auto"),
    set("arp", ARP).default("enabled"),
    set("arp-timeout", AUTO_OR_DURATION).default("auto"),
    set("protocol-mode", Words(&["none", "stp", "rstp", "mstp"])).default("rstp"),
    set("fast-forward", Bool),
    set("igmp-snooping", Bool).default("false"),
    set("multicast-router", MULTICAST_ROUTER),
    set("multicast-querier", Bool),
    set("startup-query-count", Counter),
    set("last-member-query-count", Counter),
    set("last-member-interval", Duration),
    set("membership-interval", Duration),
    set("querier-interval", Duration),
    set("query-interval", Duration),
    set("query-response-interval", Duration),
    set("startup-query-interval", Duration),
    set("igmp-version", Words(&["2", "3"])),
    set("mld-version", Words(&["1", "2"])),
    set("auto-mac", Bool).default("true"),
    set("admin-mac", Mac),
    set("ageing-time", Duration).default("5m"),
    set("priority", Text),
    set("max-message-age", Duration),
    set("forward-delay", Duration),
    set("transmit-hold-count", Counter),
    set("region-name", Text),
    set("region-revision", Counter),
    set("max-hops", Counter),
    set("vlan-filtering", Bool).default("false"),
    set("ether-type", Words(&["0x8100", "0x88a8", "0x9100"])),
    set("pvid", Counter),
    set("frame-types", FRAME_TYPES),
    set("ingress-filtering", Bool),
    set("dhcp-snooping", Bool).default("false"),
    set("add-dhcp-option82", Bool),
    set("port-cost-mode", Words(&["long", "short"])),
    set("mvrp", Bool),
    set("forward-reserved-addresses", Bool),
    set(
        "max-learned-entries",
        Either(&[Words(&["auto", "unlimited"]), Counter]),
    ),
    read("actual-mtu", Counter),
    read("l2mtu", Counter),
    read("mac-address", Mac),
    DYNAMIC,
];

const AUTO_OR_BOOL: crate::Kind = Either(&[Words(&["auto"]), Bool]);

const BRIDGE_PORT: &[Field] = &[
    set("interface", INTERFACE).required(),
    set("bridge", INTERFACE).required(),
    set("priority", Text),
    set("path-cost", Counter),
    set("internal-path-cost", Counter),
    set(
        "edge",
        Either(&[Words(&["auto", "no-discover", "yes-discover"]), Bool]),
    )
    .default("auto"),
    set("point-to-point", AUTO_OR_BOOL).default("auto"),
    set("learn", AUTO_OR_BOOL).default("auto"),
    set("horizon", Either(&[Words(&["none"]), Counter]))
        .default("none")
        .unset(Unset::Word("none")),
    set("hw", Bool).default("true"),
    set("auto-isolate", Bool).default("false"),
    set("restricted-role", Bool).default("false"),
    set("restricted-tcn", Bool).default("false"),
    set("pvid", Counter).default("1"),
    set("frame-types", FRAME_TYPES).default("admit-all"),
    set("ingress-filtering", Bool),
    set("unknown-unicast-flood", Bool).default("true"),
    set("unknown-multicast-flood", Bool).default("true"),
    set("broadcast-flood", Bool).default("true"),
    set("tag-stacking", Bool).default("false"),
    set("bpdu-guard", Bool).default("false"),
    set("trusted", Bool).default("false"),
    set("multicast-router", MULTICAST_ROUTER),
    set("fast-leave", Bool).default("false"),
    COMMENT,
    DISABLED,
    read("status", Text),
    read("port-id", Text),
    read("role", Text),
    flag("edge-port"),
    flag("edge-port-discovery"),
    flag("point-to-point-port"),
    flag("external-fdb-status"),
    flag("sending-rstp"),
    flag("learning"),
    flag("forwarding"),
    read("actual-path-cost", Counter),
    read("root-path-cost", Counter),
    read("designated-bridge-id", Text),
    read("designated-cost", Counter),
    read("designated-port-id", Text),
    counter("tx-bpdu"),
    counter("rx-bpdu"),
    counter("topology-changes"),
    running("last-topology-change"),
    read("hw-offload-group", Text),
    flag("hw-offload"),
    flag("inactive"),
    DYNAMIC,
];

const BRIDGE_HOST: &[Field] = &[
    set("mac-address", Mac).required(),
    set("bridge", INTERFACE),
    set("interface", INTERFACE).required(),
    set("vid", Counter),
    COMMENT,
    DISABLED,
    read("on-interface", INTERFACE),
    running("age"),
    flag("local"),
    flag("external"),
    flag("invalid"),
    DYNAMIC,
];

const NONE_AUTO_OR_SECRET: crate::Kind = Either(&[Words(&["none", "auto"]), Secret]);

const WIREGUARD_PEER: &[Field] = &[
    set("interface", INTERFACE).required(),
    set("name", Text),
    set("public-key", Text),
    set("private-key", NONE_AUTO_OR_SECRET),
    set("preshared-key", NONE_AUTO_OR_SECRET),
    set("endpoint-address", Text),
    set("endpoint-port", Port),
    set("allowed-address", PREFIXES).required(),
    set("persistent-keepalive", Duration),
    set("client-address", PREFIXES),
    set("client-dns", List(&Address)),
    set("client-endpoint", Text),
    set("client-keepalive", Duration),
    set("client-listen-port", Port),
    set("client-allowed-address", PREFIXES),
    set("responder", Bool),
    COMMENT,
    DISABLED,
    read("current-endpoint-address", Address).moving(),
    read("current-endpoint-port", Port).moving(),
    counter("rx"),
    counter("tx"),
    running("last-handshake"),
    DYNAMIC,
];

const WIRELESS: &[Field] = &[
    set("name", Text),
    set("master-interface", INTERFACE),
    set("mtu", Counter).default("1500"),
    set("l2mtu", Counter),
    set("mac-address", Mac),
    set("arp", ARP).default("enabled"),
    set("arp-timeout", AUTO_OR_DURATION).default("auto"),
    set("disable-running-check", Bool),
    set("radio-name", Text),
    set(
        "mode",
        Words(&[
            "alignment-only",
            "ap-bridge",
            "bridge",
            "nstreme-dual-slave",
            "station",
            "station-bridge",
            "station-pseudobridge",
            "station-pseudobridge-clone",
            "station-wds",
            "wds-slave",
        ]),
    ),
    set("ssid", Text),
    set("area", Text),
    set("frequency-mode", Text),
    set("country", Text),
    set("installation", Words(&["any", "indoor", "outdoor"])),
    set("antenna-gain", Number),
    set("frequency", Either(&[Words(&["auto"]), Number])),
    set("band", Text),
    set("channel-width", Text),
    set("secondary-frequency", Text),
    set("scan-list", Text),
    set("wireless-protocol", Text),
    set("rate-set", Words(&["configured", "default"])),
    set("max-station-count", Counter),
    set("distance", Text),
    set("tx-power", Number),
    set(
        "tx-power-mode",
        Words(&["all-rates-fixed", "card-rates", "default", "manual-table"]),
    ),
    set(
        "vlan-mode",
        Words(&["no-tag", "use-service-tag", "use-tag"]),
    ),
    set("vlan-id", Counter),
    set("wds-mode", Text),
    set("wds-default-bridge", Either(&[Words(&["none"]), INTERFACE])),
    set("bridge-mode", Words(&["disabled", "enabled"])),
    set("default-authentication", Bool),
    set("default-forwarding", Bool),
    set("default-ap-tx-limit", Counter),
    set("default-client-tx-limit", Counter),
    set("wmm-support", Words(&["disabled", "enabled", "required"])),
    set("hide-ssid", Bool),
    set(
        "security-profile",
        Name("/interface/wireless/security-profiles"),
    ),
    set("wps-mode", Text),
    set("station-roaming", Words(&["disabled", "enabled"])),
    set("disconnect-timeout", Duration),
    set("on-fail-retry-time", Duration),
    set("preamble-mode", Words(&["both", "long", "short"])),
    set("guard-interval", Words(&["any", "long"])),
    set("hw-retries", Counter),
    set(
        "hw-protection-mode",
        Words(&["cts-to-self", "none", "rts-cts"]),
    ),
    set(
        "multicast-helper",
        Words(&["default", "dhcp", "disabled", "full"]),
    ),
    set("multicast-buffering", Bool),
    set("keepalive-frames", Words(&["disabled", "enabled"])),
    set(
        "skip-dfs-channels",
        Words(&["10min-cac", "all", "disabled"]),
    ),
    set("nv2-preshared-key", Secret),
    set("nv2-sync-secret", Secret),
    read("default-name", Text),
    read("interface-type", Text),
    read("pci-info", Text),
];

const REGISTRATION: &[Field] = &[
    read("interface", INTERFACE),
    read("radio-name", Text),
    read("mac-address", Mac),
    flag("ap"),
    flag("wds"),
    flag("bridge"),
    read("rx-rate", Text).moving(),
    read("tx-rate", Text).moving(),
    read("packets", LIST_OF_COUNTERS).moving(),
    read("bytes", LIST_OF_COUNTERS).moving(),
    read("frames", LIST_OF_COUNTERS).moving(),
    read("frame-bytes", LIST_OF_COUNTERS).moving(),
    read("hw-frames", LIST_OF_COUNTERS).moving(),
    read("hw-frame-bytes", LIST_OF_COUNTERS).moving(),
    read("packed-frames", COUNTERS).moving(),
    read("packed-bytes", COUNTERS).moving(),
    counter("tx-frames-timed-out"),
    running("uptime"),
    running("last-activity"),
    // `-60@6Mbps`: a strength and the rate at which it was measured.
    read("signal-strength", Text).moving(),
    gauge("signal-to-noise"),
    gauge("signal-strength-ch0"),
    gauge("signal-strength-ch1"),
    gauge("signal-strength-ch2"),
    gauge("signal-strength-ch3"),
    gauge("tx-signal-strength-ch0"),
    gauge("tx-signal-strength-ch1"),
    gauge("tx-signal-strength-ch2"),
    gauge("tx-signal-strength-ch3"),
    gauge("evm-ch0"),
    gauge("evm-ch1"),
    gauge("evm-ch2"),
    gauge("evm-ch3"),
    gauge("tx-evm-ch0"),
    gauge("tx-evm-ch1"),
    gauge("tx-evm-ch2"),
    gauge("tx-evm-ch3"),
    read("strength-at-rates", Text).moving(),
    gauge("tx-signal-strength"),
    gauge("tx-ccq"),
    gauge("rx-ccq"),
    gauge("p-throughput"),
    gauge("ack-timeout"),
    gauge("distance"),
    flag("nstreme"),
    flag("nstreme-plus"),
    read("framing-mode", Text),
    read("framing-limit", Counter),
    read("framing-current-size", Counter).moving(),
    read("routeros-version", Text),
    read("last-ip", Address).moving(),
    read("ap-tx-limit", Counter),
    read("client-tx-limit", Counter),
    flag("802.1x-port-enabled"),
    read("authentication-type", Text),
    read("encryption", Text),
    read("group-encryption", Text),
    flag("management-protection"),
    flag("compression"),
    flag("wmm-enabled"),
    flag("wmm-ps-enabled"),
    read("tx-rate-set", Text),
    read("vlan-id", Counter),
    gauge("tdma-timing-offset"),
    gauge("tdma-tx-size"),
    gauge("tdma-rx-size"),
    gauge("tdma-retx"),
    gauge("tdma-winfull"),
    read("eap-identity", Text),
    read("comment", Text),
];

const CIPHERS: crate::Kind = Flags(&["tkip", "aes-ccm"]);

const SECURITY_PROFILE: &[Field] = &[
    set("name", Text).required(),
    set(
        "mode",
        Words(&[
            "dynamic-keys",
            "none",
            "static-keys-optional",
            "static-keys-required",
        ]),
    ),
    set(
        "authentication-types",
        Flags(&["wpa-psk", "wpa2-psk", "wpa-eap", "wpa2-eap"]),
    ),
    set("unicast-ciphers", CIPHERS),
    set("group-ciphers", CIPHERS),
    set("wpa-pre-shared-key", Secret),
    set("wpa2-pre-shared-key", Secret),
    set("supplicant-identity", Text),
    set("eap-methods", TEXTS),
    set("tls-mode", Text),
    set("tls-certificate", CERTIFICATE),
    set("mschapv2-username", Text),
    set("mschapv2-password", Secret),
    set("disable-pmkid", Bool),
    set("static-algo-0", Text),
    set("static-key-0", Secret),
    set("static-algo-1", Text),
    set("static-key-1", Secret),
    set("static-algo-2", Text),
    set("static-key-2", Secret),
    set("static-algo-3", Text),
    set("static-key-3", Secret),
    set(
        "static-transmit-key",
        Words(&["key-0", "key-1", "key-2", "key-3"]),
    ),
    set("static-sta-private-algo", Text),
    set("static-sta-private-key", Secret),
    set("radius-mac-authentication", Bool),
    set("radius-mac-accounting", Bool),
    set("radius-eap-accounting", Bool),
    set("interim-update", Duration),
    set("radius-mac-format", Text),
    set(
        "radius-mac-mode",
        Words(&["as-username", "as-username-and-password"]),
    ),
    set("radius-called-format", Words(&["mac", "mac:ssid", "ssid"])),
    set(
        "radius-mac-caching",
        Either(&[Words(&["disabled"]), Duration]),
    ),
    set("group-key-update", Duration),
    set(
        "management-protection",
        Words(&["allowed", "disabled", "required"]),
    ),
    set("management-protection-key", Secret),
    COMMENT,
    flag("default"),
];

const ACCESS: &[Field] = &[
    set("mac-address", Mac),
    set("interface", Either(&[Words(&["any"]), INTERFACE])),
    set("signal-range", Text),
    set(
        "allow-signal-out-of-range",
        Either(&[Words(&["always"]), Duration]),
    ),
    set("authentication", Bool),
    set("forwarding", Bool),
    set("ap-tx-limit", Counter),
    set("client-tx-limit", Counter),
    set("private-algo", Text),
    set("private-key", Secret),
    set("private-pre-shared-key", Secret),
    set("time", Text),
    set("management-protection-key", Secret),
    set(
        "vlan-mode",
        Words(&["default", "no-tag", "use-service-tag", "use-tag"]),
    ),
    set("vlan-id", Counter),
    COMMENT,
    DISABLED,
];
