//! What the router knows about its menus: the schema, and what this imitation adds to it.

mod rules;

use std::sync::LazyLock;

use routeros_schema::schema::{self, Dynamic, Key, MenuSchema, Shape as Form};
use routeros_schema::{Field, Kind};

use rules::Rules;

use crate::version::Version;

/// Whether a menu holds one row, many, or many whose order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One row without an id, like `/system/identity`.
    Single,
    /// Rows whose order cannot be changed.
    List,
    /// Rows that `move` and `place-before` put in order.
    Ordered,
}

/// A menu of the router.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Menu {
    /// What is known of it; nothing of a menu that is only in the state: any field goes there.
    schema: Option<&'static MenuSchema>,
    /// What is added here.
    rules: &'static Rules,
    /// The path; empty for a menu that is only in the state.
    pub(crate) path: &'static str,
    /// One row or many.
    pub(crate) shape: Shape,
}

/// All menus of the schema that hold rows, in the order of their paths.
static MENUS: LazyLock<Vec<Menu>> =
    LazyLock::new(|| schema::menus().filter_map(Menu::of).collect());

/// The menu of the schema at `path`.
pub(crate) fn find(path: &str) -> Option<&'static Menu> {
    let index = MENUS.binary_search_by_key(&path, |menu| menu.path).ok()?;
    MENUS.get(index)
}

/// All menus of the schema.
pub(crate) fn all() -> &'static [Menu] {
    &MENUS
}

/// The rules for a menu that only the state knows.
pub(crate) fn generic(shape: Shape) -> &'static Menu {
    static SINGLE: Menu = Menu::unknown(Shape::Single);
    static LIST: Menu = Menu::unknown(Shape::Ordered);
    match shape {
        Shape::Single => &SINGLE,
        Shape::List | Shape::Ordered => &LIST,
    }
}

impl Menu {
    fn of(schema: &'static MenuSchema) -> Option<Menu> {
        let shape = match schema.shape {
            Form::Singleton => Shape::Single,
            Form::List => Shape::List,
            Form::Ordered => Shape::Ordered,
            _ => return None,
        };
        Some(Menu {
            schema: Some(schema),
            rules: rules::of(schema.path),
            path: schema.path,
            shape,
        })
    }

    const fn unknown(shape: Shape) -> Menu {
        Menu {
            schema: None,
            rules: &rules::UNKNOWN,
            path: "",
            shape,
        }
    }

    /// Whether a router of that release has the command.
    pub(crate) fn has_command(&self, verb: &str, version: Version) -> bool {
        match self.schema {
            Some(schema) => schema
                .verb(verb)
                .is_some_and(|verb| verb.is_in(version.release())),
            None => self.generic_commands().contains(&verb),
        }
    }

