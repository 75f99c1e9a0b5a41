//! What to read from a menu.

use std::time::Duration;

use routeros_proto::{Command, Query};

use crate::waits::Waits;

/// A `print` of one menu: which rows, which fields, within which time.
///
/// ```
/// use routeros_api::{Print, Query};
///
/// let blocked = Print::new("/ip/firewall/address-list")
///     .fields([".id", "address", "comment"])
///     .query(Query::equal("list", "blocked"));
/// assert_eq!(blocked.menu(), "/ip/firewall/address-list");
/// ```
#[derive(Debug, Clone)]
pub struct Print {
    menu: Command,
    fields: Vec<String>,
    flags: Vec<String>,
    query: Option<Query>,
    timeout: Option<Duration>,
    silence: Option<Duration>,
}

impl Print {
    /// All rows of `menu` with all fields. Spaces may stand for slashes.
    #[must_use]
    pub fn new(menu: &str) -> Self {
        Self {
            menu: Command::new(menu),
            fields: Vec::new(),
            flags: Vec::new(),
            query: None,
            timeout: None,
            silence: None,
        }
    }

    /// Asks for these fields only, which costs the router and the link much less. A row lacks those it
    /// has no value for; the router may send others.
    #[must_use]
    pub fn fields<Name: Into<String>>(mut self, fields: impl IntoIterator<Item = Name>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for the rows that `query` keeps. The router looks at all of them still.
    #[must_use]
    pub fn query(mut self, query: Query) -> Self {
        self.query = Some(query);
        self
    }

    /// Adds a flag of `print`, such as `detail` or `stats`.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Sets the limit from the sending to the end, instead of that of the connection.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the longest silence of the router, instead of that of the connection: a time in which nothing
    /// comes from it, be it for this print or for another command. A router that answers is not silent,
    /// even if it does so one command after the other.
    #[must_use]
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = Some(silence);
        self
    }

    /// Its own limits, else these.
    pub(crate) fn waits(&self, others: Waits) -> Waits {
        Waits {
            silence: self.silence.or(others.silence),
            total: self.timeout.or(others.total),
        }
    }

    /// The menu, with a leading slash.
    #[must_use]
    pub fn menu(&self) -> &str {
        self.menu.path()
    }

    /// The command to send, with `verb` (`print` or `listen`) and the flag `extra` if it is not empty.
    pub(crate) fn command(&self, verb: &str, extra: &str) -> Command {
        let mut command =
            Command::new(&format!("{}/{verb}", self.menu.path())).fields(&self.fields);
        for flag in self
            .flags
            .iter()
            .map(String::as_str)
            .chain([extra])
            .filter(|flag| !flag.is_empty())
        {
            command = command.flag(flag);
        }
        match &self.query {
            Some(query) => command.query(query.clone()),
            None => command,
        }
    }
}
