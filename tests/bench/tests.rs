//! What a hundred tests of scripts cost, each on a simulated site of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::measure::{median, milliseconds, time};

const ROUNDS: usize = 5;
const TESTS: usize = 100;

/// Prints the time of a hundred tests, and of as many that have no site.
pub fn measure() {
    let folder = TempDir::new().unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/fixtures/portal.json");
    fs::copy(fixture, folder.path().join("portal.json")).unwrap();
    let real = "let done = site::load(\"portal.json\").runbook(\"audit\", #{ limit: 5 }); \
                assert_eq(done.subjects(\"stale-blocked\"), [\"*1\"]);";
    write(&folder.path().join("real_test.rhai"), real);
    write(&folder.path().join("empty_test.rhai"), "assert_eq(1, 1);");
    let (mut real, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        real.push(time(&mut tests(folder.path(), "real_test.rhai")));
        empty.push(time(&mut tests(folder.path(), "empty_test.rhai")));
    }
    let (real, empty) = (median(real), median(empty));
    println!("{TESTS} tests of scripts, medians of {ROUNDS} interleaved rounds");
    println!(
        "  an audit on a fixture each   {} (wanted: 2000 ms at most)",
        milliseconds(real)
    );
    println!("  without a site               {}", milliseconds(empty));
    println!(
        "  one audit more per test      {}\n",
        milliseconds(real.saturating_sub(empty) / TESTS as u32)
    );
}

fn write(path: &Path, body: &str) {
    let lines: Vec<String> = (0..TESTS)
        .map(|number| format!("fn test_number_{number}() {{ {body} }}\n"))
        .collect();
    fs::write(path, lines.concat()).unwrap();
}

fn tests(folder: &Path, file: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
    command.env_clear().env("HOME", folder).current_dir(folder);
    command.args(["test", file]);
    command
}
