//! A session in front of somebody: evaluates what he enters, and shows him what comes of it.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::Dynamic;

use crate::failure::Failure;
use crate::run::{self, Open};
use catalogue::Said;
use scripting::host::call::Host;
use scripting::host::error::Kind;
use scripting::script::engine;
use scripting::script::trace::{Class, Trace};
use sentences::{ReplGreeting, ReplNothingKnown};
use site::config::ConfigError;
use site::grant::Grant;

use super::asker::Asker;
use super::screen::Screen;
use super::session::Session;
use super::show;
use super::surroundings::Surroundings;

/// A session, what it shows, and who is asked.
pub struct Console {
    pub(super) session: Session,
    pub(super) screen: Screen,
    pub(super) asker: Asker,
}

impl Console {
    /// A console on the site that was chosen.
    ///
    /// # Errors
    /// The site cannot be used.
    pub fn new(around: Surroundings, asker: Asker) -> Result<Self, ConfigError> {
        let sheet = around.sheet;
        let session = Session::new(around)?;
        Ok(Self {
            screen: Screen::new(sheet, session.sites.secrets().clone()),
            session,
            asker,
        })
    }

    /// The first line on a terminal.
    pub fn greet(&mut self) -> io::Result<()> {
        let site = self.session.sites.site().name.clone();
        let version = env!("CARGO_PKG_VERSION");
        self.say(ReplGreeting { version, site })
    }

    /// Evaluates an input and shows its value.
    pub(super) fn enter(&mut self, input: &str) -> io::Result<()> {
        match self.evaluate(input) {
            Ok(value) if value.is_unit() => Ok(()),
            Ok(value) => self.show(&value),
            Err(trace) => self.fail(trace),
        }
    }

    /// The value of an input, kept as `_`. A connection that was lost is opened again, and the input
    /// evaluated once more.
    pub(super) fn evaluate(&mut self, input: &str) -> Result<Dynamic, Trace> {
        let named = self.session.memory.named(input);
        let before = self.session.memory.mark();
        let mut outcome = self.attempt(&named);
        if let Err(trace) = &outcome
            && trace.class == Class::Host(Kind::Disconnected)
        {
            self.session.memory.forget_since(before);
            self.session.sites.renew();
            tracing::warn!(target: "script", "a connection was lost; it is opened again");
            outcome = self.attempt(&named);
        }
        let value = match outcome {
            Ok(value) => value,
            Err(trace) => {
                self.session.memory.forget_since(before);
                return Err(trace);
            }
        };
        let name = (!value.is_unit()).then(|| self.session.memory.keep(value.clone()));
        self.screen.evaluated(&named, name.as_deref());
        Ok(value)
    }

    /// Writes a line to stdout, and to the transcript.
    pub(super) fn say(&mut self, said: impl Into<Said>) -> io::Result<()> {
        self.screen.say(&said.into())
    }

    /// Shows a value on the clock of the site.
    pub(super) fn show(&mut self, value: &Dynamic) -> io::Result<()> {
        let zone = run::zone(self.session.sites.site());
        self.screen.show(value, &zone)
    }

    /// Shows an error. What could not be reached, or kept somebody waiting, is connected to anew by
    /// the next line.
    pub(super) fn fail(&mut self, trace: Trace) -> io::Result<()> {
        let unreachable = matches!(trace.class, Class::Host(kind) if kind.is_unreachable());
        if unreachable || trace.class == Class::Interrupted {
            self.session.sites.renew();
        }
        self.screen.show_failure(Failure::from(trace))
    }

    /// The documentation of a name.
    pub(super) fn explain(&mut self, name: &str) -> io::Result<()> {
        let width = self.screen.sheet().width;
        let lines = show::documentation(&self.session.pages, name.trim(), width);
        if lines.is_empty() {
            return self.say(ReplNothingKnown { name: name.trim() });
        }
        lines.iter().try_for_each(|line| self.screen.put(line))
    }

    /// Begins a run of the script `name`, as [`Session::begin`], which Ctrl-C ends.
    pub(super) fn begin(&self, name: &str, text: &str, grant: Grant) -> Open {
        let cancel = self.asker.cancel();
        self.session.begin((name, text), grant, cancel)
    }

    /// Evaluates an input once.
    fn attempt(&mut self, input: &str) -> Result<Dynamic, Trace> {
        let name = self.session.memory.next_line();
        let open = self.begin("repl", input, Grant::reading_all());
        let value = self.evaluate_with(&name, input, open.host());
        let number = self.screen.transcript.next_input();
        let ended = self.session.end(open, value.is_ok(), Some(number));
        if value.is_ok() {
            let targets = ended.done.iter().flat_map(|done| done.change.targets());
            let targets = targets.map(|target| target.to_string());
            self.screen.transcript.writes(number, targets);
        }
        value
    }

    fn evaluate_with(
        &mut self,
        name: &str,
        input: &str,
        host: &Rc<Host>,
    ) -> Result<Dynamic, Trace> {
        let library = self.session.library().clone();
        let script = library.from_text(name, input.to_owned());
        let mut engine = engine::runner(&library, host);
        engine.on_print(self.screen.printer());
        let memory = &mut self.session.memory;
        memory.evaluate((&library, &engine), host, &script)
    }
}

/// How long `work` takes, with what it gives.
pub(super) fn timed<Done>(work: impl FnOnce() -> Done) -> (Done, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}
