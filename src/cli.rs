//! What can be typed, with every help text. What it means is decided elsewhere.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::error::ContextValue;
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand, ValueEnum,
};

use report::printable::printable;
use wording::duration::{DurationError, parse_within};

/// The columns that help takes at most.
pub const HELP_WIDTH: usize = 100;

const AFTER_HELP: &str = "Try it without any set-up: tikbook --site demo audit";

/// Runs runbooks against a MikroTik hotspot site.
#[derive(Debug, Parser)]
#[command(name = "tikbook", version, about, long_about = None, max_term_width = HELP_WIDTH)]
#[command(after_help = AFTER_HELP)]
pub struct Cli {
    /// Flags of every subcommand.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Subcommands,
}

/// Flags of every subcommand.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// The site to work on: a name from tikbook.toml, or `demo`
    #[arg(long, value_name = "NAME", global = true, help_heading = "Site")]
    pub site: Option<String>,
    /// The configuration file, in place of the usual ones
    #[arg(long, value_name = "FILE", global = true, help_heading = "Site")]
    pub config: Option<PathBuf>,
    /// A file of NAME=value lines, such as the portal's .env.prod; may be given several times
    #[arg(long, value_name = "FILE", global = true, help_heading = "Site")]
    pub env_file: Vec<PathBuf>,
    /// The longest wait for a service: 500ms, 10s, 1m30s
    #[arg(long, value_name = "TIME", global = true, help_heading = "Site")]
    pub timeout: Option<String>,
    /// A folder of runbooks that comes before all others; may be given several times
    #[arg(long, value_name = "DIR", global = true, help_heading = "Site")]
    pub scripts: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, alias = "print-json", global = true, help_heading = "Output")]
    pub json: bool,
    /// How to print what is found: csv and tsv take one table, ndjson one line
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        global = true,
        conflicts_with = "json",
        help_heading = "Output"
    )]
    pub format: Option<Format>,
    /// With csv or tsv: which table, by its key or its title, or findings by their kind
    #[arg(long, value_name = "NAME", global = true, help_heading = "Output")]
    pub table: Option<String>,
    /// Write to this file in place of stdout, whole or not at all
    #[arg(long, value_name = "FILE", global = true, help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Do not show what is taller than the terminal in the pager (TIKBOOK_PAGER, PAGER, less)
    #[arg(long, global = true, help_heading = "Output")]
    pub no_pager: bool,
    /// When to use colours
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        global = true,
        help_heading = "Output"
    )]
    pub color: Option<Color>,
    /// At most five lines of forty columns: what it comes to, and the worst of it
    #[arg(long, global = true, conflicts_with_all = ["json", "format"], help_heading = "Output")]
    pub short: bool,
    /// No colours and no boxes: for screen readers and logs
    #[arg(long, global = true, help_heading = "Output")]
    pub plain: bool,
    /// Say more: comments of the router as they are written, where an error is in a bundled runbook, and on
    /// stderr what is done; -vv says most
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = "Output")]
    pub verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub quiet: bool,
    /// Exit with 3 if there are findings
    #[arg(long, global = true, help_heading = "Output")]
    pub fail_on_findings: bool,
}

/// Flags of subcommands that change something.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Changes")]
pub struct Writing {
    /// Make the changes; without it they are only shown
    #[arg(long)]
    pub apply: bool,
    /// Do not ask before making changes; only with --apply
    #[arg(long)]
    pub yes: bool,
    /// Write the changes to this file, for `tikbook apply FILE`
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Allow this many changes, in place of 50 and half of each list; only with --apply
    #[arg(long, value_name = "N")]
    pub max_changes: Option<usize>,
    /// How long to wait for another run, or the portal's own sync, that changes the site (exit 6 then);
    /// without it 30s, with --yes 6m; only with --apply
    #[arg(long, value_name = "TIME", value_parser = lock_wait)]
    pub lock_wait: Option<Duration>,
    /// Make the changes only if they are those of this plan, which was approved before; if they differ
    /// nothing is done (exit 6); only with --apply
    #[arg(long, value_name = "PLAN")]
    pub only_if_same_as: Option<PathBuf>,
    /// What is made of the changes.
    #[command(flatten)]
    pub choice: Choice,
}

