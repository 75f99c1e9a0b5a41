//! One write: what is to happen, to what, from what to what, and why. And what became of it.

use jiff::Timestamp;
use routeros_schema::{Menu, RouterText};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ensure::Ensure;
use super::fields::Fields;
use super::identity::{Identity, Remembered};
use super::menu;
use super::order::FollowedBy;
use site::config::Service;
use site::grant::Target;
use wording::bytes::shown;

/// One write, planned or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Change {
    /// What is written: a menu, a key, a table.
    #[serde(with = "target_text")]
    pub target: Target,
    /// The router by its name, where it is not the site's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<String>,
    /// How the texts of that router are shown.
    #[serde(skip)]
    pub router_text: RouterText,
    /// What is done.
    pub action: Action,
    /// The row's id on the router.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The fields by which the row is known even under another id.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub key: Fields,
    /// By what the row is found again where its id is another one's now; nothing for a change that
    /// a script makes by what it has just read.
    #[serde(skip)]
    pub identity: Option<Identity>,
    /// The row is to be so, whatever it is: when it is judged, other changes take the place of this one.
    #[serde(skip)]
    pub ensure: Option<Ensure>,
    /// The whole row before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Fields>,
    /// The row after; for a row that is added, the fields that are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Fields>,
    /// The id of the removed row that this one stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The rows that followed the removed row, or that an added one comes before, in a menu whose order
    /// counts; nothing where the place is not known, or is the last one of an added row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed_by: Option<FollowedBy>,
    /// The run that the change undoes: its row is one that tikbook itself made so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// The statement of a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The values of its `$1`, `$2`, ….
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// The other tables that the runbook declares: by cascades and triggers a statement may change
    /// them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// The words of a Redis command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Bytes>,
    /// The keys that the command touches, as they are before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SavedKey>,
    /// The changes that it is made with or not at all, where a script says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Why, in the words of the runbook.
    pub reason: String,
}

/// Changes of several rows, or of several services, that a script makes together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Which of the run's groups it is, from 1 on.
    pub number: u32,
    /// Why, in the words of the runbook.
    pub why: String,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Adds a row.
    Add,
    /// Sets fields of a row.
    Set,
    /// Removes a row.
    Remove,
    /// Sends a command to Redis.
    Command,
    /// Executes a statement of the database.
    Execute,
}

/// The value of a statement's parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameter {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A fraction.
    Float(f64),
    /// An exact number.
    Decimal(String),
    /// Text.
    Text(String),
    /// A point in time.
    Time(Timestamp),
    /// Bytes in hexadecimal.
    Hex(HexBytes),
}

/// Bytes that are most often text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bytes {
    /// UTF-8.
    Text(String),
    /// Hexadecimal digits of anything else.
    Hex {
        /// The bytes.
        #[serde(rename = "$hex")]
        bytes: HexBytes,
    },
}

/// Bytes that are written as hexadecimal digits. Other characters are damage, not no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

/// A key of Redis with its value as DUMP gives it, for RESTORE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedKey {
    /// The key.
    pub key: Bytes,
    /// The answer to DUMP in hexadecimal; absent for a key that is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dump: Option<HexBytes>,
    /// Milliseconds until it goes; absent for a key that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It would be done with `--apply`.
    Planned,
    /// It was done.
    Applied,
    /// Not done: what it would change is not as it was expected.
    Conflict,
    /// The service refused it, or it had no effect.
    Failed,
    /// Nobody can say whether it was done.
    Unknown,
    /// There was nothing to do, or the run ended before it.
    Skipped,
    /// A guard refused it.
    Protected,
}

impl Action {
    /// The word of plans, journals and questions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Set => "set",
            Self::Remove => "remove",
            Self::Command => "command",
            Self::Execute => "execute",
        }
    }
}

impl Status {
    /// The word of reports, journals and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Protected => "protected",
        }
    }
}

/// The place of the one row of a menu that has only one.
pub(super) const ONLY: &str = "";

/// How the reason begins of a change that the run ended before.
pub(super) const NOT_SENT: &str = "not sent: ";

/// The reason of a change that somebody chose not to make.
const LEFT_OUT: &str = "left out";

/// What became of a change, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// In one word.
    pub status: Status,
    /// Why, where it needs saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The id of a row that was added, or found in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How the row differs from what was expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The keys that a command touched, as they are after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SavedKey>,
}

/// One field of a row that is not as it was expected, for people: secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What was expected; absent if it was expected to be absent.
    pub expected: Option<String>,
    /// What was found.
    pub found: Option<String>,
}

/// A change with what became of it.
#[derive(Clone, Debug)]
pub struct Done {
    /// The change.
    pub change: Change,
    /// What became of it.
    pub outcome: Outcome,
}

