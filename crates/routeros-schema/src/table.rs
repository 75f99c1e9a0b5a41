//! How the table of menus is written.

use crate::kind::Kind;
use crate::schema::{
    Access, Dynamic, Effect, End, Field, Grade, Key, MenuSchema, Motion, Shape, Source, Unset,
    Verb, Version, Versions,
};

/// MikroTik's reference of the command line.
pub(crate) const REFERENCE: Source = Source {
    grade: Grade::Documented,
    what: "MikroTik's manual, CLI reference (2026)",
};
/// What the console of a router said about itself.
pub(crate) const INSPECT: Source = Source {
    grade: Grade::Seen,
    what: "/console/inspect of RouterOS 7.22.3",
};

const ALL_VERSIONS: Versions = Versions {
    since: None,
    until: None,
};

/// Commands that every menu with rows has.
pub(crate) const READS: &[Verb] = &[
    verb("print", Effect::Read).with(&[PRINT, FOLLOW]),
    verb("getall", Effect::Read).with(&[PRINT, FOLLOW]),
    verb("get", Effect::Read).with(&[&[".id", "numbers", "value-name"]]),
    verb("listen", Effect::Measure)
        .ends(End::Cancelled)
        .with(&[PRINT]),
];
/// What `print` shows, and how (read of a router of release 7.24). `file` and `append` write files,
/// `on-event` runs a script.
const PRINT: &[&str] = &[
    ".proplist",
    "active",
    "as-value",
    "brief",
    "bytes",
    "comments",
    "count-only",
    "detail",
    "from",
    "group-by",
    "oid",
    "order-by",
    "packets",
    "proplist",
    "rate",
    "show-ids",
    "show-sensitive",
    "stats",
    "status",
    "terse",
    "timestamp",
    "value-list",
    "with-extra-info",
    "without-paging",
];
/// With these `print` goes on until it is cancelled.
pub(crate) const FOLLOW: &[&str] = &["follow", "follow-only", "interval"];
/// What every row of a list has. `about` is a remark of the router itself, from RouterOS 7 on.
const OF_ROWS: &[Field] = &[
    read(".id", Kind::Id),
    read(".nextid", Kind::Id),
    read("about", Kind::Text).moving(),
];

/// A menu whose rows have no order.
pub(crate) const fn list(path: &'static str) -> MenuSchema {
    MenuSchema {
        path,
        shape: Shape::List,
        key: Key::None,
        dynamic: Dynamic::Free,
        source: REFERENCE,
        common_verbs: READS,
        verbs: &[],
        end: End::Itself,
        fields: &[],
        common_fields: OF_ROWS,
    }
}

/// A menu whose rows have no order and are known by their names.
pub(crate) const fn named(path: &'static str) -> MenuSchema {
    list(path).unique(&["name"])
}

/// A menu whose rows have an order.
pub(crate) const fn ordered(path: &'static str) -> MenuSchema {
    MenuSchema {
        shape: Shape::Ordered,
        ..list(path)
    }
}

/// A menu with a single row.
pub(crate) const fn singleton(path: &'static str) -> MenuSchema {
    MenuSchema {
        shape: Shape::Singleton,
        common_fields: &[],
        ..list(path)
    }
}

/// A command with arguments.
pub(crate) const fn command(path: &'static str, effect: Effect) -> MenuSchema {
    MenuSchema {
        shape: Shape::Command(effect),
        common_verbs: &[],
        common_fields: &[],
        ..list(path)
    }
}

