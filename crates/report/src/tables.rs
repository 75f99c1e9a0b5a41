//! The tables of a report by their names, with all of their rows, as programs take them.

use catalogue::{Language, Said};
use serde_json::Value as Json;

use super::heading;
use super::numbered::Numbered;
use super::text::cell;
use super::{Findings, Report, Table};

/// A table that a report has, by the name that asks for it.
pub struct Named<'report> {
    /// A stable word: the key of its title, or what a plain title says; `affected`, `checks`, or the kind of
    /// findings.
    pub name: String,
    /// The table, with the names of its fields as columns.
    pub table: Table,
    /// Its columns for people.
    pub headings: Vec<String>,
    /// The findings that it shows, if it does.
    pub group: Option<&'report Findings>,
}

impl Named<'_> {
    /// Is it meant by `wanted`, which is its name or its title in English, in capitals or not?
    pub fn is_meant_by(&self, wanted: &str) -> bool {
        let wanted = key_of(wanted);
        [&self.name, &self.table.title]
            .map(|name| key_of(name))
            .contains(&wanted)
    }

    /// The same without a column.
    pub fn without(mut self, column: &str) -> Self {
        let columns = &mut self.table.columns;
        if let Some(place) = columns.iter().position(|name| name == column) {
            columns.remove(place);
            self.headings.remove(place);
            for row in &mut self.table.rows {
                row.remove(place);
            }
        }
        self
    }
}

/// The name of the table of what was checked.
pub const CHECKS: &str = "checks";
/// Its column of what to do, which a page has among its steps.
pub const ADVICE: &str = "advice";

/// Every table of a report: who is affected, its own, its checks, its findings by their kinds, of which the worst come
/// first; of several of one name the second one has `#2` behind it. What is said in them is in `language`, their names
/// are the same in all.
pub fn of(report: &Report, language: Language) -> Vec<Named<'_>> {
    let mut named: Vec<Named<'_>> = Vec::new();
    for table in each(report, language) {
        let mut before = named.iter_mut().filter(|before| before.group.is_some());
        let like = before.find(|before| {
            let is_like = before.name == table.name && table.group.is_some();
            is_like && before.table.columns == table.table.columns
        });
        match like {
            Some(like) => like.table.rows.extend(table.table.rows),
            None => named.push(table),
        }
    }
    let mut names = Numbered::default();
    for table in &mut named {
        table.name = names.of(std::mem::take(&mut table.name));
    }
    named
}

/// The same with findings of one kind in a table for each severity.
pub fn each(report: &Report, language: Language) -> Vec<Named<'_>> {
    let affected = report.affected.iter();
    let affected = affected.map(|table| ("affected".to_owned(), table));
    let own = report.tables.iter();
    let own = affected.chain(own.map(|table| (name_of(&table.title), table)));
    let own = own.map(|(name, table)| {
        let columns = table.columns.iter();
        let headings = columns.map(|column| heading::of_column(column, language));
        Named {
            name,
            headings: headings.collect(),
            table: table.in_language(language),
            group: None,
        }
    });
    let checks = (!report.checks.is_empty()).then(|| checks(report, language));
    let found = report.by_severity();
    own.chain(checks)
        .chain(found.into_iter().map(|group| findings(group, language)))
        .collect()
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

/// The name of a table with this title: the key of a message stays whatever it says.
fn name_of(title: &Said) -> String {
    match title {
        Said::Message(message) => message.key().to_owned(),
        plain => key_of(&plain.to_string()),
    }
}

/// A text as a key: its letters and digits, in small letters, with a dash wherever something else is between.
fn key_of(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '#');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

fn checks(report: &Report, language: Language) -> Named<'_> {
    let columns = ["id", "status", "evidence", ADVICE].map(str::to_owned);
    let row = |check: &super::Check| {
        let status = check.status.as_str().to_owned();
        vec![
            check.id.clone(),
            status,
            check.evidence_whole().in_language(language).into_owned(),
            check.advice_whole().in_language(language).into_owned(),
        ]
    };
    Named {
        name: CHECKS.to_owned(),
        headings: heading::of_names(&columns, language),
        group: None,
        table: Table {
            title: "Checks".to_owned(),
            columns: columns.to_vec(),
            rows: report.checks.iter().map(row).collect(),
        },
    }
}

fn findings(group: &Findings, language: Language) -> Named<'_> {
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
        group: Some(group),
        table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use sentences::{PageNext, StatusPass};

    #[test]
    fn a_table_is_asked_for_by_its_name_or_its_title_however_it_is_written() {
        let table = |title: Said| Table {
            title,
            ..Table::default()
        };
        let report = Report {
            affected: Some(table("Cut off, now".into())),
            tables: vec![
                table(PageNext.into()),
                table("In  the LOGS (3 of 9)".into()),
                table("In the logs (3 of 9)".into()),
                table(StatusPass.into()),
            ],
            checks: vec![Check::pass("a", "")],
            ..Report::default()
        };
        let tables = of(&report, Language::English);
        let names = tables.iter().map(|named| named.name.as_str());
        let expected = [
            "affected",
            "page-next",
            "in-the-logs-3-of-9",
            "in-the-logs-3-of-9#2",
            "status-pass",
            "checks",
        ];
        assert_eq!(names.collect::<Vec<_>>(), expected);
        for (wanted, index) in [
            ("affected", 0),
            ("Cut off, now", 0),
            ("PAGE-NEXT", 1),
            ("what to do next", 1),
            ("in the logs (3 of 9)", 2),
            ("in-the-logs-3-of-9#2", 3),
            ("Checks", 5),
            ("CHECKS", 5),
        ] {
            let found = tables.iter().position(|named| named.is_meant_by(wanted));
            assert_eq!(found, Some(index), "{wanted}");
        }
        assert!(!tables.iter().any(|named| named.is_meant_by("check")));
    }
}