impl Change {
    /// A row to add to `menu`.
    pub fn add(router: Option<String>, menu: &Menu, fields: Fields, reason: &str) -> Self {
        Self {
            after: Some(fields),
            ..Self::of(
                router,
                Target::Menu(menu.clone()),
                Action::Add,
                None,
                reason,
            )
        }
    }

    /// A row of `menu` that is to be there, and to be so; a field without a value is to have none, and
    /// without a time the row is to last.
    ///
    /// # Errors
    /// Why nobody could find the row: for people.
    pub fn ensure(
        router: Option<String>,
        menu: &Menu,
        row: Fields,
        ensure: Ensure,
        reason: &str,
    ) -> Result<Self, String> {
        let add = Self::add(router, menu, row, reason);
        let row = add.after.clone().unwrap_or_default();
        if menu::key_of(&add.target, &row).is_none() {
            return Err(match menu::key_fields(&add.target) {
                [] => format!("rows of {menu} have no key by which one could be found"),
                key => format!("a row of {menu} is found by {}", key.join(", ")),
            });
        }
        if let Some(name) = menu::lacking_key_field(&add.target, &row) {
            return Err(format!(
                "the row has no `{name}`, by which one of {menu} is found"
            ));
        }
        let time = menu::time_left(&add.target).and_then(|name| row.get(name));
        let is_time = |time: &[u8]| time.is_empty() || menu::seconds(time).is_some();
        if let Some(time) = time.filter(|time| !is_time(time)) {
            return Err(format!("`{}` is not a length of time", shown(time)));
        }
        let ensure = Some(ensure);
        Ok(Self { ensure, ..add })
    }

    /// Fields of the row `id` of `menu` to set, or without an id of its one row; `seen` is the row, or as much of it as is known.
    pub fn set(
        router: Option<String>,
        menu: &Menu,
        id: &str,
        (seen, fields): (Fields, Fields),
        reason: &str,
    ) -> Self {
        Self {
            before: Some(seen),
            after: Some(fields),
            ..Self::of(
                router,
                Target::Menu(menu.clone()),
                Action::Set,
                Some(id),
                reason,
            )
        }
    }

    /// The row `id` of `menu` to remove; `seen` is the row, or as much of it as is known.
    pub fn remove(
        router: Option<String>,
        menu: &Menu,
        id: &str,
        seen: Fields,
        reason: &str,
    ) -> Self {
        Self {
            before: Some(seen),
            ..Self::of(
                router,
                Target::Menu(menu.clone()),
                Action::Remove,
                Some(id),
                reason,
            )
        }
    }

    /// A command to Redis that writes `keys`, the first of which names the target.
    pub fn command(words: Vec<Vec<u8>>, keys: Vec<Vec<u8>>, reason: &str) -> Self {
        let first = keys.first().map(|key| shown(key).into_owned());
        let first = first.unwrap_or_default();
        let saved = |key: Vec<u8>| SavedKey {
            key: Bytes::from(key),
            dump: None,
            ttl: None,
        };
        Self {
            words: words.into_iter().map(Bytes::from).collect(),
            keys: keys.into_iter().map(saved).collect(),
            ..Self::of(None, Target::Key(first), Action::Command, None, reason)
        }
    }

    /// A statement that writes one table of the database; the gate names the table.
    pub fn execute(sql: &str, parameters: Vec<Parameter>, reason: &str) -> Self {
        Self {
            statement: Some(sql.to_owned()),
            parameters,
            ..Self::of(
                None,
                Target::Table(String::new()),
                Action::Execute,
                None,
                reason,
            )
        }
    }

    fn of(
        router: Option<String>,
        target: Target,
        action: Action,
        id: Option<&str>,
        reason: &str,
    ) -> Self {
        Self {
            target,
            router,
            router_text: RouterText::default(),
            action,
            id: id.filter(|id| !id.is_empty()).map(str::to_owned),
            key: Fields::default(),
            identity: None,
            ensure: None,
            before: None,
            after: None,
            replaces: None,
            followed_by: None,
            undoes: None,
            statement: None,
            parameters: Vec::new(),
            beside: Vec::new(),
            words: Vec::new(),
            keys: Vec::new(),
            group: None,
            reason: reason.to_owned(),
        }
    }

    /// The change as it was asked for, to be looked at once more.
    pub fn sent_again(mut self) -> Self {
        if let (Action::Set, Some(before), Some(after)) = (self.action, &self.before, &self.after) {
            self.after = Some(menu::sent_fields(&self.target, before, after).collect());
        }
        self
    }

    /// Its row was seen whole, `at` that time.
    pub fn seen(mut self, at: Timestamp) -> Self {
        if let (Action::Set | Action::Remove, Some(before)) = (self.action, &self.before) {
            let row = Remembered::Seen(before.clone());
            self.identity = Some(Identity { row, at });
        }
        self
    }

