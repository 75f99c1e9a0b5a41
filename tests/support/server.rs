//! A server process with a folder of its own, owned by a value: both are gone when the value is
//! dropped, and also when the test process ends in any other way, `kill -9` included.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::program;

/// How long a server may take to answer for the first time.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a line of a log may let us wait.
const LOG_LIMIT: Duration = Duration::from_secs(30);
/// How often a start is tried again, because the free port may be taken by somebody else between
/// our look and the server's bind.
const START_ATTEMPTS: usize = 4;
/// The name of a unix socket has 107 bytes at most, all folders included.
const LONGEST_FOLDER: usize = 64;

/// How a server is ended: the quickest signal after which it leaves nothing behind (`QUIT`,
/// `KILL`), and who gets it.
#[derive(Clone, Copy)]
pub enum Stop {
    /// The process that was started, which ends its own children.
    Process(&'static str),
    /// That process and all its children, which would outlive it.
    Group(&'static str),
    /// That process, started by [`program::as_root`].
    RootsProcess(&'static str),
}

/// A running server.
pub struct Server {
    process: Child,
    guard: Child,
    folder: PathBuf,
    stop: Stop,
}

impl Stop {
    fn signal(self) -> &'static str {
        match self {
            Stop::Process(signal) | Stop::Group(signal) | Stop::RootsProcess(signal) => signal,
        }
    }

    /// What `kill` is told to signal when the server has the process number `pid`.
    fn target(self, pid: u32) -> String {
        match self {
            Stop::Group(_) => format!("-{pid}"),
            Stop::Process(_) | Stop::RootsProcess(_) => pid.to_string(),
        }
    }

    /// The words before a command that reaches the server and its files.
    fn account(self) -> &'static [&'static str] {
        match self {
            Stop::RootsProcess(_) => program::root_words(),
            Stop::Process(_) | Stop::Group(_) => &[],
        }
    }
}

impl Server {
    /// Starts `command` and waits until `ready` says that it answers.
    ///
    /// `folder` belongs to the server from now on.
    pub fn start(
        mut command: Command,
        folder: PathBuf,
        stop: Stop,
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
        let guard = guard(process.id(), stop, &folder);
        let mut server = Server {
            process,
            guard,
            folder,
            stop,
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
        self.signal(self.stop.signal());
        self.process
            .wait()
            .expect("our own child can be waited for");
    }

    /// Sends the signal named `name`.
    pub fn signal(&self, name: &str) {
        let mut command = program::after(self.stop.account(), "kill");
        command.args(["-s", name, "--", &self.stop.target(self.process.id())]);
        // A server that has ended by itself needs no signal, so the result does not matter.
        let _ = command.stderr(Stdio::null()).status();
    }

    /// Makes the server fall silent with its connections open, until [`Server::resume`].
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Ends a [`Server::pause`].
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// What the server has written to its standard streams so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The file of [`Server::log`].
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Waits until the log has `text`.
    pub fn wait_for_log(&self, text: &str) {
        let start = Instant::now();
        while !self.log().contains(text) {
            assert!(
                start.elapsed() < LOG_LIMIT,
                "no `{text}` came in {LOG_LIMIT:?}; the log:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<(), String> {
        let start = Instant::now();
        while !ready() {
            let ended = self.process.try_wait().expect("our own child can be asked");
            if ended.is_some() || start.elapsed() > START_LIMIT {
                let log = self.log();
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

/// A loopback port on which nobody listens, and that no other test of this process was given: of two servers
/// on one port the second would be taken for the first.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener
            .local_addr()
            .expect("a bound socket has an address")
            .port();
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if given.insert(port) {
            return port;
        }
    }
}

/// A shell that sleeps in `read` until the test process says that the server was stopped, or is
/// gone (the pipe ends), in which case it stops the server itself. Then it removes the folder.
///
/// A process that has ended and that nobody has waited for still has its number.
fn guard(server: u32, stop: Stop, folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        account=$1 server=$2 signal=$3 target=$4 folder=$5
        read -r word || $account kill -s "$signal" -- "$target" 2>/dev/null
        tries=0
        while grep -q '^State:.[^ZX]' "/proc/$server/status" 2>/dev/null && [ "$tries" -lt 200 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        $account rm -rf "$folder""#;
    Command::new(program::find("sh", "dash"))
        .args(["-c", SCRIPT, "guard", &stop.account().join(" ")])
        .args([&server.to_string(), stop.signal(), &stop.target(server)])
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell can be started")
}
