//! Lines that begin with `:` and speak to the REPL itself.

use std::fs;
use std::io;
use std::path::Path;

use rhai::Map;

use files::Readers;

use crate::cli;
use crate::failure::Failure;
use crate::run::{self, Runbook, declared};
use catalogue::{Language, Said};
use plan::comments::Comments;
use report::{text, wrap};
use scripting::host::error::HostError;
use scripting::host::{account, docs};
use scripting::script::library::{Library, MOST_OF_A_SCRIPT};
use sentences::{
    ReplCommandLine, ReplError, ReplHelpApply, ReplHelpClear, ReplHelpDoc, ReplHelpDrop,
    ReplHelpExpression, ReplHelpHelp, ReplHelpJson, ReplHelpLoad, ReplHelpMore, ReplHelpNamespaces,
    ReplHelpPlan, ReplHelpQuit, ReplHelpRun, ReplHelpSave, ReplHelpSite, ReplHelpTable,
    ReplHelpTime, ReplHelpTranscript, ReplHelpUndo, ReplHelpValues, ReplHelpVars, ReplInsteadApply,
    ReplInsteadLeave, ReplInsteadPlan, ReplInsteadSite, ReplNoValue, ReplNothingFollows,
    ReplOpenQuote, ReplSavedInPart, ReplSavedRunbook, ReplSavedTranscript, ReplSite, ReplSites,
    ReplUnknown, ReplUnknownNear, ReplUnread, ReplUnwritten, ReplUsage,
};
use session::whole;
use site::text_file;
use wording::duration;
use wording::near::nearest;

use super::candidates::{Candidates, beginning};
use super::changes;
use super::console::{Console, timed};
use super::session::Session;
use super::show::{self, Shown};
use super::transcript::Saved;

/// A directive: its name, what follows it, what it does.
struct Directive {
    name: &'static str,
    takes: &'static str,
    help: fn() -> Said,
    run: fn(&mut Console, &str) -> io::Result<()>,
}

/// The one list of directives.
const DIRECTIVES: &[Directive] = &[
    Directive {
        name: "apply",
        takes: "[--max-changes N] [--lock-wait TIME]",
        help: || ReplHelpApply.into(),
        run: changes::apply,
    },
    Directive {
        name: "clear",
        takes: "",
        help: || ReplHelpClear.into(),
        run: |console, _| changes::clear(console),
    },
    Directive {
        name: "doc",
        takes: "NAME",
        help: || ReplHelpDoc.into(),
        run: Console::explain,
    },
    Directive {
        name: "drop",
        takes: "N",
        help: || ReplHelpDrop.into(),
        run: changes::drop,
    },
    Directive {
        name: "help",
        takes: "",
        help: || ReplHelpHelp.into(),
        run: |console, _| help(console),
    },
    Directive {
        name: "json",
        takes: "[EXPRESSION]",
        help: || ReplHelpJson.into(),
        run: json,
    },
    Directive {
        name: "load",
        takes: "FILE",
        help: || ReplHelpLoad.into(),
        run: load,
    },
    Directive {
        name: "more",
        takes: "",
        help: || ReplHelpMore.into(),
        run: |console, _| console.screen.more(),
    },
    Directive {
        name: "plan",
        takes: "[FILE]",
        help: || ReplHelpPlan.into(),
        run: changes::plan,
    },
    Directive {
        name: "quit",
        takes: "",
        help: || ReplHelpQuit.into(),
        run: |_, _| Ok(()),
    },
    Directive {
        name: "run",
        takes: "RUNBOOK [--PARAMETERS]",
        help: || ReplHelpRun.into(),
        run: runbook,
    },
    Directive {
        name: "save",
        takes: "FILE",
        help: || ReplHelpSave.into(),
        run: save,
    },
    Directive {
        name: "site",
        takes: "[NAME]",
        help: || ReplHelpSite.into(),
        run: site,
    },
    Directive {
        name: "table",
        takes: "[EXPRESSION]",
        help: || ReplHelpTable.into(),
        run: table,
    },
    Directive {
        name: "time",
        takes: "EXPRESSION",
        help: || ReplHelpTime.into(),
        run: time,
    },
    Directive {
        name: "transcript",
        takes: "FILE",
        help: || ReplHelpTranscript.into(),
        run: transcript,
    },
    Directive {
        name: "undo",
        takes: "",
        help: || ReplHelpUndo.into(),
        run: |console, _| changes::undo(console),
    },
    Directive {
        name: "vars",
        takes: "",
        help: || ReplHelpVars.into(),
        run: |console, _| variables(console),
    },
];

