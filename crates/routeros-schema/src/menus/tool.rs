//! `/tool`, and what of it is at the root too.

use super::kinds::{ADDRESS_OR_HOST, CERTIFICATE, INTERFACE, TEXTS, VRF};
use super::rows::{COMMENT, DISABLED, REMARK, ROWS, SET, SWITCH, UNSET};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, List, Mac, Moment, Name, Negatable, Number, Port,
    Prefix, Range, Rate, Secret, Text, Words,
};
use crate::schema::{Effect, End, Field, MenuSchema, Unset};
use crate::table::{command, counter, gauge, list, read, set, singleton, verb};

pub(super) const MENUS: &[MenuSchema] = &[
    command("/ping", Effect::Measure)
        .ends(End::Argument(&["count"]))
        .with_fields(&[PING]),
    command("/tool/ping", Effect::Measure)
        .ends(End::Argument(&["count"]))
        .with_fields(&[PING]),
    command("/tool/traceroute", Effect::Measure)
        .ends(End::Argument(&["count", "duration"]))
        .with_fields(&[TRACEROUTE]),
    command("/tool/torch", Effect::Measure)
        .ends(End::Argument(&["duration"]))
        .with_fields(&[TORCH]),
    command("/tool/profile", Effect::Measure)
        .ends(End::Argument(&["duration"]))
        .with_fields(&[&[
            set("cpu", Text),
            set("duration", Duration),
            set("freeze-frame-interval", Duration),
            read("name", Text),
            gauge("usage"),
        ]]),
    command("/tool/mac-scan", Effect::Measure)
        .ends(End::Argument(&["duration"]))
        .with_fields(&[&[
            set("interface", INTERFACE),
            set("duration", Duration),
            read("mac-address", Mac),
            read("address", Address),
            running_age(),
        ]]),
    command("/tool/ip-scan", Effect::Measure)
        .ends(End::Argument(&["duration"]))
        .with_fields(&[&[
            set("interface", INTERFACE),
            set("address-range", Prefix),
            set("duration", Duration),
            read("address", Address),
            read("mac-address", Mac),
            read("time", Duration),
            read("dns", Text),
            read("snmp", Text),
            read("netbios", Text),
        ]]),
    // They load the line or wake what sleeps: more than reading.
    command("/tool/bandwidth-test", Effect::Change),
    command("/tool/speed-test", Effect::Change),
    command("/tool/flood-ping", Effect::Change),
    command("/tool/wol", Effect::Change)
        .with_fields(&[&[set("interface", INTERFACE), set("mac", Mac)]]),
    // It may send, and keep what it receives in a file.
    command("/tool/fetch", Effect::Change).with_fields(&[&[
        set("url", Text),
        set("mode", Text),
        set("user", Text),
        set("password", Secret),
        set("http-method", Text),
        set("http-data", Secret),
        set("http-header-field", Secret),
        set("output", Text),
        set("dst-path", Text),
        set("src-path", Text),
        set("upload", Bool),
        set("check-certificate", Text),
        set("duration", Duration),
        set("as-value", Bool),
        read("status", Text),
        counter("downloaded"),
        counter("total"),
        read("data", Text),
    ]]),
    command("/tool/e-mail/send", Effect::Change).with_fields(&[&[
        set("server", ADDRESS_OR_HOST),
        set("port", Port),
        set("to", TEXTS),
        set("cc", TEXTS),
        set("from", Text),
        set("subject", Text),
        set("body", Text),
        set("file", TEXTS),
        set("user", Text),
        set("password", Secret),
        set("tls", Either(&[Words(&["starttls"]), Bool])),
    ]]),
    singleton("/tool/e-mail")
        .with_verbs(&[SET])
        .with_fields(&[&[
            set("server", ADDRESS_OR_HOST),
            set("port", Port).default("25"),
            set("tls", Either(&[Words(&["starttls"]), Bool])).default("false"),
            set("vrf", VRF),
            set("from", Text),
            set("user", Text),
            set("password", Secret),
            set(
                "certificate-verification",
                Either(&[Words(&["yes-without-crl"]), Bool]),
            ),
            read("last-status", Text),
            read("last-address", Address),
        ]]),
    list("/tool/netwatch")
        .known_by(&["host", "type"])
        .with_verbs(&[ROWS, SWITCH, REMARK, UNSET])
        .with_fields(&[NETWATCH, NETWATCH_RESULT]),
    singleton("/tool/romon").with_verbs(&[SET]).with_fields(&[&[
        set("enabled", Bool).default("false"),
        set("id", Mac),
        set("secrets", Secret),
        read("current-id", Mac),
    ]]),
    list("/tool/graphing/interface")
        .known_by(&["interface"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("interface", Either(&[Words(&["all"]), INTERFACE])),
            set("allow-address", Prefix),
            set("store-on-disk", Bool),
            COMMENT,
            DISABLED,
        ]]),
    list("/tool/mac-server/sessions")
        .known_by(&["interface", "src-address"])
        .with_verbs(&[&[verb("remove", Effect::Change)]])
        .with_fields(&[&[
            read("interface", INTERFACE),
            read("src-address", Mac),
            read("uptime", Duration).moving(),
        ]]),
];

const fn running_age() -> Field {
    read("age", Duration).moving()
}

