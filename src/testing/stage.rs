//! What the tests of one file run with: where they find runbooks, and the runtime of their reads.

use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rhai::{Dynamic, Map};
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::run::{
    self, Applying, Cause, Confirm, Means, Open, Opening, Outcome, Runs, Work, declared,
};
use ::engine::OwnSenders;
use journal::run::{Run, RunKind};
use plan::outcome::Done;
use report::{Frame, json};
use scripting::host::change::to_json;
use scripting::host::error::{HostError, Kind};
use scripting::host::measured::Measured;
use scripting::host::moment::Clock;
use scripting::host::read::Progress;
use scripting::script::header::{self, Header, Parameter};
use scripting::script::library::{Library, Script};
use scripting::script::trace::{self, Trace};
use scripting::script::{arguments, engine};
use session::Session;
use site::config::{Site, Variables};
use site::grant::Grant;
use site::text_file;

use super::services::{Services, run_of};

/// Bytes of a fixture: a site of some hundred thousand rows.
const MOST_OF_A_FIXTURE: u64 = 64 << 20;

/// What the tests of one file run with.
pub struct Stage {
    library: Library,
    folder: PathBuf,
    means: Means,
}

/// What becomes of the changes of a run.
#[derive(Clone, Copy)]
pub enum Mode<'a> {
    /// They are planned.
    Plan,
    /// They are applied, once it is confirmed.
    Apply(&'a dyn Confirm, Option<usize>),
}

/// The end of a runbook that a test ran.
pub struct Finished {
    /// Its report in the JSON form.
    pub report: Json,
    /// Its changes with what became of them.
    pub changes: Vec<Done>,
    /// Why it failed, if it did.
    pub failure: Option<HostError>,
}

impl Stage {
    /// A stage for the tests in `folder`.
    pub fn new(
        library: &Library,
        folder: PathBuf,
        runtime: &Handle,
        cancel: &CancellationToken,
    ) -> Self {
        Self {
            library: library.clone(),
            folder,
            means: Means {
                runtime: runtime.clone(),
                cancel: cancel.clone(),
                progress: Rc::new(Silent),
                is_quiet: false,
                clock: Clock::default(),
                journals: None,
                own: None,
                services: OwnSenders::default(),
                measured: Measured::default(),
                planned_at: None,
            },
        }
    }

    /// The run of the tests themselves: it reaches no service, only simulated sites.
    pub fn open(self: &Rc<Self>) -> Open {
        let session = Session::new(Site::named("test"));
        let opening = Opening {
            run: run_of(&session, RunKind::Run, "test"),
            session,
            grant: Grant::default(),
            planned: Vec::new(),
            means: Means {
                own: Some(self.clone()),
                ..self.means.clone()
            },
        };
        opening.open()
    }

    /// The text of a fixture, by its path from the test's folder.
    ///
    /// # Errors
    /// The path leaves the folder, or the file cannot be read.
    pub fn fixture(&self, path: &str) -> Result<String, HostError> {
        let file = self.below("fixture", path)?;
        if let Some(text) = self.library.bundled_text(&file) {
            return Ok(text.to_owned());
        }
        text_file::read(&file, MOST_OF_A_FIXTURE).map_err(|error| {
            HostError::invalid(format!("cannot read the fixture {}", file.display()))
                .caused_by(&error)
        })
    }

    /// The place of a file of a test by its path from the test's folder.
    fn below(&self, what: &str, path: &str) -> Result<PathBuf, HostError> {
        let stays = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if stays {
            return Ok(self.folder.join(path));
        }
        Err(HostError::invalid(format!(
            "the {what} `{path}` is not below the test's folder"
        ))
        .hint("write its path from the folder of the test: \"fixtures/small.json\""))
    }

    /// Waits for something that a service of a simulated site does.
    pub fn wait<Done>(&self, work: impl Future<Output = Done>) -> Done {
        self.means.runtime.block_on(work)
    }

    /// Runs a runbook on `services`, with arguments by the names of its parameters.
    ///
    /// # Errors
    /// There is no such runbook, or it has no such parameters. That it failed is in what is given
    /// back.
    pub fn run(
        &self,
        services: &Services,
        name: &str,
        arguments: &Map,
        mode: Mode<'_>,
    ) -> Result<Finished, HostError> {
        let library = self.library.anew();
        let script = library
            .find(name)
            .map_err(|error| HostError::invalid(error.to_string()))?;
        let header = self.header(&library, &script)?;
        let arguments = arguments::values(&header.parameters, &self.given(&header, arguments)?)
            .map_err(|error| HostError::invalid(error.to_string()))?;
        let mode = match mode {
            Mode::Apply(..) if header.writes.is_empty() => Mode::Plan,
            mode => mode,
        };
        let session = self.session(services);
        let site = session.site().clone();
        let run = run_of(&session, RunKind::Run, &script.name);
        let opening = self.opening(services, session, run, declared(&header));
        let frame = run::frame(&site, &script.name, opening.means.clock.now());
        let work = Runs {
            library: &library,
            script: &script,
            args: arguments,
        };
        finished(&frame, self.carried_out(services, opening, mode, &work)?)
    }

    /// Plans what `work` plans, and applies it if that is the mode.
    ///
    /// # Errors
    /// There is no place for the journal.
    pub fn carried_out(
        &self,
        services: &Services,
        opening: Opening,
        mode: Mode<'_>,
        work: &dyn Work,
    ) -> Result<Outcome, HostError> {
        Ok(match mode {
            Mode::Plan => opening.plan(work),
            Mode::Apply(confirm, max_changes) => {
                let folder = services.journals.folder()?.to_owned();
                let applying = Applying {
                    // Who holds a lock in a test holds it until its end.
                    lock_wait: Duration::ZERO,
                    ..Applying::asking(confirm, max_changes, folder)
                };
                opening.apply(&applying, work)
            }
        })
    }

