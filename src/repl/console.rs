//! A session in front of somebody: evaluates what he enters, and shows him what comes of it.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::Dynamic;

use crate::failure::Failure;
use crate::run::{Open, Outcome};
use crate::terminal::question::{Answer, No};
use change::planned::Status;
use report::text::table_lines;
use scripting::host::account;
use scripting::host::call::Host;
use scripting::host::error::Kind;
use scripting::script::engine;
use scripting::script::trace::{Class, Trace};
use site::config::ConfigError;
use site::grant::Grant;
use wording::count::counted;

use super::asker::Asker;
use super::screen::Screen;
use super::session::Session;
use super::show;
use super::surroundings::Surroundings;

/// How many changes of a line are shown.
const SHOWN: usize = 20;

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
        let color = around.color;
        let session = Session::new(around)?;
        Ok(Self {
            screen: Screen::new(color, session.sites.secrets().clone()),
            session,
            asker,
        })
    }

    /// The first line on a terminal.
    pub fn greet(&mut self) -> io::Result<()> {
        self.say(&format!(
            "tikbook {}, site {}. :help shows what there is, Ctrl-D leaves.",
            env!("CARGO_PKG_VERSION"),
            self.session.sites.site().name
        ))
    }

    /// Evaluates an input and shows its value.
    pub(super) fn enter(&mut self, input: &str) -> io::Result<()> {
        match self.evaluate(input) {
            Ok(value) if value.is_unit() => Ok(()),
            Ok(value) => self.screen.show(&value),
            Err(trace) => self.fail(trace),
        }
    }

    /// Asks the operator; what is no clear yes is a no.
    pub(super) fn ask(&mut self, question: &str) -> io::Result<bool> {
        let answer = self.asker.ask(question);
        let yes = answer == Answer::Yes;
        let word = if yes { "y" } else { "n" };
        self.screen.answered(question, word);
        match answer {
            Answer::No(no) if no != No::Said => self.say(&no.to_string())?,
            Answer::Yes | Answer::No(_) | Answer::Stopped => {}
        }
        Ok(yes)
    }

    /// The value of an input, kept as `_`. A connection that was lost is opened again, and the input
    /// evaluated once more if it changed nothing.
    pub(super) fn evaluate(&mut self, input: &str) -> Result<Dynamic, Trace> {
        let named = self.session.memory.named(input);
        let before = self.session.memory.mark();
        let (mut outcome, changed) = self.attempt(&named);
        if let Err(trace) = &outcome
            && trace.class == Class::Host(Kind::Disconnected)
            && !changed
        {
            self.session.memory.forget_since(before);
            self.session.sites.renew();
            tracing::warn!(target: "script", "a connection was lost; it is opened again");
            (outcome, _) = self.attempt(&named);
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
    pub(super) fn say(&mut self, line: &str) -> io::Result<()> {
        self.screen.say(line)
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
        let lines = show::documentation(&self.session.pages, name.trim());
        if lines.is_empty() {
            return self.say(&format!("nothing is known about `{}`", name.trim()));
        }
        lines.iter().try_for_each(|line| self.say(line))
    }

    /// Begins a run of the script `name`, as [`Session::begin`], which Ctrl-C ends.
    pub(super) fn begin(&self, name: &str, text: &str, grant: Grant, writes: bool) -> Open {
        let cancel = self.asker.cancel();
        self.session.begin((name, text), grant, writes, cancel)
    }

    /// Ends what began, as [`Session::end`]. A saved session declares what it writes.
    pub(super) fn end(&mut self, open: Open, keep: bool) -> Outcome {
        let outcome = self.session.end(open, keep);
        if outcome.applies || keep {
            let written = outcome.done.iter().flat_map(|done| done.change.targets());
            written.for_each(|target| self.screen.transcript.wrote(target.to_string()));
        }
        outcome
    }

    /// Evaluates an input once; says as well whether it changed anything.
    fn attempt(&mut self, input: &str) -> (Result<Dynamic, Trace>, bool) {
        let name = self.session.memory.next_line();
        let open = self.begin("repl", input, Grant::reading_all().writing_anything(), true);
        let outcome = self.evaluate_with(&name, input, open.host());
        let ended = self.end(open, outcome.is_ok());
        self.tell_changes(&ended);
        (outcome, ended.applies && !ended.done.is_empty())
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

    /// Keeps the account of what a line changed, to be shown after its value.
    fn tell_changes(&mut self, ended: &Outcome) {
        if let Some(error) = &ended.unfinished {
            self.screen.say_later(format!("error: {error}"));
        }
        if !ended.applies || ended.done.is_empty() {
            return;
        }
        let made = account::count(&ended.done, Status::Applied);
        if made < ended.done.len() {
            let table = account::table(&ended.done, SHOWN);
            let lines = table_lines(&table, self.screen.width());
            lines
                .into_iter()
                .for_each(|line| self.screen.say_later(line));
        }
        let of = match ended.done.len() {
            all if all == made => String::new(),
            all => format!(" of {all}"),
        };
        let made = counted(made, "change");
        let id = &ended.run.id;
        let told = format!("{made}{of} made, run {id}; :undo takes it back");
        self.screen.say_later(told);
    }
}

/// How long `work` takes, with what it gives.
pub(super) fn timed<Done>(work: impl FnOnce() -> Done) -> (Done, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}
