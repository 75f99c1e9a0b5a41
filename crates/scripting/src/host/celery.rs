//! `celery::` Celery's workers, queues, results and dead letters, over its broker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use rhai::plugin::*;
use rhai::{Dynamic, INT};

use super::call;
use super::error::{CallResult, HostError};
use super::primitive::{Declared, primitives};
use super::readers::{Celery, Reader, Redis};
use super::rows::{Rows, Table, value_of_json};
use super::value::{Record, Records, Value};
use portal::redis_key;
use session::celery::{self, Answers, Message, Method, TaskResult};
use site::config::Service;

/// The variable that names another list of dead letters than the portal's own.
const DEAD_LETTERS_NAME: &str = "TASK_DLQ_REDIS_KEY";
/// Messages, letters or results that one call gives at most.
const MOST: INT = 10_000;
/// How long one call watches a queue at most, in seconds, and how often it looks.
const LONGEST_WATCH: INT = 600;
const LOOK: Duration = Duration::from_millis(500);

primitives! {
    PING: Celery = measures ping();
    ACTIVE: Celery = measures active();
    RESERVED: Celery = measures reserved();
    SCHEDULED: Celery = measures scheduled();
    REGISTERED: Celery = measures registered();
    ACTIVE_QUEUES: Celery = measures active_queues();
    STATS: Celery = measures stats();
    QUEUE: Celery = reads queue(Queue);
    QUEUE_WATCHED: Celery = measures queue(Queue, Seconds);
    WAITING: Celery = reads waiting(Queue, Value);
    UNACKED: Celery = reads unacked();
    DEAD_LETTERS: Redis = reads dead_letters(Value);
    RESULT: Celery = reads result(Text);
    RESULTS: Celery = reads results(Value);
}

/// Celery's workers are asked over its broker (`CELERY_BROKER_URL`), with the questions of `celery
/// inspect` that only tell something. A question writes to the broker, where to send the answers,
/// and removes that again; it changes nothing of the workers, and is asked in a dry run as well.
///
/// What workers say comes as `#{ subscribed, answered, no_answer, errors, rows }`: how many listen
/// (0 means that no worker runs), how many answered, how many stayed silent when they were asked
/// again (busy, stopped, or cut off: not necessarily dead) or answered with an error, the words of
/// those errors, and what was said. Arguments of tasks are never given: they may hold secrets.
/// Fails with kind `not_configured` without a broker, `unreachable`, `timeout` and the like if it
/// does not answer, and `read_only` if it takes no writes, so that workers cannot be asked.
/// Brokers with the transport options `global_keyprefix` or `fanout_prefix` are not supported.
#[export_module]
pub mod celery_module {
    use super::*;

