//! Signs in the logs of the portal and of its Celery processes: words that programs may rely on
//! for sentences that they may not.

/// What a message is a sign of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// A stable word.
    pub word: &'static str,
    /// The task it is about.
    pub task: Option<String>,
    /// That task's id, where the message has it.
    pub id: Option<String>,
    /// What the message says beyond the sign: a result, a reason.
    pub detail: Option<String>,
}

const SYNC: &str = "sync_hotspot_usage_task";
const UNAUTHORIZED: &str = "sync_unauthorized_hosts_task";
const PARITY: &str = "policy_parity_guard_task";
const AUDIT: &str = "audit_mikrotik_reconciliation_task";
const END_OF_MONTH: &str = "enforce_end_of_month_debt_block_task";
const OVERDUE: &str = "enforce_overdue_debt_block_task";
const DEAD_LETTERS: &str = "dlq_health_monitor_task";

/// The portal's sentences by their fixed part, the word for each, and the task that writes it; of
/// two that fit the first counts.
const SENTENCES: &[(&str, &str, Option<&str>)] = &[
    (
        "Celery Task: Memulai sinkronisasi kuota dan profil hotspot.",
        "sync-started",
        Some(SYNC),
    ),
    (
        "Celery Task: Sinkronisasi selesai. Result:",
        "sync-result",
        Some(SYNC),
    ),
    (
        "Celery Task: Skip sinkronisasi (menunggu interval dinamis).",
        "sync-throttled",
        Some(SYNC),
    ),
    (
        "Celery Task: Skip sinkronisasi (worker lain sedang berjalan).",
        "sync-busy",
        Some(SYNC),
    ),
    (
        "Celery Task: Sinkronisasi gagal:",
        "sync-failed",
        Some(SYNC),
    ),
    ("Stale quota sync lock terdeteksi", "lock-stale", Some(SYNC)),
    (
        "Skip sync_hotspot_usage_and_profiles: global lock active",
        "global-lock",
        Some(SYNC),
    ),
    (
        "Gagal mendapatkan koneksi MikroTik untuk sinkronisasi kuota.",
        "router-unavailable",
        Some(SYNC),
    ),
    ("Error sinkronisasi user", "sync-user-error", Some(SYNC)),
    (
        "Celery Task: Memulai sinkronisasi unauthorized hosts.",
        "unauthorized-started",
        Some(UNAUTHORIZED),
    ),
    (
        "Celery Task: Sinkronisasi unauthorized hosts selesai.",
        "unauthorized-done",
        Some(UNAUTHORIZED),
    ),
    (
        "Celery Task: Sinkronisasi unauthorized hosts gagal:",
        "unauthorized-failed",
        Some(UNAUTHORIZED),
    ),
    (
        "Skip sync unauthorized hosts (lock aktif",
        "unauthorized-busy",
        Some(UNAUTHORIZED),
    ),
    (
        "Celery Task: Menjalankan policy parity guard.",
        "parity-started",
        Some(PARITY),
    ),
    (
        "Policy parity guard: no mismatch detected.",
        "parity-clean",
        Some(PARITY),
    ),
    (
        "Policy parity guard detected mismatches=",
        "parity-mismatches",
        Some(PARITY),
    ),
    (
        "Policy parity guard unavailable. reason=",
        "parity-unavailable",
        Some(PARITY),
    ),
    (
        "Policy parity auto-remediation summary:",
        "parity-remedied",
        Some(PARITY),
    ),
    (
        "Celery Task: Menjalankan audit MikroTik reconciliation harian.",
        "audit-started",
        Some(AUDIT),
    ),
    (
        "Celery Task: Audit MikroTik selesai. Summary:",
        "audit-done",
        Some(AUDIT),
    ),
    (
        "Celery Task: Audit MikroTik gagal:",
        "audit-failed",
        Some(AUDIT),
    ),
    ("audit_mikrotik_total exit=", "audit-exit", Some(AUDIT)),
    (
        "EOM debt block summary:",
        "end-of-month-summary",
        Some(END_OF_MONTH),
    ),
    (
        "Overdue debt block summary:",
        "overdue-summary",
        Some(OVERDUE),
    ),
    (
        "Overdue debt block: user=",
        "overdue-blocked",
        Some(OVERDUE),
    ),
    ("Mikrotik circuit breaker open.", "breaker-open", None),
    ("Error mendapatkan koneksi:", "router-error", None),
    ("Error saat operasi MikroTik:", "router-error", None),
    (
        "MikroTik pool.get_api() tidak selesai dalam",
        "router-timeout",
        None,
    ),
    (
        "Pool koneksi MikroTik berhasil diinisialisasi untuk",
        "router-connected",
        None,
    ),
    (
        "Konfigurasi MikroTik tidak lengkap",
        "router-not-configured",
        None,
    ),
    ("Gagal mendekripsi pengaturan '", "setting-unreadable", None),
    ("Koneksi ke Redis GAGAL:", "redis-error", None),
    (
        "DLQ alert dikirim ke admin. DLQ length=",
        "dead-letters-alert",
        Some(DEAD_LETTERS),
    ),
    (
        "Circuit breaker open alert dikirim:",
        "breaker-alert",
        Some(DEAD_LETTERS),
    ),
];