/// Flags by which some of the changes are chosen.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Changes")]
pub struct Choice {
    /// Only the changes with this key: a value of the row's natural key (10.0.0.5, a MAC),
    /// field=value[,field=value], a key of Redis, a table; may be given several times
    #[arg(long, value_name = "KEY")]
    pub only: Vec<String>,
    /// All but the changes with this key; may be given several times
    #[arg(long, value_name = "KEY")]
    pub except: Vec<String>,
}

/// How what is found is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON value.
    Json,
    /// JSON in one line; of rows a line each.
    Ndjson,
    /// Markdown, for tickets and chats.
    Markdown,
    /// Comma-separated values of one table.
    Csv,
    /// Tab-separated values of one table, a line for each row.
    Tsv,
}

impl Format {
    /// Does it hold one table, and not a whole report?
    pub fn takes_one_table(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Its word on the command line, in capitals as people write it.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_uppercase())
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; everywhere if CLICOLOR_FORCE is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Subcommands {
    /// Run a runbook: `tikbook run audit`; `tikbook run audit --help` shows its parameters
    ///
    /// RUNBOOK is a name of `tikbook list`, the path of a script, or - for standard input.
    #[command(
        override_usage = "tikbook run RUNBOOK [ITS OWN PARAMETERS]\n       tikbook run -e EXPRESSION"
    )]
    Run(RunArgs),
    /// Evaluate lines on a site, one by one
    Repl,
    /// Write a runbook to begin with, and its test
    New(NewArgs),
    /// Show what a plan would change now; with --apply make its changes
    ///
    /// Plans are written by `tikbook run RUNBOOK --plan FILE`. Without --apply nothing is changed: the
    /// rows are read, and what would be done with each is shown.
    Apply(ApplyArgs),
    /// Show what would undo a run's changes; with --apply undo them
    ///
    /// `last` is the last run that changed something and was not undone. An undo that was cut off, or
    /// could not bring all of it back, is gone on with so. An undo is a run as well: `tikbook undo` with
    /// its own id makes the changes again.
    Undo(UndoArgs),
    /// List the runs that changed something, or show one of them
    History(HistoryArgs),
    /// Check that each service of the site can be reached, logged in to and read
    Doctor,
    /// List the runbooks that can be run
    List,
    /// List the sites that are configured, and what of each is
    ///
    /// Nothing is connected to: `tikbook doctor` looks at a site itself.
    Sites,
    /// Say which files of others are used
    Config(ConfigArgs),
    /// Print a runbook's text
    Show(ShowArgs),
    /// Check scripts without running them
    Check(CheckArgs),
    /// Run the tests of scripts on simulated sites
    Test(TestArgs),
    /// Print the documentation of the primitives
    Doc(DocArgs),
    /// Serve a simulated router: for trying scripts, and for tests
    Simulate(Box<SimulateArgs>),
    /// Show the SHA-256 fingerprint of a router's certificate, to pin it in tikbook.toml
    Fingerprint(FingerprintArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print what could stand at the end of a command line
    #[command(hide = true)]
    Complete(CompleteArgs),
    /// A runbook by its name alone, and what follows it.
    #[command(external_subcommand)]
    Named(Vec<OsString>),
}

/// `tikbook run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Evaluate this in place of a runbook; it may only read
    #[arg(short = 'e', long, value_name = "EXPRESSION")]
    pub expression: Option<String>,
    /// What may be changed.
    #[command(flatten)]
    pub writing: Writing,
    /// The runbook and everything after it.
    #[command(subcommand)]
    pub runbook: Option<Runbook>,
}

/// A runbook's name with its own arguments: which ones there are is known when it has been read.
#[derive(Debug, Subcommand)]
pub enum Runbook {
    /// The name, or a file's path, and what follows it.
    #[command(external_subcommand)]
    Named(Vec<OsString>),
}

