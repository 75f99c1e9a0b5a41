//! A change as people read it: what it is about, and every value that it writes.

use super::fields::{Fields, shown_of};
use super::menu;
use super::planned::{Action, Change, Difference, Parameter};
use session::redis::DELETE_IF_EQUALS;
use wording::bytes::shown;

/// The longest value of a statement that is shown whole, in characters.
const LONGEST: usize = 200;

/// A field that a change writes, for people: secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// Its value before; absent if it had none.
    pub before: Option<String>,
    /// The value that is written.
    pub after: String,
}

impl Change {
    /// For people: what it is about and what it writes. A row that is removed by what it is known by
    /// (`*4 list=blocked address=10.0.0.9`), one that is added with all its fields, one that is set with
    /// each of them before and after (`*4 address=10.0.0.9; disabled: false → true`); the words of a
    /// command; a statement with the values of its parameters.
    pub fn describe(&self) -> String {
        let id = self.id.as_deref().unwrap_or_default();
        let row = match (self.action, &self.after) {
            (Action::Add, Some(after)) => self.describe_whole(id, after),
            _ => self
                .subject()
                .map_or_else(|| id.to_owned(), |row| self.describe_row(id, row)),
        };
        let head = [row].into_iter().filter(|row| !row.is_empty());
        let head = head
            .chain(self.statement.clone())
            .chain(self.spoken_command());
        let head: Vec<String> = head.collect();
        let written = match self.action {
            Action::Set => self.field_changes(),
            Action::Add | Action::Remove | Action::Command | Action::Execute => Vec::new(),
        };
        let written = written.iter().map(|field| {
            let before = field.before.as_deref().unwrap_or("(absent)");
            let after = Some(field.after.as_str()).filter(|after| !after.is_empty());
            let after = after.unwrap_or("(absent)");
            format!("{}: {before} → {after}", field.field)
        });
        let values = (1..).zip(&self.parameters);
        let values = values.map(|(number, value)| format!("${number} = {}", value.spoken()));
        let parts: Vec<String> = [head.join(" ")]
            .into_iter()
            .chain(written)
            .chain(values)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join("; ")
    }

    /// A row for people, by what it is known by: `*4 list=blocked address=10.0.0.9 comment=x`.
    pub fn describe_row(&self, id: &str, row: &Fields) -> String {
        let names = menu::key_fields(&self.target).iter().copied();
        self.describe_fields(id, row, names.chain(["comment"]))
    }

    /// All fields of a row, first those by which it is known.
    fn describe_whole(&self, id: &str, row: &Fields) -> String {
        let key = menu::key_fields(&self.target);
        let others = row.iter().map(|(name, _)| name);
        let others = others.filter(|name| !key.contains(name));
        self.describe_fields(id, row, key.iter().copied().chain(others))
    }

    fn describe_fields<'a>(
        &self,
        id: &str,
        row: &Fields,
        names: impl Iterator<Item = &'a str>,
    ) -> String {
        let fields =
            names.filter_map(|name| Some(format!("{name}={}", self.shown(name, row.get(name)?))));
        let id = Some(id.to_owned()).filter(|id| !id.is_empty());
        let parts: Vec<String> = id.into_iter().chain(fields).collect();
        parts.join(" ")
    }

    /// Every field that a change of a row writes, with its value before: of a row that is added all,
    /// of one that is removed none.
    pub fn field_changes(&self) -> Vec<FieldChange> {
        let none = Fields::default();
        let before = self.before.as_ref().unwrap_or(&none);
        let after = self.after.as_ref().unwrap_or(&none);
        let written: Vec<(&str, &[u8])> = match self.action {
            Action::Set => menu::sent_fields(&self.target, before, after).collect(),
            _ => after.iter().collect(),
        };
        written
            .into_iter()
            .map(|(name, value)| FieldChange {
                field: name.to_owned(),
                before: before.get(name).map(|value| self.shown(name, value)),
                after: self.shown(name, value),
            })
            .collect()
    }

    /// For people, with what is done: `remove mikrotik:/ip/arp *4 address=10.0.0.9`.
    pub fn spoken(&self) -> String {
        format!(
            "{} {} {}",
            self.action.as_str(),
            self.target,
            self.describe()
        )
    }

    /// The value of one of its fields for people: a secret as `***`.
    pub fn shown(&self, name: &str, value: &[u8]) -> String {
        shown_of(&self.target, name, value, self.router_text)
    }

    /// The words of a command; the one script in words of its own.
    fn spoken_command(&self) -> Vec<String> {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| shown(&word.to_vec()).into_owned())
            .collect();
        match words.as_slice() {
            [_, script, _, key, value] if script == DELETE_IF_EQUALS => {
                vec![format!("delete {key} if it holds {value}")]
            }
            _ => words,
        }
    }
}

