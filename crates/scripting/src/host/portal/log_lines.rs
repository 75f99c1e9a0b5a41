//! Lines of logs as a table: what each says, beside where it came from.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rhai::plugin::*;
use rhai::{Array, ImmutableString};

use super::super::call;
use super::super::dynamic::type_of;
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Row, Rows, Table, View};
use super::super::value::Value;
use super::raise;
use portal::log_line::{LogLine, service_of};

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

primitives! {
    _: () = plain log_lines(Value);
    _: () = plain log_lines(Value);
}

/// How scripts read the lines of logs.
#[export_module]
pub mod log_lines_module {
    use super::*;

    /// What the lines of `docker::logs` say, or of other rows with `text`: rows of `service`,
    /// `container`, `at` (RFC 3339 in UTC: the Engine's time, else the line's own, else `()`),
    /// `level` (`INFO`, `WARNING`, `ERROR`, …), `message`, `sign` (a stable word for what the
    /// portal's and Celery's own sentences say, such as `sync-result` or `beat-sent`;
    /// `scripts/README.md` has them all), `task`, `id` (of the task) and `detail` (what the sentence
    /// says beyond the sign); what a line does not have is `()`. The portal writes the time of its
    /// site, Celery UTC. A line without a head of its own, as in a traceback, has neither time nor
    /// level. Fails with kind `invalid` for a row without `text`, or as the rows' read failed.
    ///
    /// ```rhai
    /// let lines = portal::log_lines(docker::logs("celery_worker"));
    /// let results = lines.where(#{ sign: "sync-result" });
    /// assert_eq(results[0].task, "sync_hotspot_usage_task");
    /// assert(results[0].detail.starts_with("{'processed': 18"), "the counters of the run");
    /// try { portal::log_lines(rows::from([#{ line: "x" }])) } catch (err) { assert_eq(err.kind, "invalid") }
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        let zone = call::host(&context)?.time_zone();
        let read = rows.resolve();
        let read = read.and_then(|rows| of_rows(&rows, &zone));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }

    /// What the lines of a log file say; see `log_lines(rows)`. What `docker compose logs` puts in
    /// front of a line gives its `container`, and the `service` of that name.
    ///
    /// ```rhai
    /// let lines = portal::log_lines([
    ///     "celery_beat-1  | [2026-05-31 12:00:00,123: INFO/MainProcess] beat: Starting...",
    ///     "31-05-2026 20:00:01 ERROR    [app.redis] Koneksi ke Redis GAGAL: timed out",
    /// ]);
    /// assert_eq(lines.column("sign"), ["beat-started", "redis-error"]);
    /// assert_eq(lines[0].service, "celery_beat");
    /// assert_eq(lines[1].at, "2026-05-31T12:00:01Z");
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines_of_texts(context: NativeCallContext, texts: Array) -> CallResult<Rows> {
        let zone = call::host(&context)?.time_zone();
        let read = of_texts(&texts, &zone);
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }
}

/// Reads rows of `docker::logs`, or any with a field `text`.
///
/// # Errors
/// A row has no `text`.
fn of_rows(rows: &View, zone: &TimeZone) -> Result<Arc<dyn Table>, HostError> {
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
fn of_texts(texts: &Array, zone: &TimeZone) -> Result<Arc<dyn Table>, HostError> {
    let lines: Vec<Read> = texts
        .iter()
        .map(|text| match text.read_lock::<ImmutableString>() {
            Some(text) => Ok(of_text(&text, zone)),
            None => Err(HostError::invalid(format!(
                "a line of a log is a {}, not a text",
                type_of(text)
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
