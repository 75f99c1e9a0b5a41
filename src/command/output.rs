//! Where output goes and how it looks: stdout is data, stderr is talk.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::{Color, Global};
use crate::terminal::screen::Log;
use report::text::printable_line;
use site::config::{Secrets, Sources, Variables};

/// How this run writes.
pub struct Output {
    /// JSON instead of text.
    pub json: bool,
    /// Colours on stdout.
    pub color: bool,
    /// May progress be shown on stderr?
    pub progress: bool,
    /// What is not to be seen on stdout.
    secrets: Secrets,
}

impl Output {
    /// Understands the flags and NO_COLOR, CLICOLOR_FORCE; starts the log on stderr.
    pub fn of(global: &Global, sources: &Sources) -> Self {
        let variables = &sources.environment;
        start_log(global, variables);
        Self {
            json: global.json,
            color: wants_color(global.color, variables, io::stdout().is_terminal()),
            progress: !global.quiet && io::stderr().is_terminal(),
            secrets: sources.secrets.clone(),
        }
    }

    /// Stdout, buffered.
    pub fn stdout(&self) -> Stdout {
        Stdout {
            out: BufWriter::new(io::stdout().lock()),
            secrets: self.secrets.clone(),
            held: Vec::new(),
        }
    }
}

/// How much of the output is searched at once, in bytes, if its lines are no longer.
const SEARCHED: usize = 8 << 10;

/// Stdout in whole lines, in which no secret of the site is seen.
pub struct Stdout {
    out: BufWriter<StdoutLock<'static>>,
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
        // Who minds whether it arrives has flushed.
        drop(self.flush());
    }
}

/// Are errors on stderr shown with colours? Asked where flags may not have been understood yet.
pub fn stderr_color() -> bool {
    let variables = Sources::from_process(None, None, Vec::new(), None)
        .map(|sources| sources.environment)
        .unwrap_or_default();
    wants_color(None, &variables, io::stderr().is_terminal())
}

fn wants_color(flag: Option<Color>, variables: &Variables, terminal: bool) -> bool {
    match flag {
        Some(Color::Always) => true,
        Some(Color::Never) => false,
        Some(Color::Auto) | None => {
            let forced = variables
                .filled("CLICOLOR_FORCE")
                .is_some_and(|value| value != "0");
            variables.filled("NO_COLOR").is_none() && (terminal || forced)
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
    let color = wants_color(global.color, variables, io::stderr().is_terminal());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| Log)
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
