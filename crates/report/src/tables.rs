//! The tables of a report by their names, with all of their rows, as programs take them.

use serde_json::Value as Json;

use super::numbered::Numbered;
use super::text::cell;
use super::{Findings, Report, Table};

/// A table that a report has, by the name that asks for it.
pub struct Named {
    /// The title of a table, or the kind of findings.
    pub name: String,
    /// The table.
    pub table: Table,
}

/// Every table of a report: its own, its checks as `checks`, its findings by their kinds; of several of one
/// name the second one has `#2` behind it.
pub fn of(report: &Report) -> Vec<Named> {
    let own = report.tables.iter().map(|table| Named {
        name: table.title.clone(),
        table: table.clone(),
    });
    let checks = (!report.checks.is_empty()).then(|| checks(report));
    let found = report
        .findings
        .iter()
        .filter(|group| !group.items.is_empty());
    let mut named: Vec<Named> = own.chain(checks).chain(found.map(findings)).collect();
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

fn checks(report: &Report) -> Named {
    let columns = ["id", "status", "evidence", "advice"].map(str::to_owned);
    let row = |check: &super::Check| {
        let status = check.status.as_str().to_owned();
        vec![
            check.id.clone(),
            status,
            check.evidence.clone(),
            check.advice.clone(),
        ]
    };
    Named {
        name: "checks".to_owned(),
        table: Table {
            title: "Checks".to_owned(),
            columns: columns.to_vec(),
            rows: report.checks.iter().map(row).collect(),
        },
    }
}

fn findings(group: &Findings) -> Named {
    let rows: Vec<Json> = (0..group.items.len())
        .map(|index| Json::Object(group.items.facts(index).into_iter().collect()))
        .collect();
    Named {
        name: group.kind.clone(),
        table: Table {
            title: group.title.clone(),
            ..of_objects(&rows)
        },
    }
}
