//! A real Docker Engine with its socket, images and containers in a folder of its own. It has no
//! network, so it touches neither bridges nor firewall rules, and no registry: its one image is
//! the busybox of this machine.
//!
//! The Engine wants root, by `sudo` if somebody else runs the tests, and control groups.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{program, server};

const PACKAGE: &str = "docker.io";
const IMAGE: &str = "tikbook/busybox";
/// The programs of busybox that the scripts of containers use.
const APPLETS: [&str; 8] = [
    "cat", "date", "echo", "false", "sh", "sleep", "test", "true",
];
/// How long one answer of the Engine, and one change of a container, may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A Docker Engine; the one of [`shared`], or one that a test has for itself.
pub struct Engine {
    server: server::Server,
    socket: PathBuf,
}

/// A container of a compose project, removed with the value.
pub struct Container {
    socket: PathBuf,
    id: String,
}

/// The Engine of all tests that look at a compose project of their own only.
pub fn shared() -> &'static Engine {
    static SHARED: OnceLock<Engine> = OnceLock::new();
    SHARED.get_or_init(Engine::start)
}

impl Engine {
    /// Starts an Engine without containers.
    pub fn start() -> Engine {
        let folder = server::folder("docker");
        let socket = folder.join("docker.sock");
        let command = daemon(&folder, &socket);
        let ready = || exchange(&socket, "GET", "/_ping", "text/plain", b"").is_ok();
        let stop = server::Stop::RootsProcess("TERM");
        let server = server::Server::start(command, folder, stop, ready).unwrap_or_else(|failure| {
            panic!("the Docker Engine of the Debian package `{PACKAGE}` wants root and control groups: {failure}")
        });
        import_busybox(&socket, server.folder());
        Engine { server, socket }
    }

    /// Where it listens, as `DOCKER_HOST` writes it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// The file of its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Starts a container of `service` in the compose project `project`, which runs the shell
    /// script `script`.
    pub fn run(&self, project: &str, service: &str, script: &str) -> Container {
        self.run_with(project, service, script, json!({}))
    }

    /// The same with more fields of the Engine API's container, such as
    /// `{"Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 100000000}}` (nanoseconds) or
    /// `{"HostConfig": {"RestartPolicy": {"Name": "always"}}}`.
    pub fn run_with(&self, project: &str, service: &str, script: &str, more: Value) -> Container {
        let container = self.create(project, service, script, more);
        container.start();
        container
    }

    /// Makes a container that nobody has started.
    pub fn create(&self, project: &str, service: &str, script: &str, more: Value) -> Container {
        let mut fields = json!({
            "Image": IMAGE,
            "Cmd": ["sh", "-c", script],
            "Labels": {
                "com.docker.compose.project": project,
                "com.docker.compose.service": service,
                "com.docker.compose.container-number": "1",
                "com.docker.compose.oneoff": "False",
            },
            "HostConfig": { "NetworkMode": "host" },
            // A shell that is the first process of a container ignores TERM.
            "StopSignal": "SIGKILL",
        });
        merge(&mut fields, more);
        let made = post(&self.socket, "/containers/create", &fields);
        let id = made["Id"]
            .as_str()
            .expect("a new container has an id")
            .to_owned();
        let socket = self.socket.clone();
        Container { socket, id }
    }

    /// Ends the Engine, all its containers with it.
    pub fn kill(&mut self) {
        self.server.kill();
    }
}

impl Container {
    /// Its id, 64 letters of hex.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All that the Engine tells of it.
    pub fn inspect(&self) -> Value {
        let path = format!("/containers/{}/json", self.id);
        let answer = exchange(&self.socket, "GET", &path, "text/plain", b"");
        parse(&must(answer))
    }

    /// Starts it, again if it has stopped.
    pub fn start(&self) {
        self.tell("start");
    }

    /// Stops it for good, whatever its restart policy.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Freezes its processes.
    pub fn pause(&self) {
        self.tell("pause");
    }

    /// Waits until its state has `field` with `value`: `("Status", "exited")`, `("Running", true)`.
    pub fn wait_for(&self, field: &str, value: impl Into<Value>) {
        let value = value.into();
        self.wait_until(&format!("{field} = {value}"), |told| {
            told["State"][field] == value
        });
    }

    /// Waits until its health check says `health`: `healthy`, `unhealthy`.
    pub fn wait_for_health(&self, health: &str) {
        self.wait_until(health, |told| told["State"]["Health"]["Status"] == health);
    }

