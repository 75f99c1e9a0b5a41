//! `tikbook history`: the runs that changed the site, and what became of each row.

use std::io::Write;

use serde_json::{Value as Json, json};

use crate::cli::{Global, HistoryArgs};
use crate::failure::{Code, Failure};
use crate::run;
use crate::signals::Signals;
use catalogue::Said;
use journal::record::{self, Damage, Record};
use journal::run::SiteIdentity;
use plan::comments::Comments;
use plan::outcome::{Done, Outcome, Status};
use report::{Report, Table, json};
use scripting::host::account;
use scripting::host::change::to_json;
use sentences::{
    ColumnBy, ColumnChanges, ColumnRun, ColumnRunbook, ColumnStarted, ColumnState, DamageMore,
    DamageOfJournal, HistoryBegun, HistoryBegunScript, HistoryContinued, HistoryCutOff,
    HistoryDamaged, HistoryDamagedHint, HistoryEmptyName, HistoryHint, HistoryListed, HistoryMade,
    HistoryMadeTrouble, HistoryNameHint, HistoryNothing, HistoryOfSite, HistoryRun, HistorySeveral,
    HistoryState, HistoryTitle, HistoryUndone, HistoryUnknown, PruneNoDays, PruneNoDaysHint, Runs,
    UndoNoRun,
};
use session::Session;
use site::config::{self, Site, SiteFlags};

use super::{Setting, prune, publish};

/// How many runs are listed for people unless they say otherwise.
const LISTED: usize = 20;

/// Lists the runs of the site, unfinished ones first, or shows the rows of one.
///
/// # Errors
/// The journals cannot be read, there is no such run, or a journal is damaged: then what is readable
/// of it is shown.
pub fn run(global: &Global, args: &HistoryArgs, signals: &Signals) -> Result<Code, Failure> {
    tell(&Setting::of(global, signals)?, args, signals)
}

/// The same in a setting that is understood.
pub fn tell(setting: &Setting, args: &HistoryArgs, signals: &Signals) -> Result<Code, Failure> {
    let session = Session::new(setting.site()?);
    let site = session.site();
    if let Some(days) = args.prune {
        let days = days.or(site.keep);
        let days = days.ok_or_else(|| Failure::usage(PruneNoDays).hint(PruneNoDaysHint))?;
        let records = records(setting, site)?;
        return prune::run(setting, &records, (days, args.yes), signals);
    }
    let records = all_names(setting, &session)?;
    let mut out = setting.output.stdout()?;
    let shown = match &args.run {
        None => &records[..],
        Some(name) => {
            let last = || record::last(&records).ok_or_else(|| UndoNoRun.into());
            std::slice::from_ref(find(setting, &records, name, last)?)
        }
    };
    let ended = damaged(setting, &damage(shown)).map_or(Ok(Code::Done), Err);
    let report = match &args.run {
        None if setting.output.is_json() => {
            let most = args.limit.unwrap_or(usize::MAX);
            let runs = sorted(&records, most).into_iter();
            let runs: Json = runs.map(|record| run_json(record, &records)).collect();
            json::pretty(&mut out, &runs)?;
            out.flush()?;
            return ended;
        }
        None => list((&records, args.limit.unwrap_or(LISTED)), &site.name),
        Some(_) => {
            let record = &shown[0];
            if setting.output.is_json() {
                let mut shown = run_json(record, &records);
                shown["rows"] = done(record).iter().map(to_json).collect();
                json::pretty(&mut out, &shown)?;
                out.flush()?;
                return ended;
            }
            one(
                record,
                &records,
                Comments::of(setting.output.sheet.is_detailed),
            )
        }
    };
    let frame = run::frame(site, "history", jiff::Timestamp::now());
    publish::show(setting, &frame, &report, None)?;
    ended
}

/// The journals of a site, the newest first.
pub fn records(setting: &Setting, site: &Site) -> Result<Vec<Record>, Failure> {
    let Some(folder) = config::state_folder(&setting.sources) else {
        return Ok(Vec::new());
    };
    let mut records = record::read_all(&folder, &site.name)?;
    in_text_of(site, &mut records);
    Ok(records)
}

/// The journals of a site under all its names, the newest first.
pub fn all_names(setting: &Setting, session: &Session) -> Result<Vec<Record>, Failure> {
    let Some(folder) = config::state_folder(&setting.sources) else {
        return Ok(Vec::new());
    };
    let mut records = record::read_all_names(&folder, &SiteIdentity::of(session.site()))?;
    in_text_of(session.site(), &mut records);
    Ok(records)
}

/// Texts of their routers are shown as the site's are.
fn in_text_of(site: &Site, records: &mut [Record]) {
    let changes = records.iter_mut().flat_map(|record| &mut record.changes);
    changes.for_each(|(change, ..)| change.read_texts_as(site.router_text));
}

