//! The forms in which the portal, Celery and the programs around them write a line.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::log_line::LogClock;

/// A known form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `31-05-2026 20:00:00 INFO     [logger] [request] message [in path:line]`.
    Portal,
    /// `[2026-05-31 12:00:00,123: INFO/MainProcess] message`.
    Celery,
    /// `[2026-05-31 12:00:00 +0000] [7] [INFO] message`.
    Gunicorn,
    /// `10.0.0.9 - - [31/May/2026:20:00:00 +0800] "GET / HTTP/1.1" 200 …`.
    Access,
    /// An object on one line.
    Json,
    /// `INFO:logger:message`, `2026-05-31 12:00:00,123 - logger - INFO - message`, and the like.
    Python,
    /// Of a journal, without a form of its own.
    Journal,
    /// A sentence of the portal or of Celery, and nothing in front of it.
    Sentence,
    /// A part of a traceback.
    Traceback,
    /// A part of what Celery's programs print when they start.
    Banner,
}

impl Form {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Form::Portal => "portal",
            Form::Celery => "celery",
            Form::Gunicorn => "gunicorn",
            Form::Access => "access",
            Form::Json => "json",
            Form::Python => "python",
            Form::Journal => "journal",
            Form::Sentence => "sentence",
            Form::Traceback => "traceback",
            Form::Banner => "banner",
        }
    }
}

/// What is known of a line of a known form.
pub(super) struct Head {
    pub form: Form,
    pub at: Option<Timestamp>,
    pub level: Option<String>,
    pub message: String,
}

impl Head {
    pub fn read(text: &str, clock: &LogClock) -> Option<Self> {
        portal(text, clock)
            .or_else(|| celery(text, clock))
            .or_else(|| gunicorn(text))
            .or_else(|| json(text, clock))
            .or_else(|| timed_python(text, clock))
            .or_else(|| python(text))
            .or_else(|| access(text))
            .or_else(|| banner(text))
    }

    fn new(form: Form, at: Option<Timestamp>, level: Option<String>, message: &str) -> Self {
        Self {
            form,
            at,
            level,
            message: message.trim().to_owned(),
        }
    }
}

/// A Celery process leaves the request and the path out.
fn portal(text: &str, clock: &LogClock) -> Option<Head> {
    let at = portal_time(text.get(..19)?, &clock.portal)?;
    let rest = text[19..].strip_prefix(' ')?;
    let (level, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let level = self::level(level)?;
    let rest = bracketed(rest.trim_start()).map_or(rest, |(_, rest)| rest);
    let message = match without_place(rest) {
        Some(inner) => bracketed(inner).map_or(inner, |(_, message)| message),
        None => rest,
    };
    Some(Head::new(Form::Portal, Some(at), Some(level), message))
}

/// Inside a task the message has the task's name and id in front.
fn celery(text: &str, clock: &LogClock) -> Option<Head> {
    let (inner, message) = bracketed(text)?;
    let (time, process) = inner.split_once(": ")?;
    let (level, _) = process.split_once('/')?;
    let at = python_time(time, &clock.processes)?;
    let level = self::level(level)?;
    Some(Head::new(Form::Celery, Some(at), Some(level), message))
}

/// Of the backend's server.
fn gunicorn(text: &str) -> Option<Head> {
    let (time, rest) = bracketed(text)?;
    let (_, rest) = bracketed(rest)?;
    let (level, message) = bracketed(rest)?;
    let at = Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", time).ok()?;
    let level = self::level(level)?;
    Some(Head::new(Form::Gunicorn, Some(at), Some(level), message))
}

/// A request that a server answered, in the form that all of them know.
fn access(text: &str) -> Option<Head> {
    let (client, rest) = text.split_once(' ')?;
    client.parse::<std::net::IpAddr>().ok()?;
    let (_, rest) = rest.split_once('[')?;
    let (time, request) = rest.split_once("] \"")?;
    let at = Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", time).ok()?;
    let request = format!("\"{request}");
    Some(Head::new(
        Form::Access,
        Some(at),
        Some("INFO".to_owned()),
        &request,
    ))
}

/// The box that a worker draws around its name, and what worker and beat list of their settings, queues
/// and tasks. It tells neither time nor level.
fn banner(text: &str) -> Option<Head> {
    const HEADS: [&str; 6] = [
        "[config]",
        "[queues]",
        "[tasks]",
        "Configuration ->",
        "LocalTime ->",
        "__    -",
    ];
    const LISTED: [&str; 3] = [". ", ".> ", "celery beat v"];
    let line = text.trim();
    let is_frame = |word: &str| word.chars().all(|sign| matches!(sign, '-' | '*'));
    // A frame is never one sign alone: that would be anybody's list.
    let is_long = line.starts_with("--") || (line.starts_with("- ") && line.contains("* "));
    let is_framed = is_long && line.split(' ').next().is_some_and(is_frame);
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let is_banner = is_framed || begins(&HEADS) || begins(&LISTED);
    is_banner.then(|| Head {
        form: Form::Banner,
        at: None,
        level: None,
        message: text.to_owned(),
    })
}

/// By the names that writers of such lines use.
fn json(text: &str, clock: &LogClock) -> Option<Head> {
    if !text.starts_with('{') {
        return None;
    }
    let fields: Map<String, Json> = serde_json::from_str(text.trim_end()).ok()?;
    let first = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let message = first(&["message", "msg", "event"])?;
    let time = first(&["timestamp", "time", "asctime", "@timestamp", "ts"]);
    let level = first(&["level", "levelname", "severity"]);
    let message = message
        .as_str()
        .map_or_else(|| message.to_string(), str::to_owned);
    Some(Head::new(
        Form::Json,
        time.and_then(|time| json_time(time, clock)),
        level.and_then(|level| self::level(level.as_str()?)),
        &message,
    ))
}

/// A time, in brackets or not, then a level, at once or behind the name of the logger.
fn timed_python(text: &str, clock: &LogClock) -> Option<Head> {
    let text = text.strip_prefix('[').unwrap_or(text);
    let (at, rest) = time_in_front(text, &clock.processes)?;
    let (first, after) = word(rest)?;
    let (level, after) = match self::level(first) {
        Some(level) => (level, after),
        None => {
            let (second, after) = word(after)?;
            (self::level(second)?, after)
        }
    };
    Some(Head::new(
        Form::Python,
        Some(at),
        Some(level),
        unframed(after),
    ))
}

/// `LEVEL:logger:message`, as Python writes where nobody chose a form, and `LEVEL: message`.
fn python(text: &str) -> Option<Head> {
    let (level, rest) = text.split_once(':')?;
    let is_written_so = level.bytes().all(|byte| byte.is_ascii_uppercase());
    let level = self::level(level).filter(|_| is_written_so)?;
    let of_logger = rest.split_once(':').filter(|(logger, _)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        !logger.is_empty() && logger.chars().all(plain)
    });
    let message = of_logger.map_or(rest, |(_, message)| message);
    Some(Head::new(Form::Python, None, Some(level), message))
}