    /// Waits until the Engine has `text` in its log.
    pub fn wait_for_log(&self, text: &str) {
        let path = format!("/containers/{}/logs?stdout=1&stderr=1", self.id);
        self.wait_until(&format!("`{text}` in its log"), |_| {
            must(exchange(&self.socket, "GET", &path, "text/plain", b"")).contains(text)
        });
    }

    fn wait_until(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        while !holds(&self.inspect()) {
            let state = &self.inspect()["State"];
            assert!(start.elapsed() < LIMIT, "not {what} in {LIMIT:?}: {state}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn tell(&self, verb: &str) {
        post(
            &self.socket,
            &format!("/containers/{}/{verb}", self.id),
            &Value::Null,
        );
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let path = format!("/containers/{}?force=true", self.id);
        // The test may have ended the Engine, and the container with it.
        let _ = exchange(&self.socket, "DELETE", &path, "text/plain", b"");
    }
}

/// The Engine mounts network namespaces below its folder, in a mount namespace of its own so that
/// they are gone when it is.
fn daemon(folder: &Path, socket: &Path) -> Command {
    let settings = folder.join("daemon.json");
    fs::write(&settings, "{}").expect("the server's folder is writable");
    let mut command = program::as_root(&program::find("unshare", "util-linux"));
    command
        .arg("--mount")
        .arg(program::find("dockerd", PACKAGE));
    for (option, name) in [
        ("--data-root", "data"),
        ("--exec-root", "run"),
        ("--pidfile", "pid"),
    ] {
        command.arg(option).arg(folder.join(name));
    }
    command.arg("--config-file").arg(settings);
    command.args(["--host", &format!("unix://{}", socket.display())]);
    command.args(["--group", &program::group()]);
    command.args(["--bridge", "none", "--storage-driver", "vfs"]);
    command.args(["--iptables=false", "--ip-forward=false", "--ip-masq=false"]);
    command
}

fn import_busybox(socket: &Path, folder: &Path) {
    let (package, programs) = ("busybox-static", folder.join("image/bin"));
    fs::create_dir_all(&programs).expect("the server's folder is writable");
    let busybox = program::find("busybox", package);
    fs::copy(&busybox, programs.join("busybox")).expect("a program can be copied");
    for applet in APPLETS {
        symlink("busybox", programs.join(applet)).expect("the server's folder is writable");
    }
    let archive = folder.join("image.tar");
    let mut tar = Command::new(program::find("tar", "tar"));
    tar.arg("-cf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.join("image"));
    program::must_succeed(tar.arg("bin"));
    let bytes = fs::read(&archive).expect("the archive was written");
    let path = format!("/images/create?fromSrc=-&repo={IMAGE}&tag=latest");
    must(exchange(socket, "POST", &path, "application/x-tar", &bytes));
}

fn post(socket: &Path, path: &str, fields: &Value) -> Value {
    let body = if fields.is_null() {
        String::new()
    } else {
        fields.to_string()
    };
    let answer = exchange(socket, "POST", path, "application/json", body.as_bytes());
    parse(&must(answer))
}

fn must(answer: Result<String, String>) -> String {
    answer.unwrap_or_else(|failure| panic!("the Docker Engine refused: {failure}"))
}

fn parse(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_default()
}

/// One request, one answer. HTTP/1.0 has neither chunks nor connections that stay open.
fn exchange(
    socket: &Path,
    method: &str,
    path: &str,
    kind: &str,
    body: &[u8],
) -> Result<String, String> {
    let answer = send(socket, method, path, kind, body)
        .map_err(|error| format!("{method} {path} on {}: {error}", socket.display()))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let code = head.split(' ').nth(1).unwrap_or_default();
    if code.starts_with('2') || code == "304" {
        Ok(body.to_owned())
    } else {
        Err(format!("{method} {path}: {answer}"))
    }
}

fn send(
    socket: &Path,
    method: &str,
    path: &str,
    kind: &str,
    body: &[u8],
) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    // Logs come with lengths between their lines, which are no text.
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Puts the fields of `more` into `fields`; objects are merged, other values replaced.
fn merge(fields: &mut Value, more: Value) {
    match (fields, more) {
        (Value::Object(fields), Value::Object(more)) => {
            for (name, value) in more {
                merge(fields.entry(name).or_insert(Value::Null), value);
            }
        }
        (field, value) => *field = value,
    }
}
