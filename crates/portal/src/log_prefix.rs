//! What stands in front of a line of a log that its program did not write: the container of `docker
//! compose logs`, the time of the Engine, the head of a journal.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

use super::log_form::timestamp;
use super::log_line::{LogClock, Source};

/// What stands in front of a line, and the line.
pub(super) struct Prefix<'line> {
    /// The container, or the program of a journal.
    pub container: Option<&'line str>,
    pub at: Option<Timestamp>,
    pub source: Option<Source>,
    pub rest: &'line str,
    /// The same with the Engine's time, which may as well be the program's own.
    pub timed: &'line str,
}

impl<'line> Prefix<'line> {
    pub fn of(text: &'line str, clock: &LogClock) -> Self {
        if let Some(journal) = journal(text, clock) {
            return journal;
        }
        let (container, rest) = compose(text);
        let timed = rest;
        let (at, rest) = engine_time(timed);
        Self {
            container,
            at,
            source: container.map(|_| Source::Compose),
            rest,
            timed,
        }
    }
}

/// `May 31 20:00:00 host celery[7]: `, `2026-05-31T20:00:00+0800 host celery[7]: ` and `Sun 2026-05-31
/// 20:00:00 WITA host celery[7]: `, as `journalctl -o short`, `short-iso` and `short-full` write it, or
/// a syslog.
fn journal<'line>(text: &'line str, clock: &LogClock) -> Option<Prefix<'line>> {
    let (at, rest) = short(text, clock)
        .or_else(|| iso(text))
        .or_else(|| full(text, clock))?;
    let (host, rest) = rest.split_once(' ')?;
    let (program, rest) = rest.split_once(": ").or_else(|| rest.split_once(':'))?;
    let name = match program.strip_suffix(']') {
        Some(inside) => {
            let (name, number) = inside.rsplit_once('[')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(name)?
        }
        None => program,
    };
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', ':', '[', ']']);
    (is_word(host) && is_word(name)).then_some(Prefix {
        container: Some(name),
        at: Some(at),
        source: Some(Source::Journal),
        rest,
        timed: rest,
    })
}

/// `May 31 20:00:00 `, with a fraction or not; the year is the newest that is not in the future.
fn short<'line>(text: &'line str, clock: &LogClock) -> Option<(Timestamp, &'line str)> {
    let (date, rest) = text.split_at_checked(7)?;
    let (time, rest) = rest.split_once(' ')?;
    let date = date.strip_suffix(' ')?;
    let month = MONTHS.iter().position(|month| date.starts_with(month))?;
    let day: i8 = date.get(3..)?.trim().parse().ok()?;
    let month = i8::try_from(month + 1).ok()?;
    let time = Time::strptime("%H:%M:%S%.f", time).ok()?;
    Some((clock.without_year((month, day), time)?, rest))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `2026-05-31T20:00:00+0800 `; the Engine writes a `Z` and nothing else.
fn iso(text: &str) -> Option<(Timestamp, &str)> {
    let (time, rest) = text.split_once(' ')?;
    let is_local = time.as_bytes().get(10) == Some(&b'T') && !time.ends_with('Z');
    let is_local = is_local && time.len() <= 40;
    let at = is_local.then(|| timestamp("%Y-%m-%dT%H:%M:%S%.f", time))?;
    Some((at?, rest))
}

/// `Sun 2026-05-31 20:00:00 WITA `. What the letters of the zone mean depends on who reads them.
fn full<'line>(text: &'line str, clock: &LogClock) -> Option<(Timestamp, &'line str)> {
    let (day, rest) = text.split_once(' ')?;
    let is_day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&day);
    let (time, rest) = is_day.then(|| rest.split_at_checked(19))??;
    let (zone, rest) = rest.split_once(' ').and_then(|(fraction, rest)| {
        let is_fraction = fraction.is_empty() || fraction.starts_with('.');
        is_fraction.then(|| rest.split_once(' '))?
    })?;
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", time).ok()?;
    let zone = match zone {
        "UTC" | "GMT" => jiff::tz::TimeZone::UTC,
        _ => clock.portal.clone(),
    };
    Some((zone.to_timestamp(local).ok()?, rest))
}

/// What `docker compose logs` puts in front: `celery_worker-1  | `.
fn compose(text: &str) -> (Option<&str>, &str) {
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
        let looks_so =
            time.len() <= 40 && time.as_bytes().get(10) == Some(&b'T') && time.ends_with('Z');
        Some((looks_so.then(|| time.parse().ok())??, rest))
    });
    match timed {
        Some((at, rest)) => (Some(at), rest),
        None => (None, text),
    }
}

/// The text without the sequences by which a terminal is told colours; Celery writes them where it
/// takes its output for a terminal.
pub(super) fn without_colors(text: &str) -> String {
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
