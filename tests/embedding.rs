//! A program of somebody's own that adds a namespace: `examples/sms.rs`.

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rexpect::session::spawn_command;

/// The example, built: tests may be asked for without it. What the Cargo that runs the tests says
/// about itself is kept from the one that builds: the build script of `ring` looks at it, and half of
/// the dependencies would be built anew.
fn example() -> PathBuf {
    let kept = ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_BUILD_JOBS"];
    let said = |name: &str| name.starts_with("CARGO") && !kept.contains(&name);
    let environment = env::vars_os().filter(|(name, _)| !name.to_str().is_some_and(said));
    let built = Command::new(env!("CARGO"))
        .env_clear()
        .envs(environment)
        .args([
            "build",
            "--quiet",
            "--package",
            "tikbook",
            "--example",
            "sms",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the example compiles");
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_tikbook"));
    binary.parent().unwrap().join("examples/sms")
}

#[test]
fn a_namespace_of_ones_own_runs_and_explains_itself() {
    let mut child = Command::new(example())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "sms::send(\"0812\", \"hello\")\nsms::send(\"0812\", \"again\")\nsms::send(\"0812\", \"\")\n\
                 sms::send?\nsms::sned(1, 2)\nmikrotik::count(\"/ip/hotspot/ip-binding\") > 10\n";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.starts_with("1\n2\n"), "{shown}");
    for expected in [
        "there is no message to `0812`",
        "sms::send(phone, text)",
        "Puts a message into the outbox",
        "did you mean sms::send",
        "true\n",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn a_namespace_of_ones_own_is_completed() {
    let mut command = Command::new(example());
    command.env_clear().env("TERM", "xterm");
    let mut repl = spawn_command(command, Some(30_000)).unwrap();
    repl.exp_string("\u{1b}[?2004h").unwrap();
    repl.send_line("sms\tse\t\"0812\", \"hello\") + 41")
        .unwrap();
    repl.exp_string("42").unwrap();
}

#[test]
fn the_example_is_short() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sms.rs")).unwrap();
    assert!(text.lines().count() < 60);
}
