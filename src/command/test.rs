//! `tikbook test`: the tests of scripts, on simulated sites.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cli::{Global, TestArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use crate::testing::{self, Outcome};
use scripting::script::library::Script;
use sentences::{DoneTested, FailureTestsStopped, UsageNoTests, UsageNoTestsHint};
use wording::duration;

use super::{Setting, runtime, scripts_below};

/// Runs the tests below the paths that are named, or below the folders of the search path.
///
/// # Errors
/// There are no tests, a script cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, args: &TestArgs, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let scripts = scripts(&setting, &args.paths)?;
    let runtime = runtime::start()?;
    let cancel = signals.run();
    let mut show = Show::new(&setting);
    let began = Instant::now();
    testing::run(
        &setting.library,
        &scripts,
        args.filter.as_deref(),
        &runtime,
        &cancel,
        &mut |outcome| show.outcome(outcome),
    );
    drop(runtime);
    if cancel.is_cancelled() {
        return Err(Failure::new(
            Code::Interrupted,
            "interrupted",
            FailureTestsStopped,
        ));
    }
    show.end(began.elapsed())
}

fn scripts(setting: &Setting, paths: &[PathBuf]) -> Result<Vec<Script>, Failure> {
    let library = &setting.library;
    if paths.is_empty() {
        let mut own = Vec::new();
        for folder in library.folders() {
            for file in scripts_below(&folder.path())? {
                own.extend(library.read_in(&folder, &file).transpose()?);
            }
        }
        return Ok(own);
    }
    let mut files: Vec<PathBuf> = Vec::new();
    let mut bundled = Vec::new();
    for path in paths {
        let examples = match path.exists() {
            true => Vec::new(),
            false => library.tests_of_examples(&path.to_string_lossy()),
        };
        if path.is_dir() {
            files.extend(scripts_below(path)?);
        } else if examples.is_empty() {
            files.push(path.clone());
        } else {
            bundled.extend(examples);
        }
    }
    files.dedup();
    let own = files.iter().map(|file| library.read_path(file));
    let own: Vec<Script> = own.collect::<Result<_, _>>()?;
    Ok([own, bundled].concat())
}

/// Tells outcomes as they come, or all at the end in JSON.
struct Show<'a> {
    setting: &'a Setting,
    outcomes: Vec<Outcome>,
    written: io::Result<()>,
}

impl<'a> Show<'a> {
    fn new(setting: &'a Setting) -> Self {
        Self {
            setting,
            outcomes: Vec::new(),
            written: Ok(()),
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        if !self.setting.output.is_json() && self.written.is_ok() {
            self.written = self.line(&outcome);
        }
        self.outcomes.push(outcome);
    }

    fn line(&self, outcome: &Outcome) -> io::Result<()> {
        let mut out = self.setting.output.stdout()?;
        if self.outcomes.last().map(|last| &last.source) != Some(&outcome.source) {
            writeln!(out, "{}", outcome.source)?;
        }
        let word = if outcome.failure.is_some() {
            "FAIL"
        } else {
            "ok"
        };
        writeln!(out, "  {word:4}  {}", outcome.name)?;
        if let Some(trace) = &outcome.failure {
            let failure = Failure::from(trace.clone());
            writeln!(out, "{}", failure.render(self.setting.output.sheet))?;
        }
        out.flush()
    }

    fn end(self, took: Duration) -> Result<Code, Failure> {
        self.written?;
        let failed = self.outcomes.iter().filter(|one| one.failure.is_some());
        let failed = failed.count();
        let mut out = self.setting.output.stdout()?;
        if self.setting.output.is_json() {
            let list: Vec<_> = self.outcomes.iter().map(outcome_json).collect();
            report::json::pretty(&mut out, &list)?;
        } else {
            let said = DoneTested {
                tests: self.outcomes.len(),
                failed,
                took: duration::text(took),
            };
            self.setting.output.say(&mut out, said)?;
        }
        out.flush()?;
        match (self.outcomes.is_empty(), failed) {
            (true, _) => Err(Failure::usage(UsageNoTests).hint(UsageNoTestsHint)),
            (false, 0) => Ok(Code::Done),
            (false, _) => Ok(Code::Failed),
        }
    }
}

fn outcome_json(outcome: &Outcome) -> serde_json::Value {
    let failure = outcome.failure.clone().map(Failure::from);
    json!({
        "source": outcome.source,
        "name": outcome.name,
        "seconds": outcome.took.as_secs_f64(),
        "error": failure.as_ref().map(Failure::to_json),
    })
}
