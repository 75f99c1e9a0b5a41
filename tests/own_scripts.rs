//! Scripts of one's own: begun, run from a file, from a text and from standard input, completed.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::tikbook::{Output, Tikbook};

const TYPED: &str = "//! Show what was given.\n\
    const RUNBOOK = #{ params: #{\n\
        who: #{ type: \"phone\", help: \"the user\" },\n\
        device: #{ type: \"mac\", \"default\": \"0a-00-00-00-00-01\", help: \"the device\" },\n\
        address: #{ type: \"ip\", \"default\": \"10.0.0.1\", help: \"its address\" },\n\
        since: #{ type: \"duration\", \"default\": \"2d\", max: 604800, help: \"how long ago\" },\n\
        kind: #{ type: \"choice\", choices: [\"all\", \"some\"], \"default\": \"all\", help: \"which\" } } };\n\
    fn run(args) { #{ given: args } }\n";

fn typed(args: &[&str]) -> Output {
    Tikbook::new()
        .file("scripts/typed.rhai", TYPED)
        .args(["run", "typed", "--json"])
        .args(args)
        .run()
}

#[test]
fn a_new_runbook_passes_its_tests_and_runs() {
    let scripts = |command: Tikbook| command.file("keep", "").args(["new", "lost-rows"]).run();
    let output = scripts(Tikbook::new()).code(0);
    assert!(
        output.stdout.contains("wrote scripts/lost-rows.rhai"),
        "{output}"
    );
    // The templates themselves, under their own name.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/command/new");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let site = |command: Tikbook| {
        command
            .file("scripts/lost.rhai", read("runbook.rhai"))
            .file(
                "scripts/lost_test.rhai",
                read("runbook_test.rhai").replace("NAME", "lost"),
            )
    };
    let output = site(Tikbook::new()).args(["test"]).run().code(0);
    assert!(output.stdout.contains("3 tests, 0 failed"), "{output}");
    site(Tikbook::new())
        .args(["check", "scripts"])
        .run()
        .code(0);
    site(Tikbook::new())
        .args(["--site", "demo", "run", "lost"])
        .run()
        .code(0);
    let output = site(Tikbook::new()).args(["new", "lost"]).run().code(2);
    assert!(output.stderr.contains("is there already"), "{output}");
    let output = Tikbook::new().args(["new", "../lost"]).run().code(2);
    assert!(
        output.stderr.contains("is no name for a runbook"),
        "{output}"
    );
}

#[test]
fn an_expression_is_evaluated_and_may_only_read() {
    let run = |expression: &str, flags: &[&str]| {
        Tikbook::new()
            .args(["--site", "demo", "run", "-e", expression])
            .args(flags)
            .run()
    };
    assert_eq!(run("1 + 1", &[]).code(0).stdout, "2\n");
    let count = run("db::value(\"select count(*) from users\")", &[]);
    assert_eq!(count.code(0).stdout, "22\n");
    let rows = "mikrotik::rows(\"/system/identity\")";
    assert!(run(rows, &[]).code(0).stdout.ends_with("1 row\n"));
    assert!(run(rows, &["--json"]).code(0).stdout_json()[0]["name"].is_string());
    let output = run("1 +", &[]).code(1);
    assert!(output.stderr.contains("expression:1"), "{output}");
    run("1", &["audit"]).code(2);
}

#[test]
fn a_script_comes_from_standard_input() {
    let run = |text: &str, args: &[&str]| {
        Tikbook::new()
            .args(["run", "-"])
            .args(args)
            .stdin(text)
            .run()
    };
    assert_eq!(run("let x = 40;\nx + 2\n", &[]).code(0).stdout, "42\n");
    let output = run(TYPED, &["--who", "0812 345 678", "--json"]).code(0);
    assert_eq!(output.stdout_json()["given"]["who"], "0812345678");
    run("", &[]).code(0);
}

