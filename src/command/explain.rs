//! `tikbook explain`: the runbook explain, without the word run.

use crate::cli::{ExplainArgs, Global, RunArgs, Runbook, Writing};
use crate::failure::{Code, Failure};
use crate::signals::Signals;

use super::run;

/// Runs the runbook explain for the user that the words name.
///
/// # Errors
/// As `tikbook run explain`.
pub fn run(global: &Global, args: &ExplainArgs, signals: &Signals) -> Result<Code, Failure> {
    let who = format!("--who={}", args.who.join(" "));
    let reply = args.reply.then(|| "--reply".into());
    let words = ["explain".into(), who.into()].into_iter().chain(reply);
    let runbook = Runbook::Named(words.collect());
    let args = RunArgs {
        expression: None,
        writing: Writing::default(),
        runbook: Some(runbook),
    };
    run::run(global, &args, signals)
}
