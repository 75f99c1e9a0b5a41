//! Where the programs of the servers are, and whose account may run them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of `name`, or a failed test that names the Debian package which brings it.
pub fn find(name: &str, package: &str) -> PathBuf {
    folders()
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!(
                "`{name}` is not installed: install the Debian package `{package}` (tests/run does)"
            )
        })
}

/// True when the tests run as root, which some servers refuse to do.
pub fn is_root() -> bool {
    effective("Uid:") == "0"
}

/// The number of the group that the tests run as.
pub fn group() -> String {
    effective("Gid:")
}

/// `program` as a command run by `account` if the tests are run by root, else by whoever runs them.
pub fn as_account(account: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new(find("setpriv", "util-linux"));
    command.args([format!("--reuid={account}"), format!("--regid={account}")]);
    command.arg("--clear-groups").arg(program);
    command
}

/// `program` as a command run by root, which takes `sudo` if somebody else runs the tests.
pub fn as_root(program: &Path) -> Command {
    after(root_words(), program)
}

/// The words before a command that make root run it.
pub fn root_words() -> &'static [&'static str] {
    if is_root() { &[] } else { &["sudo", "-n"] }
}

/// `program` as a command that follows `words`: nothing, or a command whose Debian package has its
/// name.
pub fn after(words: &[&str], program: impl AsRef<OsStr>) -> Command {
    let Some((first, rest)) = words.split_first() else {
        return Command::new(program);
    };
    let mut command = Command::new(find(first, first));
    command.args(rest).arg(program);
    command
}

/// The Python with the packages of the tests, which `tests/run` makes and names.
pub fn python() -> PathBuf {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    let python = env::var_os("TIKBOOK_PYTHON").map_or(made, PathBuf::from);
    assert!(
        python.is_file(),
        "there is no Python at {}: tests/run makes one with the pip packages that the tests need",
        python.display()
    );
    python
}

/// Runs `command` to its end and returns its data; a failure fails the test and shows what the
/// program said.
pub fn must_succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed with {}\n{said}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The effective number in a line of `/proc/self/status` that has four.
fn effective(line: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells of each process");
    let numbers = status.lines().find_map(|text| text.strip_prefix(line));
    let number = numbers.and_then(|numbers| numbers.split_whitespace().nth(1));
    number.expect("a process has a user and a group").to_owned()
}

/// Debian keeps PostgreSQL's server and the system daemons out of an ordinary PATH.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders
}
