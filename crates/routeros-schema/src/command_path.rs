//! The name of a command, and what is known of it: whether it reads, with which arguments, and how it ends.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::menu::{Menu, MenuError, is_part, is_separator};
use crate::menus::rows::{COMMON, OF_ROWS};
use crate::nearest::{closest, misspelt};
use crate::schema::{self, Effect, End, MenuSchema, Verb};
use crate::secret::is_secret;
use crate::table::FOLLOW;
use crate::value::duration::{self, DurationError};

/// A command of a menu, or of the root, by its canonical path: `/ip/dhcp-server/lease/make-static`,
/// `/ping`.
///
/// ```
/// use routeros_schema::{CommandPath, NotReading};
///
/// let ping = CommandPath::new("/tool", "ping")?;
/// let count = ("count".to_owned(), b"3".to_vec());
/// assert!(ping.reading(vec![count]).is_ok());
/// assert_eq!(ping.reading(Vec::new()), Err(NotReading::Endless(&["count"])));
/// let reboot: CommandPath = "/system/reboot".parse()?;
/// assert_eq!(reboot.reading(Vec::new()), Err(NotReading::Changes));
/// assert!(reboot.ends_connection());
/// # Ok::<(), routeros_schema::MenuError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandPath {
    /// The menu; none for a command of the root.
    menu: Option<Menu>,
    verb: String,
}

/// A command that is known to read, with arguments with which it does no more, and that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    command: CommandPath,
    arguments: Vec<(String, Vec<u8>)>,
    watched: Option<Duration>,
}

/// Why a command is not known to read, or not to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReading {
    /// It changes something, or nobody knows what it does.
    Changes,
    /// It reads, but nobody knows what it does with this argument.
    Argument(String),
    /// It does not end without one of these arguments.
    Endless(&'static [&'static str]),
    /// It is to be watched for this, which is no length of time.
    Watched {
        /// The argument.
        name: String,
        /// What it was given.
        value: Vec<u8>,
        /// Why that is none.
        source: DurationError,
    },
}

/// How long something is watched that does not end by itself: no argument of the router's.
const WATCHED: &[&str] = &["duration"];

/// Commands of the API itself (MikroTik manual, "API"): they are about the connection they come on.
const OF_THE_CONNECTION: [&str; 3] = ["cancel", "login", "quit"];

impl CommandPath {
    /// The command `verb` of `menu`; of the root where that is `/`.
    ///
    /// # Errors
    /// [`MenuError`].
    pub fn new(menu: &str, verb: &str) -> Result<Self, MenuError> {
        let menu = match menu.trim() {
            "" | "/" => None,
            menu => Some(menu.parse::<Menu>()?),
        };
        let verb = verb.trim().to_ascii_lowercase();
        match is_part(&verb) && !verb.is_empty() {
            true => Ok(Self { menu, verb }),
            false => Err(MenuError::Part {
                text: verb.clone(),
                part: verb,
            }),
        }
    }

    /// The menu that it is a command of; none for one of the root.
    pub fn menu(&self) -> Option<&Menu> {
        self.menu.as_ref()
    }

    /// What is to be done there.
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// The path as that of a menu: so a command is declared that changes something.
    ///
    /// # Errors
    /// [`MenuError::Command`] for the commands that every list has, which are never declared.
    pub fn target(&self) -> Result<Menu, MenuError> {
        self.to_string().parse()
    }

    /// Is it the name of a menu that holds rows, and none of a command?
    pub fn is_menu(&self) -> bool {
        let holds_rows = |menu: &MenuSchema| !menu.shape.is_command();
        self.at_path().is_some_and(holds_rows)
    }

    /// Does it change rows, so that `add`, `set` and their like do the same in a way that can be undone?
    pub fn changes_rows(&self) -> bool {
        let of_rows = || OF_ROWS.iter().copied().flatten();
        let is_it = |verb: &Verb| verb.name == self.verb && verb.effect == Effect::Change;
        self.menu.is_some() && of_rows().any(is_it)
    }

    /// Is it about the connection that it comes on, and about nothing of the router?
    pub fn is_of_the_connection(&self) -> bool {
        self.menu.is_none() && OF_THE_CONNECTION.contains(&self.verb.as_str())
    }

