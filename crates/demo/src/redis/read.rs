//! The commands that read.

use std::ops::Range;
use std::time::Duration;

use super::glob::glob;
use super::store::{Connection, Store};
use super::value::Value;
use super::wire::{Answer, Reply, count, error, not_a_number, texts, wrong_type};

impl Store {
    pub(super) fn exists(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let keys = words[1..].iter();
        let there = keys.filter(|key| self.value(connection, key).is_some());
        Ok(count(there.count()))
    }

    pub(super) fn get(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        match self.value(connection, words[1]) {
            None => Ok(Reply::Nil),
            Some(Value::Text(text)) => Ok(Reply::text(text)),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn mget(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let text = |key: &&str| match self.value(connection, key) {
            Some(Value::Text(text)) => Reply::text(text),
            _ => Reply::Nil,
        };
        Ok(Reply::Array(words[1..].iter().map(text).collect()))
    }

    /// The value in a form of the demo's own, which no server could restore but the stand-in can.
    pub(super) fn dump(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let value = self.value(connection, words[1]);
        let text = value.and_then(|value| serde_json::to_string(value).ok());
        Ok(text.map_or(Reply::Nil, Reply::text))
    }

    pub(super) fn llen(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        Ok(count(self.list(connection, words[1])?.len()))
    }

    pub(super) fn lindex(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let index = words[2].parse().map_err(|_| not_a_number())?;
        let list = self.list(connection, words[1])?;
        let element = from_end(index, list.len()).and_then(|index| list.get(index));
        Ok(element.map_or(Reply::Nil, Reply::text))
    }

    pub(super) fn lrange(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let list = self.list(connection, words[1])?;
        let places = between(words[2], words[3], list.len())?;
        Ok(texts(list.get(places).unwrap_or_default()))
    }

    fn list(&self, connection: &Connection, key: &str) -> Result<&[String], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn hlen(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        Ok(count(self.hash(connection, words[1])?.len()))
    }

    pub(super) fn hgetall(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let fields = self.hash(connection, words[1])?.iter();
        let flat = fields.flat_map(|(name, value)| [Reply::text(name), Reply::text(value)]);
        Ok(Reply::Array(flat.collect()))
    }

    fn hash(&self, connection: &Connection, key: &str) -> Result<&[(String, String)], Reply> {
        match self.value(connection, key) {
            None => Ok(&[]),
            Some(Value::Hash(fields)) => Ok(fields),
            Some(_) => Err(wrong_type()),
        }
    }

    /// Members by rank, lowest score first; of the options only `WITHSCORES`.
    pub(super) fn zrange(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let with_scores = match &words[4..] {
            [] => false,
            [option] if option.eq_ignore_ascii_case("withscores") => true,
            _ => return Err(error("ERR syntax error")),
        };
        let members = match self.value(connection, words[1]) {
            None => &[],
            Some(Value::Sorted(members)) => members.as_slice(),
            Some(_) => return Err(wrong_type()),
        };
        let places = between(words[2], words[3], members.len())?;
        let shown = |(member, score): &(String, f64)| match with_scores {
            true => vec![Reply::text(member), Reply::text(score.to_string())],
            false => vec![Reply::text(member)],
        };
        let members = members.get(places).unwrap_or_default();
        Ok(Reply::Array(members.iter().flat_map(shown).collect()))
    }

    pub(super) fn kind(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        Ok(Reply::Simple(self.kind_of(connection, words[1])))
    }

    fn kind_of(&self, connection: &Connection, key: &str) -> &'static str {
        match self.value(connection, key) {
            None => "none",
            Some(Value::Text(_)) => "string",
            Some(Value::List(_)) => "list",
            Some(Value::Hash(_)) => "hash",
            Some(Value::Set(_)) => "set",
            Some(Value::Sorted(_)) => "zset",
        }
    }

    /// `TTL` rounds to the nearest second.
    pub(super) fn ttl(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        self.left(connection, words[1], |left| (left.as_millis() + 500) / 1000)
    }

    pub(super) fn pttl(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        self.left(connection, words[1], |left| left.as_millis())
    }

    /// How long a key has left: -2 for no such key, -1 for a key that stays.
    fn left(&self, connection: &Connection, key: &str, unit: fn(Duration) -> u128) -> Answer {
        let left = match self.entry(connection, key).map(|entry| entry.lifetime) {
            None => -2,
            Some(None) => -1,
            Some(Some(lifetime)) => {
                let left = unit(lifetime.saturating_sub(self.elapsed()));
                i64::try_from(left).unwrap_or(i64::MAX)
            }
        };
        Ok(Reply::Integer(left))
    }

    /// All keys in one trip, which `SCAN` may do for a small database.
    pub(super) fn scan(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let pattern = option(&words[2..], "match").unwrap_or("*");
        let kind = option(&words[2..], "type");
        let wanted = |key: &&str| {
            let is_kind = |kind: &str| kind.eq_ignore_ascii_case(self.kind_of(connection, key));
            glob(pattern.as_bytes(), key.as_bytes()) && kind.is_none_or(is_kind)
        };
        let keys = self.keys(connection).filter(wanted).map(Reply::text);
        Ok(in_one_trip(keys.collect()))
    }

    /// All members in one trip, as [`Store::scan`].
    pub(super) fn sscan(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let pattern = option(&words[3..], "match").unwrap_or("*");
        let members = match self.value(connection, words[1]) {
            None => &[],
            Some(Value::Set(members)) => members.as_slice(),
            Some(_) => return Err(wrong_type()),
        };
        let wanted = |member: &&String| glob(pattern.as_bytes(), member.as_bytes());
        let members = members.iter().filter(wanted).map(Reply::text);
        Ok(in_one_trip(members.collect()))
    }

    pub(super) fn info(&mut self, _: &mut Connection, _: &[&str]) -> Answer {
        Ok(Reply::text(format!(
            "# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n\
             server_name:tikbook demo data, not a Redis\r\nuptime_in_seconds:{}\r\n",
            self.age().as_secs()
        )))
    }

    /// Seconds and microseconds of the clock.
    pub(super) fn time(&mut self, _: &mut Connection, _: &[&str]) -> Answer {
        let now = self.now();
        let parts = [now.as_secs().to_string(), now.subsec_micros().to_string()];
        Ok(texts(&parts))
    }
}

/// The last answer of a scan.
fn in_one_trip(found: Vec<Reply>) -> Reply {
    Reply::Array(vec![Reply::text("0"), Reply::Array(found)])
}

/// The last value of an option among pairs of names and values.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    let pairs = words.chunks_exact(2);
    pairs
        .filter(|pair| pair[0].eq_ignore_ascii_case(name))
        .map(|pair| pair[1])
        .next_back()
}

/// The places from `first` to `last`, both counted as Redis counts.
fn between(first: &str, last: &str, length: usize) -> Result<Range<usize>, Reply> {
    let number = |text: &str| text.parse().map_err(|_| not_a_number());
    let start = from_end(number(first)?, length).unwrap_or(0);
    let end = from_end(number(last)?, length).map_or(0, |last| last.saturating_add(1).min(length));
    Ok(start..end)
}

/// The place that a Redis index means: negative ones count from the end. `None` is before the head.
fn from_end(index: i64, length: usize) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}
