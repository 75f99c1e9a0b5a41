//! A report for programs.

use std::collections::HashMap;
use std::io::{self, Write};

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Json;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::printable::is_control;
use super::worst::Verdict;
use super::{Check, Findings, Frame, Report, Severity, Status};

/// The version of the JSON form: raised when a key changes its meaning.
pub const SCHEMA: &str = "tikbook.report/1";

/// Writes the report as one JSON object and a line end: `schema`, `version` (of tikbook), `site`, `runbook`,
/// `time_utc`, `duration_ms`, `summary` (how many `findings` there are of each severity, and `checks` of
/// each status), the runbook's own keys, `checks` where there are any, `findings`, and `error` where the run
/// failed.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(
    out: &mut dyn Write,
    frame: &Frame,
    report: &Report,
    error: Option<&Json>,
) -> io::Result<()> {
    let document = Document {
        frame,
        report,
        error,
    };
    pretty(out, &document)
}

/// The same in one line.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_line(
    out: &mut dyn Write,
    frame: &Frame,
    report: &Report,
    error: Option<&Json>,
) -> io::Result<()> {
    let document = Document {
        frame,
        report,
        error,
    };
    line(out, &document)
}

/// Writes a value as JSON in one line.
///
/// # Errors
/// `out` cannot be written to.
pub fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    written(out, value, CompactFormatter)
}

/// Writes a value as JSON for people and programs, and a line end. What a terminal would obey (C1, DEL, the
/// ends of lines and paragraphs, what turns the direction of text) is escaped, as JSON itself does with C0.
///
/// # Errors
/// `out` cannot be written to.
pub fn pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    written(out, value, PrettyFormatter::new())
}

fn written(out: &mut dyn Write, value: &impl Serialize, layout: impl Formatter) -> io::Result<()> {
    let formatter = Escaping(layout);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    writeln!(out)
}

/// A layout in which text cannot move a cursor.
struct Escaping<Layout>(Layout);

impl<Layout: Formatter> Formatter for Escaping<Layout> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_control) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let control = after.chars().next().unwrap_or_default();
            // All of them are below U+10000.
            write!(writer, "\\u{:04x}", u32::from(control))?;
            rest = &after[control.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

struct Document<'a> {
    frame: &'a Frame,
    report: &'a Report,
    error: Option<&'a Json>,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", SCHEMA)?;
        // A key of the runbook's own comes in the place of one that reports have beside.
        let is_free = |key: &str| !self.report.keys.contains_key(key);
        if is_free("version") {
            map.serialize_entry("version", env!("CARGO_PKG_VERSION"))?;
        }
        map.serialize_entry("site", &self.frame.site)?;
        map.serialize_entry("runbook", &self.frame.runbook)?;
        map.serialize_entry("time_utc", &time_utc(self.frame.started))?;
        let took = jiff::Timestamp::now().duration_since(self.frame.started);
        if is_free("duration_ms") {
            map.serialize_entry("duration_ms", &took.as_millis().max(0))?;
        }
        if is_free("summary") {
            map.serialize_entry("summary", &summary(self.report, self.error.is_some()))?;
        }
        for (key, value) in &self.report.keys {
            map.serialize_entry(key, value)?;
        }
        if !self.report.checks.is_empty() && is_free("checks") {
            let checks: Vec<Json> = self.report.checks.iter().map(check).collect();
            map.serialize_entry("checks", &checks)?;
        }
        map.serialize_entry("findings", &All(&self.report.findings))?;
        if let Some(error) = self.error {
            map.serialize_entry("error", error)?;
        }
        map.end()
    }
}

fn summary(report: &Report, has_failed: bool) -> Json {
    let found = Severity::ALL.into_iter().rev().map(|severity| {
        let groups = report.findings.iter();
        let groups = groups.filter(|group| group.severity == severity);
        let count: usize = groups.map(|group| group.items.len()).sum();
        (severity.as_str().to_owned(), Json::from(count))
    });
    let checked = Status::ALL.into_iter().rev().map(|status| {
        let checks = report.checks.iter();
        let count = checks.filter(|check| check.status == status).count();
        (status.as_str().to_owned(), Json::from(count))
    });
    let mut summary = serde_json::Map::new();
    let verdict = Verdict::on(report, has_failed).as_str();
    summary.insert("verdict".to_owned(), Json::from(verdict));
    summary.insert("findings".to_owned(), Json::Object(found.collect()));
    if !report.checks.is_empty() {
        summary.insert("checks".to_owned(), Json::Object(checked.collect()));
    }
    Json::Object(summary)
}

