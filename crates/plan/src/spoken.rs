//! A change as people read it: what it is about, and every value that it writes.

use catalogue::Said;
use routeros_schema::{MenuSchema, schema};
use sentences::{
    ChangeDeleteIfEquals, ChangeDone, ChangeField, ChangeNewPlace, ChangeOf, ChangePlace,
    ChangeRestore, ChangeStatus, DifferenceOfField, DifferenceOfPlace, PlaceBefore, PlaceLast,
    ValueAbsent,
};

use super::change::{Action, Change, Write};
use super::command::RouterCommand;
use super::comments::Comments;
use super::fields::Fields;
use super::key::KeyWrite;
use super::menu;
use super::order::FollowedBy;
use super::outcome::{Difference, Status};
use super::request::{self, Request};
use super::row::{Edit, RowWrite};
use super::statement::Statement;
use redis_wire::DELETE_IF_EQUALS;
use wording::bytes::shown;

/// What a change of a row's place is called, where fields are listed.
pub const PLACE: &str = "place";

/// A field that a change writes, for people: secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// Its value before; absent if it had none.
    pub before: Option<Said>,
    /// The value that is written.
    pub after: Said,
}

impl Status {
    /// For people.
    pub fn spoken(self) -> Said {
        ChangeStatus {
            status: self.as_str(),
        }
        .into()
    }
}

impl Change {
    /// For people: what it is about and what it writes. A row that is removed by what it is known by
    /// (`*4 list=blocked address=10.0.0.9`), one that is added with all its fields, one that is set with
    /// each of them before and after (`*4 address=10.0.0.9; disabled: false → true`); the words of a
    /// command; a statement with the values of its parameters; a command of a router with its row and its arguments.
    /// Comments of rows are shown as `comments` says.
    pub fn describe(&self, comments: Comments) -> Said {
        match &self.write {
            Write::Row(row) => row.describe(comments),
            Write::Keys(keys) => keys.describe(),
            Write::Statement(statement) => statement.describe().into(),
            Write::Request(request) => request.describe(),
            Write::Command(command) => command.describe(comments).into(),
        }
    }

    /// For people, with what is done: `remove mikrotik:/ip/arp *4 address=10.0.0.9`.
    pub fn spoken(&self, comments: Comments) -> Said {
        let done = self.action().spoken(self.target().to_string());
        match self.describe(comments) {
            what if what.is_empty() => done,
            what => ChangeOf { done, what }.into(),
        }
    }

    /// Every field that a change of a row or a request writes, with its value before: of a row that is added
    /// all, of one that is removed none.
    pub fn field_changes(&self) -> Vec<FieldChange> {
        match &self.write {
            Write::Row(row) => row.field_changes(Comments::Written),
            Write::Request(request) => request.field_changes(),
            Write::Keys(_) | Write::Statement(_) | Write::Command(_) => Vec::new(),
        }
    }
}

impl Action {
    /// For people, with the menu, table or service that it is done in: `remove mikrotik:/ip/arp`.
    pub fn spoken(self, target: String) -> Said {
        ChangeDone {
            action: self.as_str(),
            target,
        }
        .into()
    }
}

impl RowWrite {
    fn describe(&self, comments: Comments) -> Said {
        let id = self.id().unwrap_or_default();
        match &self.edit {
            Edit::Add(added) => {
                let row = self.describe_whole(id, &added.row, comments).into();
                match self.wanted_place() {
                    Some(place) => {
                        let place = self.spoken_place(Some(place), comments);
                        Said::several([row, ChangePlace { place }.into()])
                    }
                    None => row,
                }
            }
            Edit::Remove { before, .. } => self.describe_row(id, before, comments).into(),
            Edit::Set { before: row, .. } | Edit::Move { row, .. } => {
                let written = self.field_changes(comments).into_iter();
                let written = written.map(|field| field.spoken());
                let row = Said::from(self.describe_row(id, row, comments));
                let row = [row].into_iter().filter(|row| !row.is_empty());
                Said::several(row.chain(written))
            }
        }
    }

    /// A row for people, by what it is known by: `*4 list=blocked address=10.0.0.9 comment=x`.
    pub fn describe_row(&self, id: &str, row: &Fields, comments: Comments) -> String {
        let names = menu::key_fields(&self.menu).iter().copied();
        let schema = schema::menu(&self.menu);
        if names.len() == 0 && !schema.is_some_and(MenuSchema::is_singleton) {
            // Nothing else says which one it is.
            let row = row.only(|name| name != ".id" && !menu::is_moving(&self.menu, name));
            return self.describe_whole(id, &row, comments);
        }
        self.describe_fields((id, row), names.chain(["comment"]), comments)
    }

