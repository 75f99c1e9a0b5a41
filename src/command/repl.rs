//! `tikbook repl`: lines evaluated on a site, one by one.

use std::rc::Rc;

use engine::OwnSenders;
use sentences::{FailureNoTerminal, FailureSessionStopped};

use crate::cli::Global;
use crate::failure::{Code, Failure};
use crate::repl::{self, ReplError, Surroundings};
use crate::signals::Signals;

use super::progress::Line;
use super::{Setting, runtime};

/// Reads lines until Ctrl-D.
///
/// # Errors
/// The site is not described well, or the terminal cannot be used.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let runtime = runtime::start()?;
    let outcome = repl::run(Surroundings {
        library: setting.library,
        runtime: runtime.clone(),
        sources: setting.sources,
        progress: Rc::new(Line::new(
            setting.output.progress,
            setting.output.errors.language,
        )),
        sheet: setting.output.sheet,
        signals: signals.clone(),
        own: None,
        services: OwnSenders::default(),
    });
    drop(runtime);
    match outcome {
        Ok(()) => Ok(Code::Done),
        Err(ReplError::Output(error)) => Err(error.into()),
        Err(ReplError::Site(error)) => Err(error.into()),
        Err(ReplError::Stopped) => Err(Failure::new(
            Code::Interrupted,
            "interrupted",
            FailureSessionStopped,
        )),
        Err(ReplError::Terminal(error)) => {
            Err(Failure::new(Code::Failed, "repl", FailureNoTerminal).caused_by(&error))
        }
    }
}
