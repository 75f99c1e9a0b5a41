//! The keys of the stand-in, their lifetimes, and what one connection has chosen.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::value::{Database, Entry, Value};
use super::wire::{Answer, Reply, error, not_a_number};
use super::worker::Worker;

/// The demo portal has been running for two days.
const UP_BEFORE: Duration = Duration::from_secs(2 * 86_400);

/// What all connections share.
pub struct Store {
    databases: Vec<Database>,
    /// The workers that listen at the broker.
    pub(super) workers: Vec<Worker>,
    start: Instant,
    /// Where the clock stands, as the time after 1970; a running one without.
    stands: Option<Duration>,
    /// How far a standing clock was moved forward.
    moved: Duration,
}

/// What one connection has chosen.
#[derive(Default)]
pub struct Connection {
    database: usize,
}

impl Store {
    /// Four databases, the lifetimes of their keys counted from now. `stands` is the time after 1970
    /// of a clock that moves by [`Store::advance`] only.
    pub fn new(databases: Vec<Database>, workers: Vec<Worker>, stands: Option<Duration>) -> Store {
        Store {
            databases,
            workers,
            start: Instant::now(),
            stands,
            moved: Duration::ZERO,
        }
    }

    /// Moves a standing clock forward.
    pub fn advance(&mut self, time: Duration) {
        self.moved = self.moved.saturating_add(time);
    }

    /// The present time, after 1970.
    pub fn now(&self) -> Duration {
        match self.stands {
            Some(time) => time.saturating_add(self.moved),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        }
    }

    /// The time since the start, by which lifetimes are counted.
    pub fn elapsed(&self) -> Duration {
        match self.stands {
            Some(_) => self.moved,
            None => self.start.elapsed(),
        }
    }

    /// How long the server it stands in for has been up: longer than the stand-in, for it holds keys
    /// from before.
    pub fn age(&self) -> Duration {
        UP_BEFORE.saturating_add(self.elapsed())
    }

    /// What a key holds, if it is there and has not gone.
    pub fn entry(&self, connection: &Connection, key: &str) -> Option<&Entry> {
        let entry = self.databases[connection.database].get(key)?;
        let is_alive = entry
            .lifetime
            .is_none_or(|lifetime| lifetime > self.elapsed());
        is_alive.then_some(entry)
    }

    /// The value of a key, if it is there and has not gone.
    pub fn value(&self, connection: &Connection, key: &str) -> Option<&Value> {
        self.entry(connection, key).map(|entry| &entry.value)
    }

    /// The value of a key for changing it, `empty` where it is not there. What is empty afterwards
    /// is to be taken away with [`Store::remove_if_empty`].
    pub fn value_mut(&mut self, connection: &Connection, key: &str, empty: Value) -> &mut Value {
        self.remove_if_gone(connection, key);
        let database = &mut self.databases[connection.database];
        let entry = database.entry(key.to_owned()).or_insert(Entry {
            value: empty,
            lifetime: None,
        });
        &mut entry.value
    }

    /// Gives a key a value and a lifetime from now.
    pub fn put(
        &mut self,
        connection: &Connection,
        key: &str,
        value: Value,
        lifetime: Option<Duration>,
    ) {
        let lifetime = lifetime.map(|lifetime| self.elapsed().saturating_add(lifetime));
        let entry = Entry { value, lifetime };
        self.databases[connection.database].insert(key.to_owned(), entry);
    }

    /// Takes a key away; was it there?
    pub fn remove(&mut self, connection: &Connection, key: &str) -> bool {
        self.remove_if_gone(connection, key);
        self.databases[connection.database].remove(key).is_some()
    }

    /// Takes a key away that holds nothing any more, as Redis does.
    pub fn remove_if_empty(&mut self, connection: &Connection, key: &str) {
        if self.value(connection, key).is_some_and(Value::is_empty) {
            self.remove(connection, key);
        }
    }

    fn remove_if_gone(&mut self, connection: &Connection, key: &str) {
        if self.value(connection, key).is_none() {
            self.databases[connection.database].remove(key);
        }
    }

    /// The keys that are there.
    pub fn keys<'a>(&'a self, connection: &'a Connection) -> impl Iterator<Item = &'a str> {
        let keys = self.databases[connection.database]
            .keys()
            .map(String::as_str);
        keys.filter(|key| self.value(connection, key).is_some())
    }

    /// Chooses a database for what follows on this connection.
    pub fn select(&mut self, connection: &mut Connection, words: &[&str]) -> Answer {
        let number = words[1].parse().map_err(|_| not_a_number())?;
        if number >= self.databases.len() {
            return Err(error("ERR DB index is out of range"));
        }
        connection.database = number;
        Ok(Reply::Simple("OK"))
    }
}

impl Connection {
    /// A connection to the database `number`.
    pub fn to(number: u8) -> Connection {
        Connection {
            database: number.into(),
        }
    }
}