    /// Which workers are there: rows of `worker` (`celery@host`) and `answer` (`pong`).
    ///
    /// ```rhai
    /// let there = celery::ping();
    /// assert_eq(there.no_answer, 0);
    /// assert_eq(there.rows[0].worker, "celery@demo");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ping(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &PING, Method::Ping, |answers| {
            named(answers.pings(), "answer")
        })
    }

    /// The tasks that workers run: rows of `worker`, `id`, `task` (its name), `started` (seconds of
    /// Unix time by the worker's clock, or `()`) and `eta` (always `()` here).
    ///
    /// ```rhai
    /// let running = celery::active().rows.where(#{ task: "sync_hotspot_usage_task" });
    /// assert_eq(running.len(), 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn active(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &ACTIVE, Method::Active, tasks)
    }

    /// The tasks that workers have taken from a queue and not begun: rows as of `celery::active`.
    /// Tasks that wait for their time are those of `celery::scheduled`.
    ///
    /// ```rhai
    /// assert_eq(celery::reserved().rows.len(), 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn reserved(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &RESERVED, Method::Reserved, tasks)
    }

    /// The tasks that workers have taken from a queue and that wait for their time: rows as of
    /// `celery::active`, with their `eta` as Celery writes it.
    ///
    /// ```rhai
    /// assert_eq(celery::scheduled().rows.len(), 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn scheduled(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &SCHEDULED, Method::Scheduled, tasks)
    }

    /// The tasks that workers know: rows of `worker` and `task`.
    ///
    /// ```rhai
    /// let known = celery::registered().rows.where(#{ task: "sync_hotspot_usage_task" });
    /// assert_eq(known.len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn registered(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &REGISTERED, Method::Registered, |answers| {
            named(answers.registered(), "task")
        })
    }

    /// The queues that workers take tasks from: rows of `worker` and `queue`.
    ///
    /// ```rhai
    /// assert_eq(celery::active_queues().rows[0].queue, "celery");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn active_queues(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &ACTIVE_QUEUES, Method::ActiveQueues, |answers| {
            named(answers.queues(), "queue")
        })
    }

    /// Workers' accounts of themselves: rows of `worker`, `processes` (how many tasks it runs at
    /// once, or `()`) and `uptime` (seconds since its start, or `()`).
    ///
    /// ```rhai
    /// assert(celery::stats().rows[0].processes > 1, "the demo's worker runs several at once");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn stats(context: NativeCallContext) -> CallResult<Dynamic> {
        ask(&context, &STATS, Method::Stats, |answers| {
            let row = |stats: celery::answer::Stats| {
                Record::from([
                    ("worker", Value::Text(stats.worker)),
                    ("processes", stats.processes.map_or(Value::Unit, Value::Int)),
                    ("uptime", stats.uptime.map_or(Value::Unit, Value::Int)),
                ])
            };
            answers.stats().into_iter().map(row).collect()
        })
    }

    /// A queue as it is now: `#{ name, waiting, prefetched, oldest, newest }`. `waiting` are the
    /// messages of all priorities that no worker has taken, `prefetched` those that workers have
    /// taken and not acknowledged: kept for later, and at work if the task acknowledges at its end
    /// (`acks_late`). `oldest` is the message that is taken
    /// next, `newest` the last one of the same priority, each `#{ id, task, from_beat, eta }` or
    /// `()`. A queue that is not there is empty. Messages do not tell when they were sent: watch the
    /// queue, or see `celery::unacked` and `celery::active`.
    ///
    /// ```rhai
    /// let queue = celery::queue("celery");
    /// assert_eq(queue.waiting + queue.prefetched, 0);
    /// assert_eq(queue.oldest, ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn queue(context: NativeCallContext, name: &str) -> CallResult<Dynamic> {
        let name = name.to_owned();
        let what = format!("celery queue {name}");
        call::value(&context, &QUEUE, what, |celery| async move {
            let queue = celery.open().await?.queue(&name).await?;
            Ok(Value::Map(queue_value(&name, queue)))
        })
    }

    /// Watches a queue for so many seconds (1 to 600) and gives what `celery::queue(name)` gave at
    /// the beginning, and `stuck_for`: for how many seconds the same message was seen to be the next
    /// one, `()` if there was none or it was taken meanwhile, which ends the watch. `oldest_by` is
    /// `watched`, what that age rests on.
    ///
    /// ```rhai
    /// let queue = celery::queue("celery", 1);
    /// assert_eq(queue.stuck_for, ());
    /// ```
    #[rhai_fn(name = "queue", return_raw)]
    pub fn queue_watched(
        context: NativeCallContext,
        name: &str,
        seconds: INT,
    ) -> CallResult<Dynamic> {
        within(&context, "seconds", seconds, LONGEST_WATCH)?;
        let name = name.to_owned();
        let what = format!("celery queue {name}, watched for {seconds} s");
        let time = Duration::from_secs(seconds.unsigned_abs());
        call::value(&context, &QUEUE_WATCHED, what, move |celery| async move {
            let celery = celery.open().await?;
            let queue = celery.queue(&name).await?;
            let stuck = watched(&celery, &name, queue.oldest.as_ref(), time).await?;
            let mut seen = queue_value(&name, queue);
            let by = Value::Text("watched".to_owned());
            seen.insert(
                "stuck_for".to_owned(),
                stuck.map_or(Value::Unit, Value::Int),
            );
            seen.insert("oldest_by".to_owned(), by);
            Ok(Value::Map(seen))
        })
    }

    /// Up to `most` messages (at most 10,000) that wait in a queue, in the order in which they are
    /// taken, so the oldest first: rows of `id`, `task`, `from_beat` (true for what Celery's beat of
    /// version 5.3 or later sent), `eta` and `priority`. A field of a message in a form of its own
    /// is `()`.
    ///
    /// ```rhai
    /// assert_eq(celery::waiting("celery", 100).len(), 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn waiting(context: NativeCallContext, name: &str, most: INT) -> CallResult<Rows> {
        let most = within(&context, "most", most, MOST)?;
        let name = name.to_owned();
        let what = format!("celery messages of {name}");
        rows(&context, &WAITING, what, move |celery| async move {
            let messages = celery.open().await?.waiting(&name, most).await?;
            let row = |message: Message| {
                let mut row = message_record(&message);
                row.insert("priority", message.priority.map_or(Value::Unit, Value::Int));
                row
            };
            Ok(messages.into_iter().map(row).collect())
        })
    }

    /// The messages that workers have taken and not acknowledged, those taken first before the
    /// others: rows of `id`, `task`, `queue`, `prefetched_at` (seconds of Unix time by the worker's
    /// clock, or `()`), `oldest_by` (`prefetch-score`, what that time rests on, or `()`), `eta` and
    /// `from_beat`. Fails with kind `invalid` beyond ten thousand.
    ///
    /// ```rhai
    /// assert_eq(celery::unacked().len(), 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unacked(context: NativeCallContext) -> CallResult<Rows> {
        rows(
            &context,
            &UNACKED,
            "celery unacked".to_owned(),
            |celery| async move {
                let held = celery.open().await?.prefetched().await?;
                let row = |held: celery::Prefetched| {
                    let mut row = message_record(&held.message);
                    let by = held.at.map(|_| "prefetch-score".to_owned());
                    row.insert("queue", text(held.queue));
                    row.insert("prefetched_at", held.at.map_or(Value::Unit, Value::Float));
                    row.insert("oldest_by", text(by));
                    row
                };
                Ok(held.into_iter().map(row).collect())
            },
        )
    }

    /// Up to `most` of the tasks that failed for the last time (at most 10,000), the newest at the
    /// end: rows of `task`, `error` and `created_at` as the portal wrote it. The portal keeps them in
    /// its own Redis, under `TASK_DLQ_REDIS_KEY` or `celery:dlq`, and never takes one away: the runbook
    /// reads from `redis`. What the tasks were given is left out.
    ///
    /// ```rhai
    /// assert_eq(celery::dead_letters(1)[0].task, "send_whatsapp_invoice_task");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn dead_letters(context: NativeCallContext, most: INT) -> CallResult<Rows> {
        let most = within(&context, "most", most, MOST)?;
        let what = "celery dead letters".to_owned();
        let host = call::host(&context)?;
        let key = host.variable(DEAD_LETTERS_NAME);
        let key = key.unwrap_or(redis_key::DEAD_LETTERS).to_owned();
        rows(&context, &DEAD_LETTERS, what, move |redis| async move {
            let redis = redis.open().await?;
            let letters = celery::dead_letters(&redis, &key, most).await?;
            let row = |letter: celery::DeadLetter| {
                Record::from([
                    ("task", text(letter.task)),
                    ("error", text(letter.error)),
                    ("created_at", value_of_json(&letter.created_at)),
                ])
            };
            Ok(letters.into_iter().map(row).collect())
        })
    }

    /// What a task gave, by its id: `#{ id, status, done_at, result, error }`, or `()` if Celery has
    /// no result, or none any more (it keeps them for a day). `status` is `SUCCESS`, `FAILURE`,
    /// `RETRY`, `STARTED` or `REVOKED`; `done_at` a text in RFC 3339; `error` the kind and the words
    /// of the error of a task that failed, which has no `result`. The results are where
    /// `CELERY_RESULT_BACKEND` says.
    ///
    /// ```rhai
    /// assert_eq(celery::result("no such id"), ());
    /// let failed = celery::results(100).where(#{ status: "FAILURE" })[0];
    /// assert_eq(celery::result(failed.id).error, "ConnectTimeout: timed out");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn result(context: NativeCallContext, id: &str) -> CallResult<Dynamic> {
        let id = id.to_owned();
        let what = format!("celery result {id}");
        call::value(&context, &RESULT, what, |celery| async move {
            let found = celery.results().await?.result(&id).await?;
            Ok(found.map_or(Value::Unit, result_value))
        })
    }

    /// Up to `most` results (at most 10,000) of the tasks that ended last, the last one at the end:
    /// rows of `id`, `status` and `done_at`. Results do not tell the name of their task. Fails with
    /// kind `invalid` if there are more than a hundred thousand to look through.
    ///
    /// ```rhai
    /// let failed = celery::results(100).where(#{ status: "FAILURE" });
    /// assert_eq(failed.len(), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn results(context: NativeCallContext, most: INT) -> CallResult<Rows> {
        let most = within(&context, "most", most, MOST)?;
        let what = "celery results".to_owned();
        rows(&context, &RESULTS, what, move |celery| async move {
            let results = celery.results().await?.latest(most).await?;
            let row = |result: TaskResult| {
                Record::from([
                    ("id", Value::Text(result.id)),
                    ("status", text(result.status)),
                    ("done_at", text(result.done_at)),
                ])
            };
            Ok(results.into_iter().map(row).collect())
        })
    }
}

