//! Programs of somebody's own: one that adds a namespace, `examples/sms.rs`, and one that adds a service,
//! `examples/messages.rs`.

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rexpect::session::spawn_command;
use tempfile::TempDir;

/// The example, built: tests may be asked for without it. What the Cargo that runs the tests says
/// about itself is kept from the one that builds: the build script of `ring` looks at it, and half of
/// the dependencies would be built anew.
fn example(name: &str) -> PathBuf {
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
            name,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the example compiles");
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_tikbook"));
    binary.parent().unwrap().join("examples").join(name)
}

#[test]
fn a_namespace_of_ones_own_runs_and_explains_itself() {
    let mut child = Command::new(example("sms"))
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
    let mut command = Command::new(example("sms"));
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

/// A service of one's own is planned, asked for, journalled and sent as the others are.
#[test]
fn a_service_of_ones_own_takes_part_in_plans() {
    let state = TempDir::with_prefix("tikbook-messages-").unwrap();
    let mut command = Command::new(example("messages"));
    command.env_clear().env("TERM", "xterm").arg(state.path());
    let mut repl = spawn_command(command, Some(60_000)).unwrap();
    repl.exp_string("\u{1b}[?2004h").unwrap();
    repl.send_line("sms::send(\"0812345678\", \"used up\").status")
        .unwrap();
    repl.exp_string("planned").unwrap();
    // Nothing was sent yet: the same once more is planned as well, and one of them is dropped.
    repl.send_line("sms::send(\"0812345679\", \"used up\")")
        .unwrap();
    repl.send_line(":plan").unwrap();
    repl.exp_string("request sms:0812345679").unwrap();
    repl.send_line(":drop 2").unwrap();
    repl.send_line(":apply").unwrap();
    repl.exp_string("send; text: (absent)").unwrap();
    repl.exp_string("[y/N").unwrap();
    repl.send_line("y").unwrap();
    repl.exp_string("applied").unwrap();
    repl.send_line("sms::send(\"0812345678\", \"used up\").reason")
        .unwrap();
    repl.exp_string("it was sent before").unwrap();
    repl.send_line(":undo").unwrap();
    // The page is as wide as its terminal, which breaks this sentence.
    repl.exp_string("a message that was sent does not").unwrap();
    let folder = state.path().join("tikbook/journal/demo");
    let journals = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let journals: Vec<PathBuf> = journals
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    assert_eq!(journals.len(), 1);
    let journal = fs::read_to_string(&journals[0]).unwrap();
    assert!(
        journal.contains("\"sms:0812345678\"") && journal.contains("used up"),
        "{journal}"
    );
    assert!(!journal.contains("0812345679"), "{journal}");
}