/// `tikbook apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The plan's file
    pub plan: PathBuf,
    /// Make the changes; without it they are only shown
    #[arg(long)]
    pub apply: bool,
    /// Do not ask before making changes; only with --apply
    #[arg(long)]
    pub yes: bool,
    /// Apply also a plan that was not made here and whose runbook is not here as it was: nothing but the plan
    /// says then what is written
    #[arg(long)]
    pub foreign: bool,
    /// Allow this many changes, in place of 50 and half of each list; only with --apply
    #[arg(long, value_name = "N")]
    pub max_changes: Option<usize>,
    /// How long to wait for another run, or the portal's own sync, that changes the site (exit 6 then);
    /// without it 30s, with --yes 6m; only with --apply
    #[arg(long, value_name = "TIME", value_parser = lock_wait)]
    pub lock_wait: Option<Duration>,
    /// What is made of the changes.
    #[command(flatten)]
    pub choice: Choice,
}

/// `tikbook undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The run, as `tikbook history` names it, or `last`, the last one that is not undone
    pub run: String,
    /// What may be changed.
    #[command(flatten)]
    pub writing: Writing,
}

/// `tikbook history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// A run, or `last`, the last one that changed something; without it they are listed
    pub run: Option<String>,
    /// List no more runs than these: those not known to have ended, then the newest; without it 20,
    /// with --json all
    #[arg(long, value_name = "N", conflicts_with = "run")]
    pub limit: Option<usize>,
    /// Remove the journals of runs that ended more than so many days ago (2 or more; without a number the
    /// site's `keep`); never of one that did not end, or is damaged
    #[arg(long, value_name = "DAYS", num_args = 0..=1, conflicts_with_all = ["run", "limit"],
          value_parser = clap::value_parser!(u16).range(2..))]
    pub prune: Option<Option<u16>>,
    /// Do not ask before removing them; only with --prune
    #[arg(long, requires = "prune")]
    pub yes: bool,
}

/// `tikbook config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Use files that are not yours alone, as they are now: a tikbook.toml or scripts in the folder you stand in
    ///
    /// Such files are used by themselves only if they are root's or your own (under sudo, of who called it), and
    /// nobody else may write them or their folder, or if they are on a read-only mount. Look at them before: a
    /// tikbook.toml names the files and variables that hold passwords, and where they are sent. A file that is
    /// changed later is not trusted any more.
    Trust(TrustArgs),
}

/// `tikbook config trust`.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Files; of a folder its tikbook.toml and all scripts in it
    pub paths: Vec<PathBuf>,
    /// List what is trusted, as `sha256sum --check` reads it
    #[arg(long, conflicts_with_all = ["paths", "remove"])]
    pub list: bool,
    /// Trust them no more
    #[arg(long, requires = "paths")]
    pub remove: bool,
}

/// `tikbook show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A runbook's name, the path of an example (`examples/vip`) or of a library (`lib/policy/blocking`), or
    /// of a file
    pub runbook: String,
}

/// `tikbook check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Scripts, or folders of scripts; without any, the runbooks and examples of the search path
    pub paths: Vec<PathBuf>,
}

/// `tikbook new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The name of the runbook
    pub name: String,
}

/// `tikbook complete`.
#[derive(Debug, Args)]
pub struct CompleteArgs {
    /// The words of the command line after the program, the last one unfinished
    #[arg(last = true)]
    pub words: Vec<String>,
}

/// `tikbook test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Scripts, or folders of scripts, or bundled examples (`examples`, `examples/vip`); without any, the folders
    /// of the search path
    pub paths: Vec<PathBuf>,
    /// Only tests whose name holds this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

/// `tikbook doc`.
#[derive(Debug, Args)]
pub struct DocArgs {
    /// A namespace (`mikrotik`), a primitive (`mikrotik::rows`) or a method (`where`); without one,
    /// an overview
    pub name: Option<String>,
    /// Print the whole reference as Markdown
    #[arg(long, conflicts_with = "name")]
    pub markdown: bool,
    /// Print the JSON Schema of what is printed for programs; without a name, which there are
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with_all = ["name", "markdown"])]
    pub schema: Option<Option<String>>,
    /// Write definitions for editors (NAMESPACE.d.rhai) into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["name", "markdown", "schema"])]
    pub definitions: Option<PathBuf>,
}

