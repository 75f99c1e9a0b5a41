//! `tikbook run`, and a runbook by its name alone: one runbook, from its name to its report.

use std::ffi::OsString;

use jiff::Timestamp;
use rhai::Map;

use crate::cli::{self, Global, RunArgs, RunbookArgs, Writing};
use crate::failure::{Code, Failure};
use crate::run::{self, Opening, Runbook, Runs, declared};
use crate::signals::Signals;
use journal::run::RunKind;
use scripting::script::library::Script;
use scripting::script::own::{self, Replaced};
use scripting::script::{engine, header};
use sentences::{
    UsageNameNotText, UsageNear, UsageNoRunbook, UsageNoRunbookHint, UsageTwoRunbooks,
    UsageUnknownName, UsageUnknownNameHint,
};
use session::Session;
use wording::near::nearest;

use super::publish::publish;
use super::{Setting, changes, evaluate, runtime};

/// Runs the runbook. Its arguments are checked, and its help is shown, before any connection.
///
/// # Errors
/// The runbook is unknown or wrong, its arguments are, the site is not described, or the run failed.
pub fn run(global: &Global, args: &RunArgs, signals: &Signals) -> Result<Code, Failure> {
    let words = match (&args.expression, &args.runbook) {
        (Some(expression), None) => {
            return evaluate::run(global, &args.writing, expression, signals);
        }
        (None, Some(cli::Runbook::Named(words))) => words,
        (Some(_), Some(_)) => {
            return Err(Failure::usage(UsageTwoRunbooks));
        }
        (None, None) => {
            return Err(Failure::usage(UsageNoRunbook).hint(UsageNoRunbookHint));
        }
    };
    let (name, rest) = split(words)?;
    let before = before(global, rest, signals)?;
    let script = match name.as_str() {
        "-" => evaluate::standard_input(&before)?,
        name => before.library.find(name)?,
    };
    if name == "-" && !has_header(&before, &script) && rest.is_empty() {
        return evaluate::value_of(&before, &args.writing, &script, signals);
    }
    let typed = format!("run {}", script.name);
    let flags = (global, &args.writing);
    run_script(before, script, (&typed, flags, rest), signals)
}

/// Runs the runbook of the name that stands in the place of a command, as `tikbook run` does.
///
/// # Errors
/// No command and no runbook has this name, or as [`run`].
pub fn named(global: &Global, words: &[OsString], signals: &Signals) -> Result<Code, Failure> {
    let (name, rest) = split(words)?;
    let before = before(global, rest, signals)?;
    let library = &before.library;
    let known = library.runbooks().into_keys();
    let known: Vec<String> = known.chain(library.examples().into_keys()).collect();
    if !known.contains(&name) {
        return Err(unknown(&name, &known));
    }
    let script = before.library.find(&name)?;
    let flags = (global, &Writing::default());
    run_script(before, script, (&name, flags, rest), signals)
}

/// What the flags before a runbook's name mean. Those behind it are understood once its header is read: until then
/// nothing is said of files that one of them may take the place of.
fn before(global: &Global, behind: &[OsString], signals: &Signals) -> Result<Setting, Failure> {
    let mut sources = super::sources(global)?;
    let names_file = |word: &OsString| word.as_encoded_bytes().starts_with(b"--config");
    if behind.iter().any(names_file) {
        sources.warnings.clear();
    }
    Setting::from(sources, global, signals)
}

/// A word that is neither a command nor a runbook.
fn unknown(name: &str, runbooks: &[String]) -> Failure {
    let failure = Failure::usage(UsageUnknownName { name });
    let names: Vec<String> = cli::own_commands()
        .chain(runbooks.iter().cloned())
        .collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => failure.hint(UsageNear { name: near }),
        None => failure.hint(UsageUnknownNameHint),
    }
}

/// Runs a script with the words behind it; `typed` is how it was asked for.
fn run_script(
    before: Setting,
    script: Script,
    (typed, flags, words): (&str, (&Global, &Writing), &[OsString]),
    signals: &Signals,
) -> Result<Code, Failure> {
    let runbook = Runbook::of(&before.library, script)?;
    tell_own(&before, &runbook.script);
    let language = before.output.sheet.language;
    let parsed = runbook.parse(typed, flags, words, language)?;
    let args = runbook.arguments(&parsed.given)?;

    let setting = Setting {
        library: before.library,
        ..Setting::of(&parsed.global, signals)?
    };
    carry_out(&setting, &parsed, &runbook, args, signals)
}

/// Runs it and publishes its report. A runbook that declares no writes applies nothing, whatever the
/// flags.
pub fn carry_out(
    setting: &Setting,
    parsed: &RunbookArgs,
    runbook: &Runbook,
    args: Map,
    signals: &Signals,
) -> Result<Code, Failure> {
    let Runbook { script, header } = runbook;
    let site = setting.site()?;
    let frame = run::frame(&site, &script.name, Timestamp::now());
    let writes = !header.writes.is_empty();
    let runtime = runtime::start()?;
    let cancel = signals.run();
    let session = Session::new(site);
    let applies = parsed.writing.apply && writes;
    let opening = Opening {
        run: setting.begin(RunKind::Run, &script.name, Some(&script.text), &session),
        session,
        grant: declared(header),
        planned: Vec::new(),
        means: setting.means(&runtime, cancel),
    };
    let work = Runs {
        library: &setting.library,
        script,
        args,
    };
    let mut outcome = changes::carry_out(
        (setting, signals),
        opening,
        (&parsed.writing, applies),
        (&work, &[], header.stages),
    )?;
    drop(runtime);
    if !parsed.writing.apply && outcome.failure.is_none() {
        let more = runbook.more_to_come(&setting.library);
        outcome.report.note_all(more);
    }
    let plan = parsed.writing.plan.as_deref();
    let made_by = plan.and_then(|_| runbook.made_by(&setting.library, &parsed.given));
    let account = changes::account_for(setting, outcome, (plan, made_by), (writes, applies));
    let fail_on_findings = parsed.global.fail_on_findings;
    publish(setting, &frame, account, fail_on_findings)
}

