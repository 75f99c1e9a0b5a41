//! The facts of findings as people read them.

use serde_json::Value as Json;

use super::moment::on_clock;
use super::sheet::Sheet;
use super::text::said;
use super::{Findings, Frame, Table, code, heading};

/// The facts of the first `shown` findings of a kind under their headings: comments and stable words by what they
/// mean, unless the sheet has all there is, and moments on the site's clock.
pub fn table(group: &Findings, shown: usize, frame: &Frame, sheet: Sheet) -> Table {
    let facts: Vec<Vec<(String, Json)>> = (0..shown)
        .map(|index| group.items.facts(index, sheet.language))
        .collect();
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in facts.iter().flatten() {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let of_column = |facts: &[(String, Json)], column: &String| {
        let fact = facts.iter().find(|(name, _)| name == column);
        fact.map_or(String::new(), |(name, value)| {
            fact_of(name, value, frame, sheet)
        })
    };
    let row = |facts: &Vec<(String, Json)>| {
        let cells = columns.iter().map(|column| of_column(facts, column));
        cells.collect()
    };
    Table {
        title: String::new(),
        rows: facts.iter().map(row).collect(),
        columns: heading::of_names(&columns, sheet.language),
    }
}

/// The fact that is a text of the site as somebody wrote it, for who has to see what is wrong with it.
const AS_WRITTEN: &str = "as_written";

fn fact_of(name: &str, value: &Json, frame: &Frame, sheet: Sheet) -> String {
    let text = said(value);
    let text = text.in_language(sheet.language);
    if name == AS_WRITTEN {
        return text.into_owned();
    }
    let spoken = code::spoken(name, &text, sheet.language);
    let spoken = spoken.filter(|_| !sheet.is_detailed);
    spoken.unwrap_or_else(|| of_value(&text, frame, sheet))
}

/// A value as it stands on a page: tokens of the portal, such as those of its comments and of its reasons for a block,
/// by what they mean, unless the sheet has all there is, and moments on the site's clock.
pub fn of_value(text: &str, frame: &Frame, sheet: Sheet) -> String {
    let meaning = (frame.comment)(text).filter(|_| !sheet.is_detailed && text.contains('|'));
    meaning.unwrap_or_else(|| on_clock(text, &frame.zone).into_owned())
}