/// `tikbook completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `tikbook fingerprint`.
#[derive(Debug, Args)]
pub struct FingerprintArgs {
    /// The router: HOST or HOST:PORT (port 8729 without)
    pub address: String,
}

/// `tikbook simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The router's rows, as JSON: {"/ip/arp": [{".id": "*1", "address": "10.0.0.9"}]}
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub state: Option<PathBuf>,
    /// Serve the rows of the demo site
    #[arg(long)]
    pub demo: bool,
    /// Write the rows to this file at the end
    #[arg(long, value_name = "FILE")]
    pub write_state: Option<PathBuf>,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8728")]
    pub listen: std::net::SocketAddr,
    /// The only user
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub user: String,
    /// A file with their password; without it TIKBOOK_SIMULATE_PASSWORD, or no password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The RouterOS release to imitate
    #[arg(long, value_name = "VERSION", default_value = "7.22.3")]
    pub version: String,
    /// Ask for the challenge login of releases before 6.43
    #[arg(long)]
    pub challenge_login: bool,
    /// Put tags last in replies, as in the manual's examples
    #[arg(long)]
    pub tag_last: bool,
    /// Say !empty where a print has no rows, whatever the release
    #[arg(long)]
    pub empty_reply: bool,
    /// Let counters grow and ages pass, as on a router that is used
    #[arg(long)]
    pub moving: bool,
    /// Serve TLS, as api-ssl does, with this certificate and its key, both as PEM
    #[arg(long, num_args = 2, value_names = ["CERT", "KEY"])]
    pub tls: Option<Vec<PathBuf>>,
    /// Write every request to this file, a line of JSON each; secrets are `***`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// What the router is to do wrong.
    #[command(flatten)]
    pub faults: FaultArgs,
}

/// Misbehaviour of `tikbook simulate`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
pub struct FaultArgs {
    /// Time before each command is executed: 5ms
    #[arg(long, value_name = "TIME")]
    pub latency: Option<String>,
    /// Execute each command later than the one before, after so many
    #[arg(long, value_name = "COMMANDS")]
    pub slower_after: Option<u32>,
    /// Time for each printed row
    #[arg(long, value_name = "TIME")]
    pub row_latency: Option<String>,
    /// Send at most so many bytes at once
    #[arg(long, value_name = "BYTES")]
    pub chunk: Option<std::num::NonZeroUsize>,
    /// Close a connection after so many rows
    #[arg(long, value_name = "ROWS")]
    pub drop_after: Option<usize>,
    /// Send nothing more on a connection after so many rows
    #[arg(long, value_name = "ROWS")]
    pub stall_after: Option<usize>,
    /// Refuse every command that touches this row; may be given several times
    #[arg(long, value_name = "ID")]
    pub trap_on: Vec<String>,
    /// Refuse to remove this row; may be given several times
    #[arg(long, value_name = "ID")]
    pub fail_remove: Vec<String>,
    /// Refuse every login
    #[arg(long)]
    pub refuse_login: bool,
    /// Let the user's group lack a policy: api, read, write, test, sensitive, reboot, policy; may be
    /// given several times
    #[arg(long, value_name = "POLICY")]
    pub lacks: Vec<String>,
}

/// A shell that completion scripts can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// PowerShell
    Powershell,
    /// Zsh
    Zsh,
}

/// A parameter that a runbook declares.
#[derive(Clone, Debug)]
pub struct RunbookParameter {
    /// Its name in the script.
    pub name: String,
    /// What it is for, with its bounds and default.
    pub help: String,
    /// How its value is called; a switch has none.
    pub value_name: Option<String>,
    /// The only words it takes, if it is a choice.
    pub choices: Vec<String>,
    /// Must it be given?
    pub required: bool,
    /// May it be given several times?
    pub several: bool,
}