    /// What is not there without which nobody knows what the change does, or did.
    fn lacks(&self) -> Option<&'static str> {
        let (is_of, what) = match self.action {
            Action::Add | Action::Set | Action::Remove => (Service::Mikrotik, "menu"),
            Action::Command => (Service::Redis, "key"),
            Action::Execute => (Service::Db, "table"),
        };
        if self.target.service() != is_of {
            return Some(what);
        }
        let (is_there, what) = match self.action {
            Action::Add => (self.after.is_some(), "after"),
            Action::Set if self.before.is_some() => (self.after.is_some(), "after"),
            Action::Set | Action::Remove => (self.before.is_some(), "before"),
            Action::Command => (!self.words.is_empty(), "words"),
            Action::Execute => (self.statement.is_some(), "statement"),
        };
        (!is_there).then_some(what)
    }

    /// Where its row is among the rows of its menu: its id, or an empty text for the one row of a menu that has
    /// only one. Nothing for a row that is added.
    pub fn place(&self) -> Option<&str> {
        match (self.action, &self.id) {
            (Action::Set, None) => Some(ONLY),
            (_, id) => id.as_deref(),
        }
    }

    /// Every target that the change writes, or may: a command can have several keys.
    pub fn targets(&self) -> Vec<Target> {
        if self.keys.is_empty() {
            let beside = self.beside.iter().cloned().map(Target::Table);
            return [self.target.clone()].into_iter().chain(beside).collect();
        }
        let name = |saved: &SavedKey| shown(&saved.key.to_vec()).into_owned();
        self.keys
            .iter()
            .map(|saved| Target::Key(name(saved)))
            .collect()
    }

    /// The row that the change is about: as it was, or as it is to be.
    pub fn subject(&self) -> Option<&Fields> {
        self.before.as_ref().or(self.after.as_ref())
    }

    /// How `now` differs from `expected`, as far as `expected` goes; see [`is_row_as_expected`].
    pub fn differences(&self, expected: &Fields, now: &Fields) -> Vec<Difference> {
        unexpected(&self.target, expected, now)
            .map(|(name, value)| self.difference(name, Some(value), now.get(name)))
            .collect()
    }

    /// How two whole rows differ; see [`is_same_row`].
    pub fn row_differences(&self, before: &Fields, now: &Fields) -> Vec<Difference> {
        let mut found = self.differences(before, now);
        let added = added(&self.target, before, now);
        found.extend(added.map(|(name, value)| self.difference(name, None, Some(value))));
        found
    }

    fn difference(&self, name: &str, expected: Option<&[u8]>, found: Option<&[u8]>) -> Difference {
        let text = |value: Option<&[u8]>| value.map(|value| self.shown(name, value));
        Difference {
            field: name.to_owned(),
            expected: text(expected),
            found: text(found),
        }
    }
}

impl Outcome {
    /// An outcome without anything to say.
    pub fn of(status: Status) -> Self {
        Self {
            status,
            why: None,
            id: None,
            differences: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Did the run end before this change was sent?
    pub fn is_not_sent(&self) -> bool {
        let why = self.why.as_deref().unwrap_or_default();
        self.status == Status::Skipped && why.starts_with(NOT_SENT)
    }

    /// Somebody chose not to make the change.
    pub fn left_out() -> Self {
        Self::because(Status::Skipped, LEFT_OUT)
    }

    /// Did somebody choose not to make the change?
    pub fn is_left_out(&self) -> bool {
        self.status == Status::Skipped && self.why.as_deref() == Some(LEFT_OUT)
    }

    /// The run ended before the change, and why.
    pub fn not_sent(why: &str) -> Self {
        Self::because(Status::Skipped, format!("{NOT_SENT}{why}"))
    }

    /// Is the change to be made?
    pub fn goes_ahead(&self) -> bool {
        self.status == Status::Planned
    }

    /// Is there something to do, whether it can be done or not?
    pub fn is_asked_for(&self) -> bool {
        self.status != Status::Skipped
    }

    /// An outcome with its reason.
    pub fn because(status: Status, why: impl Into<String>) -> Self {
        Self {
            why: Some(why.into()),
            ..Self::of(status)
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(other) => Self::Hex {
                bytes: HexBytes(other.into_bytes()),
            },
        }
    }
}

impl Bytes {
    /// The bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Hex { bytes } => bytes.0.clone(),
        }
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        hex::decode(&digits)
            .map(Self)
            .map_err(|_| de::Error::custom("hexadecimal digits expected"))
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// A change is whole: what its action needs is there.
impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let change = Self::deserialize(deserializer)?;
        match change.lacks() {
            None => Ok(change),
            Some(what) => Err(de::Error::custom(format!(
                "a change with the action `{}` has no `{what}`",
                change.action.as_str()
            ))),
        }
    }
}

