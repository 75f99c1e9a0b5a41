//! The tables of a report by their names, with all of their rows, as programs take them.

use catalogue::Language;
use serde_json::Value as Json;

use super::heading;
use super::numbered::Numbered;
use super::text::cell;
use super::{Findings, Report, Table};

/// A table that a report has, by the name that asks for it.
pub struct Named {
    /// The title of a table in English, or the kind of findings.
    pub name: String,
    /// The table, with the names of its fields as columns.
    pub table: Table,
    /// Its columns for people.
    pub headings: Vec<String>,
}

/// Every table of a report: who is affected, its own, its checks as `checks`, its findings by their kinds; of several of one
/// name the second one has `#2` behind it. What is said in them is in `language`, their names are the same in
/// all.
pub fn of(report: &Report, language: Language) -> Vec<Named> {
    let own = report.affected.iter().chain(&report.tables);
    let own = own.map(|table| {
        let columns = table.columns.iter();
        let headings = columns.map(|column| heading::of_column(column, language));
        Named {
            name: table.title.to_string(),
            headings: headings.collect(),
            table: table.in_language(language),
        }
    });
    let checks = (!report.checks.is_empty()).then(|| checks(report, language));
    let found = report.findings.iter();
    let mut found: Vec<&Findings> = found.filter(|group| !group.items.is_empty()).collect();
    found.sort_by_key(|group| std::cmp::Reverse(group.severity));
    let mut named: Vec<Named> = own
        .chain(checks)
        .chain(found.into_iter().map(|group| findings(group, language)))
        .collect();
    let mut names = Numbered::default();
    for table in &mut named {
        table.name = names.of(std::mem::take(&mut table.name));
    }
    named
}

/// Rows of JSON as a table with a column for each field that one of them has.
pub fn of_objects(objects: &[Json]) -> Table {
    let mut columns: Vec<String> = Vec::new();
    for name in objects
        .iter()
        .filter_map(Json::as_object)
        .flat_map(|object| object.keys())
    {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let row = |object: &Json| {
        let cells = columns.iter().map(|name| cell(&object[name.as_str()]));
        cells.collect()
    };
    Table {
        title: String::new(),
        rows: objects.iter().map(row).collect(),
        columns,
    }
}

fn checks(report: &Report, language: Language) -> Named {
    let columns = ["id", "status", "evidence", "advice"].map(str::to_owned);
    let row = |check: &super::Check| {
        let status = check.status.as_str().to_owned();
        vec![
            check.id.clone(),
            status,
            check.evidence.in_language(language).into_owned(),
            check.advice.in_language(language).into_owned(),
        ]
    };
    Named {
        name: "checks".to_owned(),
        headings: heading::of_names(&columns, language),
        table: Table {
            title: "Checks".to_owned(),
            columns: columns.to_vec(),
            rows: report.checks.iter().map(row).collect(),
        },
    }
}

fn findings(group: &Findings, language: Language) -> Named {
    let rows: Vec<Json> = (0..group.items.len())
        .map(|index| Json::Object(group.items.facts(index, language).into_iter().collect()))
        .collect();
    let table = Table {
        title: group.title.in_language(language).into_owned(),
        ..of_objects(&rows)
    };
    Named {
        name: group.kind.clone(),
        headings: heading::of_names(&table.columns, language),
        table,
    }
}
