//! What commands that change something show, in a language to try out: every sentence is one of the catalogue, and
//! what is in small letters is a name, a word of the site, or what somebody else said.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;

use crate::cli::{self, Global, Runbook as Named, Subcommands};
use crate::failure::Failure;
use crate::run::{Cause, Runbook};
use crate::shouted;
use crate::signals::Signals;
use catalogue::{Language, Said};
use journal::JournalError;
use journal::plan_file::{NoPlan, PlanError};
use journal::record::{Damage, Flaw};
use journal::run::SiteIdentity;
use plan::change::{Change, Write};
use plan::fields::Fields;
use plan::own::OwnRows;
use plan::protection::protection;
use plan::radius::{List, TooMuch};
use plan::row::At;
use plan::selection::SelectionError;
use planning::ChangeError;
use report::sheet::Sheet;
use routeros_schema::Menu;
use sentences::HeadingField;
use serde_json::Value as Json;
use site::config::{ConfigError, Protected, Site, Sources, Variables};
use site::grant::Target;

use super::{Setting, apply, history, run, undo};

/// Adds two rows, and has found something.
const ADDS: &str = r##"
    let found = rows::from([#{ user: "U", debt_mb: 1, "mac-address": "M" }]);
    let report = report::create("TITLE");
    report.findings(#{
        kind: "K", severity: "warning", title: "FOUND", advice: "", subject: "user",
        evidence: ["user", "debt_mb", "mac-address"],
    }, found);
    mikrotik::add(LISTS, #{ list: "VIP", address: "10.9.9.1", comment: "C" }, "WHY");
    mikrotik::add(LISTS, #{ list: "VIP", address: "10.9.9.2", comment: "C" }, "");
    return report;
"##;
/// Removes what is protected, each for another reason.
const PROTECTED: &str = r#"
    mikrotik::remove(LISTS, "*35", "WHY");
    mikrotik::remove("/ip/hotspot/ip-binding", "*2", "WHY");
"#;
/// Cannot be made.
const CONFLICTS: &str = r#"
    mikrotik::set(LISTS, "*FFF", #{ comment: "C" }, "WHY");
    mikrotik::remove(LISTS, #{ ".id": "*2", address: "10.20.0.11", list: "klient_blocked", comment: "D" }, "WHY");
    mikrotik::add(LISTS, #{ list: "klient_fup", address: "10.20.0.29", comment: "C" }, "WHY");
"#;
/// Removes most rows of a list.
const MANY: &str = r#"
    for row in mikrotik::rows(LISTS, #{ list: "klient_aktif" }) { mikrotik::remove(LISTS, row, "WHY"); }
"#;

/// Folders of a user, on a page each under one name.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, body) in [
            ("ADDS", ADDS),
            ("PROTECTED", PROTECTED),
            ("CONFLICTS", CONFLICTS),
            ("MANY", MANY),
        ] {
            let body = body.replace("LISTS", r#""/ip/firewall/address-list""#);
            let script = format!(
                "//! ABOUT\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\
                 \"mikrotik:/ip/firewall/address-list\", \"mikrotik:/ip/hotspot/ip-binding\"] }};\n\
                 fn run(args) {{ {body} report::create(\"TITLE\") }}\n"
            );
            fs::write(folder.path().join(format!("{name}.rhai")), script).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the command line shows, data and talk. `FOLDER/` in it is the folder of the user.
    fn page(&self, line: &str, language: Language) -> String {
        let output = self.path("OUTPUT");
        drop(fs::remove_file(&output));
        let folder = format!("{}/", self.folder.path().display());
        let before = ["tikbook", "--site", "demo", "--output", "FOLDER/OUTPUT"];
        let words = before.into_iter().chain(line.split(' '));
        let words = words.map(|word| word.replace("FOLDER/", &folder).replace('_', " ").into());
        let words: Vec<OsString> = words.collect();
        let cli = cli::parse(&words, String::new).unwrap();
        let mut setting = setting(self.folder.path(), &cli.global);
        let sheet = Sheet {
            language,
            ..Sheet::PIPE
        };
        (setting.output.sheet, setting.output.errors) = (sheet, sheet);
        let signals = Signals::default();
        let ended = match &cli.command {
            Subcommands::Apply(args) => apply::apply(&setting, args, &signals),
            Subcommands::Undo(args) => undo::take_back(&setting, args, &signals),
            Subcommands::History(args) => history::tell(&setting, args, &signals),
            Subcommands::Run(args) => {
                let Some(Named::Named(words)) = &args.runbook else {
                    unreachable!("{line}");
                };
                let name = words[0].to_str().unwrap();
                let runbook = Runbook::find(&setting.library, name).unwrap();
                let typed = format!("run {name}");
                let flags = (&cli.global, &args.writing);
                let parsed = runbook.parse(&typed, flags, &words[1..], language);
                let parsed = parsed.unwrap();
                let args = runbook.arguments(&parsed.given).unwrap();
                run::carry_out(&setting, &parsed, &runbook, args, &signals)
            }
            _ => unreachable!("{line}"),
        };
        let mut page = fs::read_to_string(&output).unwrap_or_default();
        if let Err(failure) = ended {
            page += &shown(&failure, language);
        }
        page.replace(&folder, "FOLDER/")
    }

    /// The journal of the run that applied a plan.
    fn journal_of_plan(&self) -> PathBuf {
        let entries = fs::read_dir(self.path("tikbook/journal/demo")).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        let is_of_plan = |path: &PathBuf| {
            let journal = fs::read_to_string(path).unwrap();
            journal.contains(r#""kind":"apply""#)
        };
        paths.find(is_of_plan).unwrap()
    }
}

fn sources(state_home: &Path) -> Sources {
    let state_home = state_home.to_string_lossy().into_owned();
    let variables = [("XDG_STATE_HOME", state_home), ("USER", "ME".to_owned())];
    let variables = variables.map(|(name, text)| (name.to_owned(), text));
    Sources {
        environment: Variables::new(BTreeMap::from(variables)),
        ..Sources::of_site("demo")
    }
}

fn setting(state_home: &Path, global: &Global) -> Setting {
    Setting::from(sources(state_home), global, &Signals::default()).unwrap()
}

/// A failure on a page with boxes, and on one without.
fn shown(failure: &Failure, language: Language) -> String {
    let sheet = Sheet {
        language,
        ..Sheet::PIPE
    };
    let plain = Sheet {
        is_plain: true,
        ..sheet
    };
    failure.render(sheet) + failure.render(plain).as_str()
}

/// The words in small letters that are neither between backticks, where something is to be copied, nor of a field
/// with its value, of an id, or of a number with its unit.
fn small_words(page: &str) -> BTreeSet<&str> {
    let outside = page.split('`').step_by(2);
    let words = outside.flat_map(str::split_whitespace);
    let words = words.filter(|word| !word.contains(|c: char| c == '=' || c.is_ascii_digit()));
    words.flat_map(shouted::small_words).collect()
}

/// Names that a page about changes of the demo may have in small letters, among them what is left of its time zone.
const NAMES: &str = "demo sia akassar mikrotik ip firewall address list comment tikbook site";

/// What the portal's comments of these pages mean (`portal::meaning`), which is said in English alone.
const MEANT: &str = "blocked debt for fup heal overdue self source sync user written";

/// What is wrong with a page that is to say this, in capitals and in English, and has these names.
fn wrong(page: &str, english: &str, (says, names): (&str, &str)) -> Vec<String> {
    let names: BTreeSet<&str> = NAMES.split(' ').chain(names.split(' ')).collect();
    let mut wrong = Vec::new();
    if !english.contains(says) {
        wrong.push(format!("it does not say `{says}`: {english}"));
    }
    if !page.contains(&says.to_uppercase()) {
        wrong.push(format!("it does not say `{}`: {page}", says.to_uppercase()));
    }
    let small = small_words(page);
    let unknown: Vec<&&str> = small.difference(&names).collect();
    if !unknown.is_empty() {
        wrong.push(format!("it has {unknown:?}: {page}"));
    }
    wrong
}

#[test]
fn pages_of_plans_and_of_what_runs_did_are_whole_in_the_language_of_their_sheet() {
    let language = shouted::language();
    let stages = [Stage::new(), Stage::new()];
    let mut found: Vec<String> = Vec::new();
    let mut both = |line: &str, says: &str, names: &str| {
        let page = stages[0].page(line, language);
        let english = stages[1].page(line, Language::English);
        let wrong = wrong(&page, &english, (says, names)).into_iter();
        found.extend(wrong.map(|wrong| format!("{line}: {wrong}")));
    };
    let wait = "--lock-wait 2m";
    let make = format!("--apply --yes {wait}");

    both(
        "run FOLDER/ADDS.rhai",
        "Make these changes with --apply.",
        "",
    );
    both("run FOLDER/ADDS.rhai --only 10.9.9.1", "left out", "");
    for (key, says) in [
        ("10.9.9.3", "did you mean"),
        ("NOPE", "planned is, among others"),
        ("_", "an empty text is no key of a change"),
    ] {
        both(&format!("run FOLDER/ADDS.rhai --only {key}"), says, "");
    }
    both("run FOLDER/ADDS.rhai --plan FOLDER/P", "good until", "");
    let exists = "ile exists os error file";
    both(
        "run FOLDER/ADDS.rhai --plan FOLDER/P",
        "that is not there yet",
        exists,
    );
    both(
        "run FOLDER/ADDS.rhai --plan FOLDER/NONE/P",
        "there is no folder",
        "",
    );
    both(
        "run FOLDER/PROTECTED.rhai",
        "the row has no token uid= or user=",
        &format!("hotspot binding perangkat kantor writable {MEANT}"),
    );
    both("run FOLDER/CONFLICTS.rhai", "the row is gone", MEANT);
    both(
        "run FOLDER/CONFLICTS.rhai",
        "there is another row in its place",
        MEANT,
    );
    both(
        &format!("run FOLDER/MANY.rhai {make}"),
        "which is more than half",
        MEANT,
    );
    both(
        &format!("run FOLDER/ADDS.rhai {make} --max-changes 1"),
        "the run would change 2 rows",
        "",
    );

    both(
        "apply FOLDER/P",
        "Nothing was changed: this is what would be done now.",
        "",
    );
    both(&format!("apply FOLDER/P {make}"), "see it with", "");
    both(
        &format!("apply FOLDER/P {make}"),
        "the plan was applied before",
        "run plan",
    );
    both("run FOLDER/ADDS.rhai --plan FOLDER/Q", "good until", "");
    for stage in &stages {
        let plan = fs::read_to_string(stage.path("Q")).unwrap();
        fs::write(stage.path("EDITED"), plan.replace("WHY", "WHO")).unwrap();
        let newer = plan.replace("tikbook.plan/2", "tikbook.plan/99");
        fs::write(stage.path("NEWER"), newer).unwrap();
        fs::write(stage.path("OTHER"), plan.replace("tikbook.plan/2", "X")).unwrap();
        fs::write(stage.path("BYTES"), [0xff]).unwrap();
    }
    for (name, says, names) in [
        (
            "EDITED",
            "the plan was edited after it was made",
            "run plan",
        ),
        ("NEWER", "a newer tikbook made the plan", ""),
        ("OTHER", "its format is", "run plan"),
        ("BYTES", "it is not text", "run plan"),
        (
            "NONE",
            "cannot read the plan",
            "o such file or directory os error",
        ),
    ] {
        both(&format!("apply FOLDER/{name}"), says, names);
    }

    both("history", "Runs that changed the site", "");
    both("history last", "Begun", "");
    both("history NONE", "there is no run", "history");
    both("undo last", "it was added: WHY", "run plan undo");
    both(&format!("undo last {make}"), "it was added: WHY", "");
    both(
        "undo last",
        "every run that changed this site was undone",
        "",
    );
    both("undo NONE", "there is no run", "history");
    both("history 2", "several runs begin with", "history");
    both(
        "history --prune 2 --yes",
        "Removed the journals of 0 runs",
        "",
    );
    let journals = stages.each_ref().map(Stage::journal_of_plan);
    let garble = |line: usize| {
        for path in &journals {
            let journal = fs::read_to_string(path).unwrap();
            let lines = journal.lines().enumerate();
            let lines = lines.map(|(number, text)| match number == line {
                true => "X\n".to_owned(),
                false => format!("{text}\n"),
            });
            fs::write(path, lines.collect::<String>()).unwrap();
        }
    };
    garble(2);
    both(
        "history",
        "it is not as it was written",
        "journal jsonl undo",
    );
    garble(0);
    both("history", "(lost)", "journal jsonl undo");
    let of_run = |stage: &Stage, path: &Path, language| {
        let run = path.file_stem().unwrap().to_str().unwrap();
        stage.page(&format!("undo {run}"), language)
    };
    let page = of_run(&stages[0], &journals[0], language);
    let english = of_run(&stages[1], &journals[1], Language::English);
    let says = "What a damaged journal does not say is not undone.";
    let of_damaged = wrong(&page, &english, (says, "journal jsonl undo"));

    found.extend(of_damaged);
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

struct Nothing;

impl OwnRows for Nothing {
    fn has(&self, _: Option<&str>, _: &Menu, _: &Fields) -> bool {
        false
    }
}

/// An error that the system gave.
fn os_error() -> io::Error {
    io::Error::other("IO")
}

fn change_errors() -> Vec<ChangeError> {
    let said = || Said::from("SAID");
    let text = || "X".to_owned();
    let (waited, run) = (Duration::from_secs(90), text());
    let list: Menu = "/ip/arp".parse().unwrap();
    let list = List {
        router: None,
        menu: list,
        list: None,
    };
    let busy = |unsure| ChangeError::PortalBusy {
        key: text(),
        unsure,
        waited,
    };
    let interrupted = |unknown| ChangeError::Interrupted {
        made: 1,
        unknown,
        asked: 2,
    };
    let too_much = |of_table, is_most| TooMuch::OfTable {
        table: text(),
        of_table,
        is_most,
        changes: 4,
        size: 5,
    };
    vec![
        ChangeError::Undeclared {
            target: Target::Table(text()),
        },
        ChangeError::Id { id: text() },
        TooMuch::Changes {
            changes: 1,
            limit: 0,
        }
        .into(),
        TooMuch::OfList {
            list,
            of_list: 4,
            changes: 4,
            size: 5,
        }
        .into(),
        too_much(4, false).into(),
        too_much(4, true).into(),
        TooMuch::OfUncounted {
            table: text(),
            of_table: 1,
            changes: 1,
        }
        .into(),
        ChangeError::NotConfirmed { why: said() },
        ChangeError::Locked {
            site: text(),
            by: None,
            waited,
        },
        ChangeError::Lock {
            path: "P".into(),
            source: Arc::new(os_error()),
        },
        ChangeError::NoLock { path: "P".into() },
        busy(None),
        busy(Some(said())),
        ChangeError::AtWork { run: run.clone() },
        ChangeError::OtherSite {
            run: run.clone(),
            difference: said(),
        },
        JournalError::Write {
            path: "P".into(),
            source: Arc::new(os_error()),
        }
        .into(),
        JournalError::Read {
            path: "P".into(),
            source: Arc::new(os_error()),
        }
        .into(),
        ChangeError::NewerJournal {
            run: run.clone(),
            format: text(),
        },
        ChangeError::PlanApplied { run },
        ChangeError::Stage {
            stage: 2,
            allowed: 1,
        },
        ChangeError::OtherPlan {
            differences: vec![said(); 7],
        },
        ChangeError::Unanswered,
        ChangeError::StoppedWaiting,
        interrupted(0),
        interrupted(1),
        ChangeError::Stopped,
    ]
}

fn plan_errors() -> Vec<PlanError> {
    let text = || "X".to_owned();
    let path = || PathBuf::from("P");
    let none = |why| PlanError::NotAPlan { path: path(), why };
    let written = |kind: io::ErrorKind| PlanError::Write {
        path: path(),
        source: io::Error::new(kind, "IO"),
    };
    vec![
        PlanError::Read {
            path: path(),
            source: os_error(),
        },
        written(io::ErrorKind::Other),
        written(io::ErrorKind::AlreadyExists),
        PlanError::NoFolder {
            path: path(),
            folder: path(),
        },
        none(NoPlan::TooLarge),
        none(NoPlan::NotText),
        none(NoPlan::Unreadable(text())),
        none(NoPlan::OtherFormat(text())),
        PlanError::Edited,
        PlanError::Newer { format: text() },
        PlanError::Early {
            created: Timestamp::UNIX_EPOCH,
        },
        PlanError::Expired {
            expires: Timestamp::UNIX_EPOCH,
        },
        PlanError::Half {
            made: "X".into(),
            left: "Y".into(),
        },
        PlanError::Applied { run: text() },
        PlanError::Journals(JournalError::Read {
            path: path(),
            source: Arc::new(os_error()),
        }),
        PlanError::Seal(os_error()),
        PlanError::Foreign,
        PlanError::OtherSite {
            difference: "X".into(),
        },
    ]
}

fn configuration_errors() -> Vec<ConfigError> {
    let text = || "X".to_owned();
    let file = || PathBuf::from("F");
    let unreadable = |what| ConfigError::UnreadableFile {
        what,
        file: file(),
        source: os_error(),
    };
    let unknown_key = |suggestion| ConfigError::UnknownKey {
        key: text(),
        file: file(),
        line: 1,
        suggestion,
        known: vec![text()],
    };
    let unknown_site = |suggestion| ConfigError::UnknownSite {
        site: text(),
        known: vec![text()],
        suggestion,
    };
    vec![
        unreadable("configuration"),
        unreadable("environment file"),
        unreadable("secret"),
        ConfigError::UnreadableSecret {
            place: text(),
            source: os_error(),
        },
        ConfigError::InvalidFile {
            file: file(),
            line: 2,
            reason: text(),
        },
        unknown_key(None),
        unknown_key(Some(text())),
        ConfigError::LiteralSecret {
            key: text(),
            place: text(),
        },
        ConfigError::InvalidEnvLine {
            file: file(),
            line: 3,
            reason: "X",
        },
        ConfigError::InvalidValue {
            name: text(),
            reason: text(),
        },
        ConfigError::MissingSecret {
            name: text(),
            reason: text(),
        },
        unknown_site(None),
        unknown_site(Some(text())),
        ConfigError::Redirected {
            key: text(),
            file: file(),
        },
        ConfigError::NoSiteChosen {
            known: vec![text()],
        },
    ]
}

/// What is said in the places of errors and outcomes.
fn said() -> Vec<Said> {
    let flaws = [
        Flaw::Newer("X".to_owned()),
        Flaw::Unreadable("X".to_owned()),
        Flaw::NoFile,
        Flaw::RunLost,
        Flaw::Garbled,
        Flaw::Repeated,
        Flaw::Misplaced,
        Flaw::LinesMissing(1),
        Flaw::ChangesLost(2),
        Flaw::OutcomesLost(3),
    ];
    let damage = [None, Some(1)].into_iter().flat_map(|line| {
        let flaws = flaws.clone().into_iter();
        flaws.map(move |flaw| Damage { line, flaw }.said())
    });
    let site = |name: &str, router: &str, database: &str| SiteIdentity {
        name: name.to_owned(),
        routers: vec![router.to_owned()],
        database: Some(database.to_owned()),
        redis: None,
    };
    let here = site("S", "R", "D");
    let other_redis = SiteIdentity {
        redis: Some("X".to_owned()),
        ..here.clone()
    };
    let others = [
        site("T", "R", "D"),
        site("S", "Q", "D"),
        site("S", "R", "E"),
        other_redis,
    ];
    let differences = others.iter().map(|other| here.difference(other).unwrap());
    let lists: Menu = "/ip/firewall/address-list".parse().unwrap();
    let row: Fields = [("list", "L"), ("comment", "C")].into_iter().collect();
    let change = Change::remove(None, &lists, At::row("*1"), row, "");
    let mut listed = Site::named("S");
    listed.protected = vec![Protected::Menu(lists)];
    let undone = Change {
        undoes: Some("X".to_owned()),
        ..change.clone()
    };
    assert!(matches!(change.write, Write::Row(_)));
    let protections = [(&change, &Site::named("S")), (&undone, &listed)];
    let protections = protections.map(|(change, site)| protection(change, site, &Nothing).unwrap());
    damage.chain(differences).chain(protections).collect()
}

#[test]
fn why_changes_are_refused_and_plans_and_journals_of_no_use_is_whole_in_the_language_of_the_page() {
    let language = shouted::language();
    let unknown = |known: &[&str], is_near| SelectionError::Unknown {
        key: "X".to_owned(),
        known: known.iter().map(|&key| key.to_owned()).collect(),
        is_near,
    };
    let selections = [
        SelectionError::Empty,
        unknown(&[], false),
        unknown(&["A"], true),
        unknown(&["A", "B"], true),
        unknown(&["A"], false),
    ];
    let selections = selections.map(|error| Cause::Selection(error).into());
    let changes = change_errors().into_iter().map(Failure::from);
    let plans = plan_errors().into_iter().map(Failure::from);
    let said = said().into_iter().map(Failure::usage);
    let configurations = configuration_errors().into_iter().map(Failure::from);
    // Commands and places, and the units of a length of time.
    let names: BTreeSet<&str> = "tikbook run plan ip arp db mikrotik writable"
        .split(' ')
        .collect();
    for failure in selections
        .into_iter()
        .chain(changes)
        .chain(plans)
        .chain(said)
        .chain(configurations)
    {
        let page = shown(&failure, language);
        let small = small_words(&page);
        let unknown: Vec<&&str> = small.difference(&names).collect();
        assert!(unknown.is_empty(), "{unknown:?}: {page}");
        // Programs are told the same in English.
        let json = failure.to_json();
        let english = shown(&failure, Language::English);
        let message = json["message"].as_str().unwrap();
        assert!(english.contains(message), "{message}: {english}");
    }
}

#[test]
fn the_heads_of_columns_of_bundled_runbooks_are_those_of_the_catalogue() {
    let stage = Stage::new();
    let mut fields: BTreeSet<String> = BTreeSet::new();
    for line in [
        "audit",
        "parity",
        "verify-debt",
        "services",
        "diagnose-sync",
    ] {
        let page = stage.page(&format!("--json run {line}"), Language::English);
        let (json, _) = page
            .split_once("\n}\n")
            .unwrap_or_else(|| panic!("{line}: {page}"));
        let report: Json = serde_json::from_str(&format!("{json}}}")).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let names = findings.flat_map(|found| found["evidence"].as_object().unwrap().keys());
        fields.extend(names.cloned());
    }
    assert!(fields.len() > 20, "{fields:?}");
    let is_unknown = |field: &&String| {
        let heading = Said::from(HeadingField {
            field: field.as_str(),
            words: "?",
        });
        heading.to_string() == "?"
    };
    let unknown: Vec<&String> = fields.iter().filter(is_unknown).collect();
    assert_eq!(unknown, Vec::<&String>::new());
}
