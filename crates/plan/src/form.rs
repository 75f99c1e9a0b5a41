//! A change in the JSON of plans and journals: one object whose action says which fields it has.

use catalogue::Said;
use routeros_schema::MenuError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::bytes::Bytes;
use super::change::{Action, Change, Group, Write};
use super::command::RouterCommand;
use super::fields::Fields;
use super::key::{KeyWrite, SavedKey};
use super::order::FollowedBy;
use super::request::Request;
use super::row::{Added, At, Edit, RowWrite};
use super::row_name::Handle;
use super::statement::{Parameter, Statement};
use site::grant::Target;

/// The object. What its action does not have is absent; 0.1.0 wrote the same.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// What is written: a menu, a key, a table.
    #[serde(with = "target_text")]
    target: Target,
    /// The router by its name, where it is not the site's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    router: Option<String>,
    /// What is done.
    action: Action,
    /// The row's id on the router.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The row's natural key, for people.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    key: Fields,
    /// The whole row before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Fields>,
    /// The row after; of one that is added the fields that are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Fields>,
    /// The id of the removed row that an added one stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// The place of the row in a menu whose order counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    followed_by: Option<FollowedBy>,
    /// The rows that a moved one is to come before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<FollowedBy>,
    /// By what other changes of the plan point at a row that is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<Handle>,
    /// How many other rows had all that a removed one had.
    #[serde(default, skip_serializing_if = "is_none")]
    alike: usize,
    /// The run that the change undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<String>,
    /// What is sent with a command of a router, without its row.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    arguments: Fields,
    /// The statement of a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// The values of its `$1`, `$2`, ….
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    /// The other tables that the statement may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beside: Vec<String>,
    /// The words of a Redis command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<Bytes>,
    /// The keys that the command writes, as they are before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<SavedKey>,
    /// What a request asks for, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verb: Option<String>,
    /// The changes that it is made with or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<Group>,
    /// Which stage of its run planned it, where that is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    later_stage: Option<usize>,
    /// Why, in English, or in the words of the runbook.
    reason: Said,
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Form::deserialize(deserializer)?
            .read()
            .map_err(de::Error::custom)
    }
}

impl Form {
    fn of(change: &Change) -> Self {
        let form = Self {
            target: change.target(),
            router: change.router().map(str::to_owned),
            action: change.action(),
            id: None,
            key: Fields::default(),
            before: None,
            after: None,
            replaces: None,
            followed_by: None,
            to: None,
            handle: None,
            alike: 0,
            undoes: change.undoes.clone(),
            arguments: Fields::default(),
            statement: None,
            parameters: Vec::new(),
            beside: Vec::new(),
            words: Vec::new(),
            keys: Vec::new(),
            verb: None,
            group: change.group.clone(),
            later_stage: change.later_stage,
            reason: change.reason.clone(),
        };
        match &change.write {
            Write::Row(row) => form.with_row(row),
            Write::Keys(write) => Self {
                words: write.words.iter().cloned().map(Bytes::from).collect(),
                keys: write.keys().cloned().collect(),
                ..form
            },
            Write::Statement(statement) => Self {
                statement: Some(statement.sql.clone()),
                parameters: statement.parameters.clone(),
                beside: statement.beside.clone(),
                ..form
            },
            Write::Request(request) => Self {
                verb: Some(request.verb.clone()),
                before: Some(request.before.clone()),
                after: Some(request.after.clone()),
                ..form
            },
            Write::Command(command) => {
                let form = Self {
                    arguments: command.arguments.clone(),
                    ..form
                };
                match &command.row {
                    Some(row) => form.with_row(row),
                    None => form,
                }
            }
        }
    }

    fn with_row(self, row: &RowWrite) -> Self {
        let form = Self {
            id: row.id().map(str::to_owned),
            key: row.key_fields(),
            before: row.before().cloned(),
            after: row.after().cloned(),
            ..self
        };
        match &row.edit {
            Edit::Add(added) => Self {
                replaces: added.replaces.clone(),
                followed_by: added.followed_by.clone(),
                alike: added.alike,
                handle: added.handle,
                ..form
            },
            Edit::Set { .. } => form,
            Edit::Remove {
                followed_by, alike, ..
            } => Self {
                followed_by: followed_by.clone(),
                alike: *alike,
                ..form
            },
            Edit::Move { from, to, .. } => Self {
                after: None,
                followed_by: from.clone(),
                to: Some(to.clone()),
                ..form
            },
        }
    }

