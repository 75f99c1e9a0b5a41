//! A run from its opening to its end: what it may do, the planner of its changes, the host of its script,
//! and at the end a value that says what became of it. Every way to run something comes through here:
//! the command line, the lines of a REPL, the tests of scripts.

mod applying;
mod frame;
mod outcome;
mod proposal;
mod runbook;

use std::any::Any;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use rhai::{Dynamic, Map};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use engine::OwnSenders;
use journal::JournalledRows;
use journal::run::Run;
use plan::change::Change;
use plan::outcome::Done;
use planning::Planner;
use report::Report;
use scripting::host::call::Host;
use scripting::host::measured::Measured;
use scripting::host::moment::Clock;
use scripting::host::read::Progress;
use scripting::script::header::Header;
use scripting::script::library::{Library, Script};
use scripting::script::{self, Ended, ScriptError, trace};
use session::Session;
use site::grant::Grant;

pub use applying::{
    Agreed, Applying, Confirm, LOCK_WAIT, PlannedAgain, Runs, UNATTENDED_LOCK_WAIT, Work,
};
pub use frame::{frame, moment, zone};
pub use outcome::{Cause, Outcome};
pub use proposal::{Proposal, settled};
pub use runbook::Runbook;

/// What a run is opened with.
#[derive(Clone)]
pub struct Opening {
    /// Which run it is.
    pub run: Run,
    /// The connections.
    pub session: Session,
    /// What it may read and write.
    pub grant: Grant,
    /// The changes that were planned before, after which its own come.
    pub planned: Vec<Done>,
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
    /// Says nothing that its script says: it has been said.
    pub is_quiet: bool,
    /// What it takes for the present time.
    pub clock: Clock,
    /// The folder of journals, where there is one.
    pub journals: Option<PathBuf>,
    /// What the primitives of an embedding program need.
    pub own: Option<Rc<dyn Any>>,
    /// The services of an embedding program.
    pub services: OwnSenders,
    /// What was measured when it was planned before.
    pub measured: Measured,
    /// When it was planned first, where that was before it began.
    pub planned_at: Option<Timestamp>,
}

/// A run that was opened and has not ended.
pub struct Open {
    run: Run,
    session: Session,
    host: Rc<Host>,
    runtime: Handle,
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
    /// When the run was planned first: now, where it was not planned before.
    fn planned_at(&self) -> Timestamp {
        self.means
            .planned_at
            .unwrap_or_else(|| match &self.means.clock {
                Clock::System => self.run.started,
                standing => standing.now(),
            })
    }

    /// Opens the run. No connection is made, and nothing is written before its first change.
    pub fn open(self) -> Open {
        let planned_at = self.planned_at();
        let Self {
            run,
            session,
            grant,
            planned,
            means,
        } = self;
        let services = means.services.plans();
        let own = JournalledRows::of(means.journals, &session.site().name);
        let planner = Planner::new(
            session.clone(),
            grant.clone(),
            &planned,
            (Arc::new(own), services),
        );
        let runtime = means.runtime.clone();
        let host = Host::new(
            session.clone(),
            grant,
            planner,
            means.runtime,
            means.cancel,
            means.progress,
        );
        let is_second = means.is_quiet;
        let measurements = means.measured.of_planning(is_second);
        let host = host
            .planning(measurements, planned_at)
            .with_clock(means.clock);
        let host = match means.is_quiet {
            true => host.quiet(),
            false => host,
        };
        Open {
            run,
            session,
            host: Rc::new(match means.own {
                Some(own) => host.with_own(own),
                None => host,
            }),
            runtime,
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
        self.ended(library, script, ended);
    }

    /// Runs what a runbook does after its changes were applied; without an `after` the report is the
    /// one of its `run`.
    pub fn evaluate_after(
        &mut self,
        library: &Library,
        script: &Script,
        args: Map,
        (done, report): (&[Done], Report),
    ) {
        let ended = script::after(library, &self.host, script, args, (done, report));
        self.ended(library, script, ended);
    }

    fn ended(&mut self, library: &Library, script: &Script, ended: Ended) {
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

    /// Plans changes that no script asks for: those of a plan, or of an undo. Why they could not be
    /// planned is in the outcome.
    pub fn submit(&mut self, changes: Vec<Change>) {
        let submitted = self.runtime.block_on(self.host.planner().submit(changes));
        self.failure = submitted.err().map(Cause::Changes);
    }

    /// Ends the run, and what its session still has to do with the site.
    pub fn close(self) -> Outcome {
        let (runtime, session) = (self.runtime.clone(), self.session.clone());
        let outcome = self.end();
        runtime.block_on(session.close());
        outcome
    }

    /// Ends the run. Its session goes on.
    pub fn end(self) -> Outcome {
        let planner = self.host.planner();
        let mut failure = self.failure;
        self.runtime.block_on(async {
            // Of a script that failed, what it had asked for until then.
            if !self.host.is_cancelled() {
                let unplanned = planner.judge().await.into_values();
                let error = unplanned.filter_map(Result::err).next();
                failure = failure.or(error.map(Cause::Changes));
            }
            let (done, radius) = planner.done().await;
            Outcome {
                run: self.run,
                report: self.report,
                failure,
                applies: false,
                done,
                radius,
                unfinished: None,
            }
        })
    }
}
