//! Engines that do not play along: a stand-in on a socket answers as real ones never should.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tikbook::config::Limits;
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::docker::{Docker, DockerError, LogRange};

use crate::docker::host;

const VERSION: &str = r#"{"Version": "26.1.5", "ApiVersion": "1.45"}"#;
const LIST: &str = r#"[{"Id": "a1", "Names": ["/kost-beat-1"], "State": "running", "Labels":
    {"com.docker.compose.project": "kost", "com.docker.compose.service": "beat"}}]"#;
const RANGE: LogRange = LogRange {
    tail: 10,
    since: None,
};

/// What the stand-in does once it has read a request.
#[derive(Clone)]
enum Answer {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// These bytes, then silence.
    Hold(Vec<u8>),
    /// These bytes, then the same piece again and again for as long as somebody takes it.
    Flood(Vec<u8>, Vec<u8>),
}

/// A stand-in for an Engine. Its thread ends with the test process.
struct Fake {
    socket: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
}

impl Fake {
    /// One that answers version and list as an Engine does, and `path` as it is told.
    fn answering(path: &'static str, answer: Answer) -> Fake {
        Fake::start(move |asked| match asked {
            asked if asked.starts_with(path) => answer.clone(),
            "/version" => json(VERSION),
            asked if asked.starts_with("/containers/json") => json(LIST),
            _ => Answer::Bytes(response(
                "404 Not Found",
                r#"{"message": "no such container"}"#,
            )),
        })
    }

    fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Fake {
        let folder = TempDir::with_prefix("tikbook-engine-").unwrap();
        let socket = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let noted = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = request(&stream);
                let path = request.split(' ').nth(1).unwrap_or_default();
                let answer = answer(path);
                noted.lock().unwrap().push(request);
                thread::spawn(move || send(stream, answer));
            }
        });
        Fake {
            socket,
            requests,
            _folder: folder,
        }
    }

    async fn open(&self) -> Result<Docker, DockerError> {
        let limits = Limits {
            connect: Duration::from_secs(20),
            docker: Duration::from_secs(20),
            ..Limits::default()
        };
        self.open_within(&limits).await
    }

    async fn open_within(&self, limits: &Limits) -> Result<Docker, DockerError> {
        let address = format!("unix://{}", self.socket.display());
        Docker::connect(&host(&address), None, limits).await
    }
}

/// The first line of a request, once all of it has come.
fn request(stream: &UnixStream) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    first
}

fn send(mut stream: UnixStream, answer: Answer) {
    // A client that has heard enough closes.
    let _ = match answer {
        Answer::Bytes(bytes) => stream
            .write_all(&bytes)
            .and_then(|()| stream.shutdown(Shutdown::Both)),
        Answer::Hold(bytes) => stream.write_all(&bytes).map(|()| {
            loop {
                thread::park();
            }
        }),
        Answer::Flood(head, piece) => stream.write_all(&head).and_then(|()| {
            loop {
                if let Err(error) = stream.write_all(&piece)
                    && error.kind() != ErrorKind::Interrupted
                {
                    return Err(error);
                }
            }
        }),
    };
}

fn response(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn json(body: &str) -> Answer {
    Answer::Bytes(response("200 OK", body))
}

/// An answer in chunks that ends as one should.
fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    bytes.extend(format!("{:x}\r\n", body.len()).as_bytes());
    bytes.extend(body);
    bytes.extend(b"\r\n0\r\n\r\n");
    bytes
}

