//! Where output goes and how it looks: stdout is data, stderr is talk.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use files::{Readers, Unfinished};
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::{Color, Format, Global};
use crate::failure::Failure;
use crate::signals::Signals;
use crate::terminal::pager::Pager;
use crate::terminal::screen::Log;
use catalogue::{Language, Said};
use report::json;
use report::printable::printable_line;
use report::sheet::{Sheet, USUAL};
use sentences::{UsageOneTable, UsageOneTableHint};
use site::config::{Secrets, Sources, Variables};

/// How this run writes.
pub struct Output {
    /// How what is found is printed.
    pub format: Format,
    /// Is a report said in a few short lines?
    pub is_short: bool,
    /// Which table is printed, of a format that takes one.
    pub table: Option<String>,
    /// The file that takes the place of stdout.
    file: Option<PathBuf>,
    /// What long pages are read with; nothing where they are not.
    pager: Option<Arc<Pager>>,
    /// On what stdout is written.
    pub sheet: Sheet,
    /// On what stderr is written.
    pub errors: Sheet,
    /// May progress be shown on stderr?
    pub progress: bool,
    /// What is not to be seen on stdout.
    secrets: Secrets,
}

impl Output {
    /// Understands the flags and NO_COLOR, CLICOLOR_FORCE; starts the log on stderr, with what is to be said of
    /// where everything comes from.
    pub fn of(global: &Global, sources: &Sources, signals: &Signals) -> Self {
        let variables = &sources.environment;
        start_log(global, variables);
        let errors = sheet(global, variables, io::stderr());
        // The flags behind a runbook's name are understood after the others.
        *stderr() = Some(errors);
        warn(&sources.warnings);
        Self {
            format: match global.json {
                true => Format::Json,
                false => global.format.unwrap_or_default(),
            },
            is_short: global.short,
            table: global.table.clone(),
            sheet: match &global.output {
                Some(_) => Sheet::PIPE,
                None => sheet(global, variables, io::stdout()),
            },
            errors,
            file: global.output.clone(),
            pager: pages(global, variables)
                .then(|| Arc::new(Pager::of(pager_named(variables), signals.clone()))),
            progress: !global.quiet && io::stderr().is_terminal(),
            secrets: sources.secrets.clone(),
        }
    }

    /// Is it JSON?
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Stdout, or the file in its place, buffered. It is written when it is flushed: what is taller than the
    /// terminal then is read in the pager.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn stdout(&self) -> io::Result<Stdout> {
        Ok(Stdout {
            out: match (&self.file, &self.pager) {
                (Some(path), _) => Sink::begin(path)?,
                (None, None) => Sink::Stdout(BufWriter::new(io::stdout().lock())),
                (None, Some(pager)) => Sink::Pages(Pages {
                    page: Vec::new(),
                    pager: pager.clone(),
                    language: self.errors.language,
                }),
            },
            secrets: self.secrets.clone(),
            held: Vec::new(),
        })
    }

    /// Sees that what is to be said can be written, before there is anything to say.
    ///
    /// # Errors
    /// The file cannot be made, or nobody said which table is to be written.
    pub fn check(&self) -> Result<(), Failure> {
        if self.format.takes_one_table() && self.table.is_none() {
            let format = self.format.name();
            return Err(Failure::usage(UsageOneTable { format }).hint(UsageOneTableHint));
        }
        drop(self.stdout()?);
        Ok(())
    }

    /// Says something in a line of `out`, for people.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn say(&self, out: &mut dyn Write, said: impl Into<Said>) -> io::Result<()> {
        writeln!(out, "{}", said.into().in_language(self.sheet.language))
    }

    /// Shows a page that `write` writes on the sheet.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn page(
        &self,
        write: impl FnOnce(&mut dyn Write, Sheet) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = self.stdout()?;
        write(&mut out, self.sheet)?;
        out.flush()
    }
}

/// Is what is long shown page by page?
fn pages(global: &Global, variables: &Variables) -> bool {
    let is_text = !global.json && global.format.unwrap_or_default() == Format::Text;
    let is_seen = io::stdout().is_terminal() && io::stdin().is_terminal();
    is_text
        && is_seen
        && moves(variables)
        && global.output.is_none()
        && !global.no_pager
        && !global.plain
}

/// The program that long texts are read with, where somebody names one.
pub fn pager_named(variables: &Variables) -> Option<&str> {
    variables
        .filled("TIKBOOK_PAGER")
        .or_else(|| variables.filled("PAGER"))
}

fn is_taller_than_terminal(page: &[u8]) -> bool {
    let lines = page.iter().filter(|byte| **byte == b'\n').count();
    let size = rustix::termios::tcgetwinsize(io::stdout());
    // A terminal that does not say how tall it is has no pages.
    size.is_ok_and(|size| size.ws_row > 0 && lines >= usize::from(size.ws_row))
}