/// A runbook's command line after it was read: global flags that stood behind its name, and the
/// text of each parameter that was given.
#[derive(Debug)]
pub struct RunbookArgs {
    /// Flags behind the runbook's name, over those before it.
    pub global: Global,
    /// What may be changed, by flags before and behind the name.
    pub writing: Writing,
    /// Parameters that were given, with their texts; a switch has the text `true`.
    pub given: Vec<Given>,
}

/// A parameter's name, and its texts.
pub type Given = (String, Vec<String>);

/// The command line cannot be used, or asked for help: clap's own rendering.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct UsageError {
    /// What to show.
    pub text: String,
    /// The same with the colours of a terminal.
    pub colored: String,
    /// False for `--help` and `--version`, which are answers.
    pub is_error: bool,
}

/// What a command line says of how it wants to be answered, and of where runbooks are, if it is not
/// understood otherwise or asks for help.
pub fn wanted_look(args: &[OsString]) -> Global {
    let words = args.iter().map(|word| word.to_str().unwrap_or_default());
    let words: Vec<&str> = words.take_while(|word| *word != "--").collect();
    let color = words.iter().enumerate().rev().find_map(|(place, word)| {
        let when = match word.strip_prefix("--color") {
            Some("") => words.get(place + 1).copied(),
            Some(value) => value.strip_prefix('='),
            None => None,
        };
        Color::from_str(when?, false).ok()
    });
    let values = |flag: &'static str| {
        let words = &words;
        words
            .iter()
            .enumerate()
            .filter_map(move |(place, word)| match word.strip_prefix(flag)? {
                "" => words.get(place + 1).copied(),
                value => value.strip_prefix('='),
            })
    };
    let folders = values("--scripts");
    let mut formats = values("--format").filter_map(|name| Format::from_str(name, false).ok());
    Global {
        color,
        plain: words.contains(&"--plain"),
        json: ["--json", "--print-json"]
            .iter()
            .any(|flag| words.contains(flag)),
        format: formats.next_back(),
        no_pager: words.contains(&"--no-pager"),
        scripts: folders.map(PathBuf::from).collect(),
        ..Global::default()
    }
}

/// Reads the command line. `runbooks` tells what can be run by its name alone: it is asked where help lists
/// that.
///
/// # Errors
/// It is wrong, or asks for help.
pub fn parse(args: &[OsString], runbooks: impl FnOnce() -> String) -> Result<Cli, UsageError> {
    use clap::error::ErrorKind;
    let parsed = command().try_get_matches_from(args);
    let parsed = parsed.or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => command()
            .after_help(format!("{}\n{AFTER_HELP}", runbooks()))
            .try_get_matches_from(args),
        // `tikbook help audit`: which words a runbook takes, only its header says.
        ErrorKind::InvalidSubcommand => match named_in_help(args) {
            Some(words) => command().try_get_matches_from(words),
            None => Err(error),
        },
        _ => Err(error),
    });
    let cli = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = cli.map_err(usage_error)?;
    match &cli.command {
        // Of a runbook's flags those behind its name are not known yet.
        Subcommands::Named(_)
        | Subcommands::Run(RunArgs {
            runbook: Some(_), ..
        }) => {}
        Subcommands::Run(_) if cli.global.table.is_some() => {
            let wrong =
                "the argument '--table <NAME>' is for reports; the rows of '-e' are one table";
            return Err(conflict("tikbook run", wrong));
        }
        _ => cli.global.check()?,
    }
    match &cli.command {
        Subcommands::Apply(apply) => apply.writing().check("apply"),
        Subcommands::Undo(undo) => undo.writing.check("undo"),
        // Of a runbook's flags those behind its name are not known yet.
        _ => Ok(()),
    }?;
    Ok(cli)
}

/// The command line by which the help of a runbook is asked for, where `args` ask in the other way.
fn named_in_help(args: &[OsString]) -> Option<Vec<OsString>> {
    let at = args.iter().position(|word| word == "help")?;
    let named = args.get(at + 1).filter(|_| args.len() == at + 2)?;
    let mut words = args[..at].to_vec();
    words.extend([named.clone(), "--help".into()]);
    Some(words)
}