    /// The commands of a router of that release, as its console shows them.
    pub(crate) fn commands(&self, version: Version) -> Vec<&'static str> {
        let shown: Vec<&str> = match self.schema {
            Some(schema) => schema
                .verbs()
                .filter(|verb| verb.is_in(version.release()))
                .map(|verb| verb.name)
                .collect(),
            None => self.generic_commands().to_vec(),
        };
        let only_api = ["getall", "listen"];
        shown
            .into_iter()
            .filter(|verb| !only_api.contains(verb))
            .collect()
    }

    fn generic_commands(&self) -> &'static [&'static str] {
        match self.shape {
            Shape::Single => &["print", "getall", "get", "listen", "set"],
            Shape::List | Shape::Ordered => &[
                "print", "getall", "get", "listen", "add", "comment", "disable", "enable", "move",
                "remove", "set", "unset",
            ],
        }
    }

    /// The fields that `set`, and in lists `add`, take in that release.
    pub(crate) fn settable(&self, version: Version) -> impl Iterator<Item = &'static Field> {
        let fields = self.schema.into_iter().flat_map(MenuSchema::fields);
        fields.filter(move |field| field.is_settable() && field.is_in(version.release()))
    }

    /// Whether `set` takes the field.
    pub(crate) fn is_settable(&self, field: &str, version: Version) -> bool {
        match self.schema {
            Some(_) => self.settable(version).any(|known| known.name == field),
            None => true,
        }
    }

    /// What is known of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.schema?.field(name)
    }

    /// Whether it has fields that are never shown.
    pub(crate) fn has_write_only(&self) -> bool {
        let mut fields = self.schema.into_iter().flat_map(MenuSchema::fields);
        fields.any(Field::is_write_only)
    }

    /// Whether the field is a part of what is configured.
    pub(crate) fn takes(&self, field: &str) -> bool {
        match self.schema {
            Some(schema) => schema.is_settable(field) == Some(true),
            None => true,
        }
    }

    /// Whether the value of a field is a secret.
    pub(crate) fn is_secret(&self, field: &str) -> bool {
        routeros_schema::is_secret(field) || self.kind(field).is_secret()
    }

    /// Whether rows can have the field.
    pub(crate) fn is_readable(&self, field: &str) -> bool {
        self.schema
            .is_none_or(|schema| schema.field(field).is_some())
    }

    /// Whether `print` knows the argument.
    pub(crate) fn has_print_argument(&self, argument: &str) -> bool {
        let has = |words: &str| words.split_ascii_whitespace().any(|word| word == argument);
        let counts = argument == "stats" && self.shape != Shape::Single && self.has_counters();
        has(self.print_arguments()) || has(self.rules.print) || counts
    }

    /// Whether its rows count what goes through them: these know `stats` (seen of filters, queues and
    /// interfaces).
    fn has_counters(&self) -> bool {
        let counters = ["bytes", "packets", "rx-byte", "tx-byte"];
        counters.iter().any(|name| self.field(name).is_some())
    }

    /// The arguments of `print` that all menus of this shape know.
    pub(crate) fn print_arguments(&self) -> &'static str {
        match self.shape {
            Shape::Single => rules::PRINT_SINGLE,
            Shape::List | Shape::Ordered => rules::PRINT_LIST,
        }
    }

    /// What the field's values are.
    pub(crate) fn kind(&self, field: &str) -> Kind {
        match self.schema {
            Some(schema) => schema.kind(field),
            None if field == "disabled" => Kind::Bool,
            None => Kind::Text,
        }
    }

    /// The fields without which `add` fails.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'static str> {
        let fields = self.schema.into_iter().flat_map(MenuSchema::fields);
        fields
            .filter(|field| field.required)
            .map(|field| field.name)
    }

    /// Whether `add` fails without the field.
    pub(crate) fn is_required(&self, field: &str) -> bool {
        self.required().any(|required| required == field)
    }

    /// What a new row has that was not given.
    pub(crate) fn filled_in(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let named = self.rules.filled_in.split_ascii_whitespace();
        named.filter_map(|named| {
            let (name, given) = match named.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (named, None),
            };
            let field = self.schema?.field(name)?;
            let value = given.or(field.default);
            Some((field.name, value.unwrap_or_else(|| nothing(&field.kind))))
        })
    }

    /// What becomes of the field when it is cleared.
    pub(crate) fn default_of(&self, field: &str) -> Option<&'static str> {
        let mut filled_in = self.filled_in();
        filled_in
            .find(|(name, _)| *name == field)
            .map(|(_, value)| value)
    }

    /// The fields that together may occur only once; a row without one of them counts as having it
    /// empty, one without the first is never a second one.
    pub(crate) fn unique(&self) -> Option<&'static [&'static str]> {
        match self.schema?.key {
            _ if !self.rules.unique.is_empty() => Some(self.rules.unique),
            Key::Unique(fields) => Some(fields),
            Key::NotUnique(_) | Key::None => None,
        }
    }

    /// The trap for a second row like one that exists.
    pub(crate) fn taken(&self) -> &'static str {
        self.rules.taken
    }

    /// The trap for a change of a row that the router made, if it is refused.
    pub(crate) fn refuses_change(&self) -> Option<&'static str> {
        match self.schema?.dynamic {
            Dynamic::Free => None,
            Dynamic::Fixed | Dynamic::Kept => Some(self.rules.dynamic),
        }
    }

    /// The like for its removal.
    pub(crate) fn refuses_removal(&self) -> Option<&'static str> {
        match self.schema?.dynamic {
            Dynamic::Free | Dynamic::Fixed => None,
            Dynamic::Kept => Some(self.rules.dynamic),
        }
    }

    /// Whether a field `timeout` counts down and takes its row with it.
    pub(crate) fn counts_down(&self) -> bool {
        let timeout = self.schema.and_then(|schema| schema.field("timeout"));
        timeout.is_some_and(|field| {
            field.is_settable() && field.motion == schema::Motion::CountingDown
        })
    }
}

/// The value of a field of which there is nothing yet.
fn nothing(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "false",
        Kind::Number | Kind::Counter | Kind::Size | Kind::Rate => "0",
        Kind::Duration => "0s",
        Kind::Pair(kind) if **kind != Kind::Duration => "0/0",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_about_a_menu_and_a_field_of_the_schema() {
        for (path, rules) in rules::ALL {
            let menu = find(path).unwrap();
            let named = rules.filled_in.split_ascii_whitespace();
            let names = named.filter_map(|named| named.split('=').next());
            // These are for every menu that has them.
            let is_for_all = rules.filled_in == rules::of("").filled_in;
            let own = names.filter(|_| !is_for_all);
            for field in own.chain(rules.unique.iter().copied()) {
                assert!(menu.is_readable(field), "{path} {field}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_a_value_of_its_field() {
        for menu in all() {
            for (field, value) in menu.filled_in() {
                let is_value = menu.kind(field).read(value.as_bytes()).is_some();
                assert!(is_value || value.is_empty(), "{} {field}", menu.path);
            }
        }
    }

    #[test]
    fn only_timeouts_that_are_set_take_their_row_with_them() {
        let timed: Vec<&str> = all()
            .iter()
            .filter(|menu| menu.counts_down())
            .map(|menu| menu.path)
            .collect();
        assert_eq!(
            timed,
            ["/ip/firewall/address-list", "/ipv6/firewall/address-list"]
        );
    }
}
