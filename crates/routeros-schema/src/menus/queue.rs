//! `/queue`.

use super::kinds::{
    COUNTERS, DURATIONS, NUMBERS, QUEUE_OR_NONE, QUEUE_TYPE, QUEUE_TYPES, RATES, SIZES, TARGET,
    TARGETS, TEXTS,
};
use super::rows::{
    ALL_COUNTERS, COMMENT, DISABLED, DYNAMIC, INVALID, MOVE, REMARK, ROWS, SWITCH, UNSET,
};
use crate::kind::Kind::{
    Bool, Counter, Duration, Either, Flags, Name, Negatable, Number, Rate, Size, Text, Words,
};
use crate::schema::{Dynamic, Field, MenuSchema, Unset};
use crate::table::{INSPECT, counter, flag, named, ordered, read, set};

pub(super) const MENUS: &[MenuSchema] = &[
    // Pairs are upload and download as the target sees them.
    ordered("/queue/simple")
        .unique(&["name"])
        .dynamic(Dynamic::Kept)
        .source(INSPECT)
        .with_verbs(&[ROWS, SWITCH, REMARK, MOVE, UNSET, ALL_COUNTERS])
        .with_fields(&[SIMPLE, SIMPLE_COUNTERS]),
    named("/queue/tree")
        .with_verbs(&[ROWS, SWITCH, REMARK, ALL_COUNTERS])
        .with_fields(&[TREE]),
    named("/queue/type")
        .with_verbs(&[ROWS])
        .with_fields(&[TYPE]),
];

const SIMPLE: &[Field] = &[
    set("name", Text),
    set("target", TARGETS).required().unset(Unset::Verb),
    set("dst", TARGET).unset(Unset::Verb),
    set("parent", QUEUE_OR_NONE)
        .default("none")
        .unset(Unset::Word("none")),
    set("packet-marks", TEXTS).default(""),
    set("priority", COUNTERS).default("8/8"),
    set("queue", QUEUE_TYPES).default("default-small/default-small"),
    set("limit-at", RATES).default("0/0"),
    set("max-limit", RATES).default("0/0"),
    set("burst-limit", RATES).default("0/0"),
    set("burst-threshold", RATES).default("0/0"),
    set("burst-time", DURATIONS).default("0s/0s"),
    set("bucket-size", NUMBERS).default("0.1/0.1"),
    set("time", Negatable(&Text)).unset(Unset::Verb),
    set("total-priority", Counter),
    set("total-queue", QUEUE_TYPE),
    set("total-limit-at", Rate),
    set("total-max-limit", Rate),
    set("total-burst-limit", Rate),
    set("total-burst-threshold", Rate),
    set("total-burst-time", Duration),
    set("total-bucket-size", Number),
    COMMENT,
    DISABLED,
    DYNAMIC,
    INVALID,
];

const SIMPLE_COUNTERS: &[Field] = &[
    read("bytes", SIZES).moving(),
    read("packets", COUNTERS).moving(),
    read("dropped", COUNTERS).moving(),
    read("rate", RATES).moving(),
    read("packet-rate", COUNTERS).moving(),
    read("queued-bytes", SIZES).moving(),
    read("queued-packets", COUNTERS).moving(),
    read("pcq-queues", COUNTERS).moving(),
    counter("total-bytes"),
    counter("total-packets"),
    counter("total-dropped"),
    read("total-rate", Rate).moving(),
    counter("total-packet-rate"),
    counter("total-queued-bytes"),
    counter("total-queued-packets"),
    counter("total-pcq-queues"),
];

const TREE: &[Field] = &[
    set("name", Text),
    set("parent", Either(&[Words(&["global"]), Name("/queue/tree")])).required(),
    set("packet-mark", TEXTS).default(""),
    set("limit-at", Rate).default("0"),
    set("queue", QUEUE_TYPE),
    set("priority", Counter).default("8"),
    set("max-limit", Rate).default("0"),
    set("burst-limit", Rate).default("0"),
    set("burst-threshold", Rate).default("0"),
    set("burst-time", Duration).default("0s"),
    set("bucket-size", Number).default("0.1"),
    COMMENT,
    DISABLED,
    INVALID,
    counter("bytes"),
    counter("packets"),
    counter("dropped"),
    read("rate", Rate).moving(),
    counter("packet-rate"),
    counter("queued-packets"),
    counter("queued-bytes"),
    counter("pcq-queues"),
];

/// The fields of each kind begin with its name.
const TYPE: &[Field] = &[
    set("name", Text).required(),
    set(
        "kind",
        Words(&[
            "bfifo", "cake", "codel", "fq-codel", "mq-pfifo", "none", "pcq", "pfifo", "red", "sfq",
        ]),
    )
    .required(),
    set("bfifo-limit", Size),
    set("pfifo-limit", Counter),
    set("mq-pfifo-limit", Counter),
    set("red-limit", Counter),
    set("red-min-threshold", Counter),
    set("red-max-threshold", Counter),
    set("red-burst", Counter),
    set("red-avg-packet", Counter),
    set("sfq-perturb", Counter),
    set("sfq-allot", Counter),
    set("pcq-rate", Rate),
    set("pcq-limit", Size),
    set(
        "pcq-classifier",
        Flags(&["src-address", "dst-address", "src-port", "dst-port"]),
    ),
    set("pcq-total-limit", Size),
    set("pcq-burst-rate", Rate),
    set("pcq-burst-threshold", Rate),
    set("pcq-burst-time", Duration),
    set("pcq-src-address-mask", Counter),
    set("pcq-dst-address-mask", Counter),
    set("pcq-src-address6-mask", Counter),
    set("pcq-dst-address6-mask", Counter),
    set("codel-limit", Counter),
    set("codel-interval", Duration),
    set("codel-target", Duration),
    set("codel-ecn", Bool),
    set("codel-ce-threshold", Duration),
    set("fq-codel-limit", Counter),
    set("fq-codel-interval", Duration),
    set("fq-codel-target", Duration),
    set("fq-codel-ecn", Bool),
    set("fq-codel-ce-threshold", Duration),
    set("fq-codel-flows", Counter),
    set("fq-codel-memlimit", Size),
    set("fq-codel-quantum", Counter),
    set("cake-bandwidth", Rate),
    set("cake-autorate-ingress", Bool),
    set("cake-overhead", Number),
    set("cake-mpu", Counter),
    set("cake-atm", Words(&["atm", "none", "ptm"])),
    set("cake-overhead-scheme", TEXTS),
    set("cake-rtt", Duration),
    set("cake-rtt-scheme", Text),
    set("cake-diffserv", Text),
    set("cake-flowmode", Text),
    set("cake-nat", Bool),
    set("cake-wash", Bool),
    set("cake-ack-filter", Words(&["aggressive", "filter", "none"])),
    set("cake-memlimit", Size),
    flag("default"),
];