    /// What is known to begin as this one does, where this one is not known: the console takes shortened
    /// names.
    pub fn written_out(&self) -> Option<&'static str> {
        let is_longer = |name: &&'static str| name.starts_with(&self.verb);
        match self.effect() {
            Some(_) => None,
            None => self.names().find(is_longer),
        }
    }

    /// The command of its menu whose name is nearest to this one, which is not known.
    pub fn closest(&self) -> Option<&'static str> {
        match self.effect() {
            Some(_) => None,
            None => closest(&self.verb, self.names()),
        }
    }

    /// What it does; `None` where nobody knows.
    pub fn effect(&self) -> Option<Effect> {
        let command = self.command().and_then(|command| match command.shape {
            schema::Shape::Command(effect) => Some(effect),
            _ => None,
        });
        command.or_else(|| self.known_verb().map(|verb| verb.effect))
    }

    /// Does the connection end with it?
    pub fn ends_connection(&self) -> bool {
        self.end() == End::Connection
    }

    /// The command with these arguments, as one that is known to read and to end.
    ///
    /// # Errors
    /// [`NotReading`].
    pub fn reading(&self, mut arguments: Vec<(String, Vec<u8>)>) -> Result<Reading, NotReading> {
        if !matches!(self.effect(), Some(Effect::Read | Effect::Measure)) {
            return Err(NotReading::Changes);
        }
        let end = match self.end() {
            End::Itself if arguments.iter().any(|(name, _)| is_in(FOLLOW, name)) => End::Cancelled,
            end => end,
        };
        let mut watched = None;
        if end == End::Cancelled {
            let given = arguments.iter().position(|(name, _)| is_in(WATCHED, name));
            let (name, value) = arguments.remove(given.ok_or(NotReading::Endless(WATCHED))?);
            watched = match duration::parse(&value) {
                Ok(time) => Some(time),
                Err(source) => {
                    return Err(NotReading::Watched {
                        name,
                        value,
                        source,
                    });
                }
            };
        }
        let known = self.arguments();
        let mut unknown = arguments.iter().map(|(name, _)| name);
        if let Some(unknown) = unknown.find(|name| !known.contains(&name.as_str())) {
            return Err(NotReading::Argument(unknown.clone()));
        }
        match end {
            End::Argument(ends) if !arguments.iter().any(|(name, _)| is_in(ends, name)) => {
                Err(NotReading::Endless(ends))
            }
            _ => Ok(Reading {
                command: self.clone(),
                arguments,
                watched,
            }),
        }
    }

    /// The argument of which the name is a misspelling, with one slip of the pen.
    pub fn misspelt_argument(&self, name: &str) -> Option<&'static str> {
        misspelt(name, self.arguments().into_iter())
    }

    /// What is known of the rows that it answers with, or of what it is about: of itself, else of its
    /// menu.
    pub fn schema(&self) -> Option<&'static MenuSchema> {
        let of_menu = || self.menu.as_ref().and_then(schema::menu);
        self.command().or_else(of_menu)
    }

    /// Is the value of this argument a secret?
    pub fn is_secret(&self, argument: &str) -> bool {
        let of_menu = self.menu.as_ref().and_then(schema::menu);
        let known = [self.command(), of_menu].into_iter().flatten();
        let mut kinds = known.map(|schema| schema.kind(argument));
        is_secret(argument) || kinds.any(|kind| kind.is_secret())
    }

    /// The arguments with which it is known to read.
    pub fn arguments(&self) -> Vec<&'static str> {
        if let Some(command) = self.command() {
            let settable = command.fields().filter(|field| field.is_settable());
            let names = settable.map(|field| field.name);
            return names.chain([".proplist"]).collect();
        }
        let verb = self.known_verb();
        let arguments = verb.into_iter().flat_map(|verb| verb.arguments);
        arguments.copied().flatten().copied().collect()
    }

    fn end(&self) -> End {
        let of_verb = || self.known_verb().map_or(End::Itself, |verb| verb.end);
        self.command().map_or_else(of_verb, |command| command.end)
    }

    /// What is known of a command that is called by its whole path.
    fn command(&self) -> Option<&'static MenuSchema> {
        let known = self.at_path()?;
        known.shape.is_command().then_some(known)
    }

    fn at_path(&self) -> Option<&'static MenuSchema> {
        let path = self.to_string();
        schema::menus().find(|known| known.path == path)
    }

    /// What is known of a command of the menu, or of every one of its name.
    fn known_verb(&self) -> Option<&'static Verb> {
        let menu = self.menu.as_ref()?;
        let own = schema::menu(menu).and_then(|menu| menu.verb(&self.verb));
        let mut common = COMMON.iter().copied().flatten();
        own.or_else(|| common.find(|verb| verb.name == self.verb))
    }

    /// The names of the commands of its menu.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let own = self.menu.as_ref().and_then(schema::menu);
        let own = own.into_iter().flat_map(MenuSchema::verbs);
        let of_menu = self.menu.is_some();
        let common = COMMON.iter().copied().flatten().filter(move |_| of_menu);
        let verbs = own.chain(common).map(|verb| verb.name);
        let parent = self.menu.as_ref().map_or("", Menu::path);
        let whole = schema::menus().filter(|known| known.shape.is_command());
        let whole = whole.filter_map(move |known| known.path.strip_prefix(parent));
        let whole = whole.filter_map(|rest| rest.strip_prefix('/'));
        verbs.chain(whole.filter(|rest| !rest.contains('/')))
    }
}