    /// All fields of a row, first those by which it is known.
    fn describe_whole(&self, id: &str, row: &Fields, comments: Comments) -> String {
        let key = menu::key_fields(&self.menu);
        let others = row.iter().map(|(name, _)| name);
        let others = others.filter(|name| !key.contains(name));
        self.describe_fields((id, row), key.iter().copied().chain(others), comments)
    }

    /// A place among the rows of the menu, for people: `before *4 chain=input`, `last`.
    pub fn spoken_place(&self, followed_by: Option<&FollowedBy>, comments: Comments) -> Said {
        let next = followed_by.and_then(|followed_by| followed_by.rows.first());
        match next {
            None => PlaceLast.into(),
            Some(next) => {
                let id = next.name.id();
                let row = next.row.only(|name| name != ".id");
                let row = self.describe_whole(id.unwrap_or_default(), &row, comments);
                PlaceBefore { row }.into()
            }
        }
    }

    fn describe_fields<'a>(
        &self,
        (id, row): (&str, &Fields),
        names: impl Iterator<Item = &'a str>,
        comments: Comments,
    ) -> String {
        let shown = |name: &str, value: &[u8]| comments.quoted(name, self.shown(name, value));
        let fields =
            names.filter_map(|name| Some(format!("{name}={}", shown(name, row.get(name)?))));
        let id = Some(id.to_owned()).filter(|id| !id.is_empty());
        let parts: Vec<String> = id.into_iter().chain(fields).collect();
        parts.join(" ")
    }

    fn field_changes(&self, comments: Comments) -> Vec<FieldChange> {
        let none = Fields::default();
        let before = self.before().unwrap_or(&none);
        let written: Vec<(&str, &[u8])> = match &self.edit {
            Edit::Add(added) => added.row.iter().collect(),
            Edit::Set { after, .. } => menu::sent_fields(&self.menu, before, after).collect(),
            Edit::Remove { .. } => Vec::new(),
            Edit::Move { from, to, .. } => {
                return vec![FieldChange {
                    field: PLACE.to_owned(),
                    before: from
                        .as_ref()
                        .map(|from| self.spoken_place(Some(from), comments)),
                    after: self.spoken_place(Some(to), comments),
                }];
            }
        };
        let place = self.wanted_place().map(|place| FieldChange {
            field: PLACE.to_owned(),
            before: None,
            after: self.spoken_place(Some(place), comments),
        });
        let written = written.into_iter().map(|(name, value)| {
            let before = before.get(name).map(|value| self.shown(name, value));
            let (before, after) = comments.side_by_side(name, before, self.shown(name, value));
            FieldChange {
                field: name.to_owned(),
                before: before.map(Said::from),
                after: after.into(),
            }
        });
        written.chain(place).collect()
    }
}

impl FieldChange {
    /// For people: `disabled: false → true`.
    fn spoken(&self) -> Said {
        let after = Some(&self.after).filter(|after| !after.is_empty());
        let (before, after) = (or_absent(self.before.as_ref()), or_absent(after));
        match self.field.as_str() {
            PLACE => ChangeNewPlace { before, after }.into(),
            field => ChangeField {
                field,
                before,
                after,
            }
            .into(),
        }
    }
}

impl KeyWrite {
    /// The words of the command; the one script in words of its own, and what DUMP gave as how much it is.
    fn describe(&self) -> Said {
        if let [name, key, left, dump, options @ ..] = self.words.as_slice()
            && name.eq_ignore_ascii_case(b"RESTORE")
        {
            let options: Vec<_> = options.iter().map(|word| shown(word)).collect();
            return ChangeRestore {
                key: shown(key).into_owned(),
                left: shown(left).into_owned(),
                bytes: dump.len(),
                options: options.join(" "),
            }
            .into();
        }
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| shown(word).into_owned())
            .collect();
        match words.as_slice() {
            [_, script, _, key, value] if script == DELETE_IF_EQUALS => {
                ChangeDeleteIfEquals { key, value }.into()
            }
            words => words.join(" ").into(),
        }
    }
}

impl Request {
    /// What is asked for, of what, and all that is sent: `send; text: (absent) → Your quota is used up`.
    fn describe(&self) -> Said {
        let written = self.field_changes().into_iter();
        let written = written.map(|field| field.spoken());
        Said::several([Said::from(&self.verb)].into_iter().chain(written))
    }

