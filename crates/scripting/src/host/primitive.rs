//! Primitives as data: what each of them declares, beside the function that does it. Engine, grant,
//! check, completion and documentation read it from here.

use std::marker::PhantomData;

use site::config::Service;

use super::readers::Reader;

/// What a primitive declares. Its text, its example and the types of its arguments are those of its
/// function, which the engine tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Its name, without the namespace.
    pub name: &'static str,
    /// The services it is about.
    pub services: &'static [Service],
    /// What it does to them.
    pub effect: Effect,
    /// What its arguments mean, the object of a method first.
    pub arguments: &'static [Kind],
}

/// What a primitive does to the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it works on what it is given, and sends nothing.
    Nothing,
    /// It reads what is there.
    Read,
    /// It reads what is so at this moment: asked again it may say something else.
    Measure,
    /// It changes what the argument of this number names, and is only planned.
    Write(usize),
}

impl Effect {
    /// Its word in the documentation.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Read => "read",
            Self::Measure => "measure",
            Self::Write(_) => "write",
        }
    }
}

impl Declaration {
    /// Of a function that declares nothing.
    pub const NOTHING: Self = Self {
        name: "",
        services: &[],
        effect: Effect::Nothing,
        arguments: &[],
    };

    /// The number of the argument of this kind.
    pub fn argument(&self, kind: Kind) -> Option<usize> {
        self.arguments.iter().position(|other| *other == kind)
    }

    /// Does a verb among its arguments say whether it reads or changes something?
    pub fn is_by_verb(&self) -> bool {
        self.argument(Kind::Verb).is_some()
    }

    /// Does it ask its services, so that the runbook must declare that it reads them? Whether a
    /// command writes the server itself is asked, or its verb says it.
    pub fn asks(&self) -> bool {
        match self.effect {
            Effect::Nothing => false,
            Effect::Read | Effect::Measure => true,
            Effect::Write(target) => {
                self.arguments.get(target) == Some(&Kind::Command) || self.is_by_verb()
            }
        }
    }
}

/// What an argument means, where its type alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The path of a menu of the router.
    Menu,
    /// Which rows of the menu: a map of its fields, or words of a query.
    Query,
    /// Fields of the menu with their values.
    Fields,
    /// A command of the menu, which may change something.
    Verb,
    /// What is sent with the command.
    Arguments,
    /// Names of fields of the menu.
    FieldNames,
    /// A row of the menu as it was read, or its id.
    Row,
    /// The name of a router.
    Router,
    /// The name of a field of the rows.
    Column,
    /// Fields of the rows with their values.
    Columns,
    /// A statement of SQL, which names its tables and columns.
    Sql,
    /// A key of Redis.
    Key,
    /// A pattern of keys of Redis.
    KeyPattern,
    /// The name of a command of Redis, which may write the keys among its words.
    Command,
    /// The words of a command of Redis after its name.
    Words,
    /// The name of a queue of Celery.
    Queue,
    /// The name of a service of the Compose project.
    Container,
    /// The name of a setting of the portal.
    Setting,
    /// The phone number of a user.
    Phone,
    /// A comment in the portal's grammar.
    Comment,
    /// An address of the network.
    Address,
    /// A length of time in seconds.
    Seconds,
    /// A length of time as the router writes it.
    Duration,
    /// A point in time.
    Time,
    /// Why something is changed, for the plan and the journal.
    Reason,
    /// What became of a change.
    Status,
    /// The key of a message in a catalogue.
    MessageKey,
    /// Something that is said: a text, or a message.
    Said,
    /// Any text.
    Text,
    /// What its type says.
    Value,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 30] = [
        Self::Menu,
        Self::Query,
        Self::Fields,
        Self::Verb,
        Self::Arguments,
        Self::FieldNames,
        Self::Row,
        Self::Router,
        Self::Column,
        Self::Columns,
        Self::Sql,
        Self::Key,
        Self::KeyPattern,
        Self::Command,
        Self::Words,
        Self::Queue,
        Self::Container,
        Self::Setting,
        Self::Phone,
        Self::Comment,
        Self::Address,
        Self::Seconds,
        Self::Duration,
        Self::Time,
        Self::Reason,
        Self::Status,
        Self::MessageKey,
        Self::Said,
        Self::Text,
        Self::Value,
    ];

    /// Its word in the documentation; none for a value whose type says it all.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Menu => "menu",
            Self::Query => "query",
            Self::Fields => "fields",
            Self::Verb => "verb",
            Self::Arguments => "arguments of the command",
            Self::FieldNames => "field names",
            Self::Row => "row",
            Self::Router => "router",
            Self::Column => "column",
            Self::Columns => "columns",
            Self::Sql => "sql",
            Self::Key => "key",
            Self::KeyPattern => "key pattern",
            Self::Command => "command",
            Self::Words => "words of the command",
            Self::Queue => "queue",
            Self::Container => "container",
            Self::Setting => "setting",
            Self::Phone => "phone",
            Self::Comment => "comment",
            Self::Address => "address",
            Self::Seconds => "seconds",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Reason => "reason",
            Self::Status => "status",
            Self::MessageKey => "message key",
            Self::Said => "text or message",
            Self::Text | Self::Value => return None,
        })
    }

    /// Does it name what can be written?
    pub const fn names_a_target(self) -> bool {
        matches!(self, Self::Menu | Self::Key | Self::Sql | Self::Command)
    }

    /// Can an argument of this type (as scripts know it) be of this kind?
    pub fn fits(self, type_name: &str) -> bool {
        let types: &[&str] = match self {
            Self::Menu
            | Self::Verb
            | Self::Router
            | Self::Column
            | Self::Sql
            | Self::Key
            | Self::KeyPattern
            | Self::Command
            | Self::Queue
            | Self::Container
            | Self::Setting
            | Self::Phone
            | Self::Comment
            | Self::Duration
            | Self::Status
            | Self::MessageKey
            | Self::Text => &["string"],
            Self::Said => &["any"],
            Self::Query | Self::Row | Self::Address => &["any", "string"],
            Self::Fields | Self::Arguments | Self::Columns => &["map"],
            Self::FieldNames | Self::Words => &["array"],
            Self::Seconds => &["int"],
            Self::Time => &["string", "int"],
            // One text, or one for each row.
            Self::Reason => &["string", "any"],
            Self::Value => return type_name != "string",
        };
        types.contains(&type_name)
    }
}