impl Reading {
    /// The command.
    pub fn command(&self) -> &CommandPath {
        &self.command
    }

    /// What is sent with it.
    pub fn arguments(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let arguments = self.arguments.iter();
        arguments.map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// How long the router may pause while it answers, because it was asked to.
    pub fn pause(&self) -> Duration {
        const TIMES: &[&str] = &["duration", "interval", "timeout"];
        let times = self.arguments().filter(|(name, _)| is_in(TIMES, name));
        let times = times.filter_map(|(_, time)| duration::parse(time).ok());
        times.max().unwrap_or_default()
    }

    /// How long it is watched before it is cancelled, where it does not end by itself.
    pub fn watched(&self) -> Option<Duration> {
        self.watched
    }
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.contains(&name)
}

impl FromStr for CommandPath {
    type Err = MenuError;

    /// Reads a path whose last part is the command.
    fn from_str(text: &str) -> Result<Self, MenuError> {
        let text = text.trim_end();
        let (menu, verb) = text.rsplit_once(is_separator).unwrap_or(("", text));
        Self::new(menu, verb)
    }
}

impl fmt::Display for CommandPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let menu = self.menu.as_ref().map_or("", Menu::path);
        write!(f, "{menu}/{}", self.verb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(menu: &str, verb: &str, arguments: &[&str]) -> Result<Reading, NotReading> {
        let arguments = arguments.iter().map(|argument| {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            (name.to_owned(), value.as_bytes().to_vec())
        });
        let command = CommandPath::new(menu, verb).unwrap();
        command.reading(arguments.collect())
    }

    #[test]
    fn what_reads_and_ends_is_known_to() {
        for (menu, verb, arguments) in [
            ("/", "ping", &["address=10.0.0.1", "count=3"][..]),
            ("/tool", "ping", &["address=10.0.0.1", "count=3"]),
            ("/tool", "traceroute", &["address=10.0.0.1", "count=1"]),
            ("/tool", "torch", &["interface=ether1", "duration=5s"]),
            (
                "/interface",
                "monitor-traffic",
                &["interface=ether1", "once"],
            ),
            (
                "/interface/ethernet",
                "monitor",
                &["numbers=ether1", "once"],
            ),
            ("/interface/lte", "monitor", &["numbers=lte1", "once"]),
            ("/ip/arp", "print", &[".proplist=address", "detail"]),
            ("/ip arp", "GETALL", &[]),
            ("/ip/arp", "print", &["count-only"]),
            ("/made/up", "print", &[]),
            ("/ip/arp", "listen", &["duration=2s"]),
            ("/log", "print", &["follow", "duration=2s"]),
            ("/", "export", &[]),
            ("/ip/arp", "export", &["terse"]),
        ] {
            let reading = reading(menu, verb, arguments);
            assert!(reading.is_ok(), "{menu} {verb}: {reading:?}");
        }
    }

    #[test]
    fn a_reading_knows_for_how_long_the_router_may_pause() {
        for (menu, verb, arguments, seconds) in [
            ("/", "ping", &["address=10.0.0.1", "count=3"][..], 0),
            (
                "/",
                "ping",
                &["address=10.0.0.1", "count=3", "interval=30s"],
                30,
            ),
            ("/tool", "torch", &["interface=ether1", "duration=1m"], 60),
            (
                "/tool",
                "traceroute",
                &["address=10.0.0.1", "count=1", "timeout=5s"],
                5,
            ),
            ("/ip/arp", "listen", &["duration=1m"], 0),
        ] {
            let reading = reading(menu, verb, arguments).unwrap();
            assert_eq!(
                reading.pause().as_secs(),
                seconds,
                "{menu} {verb} {arguments:?}"
            );
        }
    }

    #[test]
    fn what_does_not_end_says_what_would_end_it() {
        for (menu, verb, arguments, ends) in [
            ("/", "ping", &["address=10.0.0.1"][..], "count"),
            ("/tool", "torch", &["interface=ether1"], "duration"),
            ("/interface/ethernet", "monitor", &["numbers=0"], "once"),
            ("/ip/arp", "listen", &[], "duration"),
            ("/log", "print", &["follow-only"], "duration"),
            ("/ip/arp", "print", &["interval=1s"], "duration"),
        ] {
            let Err(NotReading::Endless(ways)) = reading(menu, verb, arguments) else {
                panic!("{menu} {verb} ends");
            };
            assert_eq!(ways[0], ends, "{menu} {verb}");
        }
    }

    #[test]
    fn what_writes_or_is_not_known_reads_with_no_argument() {
        for (menu, verb) in [
            ("/ip/dhcp-server/lease", "make-static"),
            ("/queue/simple", "reset-counters"),
            ("/system/script", "run"),
            ("/system", "reboot"),
            ("/ip/hotspot/active", "login"),
            ("/ip/arp", "make-coffee"),
            ("/ip/arp", "add"),
            ("/interface/ethernet", "cable-test"),
            ("/tool", "fetch"),
            ("/ip", "arp"),
        ] {
            assert_eq!(
                reading(menu, verb, &[]),
                Err(NotReading::Changes),
                "{menu} {verb}"
            );
        }
        for (menu, verb, argument) in [
            ("/ip/arp", "print", "file"),
            ("/log", "print", "on-event"),
            ("/", "export", "file"),
            ("/", "export", "show-sensitive"),
            ("/interface/ethernet", "monitor", "do"),
            ("/tool", "torch", "interfac"),
        ] {
            let refused = NotReading::Argument(argument.to_owned());
            let given = [argument, "once", "duration=1s"];
            assert_eq!(reading(menu, verb, &given), Err(refused), "{menu} {verb}");
        }
    }

    #[test]
    fn a_time_to_watch_that_is_none_is_told() {
        for (verb, given, source) in [
            ("listen", &["duration=1x"][..], DurationError::Malformed),
            ("listen", &["duration="], DurationError::Malformed),
            (
                "print",
                &["follow", "duration=soon"],
                DurationError::Malformed,
            ),
            (
                "listen",
                &["duration=99999999999999999999999w"],
                DurationError::Overflow,
            ),
        ] {
            let value = given.last().unwrap().strip_prefix("duration=").unwrap();
            let refused = NotReading::Watched {
                name: "duration".to_owned(),
                value: value.into(),
                source,
            };
            assert_eq!(
                reading("/log", verb, given),
                Err(refused),
                "{verb} {given:?}"
            );
        }
    }

    #[test]
    fn a_path_is_its_menu_and_its_command() {
        for (text, menu, verb) in [
            ("/ping", None, "ping"),
            ("/system/reboot", Some("/system"), "reboot"),
            (
                "/ip dhcp-server lease/Make-Static",
                Some("/ip/dhcp-server/lease"),
                "make-static",
            ),
        ] {
            let command: CommandPath = text.parse().unwrap();
            assert_eq!(command.menu().map(Menu::path), menu, "{text}");
            assert_eq!(command.verb(), verb, "{text}");
        }
        for (menu, verb) in [("/ip/arp", ""), ("/ip/arp", "a/b"), ("ip/arp", "print")] {
            assert!(CommandPath::new(menu, verb).is_err(), "{menu} {verb}");
        }
    }

    #[test]
    fn a_shortened_name_is_none_and_says_what_it_begins() {
        let command = |menu, verb| CommandPath::new(menu, verb).unwrap();
        for (menu, verb, whole) in [
            ("/ip/arp", "rem", Some("remove")),
            ("/ip/dhcp-server/lease", "make-s", Some("make-static")),
            ("/made/up", "se", Some("set")),
            ("/system", "reb", Some("reboot")),
            ("/", "pin", Some("ping")),
            ("/ip/arp", "remove", None),
            ("/ip/arp", "brew", None),
        ] {
            assert_eq!(command(menu, verb).written_out(), whole, "{menu} {verb}");
        }
    }

    #[test]
    fn secrets_among_arguments_are_known() {
        for (menu, verb, argument, is_secret) in [
            ("/ip/hotspot/active", "login", "password", true),
            ("/system/backup", "save", "password", true),
            ("/snmp/community", "try", "name", true),
            ("/system/backup", "save", "name", false),
        ] {
            let command = CommandPath::new(menu, verb).unwrap();
            assert_eq!(
                command.is_secret(argument),
                is_secret,
                "{command} {argument}"
            );
        }
    }
}
