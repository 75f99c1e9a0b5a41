//! A Docker Engine.

use std::collections::HashMap;
use std::io::ErrorKind;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerSummary, HealthStatusEnum};
use bollard::query_parameters::{ListContainersOptionsBuilder, LogsOptionsBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tokio::time::timeout;

use super::error::{DockerError, Unit};
use super::lines::Lines;
use super::wire::{self, Fault, Watch};
use super::{Container, LogLine, LogRange};
use catalogue::Said;
use sentences::{
    DockerContainer, DockerContainers, DockerCutLine, DockerEngine, DockerLog, DockerLogs,
    DockerVersion,
};
use site::config::{DockerHost, DockerTarget, Limits};
use site::kind::in_one_line;
use wording::system::without_number;

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
const FOLDER: &str = "com.docker.compose.project.working_dir";
/// `True` of a container of `docker compose run`.
const ONE_OFF: &str = "com.docker.compose.oneoff";

/// Far more than one machine runs.
const MOST_CONTAINERS: usize = 1000;
/// Requests that are under way at once.
const AT_ONCE: usize = 8;
/// Characters of the Engine's words that are shown.
const MOST_WORDS: usize = 300;

/// A Docker Engine that has answered once.
pub struct Engine {
    target: DockerTarget,
    address: String,
    version: String,
    project: Option<String>,
    limits: Limits,
}

/// A container of a project, as the list has it.
struct Listed {
    id: String,
    name: String,
    project: String,
    service: String,
    image: String,
    config_files: Vec<String>,
    folder: Option<String>,
}

impl Engine {
    /// Asks the Engine at `host` for its version.
    pub async fn connect(
        host: &DockerHost,
        project: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, DockerError> {
        let target = host.target().map_err(|reason| DockerError::Address {
            host: host.to_string(),
            reason,
        })?;
        let address = match &target {
            DockerTarget::Socket(path) => path.display().to_string(),
            DockerTarget::Tcp { host, port, .. } => format!("{host}:{port}"),
        };
        let mut engine = Self {
            target,
            address,
            version: String::new(),
            project: project.map(str::to_owned),
            limits: limits.clone(),
        };
        let version = engine
            .ask(&DockerVersion.into(), |client| async move {
                client.version().await
            })
            .await?;
        engine.version = clipped(&version.version.unwrap_or_default());
        Ok(engine)
    }

    pub fn describe(&self) -> Said {
        DockerEngine {
            version: &self.version,
            address: &self.address,
        }
        .into()
    }

    pub async fn containers(&self) -> Result<Vec<Container>, DockerError> {
        let listed = self.listed().await?;
        let found: Vec<Option<Container>> =
            stream::iter(listed.into_iter().map(|listed| self.inspected(listed)))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
        // One that was removed meanwhile is no longer one of them.
        Ok(found.into_iter().flatten().collect())
    }

    pub async fn logs(&self, service: &str, range: LogRange) -> Result<Vec<LogLine>, DockerError> {
        let mut listed = self.listed().await?;
        if !listed.iter().any(|listed| listed.service == service) {
            let known = listed.into_iter().map(|listed| listed.service);
            let project = self.project.as_deref();
            return Err(DockerError::no_service(service, project, known));
        }
        listed.retain(|listed| listed.service == service);
        let mut logs = stream::iter(listed.into_iter().map(|listed| self.log(listed, range)))
            .buffered(AT_ONCE);
        let mut lines = Vec::new();
        let mut bytes = 0;
        while let Some(log) = logs.try_next().await? {
            bytes += log.iter().map(weight).sum::<usize>();
            if bytes > self.limits.answer {
                return Err(DockerError::TooMuch {
                    what: DockerLogs { service }.into(),
                    limit: self.limits.answer,
                    unit: Unit::Bytes,
                });
            }
            lines.extend(log);
        }
        Ok(lines)
    }

    /// The containers of the site's project, or of all, by service and name.
    async fn listed(&self) -> Result<Vec<Listed>, DockerError> {
        let what = Said::from(DockerContainers);
        let filters = HashMap::from([("label", vec![PROJECT])]);
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters)
            .build();
        let summaries = self
            .ask(&what, |client| async move {
                client.list_containers(Some(options)).await
            })
            .await?;
        let wanted = |listed: &Listed| {
            self.project
                .as_ref()
                .is_none_or(|project| listed.project == *project)
        };
        let mut listed: Vec<Listed> = summaries
            .into_iter()
            .filter_map(listed)
            .filter(wanted)
            .collect();
        if listed.len() > MOST_CONTAINERS {
            return Err(DockerError::TooMuch {
                what,
                limit: MOST_CONTAINERS,
                unit: Unit::Containers,
            });
        }
        listed.sort_by(|a, b| (&a.service, &a.name).cmp(&(&b.service, &b.name)));
        Ok(listed)
    }

    /// What the Engine knows of a container; `None` of one that is gone.
    async fn inspected(&self, listed: Listed) -> Result<Option<Container>, DockerError> {
        let what = Said::from(DockerContainer {
            container: &listed.name,
        });
        let id = listed.id.clone();
        let inspecting = self.ask(&what, |client| async move {
            client.inspect_container(&id, None).await
        });
        match inspecting.await {
            Ok(found) => Ok(Some(container(listed, found))),
            Err(DockerError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn log(&self, listed: Listed, range: LogRange) -> Result<Vec<LogLine>, DockerError> {
        let what = Said::from(DockerLog {
            container: &listed.name,
        });
        let since = range.since.map_or(0, |since| since.as_second());
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .since(since.clamp(0, i32::MAX.into()) as i32)
            .tail(&range.tail.to_string())
            .build();
        let most = range.tail as usize;
        let reading = self.ask(&what, |client| async move {
            let pieces = client.logs(&listed.id, Some(options));
            read_log(&listed, most, pieces).await
        });
        match reading.await {
            Ok(Some(lines)) => Ok(lines),
            Ok(None) => Err(DockerError::Disconnected {
                address: self.address.clone(),
                what,
                reason: DockerCutLine.into(),
            }),
            // It was removed meanwhile.
            Err(DockerError::Refused { status: 404, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// What the Engine says to one request, within the site's limit.
    async fn ask<T, Answer>(
        &self,
        what: &Said,
        request: impl FnOnce(bollard::Docker) -> Answer,
    ) -> Result<T, DockerError>
    where
        Answer: Future<Output = Result<T, Error>>,
    {
        let watch = Watch::default();
        let answer = async {
            let client = wire::client(&self.target, &self.limits, &watch)?;
            request(client).await
        };
        match timeout(self.limits.docker, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.explained(what, &error, watch.get())),
            Err(_) => Err(self.late(what)),
        }
    }

    fn late(&self, what: &Said) -> DockerError {
        DockerError::Timeout {
            address: self.address.clone(),
            what: what.clone(),
            limit: self.limits.docker,
        }
    }

    fn explained(&self, what: &Said, error: &Error, fault: Option<&Fault>) -> DockerError {
        let (address, what) = (self.address.clone(), what.clone());
        match fault {
            Some(Fault::Connect(error)) => return self.unconnected(error),
            Some(Fault::ConnectTimeout) => {
                return DockerError::ConnectTimeout {
                    address,
                    limit: self.limits.connect,
                };
            }
            Some(Fault::TooMuch) => {
                return DockerError::TooMuch {
                    what,
                    limit: self.limits.answer,
                    unit: Unit::Bytes,
                };
            }
            None => {}
        }
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => DockerError::Refused {
                what,
                status: *status_code,
                message: clipped(message.trim()),
            },
            Error::RequestTimeoutError => self.late(&what),
            _ if is_foreign(error) => DockerError::Protocol {
                address,
                what,
                reason: clipped(&reason(error)).into(),
            },
            _ => DockerError::Disconnected {
                address,
                what,
                reason: clipped(&reason(error)).into(),
            },
        }
    }

    fn unconnected(&self, error: &std::io::Error) -> DockerError {
        let address = self.address.clone();
        let is_socket = matches!(self.target, DockerTarget::Socket(_));
        match error.kind() {
            ErrorKind::NotFound if is_socket => DockerError::NoSocket { path: address },
            ErrorKind::PermissionDenied => DockerError::NotAllowed { address },
            _ => DockerError::Unreachable {
                address,
                reason: clipped(&without_number(&error.to_string())).into(),
            },
        }
    }
}

/// The lines of a log; `None` if it ended within a piece.
async fn read_log(
    listed: &Listed,
    most: usize,
    pieces: impl stream::Stream<Item = Result<LogOutput, Error>>,
) -> Result<Option<Vec<LogLine>>, Error> {
    let mut lines = Lines::new(&listed.service, &listed.name, most);
    let mut framed = false;
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.try_next().await? {
        match piece {
            LogOutput::StdErr { message } => lines.push("stderr", &message),
            LogOutput::StdOut { message } | LogOutput::StdIn { message } => {
                lines.push("stdout", &message);
            }
            // A terminal's bytes, or what is left of a piece that was cut.
            LogOutput::Console { .. } if framed => return Ok(None),
            LogOutput::Console { message } => {
                lines.push("stdout", &message);
                continue;
            }
        }
        framed = true;
    }
    Ok(Some(lines.finish()))
}

/// About what a line takes in memory.
fn weight(line: &LogLine) -> usize {
    line.text.len() + line.service.len() + line.container.len()
}

fn listed(summary: ContainerSummary) -> Option<Listed> {
    let mut labels = summary.labels.unwrap_or_default();
    if labels.get(ONE_OFF).is_some_and(|flag| flag == "True") {
        return None;
    }
    let id = summary.id?;
    let files = labels.remove(CONFIG_FILES).unwrap_or_default();
    let files = files.split(',').filter(|file| !file.is_empty());
    let name = summary.names.unwrap_or_default().into_iter().next();
    Some(Listed {
        name: name.map_or_else(
            || id.chars().take(12).collect(),
            |name| name.trim_start_matches('/').to_owned(),
        ),
        project: labels.remove(PROJECT)?,
        service: labels.remove(SERVICE)?,
        image: summary.image.unwrap_or_default(),
        config_files: files.map(str::to_owned).collect(),
        folder: labels.remove(FOLDER).filter(|folder| !folder.is_empty()),
        // It becomes a part of a path.
        id: is_id(&id).then_some(id)?,
    })
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn container(listed: Listed, found: ContainerInspectResponse) -> Container {
    let state = found.state.unwrap_or_default();
    let word = state
        .status
        .map_or(String::new(), |status| status.to_string());
    let ended = matches!(word.as_str(), "exited" | "dead" | "restarting");
    let checked = state.health.unwrap_or_default();
    let health_said = checked.log.unwrap_or_default().pop();
    let health_said = health_said.and_then(|last| last.output);
    let health_said = health_said.map(|said| clipped(said.trim()));
    let health = checked.status;
    let health =
        health.filter(|status| !matches!(status, HealthStatusEnum::EMPTY | HealthStatusEnum::NONE));
    Container {
        service: listed.service,
        name: listed.name,
        id: listed.id,
        project: listed.project,
        image: listed.image,
        state: word,
        health: health.map(|status| status.to_string()),
        exit_code: state.exit_code.filter(|_| ended),
        oom_killed: state.oom_killed.unwrap_or_default(),
        restarts: found.restart_count.unwrap_or_default(),
        started_at: state.started_at.and_then(|text| started_at(&text)),
        health_said: health_said.filter(|said| !said.is_empty()),
        config_files: listed.config_files,
        folder: listed.folder,
        time_zone: time_zone(found.config.and_then(|config| config.env)),
    }
}

/// The zone that an environment names; nothing else of it is kept.
fn time_zone(environment: Option<Vec<String>>) -> Option<String> {
    let environment = environment.unwrap_or_default();
    let zone = environment.iter().find_map(|line| line.strip_prefix("TZ="));
    // A colon in front is allowed, and means nothing.
    let zone = zone?.trim_start_matches(':');
    (!zone.is_empty()).then(|| zone.to_owned())
}

/// A container that never ran was started in the year 1.
fn started_at(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    (at.as_second() > 0).then_some(at)
}

/// Is the answer none of an Engine's, as opposed to none at all?
fn is_foreign(error: &Error) -> bool {
    match error {
        Error::HyperResponseError { err } => err.is_parse(),
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => true,
        _ => false,
    }
}

fn reason(error: &Error) -> String {
    without_number(&in_one_line(error))
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
