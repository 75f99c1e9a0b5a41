//! Runs the binary as a user does, with an environment that holds nothing the test did not put there.

use std::fmt;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, lchown};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::snapshot;

/// A user that no machine has.
const OTHER: u32 = 1_999_999_999;

/// No command of a test may take longer; one that does is killed and fails the test.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs a command and says how many KiB it held at most.
const MEASURE: &str = "import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f'\\npeak {peak}', file=sys.stderr)
sys.exit(code if code >= 0 else 128 - code)";

/// A command line that will be run in a folder of its own.
pub struct Tikbook {
    folder: TempDir,
    command: Command,
    stdin: Vec<u8>,
}

/// A started command, killed if it is dropped before its end.
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    command_line: String,
    _folder: TempDir,
}

/// What a command left behind.
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
    command_line: String,
}

impl Tikbook {
    /// `tikbook` without arguments, in an empty folder that is also its home.
    pub fn new() -> Tikbook {
        let folder =
            TempDir::with_prefix("tikbook-run-").expect("the temporary folder is writable");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
        command
            .env_clear()
            .current_dir(folder.path())
            .env("HOME", folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("XDG_CONFIG_HOME", folder.path().join(".config"));
        command.env("XDG_DATA_HOME", folder.path().join(".local/share"));
        command.env("XDG_STATE_HOME", folder.path().join(".local/state"));
        command.env("XDG_CACHE_HOME", folder.path().join(".cache"));
        Tikbook {
            folder,
            command,
            stdin: Vec::new(),
        }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Tikbook {
        self.command.args(args);
        self
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Tikbook {
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Tikbook {
        self.command.env(name, value);
        self
    }

    /// What the command reads from its standard input, which ends after it.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Tikbook {
        self.stdin = text.into();
        self
    }

    /// Writes a file below the folder in which the command runs.
    pub fn file(self, path: &str, contents: impl AsRef<[u8]>) -> Tikbook {
        let path = self.folder.path().join(path);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("the temporary folder is writable");
        fs::write(&path, contents).expect("the temporary folder is writable");
        self
    }

    /// Puts a link into the folder, to a place outside it.
    pub fn link(self, path: &str, target: &str) -> Tikbook {
        let link = self.folder.path().join(path);
        std::os::unix::fs::symlink(target, link).expect("the temporary folder is writable");
        self
    }

    /// Sets who may do what with a file or folder below the folder in which the command runs; `""` is that itself.
    pub fn mode(self, path: &str, mode: u32) -> Tikbook {
        let path = self.folder.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is there");
        self
    }

    /// Gives a file or folder to another user, which only root can; for anybody else everybody may write it instead.
    pub fn of_other(self, path: &str) -> Tikbook {
        if !nix::unistd::geteuid().is_root() {
            return self.mode(path, 0o777);
        }
        let path = self.folder.path().join(path);
        lchown(path, Some(OTHER), Some(OTHER)).expect("root may give files away");
        self
    }

    /// The folder in which the command runs is a mount of its own, with these options of `mount`, in which nothing of
    /// it is lost. Comes after the arguments.
    pub fn on_own_mount(self, options: &str) -> Tikbook {
        let here = "mount --bind . . && cd \"$PWD\"";
        self.after(&format!("{here} && mount -o remount,bind,{options} . && :"))
            .through("unshare", &["--user", "--map-root-user", "--mount", "--"])
    }

    /// No file that the command writes can grow beyond so many blocks of 512 bytes: then a write
    /// fails, as on a full disk. Comes after the arguments.
    pub fn with_small_disk(self, blocks: u32) -> Tikbook {
        self.after(&format!("trap '' XFSZ; ulimit -f {blocks}"))
    }

    /// The same limit as a shell sets it: by itself it ends the process with SIGXFSZ. Comes after the
    /// arguments.
    pub fn with_limited_files(self, blocks: u32) -> Tikbook {
        self.after(&format!("ulimit -f {blocks}"))
    }

    /// Waits longer than a site does by default: on a busy machine also a worker that is well may need
    /// it. A flag `--timeout` counts all the same.
    pub fn patient(self) -> Tikbook {
        self.env("TIKBOOK_TIMEOUT", "30s")
    }

    /// The command is started with SIGHUP ignored, as `nohup` does. Comes after the arguments.
    pub fn without_hang_up(self) -> Tikbook {
        self.after("trap '' HUP")
    }

    /// The terminal on stdin is the command's own: its end is a SIGHUP. Comes after the arguments.
    pub fn with_own_terminal(self) -> Tikbook {
        self.through("setsid", &["--ctty"])
    }

    /// The most memory that the command holds is the last line on stderr. Comes after the arguments.
    pub fn measured(self) -> Tikbook {
        let python = super::program::python();
        self.through(&python.display().to_string(), &["-c", MEASURE])
    }

    /// A shell does this in place of the command, which it knows as `$0`.
    pub fn in_shell(self, script: &str) -> Tikbook {
        self.through("sh", &["-c", script])
    }

    /// A shell does `first`, and then becomes the command.
    fn after(self, first: &str) -> Tikbook {
        let becoming = format!("{first}; exec \"$0\" \"$@\"");
        self.through("sh", &["-c", &becoming])
    }

    /// `program` becomes the command.
    fn through(mut self, program: &str, args: &[&str]) -> Tikbook {
        let mut command = Command::new(program);
        command.args(args);
        command.arg(self.command.get_program());
        command.args(self.command.get_args());
        command.env_clear().current_dir(self.folder.path());
        let set = self.command.get_envs();
        command.envs(set.filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self
    }

    /// Runs the command to its end.
    pub fn run(self) -> Output {
        self.start().finish()
    }

    /// The command itself, for tests that hold its streams, and the folder that it runs in.
    pub fn into_command(self) -> (Command, TempDir) {
        (self.command, self.folder)
    }

    /// Starts the command, for tests that do something while it runs.
    pub fn start(mut self) -> Running {
        let command_line = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary can be started");
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // A command that does not read its input closes the pipe, which is its right.
        thread::spawn(move || stdin.write_all(&self.stdin));
        let stdout = Stream::read(child.stdout.take().expect("stdout is a pipe"));
        let stderr = Stream::read(child.stderr.take().expect("stderr is a pipe"));
        Running {
            child,
            stdout,
            stderr,
            command_line,
            _folder: self.folder,
        }
    }
}

impl Running {
    /// Waits until `text` has come on stdout.
    pub fn wait_for_stdout(&mut self, text: &str) {
        self.wait_for(text, |running| running.stdout.text());
    }

    /// Waits until `text` has come on stderr.
    pub fn wait_for_stderr(&mut self, text: &str) {
        self.wait_for(text, |running| running.stderr.text());
    }

    /// What has come on stdout so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends what Ctrl-C sends.
    pub fn interrupt(&self) {
        self.signal(Signal::SIGINT);
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        let sent = kill(pid, signal);
        assert!(sent.is_ok(), "the command {} has ended", self.command_line);
    }

    /// Sends the signal of that number, which may be one without a name.
    pub fn signal_number(&self, number: i32) {
        let pid = self.child.id();
        let mut shell = Command::new("sh");
        let sent = shell.args(["-c", &format!("kill -{number} {pid}")]);
        let sent = sent.status().expect("there is a shell");
        assert!(
            sent.success(),
            "the command {} has ended",
            self.command_line
        );
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Output {
        let status = self.wait();
        Output {
            status,
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
            command_line: self.command_line.clone(),
        }
    }

    fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child can be asked") {
                return status;
            }
            self.fail_after_limit(start);
        }
    }

    fn wait_for(&mut self, text: &str, stream: impl Fn(&Running) -> String) {
        let start = Instant::now();
        while !stream(self).contains(text) {
            self.fail_after_limit(start);
        }
    }

    fn fail_after_limit(&mut self, start: Instant) {
        if start.elapsed() > LIMIT {
            let (out, err) = (self.stdout.text(), self.stderr.text());
            panic!(
                "{} took longer than {LIMIT:?}\n--- stdout\n{out}\n--- stderr\n{err}",
                self.command_line
            );
        }
        thread::sleep(Duration::from_millis(2));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    /// Fails the test unless the command ended with this exit code.
    pub fn code(self, expected: i32) -> Output {
        assert_eq!(
            self.status.code(),
            Some(expected),
            "the exit code of {}\n{self}",
            self.command_line
        );
        self
    }

    /// Fails the test unless `text` stands on stderr.
    pub fn says(&self, text: &str) -> &Output {
        assert!(self.stderr.contains(text), "`{text}`: {self}");
        self
    }

    /// The most bytes that a measured command held.
    pub fn peak(&self) -> u64 {
        let line = self.stderr.lines().last().unwrap_or_default();
        let peak = line
            .strip_prefix("peak ")
            .and_then(|kib| kib.parse::<u64>().ok());
        peak.unwrap_or_else(|| panic!("it was not measured: {self}")) << 10
    }

    /// Standard output as one JSON document.
    pub fn stdout_json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "stdout of {} is not JSON: {error}\n{self}",
                self.command_line
            )
        })
    }

    /// Compares the exit code, stdout and stderr with `snapshots/<name>.snap`.
    pub fn snapshot(&self, name: &str) {
        snapshot::check(name, &self.to_string());
    }
}

impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Output {
            status,
            stdout,
            stderr,
            ..
        } = self;
        write!(
            formatter,
            "{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// A stream that is read to its end in the background, so that the command never waits for us.
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Stream {
    fn read(mut source: impl Read + Send + 'static) -> Stream {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut chunk = [0; 64 * 1024];
            while let Ok(length @ 1..) = source.read(&mut chunk) {
                sink.lock()
                    .expect("no reader panics")
                    .extend_from_slice(&chunk[..length]);
            }
        });
        Stream { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("no reader panics")).into_owned()
    }

    fn finish(&self) -> String {
        while !self.reader.is_finished() {
            thread::sleep(Duration::from_millis(1));
        }
        self.text()
    }
}