impl MenuSchema {
    pub(crate) const fn unique(self, fields: &'static [&'static str]) -> Self {
        Self {
            key: Key::Unique(fields),
            ..self
        }
    }

    pub(crate) const fn known_by(self, fields: &'static [&'static str]) -> Self {
        Self {
            key: Key::NotUnique(fields),
            ..self
        }
    }

    pub(crate) const fn dynamic(self, dynamic: Dynamic) -> Self {
        Self { dynamic, ..self }
    }

    pub(crate) const fn source(self, source: Source) -> Self {
        Self { source, ..self }
    }

    pub(crate) const fn with_verbs(self, verbs: &'static [&'static [Verb]]) -> Self {
        Self { verbs, ..self }
    }

    pub(crate) const fn ends(self, end: End) -> Self {
        Self { end, ..self }
    }

    pub(crate) const fn with_fields(self, fields: &'static [&'static [Field]]) -> Self {
        Self { fields, ..self }
    }
}

/// A command of a menu.
pub(crate) const fn verb(name: &'static str, effect: Effect) -> Verb {
    Verb {
        name,
        effect,
        end: End::Itself,
        arguments: &[],
        versions: ALL_VERSIONS,
    }
}

impl Verb {
    pub(crate) const fn ends(self, end: End) -> Self {
        Self { end, ..self }
    }

    pub(crate) const fn with(self, arguments: &'static [&'static [&'static str]]) -> Self {
        Self { arguments, ..self }
    }
}

impl Versions {
    const fn since(self, major: u16, minor: u16) -> Self {
        Self {
            since: Some(Version { major, minor }),
            ..self
        }
    }

    const fn until(self, major: u16, minor: u16) -> Self {
        Self {
            until: Some(Version { major, minor }),
            ..self
        }
    }
}

/// Gives what has versions the words for their begin and their end.
macro_rules! versioned {
    ($($kind:ty),*) => {
        $(impl $kind {
            pub(crate) const fn since(self, major: u16, minor: u16) -> Self {
                let versions = self.versions.since(major, minor);
                Self { versions, ..self }
            }

            pub(crate) const fn until(self, major: u16, minor: u16) -> Self {
                let versions = self.versions.until(major, minor);
                Self { versions, ..self }
            }
        })*
    };
}
versioned!(Verb, Field);

/// A field that `add` and `set` take. Text is unset by an empty value (seen for `comment`, inferred
/// for the others).
pub(crate) const fn set(name: &'static str, kind: Kind) -> Field {
    let unset = match kind {
        Kind::Text | Kind::Secret => Unset::Empty,
        _ => Unset::Unknown,
    };
    Field {
        name,
        kind,
        access: Access::Settable,
        motion: Motion::Steady,
        default: None,
        unset,
        required: false,
        versions: ALL_VERSIONS,
    }
}

/// A field that only the router writes.
pub(crate) const fn read(name: &'static str, kind: Kind) -> Field {
    Field {
        access: Access::ReadOnly,
        unset: Unset::Never,
        ..set(name, kind)
    }
}

/// What the router says to be so or not.
pub(crate) const fn flag(name: &'static str) -> Field {
    read(name, Kind::Bool)
}

/// A number that grows.
pub(crate) const fn counter(name: &'static str) -> Field {
    read(name, Kind::Counter).moving()
}

/// A number that moves.
pub(crate) const fn gauge(name: &'static str) -> Field {
    read(name, Kind::Number).moving()
}

/// A time that runs.
pub(crate) const fn running(name: &'static str) -> Field {
    read(name, Kind::Duration).moving()
}

impl Field {
    pub(crate) const fn required(self) -> Self {
        Self {
            required: true,
            unset: Unset::Never,
            ..self
        }
    }

    pub(crate) const fn default(self, value: &'static str) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }

    pub(crate) const fn unset(self, unset: Unset) -> Self {
        Self { unset, ..self }
    }

    pub(crate) const fn write_only(self) -> Self {
        Self {
            access: Access::WriteOnly,
            ..self
        }
    }

    pub(crate) const fn moving(self) -> Self {
        Self {
            motion: Motion::Moving,
            ..self
        }
    }

    pub(crate) const fn counting_down(self) -> Self {
        Self {
            motion: Motion::CountingDown,
            ..self
        }
    }
}
