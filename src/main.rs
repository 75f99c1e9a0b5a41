//! Parses, runs one command, and turns its result into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tikbook::command::main(std::env::args_os())
}
