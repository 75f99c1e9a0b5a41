//! The containers of the portal and their logs: listed, inspected and read, never changed.
//!
//! The socket of a Docker Engine gives the rights of root to whoever may write to it, and the
//! Engine knows no lesser right. So there is no function here that changes anything, and what
//! carries the requests (`wire`) lets none pass but those that read.

mod engine;
mod error;
mod lines;
mod probe;
mod tls;
mod wire;

use jiff::Timestamp;

use super::Session;
use super::error::SessionError;
use super::open::Open;
use super::probe::Probe;
use catalogue::Said;
use demo::DemoEngine;
use engine::Engine;
pub use error::DockerError;
use sentences::DockerDemo;
use site::config::{DockerHost, Endpoint, Limits, Site};

/// Lines of one log that can be asked for.
pub const MOST_LINES: u32 = 100_000;

/// The Engine of a site's containers, which has answered once.
pub struct Docker {
    engine: Engine,
    /// What it is, for people.
    name: Said,
}

/// A container of a Compose project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The service it runs, by the label of Compose.
    pub service: String,
    /// Its name, without the slash in front.
    pub name: String,
    /// Its id, 64 digits.
    pub id: String,
    /// The project it belongs to, by the label of Compose.
    pub project: String,
    /// The image, as the project names it.
    pub image: String,
    /// The Engine's word: `running`, `exited`, `restarting`, `paused`, `created`, `dead`.
    pub state: String,
    /// `healthy`, `unhealthy` or `starting`; `None` without a check.
    pub health: Option<String>,
    /// How its process ended the last time; `None` while it runs or before it ever ran.
    pub exit_code: Option<i64>,
    /// Was it ended for want of memory?
    pub oom_killed: bool,
    /// How often the Engine has started it again.
    pub restarts: i64,
    /// When it was last started.
    pub started_at: Option<Timestamp>,
    /// What its check said the last time, at most 300 characters.
    pub health_said: Option<String>,
    /// The Compose files of its project, by the label of Compose.
    pub config_files: Vec<String>,
    /// The folder of its project, by the label of Compose.
    pub folder: Option<String>,
    /// The time zone of its processes, where `TZ` names one.
    pub time_zone: Option<String>,
}

/// A line of a container's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The service.
    pub service: String,
    /// The container's name.
    pub container: String,
    /// When the Engine received it.
    pub at: Option<Timestamp>,
    /// `stdout` or `stderr`; of a container with a terminal everything is `stdout`.
    pub stream: &'static str,
    /// The line without its end.
    pub text: Vec<u8>,
}

/// Which lines of a log are wanted.
#[derive(Debug, Clone, Copy)]
pub struct LogRange {
    /// So many of the last ones, of each container.
    pub tail: u32,
    /// None before.
    pub since: Option<Timestamp>,
}

impl Open for Docker {
    const ENDPOINT: Endpoint = Endpoint::DOCKER;

    type Place = DockerHost;

    fn places(site: &Site) -> &[DockerHost] {
        std::slice::from_ref(&site.docker)
    }

    async fn open(place: &DockerHost, session: &Session) -> Result<Self, SessionError> {
        let site = session.site();
        let project = site.compose_project.as_deref();
        Ok(Self::connect(place, project, &site.limits).await?)
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let demo = session.demo().service::<DemoEngine>().await?;
        let Some(address) = demo.address() else {
            return Ok(None);
        };
        let limits = &session.site().limits;
        let engine = Engine::connect(&DockerHost::of_port(address), None, limits).await?;
        Ok(Some(Self {
            engine,
            name: DockerDemo.into(),
        }))
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        vec![Probe::new(probe::ID, probe::checks(session))]
    }
}

impl Docker {
    /// Asks the Engine at `host` for its version.
    ///
    /// # Errors
    /// Why there is none to ask, within `limits.connect`.
    pub async fn connect(
        host: &DockerHost,
        project: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, DockerError> {
        let engine = Engine::connect(host, project, limits).await?;
        let name = engine.describe();
        Ok(Self { engine, name })
    }

    /// Where it is and what it is, for people.
    pub fn describe(&self) -> Said {
        self.name.clone()
    }

    /// The containers of the site's project, by service and name; of all projects where the site
    /// names none. Those of `docker compose run` are left out, as Compose leaves them out.
    ///
    /// # Errors
    /// The Engine did not answer.
    pub async fn containers(&self) -> Result<Vec<Container>, DockerError> {
        self.engine.containers().await
    }

    /// The last lines of the logs of a service's containers, in the order of their times.
    ///
    /// # Errors
    /// [`DockerError::NoService`] for one without a container; [`DockerError::TooMuch`] for a log
    /// of more than 16 MiB; or the Engine did not answer.
    pub async fn logs(&self, service: &str, range: LogRange) -> Result<Vec<LogLine>, DockerError> {
        let lines = self.engine.logs(service, range).await?;
        Ok(lines::sorted_by_time(lines))
    }
}
