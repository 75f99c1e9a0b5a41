//! `/system`, `/log`, `/snmp` and `/console`.

use super::kinds::{ADDRESSES_OR_HOSTS, POLICY, PREFIXES, TEXTS, VRF};
use super::rows::{COMMENT, DISABLED, EXPORT, INVALID, MONITOR, REMARK, REMOVE, ROWS, SET, SWITCH};
use crate::kind::Kind::{
    Address, Bool, Counter, Duration, Either, List, Moment, Name, Number, Port, Secret, Size, Text,
    Words,
};
use crate::schema::{Effect, End, Field, MenuSchema};
use crate::table::{
    INSPECT, command, counter, flag, gauge, list, named, read, running, set, singleton, verb,
};

pub(super) const MENUS: &[MenuSchema] = &[
    singleton("/system/identity")
        .source(INSPECT)
        .with_verbs(&[SET])
        .with_fields(&[&[set("name", Text).default("MikroTik")]]),
    singleton("/system/clock")
        .source(INSPECT)
        .with_verbs(&[SET])
        .with_fields(&[&[
            set("date", Moment).moving(),
            set("time", Moment).moving(),
            set("time-zone-autodetect", Bool).default("true"),
            set("time-zone-name", Text),
            read("gmt-offset", Text),
            flag("dst-active"),
        ]]),
    // Some fields are absent where the hardware has nothing to say.
    singleton("/system/resource")
        .source(INSPECT)
        .with_verbs(&[MONITOR, &[EXPORT]])
        .with_fields(&[RESOURCE]),
    list("/system/resource/cpu")
        .unique(&["cpu"])
        .with_fields(&[&[
            read("cpu", Text),
            gauge("load"),
            gauge("irq"),
            gauge("disk"),
        ]]),
    singleton("/system/routerboard")
        .with_verbs(&[&[verb("upgrade", Effect::Change)]])
        .with_fields(&[&[
            flag("routerboard"),
            read("board-name", Text),
            read("model", Text),
            read("revision", Text),
            read("serial-number", Text),
            read("firmware-type", Text),
            read("factory-firmware", Text),
            read("current-firmware", Text),
            read("upgrade-firmware", Text),
        ]]),
    // In RouterOS 7 a row for each thing that is measured; in RouterOS 6 one row with them all.
    named("/system/health").with_verbs(&[SET]).with_fields(&[&[
        read("name", Text),
        read("value", Either(&[Number, Text])).moving(),
        read("type", Text),
        set("state-after-reboot", Bool),
        flag("state"),
        gauge("voltage"),
        gauge("temperature"),
        gauge("cpu-temperature"),
    ]]),
    // What is done here happens at the next start.
    named("/system/package")
        .with_verbs(&[
            SWITCH,
            &[
                verb("uninstall", Effect::Change),
                verb("unschedule", Effect::Change),
                verb("downgrade", Effect::Change).ends(End::Connection),
                verb("apply-changes", Effect::Change).ends(End::Connection),
            ],
        ])
        .with_fields(&[&[
            read("name", Text),
            read("version", Text),
            read("build-time", Moment),
            read("scheduled", Text),
            read("bundle", Text),
            read("size", Size),
            flag("disabled"),
            flag("available"),
        ]]),
    singleton("/system/package/update")
        .with_verbs(&[
            SET,
            &[
                verb("check-for-updates", Effect::Measure)
                    .ends(End::Argument(&["once", "duration"]))
                    .with(&[&["duration", "once"]]),
                verb("cancel", Effect::Change),
                verb("download", Effect::Change),
                verb("install", Effect::Change).ends(End::Connection),
            ],
        ])
        .with_fields(&[&[
            set("channel", Text),
            set("mode", Text),
            set("check-certificate", Text),
            set("ip-version", Text),
            read("installed-version", Text),
            read("latest-version", Text),
            read("status", Text).moving(),
        ]]),
    named("/system/script")
        .with_verbs(&[ROWS, REMARK, &[verb("run", Effect::Change)]])
        .with_fields(&[&[
            set("name", Text),
            set("source", Text),
            set("owner", Text),
            set("policy", POLICY),
            set("dont-require-permissions", Bool).default("false"),
            COMMENT,
            read("last-started", Moment).moving(),
            counter("run-count"),
            INVALID,
        ]]),
    list("/system/script/job")
        .known_by(&["script", "owner"])
        .with_verbs(&[REMOVE])
        .with_fields(&[&[
            read("script", Text),
            read("owner", Text),
            read("policy", POLICY),
            read("type", Text),
            read("parent", Text),
            read("started", Moment),
        ]]),
    named("/system/script/environment")
        .with_verbs(&[SET, REMOVE])
        .with_fields(&[&[read("name", Text), set("value", Text), read("user", Text)]]),
    named("/system/scheduler")
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("name", Text).required(),
            set("start-date", Moment),
            set("start-time", Either(&[Words(&["startup"]), Moment])),
            set("interval", Duration).default("0s"),
            set("on-event", Text),
            set("policy", POLICY),
            COMMENT,
            DISABLED,
            read("owner", Text),
            counter("run-count"),
            read("next-run", Moment).moving(),
        ]]),
    singleton("/system/ntp/client")
        .with_verbs(&[SET, &[verb("reset-freq-drift", Effect::Change)]])
        .with_fields(&[&[
            set("enabled", Bool).default("false"),
            set(
                "mode",
                Words(&["broadcast", "manycast", "multicast", "unicast"]),
            )
            .default("unicast"),
            set("servers", ADDRESSES_OR_HOSTS),
            set("vrf", VRF),
            gauge("freq-drift"),
            read("status", Text).moving(),
            read("synced-server", Text),
            gauge("synced-stratum"),
            gauge("system-offset"),
        ]]),
    list("/system/ntp/client/servers")
        .unique(&["address"])
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("address", Text).required(),
            set("min-poll", Counter),
            set("max-poll", Counter),
            set("iburst", Bool),
            set("auth-key", Text),
            COMMENT,
            DISABLED,
            read("resolved-address", Address),
            super::rows::DYNAMIC,
        ]]),
    list("/system/logging")
        .known_by(&["topics", "action", "prefix"])
        .with_verbs(&[ROWS, SWITCH])
        .with_fields(&[&[
            set("topics", TEXTS),
            set("prefix", Text),
            set("regex", Text),
            set("action", Name("/system/logging/action")),
            DISABLED,
            INVALID,
            flag("default"),
        ]]),
    named("/system/logging/action")
        .with_verbs(&[ROWS])
        .with_fields(&[&[
            set("name", Text).required(),
            set(
                "target",
                Words(&["cmr", "disk", "echo", "email", "memory", "remote", "script"]),
            )
            .required(),
            set("memory-lines", Counter),
            set("memory-stop-on-full", Bool),
            set("disk-file-name", Text),
            set("disk-lines-per-file", Counter),
            set("disk-file-count", Counter),
            set("disk-stop-on-full", Bool),
            set("remote", Text),
            set("remote-port", Port),
            set("src-address", Address),
            set("email-to", Text),
            set("remember", Bool),
            flag("default"),
        ]]),
    command("/system/reboot", Effect::Change).ends(End::Connection),
    command("/system/shutdown", Effect::Change).ends(End::Connection),
    command("/system/reset-configuration", Effect::Change).ends(End::Connection),
    command("/system/backup/save", Effect::Change).with_fields(&[&[
        set("name", Text),
        set("password", Secret),
        set("encryption", Text),
        set("dont-encrypt", Bool),
    ]]),
    command("/system/backup/load", Effect::Change)
        .ends(End::Connection)
        .with_fields(&[&[set("name", Text), set("password", Secret)]]),
    // A ring: old lines go. `.id` grows.
    list("/log")
        .source(INSPECT)
        .with_verbs(&[&[
            verb("debug", Effect::Change),
            verb("error", Effect::Change),
            verb("info", Effect::Change),
            verb("warning", Effect::Change),
        ]])
        .with_fields(&[&[
            read("time", Moment),
            read("topics", TEXTS),
            read("message", Text),
            read("buffer", Text),
            read("extra-info", Text),
        ]]),
    singleton("/snmp").with_verbs(&[SET]).with_fields(&[&[
        set("enabled", Bool).default("false"),
        set("contact", Text),
        set("location", Text),
        set("engine-id-suffix", Text),
        set("src-address", Address),
        set("trap-target", List(&Address)),
        // The name of a community is as good as a password to read with.
        set("trap-community", Secret),
        set("trap-version", Words(&["1", "2", "3"])),
        set("trap-generators", TEXTS),
        set("trap-interfaces", TEXTS),
        set("vrf", VRF),
        read("engine-id", Text),
    ]]),
    named("/snmp/community")
        .with_verbs(&[ROWS, SWITCH, REMARK])
        .with_fields(&[&[
            set("name", Secret),
            set("addresses", PREFIXES),
            set("security", Words(&["authorized", "none", "private"])),
            set("read-access", Bool),
            set("write-access", Bool),
            set("authentication-protocol", Words(&["MD5", "SHA1"])),
            set("encryption-protocol", Words(&["AES", "DES"])),
            set("authentication-password", Secret),
            set("encryption-password", Secret),
            COMMENT,
            DISABLED,
            flag("default"),
        ]]),
    // Which menus, commands and arguments there are, by the router's own word.
    command("/console/inspect", Effect::Read)
        .source(INSPECT)
        .with_fields(&[&[
            set(
                "request",
                List(&Words(&[
                    "child",
                    "completion",
                    "error",
                    "highlight",
                    "self",
                    "syntax",
                ])),
            ),
            set("path", TEXTS),
            set("input", Text),
            set("as-value", Bool),
            read("type", Text),
            read("name", Text),
            read("node-type", Words(&["arg", "cmd", "dir", "path"])),
            read("symbol", Text),
            read("symbol-type", Text),
            read("nested", Counter),
            read("nonorm", Bool),
            read("text", Text),
            read("completion", Text),
            read("style", Text),
            read("offset", Counter),
            read("preference", Counter),
            read("show", Bool),
            read("highlight", TEXTS),
        ]]),
    command("/export", Effect::Read).with_fields(&[&[
        set("compact", Bool),
        set("verbose", Bool),
        set("terse", Bool),
        set("hide-sensitive", Bool),
    ]]),
    command("/import", Effect::Change),
    command("/password", Effect::Change),
    command("/undo", Effect::Change),
    command("/redo", Effect::Change),
];

const RESOURCE: &[Field] = &[
    running("uptime"),
    read("version", Text),
    read("build-time", Moment),
    read("factory-software", Text),
    read("free-memory", Size).moving(),
    read("total-memory", Size),
    read("cpu", Text),
    read("cpu-count", Counter),
    read("cpu-frequency", Counter).moving(),
    gauge("cpu-load"),
    read("free-hdd-space", Size).moving(),
    read("total-hdd-space", Size),
    counter("write-sect-since-reboot"),
    counter("write-sect-total"),
    gauge("bad-blocks"),
    read("architecture-name", Text),
    read("board-name", Text),
    read("platform", Text),
];
