//! A server process with a folder of its own, owned by a value: both are gone when the value is
//! dropped, and also when the test process ends in any other way, `kill -9` included.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::program;

/// How long a server may take to answer for the first time.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How often a start is tried again, because the free port may be taken by somebody else between
/// our look and the server's bind.
const START_ATTEMPTS: usize = 4;
/// The name of a unix socket has 107 bytes at most, all folders included.
const LONGEST_FOLDER: usize = 64;

/// A running server.
pub struct Server {
    process: Child,
    guard: Child,
    folder: PathBuf,
    stop_signal: &'static str,
}

impl Server {
    /// Starts `command` and waits until `ready` says that it answers.
    ///
    /// `folder` belongs to the server from now on; `stop_signal` is the quickest one that makes
    /// it leave nothing behind (`QUIT`, `KILL`).
    pub fn start(
        mut command: Command,
        folder: PathBuf,
        stop_signal: &'static str,
        ready: impl Fn() -> bool,
    ) -> Result<Server, String> {
        let log = File::create(folder.join("log")).expect("the server's folder is writable");
        let process = command
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be cloned"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let guard = guard(process.id(), stop_signal, &folder);
        let mut server = Server {
            process,
            guard,
            folder,
            stop_signal,
        };
        server.wait_until(ready)?;
        Ok(server)
    }

    /// The folder of the server's files and its log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends the server at once, as a crash would; its folder stays until the value is dropped.
    pub fn kill(&mut self) {
        self.signal(self.stop_signal);
        self.process
            .wait()
            .expect("our own child can be waited for");
    }

    /// Sends the signal named `name` (`STOP` and `CONT` make a server that is there and silent).
    pub fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        // A server that has ended by itself needs no signal, so the result does not matter.
        let _ = Command::new("kill")
            .args(["-s", name, &pid])
            .stderr(Stdio::null())
            .status();
    }

    fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<(), String> {
        let start = Instant::now();
        while !ready() {
            let ended = self.process.try_wait().expect("our own child can be asked");
            if ended.is_some() || start.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!(
                    "the server did not start ({ended:?}); its log:\n{log}"
                ));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.signal("CONT");
            self.kill();
        }
        if let Some(mut guard) = self.guard.stdin.take() {
            let _ = guard.write_all(b"stopped\n");
        }
        let _ = self.guard.wait();
    }
}

/// A new private folder for a server, below `/tmp` where the temporary folder has a name so long
/// that a socket in it could not have one.
pub fn folder(name: &str) -> PathBuf {
    let temporary = env::temp_dir();
    let is_short = temporary.as_os_str().len() <= LONGEST_FOLDER;
    let parent = if is_short {
        temporary
    } else {
        PathBuf::from("/tmp")
    };
    let folder = tempfile::Builder::new()
        .prefix(&format!("tikbook-{name}-"))
        .tempdir_in(parent);
    folder.expect("the temporary folder is writable").keep()
}

/// Calls `start` with a port that was free a moment ago, again if the port was lost meanwhile.
pub fn on_a_free_port<T>(start: impl Fn(u16) -> Result<T, String>) -> T {
    let mut failure = String::new();
    for _ in 0..START_ATTEMPTS {
        match start(free_port()) {
            Ok(server) => return server,
            Err(error) => failure = error,
        }
    }
    panic!("{failure}");
}

/// A loopback port on which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

/// A shell that sleeps in `read` until the test process says that the server was stopped, or is
/// gone (the pipe ends), in which case it stops the server itself. Then it removes the folder.
///
/// A process that has ended and that nobody has waited for still has its number, but no `exe`.
fn guard(server: u32, stop_signal: &str, folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        read -r word || kill -s "$2" "$1" 2>/dev/null
        tries=0
        while [ -e "/proc/$1/exe" ] && [ "$tries" -lt 100 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        rm -rf "$3""#;
    Command::new(program::find("sh", "dash"))
        .args(["-c", SCRIPT, "guard", &server.to_string(), stop_signal])
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell can be started")
}