/// The commands of the program itself, each under all its names.
pub fn own_commands() -> impl Iterator<Item = String> {
    let command = command();
    let commands = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let names = commands.map(|command| command.get_name().to_owned());
    let names: Vec<String> = names.chain(["help".to_owned()]).collect();
    names.into_iter()
}

/// The flags before a subcommand that take a value, as they are typed.
pub fn flags_with_a_value() -> Vec<String> {
    let command = Global::augment_args(Command::new(""));
    let flags = command.get_arguments();
    let flags = flags.filter(|flag| flag.get_action().takes_values());
    let long = flags.filter_map(|flag| flag.get_long());
    long.map(|name| format!("--{name}")).collect()
}

/// Reads what follows a runbook's name; `typed` is how it was asked for, such as `run audit`.
///
/// # Errors
/// An unknown parameter, a missing one, or `--help`.
pub fn parse_runbook(
    typed: &str,
    about: &str,
    parameters: &[RunbookParameter],
    (before, writing): (&Global, &Writing),
    args: &[OsString],
) -> Result<RunbookArgs, UsageError> {
    let command = runbook_command(typed, about, parameters).bin_name(format!("tikbook {typed}"));
    let command = Writing::augment_args(command.next_help_heading(None::<&str>));
    let command = Global::augment_args(command.next_help_heading(None::<&str>))
        // Those of a runbook are its own.
        .about(printable(about))
        .long_about(None);
    let matches = command.try_get_matches_from(args).map_err(usage_error)?;
    let after = Global::from_arg_matches(&matches).map_err(usage_error)?;
    let writing_after = Writing::from_arg_matches(&matches).map_err(usage_error)?;
    let writing = writing.clone().overridden_by(writing_after);
    writing.check(typed)?;
    let global = before.clone().overridden_by(after);
    global.check()?;
    Ok(RunbookArgs {
        writing,
        global,
        given: all_given(&matches, parameters),
    })
}

/// Reads what follows a runbook's name where no flag but its parameters is taken.
///
/// # Errors
/// An unknown parameter, a missing one, or `--help`.
pub fn parse_parameters(
    name: &str,
    about: &str,
    parameters: &[RunbookParameter],
    words: &[String],
) -> Result<Vec<Given>, UsageError> {
    let matches = runbook_command(name, about, parameters)
        .bin_name(format!(":run {name}"))
        .try_get_matches_from(words)
        .map_err(usage_error)?;
    Ok(all_given(&matches, parameters))
}

fn runbook_command(name: &str, about: &str, parameters: &[RunbookParameter]) -> Command {
    let command = Command::new(name.to_owned())
        .no_binary_name(true)
        .max_term_width(HELP_WIDTH)
        .about(printable(about))
        .next_help_heading("Parameters");
    let sole = sole_required(parameters);
    let words = sole.map(|parameter| {
        Arg::new(words_of(parameter))
            .value_name(parameter.name.to_uppercase())
            .help(format!(
                "The same as --{}, all words together",
                flag_name(&parameter.name)
            ))
            .num_args(1..)
            .required_unless_present(parameter.name.clone())
            .conflicts_with(parameter.name.clone())
    });
    let flags = parameters.iter().map(|parameter| {
        let is_sole = sole.is_some_and(|sole| sole.name == parameter.name);
        runbook_arg(parameter).required(parameter.required && !is_sole)
    });
    command.args(flags).args(words)
}

/// The one parameter that must be given: words without a flag are its value.
fn sole_required(parameters: &[RunbookParameter]) -> Option<&RunbookParameter> {
    let mut required = parameters.iter().filter(|parameter| parameter.required);
    let sole = required.next().filter(|_| required.next().is_none())?;
    let takes_words = sole.value_name.is_some() && sole.choices.is_empty() && !sole.several;
    takes_words.then_some(sole)
}

/// What such words are called among the matches; no parameter has a blank in its name.
fn words_of(parameter: &RunbookParameter) -> String {
    format!("{} words", parameter.name)
}

