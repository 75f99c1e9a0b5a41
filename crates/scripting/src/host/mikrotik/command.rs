//! Commands of the router beside those for rows: they read at once, or are planned like any change.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, Map};
use routeros_schema::{CommandPath, NotReading, Reading, RouterText};

use super::super::call;
use super::super::dynamic::type_of;
use super::super::error::{CallResult, HostError, Kind};
use super::super::given::{bytes_of, row_of};
use super::super::primitive::{Declared, primitives};
use super::super::readers::Routers;
use super::super::rows::Table;
use super::{NamedRouter, RouterTable, name_of};
use plan::change::Change;
use plan::command::RouterCommand;
use plan::fields::Fields;
use plan::row::At;
use site::config::Service;

primitives! {
    COMMAND: Routers = writes command(Menu, Verb);
    _: Routers = writes command(Menu, Verb, Arguments);
    _: Routers = writes command(Menu, Verb, Arguments, Reason);
}

/// How scripts send other commands to the site's router.
#[export_module]
pub mod command_module {
    use super::*;

    /// Sends a command to the router, as far as it is known to read, and gives the rows that it answers;
    /// every other command is planned as a change, and gives that. See the form with arguments.
    ///
    /// ```rhai
    /// let rows = mikrotik::command("/system/identity", "print");
    /// assert_eq(rows.len(), 1);
    /// let restart = mikrotik::command("/system", "reboot");
    /// assert_eq([restart.status, restart.action, restart.target], ["planned", "run", "mikrotik:/system/reboot"]);
    /// ```
    #[rhai_fn(name = "command", return_raw)]
    pub fn command(context: NativeCallContext, menu: &str, verb: &str) -> CallResult<Dynamic> {
        send(&context, &COMMAND, None, (menu, verb), &Map::new(), "")
    }

    /// Sends a command with arguments. The menu of a command of the root (`/ping`) is `/`.
    ///
    /// Known to read are `print`, `getall`, `get`, `listen`, `monitor`, `export`, and commands such as
    /// `ping`, `traceroute`, `torch`. They are sent at once, also in a dry run, and the header names
    /// `mikrotik` in `reads`. Not more than 10,000 rows of an answer are taken, which is said where it is so, and not more
    /// time than the site gives its router (`router_timeout`). One that does not end by itself needs the
    /// argument that ends it: `count` of `ping`, `once` of `monitor`, `duration` of `torch`; to `listen`,
    /// and to `print` with `follow`, tikbook itself puts an end after a `duration`. A value that a command
    /// returns is the field `ret` of a row of its own.
    ///
    /// Every other command (`make-static`, `reset-counters`, `run` of a script, `reboot`, one that nobody
    /// knows) is a change: the header names it in `writes` by its path,
    /// `mikrotik:/ip/dhcp-server/lease/make-static`, and it is shown, asked for, journalled and sent like
    /// others. It cannot be undone, which is said before. Nothing is sent beside it, and what ends the
    /// connection, as `reboot` does, goes last of all. What a command makes of rows no plan knows: go on in
    /// `after`. A row that it is about is given as `".id"`, as it was read or by its id; it is looked for
    /// again before anything is sent, like a row that is set.
    ///
    /// Rows are added, set and removed by the writers alone, so that it can be undone: `add`, `set`,
    /// `remove`, `enable`, … as a command have the kind `invalid`.
    ///
    /// ```rhai
    /// let answers = mikrotik::command("/", "ping", #{ address: "10.20.0.11", count: 2 });
    /// assert_eq(answers.len(), 2);
    /// let menu = "/ip/dhcp-server/lease";
    /// let lease = mikrotik::rows(menu, #{ dynamic: true })[0];
    /// let kept = mikrotik::command(menu, "make-static", #{ ".id": lease });
    /// assert_eq(kept.target, "mikrotik:/ip/dhcp-server/lease/make-static");
    /// assert_eq(kept.status, "planned");
    /// ```
    #[rhai_fn(name = "command", return_raw)]
    pub fn command_with(
        context: NativeCallContext,
        menu: &str,
        verb: &str,
        arguments: Map,
    ) -> CallResult<Dynamic> {
        send(&context, &COMMAND, None, (menu, verb), &arguments, "")
    }