fn ask(
    context: &NativeCallContext,
    primitive: &Declared<Celery>,
    method: Method,
    read: fn(&Answers) -> Vec<Record>,
) -> CallResult<Dynamic> {
    let what = format!("celery {}", method.as_str());
    call::value(context, primitive, what, move |celery| async move {
        let answers = celery.open().await?.ask(method).await?;
        Ok(answers_value(&answers, read(&answers)))
    })
}

fn rows<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    what: String,
    read: impl FnOnce(R) -> F,
) -> CallResult<Rows>
where
    F: Future<Output = Result<Vec<Record>, HostError>> + Send + 'static,
{
    call::rows(context, primitive, what, |reader| {
        let rows = read(reader);
        async move { Ok(Arc::new(Records(rows.await?)) as Arc<dyn Table>) }
    })
}

fn answers_value(answers: &Answers, rows: Vec<Record>) -> Value {
    let errors = answers.errors().into_iter();
    let errors = errors.map(|(worker, words)| Value::Text(format!("{worker}: {words}")));
    map([
        ("subscribed", number(answers.subscribed)),
        ("answered", number(answers.answered())),
        ("no_answer", number(answers.no_answer())),
        ("errors", Value::Array(errors.collect())),
        ("rows", Value::Rows(Arc::new(Records(rows)))),
    ])
}

