//! The README's commands run, and print what it shows.

use std::fs;

use routeros_sim::{Options, Simulator, State};

use crate::support::tikbook::Tikbook;
use crate::support::{oracle, postgres};

/// A command of the README and the lines shown below it.
struct Shown {
    command: String,
    lines: Vec<String>,
}

#[test]
fn every_command_of_the_readme_runs_and_prints_what_is_shown() {
    let case = &oracle::cases()[0];
    let database = postgres::database_with_schema();
    database.insert(case);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let router = runtime
        .block_on(Simulator::start(Options {
            user: "audit".to_owned(),
            password: "s3cret".to_owned(),
            state: State::from_json(&case["router"].to_string()).unwrap(),
            ..Options::default()
        }))
        .unwrap();
    let site = format!(
        "MIKROTIK_HOST=127.0.0.1\nMIKROTIK_PORT={}\nMIKROTIK_USERNAME=audit\nMIKROTIK_PASSWORD=s3cret\n\
         DATABASE_URL={}\nSECRET_KEY=oracle-secret-key-0123456789\n",
        router.address().port(),
        database.url()
    );
    let mut run = 0;
    for shown in commands() {
        let Some(args) = arguments(&shown.command) else {
            continue;
        };
        let output = Tikbook::new()
            .file("site.env", &site)
            .args(args)
            .run()
            .code(0);
        check(&shown, &output.stdout);
        run += 1;
    }
    assert!(
        run >= 9,
        "only {run} commands of tikbook stand in the README"
    );
}

/// What a run on one site left is not there for a command on another one.
#[test]
fn commands_that_read_what_a_run_left_name_its_site() {
    let readme = text();
    let blocks = readme.split("```console\n").skip(1);
    let mut read = 0;
    for block in blocks.filter_map(|block| block.split("```").next()) {
        let commands = || block.lines().filter_map(|line| line.strip_prefix("$ "));
        if !commands().any(|command| command.contains("--site demo run")) {
            continue;
        }
        for command in commands() {
            let words: Vec<_> = command.split(' ').collect();
            if ["history", "undo", "apply"]
                .iter()
                .any(|name| words.contains(name))
            {
                assert!(command.contains("--site demo"), "{command}");
                read += 1;
            }
        }
    }
    assert!(read > 0, "no command reads what a run left");
}

#[test]
fn its_configuration_is_understood() {
    let readme = text();
    let start = readme.find("```toml\n").unwrap() + "```toml\n".len();
    let length = readme[start..].find("```").unwrap();
    let pin = ["AB"; 32].join(":");
    let file = readme[start..start + length]
        .replace("3B:5E:…", &pin)
        .replace("/etc/tikbook/gw1.password", "gw1.password");
    Tikbook::new()
        .file("tikbook.toml", file)
        .file("gw1.password", "s3cret\n")
        .file("site.env", "DATABASE_URL=sqlite:///none.db\n")
        .args(["list"])
        .run()
        .code(0);
}

#[test]
fn it_names_the_test_command_and_every_exit_code() {
    let readme = text();
    assert!(readme.contains("$ tests/run"));
    for code in [
        "| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 5 |", "| 6 |", "| 130 |",
    ] {
        assert!(readme.contains(code), "{code}");
    }
}

fn text() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// The commands of all `console` blocks.
fn commands() -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in text().lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => shown.push(Shown {
                    command: command.to_owned(),
                    lines: Vec::new(),
                }),
                None => shown.last_mut().unwrap().lines.push(line.to_owned()),
            },
        }
    }
    shown
}

/// What follows `tikbook` in a command of the README; nothing for other programs.
fn arguments(command: &str) -> Option<Vec<String>> {
    let words = command
        .strip_prefix("cargo run --release -- ")
        .or_else(|| command.strip_prefix("tikbook "))?;
    let mut arguments = Vec::new();
    for (number, part) in words.split('\'').enumerate() {
        if number % 2 == 1 {
            arguments.push(part.to_owned());
        } else {
            arguments.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    Some(arguments)
}

/// The lines shown stand in the output in this order; `…` stands for any number of lines.
fn check(shown: &Shown, stdout: &str) {
    let mut rest = stdout.lines();
    for line in &shown.lines {
        if line == "…" {
            continue;
        }
        assert!(
            rest.any(|printed| printed.trim_end() == line.trim_end()),
            "`{}` does not print\n{line}\nbut\n{stdout}",
            shown.command
        );
    }
}