fn all_given(matches: &ArgMatches, parameters: &[RunbookParameter]) -> Vec<Given> {
    let sole = sole_required(parameters);
    let words = sole.and_then(|sole| {
        let words = matches.get_many::<String>(&words_of(sole))?;
        let words: Vec<&str> = words.map(String::as_str).collect();
        Some((sole.name.clone(), vec![words.join(" ")]))
    });
    let given =
        |parameter: &RunbookParameter| Some((parameter.name.clone(), given(matches, parameter)?));
    parameters.iter().filter_map(given).chain(words).collect()
}

/// True for names that a runbook's parameter cannot have, as every subcommand has them.
pub fn is_reserved(parameter: &str) -> bool {
    let flag = flag_name(parameter);
    flags_of_every_runbook().any(|name| name == flag)
        || ["help", "version"].contains(&flag.as_str())
}

/// The flags that every runbook takes beside its parameters, without the dashes.
pub fn flags_of_every_runbook() -> impl Iterator<Item = String> {
    let command = Writing::augment_args(Global::augment_args(Command::new("")));
    let flags: Vec<String> = command
        .get_arguments()
        .filter_map(|arg| arg.get_long().map(str::to_owned))
        .collect();
    flags.into_iter()
}

/// The longest that somebody may wait for the locks of a site.
const LONGEST_LOCK_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads how long the locks of a site are waited for; not at all is a wait as well.
///
/// # Errors
/// What may be written.
pub fn lock_wait(text: &str) -> Result<Duration, DurationError> {
    parse_within(text, Duration::ZERO..=LONGEST_LOCK_WAIT)
}

/// The whole command line, for completion scripts.
pub fn command() -> Command {
    <Cli as clap::CommandFactory>::command()
}

impl Global {
    /// Holds the flags against each other, all of them: clap sees one side of a runbook's name at a time.
    fn check(&self) -> Result<(), UsageError> {
        let wrong = match self {
            Self {
                json: true,
                format: Some(format),
                ..
            } if *format != Format::Json => {
                "the argument '--json' cannot be used with '--format <FORMAT>'"
            }
            Self {
                short: true,
                json,
                format,
                ..
            } if *json || format.is_some() => {
                "the argument '--short' cannot be used with '--json' or '--format <FORMAT>'"
            }
            Self {
                table: Some(_),
                json,
                format,
                ..
            } if *json || !format.is_some_and(Format::takes_one_table) => {
                "the argument '--table <NAME>' says what '--format csv' and 'tsv' take, of which none is given"
            }
            _ => return Ok(()),
        };
        Err(conflict("tikbook", wrong))
    }

    fn overridden_by(self, after: Self) -> Self {
        Self {
            site: after.site.or(self.site),
            config: after.config.or(self.config),
            env_file: [self.env_file, after.env_file].concat(),
            timeout: after.timeout.or(self.timeout),
            scripts: [after.scripts, self.scripts].concat(),
            json: after.json || self.json,
            format: after.format.or(self.format),
            table: after.table.or(self.table),
            output: after.output.or(self.output),
            no_pager: after.no_pager || self.no_pager,
            color: after.color.or(self.color),
            short: after.short || self.short,
            plain: after.plain || self.plain,
            verbose: after.verbose.max(self.verbose),
            quiet: after.quiet || self.quiet,
            fail_on_findings: after.fail_on_findings || self.fail_on_findings,
        }
    }
}

impl ApplyArgs {
    /// What may be changed.
    pub fn writing(&self) -> Writing {
        Writing {
            apply: self.apply,
            yes: self.yes,
            plan: None,
            max_changes: self.max_changes,
            lock_wait: self.lock_wait,
            only_if_same_as: None,
            choice: self.choice.clone(),
        }
    }
}

