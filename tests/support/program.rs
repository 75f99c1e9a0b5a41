//! Where the programs of the servers are, and whose account may run them.

use std::env;
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
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uids.and_then(|uids| uids.split_whitespace().nth(1)) == Some("0")
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

/// Runs `command` to its end; a failure fails the test and shows what the program said.
pub fn must_succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed with {}\n{said}",
        output.status
    );
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
