//! What lines run on and leave for the next: the site, the changes, the variables; and how one line, or
//! one runbook, is run. Its changes are kept for `:plan` and `:apply`.

use rhai::Engine;
use tokio_util::sync::CancellationToken;

use crate::run::{Cause, Means, Open, Opening, Outcome};
use catalogue::Said;
use journal::run::{Run, RunKind, SiteIdentity};
use plan::outcome::{Done, Status};
use plan::radius::Radius;
use planning::{ChangeError, OwnServices};
use scripting::host::docs::{self, Page};
use scripting::host::error::HostError;
use scripting::host::measured::Measured;
use scripting::host::moment::Clock;
use scripting::script::library::Library;
use scripting::script::trace::{self, Trace};
use scripting::script::{ScriptError, engine};
use sentences::ReplPrompt;
use site::config::ConfigError;
use site::grant::Grant;

use super::memory::Memory;
use super::sites::Sites;
use super::surroundings::Surroundings;
use super::syntax;

/// What lines run on, and leave for the next.
pub struct Session {
    pub(super) around: Surroundings,
    pub(super) sites: Sites,
    pub(super) memory: Memory,
    /// The changes that lines planned on this site.
    pub(super) planned: Vec<Planned>,
    /// The lists that they are part of, with how many rows these have.
    lists: Radius,
    pub(super) pages: Vec<Page>,
    /// For looking at inputs, not for running them.
    pub(super) compiler: Engine,
}

/// A change that was planned.
pub struct Planned {
    /// The change.
    pub done: Done,
    /// Which input of the transcript planned it; nothing for one of a runbook.
    pub input: Option<usize>,
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
            planned: Vec::new(),
            lists: Radius::default(),
            pages: docs::pages_of(around.library.namespaces()),
            compiler: engine::compiler(&around.library),
            around,
        })
    }

    /// The site, and how many changes are planned.
    pub fn prompt(&self) -> String {
        let site = &self.sites.site().name;
        match self.planned.len() {
            0 => format!("{site}> "),
            changes => format!("{} ", Said::from(ReplPrompt { site, changes })),
        }
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
        self.planned.clear();
        self.lists = Radius::default();
        Ok(())
    }

    /// What the script `name` with this text runs with until `cancel`: it may read and plan what `grant`
    /// says, and sees the database as it is now.
    pub fn begin(
        &self,
        (name, text): (&str, &str),
        grant: Grant,
        cancel: &CancellationToken,
    ) -> Open {
        let opening = Opening {
            run: self.run_of(RunKind::Run, name, Some(text)),
            session: self.sites.connections().with_new_snapshot(),
            grant,
            planned: self.planned(),
            means: self.means(cancel),
        };
        opening.open()
    }

    /// The services of an embedding program, as far as plans go.
    pub fn services(&self) -> OwnServices {
        self.around.services.plans()
    }

    /// What runs of this session have of the process.
    pub fn means(&self, cancel: &CancellationToken) -> Means {
        Means {
            runtime: self.around.runtime.clone(),
            cancel: cancel.clone(),
            progress: self.around.progress.clone(),
            is_quiet: false,
            clock: Clock::default(),
            journals: self.sites.state_folder(),
            own: self.around.own.clone(),
            services: self.around.services.clone(),
            measured: Measured::default(),
            planned_at: None,
        }
    }

    /// The changes that were planned, in their order.
    pub fn planned(&self) -> Vec<Done> {
        let planned = self.planned.iter();
        planned.map(|planned| planned.done.clone()).collect()
    }

    /// How much is planned.
    pub fn radius(&self) -> Radius {
        let planned = self.planned.iter();
        self.lists.of(planned.map(|planned| &planned.done.change))
    }

    /// Ends what began. What it planned is kept if `keep`, as the work of this `input`.
    pub fn end(&mut self, open: Open, keep: bool, input: Option<usize>) -> Outcome {
        let outcome = open.end();
        if keep {
            let is_planned = |done: &&Done| done.outcome.status == Status::Planned;
            let planned = outcome.done.iter().filter(is_planned).cloned();
            self.lists = std::mem::take(&mut self.lists).and(&outcome.radius);
            self.planned
                .extend(planned.map(|done| Planned { done, input }));
        }
        outcome
    }

    /// A run of this session.
    pub fn run_of(&self, kind: RunKind, name: &str, text: Option<&str>) -> Run {
        let site = SiteIdentity::of(self.sites.connections().site());
        Run::begin(kind, name, text, &self.sites.operator(), site)
    }

    /// Why a run failed, with its place in a script where there is one.
    pub fn cause(&self, cause: Cause) -> Trace {
        match cause {
            Cause::Script(trace) => trace,
            Cause::Changes(error) => self.refused(error),
            Cause::Selection(error) => self.traced(HostError::invalid(error.to_string())),
        }
    }

    /// An error of a change that no script made.
    pub fn refused(&self, error: ChangeError) -> Trace {
        self.traced(HostError::from(error))
    }

    fn traced(&self, error: HostError) -> Trace {
        trace::of(&self.around.library, "", ScriptError::Host(error))
    }
}