/// Does what a line says that began with `:`; false for `:quit`.
///
/// # Errors
/// Stdout cannot be written to.
pub fn run(console: &mut Console, line: &str) -> io::Result<bool> {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if matches!(name, "quit" | "q" | "exit") {
        return Ok(false);
    }
    match DIRECTIVES.iter().find(|directive| directive.name == name) {
        Some(directive) if rest.trim().is_empty() && is_needed(directive) => {
            let usage = format!(":{} {}", directive.name, directive.takes);
            console.say(ReplUsage { usage })?;
        }
        Some(directive) if directive.takes.is_empty() && !rest.trim().is_empty() => {
            let name = directive.name;
            console.say(ReplNothingFollows { name })?;
        }
        Some(directive) => (directive.run)(console, rest.trim())?,
        None => unknown(console, name)?,
    }
    Ok(true)
}

/// What could stand at the end of a directive.
pub fn complete(session: &Session, before: &str) -> Candidates {
    let line = before.trim_start();
    let word = &line[line.rfind([' ', ':']).map_or(0, |space| space + 1)..];
    let mut words = line.trim_start_matches(':').split_whitespace();
    let directive = words.next().unwrap_or_default();
    if !line.contains(' ') {
        let names = DIRECTIVES.iter().map(|directive| directive.name.to_owned());
        return beginning(before, word, names);
    }
    let first = words
        .next()
        .filter(|first| *first != word || line.ends_with(' '));
    match (directive, first) {
        ("run", None) => {
            let library = session.library();
            let names = library.runbooks().into_keys();
            beginning(before, word, names.chain(library.examples().into_keys()))
        }
        ("run", Some(name)) => beginning(before, word, flags(session, name)),
        ("site", _) => beginning(before, word, session.sites.names.iter().cloned()),
        ("load", _) => beginning(before, word, files(word)),
        ("doc", _) => {
            let names = session.pages.iter().map(|page| page.name.clone());
            beginning(before, word, names)
        }
        _ => beginning(before, word, []),
    }
}

/// Does it mean nothing without what follows?
fn is_needed(directive: &Directive) -> bool {
    !directive.takes.is_empty() && !directive.takes.starts_with('[')
}

fn unknown(console: &mut Console, name: &str) -> io::Result<()> {
    match nearest(name, DIRECTIVES.iter().map(|directive| directive.name)) {
        Some(near) => console.say(ReplUnknownNear { name, near }),
        None => console.say(ReplUnknown { name }),
    }
}

/// How many columns of the help say what is entered; the rest says what it does.
const USAGE: usize = 32;

fn help(console: &mut Console) -> io::Result<()> {
    let sheet = console.screen.sheet();
    for directive in DIRECTIVES {
        let usage = format!(":{} {}", directive.name, directive.takes);
        let mut before = format!("{:USAGE$}", usage.trim_end());
        if usage.len() > USAGE {
            console.say(&before)?;
            before = " ".repeat(USAGE);
        }
        let help = (directive.help)();
        let help = help.in_language(sheet.language);
        for line in wrap::lines(&help, sheet.behind(USAGE).width) {
            console.say(format!("{before}{line}"))?;
            before = " ".repeat(USAGE);
        }
    }
    console.say("")?;
    let example = "`mikrotik::rows(\"/ip/arp\").where(#{ dynamic: \"true\" })`";
    console.say(ReplHelpExpression { example })?;
    console.say(ReplHelpValues)?;
    let names: Vec<&str> = console
        .session
        .pages
        .iter()
        .map(|page| page.name.as_str())
        .collect();
    let names = names.join(", ");
    console.say(ReplHelpNamespaces { names })
}