/// Is `now` what `expected` says of it, as far as `expected` goes? Values count by what they are, in
/// whatever words; what moves by itself does not count. A time that is left may be less, but not
/// more: a row whose time was set anew is not the row that was looked at.
pub fn is_row_as_expected(target: &Target, expected: &Fields, now: &Fields) -> bool {
    unexpected(target, expected, now).next().is_none()
}

/// Are these two the same, both being whole rows?
pub fn is_same_row(target: &Target, before: &Fields, now: &Fields) -> bool {
    is_row_as_expected(target, before, now) && added(target, before, now).next().is_none()
}

fn unexpected<'a>(
    target: &'a Target,
    expected: &'a Fields,
    now: &'a Fields,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let fields = expected.iter();
    fields.filter(|(name, value)| !is_as_expected(target, name, value, now.get(name)))
}

/// The fields that `now` has and `before` had not.
fn added<'a>(
    target: &'a Target,
    before: &'a Fields,
    now: &'a Fields,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    now.iter().filter(|(name, value)| {
        before.get(name).is_none()
            && !menu::is_moving(target, name)
            && !menu::is_same(target, name, None, Some(value))
    })
}

/// Is `now` still what `expected` says of it?
pub fn is_as_expected(target: &Target, name: &str, expected: &[u8], now: Option<&[u8]>) -> bool {
    if menu::is_moving(target, name) || menu::is_hidden(target, name) {
        return true;
    }
    if menu::is_time_left(target, name) {
        // A row without one lasts.
        let Some(now) = now else {
            return expected.is_empty();
        };
        return match (menu::seconds(expected), menu::seconds(now)) {
            (Some(expected), Some(now)) => now <= expected,
            _ => true,
        };
    }
    menu::is_same(target, name, Some(expected), now)
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

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    fn lists() -> Target {
        Target::Menu("/ip/firewall/address-list".parse().unwrap())
    }

    fn of_lists() -> Change {
        Change::add(None, lists().menu().unwrap(), Fields::default(), "")
    }

    #[test]
    fn countdowns_are_no_difference_and_a_timeout_set_anew_is_one() {
        let before = row(&[("address", "10.0.0.9"), ("timeout", "5m"), ("uptime", "1s")]);
        let later = row(&[
            ("address", "10.0.0.9"),
            ("timeout", "4m58s"),
            ("uptime", "3s"),
        ]);
        assert!(is_row_as_expected(&lists(), &before, &later));
        let anew = row(&[("address", "10.0.0.9"), ("timeout", "1h"), ("uptime", "3s")]);
        assert_eq!(of_lists().differences(&before, &anew)[0].field, "timeout");
        let lasting = row(&[("address", "10.0.0.9"), ("uptime", "3s")]);
        assert_eq!(
            of_lists().differences(&before, &lasting)[0].field,
            "timeout"
        );
    }

    #[test]
    fn what_is_damaged_in_a_written_change_is_an_error_and_not_nothing() {
        let text = |text: &str| Bytes::Text(text.to_owned());
        let mut redis = Change::command(vec![b"DEL".to_vec(), vec![0xff]], vec![vec![0xff]], "");
        redis.keys[0].dump = Some(HexBytes(vec![0x0a, 0xff]));
        let mut statement =
            Change::execute("SELECT $1", vec![Parameter::Hex(HexBytes(vec![0x0b]))], "");
        statement.target = Target::Table("guests".to_owned());
        let menu = "/ip/arp".parse().unwrap();
        let seen = row(&[("address", "10.0.0.1")]);
        let new = row(&[("comment", "x")]);
        let add = Change::add(None, &menu, seen.clone(), "");
        let set = Change::set(None, &menu, "*1", (seen.clone(), new), "");
        let remove = Change::remove(None, &menu, "*1", seen, "");
        for change in [&redis, &statement, &add, &set, &remove] {
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
            (&statement, ",\"statement\":\"SELECT $1\""),
            (&redis, "\"words\":[\"DEL\",{\"$hex\":\"ff\"}],"),
        ] {
            assert!(spoiled(change, from, ""), "{from}");
        }
    }

    #[test]
    fn a_field_that_came_is_a_difference_between_whole_rows() {
        let before = row(&[("address", "10.0.0.9")]);
        let now = row(&[("address", "10.0.0.9"), ("comment", "x")]);
        assert!(is_row_as_expected(&lists(), &before, &now));
        assert_eq!(
            of_lists().row_differences(&before, &now)[0]
                .found
                .as_deref(),
            Some("x")
        );
    }
}
