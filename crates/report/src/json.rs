//! A report for programs.

use std::io::{self, Write};

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Json;

use super::{Check, Findings, Frame, Report};

/// The version of the JSON form: raised when a key changes its meaning.
pub const SCHEMA: &str = "tikbook.report/1";

/// Writes the report as one JSON object and a line end: `schema`, `site`, `runbook`, `time_utc`,
/// the runbook's own keys, `findings`, and `error` where the run failed.
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
    serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
    writeln!(out)
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
        map.serialize_entry("site", &self.frame.site)?;
        map.serialize_entry("runbook", &self.frame.runbook)?;
        map.serialize_entry("time_utc", &time_utc(self.frame.started))?;
        for (key, value) in &self.report.keys {
            map.serialize_entry(key, value)?;
        }
        if !self.report.checks.is_empty() {
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

fn check(check: &Check) -> Json {
    serde_json::json!({
        "id": check.id,
        "status": check.status.as_str(),
        "evidence": check.evidence,
        "advice": check.advice,
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
            for index in 0..group.items.len() {
                list.serialize_element(&One { group, index })?;
            }
        }
        list.end()
    }
}

struct One<'a> {
    group: &'a Findings,
    index: usize,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let group = self.group;
        let subject = group.items.subject(self.index);
        let facts: serde_json::Map<String, Json> =
            group.items.facts(self.index).into_iter().collect();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("id", &format!("{}:{subject}", group.kind))?;
        map.serialize_entry("kind", &group.kind)?;
        map.serialize_entry("severity", group.severity.as_str())?;
        map.serialize_entry("title", &group.title)?;
        map.serialize_entry("evidence", &facts)?;
        map.serialize_entry("advice", &group.advice)?;
        map.end()
    }
}