/// The value that a directive is about: that of its expression, else the last.
fn subject(console: &mut Console, expression: &str) -> io::Result<Option<rhai::Dynamic>> {
    if expression.is_empty() {
        let last = console.session.memory.last();
        if last.is_none() {
            console.say(ReplNoValue)?;
        }
        return Ok(last);
    }
    match console.evaluate(expression) {
        Ok(value) => Ok(Some(value)),
        Err(trace) => console.fail(trace).map(|()| None),
    }
}

fn json(console: &mut Console, rest: &str) -> io::Result<()> {
    let Some(value) = subject(console, rest)? else {
        return Ok(());
    };
    shown(console, show::json(&value))
}

fn table(console: &mut Console, rest: &str) -> io::Result<()> {
    match subject(console, rest)? {
        Some(value) => console.show(&value),
        None => Ok(()),
    }
}

fn shown(console: &mut Console, shown: Result<Shown, HostError>) -> io::Result<()> {
    match shown {
        Ok(shown) => console.screen.page(shown),
        Err(error) => console.say(ReplError {
            error: whole(error.message, error.causes),
        }),
    }
}

fn time(console: &mut Console, rest: &str) -> io::Result<()> {
    let (done, took) = timed(|| console.enter(rest));
    done?;
    console.say(duration::text(took))
}

fn load(console: &mut Console, path: &str) -> io::Result<()> {
    match text_file::read(Path::new(path), MOST_OF_A_SCRIPT) {
        Ok(text) => console.enter(&text),
        Err(error) => {
            let why = error.to_string();
            console.say(ReplUnread { file: path, why })
        }
    }
}

fn site(console: &mut Console, name: &str) -> io::Result<()> {
    if name.is_empty() {
        let sites = &console.session.sites;
        let (current, sites) = (sites.site().name.clone(), sites.names.join(", "));
        return console.say(ReplSites {
            site: current,
            sites,
        });
    }
    match console.session.change_site(name) {
        Ok(()) => console.say(ReplSite { site: name }),
        Err(error) => console.say(ReplError {
            error: error.to_string(),
        }),
    }
}

fn variables(console: &mut Console) -> io::Result<()> {
    for (name, value) in console.session.memory.variables() {
        let compiler = &console.session.compiler;
        let kind = docs::script_type(compiler.map_type_name(value.type_name()));
        let text = show::glance(&value);
        console.say(format!("{name}: {kind} = {text}"))?;
    }
    Ok(())
}

fn save(console: &mut Console, path: &str) -> io::Result<()> {
    let Saved { text, left_out } = console.screen.transcript.runbook();
    let command = format!("tikbook run {}", runnable(path));
    let said: Said = match left_out {
        0 => ReplSavedRunbook { command }.into(),
        lines => ReplSavedInPart { lines, command }.into(),
    };
    write(console, path, &text, said)
}

fn transcript(console: &mut Console, path: &str) -> io::Result<()> {
    let site = &console.session.sites.site().name;
    let text = console.screen.transcript.markdown(site);
    write(
        console,
        path,
        &text,
        ReplSavedTranscript { file: path }.into(),
    )
}

/// Writes a new file, and says so: one that is there is left alone.
fn write(console: &mut Console, path: &str, text: &str, said: Said) -> io::Result<()> {
    // What the site holds is for who asked.
    let written = files::write_new(Path::new(path), text.as_bytes(), Readers::Owner);
    match written {
        Ok(()) => console.say(said),
        Err(error) => {
            let why = error.to_string();
            console.say(ReplUnwritten { file: path, why })
        }
    }
}

/// A path that `tikbook run` takes for a path.
fn runnable(path: &str) -> String {
    match path.contains('/') || path.ends_with(".rhai") {
        true => path.to_owned(),
        false => format!("./{path}"),
    }
}