    /// Sends a command and says why, for the plan and the journal.
    ///
    /// ```rhai
    /// let restart = mikrotik::command("/system", "reboot", #{}, "the update wants it");
    /// assert_eq(restart.why, "the update wants it");
    /// try { mikrotik::command("/ip/arp", "remove", #{ ".id": "*1" }, "gone"); }
    /// catch (err) { assert_eq(err.kind, "invalid"); }
    /// ```
    #[rhai_fn(name = "command", return_raw)]
    pub fn command_why(
        context: NativeCallContext,
        menu: &str,
        verb: &str,
        arguments: Map,
        why: &str,
    ) -> CallResult<Dynamic> {
        send(&context, &COMMAND, None, (menu, verb), &arguments, why)
    }
}

/// Sends what is known to read, and plans what is not.
///
/// # Errors
/// The arguments cannot be understood, or as [`call::rows`] and [`call::record`].
pub fn send(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<&mut NamedRouter>,
    (menu, verb): (&str, &str),
    arguments: &Map,
    why: &str,
) -> CallResult<Dynamic> {
    let host = call::host(context)?;
    let router = name_of(router);
    let asked = asked(menu, verb, arguments, host.router_text());
    let change = asked.and_then(|asked| match asked.reading() {
        Ok(reading) => Ok(Err(reading)),
        Err(not) => {
            let (command, target) = (asked.command.clone(), asked.change(router.clone(), &not)?);
            let planned = host.may_plan(&target.target());
            planned.map_err(|error| not_known_to_read(error, &command, &not))?;
            Ok(Ok(Change::of(target, why)))
        }
    });
    match change.map_err(|error| error.on(Service::Mikrotik).at(context).raise())? {
        Ok(change) => {
            let written = call::record(context, primitive, vec![change])?
                .into_iter()
                .next();
            // As many come back as went in.
            Ok(written.map_or(Dynamic::UNIT, Dynamic::from))
        }
        Err(reading) => read(context, primitive, router, reading, host.router_text()),
    }
}

fn read(
    context: &NativeCallContext,
    primitive: &Declared<Routers>,
    router: Option<String>,
    reading: Reading,
    text: RouterText,
) -> CallResult<Dynamic> {
    let what = format!("the router's {}", reading.command());
    let with: Vec<String> = reading
        .arguments()
        .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value)))
        .collect();
    let with = format!(
        "{} of {}",
        with.join(" "),
        router.as_deref().unwrap_or_default()
    );
    let rows = call::measured_rows(context, primitive, (what, with), |routers| async move {
        let router = routers.named(router.as_deref()).await?;
        let part = router.run(&reading).await.map_err(HostError::from)?;
        if part.is_cut {
            tracing::warn!(
                "of the answer to {} there was more: {} rows were taken",
                reading.command(),
                part.rows.len()
            );
        }
        let schema = reading.command().schema();
        let returned = part.attributes;
        let returned = returned.filter(|returned| returned.fields().next().is_some());
        Ok(Arc::new(RouterTable {
            rows: part.rows,
            returned,
            schema,
            text,
        }) as Arc<dyn Table>)
    });
    rows.map(Dynamic::from)
}

/// A command as a script asks for it.
struct Asked {
    command: CommandPath,
    arguments: Fields,
    /// The row that it is about.
    row: Option<(String, Fields)>,
}

/// Understands a command; those that are sent in no way are errors.
fn asked(menu: &str, verb: &str, arguments: &Map, text: RouterText) -> Result<Asked, HostError> {
    let command = CommandPath::new(menu, verb).map_err(|error| {
        HostError::invalid(error.to_string()).hint(
            "write it like mikrotik::command(\"/ip/dhcp-server/lease\", \"make-static\", #{ … })",
        )
    })?;
    if let Some((message, hint)) = wrong(&command) {
        return Err(HostError::invalid(message).hint(hint));
    }
    let mut asked = Asked {
        command,
        arguments: Fields::default(),
        row: None,
    };
    for (name, value) in arguments {
        match name.as_str() {
            ".id" if asked.command.menu().is_some() => asked.row = Some(row_of(value, text)?),
            name => asked
                .arguments
                .set(argument_name(name)?, argument(name, value, text)?),
        }
    }
    Ok(asked)
}

