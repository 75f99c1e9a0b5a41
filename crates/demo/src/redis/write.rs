//! The commands that write: what changes and their undo send, and what a question to workers writes.

use std::time::Duration;

use super::data::Value;
use super::store::{Connection, Store};
use super::wire::{Reply, count, error, not_a_number, wrong_type};

/// The one script that the stand-in understands: compare and delete in one step.
const DELETE_IF_EQUALS: &str =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1])";
/// No list or set of the demo grows beyond it.
const MOST_ELEMENTS: usize = 100_000;

impl Store {
    /// `SET key text [NX] [EX seconds | PX milliseconds]`.
    pub(super) fn set(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let mut lifetime = None;
        let mut only_new = false;
        let mut options = words[3..].iter();
        while let Some(option) = options.next() {
            let unit = match option.to_ascii_lowercase().as_str() {
                "nx" => {
                    only_new = true;
                    continue;
                }
                "ex" => 1000,
                "px" => 1,
                _ => return error("ERR syntax error"),
            };
            lifetime = options.next().and_then(|number| time(number, unit));
            if lifetime.is_none_or(|lifetime| lifetime.is_zero()) {
                return error("ERR invalid expire time in 'set' command");
            }
        }
        if only_new && self.value(connection, words[1]).is_some() {
            return Reply::Nil;
        }
        let value = Value::Text(words[2].to_owned());
        self.put(connection, words[1], value, lifetime);
        Reply::Simple("OK")
    }

    pub(super) fn delete(&mut self, connection: &Connection, keys: &[&str]) -> Reply {
        let gone = keys.iter().filter(|key| self.remove(connection, key));
        count(gone.count())
    }

    /// `EXPIRE` and `PEXPIRE`, without their options.
    pub(super) fn expire(&mut self, connection: &Connection, words: &[&str], unit: u64) -> Reply {
        let [_, key, number] = words else {
            return error("ERR the demo's stand-in knows no options of it");
        };
        let Ok(number) = number.parse::<i64>() else {
            return not_a_number();
        };
        let Some(value) = self.value(connection, key).cloned() else {
            return Reply::Integer(0);
        };
        match u64::try_from(number) {
            Ok(number @ 1..) => {
                let lifetime = Duration::from_millis(number.saturating_mul(unit));
                self.put(connection, key, value, Some(lifetime));
            }
            _ => drop(self.remove(connection, key)),
        }
        Reply::Integer(1)
    }

    /// `RESTORE key milliseconds dump [REPLACE]`, of a dump of the stand-in's own.
    pub(super) fn restore(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let replaces = words[4..]
            .iter()
            .any(|option| option.eq_ignore_ascii_case("replace"));
        if !replaces && self.value(connection, words[1]).is_some() {
            return error("BUSYKEY Target key name already exists.");
        }
        let Some(lifetime) = time(words[2], 1) else {
            return error("ERR Invalid TTL value, must be >= 0");
        };
        let Ok(value) = serde_json::from_str(words[3]) else {
            return error("ERR Bad data format");
        };
        let lifetime = (!lifetime.is_zero()).then_some(lifetime);
        self.put(connection, words[1], value, lifetime);
        Reply::Simple("OK")
    }

    /// `EVAL` of the one script that compares and deletes.
    pub(super) fn evaluate(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let [_, script, "1", key, expected] = words else {
            return error("ERR the demo's stand-in knows one script, of one key and one value");
        };
        if !script.starts_with(DELETE_IF_EQUALS) {
            return error("ERR the demo's stand-in knows one script, of one key and one value");
        }
        match self.value(connection, key) {
            Some(Value::Text(text)) if text == expected => self.delete(connection, &[key]),
            Some(Value::Text(_)) | None => Reply::Integer(0),
            Some(_) => wrong_type(),
        }
    }

    /// `LPUSH` at the head, `RPUSH` at the end.
    pub(super) fn push(&mut self, connection: &Connection, words: &[&str], at_head: bool) -> Reply {
        let empty = Value::List(Vec::new());
        let Value::List(list) = self.value_mut(connection, words[1], empty) else {
            return wrong_type();
        };
        if list.len() >= MOST_ELEMENTS {
            return too_many();
        }
        for word in &words[2..] {
            let place = if at_head { 0 } else { list.len() };
            list.insert(place, (*word).to_owned());
        }
        count(list.len())
    }

    pub(super) fn add_members(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let empty = Value::Set(Vec::new());
        let Value::Set(members) = self.value_mut(connection, words[1], empty) else {
            return wrong_type();
        };
        if members.len() >= MOST_ELEMENTS {
            return too_many();
        }
        let before = members.len();
        for word in &words[2..] {
            if !members.iter().any(|member| member == word) {
                members.push((*word).to_owned());
            }
        }
        count(members.len() - before)
    }

    pub(super) fn remove_members(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let empty = Value::Set(Vec::new());
        let Value::Set(members) = self.value_mut(connection, words[1], empty) else {
            return wrong_type();
        };
        let before = members.len();
        members.retain(|member| !words[2..].contains(&member.as_str()));
        let gone = before - members.len();
        self.remove_if_empty(connection, words[1]);
        count(gone)
    }

    pub(super) fn set_fields(&mut self, connection: &Connection, words: &[&str]) -> Reply {
        let (pairs, rest) = words[2..].as_chunks::<2>();
        if !rest.is_empty() {
            return error("ERR wrong number of arguments for 'hset' command");
        }
        let empty = Value::Hash(Vec::new());
        let Value::Hash(fields) = self.value_mut(connection, words[1], empty) else {
            return wrong_type();
        };
        let before = fields.len();
        if before >= MOST_ELEMENTS {
            return too_many();
        }
        for [name, value] in pairs {
            fields.retain(|(field, _)| field != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        count(fields.len().saturating_sub(before))
    }

    /// `INCR` and `DECR`.
    pub(super) fn add(&mut self, connection: &Connection, key: &str, step: i64) -> Reply {
        let empty = Value::Text("0".to_owned());
        let Value::Text(text) = self.value_mut(connection, key, empty) else {
            return wrong_type();
        };
        let sum = text.parse::<i64>().ok();
        match sum.and_then(|number| number.checked_add(step)) {
            Some(sum) => {
                *text = sum.to_string();
                Reply::Integer(sum)
            }
            None => not_a_number(),
        }
    }
}

fn time(number: &str, unit: u64) -> Option<Duration> {
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(unit)?))
}

fn too_many() -> Reply {
    error("OOM the demo's stand-in keeps no more")
}
