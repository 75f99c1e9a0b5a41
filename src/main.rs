//! Parses, runs one command, and turns its result into an exit code.

use std::process::ExitCode;
use std::thread;

/// Values of scripts may nest as deep as memory allows, and copying or dropping one takes stack for
/// each level. Only what is used of this is ever held.
const STACK: usize = 512 << 20;

fn main() -> ExitCode {
    let run = || tikbook::command::main(std::env::args_os());
    match thread::Builder::new().stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join().unwrap_or(ExitCode::FAILURE),
        // A system that gives no such stack gives the common one.
        Err(_) => run(),
    }
}