/// What the portal says as it ends, because a task's time of day is none.
const BAD_SCHEDULE: &str = "Invalid cron configuration:";

/// What Celery's own processes and the client of Redis say when Redis is away (seen in the field).
const REDIS_TROUBLE: &[&str] = &[
    "consumer: Cannot connect to redis",
    "consumer: Connection to broker lost",
    "Connection to Redis lost:",
    "beat: Connection error:",
    "kombu.exceptions.OperationalError",
    "redis.exceptions.",
];

impl Sign {
    /// The sign in a message, wherever it stands.
    #[must_use]
    pub fn within(message: &str) -> Option<Self> {
        // Celery's own lines first: the result of a task may hold any of the sentences.
        of_celery(message)
            .or_else(|| sentence(message))
            .or_else(|| summary(message))
            .or_else(|| start_trouble(message))
            .or_else(|| redis_trouble(message))
    }

    /// The sign of a traceback that no line of an error stands in front of, by the line that names
    /// what was raised.
    #[must_use]
    pub fn of_traceback(raised: Option<&str>) -> Self {
        let raised = raised.unwrap_or_default();
        let word = match raised.contains(BAD_SCHEDULE) {
            true => "schedule-invalid",
            false => "traceback",
        };
        Self::new(word, None, raised)
    }

    /// The sign that `line` begins with: no more is believed of a line without a head, which may be
    /// a line of source in a traceback.
    #[must_use]
    pub fn at_start(line: &str) -> Option<Self> {
        let known = SENTENCES
            .iter()
            .find_map(|(text, word, task)| Some(Self::new(word, *task, line.strip_prefix(text)?)));
        known.or_else(|| of_celery(line))
    }

    fn new(word: &'static str, task: Option<&str>, detail: &str) -> Self {
        let detail = detail.trim();
        Self {
            word,
            task: task.map(str::to_owned),
            id: None,
            detail: (!detail.is_empty()).then(|| detail.to_owned()),
        }
    }
}

fn sentence(message: &str) -> Option<Sign> {
    let found = SENTENCES.iter().find_map(|(text, word, task)| {
        let at = message.find(text)?;
        Some((&message[at + text.len()..], word, task))
    });
    found.map(|(detail, word, task)| Sign::new(word, *task, detail))
}

/// The counters at the end of a run that looked for unauthorized hosts.
fn summary(message: &str) -> Option<Sign> {
    let at = message.find("processed_hosts=")?;
    let detail = &message[at..];
    detail
        .contains("desired_block_ips=")
        .then(|| Sign::new("unauthorized-summary", Some(UNAUTHORIZED), detail))
}

/// What keeps a process from starting.
fn start_trouble(message: &str) -> Option<Sign> {
    if let Some((_, reason)) = message.split_once(BAD_SCHEDULE) {
        return Some(Sign::new("schedule-invalid", None, reason));
    }
    // Beat was killed and left its file, or another beat has it.
    let (_, rest) = message.split_once("Pidfile (")?;
    let (file, rest) = rest.split_once(')')?;
    rest.starts_with(" already exists")
        .then(|| Sign::new("pidfile", None, file))
}

