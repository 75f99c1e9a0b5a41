//! The commands that write: what changes and their undo send, and what a question to workers writes.

use std::time::Duration;

use redis_wire::DELETE_IF_EQUALS;

use super::store::{Connection, Store};
use super::value::Value;
use super::wire::{Answer, Reply, count, error, not_a_number, wrong_type};

/// No set of the demo grows beyond it.
const MOST_MEMBERS: usize = 100_000;

impl Store {
    /// `SET key text [NX] [EX seconds | PX milliseconds]`.
    pub(super) fn set(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
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
                _ => return Err(error("ERR syntax error")),
            };
            lifetime = options.next().and_then(|number| time(number, unit));
            if lifetime.is_none_or(|lifetime| lifetime.is_zero()) {
                return Err(error("ERR invalid expire time in 'set' command"));
            }
        }
        if only_new && self.value(connection, words[1]).is_some() {
            return Ok(Reply::Nil);
        }
        let value = Value::Text(words[2].to_owned());
        self.put(connection, words[1], value, lifetime);
        Ok(Reply::Simple("OK"))
    }

    pub(super) fn del(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let gone = words[1..].iter().filter(|key| self.remove(connection, key));
        Ok(count(gone.count()))
    }

    pub(super) fn expire(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        self.live(connection, words, 1000)
    }

    pub(super) fn pexpire(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        self.live(connection, words, 1)
    }

    /// `EXPIRE` and `PEXPIRE`, without their options.
    fn live(&mut self, connection: &Connection, words: &[&str], unit: u64) -> Answer {
        let number = words[2].parse::<i64>().map_err(|_| not_a_number())?;
        let Some(value) = self.value(connection, words[1]).cloned() else {
            return Ok(Reply::Integer(0));
        };
        match u64::try_from(number) {
            Ok(number @ 1..) => {
                let lifetime = Duration::from_millis(number.saturating_mul(unit));
                self.put(connection, words[1], value, Some(lifetime));
            }
            _ => drop(self.remove(connection, words[1])),
        }
        Ok(Reply::Integer(1))
    }

    /// `RESTORE key milliseconds dump [REPLACE]`, of a dump of the stand-in's own.
    pub(super) fn restore(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let mut options = words[4..].iter();
        let replaces = options.any(|option| option.eq_ignore_ascii_case("replace"));
        if !replaces && self.value(connection, words[1]).is_some() {
            return Err(error("BUSYKEY Target key name already exists."));
        }
        let lifetime =
            time(words[2], 1).ok_or_else(|| error("ERR Invalid TTL value, must be >= 0"))?;
        let value = serde_json::from_str(words[3]).map_err(|_| error("ERR Bad data format"))?;
        let lifetime = (!lifetime.is_zero()).then_some(lifetime);
        self.put(connection, words[1], value, lifetime);
        Ok(Reply::Simple("OK"))
    }

    /// `EVAL` of the one script that compares and deletes.
    pub(super) fn eval(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let (key, expected) = match words {
            [_, DELETE_IF_EQUALS, "1", key, expected] => (*key, *expected),
            _ => {
                return Err(error(
                    "ERR the demo knows one script, of one key and one value",
                ));
            }
        };
        match self.value(connection, key) {
            Some(Value::Text(text)) if text == expected => self.del(connection, &["del", key]),
            Some(Value::Text(_)) | None => Ok(Reply::Integer(0)),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn sadd(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let members = self.members(connection, words[1])?;
        if members.len() >= MOST_MEMBERS {
            return Err(error("OOM the demo's stand-in keeps no more"));
        }
        let before = members.len();
        for word in &words[2..] {
            if !members.iter().any(|member| member == word) {
                members.push((*word).to_owned());
            }
        }
        Ok(count(members.len() - before))
    }

    pub(super) fn srem(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let members = self.members(connection, words[1])?;
        let before = members.len();
        members.retain(|member| !words[2..].contains(&member.as_str()));
        let gone = before - members.len();
        self.remove_if_empty(connection, words[1]);
        Ok(count(gone))
    }

    fn members(&mut self, connection: &Connection, key: &str) -> Result<&mut Vec<String>, Reply> {
        match self.value_mut(connection, key, Value::Set(Vec::new())) {
            Value::Set(members) => Ok(members),
            _ => Err(wrong_type()),
        }
    }
}

fn time(number: &str, unit: u64) -> Option<Duration> {
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(unit)?))
}
