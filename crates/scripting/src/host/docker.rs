//! `docker::` the portal's containers and their logs, read.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rhai::plugin::*;
use rhai::{INT, Map};

use super::call;
use super::error::{CallResult, HostError};
use super::primitive::primitives;
use super::readers::Docker;
use super::rows::{Rows, Table};
use super::value::Value;
use session::docker::{Container, LogLine, LogRange, MOST_LINES};
use site::config::Service;
use wording::bytes::shown;

/// Lines of a log that are read where nothing else is said: what the runbook's operators look at.
const TAIL: u32 = 200;

primitives! {
    CONTAINERS: Docker = reads containers();
    LOGS: Docker = reads logs(Container);
    _: Docker = reads logs(Container, Value);
}

/// The containers of the portal's Compose project, found by the labels that Compose gives them, and
/// their logs. The Engine is the one of `DOCKER_HOST`, else the one of this machine; nothing but
/// reading can be asked of it. Where the site names no project (`COMPOSE_PROJECT_NAME`), the
/// containers of all projects are meant. Without an Engine reads fail with kind `not_configured`;
/// where its socket may not be opened, with `login_refused`.
#[export_module]
pub mod docker_module {
    use super::*;

    /// The containers, stopped ones too, by service and name: rows of `service`, `name`, `id`,
    /// `project`, `image`, `state` (`running`, `exited`, `restarting`, `paused`, `created`,
    /// `dead`), `health` (`healthy`, `unhealthy`, `starting`, or `()` without a check),
    /// `exit_code` (`()` while it runs), `oom_killed` (was it ended for want of memory?),
    /// `restarts` (how often the Engine started it again by itself), `started_at` (RFC 3339, or
    /// `()`), `health_said` (what its check said the last time, or `()`), `config_files` (the Compose
    /// files of its project, an array of paths as Compose wrote them), `folder` (the project's, or `()`)
    /// and `time_zone` (`TZ` of its environment, or `()`).
    ///
    /// ```rhai
    /// let stopped = docker::containers().where(#{ state: "exited" });
    /// assert_eq(stopped[0].service, "celery_beat");
    /// assert_eq(stopped[0].exit_code, 137);
    /// assert_eq(stopped[0].config_files, ["/srv/kost/docker-compose.prod.yml"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn containers(context: NativeCallContext) -> CallResult<Rows> {
        let what = "docker containers";
        call::rows(&context, &CONTAINERS, what, |docker| async move {
            let containers = docker.open().await?.containers().await?;
            Ok(Arc::new(Containers(containers)) as Arc<dyn Table>)
        })
    }

    /// The last 200 lines of the logs of a service's containers; see `logs(service, options)`.
    ///
    /// ```rhai
    /// assert(docker::logs("celery_worker").len() > 0, "the demo's worker has said something");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn logs(context: NativeCallContext, service: &str) -> CallResult<Rows> {
        logs_with(context, service, Map::new())
    }

    /// The last lines of the logs of a service's containers, in the order of their times: rows of
    /// `service`, `container`, `at` (when the Engine received it, RFC 3339, or `()`), `stream`
    /// (`stdout`, `stderr`) and `text`. Options are `tail` (so many lines of each container, 200
    /// without it, at most 100000) and `since` (none older than so many seconds).
    /// Fails with kind `no_such_item` for a service that has no container, and with `invalid`
    /// beyond 16 MiB.
    ///
    /// ```rhai
    /// let last = docker::logs("celery_beat", #{ tail: 1 });
    /// assert(last[0].text.contains("Sending due task"), "the last thing that beat said");
    /// assert_eq(docker::logs("celery_beat", #{ since: 600 }).len(), 0);
    /// try { docker::logs("beat").len() } catch (err) { assert_eq(err.kind, "no_such_item") }
    /// ```
    #[rhai_fn(name = "logs", return_raw)]
    pub fn logs_with(context: NativeCallContext, service: &str, options: Map) -> CallResult<Rows> {
        let now = call::host(&context)?.now();
        let range =
            range(&options, now).map_err(|error| error.on(Service::Docker).at(&context).raise())?;
        let service = service.to_owned();
        let what = format!("docker logs {service}");
        call::rows(&context, &LOGS, what, move |docker| async move {
            let lines = docker.open().await?.logs(&service, range).await?;
            Ok(Arc::new(Lines(lines)) as Arc<dyn Table>)
        })
    }
}