fn check(check: &Check) -> Json {
    serde_json::json!({
        "id": check.id,
        "status": check.status.as_str(),
        "evidence": check.evidence_whole(),
        "advice": check.advice_whole(),
    })
}

/// ISO 8601 in UTC with microseconds and `+00:00`, as the portal's own audit writes it.
fn time_utc(time: jiff::Timestamp) -> String {
    strtime::format(
        "%Y-%m-%dT%H:%M:%S%.6f+00:00",
        &time.to_zoned_datetime(TimeZone::UTC),
    )
    .unwrap_or_else(|_| time.to_string())
}

struct All<'a>(&'a [Findings]);

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for group in self.0 {
            for (index, id) in finding_ids(group).into_iter().enumerate() {
                list.serialize_element(&One { group, index, id })?;
            }
        }
        list.end()
    }
}

/// The ids of findings, `kind:subject`. Of those with one subject the second has `#2` behind it, in the order of
/// what their facts say and not of that in which the rows came: so a finding has the same id in every run. What
/// counts on by itself, as numbers do, decides last.
fn finding_ids(group: &Findings) -> Vec<String> {
    let mut ids: Vec<String> = (0..group.items.len())
        .map(|index| format!("{}:{}", group.kind, group.items.subject(index)))
        .collect();
    let mut of_subject: HashMap<&str, Vec<usize>> = HashMap::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        of_subject.entry(id).or_default().push(index);
    }
    let several = of_subject.into_values().filter(|several| several.len() > 1);
    for mut same in several.collect::<Vec<_>>() {
        same.sort_by_cached_key(|index| {
            let facts = group.items.facts_for_programs(*index);
            let (numbers, texts): (Vec<_>, Vec<_>) =
                facts.into_iter().partition(|(_, value)| value.is_number());
            [texts, numbers].map(|facts| Json::Object(facts.into_iter().collect()).to_string())
        });
        for (number, index) in same.into_iter().enumerate().skip(1) {
            ids[index] = format!("{}#{}", ids[index], number + 1);
        }
    }
    ids
}

struct One<'a> {
    group: &'a Findings,
    index: usize,
    id: String,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let group = self.group;
        let facts: serde_json::Map<String, Json> = group
            .items
            .facts_for_programs(self.index)
            .into_iter()
            .collect();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("kind", &group.kind)?;
        map.serialize_entry("severity", group.severity.as_str())?;
        map.serialize_entry("title", &group.title)?;
        map.serialize_entry("evidence", &facts)?;
        map.serialize_entry("advice", &group.advice)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalogue::Language;

    /// Findings of one subject, each with these facts.
    struct Same(Vec<[(&'static str, Json); 2]>);

    impl crate::Evidence for Same {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn subject(&self, _: usize) -> String {
            "10.0.0.1".to_owned()
        }

        fn facts(&self, index: usize, _: Language) -> Vec<(String, Json)> {
            let facts = self.0[index].iter();
            facts
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect()
        }
    }

    #[test]
    fn findings_of_one_subject_keep_their_ids_in_whichever_order_the_rows_come() {
        let rows = [
            [("timeout", Json::from(900)), ("list", "a".into())],
            [("timeout", Json::from(20)), ("list", "b".into())],
            [("timeout", Json::from(5)), ("list", "c".into())],
        ];
        let ids = |order: [usize; 3]| {
            let group = Findings {
                kind: "row".to_owned(),
                severity: Severity::Info,
                title: "".into(),
                advice: "".into(),
                of_check: None,
                items: std::rc::Rc::new(Same(order.map(|at| rows[at].clone()).to_vec())),
            };
            let mut ids = vec![String::new(); 3];
            for (at, id) in order.into_iter().zip(finding_ids(&group)) {
                ids[at] = id;
            }
            ids
        };
        let expected = ["row:10.0.0.1", "row:10.0.0.1#2", "row:10.0.0.1#3"];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            assert_eq!(ids(order), expected, "{order:?}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_comes_back() {
        let hostile: String = (0..0xa0)
            .chain([0x61c, 0x200e, 0x2028, 0x202e, 0x2066, 0xe9, 0x1f600])
            .filter_map(char::from_u32)
            .collect();
        let mut out = Vec::new();
        pretty(&mut out, &[&hostile]).unwrap();
        let text = String::from_utf8(out).unwrap();
        let shown = |c: char| c != '\n' && is_control(c);
        assert!(!text.contains(shown), "{text:?}");
        assert_eq!(
            serde_json::from_str::<Vec<String>>(&text).unwrap(),
            [hostile]
        );
    }
}
