//! `tikbook completions`: a completion script for a shell.

use std::io::Write;

use clap_complete::Shell as Generated;

use crate::cli::{self, CompletionsArgs, Shell};
use crate::failure::{Code, Failure};

/// Prints the script.
///
/// # Errors
/// Stdout cannot be written to.
pub fn run(args: &CompletionsArgs) -> Result<Code, Failure> {
    let shell = match args.shell {
        Shell::Bash => Generated::Bash,
        Shell::Elvish => Generated::Elvish,
        Shell::Fish => Generated::Fish,
        Shell::Powershell => Generated::PowerShell,
        Shell::Zsh => Generated::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "tikbook", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Code::Done)
}