/// Why a command is sent in no way, and what to do instead, if it is so.
pub fn wrong(command: &CommandPath) -> Option<(String, String)> {
    if command.is_of_the_connection() {
        let message = format!("`{command}` is about the connection that tikbook itself needs");
        return Some((message, "it opens and ends it by itself".to_owned()));
    }
    if command.changes_rows() {
        let writer = match command.verb() {
            "add" => "add",
            "remove" => "remove",
            "move" => "move",
            // They set fields: `disabled`, `comment`, and such as have no value then.
            _ => "set",
        };
        let message = format!("`{command}` changes rows, and as a command could not be undone");
        return Some((message, format!("use mikrotik::{writer}(…)")));
    }
    if command.is_menu() {
        let message = format!("`{command}` is a menu and no command");
        let hint = format!("give a command of it: mikrotik::command(\"{command}\", \"print\")");
        return Some((message, hint));
    }
    let whole = command.written_out()?;
    let message = format!("`{}` is no command by itself", command.verb());
    Some((message, format!("write it out: `{whole}`")))
}

impl Asked {
    fn reading(&self) -> Result<Reading, NotReading> {
        let id = self.row.iter().map(|(id, _)| (".id", id.as_bytes()));
        let arguments = id.chain(self.arguments.iter());
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_vec()));
        self.command.reading(arguments.collect())
    }

    /// The command as a change, as it is not known to read.
    fn change(self, router: Option<String>, not: &NotReading) -> Result<RouterCommand, HostError> {
        let Self {
            command,
            arguments,
            row,
        } = self;
        match not {
            NotReading::Changes => {}
            NotReading::Endless(ways) => {
                let message = format!("`{command}` would not end");
                let hint = format!("give it the argument `{}`", ways.join("` or `"));
                return Err(HostError::invalid(message).hint(hint));
            }
            NotReading::Watched {
                name,
                value,
                source,
            } => {
                let value = String::from_utf8_lossy(value);
                let message =
                    format!("`{command}` cannot be watched for `{name}={value}`: {source}");
                return Err(HostError::invalid(message));
            }
            NotReading::Argument(name) => {
                if let Some(near) = command.misspelt_argument(name) {
                    let message = format!("`{command}` has no argument `{name}` that is known");
                    let hint = format!("did you mean `{near}`?");
                    return Err(HostError::invalid(message).hint(hint));
                }
            }
        }
        if arguments.get("numbers").is_some() {
            let message = "a number is a place, where another row may be by then";
            let hint = "give the row as \".id\", as it was read";
            return Err(HostError::invalid(message).hint(hint));
        }
        let said = command.to_string();
        let command = RouterCommand::new(router, command, arguments).map_err(|_| {
            HostError::invalid(format!(
                "`{said}` with these arguments may do more than read"
            ))
            .hint("leave out those with which it writes")
        })?;
        Ok(match row {
            Some((id, seen)) => command.about(At::known(Some(id)), seen),
            None => command,
        })
    }
}

/// What is to be said where a change is refused that the script may have taken for a reading.
fn not_known_to_read(error: HostError, command: &CommandPath, not: &NotReading) -> HostError {
    match (not, command.closest()) {
        (NotReading::Argument(name), _) => error.because(format!(
            "with the argument `{name}`, `{command}` is not known to do no more than read"
        )),
        (_, Some(near)) if error.kind == Kind::Denied => {
            error.because(format!("there is a command `{near}`"))
        }
        _ => error,
    }
}

fn argument_name(name: &str) -> Result<String, HostError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begins_well = name == ".proplist" || !name.starts_with('.');
    match !name.is_empty() && begins_well && name.chars().all(plain) {
        true => Ok(name.to_owned()),
        false => Err(HostError::invalid(format!(
            "`{name}` is not an argument that a command can have"
        ))),
    }
}

fn argument(name: &str, value: &Dynamic, text: RouterText) -> Result<Vec<u8>, HostError> {
    let wrong = || {
        let message = format!("the argument `{name}` cannot be a {}", type_of(value));
        HostError::invalid(message)
            .hint("arguments are text, numbers, truth values, blobs, () and arrays of them")
    };
    if value.is_unit() {
        return Ok(Vec::new());
    }
    if let Some(values) = value.read_lock::<Array>() {
        let values = values.iter();
        let values = values.map(|value| bytes_of(value, text)?.ok_or_else(wrong));
        return Ok(values.collect::<Result<Vec<_>, _>>()?.join(&b','));
    }
    bytes_of(value, text)?.ok_or_else(wrong)
}