/// Says which files of one's own decide in the place of bundled ones, and which do nothing.
fn tell_own(setting: &Setting, script: &Script) {
    for Replaced { source, bundled } in own::replaced(&setting.library, script) {
        tracing::warn!("{source} is used in the place of {bundled}");
    }
    for unused in own::unused(&setting.library, Some(script)) {
        let (source, hint) = (&unused.source, unused.hint());
        tracing::warn!("no script imports {source}; {hint}");
    }
}

fn split(words: &[OsString]) -> Result<(String, &[OsString]), Failure> {
    let (name, rest) = words
        .split_first()
        .ok_or_else(|| Failure::usage(UsageNoRunbook).hint(UsageNoRunbookHint))?;
    let name = name
        .to_str()
        .ok_or_else(|| Failure::usage(UsageNameNotText))?;
    Ok((name.to_owned(), rest))
}

/// A script without a header is an expression of several lines.
fn has_header(setting: &Setting, script: &Script) -> bool {
    let library = &setting.library;
    let ast = library.compile(&engine::compiler(library), script);
    ast.is_ok_and(|ast| header::read(&ast, library).is_ok() || header::is_runbook(&ast))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::command::progress::Line;
    use crate::run::{Means, Outcome};
    use crate::shouted;
    use ::engine::OwnSenders;
    use catalogue::Language;
    use journal::run::{Run, SiteIdentity};
    use report::sheet::Sheet;
    use report::text;
    use scripting::host::measured::Measured;
    use scripting::host::moment::Clock;
    use scripting::script::library::Library;
    use site::config::{self, Site, Sources, Variables};
    use tokio_util::sync::CancellationToken;

    /// A site whose services are all dead.
    fn dead() -> Site {
        let variables = [
            ("MIKROTIK_HOST", "127.0.0.1:1"),
            ("MIKROTIK_USERNAME", "reader"),
            ("MIKROTIK_PASSWORD", "x"),
            ("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/portal"),
            ("REDIS_URL", "redis://127.0.0.1:1/0"),
            ("CELERY_BROKER_URL", "redis://127.0.0.1:1/1"),
            ("DOCKER_HOST", "tcp://127.0.0.1:1"),
        ];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        config::load(Sources {
            environment: Variables::new(variables.into()),
            ..Sources::of_site("default")
        })
        .unwrap()
    }

    /// What a bundled runbook says on that site, and why it failed.
    fn pages(name: &str, language: Language) -> (String, Option<String>) {
        let (site, library) = (dead(), Library::without_folders());
        let frame = run::frame(&site, name, Timestamp::UNIX_EPOCH);
        let runtime = runtime::start().unwrap();
        let runbook = Runbook::find(&library, name).unwrap();
        let session = Session::new(site);
        let identity = SiteIdentity::of(session.site());
        let mut open = Opening {
            run: Run::begin(RunKind::Run, name, None, "me", identity),
            session,
            grant: declared(&runbook.header),
            planned: Vec::new(),
            means: Means {
                runtime: runtime.clone(),
                cancel: CancellationToken::new(),
                progress: Rc::new(Line::new(false, language)),
                is_quiet: false,
                clock: Clock::default(),
                journals: None,
                own: None,
                services: OwnSenders::default(),
                measured: Measured::default(),
                planned_at: None,
            },
        }
        .open();
        open.evaluate(&library, &runbook.script, runbook.arguments(&[]).unwrap());
        let Outcome {
            report, failure, ..
        } = open.close();
        let sheet = Sheet {
            language,
            ..Sheet::PIPE
        };
        let mut page = Vec::new();
        text::write(&mut page, &frame, &report, sheet).unwrap();
        let failure = failure.map(|cause| Failure::from(cause).render(sheet));
        (String::from_utf8(page).unwrap(), failure)
    }

    #[test]
    fn what_services_could_not_do_is_said_by_runbooks_in_the_language_of_the_page() {
        // A sentence of a runbook that the language does not have is English with all that stands in it.
        for (name, said) in [
            (
                "services",
                &[
                    "see that the Docker Engine runs",
                    "see that this Redis runs",
                ][..],
            ),
            (
                "diagnose-sync",
                &[
                    "cannot reach the database at",
                    "check that the database runs",
                ],
            ),
            (
                "audit",
                &[
                    "cannot reach the database at",
                    "check that the database runs",
                ],
            ),
        ] {
            let whole = |(page, failure): (String, Option<String>)| {
                let words = format!("{page}{}", failure.unwrap_or_default());
                words.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let shouted = whole(pages(name, shouted::language()));
            let english = whole(pages(name, Language::English));
            for said in said {
                assert!(english.contains(said), "{said}: {english}");
                assert!(shouted.contains(&said.to_uppercase()), "{said}: {shouted}");
                assert!(!shouted.contains(said), "{said}: {shouted}");
            }
        }
    }
}
