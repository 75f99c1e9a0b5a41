//! Lines of logs as a table: what each says, beside where it came from.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rhai::plugin::*;
use rhai::{Array, ImmutableString, Map};

use super::super::call;
use super::super::dynamic::type_of;
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Rows, Table, View};
use super::super::value::Value;
use super::raise;
use portal::log_line::{LogClock, LogLine, LogReader, service_of};

/// The fields a line has, in the order rows show them.
const FIELDS: [&str; 11] = [
    "service",
    "container",
    "at",
    "level",
    "message",
    "sign",
    "task",
    "id",
    "detail",
    "form",
    "source",
];

struct LogLines(Vec<Read>);

/// A line, and where it came from.
struct Read {
    service: Option<String>,
    /// The Engine's own time, as it was given.
    at: Option<String>,
    line: LogLine,
}

primitives! {
    _: () = plain log_lines(Value);
    _: () = plain log_lines(Value, Value);
    _: () = plain log_lines(Value);
    _: () = plain log_lines(Value, Value);
}

/// How scripts read the lines of logs.
#[export_module]
pub mod log_lines_module {
    use super::*;

    /// What the lines of `docker::logs` say, or of other rows with `text`: rows of `service`,
    /// `container`, `at` (RFC 3339 in UTC: the Engine's time, else the line's own, else `()`),
    /// `level` (`INFO`, `WARNING`, `ERROR`, …), `message`, `sign` (a stable word for what the
    /// portal's and Celery's own sentences say, such as `sync-result` or `beat-sent`;
    /// `scripts/README.md` has them all), `task`, `id` (of the task), `detail` (what the sentence
    /// says beyond the sign), `form` (how the line is written, a stable word of that file) and `source`
    /// (`compose` or `journal`, where one of these put something in front of the line of a file); what a
    /// line does not have is `()`, as the form of a line that is written in no known one. The portal
    /// writes the time of its site; Celery and Python are taken to write UTC. A line without a head of
    /// its own, as in a traceback, has neither time nor level; of a traceback that follows no line of
    /// an error the first line has the level `ERROR`, and as `detail` what was raised. Fails with kind
    /// `invalid` for a row without `text`, or as the rows' read failed.
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
        log_lines_with(context, rows, Map::new())
    }

    /// The same with options: `zone`, the name of the time zone (`Asia/Makassar`) in which the
    /// processes write all times that name none; `()` for the zones of `log_lines(rows)`.
    /// Fails with kind `invalid` for another option, and for a zone that nobody knows.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ text: "[2026-05-31 19:00:00,000: INFO/MainProcess] beat: Starting..." }]);
    /// assert_eq(portal::log_lines(rows, #{ zone: "Asia/Jakarta" })[0].at, "2026-05-31T12:00:00Z");
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines_with(
        context: NativeCallContext,
        rows: Rows,
        options: Map,
    ) -> CallResult<Rows> {
        let clock = clock(&context, &options)?;
        let read = rows.resolve();
        let read = read.and_then(|rows| of_rows(&rows, clock));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }

    /// What the lines of a log file say; see `log_lines(rows)`. What `docker compose logs` or a journal
    /// puts in front of a line gives its `container` (in a journal the program), and the `service` of
    /// that name. A journal's times are in the zone of the site; where they name no year it is the
    /// newest that is not in the future.
    ///
    /// ```rhai
    /// let lines = portal::log_lines([
    ///     "celery_beat-1  | [2026-05-31 12:00:00,123: INFO/MainProcess] beat: Starting...",
    ///     "31-05-2026 20:00:01 ERROR    [app.redis] Koneksi ke Redis GAGAL: timed out",
    ///     "what is this?",
    /// ]);
    /// assert_eq(lines.column("sign"), ["beat-started", "redis-error", ()]);
    /// assert_eq(lines.column("form"), ["celery", "portal", ()]);
    /// assert_eq(lines[0].service, "celery_beat");
    /// assert_eq(lines[1].at, "2026-05-31T12:00:01Z");
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines_of_texts(context: NativeCallContext, texts: Array) -> CallResult<Rows> {
        log_lines_of_texts_with(context, texts, Map::new())
    }

    /// The same with the options of `log_lines(rows, options)`.
    ///
    /// ```rhai
    /// let lines = ["INFO:app:started", "2026-05-31 19:00:00,000 - app - INFO - started"];
    /// assert_eq(portal::log_lines(lines, #{ zone: "Asia/Jakarta" })[1].at, "2026-05-31T12:00:00Z");
    /// ```
    #[rhai_fn(name = "log_lines", return_raw)]
    pub fn log_lines_of_texts_with(
        context: NativeCallContext,
        texts: Array,
        options: Map,
    ) -> CallResult<Rows> {
        let clock = clock(&context, &options)?;
        let read = of_texts(&texts, clock);
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }
}

