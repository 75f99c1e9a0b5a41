//! What the router knows about its menus: fields, commands and rules.

mod table;

use crate::value::Kind;

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

/// What happens to rows the router made itself, when a command would change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dynamic {
    /// They change and go like others.
    Free,
    /// They go like others, and refuse changes with this text.
    Fixed(&'static str),
    /// They refuse changes and removal with this text.
    Kept(&'static str),
}

/// Fields that together may occur only once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unique {
    /// The fields; a row without one of them counts as having it empty, one without the first is
    /// never a second one.
    pub(crate) fields: &'static [&'static str],
    /// The trap for a second row.
    pub(crate) message: &'static str,
}

/// A menu of the table. Lists of names are texts with blanks between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Menu {
    /// The path, for example `/ip/arp`.
    pub(crate) path: &'static str,
    /// One row or many.
    pub(crate) shape: Shape,
    /// The commands it has, `print` and `get` apart.
    pub(crate) commands: &'static str,
    /// The fields that `set`, and in lists `add`, take.
    pub(crate) settable: &'static str,
    /// The fields that only the router writes.
    pub(crate) read_only: &'static str,
    /// Arguments of `print` beyond those of every menu of the shape.
    pub(crate) print: &'static str,
    /// The fields without which `add` fails.
    pub(crate) required: &'static [&'static str],
    /// What `add` fills in.
    pub(crate) defaults: &'static [(&'static str, &'static str)],
    /// The fields whose values have a form.
    pub(crate) kinds: &'static [(&'static str, Kind)],
    /// What may occur only once.
    pub(crate) unique: Option<Unique>,
    /// How rows of the router's own are treated.
    pub(crate) dynamic: Dynamic,
    /// Whether a field `timeout` counts down and takes its row with it.
    pub(crate) counts_down: bool,
    /// Any field is taken: the menu is not in the table, only in the state.
    pub(crate) any_field: bool,
}

/// The menu of the table at `path`.
pub(crate) fn find(path: &str) -> Option<&'static Menu> {
    table::MENUS.iter().find(|menu| menu.path == path)
}

/// All menus of the table.
pub(crate) fn all() -> &'static [Menu] {
    table::MENUS
}

/// The rules for a menu that only the state knows.
pub(crate) fn generic(shape: Shape) -> &'static Menu {
    match shape {
        Shape::Single => &table::GENERIC_SINGLE,
        Shape::List | Shape::Ordered => &table::GENERIC_LIST,
    }
}

impl Menu {
    /// Whether `print` can be followed by `verb` instead.
    pub(crate) fn has_command(&self, verb: &str) -> bool {
        ["print", "getall", "get", "listen"].contains(&verb) || has_word(self.commands, verb)
    }

    /// Whether `set` takes the field.
    pub(crate) fn is_settable(&self, field: &str) -> bool {
        self.any_field || has_word(self.settable, field)
    }

    /// Whether rows can have the field.
    pub(crate) fn is_readable(&self, field: &str) -> bool {
        self.is_settable(field) || has_word(self.read_only, field)
    }

    /// Whether `print` knows the argument.
    pub(crate) fn has_print_argument(&self, argument: &str) -> bool {
        has_word(self.print_arguments(), argument) || has_word(self.print, argument)
    }

    /// The arguments of `print` that all menus of this shape know.
    pub(crate) fn print_arguments(&self) -> &'static str {
        match self.shape {
            Shape::Single => table::PRINT_SINGLE,
            Shape::List | Shape::Ordered => table::PRINT_LIST,
        }
    }

    /// The form of a field's values.
    pub(crate) fn kind(&self, field: &str) -> Kind {
        let known = self.kinds.iter().find(|(name, _)| *name == field);
        known.map_or(Kind::Text, |(_, kind)| *kind)
    }

    /// What `add` fills in for the field.
    pub(crate) fn default_of(&self, field: &str) -> Option<&'static str> {
        let known = self.defaults.iter().find(|(name, _)| *name == field);
        known.map(|(_, value)| *value)
    }
}

fn has_word(words: &str, word: &str) -> bool {
    !word.is_empty() && words.split_ascii_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_menu_and_no_field_occurs_twice() {
        let mut paths: Vec<_> = all().iter().map(|menu| menu.path).collect();
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair[0] != pair[1]));
        for menu in all() {
            let mut fields: Vec<_> = menu
                .settable
                .split_ascii_whitespace()
                .chain(menu.read_only.split_ascii_whitespace())
                .collect();
            fields.sort_unstable();
            assert!(
                fields.windows(2).all(|pair| pair[0] != pair[1]),
                "{}",
                menu.path
            );
        }
    }

    #[test]
    fn every_rule_is_about_a_field_of_its_menu() {
        for menu in all() {
            let unique = menu.unique.map_or(&[][..], |unique| unique.fields);
            let ruled = menu.required.iter().chain(unique);
            for field in ruled {
                assert!(menu.is_settable(field), "{} {field}", menu.path);
            }
            let named = menu.kinds.iter().map(|(name, _)| name);
            for field in named.chain(menu.defaults.iter().map(|(name, _)| name)) {
                assert!(menu.is_readable(field), "{} {field}", menu.path);
            }
        }
    }
}