/// A piece of a log, with the length that it says it has.
fn piece(stream: u8, length: u32, text: &str) -> Vec<u8> {
    let mut bytes = vec![stream, 0, 0, 0];
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

async fn refused(fake: &Fake) -> DockerError {
    let docker = match fake.open().await {
        Ok(docker) => docker,
        Err(error) => return error,
    };
    let containers = docker.containers().await;
    containers.expect_err("it was taken for an Engine")
}

async fn log(answer: Vec<u8>) -> Result<Vec<String>, DockerError> {
    let fake = Fake::answering("/containers/a1/logs", Answer::Bytes(answer));
    let lines = fake.open().await?.logs("beat", RANGE).await?;
    let text = |text: Vec<u8>| String::from_utf8(text).unwrap();
    Ok(lines.into_iter().map(|line| text(line.text)).collect())
}

#[tokio::test]
async fn only_what_reads_is_asked() {
    let fake = Fake::answering("/containers/a1/logs", Answer::Bytes(chunked(b"")));
    let docker = fake.open().await.unwrap();
    // It is gone when it is looked at.
    assert_eq!(docker.containers().await.unwrap(), []);
    assert_eq!(docker.logs("beat", RANGE).await.unwrap(), []);
    let requests = fake.requests.lock().unwrap().clone();
    let paths: Vec<&str> = requests
        .iter()
        .map(|line| line.strip_suffix(" HTTP/1.1").unwrap())
        .collect();
    assert_eq!(paths[0], "GET /version");
    assert!(
        paths[1].starts_with("GET /containers/json?all=true"),
        "{paths:?}"
    );
    assert!(paths[2].starts_with("GET /containers/a1/json"), "{paths:?}");
    assert!(
        paths[4].starts_with("GET /containers/a1/logs?"),
        "{paths:?}"
    );
    assert_eq!(paths.len(), 5);
}

#[tokio::test]
async fn what_is_no_engine_is_told() {
    for (answer, kind) in [
        (
            Answer::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            Kind::Protocol,
        ),
        (Answer::Bytes(vec![0xff; 4096]), Kind::Protocol),
        (json("<html>hello</html>"), Kind::Protocol),
        (json(r#"{"Version": 7}"#), Kind::Protocol),
        (Answer::Bytes(Vec::new()), Kind::Disconnected),
        (
            Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
            Kind::Disconnected,
        ),
        (
            Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".to_vec()),
            Kind::Disconnected,
        ),
    ] {
        let error = refused(&Fake::answering("/version", answer)).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.kind().is_unreachable() && error.hint().is_some(),
            "{error}"
        );
        assert!(error.to_string().chars().count() < 500, "{error}");
    }
}

#[tokio::test]
async fn what_the_engine_says_against_it_is_told_in_its_words() {
    for (status, body, words) in [
        (
            "500 Internal Server Error",
            r#"{"message": "the disk is full"}"#,
            "status 500: `the disk is full`",
        ),
        ("403 Forbidden", "no", "status 403: `no`"),
        ("302 Found", "", "status 302"),
    ] {
        let error = refused(&Fake::answering(
            "/version",
            Answer::Bytes(response(status, body)),
        ))
        .await;
        assert_eq!(error.kind(), Kind::Refused);
        assert!(error.to_string().contains(words), "{error}");
    }
    let long = response("500 Oh", &"x".repeat(100_000));
    let error = refused(&Fake::answering("/version", Answer::Bytes(long))).await;
    assert!(error.to_string().len() < 500, "{error}");
    let tls = response(
        "400 Bad Request",
        "Client sent an HTTP request to an HTTPS server.\n",
    );
    let error = refused(&Fake::answering("/version", Answer::Bytes(tls))).await;
    assert!(
        error
            .hint()
            .unwrap()
            .to_string()
            .contains("DOCKER_TLS_VERIFY")
    );
}

#[tokio::test]
async fn an_engine_that_says_nothing_more_is_not_waited_for() {
    let limits = Limits {
        docker: Duration::from_millis(200),
        ..Limits::default()
    };
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".to_vec();
    for answer in [Answer::Hold(Vec::new()), Answer::Hold(begun)] {
        let fake = Fake::answering("/version", answer);
        let began = Instant::now();
        let error = fake.open_within(&limits).await.err().unwrap();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert!(began.elapsed() < Duration::from_secs(15));
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_kept() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let fake = Fake::answering("/containers/json", Answer::Flood(head, vec![b' '; 65536]));
    let error = refused(&fake).await;
    assert!(matches!(error, DockerError::TooMuch { .. }), "{error}");
}

#[tokio::test]
async fn a_list_may_hold_anything() {
    let labels =
        r#""Labels": {"com.docker.compose.project": "p", "com.docker.compose.service": "s"}"#;
    let list = format!(
        r#"[{{}}, {{"Id": "a", "Labels": {{}}}}, {{"Id": "../../images/json?x=", {labels}}}, {{"Id": "", {labels}}},
            {{"Id": "b2", "Names": [], {labels}}}]"#
    );
    let inspected = r#"{"Id": "b2", "State": {"StartedAt": "yesterday"}}"#;
    let fake = Fake::start(move |path| match path {
        "/version" => json("{}"),
        path if path.starts_with("/containers/json") => json(&list),
        "/containers/b2/json" | "/containers/b2/json?size=false" => json(inspected),
        _ => panic!("{path} was asked"),
    });
    let containers = fake.open().await.unwrap().containers().await.unwrap();
    assert_eq!(containers.len(), 1);
    assert_eq!(
        (containers[0].name.as_str(), containers[0].started_at),
        ("b2", None)
    );
}

#[tokio::test]
async fn a_log_is_read_whatever_its_pieces_are() {
    let at = "2026-05-31T12:00:00Z ";
    let whole = |stream: u8, text: &str| {
        let text = format!("{at}{text}");
        piece(stream, text.len() as u32, &text)
    };
    let lines = [
        whole(1, "one\n"),
        piece(2, 0, ""),
        whole(2, "two"),
        whole(2, " more\n"),
    ]
    .concat();
    assert_eq!(log(chunked(&lines)).await.unwrap(), ["one", "two more"]);
    assert_eq!(
        log(chunked(b"no pieces\nat all")).await.unwrap(),
        ["no pieces", "at all"]
    );
    let many = whole(1, "x\n").repeat(5000);
    assert_eq!(
        log(chunked(&many)).await.unwrap().len(),
        RANGE.tail as usize
    );
}

#[tokio::test]
async fn a_log_that_is_cut_is_no_log() {
    let begun = [piece(1, 4, "one\n"), piece(1, 400, "two")].concat();
    let cut_cleanly = log(chunked(&begun)).await.unwrap_err();
    assert_eq!(cut_cleanly.kind(), Kind::Disconnected, "{cut_cleanly}");
    let mut bytes = chunked(&begun);
    bytes.truncate(bytes.len() - 9);
    let cut = log(bytes).await.unwrap_err();
    assert_eq!(cut.kind(), Kind::Disconnected, "{cut}");
}

#[tokio::test]
async fn a_piece_of_a_gigabyte_is_not_waited_for_nor_kept() {
    let head = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), piece(1, 1 << 30, "")].concat();
    let limits = Limits {
        docker: Duration::from_secs(2),
        ..Limits::default()
    };
    let silent = Fake::answering("/containers/a1/logs", Answer::Hold(head.clone()));
    let docker = silent.open_within(&limits).await.unwrap();
    let error = docker.logs("beat", RANGE).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    let flood = Answer::Flood(head, vec![b'x'; 65536]);
    let fake = Fake::answering("/containers/a1/logs", flood);
    let error = fake
        .open()
        .await
        .unwrap()
        .logs("beat", RANGE)
        .await
        .unwrap_err();
    assert!(matches!(error, DockerError::TooMuch { .. }), "{error}");
    assert!(error.hint().unwrap().to_string().contains("tail"));
}

#[tokio::test]
async fn a_log_that_the_engine_cannot_read_says_what_to_do() {
    let body = r#"{"message": "configured logging driver does not support reading"}"#;
    let error = log(response("501 Not Implemented", body))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error.hint().unwrap().to_string().contains("json-file"),
        "{error}"
    );
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on_is_told() {
    let folder = TempDir::with_prefix("tikbook-engine-").unwrap();
    let socket = folder.path().join("docker.sock");
    let open = async || {
        let address = format!("unix://{}", socket.display());
        let opened = Docker::connect(&host(&address), None, &Limits::default()).await;
        opened.err().expect("nobody answers there")
    };
    assert_eq!(open().await.kind(), Kind::NotConfigured);
    drop(UnixListener::bind(&socket).unwrap());
    let error = open().await;
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.to_string().ends_with("Connection refused"), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .to_string()
            .contains("systemctl status docker")
    );
}
