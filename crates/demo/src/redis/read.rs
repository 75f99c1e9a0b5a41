//! The commands that read.

use std::ops::Range;
use std::time::Duration;

use super::data::Value;
use super::glob::glob;
use super::store::{Connection, Store};
use super::wire::{Reply, count, error, not_a_number, texts, wrong_type};

impl Store {
    pub(super) fn exists(&self, connection: &Connection, keys: &[&str]) -> Reply {
        count(
            keys.iter()
                .filter(|key| self.value(connection, key).is_some())
                .count(),
        )
    }

    pub(super) fn get(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Nil,
            Some(Value::Text(text)) => Reply::text(text),
            Some(_) => wrong_type(),
        }
    }

    pub(super) fn text_length(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Integer(0),
            Some(Value::Text(text)) => count(text.len()),
            Some(_) => wrong_type(),
        }
    }

    fn list(&self, connection: &Connection, key: &str) -> Result<&[String], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn length(&self, connection: &Connection, key: &str) -> Reply {
        self.list(connection, key)
            .map_or_else(|error| error, |list| count(list.len()))
    }

    /// The value in a form of the demo's own, which no server could restore but the stand-in can.
    pub(super) fn dump(&self, connection: &Connection, key: &str) -> Reply {
        let value = self.value(connection, key);
        value
            .and_then(|value| serde_json::to_string(value).ok())
            .map_or(Reply::Nil, Reply::text)
    }

    pub(super) fn get_several(&self, connection: &Connection, keys: &[&str]) -> Reply {
        let text = |key: &&str| match self.value(connection, key) {
            Some(Value::Text(text)) => Reply::text(text),
            _ => Reply::Nil,
        };
        Reply::Array(keys.iter().map(text).collect())
    }

    fn sorted(&self, connection: &Connection, key: &str) -> Result<&[(String, f64)], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::Sorted(members)) => Ok(members),
            Some(_) => Err(wrong_type()),
        }
    }

    /// Members by rank, lowest score first; of the options only `WITHSCORES`.
    pub(super) fn ranks(&self, connection: &Connection, words: &[&str]) -> Reply {
        let with_scores = match &words[4..] {
            [] => false,
            [option] if option.eq_ignore_ascii_case("withscores") => true,
            _ => return error("ERR syntax error"),
        };
        let members = match self.sorted(connection, words[1]) {
            Ok(members) => members,
            Err(error) => return error,
        };
        let Some(places) = between(words[2], words[3], members.len()) else {
            return not_a_number();
        };
        let shown = |(member, score): &(String, f64)| match with_scores {
            true => vec![Reply::text(member), Reply::text(score.to_string())],
            false => vec![Reply::text(member)],
        };
        let members = members.get(places).unwrap_or_default();
        Reply::Array(members.iter().flat_map(shown).collect())
    }

    pub(super) fn score(&self, connection: &Connection, key: &str, member: &str) -> Reply {
        let score = |members: &[(String, f64)]| {
            let found = members.iter().find(|(name, _)| name == member);
            found.map_or(Reply::Nil, |(_, score)| Reply::text(score.to_string()))
        };
        self.sorted(connection, key)
            .map_or_else(|error| error, score)
    }

    pub(super) fn element(&self, connection: &Connection, key: &str, index: &str) -> Reply {
        let Ok(index) = index.parse() else {
            return not_a_number();
        };
        let element = |list: &[String]| {
            from_end(index, list.len()).and_then(|index| list.get(index).map(Reply::text))
        };
        self.list(connection, key)
            .map_or_else(|error| error, |list| element(list).unwrap_or(Reply::Nil))
    }

    pub(super) fn range(
        &self,
        connection: &Connection,
        key: &str,
        first: &str,
        last: &str,
    ) -> Reply {
        let list = match self.list(connection, key) {
            Ok(list) => list,
            Err(error) => return error,
        };
        match between(first, last, list.len()) {
            Some(places) => texts(list.get(places).unwrap_or_default()),
            None => not_a_number(),
        }
    }

    fn hash(&self, connection: &Connection, key: &str) -> Result<&[(String, String)], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::Hash(fields)) => Ok(fields),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn fields(&self, connection: &Connection, key: &str) -> Reply {
        let flat = |fields: &[(String, String)]| {
            Reply::Array(
                fields
                    .iter()
                    .flat_map(|(name, value)| [Reply::text(name), Reply::text(value)])
                    .collect(),
            )
        };
        self.hash(connection, key).map_or_else(|error| error, flat)
    }

    pub(super) fn number_of_fields(&self, connection: &Connection, key: &str) -> Reply {
        self.hash(connection, key)
            .map_or_else(|error| error, |fields| count(fields.len()))
    }

    pub(super) fn field(&self, connection: &Connection, key: &str, name: &str) -> Reply {
        let value = |fields: &[(String, String)]| {
            fields
                .iter()
                .find(|(field, _)| field == name)
                .map_or(Reply::Nil, |(_, value)| Reply::text(value))
        };
        self.hash(connection, key).map_or_else(|error| error, value)
    }

    pub(super) fn members(&self, connection: &Connection, key: &str) -> Reply {
        match self.value(connection, key) {
            None => Reply::Array(Vec::new()),
            Some(Value::Set(members)) => texts(members),
            Some(_) => wrong_type(),
        }
    }

    pub(super) fn kind(&self, connection: &Connection, key: &str) -> Reply {
        Reply::Simple(match self.value(connection, key) {
            None => "none",
            Some(Value::Text(_)) => "string",
            Some(Value::List(_)) => "list",
            Some(Value::Hash(_)) => "hash",
            Some(Value::Set(_)) => "set",
            Some(Value::Sorted(_)) => "zset",
        })
    }

    /// What `TTL` says: -2 for no such key, -1 for a key that stays.
    pub(super) fn left(
        &self,
        connection: &Connection,
        key: &str,
        unit: fn(&Duration) -> u128,
    ) -> Reply {
        if self.value(connection, key).is_none() {
            return Reply::Integer(-2);
        }
        let entry = self.entry(connection, key);
        let lifetime = entry.and_then(|entry| entry.lifetime);
        let left = lifetime.map(|lifetime| lifetime.saturating_sub(self.elapsed()));
        Reply::Integer(left.map_or(-1, |left| i64::try_from(unit(&left)).unwrap_or(i64::MAX)))
    }

    /// All keys in one trip, which `SCAN` may do for a small database.
    pub(super) fn scan(&self, connection: &Connection, words: &[&str]) -> Reply {
        let pattern = option(&words[2..], "match").unwrap_or("*");
        let kind = option(&words[2..], "type");
        let wanted = |key: &&str| {
            glob(pattern.as_bytes(), key.as_bytes())
                && kind.is_none_or(|kind| {
                    self.kind(connection, key) == Reply::Simple(known_kind(kind))
                })
        };
        let keys = self
            .keys(connection)
            .filter(wanted)
            .map(Reply::text)
            .collect();
        Reply::Array(vec![Reply::text("0"), Reply::Array(keys)])
    }

    /// All members in one trip, as [`Store::scan`].
    pub(super) fn scan_members(&self, connection: &Connection, words: &[&str]) -> Reply {
        let pattern = option(&words[3..], "match").unwrap_or("*");
        let members = match self.value(connection, words[1]) {
            None => Vec::new(),
            Some(Value::Set(members)) => members
                .iter()
                .filter(|member| glob(pattern.as_bytes(), member.as_bytes()))
                .map(Reply::text)
                .collect(),
            Some(_) => return wrong_type(),
        };
        Reply::Array(vec![Reply::text("0"), Reply::Array(members)])
    }

    pub(super) fn info(&self) -> Reply {
        Reply::text(format!(
            "# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n\
             server_name:tikbook demo data, not a Redis\r\nuptime_in_seconds:{}\r\n",
            self.age().as_secs()
        ))
    }
}

/// The last value of an option among pairs of names and values.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    let pairs = words.chunks_exact(2);
    pairs
        .filter(|pair| pair[0].eq_ignore_ascii_case(name))
        .map(|pair| pair[1])
        .next_back()
}

fn known_kind(name: &str) -> &'static str {
    let kinds = ["string", "list", "hash", "set", "zset"];
    kinds
        .into_iter()
        .find(|kind| kind.eq_ignore_ascii_case(name))
        .unwrap_or("none")
}

/// The places from `first` to `last`, both counted as Redis counts; `None` for what is no number.
fn between(first: &str, last: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let start = from_end(first, length).unwrap_or(0);
    let end = from_end(last, length).map_or(0, |last| last.saturating_add(1).min(length));
    Some(start..end)
}

/// The place that a Redis index means: negative ones count from the end. `None` is before the head.
fn from_end(index: i64, length: usize) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}