fn range(options: &Map, now: Timestamp) -> Result<LogRange, HostError> {
    let mut range = LogRange {
        tail: TAIL,
        since: None,
    };
    for (name, value) in options {
        let number: INT = value.as_int().map_err(|actual| {
            HostError::invalid(format!("`{name}` is a {actual}, not a whole number"))
        })?;
        match name.as_str() {
            "tail" => range.tail = tail(number)?,
            "since" => range.since = Some(since(number, now)?),
            _ => {
                return Err(HostError::invalid(format!("logs have no option `{name}`"))
                    .hint("the options are tail and since"));
            }
        }
    }
    Ok(range)
}

fn tail(number: INT) -> Result<u32, HostError> {
    let tail = u32::try_from(number).ok();
    tail.filter(|tail| (1..=MOST_LINES).contains(tail))
        .ok_or_else(|| {
            HostError::invalid(format!("`tail` is {number}, not from 1 to {MOST_LINES}"))
        })
}

/// The time so many seconds ago; the beginning of times for more than there were.
fn since(seconds: INT, now: Timestamp) -> Result<Timestamp, HostError> {
    if seconds < 0 {
        let message = format!("`since` is {seconds}: a time that has yet to come");
        return Err(HostError::invalid(message).hint("it is a number of seconds before now"));
    }
    let ago = SignedDuration::from_secs(seconds);
    Ok(now.checked_sub(ago).unwrap_or(Timestamp::MIN))
}

struct Containers(Vec<Container>);

impl Table for Containers {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let container = &self.0[row];
        let text = |text: &str| Value::Text(text.to_owned());
        Ok(match field {
            "service" => text(&container.service),
            "name" => text(&container.name),
            "id" => text(&container.id),
            "project" => text(&container.project),
            "image" => text(&container.image),
            "state" => text(&container.state),
            "health" => container.health.as_deref().map_or(Value::Unit, text),
            "exit_code" => container.exit_code.map_or(Value::Unit, Value::Int),
            "oom_killed" => Value::Bool(container.oom_killed),
            "restarts" => Value::Int(container.restarts),
            "started_at" => time(container.started_at),
            "health_said" => container.health_said.as_deref().map_or(Value::Unit, text),
            "config_files" => {
                let files = container.config_files.iter();
                Value::Array(files.map(|file| text(file)).collect())
            }
            "folder" => container.folder.as_deref().map_or(Value::Unit, text),
            "time_zone" => container.time_zone.as_deref().map_or(Value::Unit, text),
            _ => Value::Unit,
        })
    }

    fn fields(&self, _: usize) -> Vec<String> {
        [
            "service",
            "name",
            "id",
            "project",
            "image",
            "state",
            "health",
            "exit_code",
            "oom_killed",
            "restarts",
            "started_at",
            "health_said",
            "config_files",
            "folder",
            "time_zone",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

struct Lines(Vec<LogLine>);

impl Table for Lines {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let line = &self.0[row];
        Ok(match field {
            "service" => Value::Text(line.service.clone()),
            "container" => Value::Text(line.container.clone()),
            "at" => time(line.at),
            "stream" => Value::Text(line.stream.to_owned()),
            "text" => Value::Text(shown(&line.text).into_owned()),
            _ => Value::Unit,
        })
    }

    fn fields(&self, _: usize) -> Vec<String> {
        ["service", "container", "at", "stream", "text"]
            .map(str::to_owned)
            .to_vec()
    }
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Unit, |at| Value::Text(at.to_string()))
}