/// The run that `name` means: its id, the beginning of one that is the only such, or `last`, which is
/// the one that `last` gives, or says why there is none.
pub fn find<'a>(
    setting: &Setting,
    records: &'a [Record],
    name: &str,
    last: impl FnOnce() -> Result<&'a Record, Said>,
) -> Result<&'a Record, Failure> {
    if name == "last" {
        return last().map_err(Failure::usage);
    }
    let command = flags(setting).command(["history"]);
    if name.is_empty() {
        return Err(Failure::usage(HistoryEmptyName).hint(HistoryNameHint { command }));
    }
    let mut named = records.iter().filter(|record| record.id.starts_with(name));
    match (named.next(), named.next()) {
        (Some(record), None) => Ok(record),
        (Some(record), Some(_)) if record.id == name => Ok(record),
        (Some(_), Some(_)) => {
            Err(Failure::usage(HistorySeveral { name }).hint(HistoryHint { command }))
        }
        (None, _) => Err(Failure::usage(HistoryUnknown { name }).hint(HistoryHint { command })),
    }
}

/// What is damaged in these journals, each for people.
pub fn damage<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Said> {
    let said = |record: &'a Record| {
        let path = record.path.display();
        record.damage.iter().map(move |damage| {
            let (path, damage) = (path.to_string(), damage.said());
            DamageOfJournal { path, damage }.into()
        })
    };
    records.into_iter().flat_map(said).collect()
}

/// What the shell is to see for damage, if there is any.
pub fn damaged(setting: &Setting, damage: &[Said]) -> Option<Failure> {
    const SHOWN: usize = 20;
    let count = damage.len().saturating_sub(SHOWN);
    let more = (count > 0).then(|| DamageMore { count }.into());
    let said = || damage.iter().take(SHOWN).cloned().chain(more);
    (!damage.is_empty()).then(|| {
        Failure::new(Code::Failed, "journal", HistoryDamaged)
            .because(said())
            .hint(HistoryDamagedHint {
                command: flags(setting).command(["undo", "RUN"]),
            })
    })
}

fn flags(setting: &Setting) -> SiteFlags {
    SiteFlags::of(&setting.sources)
}

/// Runs that still need somebody first, no more than `limit`.
fn sorted(records: &[Record], most: usize) -> Vec<&Record> {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_cached_key(|record| !record::needs_somebody(record, records));
    sorted.truncate(most);
    sorted
}

/// How it stands with a run, for people.
pub fn state(record: &Record, records: &[Record]) -> Said {
    let state = match () {
        () if record.running => "running",
        () if record::undone_by(record, records).is_some() => "undone",
        () if record.state() != "unfinished" => record.state(),
        () if record::continued_by(record, records).is_some() => "continued",
        () if !record::needs_somebody(record, records) => "changed-nothing",
        () => "unfinished",
    };
    HistoryState { state }.into()
}

fn run_json(record: &Record, records: &[Record]) -> Json {
    let run = record.run.as_ref();
    let (made, unknown) = record::made(record, records);
    let damage = |damage: &Damage| json!({ "line": damage.line, "what": damage.said() });
    json!({
        "run": record.id,
        "started": record.started.to_string(),
        "finished": record.finished.map(|time| time.to_string()),
        "state": record.state(),
        "site": run.map(|run| &run.site.name),
        "runbook": run.map(|run| &run.runbook),
        "changes": {
            "planned": record.changes.len(),
            "applied": made,
            "conflict": record.count(Status::Conflict),
            "failed": record.count(Status::Failed),
            "unknown": unknown,
        },
        "kind": run.map(|run| run.kind),
        "operator": run.map(|run| &run.operator),
        "script_sha256": run.and_then(|run| run.script_sha256.as_ref()),
        "running": record.running,
        "undone_by": record::undone_by(record, records).map(|undo| &undo.id),
        "continued_by": record::continued_by(record, records).map(|undo| &undo.id),
        "damage": record.damage.iter().map(damage).collect::<Json>(),
    })
}

/// The `most` runs of `records` that are listed, on the site of this name.
fn list((records, most): (&[Record], usize), site: &str) -> Report {
    let listed = sorted(records, most);
    let columns: [Said; 6] = [
        ColumnRun.into(),
        ColumnStarted.into(),
        ColumnState.into(),
        ColumnRunbook.into(),
        ColumnBy.into(),
        ColumnChanges.into(),
    ];
    let name = |record: &Record| -> Said {
        match record.run.as_ref().map(|run| &run.site.name) {
            Some(other) if other != site => HistoryOfSite {
                runbook: record.runbook(),
                site: other,
            }
            .into(),
            _ => record.runbook(),
        }
    };
    let row = |record: &&Record| {
        let (made, unknown) = record::made(record, records);
        let trouble = record.count(Status::Conflict) + record.count(Status::Failed) + unknown;
        let changes = record.changes.len();
        let changes: Said = match trouble {
            0 => HistoryMade { made, changes }.into(),
            _ => HistoryMadeTrouble {
                made,
                changes,
                trouble,
            }
            .into(),
        };
        vec![
            Said::from(&record.id),
            record.started.to_string().into(),
            state(record, records),
            name(record),
            record.operator(),
            changes,
        ]
    };
    let mut report = Report {
        title: HistoryTitle.into(),
        ..Report::default()
    };
    if listed.is_empty() {
        report.note(HistoryNothing);
    }
    // Without a run it has its heads alone, which programs are told.
    report.tables.push(Table {
        title: Runs.into(),
        columns: columns.to_vec(),
        rows: listed.iter().map(row).collect(),
    });
    if listed.len() < records.len() {
        report.note(HistoryListed {
            listed: listed.len(),
            runs: records.len(),
        });
    }
    report
}