/// The clock that options ask for.
fn clock(context: &NativeCallContext, options: &Map) -> CallResult<LogClock> {
    let host = call::host(context)?;
    let (now, site) = (host.now(), host.time_zone());
    let zone = zone(options).map_err(|error| raise(context, error))?;
    Ok(match zone {
        Some(zone) => LogClock::of_processes(now, zone),
        None => LogClock::of_site(now, site),
    })
}

/// The zone among the options.
fn zone(options: &Map) -> Result<Option<TimeZone>, HostError> {
    if let Some(name) = options.keys().find(|name| name.as_str() != "zone") {
        let error = HostError::invalid(format!("lines of logs have no option `{name}`"));
        return Err(error.hint("the option is zone"));
    }
    let Some(zone) = options.get("zone").filter(|zone| !zone.is_unit()) else {
        return Ok(None);
    };
    let unknown = || {
        HostError::invalid(format!("`{zone}` is no time zone"))
            .hint("take a name such as Asia/Makassar or UTC")
    };
    let name = zone.read_lock::<ImmutableString>().ok_or_else(unknown)?;
    TimeZone::get(&name).map(Some).map_err(|_| unknown())
}

/// Reads rows of `docker::logs`, or any with a field `text`.
///
/// # Errors
/// A row has no `text`.
fn of_rows(rows: &View, clock: LogClock) -> Result<Arc<dyn Table>, HostError> {
    let mut reader = LogReader::new(clock);
    let mut places = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let Value::Text(text) = row.value("text")? else {
            return Err(HostError::invalid("a row of a log has no `text`")
                .hint("take rows of docker::logs, or an array of texts"));
        };
        let field = |name: &str| match row.value(name) {
            Ok(Value::Text(text)) => Some(text),
            _ => None,
        };
        reader.of_engine(field("container").as_deref(), &text);
        places.push((field("service"), field("at")));
    }
    let lines = reader.lines().into_iter().zip(places);
    let read = lines.map(|(line, (service, at))| Read { service, at, line });
    Ok(Arc::new(LogLines(read.collect())))
}

/// Reads lines of a file.
///
/// # Errors
/// One of them is no text.
fn of_texts(texts: &Array, clock: LogClock) -> Result<Arc<dyn Table>, HostError> {
    let mut reader = LogReader::new(clock);
    for text in texts {
        let Some(line) = text.read_lock::<ImmutableString>() else {
            let actual = type_of(text);
            return Err(HostError::invalid(format!(
                "a line of a log is a {actual}, not a text"
            )));
        };
        reader.of_file(&line);
    }
    let service = |container: &String| service_of(container).to_owned();
    let lines = reader.lines().into_iter();
    let read = lines.map(|line| Read {
        service: line.container.as_ref().map(service),
        at: None,
        line,
    });
    Ok(Arc::new(LogLines(read.collect())))
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
            "container" => optional(read.line.container.clone()),
            "at" => optional(read.at.clone().or_else(own_time)),
            "level" => optional(read.line.level.clone()),
            "message" => Value::Text(read.line.message.clone()),
            "sign" => optional(sign.map(|sign| sign.word.to_owned())),
            "task" => optional(sign.and_then(|sign| sign.task.clone())),
            "id" => optional(sign.and_then(|sign| sign.id.clone())),
            "detail" => optional(sign.and_then(|sign| sign.detail.clone())),
            "source" => optional(read.line.source.map(|source| source.word().to_owned())),
            "form" => optional(read.line.form.map(|form| form.word().to_owned())),
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
