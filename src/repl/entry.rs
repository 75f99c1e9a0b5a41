//! What one line, or one runbook, runs with; and what becomes of its changes: they are made where the
//! session is armed, else kept for `:plan` and `:apply`.

use crate::run::{Cause, Changes, Making, Means, Open, Opening, Outcome};
use change::ChangeError;
use change::planned::{Done, Status};
use change::run::{Run, RunKind, SiteIdentity};
use report::text::table_lines;
use scripting::host::account;
use scripting::host::error::HostError;
use scripting::host::moment::Clock;
use scripting::script::ScriptError;
use scripting::script::trace::{self, Trace};
use site::grant::Grant;
use wording::count::counted;

use super::arming::Arming;
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

impl Console {
    /// What the script `name` with this text runs with until Ctrl-C: it may read what `grant` says,
    /// sees the database as it is now, and makes its changes if `writes` and the session is armed.
    pub(super) fn begin(&self, name: &str, text: &str, grant: Grant, writes: bool) -> Open {
        let arming = self.writing.arming.as_ref().filter(|_| writes);
        let changes = match arming.and_then(|arming| self.making(arming)) {
            Some(making) => Changes::Made(making),
            None => Changes::Planned(self.writing.planned.clone()),
        };
        let opening = Opening {
            run: self.run_of(RunKind::Run, name, Some(text)),
            session: self.session.with_new_snapshot(),
            grant,
            changes,
            means: self.means(),
        };
        opening.open()
    }

    /// What runs of this session have of the process.
    pub(super) fn means(&self) -> Means {
        Means {
            runtime: self.around.runtime.clone(),
            cancel: self.cancel.clone(),
            progress: self.around.progress.clone(),
            clock: Clock::default(),
            own: self.around.own.clone(),
        }
    }

    /// How changes are made under `arming`; nothing where there is no place for a journal.
    pub(super) fn making(&self, arming: &Arming) -> Option<Making> {
        Some(arming.making(self.sites.state_folder()?))
    }

    /// Ends what began. Changes that were only planned are kept if `keep`.
    pub(super) fn end(&mut self, open: Open, keep: bool) -> Outcome {
        let outcome = open.end();
        match (&mut self.writing.arming, outcome.applies) {
            (Some(arming), true) => arming.count(&outcome.changed),
            (None, true) => {}
            (_, false) if keep => self.keep_planned(&outcome.done),
            (_, false) => return outcome,
        }
        self.note_targets(&outcome.done);
        outcome
    }

    /// A run of this session.
    pub(super) fn run_of(&self, kind: RunKind, name: &str, text: Option<&str>) -> Run {
        let site = SiteIdentity::of(&self.session);
        Run::begin(kind, name, text, &self.sites.operator(), site)
    }

    /// Keeps the account of what a line changed, to be shown after its value.
    pub(super) fn tell_changes(&mut self, ended: &Outcome) {
        if let Some(error) = &ended.unfinished {
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

    /// Why a run failed, with its place in a script where there is one.
    pub(super) fn cause(&self, cause: Cause) -> Trace {
        match cause {
            Cause::Script(trace) => trace,
            Cause::Changes(error) => self.refused(error),
            Cause::CutOff => self.traced(HostError::invalid("the changes were cut off")),
        }
    }

    /// An error of a change that no script made.
    pub(super) fn refused(&self, error: ChangeError) -> Trace {
        self.traced(HostError::from(error))
    }

    fn traced(&self, error: HostError) -> Trace {
        trace::of(&self.around.library, "", ScriptError::Host(error))
    }

    fn keep_planned(&mut self, done: &[Done]) {
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