/// What is known of each change; one without an outcome was sent or not.
fn done(record: &Record) -> Vec<Done> {
    let known = |outcome: &Option<Outcome>| {
        outcome
            .clone()
            .unwrap_or_else(|| Outcome::because(Status::Unknown, HistoryCutOff))
    };
    record
        .changes
        .iter()
        .map(|(change, outcome, _)| Done {
            change: change.clone(),
            outcome: known(outcome),
        })
        .collect()
}

fn one(record: &Record, records: &[Record], comments: Comments) -> Report {
    let run = record.run.as_ref();
    let mut report = Report {
        title: HistoryRun {
            run: &record.id,
            runbook: record.runbook(),
            state: state(record, records),
        }
        .into(),
        ..Report::default()
    };
    let (time, operator) = (record.started.to_string(), record.operator());
    let script = run.and_then(|run| run.script_sha256.as_ref());
    report.note(match script.map(|hash| &hash[..hash.len().min(12)]) {
        Some(script) => Said::from(HistoryBegunScript {
            time,
            operator,
            script,
        }),
        None => HistoryBegun { time, operator }.into(),
    });
    if let Some(undo) = record::undone_by(record, records) {
        report.note(HistoryUndone { undo: &undo.id });
    }
    if let Some(undo) = record::continued_by(record, records) {
        report.note(HistoryContinued { undo: &undo.id });
    }
    let done = done(record);
    let in_order: Vec<&Done> = done.iter().collect();
    report
        .tables
        .push(account::table_as_sorted((&in_order, comments), usize::MAX));
    report
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shouted;
    use catalogue::Language;
    use journal::Journal;
    use journal::run::{Run, RunKind};
    use plan::change::Change;
    use plan::fields::Fields;
    use plan::row::At;
    use report::sheet::Sheet;
    use report::text;
    use site::config::Sources;

    /// A run of two changes, of which one was made, and of the other nobody knows.
    fn run() -> (Run, Vec<Change>) {
        let site = SiteIdentity {
            name: "S".to_owned(),
            routers: Vec::new(),
            database: None,
            redis: None,
        };
        let mut run = Run::begin(RunKind::Run, "R", None, "ME", site);
        run.id = "20261127-220023-111111".to_owned();
        let menu = "/ip/arp".parse().unwrap();
        let change = |id| {
            let mut row = Fields::default();
            row.set("address", "1.1.1.1");
            Change::remove(None, &menu, At::row(id), row, "WHY")
        };
        (run, vec![change("*1"), change("*2")])
    }

    fn page(report: &Report, language: Language) -> String {
        let site = config::load(Sources::of_site("demo")).unwrap();
        let frame = run::frame(&site, "history", jiff::Timestamp::UNIX_EPOCH);
        let sheet = Sheet {
            language,
            ..Sheet::PIPE
        };
        let mut page = Vec::new();
        text::write(&mut page, &frame, report, sheet).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn pages_of_what_runs_did_are_whole_in_the_language_of_their_sheet() {
        let language = shouted::language();
        let folder = tempfile::tempdir().unwrap();
        let (run, changes) = run();
        let mut journal = Journal::begin(folder.path(), &run).unwrap();
        for (n, change) in changes.iter().enumerate() {
            journal.intend(n, change).unwrap();
        }
        journal.outcome(0, &Outcome::of(Status::Applied)).unwrap();
        journal.sync().unwrap();
        drop(journal);
        let records = record::read_all(folder.path(), "S").unwrap();
        let mut account = Report {
            title: HistoryTitle.into(),
            ..Report::default()
        };
        let flags = SiteFlags::of(&Sources::of_site("demo"));
        let done = done(&records[0]);
        account::add_to(&mut account, (&run, true), (&done, Comments::Meant), &flags);
        let cut_off = "the run was cut off before this was known";
        for (report, names, said) in [
            (list((&records, 20), "T"), &[][..], "1 of 2, trouble with 1"),
            (
                one(&records[0], &records, Comments::Meant),
                &["address", "arp", "ip", "mikrotik"],
                cut_off,
            ),
            (
                account,
                &[
                    "address", "arp", "history", "ip", "mikrotik", "site", "tikbook", "undo",
                ],
                cut_off,
            ),
        ] {
            let (page, english) = (page(&report, language), page(&report, Language::English));
            let small = shouted::small_words(&page);
            // The site of the page, and its time zone.
            let of_page = shouted::small_words("demo Asia/Makassar");
            let names = names.iter().copied().chain(of_page);
            assert_eq!(small, names.collect::<BTreeSet<_>>(), "{page}");
            assert!(english.contains(said), "{english}");
            assert!(page.contains(&said.to_uppercase()), "{page}");
        }
    }
}
