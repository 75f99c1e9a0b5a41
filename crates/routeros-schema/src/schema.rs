//! What a menu is, and which there are.

use crate::kind::Kind;
pub use crate::lookup::{closest_menu, menu, menus, misspelt_menu};
use crate::nearest::{closest, misspelt};

/// A menu of the table.
///
/// What a router has that is not here is not wrong: menus and fields differ by version and by
/// package. An unknown field is text that may be settable; the router's own `/console/inspect` knows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MenuSchema {
    /// The canonical path.
    pub path: &'static str,
    /// Whether it holds one row, many, or many in an order.
    pub shape: Shape,
    /// By what a row is known again.
    pub key: Key,
    /// What can be done to rows that the router made itself.
    pub dynamic: Dynamic,
    /// Where the names come from.
    pub source: Source,
    /// The commands that every menu of its shape has.
    pub(crate) common_verbs: &'static [Verb],
    pub(crate) verbs: &'static [&'static [Verb]],
    /// How it ends, of a command.
    pub(crate) end: End,
    pub(crate) fields: &'static [&'static [Field]],
    /// The fields that every row of a menu of its shape has.
    pub(crate) common_fields: &'static [Field],
}

/// Whether a menu holds one row, many, or many in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// One row without an id, like `/system/identity`.
    Singleton,
    /// Rows whose order cannot be changed.
    List,
    /// Rows whose order counts: `move` and `place-before` change it.
    Ordered,
    /// No rows: a command, whose arguments are the settable fields and whose answer has the others.
    Command(Effect),
}

/// By what a row is known again, when its `.id` is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// By these fields; the router refuses a second row with the same ones. An absent field counts
    /// with its default.
    Unique(&'static [&'static str]),
    /// By these fields, which several rows may share.
    NotUnique(&'static [&'static str]),
    /// By nothing but all of its content.
    None,
}

impl Key {
    /// The fields.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Unique(fields) | Self::NotUnique(fields) => fields,
            Self::None => &[],
        }
    }
}

/// What can be done to rows that the router made itself (`dynamic=true`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// They are changed and removed like others.
    Free,
    /// They are removed like others, and not changed.
    Fixed,
    /// They are neither changed nor removed.
    Kept,
}

/// A command of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub effect: Effect,
    /// How it ends.
    pub end: End,
    /// The arguments with which a command that reads is known to do no more.
    pub arguments: &'static [&'static [&'static str]],
    /// The versions that have it.
    pub versions: Versions,
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself,
    /// By one of these arguments; without, not before it is cancelled.
    Argument(&'static [&'static str]),
    /// Not before it is cancelled.
    Cancelled,
    /// With the connection: the router goes down, and no answer may come.
    Connection,
}

/// What a command does to the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It reads what is there.
    Read,
    /// It changes nothing, takes its time, and says something else each time: `/tool/ping`.
    Measure,
    /// It changes something.
    Change,
}

/// A field of a menu's rows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Who writes it.
    pub access: Access,
    /// Whether it stays as it is while nobody changes the row.
    pub motion: Motion,
    /// The value of a row that does not have the field, or was added without.
    pub default: Option<&'static str>,
    /// How it is unset.
    pub unset: Unset,
    /// Whether `add` fails without it.
    pub required: bool,
    /// The versions that have it.
    pub versions: Versions,
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `add` and `set` take it, `print` shows it.
    Settable,
    /// `add` and `set` take it, `print` never shows it.
    WriteOnly,
    /// Only the router writes it.
    ReadOnly,
}

/// Whether a field stays as it is while nobody changes the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// It stays.
    Steady,
    /// It moves: counters, rates, times that grow, the strength of a signal.
    Moving,
    /// It is the time that is left and runs down.
    CountingDown,
}

/// How a field is unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// By setting it to an empty value.
    Empty,
    /// By the menu's `unset`.
    Verb,
    /// By setting it to this word; an empty value is refused.
    Word(&'static str),
    /// Not at all.
    Never,
    /// Nobody said: send an empty value, and read what became of it.
    Unknown,
}