fn redis_trouble(message: &str) -> Option<Sign> {
    let found = REDIS_TROUBLE.iter().any(|text| message.contains(text));
    found.then(|| Sign::new("redis-error", None, message))
}

/// What a worker or beat says of itself and of its tasks.
fn of_celery(message: &str) -> Option<Sign> {
    if let Some(rest) = message.strip_prefix("Task ") {
        return of_task(rest);
    }
    if let Some(rest) = message.strip_prefix("Scheduler: Sending due task ") {
        return Some(sent(rest));
    }
    let limit = ["Soft time limit (", "Hard time limit ("];
    if let Some(rest) = limit.iter().find_map(|text| message.strip_prefix(text)) {
        return out_of_time(rest);
    }
    // Beat writes that it sends before it does (seen in the field).
    if let Some((_, rest)) = message.split_once("Couldn't apply scheduled task ") {
        return Some(Sign::new("beat-not-sent", None, rest));
    }
    if message.starts_with("beat: Starting...") {
        return Some(Sign::new("beat-started", None, ""));
    }
    // `celery@host ready.`
    let name = message.strip_suffix(" ready.")?;
    let is_worker = name.contains('@') && !name.contains(' ');
    is_worker.then(|| Sign::new("worker-ready", None, name))
}

/// `name[id] received`, and how it ended.
fn of_task(rest: &str) -> Option<Sign> {
    let (name, rest) = rest.split_once('[')?;
    let (id, event) = rest.split_once("] ")?;
    let words = [
        ("received", "task-received"),
        ("succeeded in", "task-succeeded"),
        ("raised unexpected:", "task-failed"),
        ("retry: Retry in", "task-retried"),
    ];
    let found = words
        .iter()
        .find_map(|(text, word)| Some((*word, event.strip_prefix(text)?)));
    let (word, detail) = found?;
    Some(Sign {
        id: Some(id.to_owned()),
        ..Sign::new(word, Some(name), detail)
    })
}

/// `300s) exceeded for name[id]`, soft or hard.
fn out_of_time(rest: &str) -> Option<Sign> {
    let (limit, task) = rest.split_once(") exceeded for ")?;
    let (name, id) = task.trim_end().strip_suffix(']')?.split_once('[')?;
    Some(Sign {
        id: Some(id.to_owned()),
        ..Sign::new("task-timeout", Some(name), limit)
    })
}

