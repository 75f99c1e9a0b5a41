//! Commands and fields that many menus have.

use crate::kind::Kind::{Bool, Text};
use crate::schema::{Effect, End, Field, Verb};
use crate::table::{READS, flag, set, verb};

/// Rows are added, changed and removed.
pub(super) const ROWS: &[Verb] = &[
    verb("add", Effect::Change),
    verb("set", Effect::Change),
    verb("remove", Effect::Change),
    RESET,
    EXPORT,
];
/// Rows are there and can be changed.
pub(super) const SET: &[Verb] = &[verb("set", Effect::Change), RESET, EXPORT];
/// Rows come by themselves and can be removed.
pub(super) const REMOVE: &[Verb] = &[verb("remove", Effect::Change)];
/// Gives a field its default again.
pub(super) const RESET: Verb = verb("reset", Effect::Change).since(7, 9);
/// Writes what is configured as the commands that would configure it. `file` writes it into a file.
pub(super) const EXPORT: Verb = verb("export", Effect::Read).with(&[EXPORTED]);
/// What of it, and how; not `show-sensitive`, for the text says of no password that it is one.
pub(super) const EXPORTED: &[&str] = &["compact", "verbose", "terse", "hide-sensitive"];
/// Rows can be turned off and on.
pub(super) const SWITCH: &[Verb] = &[
    verb("enable", Effect::Change),
    verb("disable", Effect::Change),
];
/// Rows have a comment.
pub(super) const REMARK: &[Verb] = &[verb("comment", Effect::Change)];
/// Rows have an order.
pub(super) const MOVE: &[Verb] = &[verb("move", Effect::Change)];
/// Single fields can be unset.
pub(super) const UNSET: &[Verb] = &[verb("unset", Effect::Change)];
/// Counters can be set to zero.
pub(super) const COUNTERS: &[Verb] = &[verb("reset-counters", Effect::Change)];
/// The like, and all at once.
pub(super) const ALL_COUNTERS: &[Verb] = &[
    verb("reset-counters", Effect::Change),
    verb("reset-counters-all", Effect::Change),
];
/// A running state can be watched.
pub(super) const MONITOR: &[Verb] = &[watch("monitor")];
/// Something that is watched until it is told to end. `do` runs a script, `file` writes one.
pub(crate) const fn watch(name: &'static str) -> Verb {
    verb(name, Effect::Measure)
        .ends(End::Argument(&["once", "duration"]))
        .with(&[&[
            ".id",
            ".proplist",
            "duration",
            "interface",
            "interval",
            "numbers",
            "once",
        ]])
}

/// The commands that menus have in common, by which one is known of a menu that is not in the table.
pub(crate) const COMMON: &[&[Verb]] =
    &[READS, ROWS, SWITCH, REMARK, MOVE, UNSET, COUNTERS, MONITOR];
/// Those that change rows.
pub(crate) const OF_ROWS: &[&[Verb]] = &[ROWS, SWITCH, REMARK, MOVE, UNSET];

/// A remark of a person.
pub(super) const COMMENT: Field = set("comment", Text);
/// Whether the row is turned off.
pub(super) const DISABLED: Field = set("disabled", Bool).default("false");
/// Whether the router made the row.
pub(super) const DYNAMIC: Field = flag("dynamic");
/// Whether the row does nothing because something that it names is missing.
pub(super) const INVALID: Field = flag("invalid");