fn files(prefix: &str) -> Vec<String> {
    let (folder, _) = prefix.rsplit_once('/').unwrap_or(("", prefix));
    let place = if folder.is_empty() { "." } else { folder };
    let entries = fs::read_dir(Path::new(place))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .map(|name| match folder {
            "" => name,
            folder => format!("{folder}/{name}"),
        })
        .collect()
}

fn flags(session: &Session, name: &str) -> Vec<String> {
    let runbook = Runbook::find(session.library(), name);
    let parameters = runbook.map(|runbook| runbook.header.parameters);
    let parameters = parameters.into_iter().flatten();
    parameters.map(|parameter| parameter.flag()).collect()
}

fn runbook(console: &mut Console, rest: &str) -> io::Result<()> {
    let language = console.screen.sheet().language;
    match prepared(console.session.library(), rest, language) {
        Ok((runbook, arguments)) => run_script(console, &runbook, arguments),
        Err(failure) => console.screen.show_failure(failure),
    }
}

/// The runbook that a line names, with its arguments; the line is quoted as on the command line. Its help is in
/// `language`.
fn prepared(library: &Library, line: &str, language: Language) -> Result<(Runbook, Map), Failure> {
    let mut words = shlex::split(line)
        .ok_or_else(|| Failure::usage(ReplOpenQuote))?
        .into_iter();
    let runbook = Runbook::find(library, &words.next().unwrap_or_default())?;
    let words: Vec<String> = words.collect();
    refuse_flags(&runbook, &words)?;
    let given = runbook.parse_parameters(&words, language)?;
    let arguments = runbook.arguments(&given)?;
    Ok((runbook, arguments))
}

/// Says what to do here instead of a flag that the command line has.
fn refuse_flags(runbook: &Runbook, words: &[String]) -> Result<(), Failure> {
    let flags: Vec<String> = cli::flags_of_every_runbook().collect();
    let words = words.iter().filter_map(|word| word.strip_prefix("--"));
    let mut names = words.map(|word| word.split('=').next().unwrap_or(word));
    let Some(flag) = names.find(|name| flags.iter().any(|flag| flag == name)) else {
        return Ok(());
    };
    let instead: Said = match flag {
        "apply" | "yes" | "max-changes" | "lock-wait" => ReplInsteadApply.into(),
        "plan" => ReplInsteadPlan.into(),
        "site" => ReplInsteadSite.into(),
        _ => ReplInsteadLeave.into(),
    };
    let runbook = &runbook.script.name;
    Err(Failure::usage(ReplCommandLine { flag, runbook }).hint(instead))
}

fn run_script(console: &mut Console, runbook: &Runbook, arguments: Map) -> io::Result<()> {
    let Runbook { script, header } = runbook;
    let mut open = console.begin(&script.name, &script.text, declared(header));
    let site = console.session.sites.site();
    let frame = run::frame(site, &script.name, open.host().now());
    // What an import reads must not be kept from an earlier run.
    let library = console.session.library().anew();
    open.evaluate(&library, script, arguments);
    let keep = !open.has_failed();
    let mut ended = console.session.end(open, keep, None);
    if !ended.done.is_empty() {
        let flags = console.session.sites.flags();
        let comments = Comments::of(console.screen.sheet().is_detailed);
        let run = (&ended.run, ended.applies);
        account::add_to(&mut ended.report, run, (&ended.done, comments), &flags);
        ended.report.note_all(changes::verdict(&ended.done));
    }
    if ended.failure.is_none() || !ended.report.title.is_empty() {
        let mut out = Vec::new();
        text::write(&mut out, &frame, &ended.report, console.screen.sheet())?;
        let lines = String::from_utf8_lossy(&out).into_owned();
        console
            .screen
            .page(Shown::of(lines.lines().map(str::to_owned)))?;
    }
    if let Some(error) = ended.unfinished {
        let trace = console.session.refused(error);
        console.fail(trace)?;
    }
    match ended.failure {
        Some(cause) => {
            let trace = console.session.cause(cause);
            console.fail(trace)
        }
        None => Ok(()),
    }
}
