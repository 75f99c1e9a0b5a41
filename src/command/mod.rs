//! From a parsed command line to its subcommand, and from its result to the exit code.

mod apply;
mod changes;
mod check;
mod complete;
mod completions;
mod config;
mod doc;
mod doctor;
mod evaluate;
mod fingerprint;
mod history;
#[cfg(test)]
mod language;
mod list;
mod new;
mod output;
mod process;
mod progress;
mod prune;
mod publish;
mod repl;
mod run;
mod runtime;
mod show;
mod simulate;
mod sites;
mod test;
mod undo;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use crate::cli::{self, Cli, Format, Global, Subcommands};
use crate::failure::{Code, Failure};
use crate::run::Means;
use crate::signals::Signals;
use crate::terminal::screen;
use engine::OwnSenders;
use journal::run::{Run, RunKind, SiteIdentity};
use scripting::host::measured::Measured;
use scripting::host::moment::Clock;
use scripting::script::library::Library;
use session::Session;
use site::config as site_config;
use site::config::{ConfigError, Site, Sources};
use site::trust::Trusting;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use output::Output;
use progress::Line;
use sentences::{
    FailureNoThread, UsageFolderUnread, UsageForReports, UsageForReportsHint, UsageNoJson,
    UsageNoJsonHint, UsageScriptsNoFolder, UsageShort,
};

/// Runs the command line `args` and returns what the shell sees.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let look = cli::wanted_look(&args);
    let (inside, ended) = (look.clone(), look.clone());
    let command = move |signals: &Signals| {
        cli::parse(&args, || list::below_help(&args, signals))
            .map_err(Failure::from)
            .and_then(|cli| dispatch(&cli, signals))
            .unwrap_or_else(|failure| tell(failure, &inside, Some(signals)))
    };
    let told = move |failure: Failure| tell(failure, &ended, None);
    let code = process::run(command, told);
    let code = code.unwrap_or_else(|error| {
        let failure = Failure::new(Code::Failed, "system", FailureNoThread);
        tell(failure.caused_by(&error), &look, None)
    });
    ExitCode::from(code as u8)
}

fn dispatch(cli: &Cli, signals: &Signals) -> Result<Code, Failure> {
    let global = &cli.global;
    let is_report = matches!(
        &cli.command,
        Subcommands::Run(_)
            | Subcommands::Apply(_)
            | Subcommands::Undo(_)
            | Subcommands::History(_)
            | Subcommands::Named(_)
            | Subcommands::Doctor
    );
    if let (Some(Format::Ndjson | Format::Markdown | Format::Csv | Format::Tsv), false) =
        (global.format, is_report)
    {
        return Err(Failure::usage(UsageForReports).hint(UsageForReportsHint));
    }
    let has_json = !matches!(
        &cli.command,
        Subcommands::Repl
            | Subcommands::Show(_)
            | Subcommands::New(_)
            | Subcommands::Simulate(_)
            | Subcommands::Completions(_)
    );
    if (global.json || global.format == Some(Format::Json)) && !has_json {
        return Err(Failure::usage(UsageNoJson).hint(UsageNoJsonHint));
    }
    if global.short && !is_report {
        return Err(Failure::usage(UsageShort));
    }
    match &cli.command {
        Subcommands::Run(args) => run::run(global, args, signals),
        Subcommands::New(args) => new::run(global, args, signals),
        Subcommands::Complete(args) => complete::run(global, args, signals),
        Subcommands::Repl => repl::run(global, signals),
        Subcommands::Apply(args) => apply::run(global, args, signals),
        Subcommands::Undo(args) => undo::run(global, args, signals),
        Subcommands::History(args) => history::run(global, args, signals),
        Subcommands::Named(words) => run::named(global, words, signals),
        Subcommands::Doctor => doctor::run(global, signals),
        Subcommands::List => list::run(global, signals),
        Subcommands::Sites => sites::run(global, signals),
        Subcommands::Config(args) => config::run(global, args, signals),
        Subcommands::Show(args) => show::run(global, args, signals),
        Subcommands::Check(args) => check::run(global, args, signals),
        Subcommands::Test(args) => test::run(global, args, signals),
        Subcommands::Doc(args) => doc::run(global, args, signals),
        Subcommands::Simulate(args) => simulate::run(global, args, signals),
        Subcommands::Fingerprint(args) => fingerprint::run(global, args, signals),
        Subcommands::Completions(args) => completions::run(args),
    }
}