/// A declaration with the type of the handle that the primitive's code gets: it can reach the
/// services it declares, and no other.
pub struct Declared<R> {
    declaration: Declaration,
    reader: PhantomData<fn() -> R>,
}

impl<R: Reader> Declared<R> {
    /// A primitive that sends nothing.
    pub const fn plain(name: &'static str, arguments: &'static [Kind]) -> Self {
        Self::of(name, Effect::Nothing, arguments)
    }

    /// A primitive that reads.
    pub const fn reads(name: &'static str, arguments: &'static [Kind]) -> Self {
        Self::of(name, Effect::Read, arguments)
    }

    /// A primitive that reads what is so at this moment.
    pub const fn measures(name: &'static str, arguments: &'static [Kind]) -> Self {
        Self::of(name, Effect::Measure, arguments)
    }

    /// A primitive that changes what one of its arguments names: a menu, a key, a table, the keys of a
    /// command.
    ///
    /// # Panics
    /// None of its arguments does; the compiler says so.
    pub const fn writes(name: &'static str, arguments: &'static [Kind]) -> Self {
        let mut target = 0;
        while !arguments[target].names_a_target() {
            target += 1;
        }
        Self::of(name, Effect::Write(target), arguments)
    }

    /// What it declares.
    pub const fn declaration(&self) -> Declaration {
        self.declaration
    }

    const fn of(name: &'static str, effect: Effect, arguments: &'static [Kind]) -> Self {
        Self {
            declaration: Declaration {
                name,
                services: R::SERVICES,
                effect,
                arguments,
            },
            reader: PhantomData,
        }
    }
}

/// The declarations of a file's primitives, each a line `NAME: handle = effect name(kinds);`. What the
/// function hands to `call` is `NAME`, and `_` where that is another one's, or nothing. All of them are
/// `PRIMITIVES`.
#[macro_export]
macro_rules! primitives {
    ($($constant:tt: $reader:ty = $effect:ident $name:ident($($kind:ident),*);)*) => {
        $(const $constant: $crate::host::primitive::Declared<$reader> =
            $crate::host::primitive::Declared::$effect(
                stringify!($name),
                &[$($crate::host::primitive::Kind::$kind),*],
            );)*

        /// What the primitives of this file declare.
        pub const PRIMITIVES: &[$crate::host::primitive::Declaration] = &[
            $($crate::host::primitive::Declared::<$reader>::$effect(
                stringify!($name),
                &[$($crate::host::primitive::Kind::$kind),*],
            )
            .declaration()),*
        ];
    };
}

pub use primitives;

#[cfg(test)]
mod tests {
    use super::super::NAMESPACES;
    use super::super::docs::{self, Primitive};
    use super::*;

    /// Does the declaration fit the function: its name, the number of its arguments, their types?
    fn fits(declaration: &Declaration, primitive: &Primitive) -> bool {
        let arguments = &primitive.arguments;
        declaration.name == primitive.name
            && declaration.arguments.len() == arguments.len()
            && arguments
                .iter()
                .zip(declaration.arguments)
                .all(|(argument, kind)| kind.fits(&argument.type_name))
    }

    #[test]
    fn every_function_has_its_declaration_and_no_declaration_is_left_over() {
        for (namespace, page) in NAMESPACES.iter().zip(docs::pages()) {
            let mut left: Vec<&Declaration> = namespace.declarations().collect();
            for primitive in &page.primitives {
                let found = left.iter().position(|declared| fits(declared, primitive));
                let found = found.unwrap_or_else(|| panic!("{} is not declared", primitive.call));
                let declared = left.remove(found);
                assert_eq!(primitive.declared, *declared, "{}", primitive.call);
            }
            assert_eq!(left, Vec::<&Declaration>::new(), "of `{}`", page.name);
        }
    }

    #[test]
    fn what_reads_or_writes_declares_a_service_and_every_kind_is_some_arguments() {
        let declared: Vec<&Declaration> = NAMESPACES
            .iter()
            .flat_map(|namespace| namespace.declarations())
            .collect();
        for declaration in &declared {
            let is_plain = declaration.effect == Effect::Nothing;
            assert!(
                is_plain || !declaration.services.is_empty(),
                "{declaration:?}"
            );
        }
        let used = |kind: &Kind| declared.iter().any(|d| d.arguments.contains(kind));
        let unused: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !used(kind)).collect();
        assert_eq!(unused, []);
    }
}