impl Writing {
    /// The first flag that was given, for commands that can change nothing.
    pub fn given(&self) -> Option<&'static str> {
        [
            (self.apply, "--apply"),
            (self.plan.is_some(), "--plan"),
            (self.yes, "--yes"),
            (self.max_changes.is_some(), "--max-changes"),
            (self.lock_wait.is_some(), "--lock-wait"),
            (self.only_if_same_as.is_some(), "--only-if-same-as"),
            (!self.choice.only.is_empty(), "--only"),
            (!self.choice.except.is_empty(), "--except"),
        ]
        .into_iter()
        .find_map(|(is_given, flag)| is_given.then_some(flag))
    }

    /// Holds the flags against each other, all of them: clap sees one side of a runbook's name at a
    /// time.
    fn check(&self, command: &str) -> Result<(), UsageError> {
        let wrong = match self {
            Self {
                apply: true,
                plan: Some(_),
                ..
            } => "the argument '--apply' cannot be used with '--plan <FILE>'",
            Self { apply: true, .. } => return Ok(()),
            Self { yes: true, .. } => {
                "the argument '--yes' is the answer to the question of '--apply', which is not given"
            }
            Self {
                max_changes: Some(_),
                ..
            } => "the argument '--max-changes <N>' is the limit of '--apply', which is not given",
            Self {
                lock_wait: Some(_), ..
            } => "the argument '--lock-wait <TIME>' is a wait of '--apply', which is not given",
            Self {
                only_if_same_as: Some(_),
                ..
            } => {
                "the argument '--only-if-same-as <PLAN>' is a condition of '--apply', which is not given"
            }
            _ => return Ok(()),
        };
        Err(conflict(&format!("tikbook {command}"), wrong))
    }

    fn overridden_by(self, after: Self) -> Self {
        Self {
            apply: after.apply || self.apply,
            yes: after.yes || self.yes,
            plan: after.plan.or(self.plan),
            max_changes: after.max_changes.or(self.max_changes),
            lock_wait: after.lock_wait.or(self.lock_wait),
            only_if_same_as: after.only_if_same_as.or(self.only_if_same_as),
            choice: Choice {
                only: [self.choice.only, after.choice.only].concat(),
                except: [self.choice.except, after.choice.except].concat(),
            },
        }
    }
}

/// Says of what `command` was given that it cannot be had together.
fn conflict(command: &str, wrong: &str) -> UsageError {
    let kind = clap::error::ErrorKind::ArgumentConflict;
    usage_error(Command::new(command.to_owned()).error(kind, wrong))
}

fn runbook_arg(parameter: &RunbookParameter) -> Arg {
    let arg = Arg::new(parameter.name.clone())
        .long(flag_name(&parameter.name))
        .help(printable(&parameter.help))
        .required(parameter.required);
    match &parameter.value_name {
        None => arg.action(ArgAction::SetTrue),
        Some(_) if !parameter.choices.is_empty() => arg
            .value_parser(parameter.choices.iter().map(choice).collect::<Vec<_>>())
            .action(ArgAction::Set),
        Some(name) => arg
            .value_name(name.clone())
            .allow_hyphen_values(true)
            .action(if parameter.several {
                ArgAction::Append
            } else {
                ArgAction::Set
            }),
    }
}

/// A choice; one that a terminal would not show as it is stands in no list.
fn choice(text: &String) -> PossibleValue {
    PossibleValue::new(text.clone()).hide(printable(text) != *text)
}

fn flag_name(parameter: &str) -> String {
    parameter.replace('_', "-")
}

fn given(matches: &ArgMatches, parameter: &RunbookParameter) -> Option<Vec<String>> {
    if parameter.value_name.is_none() {
        return matches
            .get_flag(&parameter.name)
            .then(|| vec!["true".to_owned()]);
    }
    matches
        .get_many::<String>(&parameter.name)
        .map(|values| values.cloned().collect())
}

fn usage_error(mut error: clap::Error) -> UsageError {
    // What was typed may hold what moves a terminal's cursor, or looks like a line of ours.
    let harmless = |value: &ContextValue| match value {
        ContextValue::String(text) => Some(ContextValue::String(printable(text))),
        ContextValue::Strings(texts) => {
            let texts = texts.iter().map(|text| printable(text));
            Some(ContextValue::Strings(texts.collect()))
        }
        _ => None,
    };
    let typed = error
        .context()
        .filter_map(|(kind, value)| Some((kind, harmless(value)?)));
    for (kind, value) in typed.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    let rendered = error.render();
    UsageError {
        is_error: error.use_stderr(),
        text: rendered.to_string(),
        colored: rendered.ansi().to_string(),
    }
}