    /// The value of an expression on `services`.
    ///
    /// # Errors
    /// As the expression fails.
    pub fn evaluate(&self, services: &Services, text: &str) -> Result<Dynamic, HostError> {
        let library = self.library.anew();
        let session = self.session(services);
        let script = library.from_text("expression", text.to_owned());
        let run = run_of(&session, RunKind::Run, &script.name);
        let opening = self.opening(services, session, run, Grant::reading_all());
        let open = opening.open();
        open.value(&library, &script).map_err(as_host_error)
    }

    /// The texts of arguments as the command line would have them, so that the same checks apply.
    fn given(
        &self,
        header: &Header,
        arguments: &Map,
    ) -> Result<Vec<(String, Vec<String>)>, HostError> {
        only_known(header, arguments)?;
        let mut given = Vec::new();
        for parameter in &header.parameters {
            let value = arguments.get(&*parameter.name);
            let Some(mut texts) = value.and_then(|value| texts(parameter, value)) else {
                continue;
            };
            if parameter.kind == header::Kind::File {
                for path in &mut texts {
                    *path = self.below("file", path)?.display().to_string();
                }
            }
            given.push((parameter.name.clone(), texts));
        }
        Ok(given)
    }

    fn header(&self, library: &Library, script: &Script) -> Result<Header, HostError> {
        let ast = library
            .compile(&engine::compiler(library), script)
            .map_err(|error| as_host_error(trace::of_parse(library, &script.source, error)))?;
        header::read(&ast, library)
            .map_err(|error| HostError::invalid(error.problem).hint(error.hint))
    }

    /// New connections to the services of a test.
    pub fn session(&self, services: &Services) -> Session {
        let mut site = Site::named("fixture");
        site.demo = true;
        let contents = services.demo.contents();
        if let Some(zone) = &contents.time_zone {
            site.time_zone.clone_from(zone);
        }
        site.environment = Variables::new(contents.environment.clone());
        Session::with_demo(site, services.demo.clone())
    }

    /// A run on `services`.
    pub fn opening(
        &self,
        services: &Services,
        session: Session,
        run: Run,
        grant: Grant,
    ) -> Opening {
        Opening {
            run,
            session,
            grant,
            planned: Vec::new(),
            means: Means {
                clock: services.clock.clone(),
                journals: services.journals.folder().ok().map(Path::to_owned),
                ..self.means.clone()
            },
        }
    }
}

fn finished(frame: &Frame, outcome: Outcome) -> Result<Finished, HostError> {
    let unwritten = |error: &(dyn std::error::Error + 'static)| {
        HostError::invalid("the report has no JSON form").caused_by(error)
    };
    if let Some(error) = outcome.unfinished {
        return Err(error.into());
    }
    let mut report = outcome.report;
    let listed: Vec<Json> = outcome.done.iter().map(to_json).collect();
    report.keys.insert("changes".to_owned(), listed.into());
    let mut text = Vec::new();
    json::write(&mut text, frame, &report, None).map_err(|error| unwritten(&error))?;
    Ok(Finished {
        report: serde_json::from_slice(&text).map_err(|error| unwritten(&error))?,
        changes: outcome.done,
        failure: outcome.failure.map(why),
    })
}

/// Why a run failed, as a test sees it.
pub fn why(cause: Cause) -> HostError {
    match cause {
        Cause::Script(trace) => as_host_error(trace),
        Cause::Changes(error) => error.into(),
        Cause::Selection(error) => HostError::invalid(error.to_string()),
    }
}

/// Every argument has a parameter, and every parameter that must be given an argument.
fn only_known(header: &Header, arguments: &Map) -> Result<(), HostError> {
    let known = |name: &str| header.parameters.iter().any(|known| known.name == name);
    if let Some(name) = arguments.keys().find(|name| !known(name)) {
        return Err(HostError::invalid(format!(
            "there is no parameter `{name}`"
        )));
    }
    let missing = header
        .parameters
        .iter()
        .find(|parameter| parameter.is_required() && !arguments.contains_key(&*parameter.name));
    match missing {
        None => Ok(()),
        Some(parameter) => Err(HostError::invalid(format!(
            "the parameter `{}` is missing",
            parameter.name
        ))),
    }
}

fn texts(parameter: &Parameter, value: &Dynamic) -> Option<Vec<String>> {
    let is_switch = parameter.kind == header::Kind::Bool;
    match value.clone().into_array() {
        Ok(values) => Some(values.iter().map(ToString::to_string).collect()),
        // A switch is given or not given.
        Err(_) if is_switch && !value.as_bool().unwrap_or(false) => None,
        Err(_) => Some(vec![value.to_string()]),
    }
}

/// A runbook's failure as a test sees it: its message and cause, and where it failed.
fn as_host_error(trace: Trace) -> HostError {
    let kind = match trace.class {
        trace::Class::Host(kind) => kind,
        trace::Class::Interrupted => Kind::Interrupted,
        trace::Class::Script | trace::Class::Usage | trace::Class::Limit => Kind::Invalid,
    };
    let mut error = HostError::new(kind, trace.message);
    error.causes = trace.causes;
    error.hint = trace.hint;
    match trace.places.first() {
        Some(place) => error.because(format!(
            "at {}:{}:{}",
            place.source, place.line, place.column
        )),
        None => error,
    }
}

/// Tests show no progress.
struct Silent;

impl Progress for Silent {
    fn waiting(&self, _: &str, _: Duration) {}
    fn done(&self) {}
}
