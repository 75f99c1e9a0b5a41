//! A stand-in for the Docker Engine: it speaks the Engine's API over TCP, as much of it as reads a
//! project's containers and their logs.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::containers::{DemoContainer, DemoLine};
use super::port::Port;
use super::{Contents, DemoError, StandIn};

/// The Engine's API sends no longer requests to read.
const LARGEST_HEAD: u64 = 16 * 1024;
const MOST_HEADERS: usize = 32;
/// A client that does not ask, or does not take its answer, for so long is let go.
const LIMIT: Duration = Duration::from_secs(60);
/// The stream that a piece of a log belongs to: standard output.
const STDOUT: u8 = 1;

/// The Engine of a built-in site.
pub struct DemoEngine(Option<Port>);

impl StandIn for DemoEngine {
    /// Starts on a free port of 127.0.0.1, where the site has an Engine.
    ///
    /// # Errors
    /// [`DemoError::Engine`] if no port can be had.
    async fn start(contents: &Contents) -> Result<Self, DemoError> {
        let Some(containers) = contents.containers.clone().map(Arc::new) else {
            return Ok(Self(None));
        };
        let converse = move |stream| converse(stream, Arc::clone(&containers));
        let port = Port::open(converse).await.map_err(DemoError::Engine)?;
        Ok(Self(Some(port)))
    }
}

impl DemoEngine {
    /// Where it listens; `None` for a site without an Engine.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.as_ref().map(Port::address)
    }
}

async fn converse(mut stream: TcpStream, containers: Arc<Vec<DemoContainer>>) {
    // The end of one conversation, of whatever kind, is nothing to the others.
    let _ = timeout(LIMIT, exchange(&mut stream, &containers)).await;
}

/// One request and its answer, as the client wants it.
async fn exchange(stream: &mut TcpStream, containers: &[DemoContainer]) -> io::Result<()> {
    let mut head = Vec::new();
    let mut source = (&mut *stream).take(LARGEST_HEAD);
    let answer = loop {
        match request_line(&head) {
            Err(error) => break refusal("400 Bad Request", &error.to_string()),
            Ok(Some((method, path))) => break answer(&method, &path, containers),
            Ok(None) if source.read_buf(&mut head).await? == 0 => {
                break refusal("400 Bad Request", "the request has no end");
            }
            Ok(None) => {}
        }
    };
    let (status, body) = answer;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}

/// The method and the path of a request, once its head is there as a whole.
fn request_line(head: &[u8]) -> Result<Option<(String, String)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let is_whole = request.parse(head)?.is_complete();
    let line = request.method.zip(request.path).filter(|_| is_whole);
    Ok(line.map(|(method, path)| (method.to_owned(), path.to_owned())))
}

/// A status and a body.
type Answer = (&'static str, Vec<u8>);

fn answer(method: &str, path: &str, containers: &[DemoContainer]) -> Answer {
    if method != "GET" {
        return refusal("405 Method Not Allowed", "the demo's Engine only tells");
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    // The version of the API may stand before all else: `/v1.40/containers/json`.
    let is_name = |part: &&str| !part.is_empty() && !part.starts_with("v1.");
    let parts: Vec<&str> = path.split('/').skip_while(|part| !is_name(part)).collect();
    let named = |id: &str| containers.iter().find(|container| container.id() == id);
    match parts[..] {
        ["version"] => told(&json!({ "Version": "tikbook's demo" })),
        ["containers", "json"] => told(&containers.iter().map(summary).collect()),
        ["containers", id, what] => match (named(id), what) {
            (Some(container), "json") => told(&inspection(container)),
            (Some(container), "logs") => ("200 OK", log(container, query)),
            _ => refusal("404 Not Found", "No such container"),
        },
        _ => refusal("404 Not Found", "page not found"),
    }
}

fn told(value: &Json) -> Answer {
    ("200 OK", value.to_string().into_bytes())
}

fn refusal(status: &'static str, message: &str) -> Answer {
    let body = json!({ "message": message });
    (status, body.to_string().into_bytes())
}

fn summary(container: &DemoContainer) -> Json {
    json!({
        "Id": container.id(),
        "Names": [format!("/{}", container.name)],
        "Image": container.image,
        "Labels": {
            "com.docker.compose.project": container.project,
            "com.docker.compose.service": container.service,
            "com.docker.compose.project.config_files": container.config_files.join(","),
            "com.docker.compose.project.working_dir": container.folder,
        },
    })
}

fn inspection(container: &DemoContainer) -> Json {
    let mut state = json!({
        "Status": container.state,
        "ExitCode": container.exit_code,
        "OOMKilled": container.oom_killed,
        "StartedAt": container.started_at,
    });
    if let Some(health) = &container.health {
        let said = container.health_said.iter();
        let log: Vec<Json> = said
            .map(|said| json!({ "ExitCode": 1, "Output": said }))
            .collect();
        state["Health"] = json!({ "Status": health, "Log": log });
    }
    let zone = container.time_zone.iter();
    let environment: Vec<String> = zone.map(|zone| format!("TZ={zone}")).collect();
    json!({
        "State": state,
        "RestartCount": container.restarts,
        "Config": { "Env": environment },
    })
}

/// The lines that the query wants, each a piece with its length in front.
fn log(container: &DemoContainer, query: &str) -> Vec<u8> {
    let asked = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(known, value)| (known == name).then_some(value))
    };
    let since = asked("since").and_then(|seconds| seconds.parse().ok());
    let since = since.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let tail = asked("tail").and_then(|number| number.parse().ok());
    let is_wanted = |line: &&DemoLine| {
        line.at
            .is_none_or(|at| since.is_none_or(|since| at >= since))
    };
    let lines: Vec<&DemoLine> = container.logs.iter().filter(is_wanted).collect();
    let first = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    lines[first..].iter().flat_map(|line| piece(line)).collect()
}

