//! A run from its opening to its end: what it may do, the gate for its changes, the host of its script,
//! and at the end a value that says what became of it. Every way to run something comes through here:
//! the command line, the lines of a REPL, the tests of scripts.

mod changes;
mod outcome;
mod runbook;

use std::any::Any;
use std::rc::Rc;

use rhai::{Dynamic, Map};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use change::planned::Change;
use change::run::Run;
use report::Report;
use scripting::host::call::Host;
use scripting::host::moment::Clock;
use scripting::host::read::Progress;
use scripting::script::header::Header;
use scripting::script::library::{Library, Script};
use scripting::script::{self, ScriptError, trace};
use session::Session;
use site::grant::Grant;

pub use changes::{Changes, Making};
pub use outcome::{Cause, Outcome};
pub use runbook::Runbook;

/// What a run is opened with.
pub struct Opening {
    /// Which run it is.
    pub run: Run,
    /// The connections.
    pub session: Session,
    /// What it may read and write.
    pub grant: Grant,
    /// What becomes of its changes.
    pub changes: Changes,
    /// What it has of the process.
    pub means: Means,
}

/// What a run has of the process that runs it.
#[derive(Clone)]
pub struct Means {
    /// Where its reads and writes run.
    pub runtime: Handle,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Shows what it waits for.
    pub progress: Rc<dyn Progress>,
    /// What it takes for the present time.
    pub clock: Clock,
    /// What the primitives of an embedding program need.
    pub own: Option<Rc<dyn Any>>,
}

/// A run that was opened and has not ended.
pub struct Open {
    run: Run,
    session: Session,
    host: Rc<Host>,
    runtime: Handle,
    /// Shuts the gate in time, where it is not to stay open as long as the run lasts.
    shutting: Option<AbortHandle>,
    report: Report,
    failure: Option<Cause>,
}

/// What the header of a runbook declares.
pub fn declared(header: &Header) -> Grant {
    Grant::reading(header.reads.iter().copied()).writing(header.writes.clone())
}

/// What these changes need, and nothing else.
pub fn needed(changes: &[Change]) -> Grant {
    Grant::default().writing(changes.iter().flat_map(Change::targets))
}

impl Opening {
    /// Opens the run. No connection is made, and nothing is written before its first change.
    pub fn open(self) -> Open {
        let Self {
            run,
            session,
            grant,
            changes,
            means,
        } = self;
        let grant = changes.grant(grant);
        let (gate, shutting) = changes.gate(&run, &session, &grant, &means);
        let runtime = means.runtime.clone();
        let host = Host::new(
            session.clone(),
            grant,
            gate,
            means.runtime,
            means.cancel,
            means.progress,
        );
        let host = host.with_clock(means.clock);
        Open {
            run,
            session,
            host: Rc::new(match means.own {
                Some(own) => host.with_own(own),
                None => host,
            }),
            runtime,
            shutting,
            report: Report::default(),
            failure: None,
        }
    }
}

impl Open {
    /// What its script reaches the site through.
    pub fn host(&self) -> &Rc<Host> {
        &self.host
    }

    /// Runs a runbook. Its report, and why it failed, are in the outcome.
    pub fn evaluate(&mut self, library: &Library, script: &Script, args: Map) {
        let ended = script::run(library, &self.host, script, args);
        self.report = ended.report;
        self.failure = ended
            .error
            .map(|error| Cause::Script(trace::of(library, &script.source, error)));
    }

    /// Has it failed so far?
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The value of a script without a header. No read is left behind whose failure would come up
    /// later.
    ///
    /// # Errors
    /// As the script fails.
    pub fn value(&self, library: &Library, script: &Script) -> Result<Dynamic, trace::Trace> {
        script::evaluate(library, &self.host, script)
            .and_then(|value| {
                self.host.settle().map_err(ScriptError::Host)?;
                Ok(value)
            })
            .map_err(|error| trace::of(library, &script.source, error))
    }

    /// Submits changes that no script asks for: those of a plan, or of an undo. Why they could not be
    /// made is in the outcome.
    pub fn submit(&mut self, changes: Vec<Change>) {
        let gate = self.host.gate().clone();
        // On a thread of the runtime, as a question to the operator may hold it up.
        let submitted = self
            .runtime
            .spawn(async move { gate.submit(changes).await.map(drop) });
        self.failure = match self.runtime.block_on(submitted) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Cause::Changes(error)),
            Err(_) => Some(Cause::CutOff),
        };
    }

    /// Ends the run: its journal, its locks. Its session goes on.
    pub fn end(self) -> Outcome {
        if let Some(shutting) = self.shutting {
            shutting.abort();
        }
        let gate = self.host.gate();
        self.runtime.block_on(async {
            let done = gate.done().await;
            let unfinished = gate.end().await.err();
            Outcome {
                run: self.run,
                report: self.report,
                failure: self.failure,
                applies: gate.applies(),
                done,
                changed: gate.changed().await,
                beyond: gate.radius().await.err(),
                unfinished,
            }
        })
    }

    /// Ends the run, and what its session still has to do with the site.
    pub fn close(self) -> Outcome {
        let (runtime, session) = (self.runtime.clone(), self.session.clone());
        let outcome = self.end();
        runtime.block_on(session.close());
        outcome
    }
}