/// The next word of a line, without what frames it, and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = unframed(text);
    let end = text.find(FRAME).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A text without what stands between it and what was in front of it.
fn unframed(text: &str) -> &str {
    let mut text = text.trim_start_matches(FRAME);
    while let Some(rest) = text.strip_prefix("- ") {
        text = rest.trim_start_matches(FRAME);
    }
    text
}

/// What stands between the parts of a line.
const FRAME: [char; 7] = [' ', '[', ']', '(', ')', '|', ':'];

fn json_time(time: &Json, clock: &LogClock) -> Option<Timestamp> {
    let Some(text) = time.as_str() else {
        let seconds = time.as_f64()?;
        let milliseconds = (seconds * 1000.0).round();
        // What is no time of this world becomes none by the conversion.
        return Timestamp::from_millisecond(milliseconds as i64).ok();
    };
    text.parse()
        .ok()
        .or_else(|| portal_time(text, &clock.portal))
        .or_else(|| python_time(text, &clock.processes))
}

fn portal_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local = DateTime::strptime("%d-%m-%Y %H:%M:%S", text).ok()?;
    zone.to_timestamp(local).ok()
}

/// `2026-05-31 12:00:00,123`, as Python writes it.
fn python_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let (at, rest) = time_in_front(text, zone)?;
    rest.is_empty().then_some(at)
}

/// The time that `text` begins with, with or without a fraction and an offset, and what follows.
fn time_in_front<'text>(text: &'text str, zone: &TimeZone) -> Option<(Timestamp, &'text str)> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", seconds)
        .or_else(|_| DateTime::strptime("%Y-%m-%dT%H:%M:%S", seconds))
        .ok()?;
    let (milliseconds, rest) = match rest.strip_prefix([',', '.']) {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, rest) = rest.split_at(digits);
            if fraction.is_empty() {
                return None;
            }
            let milliseconds: String = fraction.chars().chain("00".chars()).take(3).collect();
            (milliseconds.parse::<i16>().ok()?, rest)
        }
        None => (0, rest),
    };
    let at = at.with().millisecond(milliseconds).build().ok()?;
    let offset = |text: &str| {
        let at = at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string();
        timestamp("%Y-%m-%d %H:%M:%S%.f", &format!("{at}{text}"))
    };
    if let Some(rest) = rest.strip_prefix('Z') {
        return Some((TimeZone::UTC.to_timestamp(at).ok()?, rest));
    }
    let unspaced = rest.strip_prefix(' ').unwrap_or(rest);
    for length in [5, 6] {
        let Some((text, rest)) = unspaced.split_at_checked(length) else {
            continue;
        };
        if text.starts_with(['+', '-'])
            && !rest.starts_with(|c: char| c.is_ascii_digit() || c == ':')
            && let Some(at) = offset(text)
        {
            return Some((at, rest));
        }
    }
    Some((zone.to_timestamp(at).ok()?, rest))
}

/// A time of this form with an offset behind it, with a colon or without.
pub(super) fn timestamp(form: &str, text: &str) -> Option<Timestamp> {
    let read = |offset| Timestamp::strptime(format!("{form}{offset}"), text).ok();
    read("%z").or_else(|| read("%:z"))
}

/// A level by its usual name.
fn level(text: &str) -> Option<String> {
    let level = text.to_ascii_uppercase();
    match level.as_str() {
        "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL" => Some(level),
        "WARN" => Some("WARNING".to_owned()),
        "FATAL" => Some("CRITICAL".to_owned()),
        _ => None,
    }
}

/// The inside of the brackets in front of `text`, and what follows them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    Some((inside, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// `message` of `message [in /app/tasks.py:212]`.
fn without_place(text: &str) -> Option<&str> {
    let (message, place) = text.trim_end().strip_suffix(']')?.rsplit_once("[in ")?;
    let (_, line) = place.rsplit_once(':')?;
    let is_number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(message)
}