    fn field_changes(&self) -> Vec<FieldChange> {
        let shown = |name: &str, value: &[u8]| Said::from(request::shown(name, value));
        let written = self.after.iter().map(|(name, value)| FieldChange {
            field: name.to_owned(),
            before: self.before.get(name).map(|value| shown(name, value)),
            after: shown(name, value),
        });
        written.collect()
    }
}

impl Statement {
    fn describe(&self) -> String {
        let values = (1..).zip(&self.parameters);
        let values = values.map(|(number, value)| format!("${number} = {}", value.spoken()));
        let parts: Vec<String> = [self.sql.clone()].into_iter().chain(values).collect();
        parts.join("; ")
    }
}

impl RouterCommand {
    fn describe(&self, comments: Comments) -> String {
        let none = Fields::default();
        let row = self.row.as_ref().map(|row| {
            let before = row.before().unwrap_or(&none);
            row.describe_row(row.id().unwrap_or_default(), before, comments)
        });
        let arguments = self.shown_arguments();
        let arguments = arguments.map(|(name, value)| format!("{name}={value}"));
        let arguments = arguments.collect::<Vec<_>>().join(" ");
        let parts = row.into_iter().chain([arguments]);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    }
}

impl Difference {
    /// For people: `comment: x is now y`.
    pub fn spoken(&self, comments: Comments) -> Said {
        let text = |said: &Option<Said>| said.as_ref().map(ToString::to_string);
        let (expected, found) = match (text(&self.expected), text(&self.found)) {
            (expected, Some(found)) if comments.are_of(&self.field) => {
                let (expected, found) = comments.side_by_side(&self.field, expected, found);
                (expected.map(Said::from), Some(Said::from(found)))
            }
            _ => (self.expected.clone(), self.found.clone()),
        };
        let expected = or_absent(expected.as_ref());
        let found = or_absent(found.as_ref());
        match self.field.as_str() {
            PLACE => DifferenceOfPlace { expected, found }.into(),
            field => DifferenceOfField {
                field,
                expected,
                found,
            }
            .into(),
        }
    }
}

/// A value for people, or that there is none.
fn or_absent(value: Option<&Said>) -> Said {
    value.cloned().unwrap_or_else(|| ValueAbsent.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SavedKey;
    use crate::row::At;
    use crate::statement::Parameter;

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    fn of(menu: &str, action: Action, before: &[(&str, &str)], after: &[(&str, &str)]) -> Change {
        let menu = menu.parse().unwrap();
        match action {
            Action::Add => Change::add(None, &menu, row(after), ""),
            Action::Set => Change::set(None, &menu, At::row("*1"), (row(before), row(after)), ""),
            _ => Change::remove(None, &menu, At::row("*1"), row(before), ""),
        }
    }

    #[test]
    fn what_dump_gave_is_told_by_its_length() {
        for (words, said) in [
            (
                &["RESTORE", "otp:1", "0", "\u{0}\u{c0}bytes", "REPLACE"][..],
                "RESTORE otp:1 0 (a value of 8 bytes) REPLACE",
            ),
            (
                &["restore", "otp:1", "90", "x", "REPLACE", "ABSTTL"],
                "RESTORE otp:1 90 (a value of 1 byte) REPLACE ABSTTL",
            ),
            (&["SET", "otp:1", "x"], "SET otp:1 x"),
        ] {
            let words = words.iter().map(|word| word.as_bytes().to_vec()).collect();
            let key = SavedKey {
                key: b"otp:1".to_vec().into(),
                dump: None,
                ttl: None,
            };
            let change = Change::command(words, key, Vec::new(), "");
            assert_eq!(change.describe(Comments::Written).to_string(), said);
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
                "*1 chain=input action=drop; action: drop → accept; src-address: (absent) → 10.0.0.9",
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
            assert_eq!(change.describe(Comments::Written).to_string(), said);
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
        let change = Change::of(
            Statement {
                table: "t".to_owned(),
                beside: Vec::new(),
                sql: "UPDATE t SET v=$1".to_owned(),
                parameters: values,
            },
            "",
        );
        let said = change.describe(Comments::Written).to_string();
        assert!(
            said.starts_with("UPDATE t SET v=$1; $1 = 4711; $2 = NULL; $3 = 'it''s'; $4 = 'xxx"),
            "{said}"
        );
        assert!(said.ends_with("xxx…") && said.len() < 300, "{said}");
    }
}
