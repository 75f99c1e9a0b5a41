//! Lines of logs as a table: what each says, beside where it came from.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rhai::{Array, ImmutableString};

use super::super::error::HostError;
use super::super::rows::{Row, Table, View};
use super::super::value::Value;
use crate::portal::log_line::{LogLine, service_of};

/// The fields a line has, in the order rows show them.
const FIELDS: [&str; 9] = [
    "service",
    "container",
    "at",
    "level",
    "message",
    "sign",
    "task",
    "id",
    "detail",
];

struct LogLines(Vec<Read>);

/// A line, and where it came from.
struct Read {
    service: Option<String>,
    container: Option<String>,
    /// The Engine's own time, as it was given.
    at: Option<String>,
    line: LogLine,
}

/// Reads rows of `docker::logs`, or any with a field `text`.
///
/// # Errors
/// A row has no `text`.
pub fn of_rows(rows: &View, zone: &TimeZone) -> Result<Arc<dyn Table>, HostError> {
    let lines: Vec<Read> = rows
        .iter()
        .map(|row| of_row(&row, zone))
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(LogLines(lines)))
}

/// Reads lines of a file.
///
/// # Errors
/// One of them is no text.
pub fn of_texts(texts: &Array, zone: &TimeZone) -> Result<Arc<dyn Table>, HostError> {
    let lines: Vec<Read> = texts
        .iter()
        .map(|text| match text.read_lock::<ImmutableString>() {
            Some(text) => Ok(of_text(&text, zone)),
            None => Err(HostError::invalid(format!(
                "a line of a log is a {}, not a text",
                text.type_name()
            ))),
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(LogLines(lines)))
}

fn of_row(row: &Row, zone: &TimeZone) -> Result<Read, HostError> {
    let Value::Text(text) = row.value("text")? else {
        return Err(HostError::invalid("a row of a log has no `text`")
            .hint("take rows of docker::logs, or an array of texts"));
    };
    let field = |name: &str| match row.value(name) {
        Ok(Value::Text(text)) => Some(text),
        _ => None,
    };
    Ok(Read {
        service: field("service"),
        container: field("container"),
        at: field("at"),
        line: LogLine::of_engine(&text, zone),
    })
}

fn of_text(text: &str, zone: &TimeZone) -> Read {
    let line = LogLine::of_file(text, zone);
    let service = |container: &String| service_of(container).to_owned();
    Read {
        service: line.container.as_ref().map(service),
        container: line.container.clone(),
        at: None,
        line,
    }
}

impl Table for LogLines {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        let read = &self.0[row];
        let sign = read.line.sign.as_ref();
        let own_time = || read.line.at.map(|at| at.to_string());
        Ok(match field {
            "service" => optional(read.service.clone()),
            "container" => optional(read.container.clone()),
            "at" => optional(read.at.clone().or_else(own_time)),
            "level" => optional(read.line.level.clone()),
            "message" => Value::Text(read.line.message.clone()),
            "sign" => optional(sign.map(|sign| sign.word.to_owned())),
            "task" => optional(sign.and_then(|sign| sign.task.clone())),
            "id" => optional(sign.and_then(|sign| sign.id.clone())),
            "detail" => optional(sign.and_then(|sign| sign.detail.clone())),
            _ => Value::Unit,
        })
    }

    fn fields(&self, _row: usize) -> Vec<String> {
        FIELDS.map(str::to_owned).to_vec()
    }
}

fn optional(text: Option<String>) -> Value {
    text.map_or(Value::Unit, Value::Text)
}