fn queue_value(name: &str, queue: celery::Queue) -> IndexMap<String, Value> {
    let end = |message: Option<Message>| {
        message.map_or(Value::Unit, |message| {
            let fields = message_record(&message).into_iter();
            Value::Map(
                fields
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            )
        })
    };
    fields([
        ("name", Value::Text(name.to_owned())),
        ("waiting", Value::Int(queue.waiting)),
        ("prefetched", Value::Int(queue.prefetched)),
        ("oldest", end(queue.oldest)),
        ("newest", end(queue.newest)),
    ])
}

fn result_value(result: TaskResult) -> Value {
    map([
        ("id", Value::Text(result.id)),
        ("status", text(result.status)),
        ("done_at", text(result.done_at)),
        ("result", value_of_json(&result.result)),
        ("error", text(result.error)),
    ])
}

/// For how many seconds `first` was seen to be the next message of the queue; `None` if it is not
/// any more, or cannot be told from another.
async fn watched(
    celery: &celery::Celery,
    name: &str,
    first: Option<&Message>,
    time: Duration,
) -> Result<Option<INT>, HostError> {
    let Some(first) = first.filter(|first| first.id.is_some()) else {
        return Ok(None);
    };
    let began = Instant::now();
    while began.elapsed() < time {
        tokio::time::sleep(LOOK.min(time.saturating_sub(began.elapsed()))).await;
        if !celery.is_next(name, first).await? {
            return Ok(None);
        }
    }
    Ok(INT::try_from(began.elapsed().as_secs()).ok())
}

fn named(pairs: Vec<(String, String)>, second: &'static str) -> Vec<Record> {
    let record = |(worker, value)| {
        Record::from([
            ("worker", Value::Text(worker)),
            (second, Value::Text(value)),
        ])
    };
    pairs.into_iter().map(record).collect()
}

fn tasks(answers: &Answers) -> Vec<Record> {
    let record = |task: celery::answer::Task| {
        Record::from([
            ("worker", Value::Text(task.worker)),
            ("id", text(task.id)),
            ("task", text(task.task)),
            ("started", task.started.map_or(Value::Unit, Value::Float)),
            ("eta", text(task.eta)),
        ])
    };
    answers.tasks().into_iter().map(record).collect()
}

fn message_record(message: &Message) -> Record {
    Record::from([
        ("id", text(message.id.clone())),
        ("task", text(message.task.clone())),
        ("from_beat", Value::Bool(message.from_beat)),
        ("eta", text(message.eta.clone())),
    ])
}

fn map<const N: usize>(named: [(&str, Value); N]) -> Value {
    Value::Map(fields(named))
}

fn fields<const N: usize>(named: [(&str, Value); N]) -> IndexMap<String, Value> {
    IndexMap::from(named.map(|(name, value)| (name.to_owned(), value)))
}

fn text(text: Option<String>) -> Value {
    text.map_or(Value::Unit, Value::Text)
}

fn number(number: usize) -> Value {
    Value::Int(INT::try_from(number).unwrap_or(INT::MAX))
}

fn within(context: &NativeCallContext, name: &str, number: INT, most: INT) -> CallResult<usize> {
    if (1..=most).contains(&number) {
        return Ok(usize::try_from(number).unwrap_or_default());
    }
    let message = format!("`{name}` is {number}, and goes from 1 to {most}");
    let wrong = HostError::invalid(message).on(Service::Celery);
    Err(wrong.at(context).raise())
}
