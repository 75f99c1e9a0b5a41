//! What lines run on and leave for the next: the site, the changes, the variables; and how one line, or
//! one runbook, is run. Its changes are made where the session is armed, else kept for `:plan` and
//! `:apply`.

use std::time::Duration;

use rhai::Engine;
use tokio_util::sync::CancellationToken;

use crate::run::{Cause, Changes, Making, Means, Open, Opening, Outcome};
use change::ChangeError;
use change::planned::{Done, Status};
use change::run::{Run, RunKind, SiteIdentity};
use scripting::host::docs::{self, Page};
use scripting::host::error::HostError;
use scripting::host::moment::Clock;
use scripting::script::library::Library;
use scripting::script::trace::{self, Trace};
use scripting::script::{ScriptError, engine};
use site::config::ConfigError;
use site::grant::Grant;
use wording::duration;

use super::arming::Arming;
use super::memory::Memory;
use super::sites::Sites;
use super::surroundings::Surroundings;
use super::syntax;

/// What lines run on, and leave for the next.
pub struct Session {
    pub(super) around: Surroundings,
    pub(super) sites: Sites,
    pub(super) memory: Memory,
    /// What lines change on this site, or are to change.
    pub(super) writing: Writing,
    pub(super) pages: Vec<Page>,
    /// For looking at inputs, not for running them.
    pub(super) compiler: Engine,
}

/// The changes of a session.
#[derive(Default)]
pub struct Writing {
    /// Those that lines planned on this site.
    pub planned: Vec<Done>,
    /// The leave to make them at once.
    pub arming: Option<Arming>,
}

impl Session {
    /// A session on the site that was chosen.
    ///
    /// # Errors
    /// The site cannot be used.
    pub fn new(around: Surroundings) -> Result<Self, ConfigError> {
        Ok(Self {
            sites: Sites::of(around.sources.clone(), &around.runtime)?,
            memory: Memory::default(),
            writing: Writing::default(),
            pages: docs::pages_of(around.library.namespaces()),
            compiler: engine::compiler(&around.library),
            around,
        })
    }

    /// The site and the mode: read-only, or how long lines may change the site yet.
    pub fn prompt(&self) -> String {
        let site = &self.sites.site().name;
        match self.armed_for() {
            // What is left of a second is still there.
            Some(left) => {
                let seconds = u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
                let left = duration::text(Duration::from_secs(seconds));
                format!("{site} armed {left}> ")
            }
            None => format!("{site} read-only> "),
        }
    }

    /// How long lines may change the site yet, if they may.
    pub fn armed_for(&self) -> Option<Duration> {
        let arming = self.writing.arming.as_ref()?;
        Some(arming.left()).filter(|left| !left.is_zero())
    }

    /// The scripts of the session.
    pub fn library(&self) -> &Library {
        &self.around.library
    }

    /// Does the input want another line?
    pub fn is_incomplete(&self, input: &str) -> bool {
        let is_directive = input.trim_start().starts_with(':');
        !is_directive && syntax::is_incomplete(&self.compiler, &self.memory.named(input))
    }

    /// Goes on with the site of this name; variables stay.
    ///
    /// # Errors
    /// The site cannot be used.
    pub fn change_site(&mut self, name: &str) -> Result<(), ConfigError> {
        self.sites.go_to(name)?;
        self.writing = Writing::default();
        Ok(())
    }

    /// What the script `name` with this text runs with until `cancel`: it may read what `grant` says,
    /// sees the database as it is now, and makes its changes if `writes` and the session is armed.
    pub fn begin(
        &self,
        (name, text): (&str, &str),
        grant: Grant,
        writes: bool,
        cancel: &CancellationToken,
    ) -> Open {
        let arming = self.writing.arming.as_ref().filter(|_| writes);
        let changes = match arming.and_then(|arming| self.making(arming)) {
            Some(making) => Changes::Made(making),
            None => Changes::Planned(self.writing.planned.clone()),
        };
        let opening = Opening {
            run: self.run_of(RunKind::Run, name, Some(text)),
            session: self.sites.connections().with_new_snapshot(),
            grant,
            changes,
            means: self.means(cancel),
        };
        opening.open()
    }

    /// What runs of this session have of the process.
    pub fn means(&self, cancel: &CancellationToken) -> Means {
        Means {
            runtime: self.around.runtime.clone(),
            cancel: cancel.clone(),
            progress: self.around.progress.clone(),
            clock: Clock::default(),
            own: self.around.own.clone(),
        }
    }

    /// How changes are made under `arming`; nothing where there is no place for a journal.
    pub fn making(&self, arming: &Arming) -> Option<Making> {
        Some(arming.making(self.sites.state_folder()?))
    }

    /// Ends what began. Changes that were only planned are kept if `keep`.
    pub fn end(&mut self, open: Open, keep: bool) -> Outcome {
        let outcome = open.end();
        match (&mut self.writing.arming, outcome.applies) {
            (Some(arming), true) => arming.count(&outcome.changed),
            (None, true) => {}
            (_, false) if keep => self.keep_planned(&outcome.done),
            (_, false) => {}
        }
        outcome
    }

    /// A run of this session.
    pub fn run_of(&self, kind: RunKind, name: &str, text: Option<&str>) -> Run {
        let site = SiteIdentity::of(self.sites.connections());
        Run::begin(kind, name, text, &self.sites.operator(), site)
    }

    /// Why a run failed, with its place in a script where there is one.
    pub fn cause(&self, cause: Cause) -> Trace {
        match cause {
            Cause::Script(trace) => trace,
            Cause::Changes(error) => self.refused(error),
            Cause::CutOff => self.traced(HostError::invalid("the changes were cut off")),
        }
    }

    /// An error of a change that no script made.
    pub fn refused(&self, error: ChangeError) -> Trace {
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
}
