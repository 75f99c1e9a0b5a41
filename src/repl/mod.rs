//! The REPL: reads a line, evaluates it on the site, prints the result.

mod arming;
mod changes;
mod complete;
mod console;
mod directive;
mod entry;
mod helper;
mod history;
mod known;
mod secrets;
pub mod show;
mod sites;
mod syntax;
mod transcript;

use std::any::Any;
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::rc::Rc;
use std::time::Duration;

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Behavior, CompletionType, Config, Editor};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::signals::Signals;
use crate::terminal::mode::{self, Mode};
use scripting::host::read::Progress;
use scripting::script::library::Library;
use site::config::{ConfigError, Sources};

use console::Console;
use helper::LineHelper;
use history::History;

/// What a REPL needs from outside.
pub struct Surroundings {
    /// The scripts it can import and run.
    pub library: Library,
    /// Where reads run.
    pub runtime: Handle,
    /// Where its sites are described, and which of them was chosen.
    pub sources: Sources,
    /// Shows what is being waited for.
    pub progress: Rc<dyn Progress>,
    /// Colours on stdout.
    pub color: bool,
    /// What stops a line, and the session.
    pub signals: Signals,
    /// What an embedding program's own primitives need.
    pub own: Option<Rc<dyn Any>>,
}

impl Surroundings {
    /// Plain surroundings for an embedding program: no colours, no progress. Without an environment
    /// in `sources` there is no history either, and no journal, so that nothing can be changed.
    pub fn new(library: Library, runtime: Handle, sources: Sources) -> Self {
        Self {
            signals: Signals::of_interrupts(&runtime),
            library,
            runtime,
            sources,
            progress: Rc::new(Silent),
            color: false,
            own: None,
        }
    }

    /// The same with something that the program's own primitives take by
    /// [`Host::own`](scripting::host::call::Host::own).
    #[must_use]
    pub fn with_own(mut self, own: Rc<dyn Any>) -> Self {
        self.own = Some(own);
        self
    }
}

/// Shows nothing of a wait.
struct Silent;

impl Progress for Silent {
    fn waiting(&self, _: &str, _: Duration) {}
    fn done(&self) {}
}

/// Why a REPL ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplError {
    /// The site that was chosen cannot be used.
    #[error(transparent)]
    Site(#[from] ConfigError),
    /// The terminal cannot be used.
    #[error("cannot use the terminal")]
    Terminal(#[source] ReadlineError),
    /// A signal ended it.
    #[error("the session was stopped")]
    Stopped,
    /// Stdout cannot be written to.
    #[error("cannot write to stdout")]
    Output(#[from] std::io::Error),
}

/// Reads lines until Ctrl-D or `:quit`.
///
/// # Errors
/// The terminal or stdout cannot be used. A line that fails is shown, and the next one is read.
pub fn run(surroundings: Surroundings) -> Result<(), ReplError> {
    let is_terminal = std::io::stdin().is_terminal();
    let color = surroundings.color;
    let stops = Stops::new(&surroundings, is_terminal);
    let mut console = Console::new(surroundings)?;
    let mut history = History::new(console.sites.history());
    console.asks = is_terminal && std::io::stdout().is_terminal();
    let console = Rc::new(RefCell::new(console));
    let mut editor = editor(&console, color, &history)?;
    if is_terminal {
        console.borrow_mut().greet()?;
    }
    let outcome = lines(&console, &mut editor, &mut history, &stops);
    console.borrow().leave();
    match outcome {
        // Nothing can be written to a terminal that is gone, and that is not why the session ends.
        Err(_) if stops.ended() => Err(ReplError::Stopped),
        outcome => outcome,
    }
}

/// Reads and evaluates lines until one says that it was the last.
fn lines(
    console: &Rc<RefCell<Console>>,
    editor: &mut Editor<LineHelper, MemHistory>,
    history: &mut History,
    stops: &Stops,
) -> Result<(), ReplError> {
    loop {
        let width = editor.dimensions().map(|(columns, _)| columns);
        console.borrow_mut().fit(width);
        let prompt = console.borrow().prompt();
        stops.wait_for_line()?;
        let read = editor.readline(&prompt);
        let cancel = stops.run_line();
        match read {
            Ok(line) => {
                if !console.borrow().sites.secrets().are_in(&line) && !line.trim().is_empty() {
                    drop(editor.add_history_entry(line.as_str()));
                    history.add(&line);
                }
                if !console.borrow_mut().line(&line, cancel.clone())? {
                    return Ok(());
                }
                std::io::stdout().flush()?;
                stops.after_line(&cancel)?;
            }
            // Ctrl-C takes the line that was being typed away, and nothing else.
            Err(ReadlineError::Interrupted) => {}
            // Only now: the signal that says so may come after the end of what can be read.
            Err(_) if stops.ended() => return Err(ReplError::Stopped),
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(ReplError::Terminal(error)),
        }
    }
}

/// What a signal means while the session waits for a line.
struct Stops {
    signals: Signals,
    is_terminal: bool,
}

impl Stops {
    fn new(surroundings: &Surroundings, is_terminal: bool) -> Self {
        let stops = Self {
            signals: surroundings.signals.clone(),
            is_terminal,
        };
        // Until the first prompt SIGINT has no line to end, and yet leaves the session.
        drop(stops.run_line());
        stops
    }

    /// What stops the line that runs now. Lines of a program end with it, those of a person one by one.
    fn run_line(&self) -> CancellationToken {
        match self.is_terminal {
            true => self.signals.line(),
            false => self.signals.run(),
        }
    }

    fn after_line(&self, cancel: &CancellationToken) -> Result<(), ReplError> {
        if self.is_terminal {
            return Ok(());
        }
        // First this: a signal that comes between the two must end the process or be seen here.
        self.signals.release();
        match cancel.is_cancelled() {
            true => Err(ReplError::Stopped),
            false => Ok(()),
        }
    }

    /// Says that a line is waited for, unless the session was asked to end.
    fn wait_for_line(&self) -> Result<(), ReplError> {
        match self.is_terminal {
            true => {
                let mode = Mode::of_stdin();
                self.signals.prompt(move || mode.restore());
            }
            false => self.signals.release(),
        }
        match self.signals.ended() {
            true => Err(ReplError::Stopped),
            false => Ok(()),
        }
    }

    /// Was the session asked to end, or is the terminal gone that it is on?
    fn ended(&self) -> bool {
        self.signals.ended() || (self.is_terminal && mode::is_gone(std::io::stdin()))
    }
}

fn editor(
    console: &Rc<RefCell<Console>>,
    color: bool,
    history: &History,
) -> Result<Editor<LineHelper, MemHistory>, ReplError> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .behavior(Behavior::Stdio)
        .build();
    let kept = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, kept).map_err(ReplError::Terminal)?;
    editor.set_helper(Some(LineHelper::new(console.clone(), color)));
    for line in history.lines() {
        drop(editor.add_history_entry(line));
    }
    Ok(editor)
}