/// What is written for a terminal until it is shown.
struct Pages {
    page: Vec<u8>,
    pager: Arc<Pager>,
    language: Language,
}

impl Pages {
    /// Shows what was written: in the pager where it is taller than the terminal.
    fn show(&mut self) -> io::Result<()> {
        let page = std::mem::take(&mut self.page);
        if is_taller_than_terminal(&page) {
            match self.pager.page(&String::from_utf8_lossy(&page)) {
                Ok(()) => return Ok(()),
                Err(Some(failed)) => tracing::warn!("{}", failed.in_language(self.language)),
                Err(None) => {}
            }
        }
        let mut out = io::stdout().lock();
        out.write_all(&page)?;
        out.flush()
    }
}

/// Where output goes.
enum Sink {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// A terminal on which what is long is read page by page.
    Pages(Pages),
    /// What is no plain file, and is written as it comes.
    Stream(File),
    /// A file beside the one that it becomes once all is in it.
    File(Unfinished),
}

impl Sink {
    fn begin(path: &Path) -> io::Result<Self> {
        let begin = || -> io::Result<Self> {
            // A terminal, a pipe: nothing comes in its place.
            if let Some(stream) = files::stream(path)? {
                return Ok(Self::Stream(stream));
            }
            let there = std::fs::symlink_metadata(path);
            let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            match there {
                Ok(there) if there.is_dir() => refused("it is a folder"),
                Ok(there) if there.is_symlink() && path.is_dir() => refused("it is a folder"),
                Ok(there) if there.is_symlink() => refused("it is a link, and is not followed"),
                _ => Unfinished::begin(path, Readers::Owner).map(Self::File),
            }
        };
        begin().map_err(|error| named(path, &error))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Pages(pages) => pages.page.write(bytes),
            Self::Stream(stream) => stream.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match self {
            Self::Stdout(stdout) => return stdout.flush(),
            Self::Pages(pages) => return pages.show(),
            Self::Stream(stream) => return stream.flush(),
            Self::File(file) => file,
        };
        // What is flushed is whole.
        let put = file.replace();
        put.map(drop).map_err(|error| named(file.path(), &error))
    }
}

/// An error with the file that it is about.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// How much of the output is searched at once, in bytes, if its lines are no longer.
const SEARCHED: usize = 8 << 10;

/// Stdout in whole lines, in which no secret of the site is seen.
pub struct Stdout {
    out: Sink,
    secrets: Secrets,
    /// What was not searched yet.
    held: Vec<u8>,
}