fn piece(line: &DemoLine) -> Vec<u8> {
    let text = match line.at {
        Some(at) => format!("{at} {}\n", line.text),
        None => format!("{}\n", line.text),
    };
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut piece = vec![STDOUT, 0, 0, 0];
    piece.extend(length.to_be_bytes());
    piece.extend(text.into_bytes());
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn engine() -> DemoEngine {
        DemoEngine::start(&Contents::default()).await.unwrap()
    }

    async fn said(engine: &DemoEngine, request: &[u8]) -> String {
        let address = engine.address().unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // One that is not read to its end is cut off.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn it_tells_and_does_nothing() {
        let engine = engine().await;
        for (request, status) in [
            ("GET /version", "200 OK"),
            ("GET /v1.40/version", "200 OK"),
            ("GET /v1.40/containers/json?all=true", "200 OK"),
            ("GET /v1.40/containers/none/json", "404 Not Found"),
            ("GET /v1.40/images/json", "404 Not Found"),
            ("GET /", "404 Not Found"),
            (
                "POST /v1.40/containers/none/start",
                "405 Method Not Allowed",
            ),
            ("DELETE /v1.40/containers/none", "405 Method Not Allowed"),
        ] {
            let request = format!("{request} HTTP/1.1\r\nHost: docker\r\n\r\n");
            let answer = said(&engine, request.as_bytes()).await;
            let expected = format!("HTTP/1.1 {status}\r\n");
            assert!(answer.starts_with(&expected), "{request}{answer}");
        }
    }

    #[tokio::test]
    async fn what_is_no_request_is_refused() {
        let engine = engine().await;
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20));
        for request in ["\u{0}\u{1}\r\n\r\n", "GET / HTTP/1.1\r\nHost", "", &long] {
            let answer = said(&engine, request.as_bytes()).await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        let answer = said(&engine, b"GET /version HTTP/1.1\r\n\r\n").await;
        assert!(answer.contains("200 OK"), "{answer}");
    }

    #[test]
    fn a_log_has_the_last_lines_since_a_time() {
        let line = |second: i64| DemoLine {
            at: Timestamp::from_second(second).ok(),
            text: format!("at {second}"),
        };
        let contents = Contents::default();
        let mut container = contents.containers.unwrap().remove(0);
        container.logs = vec![line(1), line(2), line(3)];
        let texts = |query: &str| String::from_utf8(log(&container, query)).unwrap();
        let last = "\u{1}\0\0\0\0\0\0\u{1a}1970-01-01T00:00:03Z at 3\n";
        assert_eq!(texts("since=0&tail=1"), last);
        assert_eq!(texts("since=3&tail=9"), last);
        assert_eq!(texts("since=4&tail=9"), "");
        assert_eq!(texts("tail=0"), "");
    }
}