/// `entry (task)` of beat's schedule.
fn sent(rest: &str) -> Sign {
    let rest = rest.trim_end();
    let inner = rest
        .strip_suffix(')')
        .and_then(|rest| rest.split_once(" ("));
    match inner {
        Some((entry, task)) => Sign::new("beat-sent", Some(task), entry),
        None => Sign::new("beat-sent", None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(message: &str) -> Option<&'static str> {
        Sign::within(message).map(|sign| sign.word)
    }

    #[test]
    fn each_sentence_of_the_portal_is_its_own_sign() {
        for (text, expected, task) in SENTENCES {
            let message = format!("{text} more");
            let sign = Sign::within(&message).unwrap();
            assert_eq!(
                (sign.word, sign.task.as_deref()),
                (*expected, *task),
                "{text}"
            );
            assert_eq!(sign.detail.as_deref(), Some("more"), "{text}");
            assert_eq!(Sign::at_start(&message), Some(sign), "{text}");
        }
    }

    #[test]
    fn no_sentence_hides_another() {
        for (index, (text, ..)) in SENTENCES.iter().enumerate() {
            let hiding = SENTENCES[..index]
                .iter()
                .find(|(earlier, ..)| text.contains(earlier));
            assert_eq!(hiding, None, "{text}");
        }
    }

    #[test]
    fn a_sentence_is_found_behind_the_name_of_its_task() {
        let message = "sync_hotspot_usage_task[7c0a]: Celery Task: Sinkronisasi selesai. \
                       Result: {'processed': 18, 'failed': 1}";
        let sign = Sign::within(message).unwrap();
        assert_eq!(sign.word, "sync-result");
        assert_eq!(
            sign.detail.as_deref(),
            Some("{'processed': 18, 'failed': 1}")
        );
    }

    #[test]
    fn tasks_are_followed_from_worker_to_end() {
        for (event, expected, detail) in [
            ("received", "task-received", None),
            (
                "succeeded in 10.2s: None",
                "task-succeeded",
                Some("10.2s: None"),
            ),
            (
                "raised unexpected: ValueError('x')",
                "task-failed",
                Some("ValueError('x')"),
            ),
            ("retry: Retry in 5s: x", "task-retried", Some("5s: x")),
        ] {
            let sign = Sign::within(&format!("Task a.b.sync[7c0a-11] {event}")).unwrap();
            assert_eq!(sign.word, expected);
            assert_eq!(sign.task.as_deref(), Some("a.b.sync"));
            assert_eq!(sign.id.as_deref(), Some("7c0a-11"));
            assert_eq!(sign.detail.as_deref(), detail);
        }
        let late = Sign::within("Hard time limit (360s) exceeded for sync[7c0a]").unwrap();
        assert_eq!(
            (late.word, late.id.as_deref()),
            ("task-timeout", Some("7c0a"))
        );
        assert_eq!(late.detail.as_deref(), Some("360s"));
    }

    #[test]
    fn beat_and_worker_tell_that_they_are_there() {
        let sent = Sign::within("Scheduler: Sending due task hourly (check_debts_task)").unwrap();
        assert_eq!(sent.word, "beat-sent");
        assert_eq!(sent.task.as_deref(), Some("check_debts_task"));
        assert_eq!(sent.detail.as_deref(), Some("hourly"));
        let unsent = "Message Error: Couldn't apply scheduled task hourly: Error 111 connecting";
        let unsent = Sign::within(unsent).unwrap();
        assert_eq!(unsent.word, "beat-not-sent");
        assert_eq!(
            unsent.detail.as_deref(),
            Some("hourly: Error 111 connecting")
        );
        assert_eq!(word("beat: Starting..."), Some("beat-started"));
        assert_eq!(word("celery@host ready."), Some("worker-ready"));
        assert_eq!(word("the soup is ready."), None);
    }

    #[test]
    fn redis_is_missed_in_many_words() {
        for message in [
            "Koneksi ke Redis GAGAL: Connection refused",
            "consumer: Cannot connect to redis://redis:6379/1: Error 111 connecting to redis",
            "Connection to Redis lost: Retry (0/20) now.",
            "beat: Connection error: Error 111. Trying again in 2.0 seconds...",
            "lock lost: redis.exceptions.ReadOnlyError: You can't write against a read only replica.",
        ] {
            assert_eq!(word(message), Some("redis-error"), "{message}");
        }
    }

    #[test]
    fn what_keeps_a_process_from_starting_is_named() {
        for (message, expected, detail) in [
            (
                "Pidfile (celerybeat.pid) already exists.",
                "pidfile",
                "celerybeat.pid",
            ),
            (
                "Invalid cron configuration: OVERDUE_DEBT_BLOCK_CRON_HOUR",
                "schedule-invalid",
                "OVERDUE_DEBT_BLOCK_CRON_HOUR",
            ),
        ] {
            let sign = Sign::within(message).unwrap();
            assert_eq!(
                (sign.word, sign.detail.as_deref()),
                (expected, Some(detail))
            );
        }
        assert_eq!(word("Pidfile (x) was written"), None);
    }

    #[test]
    fn what_a_task_gave_back_is_no_sign_of_its_own() {
        let message = "Task x[1] succeeded in 1s: 'Celery Task: Sinkronisasi gagal: x'";
        assert_eq!(word(message), Some("task-succeeded"));
    }

    #[test]
    fn counters_of_unauthorized_hosts_are_a_sign_of_both_their_ends() {
        let message = "done processed_hosts=3 desired_block_ips=1 added=0";
        let sign = Sign::within(message).unwrap();
        assert_eq!(sign.word, "unauthorized-summary");
        let counters = "processed_hosts=3 desired_block_ips=1 added=0";
        assert_eq!(sign.detail.as_deref(), Some(counters));
        assert_eq!(word("processed_hosts=3"), None);
    }
}