impl Stdout {
    /// Writes the first bytes of what is held.
    fn put(&mut self, length: usize) -> io::Result<()> {
        let rest = self.held.split_off(length);
        let bytes = std::mem::replace(&mut self.held, rest);
        let text = String::from_utf8_lossy(&bytes);
        self.out
            .write_all(self.secrets.hidden_in_data(&text).as_bytes())
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HAS_WRITTEN.fetch_or(!bytes.is_empty(), Ordering::Relaxed);
        if self.held.is_empty() && self.secrets.is_empty() {
            return self.out.write(bytes);
        }
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let end = end.map(|end| self.held.len() + end + 1);
        self.held.extend_from_slice(bytes);
        match end {
            Some(end) if self.held.len() >= SEARCHED => self.put(end)?,
            _ => {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.put(self.held.len())?;
        self.out.flush()
    }
}

impl Drop for Stdout {
    fn drop(&mut self) {
        // Who minds whether it arrives has flushed, and a file that was not flushed is not whole.
        if let Sink::Stdout(_) | Sink::Pages(_) = self.out {
            drop(self.flush());
        }
    }
}

/// Was anything written to stdout, or to the file in its place?
static HAS_WRITTEN: AtomicBool = AtomicBool::new(false);

/// The form of JSON that says why a command failed.
const ERROR_SCHEMA: &str = "tikbook.error/1";

/// Says why a command failed for programs on stdout, where JSON is wanted and none was written: what was written
/// says it already.
///
/// # Errors
/// It cannot be written.
pub fn say_failure(failure: &Failure, look: &Global) -> io::Result<()> {
    let is_lines = look.format == Some(Format::Ndjson);
    let is_wanted = look.json || is_lines || look.format == Some(Format::Json);
    if !is_wanted || HAS_WRITTEN.load(Ordering::Relaxed) {
        return Ok(());
    }
    let said = serde_json::json!({
        "schema": ERROR_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "error": failure.to_json(),
    });
    let mut out = io::stdout().lock();
    match is_lines {
        true => json::line(&mut out, &said)?,
        false => json::pretty(&mut out, &said)?,
    }
    out.flush()
}

/// Shows the text of help: in the pager where it is taller than the terminal.
///
/// # Errors
/// It cannot be written.
pub fn show_help(text: &str, look: &Global, signals: Option<&Signals>) -> io::Result<()> {
    let variables = environment();
    let signals = signals.filter(|_| pages(look, &variables));
    let Some(signals) = signals else {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        return out.flush();
    };
    let mut pages = Pages {
        page: text.as_bytes().to_vec(),
        pager: Arc::new(Pager::of(pager_named(&variables), signals.clone())),
        language: help_sheet(look).language,
    };
    pages.show()
}

/// On what errors are written, once the flags were understood.
fn stderr() -> MutexGuard<'static, Option<Sheet>> {
    static STDERR: Mutex<Option<Sheet>> = Mutex::new(None);
    STDERR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On what errors are written; where flags could not be understood, as `look` says.
pub fn stderr_sheet(look: &Global) -> Sheet {
    *stderr().get_or_insert_with(|| sheet(look, &environment(), io::stderr()))
}

/// On what help is written, as `look` says.
pub fn help_sheet(look: &Global) -> Sheet {
    sheet(look, &environment(), io::stdout())
}

/// The variables of the process; none where they cannot be read, which a command says.
fn environment() -> Variables {
    let sources = Sources::from_process(None, None, Vec::new(), None);
    sources
        .map(|sources| sources.environment)
        .unwrap_or_default()
}

/// What a stream shows: as wide as its terminal, which `COLUMNS` may say otherwise. What is no terminal is
/// read by programs.
fn sheet(global: &Global, variables: &Variables, stream: impl AsFd + IsTerminal) -> Sheet {
    let is_terminal = stream.is_terminal();
    let columns = || {
        let said = variables
            .filled("COLUMNS")
            .and_then(|said| said.trim().parse().ok());
        let known = || {
            rustix::termios::tcgetwinsize(&stream)
                .ok()
                .map(|size| size.ws_col.into())
        };
        said.or_else(known).filter(|columns: &usize| *columns > 0)
    };
    let laid_out = match is_terminal {
        true => Sheet::of_width(columns().unwrap_or(USUAL)),
        false => Sheet::PIPE,
    };
    Sheet {
        color: !global.plain && wants_color(global.color, variables, is_terminal),
        is_plain: global.plain,
        is_detailed: global.verbose > 0,
        ..laid_out
    }
}

fn wants_color(flag: Option<Color>, variables: &Variables, terminal: bool) -> bool {
    match flag {
        Some(Color::Always) => true,
        Some(Color::Never) => false,
        Some(Color::Auto) | None => {
            let is = |name, value| variables.filled(name) == Some(value);
            let is_forced =
                variables.filled("CLICOLOR_FORCE").is_some() && !is("CLICOLOR_FORCE", "0");
            // As https://bixense.com/clicolors and https://no-color.org have it.
            let is_able = terminal && !is("CLICOLOR", "0") && moves(variables);
            variables.filled("NO_COLOR").is_none() && (is_able || is_forced)
        }
    }
}

/// Does the terminal say what it is, and take more than letters?
fn moves(variables: &Variables) -> bool {
    let name = variables.filled("TERM");
    name.is_some_and(|name| name != "dumb")
}

/// Says each of them once, though the flags of one command line may be understood twice.
fn warn(warnings: &[String]) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    for warning in warnings {
        if said.insert(warning.clone()) {
            tracing::warn!("{warning}");
        }
    }
}

fn start_log(global: &Global, variables: &Variables) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let targets = ["tikbook", "script", "routeros_api", "routeros_sim"]
        .into_iter()
        .fold(Targets::new(), |targets, target| {
            targets.with_target(target, level)
        });
    let Sheet { color, width, .. } = sheet(global, variables, io::stderr());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || Log { width })
        .fmt_fields(debug_fn(field).delimited(" "))
        // It would say on a stderr that is gone that stderr is gone, and panic.
        .log_internal_errors(false)
        .with_ansi(color)
        .without_time()
        .with_target(false);
    let log = tracing_subscriber::registry().with(lines).with(targets);
    // A runbook's own flags are understood after the first start, which then stays.
    drop(log.try_init());
}

/// What is said, or a field beside it. An event is one line, whatever a router or a script put into it.
fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let value = format!("{value:?}");
    let value = printable_line(&value);
    match field.name() {
        "message" => writer.write_str(&value),
        name => write!(writer, "{name}={value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_shown_where_they_are_wanted_and_seen() {
        let wants = |given: &[(&str, &str)], terminal| {
            let given = [&("TERM", "xterm")].into_iter().chain(given);
            let given = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            wants_color(None, &Variables::new(given.collect()), terminal)
        };
        for (given, on_terminal, elsewhere) in [
            (&[][..], true, false),
            (&[("TERM", "")], false, false),
            (&[("TERM", "dumb")], false, false),
            (&[("CLICOLOR", "1")], true, false),
            (&[("CLICOLOR", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "0")], true, false),
            (&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true, true),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "")], true, false),
        ] {
            assert_eq!(wants(given, true), on_terminal, "{given:?}");
            assert_eq!(wants(given, false), elsewhere, "{given:?}");
        }
    }
}
