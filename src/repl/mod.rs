//! The REPL: reads a line, evaluates it on the site, prints the result.

mod asker;
mod candidates;
mod changes;
mod complete;
mod console;
mod directive;
mod helper;
mod history;
mod known;
mod line;
mod memory;
mod screen;
mod secrets;
mod session;
pub mod show;
mod sites;
mod stops;
mod surroundings;
mod syntax;
mod transcript;

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::rc::Rc;

use crate::terminal::pager::Pager;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Behavior, CompletionType, Config, Editor};
use site::config::ConfigError;

pub use surroundings::Surroundings;

use asker::Asker;
use console::Console;
use helper::LineHelper;
use history::History;
use stops::Stops;

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
    let color = surroundings.sheet.color;
    let stops = Rc::new(Stops::new(surroundings.signals.clone(), is_terminal));
    let named = surroundings.sources.environment.filled("PAGER");
    let pager = Pager::of(named, surroundings.signals.clone());
    let asker = Asker::new(is_terminal && std::io::stdout().is_terminal(), pager);
    let console = Console::new(surroundings, asker)?;
    let mut history = History::new(console.session.sites.history());
    let console = Rc::new(RefCell::new(console));
    let mut editor = editor(&console, color, &history, &stops)?;
    if is_terminal {
        console.borrow_mut().greet()?;
    }
    let outcome = lines(&console, &mut editor, &mut history, &stops);
    console.borrow().session.sites.close();
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
        console.borrow_mut().screen.fit(width);
        let prompt = console.borrow().session.prompt();
        stops.wait_for_line()?;
        let read = editor.readline(&prompt);
        let cancel = stops.line();
        match read {
            Ok(line) => {
                let is_secret = secrets::are_in(&line, console.borrow().session.sites.secrets());
                if !is_secret && !line.trim().is_empty() {
                    drop(editor.add_history_entry(line.as_str()));
                    history.add(&line);
                }
                if !line::obey(&mut console.borrow_mut(), &line, cancel.clone())? {
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

fn editor(
    console: &Rc<RefCell<Console>>,
    color: bool,
    history: &History,
    stops: &Rc<Stops>,
) -> Result<Editor<LineHelper, MemHistory>, ReplError> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .behavior(Behavior::Stdio)
        .build();
    let kept = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, kept).map_err(ReplError::Terminal)?;
    editor.set_helper(Some(LineHelper::new(console.clone(), color, stops.clone())));
    for line in history.lines() {
        drop(editor.add_history_entry(line));
    }
    Ok(editor)
}