    /// The change, or what is missing without which nobody knows what it does, or did.
    fn read(self) -> Result<Change, String> {
        let action = self.action.as_str();
        let lacks = |what: &str| format!("a change with the action `{action}` has no `{what}`");
        let said = |error: MenuError| error.to_string();
        let (router, id) = (self.router, self.id);
        let write = match (self.action, self.target) {
            (Action::Add | Action::Set | Action::Remove | Action::Move, Target::Menu(menu)) => {
                let edit = match self.action {
                    Action::Add => Edit::Add(Added {
                        row: self.after.ok_or_else(|| lacks("after"))?,
                        replaces: self.replaces,
                        followed_by: self.followed_by,
                        alike: self.alike,
                        handle: self.handle,
                        ensure: None,
                    }),
                    Action::Set => Edit::Set {
                        at: id.map_or(At::Only, At::Id),
                        before: self.before.ok_or_else(|| lacks("before"))?,
                        after: self.after.ok_or_else(|| lacks("after"))?,
                    },
                    Action::Move => Edit::Move {
                        at: At::known(id),
                        row: self.before.ok_or_else(|| lacks("before"))?,
                        from: self.followed_by,
                        to: self.to.ok_or_else(|| lacks("to"))?,
                    },
                    _ => Edit::Remove {
                        at: At::known(id),
                        before: self.before.ok_or_else(|| lacks("before"))?,
                        followed_by: self.followed_by,
                        alike: self.alike,
                    },
                };
                Write::from(RowWrite::new(router, &menu, edit))
            }
            (Action::Add | Action::Set | Action::Remove | Action::Move, _) => {
                return Err(lacks("menu"));
            }
            (Action::Command, Target::Key(name)) => {
                let words: Vec<Vec<u8>> = self.words.iter().map(Bytes::to_vec).collect();
                if words.is_empty() {
                    return Err(lacks("words"));
                }
                let mut keys = self.keys.into_iter();
                let first = keys.next();
                Write::Keys(KeyWrite {
                    words,
                    first: first.unwrap_or_else(|| SavedKey::named(name.into_bytes())),
                    others: keys.collect(),
                })
            }
            (Action::Command, _) => return Err(lacks("key")),
            (Action::Execute, Target::Table(table)) => Write::Statement(Statement {
                table,
                beside: self.beside,
                sql: self.statement.ok_or_else(|| lacks("statement"))?,
                parameters: self.parameters,
            }),
            (Action::Execute, _) => return Err(lacks("table")),
            (Action::Request, Target::Own { service, name }) => Write::Request(Request {
                service,
                verb: self.verb.ok_or_else(|| lacks("verb"))?,
                subject: name,
                before: self.before.unwrap_or_default(),
                after: self.after.ok_or_else(|| lacks("after"))?,
            }),
            (Action::Request, _) => return Err(lacks("service")),
            (Action::Run, Target::Menu(path)) => {
                let command = path.path().parse().map_err(said)?;
                let command = RouterCommand::new(router, command, self.arguments).map_err(said)?;
                Write::from(match (id, self.before) {
                    (None, None) => command,
                    (Some(_), None) => return Err(lacks("before")),
                    (id, Some(before)) => command.about(At::known(id), before),
                })
            }
            (Action::Run, _) => return Err(lacks("command")),
        };
        Ok(Change {
            write,
            group: self.group,
            later_stage: self.later_stage,
            undoes: self.undoes,
            reason: self.reason,
        })
    }
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

mod target_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use site::grant::Target;

    pub fn serialize<S: Serializer>(target: &Target, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(target)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Target, D::Error> {
        let text = String::deserialize(deserializer)?;
        Target::parse(&text)
            .map_err(|error| de::Error::custom(format!("`{text}` is not a target: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::HexBytes;

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    #[test]
    fn what_is_damaged_in_a_written_change_is_an_error_and_not_nothing() {
        let text = |text: &str| Bytes::Text(text.to_owned());
        let first = SavedKey {
            dump: Some(HexBytes(vec![0x0a, 0xff])),
            ..SavedKey::named(vec![0xff])
        };
        let redis = Change::command(vec![b"DEL".to_vec(), vec![0xff]], first, Vec::new(), "");
        let statement = Statement {
            table: "guests".to_owned(),
            beside: Vec::new(),
            sql: "SELECT $1".to_owned(),
            parameters: vec![Parameter::Hex(HexBytes(vec![0x0b]))],
        };
        let statement = Change::of(statement, "");
        let menu = "/ip/arp".parse().unwrap();
        let at = || At::Id("*1".to_owned());
        let seen = row(&[("address", "10.0.0.1")]);
        let new = row(&[("comment", "x")]);
        let add = Change::add(None, &menu, seen.clone(), "");
        let set = Change::set(None, &menu, at(), (seen.clone(), new), "");
        let remove = Change::remove(None, &menu, at(), seen.clone(), "");
        let command = |path: &str, arguments: &[(&str, &str)]| {
            RouterCommand::new(None, path.parse().unwrap(), row(arguments)).unwrap()
        };
        let reboot = Change::of(command("/system/reboot", &[]), "");
        let coffee = command("/ip/arp/make-coffee", &[("sugar", "2")]).about(at(), seen);
        let coffee = Change::of(coffee, "");
        for change in [&redis, &statement, &add, &set, &remove, &reboot, &coffee] {
            let written = serde_json::to_string(change).unwrap();
            let read: Change = serde_json::from_str(&written).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), written);
        }
        assert_eq!(serde_json::from_str::<Bytes>("\"ff\"").unwrap(), text("ff"));

        let spoiled = |change: &Change, from: &str, to: &str| {
            let written = serde_json::to_string(change).unwrap();
            assert!(written.contains(from), "{written}");
            serde_json::from_str::<Change>(&written.replacen(from, to, 1)).is_err()
        };
        for (change, from) in [
            (&redis, "\"$hex\":\"ff\""),
            (&redis, "\"dump\":\"0aff\""),
            (&statement, "\"hex\":\"0b\""),
        ] {
            for digits in ["f", "0af", "zz", "é", " ff", "0x0b"] {
                let (name, _) = from.split_once(':').unwrap();
                let to = format!("{name}:\"{digits}\"");
                assert!(spoiled(change, from, &to), "{to}");
            }
        }
        for (change, from) in [
            (&add, ",\"after\":{\"address\":\"10.0.0.1\"}"),
            (&set, ",\"before\":{\"address\":\"10.0.0.1\"}"),
            (&set, ",\"after\":{\"comment\":\"x\"}"),
            (&remove, ",\"before\":{\"address\":\"10.0.0.1\"}"),
            (&coffee, ",\"before\":{\"address\":\"10.0.0.1\"}"),
            (&coffee, "/ip/arp/make-coffee"),
            (&statement, ",\"statement\":\"SELECT $1\""),
            (&redis, "\"words\":[\"DEL\",{\"$hex\":\"ff\"}],"),
        ] {
            assert!(spoiled(change, from, ""), "{from}");
        }
    }
}
