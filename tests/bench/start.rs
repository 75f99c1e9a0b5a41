//! What starting tikbook costs beside a program that prints a line.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::measure::{median, milliseconds, time};

const ROUNDS: usize = 41;
const FLOOR: &str = "fn main() { println!(\"tikbook\"); }";
const EMPTY: &str = "//! Does nothing.\nconst RUNBOOK = #{ reads: [], writes: [], params: #{} };\nfn run(args) { () }\n";

/// Prints the comparison.
pub fn measure() {
    let folder = TempDir::new().unwrap();
    let floor = compiled_floor(folder.path());
    fs::write(folder.path().join("empty.rhai"), EMPTY).unwrap();
    let (mut line, mut version, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        line.push(time(&mut Command::new(&floor)));
        version.push(time(tikbook(folder.path()).arg("--version")));
        empty.push(time(tikbook(folder.path()).args([
            "--site",
            "demo",
            "run",
            "./empty.rhai",
        ])));
    }
    let (line, version, empty) = (median(line), median(version), median(empty));
    println!("start, medians of {ROUNDS} interleaved rounds");
    println!(
        "  a Rust program that prints a line   {}",
        milliseconds(line)
    );
    println!(
        "  tikbook --version                   {}",
        milliseconds(version)
    );
    println!(
        "  run of an empty runbook on the demo {}",
        milliseconds(empty)
    );
    println!(
        "  --version / line                    {:.2} (wanted: 2 at most)",
        version.div_duration_f64(line)
    );
    let more = empty.saturating_sub(version);
    println!(
        "  empty run - --version               {} (wanted: 30 ms at most)\n",
        milliseconds(more)
    );
}

fn tikbook(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
    command.env_clear().env("HOME", folder).current_dir(folder);
    command
}

fn compiled_floor(folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("floor.rs"), folder.join("floor"));
    fs::write(&source, FLOOR).unwrap();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .arg("-O")
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "rustc compiles the program to compare with"
    );
    program
}
