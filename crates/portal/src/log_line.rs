//! Lines of the logs of the portal and of its Celery processes: when, how grave, what.
//!
//! All of them go to the standard output of a container, where they meet lines of other programs.
//! What is of no known form is a message and nothing more.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::log_sign::Sign;

/// A line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The container, by what `docker compose logs` puts in front of its lines.
    pub container: Option<String>,
    /// When, by the Engine's time in front of the line, else by the line's own.
    pub at: Option<Timestamp>,
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`.
    pub level: Option<String>,
    /// The line without what stands around its message.
    pub message: String,
    /// What the message is a sign of.
    pub sign: Option<Sign>,
}

impl LogLine {
    /// Reads a line of a file: what `docker compose logs` and the Engine put in front of it, then as
    /// [`LogLine::of_engine`].
    #[must_use]
    pub fn of_file(line: &str, zone: &TimeZone) -> Self {
        let plain = without_colors(line);
        let (container, rest) = compose_prefix(&plain);
        let (engine_time, rest) = engine_time(rest);
        let line = Self::of_plain(rest, zone);
        Self {
            container: container.map(str::to_owned),
            at: engine_time.or(line.at),
            ..line
        }
    }

    /// Reads a line as its program wrote it; `zone` is the site's own, in which the portal writes
    /// its times, where Celery writes UTC. A line without a head of a known form belongs to the one
    /// before it, as those of a traceback do, and is a sign only if it begins as one.
    #[must_use]
    pub fn of_engine(line: &str, zone: &TimeZone) -> Self {
        Self::of_plain(&without_colors(line), zone)
    }

    fn of_plain(text: &str, zone: &TimeZone) -> Self {
        match Head::read(text, zone) {
            Some(head) => Self {
                container: None,
                at: head.at,
                level: head.level,
                sign: Sign::within(&head.message),
                message: head.message,
            },
            None => Self {
                container: None,
                at: None,
                level: None,
                sign: Sign::at_start(text),
                message: text.to_owned(),
            },
        }
    }
}

/// A container's service, by the name that Compose gives it: `celery_worker` of `celery_worker-1`.
#[must_use]
pub fn service_of(container: &str) -> &str {
    match container.rsplit_once(['-', '_']) {
        Some((service, number)) if is_digits(number) => service,
        _ => container,
    }
}

/// What is known of a line of a known form.
struct Head {
    at: Option<Timestamp>,
    level: Option<String>,
    message: String,
}

impl Head {
    fn read(text: &str, zone: &TimeZone) -> Option<Self> {
        portal(text, zone)
            .or_else(|| celery(text))
            .or_else(|| gunicorn(text))
            .or_else(|| json(text, zone))
    }
}

/// `31-05-2026 20:00:00 INFO     [logger] [request] message [in path:line]`, in the site's time; a
/// Celery process leaves the request and the path out.
fn portal(text: &str, zone: &TimeZone) -> Option<Head> {
    let at = portal_time(text.get(..19)?, zone)?;
    let rest = text[19..].strip_prefix(' ')?;
    let (level, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let rest = bracketed(rest.trim_start()).map_or(rest, |(_, rest)| rest);
    let message = match without_place(rest) {
        Some(inner) => bracketed(inner).map_or(inner, |(_, message)| message),
        None => rest,
    };
    Some(Head {
        at: Some(at),
        level: Some(self::level(level)?),
        message: message.trim().to_owned(),
    })
}

/// `[2026-05-31 12:00:00,123: INFO/MainProcess] message`; inside a task the message has the task's
/// name and id in front.
fn celery(text: &str) -> Option<Head> {
    let (inner, message) = bracketed(text)?;
    let (time, process) = inner.split_once(": ")?;
    let (level, _) = process.split_once('/')?;
    Some(Head {
        at: Some(utc_time(time)?),
        level: Some(self::level(level)?),
        message: message.trim().to_owned(),
    })
}

/// `[2026-05-31 12:00:00 +0000] [7] [INFO] message`, of the backend's server.
fn gunicorn(text: &str) -> Option<Head> {
    let (time, rest) = bracketed(text)?;
    let (_, rest) = bracketed(rest)?;
    let (level, message) = bracketed(rest)?;
    let at = Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", time).ok()?;
    Some(Head {
        at: Some(at),
        level: Some(self::level(level)?),
        message: message.trim().to_owned(),
    })
}

/// An object on one line, by the names that writers of such lines use.
fn json(text: &str, zone: &TimeZone) -> Option<Head> {
    if !text.starts_with('{') {
        return None;
    }
    let fields: Map<String, Json> = serde_json::from_str(text.trim_end()).ok()?;
    let first = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let message = first(&["message", "msg", "event"])?;
    let time = first(&["timestamp", "time", "asctime", "@timestamp", "ts"]);
    let level = first(&["level", "levelname", "severity"]);
    Some(Head {
        at: time.and_then(|time| json_time(time, zone)),
        level: level.and_then(|level| self::level(level.as_str()?)),
        message: message
            .as_str()
            .map_or_else(|| message.to_string(), |text| text.trim().to_owned()),
    })
}

fn json_time(time: &Json, zone: &TimeZone) -> Option<Timestamp> {
    let Some(text) = time.as_str() else {
        let seconds = time.as_f64()?;
        let milliseconds = (seconds * 1000.0).round();
        // What is no time of this world becomes none by the conversion.
        return Timestamp::from_millisecond(milliseconds as i64).ok();
    };
    text.parse()
        .ok()
        .or_else(|| portal_time(text, zone))
        .or_else(|| utc_time(text))
}

fn portal_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local = DateTime::strptime("%d-%m-%Y %H:%M:%S", text).ok()?;
    zone.to_timestamp(local).ok()
}

/// `2026-05-31 12:00:00,123`, as Python writes it, in UTC.
fn utc_time(text: &str) -> Option<Timestamp> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", seconds)
        .or_else(|_| DateTime::strptime("%Y-%m-%dT%H:%M:%S", seconds))
        .ok()?;
    let fraction = rest.strip_prefix([',', '.']).unwrap_or("0");
    let milliseconds: i32 = fraction.get(..3).unwrap_or(fraction).parse().ok()?;
    let at = at.with().millisecond(milliseconds.try_into().ok()?).build();
    TimeZone::UTC.to_timestamp(at.ok()?).ok()
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
    is_digits(line).then_some(message)
}

/// What `docker compose logs` puts in front: `celery_worker-1  | `.
fn compose_prefix(text: &str) -> (Option<&str>, &str) {
    let prefix = text.split_once(" | ").and_then(|(name, rest)| {
        let name = name.trim_end();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        (!name.is_empty() && name.chars().all(plain)).then_some((name, rest))
    });
    match prefix {
        Some((name, rest)) => (Some(name), rest),
        None => (None, text),
    }
}

/// What the Engine puts in front where it is asked for times: `2026-05-31T12:00:00.123456789Z `.
fn engine_time(text: &str) -> (Option<Timestamp>, &str) {
    let timed = text.split_once(' ').and_then(|(time, rest)| {
        let looks_so = time.len() <= 40 && time.as_bytes().get(10) == Some(&b'T');
        Some((looks_so.then(|| time.parse().ok())??, rest))
    });
    match timed {
        Some((at, rest)) => (Some(at), rest),
        None => (None, text),
    }
}

/// The text without the sequences by which a terminal is told colours; Celery writes them where it
/// takes its output for a terminal.
fn without_colors(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        let letter = end.filter(|end| after[*end..].starts_with(|c: char| c.is_ascii_alphabetic()));
        rest = letter.map_or(after, |letter| &after[letter + 1..]);
    }
    plain.push_str(rest);
    plain
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn makassar() -> TimeZone {
        TimeZone::get("Asia/Makassar").unwrap()
    }

    fn read(line: &str) -> LogLine {
        LogLine::of_file(line, &makassar())
    }

    fn at(line: &LogLine) -> String {
        line.at.map_or("none".to_owned(), |at| at.to_string())
    }

    #[test]
    fn every_form_gives_time_level_and_message() {
        for (line, time, level) in [
            (
                "31-05-2026 20:00:01 INFO     [app.tasks] [req-7] said so [in /app/tasks.py:212]",
                "2026-05-31T12:00:01Z",
                "INFO",
            ),
            (
                "31-05-2026 20:00:01 WARNING  [app.tasks] said so",
                "2026-05-31T12:00:01Z",
                "WARNING",
            ),
            (
                "[2026-05-31 12:00:01,250: ERROR/ForkPoolWorker-2] said so",
                "2026-05-31T12:00:01.25Z",
                "ERROR",
            ),
            (
                "[2026-05-31 12:00:01 +0000] [7] [CRITICAL] said so",
                "2026-05-31T12:00:01Z",
                "CRITICAL",
            ),
            (
                r#"{"timestamp": "2026-05-31T20:00:01+08:00", "level": "warn", "message": "said so"}"#,
                "2026-05-31T12:00:01Z",
                "WARNING",
            ),
            (
                r#"{"asctime": "31-05-2026 20:00:01", "levelname": "INFO", "msg": "said so"}"#,
                "2026-05-31T12:00:01Z",
                "INFO",
            ),
            (
                r#"{"ts": 1780228801.5, "severity": "info", "event": "said so"}"#,
                "2026-05-31T12:00:01.5Z",
                "INFO",
            ),
        ] {
            let read = read(line);
            assert_eq!(at(&read), time, "{line}");
            assert_eq!(read.level.as_deref(), Some(level), "{line}");
            assert_eq!(read.message, "said so", "{line}");
        }
    }

    #[test]
    fn the_portal_writes_the_time_of_its_site() {
        let line = "31-05-2026 20:00:01 INFO     [x] y";
        let time = |zone: &str| LogLine::of_file(line, &TimeZone::get(zone).unwrap()).at;
        assert_eq!(time("UTC"), "2026-05-31T20:00:01Z".parse().ok());
        assert_eq!(time("Asia/Jakarta"), "2026-05-31T13:00:01Z".parse().ok());
    }

    #[test]
    fn what_stands_in_front_is_taken_off_and_its_time_wins() {
        let own = "[2026-05-31 12:00:01,250: INFO/MainProcess] beat: Starting...";
        for (line, container, time) in [
            (
                format!("celery_beat-1  | {own}"),
                Some("celery_beat-1"),
                "2026-05-31T12:00:01.25Z",
            ),
            (
                format!("2026-05-31T12:00:02.000000001Z {own}"),
                None,
                "2026-05-31T12:00:02.000000001Z",
            ),
            (
                format!("celery_beat-1 | 2026-05-31T12:00:02Z {own}"),
                Some("celery_beat-1"),
                "2026-05-31T12:00:02Z",
            ),
        ] {
            let read = read(&line);
            assert_eq!(read.container.as_deref(), container, "{line}");
            assert_eq!(at(&read), time, "{line}");
            assert_eq!(read.sign.unwrap().word, "beat-started", "{line}");
        }
    }

    #[test]
    fn colors_of_a_terminal_are_no_part_of_a_line() {
        let line = "\u{1b}[36mworker-1  |\u{1b}[0m [2026-05-31 12:00:01,250: \
                    \u{1b}[1;31mERROR\u{1b}[0m/MainProcess] \u{1b}[1msaid so\u{1b}[0m";
        let read = read(line);
        assert_eq!(read.message, "said so");
        assert_eq!(read.level.as_deref(), Some("ERROR"));
        assert_eq!(read.container.as_deref(), Some("worker-1"));
    }

    #[test]
    fn what_a_program_wrote_itself_has_nothing_in_front() {
        let line = LogLine::of_engine("celery_beat-1  | no prefix", &makassar());
        assert_eq!(line.container, None);
        assert_eq!(line.message, "celery_beat-1  | no prefix");
    }

    #[test]
    fn a_line_in_the_future_keeps_its_time() {
        let read = read("31-05-2126 20:00:01 INFO     [x] y");
        assert_eq!(at(&read), "2126-05-31T12:00:01Z");
    }

    #[test]
    fn the_lines_of_a_traceback_have_no_head_and_no_sign() {
        for line in [
            "Traceback (most recent call last):",
            "  File \"/app/tasks.py\", line 9, in run",
            "    logger.info('Celery Task: Memulai sinkronisasi kuota dan profil hotspot.')",
            "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379.",
        ] {
            let read = read(line);
            assert_eq!(
                (read.at, read.level, read.sign),
                (None, None, None),
                "{line}"
            );
            assert_eq!(read.message, line);
        }
    }

    #[test]
    fn garbage_is_a_message_and_nothing_more() {
        for line in [
            "",
            " ",
            "[",
            "[]",
            "] [",
            "{",
            "{}",
            r#"{"message": 7}"#,
            r#"{"ts": 1e300, "msg": "x"}"#,
            "[]]]: /",
            "99-99-9999 99:99:99 INFO [x] y",
            "31-05-2026 20:00:01",
            "31-05-2026 20:00:0é INFO",
            "[2026-05-31 12:00:01,25é: INFO/x] y",
            "[2026-05-31 12:00:01,-12: INFO/x] y",
            "\u{1b}[",
            "\u{1b}[31",
            "\u{1b}[31é",
            "\\xff\\x00 | \u{0}",
            " | ",
            "2026-05-31T12:00:00Z",
        ] {
            let read = read(line);
            assert_eq!(read.at, None, "{line}");
            assert_eq!(read.sign, None, "{line}");
        }
    }

    #[test]
    fn a_container_is_named_by_its_service_and_a_number() {
        assert_eq!(service_of("celery_worker-1"), "celery_worker");
        assert_eq!(service_of("home_celery_worker_12"), "home_celery_worker");
        assert_eq!(
            service_of("hotspot_prod_redis_cache"),
            "hotspot_prod_redis_cache"
        );
        assert_eq!(service_of("-1"), "");
    }
}
