//! Which commands a simulator has received.

use std::collections::BTreeMap;

/// How often each command was received after login, whatever became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    counts: BTreeMap<(String, String), u64>,
}

/// Nobody types more or longer commands than this; the rest of a flood is counted as one.
const MOST_COMMANDS: usize = 1_000;
const LONGEST_COMMAND: usize = 200;
/// The commands that change nothing.
const READERS: [&str; 13] = [
    "print",
    "getall",
    "get",
    "listen",
    "monitor",
    "monitor-traffic",
    "ping",
    "traceroute",
    "torch",
    "export",
    "inspect",
    "cancel",
    "quit",
];

impl Received {
    /// How often `verb` was received for `menu`: `of("/ip/arp", "print")`. The menu of `/cancel` is empty.
    pub fn of(&self, menu: &str, verb: &str) -> u64 {
        let key = (menu.to_owned(), verb.to_owned());
        self.counts.get(&key).copied().unwrap_or_default()
    }

    /// How many commands were received that could have changed something.
    pub fn writes(&self) -> u64 {
        self.iter()
            .filter(|(_, verb, _)| !READERS.contains(verb))
            .map(|(_, _, count)| count)
            .sum()
    }

    /// Menu, verb and count of all commands, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.counts
            .iter()
            .map(|((menu, verb), count)| (menu.as_str(), verb.as_str(), *count))
    }

    pub(crate) fn count(&mut self, menu: &str, verb: &str) {
        let mut key = (menu.to_owned(), verb.to_owned());
        let is_new = !self.counts.contains_key(&key);
        let is_long = menu.len() + verb.len() > LONGEST_COMMAND;
        if is_long || (is_new && self.counts.len() >= MOST_COMMANDS) {
            key = ("(others)".to_owned(), "(others)".to_owned());
        }
        *self.counts.entry(key).or_default() += 1;
    }
}
