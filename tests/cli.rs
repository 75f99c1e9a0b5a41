//! The command line: what is accepted, where output goes, which code the shell sees.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::tikbook::Tikbook;

const SCRIPT: &str = r#"//! Shows what it was given.
const RUNBOOK = #{ reads: [], writes: [], params: #{
    limit: #{ type: "int", "default": 50, min: 0, max: 100, help: "most rows" },
    name: #{ type: "string", "default": "budi", help: "who" },
    mode: #{ type: "choice", choices: ["short", "long"], "default": "short", help: "how" },
    with_devices: #{ type: "bool", help: "devices too" },
    names: #{ type: "list", help: "these only" },
    ratio: #{ type: "float", "default": 0.5, help: "part" },
} };
fn run(args) { args }
"#;

fn with_script() -> Tikbook {
    Tikbook::new().file("scripts/given.rhai", SCRIPT)
}

#[test]
fn parameters_arrive_with_their_types() {
    let output = with_script()
        .args([
            "run",
            "given",
            "--limit",
            "7",
            "--mode=long",
            "--with-devices",
        ])
        .args([
            "--names", "a,b", "--names", "c", "--ratio", "0.25", "--json",
        ])
        .run()
        .code(0);
    let json = output.stdout_json();
    assert_eq!(json["limit"], 7);
    assert_eq!(json["name"], "budi");
    assert_eq!(json["mode"], "long");
    assert_eq!(json["with_devices"], true);
    assert_eq!(json["names"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(json["ratio"].to_string(), "0.25");
}

#[test]
fn wrong_parameters_are_usage_errors_that_say_what_is_right() {
    for (args, expected) in [
        (vec!["--limt", "7"], "--limit"),
        (vec!["--limit", "seven"], "whole number"),
        (vec!["--limit", "101"], "100 or less"),
        (vec!["--limit", "-1"], "0 or more"),
        (vec!["--mode", "medium"], "short, long"),
        (vec!["stray"], "unexpected argument"),
    ] {
        let output = with_script()
            .args(["run", "given"])
            .args(&args)
            .run()
            .code(2);
        assert!(
            output.stderr.contains(expected),
            "{args:?}: {}",
            output.stderr
        );
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn flags_of_every_command_work_before_and_behind_the_runbook() {
    for args in [["--json", "run", "given"], ["run", "given", "--print-json"]] {
        let output = with_script().args(args).run().code(0);
        assert_eq!(output.stdout_json()["runbook"], "given");
    }
}

#[test]
fn help_list_show_doc_and_check_open_no_connection() {
    let router = TcpListener::bind("127.0.0.1:0").unwrap();
    router.set_nonblocking(true).unwrap();
    let port = router.local_addr().unwrap().port().to_string();
    for args in [
        vec!["run", "audit", "--help"],
        vec!["list"],
        vec!["show", "audit"],
        vec!["doc"],
        vec!["check"],
        vec!["completions", "bash"],
    ] {
        Tikbook::new()
            .env("MIKROTIK_HOST", "127.0.0.1")
            .env("MIKROTIK_PORT", &port)
            .env("MIKROTIK_USERNAME", "audit")
            .env("MIKROTIK_PASSWORD", "s3cret")
            .env(
                "DATABASE_URL",
                format!("postgresql://u:p@127.0.0.1:{port}/d"),
            )
            .env("REDIS_HOST_OTP", "127.0.0.1")
            .env("REDIS_PORT_OTP", &port)
            .args(&args)
            .run()
            .code(0);
        let connected = router.accept().is_ok();
        assert!(!connected, "{args:?} opened a connection");
    }
}

#[test]
fn help_of_a_runbook_shows_its_title_and_parameters() {
    let output = with_script().args(["run", "given", "--help"]).run().code(0);
    for expected in [
        "Shows what it was given.",
        "--limit <INT>",
        "most rows [from 0, to 100, default 50]",
        "--with-devices",
    ] {
        assert!(output.stdout.contains(expected), "{}", output.stdout);
    }
    assert_eq!(output.stderr, "");
}

/// A script of somebody else, or a word that a page brought onto the command line, draws nothing on a terminal.
#[test]
fn help_and_refusals_only_show_what_a_script_or_a_word_holds() {
    const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}\u{9b}2J";
    let script = format!(
        "//! Title {EVIL}\nconst RUNBOOK = #{{ params: #{{ one: #{{ type: \"choice\", \"default\": \"a\", \
         choices: [\"a\", \"b{EVIL}\"], help: \"help {EVIL}\" }} }} }};\nfn run(args) {{ #{{}} }}\n"
    );
    let unknown = format!("--{EVIL}\nFORGED");
    let wrong = format!("--one={EVIL}\nFORGED");
    for (args, code) in [
        (vec!["run", "evil", "--help"], 0),
        (vec!["list"], 0),
        (vec!["run", "evil", &unknown], 2),
        (vec!["run", "evil", &wrong], 2),
        (vec!["audit", &unknown], 2),
        (vec!["--format", &unknown, "audit"], 2),
        (vec![&unknown], 2),
    ] {
        for color in ["always", "never"] {
            let mut all = args.clone();
            all.extend(["--color", color].into_iter().filter(|_| code == 0));
            let tikbook = Tikbook::new().file("scripts/evil.rhai", &script);
            let output = tikbook.args(&all).run().code(code);
            for text in [&output.stdout, &output.stderr] {
                let own = text.replace("\u{1b}[0m", "");
                for drawn in [
                    "\u{1b}]0",
                    "\u{7}",
                    "\u{1b}[31m\u{202e}",
                    "\u{202e}",
                    "\u{9b}",
                ] {
                    assert!(!own.contains(drawn), "{args:?} {drawn:?}\n{text:?}");
                }
                let forged = text.lines().any(|line| line.starts_with("FORGED"));
                assert!(!forged, "{args:?}\n{text:?}");
            }
        }
    }
}

#[test]
fn unknown_names_are_answered_with_a_suggestion() {
    for (args, expected) in [
        (vec!["run", "audot"], "did you mean `audit`?"),
        (vec!["runn"], "run"),
        (vec!["--site", "dmo", "run", "audit"], "demo"),
        (vec!["doc", "mikrotk"], "did you mean `mikrotik`?"),
    ] {
        let output = Tikbook::new().args(&args).run().code(2);
        assert!(
            output.stderr.contains(expected),
            "{args:?}: {}",
            output.stderr
        );
    }
}

#[test]
fn a_site_that_nobody_described_is_a_configuration_error() {
    let output = Tikbook::new().args(["run", "audit"]).run().code(2);
    assert!(output.stderr.contains("--site demo"), "{}", output.stderr);
}

#[test]
fn findings_change_the_code_only_when_asked() {
    Tikbook::new()
        .args(["--site", "demo", "run", "audit"])
        .run()
        .code(0);
    Tikbook::new()
        .args(["--site", "demo", "run", "audit", "--fail-on-findings"])
        .run()
        .code(3);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tikbook"))
        .args(["doc", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let with_color = |tikbook: Tikbook| {
        let output = tikbook
            .args(["--site", "demo", "run", "audit"])
            .run()
            .code(0);
        output.stdout.contains('\u{1b}')
    };
    assert!(!with_color(Tikbook::new()));
    assert!(with_color(Tikbook::new().env("CLICOLOR_FORCE", "1")));
    assert!(!with_color(
        Tikbook::new()
            .env("CLICOLOR_FORCE", "1")
            .env("NO_COLOR", "1")
    ));
    assert!(with_color(
        Tikbook::new()
            .env("NO_COLOR", "1")
            .args(["--color", "always"])
    ));
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Tikbook::new().args(["completions", shell]).run().code(0);
        assert!(output.stdout.contains("tikbook"), "{shell}");
    }
}

#[test]
fn a_folder_of_scripts_that_is_not_there_is_wrong_use() {
    let output = Tikbook::new()
        .args(["--scripts", "nowhere", "list"])
        .run()
        .code(2);
    assert!(
        output.stderr.contains("`nowhere` is not a folder"),
        "{}",
        output.stderr
    );
}

/// A runbook with one parameter that must be given.
const GREETS: &str = r#"//! Greets somebody.
const RUNBOOK = #{ reads: [], writes: [], params: #{
    name: #{ type: "string", help: "whom" },
    loud: #{ type: "bool", help: "more so" },
} };
fn run(args) { args }
"#;

#[test]
fn a_runbook_is_a_command_by_its_name_also_one_of_ones_own() {
    let own = || with_script().file("scripts/greets.rhai", GREETS);
    let limit = own()
        .args(["given", "--limit", "7", "--json"])
        .run()
        .code(0);
    assert_eq!(limit.stdout_json()["limit"], 7);
    let before = own()
        .args(["--json", "greets", "--name", "Siti"])
        .run()
        .code(0);
    assert_eq!(before.stdout_json()["name"], "Siti");
    // Words without a flag are the value of the one parameter that must be given, here and behind `run`.
    for args in [
        &["--json", "greets", "Siti", "Rahmawati", "--loud"][..],
        &["--json", "run", "greets", "--loud", "Siti", "Rahmawati"],
    ] {
        let json = own().args(args).run().code(0).stdout_json();
        assert_eq!(json["name"], "Siti Rahmawati");
        assert_eq!(json["loud"], true);
    }
    for (args, said) in [
        (&["greets"][..], "<NAME>"),
        (&["greets", "Siti", "--name", "Budi"], "cannot be used with"),
        (&["given", "stray"], "unexpected argument"),
        (&["given", "--apply", "--plan", "x"], "cannot be used with"),
        (&["greats", "Siti"], "did you mean `greets`?"),
        (&["lst"], "did you mean `list`?"),
        (
            &["./scripts/greets.rhai"],
            "neither a command nor a runbook",
        ),
    ] {
        let output = own().args(args).run().code(2);
        assert!(output.stderr.contains(said), "{args:?}: {output}");
    }
}

#[test]
fn help_lists_the_runbooks_and_shows_the_parameters_of_one() {
    let own = || with_script().file("scripts/list.rhai", GREETS);
    for args in [&["--help"][..], &["help"]] {
        let help = own().args(args).run().code(0);
        for line in [
            "explain ",
            "repair ",
            "given          Shows what it was given.",
        ] {
            assert!(help.stdout.contains(line), "{line}: {help}");
        }
        // A command of the program wins, so that this one is none.
        assert!(!help.stdout.contains("Greets somebody"), "{help}");
    }
    for args in [
        &["explain", "--help"][..],
        &["help", "explain"],
        &["run", "explain", "--help"],
    ] {
        let help = own().args(args).run().code(0);
        for said in ["--who <TEXT>", "--reply", "--apply", "[WHO]..."] {
            assert!(help.stdout.contains(said), "{args:?} {said}: {help}");
        }
    }
    let listed = own().args(["list", "--json"]).run().code(0);
    assert!(listed.stdout_json().is_array());
    let unknown = own().args(["help", "nonsense"]).run().code(2);
    assert!(unknown.stderr.contains("nonsense"), "{unknown}");
}

#[test]
fn explain_alone_takes_what_the_runbook_takes() {
    let demo = |args: &[&str]| {
        let tikbook = Tikbook::new().args(["--site", "demo", "--json"]).args(args);
        tikbook.run().code(0).stdout_json()
    };
    let alone = demo(&["explain", "081255501007", "--reply"]);
    let run = demo(&["run", "explain", "--who", "081255501007", "--reply"]);
    assert_eq!(alone["reply"].as_array().unwrap().len(), 3, "{alone}");
    assert_eq!(alone["reply"], run["reply"]);
    let without = demo(&["explain", "081255501007"]);
    assert!(without["reply"].is_null(), "{without}");
}