const PING: &[Field] = &[
    set("address", ADDRESS_OR_HOST),
    set("count", Counter),
    set("interval", Duration).default("1s"),
    set("size", Counter),
    set("ttl", Counter),
    set("dscp", Counter),
    set("do-not-fragment", Bool),
    set("src-address", Address),
    set("arp-ping", Bool),
    set("interface", INTERFACE),
    set("vrf", VRF),
    set("routing-table", Name("/routing/table")),
    read("seq", Counter),
    read("host", Either(&[Address, Mac])),
    read("time", Duration),
    read("status", Text),
    read("sent", Counter),
    read("received", Counter),
    read("packet-loss", Number),
    read("min-rtt", Duration),
    read("avg-rtt", Duration),
    read("max-rtt", Duration),
];

const TRACEROUTE: &[Field] = &[
    set("address", ADDRESS_OR_HOST),
    set("port", Port),
    set("size", Counter),
    set("dscp", Counter),
    set("do-not-fragment", Bool),
    set("use-dns", Bool),
    set("count", Counter),
    set("max-hops", Counter),
    set("protocol", Words(&["icmp", "udp"])),
    set("src-address", Address),
    set("timeout", Duration),
    set("vrf", VRF),
    set("interface", INTERFACE),
    set("duration", Duration),
    read("loss", Number),
    read("sent", Counter),
    read("last", Either(&[Number, Text])),
    read("avg", Number),
    read("best", Number),
    read("worst", Number),
    read("std-dev", Number),
    read("status", Text),
    read("error", Text),
];

const TORCH: &[Field] = &[
    set("interface", INTERFACE),
    set("src-address", Negatable(&Prefix)),
    set("dst-address", Negatable(&Prefix)),
    set("src-address6", Negatable(&Prefix)),
    set("dst-address6", Negatable(&Prefix)),
    set("mac-protocol", Text),
    set("ip-protocol", Text),
    set("port", Text),
    set("vlan-id", Either(&[Words(&["any"]), Counter])),
    set("dscp", Either(&[Words(&["any"]), Counter])),
    set("cpu", Either(&[Words(&["any"]), Counter])),
    set("duration", Duration),
    set("freeze-frame-interval", Duration),
    read("src-port", Text),
    read("dst-port", Text),
    read("tx", Rate).moving(),
    read("rx", Rate).moving(),
    counter("tx-packets"),
    counter("rx-packets"),
];

const NETWATCH: &[Field] = &[
    set("name", Text),
    set("host", ADDRESS_OR_HOST).required(),
    set(
        "type",
        Words(&["dns", "http-get", "https-get", "icmp", "simple", "tcp-conn"]),
    )
    .default("simple"),
    set("src-address", Address).unset(Unset::Verb),
    set("interval", Duration).default("10s").unset(Unset::Verb),
    set("timeout", Duration).default("3s").unset(Unset::Verb),
    set("start-delay", Duration)
        .default("3s")
        .unset(Unset::Verb),
    set("startup-delay", Duration)
        .default("5m")
        .unset(Unset::Verb),
    set("ignore-initial-up", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("ignore-initial-down", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("up-script", Text).unset(Unset::Verb),
    set("down-script", Text).unset(Unset::Verb),
    set("test-script", Text).unset(Unset::Verb),
    set("packet-interval", Duration)
        .default("50ms")
        .unset(Unset::Verb),
    set("packet-count", Counter)
        .default("10")
        .unset(Unset::Verb),
    set("packet-size", Counter).unset(Unset::Verb),
    set("ttl", Counter).default("255").unset(Unset::Verb),
    set("accept-icmp-time-exceeded", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("early-success-detection", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("early-failure-detection", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("thr-max", Duration).default("1s").unset(Unset::Verb),
    set("thr-avg", Duration).default("100ms").unset(Unset::Verb),
    set("thr-stdev", Duration)
        .default("250ms")
        .unset(Unset::Verb),
    set("thr-jitter", Duration).default("1s").unset(Unset::Verb),
    // A number with or without `%`.
    set("thr-loss-percent", Text).unset(Unset::Verb),
    set("thr-loss-count", Counter)
        .default("4294967295")
        .unset(Unset::Verb),
    set("port", Port).unset(Unset::Verb),
    // A bare number is taken for microseconds.
    set("thr-tcp-conn-time", Text).unset(Unset::Verb),
    set("thr-http-time", Duration)
        .default("10s")
        .unset(Unset::Verb),
    set("http-codes", List(&Range))
        .default("100-299")
        .unset(Unset::Verb),
    set("certificate", CERTIFICATE).unset(Unset::Verb),
    set("check-certificate", Bool)
        .default("false")
        .unset(Unset::Verb),
    set("record-type", Words(&["A", "AAAA", "MX", "NS"]))
        .default("A")
        .unset(Unset::Verb),
    set("dns-server", Address).unset(Unset::Verb),
    COMMENT,
    DISABLED,
];

const NETWATCH_RESULT: &[Field] = &[
    read("status", Words(&["down", "unknown", "up"])).moving(),
    read("since", Moment).moving(),
    counter("done-tests"),
    counter("failed-tests"),
    gauge("sent-count"),
    gauge("response-count"),
    gauge("loss-count"),
    gauge("loss-percent"),
    read("rtt-avg", Duration).moving(),
    read("rtt-min", Duration).moving(),
    read("rtt-max", Duration).moving(),
    read("rtt-jitter", Duration).moving(),
    read("rtt-stdev", Duration).moving(),
    read("tcp-connect-time", Duration).moving(),
    gauge("http-status-code"),
    read("http-resp-time", Duration).moving(),
    read("ip", Address).moving(),
    read("ip6", Address).moving(),
    read("name-servers", TEXTS),
    read("mail-servers", TEXTS),
];