impl Difference {
    /// For people: `comment: x is now y`.
    pub fn spoken(&self) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(absent)".to_owned());
        let (expected, found) = (text(&self.expected), text(&self.found));
        format!("{}: {expected} is now {found}", self.field)
    }
}

impl Parameter {
    /// The value for people, as SQL writes it; of a long one its beginning.
    fn spoken(&self) -> String {
        let text = match self {
            Self::Null => "NULL".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Decimal(value) => value.clone(),
            Self::Text(value) => format!("'{}'", value.replace('\'', "''")),
            Self::Time(value) => value.to_string(),
            Self::Hex(bytes) => format!("X'{}'", hex::encode(&bytes.0)),
        };
        match text.char_indices().nth(LONGEST) {
            None => text,
            Some((end, _)) => format!("{}…", &text[..end]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    fn of(menu: &str, action: Action, before: &[(&str, &str)], after: &[(&str, &str)]) -> Change {
        let menu = menu.parse().unwrap();
        match action {
            Action::Add => Change::add(None, &menu, row(after), ""),
            Action::Set => Change::set(None, &menu, "*1", (row(before), row(after)), ""),
            _ => Change::remove(None, &menu, "*1", row(before), ""),
        }
    }

    #[test]
    fn a_change_of_a_row_says_every_value_that_it_writes() {
        let lists = "/ip/firewall/address-list";
        let filter = "/ip/firewall/filter";
        let seen = [
            ("list", "l"),
            ("address", "10.0.0.1"),
            ("comment", "c"),
            ("disabled", "false"),
        ];
        for (change, said) in [
            (
                of(
                    lists,
                    Action::Set,
                    &seen,
                    &[
                        ("address", "10.7.7.7"),
                        ("disabled", "true"),
                        ("comment", "c"),
                    ],
                ),
                "*1 list=l address=10.0.0.1 comment=c; address: 10.0.0.1 → 10.7.7.7; disabled: false → true",
            ),
            (
                of(
                    filter,
                    Action::Set,
                    &[("chain", "input"), ("action", "drop")],
                    &[("action", "accept"), ("src-address", "10.0.0.9")],
                ),
                "*1; action: drop → accept; src-address: (absent) → 10.0.0.9",
            ),
            (
                of(
                    filter,
                    Action::Add,
                    &[],
                    &[("chain", "input"), ("action", "accept")],
                ),
                "chain=input action=accept",
            ),
            (
                of(
                    lists,
                    Action::Add,
                    &[],
                    &[("address", "10.0.0.1"), ("timeout", "1d"), ("list", "l")],
                ),
                "list=l address=10.0.0.1 timeout=1d",
            ),
            (
                of(lists, Action::Remove, &seen, &[]),
                "*1 list=l address=10.0.0.1 comment=c",
            ),
            (
                of(
                    "/ip/hotspot/user",
                    Action::Set,
                    &[("name", "a"), ("password", "old")],
                    &[("password", "new")],
                ),
                "*1 name=a; password: *** → ***",
            ),
        ] {
            assert_eq!(change.describe(), said);
        }
    }

    #[test]
    fn a_statement_says_the_values_of_its_parameters() {
        let long = "x".repeat(300);
        let values = vec![
            Parameter::Int(4711),
            Parameter::Null,
            Parameter::Text("it's".to_owned()),
            Parameter::Text(long),
        ];
        let change = Change::execute("UPDATE t SET v=$1", values, "");
        let said = change.describe();
        assert!(
            said.starts_with("UPDATE t SET v=$1; $1 = 4711; $2 = NULL; $3 = 'it''s'; $4 = 'xxx"),
            "{said}"
        );
        assert!(said.ends_with("xxx…") && said.len() < 300, "{said}");
    }
}