#[test]
fn a_file_with_a_first_line_for_the_system_is_a_program() {
    let folder = tempfile::TempDir::with_prefix("tikbook-own-").unwrap();
    let path = folder.path().join("hello.rhai");
    let text = "#!/usr/bin/env -S tikbook run\n//! Say hello.\nconst RUNBOOK = #{};\n\
                fn run(args) { report::create(\"hello\") }\n";
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tikbook"));
    let folders = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
    let output = Command::new(&path)
        .env_clear()
        .env("PATH", folders)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(
        out.starts_with("hello\n"),
        "{out}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn parameters_of_the_field_are_checked_and_brought_into_one_form() {
    let output = typed(&[
        "--who",
        "+62 812-3456-789",
        "--device",
        "0a1b.2c3d.4e5f",
        "--since",
        "1h",
    ]);
    let given = output.code(0).stdout_json()["given"].clone();
    assert_eq!(given["who"], "08123456789");
    assert_eq!(given["device"], "0A:1B:2C:3D:4E:5F");
    assert_eq!(given["since"], 3600);
    let given = typed(&["--who", "0812345"]).code(0).stdout_json()["given"].clone();
    assert_eq!(given["device"], "0A:00:00:00:00:01");
    assert_eq!(given["since"], 172_800);
    for (args, word) in [
        (["--who", "nobody"], "a phone number"),
        (["--device", "0a:1b"], "a MAC address"),
        (["--address", "10.0.0"], "an IP address"),
        (["--since", "2w"], "604800 or less"),
    ] {
        let who: &[&str] = if args[0] == "--who" {
            &[]
        } else {
            &["--who", "0812345"]
        };
        let output = typed(&[who, &args[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{output}");
        assert!(output.stderr.contains(word), "{word}: {output}");
    }
}

const READER: &str = "//! Read logs.\n\
    const RUNBOOK = #{ params: #{ log: #{ type: \"file\", help: \"its lines\" } } };\n\
    fn run(args) { #{ lines: args.log, signs: portal::log_lines(args.log).column(\"sign\") } }\n";

fn reader(args: &[&str]) -> Output {
    let beat = "celery_beat-1  | [2026-05-31 12:00:00,123: INFO/MainProcess] beat: Starting...\n";
    Tikbook::new()
        .file("scripts/reader.rhai", READER)
        .file("logs/beat.log", beat)
        .file("logs/other.log", "one\r\ntwo")
        .args(args)
        .run()
}

#[test]
fn a_script_gets_the_lines_of_the_files_that_the_operator_names() {
    let files = ["--log", "logs/beat.log", "--log", "logs/other.log"];
    let output = reader(&[&["--json", "run", "reader"], &files[..]].concat()).code(0);
    let report = output.stdout_json();
    assert_eq!(report["lines"][1], "one");
    assert_eq!(report["lines"][2], "two");
    assert_eq!(report["signs"][0], "beat-started");
    let output = reader(&["--json", "run", "reader"]).code(0);
    assert_eq!(output.stdout_json()["lines"].as_array().unwrap().len(), 0);
    for (file, word) in [
        ("logs", "is no file"),
        ("/dev/zero", "is no file"),
        ("none.log", "cannot be read: No such file"),
    ] {
        let output = reader(&["run", "reader", "--log", file]).code(2);
        assert!(output.stderr.contains(word), "{output}");
    }
}

#[test]
fn a_runbook_cannot_name_a_file_itself() {
    let named = READER.replace("help:", "\"default\": \"/etc/passwd\", help:");
    let output = Tikbook::new()
        .file("scripts/reader.rhai", named)
        .args(["run", "reader"])
        .run()
        .code(1);
    assert!(
        output.stderr.contains("is a file with a default"),
        "{output}"
    );
}

#[test]
fn a_test_names_files_below_its_folder_only() {
    let test = "fn test_lines_are_read() {\n\
            let done = site::of(#{}).runbook(\"reader\", #{ log: [\"logs/a.log\", \"logs/a.log\"] });\n\
            assert_eq(done.report.lines, [\"x\", \"x\"]);\n\
        }\n\
        fn test_others_are_not() {\n\
            for file in [\"../a.log\", \"/etc/passwd\"] {\n\
                try { site::of(#{}).runbook(\"reader\", #{ log: file }); throw \"it was read\"; }\n\
                catch (err) { assert(err.message.contains(\"is not below\"), err.message); }\n\
            }\n\
        }\n";
    Tikbook::new()
        .file("scripts/reader.rhai", READER)
        .file("scripts/reader_test.rhai", test)
        .file("scripts/logs/a.log", "x\n")
        .args(["test"])
        .run()
        .code(0);
}

#[test]
fn files_are_completed_behind_their_parameter() {
    let complete = |word: &str| {
        let output = reader(&["complete", "--", "run", "reader", "--log", word]).code(0);
        output.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("lo"), ["logs/"]);
    assert_eq!(complete("logs/"), ["logs/beat.log", "logs/other.log"]);
    assert_eq!(complete("nowhere/"), Vec::<String>::new());
}

#[test]
fn runbooks_parameters_and_sites_are_completed() {
    let complete = |words: &[&str]| {
        let output = Tikbook::new()
            .file("scripts/typed.rhai", TYPED)
            .args(["complete", "--"])
            .args(words)
            .run()
            .code(0);
        output.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["run", "ty"]), ["typed"]);
    assert_eq!(complete(&["--site", "demo", "show", "aud"]), ["audit"]);
    assert_eq!(complete(&["run", "typed", "--si"]), ["--since", "--site"]);
    assert_eq!(complete(&["run", "typed", "--app"]), ["--apply"]);
    assert_eq!(complete(&["run", "typed", "--kind", ""]), ["all", "some"]);
    assert_eq!(complete(&["--site", "de"]), ["default", "demo"]);
    // Commands of the program, and runbooks in their place.
    assert_eq!(complete(&["li"]), ["list"]);
    assert_eq!(complete(&["--site", "demo", "re"]), ["repair", "repl"]);
    assert_eq!(complete(&["ty"]), ["typed"]);
    assert_eq!(complete(&["typed", "--si"]), ["--since", "--site"]);
    assert_eq!(complete(&["typed", "--kind", ""]), ["all", "some"]);
    assert_eq!(complete(&["help", "aud"]), ["audit"]);
    assert_eq!(complete(&["list", ""]), Vec::<String>::new());
}

#[test]
fn the_completion_script_of_bash_is_one() {
    let output = Tikbook::new().args(["completions", "bash"]).run().code(0);
    let folder = tempfile::TempDir::with_prefix("tikbook-own-").unwrap();
    let file = folder.path().join("tikbook.bash");
    std::fs::write(&file, &output.stdout).unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tikbook"));
    let folders = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
    let ask = format!(
        "source {}; COMP_WORDS=(tikbook run aud); COMP_CWORD=2; _tikbook_names; echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let answer = Command::new("bash")
        .args(["-c", &ask])
        .env("PATH", folders)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&answer.stdout), "audit\n");
}