/// Help goes to stdout, errors to stderr, where JSON is wanted to stdout as well, and the shell sees what came of it.
/// There is nobody left to tell when stderr is gone.
fn tell(failure: Failure, look: &Global, signals: Option<&Signals>) -> Code {
    let failure = failure.hiding(screen::secrets());
    if failure.is_answer() {
        let text = failure.render(output::help_sheet(look));
        match output::show_help(&text, look, signals).map_err(Failure::from) {
            Ok(()) => return failure.code,
            // Whoever read it has seen enough.
            Err(unwritten) if unwritten.is_answer() => return unwritten.code,
            Err(unwritten) => return tell(unwritten, look, None),
        }
    }
    // Who cannot be told in JSON is told in words.
    drop(output::say_failure(&failure, look));
    let text = failure.render(output::stderr_sheet(look));
    drop(std::io::stderr().write_all(text.as_bytes()));
    failure.code
}

/// Where the configuration comes from: the flags and the process.
fn sources(global: &Global) -> Result<Sources, ConfigError> {
    let mut sources = Sources::from_process(
        global.site.clone(),
        global.config.clone(),
        global.env_file.clone(),
        global.timeout.as_deref(),
    )?;
    sources.secrets = screen::secrets().clone();
    Ok(sources)
}

/// What every subcommand starts from: flags, files and environment, understood.
struct Setting {
    sources: Sources,
    library: Library,
    output: Output,
}

impl Setting {
    fn of(global: &Global, signals: &Signals) -> Result<Self, Failure> {
        Self::from(sources(global)?, global, signals)
    }

    fn from(sources: Sources, global: &Global, signals: &Signals) -> Result<Self, Failure> {
        if let Some(missing) = global.scripts.iter().find(|folder| !folder.is_dir()) {
            return Err(Failure::usage(UsageScriptsNoFolder {
                folder: missing.display().to_string(),
            }));
        }
        let output = Output::of(global, &sources, signals);
        let folders = site_config::script_folders(&global.scripts, &sources)?;
        Ok(Self {
            output,
            library: Library::new(folders, Trusting::of(&sources)),
            sources,
        })
    }

    fn site(&self) -> Result<Site, Failure> {
        let site = site_config::load(self.sources.clone())?;
        for warning in site.warnings() {
            tracing::warn!("{warning}");
        }
        Ok(site)
    }

    /// A run of this command that begins now; `text` is the script's, where one is run.
    fn begin(&self, kind: RunKind, name: &str, text: Option<&str>, session: &Session) -> Run {
        let operator = site_config::operator(&self.sources);
        Run::begin(
            kind,
            name,
            text,
            &operator,
            SiteIdentity::of(session.site()),
        )
    }

    /// What a run of this command has of the process.
    fn means(&self, runtime: &Handle, cancel: CancellationToken) -> Means {
        Means {
            runtime: runtime.clone(),
            cancel,
            progress: Rc::new(Line::new(self.output.progress, self.output.errors.language)),
            is_quiet: false,
            clock: Clock::default(),
            journals: site_config::state_folder(&self.sources),
            own: None,
            services: OwnSenders::default(),
            measured: Measured::default(),
            planned_at: None,
        }
    }
}

/// The scripts in `folder` and the folders below it, in the order of their paths.
fn scripts_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        let folder = folder.display().to_string();
        Failure::usage(UsageFolderUnread { folder }).caused_by(&error)
    };
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(unreadable)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        // A link to a folder could lead in a circle.
        if path.is_dir() && !path.is_symlink() {
            files.extend(scripts_below(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rhai") {
            files.push(path);
        }
    }
    Ok(files)
}
