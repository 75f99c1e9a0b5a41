//! What one line, or one runbook, runs with; and what becomes of its changes: they are made where the
//! session is armed, else kept for `:plan` and `:apply`.

use std::rc::Rc;

use tokio_util::sync::CancellationToken;

use change::planned::{Done, Status};
use change::run::{Run, RunKind, SiteIdentity};
use change::{ChangeError, Gate};
use report::text::table_lines;
use scripting::host::account;
use scripting::host::call::Host;
use scripting::host::error::HostError;
use scripting::script::ScriptError;
use scripting::script::trace::{self, Trace};
use site::grant::Grant;
use wording::count::counted;

use super::arming::{Arming, Means, Writer};
use super::console::Console;

/// How many changes of a line are shown.
const SHOWN: usize = 20;

/// The changes of a session.
#[derive(Default)]
pub struct Writing {
    /// Those that lines planned on this site.
    pub planned: Vec<Done>,
    /// The leave to make them at once.
    pub arming: Option<Arming>,
    /// What is still to be said about those that were made.
    pub told: Vec<String>,
}

/// What one line or runbook runs with.
pub struct Entry {
    /// The door to the site.
    pub host: Rc<Host>,
    run: Run,
    writer: Option<Writer>,
}

/// The end of one line or runbook.
pub struct Ended {
    /// Which run it was.
    pub run: Run,
    /// Were its changes to be made?
    pub applies: bool,
    /// Its changes with what became of them.
    pub done: Vec<Done>,
    /// Its journal could not be ended.
    pub error: Option<ChangeError>,
}

impl Console {
    /// What the script `name` with this text runs with until Ctrl-C: it may read what `grant` says,
    /// sees the database as it is now, and makes its changes if `writes` and the session is armed.
    pub(super) fn begin(&self, name: &str, text: &str, grant: Grant, writes: bool) -> Entry {
        let session = self.session.with_new_snapshot();
        let cancel = self.cancel.clone();
        let run = self.run_of(RunKind::Run, name, Some(text));
        let arming = self.writing.arming.as_ref().filter(|_| writes);
        let grant = match arming {
            Some(_) => grant.applying(),
            None => grant,
        };
        let planning = Gate::planning_after(session.clone(), grant.clone(), &self.writing.planned);
        let host = Host::new(
            session,
            grant.clone(),
            self.around.runtime.clone(),
            cancel.clone(),
            (self.around.progress)(),
        );
        let host = match &self.around.own {
            Some(own) => host.with_own(own.clone()),
            None => host,
        };
        let writer = arming.and_then(|arming| self.writer(arming, run.clone(), grant, cancel));
        Entry {
            host: Rc::new(match &writer {
                Some(writer) => host.with_gate(writer.gate.clone()),
                None => host.with_gate(planning),
            }),
            run,
            writer,
        }
    }

    /// Ends what began. Changes that were only planned are kept if `keep`.
    pub(super) fn end(&mut self, entry: Entry, keep: bool) -> Ended {
        let runtime = self.around.runtime.clone();
        let Some(writer) = entry.writer else {
            let done = runtime.block_on(entry.host.gate().done());
            if keep {
                self.keep_planned(&done);
            }
            return Ended {
                run: entry.run,
                applies: false,
                done,
                error: None,
            };
        };
        self.close(writer)
    }

    /// Ends a run that carried changes out.
    pub(super) fn close(&mut self, writer: Writer) -> Ended {
        let runtime = self.around.runtime.clone();
        if let Some(arming) = &mut self.writing.arming {
            runtime.block_on(arming.count(&writer.gate));
        }
        let run = writer.run.clone();
        let (done, ended) = runtime.block_on(writer.close());
        self.note_targets(&done);
        Ended {
            run,
            applies: true,
            done,
            error: ended.err(),
        }
    }

    /// A door for changes under `arming`; nothing where there is no place for a journal.
    pub(super) fn writer(
        &self,
        arming: &Arming,
        run: Run,
        grant: Grant,
        cancel: CancellationToken,
    ) -> Option<Writer> {
        let means = Means {
            session: &self.session,
            runtime: &self.around.runtime,
            state_folder: self.around.state_folder.clone()?,
            cancel: &cancel,
        };
        Some(Writer::open(arming, run, grant, &means))
    }

    /// A run of this session.
    pub(super) fn run_of(&self, kind: RunKind, name: &str, text: Option<&str>) -> Run {
        let site = SiteIdentity::of(&self.session);
        Run::begin(kind, name, text, &self.around.operator, site)
    }

    /// Keeps the account of what a line changed, to be shown after its value.
    pub(super) fn tell_changes(&mut self, ended: &Ended) {
        if let Some(error) = &ended.error {
            self.writing.told.push(format!("error: {error}"));
        }
        if !ended.applies || ended.done.is_empty() {
            return;
        }
        let made = account::count(&ended.done, Status::Applied);
        if made < ended.done.len() {
            let table = account::table(&ended.done, SHOWN);
            let lines = table_lines(&table, self.width);
            self.writing.told.extend(lines);
        }
        let of = match ended.done.len() {
            all if all == made => String::new(),
            all => format!(" of {all}"),
        };
        let made = counted(made, "change");
        let id = &ended.run.id;
        let told = format!("{made}{of} made, run {id}; :undo takes it back");
        self.writing.told.push(told);
    }

    /// An error of a change that no script made.
    pub(super) fn refused(&self, error: ChangeError) -> Trace {
        let error = ScriptError::Host(HostError::from(error));
        trace::of(&self.around.library, "", error)
    }

    fn keep_planned(&mut self, done: &[Done]) {
        self.note_targets(done);
        let planned = done
            .iter()
            .filter(|done| done.outcome.status == Status::Planned);
        self.writing.planned.extend(planned.cloned());
    }

    /// A saved session declares what it writes.
    fn note_targets(&mut self, done: &[Done]) {
        for target in done.iter().flat_map(|done| done.change.targets()) {
            self.transcript.wrote(target.to_string());
        }
    }
}
