//! `tikbook history`: the runs that changed the site, and what became of each row.

use std::io::Write;

use serde_json::{Value as Json, json};

use crate::change::journal::{self, Record};
use crate::change::planned::Status;
use crate::change::planned::{Done, Outcome};
use crate::cli::{Global, HistoryArgs};
use crate::config;
use crate::failure::{Code, Failure};
use crate::host::change::to_json;
use crate::report::{Frame, Report, Table, text};

use super::Setting;

/// Lists the runs of the site, unfinished ones first, or shows the rows of one.
///
/// # Errors
/// The journals cannot be read, or there is no such run.
pub fn run(global: &Global, args: &HistoryArgs) -> Result<Code, Failure> {
    let setting = Setting::of(global)?;
    let site = setting.site()?;
    let records = records(&setting, &site.name)?;
    let mut out = setting.output.stdout();
    let report = match &args.run {
        None if setting.output.json => {
            let runs: Json = sorted(records).iter().map(run_json).collect();
            serde_json::to_writer_pretty(&mut out, &runs).map_err(std::io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
            return Ok(Code::Done);
        }
        None => list(&sorted(records)),
        Some(name) => {
            let record = find(&records, name)?;
            if setting.output.json {
                let mut shown = run_json(record);
                shown["rows"] = done(record).iter().map(to_json).collect();
                serde_json::to_writer_pretty(&mut out, &shown).map_err(std::io::Error::from)?;
                writeln!(out)?;
                out.flush()?;
                return Ok(Code::Done);
            }
            one(record)
        }
    };
    let frame = Frame {
        site: site.name,
        runbook: "history".to_owned(),
        started: jiff::Timestamp::now(),
    };
    text::write(&mut out, &frame, &report, setting.output.color)?;
    out.flush()?;
    Ok(Code::Done)
}

/// The journals of a site, the newest first.
pub fn records(setting: &Setting, site: &str) -> Result<Vec<Record>, Failure> {
    let Some(folder) = config::state_folder(&setting.sources) else {
        return Ok(Vec::new());
    };
    Ok(journal::read_all(&folder, site)?)
}

/// The run that `name` means: its id, the beginning of one that is the only such, or `last`.
pub fn find<'a>(records: &'a [Record], name: &str) -> Result<&'a Record, Failure> {
    let mut named = records
        .iter()
        .filter(|record| name == "last" || record.run.id.starts_with(name));
    match (named.next(), named.next()) {
        (Some(record), None) => Ok(record),
        (Some(record), Some(_)) if name == "last" || record.run.id == name => Ok(record),
        (Some(_), Some(_)) => Err(Failure::usage(format!("several runs begin with `{name}`"))),
        (None, _) if records.is_empty() => Err(Failure::usage("no run has changed this site yet")),
        (None, _) => Err(Failure::usage(format!("there is no run `{name}`"))
            .hint("`tikbook history` lists them")),
    }
}

fn sorted(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by_key(|record| record.finished.is_some());
    records
}

fn run_json(record: &Record) -> Json {
    let run = &record.run;
    json!({
        "run": run.id,
        "started": run.started.to_string(),
        "finished": record.finished.map(|time| time.to_string()),
        "state": record.state(),
        "site": run.site.name,
        "runbook": run.runbook,
        "changes": {
            "planned": record.changes.len(),
            "applied": record.count(Status::Applied),
            "conflict": record.count(Status::Conflict),
            "failed": record.count(Status::Failed),
            "unknown": record.count(Status::Unknown) + record.open(),
        },
        "kind": run.kind,
        "operator": run.operator,
        "script_sha256": run.script_sha256,
        "running": record.running,
    })
}

fn list(records: &[Record]) -> Report {
    let columns = [
        "run", "started", "state", "runbook", "by", "changes", "applied", "trouble",
    ];
    let row = |record: &Record| {
        let trouble = [Status::Conflict, Status::Failed, Status::Unknown]
            .map(|status| record.count(status))
            .iter()
            .sum::<usize>()
            + record.open();
        let state = match record.running {
            true => "running",
            false => record.state(),
        };
        vec![
            record.run.id.clone(),
            record
                .run
                .started
                .strftime("%Y-%m-%d %H:%M:%SZ")
                .to_string(),
            state.to_owned(),
            record.run.runbook.clone(),
            record.run.operator.clone(),
            record.changes.len().to_string(),
            record.count(Status::Applied).to_string(),
            trouble.to_string(),
        ]
    };
    let mut report = Report {
        title: "Runs that changed the site".to_owned(),
        ..Report::default()
    };
    match records.is_empty() {
        true => report
            .notes
            .push("No run has changed this site yet.".to_owned()),
        false => report.tables.push(Table {
            title: "Runs, unfinished ones first".to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: records.iter().map(row).collect(),
        }),
    }
    report
}

/// What is known of each change; one without an outcome was sent or not.
fn done(record: &Record) -> Vec<Done> {
    let known = |outcome: &Option<Outcome>| {
        outcome.clone().unwrap_or_else(|| {
            Outcome::because(
                Status::Unknown,
                "the run was cut off before this was known; undo reads the row again",
            )
        })
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

fn one(record: &Record) -> Report {
    let run = &record.run;
    let cells = |done: &Done| {
        vec![
            done.outcome.status.as_str().to_owned(),
            format!("{} {}", done.change.action.as_str(), done.change.target),
            done.change.describe(),
            done.outcome
                .why
                .clone()
                .unwrap_or_else(|| done.change.reason.clone()),
        ]
    };
    let mut report = Report {
        title: format!("Run {} of {}: {}", run.id, run.runbook, record.state()),
        ..Report::default()
    };
    report.notes.push(format!(
        "Begun {} by {}{}.",
        run.started,
        run.operator,
        run.script_sha256
            .as_ref()
            .map(|hash| format!(", script {}", &hash[..hash.len().min(12)]))
            .unwrap_or_default()
    ));
    report.tables.push(Table {
        title: "Changes".to_owned(),
        columns: ["status", "what", "row", "why"].map(str::to_owned).to_vec(),
        rows: done(record).iter().map(cells).collect(),
    });
    report
}
