//! The commands, one file for each kind.

mod add;
mod arrange;
mod export;
mod get;
mod hotspot;
mod inspect;
mod kept;
mod log;
mod measure;
mod print;
mod remove;
mod script;
mod set;
mod target;
mod user;
mod watch;

use routeros_proto::Request;

use crate::Policy;
use crate::menu::{self, Menu};
use crate::router::Router;
use crate::trap::{Refusal, Trap};

pub(crate) use log::write_line;
pub(crate) use print::{Listen, Next, Print};
pub(crate) use watch::Watch;

/// What a command that was not refused answers.
pub(crate) enum Answer {
    /// `!done`, with attributes.
    Done(Vec<(&'static str, Vec<u8>)>),
    /// Rows, then `!done`.
    Print(Print),
    /// `!done` with the number of rows as `ret`.
    Count(Print),
    /// Rows that come again and again.
    Watch(Watch),
    /// A row for each change, until it is cancelled.
    Listen(Listen),
    /// Nothing: the connection ends.
    HangUp,
    /// Nothing: all connections end.
    Reboot,
}

impl Answer {
    /// A bare `!done`.
    fn done() -> Answer {
        Answer::Done(Vec::new())
    }

    /// `!done` with `ret`.
    fn ret(value: impl Into<Vec<u8>>) -> Answer {
        Answer::Done(vec![("ret", value.into())])
    }
}

/// A command and where it goes.
pub(crate) struct Call<'a> {
    /// The menu's path.
    menu: &'a str,
    /// Its rules.
    rules: &'static Menu,
    /// The sentence.
    request: &'a Request,
}

impl Call<'_> {
    /// The arguments in order, names as text, without those that address rows.
    ///
    /// # Errors
    /// As [`Call::all_arguments`].
    fn arguments(&self) -> Result<Vec<(&str, &[u8])>, Trap> {
        let mut arguments = self.all_arguments()?;
        arguments.retain(|(name, _)| ![".id", "numbers"].contains(name));
        Ok(arguments)
    }

    /// The arguments in order, of a command that is about no row: `print` and `add` (seen: their lists
    /// of arguments have neither `numbers` nor `.id`).
    ///
    /// # Errors
    /// For a name that is not UTF-8, which no menu knows, and for more arguments than any menu has.
    fn all_arguments(&self) -> Result<Vec<(&str, &[u8])>, Trap> {
        let mut arguments = Vec::new();
        if self.request.attributes().count() > MOST_ARGUMENTS {
            return Err(Trap::too_many("arguments"));
        }
        for (name, value) in self.request.attributes() {
            let name = std::str::from_utf8(name).map_err(|_| Trap::invalid("name"))?;
            arguments.push((name, value));
        }
        Ok(arguments)
    }
}

/// Arguments of a command and names in a `.proplist` (ours): nobody is to keep the router busy.
const MOST_ARGUMENTS: usize = 256;

/// Executes one command against the router.
///
/// # Errors
/// The traps to answer with; they are followed by `!done`.
pub(crate) fn execute(router: &mut Router, request: &Request) -> Result<Answer, Refusal> {
    router.settle();
    let path = String::from_utf8_lossy(request.path());
    let (menu, verb) = path.rsplit_once('/').unwrap_or_default();
    router.received.count(menu, verb);
    if path == "/console/inspect" && router.version.has_inspect() {
        return match router.faults.allows(Policy::Read) {
            true => inspect::inspect(router, request),
            false => Err(Trap::not_enough_permissions().into()),
        };
    }
    if let Some(answer) = measure::by_path(router, &path, request) {
        return match router.faults.allows(Policy::Test) {
            true => answer,
            false => Err(Trap::not_enough_permissions().into()),
        };
    }
    if verb == "export" && export::is_known(router, menu) {
        return match router.faults.allows(Policy::Read) {
            true => export::export(router, menu, request),
            false => Err(Trap::not_enough_permissions().into()),
        };
    }
    if path == "/system/reboot" {
        return match router.faults.allows(Policy::Reboot) {
            true => {
                router.reboot();
                Ok(Answer::Reboot)
            }
            false => Err(Trap::not_enough_permissions().into()),
        };
    }
    let Some(rules) = router
        .rules(menu)
        .filter(|rules| rules.has_command(verb, router.version))
    else {
        return Err(wrong_path(router, &path));
    };
    let policy = Policy::of_verb(verb);
    // Users and their groups are changed by those alone who may give rights (manual "User").
    let is_of_users = menu == "/user" || menu.starts_with("/user/");
    let may_give = policy != Policy::Write || !is_of_users || router.faults.allows(Policy::Policy);
    if !router.faults.allows(policy) || !may_give {
        return Err(Trap::not_enough_permissions().into());
    }
    let call = Call {
        menu,
        rules,
        request,
    };
    match verb {
        "print" | "getall" => print::print(router, &call),
        "listen" => print::listen(router, &call),
        "get" => get::get(router, &call),
        "add" => add::add(router, &call),
        "set" => set::set(router, &call),
        "unset" => set::unset(router, &call),
        "comment" => set::comment(router, &call),
        "enable" => set::enable(router, &call, true),
        "disable" => set::enable(router, &call, false),
        "reset-counters" => set::reset_counters(router, &call),
        "remove" => remove::remove(router, &call),
        "move" => arrange::move_rows(router, &call),
        "make-static" => hotspot::make_static(router, &call),
        "monitor" => measure::monitor(router, &call),
        "monitor-traffic" => measure::monitor_traffic(router, &call),
        "run" => script::run(router, &call),
        "make-binding" => hotspot::make_binding(router, &call),
        "debug" | "error" | "info" | "warning" => log::write(router, &call, verb),
        other => Err(Trap::not_imitated(other).into()),
    }
}

/// Why a path leads nowhere: a part that is no menu, a command its menu lacks, or words after a command.
fn wrong_path(router: &Router, path: &str) -> Refusal {
    let mut known = String::new();
    for part in path.split('/').skip(1) {
        let longer = format!("{known}/{part}");
        if !is_directory(router, &longer) {
            let is_last = path.len() == longer.len();
            let is_command = router
                .rules(&known)
                .is_some_and(|rules| rules.has_command(part, router.version));
            return match (is_last, is_command) {
                (true, _) if !known.is_empty() => Trap::no_such_command().into(),
                (_, true) => Trap::no_such_prefix().into(),
                _ => Refusal::bad_path(part),
            };
        }
        known = longer;
    }
    // The path is a menu and lacks the command, or it does not start with a slash.
    match known.is_empty() {
        true => Refusal::bad_path(path),
        false => Trap::no_such_command().into(),
    }
}

/// Whether the path is a menu, or the beginning of one.
fn is_directory(router: &Router, path: &str) -> bool {
    let tables = menu::all().iter().map(|menu| menu.path);
    let console = router.version.has_inspect().then_some("/console");
    tables
        .chain(router.state.menus())
        .chain(console)
        .filter_map(|menu| menu.strip_prefix(path))
        .any(|rest| rest.is_empty() || rest.starts_with('/'))
}