/// Where names and kinds of a menu come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// What that is worth.
    pub grade: Grade,
    /// What it is.
    pub what: &'static str,
}

/// What a source is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// MikroTik documents it.
    Documented,
    /// A router said so.
    Seen,
    /// It follows from something else.
    Inferred,
}

/// A version of RouterOS: `7.16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The generation.
    pub major: u16,
    /// The release.
    pub minor: u16,
}

/// The versions that have something; all of them, where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first version with it, if not all have it.
    pub since: Option<Version>,
    /// The first version without it.
    pub until: Option<Version>,
}

impl Versions {
    /// Whether that version is one of them.
    pub(crate) fn contain(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version < until)
    }
}

impl MenuSchema {
    /// The commands, those first that every menu of its shape has.
    pub fn verbs(&self) -> impl Iterator<Item = &'static Verb> + use<> {
        let own = self.verbs.iter().copied().flatten();
        self.common_verbs.iter().chain(own)
    }

    /// The command of that name.
    pub fn verb(&self, name: &str) -> Option<&'static Verb> {
        self.verbs().find(|verb| verb.name == name)
    }

    /// The fields, those last that every row has.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        let own = self.fields.iter().copied().flatten();
        own.chain(self.common_fields)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The kind of a field; text, if it is not known.
    pub fn kind(&self, name: &str) -> Kind {
        self.field(name).map_or(Kind::Text, |field| field.kind)
    }

    /// Whether `set` takes the field; `None` if it is not known.
    pub fn is_settable(&self, name: &str) -> Option<bool> {
        self.field(name)
            .map(|field| field.access != Access::ReadOnly)
    }

    /// Whether it holds a single row.
    pub fn is_singleton(&self) -> bool {
        self.shape == Shape::Singleton
    }

    /// Whether the order of its rows counts and can be changed.
    pub fn is_ordered(&self) -> bool {
        self.shape == Shape::Ordered
    }

    /// Whether no command changes it.
    pub fn is_read_only(&self) -> bool {
        match self.shape {
            Shape::Command(effect) => effect != Effect::Change,
            _ => self.verbs().all(|verb| verb.effect != Effect::Change),
        }
    }

    /// The field that turns a row on or off, and its value when the row is on.
    pub fn switch(&self) -> Option<(&'static Field, bool)> {
        let field = |name| {
            self.field(name)
                .filter(|field| field.access == Access::Settable)
        };
        let off = field("disabled").map(|field| (field, false));
        off.or_else(|| field("enabled").map(|field| (field, true)))
    }

    /// The field whose name is nearest to one that is not there.
    pub fn closest_field(&self, name: &str) -> Option<&'static str> {
        closest(name, self.fields().map(|field| field.name))
    }

    /// The field of which the name is a misspelling, with one slip of the pen.
    pub fn misspelt_field(&self, name: &str) -> Option<&'static str> {
        misspelt(name, self.fields().map(|field| field.name))
    }
}

impl Shape {
    /// Whether it is a command, and no menu that holds rows.
    pub(crate) fn is_command(&self) -> bool {
        matches!(self, Self::Command(_))
    }
}

impl Field {
    /// Whether `add` or `set` takes it.
    pub fn is_settable(&self) -> bool {
        self.access != Access::ReadOnly
    }

    /// Whether `print` never shows it.
    pub fn is_write_only(&self) -> bool {
        self.access == Access::WriteOnly
    }

    /// Whether it changes while nobody changes the row.
    pub fn is_moving(&self) -> bool {
        self.motion != Motion::Steady
    }

    /// Whether a router of that version has it.
    pub fn is_in(&self, version: Version) -> bool {
        self.versions.contain(version)
    }
}

impl Verb {
    /// Whether a router of that version has it.
    pub fn is_in(&self, version: Version) -> bool {
        self.versions.contain(version)
    }
}
