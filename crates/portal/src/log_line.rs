//! Lines of the logs of the portal and of its Celery processes: when, how grave, what.
//!
//! All of them go to the standard output of a container or to the journal of the machine, where they
//! meet lines of other programs. What is of no known form is a message and nothing more.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::log_form::Head;
use super::log_prefix::{Prefix, without_colors};
use super::log_sign::Sign;

pub use super::log_form::Form;

/// A line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The container, or in a journal the program, by what stands in front of the line.
    pub container: Option<String>,
    /// When, by the time in front of the line, else by the line's own.
    pub at: Option<Timestamp>,
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`.
    pub level: Option<String>,
    /// The line without what stands around its message.
    pub message: String,
    /// What the message is a sign of.
    pub sign: Option<Sign>,
    /// The form the line is written in; `None` for a line of no known one.
    pub form: Option<Form>,
    /// What put something in front of the line.
    pub source: Option<Source>,
}

/// What puts something in front of a line that a program wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `docker compose logs`.
    Compose,
    /// A journal, or a syslog.
    Journal,
}

impl Source {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Source::Compose => "compose",
            Source::Journal => "journal",
        }
    }
}

/// What is needed to read the times of logs, which name neither zone nor, in a journal, year.
#[derive(Clone, Debug)]
pub struct LogClock {
    /// The present.
    pub now: Timestamp,
    /// The zone of the portal's own lines, and of a journal.
    pub portal: TimeZone,
    /// The zone of what Celery and Python write themselves.
    pub processes: TimeZone,
}

impl LogClock {
    /// Where no zone of the processes is known: the portal's lines in the site's, all others in UTC,
    /// as in a container for which nobody set one.
    #[must_use]
    pub fn of_site(now: Timestamp, site: TimeZone) -> Self {
        Self {
            now,
            portal: site,
            processes: TimeZone::UTC,
        }
    }

    /// Where the zone of the processes is known: all that they write is in it.
    #[must_use]
    pub fn of_processes(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            portal: zone.clone(),
            processes: zone,
        }
    }

    /// The newest time of `month` and `day` that does not lie in the future by more than a day.
    pub(crate) fn without_year(
        &self,
        (month, day): (i8, i8),
        time: jiff::civil::Time,
    ) -> Option<Timestamp> {
        let limit = self.now.checked_add(SignedDuration::from_hours(24)).ok()?;
        let year = self.now.to_zoned_datetime(self.portal.clone()).year();
        (0..=4).find_map(|ago| {
            let date =
                jiff::civil::Date::new(year.checked_add(1)?.checked_sub(ago)?, month, day).ok()?;
            let at = self.portal.to_timestamp(date.to_datetime(time)).ok()?;
            (at <= limit).then_some(at)
        })
    }
}

/// Reads the lines of logs one after the other: those of a traceback belong together.
pub struct LogReader {
    clock: LogClock,
    lines: Vec<LogLine>,
    /// What was read last of each container.
    streams: HashMap<Option<String>, Stream>,
}

/// Where a container's log stands.
#[derive(Default)]
struct Stream {
    /// Was its last line with a head that of an error? A traceback that follows belongs to it.
    is_error: bool,
    /// The traceback that it is in.
    trace: Option<Trace>,
}

/// A traceback that is being read.
#[derive(Clone, Copy)]
struct Trace {
    /// The number of its first line.
    first: usize,
    /// Was the line with the exception read?
    has_ended: bool,
}

/// What Python writes above a traceback.
const TRACE: &str = "Traceback (most recent call last):";
/// The end of the sentence between two tracebacks of which one led to the other.
const MORE_TRACE: &str = "another exception occurred:";
const CAUSE_TRACE: &str = "the direct cause of the following exception:";

impl LogReader {
    /// Reads by this clock.
    #[must_use]
    pub fn new(clock: LogClock) -> Self {
        Self {
            clock,
            lines: Vec::new(),
            streams: HashMap::new(),
        }
    }

    /// Reads a line of a file: what `docker compose logs`, the Engine or the journal put in front of
    /// it, then as [`LogReader::of_engine`].
    pub fn of_file(&mut self, line: &str) {
        let plain = without_colors(line);
        let prefix = Prefix::of(&plain, &self.clock);
        let container = prefix.container.map(str::to_owned);
        let head = Head::read(prefix.rest, &self.clock);
        let head = head.or_else(|| Head::read(prefix.timed, &self.clock));
        let mut line = LogLine::of(head, prefix.rest);
        line.at = prefix.at.or(line.at);
        line.source = prefix.source;
        if prefix.source == Some(Source::Journal) && line.form.is_none() {
            line.form = Some(Form::Journal);
        }
        self.push(container, line);
    }

    /// Reads a line of `container` as its program wrote it. A line without a head of a known form
    /// belongs to the one before it, as those of a traceback do, and is a sign only if it begins as
    /// one.
    pub fn of_engine(&mut self, container: Option<&str>, line: &str) {
        let plain = without_colors(line);
        let line = LogLine::of(Head::read(&plain, &self.clock), &plain);
        self.push(container.map(str::to_owned), line);
    }

    /// All lines, in their order.
    #[must_use]
    pub fn lines(self) -> Vec<LogLine> {
        self.lines
    }

    fn push(&mut self, container: Option<String>, mut line: LogLine) {
        line.container.clone_from(&container);
        let stream = self.streams.entry(container).or_default();
        let has_head = !matches!(
            line.form,
            None | Some(Form::Journal | Form::Sentence | Form::Banner)
        );
        if has_head {
            stream.trace = None;
            stream.is_error = line.is_error();
        } else {
            trace(stream, &mut self.lines, &mut line);
        }
        self.lines.push(line);
    }
}

/// What a line without a head is to the traceback it stands in, or begins.
fn trace(stream: &mut Stream, lines: &mut [LogLine], line: &mut LogLine) {
    let text = line.message.trim_end();
    let begins = text.trim_start() == TRACE;
    let Some(trace) = stream.trace.filter(|trace| !(begins && trace.has_ended)) else {
        if begins {
            begin_trace(stream, lines.len(), line);
        }
        return;
    };
    let leads_on = text.ends_with(MORE_TRACE) || text.ends_with(CAUSE_TRACE);
    let is_inner = begins || text.starts_with([' ', '\t']);
    let has_ended = match (trace.has_ended, is_inner, leads_on, text.is_empty()) {
        (has_ended, _, _, true) => has_ended,
        (_, _, true, _) | (false, true, _, _) => false,
        (false, false, _, _) => {
            // Of several tracebacks the last exception counts.
            if let Some(first) = lines
                .get_mut(trace.first)
                .filter(|first| first.sign.is_some())
            {
                first.sign = Some(Sign::of_traceback(Some(text)));
            }
            line.sign = None;
            true
        }
        (true, _, _, _) => {
            stream.trace = None;
            return;
        }
    };
    line.form = Some(Form::Traceback);
    stream.trace = Some(Trace { has_ended, ..trace });
}

/// One that follows a line of an error says more of it, and is no error of its own.
fn begin_trace(stream: &mut Stream, first: usize, line: &mut LogLine) {
    line.form = Some(Form::Traceback);
    if !stream.is_error {
        line.level = Some("ERROR".to_owned());
        line.sign = Some(Sign::of_traceback(None));
    }
    stream.is_error = false;
    stream.trace = Some(Trace {
        first,
        has_ended: false,
    });
}

impl LogLine {
    fn of(head: Option<Head>, text: &str) -> Self {
        match head {
            Some(head) => Self {
                container: None,
                at: head.at,
                level: head.level,
                sign: Sign::within(&head.message),
                message: head.message,
                form: Some(head.form),
                source: None,
            },
            None => {
                let sign = Sign::at_start(text);
                Self {
                    container: None,
                    at: None,
                    level: None,
                    form: sign.as_ref().map(|_| Form::Sentence),
                    sign,
                    message: text.to_owned(),
                    source: None,
                }
            }
        }
    }

    /// Is it of a level that says that something failed?
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(self.level.as_deref(), Some("ERROR" | "CRITICAL"))
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

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> LogClock {
        let now = "2026-05-31T12:00:00Z".parse().unwrap();
        LogClock::of_site(now, TimeZone::get("Asia/Makassar").unwrap())
    }

    fn read_all(text: &str, clock: LogClock) -> Vec<LogLine> {
        let mut reader = LogReader::new(clock);
        for line in text.lines() {
            reader.of_file(line);
        }
        reader.lines()
    }

    fn read(line: &str) -> LogLine {
        let mut reader = LogReader::new(clock());
        reader.of_file(line);
        reader.lines().remove(0)
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
        let time = |zone: &str| {
            let clock = LogClock::of_site(clock().now, TimeZone::get(zone).unwrap());
            read_all(line, clock).remove(0).at
        };
        assert_eq!(time("UTC"), "2026-05-31T20:00:01Z".parse().ok());
        assert_eq!(time("Asia/Jakarta"), "2026-05-31T13:00:01Z".parse().ok());
    }

    #[test]
    fn where_the_zone_of_the_processes_is_known_all_their_times_are_in_it() {
        let jakarta =
            || LogClock::of_processes(clock().now, TimeZone::get("Asia/Jakarta").unwrap());
        for line in [
            "31-05-2026 19:00:00 INFO     [x] y",
            "[2026-05-31 19:00:00,000: INFO/MainProcess] y",
            "2026-05-31 19:00:00,000 - x - INFO - y",
            r#"{"asctime": "2026-05-31 19:00:00,000", "levelname": "INFO", "msg": "y"}"#,
            "May 31 19:00:00 pi celery[7]: y",
            "Sun 2026-05-31 19:00:00 WIB pi celery[7]: y",
            // These name their own.
            "[2026-05-31 12:00:00 +0000] [7] [INFO] y",
            "2026-05-31T12:00:00+0000 pi celery[7]: y",
            "Sun 2026-05-31 12:00:00 UTC pi celery[7]: y",
            "2026-05-31T12:00:00Z y",
        ] {
            let read = read_all(line, jakarta()).remove(0);
            assert_eq!(at(&read), "2026-05-31T12:00:00Z", "{line}");
            assert_eq!(read.message, "y", "{line}");
        }
    }

    #[test]
    fn python_writes_a_time_a_level_and_a_logger_in_any_order() {
        for (line, time, level) in [
            ("INFO:app.tasks:said so", "none", "INFO"),
            ("WARNING:root:said so", "none", "WARNING"),
            ("ERROR: said so", "none", "ERROR"),
            (
                "2026-05-31 12:00:01,250 - app.tasks - INFO - said so",
                "2026-05-31T12:00:01.25Z",
                "INFO",
            ),
            (
                "2026-05-31 12:00:01,250 ERROR said so",
                "2026-05-31T12:00:01.25Z",
                "ERROR",
            ),
            (
                "2026-05-31 12:00:01 [WARNING] said so",
                "2026-05-31T12:00:01Z",
                "WARNING",
            ),
            (
                "2026-05-31 12:00:01.500000 | CRITICAL | said so",
                "2026-05-31T12:00:01.5Z",
                "CRITICAL",
            ),
            (
                "2026-05-31T20:00:01.5+08:00 INFO said so",
                "2026-05-31T12:00:01.5Z",
                "INFO",
            ),
            (
                "2026-05-31T12:00:01.5Z INFO said so",
                "2026-05-31T12:00:01.5Z",
                "INFO",
            ),
            (
                "[2026-05-31 12:00:01,250] DEBUG: said so",
                "2026-05-31T12:00:01.25Z",
                "DEBUG",
            ),
            (
                "2026-05-31 12:00:01,250 app-tasks INFO said so",
                "2026-05-31T12:00:01.25Z",
                "INFO",
            ),
        ] {
            let read = read(line);
            assert_eq!(at(&read), time, "{line}");
            assert_eq!(read.level.as_deref(), Some(level), "{line}");
            assert_eq!(read.message, "said so", "{line}");
            assert_eq!(read.form, Some(Form::Python), "{line}");
        }
    }

    #[test]
    fn every_form_is_read_behind_everything_that_may_stand_in_front() {
        let fronts = [
            ("", None),
            ("celery_worker-1  | ", Some("celery_worker-1")),
            (
                "hotspot_prod_celery_worker  | ",
                Some("hotspot_prod_celery_worker"),
            ),
            (
                "celery_worker_1 | 2026-05-31T12:00:01Z ",
                Some("celery_worker_1"),
            ),
            ("2026-05-31T12:00:01Z ", None),
            (
                "May 31 20:00:01 pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
            (
                "May 31 20:00:01.250000 pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
            ("May 31 20:00:01 pi celery_worker: ", Some("celery_worker")),
            (
                "2026-05-31T20:00:01+0800 pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
            (
                "2026-05-31T20:00:01+08:00 pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
            (
                "2026-05-31T20:00:01.250000+0800 pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
            (
                "Sun 2026-05-31 20:00:01 WITA pi celery_worker[812]: ",
                Some("celery_worker"),
            ),
        ];
        let heads = [
            ("31-05-2026 20:00:01 ERROR    [app.tasks] ", Form::Portal),
            (
                "31-05-2026 20:00:01 ERROR    [app.tasks] [-] ",
                Form::Portal,
            ),
            (
                "[2026-05-31 12:00:01,250: ERROR/MainProcess] ",
                Form::Celery,
            ),
            ("[2026-05-31 12:00:01 +0000] [7] [ERROR] ", Form::Gunicorn),
            ("ERROR:app.tasks:", Form::Python),
            (
                "2026-05-31 12:00:01,250 - app.tasks - ERROR - ",
                Form::Python,
            ),
        ];
        for (front, container) in fronts {
            for (head, form) in heads {
                let line = format!("{front}{head}Celery Task: Sinkronisasi gagal: x");
                let read = read(&line);
                let source = match front {
                    _ if front.contains("pi ") => Some(Source::Journal),
                    _ => front.contains('|').then_some(Source::Compose),
                };
                assert_eq!(read.source, source, "{line}");
                assert_eq!(read.form, Some(form), "{line}");
                assert_eq!(read.container.as_deref(), container, "{line}");
                assert_eq!(read.level.as_deref(), Some("ERROR"), "{line}");
                assert_eq!(read.sign.unwrap().word, "sync-failed", "{line}");
                let is_timed = !front.is_empty() || !head.starts_with("ERROR");
                let is_right = read.at.is_some_and(|at| at.as_second() == 1_780_228_801);
                let without = front.ends_with("| ") && !front.contains('Z');
                assert!(is_right || !is_timed || without, "{line}: {:?}", read.at);
            }
        }
    }

    #[test]
    fn a_line_of_a_journal_without_a_form_of_its_own_has_its_time() {
        let read = read("May 31 20:00:01 pi systemd[1]: Started celery.service.");
        assert_eq!(at(&read), "2026-05-31T12:00:01Z");
        assert_eq!(read.form, Some(Form::Journal));
        assert_eq!(read.message, "Started celery.service.");
    }

    #[test]
    fn a_journal_names_no_year_so_it_is_the_newest_that_has_been() {
        let clock = |now: &str| LogClock::of_site(now.parse().unwrap(), TimeZone::UTC);
        for (now, line, time) in [
            (
                "2026-05-31T12:00:00Z",
                "May 31 12:00:00",
                "2026-05-31T12:00:00Z",
            ),
            (
                "2026-05-31T12:00:00Z",
                "Jun  2 12:00:00",
                "2025-06-02T12:00:00Z",
            ),
            (
                "2026-01-01T00:00:05Z",
                "Dec 31 23:59:59",
                "2025-12-31T23:59:59Z",
            ),
            // A clock that is a little ahead.
            (
                "2026-12-31T23:59:59Z",
                "Jan  1 00:00:03",
                "2027-01-01T00:00:03Z",
            ),
            (
                "2026-05-31T12:00:00Z",
                "Feb 29 12:00:00",
                "2024-02-29T12:00:00Z",
            ),
        ] {
            let line = format!("{line} pi celery[7]: y");
            let read = read_all(&line, clock(now)).remove(0);
            assert_eq!(at(&read), time, "{line}");
        }
    }

    #[test]
    fn an_answered_request_is_a_line_of_a_known_form() {
        let read = read(
            "172.18.0.1 - - [31/May/2026:20:00:01 +0800] \"GET /api/ping HTTP/1.1\" 200 15 \"-\" \"x\"",
        );
        assert_eq!(at(&read), "2026-05-31T12:00:01Z");
        assert_eq!(read.form, Some(Form::Access));
    }

    #[test]
    fn what_celery_prints_when_it_starts_is_of_a_known_form_and_no_sign() {
        let worker = [
            " -------------- celery@worker v5.6.2 (recovery)",
            "--- ***** ----- ",
            "-- ******* ---- Linux-6.12.25-aarch64-with-glibc2.41 2026-05-31 20:00:01",
            "- *** --- * --- ",
            "- ** ---------- [config]",
            "- ** ---------- .> app:         app:0x7f11c2d0",
            "- *** --- * --- .> concurrency: 2 (prefork)",
            " -------------- [queues]",
            "                .> celery           exchange=celery(direct) key=celery",
            "[tasks]",
            "  . sync_hotspot_usage_task",
        ];
        let beat = [
            "celery beat v5.6.2 (recovery) is starting.",
            "__    -    ... __   -        _",
            "LocalTime -> 2026-05-31 20:00:01",
            "Configuration ->",
            "    . broker -> redis://redis:6379/1",
            "    . maxinterval -> 5.00 minutes (300s)",
        ];
        for line in worker.into_iter().chain(beat) {
            let read = read(line);
            assert_eq!(read.form, Some(Form::Banner), "{line}");
            assert_eq!((read.at, read.level, read.sign), (None, None, None));
        }
        for line in [
            "- eggs",
            "-x",
            "* a",
            ".hidden",
            "[task]",
            "celery is a vegetable",
        ] {
            assert_eq!(read(line).form, None, "{line}");
        }
    }

    #[test]
    fn a_traceback_of_its_own_is_one_error_that_names_what_was_raised() {
        let traced = "Traceback (most recent call last):\n  File \"/app/run.py\", line 1, in <module>\n    \
                      main()\nKeyError: 'x'\n\nDuring handling of the above exception, another exception \
                      occurred:\n\nTraceback (most recent call last):\n  File \"/app/run.py\", line 2\n\
                      ValueError: Invalid cron configuration: hour 25\nsomething else";
        for front in ["", "backend-1  | ", "May 31 20:00:01 pi python[1]: "] {
            let text: Vec<String> = traced
                .lines()
                .map(|line| format!("{front}{line}"))
                .collect();
            let lines = read_all(&text.join("\n"), clock());
            let errors: Vec<&LogLine> = lines.iter().filter(|line| line.is_error()).collect();
            assert_eq!(errors.len(), 1, "{front}");
            let sign = errors[0].sign.as_ref().unwrap();
            assert_eq!(sign.word, "schedule-invalid");
            let raised = "ValueError: Invalid cron configuration: hour 25";
            assert_eq!(sign.detail.as_deref(), Some(raised));
            let (last, trace) = lines.split_last().unwrap();
            assert!(
                trace.iter().all(|line| line.form == Some(Form::Traceback)),
                "{front}"
            );
            assert_ne!(last.form, Some(Form::Traceback));
        }
    }

    #[test]
    fn a_traceback_behind_a_line_of_an_error_is_a_part_of_that_error() {
        let text = "[2026-05-31 12:00:01,250: ERROR/ForkPoolWorker-2] Task x[7] raised unexpected: \
                    KeyError('x')\nTraceback (most recent call last):\n  File \"/app/x.py\", line 1\n\
                    KeyError: 'x'\nTraceback (most recent call last):\n  File \"/app/y.py\", line 1\n\
                    redis.exceptions.ConnectionError: Error 111";
        let lines = read_all(text, clock());
        let signs: Vec<&str> = lines
            .iter()
            .filter_map(|line| Some(line.sign.as_ref()?.word))
            .collect();
        // The second one is of nobody.
        assert_eq!(signs, ["task-failed", "traceback"]);
        assert_eq!(lines.iter().filter(|line| line.is_error()).count(), 2);
    }

    #[test]
    fn tracebacks_of_two_containers_are_told_apart() {
        let text = "a-1  | Traceback (most recent call last):\nb-1  | Traceback (most recent call last):\n\
                    a-1  |   File \"/x\"\nb-1  |   File \"/x\"\nb-1  | KeyError: 'b'\na-1  | KeyError: 'a'";
        let lines = read_all(text, clock());
        let raised = |line: &LogLine| line.sign.as_ref().unwrap().detail.clone().unwrap();
        assert_eq!(raised(&lines[0]), "KeyError: 'a'");
        assert_eq!(raised(&lines[1]), "KeyError: 'b'");
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
        let mut reader = LogReader::new(clock());
        reader.of_engine(Some("celery_beat-1"), "celery_beat-1  | no prefix");
        let line = reader.lines().remove(0);
        assert_eq!(line.container.as_deref(), Some("celery_beat-1"));
        assert_eq!(line.form, None);
        assert_eq!(line.message, "celery_beat-1  | no prefix");
    }

    #[test]
    fn a_line_in_the_future_keeps_its_time() {
        let read = read("31-05-2126 20:00:01 INFO     [x] y");
        assert_eq!(at(&read), "2126-05-31T12:00:01Z");
    }

    #[test]
    fn lines_without_a_head_have_no_sign() {
        for line in [
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
